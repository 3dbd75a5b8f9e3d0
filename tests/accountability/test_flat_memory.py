"""However long the company's history is: what has ended leaves the judge's memory, and its verdicts are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from chassis.instants import Instant, instant
from contracts import links, pmc, sales, warehouse
from contracts.event import DutyRef
from services.accountability.judge import given
from services.accountability.judge.evidence import Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.snapshot import dump_case, load_case
from services.accountability.judge.state import COMPANY, State
from services.accountability.judge.verdicts import Verdict
from services.accountability.what_if.cabinet import Cabinet
from tests.accountability.histories import a_history, after
from tests.accountability.test_settled import with_and_without
from tests.support.facts import STAFF, Story, local

FEW, MANY = 2, 6


def heard(story: Story, until: str, *, forgetful: bool) -> tuple[State, list[Verdict]]:
    """The memory after everything, and what was said; whoever is forgetful puts away every day what has ended."""
    state, cabinet, said, day = State(), Cabinet(), list[Verdict](), None
    for entry in story.entries():
        if forgetful and entry.admitted.date() != day:
            day = entry.admitted.date()
            cabinet.put_away(state)
        cabinet.at_hand(state, [entry])
        said += judge(state, entry)
    said += judge(state, Tick(local(until)))
    state.now = max(state.now, state.frontier)
    if forgetful:
        cabinet.put_away(state)
    return state, said


def held(anything: Any, of: str = "") -> Iterator[str]:
    """Every object in it, by what it is part of."""
    yield of
    if is_dataclass(anything) and not isinstance(anything, type):
        for field in fields(anything):
            yield from held(getattr(anything, field.name), of or field.name)
    elif isinstance(anything, dict):
        for value in anything.values():
            yield from held(value, of)
    elif isinstance(anything, list | tuple | set | frozenset):
        for value in anything:
            yield from held(value, of)


def test_after_a_history_three_times_as_long_nothing_more_is_held():
    few, _ = heard(a_history(FEW), after(MANY), forgetful=True)
    many, _ = heard(a_history(MANY), after(MANY), forgetful=True)

    assert Counter(held(many)) - Counter(held(few)) == Counter()


def test_whoever_forgets_what_has_ended_says_the_same():
    story = a_history(FEW)
    _, said = heard(story, after(FEW), forgetful=True)
    _, said_remembering = heard(story, after(FEW), forgetful=False)

    assert said == said_remembering


HINDERED = (links.operation("MO-SO-0A", 20), links.operation("MO-SO-0B", 20))


def decides(story: Story, no: str, hindered: tuple[DutyRef, ...], **said: Any) -> None:
    story.states(pmc.ExceptionDecided, exception_no=no, affected_orders=[], affected_duties=hindered, **said)


def an_exception_of_two_orders_is_declined_after_all(story: Story) -> None:
    decides(story, "EXC-0", HINDERED, order_no=None, accepted=False, extension_hours="0")


def a_decision_names_no_handover_any_more(story: Story) -> None:
    decides(story, "EXC-SO-0A", (), order_no=None, accepted=True, extension_hours="9")


def material_is_dated_anew(story: Story) -> None:
    said: dict[str, Any] = {"requirement_no": "MRL-SO-0A", "requirement_line_no": 1, "delay_no": "DLY-SO-0A"}
    story.states(pmc.PurchaseRedated, order_no=None, required_on="2026-03-20", **said)


def another_order_is_found_to_be_behind_the_complaint(story: Story) -> None:
    said: dict[str, Any] = {
        "complaint_no": "C-SO-0A",
        "matter": "complaint",
        "cause": "production",
        "attribution_no": "ATT-9",
    }
    story.states(pmc.ComplaintAttributed, by=STAFF["planner"], order_no="SO-0B", line_no=1, **said)


def a_complaint_came_earlier_than_was_known(story: Story) -> None:
    said: dict[str, Any] = {
        "complaint_no": "C-SO-0A",
        "kind": "quality",
        "channel": "mail",
        "received_at": local("2026-03-19 09:00"),
    }
    story.states(sales.ComplaintReceived, order_no=None, **said)


def minutes_are_written_at_last(story: Story) -> None:
    story.states(pmc.MinutesRecorded, order_no=None, meeting_no="MTG-SO-0A", closes=[links.minutes("MTG-SO-0A")])


def a_service_is_down_where_minutes_were_never_written(story: Story) -> None:
    down: dict[str, Any] = {"started_at": local("2026-05-11 09:00"), "ended_at": local("2026-05-11 15:00")}
    story.at("2026-05-11 15:00").states(pmc.ServiceUnavailable, **down)


def a_service_had_been_down(story: Story) -> None:
    down: dict[str, Any] = {"started_at": local("2026-03-10 09:00"), "ended_at": local("2026-03-12 15:00")}
    story.coming_late("2026-05-11 09:00").states(warehouse.ServiceUnavailable, **down)


def the_planner_had_left(story: Story) -> None:
    story.relieves(STAFF["planner"], "planner", since="2026-03-02 09:00")


LATER = (
    an_exception_of_two_orders_is_declined_after_all,
    a_decision_names_no_handover_any_more,
    material_is_dated_anew,
    another_order_is_found_to_be_behind_the_complaint,
    a_complaint_came_earlier_than_was_known,
    minutes_are_written_at_last,
    a_service_is_down_where_minutes_were_never_written,
    a_service_had_been_down,
    the_planner_had_left,
)


@pytest.mark.parametrize("happens", LATER)
def test_evidence_long_after_leads_to_the_same_as_if_nothing_had_left(happens: Callable[[Story], None]):
    story = a_history(1).at("2026-05-04 09:00").states(pmc.TrainingRecorded)
    _, said_before, _ = with_and_without(story.entries())
    happens(story.at("2026-05-11 09:00"))

    gone, said, said_remembering = with_and_without(story.entries())

    assert gone >= 3
    assert said == said_remembering
    assert said != said_before


def test_when_a_handover_was_given_by_the_company_goes_with_its_order():
    story = a_history(1)
    raised = next(told.fact for told in story.told if told.fact["data"].get("exception_no") == "EXC-0")
    duty = links.exception_relay("EXC-0", "SO-0B")
    said: dict[str, Any] = {"duty": duty, "post": "merchandiser", "given_by": (raised["id"],), "order_no": "SO-0B"}
    story.at("2026-03-03 15:01").states(pmc.HandoverDelivered, **said)
    state, _ = heard(story, after(1), forgetful=False)
    given.forget(state)
    company = state.cases[COMPANY].facts

    papers = dump_case(state, state.cases["SO-0B"])
    load_case(alone := State(), papers)

    assert [*company] == [raised["id"]]
    assert when_given(alone, duty) == when_given(state, duty) == instant(local("2026-03-03 15:00"))


def when_given(state: State, duty: DutyRef) -> Instant | None:
    known = state.duties[str(duty)]
    return given.given_at(state, known, known.attempts[0])
