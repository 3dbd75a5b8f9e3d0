"""When was a production order to be finished, as far as the time counts?

The planner's due time moves on like the clock of a handover: by a stop-work of the line, the time in which the line was off the
order, outages of the service in which the last operation is reported, the time in which the workshop could not know that work
went on, and accepted exceptions of the operations. Source:
rulebook, "How blame is found", 3. The customer's date does not move: that a plan could not keep it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from chassis.instants import Instant, Micros
from services.accountability.judge import dues, excuses
from services.accountability.judge.awaited import Start
from services.accountability.judge.in_force import calendar_now, rule_of
from services.accountability.judge.state import Case, Duty, Production, State

OF_THE_WORKSHOP = frozenset({"dispatch", "operation"})
"""The handovers of a production order whose keys begin with its number."""

Hindered = dict[str, list[Duty]]


def hindered(state: State, case: Case) -> Hindered:
    """The workshop's handovers of which an exception or a late word speaks, by production order."""
    found: Hindered = {}
    for duty in (state.duties[name] for name in case.duties):
        if (duty.exceptions or duty.late_words) and duty.link in OF_THE_WORKSHOP:
            found.setdefault(duty.key.rpartition("/")[0], []).append(duty)
    return found


def due_of(
    state: State, case: Case, production: Production, last: Start, troubled: Sequence[Duty] = ()
) -> Instant | None:
    """By when its last operation was owed; None where nothing says so, or something without an end stops it.

    What was planned while work stood still already counts from then: the planner knew of it.
    """
    due, planned, calendar, rules = production.due_at, production.planned, calendar_now(state), rule_of(state, *last)
    if due is None or planned is None or calendar is None or rules is None:
        return due
    done, since = production.finished, planned.at
    known = excuses.stopping(state, case, production.line_no, last[1], rules[1], since, troubled)
    stopped = [gap for gap in known if done is None or gap.start < done.at]
    length, added = calendar.between(since, due), _extensions(state, case, troubled)
    moved = excuses.walk(calendar, since, length + added, stopped)
    return due if moved == calendar.add(since, length) else moved


def _extensions(state: State, case: Case, exceptions: Iterable[Duty]) -> Micros:
    """What accepted exceptions gave the operations, each once: what hinders two at one time delays the work once."""
    given = {
        excuse.document: excuse.working
        for duty in exceptions
        for attempt in duty.attempts
        for excuse in dues.schedule(state, case, duty, attempt).moved
        if excuse.reason == "exception"
    }
    return sum(given.values(), timedelta()) // timedelta(microseconds=1)
