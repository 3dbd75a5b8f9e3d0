"""Which calendar and which rulebook counted at a moment? Both are facts and count from when they are known."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

import orjson

from chassis.calendar import WorkCalendar
from chassis.due_times import in_succession, since
from chassis.instants import Instant, parse
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.state import Activation, Attempt, CalendarFact, Duty, State
from services.accountability.rules.rulebook import LinkRule, Rulebook
from services.accountability.rules.rulebook_loading import read_rules

FIELDS = ("time_zone", "shifts", "weekend", "public_holidays", "make_up_days")


def set_calendar(state: State, told: Evidence) -> None:
    """Take note of a calendar; its fact counts from when it was recorded."""
    fields = {name: told.data[name] for name in FIELDS}
    WorkCalendar.from_fact(fields)
    insort(state.calendars, CalendarFact(told.mark, fields), key=lambda fact: fact.mark.order)
    index_calendars(state)


def activate_rulebook(state: State, told: Evidence) -> None:
    """Take note of a rulebook version. The rules of a version never change: its first text stands."""
    effective = max(parse(told.data["effective_from"]), told.mark.at)
    activation = Activation(told.mark, told.data["version"], effective, told.data["rules"])
    read_rules(activation.rules)
    insort(state.activations, activation, key=lambda fact: (fact.since, fact.mark.order))
    index_rulebooks(state)


def index_calendars(state: State) -> None:
    """Build the calendars from their facts. Days off may be told later; the shifts of days gone by stay what they were."""
    told = [(fact.mark.at, orjson.dumps(fact.fields)) for fact in state.calendars]
    state.index.calendars = [(at, in_succession(tuple(told[: number + 1]))) for number, (at, _) in enumerate(told)]


def index_rulebooks(state: State) -> None:
    """Compile the rulebooks from their facts."""
    state.index.activations = [(fact.since, fact.version) for fact in state.activations]
    texts = {fact.version: fact.rules for fact in sorted(state.activations, key=lambda f: f.mark.order, reverse=True)}
    state.index.rulebooks = {version: read_rules(rules) for version, rules in texts.items()}


def calendar_now(state: State) -> WorkCalendar | None:
    """The latest calendar; it counts overruns and excused time."""
    calendars = state.index.calendars
    return calendars[-1][1] if calendars else None


def calendars_since(state: State, at: Instant) -> Sequence[tuple[Instant, WorkCalendar]]:
    """The calendar in force at an instant (else the earliest), and every later one with the instant it came."""
    return since(state.index.calendars, at)


def version_at(state: State, at: Instant) -> str:
    """The rulebook version in force at an instant, the earliest where none was yet; empty while there is none."""
    activations = state.index.activations
    if not activations:
        return ""
    return activations[max(bisect_right(activations, at, key=lambda known: known[0]) - 1, 0)][1]


def may_breach(state: State, event: str) -> bool:
    """Whether a fact of this kind may be a breach by itself, under any rulebook there was."""
    return any(event in rulebook.stated for rulebook in state.index.rulebooks.values())


def rulebook_at(state: State, at: Instant) -> Rulebook | None:
    """The rulebook in force at an instant."""
    return state.index.rulebooks.get(version_at(state, at))


def rule_of(state: State, duty: Duty, attempt: Attempt) -> tuple[Rulebook, LinkRule] | None:
    """The rulebook in force when this attempt opened, and its rule for the link; None where either is unknown."""
    rulebook = state.index.rulebooks.get(attempt.version)
    link = rulebook.links.get(duty.link) if rulebook else None
    return (rulebook, link) if rulebook and link else None
