"""How much of a time did somebody have to act in, as far as it counts against them? For duties that are no handover.

Like a handover's clock it stands still while the service in which the act is recorded is down, while a stop-work or a block
is in force, and while the line is off its order. Source: rulebook, "How blame is found", 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from chassis.instants import Instant, Micros
from contracts.sales import ShipmentChecked
from services.accountability.judge.in_force import calendar_now
from services.accountability.judge.state import Case, Line, State

CHECKED_IN = ShipmentChecked.name.partition(".")[0]
Stretch = tuple[Instant, Instant]


def time_to_look(state: State, case: Case, line: Line, finished: Instant) -> Micros:
    """The working time in which finished goods could be looked after before they were to leave (MER-03).

    None at all where they might not leave when they were to: looking after them could not make them.
    """
    calendar, end = calendar_now(state), line.ship_by
    if calendar is None or end is None or not finished or finished >= end:
        return 0
    held = list(_held(case, line, end))
    if any(start <= end < until for start, until in held):
        return 0
    left, covered = calendar.between(finished, end), finished
    for start, until in sorted([*held, *_down(state)]):
        if until > covered and start < end:
            left -= calendar.between(max(start, covered), min(until, end))
            covered = until
    return left


def _held(case: Case, line: Line, end: Instant) -> Iterator[Stretch]:
    """When the line might not go on; what lasts still, lasts beyond the end."""
    for stop in case.stops.values():
        if stop.start and stop.line_no in (None, line.line_no):
            yield stop.start.at, max(stop.end.at, stop.start.at) if stop.end else end + 1
    for off in line.absences:
        yield off.start, end + 1 if off.end is None else off.end


def _down(state: State) -> Iterator[Stretch]:
    return ((outage.start, outage.end) for outage in state.outages.get(CHECKED_IN, ()))
