"""How did an order run through the house? Every handover: its times, its cost, who answers, what we wait for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.instants import Instant, Micros, duration, instant, moment
from chassis.language import Label
from services.accountability.judge import (
    conclusions,
    deliveries,
    dues,
    duties,
    first_cause,
    given,
    removed,
    roster,
    snapshot,
)
from services.accountability.judge.evidence import Entry, Evidence
from services.accountability.judge.hearing import hear
from services.accountability.judge.in_force import rule_of
from services.accountability.judge.state import COMPANY, Attempt, Case, Duty, Mark, State
from services.accountability.judge.steps import Step
from services.accountability.judge.verdicts import DutyStatus, Excuse, FirstCause, Infeasible, Person


@dataclass(frozen=True, slots=True)
class Handover:
    """One attempt at a handover. `person` answers for it (None: nobody can be named, `doubt` says why).

    It `ended` when it was closed, or when what it was for was given up, whichever came first.
    `waiting` means that its due time has passed, or it ended, beyond the frontier: what is shown may still change.
    Its clock started `since`; the latest of the rulebook's `terms` is its due time, `standard` and `lead_time_days` are what its
    document says to them. `ended_at`: done, or given up.
    `contribution` is what it cost on the path to a missed date, `first_cause` that it cost most. `evidence` are the ledger
    positions of what opened, closed and paused it.
    """

    duty: str
    link: str
    key: str
    attempt: int
    line_no: int | None
    post: str
    assignee: str | None
    person: Person | None
    doubt: Label
    inputs: tuple[str, ...]
    given_at: datetime | None
    delivered_at: datetime
    signed_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    ended_at: datetime | None
    status: DutyStatus
    overrun: timedelta
    excuses: tuple[Excuse, ...]
    contribution: timedelta | None
    first_cause: bool
    waiting: bool
    clause: str | None
    evidence: tuple[int, ...]
    since: datetime
    terms: tuple[str, ...]
    standard: timedelta | None
    lead_time_days: int | None


@dataclass(frozen=True, slots=True)
class LineStanding:
    """By when a line must leave, and whether it has, or since when it is off the order."""

    line_no: int
    ship_by: datetime | None
    shipped_at: datetime | None
    missed: bool
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """An order as far as it is known; `unreadable` are ledger positions on which its verdicts wait."""

    order_no: str
    frontier: datetime
    cancelled_at: datetime | None
    lines: tuple[LineStanding, ...]
    handovers: tuple[Handover, ...]
    missed: tuple[FirstCause | Infeasible, ...]
    unreadable: tuple[int, ...]


def timeline(
    state: State, order_no: str, *, now: datetime, ahead: Iterable[Entry] = (), papers: Iterable[bytes] = ()
) -> Timeline | None:
    """The timeline of an order at a moment, with facts `ahead` of the frontier shown at once; None: unknown order.

    `papers` are the order's case, and those it waited for, where it is settled and no longer in the state.
    """
    ahead, papers = tuple(ahead), tuple(papers)
    if ahead:
        state = _looking_ahead(state, order_no, ahead, papers)
    elif papers:
        state = snapshot.beside(state, papers)
    case = state.cases.get(order_no)
    if case is None or order_no == COMPANY:
        return None
    missed = list(first_cause.missed_dates(state, case))
    costs = {(step.duty.id, step.attempt.number): step.overrun for date in missed for step in date.path}
    causes = {(date.cause.duty.id, date.cause.attempt.number) for date in missed if date.cause}
    known = [state.duties[name] for name in case.duties]
    handovers = [
        handover(state, case, duty, attempt, instant(now), cost=costs.get(place), first_cause=place in causes)
        for duty in known
        for attempt in duty.attempts
        for place in [(duty.id, attempt.number)]
    ]
    return Timeline(
        order_no=order_no,
        frontier=moment(state.frontier),
        cancelled_at=moment(case.cancelled.at) if case.cancelled else None,
        lines=tuple(_lines(case)),
        handovers=tuple(sorted(handovers, key=lambda one: (one.delivered_at, one.duty))),
        missed=tuple(conclusions.missed_verdict(case, date) for date in missed),
        unreadable=tuple(position for position, held in state.held.items() if held in (order_no, COMPANY)),
    )


def open_duties(state: State, *, now: datetime) -> list[Handover]:
    """Every handover of the company that is owed now, the most urgent first."""
    owed = [
        handover(state, case, duty, attempt, instant(now))
        for case in state.cases.values()
        for duty in (state.duties[name] for name in case.duties)
        for attempt in duty.attempts
        if attempt.closed is None and not duties.is_cancelled(case, attempt)
    ]
    return sorted(owed, key=lambda one: (one.due_at is None, one.due_at or now, one.duty))


def handover(
    state: State,
    case: Case,
    duty: Duty,
    attempt: Attempt,
    now: Instant,
    *,
    cost: Micros | None = None,
    first_cause: bool = False,
) -> Handover:
    """One attempt as it stands at a moment."""
    status, ended = duties.status_of(case, attempt), duties.ended_at(case, attempt)
    over = dues.overrun(state, case, duty, attempt, ended or now) if status is DutyStatus.OVERRAN else 0
    at = attempt.fires if status is DutyStatus.OVERRAN and attempt.fires else (ended or now)
    answerable = roster.answers_for(state, duty, attempt, at)
    rules = rule_of(state, duty, attempt)
    return Handover(
        duty=duty.id,
        link=duty.link,
        key=duty.key,
        attempt=attempt.number,
        line_no=duty.line_no,
        post=attempt.post,
        assignee=attempt.assignee,
        person=answerable.person,
        doubt=answerable.doubt,
        inputs=attempt.inputs,
        given_at=_moment(given.given_at(state, duty, attempt)),
        delivered_at=moment(attempt.opened.at),
        signed_at=_moment(attempt.signed),
        due_at=_moment(attempt.due),
        closed_at=moment(attempt.closed.at) if attempt.closed else None,
        ended_at=_moment(ended),
        status=status,
        overrun=duration(over),
        excuses=dues.schedule(state, case, duty, attempt).moved,
        contribution=None if cost is None else duration(cost),
        first_cause=first_cause,
        waiting=_waits(state, attempt, now),
        clause=rules[1].clause if rules else None,
        evidence=tuple(sorted({mark.position for mark in _marks(duty, attempt)})),
        since=moment(attempt.since),
        terms=tuple(map(str, rules[1].terms)) if rules else (),
        standard=None if attempt.terms.standard is None else duration(attempt.terms.standard),
        lead_time_days=attempt.terms.lead_time_days,
    )


def _marks(duty: Duty, attempt: Attempt) -> Iterable[Mark]:
    yield attempt.opened
    yield from duty.closings
    yield from (pause.mark for pause in duty.pauses)


def _waits(state: State, attempt: Attempt, now: Instant) -> bool:
    """Whether a deadline has passed, or an end been stated, beyond what the evidence is complete for."""
    if attempt.closed is not None:
        return attempt.closed.at >= state.frontier
    return (
        attempt.due is not None and attempt.fires is not None and attempt.due < now and attempt.fires >= state.frontier
    )


def _lines(case: Case) -> Iterable[LineStanding]:
    for line in sorted(case.lines.values(), key=lambda line: line.line_no):
        left = deliveries.left_at(line)
        missed = deliveries.missed(line, case.cancelled)
        shipped_at, off = moment(left.mark.at) if left else None, removed.since(line)
        yield LineStanding(line.line_no, _moment(line.ship_by), shipped_at, missed, _moment(off))


def _looking_ahead(state: State, order_no: str, ahead: tuple[Entry, ...], papers: tuple[bytes, ...]) -> State:
    """A copy of what concerns one order, with later facts heard and no deadline decided on them."""
    copy = snapshot.excerpt(state, order_no, papers)
    for entry in ahead:
        told = Evidence.of(entry)
        if told.order_no == order_no:
            hear(copy, told, Step())
    return copy


def _moment(at: Instant | None) -> datetime | None:
    return None if at is None else moment(at)
