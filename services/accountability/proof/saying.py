"""What does the system say of a case? Its records, suspicions and missed dates, as an export states them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, false, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.models import LedgerEntry, MissedDate, PenaltyRecord, Suspicion
from services.accountability.proof import rows
from services.accountability.proof.packing import Asked
from services.accountability.proof.rejudging import money


async def said_about(session: AsyncSession, asked: Asked) -> dict[str, list[dict[str, Any]]]:
    """Records, suspicions and missed dates as the system states them; of a person's case nobody else's."""
    theirs = select(PenaltyRecord).where(about(PenaltyRecord.order_no, asked))
    doubts = select(Suspicion).where(about(Suspicion.order_no, asked))
    if asked.person is not None:
        theirs, doubts = theirs.where(PenaltyRecord.person == asked.person), doubts.where(false())
    missed = select(MissedDate).where(among(MissedDate.order_no, asked.orders))
    records = [record_row(each) for each in await session.scalars(theirs.order_by(PenaltyRecord.no))]
    suspicions = [suspicion_row(each) for each in await session.scalars(doubts.order_by(Suspicion.key))]
    return {
        "records": await of_these_days(session, asked, records),
        "suspicions": await of_these_days(session, asked, suspicions),
        "missed_dates": [
            {name: getattr(each, name) for name in rows.MISSED}
            for each in await session.scalars(missed.order_by(MissedDate.order_no, MissedDate.line_no, MissedDate.of))
        ],
    }


def about(order_no: Any, asked: Asked) -> ColumnElement[bool]:
    """What is said of these orders, and of none where a person or days were asked for."""
    of_none = order_no.is_(None) if asked.person is not None or asked.since is not None else false()
    return or_(among(order_no, asked.orders), of_none)


async def of_these_days(session: AsyncSession, asked: Asked, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is of no order belongs to the days in which something of its evidence was admitted."""
    if asked.since is None:
        return said
    since, until = asked.days
    cited = {place for row in said if not row["order_no"] for place in row["evidence"]}
    places = select(LedgerEntry.position).where(
        among(LedgerEntry.position, cited), LedgerEntry.admitted >= since, LedgerEntry.admitted < until
    )
    found = set(await session.scalars(places))
    return [row for row in said if row["order_no"] or not found.isdisjoint(row["evidence"])]


def record_row(record: PenaltyRecord) -> dict[str, Any]:
    said = {name: getattr(record, name) for name in rows.RECORD}
    return {**said, "compensation": money(record.compensation), "made_at": record.made_at.isoformat()}


def suspicion_row(suspicion: Suspicion) -> dict[str, Any]:
    body = suspicion.body
    return {
        **{name: getattr(suspicion, name) for name in rows.SUSPICION},
        "breaches": [breach["about"] for breach in body["breaches"]],
        "evidence": [proof["position"] for proof in body["evidence"]],
    }


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column is one of these, however many they are: they are sent as one array."""
    return column == any_(array_of(column, values))  # type: ignore[no-any-return]


def array_of(column: Any, values: Collection[Any]) -> ColumnElement[Any]:
    return literal(list(values), ARRAY(column.type))
