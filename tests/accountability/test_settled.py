"""Settled cases leave the judge's memory and come back for later evidence, and no verdict is another one for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.instants import hours, instant, moment
from contracts import accountability, links, pmc, quality, sales, warehouse
from services.accountability.judge.evidence import Entry, Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.snapshot import dump
from services.accountability.judge.state import COMPANY, State
from services.accountability.judge.verdicts import Verdict
from services.accountability.people.calendar import shipped_calendar
from services.accountability.process.countersignatures import told_on_paper
from services.accountability.what_if.cabinet import Cabinet
from tests.accountability.test_fold import stories
from tests.support.facts import STAFF, Story, a_story, in_order, local
from tests.support.orders import CALENDAR, an_order

END = local("2026-06-30 17:00")
PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def with_and_without(
    entries: list[Entry], *, every: int = 1, until: datetime = END
) -> tuple[int, list[Verdict], list[Verdict]]:
    """How many cases left the memory, what the judge said who let them go, and what the one who kept everything."""
    kept, few, cabinet = State(), State(), Cabinet(rest=0)
    all_said, said, gone = list[Verdict](), list[Verdict](), 0
    for start in range(0, len(entries), every):
        batch = entries[start : start + every]
        cabinet.at_hand(few, batch)
        for entry in batch:
            said += judge(few, entry)
            all_said += judge(kept, entry)
        before = len(few.cases)
        cabinet.put_away(few)
        gone += before - len(few.cases)
    cabinet.bring_back(few, set(kept.cases))
    said += judge(few, Tick(until))
    all_said += judge(kept, Tick(until))
    cabinet.bring_back(few, set(kept.cases))
    assert contents(few) == contents(kept)
    return gone, said, all_said


def contents(state: State) -> object:
    """The memory, whatever came to it first, but for the moments of the company's facts, of which the old ones leave it."""
    rest = orjson.loads(dump(state, without=("cases", "duties")))
    cases = (replace(case, facts=case.facts if order_no else {}) for order_no, case in state.cases.items())
    return rest, sorted(map(repr, cases)), sorted(map(repr, state.duties.values()))


@PROPERTY
@given(stories(), st.integers(1, 40))
def test_whoever_lets_settled_cases_go_says_the_same(story, every):
    entries = story.entries()
    _, said, all_said = with_and_without(entries, every=every)

    assert said == all_said


@PROPERTY
@given(stories(), st.integers(0, 2**32).map(Random))
def test_also_when_facts_are_admitted_long_after_their_case_has_gone(story, dice):
    late = in_order(
        entry
        if dice.random() < 0.9
        else Entry(entry.position, dice.choice([local("2026-04-02 10:00"), entry.admitted]), entry.fact, entry.hash)
        for entry in story.entries()
    )
    _, said, all_said = with_and_without(late)

    assert said == all_said


def an_order_that_went_well() -> Story:
    story = a_story()
    an_order(story, "SO-1", starts="2026-03-03 09:00", delivery_date="2026-03-13")
    an_order(story, "SO-2", starts="2026-03-03 11:00", delivery_date="2026-03-13", takes={"receipt": 30})
    an_order(story, "SO-3", starts="2026-04-07 09:00", delivery_date="2026-04-20")
    return story


def is_complained_of(story: Story) -> None:
    story.at("2026-05-11 09:00")
    said: dict[str, Any] = {"order_no": "SO-1", "complaint_no": "C-1"}
    story.states(sales.ComplaintReceived, kind="quality", received_at=story.now, channel="mail", **said)
    attributed: dict[str, Any] = {"matter": "complaint", "cause": "production", "attribution_no": "ATT-1", "line_no": 1}
    story.at("2026-05-12 09:00").states(pmc.ComplaintAttributed, by=STAFF["planner"], **said, **attributed)


def a_holiday_is_told_late(story: Story) -> None:
    days = shipped_calendar()
    days["public_holidays"] = [*days["public_holidays"], "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09"]
    story.at("2026-05-11 09:00").states(accountability.CalendarSet, calendar_no="CAL-2", **days)


def the_storekeeper_had_left(story: Story) -> None:
    story.at("2026-05-11 09:00").relieves(STAFF["storekeeper"], "storekeeper", since="2026-03-02 09:00")


def the_warehouse_had_been_down(story: Story) -> None:
    began, ended = local("2026-03-03 12:00"), local("2026-03-12 15:00")
    story.at("2026-05-11 09:00").coming_late("2026-05-11 09:00")
    story.states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)


def a_fact_of_no_order_closes_a_handover_of_it(story: Story) -> None:
    closed: dict[str, Any] = {"closes": (links.receipt("LOT-SO-2"),), "lot": "LOT-SO-2", "order_no": None}
    story.at("2026-05-11 09:00").states(warehouse.GoodsReceived, **closed)


def stock_was_used_without_inspection(story: Story) -> None:
    story.at("2026-05-11 09:00").states(
        quality.UninspectedUseConfirmed, by=STAFF["inspector"], lot="LOT-SO-1", order_no=None
    )


def an_exception_of_no_order_was_on_paper(story: Story) -> None:
    """It hindered a receipt that was late when the exception was recorded, and PMC had been down meanwhile."""
    duty = links.receipt("LOT-SO-2")
    (opened,) = [t.recorded_at for t in story.told if t.fact["data"].get("duty") == duty.model_dump()]
    began, ended, written = (opened + timedelta(minutes=minutes) for minutes in (30, 50, 40))
    said: dict[str, Any] = {"exception_no": "EXC-1", "affected_duties": [duty]}
    story.at(ended).states(pmc.ServiceUnavailable, started_at=began, ended_at=ended)
    story.at(ended).states(pmc.ExceptionDecided, extension_hours="40", decided_by=STAFF["planner"], **said)
    recorded = moment(CALENDAR.add(instant(ended), hours(7.9)))
    story.at(recorded).states(pmc.ExceptionRaised, by=STAFF["team_leader"], **said)
    paper: dict[str, Any] = {
        "source": "pmc",
        "position": len(story.told),
        "written_at": written,
        "recorded_at": recorded,
    }
    fact = story.told[-1].fact
    told = told_on_paper(fact["type"], fact["data"], fact["actor"])
    story.at("2026-05-11 09:00").states(accountability.PaperCountersigned, **paper, **told)


def inferior_material_is_found(story: Story) -> None:
    said: dict[str, Any] = {"finding_no": "FND-1", "clause": "PUR-02", "person": STAFF["buyer"], "order_no": None}
    law: dict[str, Any] = {"rulebook_version": "2026-01", "found_as": "general_manager"}
    boss, papers = STAFF["general_manager"], ["ARV-SO-1"]
    story.at("2026-05-11 09:00").states(accountability.BreachFound, by=boss, evidence_documents=papers, **said, **law)


LATER = (
    an_exception_of_no_order_was_on_paper,
    is_complained_of,
    a_holiday_is_told_late,
    the_storekeeper_had_left,
    the_warehouse_had_been_down,
    a_fact_of_no_order_closes_a_handover_of_it,
    stock_was_used_without_inspection,
    inferior_material_is_found,
)


@pytest.mark.parametrize("happens", LATER)
def test_later_evidence_for_a_case_that_has_gone_leads_to_the_same_records(happens):
    story = an_order_that_went_well()
    happens(story)

    gone, said, all_said = with_and_without(story.entries())

    assert gone >= 3
    assert said == all_said


def test_only_the_company_and_what_is_owed_stays_in_memory():
    story, cabinet, state = an_order_that_went_well(), Cabinet(), State()
    an_order(story, "SO-4", starts="2026-04-20 09:00", never={"ship"})
    for entry in story.entries():
        cabinet.at_hand(state, [entry])
        judge(state, entry)
    judge(state, Tick(END))
    state.now = max(state.now, int(END.timestamp() * 1_000_000))

    cabinet.put_away(state)

    assert set(state.cases) == {COMPANY, "SO-4"}
    assert {duty.order_no for duty in state.duties.values()} == {"SO-4"}
    assert not state.index.naming or all("SO-4" in orders for orders in state.index.naming.values())
