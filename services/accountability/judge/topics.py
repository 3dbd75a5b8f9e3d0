"""Of which exceptions, delay reports and complaints does a case speak? They leave the memory with it and come back with it.

Each may concern several orders. Whoever changes one names its number, and by that number every case that speaks of it is at
hand by then: so the copies in all of them are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from services.accountability.judge.evidence import Evidence
from services.accountability.judge.excuses import affected
from services.accountability.judge.state import COMPANY, Case, Complaint, Duty, Hindrance, Mark, State

EXCEPTION, DELAY, COMPLAINT = KINDS = ("exception_no", "delay_no", "complaint_no")
"""Each kind of topic by the field in which a fact names one."""

Topic = tuple[str, str]


class Tables(Protocol):
    """Where they lie, by their numbers: the judge's memory, and the papers of a case."""

    hindrances: dict[str, Hindrance]
    delays: dict[str, Mark]
    complaints: dict[str, Complaint]


def table(known: Tables, kind: str) -> dict[str, Any]:
    tables: dict[str, dict[str, Any]] = {
        EXCEPTION: known.hindrances,
        DELAY: known.delays,
        COMPLAINT: known.complaints,
    }
    return tables[kind]


def note(state: State, told: Evidence, kind: str) -> None:
    """A fact of a case tells of one; of an exception that no order has it is the hindered handovers that speak."""
    number, case = number_in(told.data, kind), state.case(told.order_no)
    elsewhere = kind == EXCEPTION and case.order_no == COMPANY and affected(state.hindrances[number])
    if not elsewhere and (kind, number) not in case.topics:
        case.topics.append((kind, number))


def of(state: State, case: Case) -> set[Topic]:
    """All of which the facts of a case and its handovers speak."""
    found = {(kind, number) for kind, number in case.topics}
    for name in (*case.duties, *case.strays):
        found.update(_of_duty(state.duties[name]))
    for kept in case.exhibits.values():
        found.update((COMPLAINT, str(number)) for one in kept if (number := one.data.get(COMPLAINT)))
    return found


def first_open(known: Mapping[str, Complaint], numbers: Iterable[str]) -> str | None:
    """The first of these complaints of which it is not known that it was closed for the customer."""
    return next((number for number in numbers if number not in known or known[number].closed is None), None)


def _of_duty(duty: Duty) -> Iterator[Topic]:
    yield from ((EXCEPTION, number) for number in duty.exceptions)
    yield from ((DELAY, redate.delay_no) for redate in duty.redates)
    if duty.link == "complaint_to_pmc":
        yield COMPLAINT, duty.key


def named(data: Mapping[str, Any]) -> Iterator[str]:
    """The names by which a fact means the cases that speak of the same."""
    return (name_of((kind, number)) for kind in KINDS if (number := number_in(data, kind)))


def number_in(data: Mapping[str, Any], kind: str) -> Any:
    """The number by which a fact names one; an exception that was made of a report bears that one's."""
    return data.get("hindrance_no") or data.get(kind) if kind == EXCEPTION else data.get(kind)


def name_of(topic: Topic) -> str:
    return f"{topic[0]}:{topic[1]}"


def forget(state: State, gone: Iterable[Topic]) -> None:
    """What no case at hand speaks of any more leaves the memory; a complaint that is not closed is still waited for."""
    left = set(gone)
    for case in state.cases.values() if left else ():
        left -= of(state, case)
    for kind, number in left:
        if kind != COMPLAINT or (number in state.complaints and state.complaints[number].closed):
            table(state, kind).pop(number, None)
