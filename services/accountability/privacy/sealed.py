"""Whose part in what happened is sealed? A person's, where all that their records say of it is; the one place that says so.

Where there is no record of theirs, what they were late with has been over for as long as a record is kept: since it ended, and what
nobody ever ends since it was due, once nothing of its order is owed any more.
"""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, any_, case, exists, false, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.accountability.judge.state import COMPANY
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import HandoverOutcome, JudgedCase, PenaltyRecord
from services.accountability.privacy.periods import Keeping

LATE: ColumnElement[str] = literal_column(f"'{DutyStatus.OVERRAN}'")
"""Written out, as the index of late handovers has it."""
ALL_SEALED = func.bool_and(PenaltyRecord.sealed_at.is_not(None))


def over(row: Any) -> ColumnElement[bool]:
    """Whether a handover ended as long ago as a record is kept, or was due then and is waited for by nothing."""
    kept_since = func.factory_now() - Keeping().record_retention
    settled = exists().where(JudgedCase.order_no == row.order_no, JudgedCase.settled).correlate(row)
    was_due = case((or_(row.order_no == COMPANY, settled), row.due_at))
    return cast("ColumnElement[bool]", func.coalesce(func.coalesce(row.ended_at, was_due) <= kept_since, false()))


def answering(row: Any) -> ColumnElement[str]:
    """Whoever answers for a handover, else whose it is."""
    return func.coalesce(row.person, row.assignee)


def breach_of(row: Any) -> ColumnElement[str]:
    """How a record names this attempt."""
    return cast("ColumnElement[str]", row.duty + case((row.attempt == 1, ""), else_=func.concat("#", row.attempt)))


def of_none(breach: Any) -> ColumnElement[bool]:
    """The records of a breach in no order."""
    return cast("ColumnElement[bool]", PenaltyRecord.order_no.is_(None) & (breach == any_(PenaltyRecord.breaches)))


def handover_sealed() -> ColumnElement[bool]:
    """Whether the part of whoever answers for a handover is: in its order, or in none."""
    row, other = HandoverOutcome, aliased(HandoverOutcome)
    person = answering(row)
    late = (other.order_no == row.order_no) & (other.outcome == LATE) & (answering(other) == person)
    late_in_order = select(func.bool_and(over(other))).where(late).scalar_subquery()
    in_order = func.coalesce(all_sealed(person, PenaltyRecord.order_no == row.order_no), late_in_order, false())
    late_itself = (row.outcome == LATE) & over(row)
    in_none = func.coalesce(all_sealed(person, of_none(breach_of(row))), late_itself)
    return case((row.order_no == COMPANY, in_none), else_=in_order)


def all_sealed(person: Any, about: ColumnElement[bool]) -> Any:
    """Whether all records of a person `about` something are sealed; NULL where there are none."""
    return select(ALL_SEALED).where(PenaltyRecord.person == person, about).scalar_subquery()


async def handovers_sealed(session: AsyncSession, rows: Collection[HandoverOutcome]) -> frozenset[tuple[str, int]]:
    """Those of these handovers, by name and attempt, for which somebody answers whose part is sealed."""
    place = tuple_(HandoverOutcome.duty, HandoverOutcome.attempt)
    query = select(HandoverOutcome.duty, HandoverOutcome.attempt).where(
        place.in_([(row.duty, row.attempt) for row in rows]), handover_sealed()
    )
    return frozenset((row[0], row[1]) for row in await session.execute(query))


async def people_sealed(session: AsyncSession, order_no: str, breach: str = "") -> frozenset[str]:
    """The people of an order, or of a breach in none, whose part is sealed."""
    if order_no != COMPANY:
        return frozenset(person for _, person in await parts_sealed(session, [order_no]))
    row = HandoverOutcome
    itself = row.duty.in_([breach, breach.rpartition("#")[0]]) & (breach_of(row) == literal(breach))
    found = await parts(session, of_none(literal(breach)), (row.order_no == COMPANY) & itself)
    return frozenset(person for _, person in found)


async def parts_sealed(session: AsyncSession, orders: Collection[str]) -> frozenset[tuple[str, str]]:
    """Every order and person whose part in it is sealed."""
    named = [order_no for order_no in orders if order_no != COMPANY]
    return await parts(session, PenaltyRecord.order_no.in_(named), HandoverOutcome.order_no.in_(named))


async def parts(
    session: AsyncSession, about: ColumnElement[bool], among: ColumnElement[bool]
) -> frozenset[tuple[str, str]]:
    """By order and person: what their records `about` it say, else what they were late with `among` its handovers."""
    row = HandoverOutcome
    on_record = (PenaltyRecord.order_no, PenaltyRecord.person)
    late = (row.order_no, answering(row))
    known = select(*on_record, ALL_SEALED).where(about).group_by(*on_record)
    lately = select(*late, func.bool_and(over(row))).where(among, row.outcome == LATE).group_by(*late)
    found = {(order_no, person): is_over for order_no, person, is_over in await session.execute(lately) if person}
    found |= {(order_no or COMPANY, person): is_sealed for order_no, person, is_sealed in await session.execute(known)}
    return frozenset(part for part, is_sealed in found.items() if is_sealed)


async def records_sealed(session: AsyncSession, nos: Collection[str]) -> frozenset[str]:
    """Which of these records are."""
    query = select(PenaltyRecord.no).where(PenaltyRecord.no.in_(nos), PenaltyRecord.sealed_at.is_not(None))
    return frozenset(await session.scalars(query))
