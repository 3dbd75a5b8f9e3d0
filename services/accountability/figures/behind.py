"""What stands behind a figure of a month: which handovers, missed dates and records, and what do they come to?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.figures.growing import LATE, running
from services.accountability.figures.monthly import of_breaches_in
from services.accountability.figures.outcomes import EXCUSED
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import Employee, HandoverOutcome, LostDate, PenaltyRecord, RecordStatus
from services.accountability.privacy.sealed import handover_sealed

Case = TypeVar("Case")
AT_ONCE = 100
"""So many cases behind a figure are shown on one page."""
DECIDED, UNDER, MOVED, STANDING = "decided", "under_way", "moved", "standing"
"""Figures that several outcomes or statuses together make up: all in the rate, none yet, time excused, not withdrawn."""
OUTCOMES = {
    DECIDED: (DutyStatus.IN_TIME, EXCUSED, LATE),
    UNDER: (DutyStatus.OPEN, DutyStatus.PAUSED),
    MOVED: (DutyStatus.IN_TIME, EXCUSED, LATE),
}
CAUSED, INFEASIBLE, UNEXPLAINED = "caused", "infeasible", "unexplained"
EXPLAINED = {
    CAUSED: LostDate.link.is_not(None) & ~LostDate.infeasible,
    INFEASIBLE: LostDate.infeasible.is_(True),
    UNEXPLAINED: LostDate.link.is_(None) & ~LostDate.infeasible,
}
NONE = "none"
"""Asks for what has no department, or no clause; empty asks for any."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases behind a figure are wanted; empty means any. `after` is the last one that was shown, as `Page.next` says."""

    department: str = ""
    link: str = ""
    outcome: str = ""
    person: str = ""
    clause: str = ""
    status: str = ""
    why: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[Case]):
    """Some cases, and after which to go on."""

    items: Sequence[Case]
    next: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What all the cases come to, not only those of a page; of records `withheld` are those that the reader may not see."""

    cases: int
    orders: int = 0
    overrun: timedelta = timedelta()
    excused: timedelta = timedelta()
    withheld: int = 0


def matching(asked: Asked, **columns: Any) -> list[ColumnElement[bool]]:
    """The conditions on these columns of whatever was asked of them."""
    wanted = {name: getattr(asked, name) for name in columns}
    return [
        columns[name].is_(None) if value == NONE else columns[name] == value for name, value in wanted.items() if value
    ]


def handovers_asked(first: date, asked: Asked) -> list[ColumnElement[bool]]:
    """Of one person, what is sealed is not among them."""
    row = HandoverOutcome
    named = matching(asked, department=row.department, link=row.link, person=row.person)
    conditions = [row.month == first, *named]
    if asked.outcome:
        conditions.append(row.outcome.in_(OUTCOMES.get(asked.outcome, (asked.outcome,))))
    if asked.outcome == MOVED:
        conditions.append(row.excused > timedelta())
    if asked.person:
        conditions.append(~handover_sealed())
    return conditions


async def handovers(session: AsyncSession, first: date, asked: Asked) -> Page[HandoverOutcome]:
    """The handovers behind a figure, the dearest first."""
    row, conditions = HandoverOutcome, handovers_asked(first, asked)
    if reached := re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)~(\d{1,6})~(.+)", asked.after):
        spent, attempt, duty = timedelta(seconds=float(reached[1])), int(reached[2]), reached[3]
        behind = and_(row.overrun == spent, or_(row.duty > duty, and_(row.duty == duty, row.attempt > attempt)))
        conditions.append(or_(row.overrun < spent, behind))
    query = select(row).where(*conditions).order_by(row.overrun.desc(), row.duty, row.attempt).limit(AT_ONCE + 1)
    found = (await session.scalars(query)).all()
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    return Page(found[:AT_ONCE], f"{last.overrun.total_seconds()}~{last.attempt}~{last.duty}" if last else "")


async def sum_of_handovers(session: AsyncSession, state: State, first: date, asked: Asked) -> Sum:
    """With what those that are late and still open have cost so far."""
    row, conditions = HandoverOutcome, handovers_asked(first, asked)
    query = select(func.count(), func.sum(row.overrun), func.sum(row.excused)).where(*conditions)
    cases, overrun, excused = (await session.execute(query)).one()
    growing = [one.tally.overrun for one in await running(session, state, *conditions)]
    return Sum(cases, overrun=sum(growing, overrun or timedelta()), excused=excused or timedelta())


def dates_asked(first: date, asked: Asked) -> list[ColumnElement[bool]]:
    row = LostDate
    named = matching(asked, department=row.department, link=row.link, clause=row.clause)
    why = [EXPLAINED[asked.why]] if asked.why in EXPLAINED else []
    return [row.month == first, *named, *why]


async def dates(session: AsyncSession, first: date, asked: Asked) -> Page[LostDate]:
    """The missed dates of a month, or those with this first cause or explanation."""
    row, conditions = LostDate, dates_asked(first, asked)
    order = (row.due_at, row.order_no, row.of, row.number)
    if reached := place_of_date(asked.after):
        conditions.append(tuple_(*order) > reached)
    query = select(row).where(*conditions).order_by(*order).limit(AT_ONCE + 1)
    found = (await session.scalars(query)).all()
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    return Page(
        found[:AT_ONCE], "~".join((last.due_at.isoformat(), last.of, last.number, last.order_no)) if last else ""
    )


def place_of_date(after: str) -> tuple[datetime, str, str, str] | None:
    """The last one that was shown: `due~of~number~order`; anything else begins at the top."""
    try:
        due_at, of, number, order_no = after.split("~", 3)
        at = datetime.fromisoformat(due_at)
    except ValueError:
        return None
    return (at, order_no, of, number) if at.tzinfo else None


async def sum_of_dates(session: AsyncSession, first: date, asked: Asked) -> Sum:
    row = LostDate
    query = select(func.count(), func.count(row.order_no.distinct()), func.sum(row.overrun))
    cases, orders, overrun = (await session.execute(query.where(*dates_asked(first, asked)))).one()
    return Sum(cases, orders=orders, overrun=overrun or timedelta())


def records_asked(first: date, asked: Asked) -> list[ColumnElement[bool]]:
    """Of one person, what is sealed is not among them."""
    row = PenaltyRecord
    conditions = [*of_breaches_in(first), *matching(asked, department=Employee.department, person=row.person)]
    if asked.status:
        standing = asked.status == STANDING
        conditions.append(row.status != RecordStatus.WITHDRAWN if standing else row.status == asked.status)
    if asked.person:
        conditions.append(row.sealed_at.is_(None))
    return conditions


async def penalty_records(
    session: AsyncSession, first: date, asked: Asked, may: ColumnElement[bool] | None
) -> Page[PenaltyRecord]:
    """The records of a month, of those that may be seen; None: all."""
    row, conditions = PenaltyRecord, [*records_asked(first, asked), *([] if may is None else [may])]
    if asked.after:
        conditions.append(row.no > asked.after)
    query = select(row).outerjoin(Employee, Employee.no == row.person).where(*conditions)
    found = (await session.scalars(query.order_by(row.no).limit(AT_ONCE + 1))).all()
    return Page(found[:AT_ONCE], found[AT_ONCE - 1].no if len(found) > AT_ONCE else "")


async def sum_of_records(session: AsyncSession, first: date, asked: Asked, may: ColumnElement[bool] | None) -> Sum:
    """How many there are is everybody's to know, as the figure is."""
    row = PenaltyRecord
    seen = func.count() if may is None else func.count().filter(may)
    query = select(func.count(), seen).select_from(row).outerjoin(Employee, Employee.no == row.person)
    cases, visible = (await session.execute(query.where(*records_asked(first, asked)))).one()
    return Sum(cases, withheld=cases - visible)
