"""What is still to be taken of whom, in which instalments? Reckoned anew from what is on record whenever somebody asks.

So a wage that changes, an appeal that reduces and a record that falls need no second step: only what was stated to payroll
is kept, and counts as taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby, product

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.compensation import objections, wages
from services.accountability.compensation.compensations import payable, proposed
from services.accountability.compensation.instalments import (
    NOTHING,
    Debt,
    Instalment,
    Limits,
    Month,
    Plan,
    allowed,
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
    Wage,
)
from services.accountability.rules.rulebook_wages import limits_of

STANDS = (RecordStatus.IN_EFFECT, RecordStatus.LAPSED)
"""What is payable stays so when the record lapses: the sanction counts no longer, the loss is still there."""

CORRECTED = (Wage.made_at >= PayrollStatement.made_at) & (Wage.effective_month <= PayrollStatement.month)
"""A wage that may change what a month bore, recorded since that was stated."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One instalment that payroll was told of, and for which month."""

    month: Month
    statement_no: str
    line: StatedInstalment


@dataclass(frozen=True, slots=True)
class Account:
    """A compensation with its record, and what payroll was told of it.

    `credited` was stated of others for the same and counts for this one; `lent` was stated of this one and counts for another.
    `unborne`: what was stated for a month and is more than that bears, by the wages known now.
    """

    compensation: Compensation
    record: PenaltyRecord
    stated: tuple[Stated, ...] = ()
    credited: Decimal = NOTHING
    lent: Decimal = NOTHING
    unborne: Mapping[Month, Decimal] = field(default_factory=dict)

    @property
    def taken(self) -> Decimal:
        """What payroll was told to take of it, but for what it was told to give back."""
        return sum((one.line.instalment - one.line.given_back for one in self.stated), NOTHING)

    @property
    def beyond_wages(self) -> Decimal:
        """What is to be given back because a wage was corrected; it stays owed, and is taken of later months."""
        given_back = sum((one.line.given_back for one in self.stated), NOTHING)
        return max(NOTHING, sum(self.unborne.values(), NOTHING) - given_back)

    @property
    def borne(self) -> Decimal:
        """What was taken of months that bear it."""
        return self.taken - self.beyond_wages

    @property
    def owed(self) -> Decimal:
        stands = self.compensation.status == CompensationStatus.NOTIFIED and self.record.status in STANDS
        return payable(self.compensation, self.record) if stands else NOTHING

    @property
    def remaining(self) -> Decimal:
        return max(NOTHING, self.owed - self.borne - self.credited)

    @property
    def excess(self) -> Decimal:
        """What was stated without a ground, or beyond it, and counts for nothing else: it is to be given back."""
        return max(NOTHING, self.borne - self.lent - (self.owed if self.since else NOTHING))

    @property
    def to_give_back(self) -> Decimal:
        """Both together."""
        return self.excess + self.beyond_wages

    @property
    def instalments(self) -> int:
        """How many were stated."""
        return sum(1 for one in self.stated if one.line.instalment)

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


Due = tuple[Account, Instalment]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that was stated to payroll so far, and the first month that was not."""

    stated: tuple[Stated, ...]
    next_month: Month

    def of(self, *record_nos: str) -> tuple[Stated, ...]:
        return tuple(one for one in self.stated if one.line.record_no in record_nos)

    def about(self, compensation: Compensation) -> tuple[Stated, ...]:
        return tuple(one for one in self.stated if one.line.compensation_no == compensation.no)


async def books(session: AsyncSession) -> Books:
    statements = (await session.scalars(select(PayrollStatement).order_by(PayrollStatement.month))).all()
    lines = tuple(Stated(one.month, one.no, line) for one in statements for line in one.lines)
    return Books(lines, following(statements[-1].month) if statements else "")


async def accounts(session: AsyncSession, known: Books, person: str | None = None) -> list[Account]:
    """Compensations that are owed, or of which something was stated, of one person or of everybody, the oldest first."""
    stands = (Compensation.status == CompensationStatus.NOTIFIED) & PenaltyRecord.status.in_(STANDS)
    told = {one.line.compensation_no for one in known.stated if person in (None, one.line.person)}
    query = (
        select(Compensation, PenaltyRecord)
        .join(PenaltyRecord, PenaltyRecord.no == Compensation.record_no)
        .where(stands | Compensation.no.in_(told))
        .order_by(Compensation.person, Compensation.notified_at, Compensation.no)
    )
    if person is not None:
        query = query.where(Compensation.person == person)
    unborne = await beyond_the_wages(session, known, person)
    rows = (await session.execute(query)).all()
    found = [Account(one, of, known.about(one), unborne=unborne.get(one.no, {})) for one, of in rows]
    return [one for _, owed in groupby(found, key=lambda each: each.record.person) for one in settled(list(owed))]


async def beyond_the_wages(
    session: AsyncSession, known: Books, person: str | None = None
) -> dict[str, dict[Month, Decimal]]:
    """By compensation and month, what was stated and is more than the month bears, of those whose wage was recorded since then."""
    query = (
        select(Wage.employee, PayrollStatement.month, PayrollStatement.made_at)
        .join(PayrollStatement, CORRECTED)
        .distinct()
        .order_by(PayrollStatement.month, Wage.employee)
    )
    if person is not None:
        query = query.where(Wage.employee == person)
    found: dict[str, dict[Month, Decimal]] = {}
    for employee, month, stated_at in (await session.execute(query)).all():
        most = allowed(await wages.of(session, employee), month, await limits_at(session, stated_at))
        lines = [one.line for one in known.stated if (one.month, one.line.person) == (month, employee)]
        for no, amount in unborne(lines, most):
            found.setdefault(no, {})[month] = amount
    return found


def unborne(lines: Sequence[StatedInstalment], most: Decimal) -> Iterator[tuple[str, Decimal]]:
    """What a person's lines of one month come to beyond what that bears, by compensation, of the latest first."""
    beyond = sum((line.instalment for line in lines), NOTHING) - most
    for line in reversed(lines):
        amount = min(line.instalment, beyond)
        if amount > 0:
            yield line.compensation_no, amount
            beyond -= amount


def settled(owed: Sequence[Account]) -> list[Account]:
    """What was stated of a person beyond its ground counts for what they owe for the same, the oldest first."""
    found = list(owed)
    for debtor, giver in product(range(len(found)), repeat=2):
        amount = min(found[giver].excess, found[debtor].remaining)
        if amount and found[debtor].since and for_the_same(found[giver].record, found[debtor].record):
            found[giver] = replace(found[giver], lent=found[giver].lent + amount)
            found[debtor] = replace(found[debtor], credited=found[debtor].credited + amount)
    return found


def for_the_same(record: PenaltyRecord, other: PenaltyRecord) -> bool:
    """Whether two records of a person ask for the same: one took the other's place, or came back after it, or for one loss."""
    losses, others = ({part.loss_of for part in proposed(one)} for one in (record, other))
    return record.key == other.key or not losses.isdisjoint(others)


async def account(session: AsyncSession, known: Books, compensation: Compensation, record: PenaltyRecord) -> Account:
    """One compensation, as it stands beside all others of its person."""
    owed = await accounts(session, known, record.person)
    return next(
        (one for one in owed if one.compensation.no == compensation.no),
        Account(compensation, record, known.about(compensation)),
    )


async def limits_at(session: AsyncSession, at: datetime) -> Limits | None:
    """What the rulebook in force then lets be taken of a wage; None where it does not say."""
    rulebook = await rules_at(session, at)
    return limits_of(rulebook.text) if rulebook else None


async def plan_of(session: AsyncSession, owed: Iterable[Account], person: str, *, since: Month, now: datetime) -> Plan:
    """A person's plan from a month on; `owed` are all their accounts, since a month's wage bears them together."""
    debts = [
        Debt(one.compensation.no, one.remaining, max(one.since, since), one.instalments) for one in owed if one.since
    ]
    return plan(debts, await wages.of(session, person), await limits_at(session, now))


async def person_plan(session: AsyncSession, person: str, now: datetime) -> Plan:
    """What lies before a person from the first month on that was not stated."""
    known = await books(session)
    return await plan_of(session, await accounts(session, known, person), person, since=known.next_month, now=now)


async def due_in(session: AsyncSession, month: Month, now: datetime) -> tuple[list[Due], list[Account]]:
    """What payroll is to be told for a month that was not stated yet: instalments, and accounts with something to give back."""
    known = await books(session)
    everybodys = await accounts(session, known)
    found: list[Due] = []
    for person, owed in groupby(everybodys, key=lambda each: each.record.person):
        theirs = list(owed)
        found += matched(theirs, await plan_of(session, theirs, person, since=month, now=now), month)
    return found, [one for one in everybodys if one.to_give_back]


def matched(owed: Sequence[Account], planned: Plan, month: Month) -> list[Due]:
    by_no = {one.compensation.no: one for one in owed}
    return [(by_no[one.no], one) for one in planned.instalments if one.month == month]
