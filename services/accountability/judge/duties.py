"""Which facts open, close, pause and sign for a duty? In whatever order they come."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from chassis.instants import SECOND, Instant, Micros, duration, moment, parse
from services.accountability.judge import dues, removed, roster
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.in_force import calendar_now, rulebook_at, version_at
from services.accountability.judge.state import COMPANY, Attempt, Case, Duty, Mark, State
from services.accountability.judge.terms import read_terms
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict

SKEW: Micros = 60 * SECOND
"""How far the clocks of two services may differ."""

FOREVER: Instant = 1 << 62


def id_of(ref: dict[str, Any]) -> str:
    """A duty's name from its reference on the wire."""
    return f"{ref['link']}:{ref['key']}"


def find(state: State, ref: dict[str, Any], order_no: str) -> Duty:
    """The duty of a reference, noted at its first mention as a stray of the order that mentions it."""
    name = id_of(ref)
    duty = state.duties.get(name)
    if duty is None:
        duty = state.duties[name] = Duty(name, ref["link"], ref["key"], order_no)
        state.case(order_no).strays.append(name)
    elif duty.order_no != order_no:
        _link(state, order_no, duty.order_no)
    return duty


def _link(state: State, order_no: str, other: str) -> None:
    """A fact of one order named a duty of another: neither can be judged without the other."""
    if COMPANY not in (order_no, other) and other not in (linked := state.case(order_no).linked):
        linked.append(other)


def deliver(state: State, told: Evidence) -> Iterator[DutyVerdict]:
    """A handover reached its worklist: an attempt opens, and one that it replaces is over. Told twice it opens once."""
    data = told.data
    terms, number = read_terms(data.get("terms") or {}), _attempt_no(data.get("attempt", 1))
    inputs = tuple(id_of(ref) for ref in data.get("inputs") or ())
    duty = find(state, data["duty"], told.order_no)
    if any(known.number == number for known in duty.attempts):
        return
    opened = told.mark
    attempt = Attempt(
        number,
        opened,
        opened.at,
        told.source,
        data["post"],
        data.get("assignee"),
        inputs,
        tuple(data.get("given_by") or ()),
        terms,
        version_at(state, opened.at),
        given=parse(data["given_at"]) if data.get("given_at") else None,
    )
    _join(state, duty, told.order_no, data.get("line_no"))
    duty.attempts.append(attempt)
    if len(duty.attempts) > 1 or duty.closings or duty.signatures:
        duty.attempts.sort(key=lambda known: known.number)
        match(duty)
    yield from reckon_all(state, duty)
    if removed.any_in(case := state.case(duty.order_no)):
        for other in (state.duties[name] for name in case.duties if name != duty.id):
            yield from reckon_all(state, other)


def close(state: State, duty: Duty, mark: Mark) -> Iterator[DutyVerdict]:
    """A fact closed a duty, and with it the duties that it makes pointless."""
    yield from _close(state, duty, mark)
    rulebook = rulebook_at(state, mark.at)
    for link in rulebook.ends.get(duty.link, ()) if rulebook else ():
        other = find(state, {"link": link, "key": duty.key}, duty.order_no)
        other.made_pointless = (*other.made_pointless, mark.position)
        yield from _close(state, other, mark)


def _close(state: State, duty: Duty, mark: Mark) -> Iterator[DutyVerdict]:
    if len(duty.attempts) == 1 and not duty.closings and mark.at >= _reaches_back(duty.attempts[0]):
        duty.closings, duty.attempts[0].closed = (mark,), mark
    else:
        duty.closings = tuple(sorted((*duty.closings, mark), key=lambda known: known.order))
        match(duty)
    case = state.case(duty.order_no)
    moves = duty.exceptions or removed.any_in(case)
    for attempt in duty.attempts:
        plain = attempt.fires is not None and not (attempt.moved or moves)
        plan = dues.Schedule(attempt.due, attempt.fires) if plain else None
        verdict = _follow(state, case, duty, attempt, plan or dues.schedule(state, case, duty, attempt))
        if verdict is not None:
            yield verdict


def call_off(state: State, told: Evidence) -> None:
    """What this fact closes is owed no longer; whatever overran before stays so."""
    for ref in told.data["closes"]:
        duty = find(state, ref, told.order_no)
        duty.called_off = tuple(sorted({*duty.called_off, told.mark.position}))


def sign(state: State, told: Evidence) -> None:
    """Somebody signed for a handover; it moves no clock."""
    duty = find(state, told.data["duty"], told.order_no)
    duty.signatures = tuple(sorted((*duty.signatures, told.mark.at)))
    match(duty)


def match(duty: Duty) -> None:
    """Give each attempt the first fact that closed it.

    A closing may be recorded before its handover was delivered, because clocks differ and messages take their time: by whatever
    time for the first attempt, by at most SKEW before the fact that brought it for a later one, or where another handover's end
    made it pointless: what had ended before says nothing of what came up afterwards. What a later attempt replaces is over with it.
    """
    used = (0, 0)
    for index, attempt in enumerate(duty.attempts):
        following = duty.attempts[index + 1] if index + 1 < len(duty.attempts) else None
        earliest, latest = _reaches_back(attempt), following.opened.at if following else FOREVER
        closings = (mark for mark in duty.closings if mark.order > used and mark.at < latest)
        own = set() if index else {mark.position for mark in duty.closings}.difference(duty.made_pointless)
        found = (mark for mark in closings if mark.at >= earliest or mark.position in own)
        attempt.closed = next(found, following.opened if following else None)
        used = attempt.closed.order if attempt.closed else used
        attempt.signed = next((at for at in duty.signatures if attempt.opened.at <= at < latest), None)


def _reaches_back(attempt: Attempt) -> Instant:
    """How early an act may have been recorded that ends this attempt."""
    return min(attempt.opened.at, attempt.given or attempt.opened.at) - SKEW


def reckon_all(state: State, duty: Duty) -> Iterator[DutyVerdict]:
    """The verdicts that changed among the attempts of a duty."""
    for attempt in duty.attempts:
        verdict = reckon(state, duty, attempt)
        if verdict is not None:
            yield verdict


def reckon(state: State, duty: Duty, attempt: Attempt) -> DutyVerdict | None:
    """Compute the due time of an attempt anew, set its timer, and say what is new about it."""
    case = state.case(duty.order_no)
    _start(state, duty, attempt)
    return _follow(state, case, duty, attempt, dues.schedule(state, case, duty, attempt))


def _follow(state: State, case: Case, duty: Duty, attempt: Attempt, plan: dues.Schedule) -> DutyVerdict | None:
    state.index.in_time.discard(case.order_no)
    attempt.called_off = attempt.closed is not None and attempt.closed.position in duty.called_off
    attempt.owed_until = removed.owed_until(state, case, duty, attempt)
    if (plan.due, plan.fires) != (attempt.due, attempt.fires):
        attempt.expired = plan.fires is not None and plan.fires < state.now
        attempt.due, attempt.fires = plan.due, plan.fires
        push(state, duty, attempt)
    attempt.paused, attempt.moved, attempt.excused = plan.paused, bool(plan.moved), dues.excused(plan)
    if dues.is_late(attempt):
        case.troubled = True
    return say(state, case, duty, attempt, plan)


def expire(state: State, duty: Duty, attempt: Attempt) -> DutyVerdict | None:
    """The timer of an attempt ran."""
    attempt.expired = True
    case = state.case(duty.order_no)
    case.troubled = case.troubled or not is_cancelled(case, attempt)
    return say(state, case, duty, attempt, dues.schedule(state, case, duty, attempt))


def push(state: State, duty: Duty, attempt: Attempt) -> None:
    """Set the timer of an open attempt; an outdated one is passed over when it comes up."""
    if attempt.fires is not None and attempt.due is not None and attempt.closed is None and not attempt.expired:
        heapq.heappush(state.index.timers, (attempt.fires, attempt.due, duty.id, attempt.number))


def status_of(case: Case, attempt: Attempt) -> DutyStatus:
    """Where an attempt stands. Cancellation or calling off stops a running clock; a completed breach stands."""
    if is_cancelled(case, attempt):
        return DutyStatus.CANCELLED
    if dues.is_late(attempt):
        return DutyStatus.OVERRAN
    if attempt.closed:
        return DutyStatus.IN_TIME
    return DutyStatus.PAUSED if attempt.paused else DutyStatus.OPEN


def is_cancelled(case: Case, attempt: Attempt) -> bool:
    """Whether the order, its line or the matter itself was given up while the clock of this attempt was running in time."""
    if attempt.called_off and not dues.is_late(attempt):
        return True
    end = given_up_at(case, attempt)
    if end is None or (attempt.closed and attempt.closed.at <= end):
        return False
    return attempt.fires is None or end <= attempt.fires


def given_up_at(case: Case, attempt: Attempt) -> Instant | None:
    """When the order, or the line that an attempt was for, was given up."""
    cancelled = case.cancelled.at if case.cancelled else None
    if attempt.later and cancelled is not None and attempt.opened.at > cancelled:
        cancelled = None
    return min((at for at in (cancelled, attempt.owed_until) if at is not None), default=None)


def ended_at(case: Case, attempt: Attempt) -> Instant | None:
    """When an attempt was over: closed, or its order or line given up."""
    ends = (attempt.closed.at if attempt.closed else None, given_up_at(case, attempt))
    return min((at for at in ends if at is not None), default=None)


def say(state: State, case: Case, duty: Duty, attempt: Attempt, plan: dues.Schedule) -> DutyVerdict | None:
    """The verdict on an attempt, where it differs from what was last said."""
    status, closed, ended = status_of(case, attempt), attempt.closed, ended_at(case, attempt)
    late = lateness(state, case, duty, attempt) if status is DutyStatus.OVERRAN else None
    signature = f"{status} {attempt.due} {'' if ended is None else ended} {attempt.excused} {late or ''}"
    if signature == attempt.announced:
        return None
    attempt.announced = signature
    ends, attempt.over = ended is not None and not attempt.over, attempt.over or ended is not None
    overrun = timedelta()
    if late is not None:
        overrun = duration(dues.overrun(state, case, duty, attempt, state.now if ended is None else ended))
    return DutyVerdict(
        duty.id,
        attempt.number,
        duty.order_no,
        duty.line_no,
        status,
        None if attempt.due is None else moment(attempt.due),
        None if closed is None else moment(closed.at),
        overrun,
        plan.moved,
        ends,
    )


class Lateness(NamedTuple):
    """What an overrun that has ended cost in working time (nothing is said while it grows), and who answers for it."""

    overrun: Micros
    person: str | None


def lateness(state: State, case: Case, duty: Duty, attempt: Attempt) -> Lateness:
    """The lateness of an attempt that overran, as everything known now has it."""
    ended = ended_at(case, attempt)
    person = roster.answers_for(state, duty, attempt, attempt.fires or state.now).person
    overrun = 0 if ended is None else dues.overrun(state, case, duty, attempt, ended)
    return Lateness(overrun, person.employee if person else None)


def _join(state: State, duty: Duty, order_no: str, line_no: int | None) -> None:
    """A duty belongs to the case that its handover names."""
    if line_no is not None:
        duty.line_no = line_no
    if not duty.attempts:
        state.case(duty.order_no).strays.remove(duty.id)
        state.case(order_no).duties.append(duty.id)
    if duty.order_no != order_no:
        _link(state, duty.order_no, order_no)
        state.index.in_time.discard(duty.order_no)
    duty.order_no = order_no


def _start(state: State, duty: Duty, attempt: Attempt) -> None:
    """Where the clock starts: at the delivery, at a later moment or once a day has passed, or when a complaint came."""
    if attempt.terms.starts_at is not None:
        attempt.since = max(attempt.opened.at, attempt.terms.starts_at)
    promised, calendar = attempt.terms.promised_on, calendar_now(state)
    if promised is not None and calendar is not None:
        attempt.since = max(attempt.opened.at, calendar.last_shift_from(date.fromisoformat(promised)))
    attempt.later = duty.link == "complaint_to_pmc"
    complaint = state.complaints.get(duty.key) if attempt.later else None
    if complaint and complaint.received_at is not None:
        attempt.since = min(attempt.opened.at, complaint.received_at)


def _attempt_no(number: Any) -> int:
    if not isinstance(number, int) or number < 1:
        raise ValueError(f"attempt {number!r} is not a number from 1")
    return number
