"""What time is it in the factory, and who may move the hands?"""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.settings import ClockMode


class ClockStays(Exception):
    """The factory's clock is not moved: it is the real one, or the step would lead backward."""


async def factory_now(session: AsyncSession) -> datetime:
    """The factory's time, read once per transaction. Rules may use it; lateness is decided by `recorded_at` alone."""
    if "now" not in session.info:
        session.info["now"] = await session.scalar(text("SELECT factory_now()"))
    now: datetime = session.info["now"]
    return now


async def step_to(engine: AsyncEngine, instant: datetime) -> None:
    """Move a stepped clock forward to `instant`; raises ClockStays."""
    async with engine.begin() as connection:
        if await connection.scalar(text("SELECT mode FROM clock_mode")) != ClockMode.STEPPED:
            raise ClockStays("this database reads the real clock; only a stepped one can be moved")
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('factory_clock', 0))"))
        now = await connection.scalar(text("SELECT factory_now()"))
        if now is None or instant < now:
            raise ClockStays(
                f"it is {now} in the factory already; the clock cannot go back to {instant.astimezone(UTC)}"
            )
        await connection.execute(text("SELECT setval('factory_clock', microseconds(:instant))"), {"instant": instant})
