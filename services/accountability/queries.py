"""What does Accountability look up?"""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.models import MissedDate, PenaltyRecord, RecordStatus, Suspicion


async def records_by_order(session: AsyncSession, orders: Collection[str]) -> dict[str, int]:
    """How many standing records each of these orders led to."""
    standing = (PenaltyRecord.status != RecordStatus.WITHDRAWN) & PenaltyRecord.order_no.in_(orders)
    query = select(PenaltyRecord.order_no, func.count()).where(standing).group_by(PenaltyRecord.order_no)
    return {row[0]: row[1] for row in await session.execute(query) if row[0]}


Clauses = dict[tuple[str, str], list[str]]
"""The clauses of standing records, by order and by what was breached."""


async def clauses_of(session: AsyncSession, orders: Collection[str]) -> Clauses:
    """Which clauses each breach in these orders led to."""
    standing = PenaltyRecord.status != RecordStatus.WITHDRAWN
    columns = (PenaltyRecord.order_no, PenaltyRecord.clause, PenaltyRecord.breaches)
    query = select(*columns).where(standing, PenaltyRecord.order_no.in_(orders)).order_by(PenaltyRecord.no)
    found: Clauses = {}
    for order_no, clause, breaches in await session.execute(query):
        for breach in breaches:
            found.setdefault((order_no or "", breach), []).append(clause)
    return found


async def missed_dates_of(session: AsyncSession, order_no: str) -> Sequence[MissedDate]:
    """Why dates of an order were missed, as far as it is judged."""
    query = select(MissedDate).where(MissedDate.order_no == order_no).order_by(MissedDate.line_no, MissedDate.of)
    return (await session.scalars(query)).all()


async def suspicions(session: AsyncSession, limit: int = 100) -> Sequence[Suspicion]:
    """Breaches for which nobody can be named yet."""
    query = select(Suspicion).where(Suspicion.cleared_because.is_(None)).order_by(Suspicion.key).limit(limit)
    return (await session.scalars(query)).all()
