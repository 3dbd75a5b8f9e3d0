"""How is the judge's memory kept for a restart? As JSON; what can be computed from the rest is left out."""

from dataclasses import fields, replace

import orjson
from pydantic import TypeAdapter

from services.accountability import duties, in_force, roster
from services.accountability.deliveries import set_timer
from services.accountability.state import COMPANY, Memory, State

_MEMORY = TypeAdapter(Memory)
_KEPT = tuple(field.name for field in fields(Memory))


def dump(state: State) -> bytes:
    """The whole state; the same state gives the same bytes."""
    return orjson.dumps({name: getattr(state, name) for name in _KEPT}, option=orjson.OPT_NON_STR_KEYS)


def excerpt(state: State, order_no: str) -> State:
    """A copy of what concerns one order, free to be changed."""
    cases = {name: case for name, case in state.cases.items() if name in (order_no, COMPANY)}
    own = {name for case in cases.values() for name in case.duties}
    inputs = {name for one in own for attempt in state.duties[one].attempts for name in attempt.inputs}
    few = replace(
        state, cases=cases, duties={name: state.duties[name] for name in own | inputs if name in state.duties}, seen={}
    )
    return load(dump(few))


def load(snapshot: bytes) -> State:
    """A state from its snapshot."""
    memory = _MEMORY.validate_json(snapshot)
    state = State(**{name: getattr(memory, name) for name in _KEPT})
    _index(state)
    return state


def _index(state: State) -> None:
    in_force.index_calendars(state)
    in_force.index_rulebooks(state)
    for tenure in state.tenures.values():
        roster.index_post(state, tenure)
    for duty in state.duties.values():
        for attempt in duty.attempts:
            duties.push(state, duty, attempt)
    for case in state.cases.values():
        for line in case.lines.values():
            for at in (None if line.expired else line.fires, line.watch):
                if at is not None:
                    set_timer(state, case, line, at)
