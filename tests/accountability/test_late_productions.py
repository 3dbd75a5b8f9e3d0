"""Is production late only by time that counts? Nobody is to blame for a stop-work, nor for what an accepted exception allows."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import engineering, links, pmc, quality, sales, warehouse
from services.accountability.judge.verdicts import FirstCause
from tests.accountability.stories import shown
from tests.accountability.test_fair_verdicts import confirmed, release
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, local

PACKAGE, PLAN = links.package("SO-1", 1), links.production_order("SO-1", 1)
OPERATIONS = {op_no: links.operation("MO-1", op_no) for op_no in (10, 20)}
LINE = a_line(delivery_date="2026-04-20")
DUE = local("2026-03-06 17:00")
ENGINEER = {"ENG-02": STAFF["engineer"]}


def planned(story: Story | None = None) -> Story:
    """The package is an hour and a half over; the planner, who knows, wants the work done by Friday evening."""
    story = story or confirmed(a_story(), LINE)
    story.at("2026-03-02 09:00").delivers(PACKAGE, "engineer", service="engineering")
    release(story, "2026-03-04 10:30", STAFF["engineer"], 1, "bom", closes=[PACKAGE])
    story.delivers(PLAN, "planner", inputs=[PACKAGE])
    said: dict[str, Any] = {"production_order_no": "MO-1", "line_no": 1, "due_at": DUE, "closes": [PLAN]}
    story.at("2026-03-04 11:00").states(pmc.ProductionOrderIssued, order_no="SO-1", **said)
    for operation in OPERATIONS.values():
        story.delivers(operation, "team_leader", inputs=[PLAN], standard_hours="16", due_at=DUE)
    return story


def stopped(story: Story, start: str, end: str | None, **said: Any) -> Story:
    story.at(start).states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1", **{"line_no": 1, **said})
    if end:
        story.at(end).states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1", line_no=1)
    return story


def finished(story: Story, when: str) -> Outcome:
    for op_no, operation in OPERATIONS.items():
        said: dict[str, Any] = {"production_order_no": "MO-1", "op_no": op_no, "last": op_no == 20}
        story.at(when).states(pmc.OperationFinished, order_no="SO-1", closes=[operation], **said)
    return story.judged(until="2026-04-01 09:00")


def test_work_that_is_done_after_its_due_time_is_late():
    told = finished(planned(), "2026-03-09 08:30")

    assert told.records == {**ENGINEER, "TML-01": STAFF["team_leader"]}


def test_production_that_only_a_stop_work_delayed_is_not_late():
    """Stopped for three working days from Thursday on, and done three working days later than planned."""
    told = finished(stopped(planned(), "2026-03-05 09:00", "2026-03-10 09:00"), "2026-03-11 16:30")

    assert (told.first_cause, told.records) == (None, {})


def test_what_is_late_beyond_the_stop_is_late_against_the_moved_due_time():
    told = finished(stopped(planned(), "2026-03-05 09:00", "2026-03-06 09:00"), "2026-03-10 08:30")

    found = told.first_cause
    assert isinstance(found, FirstCause)
    assert (found.of, shown(found.due_at)) == ("production", "03-09 17:00")
    assert told.records.items() >= ENGINEER.items()


@pytest.mark.parametrize(
    ("start", "end", "line_no"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:30", 1),  # the planner knew of it
        ("2026-03-09 08:15", None, 1),  # the work was late by then
        ("2026-03-05 09:00", "2026-03-10 09:00", 2),
    ],
    ids=["before the plan", "after the due time", "of another line"],
)
def test_a_stop_that_the_work_did_not_stand_still_for_moves_nothing(start: str, end: str | None, line_no: int):
    story = confirmed(a_story(), LINE, a_line(line_no=2, delivery_date="2026-04-20"))

    told = finished(stopped(planned(story), start, end, line_no=line_no), "2026-03-09 08:30")

    assert told.first_cause is not None
    assert shown(told.first_cause.due_at) == "03-06 17:00"


@pytest.mark.parametrize(("when", "of"), [("2026-03-09 11:30", None), ("2026-03-09 14:30", "production")])
def test_an_exception_gives_production_as_long_as_it_gives_the_operations_and_once(when: str, of: str | None):
    """Both wait for one machine: four hours more on Friday evening are the noon of Monday."""
    story, both = planned(), [*OPERATIONS.values()]
    said: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "order_no": "SO-1"}
    story.at("2026-03-05 10:00").states(pmc.ExceptionRaised, affected_duties=both, **said)
    decided: dict[str, Any] = {"accepted": True, "extension_hours": "4", "decided_by": STAFF["planner"]}
    story.states(pmc.ExceptionDecided, affected_duties=both, **decided, **said)

    found = finished(story, when).first_cause

    assert (found.of if found else None) == of


def test_production_of_a_line_that_was_off_the_order_meanwhile_has_that_time_more():
    """Left out by mistake on Thursday, wanted again on Friday: the team goes on where it stood."""
    other = a_line(line_no=2, delivery_date="2026-04-20")
    story = planned(confirmed(a_story(), LINE, other))
    story.at("2026-03-05 09:00").states(sales.OrderAmended, order_no="SO-1", revision=2, lines=[other])
    story.at("2026-03-06 09:00").states(sales.OrderAmended, order_no="SO-1", revision=3, lines=[LINE, other])

    assert finished(story, "2026-03-09 16:30").records == {}


def test_an_outage_of_the_service_in_which_work_is_reported_moves_it_too():
    story = planned()
    began = local("2026-03-06 13:00")
    story.at("2026-03-06 17:00").states(pmc.ServiceUnavailable, started_at=began, ended_at=story.now)

    assert finished(story, "2026-03-09 11:30").records == {}


@pytest.mark.parametrize("first", ["booked", "reworked"])
def test_goods_that_fail_after_they_were_booked_in_time_do_not_make_their_production_late(first: str):
    """Finished on Friday at three and booked; they fail weeks later, before they leave. Who was late at first is no cause."""
    story, last, look = planned(), OPERATIONS[20], links.outgoing_qa("SHN-1")
    done: dict[str, Any] = {"order_no": "SO-1", "production_order_no": "MO-1"}
    work: dict[str, Any] = {**done, "op_no": 20, "last": True, "closes": [last]}
    story.at("2026-03-06 15:00").states(pmc.OperationFinished, **work)

    def booked() -> None:
        story.at("2026-03-06 16:00").states(warehouse.FinishedGoodsReceived, **done)

    if first == "booked":
        booked()
    story.at("2026-03-19 10:00").delivers(look, "inspector", service="quality")
    story.states(quality.OutgoingInspected, order_no="SO-1", notice_no="SHN-1", passed=False, closes=[look])
    story.delivers(last, "team_leader", inputs=[look], attempt=2, standard_hours="16", due_at=DUE)
    story.at("2026-03-19 16:00").states(pmc.OperationFinished, **work)
    if first == "reworked":
        booked()

    told = story.judged(until="2026-04-01 09:00")

    assert (told.first_cause, told.records.keys() & ENGINEER.keys()) == (None, set())


def test_goods_that_fail_before_they_are_booked_make_their_production_as_late_as_their_rework():
    story, last = planned(), OPERATIONS[20]
    finished(story, "2026-03-06 15:00")
    story.at("2026-03-09 08:30").delivers(last, "team_leader", attempt=2, standard_hours="16", due_at=DUE)
    done: dict[str, Any] = {"order_no": "SO-1", "production_order_no": "MO-1"}
    story.at("2026-03-09 15:00").states(pmc.OperationFinished, op_no=20, last=True, closes=[last], **done)
    story.at("2026-03-09 16:00").states(warehouse.FinishedGoodsReceived, **done)

    assert story.judged(until="2026-04-01 09:00").records.keys() >= ENGINEER.keys()


def test_a_customers_date_is_not_moved_by_a_stop():
    """The plan of the house moves, the customer's does not: the largest overrun on the way is the first cause of it."""
    story = stopped(
        planned(confirmed(a_story(), a_line(delivery_date="2026-03-10"))), "2026-03-05 09:00", "2026-03-10 09:00"
    )
    for op_no, operation in OPERATIONS.items():
        said: dict[str, Any] = {"production_order_no": "MO-1", "op_no": op_no, "last": op_no == 20}
        story.at("2026-03-11 14:00").states(pmc.OperationFinished, order_no="SO-1", closes=[operation], **said)
    left = links.ship("SHN-1")
    story.delivers(left, "storekeeper", service="warehouse", inputs=[OPERATIONS[20]])
    shipped: dict[str, Any] = {"notice_no": "SHN-1", "quantity": "1", "closes": [left]}
    told = story.at("2026-03-11 15:00").states(warehouse.GoodsShipped, order_no="SO-1", **shipped).judged()

    assert told.first_cause is not None
    assert (told.first_cause.of, told.records) == ("delivery", ENGINEER)
