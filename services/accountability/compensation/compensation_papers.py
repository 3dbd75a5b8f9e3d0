"""What do a record's page and its printed form show of the money? The computation, the finding, the notification, and the plan.

An instalment is a fifth of a wage: instalments are shown to HR and to the person, and to nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person
from services.accountability.compensation import plans
from services.accountability.compensation.compensations import payable, proposed
from services.accountability.compensation.instalments import Instalment, Month, Pause
from services.accountability.compensation.objections import may_object
from services.accountability.compensation.plans import Account, Stated
from services.accountability.judge.verdicts import CompensationPart
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord

HR = frozenset({"hr"})


@dataclass(frozen=True, slots=True)
class Schedule:
    """What was stated to payroll, what is still to come and when, and what cannot be taken and why.

    `credited` was stated of records that this one took the place of. `since` is None while nothing is payable.
    """

    since: Month | None
    stated: Sequence[Stated]
    credited: Decimal
    planned: Sequence[Instalment]
    pauses: Sequence[Pause]
    untaken: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """`current` is what was found and not withdrawn; `schedule` is None for whoever may not see instalments.

    `computation` is said in words of a record from before there were parts.
    """

    parts: Sequence[CompensationPart]
    computation: str
    amount: Decimal | None
    current: Compensation | None
    withdrawn: Sequence[Compensation]
    payable: Decimal | None
    may_object: bool
    schedule: Schedule | None


async def money_of(session: AsyncSession, record: PenaltyRecord, viewer: Person) -> Money | None:
    """None for a record that has nothing to do with money."""
    if record.compensation is None:
        return None
    query = select(Compensation).where(Compensation.record_no == record.no).order_by(Compensation.no)
    found = (await session.scalars(query)).all()
    withdrawn = [one for one in found if one.status == CompensationStatus.WITHDRAWN]
    current = next((one for one in found if one not in withdrawn), None)
    return Money(
        parts=proposed(record),
        computation="" if (record.facts["compensation"] or {}).get("parts") else record.computation,
        amount=record.compensation,
        current=current,
        withdrawn=withdrawn,
        payable=payable(current, record) if current else None,
        may_object=viewer.employee == record.person and may_object(current, viewer.now),
        schedule=await schedule_of(session, record, current, viewer) if may_see(record, viewer) else None,
    )


def may_see(record: PenaltyRecord, viewer: Person) -> bool:
    """Whether this person may know what a month takes of the record's person."""
    return viewer.holds(HR) or viewer.employee == record.person


async def schedule_of(
    session: AsyncSession, record: PenaltyRecord, current: Compensation | None, viewer: Person
) -> Schedule:
    known = await plans.books(session)
    if current is None:
        return Schedule(None, known.of(record.no), Decimal(0), (), (), Decimal(0))
    account = await plans.account(session, known, current, record)
    if account.since is None:
        return Schedule(None, account.stated, account.credited, (), (), Decimal(0))
    return await planned(session, account, viewer)


async def planned(session: AsyncSession, account: Account, viewer: Person) -> Schedule:
    """All that a person owes is planned together; shown is what this record takes of it."""
    no = account.compensation.no
    plan = await plans.person_plan(session, account.record.person, viewer.now)
    untaken = plan.untaken.get(no, Decimal(0))
    pauses = plan.pauses if account.remaining else ()
    return Schedule(account.since, account.stated, account.credited, plan.of(no), pauses, untaken)
