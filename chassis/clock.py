"""What time is it in the factory, and who may move the hands?"""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from chassis.settings import ClockMode

CLOCKS = {
    ClockMode.REAL: "SELECT clock_timestamp()",
    ClockMode.STEPPED: "SELECT instant(last_value) FROM factory_clock",
}


class ClockRefused(Exception):
    """The database already holds facts that were recorded by the other kind of clock."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(
            f"this database recorded its facts by the {found} clock and cannot continue by the {wanted} one; "
            f"set HANDOVER_CLOCK={found} or use a fresh database"
        )


class ClockStays(Exception):
    """The factory's clock is not moved: it is the real one, or the step would lead backward."""


async def factory_now(session: AsyncSession) -> datetime:
    """The factory's time, read once per transaction. Rules may use it; lateness is decided by `recorded_at` alone."""
    if "now" not in session.info:
        session.info["now"] = await session.scalar(text("SELECT factory_now()"))
    now: datetime = session.info["now"]
    return now


async def stated_at(session: AsyncSession) -> datetime:
    """When what is handled was said, however long the word was on its way; now, where it is our own."""
    envelope = session.info.get("envelope")
    return envelope.time if envelope else await factory_now(session)


# The disk need not be waited for: whatever is recorded after the step takes the step to the disk with it.
STEP = text("""
WITH alone AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(hashtextextended('factory_clock', 0)), set_config('synchronous_commit', 'off', true)
), hands AS MATERIALIZED (SELECT factory_now() AS now FROM alone)
SELECT mode, now, CASE WHEN mode = 'stepped' AND now <= :instant
    THEN setval('factory_clock', microseconds(:instant)) END AS moved
FROM hands LEFT JOIN clock_mode ON true
""")


async def step_to(engine: AsyncEngine, instant: datetime) -> None:
    """Move a stepped clock forward to `instant`; raises ClockStays."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        row = (await connection.execute(STEP, {"instant": instant})).one()
    if row.mode != ClockMode.STEPPED:
        raise ClockStays("this database reads the real clock; only a stepped one can be moved")
    if row.moved is None:
        raise ClockStays(
            f"it is {row.now} in the factory already; the clock cannot go back to {instant.astimezone(UTC)}"
        )


async def install_clock(connection: AsyncConnection, mode: ClockMode) -> None:
    """Let factory_now() read the real or the stepped clock; raises ClockRefused where facts came from the other.

    Changes nothing where the mode is right already, so a service may call it at start-up without owning the function.
    """
    found = await connection.scalar(text("SELECT mode FROM clock_mode"))
    if found == mode:
        return
    if found is not None and await connection.scalar(text("SELECT EXISTS (SELECT FROM outbox)")):
        raise ClockRefused(found, mode)
    await connection.execute(
        text(f"CREATE OR REPLACE FUNCTION factory_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS '{CLOCKS[mode]}'")
    )
    await connection.execute(
        text("INSERT INTO clock_mode (mode) VALUES (:mode) ON CONFLICT (one) DO UPDATE SET mode = excluded.mode"),
        {"mode": mode},
    )
