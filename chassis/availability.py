"""When could nobody record an act in this service, so that the time must not count against them?"""

import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from importlib import import_module

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from chassis.lives import Elapsed
from chassis.outbox import publish
from contracts.parts import ServiceUnavailable

BEAT_S = 5.0
GAP = timedelta(seconds=60)

LAST = text("SELECT factory_at FROM availability FOR UPDATE")
BEAT = text("""
INSERT INTO availability (alive_at, factory_at) VALUES (clock_timestamp(), :now)
ON CONFLICT (one) DO UPDATE SET alive_at = excluded.alive_at, factory_at = excluded.factory_at
""")


AfterOutage = Callable[[AsyncSession, datetime, datetime], Awaitable[None]]
"""What a service makes good, in the transaction that states from when to when it was down."""


class Availability:
    """A heartbeat that writes to the service's own database, as a person's act would; its gaps become facts.

    The gap is stated in the factory's time. While the process lives, only a silence of its own makes a gap: the stepped
    clock of a scenario leaps hours between two beats, and that is no outage.
    """

    def __init__(self, engine: AsyncEngine, service: str, after: AfterOutage | None = None) -> None:
        self._engine = engine
        self._service = service
        self._after = after
        self._beaten = Elapsed()

    @property
    def due(self) -> bool:
        return self._beaten.seconds >= BEAT_S

    async def beat(self) -> None:
        """Write down that a command would be accepted now, and state the gap before, if there was one."""
        silent = self._beaten.seconds > GAP.total_seconds()
        async with transaction(self._engine) as session:
            last: datetime | None = await session.scalar(LAST)
            now = await factory_now(session)
            if silent and last is not None and now - last > GAP:
                await self._state(session, last, now)
            await session.execute(BEAT, {"now": now})
        self._beaten.restart()

    async def _state(self, session: AsyncSession, started_at: datetime, ended_at: datetime) -> None:
        kind: type[ServiceUnavailable] = import_module(f"contracts.{self._service}").ServiceUnavailable
        reason = "the service was not running" if self._beaten.seconds == math.inf else "its database accepted nothing"
        await publish(session, kind(started_at=started_at, ended_at=ended_at, reason=reason))
        if self._after:
            session.info["service"] = self._service
            await self._after(session, started_at, ended_at)
