"""What has a handover cost so far that is late and still open? As much as had passed when the judge last looked.

It grows from one look to the next, also where its order is settled and has left the judge's memory: nobody may ever close it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.instants import duration
from services.accountability import memory
from services.accountability.figures.figures import Tally
from services.accountability.judge import dues, snapshot
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import HandoverOutcome

LATE = DutyStatus.OVERRAN
AT_ONCE = 500
"""So many handovers' settled orders are read together, and let go again."""
Place = tuple[str, int]
"""Name and attempt of a handover."""


class Open(Protocol):
    """What is known of a handover that is open."""

    duty: str
    attempt: int
    order_no: str


@dataclass(frozen=True, slots=True)
class Running:
    """What a handover that is late and still open has cost so far, beside having been counted, and who answers for it."""

    month: date
    tally: Tally
    person: str | None


async def running(session: AsyncSession, state: State, *which: ColumnElement[bool]) -> list[Running]:
    """Those that grow: they alone are reckoned anew at each look."""
    row = HandoverOutcome
    query = select(row.duty, row.attempt, row.order_no, row.department, row.link, row.person, row.month).where(
        *which, row.outcome == LATE, row.ended_at.is_(None)
    )
    found = (await session.execute(query)).all()
    lost = await lost_so_far(session, state, found)
    return [
        Running(row.month, Tally(row.department, row.link, LATE, 0, lost[row.duty, row.attempt]), row.person)
        for row in found
    ]


async def costs(session: AsyncSession, state: State, rows: Sequence[HandoverOutcome]) -> Mapping[Place, timedelta]:
    """The overruns of handovers, also of those that still grow."""
    growing = [row for row in rows if row.outcome == LATE and row.ended_at is None]
    lost = await lost_so_far(session, state, growing)
    return {(row.duty, row.attempt): lost.get((row.duty, row.attempt), row.overrun) for row in rows}


async def lost_so_far(session: AsyncSession, state: State, rows: Sequence[Open]) -> dict[Place, timedelta]:
    found: dict[Place, timedelta] = {}
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        known = await with_settled(session, state, {row.order_no for row in some})
        found |= {(row.duty, row.attempt): overrun(known, row.duty, row.attempt) for row in some}
    return found


async def with_settled(session: AsyncSession, state: State, orders: Collection[str]) -> State:
    """The state with those of these orders beside it that have left it, also while they are being read."""
    papers, asked = dict[str, bytes](), set[str]()
    while missing := {*orders} - state.cases.keys() - asked:
        papers |= await memory.papers(session, missing)
        asked |= missing
    gone = [body for order_no, body in papers.items() if order_no not in state.cases]
    return snapshot.beside(state, gone) if gone else state


def overrun(state: State, name: str, number: int) -> timedelta:
    """Up to the frontier."""
    duty = state.duties.get(name)
    attempt = next((known for known in duty.attempts if known.number == number), None) if duty else None
    if duty is None or attempt is None:
        return timedelta()
    return duration(dues.overrun(state, state.case(duty.order_no), duty, attempt, state.frontier))
