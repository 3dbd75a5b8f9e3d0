"""Which facts could this service not handle, and what does an operator decide about each?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.database import transaction
from chassis.waiting import about, printable
from contracts.event import Envelope

PARK = text(
    "INSERT INTO parked (source, event, order_no, attempts, reason, body) "
    "VALUES (:source, :event, :order_no, :attempts, :reason, :body)"
)
LIST = text("SELECT * FROM parked WHERE status = 'parked' OR :all ORDER BY id")
SHOW = text("SELECT * FROM parked WHERE id = :id")
DECIDE = text(
    "UPDATE parked SET status = :status, decided_by = :by, decided_at = clock_timestamp() "
    "WHERE id = :id AND status = 'parked' RETURNING id"
)
REPLAY = text(
    "INSERT INTO waiting (source, event, order_no, reason, body) "
    "SELECT source, event, order_no, 'replayed by ' || decided_by, body FROM parked WHERE id = :id"
)


class NotParked(Exception):
    """There is no such parked fact, or somebody decided about it before."""


@dataclass(frozen=True)
class Parked:
    """A fact that waits for an operator, or what the operator decided."""

    id: int
    source: str
    event: str
    order_no: str | None
    attempts: int
    reason: str
    parked_at: datetime
    status: str
    decided_by: str | None
    decided_at: datetime | None
    body: bytes


async def park(session: AsyncSession, envelope: Envelope, body: bytes, *, attempts: int, reason: str) -> None:
    """Keep a fact that cannot be handled, with the reason, in the transaction that counts it as received."""
    values = {**about(envelope, body), "attempts": attempts, "reason": printable(reason)}
    await session.execute(PARK, values)


async def parked(engine: AsyncEngine, *, all_of_them: bool = False) -> list[Parked]:
    """Facts that wait for a decision, oldest first; `all_of_them` adds the decided ones."""
    async with transaction(engine) as session:
        return [Parked(**row) for row in (await session.execute(LIST, {"all": all_of_them})).mappings()]


async def show(engine: AsyncEngine, number: int) -> Parked:
    """One parked fact; raises NotParked."""
    async with transaction(engine) as session:
        row = (await session.execute(SHOW, {"id": number})).mappings().one_or_none()
    if row is None:
        raise NotParked(f"no fact is parked here under number {number}")
    return Parked(**row)


async def replay(engine: AsyncEngine, number: int, *, by: str) -> None:
    """Let the service try again, as if the fact had just come; raises NotParked."""
    async with transaction(engine) as session:
        await _decide(session, number, "replayed", by)
        await session.execute(REPLAY, {"id": number})


async def discard(engine: AsyncEngine, number: int, *, by: str) -> None:
    """Let the fact have no effect here; the row stays, with the operator's id. Raises NotParked."""
    async with transaction(engine) as session:
        await _decide(session, number, "discarded", by)


async def _decide(session: AsyncSession, number: int, status: str, by: str) -> None:
    if await session.scalar(DECIDE, {"id": number, "status": status, "by": by}) is None:
        raise NotParked(f"no fact is parked here under number {number}, or it has been decided about")
