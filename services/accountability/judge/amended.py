"""What did an amendment bring anew: which lines came with it, and which want another product from then on?

Source: rulebook, "amended order" excuses. The customer's word is the last thing that such work waited for: nothing that came
before it cost it any time. What was owed of the product before stands still from then on, until it is handed over anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chassis.instants import Instant
from services.accountability.judge.state import Attempt, Case, Duty, Line, Quantity

PACKAGE = "package"


def came_last(case: Case, duty: Duty, attempt: Attempt, others: Instant) -> bool:
    """Whether an amendment brought the line of an attempt, or its product, after everything else it waited for."""
    line = case.lines.get(duty.line_no or 0)
    return line is not None and any(
        others < statement.mark.at and _known_to(attempt, statement) for statement in _anew(line)
    )


def set_aside(
    case: Case, duty: Duty, attempt: Attempt, inputs: tuple[str, ...]
) -> tuple[Quantity, Instant | None] | None:
    """The statement that wants another product than an attempt is for, and when it was handed over anew (None: not yet).

    Where that was called off, because this one is in use again, its end is what counts.

    Of a product are its package and what is planned from that: what was issued before is for its maker to weigh.
    """
    line = case.lines.get(duty.line_no or 0) if duty.link == PACKAGE or PACKAGE in inputs else None
    if line is None or len(line.quantities) == 1:
        return None
    anew = next((known for known in duty.attempts if known.number > attempt.number), None)
    for statement in _changes(line):
        if not _known_to(attempt, statement) and (anew is None or _known_to(anew, statement)):
            return statement, _from_when(anew)
    return None


def _from_when(anew: Attempt | None) -> Instant | None:
    mark = anew and (anew.closed if anew.called_off else anew.opened)
    return mark.at if mark else None


def replaced_at(line: Line) -> Instant | None:
    """When the customer came to want another product than the one that had missed the line's date; None where they never did."""
    after = (
        statement.mark.at for statement in _changes(line) if line.fires is not None and line.fires < statement.mark.at
    )
    return next(after, None)


def brought_by(line: Line, statement: str) -> bool:
    """Whether the statement with this id wants another product of a line than the one before it."""
    return any(change.stated_by == statement for change in _changes(line))


def _known_to(attempt: Attempt, statement: Quantity) -> bool:
    """Whether an attempt came after a statement; the one that it brought did, whatever the clocks of two services say."""
    return statement.mark.at <= attempt.opened.at or statement.stated_by in attempt.given_by


def _anew(line: Line) -> Iterator[Quantity]:
    amendments = {change.mark.position for change in line.dates if change.why == "amended"}
    yield from (statement for statement in line.quantities[:1] if statement.mark.position in amendments)
    yield from _changes(line)


def _changes(line: Line) -> Iterator[Quantity]:
    """The statements that want another product than the one before them."""
    for before, statement in pairwise(line.quantities):
        if before.product and statement.product and before.product != statement.product:
            yield statement
