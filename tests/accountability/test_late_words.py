"""A message that comes late makes nobody guilty: what was ended before it was handed over anew is over."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import links, pmc, quality, warehouse
from tests.support.facts import STAFF, Story, a_story

ASKED, GOODS, LOOK = links.follow_up("PO-1", 1), links.arrival("MRL-1", 1), links.iqc("LOT-1")
OPERATION, FINAL = links.operation("MO-1", 10), links.final_inspection("MO-1")


def failed_and_conceded(story: Story) -> None:
    """Quality fails the goods at nine and grants a concession at eleven."""
    story.at("2026-03-03 08:00").delivers(OPERATION, "team_leader", standard_hours="8")
    story.at("2026-03-03 15:00").states(pmc.OperationFinished, order_no="SO-1", closes=[OPERATION])
    story.delivers(FINAL, "inspector", service="quality", inputs=[OPERATION])
    story.at("2026-03-04 09:00").states(quality.FinalInspected, order_no="SO-1", passed=False, closes=[FINAL])
    granted: dict[str, Any] = {"order_no": "SO-1", "passed": True, "concession_no": "NCD-1"}
    story.at("2026-03-04 11:00").states(quality.FinalInspected, **granted, closes=[OPERATION])


def again(story: Story, *, given: str | None) -> None:
    """PMC hears of the failure only in the afternoon and opens the operation anew."""
    at = story.at("2026-03-04 15:00")
    at.delivers(OPERATION, "team_leader", inputs=[FINAL], attempt=2, standard_hours="8", given=given)


def test_an_operation_that_was_conceded_before_pmc_heard_of_the_failure_is_over():
    story = a_story()
    failed_and_conceded(story)
    again(story, given="2026-03-04 09:00")

    assert story.judged().records == {}


def test_what_was_ended_before_the_failure_ends_nothing_that_came_of_it():
    story = a_story()
    failed_and_conceded(story)
    again(story, given="2026-03-04 12:00")

    assert story.judged().records == {"TML-01": STAFF["team_leader"]}


@pytest.mark.parametrize("reopened", [False, True])
def test_a_delay_that_nobody_answers_is_the_directors_also_where_the_work_had_been_finished_once(reopened: bool):
    """What was finished before its goods failed answers nothing that the team reported afterwards."""
    story, work, answer = a_story(), links.operation("MO-1", 10), links.delay_response("MO-1", 10)
    done: dict[str, Any] = {"order_no": "SO-1", "production_order_no": "MO-1", "op_no": 10}
    story.at("2026-03-03 09:00").delivers(work, "team_leader", standard_hours="40")
    if reopened:
        story.at("2026-03-03 11:00").states(pmc.OperationFinished, closes=[work], **done)
        failed: dict[str, Any] = {"given": "2026-03-03 14:00", "standard_hours": "40"}
        story.at("2026-03-03 14:00").delivers(work, "team_leader", attempt=2, **failed)
    story.at("2026-03-04 09:00").states(pmc.OperationDelayReported, **done)
    story.delivers(answer, "workshop_director", inputs=[work])
    story.at("2026-03-10 09:00").states(pmc.OperationFinished, closes=[work], **done)

    assert "PRD-01" in story.judged().records


def test_of_facts_from_before_that_was_told_the_arrival_counts():
    story = a_story()
    failed_and_conceded(story)
    again(story, given=None)

    assert story.judged().records == {"TML-01": STAFF["team_leader"]}


@pytest.mark.parametrize(("duty", "post", "service"), [(GOODS, "buyer", "purchasing"), (ASKED, "planner", "pmc")])
def test_goods_that_were_taken_after_all_before_the_failure_was_heard_of_have_come(duty, post, service):
    story = a_story()
    dates: dict[str, Any] = {"required_on": "2026-03-06"} if duty is GOODS else {"promised_on": "2026-03-06"}
    story.at("2026-03-03 08:00").delivers(duty, post, service=service, **dates)
    story.at("2026-03-05 09:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty], lines=[])
    story.at("2026-03-05 10:00").states(quality.IncomingInspected, order_no="SO-1", passed=False, lot="LOT-1")
    story.at("2026-03-05 14:00").states(warehouse.GoodsReceived, order_no="SO-1", lot="LOT-1", closes=[duty])
    story.at("2026-03-05 16:00")
    story.delivers(duty, post, service=service, attempt=2, inputs=[LOOK], given="2026-03-05 10:00", **dates)

    assert story.judged().records == {}
