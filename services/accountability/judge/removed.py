"""Which lines did the customer take off an order, and which handovers are owed no longer from then on?

Each confirmation and amendment states all the lines that are wanted: one that it leaves out is off the order until another
names it again. Source: rulebook, "Cancellation stops running clocks; a completed breach stands".
"""

from __future__ import annotations

from collections.abc import Iterator

from chassis.instants import Instant
from services.accountability.judge.state import Absence, Attempt, Case, Duty, Line, State


def note(case: Case) -> None:
    """Find anew since when which line is off, whatever order the statements came in."""
    stated = sorted({quantity.mark.order for line in case.lines.values() for quantity in line.quantities})
    for line in case.lines.values():
        line.absences = tuple(_absences(line, stated))


def _absences(line: Line, stated: list[tuple[Instant, int]]) -> Iterator[Absence]:
    named = {quantity.mark.order for quantity in line.quantities}
    since: Instant | None = None
    for statement in (known for known in stated if named and known > min(named)):
        if statement not in named:
            since = statement[0] if since is None else since
        elif since is not None:
            yield Absence(since, statement[0])
            since = None
    if since is not None:
        yield Absence(since)


def is_off(line: Line | None, at: Instant) -> bool:
    """Whether a line was off its order at an instant."""
    return line is not None and any(off.start <= at and (off.end is None or at < off.end) for off in line.absences)


def since(line: Line) -> Instant | None:
    """Since when a line is off its order now."""
    return line.absences[-1].start if line.absences and line.absences[-1].end is None else None


def any_in(case: Case) -> bool:
    """Whether a line of an order ever was off it."""
    return any(line.absences for line in case.lines.values())


def owed_until(state: State, case: Case, duty: Duty, attempt: Attempt) -> Instant | None:
    """When an attempt stopped being owed because every line that it was for was off the order by then."""
    if not any_in(case):
        return None
    ends = [_first_off(case.lines.get(line_no), attempt.opened.at) for line_no in _lines_of(state, duty, set())]
    known = [at for at in ends if at is not None]
    return max(known) if known and len(known) == len(ends) else None


def _first_off(line: Line | None, opened: Instant) -> Instant | None:
    absences = line.absences if line else ()
    return next((max(off.start, opened) for off in absences if off.end is None or off.end > opened), None)


def _lines_of(state: State, duty: Duty, seen: set[str]) -> set[int]:
    """The line a handover names, else those of what it waited for: a lot is inspected for the line it was bought for."""
    if duty.line_no is not None:
        return {duty.line_no}
    seen.add(duty.id)
    inputs = {name for attempt in duty.attempts for name in attempt.inputs} - seen
    sources = [source for name in sorted(inputs) if (source := state.duties.get(name)) is not None]
    found = [_lines_of(state, source, seen) for source in sources if source.order_no == duty.order_no]
    return set[int]().union(*found)
