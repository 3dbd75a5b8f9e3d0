"""What came of a handover, as the figures count it? Pure: read from the judge's memory, so it can always be read again.

Whatever changes a row here changes a verdict too, so that the rows of what was said anew are all that have to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chassis.instants import FACTORY, Instant, duration, moment
from services.accountability.judge import duties, first_cause
from services.accountability.judge.first_cause import Missed
from services.accountability.judge.in_force import calendar_now, rule_of
from services.accountability.judge.state import COMPANY, Attempt, Case, Duty, State
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict, FirstCause, Infeasible, NotMissed, Verdict

EXCUSED = "excused"
"""It ended in time only because some time did not count."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt at a handover; the fields are those of `HandoverOutcome`."""

    duty: str
    attempt: int
    order_no: str
    line_no: int | None
    department: str
    link: str
    post: str
    assignee: str | None
    person: str | None
    outcome: str
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    month: date | None
    overrun: timedelta
    excused: timedelta


@dataclass(frozen=True, slots=True)
class Lost:
    """A date that was missed; the fields are those of `LostDate`."""

    order_no: str
    of: str
    number: str
    due_at: datetime
    done_at: datetime | None
    month: date
    infeasible: bool
    duty: str | None
    attempt: int | None
    link: str | None
    department: str | None
    clause: str | None
    overrun: timedelta | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What has to be written anew: outcomes, and all missed dates of some orders."""

    outcomes: tuple[Outcome, ...]
    orders: tuple[str, ...]
    lost: tuple[Lost, ...]


def changed(state: State, verdicts: Iterable[Verdict]) -> Changed:
    """What the judge's latest words changed, as it stands after all of them."""
    handovers: dict[tuple[str, int], None] = {}
    orders: dict[str, None] = {}
    for verdict in verdicts:
        match verdict:
            case DutyVerdict():
                handovers[verdict.duty, verdict.attempt] = None
            case FirstCause() | Infeasible() | NotMissed():
                orders[verdict.order_no] = None
            case _:
                continue
    outcomes = tuple(outcome_named(state, *name) for name in handovers)
    return Changed(outcomes, tuple(orders), tuple(lost for no in orders for lost in lost_dates(state, state.cases[no])))


def everything(state: State) -> Changed:
    """What the judge's whole memory says."""
    outcomes = tuple(outcome_of(state, duty, attempt) for duty in state.duties.values() for attempt in duty.attempts)
    cases = [case for case in state.cases.values() if case.troubled and case.order_no != COMPANY]
    lost = tuple(lost for case in cases for lost in lost_dates(state, case))
    return Changed(outcomes, tuple(case.order_no for case in cases), lost)


def outcome_named(state: State, name: str, number: int) -> Outcome:
    duty = state.duties[name]
    return outcome_of(state, duty, next(attempt for attempt in duty.attempts if attempt.number == number))


def outcome_of(state: State, duty: Duty, attempt: Attempt) -> Outcome:
    """One attempt as it stands now."""
    case = state.case(duty.order_no)
    status, ended = duties.status_of(case, attempt), duties.ended_at(case, attempt)
    late = duties.lateness(state, case, duty, attempt) if status is DutyStatus.OVERRAN else None
    at = attempt.due if attempt.due is not None else ended
    return Outcome(
        duty=duty.id,
        attempt=attempt.number,
        order_no=duty.order_no,
        line_no=duty.line_no,
        department=attempt.service,
        link=duty.link,
        post=attempt.post,
        assignee=attempt.assignee,
        person=late.person if late else None,
        outcome=EXCUSED if status is DutyStatus.IN_TIME and is_excused(state, attempt) else status,
        opened_at=moment(attempt.opened.at),
        due_at=_moment(attempt.due),
        ended_at=_moment(ended),
        month=None if at is None else month_of(moment(at)),
        overrun=duration(late.overrun if late else 0),
        excused=duration(attempt.excused),
    )


def is_excused(state: State, attempt: Attempt) -> bool:
    """Whether an attempt that ended in time would have been late, had all time counted."""
    calendar = calendar_now(state)
    if calendar is None or attempt.due is None or attempt.closed is None:
        return False
    left = calendar.between(attempt.closed.at, max(attempt.due, attempt.closed.at))
    return left < attempt.excused


def lost_dates(state: State, case: Case) -> Iterator[Lost]:
    """Every missed date of an order of which there is something to say."""
    for date_ in first_cause.missed_dates(state, case):
        if date_.of == "delivery" or date_.cause:
            yield lost(state, case, date_)


def lost(state: State, case: Case, missed: Missed) -> Lost:
    cause = missed.cause
    rules = rule_of(state, cause.duty, cause.attempt) if cause else None
    return Lost(
        order_no=case.order_no,
        of=missed.of,
        number=missed.number,
        due_at=moment(missed.due),
        done_at=moment(missed.done.at) if missed.done else None,
        month=month_of(moment(missed.due)),
        infeasible=missed.infeasible,
        duty=cause.duty.id if cause else None,
        attempt=cause.attempt.number if cause else None,
        link=cause.duty.link if cause else None,
        department=cause.attempt.service if cause else None,
        clause=rules[1].clause if rules else None,
        overrun=duration(cause.overrun) if cause and missed.done else None,
    )


def month_of(at: datetime) -> date:
    """The first day of a moment's month on the factory's clock."""
    return at.astimezone(FACTORY).date().replace(day=1)


def _moment(at: Instant | None) -> datetime | None:
    return None if at is None else moment(at)
