"""What do a record's page and its printed form show of the money? The computation, the finding, the notification, and the plan.

An instalment is a fifth of a wage: instalments are shown to HR and to the person, and to nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person
from services.accountability.compensation import plans
from services.accountability.compensation.compensations import payable, proposed
from services.accountability.compensation.instalments import NOTHING, Instalment, Month, Pause
from services.accountability.compensation.objections import may_object
from services.accountability.compensation.plans import Account, Stated
from services.accountability.judge.verdicts import CompensationPart
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord
from services.accountability.process import appeals

HR = frozenset({"hr"})


@dataclass(frozen=True, slots=True)
class Schedule:
    """What was stated to payroll, what is still to come and when, and what cannot be taken and why.

    `credited` was stated of earlier records for the same, and `lent` of this one for a later. `excess` was stated without a ground
    or beyond it and is to be given back, `excess_before` of earlier records for the same. `beyond_wages` is given
    back because a wage was corrected, and stays owed. `since` is None while nothing is payable.
    """

    since: Month | None
    stated: Sequence[Stated]
    credited: Decimal
    lent: Decimal
    excess: Decimal
    excess_before: Decimal
    beyond_wages: Decimal
    planned: Sequence[Instalment] = ()
    pauses: Sequence[Pause] = ()
    untaken: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Money:
    """`current` is what was found and not withdrawn; `schedule` is None for whoever may not see instalments.

    `most` is what could become payable, or is, where that is less than `amount`; `too_late`: nobody may find fault any more.
    `computation` is said in words of a record from before there were parts.
    """

    parts: Sequence[CompensationPart]
    computation: str
    amount: Decimal | None
    current: Compensation | None
    withdrawn: Sequence[Compensation]
    payable: Decimal | None
    most: Decimal | None
    too_late: bool
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
        most=lower(appeals.at_stake(record, current), record.compensation),
        too_late=bool(record.appeal_decided_at or record.in_effect_at or record.lapsed_at or record.withdrawn_at),
        may_object=viewer.employee == record.person and may_object(current, viewer.now),
        schedule=await schedule_of(session, record, current, viewer) if may_see(record, viewer) else None,
    )


def lower(most: Decimal | None, than: Decimal) -> Decimal | None:
    return most if most is not None and most < than else None


def may_see(record: PenaltyRecord, viewer: Person) -> bool:
    """Whether this person may know what a month takes of the record's person."""
    return viewer.holds(HR) or viewer.employee == record.person


async def schedule_of(
    session: AsyncSession, record: PenaltyRecord, current: Compensation | None, viewer: Person
) -> Schedule:
    known = await plans.books(session)
    owed = await plans.accounts(session, known, record.person)
    own = [one for one in owed if one.record.no == record.no]
    account = next((one for one in own if current and one.compensation.no == current.no), None)
    others = [one for one in owed if one not in own and plans.for_the_same(one.record, record)]
    schedule = Schedule(
        since=account.since if account else None,
        stated=known.of(record.no),
        credited=sum((one.credited for one in own), NOTHING),
        lent=sum((one.lent for one in own), NOTHING),
        excess=sum((one.excess for one in own), NOTHING),
        excess_before=sum((one.excess for one in others), NOTHING) if current else NOTHING,
        beyond_wages=sum((one.beyond_wages for one in own), NOTHING),
    )
    return await planned(session, account, schedule, viewer) if account and account.since else schedule


async def planned(session: AsyncSession, account: Account, schedule: Schedule, viewer: Person) -> Schedule:
    """All that a person owes is planned together; shown is what this record takes of it."""
    no = account.compensation.no
    plan = await plans.person_plan(session, account.record.person, viewer.now)
    pauses = plan.pauses if account.remaining else ()
    return replace(schedule, planned=plan.of(no), pauses=pauses, untaken=plan.untaken.get(no, NOTHING))
