"""How long may a person's record be read, and how long is it known who read it?"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from services.accountability.compensation import plans
from services.accountability.compensation.instalments import month_of
from services.accountability.models import (
    TO_SEAL,
    BreachFinding,
    Compensation,
    FindingStatus,
    PenaltyRecord,
    RecordLook,
    RecordStatus,
    SuspicionClearing,
    WhatIf,
    WhatIfStatus,
)
from services.accountability.privacy.periods import Keeping

SWEEP_S = 60.0
FOUND = "findings:"
ENDED = (RecordStatus.LAPSED, RecordStatus.WITHDRAWN)
OVER = (FindingStatus.DISMISSED, FindingStatus.CORRECTED, FindingStatus.WITHDRAWN)


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
            await seal(session, now, self.keeping.record_retention)
            await forget(session, now - timedelta(days=self.keeping.look_retention_days))


async def seal(session: AsyncSession, now: datetime, kept: timedelta) -> None:
    """Close (封存) what lapsed or fell that long ago, and what belongs to it; the ledger keeps all.

    From now on its person alone can read it. A record of which money is still taken or to be given back, or was until then, is not
    over.
    """
    before = now - kept
    owed = await still_owed(session, before)
    over = update(PenaltyRecord).where(TO_SEAL, ended_by(before), PenaltyRecord.no.not_in(owed)).values(sealed_at=now)
    rows = await session.execute(over.returning(PenaltyRecord.no, PenaltyRecord.person, PenaltyRecord.breaches))
    sealed = rows.all()
    findings = await findings_over(session, sealed)
    for kind, condition in (
        (BreachFinding, fallen_before(before) | BreachFinding.no.in_(findings)),
        (Compensation, Compensation.record_no.in_([row.no for row in sealed])),
        (SuspicionClearing, cleared_before(before)),
        (WhatIf, (WhatIf.status != WhatIfStatus.RUNNING) & (WhatIf.made_at <= before)),
    ):
        await session.execute(update(kind).where(kind.sealed_at.is_(None), condition).values(sealed_at=now))


async def still_owed(session: AsyncSession, before: datetime) -> list[str]:
    """Of the records that were over by then, those of which payroll is still to be told something, or was told since."""
    query = (
        select(Compensation, PenaltyRecord)
        .join(PenaltyRecord, PenaltyRecord.no == Compensation.record_no)
        .where(PenaltyRecord.status.in_(ENDED), PenaltyRecord.sealed_at.is_(None))
        .where(ended_by(before), Compensation.notified_at.is_not(None))
    )
    rows = (await session.execute(query)).all()
    known = await plans.books(session) if rows else plans.Books((), "")
    accounts = [await plans.account(session, known, compensation, record) for compensation, record in rows]
    return [one.record.no for one in accounts if one.remaining or one.to_give_back or taken_after(one, before)]


def ended_by(before: datetime) -> ColumnElement[bool]:
    """The records that lapsed or fell by then."""
    return func.coalesce(PenaltyRecord.withdrawn_at, PenaltyRecord.lapsed_at) <= before


def taken_after(account: plans.Account, before: datetime) -> bool:
    """Whether an instalment was stated for a month that was not over by then."""
    return any(stated.month >= month_of(before) for stated in account.stated)


def fallen_before(before: datetime) -> ColumnElement[bool]:
    """The findings that fell or were dismissed by then."""
    fell = func.coalesce(BreachFinding.approved_at, BreachFinding.made_at)
    return BreachFinding.status.in_(OVER) & (fell <= before)


def cleared_before(before: datetime) -> ColumnElement[bool]:
    """The clearings of that time that name somebody of whom no record stands open for it."""
    same = (PenaltyRecord.person == SuspicionClearing.person) & (PenaltyRecord.clause == SuspicionClearing.clause)
    order = PenaltyRecord.order_no.is_not_distinct_from(SuspicionClearing.order_no)
    standing = exists().where(same, order, PenaltyRecord.sealed_at.is_(None))
    return (SuspicionClearing.made_at <= before) & SuspicionClearing.person.is_not(None) & ~standing


async def findings_over(session: AsyncSession, sealed: Sequence[Any]) -> set[str]:
    """The findings on which these records rested and on which no other does that may still be read: it goes with the last."""
    kept = select(PenaltyRecord.breaches).where(
        PenaltyRecord.person.in_({row.person for row in sealed}), PenaltyRecord.sealed_at.is_(None)
    )
    standing = await session.scalars(kept) if sealed else ()
    return findings_in(row.breaches for row in sealed) - findings_in(standing)


def findings_in(records: Iterable[Iterable[str]]) -> set[str]:
    """The findings that the breaches of records are named after."""
    names = (name for breaches in records for name in breaches if name.startswith(FOUND))
    return {name.removeprefix(FOUND).partition("#")[0] for name in names}


async def forget(session: AsyncSession, before: datetime) -> None:
    """Nobody needs to know any more who looked then."""
    await session.execute(delete(RecordLook).where(RecordLook.at < before))
