"""What is still to be taken of whom, in which instalments? Reckoned anew from what is on record whenever somebody asks.

So a wage that changes, an appeal that reduces and a record that falls need no second step: only what was stated to payroll
is kept, and counts as taken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.compensation import objections, wages
from services.accountability.compensation.compensations import payable
from services.accountability.compensation.instalments import (
    NOTHING,
    Debt,
    Instalment,
    Limits,
    Month,
    Plan,
    following,
    month_of,
    plan,
)
from services.accountability.compensation.models_compensation import StatedInstalment
from services.accountability.findings.finding_gates import rules_at
from services.accountability.models import (
    Compensation,
    CompensationStatus,
    PayrollStatement,
    PenaltyRecord,
    RecordStatus,
)
from services.accountability.rules.rulebook_wages import limits_of

STANDS = (RecordStatus.IN_EFFECT, RecordStatus.LAPSED)
"""What is payable stays so when the record lapses: the sanction counts no longer, the loss is still there."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One instalment that payroll was told of, and for which month."""

    month: Month
    statement_no: str
    line: StatedInstalment


@dataclass(frozen=True, slots=True)
class Account:
    """A compensation with its record, what was stated of it, and what was stated of the records that it took the place of."""

    compensation: Compensation
    record: PenaltyRecord
    stated: tuple[Stated, ...]
    credited: Decimal

    @property
    def taken(self) -> Decimal:
        return self.credited + sum((one.line.instalment for one in self.stated), Decimal(0))

    @property
    def remaining(self) -> Decimal:
        return max(NOTHING, payable(self.compensation, self.record) - self.taken)

    @property
    def since(self) -> Month | None:
        """The month after the notification, the record's effect, and what an objection took or could have taken.

        None while nothing is payable.
        """
        compensation, in_effect = self.compensation, self.record.in_effect_at
        standing = compensation.status == CompensationStatus.NOTIFIED and self.record.status in STANDS
        if not standing or in_effect is None or compensation.notified_at is None or objections.waits(compensation):
            return None
        settled = compensation.objection_decided_at or compensation.objection_until or in_effect
        return following(month_of(max(compensation.notified_at, in_effect, settled)))


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that was stated to payroll so far, and the first month that was not."""

    stated: tuple[Stated, ...]
    next_month: Month

    def of(self, *record_nos: str) -> tuple[Stated, ...]:
        return tuple(one for one in self.stated if one.line.record_no in record_nos)


async def books(session: AsyncSession) -> Books:
    statements = (await session.scalars(select(PayrollStatement).order_by(PayrollStatement.month))).all()
    lines = tuple(Stated(one.month, one.no, line) for one in statements for line in one.lines)
    return Books(lines, following(statements[-1].month) if statements else "")


async def accounts(session: AsyncSession, known: Books, person: str | None = None) -> list[Account]:
    """Compensations that are still to be taken, of one person or of everybody, the oldest first."""
    query = (
        select(Compensation, PenaltyRecord)
        .join(PenaltyRecord, PenaltyRecord.no == Compensation.record_no)
        .where(Compensation.status == CompensationStatus.NOTIFIED, PenaltyRecord.status.in_(STANDS))
        .order_by(Compensation.notified_at, Compensation.no)
    )
    if person is not None:
        query = query.where(Compensation.person == person)
    rows = (await session.execute(query)).all()
    return [await account(session, known, compensation, record) for compensation, record in rows]


async def account(session: AsyncSession, known: Books, compensation: Compensation, record: PenaltyRecord) -> Account:
    own = tuple(one for one in known.stated if one.line.compensation_no == compensation.no)
    earlier = [one for one in known.of(record.no, *await replaced(session, record)) if one not in own]
    return Account(compensation, record, own, sum((one.line.instalment for one in earlier), Decimal(0)))


async def replaced(session: AsyncSession, record: PenaltyRecord) -> list[str]:
    """The records that this one took the place of, however far back."""
    found: list[str] = []
    before = record.replaces
    while before is not None:
        found.append(before)
        before = await session.scalar(select(PenaltyRecord.replaces).where(PenaltyRecord.no == before))
    return found


async def limits_at(session: AsyncSession, at: datetime) -> Limits | None:
    """What the rulebook in force then lets be taken of a wage; None where it does not say."""
    rulebook = await rules_at(session, at)
    return limits_of(rulebook.text) if rulebook else None


async def plan_of(session: AsyncSession, owed: Iterable[Account], person: str, *, since: Month, now: datetime) -> Plan:
    """A person's plan from a month on; `owed` are all their accounts, since a month's wage bears them together."""
    debts = [
        Debt(one.compensation.no, one.remaining, max(one.since, since), len(one.stated)) for one in owed if one.since
    ]
    return plan(debts, await wages.of(session, person), await limits_at(session, now))


async def person_plan(session: AsyncSession, person: str, now: datetime) -> Plan:
    """What lies before a person from the first month on that was not stated."""
    known = await books(session)
    return await plan_of(session, await accounts(session, known, person), person, since=known.next_month, now=now)


async def due_in(session: AsyncSession, month: Month, now: datetime) -> list[tuple[Account, Instalment]]:
    """What payroll is to be told for a month that was not stated yet, by person and compensation."""
    known = await books(session)
    by_person: dict[str, list[Account]] = {}
    for one in await accounts(session, known):
        by_person.setdefault(one.record.person, []).append(one)
    return [
        pair
        for person, owed in sorted(by_person.items())
        for pair in matched(owed, await plan_of(session, owed, person, since=month, now=now), month)
    ]


def matched(owed: Sequence[Account], planned: Plan, month: Month) -> list[tuple[Account, Instalment]]:
    by_no = {one.compensation.no: one for one in owed}
    return [(by_no[one.no], one) for one in planned.instalments if one.month == month]
