"""Who handles the facts that were received but have had no effect yet?"""

import asyncio
from typing import Any

import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.consumers import Consumers, Unreadable
from chassis.database import is_away, is_conflict, savepoint, transaction
from chassis.gate import gate_of
from chassis.lives import happens
from chassis.parking import park
from chassis.spans import belonging_to
from chassis.waiting import WaitFor, lock, printable
from contracts.event import decode

log = structlog.get_logger()

ATTEMPTS = 5
FIRST_PAUSE_S = 0.5
SWEEP_S = 1.0
# Longer than a handler may take; whoever died while handling is succeeded after it.
LEASE_S = 10.0

# The attempt is committed before it is made, so that one which ends this process is counted too. The lease keeps other
# replicas away meanwhile.
CLAIM = text("""
UPDATE waiting SET attempts = attempts + 1, retry_at = now() + :lease * interval '1 second'
WHERE id = (SELECT id FROM waiting WHERE retry_at <= now() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, key, attempts, reason, body
""")
HOLD = text("SELECT id FROM waiting WHERE id = :id FOR UPDATE")
DONE = text("DELETE FROM waiting WHERE id = :id")
# What is awaited brings the row forward; the slow retry is for a maker that forgot to say that it arrived.
STILL_MISSING = text("""
UPDATE waiting SET kind = :kind, key = :key, reason = :reason, attempts = 0,
    retry_at = now() + CASE WHEN :at_once THEN interval '0'
        ELSE least(interval '1 minute', greatest(interval '1 second', now() - since)) END
WHERE id = :id
""")
LATER = text("""
UPDATE waiting SET attempts = :attempts, reason = :reason, retry_at = now() + :seconds * interval '1 second'
WHERE id = :id
""")


class Waiters:
    """Tries kept facts one at a time, each alone, and parks what fails too often."""

    def __init__(
        self, engine: AsyncEngine, consumers: Consumers, *, sweep_s: float = SWEEP_S, lease_s: float = LEASE_S
    ) -> None:
        self.engine = engine
        self.consumers = consumers
        self.sweep_s = sweep_s
        self.lease_s = lease_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something arrived that a fact waited for, or a fact was kept."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled: whatever is due, as soon as it is due."""
        while True:
            await gate_of(self.engine).passed()
            try:
                while await self.handle_next():
                    pass
            except Exception as error:
                log.warning("kept facts are tried again later", service=self.consumers.service, error=repr(error))
            await happens(self._woken, self.sweep_s)
            self._woken.clear()

    async def handle_next(self) -> bool:
        """Try the first fact that is due; whether there was one."""
        async with transaction(self.engine) as session:
            row = (await session.execute(CLAIM, {"lease": self.lease_s})).one_or_none()
        if row is None:
            return False
        try:
            if row.attempts <= ATTEMPTS:
                await self._attempt(row)
            else:
                await self._park(row, row.reason)
        except Exception as error:
            await self._put_off(row, error)
        return True

    async def _attempt(self, row: Row[Any]) -> None:
        """Under the lock of what it waits for, so that it cannot arrive between our looking and our waiting on."""
        async with transaction(self.engine) as session:
            if row.kind is not None:
                await lock(session, (row.kind, row.key))
            if await session.scalar(HOLD, {"id": row.id}) is None:
                return
            try:
                async with savepoint(session):
                    await self.consumers.handle(decode(row.body), session)
            except WaitFor as missing:
                await session.execute(STILL_MISSING, _still_missing(row, missing))
            else:
                await session.execute(DONE, {"id": row.id})

    async def _put_off(self, row: Row[Any], error: Exception) -> None:
        """Try again later, or never: an attempt counts unless only the database was in the way."""
        reason = printable(repr(error))
        if is_away(error) or is_conflict(error):
            later = {"attempts": row.attempts - 1, "seconds": FIRST_PAUSE_S, "reason": reason}
        elif isinstance(error, Unreadable) or row.attempts >= ATTEMPTS:
            await self._park(row, str(error) if isinstance(error, Unreadable) else repr(error))
            return
        else:
            later = {"attempts": row.attempts, "seconds": FIRST_PAUSE_S * 2**row.attempts, "reason": reason}
        async with transaction(self.engine) as session:
            await session.execute(LATER, {"id": row.id, **later})

    async def _park(self, row: Row[Any], reason: str) -> None:
        envelope = decode(row.body)
        with belonging_to(envelope):
            log.error("a fact is parked", fact=envelope.type, attempts=row.attempts, reason=reason)
        async with transaction(self.engine) as session:
            if await session.scalar(HOLD, {"id": row.id}) is not None:
                await park(session, envelope, row.body, attempts=row.attempts, reason=reason)
                await session.execute(DONE, {"id": row.id})


def _still_missing(row: Row[Any], missing: WaitFor) -> dict[str, object]:
    """Wait on for the same thing; for another one look again at once, then under its own lock."""
    kind, key = missing.thing
    at_once = missing.thing != (row.kind, row.key)
    return {"id": row.id, "kind": kind, "key": key, "reason": printable(str(missing)), "at_once": at_once}
