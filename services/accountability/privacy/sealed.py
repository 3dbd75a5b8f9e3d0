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


def of_none(breach: Any) -> ColumnElement[bool]:
    """The records of a breach in no order."""
    return cast("ColumnElement[bool]", PenaltyRecord.order_no.is_(None) & (breach == any_(PenaltyRecord.breaches)))


def handover_sealed() -> ColumnElement[bool]:
    """Whether the part of whoever answers for a handover is: in its order, or in none."""
    row, again = HandoverOutcome, func.concat("#", HandoverOutcome.attempt)
    person, breach = func.coalesce(row.person, row.assignee), row.duty + case((row.attempt == 1, ""), else_=again)
    in_order = part_sealed(person, PenaltyRecord.order_no == row.order_no)
    return case((row.order_no == COMPANY, part_sealed(person, of_none(breach))), else_=in_order)


async def handovers_sealed(session: AsyncSession, rows: Collection[HandoverOutcome]) -> frozenset[tuple[str, int]]:
    """Those of these handovers, by name and attempt, for which somebody answers whose part is sealed."""
    place = tuple_(HandoverOutcome.duty, HandoverOutcome.attempt)
    query = select(HandoverOutcome.duty, HandoverOutcome.attempt).where(
        place.in_([(row.duty, row.attempt) for row in rows]), handover_sealed()
    )
    return frozenset((row[0], row[1]) for row in await session.execute(query))


async def people_sealed(session: AsyncSession, order_no: str, breach: str = "") -> frozenset[str]:
    """The people of an order, or of a breach in none, whose part is sealed."""
    about = of_none(literal(breach)) if order_no == COMPANY else PenaltyRecord.order_no == order_no
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
