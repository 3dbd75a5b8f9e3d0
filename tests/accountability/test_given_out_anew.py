"""Whoever takes over work that is late already is not its first cause, nor is whoever gave it to them."""

from __future__ import annotations

import pytest

from contracts import links, pmc, quality, sales, warehouse
from contracts.event import DutyRef
from services.accountability.judge.verdicts import FirstCause
from tests.accountability.test_fair_verdicts import confirmed, ship
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story

PLAN, DISPATCH, WORK = links.production_order("SO-1", 1), links.dispatch("MO-1", 20), links.operation("MO-1", 20)
LOOK, MATERIAL = links.final_inspection("MO-1"), links.issue("REQ-2")
TEAM = {"TML-01": STAFF["team_leader"]}


def dispatched_late() -> Story:
    """The director took half an hour more than half a day; the team has four hours."""
    story = confirmed(a_story(), a_line(delivery_date="2026-03-06"))
    story.delivers(PLAN, "planner")
    story.at("2026-03-02 09:30").states(
        pmc.ProductionOrderIssued, order_no="SO-1", production_order_no="MO-1", closes=[PLAN]
    )
    story.delivers(DISPATCH, "workshop_director", inputs=[PLAN])
    story.at("2026-03-03 10:00").states(pmc.OperationDispatched, order_no="SO-1", closes=[DISPATCH])
    given(story, DISPATCH)
    return story


def given(story: Story, *inputs: DutyRef, attempt: int = 1) -> None:
    story.delivers(WORK, "team_leader", inputs=inputs, attempt=attempt, standard_hours="4")


def given_anew(story: Story, when: str, *inputs: DutyRef, attempt: int = 2) -> None:
    story.at(when).states(pmc.OperationDispatched, order_no="SO-1")
    given(story, *inputs, attempt=attempt)


def finished(story: Story, when: str) -> None:
    story.at(when).states(
        pmc.OperationFinished, order_no="SO-1", production_order_no="MO-1", op_no=20, last=True, closes=[WORK]
    )


def judged(story: Story, done: str) -> Outcome:
    finished(story, done)
    ship(story, "SHN-1", "2026-03-09 11:00", inputs=[WORK])
    return story.judged()


def attempts(told: Outcome) -> list[tuple[str, int]]:
    assert isinstance(told.first_cause, FirstCause)
    return [(part.duty, part.attempt) for part in told.first_cause.contributions]


def test_the_team_that_was_days_late_is_the_cause_after_the_director_named_another():
    story = dispatched_late()
    given_anew(story, "2026-03-06 15:00", DISPATCH)

    told = judged(story, "2026-03-09 09:00")

    assert told.records == TEAM
    assert attempts(told) == [(str(PLAN), 1), (str(DISPATCH), 1), (str(WORK), 1), (str(WORK), 2), ("ship:SHN-1", 1)]


@pytest.mark.parametrize("anew", [True, False])
def test_rework_that_is_given_to_another_team_waited_for_the_look_that_failed(anew: bool):
    story = dispatched_late()
    finished(story, "2026-03-06 15:00")
    story.delivers(LOOK, "inspector", service="quality", inputs=[WORK])
    story.at("2026-03-06 16:00").states(quality.FinalInspected, order_no="SO-1", passed=False, closes=[LOOK])
    given(story, LOOK, attempt=2)
    if anew:
        given_anew(story, "2026-03-06 16:30", DISPATCH, attempt=3)

    told = judged(story, "2026-03-09 10:00")

    assert told.records == TEAM
    assert ("final_inspection:MO-1", 1) in attempts(told)


@pytest.mark.parametrize(("issued", "on_the_path"), [("2026-03-06 15:00", True), ("2026-03-03 10:00:30", False)])
def test_an_input_that_came_meanwhile_is_what_the_work_waited_for(issued: str, on_the_path: bool):
    """Half a minute between two clocks is no meanwhile."""
    story = dispatched_late()
    story.at("2026-03-03 10:00:10").delivers(MATERIAL, "storekeeper", service="warehouse", inputs=[PLAN])
    story.at(issued).states(warehouse.MaterialIssued, order_no="SO-1", closes=[MATERIAL])
    given_anew(story, "2026-03-06 15:10", DISPATCH, MATERIAL)

    assert ((str(MATERIAL), 1) in attempts(judged(story, "2026-03-09 09:00"))) is on_the_path


@pytest.mark.parametrize("begun", [True, False])
def test_work_that_was_done_without_having_been_handed_over_hides_nothing_from_before(begun: bool):
    """As a ledger tells it of a time when that could be."""
    story, released = confirmed(a_story(), a_line(delivery_date="2026-03-06")), links.release("SO-1")
    story.delivers(released, "merchandiser", service="sales", line_no=None)
    story.at("2026-03-05 15:00").states(sales.OrderReleased, order_no="SO-1", closes=[released])
    story.delivers(DISPATCH, "workshop_director", inputs=[released])
    story.at("2026-03-05 16:30").states(pmc.OperationDispatched, order_no="SO-1", closes=[DISPATCH])
    if begun:
        given(story, DISPATCH)
    finished(story, "2026-03-06 11:00")
    story.delivers(LOOK, "inspector", service="quality", inputs=[WORK])
    story.at("2026-03-09 09:00").states(quality.FinalInspected, order_no="SO-1", closes=[LOOK])
    ship(story, "SHN-1", "2026-03-09 10:00", inputs=[LOOK])

    assert story.judged().records == {"MER-01": STAFF["merchandiser"]}
