"""What does the report of a month say, and up to when is it certain?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.instants import midnight
from services.accountability import queries
from services.accountability.figures import figures
from services.accountability.figures.figures import Month, Tally
from services.accountability.figures.growing import LATE, Running, running
from services.accountability.figures.outcomes import Lost, month_of
from services.accountability.judge.state import State
from services.accountability.models import Employee, HandoverOutcome, LostDate, PenaltyRecord, RecordStatus
from services.accountability.privacy.sealed import handover_sealed
from services.accountability.privacy.unnamed import WITHHELD


@dataclass(frozen=True, slots=True)
class Laggard:
    """How often somebody was late in a month and what it cost, and which records against them stand from it."""

    department: str
    employee: str
    late: int
    lost: timedelta
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A month's figures as they stand `now`; `judged_to`: what is due later is not decided yet."""

    first: date
    now: datetime
    judged_to: datetime | None
    month: Month
    people: tuple[Laggard, ...]

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def finished(self) -> bool:
        return self.now >= midnight(following(self.first))

    @property
    def decided(self) -> bool:
        """Whether every verdict on the month is there."""
        return self.judged_to is not None and self.judged_to >= midnight(following(self.first))


def following(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def preceding(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


async def report(session: AsyncSession, state: State, first: date, now: datetime) -> Report:
    """Everything the page, the PDF and the workbook say."""
    growing = await running(session, state, HandoverOutcome.month == first)
    tallies = [*await tallies_of(session, first), *(one.tally for one in growing)]
    found = figures.month(tallies, await lost_dates(session, first), await records(session, first))
    return Report(first, now, await queries.judged_to(session), found, await people(session, first, growing))


async def tallies_of(session: AsyncSession, first: date) -> list[Tally]:
    """What came of a month's handovers; the month is all that is read, however long the history."""
    row = HandoverOutcome
    same = (row.department, row.link, row.outcome)
    query = select(*same, func.count(), func.sum(row.overrun), func.sum(row.excused)).where(row.month == first)
    return [Tally(*found) for found in await session.execute(query.group_by(*same))]


async def lost_dates(session: AsyncSession, first: date) -> list[Lost]:
    rows = await session.scalars(select(LostDate).where(LostDate.month == first))
    return [Lost(**{name: getattr(row, name) for name in Lost.__dataclass_fields__}) for row in rows]


async def records(session: AsyncSession, first: date) -> Mapping[str, Mapping[str, int]]:
    """How many records there are of a month's breaches, by their person's department and where they stand now."""
    query = (
        select(Employee.department, PenaltyRecord.status, func.count())
        .outerjoin(Employee, Employee.no == PenaltyRecord.person)
        .where(*of_breaches_in(first))
        .group_by(Employee.department, PenaltyRecord.status)
    )
    found: dict[str, dict[str, int]] = {}
    for department, status, count in await session.execute(query):
        found.setdefault(department or "", {})[status] = count
    return found


async def people(session: AsyncSession, first: date, growing: Sequence[Running]) -> tuple[Laggard, ...]:
    """Who answers for what was late in a month, the dearest first; what is sealed stands under no name, so that it adds up."""
    row = HandoverOutcome
    name = case((handover_sealed(), WITHHELD), else_=row.person).label("name")
    query = (
        select(row.department, name, func.count(), func.sum(row.overrun))
        .where(row.month == first, row.outcome == LATE, row.person.is_not(None))
        .group_by(row.department, name)
    )
    standing = (
        select(PenaltyRecord.person, func.array_agg(PenaltyRecord.no).label("records"))
        .where(
            *of_breaches_in(first), PenaltyRecord.status != RecordStatus.WITHDRAWN, PenaltyRecord.sealed_at.is_(None)
        )
        .group_by(PenaltyRecord.person)
    )
    against = {found.person: tuple(sorted(found.records)) for found in await session.execute(standing)}
    so_far: dict[tuple[str, str | None], timedelta] = defaultdict(timedelta)
    for one in growing:
        so_far[one.tally.department, one.person] += one.tally.overrun
    rows = [(row[0], row[1] or "", row[2], row[3]) for row in await session.execute(query)]
    named = {(department, person) for department, person, _, _ in rows}
    for (department, who), lost in list(so_far.items()):
        if who and (department, who) not in named:
            so_far[department, WITHHELD] += lost
    found = [
        Laggard(department, person, late, lost + so_far[department, person], against.get(person, ()))
        for department, person, late, lost in rows
    ]
    return tuple(sorted(found, key=lambda one: (-one.lost, -one.late, one.employee)))


def of_breaches_in(first: date) -> tuple[ColumnElement[bool], ...]:
    """A record counts in the month of its last breach, whenever it was written down."""
    at = PenaltyRecord.breached_at
    return at >= midnight(first), at < midnight(following(first))


async def months(session: AsyncSession, state: State, now: datetime) -> Sequence[tuple[date, Month]]:
    """The latest twelve months in which anything was due, the newest first, with handovers alone."""
    row, last = HandoverOutcome, month_of(now)
    first, same = following(last.replace(year=last.year - 1)), (row.month, row.department, row.outcome)
    year = row.month.between(first, last)
    query = select(*same, func.count(), func.sum(row.overrun), func.sum(row.excused)).where(year)
    found: dict[date, list[Tally]] = defaultdict(list)
    for month, department, outcome, count, overrun, excused in await session.execute(query.group_by(*same)):
        assert month is not None  # what has none is between no months
        found[month].append(Tally(department, "", outcome, count, overrun, excused))
    for one in await running(session, state, year):
        found[one.month].append(one.tally)
    return [(month, figures.month(found[month], (), {})) for month in sorted(found, reverse=True)]
