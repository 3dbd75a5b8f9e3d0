"""What the customer takes off an order is owed no longer from then on, and what was late before stays late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import links, quality, sales, warehouse
from contracts.event import DutyRef
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict, NotMissed, OrderEnded, Verdict
from services.accountability.views import timelines
from tests.accountability.stories import shown
from tests.accountability.test_fair_verdicts import confirmed, instruct, ship
from tests.accountability.test_settled import with_and_without
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, in_order, local, outcome

MADE, OPERATION = links.production_order("SO-1", 2), links.operation("MO-2", 10)
ARRIVAL, INSPECTED, BOOKED = links.arrival("MRL-2", 1), links.iqc("LOT-2"), links.receipt("LOT-2")
GIVEN_UP = (MADE, OPERATION, ARRIVAL, INSPECTED, BOOKED)
LATER = "2026-03-04 10:00"


def two_lines() -> Story:
    """Line 2 is planned, made and bought for; nothing of it is ever done. Line 1 leaves in time."""
    one, other = a_line(delivery_date="2026-03-10"), a_line(line_no=2, delivery_date="2026-03-10")
    story = confirmed(a_story(), one, other).at("2026-03-04 09:00")
    story.delivers(MADE, "planner", line_no=2)
    story.delivers(OPERATION, "team_leader", line_no=2, standard_hours="8")
    story.delivers(ARRIVAL, "buyer", service="purchasing", line_no=2, required_on="2026-03-06")
    story.delivers(INSPECTED, "inspector", service="quality", line_no=None, inputs=[ARRIVAL])
    story.delivers(BOOKED, "storekeeper", service="warehouse", line_no=None, inputs=[INSPECTED])
    return story


def amended(story: Story, when: str, *lines: dict[str, Any], revision: int = 2) -> Story:
    said: dict[str, Any] = {"order_no": "SO-1", "revision": revision}
    return story.at(when).states(sales.OrderAmended, lines=lines, **said)


def without_line_2(story: Story, when: str = LATER) -> Story:
    return amended(story, when, a_line(delivery_date="2026-03-10"))


def line_1_leaves(story: Story) -> Story:
    ship(story.at("2026-03-05 09:00"), "SHN-1", "2026-03-05 10:00")
    return story


def statuses(told: Outcome, *duties: DutyRef) -> set[DutyStatus]:
    return {told.duty(duty).status for duty in duties}


def ended(verdicts: list[Verdict]) -> list[str]:
    return [shown(verdict.at) for verdict in verdicts if isinstance(verdict, OrderEnded)]


def test_what_is_owed_for_a_line_ends_when_the_customer_takes_it_off():
    told = line_1_leaves(without_line_2(two_lines())).judged()

    assert statuses(told, *GIVEN_UP) == {DutyStatus.CANCELLED}
    assert (told.records, told.suspicions, told.first_cause) == ({}, {}, None)


def test_an_order_ends_with_what_is_left_of_it():
    assert ended(line_1_leaves(without_line_2(two_lines())).judged().verdicts) == ["03-05 10:00"]
    assert ended(without_line_2(line_1_leaves(two_lines()), "2026-03-06 09:00").judged().verdicts) == ["03-06 09:00"]
    assert ended(line_1_leaves(two_lines()).judged().verdicts) == []


def test_nobody_waits_any_more_for_what_was_taken_off():
    told = without_line_2(two_lines()).judged("2026-03-04 11:00")

    assert timelines.open_duties(told.state, now=local("2026-03-04 11:00")) == []


def test_what_was_late_before_the_line_was_taken_off_stays_late_and_grows_no_more():
    story = without_line_2(two_lines(), "2026-03-11 10:00")

    told = line_1_leaves(story).judged()

    late = told.duty(MADE)
    assert (late.status, late.ends, late.closed_at) == (DutyStatus.OVERRAN, True, None)
    assert late.overrun / timedelta(hours=1) == 33  # from Thursday at nine to Wednesday at ten
    assert told.records == {
        "PMC-01": STAFF["planner"],
        "TML-01": STAFF["team_leader"],
        "PUR-01": STAFF["buyer"],
        "WHS-03": STAFF["storekeeper"],
    }


def test_exactly_at_the_due_time_is_early_enough_and_after_it_is_not():
    in_time = without_line_2(two_lines(), "2026-03-05 09:00").judged()
    too_late = without_line_2(two_lines(), "2026-03-05 09:02").judged()

    assert (in_time.duty(MADE).status, too_late.duty(MADE).status) == (DutyStatus.CANCELLED, DutyStatus.OVERRAN)
    assert (in_time.records, too_late.records.keys() >= {"PMC-01"}) == ({}, True)


def test_the_other_lines_go_on_being_judged():
    story, duty = two_lines(), links.production_order("SO-1", 1)
    story.delivers(duty, "planner", line_no=1)

    told = without_line_2(story).judged()

    assert told.duty(duty).status is DutyStatus.OVERRAN
    assert [breach.about for breach in told.record("PMC-03").breaches] == [str(duty)]


def test_a_date_that_was_missed_before_the_line_was_taken_off_stays_missed():
    story = line_1_leaves(two_lines())
    without_line_2(story, "2026-03-12 10:00")

    told = story.judged()

    assert told.first_cause is not None
    assert (told.first_cause.line_no, told.first_cause.done_at) == (2, None)
    assert not [verdict for verdict in told.verdicts if isinstance(verdict, NotMissed)]


def six_of_ten(*amendments: tuple[str, str]) -> Outcome:
    """Ten were to leave on 6 March; six left, and the planner keeps four waiting for an instruction."""
    story = confirmed(a_story(), a_line(delivery_date="2026-03-06", quantity="10"))
    instruct(story, "SHN-1", "2026-03-04 09:00", "2026-03-04 10:00")
    ship(story, "SHN-1", "2026-03-04 11:00", quantity="6", inputs=[links.instruction("SHN-1")])
    story.at("2026-03-05 09:00").delivers(links.instruction("SHN-2"), "planner")
    for revision, (when, quantity) in enumerate(amendments, 2):
        amended(story, when, a_line(delivery_date="2026-03-12", quantity=quantity), revision=revision)
    return story.judged()


@pytest.mark.parametrize(
    ("amendments", "missed"),
    [
        ((), True),
        ((("2026-03-05 10:00", "6"),), False),
        ((("2026-03-12 10:00", "6"),), True),
        ((("2026-03-12 10:00", "6"), ("2026-03-20 10:00", "5")), True),
    ],
)
def test_a_date_that_was_missed_before_the_rest_was_given_up_stays_missed(
    amendments: tuple[tuple[str, str], ...], missed: bool
):
    told = six_of_ten(*amendments)

    assert told.records == ({"SHP-02": STAFF["planner"]} if missed else {})


def test_what_was_given_up_grows_no_more():
    one, other = six_of_ten(("2026-03-12 10:00", "6")), six_of_ten(("2026-03-12 10:00", "6"), ("2026-04-20 10:00", "6"))

    assert one.first_cause == other.first_cause
    assert one.first_cause is not None
    assert one.first_cause.done_at is None


def test_what_reaches_a_worklist_after_the_line_was_taken_off_is_owed_by_nobody():
    story, duty = without_line_2(two_lines()), links.dispatch("MO-2", 10)
    story.at("2026-03-04 10:01").delivers(duty, "workshop_director", line_no=2)

    assert line_1_leaves(story).judged().duty(duty).status is DutyStatus.CANCELLED


def test_what_is_done_all_the_same_is_no_breach_however_late():
    story = without_line_2(two_lines())
    story.at("2026-03-20 10:00").states(quality.IncomingInspected, order_no="SO-1", lot="LOT-2", closes=[INSPECTED])
    story.states(warehouse.GoodsReceived, order_no="SO-1", lot="LOT-2", closes=[BOOKED])
    story.states(warehouse.GoodsArrived, order_no="SO-1", closes=[ARRIVAL])

    assert line_1_leaves(story).judged().records == {}


def test_a_line_that_is_wanted_again_is_owed_again_by_its_new_date():
    story = without_line_2(two_lines())
    both = (a_line(delivery_date="2026-03-10"), a_line(line_no=2, delivery_date="2026-03-20"))
    amended(line_1_leaves(story), "2026-03-12 09:00", *both, revision=3)
    story.delivers(MADE, "planner", line_no=2, attempt=2)

    told = story.judged()

    assert (told.duty(MADE, 1).status, told.duty(MADE, 2).status) == (DutyStatus.CANCELLED, DutyStatus.OVERRAN)
    assert told.first_cause is not None
    assert shown(told.first_cause.due_at) == "03-20 17:00"
    assert ended(told.verdicts) == ["03-05 10:00"]


def test_a_line_that_came_with_one_amendment_goes_with_another():
    one, third = a_line(delivery_date="2026-03-10"), a_line(line_no=3, delivery_date="2026-03-10")
    story = amended(confirmed(a_story(), one), "2026-03-03 09:00", one, third)
    duty = links.production_order("SO-1", 3)
    story.delivers(duty, "planner", line_no=3)
    amended(story, "2026-03-03 15:00", one, revision=3)

    told = line_1_leaves(story).judged()

    assert (told.duty(duty).status, told.records, ended(told.verdicts)) == (
        DutyStatus.CANCELLED,
        {},
        ["03-05 10:00"],
    )


def test_engineering_purchasing_and_the_workshop_are_treated_alike():
    duties = (
        (links.package("SO-1", 2), "engineer", "engineering"),
        (links.purchase_order("MRL-2"), "buyer", "purchasing"),
        (links.request_approval("PRQ-2"), "purchasing_manager", "purchasing"),
        (links.follow_up("PO-2", 1), "planner", "pmc"),
        (links.dispatch("MO-2", 10), "workshop_director", "pmc"),
    )
    story = two_lines()
    for duty, post, service in duties:
        story.delivers(duty, post, service=service, line_no=2)
    told = line_1_leaves(without_line_2(story)).judged()

    assert statuses(told, *(duty for duty, *_ in duties)) == {DutyStatus.CANCELLED}
    assert told.records == {}


@pytest.mark.parametrize("late", ["the amendment", "the arrival's handover"])
def test_whatever_the_facts_arrive_in_the_end_is_the_same(late):
    """The frontier waits for every source; but between two of them, either may be heard first."""
    story = line_1_leaves(without_line_2(two_lines()))
    first, last = story.judged(), local("2026-03-06 09:00")
    entries = [
        entry.at(last)
        if (entry.fact["type"] == sales.OrderAmended.name) == (late == "the amendment")
        and (entry.fact["type"] == sales.OrderAmended.name or entry.fact["data"].get("duty") == ARRIVAL.model_dump())
        else entry
        for entry in story.entries()
    ]

    told = outcome(type(first.state)(), in_order(entries), local("2026-06-30 17:00"))

    assert final(told) == final(first)
    assert told.records == first.records == {}


def final(told: Outcome) -> dict[tuple[str, int], DutyStatus]:
    return {(v.duty, v.attempt): v.status for v in told.verdicts if isinstance(v, DutyVerdict)}


def test_whoever_lets_settled_orders_go_says_the_same_about_lines_that_were_taken_off():
    story = line_1_leaves(without_line_2(two_lines()))
    story.at("2026-05-11 09:00").relieves(STAFF["planner"], "planner", since="2026-03-02 09:00")

    _, said, all_said = with_and_without(story.entries())

    assert said == all_said


@pytest.mark.parametrize(
    ("complained", "records"), [("2026-03-12 09:00", {"SHP-04": STAFF["salesperson"]}), ("2026-03-10 08:30", {})]
)
def test_a_complaint_about_what_had_left_is_passed_on_though_the_rest_was_cancelled(
    complained: str, records: dict[str, str]
):
    """One that was running when the order was cancelled stops with it."""
    story = confirmed(a_story(), a_line(delivery_date="2026-04-20", quantity="10"))
    ship(story.at("2026-03-04 09:00"), "SHN-1", "2026-03-04 11:00", quantity="6")
    told: dict[str, Any] = {"order_no": "SO-1", "complaint_no": "C-9"}
    duty = links.complaint_to_pmc("C-9")
    moments = sorted([("2026-03-10 09:00", False), (complained, True)])
    for when, is_complaint in moments:
        if is_complaint:
            story.at(when).states(sales.ComplaintReceived, received_at=local(when), channel="phone", **told)
            story.delivers(duty, "salesperson", service="sales")
        else:
            story.at(when).states(sales.OrderCancelled, order_no="SO-1")
    story.at("2026-03-20 09:00").states(sales.ComplaintPassed, closes=[duty], **told)

    assert story.judged().records == records
