"""Which lines did the customer take off an order, and which handovers are owed no longer from then on?

Each confirmation and amendment states all the lines that are wanted: one that it leaves out is off the order until another
names it again. Source: rulebook, "Cancellation stops running clocks; a completed breach stands". What is wanted again goes on
where it stood, unless somebody was given it anew: a slip of Sales costs nobody time, and spares nobody the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from chassis.instants import Instant
from services.accountability.judge.absence import Absence
from services.accountability.judge.amended import PACKAGE, brought_by
from services.accountability.judge.in_force import rule_of
from services.accountability.judge.state import Attempt, Case, Duty, Line, Quantity, State

GOODS = frozenset({"iqc", "receipt", "final_inspection", "finished_receipt", "concession"})
"""Goods of a line that is off are inspected, decided on and booked all the same."""


def note(case: Case) -> None:
    """Find anew since when which line is off, whatever order the statements came in."""
    stated = {quantity.mark.order: quantity for line in case.lines.values() for quantity in line.quantities}
    in_order = [stated[order] for order in sorted(stated)]
    for line in case.lines.values():
        line.absences = tuple(_absences(line, in_order))


def _absences(line: Line, stated: list[Quantity]) -> Iterator[Absence]:
    named = {quantity.mark.order for quantity in line.quantities}
    off: Absence | None = None
    for statement in (known for known in stated if named and known.mark.order > min(named)):
        mark = statement.mark
        if mark.order not in named:
            off = off or Absence(mark.at, position=mark.position, hash=mark.hash)
        elif off is not None:
            yield replace(off, end=mark.at, back=statement.stated_by)
            off = None
    if off is not None:
        yield off


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
    known = while_owed(state, case, duty, attempt)
    ends = (max(off.start, attempt.opened.at) for off in known if _ended(state, case, duty, attempt, off))
    return next(ends, None)


def standing_still(state: State, case: Case, duty: Duty, attempt: Attempt) -> Iterator[Absence]:
    """The absences of its lines that an attempt outlived: they are wanted again, and it is still what is owed for them."""
    known = while_owed(state, case, duty, attempt)
    return (off for off in known if not _ended(state, case, duty, attempt, off))


def while_owed(state: State, case: Case, duty: Duty, attempt: Attempt) -> Iterator[Absence]:
    """The times in which every line of an attempt was off the order, up to the one with which it ended."""
    if not any_in(case):
        return
    for off in _all_off(case, _lines_of(state, duty, set())):
        if off.back not in attempt.given_by and (off.end is None or off.end > attempt.opened.at):
            yield off
            if _ended(state, case, duty, attempt, off):
                return


def _all_off(case: Case, line_nos: Collection[int]) -> list[Absence]:
    """When all of these lines were off the order at once."""
    known = [case.lines[line_no].absences if line_no in case.lines else () for line_no in sorted(line_nos)]
    together = list(known[0]) if known else []
    for absences in known[1:]:
        both = (_both(one, other) for one in together for other in absences)
        together = [off for off in both if off.end is None or off.start < off.end]
    return together


def _both(one: Absence, other: Absence) -> Absence:
    """From when the later one is off to when the first one is wanted again."""
    last = max(one, other, key=lambda off: off.start)
    first = min(one, other, key=lambda off: (off.end is None, off.end or 0))
    return replace(last, end=first.end, back=first.back)


def _ended(state: State, case: Case, duty: Duty, attempt: Attempt, off: Absence) -> bool:
    """Whether an attempt ended with an absence: it lasts, another attempt took its place, or its department began anew."""
    return off.end is None or _replaced(duty, attempt, off) or _begun_anew(state, case, duty, attempt, off)


def _replaced(duty: Duty, attempt: Attempt, off: Absence) -> bool:
    """Nobody closed it, and the same handover was delivered once more after that."""
    later = next((known for known in duty.attempts if known.number > attempt.number), None)
    return later is not None and attempt.closed == later.opened and later.opened.at >= off.start


def _begun_anew(state: State, case: Case, duty: Duty, attempt: Attempt, off: Absence) -> bool:
    """Who gives up what was made for a lost line opens its handovers again by the statement that brings the line back.

    Plans are opened again by a later one where that was heard first, and by another product's package where that is wanted now.
    What others were to do by the old plans, buy or issue, ends with them.
    """
    lines, made_from = _lines_of(state, duty, set()), _made_from(state, duty, set())
    return any(
        (off.back in known.given_by and known.service == attempt.service)
        or (
            _planned_again(state, case, other, known, off)
            and (known.service == attempt.service or other.id in made_from)
        )
        for other in map(state.duties.__getitem__, case.duties)
        if other.line_no in lines
        for known in other.attempts
    )


def _planned_again(state: State, case: Case, plan: Duty, known: Attempt, off: Absence) -> bool:
    """Whether a list or an order that is made from the package was handed over before the line was off, and anew after that.

    Where the line comes back with another product it will be.
    """
    rules, line = rule_of(state, plan, known), case.lines.get(plan.line_no or 0)
    if rules is None or PACKAGE not in rules[1].inputs or plan.attempts[0].opened.at >= off.start:
        return False
    return known.opened.at >= off.start or (line is not None and brought_by(line, off.back))


def _made_from(state: State, duty: Duty, seen: set[str]) -> set[str]:
    """What led to a handover, back to goods that are in the house: those are dealt with whatever becomes of the plans."""
    if duty.link not in GOODS:
        inputs = {name for attempt in duty.attempts for name in attempt.inputs} - seen
        seen |= inputs
        for name in sorted(inputs & state.duties.keys()):
            _made_from(state, state.duties[name], seen)
    return seen


def _lines_of(state: State, duty: Duty, seen: set[str]) -> set[int]:
    """The line a handover names, else those of what it waited for: a lot is inspected for the line it was bought for."""
    if duty.line_no is not None:
        return {duty.line_no}
    seen.add(duty.id)
    inputs = {name for attempt in duty.attempts for name in attempt.inputs} - seen
    sources = [source for name in sorted(inputs) if (source := state.duties.get(name)) is not None]
    found = [_lines_of(state, source, seen) for source in sources if source.order_no == duty.order_no]
    return set[int]().union(*found)
