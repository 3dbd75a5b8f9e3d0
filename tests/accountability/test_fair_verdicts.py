"""Is anybody punished for what another did, for more than they did, or for the same thing twice?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import accountability, engineering, links, pmc, quality, sales, warehouse
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict, FirstCause, Infeasible
from services.accountability.people.calendar import shipped_calendar
from tests.accountability.stories import TUESDAY, due, reasons
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, local

PACKAGE: dict[str, Any] = {"package_no": "PKG-1", "line_no": 1, "order_no": "SO-1"}


def an_exception(story: Story, raised: str, duty: Any, number: str = "EXC-1") -> None:
    """Four hours more, accepted by the planner half an hour later."""
    said: dict[str, Any] = {"exception_no": number, "affected_orders": ["SO-1"], "affected_duties": [duty]}
    story.at(raised).states(pmc.ExceptionRaised, order_no="SO-1", **said)
    story.at(story.now + timedelta(minutes=30)).states(
        pmc.ExceptionDecided, order_no="SO-1", extension_hours="4", decided_by=STAFF["planner"], **said
    )


def lacks(story: Story, when: str, document: str) -> None:
    """The workshop misses a document, and engineering's manager confirms it."""
    said = {"report_no": f"MDR-{document}", "document": document, **PACKAGE}
    story.at(when).states(pmc.MissingDocumentReported, **said)
    story.states(engineering.MissingDocumentDecided, by=STAFF["engineering_manager"], confirmed=True, **said)


def release(story: Story, when: str, by: str, revision: int, *documents: str, **more: Any) -> None:
    said = {"revision": revision, "documents": documents, **PACKAGE}
    story.at(when).states(engineering.PackageReleased, by=by, **said, **more)


def confirmed(story: Story, *lines: dict[str, Any]) -> Story:
    return story.at("2026-03-02 09:00").states(sales.OrderConfirmed, order_no="SO-1", lines=lines)


def instruct(story: Story, notice: str, given: str, done: str, *, line_no: int = 1) -> None:
    duty = links.instruction(notice)
    story.at(given).delivers(duty, "planner", line_no=line_no)
    story.at(done).states(pmc.ShipmentInstructed, order_no="SO-1", closes=[duty])


def ship(story: Story, notice: str, done: str, *, quantity: str = "1", line_no: int = 1, inputs: Any = ()) -> None:
    """The warehouse takes an hour."""
    duty = links.ship(notice)
    story.delivers(duty, "storekeeper", service="warehouse", line_no=line_no, inputs=inputs)
    said: dict[str, Any] = {"notice_no": notice, "quantity": quantity, "line_no": line_no}
    story.at(done).states(warehouse.GoodsShipped, order_no="SO-1", closes=[duty], **said)


def test_an_exception_for_work_that_has_not_come_yet_excuses_it_when_it_comes():
    """The operation is dispatched and named, but waits for the one before it: nobody could raise it more in time."""
    story, duty = a_story(), links.operation("MO-1", 10)
    an_exception(story, "2026-03-02 10:00", duty)
    story.at(TUESDAY).delivers(duty, "team_leader", standard_hours="4")

    told = story.judged()

    assert (due(told, duty), reasons(told, duty)) == ("03-04 09:00", ["exception"])


def test_an_exception_excuses_the_attempt_that_was_open_and_no_later_one():
    story, duty = a_story(), links.operation("MO-1", 10)
    story.at(TUESDAY).delivers(duty, "team_leader", standard_hours="4")
    an_exception(story, "2026-03-03 10:00", duty)
    story.at("2026-03-03 16:00").states(pmc.OperationFinished, order_no="SO-1", last=False, closes=[duty])
    story.at("2026-03-05 09:00").delivers(duty, "team_leader", attempt=2, standard_hours="4")

    told = story.judged()

    assert (due(told, duty, 1), due(told, duty, 2)) == ("03-04 09:00", "03-05 14:00")


def test_the_engineer_answers_who_released_the_revision_that_lacks_the_document():
    story = a_story()
    story.appoints("E-050", "engineer")
    release(story, "2026-03-03 09:00", STAFF["engineer"], 1, "bom", "drawing")
    release(story, "2026-03-04 09:00", "E-050", 2, "bom")
    lacks(story, "2026-03-05 09:00", "drawing")
    release(story, "2026-03-06 09:00", STAFF["engineer"], 3, "bom", "drawing")

    record = story.judged().record("ENG-01")

    assert record.person.employee == "E-050"
    assert record.breaches[0].at.isoformat() == "2026-03-04T01:00:00+00:00"


def test_two_documents_that_were_missing_at_the_same_time_cost_that_time_once():
    """Four hours without papers, six hours of a late instruction: the planner is the first cause, not the engineer."""
    story, duty = confirmed(a_story(), a_line(delivery_date="2026-03-06")), links.package("SO-1", 1)
    story.delivers(duty, "engineer", service="engineering")
    release(story, "2026-03-03 09:00", STAFF["engineer"], 1, "bom", closes=[duty])
    lacks(story, "2026-03-03 10:00", "drawing")
    lacks(story, "2026-03-03 10:00", "route")
    release(story, "2026-03-03 15:00", STAFF["engineer"], 2, "bom", "drawing", "route")
    instruction = links.instruction("SHN-1")
    story.at("2026-03-06 09:00").delivers(instruction, "planner", inputs=[duty])
    story.at("2026-03-09 11:00").states(pmc.ShipmentInstructed, order_no="SO-1", closes=[instruction])
    ship(story, "SHN-1", "2026-03-09 12:00", inputs=[instruction])

    told = story.judged()

    assert told.records == {"SHP-02": STAFF["planner"], "ENG-01": STAFF["engineer"]}


def test_work_that_was_stopped_costs_nothing_although_a_document_was_missing():
    story, duty = confirmed(a_story(), a_line(delivery_date="2026-03-06")), links.package("SO-1", 1)
    story.delivers(duty, "engineer", service="engineering")
    release(story, "2026-03-03 09:00", STAFF["engineer"], 1, "bom", closes=[duty])
    story.at("2026-03-03 10:00").states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1", line_no=None)
    lacks(story, "2026-03-03 10:00", "drawing")
    story.at("2026-03-09 11:00").states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1", line_no=None)
    release(story, "2026-03-09 11:00", STAFF["engineer"], 2, "bom", "drawing")
    ship(story, "SHN-1", "2026-03-09 12:00", inputs=[duty])

    assert story.judged().records == {"ENG-01": STAFF["engineer"]}


def a_package_lacks_it_for_long(*documents: str) -> Story:
    """A drawing is reported missing on Tuesday and confirmed, and comes with a revision on the Monday after."""
    story, duty = confirmed(a_story(), a_line(delivery_date="2026-03-06")), links.package("SO-1", 1)
    story.delivers(duty, "engineer", service="engineering")
    release(story, "2026-03-03 09:00", STAFF["engineer"], 1, *documents, closes=[duty])
    lacks(story, "2026-03-03 10:00", "drawing")
    release(story, "2026-03-09 11:00", STAFF["engineer"], 2, "bom", "drawing")
    ship(story, "SHN-1", "2026-03-09 12:00", inputs=[duty])
    return story


def test_a_document_that_the_package_contains_is_not_missing_whoever_confirms_it():
    told = a_package_lacks_it_for_long("bom", "drawing").judged()

    assert told.records == {}
    assert told.suspicions == {"ENG-01": "the recorded evidence does not bear this out"}
    assert isinstance(told.first_cause, Infeasible)


def test_a_document_that_the_package_does_not_contain_makes_its_delay_the_engineers():
    assert a_package_lacks_it_for_long("bom").judged().records == {"ENG-02": STAFF["engineer"]}


def test_an_engineer_who_confirms_their_own_gap_is_judged_by_neither_clause():
    story, duty = confirmed(a_story(), a_line(delivery_date="2026-03-06")), links.package("SO-1", 1)
    story.delivers(duty, "engineer", service="engineering")
    release(story, "2026-03-03 09:00", STAFF["engineer"], 1, "bom", closes=[duty])
    said = {"report_no": "MDR-drawing", "document": "drawing", **PACKAGE}
    story.at("2026-03-03 10:00").states(pmc.MissingDocumentReported, **said)
    story.states(engineering.MissingDocumentDecided, by=STAFF["engineer"], confirmed=True, **said)
    ship(story.at("2026-03-09 11:00"), "SHN-1", "2026-03-09 12:00", inputs=[duty])

    told = story.judged()

    assert (told.records, set(told.suspicions)) == ({}, {"ENG-01"})


def test_a_failure_that_the_heavier_clause_takes_in_is_not_counted_beside_another():
    """Both production orders were late, one of them cost the delivery date: each is charged once."""
    story = confirmed(a_story(), a_line(delivery_date="2026-03-04"), a_line(line_no=2, delivery_date="2026-03-27"))
    late, other = links.production_order("SO-1", 1), links.production_order("SO-1", 2)
    story.delivers(late, "planner").delivers(other, "planner", line_no=2)
    story.at("2026-03-05 09:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[late])
    said: dict[str, Any] = {"line_no": 2, "production_order_no": "MO-2"}
    story.states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[other], **said)
    ship(story, "SHN-1", "2026-03-05 12:00", inputs=[late])

    told = story.judged()

    assert [breach.about for breach in told.record("PMC-03").breaches] == [str(late)]
    assert [breach.about for breach in told.record("PMC-01").breaches] == [str(other)]
    assert told.record("PMC-03").absorbed == ("PMC-01",)


def test_what_the_customer_orders_more_after_it_has_left_does_not_make_it_late():
    """All ten left in time; two more are wanted by the end of the month and leave long before."""
    story = confirmed(a_story(), a_line(delivery_date="2026-03-06", quantity="10"))
    ship(story.at("2026-03-04 10:00"), "SHN-1", "2026-03-05 09:00", quantity="10")
    more = a_line(delivery_date="2026-03-30", quantity="12")
    story.at("2026-03-10 09:00").states(sales.OrderAmended, order_no="SO-1", lines=[more])
    instruct(story, "SHN-2", "2026-03-12 09:00", "2026-03-16 10:00")
    ship(story, "SHN-2", "2026-03-16 11:00", quantity="2")

    told = story.judged()

    assert (told.records, told.first_cause) == ({}, None)
    assert told.duty(links.instruction("SHN-2")).status is DutyStatus.OVERRAN


def test_what_is_ordered_more_is_owed_by_its_own_date():
    story = confirmed(a_story(), a_line(delivery_date="2026-03-06", quantity="10"))
    ship(story.at("2026-03-04 10:00"), "SHN-1", "2026-03-05 09:00", quantity="10")
    more = a_line(delivery_date="2026-03-12", quantity="12")
    story.at("2026-03-10 09:00").states(sales.OrderAmended, order_no="SO-1", lines=[more])
    instruct(story, "SHN-2", "2026-03-12 09:00", "2026-03-16 10:00")
    ship(story, "SHN-2", "2026-03-16 11:00", quantity="2")

    assert story.judged().records == {"SHP-02": STAFF["planner"]}


def test_more_of_the_same_date_after_it_has_passed_does_not_make_it_late():
    story = confirmed(a_story(), a_line(delivery_date="2026-03-06", quantity="10"))
    instruct(story, "SHN-1", "2026-03-03 09:00", "2026-03-04 15:00")
    ship(story, "SHN-1", "2026-03-05 09:00", quantity="10")
    more = a_line(delivery_date="2026-03-06", quantity="12")
    story.at("2026-03-10 09:00").states(sales.OrderAmended, order_no="SO-1", lines=[more])
    ship(story, "SHN-2", "2026-03-11 09:00", quantity="2", inputs=[links.instruction("SHN-1")])

    assert (story.judged().records, story.judged().first_cause) == ({}, None)


def test_whoever_is_appointed_anew_to_the_post_they_hold_has_not_taken_it_over():
    story, duty = a_story(), links.production_order("SO-1", 1)
    story.at(TUESDAY).delivers(duty, "planner")
    said = {"employee": STAFF["planner"], "post": "planner"}
    story.at("2026-03-04 08:30").states(
        accountability.PostAssigned, assignment_no="A-2", effective_from=story.now, **said
    )
    story.relieves(STAFF["planner"], "planner")

    told = story.judged()

    assert (due(told, duty), told.records) == ("03-04 09:00", {"PMC-01": STAFF["planner"]})


def test_an_attempt_that_another_replaces_is_said_to_be_over():
    story, duty = a_story(), links.iqc("LOT-1")
    for attempt, when in ((1, TUESDAY), (2, "2026-03-05 09:00")):
        story.at(when).delivers(duty, "inspector", service="quality", attempt=attempt)

    said = [v for v in story.judged(until="2026-03-05 10:00").verdicts if isinstance(v, DutyVerdict) and v.ends]

    assert [(v.attempt, v.status, v.overrun / timedelta(hours=1)) for v in said] == [(1, DutyStatus.OVERRAN, 8)]


def test_other_shifts_from_june_on_change_nothing_about_march():
    """Answered twenty minutes late in March, when the afternoon began at one and the morning ended at noon."""
    story, duty, later = a_story(), links.progress("INQ-1"), links.progress("INQ-2")
    story.at("2026-03-03 10:00").delivers(duty, "merchandiser", service="sales")
    story.at("2026-03-03 15:20").states(sales.ProgressAnswered, order_no="SO-1", closes=[duty])
    shifts = [{"start": "08:00", "end": "11:30"}, {"start": "13:00", "end": "17:30"}]
    story.at("2026-06-01 07:00").states(
        accountability.CalendarSet, calendar_no="CAL-2", **shipped_calendar() | {"shifts": shifts}
    )
    story.at("2026-06-01 10:00").delivers(later, "merchandiser", service="sales")

    told = story.judged()

    assert (due(told, duty), due(told, later)) == ("03-03 15:00", "06-01 15:30")
    assert [breach.about for breach in told.record("MER-04").breaches] == [str(duty), str(later)]
    assert told.withdrawn == []


@pytest.mark.parametrize(("channel", "expected"), [("mail", {"SHP-04": "E-001"}), ("phone", {})])
def test_a_complaint_that_a_colleague_took_by_phone_is_owed_from_when_it_was_written_down(channel, expected):
    """Nobody can pass on what they have not been told; the customer's own mail is another matter."""
    story, duty = a_story(), links.complaint_to_pmc("C-1")
    said = {"kind": "quality", "received_at": local("2026-03-02 10:00"), "channel": channel}
    story.at(TUESDAY).states(
        sales.ComplaintReceived, by=STAFF["merchandiser"], order_no="SO-1", received_by=STAFF["merchandiser"], **said
    )
    story.delivers(duty, "salesperson", service="sales")
    story.at("2026-03-03 09:30").states(sales.ComplaintPassed, order_no="SO-1", closes=[duty])

    assert story.judged().records == expected


def test_longer_days_from_june_on_make_a_day_of_march_no_longer():
    story, duty = a_story(), links.production_order("SO-1", 1)
    story.at(TUESDAY).delivers(duty, "planner")
    story.at("2026-03-04 10:30").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[duty])
    shifts = [{"start": "06:00", "end": "18:00"}]
    story.at("2026-06-01 05:00").states(
        accountability.CalendarSet, calendar_no="CAL-2", **shipped_calendar() | {"shifts": shifts}
    )

    told = story.judged()

    assert (due(told, duty), told.records) == ("03-04 09:00", {"PMC-01": STAFF["planner"]})


def test_of_two_outages_at_one_time_only_that_time_is_excused():
    story, duty = a_story(), links.receipt("LOT-1")
    story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse")
    for began, ended in (("2026-03-03 10:00", "2026-03-03 15:00"), ("2026-03-03 14:00", "2026-03-03 16:00")):
        story.at(ended).states(warehouse.ServiceUnavailable, started_at=local(began), ended_at=local(ended))

    told = story.judged()

    assert due(told, duty) == "03-04 15:00"  # closed to the storekeeper from 10:00 to 16:00, five working hours
    assert [excuse.working / timedelta(hours=1) for excuse in told.duty(duty).excuses] == [4, 1]


@pytest.mark.parametrize("began", ["2026-03-04 09:00", "2026-03-04 09:00:10"])
def test_an_outage_that_begins_at_the_deadline_leaves_the_tolerance_for_afterwards(began):
    story, duty = a_story(), links.receipt("LOT-1")
    story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse")
    ended = local("2026-03-04 10:00")
    story.at(ended).states(warehouse.ServiceUnavailable, started_at=local(began), ended_at=ended)
    story.at("2026-03-04 10:00:30").states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])

    assert story.judged().records == {}


def test_a_notice_of_all_that_was_made_is_in_time_and_a_later_receipt_has_its_own():
    """Of a hundred ordered 60 were made, then 35: nobody owes a notice of the five that were scrapped (SHP-01)."""
    story, duty = confirmed(a_story(), a_line(delivery_date="2026-03-04")), links.notice("SO-1", 1)
    for attempt, day in enumerate(("03", "05"), start=1):
        story.at(f"2026-03-{day} 09:00").delivers(duty, "salesperson", service="sales", attempt=attempt)
        story.at(f"2026-03-{day} 11:00").states(sales.ShippingNoticeIssued, order_no="SO-1", closes=[duty])

    told = story.judged()

    assert [due(told, duty, attempt) for attempt in (1, 2)] == ["03-03 17:00", "03-05 14:00"]
    assert {told.duty(duty, attempt).status for attempt in (1, 2)} == {DutyStatus.IN_TIME}
    assert "SHP-01" not in told.records


def asks_for_more(approved: str) -> Outcome:
    """An operation of eight hours; the team asks for more material after two."""
    story = confirmed(a_story(), a_line(delivery_date="2026-03-05"))
    operation, approval = links.operation("MO-1", 10), links.requisition_approval("REQ-2")
    story.at("2026-03-03 08:00").delivers(operation, "team_leader", standard_hours="8")
    said: dict[str, Any] = {"order_no": "SO-1", "requisition_no": "REQ-2", "production_order_no": "MO-1"}
    story.at("2026-03-03 10:00").states(pmc.RequisitionSubmitted, pauses=[operation], **said)
    story.delivers(approval, "workshop_director", inputs=[links.production_order("SO-1", 1), operation])
    story.at(approved).states(pmc.RequisitionApproved, closes=[approval], resumes=[operation], **said)
    finished: dict[str, Any] = {"order_no": "SO-1", "production_order_no": "MO-1", "last": True, "closes": [operation]}
    story.at("2026-03-06 16:00").states(pmc.OperationFinished, **finished)
    ship(story, "SHN-1", "2026-03-06 16:50", inputs=[operation])
    return story.judged()


def test_a_team_that_waits_for_the_directors_approval_is_not_late():
    assert asks_for_more("2026-03-06 09:00").records == {"PRD-01": STAFF["workshop_director"]}


def test_a_director_who_decides_at_once_leaves_the_team_its_own_lateness():
    assert asks_for_more("2026-03-03 11:00").records == {"TML-01": STAFF["team_leader"]}


def a_concession(granted: str) -> Outcome:
    """Goods fail at nine; the inspector asks for a concession, and the team that made them waits."""
    story = confirmed(a_story(), a_line(delivery_date="2026-03-06"))
    operation, final, answer = links.operation("MO-1", 10), links.final_inspection("MO-1"), links.concession("NCD-1")
    story.at("2026-03-03 08:00").delivers(operation, "team_leader", standard_hours="8")
    story.at("2026-03-03 15:00").states(pmc.OperationFinished, order_no="SO-1", closes=[operation])
    story.delivers(final, "inspector", service="quality", inputs=[operation])
    story.at("2026-03-04 09:00").states(quality.FinalInspected, order_no="SO-1", passed=False, closes=[final])
    story.delivers(operation, "team_leader", inputs=[final], attempt=2, standard_hours="8")
    said: dict[str, Any] = {"order_no": "SO-1", "disposition_no": "NCD-1"}
    story.at("2026-03-04 09:30").states(quality.ConcessionRequested, pauses=[operation], **said)
    story.delivers(answer, "quality_manager", service="quality", inputs=[final, operation])
    over: dict[str, Any] = {"closes": [answer], "resumes": [operation]}
    story.at(granted).states(quality.DispositionDecided, disposition="concession", **over, **said)
    story.states(quality.FinalInspected, order_no="SO-1", passed=True, concession_no="NCD-1", closes=[operation])
    left = max(local(granted), local("2026-03-06 10:00")) + timedelta(minutes=30)
    ship(story, "SHN-1", left.strftime("%Y-%m-%d %H:%M"), inputs=[operation])
    return story.judged()


def test_a_team_does_not_answer_for_the_time_that_a_concession_takes():
    """Nor is anybody: the source names no clause for a late answer; it stands on the way as the first cause."""
    told = a_concession("2026-03-09 15:00")

    assert told.records == {}
    assert isinstance(told.first_cause, FirstCause)
    assert told.first_cause.cause is not None
    assert told.first_cause.cause.duty == "concession:NCD-1"
    assert a_concession("2026-03-04 11:00").records == {}


@pytest.mark.parametrize("overtaken_first", [False, True])
def test_a_concession_that_the_rework_overtook_is_owed_by_nobody_and_holds_up_no_later_rework(overtaken_first: bool):
    """Asked for at half past nine; the team reworks all the same by eleven; what fails anew at one runs on the team's clock."""
    story = a_story()
    operation, final, answer = links.operation("MO-1", 10), links.final_inspection("MO-1"), links.concession("NCD-1")
    story.at("2026-03-04 09:00").delivers(operation, "team_leader", standard_hours="8")
    said: dict[str, Any] = {"order_no": "SO-1", "disposition_no": "NCD-1"}
    over: dict[str, Any] = {"closes": [answer], "resumes": [operation]}
    if overtaken_first:
        story.at("2026-03-04 11:05").states(quality.DispositionOvertaken, **over, **said)
    story.at("2026-03-04 09:30").states(quality.ConcessionRequested, pauses=[operation], **said)
    story.delivers(answer, "quality_manager", service="quality", inputs=[final, operation])
    story.at("2026-03-04 11:00").states(pmc.OperationFinished, order_no="SO-1", closes=[operation])
    if not overtaken_first:
        story.at("2026-03-04 11:05").states(quality.DispositionOvertaken, **over, **said)
    story.at("2026-03-04 13:00").states(quality.FinalInspected, order_no="SO-1", passed=False, closes=[final])
    story.delivers(operation, "team_leader", attempt=2, inputs=[final], standard_hours="8")
    story.at("2026-03-09 13:00").states(pmc.OperationFinished, order_no="SO-1", closes=[operation])

    told = story.judged()

    assert told.duty(answer).status is DutyStatus.CANCELLED
    assert (told.duty(operation).status, told.duty(operation, 2).status) == (DutyStatus.IN_TIME, DutyStatus.OVERRAN)
    assert told.records == {"TML-01": STAFF["team_leader"]}


@pytest.mark.parametrize("booked_first", [False, True], ids=["in order", "the receipt first"])
@pytest.mark.parametrize(
    ("granted", "records"), [("2026-03-04 10:00", {}), ("2026-03-05 09:00", {"PUR-01": STAFF["buyer"]})]
)
def test_bought_goods_that_a_concession_let_pass_are_here_from_then_on(
    granted: str, records: dict[str, str], booked_first: bool
):
    """The lot fails at nine and is owed at once; the storekeeper has until the next morning to book what passed."""
    story, goods, look = a_story(), links.arrival("MRL-1", 1), links.iqc("LOT-1")
    shelf = links.receipt("LOT-1")
    terms: dict[str, Any] = {"required_on": "2026-03-03", "lead_time_days": 0}
    said: dict[str, Any] = {"order_no": "SO-1", "lot": "LOT-1"}
    form: dict[str, Any] = {**said, "disposition_no": "NCD-1"}
    story.at("2026-03-02 09:00").delivers(goods, "buyer", service="purchasing", **terms)
    story.at("2026-03-03 15:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[goods], lines=[])
    story.at("2026-03-04 09:00").states(quality.IncomingInspected, passed=False, closes=[look], **said)
    story.delivers(goods, "buyer", service="purchasing", attempt=2, inputs=[look], given="2026-03-04 09:00", **terms)
    booked: dict[str, Any] = {"closes": [shelf, goods], **said}
    if booked_first:
        story.at("2026-03-05 09:30").states(warehouse.GoodsReceived, **booked)
    story.at(granted).states(quality.DispositionDecided, disposition="concession", **form)
    if not booked_first:
        story.at("2026-03-05 09:30").states(warehouse.GoodsReceived, **booked)

    assert story.judged().records == records
