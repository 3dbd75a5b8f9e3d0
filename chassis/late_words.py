"""When was a word heard that lets clocks run on or wants something earlier, and whose clocks ran meanwhile although nobody here
could know it?

A message that was late costs the receiver nothing. So the department that hears late what was over or wanted earlier states it,
in the transaction in which it hears it: from then on its own worklist and the judge reckon alike.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now, stated_at
from chassis.driver import fetch
from chassis.dues import standards
from chassis.instants import instant
from chassis.outbox import publish
from contracts.catalogue import ALL_EVENTS
from contracts.event import DutyRef, Event

SKEW = timedelta(seconds=60)
"""How far the clocks of two services may differ: up to then a word is not late (the judge's own tolerance, judge/duties.py)."""

# Also what was done in between: whoever did it was told that its clock stood.
WAITED = """
SELECT link, key, order_no FROM duties
WHERE (closed_at IS NULL OR closed_at > $2) AND waits_for && $1::text[] AND {which} ORDER BY order_no, link, key
"""

# With the date that was known last; also what was done in between: whoever did it could not know of the earlier one.
DATED = """
SELECT order_no, arrived_at FROM duties WHERE link = $1 AND key = $2 AND (closed_at IS NULL OR closed_at > $3)
AND coalesce(redated -> -1 ->> 'required_on', terms ->> 'required_on')::date > $4
"""
STOOD = "UPDATE duties SET stood = stood + $3 WHERE link = $1 AND key = $2 AND closed_at IS NULL"


async def heard_at(session: AsyncSession) -> datetime:
    """From when on what is handled counts here: from when it was said, or from now where that is longer ago than clocks differ."""
    heard = await came_late(session)
    return heard.heard_at if heard else await stated_at(session)


async def tell(session: AsyncSession, which: str, names: Sequence[str], *values: Any) -> None:
    """State which handovers, by order, waited here for what was over already when it was said; nothing where that was just now.

    `which`: an SQL condition on handovers with `values` from $3 on; `names`: what they waited for.
    """
    heard = await came_late(session)
    if heard is None:
        return
    told: dict[str | None, list[DutyRef]] = {}
    for row in await fetch(session, WAITED.format(which=which), names, heard.said_at, *values):
        told.setdefault(row["order_no"], []).append(DutyRef(link=row["link"], key=row["key"]))
    await publish(session, *(stated(session, heard, order_no, duties) for order_no, duties in told.items()))


async def tell_of_date(session: AsyncSession, duty: DutyRef, required_on: date) -> None:
    """State that it was heard late that a handover is wanted earlier; its clock stands for that time."""
    heard = await came_late(session)
    if heard is None:
        return
    calendar = (await standards(session)).calendar
    for row in await fetch(session, DATED, duty.link, duty.key, heard.said_at, required_on):
        since = max(heard.said_at, row["arrived_at"])
        stood = calendar.between(instant(since), instant(heard.heard_at)) if calendar else 0
        await fetch(session, STOOD, duty.link, duty.key, stood)
        await publish(session, stated(session, heard, row["order_no"], [duty]))


class Heard(NamedTuple):
    """A fact that was heard later than clocks differ."""

    came_late: str
    said_at: datetime
    heard_at: datetime


async def came_late(session: AsyncSession) -> Heard | None:
    """What is handled, where it came late."""
    envelope = session.info.get("envelope")
    if envelope is None or (now := await factory_now(session)) - envelope.time <= SKEW:
        return None
    return Heard(str(envelope.id), envelope.time, now)


def stated(session: AsyncSession, heard: Heard, order_no: str | None, duties: Sequence[DutyRef]) -> Event:
    fact = ALL_EVENTS[f"{session.info['service']}.word_came_late.v1"]
    return fact(order_no=order_no, duties=tuple(duties), **heard._asdict())
