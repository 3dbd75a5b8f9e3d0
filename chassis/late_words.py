"""When was a word heard that lets clocks run on, and whose clocks ran meanwhile although nobody here could know it?

A message that was late costs the receiver nothing. So the department that hears late what was over earlier states it, in the
transaction in which it hears it: from then on its own worklist and the judge reckon alike.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.driver import fetch
from chassis.outbox import publish
from contracts.catalogue import ALL_EVENTS
from contracts.event import DutyRef

SKEW = timedelta(seconds=60)
"""How far the clocks of two services may differ: up to then a word is not late (the judge's own tolerance, judge/duties.py)."""

# Also what was done in between: whoever did it was told that its clock stood.
WAITED = """
SELECT link, key, order_no FROM duties
WHERE (closed_at IS NULL OR closed_at > $2) AND waits_for && $1::text[] AND {which} ORDER BY order_no, link, key
"""


async def heard_at(session: AsyncSession) -> datetime:
    """From when on what is handled counts here: from when it was said, or from now where that is longer ago than clocks differ."""
    envelope, now = session.info.get("envelope"), await factory_now(session)
    return now if envelope is None or now - envelope.time > SKEW else envelope.time


async def tell(session: AsyncSession, which: str, names: Sequence[str], *values: Any) -> None:
    """State which handovers, by order, waited here for what was over already when it was said; nothing where that was just now.

    `which`: an SQL condition on handovers with `values` from $3 on; `names`: what they waited for.
    """
    envelope, now = session.info.get("envelope"), await factory_now(session)
    if envelope is None or now - envelope.time <= SKEW:
        return
    told: dict[str | None, list[DutyRef]] = {}
    for row in await fetch(session, WAITED.format(which=which), names, envelope.time, *values):
        told.setdefault(row["order_no"], []).append(DutyRef(link=row["link"], key=row["key"]))
    fact = ALL_EVENTS[f"{session.info['service']}.word_came_late.v1"]
    said = {"came_late": str(envelope.id), "said_at": envelope.time, "heard_at": now}
    await publish(
        session, *(fact(order_no=order_no, duties=tuple(duties), **said) for order_no, duties in told.items())
    )
