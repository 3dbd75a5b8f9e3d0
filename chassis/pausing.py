"""Whose clock stands still now, and for what? The department's own reckoning, for its worklist; the judge's is what counts.

A handover that waits for another one (an approval) rests until that is closed, also when it is handed over meanwhile or anew, and
in whatever order its department hears of it; what halts an order or a line (a stop-work, a block) rests what the rulebook lets it
stop, also what arrives while it lasts. Several may do so at once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import late_words
from chassis.calendar import WorkCalendar
from chassis.clock import stated_at
from chassis.driver import fetch, unnest
from chassis.dues import standards
from chassis.ending import close_now
from chassis.instants import instant, moment
from chassis.latest import columns, keep, settle
from chassis.reckoning import reckon_anew
from contracts.event import DutyRef

REST = """
UPDATE duties SET waits_for = array_append(waits_for, $1),
    paused_at = coalesce(paused_at, greatest($2, opened_at, runs_from))
WHERE closed_at IS NULL AND NOT $1 = ANY(waits_for) AND {which} RETURNING order_no
"""
NAMED = "(link, key) IN (SELECT * FROM unnest($3::text[], $4::text[]))"
OF_ORDER = """
SELECT link, key, arrived_at FROM duties WHERE closed_at IS NULL AND order_no = $1 AND ($2::int IS NULL OR line_no = $2)
"""
RESTING = """
SELECT link, key, order_no, due_at, paused_at, waits_for FROM duties
WHERE closed_at IS NULL AND waits_for && $1::text[] AND {which} ORDER BY link, key FOR UPDATE
"""
# Whose clock stood before the due time was never overdue: where that was said before the word of it came, all is told anew.
LET_GO = f"""
UPDATE duties SET paused_at = NULL, waits_for = '{{}}', due_at = gone.due_at, stood = duties.stood + gone.stood,
    warned = CASE WHEN duties.warned >= 100 AND duties.due_at < gone.due_at THEN 0 ELSE duties.warned END
FROM {unnest({"link": "text", "key": "text", "due_at": "timestamptz", "stood": "bigint"})}
AS gone (link, key, due_at, stood) WHERE duties.link = gone.link AND duties.key = gone.key
"""  # noqa: S608 - names and types are constants
FEWER = "UPDATE duties SET waits_for = $3 WHERE link = $1 AND key = $2"
BEGIN = """
INSERT INTO halts (source, no, kind, order_no, line_no, since, ended) VALUES ($1, $2, $3, $4, $5, $6, false)
ON CONFLICT DO NOTHING RETURNING no
"""
END = """
INSERT INTO halts (source, no, kind, order_no, line_no, since, ended) VALUES ($1, $2, $3, $4, $5, $6, true)
ON CONFLICT (source, no) DO UPDATE SET ended = true
"""


async def rest(session: AsyncSession, resting: Sequence[DutyRef], waits_for: DutyRef) -> None:
    """These handovers wait for another one, those that are owed and those that will be, unless its end was heard of first."""
    await close_now(session)
    at = await stated_at(session)
    begun = await keep(session, resting, [str(waits_for)])
    touched = await fetch(session, REST.format(which=NAMED), str(waits_for), at, *columns(begun))
    session.info["touched"].update(row["order_no"] for row in touched)


async def go_on(session: AsyncSession, resting: Sequence[DutyRef], over: Collection[DutyRef]) -> None:
    """What these handovers waited for is over; due times move on by the working time for which the clocks stood.

    What was asked again since then is not: an old answer that is heard late lets nothing go.
    """
    await close_now(session)
    names = [str(duty) for duty in over]
    await late_words.tell(
        session, "(link, key) IN (SELECT * FROM unnest($3::text[], $4::text[]))", names, *columns(resting)
    )
    settled = await settle(session, resting, names)
    named = "(link, key) IN (SELECT * FROM unnest($2::text[], $3::text[]))"
    rows = await fetch(session, RESTING.format(which=named), names, *columns(resting))
    await let_go(session, [(row, settled[row["link"], row["key"]]) for row in rows])


async def halt(session: AsyncSession, kind: str, no: str, order_no: str | None, line_no: int | None = None) -> None:
    """Clocks of an order, or of one line, stand still from now on, unless the end of this was heard of first."""
    at = await stated_at(session)
    if not await fetch(session, BEGIN, source(session), no, kind, order_no or "", line_no, at):
        return
    await close_now(session)
    rows, known = await fetch(session, OF_ORDER, order_no or "", line_no), await standards(session)
    stopped = [row for row in rows if kind in known.stopped_by(row["link"], row["arrived_at"])]
    named = [row["link"] for row in stopped], [row["key"] for row in stopped]
    touched = await fetch(session, REST.format(which=NAMED), f"{kind}:{no}", at, *named)
    session.info["touched"].update(row["order_no"] for row in touched)


async def lift(session: AsyncSession, kind: str, no: str, order_no: str | None, line_no: int | None = None) -> None:
    """What halted an order is over."""
    at, name = await stated_at(session), f"{kind}:{no}"
    await fetch(session, END, source(session), no, kind, order_no or "", line_no, at)
    await close_now(session)
    await late_words.tell(session, "order_no = $3", [name], order_no or "")
    rows = await fetch(session, RESTING.format(which="order_no = $2"), [name], order_no or "")
    await let_go(session, [(row, {name}) for row in rows])


async def let_go(session: AsyncSession, over: Sequence[tuple[Any, Collection[str]]]) -> None:
    """Clocks run on where nothing else stops them than what is over: since that was said, or since it could be known here."""
    free = []
    for row, names in over:
        left = [name for name in row["waits_for"] if name not in names]
        if not left:
            free.append(row)
        elif len(left) < len(row["waits_for"]):
            session.info["touched"].add(row["order_no"])
            await fetch(session, FEWER, row["link"], row["key"], left)
    if free:
        session.info["touched"].update(row["order_no"] for row in free)
        at = await late_words.heard_at(session)
        calendar = (await standards(session)).calendar
        moved = [(row["link"], row["key"], *later(calendar, row["due_at"], row["paused_at"], at)) for row in free]
        await fetch(session, LET_GO, *map(list, zip(*moved, strict=True)))
        gone = [row["link"] for row in free], [row["key"] for row in free]
        await reckon_anew(session, "(link, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))", *gone)


def later(
    calendar: WorkCalendar | None, due_at: datetime | None, paused_at: datetime, at: datetime
) -> tuple[datetime | None, int]:
    """The due time after a pause, and its working time; what was over before the pause stays over."""
    if calendar is None or due_at is None or due_at <= paused_at:
        return due_at, 0
    stood = calendar.between(instant(paused_at), instant(at))
    return moment(calendar.add(instant(due_at), stood)), stood


def source(session: AsyncSession) -> str:
    """Whose word it is: the department's whose fact is handled, else our own."""
    envelope = session.info.get("envelope")
    return str(envelope.source if envelope else session.info["service"])
