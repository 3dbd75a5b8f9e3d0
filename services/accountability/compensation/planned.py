"""When do a compensation's instalments stand planned? Once it is payable and nobody may object any more; the person is told."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import notifications
from chassis.clock import factory_now
from contracts.accountability import AppealOutcome, CompensationPlanned
from services.accountability.compensation.compensations import named
from services.accountability.compensation.plans import STANDS, Account
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord


async def follow(session: AsyncSession, frontier: datetime) -> None:
    """State each plan that has come to stand; the evidence reaches beyond the last moment for an objection.

    The person may be objecting at this very moment: what they hold is left for the next time.
    """
    row = Compensation
    settled = func.coalesce(row.objection_decided_at, row.objection_until, row.notified_at)
    undecided = row.objected_at.is_not(None) & row.objection_decided_at.is_(None)
    query = (
        select(Compensation, PenaltyRecord)
        .join(PenaltyRecord, PenaltyRecord.no == row.record_no)
        .where(row.status == CompensationStatus.NOTIFIED, row.planned_at.is_(None), settled < frontier, ~undecided)
        .where(PenaltyRecord.status.in_(STANDS))
        .order_by(row.no)
        .with_for_update(of=Compensation, skip_locked=True)
    )
    for compensation, record in (await session.execute(query)).all():
        await plan(session, compensation, record)


async def plan(session: AsyncSession, compensation: Compensation, record: PenaltyRecord) -> None:
    since = Account(compensation, record).since
    assert since is not None, compensation.no
    compensation.planned_at = await factory_now(session)
    decided = AppealOutcome(compensation.objection_outcome) if compensation.objection_outcome else None
    fact = CompensationPlanned(**named(compensation), first_month=since, objection_outcome=decided)
    await notifications.tell(session, fact)
