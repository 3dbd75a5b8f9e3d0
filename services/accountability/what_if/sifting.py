"""In which orders could something stand under what is supposed? Their papers say so; only those need to be replayed.

An order in which nothing was late, nothing would be, and no fact may be a breach by itself has no record either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.accountability.judge import deliveries, duties, in_force
from services.accountability.judge.judge import hear_new
from services.accountability.judge.settled import forget
from services.accountability.judge.snapshot import load, load_case
from services.accountability.judge.state import Case, State
from services.accountability.rules.rulebook_loading import read_rules
from services.accountability.what_if.supposing import Supposition


def can_sift(state: State, supposition: Supposition, *, countersigned: bool) -> bool:
    """Whether the papers hold under what is supposed.

    By the rulebook a closing ends other handovers too, and by the calendar paper counts from when it was written: both were
    written down when they were heard.
    """
    if supposition.calendar is not None and countersigned:
        return False
    rules = supposition.rules
    return rules is None or all(
        rulebook.ends == read_rules({**rules, "version": version}).ends
        for version, rulebook in state.index.rulebooks.items()
    )


def supposed_company(memory: bytes, supposition: Supposition) -> State:
    """The judge's memory without its cases, as it would be."""
    state = load(memory)
    calendar, rules, tenures = supposition.calendar, supposition.rules, supposition.tenures
    if calendar is not None:
        state.calendars = [replace(fact, fields={**fact.fields, **calendar}) for fact in state.calendars]
        in_force.index_calendars(state)
    if rules is not None:
        state.activations = [replace(fact, rules={**rules, "version": fact.version}) for fact in state.activations]
        in_force.index_rulebooks(state)
    if tenures is not None:
        state.tenures, state.index.entries, state.index.last_start = {}, {}, {}
        for entry in supposition.roster():
            hear_new(state, entry)
    return state


def sifted(state: State, papers: Iterable[bytes]) -> Iterator[str]:
    """The orders, of those written on these papers, in which something might stand."""
    for body in papers:
        case = load_case(state, body)
        if case.troubled or would_be_troubled(state, case):
            yield case.order_no
        forget(state, case)
        state.index.timers.clear()


def would_be_troubled(state: State, case: Case) -> bool:
    """Whether, by everything known, a date was missed or a handover late."""
    owed = [state.duties[name] for name in case.duties]
    if any(duty.order_no != case.order_no for duty in owed):
        return True
    deliveries.reckon_lines(state, case)
    case.troubled = False
    deliveries.trouble(case)
    for duty in owed:
        for attempt in duty.attempts:
            attempt.version = in_force.version_at(state, attempt.opened.at)
            duties.reckon(state, duty, attempt)
    return case.troubled
