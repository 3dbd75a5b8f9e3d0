"""How far back does a fact about the whole company reach, and up to when does anything in a case lie?

A change of the roster says something about instants from its own on, an outage about those from its beginning, a calendar about
those from the first day on which it differs. A case whose every instant lies before is the same with and without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from chassis.instants import Instant, instant, midnight, parse
from services.accountability.judge import excuses
from services.accountability.judge.deliveries import over_at
from services.accountability.judge.in_force import FIELDS, rule_of
from services.accountability.judge.state import COMPANY, Attempt, Case, Duty, Hindrance, Mark, State

ALWAYS: Instant = -1
NEVER: Instant = 1 << 62
DAYS_OFF = ("public_holidays", "make_up_days")


def of_roster(state: State, data: Mapping[str, Any]) -> Instant:
    """From when on somebody may answer, or no longer answer: also by an entry that is now written anew."""
    told = [parse(data[name]) for name in ("effective_from", "effective_until") if data.get(name)]
    known = state.tenures.get(data["assignment_no"])
    before = (known.since, known.ended_effective, known.ended_recorded) if known else ()
    return min((at for at in (*told, *before) if at is not None), default=ALWAYS)


def of_outage(data: Mapping[str, Any]) -> Instant:
    return parse(data["started_at"])


def of_calendar(state: State, data: Mapping[str, Any], recorded_at: Instant) -> Instant:
    """Midnight before the first day on which it differs from the latest one known; another shift changes every day."""
    if not state.calendars or recorded_at < state.calendars[-1].mark.at:
        return ALWAYS
    known = state.calendars[-1].fields
    if any(known[name] != data[name] for name in FIELDS if name not in DAYS_OFF):
        return ALWAYS
    days = [day for name in DAYS_OFF for day in {*known[name]} ^ {*data[name]}]
    return instant(midnight(date.fromisoformat(min(days)))) if days else NEVER


def of_rulebook(state: State, data: Mapping[str, Any], recorded_at: Instant) -> Instant:
    """A version counts for handovers that open from then on; the first one for all."""
    return max(parse(data["effective_from"]), recorded_at) if state.activations else ALWAYS


def end_of(state: State, case: Case) -> Instant:
    """The last instant of a case; NEVER while goods are owed or a clock runs, and for the company, whose facts go on."""
    if case.order_no == COMPANY or (not case.cancelled and any(over_at(line) is None for line in case.lines.values())):
        return NEVER
    ends = [*case.facts.values(), *(line.fires for line in case.lines.values() if line.fires is not None)]
    for name in case.duties:
        end = end_of_duty(state, case, state.duties[name])
        if end == NEVER:
            return NEVER
        ends.append(end)
    return max(ends, default=NEVER)


def ends_from(state: State, case: Case, since: Instant) -> bool:
    """Whether anything in a case lies at or after an instant: mostly its last fact says so."""
    latest = next(reversed(case.facts.values()), ALWAYS)
    return latest >= since or end_of(state, case) >= since


def end_of_duty(state: State, case: Case, duty: Duty) -> Instant:
    """The last instant of a handover, also of one that nobody closes: late or at a standstill, it stays as it is."""
    ends = [known.at for number in duty.exceptions for known in _told_of(state.hindrances[number])]
    for attempt in duty.attempts:
        if attempt.closed is None and not attempt.expired and attempt.fires is not None:
            return NEVER
        ends += [attempt.opened.at, attempt.since, attempt.fires or 0, attempt.closed.at if attempt.closed else 0]
        if attempt.closed is None:
            ends += _off_its_clock(state, case, duty, attempt)
    return max(ends, default=0)


def still_owed_to(state: State, case: Case) -> Iterator[str]:
    """In which services somebody would act on what nobody has closed: their outages are still said of it."""
    for duty in map(state.duties.__getitem__, case.duties):
        for attempt in duty.attempts:
            if attempt.closed is None and (rules := rule_of(state, duty, attempt)):
                yield excuses.acts_in(rules[1], attempt)


def _told_of(hindrance: Hindrance) -> Iterator[Mark]:
    return (mark for mark in (hindrance.raised, hindrance.decided) if mark is not None)


def _off_its_clock(state: State, case: Case, duty: Duty, attempt: Attempt) -> Iterator[Instant]:
    rules = rule_of(state, duty, attempt)
    for gap in excuses.gaps(state, case, duty, attempt, rules[1]) if rules else ():
        yield gap.start if gap.end is None else gap.end
