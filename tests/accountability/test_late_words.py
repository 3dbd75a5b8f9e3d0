"""A message that comes late makes nobody guilty: what was ended before it was handed over anew is over."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import engineering, links, pmc, purchasing, quality, sales, warehouse
from contracts.event import DutyRef
from tests.accountability.stories import TUESDAY, an_order_for, due, reasons
from tests.support.facts import STAFF, Story, a_line, a_story, local

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


def stopped_for_an_hour(story: Story, duties: tuple[DutyRef, ...], *, heard: str | None) -> None:
    """Stopped on Tuesday at ten, resumed in Engineering at eleven; the word of it reaches PMC only on Friday."""
    story.at("2026-03-03 10:00").states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1")
    story.at("2026-03-03 11:00").states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1")
    if heard:
        said: dict[str, Any] = {"said_at": local("2026-03-03 11:00"), "heard_at": local(heard), "came_late": "F-1"}
        story.at(heard).states(pmc.WordCameLate, order_no="SO-1", duties=duties, **said)


def finished(story: Story, at: str) -> Story:
    done: dict[str, Any] = {"production_order_no": "MO-1", "op_no": 10, "last": True}
    return story.at(at).states(pmc.OperationFinished, order_no="SO-1", closes=[OPERATION], **done)


@pytest.mark.parametrize("heard", ["2026-03-06 09:00", None])
def test_nobody_is_late_because_the_word_that_work_goes_on_came_late(heard: str | None):
    """Until then PMC refuses the team's report; an hour afterwards it is done, with three of four hours left."""
    story = a_story().at(TUESDAY).delivers(OPERATION, "team_leader", standard_hours="4")
    stopped_for_an_hour(story, (OPERATION,), heard=heard)
    told = finished(story, "2026-03-06 10:00").judged()

    assert told.records == ({} if heard else {"TML-01": STAFF["team_leader"]})
    assert reasons(told, OPERATION) == (["stop_work", "unheard"] if heard else ["stop_work"])


@pytest.mark.parametrize("heard", ["2026-03-13 08:30", None])
def test_nobody_is_late_because_the_word_of_an_earlier_date_came_late(heard: str | None):
    """Wanted on the 20th, then on the 11th; the warehouse hears of that on the 13th and ships that morning."""
    story, duty = an_order_for("2026-03-20"), links.ship("SHN-1")
    story.at("2026-03-09 09:00").delivers(duty, "storekeeper", service="warehouse")
    earlier = [a_line(delivery_date="2026-03-11")]
    story.at("2026-03-10 10:00").states(sales.OrderAmended, order_no="SO-1", revision=2, lines=earlier)
    if heard:
        said: dict[str, Any] = {"said_at": local("2026-03-10 10:00"), "heard_at": local(heard), "came_late": "F-1"}
        story.at(heard).states(warehouse.WordCameLate, order_no="SO-1", duties=(duty,), **said)
    left: dict[str, Any] = {"notice_no": "SHN-1", "quantity": "1", "line_no": 1, "closes": [duty]}
    story.at("2026-03-13 10:00").states(warehouse.GoodsShipped, order_no="SO-1", **left)

    assert story.judged().records == ({} if heard else {"SHP-03": STAFF["storekeeper"]})


def test_only_the_time_in_which_nobody_could_know_it_does_not_count():
    story, other = (
        a_story().at(TUESDAY).delivers(OPERATION, "team_leader", standard_hours="4"),
        links.operation("MO-2", 10),
    )
    story.delivers(other, "team_leader", standard_hours="4")
    stopped_for_an_hour(story, (OPERATION,), heard="2026-03-06 09:00")

    told = finished(story, "2026-03-06 15:00").judged()

    assert due(told, OPERATION) == "03-06 12:00" != due(told, other)
    assert told.records == {"TML-01": STAFF["team_leader"]}


def test_a_late_word_that_comes_after_the_verdict_takes_the_record_back():
    """PMC's own fact of it comes to the ledger a week later: what was proposed meanwhile is withdrawn, and told why."""
    story = a_story().at(TUESDAY).delivers(OPERATION, "team_leader", standard_hours="4")
    stopped_for_an_hour(story, (OPERATION,), heard=None)
    finished(story, "2026-03-06 10:00")
    said: dict[str, Any] = {"said_at": local("2026-03-03 11:00"), "heard_at": local("2026-03-06 09:00")}
    story.at("2026-03-06 09:00").coming_late("2026-03-13 09:00")
    story.states(pmc.WordCameLate, order_no="SO-1", duties=(OPERATION,), **said)

    told = story.judged()

    assert told.records == {}
    (withdrawn,) = told.withdrawn
    assert "the word that it went on came late" in withdrawn.because_en


def test_a_question_whose_answer_came_late_leaves_the_buyer_the_time():
    """A concession is refused on Wednesday; Purchasing hears so on Friday, on the day before which the goods were wanted."""
    story, said = a_story(), {"disposition_no": "NCD-1"}
    story.at(TUESDAY).delivers(GOODS, "buyer", service="purchasing", required_on="2026-03-05", lead_time_days=1)
    story.at("2026-03-03 10:00").states(quality.ConcessionRequested, order_no="SO-1", pauses=[GOODS], **said)
    story.at("2026-03-04 10:00").states(quality.AuthorityRefused, order_no="SO-1", resumes=[GOODS], document_no="NCD-1")
    times: dict[str, Any] = {"said_at": local("2026-03-04 10:00"), "heard_at": local("2026-03-06 10:00")}
    story.at("2026-03-06 10:00").states(purchasing.WordCameLate, order_no="SO-1", duties=(GOODS,), **times)
    story.at("2026-03-09 16:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[GOODS])

    told = story.judged()

    assert (reasons(told, GOODS), due(told, GOODS), told.records) == (["pause", "unheard"], "03-10 17:00", {})


@pytest.mark.parametrize("heard", ["2026-03-06 09:00", None])
def test_a_production_order_is_not_late_for_a_word_that_the_workshop_did_not_hear(heard: str | None):
    """Planned for Wednesday's end, finished on Friday: with the days of silence that is in time."""
    story, plan = a_story().at("2026-03-02 09:00"), links.production_order("SO-1", 1)
    story.states(sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date="2026-03-20")]).delivers(
        plan, "planner"
    )
    story.at("2026-03-03 08:00").states(
        pmc.ProductionOrderIssued,
        order_no="SO-1",
        line_no=1,
        production_order_no="MO-1",
        closes=[plan],
        due_at=local("2026-03-04 17:00"),
    )
    story.at("2026-03-03 09:00").delivers(OPERATION, "team_leader", inputs=[plan], standard_hours="12")
    stopped_for_an_hour(story, (OPERATION,), heard=heard)
    told = finished(story, "2026-03-06 16:00").judged()

    assert (told.first_cause is None) is bool(heard)
