"""Does time that a person could not use count against nobody?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts import accountability, engineering, links, pmc, purchasing, quality, warehouse
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.people.calendar import shipped_calendar
from tests.accountability.stories import TUESDAY, an_order_for, due, reasons, shipping
from tests.support.facts import STAFF, a_story, local


def test_waiting_for_somebodys_approval_pauses_the_makers_clock():
    story, duty = a_story(), links.purchase_order("MRL-1")
    approval = links.request_approval("PRQ-1")
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing")
    submitted = {"requirement_no": "MRL-1", "request_no": "PRQ-1"}
    story.at("2026-03-04 09:00").states(purchasing.RequestSubmitted, order_no="SO-1", pauses=[duty], **submitted)
    resting = story.judged(until="2026-03-20 09:00")
    story.delivers(approval, "purchasing_manager", service="purchasing")
    story.at("2026-03-06 09:00").states(
        purchasing.RequestApproved, order_no="SO-1", resumes=[duty], closes=[approval], **submitted
    )

    told = story.judged()

    assert resting.duty(duty).status is DutyStatus.PAUSED
    assert due(told, duty) == "03-09 09:00"
    assert reasons(told, duty) == ["pause"]
    assert told.duty(approval).status is DutyStatus.OVERRAN


def test_material_that_waits_for_an_approval_is_not_the_buyers_delay():
    """Two requests of one line wait at one time: the clock runs on when both are decided (PUR-01)."""
    story, duty = a_story(), links.arrival("MRL-1", 1)
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing", required_on="2026-03-05", lead_time_days=1)
    for number, submitted in (("PRQ-1", "2026-03-03 10:00"), ("PRQ-2", "2026-03-04 10:00")):
        said: dict[str, Any] = {"requirement_no": "MRL-1", "request_no": number, "pauses": [duty]}
        story.at(submitted).states(purchasing.RequestSubmitted, order_no="SO-1", **said)
    for number, approved in (("PRQ-1", "2026-03-05 10:00"), ("PRQ-2", "2026-03-06 10:00")):
        said = {"requirement_no": "MRL-1", "request_no": number, "resumes": [duty]}
        story.at(approved).states(purchasing.RequestApproved, order_no="SO-1", **said)
    story.at("2026-03-09 16:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty])

    told = story.judged()

    assert (reasons(told, duty), told.records) == (["pause"], {})


@pytest.mark.parametrize(("reported", "late"), [("2026-03-06 15:00", False), ("2026-03-09 09:30", True)])
def test_a_delay_is_told_in_time_until_the_due_time_that_an_approval_moved(reported, late):
    """Needed on Thursday; the request waited for a day, so the goods were owed by Friday's end: until then it is early enough."""
    story, duty = a_story(), links.arrival("MRL-1", 1)
    said: dict[str, Any] = {"requirement_no": "MRL-1", "order_no": "SO-1"}
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing", required_on="2026-03-05", lead_time_days=1)
    story.at("2026-03-04 09:00").states(purchasing.RequestSubmitted, request_no="PRQ-1", pauses=[duty], **said)
    story.at("2026-03-05 09:00").states(purchasing.RequestApproved, request_no="PRQ-1", resumes=[duty], **said)
    said = {**said, "requirement_line_no": 1, "delay_no": "DLY-1"}
    story.at(reported).states(purchasing.DelayReported, **said)
    story.at("2026-03-09 10:00").states(pmc.PurchaseRedated, required_on="2026-03-13", **said)
    story.at("2026-03-12 09:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty])

    assert ("PUR-01" in story.judged().records) is late


def test_an_exemption_that_is_waited_for_is_the_managers_time_and_a_record_for_nobody():
    story, duty, approval = a_story(), links.purchase_order("MRL-1"), links.quote_exemption("PRQ-1")
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing")
    said = {"request_no": "PRQ-1", "reason": "独家"}
    asked: dict[str, Any] = {**said, "requirement_no": "MRL-1", "line_no": 1, "pauses": [duty]}
    story.at("2026-03-04 09:00").states(purchasing.ExemptionRequested, order_no="SO-1", **asked)
    story.delivers(approval, "purchasing_manager", service="purchasing", inputs=[duty])
    granted: dict[str, Any] = {**said, "resumes": [duty], "closes": [approval]}
    story.at("2026-03-06 09:00").states(purchasing.QuoteExempted, order_no="SO-1", **granted)

    told = story.judged()

    assert (due(told, duty), reasons(told, duty)) == ("03-09 09:00", ["pause"])
    assert told.duty(approval).status is DutyStatus.OVERRAN
    assert (told.records, told.suspicions) == ({}, {})


def test_stopped_work_of_one_line_stops_that_line_alone():
    story = a_story()
    duties = {number: links.production_order("SO-1", number) for number in (1, 2)}
    for number, duty in duties.items():
        story.at(TUESDAY).delivers(duty, "planner", line_no=number)
    story.at("2026-03-03 11:00").states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1", line_no=1)
    story.at("2026-03-05 11:00").states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1", line_no=1)

    told = story.judged()

    assert (due(told, duties[1]), due(told, duties[2])) == ("03-06 09:00", "03-04 09:00")


def test_a_block_stops_the_shipping_chain_and_nothing_else():
    story = an_order_for("2026-03-05")
    duty, other = shipping(story), links.shipment_report("SHN-1")
    story.delivers(other, "planner")
    story.at("2026-03-04 09:00").states(quality.ShipmentBlocked, order_no="SO-1", block_no="BLK-1")
    story.at("2026-03-06 09:00").states(quality.ShipmentUnblocked, order_no="SO-1", block_no="BLK-1")

    told = story.judged()

    assert due(told, duty) == "03-09 17:00"
    assert due(told, other) == "03-03 14:00"


def test_overlapping_hindrances_count_once():
    story, duty = a_story(), links.production_order("SO-1", 1)
    story.at(TUESDAY).delivers(duty, "planner")
    for number, (start, end) in enumerate([("03-03 10:00", "03-03 16:00"), ("03-03 14:00", "03-04 10:00")]):
        stop = f"STP-{number}"
        story.at(f"2026-{start}").states(engineering.WorkStopped, order_no="SO-1", stop_no=stop)
        story.at(f"2026-{end}").states(engineering.WorkResumed, order_no="SO-1", stop_no=stop)

    assert due(story.judged(), duty) == "03-05 09:00"  # stopped from 10:00 to 10:00, eight working hours


def test_time_in_which_the_persons_own_service_was_down_does_not_count():
    story, duty, other = a_story(), links.receipt("LOT-1"), links.iqc("LOT-1")
    story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse").delivers(other, "inspector", service="quality")
    began, ended = local("2026-03-03 10:00"), local("2026-03-03 15:00")
    story.at(ended).states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)

    told = story.judged()

    assert (due(told, duty), due(told, other)) == ("03-04 14:00", "03-04 09:00")
    assert told.duty(duty).excuses[0].working.total_seconds() == 4 * 3600


def test_goods_count_as_arrived_where_they_are_logged_so_the_warehouses_outage_counts():
    story, duty = a_story(), links.arrival("MRL-1", 1)
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing", required_on="2026-03-05")
    began, ended = local("2026-03-05 13:00"), local("2026-03-06 10:00")
    story.at(ended).states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)

    assert due(story.judged(), duty) == "03-06 15:00"


def test_exceptions_add_up_in_the_order_in_which_they_were_raised():
    """The second is raised after the first due time, but within what the first one added."""
    story, duty = a_story(), links.operation("MO-1", 10)
    story.at(TUESDAY).delivers(duty, "team_leader", standard_hours="4")
    for number, when in (("EXC-1", "2026-03-03 10:00"), ("EXC-2", "2026-03-03 16:00")):
        said: dict[str, Any] = {"exception_no": number, "affected_orders": ["SO-1"], "affected_duties": [duty]}
        story.at(when).states(pmc.ExceptionRaised, order_no="SO-1", **said)
        story.at("2026-03-06 09:00").states(
            pmc.ExceptionDecided, order_no="SO-1", extension_hours="4", decided_by=STAFF["planner"], **said
        )

    told = story.judged()

    assert due(told, duty) == "03-04 14:00"
    assert [excuse.document for excuse in told.duty(duty).excuses] == ["EXC-1", "EXC-2"]


def test_an_exception_that_was_not_accepted_adds_nothing():
    story, duty = a_story(), links.operation("MO-1", 10)
    story.at(TUESDAY).delivers(duty, "team_leader", standard_hours="4")
    said: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "affected_duties": [duty]}
    story.at("2026-03-03 10:00").states(pmc.ExceptionRaised, order_no="SO-1", **said)
    story.states(pmc.ExceptionDecided, order_no="SO-1", accepted=False, extension_hours="4", **said)

    assert due(story.judged(), duty) == "03-03 14:00"


def test_what_comes_after_the_act_was_done_moves_its_due_time_no_more():
    story, duty = a_story(), links.production_order("SO-1", 1)
    story.at(TUESDAY).delivers(duty, "planner", service="pmc")
    story.at("2026-03-03 11:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[duty])
    began, ended = local("2026-03-03 13:00"), local("2026-03-03 15:00")
    story.at(ended).states(pmc.ServiceUnavailable, started_at=began, ended_at=ended)
    story.states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1")
    story.at("2026-03-03 16:00").appoints("E-999", "planner")

    told = story.judged()

    assert due(told, duty) == "03-04 09:00"
    assert reasons(told, duty) == []


def test_a_shorter_day_moves_the_due_time_also_where_the_tolerance_ends_on_the_same_morning():
    """Both days end before the tolerance does, so the timer runs at 08:01 of the next day under either."""
    story, duty = a_story(), links.arrival("MRL-1", 1)
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing", required_on="2026-03-10")
    before = due(story.judged(), duty)
    shorter = shipped_calendar() | {"shifts": [{"start": "08:00", "end": "11:00"}]}
    story.at("2026-03-04 09:00").states(accountability.CalendarSet, calendar_no="CAL-2", **shorter)

    assert (before, due(story.judged(), duty)) == ("03-10 17:00", "03-10 11:00")
