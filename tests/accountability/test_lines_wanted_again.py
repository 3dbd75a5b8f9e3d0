"""A line that was left out of an amendment and is wanted again is owed again; the time in which it was off counts for nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import links, pmc, sales, warehouse
from contracts.event import DutyRef
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict, FirstCause
from services.accountability.views import timelines
from tests.accountability.stories import shown
from tests.accountability.test_fair_verdicts import ship
from tests.accountability.test_reckoning import SUPPOSED, assert_alike
from tests.accountability.test_removed_lines import (
    ARRIVAL,
    BOOKED,
    GIVEN_UP,
    INSPECTED,
    MADE,
    OPERATION,
    amended,
    final,
    line_1_leaves,
    statuses,
    two_lines,
    without_line_2,
)
from tests.accountability.test_settled import with_and_without
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, in_order, local, outcome


def wanted_again(story: Story, when: str, *, date: str = "2026-03-10") -> Story:
    both = (a_line(delivery_date="2026-03-10"), a_line(line_no=2, delivery_date=date))
    return amended(story, when, *both, revision=3)


def left_out_by_mistake(story: Story) -> Story:
    """Line 2 is off for an hour and ten minutes."""
    return line_1_leaves(wanted_again(without_line_2(story), "2026-03-04 11:10"))


def test_a_line_left_out_by_mistake_spares_nobody_and_costs_nobody_the_time_in_which_it_was_off():
    told, ran_on = left_out_by_mistake(two_lines()).judged(), line_1_leaves(two_lines()).judged()

    assert told.records == ran_on.records
    assert statuses(told, *GIVEN_UP) == {DutyStatus.OVERRAN}
    for duty in (MADE, INSPECTED, BOOKED):
        late, earlier = told.duty(duty), ran_on.duty(duty)
        assert late.due_at is not None
        assert earlier.due_at is not None
        (excuse,) = [each for each in late.excuses if each.reason == "off_order"]
        assert (excuse.working / timedelta(minutes=1), shown(excuse.since)) == (70, "03-04 10:00")
        assert shown(late.due_at) == {"03-05 09:00": "03-05 10:10"}.get(shown(earlier.due_at)), duty


def test_what_is_done_as_late_as_the_line_was_off_is_in_time_and_a_minute_later_it_is_not():
    def booked(when: str) -> DutyStatus:
        story = left_out_by_mistake(two_lines()).at(when)
        story.states(warehouse.GoodsReceived, order_no="SO-1", lot="LOT-2", closes=[BOOKED])
        return story.judged().duty(BOOKED).status

    assert (booked("2026-03-05 10:11"), booked("2026-03-05 10:12")) == (DutyStatus.IN_TIME, DutyStatus.OVERRAN)


def test_what_was_done_while_the_line_was_off_is_in_time_however_late_it_was_wanted_again():
    story = without_line_2(two_lines())
    story.at("2026-03-20 10:00").states(warehouse.GoodsReceived, order_no="SO-1", lot="LOT-2", closes=[BOOKED])

    told = line_1_leaves(wanted_again(story, "2026-03-23 09:00", date="2026-04-20")).judged()

    assert told.duty(BOOKED).status is DutyStatus.IN_TIME


def test_what_came_to_a_worklist_while_the_line_was_off_is_owed_from_when_it_is_wanted_again():
    story, duty = without_line_2(two_lines()), links.receipt("LOT-3")
    story.at("2026-03-04 10:30").delivers(duty, "storekeeper", service="warehouse", line_no=2)

    late = line_1_leaves(wanted_again(story, "2026-03-04 11:10")).judged().duty(duty)

    assert (late.status, late.due_at) == (DutyStatus.OVERRAN, local("2026-03-05 11:10"))


def test_a_lot_for_two_lines_stands_still_only_while_both_are_off():
    story = two_lines()
    other = links.arrival("MRL-1", 1)
    story.delivers(other, "buyer", service="purchasing", line_no=1, required_on="2026-03-06")
    story.delivers(INSPECTED, "inspector", service="quality", line_no=None, inputs=[ARRIVAL, other], attempt=2)
    one, two = (a_line(line_no=number, delivery_date="2026-03-10") for number in (1, 2))
    third = a_line(line_no=3, delivery_date="2026-03-10")
    amended(story, "2026-03-04 10:00", one, third)
    amended(story, "2026-03-04 11:00", third, revision=3)
    amended(story, "2026-03-04 11:30", two, third, revision=4)

    (excuse,) = story.judged().duty(INSPECTED, 2).excuses

    assert (shown(excuse.since), excuse.working / timedelta(minutes=1)) == ("03-04 11:00", 30)


def begins_anew(story: Story, amendment: str, plan: DutyRef = MADE) -> Story:
    """PMC gives up the plans of a lost line, and makes new ones when it is wanted again."""
    said: dict[str, Any] = {"duty": plan, "post": "planner", "line_no": 2, "attempt": 2, "given_by": (amendment,)}
    return story.states(pmc.HandoverDelivered, order_no="SO-1", inputs=(), terms={}, assignee=None, **said)


def test_a_department_that_begins_anew_owes_nothing_of_what_it_had_given_up():
    """The others have kept what they had to do for the line."""
    story = wanted_again(without_line_2(two_lines()), "2026-03-04 11:10")
    begins_anew(story, story.told[-1].fact["id"])

    told = line_1_leaves(story).judged()

    assert (told.duty(MADE, 1).status, told.duty(OPERATION).status) == (DutyStatus.CANCELLED, DutyStatus.CANCELLED)
    assert (told.duty(MADE, 2).status, told.duty(BOOKED).status) == (DutyStatus.OVERRAN, DutyStatus.OVERRAN)


def test_plans_that_are_opened_again_by_a_later_word_take_the_place_of_the_old_ones():
    """PMC hears the next amendment before the one that brings the line back, or waits for another product's package."""
    story = wanted_again(without_line_2(two_lines()), "2026-03-04 11:10")
    begins_anew(story.at("2026-03-04 12:00"), "another fact")

    told = line_1_leaves(story).judged()

    assert (told.duty(OPERATION).status, told.duty(BOOKED).status) == (DutyStatus.CANCELLED, DutyStatus.OVERRAN)


def test_a_line_that_is_back_with_another_product_is_planned_by_that_product_s_package():
    """Until that is there nobody owes anything by the plans that were given up."""
    other = a_line(line_no=2, delivery_date="2026-03-10", product_code="P-2")
    story = amended(
        without_line_2(two_lines()), "2026-03-04 11:10", a_line(delivery_date="2026-03-10"), other, revision=3
    )

    told = line_1_leaves(story).judged()

    assert (told.duty(OPERATION).status, told.duty(BOOKED).status) == (DutyStatus.CANCELLED, DutyStatus.OVERRAN)


def test_what_was_to_be_bought_for_a_list_that_was_given_up_is_owed_for_the_new_one():
    """Purchasing has given the old list up; the buyer could bring nothing for it any more (PUR-01)."""
    listed, approval = links.requirement("SO-1", 2), links.request_approval("PRQ-1")
    decision = links.concession("NCD-1")
    story = two_lines().at("2026-03-04 09:10")
    story.delivers(listed, "planner", line_no=2)
    story.states(pmc.RequirementIssued, order_no="SO-1", line_no=2, closes=[listed])
    bought: dict[str, Any] = {"service": "purchasing", "line_no": 2, "inputs": [listed], "required_on": "2026-03-06"}
    story.delivers(ARRIVAL, "buyer", attempt=2, **bought)
    story.delivers(approval, "purchasing_manager", service="purchasing", line_no=2, inputs=[ARRIVAL])
    story.delivers(INSPECTED, "inspector", service="quality", line_no=2, inputs=[ARRIVAL], attempt=2)
    story.delivers(decision, "quality_manager", service="quality", line_no=2, inputs=[INSPECTED, ARRIVAL])
    wanted_again(without_line_2(story), "2026-03-04 11:10")
    begins_anew(story, story.told[-1].fact["id"], listed)
    story.states(pmc.RequirementIssued, order_no="SO-1", line_no=2, closes=[listed])
    story.delivers(links.arrival("MRL-3", 1), "buyer", **bought)

    told = line_1_leaves(story).judged()

    assert (told.duty(ARRIVAL, 2).status, told.duty(approval).status) == (DutyStatus.CANCELLED, DutyStatus.CANCELLED)
    assert (told.duty(INSPECTED, 2).status, told.duty(decision).status) == (DutyStatus.OVERRAN, DutyStatus.OVERRAN)
    assert [breach.about for breach in told.record("PUR-01").breaches] == ["arrival:MRL-3/1"]


def test_what_was_to_be_issued_for_a_production_order_that_was_given_up_is_owed_no_longer():
    """The warehouse has given the requisition up with the line; its approval was in time."""
    approval, issue = links.requisition_approval("REQ-1"), links.issue("REQ-1")
    story = two_lines().at("2026-03-04 09:10")
    story.delivers(approval, "workshop_director", line_no=2, inputs=[MADE])
    story.states(pmc.RequisitionApproved, order_no="SO-1", closes=[approval])
    story.delivers(issue, "storekeeper", service="warehouse", line_no=2, inputs=[approval, BOOKED])
    wanted_again(without_line_2(story), "2026-03-04 11:10")
    begins_anew(story, story.told[-1].fact["id"])

    told = line_1_leaves(story).judged()

    assert (told.duty(issue).status, told.duty(BOOKED).status) == (DutyStatus.CANCELLED, DutyStatus.OVERRAN)


def test_what_was_given_up_with_a_line_is_no_cause_of_its_delay():
    """The planner, who owes the production order anew, does nothing; whatever led to the old one is long overdue by then."""
    wanted = [a_line(line_no=number, delivery_date="2026-03-20") for number in (1, 2)]
    story, plan = a_story().at("2026-03-02 09:00"), links.production_order("SO-1", 2)
    approval, issue = links.requisition_approval("REQ-1"), links.issue("REQ-1")
    story.states(sales.OrderConfirmed, order_no="SO-1", lines=wanted)
    story.delivers(plan, "planner", line_no=2)
    story.at("2026-03-02 11:00").states(pmc.ProductionOrderIssued, order_no="SO-1", line_no=2, closes=[plan])
    story.delivers(approval, "workshop_director", line_no=2, inputs=[plan])
    story.states(pmc.RequisitionApproved, order_no="SO-1", closes=[approval])
    story.delivers(issue, "storekeeper", service="warehouse", line_no=2, inputs=[approval])
    amended(story, "2026-03-02 15:00", wanted[0])
    amended(story, "2026-03-05 10:00", *wanted, revision=3)
    begins_anew(story, story.told[-1].fact["id"], plan)

    told = story.judged("2026-03-31 17:00")

    assert isinstance(told.first_cause, FirstCause)
    assert told.first_cause.cause is not None
    assert (told.first_cause.cause.duty, told.first_cause.cause.attempt) == (str(plan), 2)
    assert told.records == {"PMC-03": STAFF["planner"]}


def mistaken_with_everything(story: Story) -> Story:
    return begins_anew(story, left_out_by_mistake(story).told[-3].fact["id"])


@pytest.mark.parametrize("late", [sales.OrderAmended.name, pmc.HandoverDelivered.name, "purchasing", "sales"])
def test_when_a_line_was_off_and_back_again_the_order_of_arrival_decides_nothing(late):
    story = mistaken_with_everything(two_lines())
    first, last = story.judged(), local("2026-03-06 09:00")
    entries = [
        entry.at(last) if late in (entry.fact["type"], entry.fact["source"]) else entry for entry in story.entries()
    ]

    told = outcome(type(first.state)(), in_order(entries), local("2026-06-30 17:00"))

    assert final(told) == final(first)
    assert told.records == first.records
    assert {(v.duty, v.due_at) for v in last_words(told)} == {(v.duty, v.due_at) for v in last_words(first)}


def last_words(told: Outcome) -> list[DutyVerdict]:
    return list({(v.duty, v.attempt): v for v in told.verdicts if isinstance(v, DutyVerdict)}.values())


@pytest.mark.parametrize("supposed", sorted(SUPPOSED))
def test_a_what_if_reckons_the_time_off_as_a_replay_hears_it(supposed):
    assert_alike(left_out_by_mistake(two_lines()), SUPPOSED[supposed])
    assert_alike(mistaken_with_everything(two_lines()), SUPPOSED[supposed])


def test_the_timeline_says_how_long_the_line_was_off():
    told = left_out_by_mistake(two_lines()).judged("2026-03-04 12:00")

    found = timelines.timeline(told.state, "SO-1", now=local("2026-03-04 12:00"))

    assert found is not None
    (booked,) = [each for each in found.handovers if each.duty == str(BOOKED)]
    assert (booked.status, [each.reason for each in booked.excuses]) == (DutyStatus.OPEN, ["off_order"])
    assert booked.excuses[0].position in {entry.position for entry in left_out_by_mistake(two_lines()).entries()}


def test_whoever_lets_settled_orders_go_says_the_same_about_lines_that_came_back():
    story = left_out_by_mistake(two_lines())
    ship(story.at("2026-03-20 09:00"), "SHN-2", "2026-03-20 10:00", line_no=2)
    story.at("2026-05-11 09:00").relieves(STAFF["planner"], "planner", since="2026-03-02 09:00")

    _, said, all_said = with_and_without(story.entries())

    assert said == all_said
