"""In which months may how much be taken for a compensation? Pure; Decimal, CNY, whole fen; this system takes nothing itself.

Of a month's wage at most the rulebook's share, and never so much that less than the local minimum wage is left; both for all
of a person's compensations together, the older first. The last instalment is the remainder.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chassis.instants import FACTORY
from services.accountability.judge.compensation import WHOLE, fen

Month = str
"""`2026-09`: months of the factory's time sort as their names do."""

NOTHING = Decimal("0.00")
MOST_MONTHS = 600
"""Nobody pays longer than half a century; what is left then is told as what cannot be taken."""


class Standstill(StrEnum):
    """Why nothing can be taken in a month."""

    NO_WAGE = "no_wage"
    NO_MINIMUM = "no_minimum_wage"
    BELOW_MINIMUM = "below_minimum_wage"
    TOO_LONG = "takes_too_long"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rulebook in force lets be taken of a month's wage."""

    share_percent: Decimal
    minimum_wage: Decimal


@dataclass(frozen=True, slots=True)
class Debt:
    """What is still to be taken for one compensation, from which month on, and how many instalments were stated before."""

    no: str
    remaining: Decimal
    since: Month
    stated: int = 0


@dataclass(frozen=True, slots=True)
class Instalment:
    """What may be taken for one compensation in one month, and what is left of it then."""

    no: str
    month: Month
    number: int
    amount: Decimal
    remaining: Decimal


@dataclass(frozen=True, slots=True)
class Pause:
    """A month in which nothing can be taken, and why; `until_wage_changes`: nor in any later one, as things stand."""

    month: Month
    why: Standstill
    until_wage_changes: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A person's instalments by month, the months that pass by, and by compensation what cannot be taken."""

    instalments: tuple[Instalment, ...]
    pauses: tuple[Pause, ...]
    untaken: Mapping[str, Decimal]

    def of(self, no: str) -> tuple[Instalment, ...]:
        return tuple(one for one in self.instalments if one.no == no)


def plan(debts: Sequence[Debt], wages: Mapping[Month, Decimal], limits: Limits | None) -> Plan:
    """The instalments of one person, `debts` from the oldest on; `wages` are those known, by the month they begin in."""
    left = {debt.no: debt.remaining for debt in debts if debt.remaining > 0}
    numbers = {debt.no: debt.stated for debt in debts}
    instalments: list[Instalment] = []
    pauses: list[Pause] = []
    for month in months_from(min((debt.since for debt in debts if debt.no in left), default=None)):
        due = [debt.no for debt in debts if debt.since <= month and left.get(debt.no)]
        why = standstill(wages, month, limits)
        if due and why is not None:
            pauses.append(Pause(month, why, until_wage_changes=month >= max(wages, default=month)))
        for no, amount in shared_out(due, left, allowed(wages, month, limits)):
            left[no] -= amount
            numbers[no] += 1
            instalments.append(Instalment(no, month, numbers[no], amount, left[no]))
        if not any(left.values()) or (pauses and pauses[-1].until_wage_changes):
            break
    else:
        pauses += [Pause(month, Standstill.TOO_LONG, until_wage_changes=True)] if any(left.values()) else []
    return Plan(tuple(instalments), tuple(pauses), {no: amount for no, amount in left.items() if amount})


def shared_out(due: Iterable[str], left: Mapping[str, Decimal], most: Decimal) -> Iterator[tuple[str, Decimal]]:
    """What the month allows, to the oldest first."""
    for no in due:
        amount = min(left[no], most)
        if amount > 0:
            yield no, amount
            most -= amount


def allowed(wages: Mapping[Month, Decimal], month: Month, limits: Limits | None) -> Decimal:
    """What may be taken of a person in a month altogether."""
    wage = wage_in(wages, month)
    if wage is None or limits is None:
        return NOTHING
    return max(NOTHING, min(fen(wage * limits.share_percent / WHOLE), fen(wage - limits.minimum_wage)))


def standstill(wages: Mapping[Month, Decimal], month: Month, limits: Limits | None) -> Standstill | None:
    """Why nothing may be taken in this month; None where something may."""
    if limits is None:
        return Standstill.NO_MINIMUM
    if wage_in(wages, month) is None:
        return Standstill.NO_WAGE
    return None if allowed(wages, month, limits) > 0 else Standstill.BELOW_MINIMUM


def wage_in(wages: Mapping[Month, Decimal], month: Month) -> Decimal | None:
    """The wage that began last, by then."""
    begun = [since for since in wages if since <= month]
    return wages[max(begun)] if begun else None


def months_from(first: Month | None) -> Iterator[Month]:
    """That month and those after it, as many as a plan may have."""
    for _ in range(MOST_MONTHS if first else 0):
        assert first is not None
        yield first
        first = following(first)


def following(month: Month) -> Month:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def month_of(at: datetime) -> Month:
    """The factory's month of a moment."""
    return f"{at.astimezone(FACTORY):%Y-%m}"
