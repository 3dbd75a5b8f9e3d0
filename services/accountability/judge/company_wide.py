"""What does a fact about the whole company change: an outage, the roster, the calendar, the rulebook?

It reaches cases of every age, so whatever it looks at, it looks at in the order of their numbers: what came to the memory first
decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from chassis.instants import Instant
from services.accountability.judge import deliveries, duties, excuses, in_force, reach, roster, shared
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.state import Attempt, Case, Duty, State
from services.accountability.judge.steps import Step


def unavailable(state: State, told: Evidence, step: Step) -> None:
    since = reach.of_outage(told.data)
    excuses.note_outage(state, told)
    for duty, attempt in _unsettled(state):
        _reckon(state, duty, attempt, step)
    _review_troubled(state, step, since)


def assigned(state: State, told: Evidence, step: Step) -> None:
    since = reach.of_roster(state, told.data)
    _roster_changed(state, roster.assign(state, told), since, step)


def ended(state: State, told: Evidence, step: Step) -> None:
    since = reach.of_roster(state, told.data)
    _roster_changed(state, roster.end(state, told), since, step)


def calendar_set(state: State, told: Evidence, step: Step) -> None:
    in_force.set_calendar(state, told)
    _reckon_everything(state, step)


def rulebook_activated(state: State, told: Evidence, step: Step) -> None:
    in_force.activate_rulebook(state, told)
    for duty in state.duties.values():
        for attempt in duty.attempts:
            attempt.version = in_force.version_at(state, attempt.opened.at)
    for case in state.cases.values():
        case.troubled = case.troubled or any(
            in_force.may_breach(state, e.type) for kept in case.exhibits.values() for e in kept
        )
    _reckon_everything(state, step)


def _reckon_everything(state: State, step: Step) -> None:
    """Calendar and rulebook reach every due time there is."""
    for case in _in_order(state):
        deliveries.reckon_lines(state, case)
        for name in case.duties:
            step.say(duties.reckon_all(state, state.duties[name]))
    _review_troubled(state, step, reach.ALWAYS)


def _roster_changed(state: State, post: str, since: Instant, step: Step) -> None:
    for duty, attempt in _unsettled(state):
        if attempt.post == post:
            _reckon(state, duty, attempt, step)
    _review_troubled(state, step, since)


def _reckon(state: State, duty: Duty, attempt: Attempt, step: Step) -> None:
    verdict = duties.reckon(state, duty, attempt)
    if verdict is not None:
        step.say([verdict])


def _unsettled(state: State) -> Iterator[tuple[Duty, Attempt]]:
    """Attempts that are open or were late: what has ended in time stays so, and an order without others is passed over."""
    in_time = state.index.in_time
    for case in _in_order(state):
        if case.order_no in in_time:
            continue
        owed = [state.duties[name] for name in case.duties]
        found = [(duty, attempt) for duty in owed for attempt in duty.attempts if _is_unsettled(attempt)]
        if not found and all(duty.order_no == case.order_no for duty in owed):
            in_time.add(case.order_no)
        yield from found


def _is_unsettled(attempt: Attempt) -> bool:
    closed, fires = attempt.closed, attempt.fires
    return closed is None or fires is None or closed.at > fires


def _in_order(state: State) -> Iterator[Case]:
    """All cases, whatever came to the memory first."""
    return (state.cases[order_no] for order_no in sorted(state.cases))


def _review_troubled(state: State, step: Step, since: Instant) -> None:
    """Look again at what went wrong, as far as anything in it lies at or after an instant."""
    shared.forget_answers(state, since)
    for case in _in_order(state):
        if case.troubled and reach.ends_from(state, case, since):
            step.orders[case.order_no] = None
