"""For whose decision did the clock of a handover stand still?

Waiting for somebody's approval pauses the maker's clock and runs the approver's. So the approval stands on a path beside the
handover that waited for it: what excuses the one is the other's time. Source: rulebook, "Clocks" and "How blame is found", 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from services.accountability.judge.state import Attempt, Case, Duty, State

Start = tuple[Duty, Attempt]


class Awaited:
    """The approvals of one order, looked through once, and only where a clock ever stood still for somebody."""

    def __init__(self, state: State, case: Case) -> None:
        self._state, self._case = state, case

    def by(self, duty: Duty, attempt: Attempt) -> list[Start]:
        """For which approvals the clock of this attempt stood still, in the order in which they were asked for."""
        if not duty.pauses:
            return []
        found = {
            (approval[0].id, approval[1].number): approval
            for approval in self._of(duty, attempt)
            if approval[0] is not duty and _overlap(attempt, approval[1])
        }
        return sorted(found.values(), key=lambda step: (step[1].opened.order, step[0].id, step[1].number))

    def _of(self, duty: Duty, attempt: Attempt) -> Iterator[Start]:
        """Those that name it, and those by whose decision its clock ran on (they named the purchase order alone once)."""
        named = [step for step in self._naming.get(duty.id, ()) if step[1].service == attempt.service]
        yield from named
        resumed = {pause.mark.position for pause in duty.pauses if pause.step < 0}
        for position in resumed - {step[1].closed.position for step in named if step[1].closed}:
            yield from (step for step in self._closed_by.get(position, ()) if not _rested(step[0], position))

    @cached_property
    def _naming(self) -> dict[str, list[Start]]:
        paused = {name for name in self._case.duties if self._state.duties[name].pauses}
        found: dict[str, list[Start]] = {}
        for step in self._steps():
            for name in () if paused.isdisjoint(step[1].inputs) else paused.intersection(step[1].inputs):
                found.setdefault(name, []).append(step)
        return found

    @cached_property
    def _closed_by(self) -> dict[int, list[Start]]:
        found: dict[int, list[Start]] = {}
        for step in self._steps():
            if step[1].closed:
                found.setdefault(step[1].closed.position, []).append(step)
        return found

    def _steps(self) -> Iterator[Start]:
        return (
            (duty, known)
            for name in self._case.duties
            for duty in [self._state.duties[name]]
            for known in duty.attempts
        )


def _overlap(attempt: Attempt, approval: Attempt) -> bool:
    """Whether an attempt and an approval were owed at one time."""
    return _before_its_end(attempt, approval) and _before_its_end(approval, attempt)


def _before_its_end(one: Attempt, other: Attempt) -> bool:
    return other.closed is None or one.opened.order < other.closed.order


def _rested(duty: Duty, position: int) -> bool:
    """Whether a fact let this clock run on as well: then it waited itself, like the order that settles what was asked beside."""
    return any(pause.mark.position == position for pause in duty.pauses)
