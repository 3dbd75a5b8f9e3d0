"""How do all orders stand, one line each?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from chassis.calendar import WorkCalendar
from chassis.instants import moment
from services.accountability.judge import deliveries, duties, first_cause, removed
from services.accountability.judge.state import COMPANY, Case, State
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.people.calendar import shipped_calendar

PAGE = 50
PAST_ALL = "\U0010ffff"
"""Stands after every order number."""


@dataclass(frozen=True, slots=True)
class Overview:
    """One order as judged up to the frontier. `ship_by` is its first line's."""

    order_no: str
    ship_by: datetime | None
    shipped: bool
    missed: bool
    cancelled: bool
    first_cause: str | None
    handovers: int
    overran: int
    records: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders, and the number after which to go on."""

    items: Sequence[Overview]
    next: str


def newest(state: State, begins: str, before: str = PAST_ALL, settled: Iterable[str] = ()) -> list[str]:
    """The newest orders before one whose number begins so, at hand or `settled`; one more than a page holds, if there are more."""
    at_hand = (no for no in state.cases if no != COMPANY and no.startswith(begins) and no < before)
    return sorted({*at_hand, *settled}, reverse=True)[: PAGE + 1]


def orders(state: State, names: Iterable[str], records: Mapping[str, int]) -> list[Overview]:
    return [overview(state, state.cases[no], records.get(no, 0)) for no in names if no in state.cases]


def overview(state: State, case: Case, records: int) -> Overview:
    attempts = [attempt for name in case.duties for attempt in state.duties[name].attempts]
    lines = list(case.lines.values())
    wanted = [line for line in lines if removed.since(line) is None]
    dates = [line.ship_by for line in wanted if line.ship_by is not None]
    missed = any(deliveries.missed(line, case.cancelled) for line in lines)
    causes = [date.cause for date in first_cause.missed_dates(state, case) if date.cause] if missed else []
    return Overview(
        order_no=case.order_no,
        ship_by=moment(min(dates)) if dates else None,
        shipped=bool(wanted) and all(deliveries.left_at(line) for line in wanted),
        missed=missed,
        cancelled=case.cancelled is not None,
        first_cause=causes[0].duty.link if causes else None,
        handovers=len(attempts),
        overran=sum(duties.status_of(case, attempt) is DutyStatus.OVERRAN for attempt in attempts),
        records=records,
    )


@cache
def any_calendar() -> WorkCalendar:
    """The shipped calendar, for pictures drawn before one was set."""
    return WorkCalendar.from_fact(shipped_calendar())
