"""What does Accountability look up?"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.models import JudgeCursor, PenaltyRecord, RecordStatus


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


async def judged_to(session: AsyncSession) -> datetime | None:
    """Up to when verdicts are written down: the judge itself may be ahead of its records for a moment."""
    return await session.scalar(select(JudgeCursor.ticked_to))
