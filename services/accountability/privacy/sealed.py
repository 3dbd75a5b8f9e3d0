"""Whose part in what happened is sealed? A person's, where all that their records say of it is; the one place that says so."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, any_, case, false, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.judge.state import COMPANY
from services.accountability.models import HandoverOutcome, PenaltyRecord

ALL_SEALED = func.bool_and(PenaltyRecord.sealed_at.is_not(None))


def part_sealed(person: Any, about: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there are records of a person `about` something, and all of them are sealed."""
    of_theirs = select(ALL_SEALED).where(PenaltyRecord.person == person, about)
    return cast("ColumnElement[bool]", func.coalesce(of_theirs.scalar_subquery(), false()))


def concerning(order_no: Any, breach: Any) -> ColumnElement[bool]:
    """The records of an order; of what belongs to none, those of the breach."""
    of_none = (order_no == COMPANY) & PenaltyRecord.order_no.is_(None) & (breach == any_(PenaltyRecord.breaches))
    return cast("ColumnElement[bool]", (PenaltyRecord.order_no == order_no) | of_none)


def handover_sealed() -> ColumnElement[bool]:
    """Whether the part of whoever answers for a handover is."""
    row = HandoverOutcome
    again = case((row.attempt == 1, ""), else_=func.concat("#", row.attempt))
    return part_sealed(func.coalesce(row.person, row.assignee), concerning(row.order_no, row.duty + again))


async def handovers_sealed(session: AsyncSession, rows: Collection[HandoverOutcome]) -> frozenset[tuple[str, int]]:
    """Those of these handovers, by name and attempt, for which somebody answers whose part is sealed."""
    place = tuple_(HandoverOutcome.duty, HandoverOutcome.attempt)
    query = select(HandoverOutcome.duty, HandoverOutcome.attempt).where(
        place.in_([(row.duty, row.attempt) for row in rows]), handover_sealed()
    )
    return frozenset((row[0], row[1]) for row in await session.execute(query))


async def people_sealed(session: AsyncSession, order_no: str, breach: str = "") -> frozenset[str]:
    """The people of an order, or of a breach in none, whose part is sealed."""
    about = concerning(literal(order_no), literal(breach))
    query = select(PenaltyRecord.person).where(about).group_by(PenaltyRecord.person).having(ALL_SEALED)
    return frozenset(await session.scalars(query))


async def parts_sealed(session: AsyncSession, orders: Collection[str]) -> frozenset[tuple[str, str]]:
    """Every order and person whose part in it is sealed."""
    same = (PenaltyRecord.order_no, PenaltyRecord.person)
    query = select(*same).where(PenaltyRecord.order_no.in_(orders)).group_by(*same).having(ALL_SEALED)
    return frozenset((row[0] or COMPANY, row[1]) for row in await session.execute(query))


async def records_sealed(session: AsyncSession, nos: Collection[str]) -> frozenset[str]:
    """Which of these records are."""
    query = select(PenaltyRecord.no).where(PenaltyRecord.no.in_(nos), PenaltyRecord.sealed_at.is_not(None))
    return frozenset(await session.scalars(query))
