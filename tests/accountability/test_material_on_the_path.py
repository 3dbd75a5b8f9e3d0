"""Does the path to a late shipment lead back to late material, whatever became of it after it arrived?"""

from __future__ import annotations

from typing import Any

from contracts import links, pmc, quality, sales, warehouse
from contracts.event import DutyRef
from services.accountability.judge.verdicts import FirstCause
from tests.support.facts import Outcome, Story, a_line, a_story

RELEASE, LISTED, ARRIVAL = links.release("SO-1"), links.requirement("SO-1", 1), links.arrival("MRL-1", 1)
LOOK, OTHER_LOOK, SHIP = links.iqc("LOT-1"), links.iqc("LOT-2"), links.ship("SHN-1")
MADE, ASKED, ISSUED = links.production_order("SO-1", 1), links.requisition_approval("REQ-1"), links.issue("REQ-1")


def late_material() -> Story:
    """The release is two hours over, the material 33: it comes on Thursday the twelfth and was due on the fifth."""
    story = a_story().at("2026-03-02 09:00")
    story.states(sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date="2026-03-16")])
    story.delivers(RELEASE, "merchandiser", service="sales")
    story.at("2026-03-02 16:00").states(sales.OrderReleased, order_no="SO-1", closes=[RELEASE])
    story.delivers(LISTED, "planner", inputs=[RELEASE])
    story.delivers(MADE, "planner", inputs=[RELEASE])
    story.at("2026-03-03 09:00").states(pmc.RequirementIssued, order_no="SO-1", closes=[LISTED])
    story.states(pmc.ProductionOrderIssued, order_no="SO-1", production_order_no="MO-1", closes=[MADE])
    wanted: dict[str, Any] = {"required_on": "2026-03-05", "lead_time_days": 1}
    story.delivers(ARRIVAL, "buyer", service="purchasing", inputs=[LISTED], **wanted)
    return arrives(story, "2026-03-12 09:00", LOOK)


def arrives(story: Story, when: str, look: DutyRef) -> Story:
    story.at(when).states(warehouse.GoodsArrived, order_no="SO-1", closes=[ARRIVAL], arrival_no=f"ARV-{look.key}")
    return story.delivers(look, "inspector", service="quality", inputs=[ARRIVAL])


def inspected(story: Story, when: str, look: DutyRef, *, passed: bool = True) -> Story:
    story.at(when).states(quality.IncomingInspected, order_no="SO-1", closes=[look], lot=look.key, passed=passed)
    return story


def received(story: Story, when: str, look: DutyRef) -> DutyRef:
    booked = links.receipt(look.key)
    story.delivers(booked, "storekeeper", service="warehouse", inputs=[look])
    story.at(when).states(warehouse.GoodsReceived, order_no="SO-1", closes=[booked], lot=look.key)
    return booked


def shipped(story: Story, when: str, last: DutyRef) -> Outcome:
    story.delivers(SHIP, "storekeeper", service="warehouse", inputs=[last])
    story.at(when).states(warehouse.GoodsShipped, order_no="SO-1", notice_no="SHN-1", closes=[SHIP])
    return story.judged()


def path_of(told: Outcome) -> list[tuple[str, int]]:
    assert isinstance(told.first_cause, FirstCause)
    return [(step.duty, step.attempt) for step in told.first_cause.contributions]


def cause_of(told: Outcome) -> tuple[str, int]:
    assert isinstance(told.first_cause, FirstCause)
    assert told.first_cause.cause
    return told.first_cause.cause.duty, told.first_cause.cause.attempt


def test_late_material_that_failed_is_the_cause_although_what_replaced_it_came_in_time():
    story = inspected(late_material(), "2026-03-12 11:00", LOOK, passed=False)
    again: dict[str, Any] = {"attempt": 2, "required_on": "2026-03-05", "lead_time_days": 3}
    story.delivers(ARRIVAL, "buyer", service="purchasing", inputs=[LOOK], **again)
    inspected(arrives(story, "2026-03-16 09:00", OTHER_LOOK), "2026-03-16 10:00", OTHER_LOOK)

    told = shipped(story, "2026-03-17 09:00", received(story, "2026-03-16 11:00", OTHER_LOOK))

    first, second = (str(ARRIVAL), 1), (str(ARRIVAL), 2)
    assert path_of(told)[2:-2] == [first, (str(LOOK), 1), second, (str(OTHER_LOOK), 1)]
    assert cause_of(told) == first
    assert "MER-01" not in told.records


def test_reworked_material_leads_back_through_the_look_that_failed_it():
    """The first look was two days over; the buyer owes the goods again meanwhile, and sends none."""
    story = inspected(late_material(), "2026-03-17 11:00", LOOK, passed=False)
    again: dict[str, Any] = {"attempt": 2, "required_on": "2026-03-05", "lead_time_days": 9}
    story.delivers(ARRIVAL, "buyer", service="purchasing", inputs=[LOOK], **again)
    story.at("2026-03-17 14:00").delivers(LOOK, "inspector", service="quality", inputs=[LOOK], attempt=2)
    inspected(story, "2026-03-17 15:00", LOOK)

    told = shipped(story, "2026-03-17 17:00", received(story, "2026-03-17 16:00", LOOK))

    assert path_of(told)[2:-2] == [(str(ARRIVAL), 1), (str(LOOK), 1), (str(LOOK), 2)]


def test_late_material_that_was_asked_for_once_it_was_in_store_is_the_cause():
    story = inspected(late_material(), "2026-03-12 11:00", LOOK)
    booked = received(story, "2026-03-12 14:00", LOOK)
    story.at("2026-03-12 15:00").delivers(ASKED, "workshop_director", inputs=[MADE, booked])
    story.at("2026-03-12 16:00").states(pmc.RequisitionApproved, order_no="SO-1", closes=[ASKED])
    story.delivers(ISSUED, "storekeeper", service="warehouse", inputs=[ASKED])
    story.at("2026-03-13 09:00").states(warehouse.MaterialIssued, order_no="SO-1", closes=[ISSUED])

    told = shipped(story, "2026-03-17 09:00", ISSUED)

    assert cause_of(told) == (str(ARRIVAL), 1)
    assert "MER-01" not in told.records
