"""What do the facts say about who owed what to whom by when? A pure fold: no input or output, no clock.

The caller passes entries in the order (admitted, source, epoch, sequence), and a tick for each move of the frontier. At
one instant facts precede timers; timers run by (when they fire, due time, duty). So verdicts depend on that order
alone: not on when entries arrived, how ticks are split, or where a snapshot was restored.
"""

from __future__ import annotations

import heapq

from chassis.instants import Instant, instant
from services.accountability.judge import conclusions, deliveries, duties, first_cause
from services.accountability.judge.evidence import Discard, Entry, Evidence, Tick, is_new
from services.accountability.judge.hearing import hear
from services.accountability.judge.state import COMPANY, Case, State
from services.accountability.judge.steps import Step
from services.accountability.judge.verdicts import Held, Released, Verdict

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)


def judge(state: State, item: Entry | Tick | Discard) -> list[Verdict]:
    """Move the state on by one fact, one move of the frontier, or one fact given up; returns what is new."""
    match item:
        case Entry():
            return _judge_entry(state, item)
        case Tick():
            return _judge_tick(state, item)
        case Discard():
            return _release(state, item.position)


def _judge_entry(state: State, entry: Entry) -> list[Verdict]:
    if entry.position not in state.held and not is_new(state, entry.fact):
        return []
    return hear_new(state, entry)


def hear_new(state: State, entry: Entry) -> list[Verdict]:
    """Move the state on by a fact that it has not heard yet, or could not read."""
    admitted = instant(entry.admitted)
    verdicts = _run_timers(state, admitted)
    state.now = max(state.now, admitted)
    told, step = Evidence.of(entry), Step(verdicts)
    try:
        hear(state, told, step)
    except UNREADABLE as error:
        return [*verdicts, _hold(state, told, f"{type(error).__name__}: {error}")]
    if entry.position in state.held:
        verdicts += _release(state, entry.position, told)
    _settle(state, step, told)
    return verdicts


def _judge_tick(state: State, tick: Tick) -> list[Verdict]:
    """Deadlines before the frontier are decided; one at the frontier still waits for facts of that instant."""
    frontier = instant(tick.frontier)
    state.frontier = max(state.frontier, frontier)
    return _run_timers(state, frontier)


def _run_timers(state: State, before: Instant) -> list[Verdict]:
    timers, verdicts = state.index.timers, list[Verdict]()
    while timers and timers[0][0] < before:
        fires, _, name, number = heapq.heappop(timers)
        step = Step(verdicts)
        if _run_timer(state, step, fires, name, number):
            _settle(state, step, None)
    return verdicts


def _run_timer(state: State, step: Step, fires: Instant, name: str, number: int) -> bool:
    """Whether the timer still had something to say: an outdated one is passed over."""
    watched = deliveries.line_of_timer(state, name, number)
    if watched is not None:
        case, line = watched
        if fires != line.watch and (line.expired or fires != line.fires):
            return False
        line.expired, line.watch = True, None
        deliveries.trouble(case)
        state.now, step.orders[case.order_no] = max(state.now, fires), None
        return True
    duty = state.duties.get(name)
    attempt = next((known for known in duty.attempts if known.number == number), None) if duty else None
    if duty is None or attempt is None or attempt.closed or attempt.expired or attempt.fires != fires:
        return False
    state.now = max(state.now, fires)
    verdict = duties.expire(state, duty, attempt)
    step.say([verdict] if verdict else [])
    return True


def _settle(state: State, step: Step, told: Evidence | None) -> None:
    """Review the orders that a step touched, as far as anything in them ever went wrong."""
    for order_no in step.orders:
        case = state.case(order_no)
        if case.troubled:
            step.verdicts += conclusions.review(state, case, told)
            _look_again(state, case)


def _look_again(state: State, case: Case) -> None:
    for line in case.lines.values():
        at = first_cause.next_look(state, case, line)
        if at is not None and at != line.watch:
            line.watch = at
            deliveries.set_timer(state, case, line, at)


def _hold(state: State, told: Evidence, problem: str) -> Held:
    state.held[told.mark.position] = told.order_no
    return Held(told.order_no, told.mark.position, problem)


def _release(state: State, position: int, told: Evidence | None = None) -> list[Verdict]:
    """The fact was read or given up: what waited for it is reviewed now."""
    order_no = state.held.pop(position, None)
    if order_no is None:
        return []
    step = Step([Released(order_no, position)])
    step.orders.update(dict.fromkeys(sorted(state.cases) if order_no == COMPANY else [order_no]))
    _settle(state, step, told)
    return step.verdicts
