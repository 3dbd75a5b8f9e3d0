"""How does the judge treat facts that it cannot read, has seen, or that tell of an outage?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts import links, pmc, warehouse
from contracts.catalogue import ALL_EVENTS
from services.accountability.judge.admission import admission
from services.accountability.judge.evidence import Discard, Entry, Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import EarlyWarning, Held, RecordProposal, Released
from tests.support.facts import STAFF, Outcome, Story, a_story, hash_of, local, outcome

DUTY = links.production_order("SO-1", 1)
UNREADABLE = {"affected_duties": "all of them"}


def owed_with_an_unreadable_exception() -> tuple[Story, list[Entry]]:
    story = a_story()
    story.at("2026-03-03 09:00").delivers(DUTY, "planner")
    story.at("2026-03-03 10:00").states(pmc.ExceptionRaised, order_no="SO-1", affected_duties=[DUTY])
    entries = story.entries()
    broken = entries[-1].fact | {"data": entries[-1].fact["data"] | UNREADABLE}
    entries[-1] = Entry(entries[-1].position, entries[-1].admitted, broken, hash_of(broken))
    return story, entries


def test_a_fact_that_cannot_be_read_holds_the_records_of_its_order():
    story, entries = owed_with_an_unreadable_exception()
    story.delivers(links.production_order("SO-2", 1), "planner", order_no="SO-2")
    state = State()

    told = outcome(state, [*entries, story.entries()[-1]], local("2026-03-20 09:00"))

    assert [(v.order_no, v.position) for v in told.verdicts if isinstance(v, Held)] == [("SO-1", entries[-1].position)]
    assert [found.order_no for found in told.proposals] == ["SO-2"]
    assert DUTY.link in {name.partition(":")[0] for name in told.overran()}  # the timeline goes on


def test_discarding_it_lets_the_records_go_on():
    _, entries = owed_with_an_unreadable_exception()
    state = State()
    outcome(state, entries, local("2026-03-20 09:00"))

    said = judge(state, Discard(entries[-1].position))

    assert [type(verdict) for verdict in said] == [Released, RecordProposal]
    assert judge(state, Discard(entries[-1].position)) == []


def test_replaying_it_readable_lets_the_records_go_on():
    story, entries = owed_with_an_unreadable_exception()
    state = State()
    outcome(state, entries, local("2026-03-20 09:00"))
    mended = story.entries()[-1]

    said = judge(state, mended)

    assert [type(verdict) for verdict in said] == [EarlyWarning, Released, RecordProposal]


def test_nonsense_in_any_field_is_held_and_never_breaks_the_fold():
    story = a_story()
    story.at("2026-03-03 09:00").delivers(DUTY, "planner", standard_hours="4")
    good = story.entries()[-1]
    nonsense = [
        {"duty": {"link": "package"}},
        {"terms": {"standard_hours": "1E+999999999"}},
        {"terms": {"due_at": "tomorrow"}},
        {"terms": {"lead_time_days": 10**12}},
        {"attempt": "first"},
        {"inputs": [1]},
    ]
    for number, change in enumerate(nonsense, start=1):
        fact = {**good.fact, "sequence": good.fact["sequence"] + number, "data": good.fact["data"] | change}
        state = State()
        outcome(state, story.entries()[:-1], local("2026-03-03 08:00"))

        said = judge(state, Entry(1_000, good.admitted, fact, ""))

        assert [type(verdict) for verdict in said] == [Held], change
        assert judge(state, Tick(local("2026-05-01 08:00"))) == []


def test_a_deadline_is_decided_only_when_the_frontier_is_beyond_it():
    story = a_story()
    story.at("2026-03-03 09:00").delivers(DUTY, "planner")
    state = State()
    outcome(state, story.entries(), local("2026-03-04 09:00"))

    assert judge(state, Tick(local("2026-03-04 09:01"))) == []
    assert [type(v).__name__ for v in judge(state, Tick(local("2026-03-04 09:01:01")))] == [
        "DutyVerdict",
        "RecordProposal",
    ]


def test_an_outage_is_placed_where_it_began_so_no_record_is_ever_made_of_it():
    """The warehouse was down across its deadline; its silence held the frontier back until it told of it."""
    story, duty = a_story(), links.receipt("LOT-1")
    story.at("2026-03-03 09:00").delivers(duty, "storekeeper", service="warehouse")
    began, ended = local("2026-03-04 08:30"), local("2026-03-04 10:30")
    story.at("2026-03-04 10:30").states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)
    story.at("2026-03-04 10:45").states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])

    told = story.judged()

    assert [entry.admitted for entry in story.entries()][-2] == began
    assert not any(isinstance(verdict, RecordProposal) for verdict in told.verdicts)


def test_a_fact_is_admitted_when_it_was_recorded_but_never_before_the_frontier():
    story = a_story()
    story.at("2026-03-03 09:00").delivers(DUTY, "planner")
    fact = story.told[-1].fact

    assert admission(fact, None) == local("2026-03-03 09:00")
    assert admission(fact, local("2026-03-02 09:00")) == local("2026-03-03 09:00")
    assert admission(fact, local("2026-03-05 09:00")) == local("2026-03-05 09:00")


@pytest.mark.parametrize("event", [event for event in ALL_EVENTS.values() if "record_no" in event.model_fields])
def test_the_judges_own_words_and_what_became_of_them_are_never_judged(event):
    story = a_story()
    before = len(story.judged().verdicts)
    facts: dict[str, Any] = {"facts": {}} if "facts" in event.model_fields else {}
    story.at("2026-03-03 09:00").states(event, order_no="SO-1", closes=[DUTY], **facts)

    told: Outcome = story.judged()

    assert len(told.verdicts) == before
    assert "SO-1" not in told.state.cases


def test_material_of_a_second_order_is_asked_after_by_its_own_promise():
    """The goods of the first came in time, however late PMC heard of it or of the second order."""
    story, first, second = a_story(), links.follow_up("PO-1", 1), links.follow_up("PO-2", 1)
    story.at("2026-03-05 10:00").states(warehouse.GoodsArrived, closes=[first], quarantine=False, lines=[])
    story.at("2026-03-09 09:00").delivers(first, "planner", promised_on="2026-03-06")
    story.at("2026-03-11 10:00").delivers(second, "planner", promised_on="2026-03-20")

    assert story.judged("2026-03-20 09:00").records == {}
    assert story.judged("2026-03-25 09:00").records == {"PMC-02": STAFF["planner"]}
