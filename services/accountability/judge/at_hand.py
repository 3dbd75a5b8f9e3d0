"""What can be computed from the rest of the judge's state, kept at hand?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chassis.calendar import WorkCalendar
from chassis.instants import Instant, Micros
from services.accountability.rules.rulebook import Rulebook

if TYPE_CHECKING:
    from services.accountability.judge.state import Tenure

Timer = tuple[Instant, Instant, str, int]
"""(when it fires, the due time it watches, what it watches, which attempt)."""


@dataclass(slots=True)
class Index:
    """Never part of a snapshot. `entries` are the roster's of a post, the latest last; `last_start` when it last changed hands.

    `naming`: the orders whose facts name a number; `shared`: those that share one with a fact of no order.
    `answers`: what the company's facts show and up to when that lies, by their positions; `asked`: which of them rest on
    facts of a noun; `in_time`: the orders of which every handover is known to have ended in time.
    """

    timers: list[Timer] = field(default_factory=list)
    calendars: list[tuple[Instant, WorkCalendar]] = field(default_factory=list)
    activations: list[tuple[Instant, str]] = field(default_factory=list)
    rulebooks: dict[str, Rulebook] = field(default_factory=dict)
    last_start: dict[str, Instant] = field(default_factory=dict)
    entries: dict[str, list[Tenure]] = field(default_factory=dict)
    longest_outage: Micros = 0
    naming: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    answers: dict[int, tuple[Instant, tuple[Any, ...]]] = field(default_factory=dict)
    asked: dict[str, set[int]] = field(default_factory=dict)
    in_time: set[str] = field(default_factory=set)

    def of_no_case(self) -> Index:
        """What it knows of the company, and of no case."""
        return replace(self, timers=[], naming={}, shared=set(), answers={}, asked={}, in_time=set())
