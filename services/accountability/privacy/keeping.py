"""How long may a person's record be read, and how long is it known who read it?"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import delete, func, or_, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from services.accountability.models import TO_SEAL, BreachFinding, FindingStatus, PenaltyRecord, RecordLook

SWEEP_S = 60.0
FOUND = "findings:"
OVER = (FindingStatus.DISMISSED, FindingStatus.CORRECTED, FindingStatus.WITHDRAWN)


class Keeping(BaseSettings):
    """How long things can be read, in days of the factory's clock; HANDOVER_* environment variables.

    A year after a record lapsed or fell: as long as labour arbitration can be asked for. Three years for who looked: as
    long as records of how personal information was handled are kept.
    """

    model_config = SettingsConfigDict(env_prefix="HANDOVER_", extra="ignore")

    record_retention_days: float = Field(default=365, ge=0)
    look_retention_days: float = Field(default=1096, ge=90)


class Sweep:
    """Seals what is over for long enough and forgets old looks, now and then."""

    def __init__(self, engine: AsyncEngine, keeping: Keeping | None = None) -> None:
        self.engine, self.keeping = engine, keeping or Keeping()

    async def live(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(SWEEP_S)

    async def once(self) -> None:
        async with transaction(self.engine) as session:
            now = await factory_now(session)
            await seal(session, now, timedelta(days=self.keeping.record_retention_days))
            await forget(session, now - timedelta(days=self.keeping.look_retention_days))


async def seal(session: AsyncSession, now: datetime, kept: timedelta) -> None:
    """Close (封存) what lapsed or fell that long ago: from now on its person alone can read it; the ledger keeps all."""
    ended = func.coalesce(PenaltyRecord.withdrawn_at, PenaltyRecord.lapsed_at)
    over = update(PenaltyRecord).where(TO_SEAL, ended <= now - kept).values(sealed_at=now)
    breaches = await session.scalars(over.returning(PenaltyRecord.breaches))
    numbers = findings_in(name for said in breaches for name in said)
    fallen = BreachFinding.status.in_(OVER) & (
        func.coalesce(BreachFinding.approved_at, BreachFinding.made_at) <= now - kept
    )
    await session.execute(
        update(BreachFinding)
        .where(BreachFinding.sealed_at.is_(None), or_(fallen, BreachFinding.no.in_(numbers)))
        .values(sealed_at=now)
    )


def findings_in(breaches: Iterable[str]) -> list[str]:
    """The findings that breaches are named after."""
    return [name.removeprefix(FOUND).partition("#")[0] for name in breaches if name.startswith(FOUND)]


async def forget(session: AsyncSession, before: datetime) -> None:
    """Nobody needs to know any more who looked then."""
    await session.execute(delete(RecordLook).where(RecordLook.at < before))
