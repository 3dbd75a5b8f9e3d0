"""What was scrapped is planned once more: that has a clock of its own, and a late delivery leads back through it."""

from __future__ import annotations

import random

import pytest

from contracts import links, pmc, sales, warehouse
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import DutyStatus, FirstCause
from tests.accountability.stories import due
from tests.support.facts import Outcome, Story, a_line, a_story, in_order, local, outcome

PACKAGE, PLAN = links.package("SO-1", 1), links.production_order("SO-1", 1)
FIRST, SECOND = links.operation("MO-1", 20), links.operation("MO-2", 20)
DISPATCH, SHIP = links.dispatch("MO-2", 20), links.ship("SHN-1")


def scrapped() -> Story:
    """Ten are wanted by the sixteenth; the first order is planned in time, and its team reports nine on the fourth."""
    story = a_story().at("2026-03-02 09:00")
    story.states(sales.OrderConfirmed, order_no="SO-1", lines=[a_line(quantity="10", delivery_date="2026-03-16")])
    story.delivers(PLAN, "planner", inputs=[PACKAGE])
    story.at("2026-03-02 10:00").states(
        pmc.ProductionOrderIssued, order_no="SO-1", production_order_no="MO-1", closes=[PLAN]
    )
    story.delivers(FIRST, "team_leader", inputs=[PLAN], standard_hours="24")
    story.at("2026-03-04 09:00").states(
        pmc.OperationFinished, order_no="SO-1", production_order_no="MO-1", last=True, closes=[FIRST]
    )
    return story.delivers(PLAN, "planner", inputs=[PACKAGE, FIRST], attempt=2)


def made_up(story: Story, planned_at: str) -> Story:
    story.at(planned_at).states(
        pmc.ProductionOrderIssued, order_no="SO-1", production_order_no="MO-2", closes=[PLAN], by="E-004"
    )
    story.delivers(SECOND, "team_leader", inputs=[PLAN], standard_hours="8")
    story.at("2026-03-16 16:00").states(
        pmc.OperationFinished, order_no="SO-1", production_order_no="MO-2", last=True, closes=[SECOND]
    )
    story.delivers(SHIP, "storekeeper", service="warehouse", inputs=[SECOND])
    return story.at("2026-03-17 10:00").states(
        warehouse.GoodsShipped, order_no="SO-1", notice_no="SHN-1", quantity="10", closes=[SHIP]
    )


def status(told: Outcome, attempt: int) -> DutyStatus:
    return told.duty(PLAN, attempt).status


def test_the_planner_has_the_standard_time_for_the_rest():
    told = made_up(scrapped(), "2026-03-05 09:00").judged()

    assert due(told, PLAN, 2) == "03-05 09:00"
    assert [status(told, attempt) for attempt in (1, 2)] == [DutyStatus.IN_TIME, DutyStatus.IN_TIME]
    assert "PMC-01" not in told.records


def test_a_rest_that_nobody_plans_is_late():
    told = scrapped().judged(until="2026-03-10 17:00")

    assert [status(told, attempt) for attempt in (1, 2)] == [DutyStatus.IN_TIME, DutyStatus.OVERRAN]
    assert told.records == {"PMC-01": "E-004"}
    assert scrapped().judged().records == {"PMC-03": "E-004"}


def test_a_late_delivery_leads_back_through_the_rest_that_was_planned_late():
    told = made_up(scrapped(), "2026-03-13 16:00").judged()

    cause = told.first_cause
    assert isinstance(cause, FirstCause)
    assert cause.cause is not None
    assert (cause.cause.duty, cause.cause.attempt) == (str(PLAN), 2)
    path = [(step.duty, step.attempt) for step in cause.contributions]
    assert path == [(str(PLAN), 1), (str(FIRST), 1), (str(PLAN), 2), (str(SECOND), 1), (str(SHIP), 1)]


@pytest.mark.parametrize("seed", range(6))
def test_the_verdict_is_the_same_in_whatever_order_the_facts_come(seed):
    told = made_up(scrapped(), "2026-03-13 16:00")
    plain = told.judged()
    entries = [*told.entries()]
    random.Random(seed).shuffle(entries)

    shuffled = outcome(State(), entries, local("2026-06-30 17:00"))

    assert in_order(entries) == told.entries()
    assert shuffled.records == plain.records
    assert [shuffled.duty(PLAN, n).status for n in (1, 2)] == [plain.duty(PLAN, n).status for n in (1, 2)]
    assert shuffled.first_cause == plain.first_cause


@pytest.mark.parametrize(
    ("when", "expected"), [("2026-03-04 15:00", DutyStatus.CANCELLED), ("2026-03-06 09:00", DutyStatus.OVERRAN)]
)
def test_a_rest_that_the_customer_does_not_want_is_called_off(when, expected):
    told = scrapped().at(when)
    told.states(pmc.ProductionOrderCalledOff, order_no="SO-1", production_order_no="MO-2", closes=[PLAN])

    assert [status(told.judged(), attempt) for attempt in (1, 2)] == [DutyStatus.IN_TIME, expected]
