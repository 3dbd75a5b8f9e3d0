"""Which cases may leave the judge's memory, and which of them does a fact bring back before it is judged?

A case is settled when no goods are owed, no timer runs, and its last instant is a week past; a handover that nobody ever
closes may be late or at a standstill for good. What could still concern it is known beforehand: a fact of the order, one that
names a handover, a number or an untrained worker of it, one about the company that reaches back to it, an outage where
something was never done.
So whether it is in memory meanwhile changes no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from chassis.instants import HOUR, Instant, Micros, parse
from contracts.accountability import CalendarSet, PostAssigned, PostEnded, RulebookActivated
from services.accountability.judge import deliveries, excuses, reach, shared, topics
from services.accountability.judge.admission import UNAVAILABLE
from services.accountability.judge.evidence import Entry
from services.accountability.judge.hearing import OUTPUTS
from services.accountability.judge.snapshot import dump_case, needs
from services.accountability.judge.state import COMPANY, Case, State
from services.accountability.rules.rulebook import Rulebook
from services.accountability.rules.rulebook_loading import read_rules

REST: Micros = 7 * 24 * HOUR
"""How long a case stays at hand after its last instant: much of what comes later comes soon."""

Ends = Mapping[str, tuple[str, ...]]
"""Which links a closed handover makes pointless, by a rulebook."""

REFERENCES = ("closes", "pauses", "resumes", "inputs", "affected_duties", "duties", "warned_of")


@dataclass(frozen=True, slots=True)
class Filed:
    """A case on paper. `names` are handovers, numbers and services by which a fact may mean it, `needs` orders that it waited
    for, `linked` those whose handovers its facts named; `troubled`: something went wrong, or was never done."""

    order_no: str
    settled: bool
    ends: Instant
    troubled: bool
    names: tuple[str, ...]
    needs: tuple[str, ...]
    linked: tuple[str, ...]
    body: bytes


@dataclass(slots=True)
class Wanted:
    """Which settled cases must be at hand: by number, by name, and all (or all troubled) that end at or after an instant."""

    orders: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    since: Instant = reach.NEVER
    troubled_since: Instant = reach.NEVER

    @property
    def reaches_back(self) -> bool:
        return min(self.since, self.troubled_since) < reach.NEVER


def filed(state: State, case: Case, *, settled: bool) -> Filed:
    """A case written down; it stays where it is."""
    names = {*case.duties, *case.strays, *(named(number) for number in numbers_of(case))}
    names.update(map(topics.name_of, topics.of(state, case)))
    names.update(map(untrained, shared.untrained_in(case)))
    undone = {*reach.still_owed_to(state, case)}
    names.update(map(undone_in, undone))
    ends, troubled = reach.end_of(state, case), case.troubled or bool(undone)
    waited_for, linked = tuple(needs(state, case)), tuple(case.linked)
    body = dump_case(state, case)
    return Filed(case.order_no, settled, ends, troubled, tuple(names), waited_for, linked, body)


def undone_in(service: str) -> str:
    """By this name an outage of a service means the cases in which something was never done there."""
    return f"undone:{service}"


def untrained(worker: str) -> str:
    """By this name a training means the cases on whose operation reports its worker stands."""
    return f"untrained:{worker}"


def numbers_of(case: Case) -> Iterator[shared.Number]:
    return (number for kept in case.exhibits.values() for exhibit in kept for number in shared.numbers(exhibit))


def named(number: shared.Number) -> str:
    return f"{number[0]}:{number[1]}"


def settled_cases(state: State, rest: Micros = REST) -> list[Case]:
    """The cases that may go: settled, and needed by none that stays."""
    if COMPANY in state.held.values():
        return []
    held = set(state.held.values())
    may_go = {
        case.order_no for case in state.cases.values() if case.order_no not in held and is_settled(state, case, rest)
    }
    looked_at = [case for case in state.cases.values() if case.order_no not in may_go]
    while looked_at:
        kept = needs(state, looked_at.pop()) & may_go
        may_go -= kept
        looked_at += [state.cases[order_no] for order_no in kept]
    return [state.cases[order_no] for order_no in sorted(may_go)]


def is_settled(state: State, case: Case, rest: Micros) -> bool:
    if not _may_rest(state, case, rest) or case.order_no in state.index.shared or waits(state, case):
        return False
    elsewhere = any(state.duties[name].order_no != case.order_no for name in case.duties)
    return not elsewhere and reach.end_of(state, case) + rest < state.now


def _may_rest(state: State, case: Case, rest: Micros) -> bool:
    """What most cases at hand are not, seen at a glance: nothing of the order is owed, and its end is some time ago."""
    ended = deliveries.ended_at(case) if case.over else None
    return ended + rest < state.now if ended is not None else case.over or not case.lines


def waits(state: State, case: Case) -> bool:
    """Whether a date of a line is still to come, or a line is still watched."""
    looks = [at for line in case.lines.values() for at in (None if line.expired else line.fires, line.watch)]
    return any(at is not None and at >= state.now for at in looks)


def forget(state: State, orders: Iterable[str]) -> None:
    """These cases leave the memory, and with them what no other speaks of."""
    gone = set[topics.Topic]()
    for case in [state.cases[order_no] for order_no in orders]:
        gone |= topics.of(state, case)
        _forget(state, case)
    topics.forget(state, gone)


def _forget(state: State, case: Case) -> None:
    """An outdated timer of the case finds nothing and is passed over."""
    shared.forget(state, case)
    for name in (*case.duties, *case.strays):
        del state.duties[name]
    del state.cases[case.order_no]


def wanted(state: State, entries: Iterable[Entry]) -> Wanted:
    """What has to be at hand before these facts are judged; rather too much than too little."""
    found, facts = Wanted(), [entry.fact for entry in entries if entry.fact["type"] not in OUTPUTS]
    ends = [rulebook.ends for rulebook in (*state.index.rulebooks.values(), *_activated(facts))]
    for fact in facts:
        _want(state, fact, ends, found)
    found.orders -= {*state.cases, COMPANY}
    found.names -= state.duties.keys()
    return found


def _activated(facts: Iterable[Mapping[str, Any]]) -> Iterator[Rulebook]:
    """Rulebooks that come into force by these facts."""
    for fact in facts:
        if fact["type"] == RulebookActivated.name:
            with suppress(KeyError, TypeError, ValueError):
                yield read_rules(fact["data"]["rules"])


def _want(state: State, fact: Mapping[str, Any], ends: Iterable[Ends], found: Wanted) -> None:
    try:
        data = fact["data"]
        order_no = data.get("order_no") or fact.get("subject") or COMPANY
        found.orders.add(order_no)
        found.names.update(_names(state, data, ends, company=order_no == COMPANY))
        if fact["type"].endswith(UNAVAILABLE):
            found.names.add(undone_in(fact["source"]))
        _reach_back(state, fact, data, found)
    except (KeyError, TypeError, ValueError, AttributeError):
        return  # the judge cannot read it either, and says so


def _names(state: State, data: Mapping[str, Any], ends: Iterable[Ends], *, company: bool) -> Iterator[str]:
    """Every handover that a fact touches, also by way of another, and for a fact of no order its numbers."""
    for name in REFERENCES:
        for ref in data.get(name) or ():
            yield f"{ref['link']}:{ref['key']}"
    for ref in data.get("closes") or ():
        for links in ends:
            yield from (f"{link}:{ref['key']}" for link in links.get(ref["link"], ()))
    if duty := data.get("duty"):
        yield f"{duty['link']}:{duty['key']}"
    yield from _told_of(data)
    if hindrance := state.hindrances.get(topics.number_in(data, topics.EXCEPTION) or ""):
        yield from excuses.affected(hindrance)
    if company:
        yield from map(named, shared.numbers_in(data))


def _told_of(data: Mapping[str, Any]) -> Iterator[str]:
    """What a fact tells of, and by that the handovers that it moves and the reports on which somebody stands."""
    yield from topics.named(data)
    if trained := data.get("trained"):
        yield untrained(trained)
    if complaint := data.get("complaint_no"):
        yield f"complaint_to_pmc:{complaint}"
    if "requirement_line_no" in data:
        yield f"arrival:{data['requirement_no']}/{data['requirement_line_no']}"


def _reach_back(state: State, fact: Mapping[str, Any], data: Mapping[str, Any], found: Wanted) -> None:
    """A fact about the whole company brings back what lies at or after the instant to which it reaches."""
    kind = fact["type"]
    if kind in (PostAssigned.name, PostEnded.name):
        found.troubled_since = min(found.troubled_since, reach.of_roster(state, data))
    elif kind.endswith(UNAVAILABLE):
        found.troubled_since = min(found.troubled_since, reach.of_outage(data))
    elif kind == CalendarSet.name:
        found.since = min(found.since, reach.of_calendar(state, data, parse(fact["time"])))
    elif kind == RulebookActivated.name:
        found.since = min(found.since, reach.of_rulebook(state, data, parse(fact["time"])))
