"""Is the right handover found when a date was missed, and nobody else?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contracts import engineering, links, pmc, quality, sales, warehouse
from services.accountability.judge.verdicts import FirstCause, Infeasible, NotMissed, RecordProposal, Withdrawal
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, local
from tests.support.orders import Step, an_order

MISSED = "2026-03-06"


def cause_of(told: Outcome) -> str | None:
    found = told.first_cause
    assert isinstance(found, FirstCause)
    return found.cause.duty if found.cause else None


def hours_on_the_path(told: Outcome) -> dict[str, float]:
    found = told.first_cause
    assert found is not None
    costs = [(step.duty, step.overrun / timedelta(hours=1)) for step in found.contributions if step.overrun]
    return {duty: round(cost, 1) for duty, cost in costs}


def test_the_warehouse_ships_late_because_the_notice_was_late():
    """The bait: the last one to act is late against the date, but had no more than its own four hours."""
    story = a_story()
    an_order(story, delivery_date=MISSED, takes={"notice": 60, "ship": 3.5})

    told = story.judged()

    assert cause_of(told) == "notice:SO-1/1"
    assert told.records == {"SHP-01": STAFF["salesperson"]}


def test_every_contribution_is_returned_and_the_largest_is_the_first_cause():
    story = a_story()
    an_order(story, delivery_date=MISSED, takes={"release": 9, "final_inspection": 20, "instruction": 7})

    told = story.judged()

    assert hours_on_the_path(told) == {"release:SO-1": 5, "final_inspection:MO-SO-1": 12, "instruction:SHN-SO-1": 3}
    assert cause_of(told) == "final_inspection:MO-SO-1"
    assert told.records == {}  # final inspection is shown as a cause, never a record by itself


def test_of_equal_contributions_the_earlier_is_the_cause():
    story = a_story()
    an_order(story, delivery_date=MISSED, takes={"release": 20, "instruction": 20})

    told = story.judged()

    assert hours_on_the_path(told) == {"release:SO-1": 16, "instruction:SHN-SO-1": 16}
    assert told.records == {"MER-01": STAFF["merchandiser"]}


def test_an_overrun_of_an_hour_can_be_the_cause_and_a_shorter_one_cannot():
    long, short = a_story(), a_story()
    an_order(long, delivery_date="2026-03-03", takes={"release": 5})
    an_order(short, delivery_date="2026-03-03", takes={"release": 4.9})

    assert long.judged().records == {"MER-01": STAFF["merchandiser"]}
    assert cause_of(short.judged()) is None
    assert hours_on_the_path(short.judged()) == {"release:SO-1": 0.9}
    assert short.judged().records == {}


def test_a_plan_that_nobody_could_keep_is_the_verdict_when_nobody_overran():
    story = a_story()
    an_order(story, delivery_date="2026-03-03")

    told = story.judged()

    assert isinstance(told.first_cause, Infeasible)
    assert told.standing == {}


def test_only_the_input_that_was_delivered_last_is_on_the_path():
    """The production order overran as well, but the material came later: it delayed nothing."""
    story = a_story()
    an_order(story, delivery_date=MISSED, takes={"production_order": 12, "issue": 4, "receipt": 40})

    told = story.judged()

    assert hours_on_the_path(told) == {"receipt:LOT-SO-1": 32}
    assert told.records == {"PMC-01": STAFF["planner"], "WHS-03": STAFF["storekeeper"]}


def test_work_that_a_failed_inspection_sent_back_is_followed_through_both_attempts():
    """The first attempt was late, the inspection failed, the second attempt was in time."""
    story = a_story()
    story.at("2026-03-02 09:00").states(sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date=MISSED)])
    operation, final = links.operation("MO-1", 10), links.final_inspection("MO-1")
    booked, shipped = links.finished_receipt("MO-1"), links.ship("SHN-1")
    story.at("2026-03-03 08:00").delivers(operation, "team_leader", standard_hours="8")
    story.at("2026-03-05 08:00").states(pmc.OperationFinished, order_no="SO-1", closes=[operation])
    story.delivers(final, "inspector", service="quality", inputs=[operation])
    story.at("2026-03-05 10:00").states(quality.FinalInspected, order_no="SO-1", passed=False, closes=[final])
    story.at("2026-03-05 10:01").delivers(operation, "team_leader", inputs=[final], attempt=2, standard_hours="8")
    story.at("2026-03-06 09:00").states(pmc.OperationFinished, order_no="SO-1", closes=[operation])
    story.delivers(final, "inspector", service="quality", inputs=[operation], attempt=2)
    story.at("2026-03-06 10:00").states(quality.FinalInspected, order_no="SO-1", closes=[final])
    story.delivers(booked, "storekeeper", service="warehouse", inputs=[final])
    story.at("2026-03-06 11:00").states(warehouse.FinishedGoodsReceived, order_no="SO-1", closes=[booked])
    story.delivers(shipped, "storekeeper", service="warehouse", inputs=[booked])
    story.at("2026-03-09 09:00").states(warehouse.GoodsShipped, order_no="SO-1", notice_no="SHN-1", closes=[shipped])

    told = story.judged()

    assert told.first_cause is not None
    path = [(step.duty, step.attempt) for step in told.first_cause.contributions]
    assert path == [
        ("operation:MO-1/10", 1),
        ("final_inspection:MO-1", 1),
        ("operation:MO-1/10", 2),
        ("final_inspection:MO-1", 2),
        ("finished_receipt:MO-1", 1),
        ("ship:SHN-1", 1),
    ]
    assert hours_on_the_path(told) == {"operation:MO-1/10": 8, "ship:SHN-1": 1}
    assert told.duty(operation, attempt=2).overrun == timedelta()


def test_goods_that_stand_still_beyond_the_date_name_the_cause_before_they_leave():
    story = a_story()
    an_order(story, delivery_date=MISSED, never={"instruction"})

    told = story.judged(until="2026-03-09 10:00")

    assert isinstance(told.first_cause, FirstCause)
    assert told.first_cause.done_at is None
    assert told.records == {"SHP-02": STAFF["planner"]}


def test_goods_that_stood_still_only_while_nothing_could_be_recorded_are_looked_at_again_when_they_go_on_standing():
    """Standing still is working time that counts against somebody: an outage moves the moment, it does not cancel it."""
    story = a_story()
    an_order(story, delivery_date=MISSED, never={"ship"})
    began = local("2026-03-09 08:00")
    story.at("2026-03-09 11:00").states(warehouse.ServiceUnavailable, started_at=began, ended_at=story.now)

    assert story.judged(until="2026-03-09 11:30").records == {}
    assert story.judged(until="2026-03-09 17:00").records == {"SHP-03": STAFF["storekeeper"]}


def test_a_later_larger_overrun_takes_the_place_of_what_was_said_before():
    story = a_story()
    an_order(story, delivery_date=MISSED, takes={"instruction": 24, "ship": 80})

    told = story.judged()

    proposed = [verdict.clause for verdict in told.verdicts if isinstance(verdict, RecordProposal)]
    assert proposed == ["SHP-02", "SHP-03"]
    assert [withdrawal.clause for withdrawal in told.withdrawn] == ["SHP-02"]
    assert told.withdrawn[0].because_en == "the first cause is now Shipment SHN-SO-1"
    assert "Shipping instruction" in told.withdrawn[0].ground_en
    assert told.records == {"SHP-03": STAFF["storekeeper"]}


def test_an_order_given_up_after_its_date_keeps_its_breach_and_one_given_up_before_has_none():
    late, early = a_story(), a_story()
    an_order(late, delivery_date=MISSED, never={"instruction"})
    late.at("2026-03-12 09:00").states(sales.OrderCancelled, order_no="SO-1")
    an_order(early, delivery_date=MISSED, never={"instruction"})
    early.at("2026-03-06 16:00").states(sales.OrderCancelled, order_no="SO-1")

    assert late.judged().records == {"SHP-02": STAFF["planner"]}
    assert early.judged().first_cause is None
    assert early.judged().standing == {}


def test_a_line_has_left_when_its_whole_quantity_has():
    story = a_story()
    story.at("2026-03-02 09:00").states(
        sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date=MISSED, quantity="10")]
    )
    for notice, day, quantity in (("SHN-1", "2026-03-05", "6"), ("SHN-2", "2026-03-10", "4")):
        shipped = links.ship(notice)
        story.at(f"{day} 08:00").delivers(shipped, "storekeeper", service="warehouse")
        story.at(f"{day} 09:00").states(
            warehouse.GoodsShipped, order_no="SO-1", notice_no=notice, quantity=quantity, closes=[shipped]
        )

    told = story.judged()

    assert isinstance(told.first_cause, Infeasible)
    assert [step.duty for step in told.first_cause.contributions] == ["ship:SHN-2"]


def test_transit_days_bring_the_last_day_forward():
    story = a_story()
    story.at("2026-03-02 09:00").states(
        sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date="2026-03-09", transit_days=2)]
    )
    story.at("2026-03-03 09:00").delivers(links.ship("SHN-1"), "storekeeper", service="warehouse")

    due = story.judged().duty(links.ship("SHN-1")).due_at

    assert due is not None
    assert due.isoformat() == "2026-03-06T09:00:00+00:00"  # a Saturday, so the end of Friday


def test_stopped_work_costs_nobody_anything_on_the_path():
    story = a_story()

    def stop(story: Story, step: Step) -> None:
        if step.duty == links.operation("MO-SO-1", 20):
            story.states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1", line_no=1)

    an_order(story, delivery_date=MISSED, takes={"operation": 20}, extra=stop)
    story.at("2026-03-11 08:00").states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1", line_no=1)

    assert hours_on_the_path(story.judged()).keys() == {"operation:MO-SO-1/10", "operation:MO-SO-1/30"}


def test_a_shipment_that_turns_out_to_have_been_recorded_in_time_takes_everything_back():
    """The warehouse's relay was down, and an operator let the frontier pass: the fact is admitted two weeks late."""
    story = a_story()
    an_order(story, delivery_date=MISSED, never={"ship"})
    story.at("2026-03-05 09:00").coming_late("2026-03-20 09:00").states(
        warehouse.GoodsShipped, order_no="SO-1", notice_no="SHN-SO-1", closes=[links.ship("SHN-SO-1")]
    )

    told = story.judged()

    assert [type(v) for v in told.verdicts if isinstance(v, FirstCause | NotMissed)] == [FirstCause, NotMissed]
    assert [v.clause for v in told.verdicts if isinstance(v, Withdrawal)] == ["SHP-03"]
    assert told.standing == {}


def test_the_rework_of_goods_that_failed_before_they_left_is_the_workshops_time_and_not_the_inspectors():
    """A week in the workshop; the inspector looks within the hour each time."""
    story, inspector, leader = a_story(), STAFF["inspector"], STAFF["team_leader"]
    checked, reworked, left = links.outgoing_qa("SHN-SO-1"), links.operation("MO-SO-1", 30), links.ship("SHN-SO-1")
    an_order(story, delivery_date="2026-03-06", never={"outgoing_qa"})
    this: dict[str, Any] = {"order_no": "SO-1", "notice_no": "SHN-SO-1"}
    story.at("2026-03-05 15:00").states(quality.OutgoingInspected, by=inspector, passed=False, closes=[checked], **this)
    story.delivers(reworked, "team_leader", attempt=2, inputs=[checked], assignee=leader, standard_hours="4")
    done: dict[str, Any] = {
        "production_order_no": "MO-SO-1",
        "op_no": 30,
        "last": True,
        "team_leader": leader,
        "closes": [reworked],
    }
    story.at("2026-03-13 15:00").states(pmc.OperationFinished, by=leader, order_no="SO-1", workers=(), **done)
    again = [links.instruction("SHN-SO-1"), reworked]
    story.delivers(checked, "inspector", service="quality", attempt=2, inputs=again)
    story.at("2026-03-13 16:00").states(quality.OutgoingInspected, by=inspector, passed=True, closes=[checked], **this)
    story.delivers(left, "storekeeper", service="warehouse", inputs=[links.instruction("SHN-SO-1"), checked])
    shipped: dict[str, Any] = {"quantity": "1", "line_no": 1, "closes": [left]}
    story.at("2026-03-13 17:00").states(warehouse.GoodsShipped, by=STAFF["storekeeper"], **this, **shipped)

    told = story.judged()

    assert cause_of(told) == "operation:MO-SO-1/30"
    assert told.records == {"TML-01": leader}
