"""How is the judge's memory kept for a restart? As JSON, case by case; what can be computed from the rest is left out."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from typing import Any

import orjson
from pydantic import TypeAdapter

from services.accountability.judge import duties, excuses, given, in_force, removed, roster, shared, topics
from services.accountability.judge.deliveries import set_timer
from services.accountability.judge.state import COMPANY, Case, Complaint, Duty, Hindrance, Mark, Memory, State


@dataclass(slots=True)
class Papers:
    """One case with its duties, and the exceptions, delay reports and complaints of which it speaks."""

    case: Case
    duties: list[Duty]
    hindrances: dict[str, Hindrance] = field(default_factory=dict)
    delays: dict[str, Mark] = field(default_factory=dict)
    complaints: dict[str, Complaint] = field(default_factory=dict)


_MEMORY = TypeAdapter(Memory)
_PAPERS = TypeAdapter(Papers)
_KEPT = tuple(field.name for field in fields(Memory))
BY_CASE = ("cases", "duties")


def dump(state: State, *, without: tuple[str, ...] = ()) -> bytes:
    """The whole state, or but for some parts of it; the same state gives the same bytes."""
    return _json({name: getattr(state, name) for name in _KEPT if name not in without})


def dump_case(state: State, case: Case) -> bytes:
    """One case; the same case gives the same bytes."""
    owed = [state.duties[name] for name in (*case.duties, *case.strays)]
    papers = Papers(replace(case, facts=given.facts_of(state, case)), owed)
    for kind, number in sorted(topics.of(state, case)):
        if number in (known := topics.table(state, kind)):
            topics.table(papers, kind)[number] = known[number]
    return _json(papers)


def load(snapshot: bytes) -> State:
    """A state from its snapshot."""
    memory = _MEMORY.validate_json(snapshot)
    state = State(**{name: getattr(memory, name) for name in _KEPT})
    _list_strays(state)
    in_force.index_calendars(state)
    in_force.index_rulebooks(state)
    for tenure in state.tenures.values():
        roster.index_post(state, tenure)
    for outage in (each for known in state.outages.values() for each in known):
        excuses.index_outage(state, outage)
    for case in state.cases.values():
        _index(state, case)
    return state


def load_case(state: State, papers: bytes) -> Case:
    """A case comes back into the memory, and hears by which rulebooks it would be in trouble now."""
    found = _PAPERS.validate_json(papers)
    case = state.cases[found.case.order_no] = found.case
    state.duties.update({duty.id: duty for duty in found.duties})
    for kind in topics.KINDS:
        known = topics.table(state, kind)
        known.update({number: one for number, one in topics.table(found, kind).items() if number not in known})
    case.troubled = case.troubled or any(
        in_force.may_breach(state, exhibit.type) for kept in case.exhibits.values() for exhibit in kept
    )
    _index(state, case)
    return case


def complaints_in(papers: bytes) -> dict[str, Complaint]:
    """The complaints of which a case speaks."""
    return _PAPERS.validate_json(papers).complaints


def needs(state: State, case: Case) -> set[str]:
    """The other orders whose handovers this one's waited for, or in whose name one of its own was delivered again."""
    found = {state.duties[name].order_no for name in case.duties}
    for name in case.duties:
        for attempt in state.duties[name].attempts:
            found.update(source.order_no for one in attempt.inputs if (source := state.duties.get(one)) is not None)
    return found - {case.order_no, COMPANY}


def excerpt(state: State, order_no: str, papers: Iterable[bytes] = ()) -> State:
    """A copy in which facts of one order may be heard; with its `papers` where it has left the memory.

    What no fact of an order changes is not copied: the longer the company's history, the more that is.
    """
    own = state.cases.get(order_no)
    names = {order_no, *needs(state, own)} & state.cases.keys() if own else set()
    copy = replace(
        state,
        hindrances={number: replace(known) for number, known in state.hindrances.items()},
        complaints={number: replace(known) for number, known in state.complaints.items()},
        delays=dict(state.delays),
        held=dict(state.held),
        duties={},
        cases={},
        index=state.index.of_no_case(),
    )
    if COMPANY in state.cases:
        _copy_company(state, copy)
    for body in (*papers, *(dump_case(state, state.cases[name]) for name in sorted(names))):
        load_case(copy, body)
    return copy


def _copy_company(state: State, copy: State) -> None:
    """The company's facts are the same list; the few duties that no order has may change."""
    case = state.cases[COMPANY]
    copy.duties.update((name, deepcopy(state.duties[name])) for name in (*case.duties, *case.strays))
    company = copy.cases[COMPANY] = replace(case, duties=[*case.duties], strays=[*case.strays])
    _index(copy, company)


def beside(state: State, papers: Iterable[bytes]) -> State:
    """The state with cases that have left it, for whoever only looks; the state itself stays as it is."""
    more = replace(
        state,
        hindrances=dict(state.hindrances),
        delays=dict(state.delays),
        complaints=dict(state.complaints),
        cases=dict(state.cases),
        duties=dict(state.duties),
        index=state.index.of_no_case(),
    )
    for body in papers:
        load_case(more, body)
    return more


def _list_strays(state: State) -> None:
    """A snapshot of before cases listed them: what no case lists is the company's."""
    listed = {name for case in state.cases.values() for name in (*case.duties, *case.strays)}
    for name in state.duties.keys() - listed:
        state.case(COMPANY).strays.append(name)


def _index(state: State, case: Case) -> None:
    removed.note(case)
    for name in case.duties:
        for attempt in state.duties[name].attempts:
            duties.push(state, state.duties[name], attempt)
    for line in case.lines.values():
        for at in (None if line.expired else line.fires, line.watch):
            if at is not None:
                set_timer(state, case, line, at)
    for kept in case.exhibits.values():
        for exhibit in kept:
            shared.note(state, case, exhibit)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
