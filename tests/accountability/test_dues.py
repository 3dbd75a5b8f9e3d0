"""When does each clock start, rest and run out?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts import accountability, links, quality, sales, warehouse
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict
from services.accountability.people.calendar import shipped_calendar
from tests.accountability.stories import TUESDAY, an_order_for, due, reasons, shipping
from tests.support.facts import RULES, Story, a_line, a_story, local


@pytest.mark.parametrize(
    ("duty", "post", "service", "terms", "expected"),
    [
        (links.opinion("SO-1", "quality"), "quality_manager", "quality", {}, "03-04 09:00"),
        (links.review("SO-1"), "planner", "pmc", {}, "03-04 09:00"),
        (links.release("SO-1"), "merchandiser", "sales", {}, "03-03 14:00"),
        (links.package("SO-1", 1), "engineer", "engineering", {}, "03-05 09:00"),
        (links.requirement("SO-1", 1), "planner", "pmc", {}, "03-04 09:00"),
        (links.production_order("SO-1", 1), "planner", "pmc", {}, "03-04 09:00"),
        (links.purchase_order("MRL-1"), "buyer", "purchasing", {}, "03-05 09:00"),
        (links.request_approval("PRQ-1"), "purchasing_manager", "purchasing", {}, "03-03 14:00"),
        (links.quote_exemption("PRQ-1"), "purchasing_manager", "purchasing", {}, "03-03 14:00"),
        (links.supplier_change("PRQ-1"), "purchasing_manager", "purchasing", {}, "03-03 14:00"),
        (links.arrival("M", 1), "buyer", "purchasing", {"required_on": "2026-03-20"}, "03-20 17:00"),
        (
            links.arrival("M", 1),
            "buyer",
            "purchasing",
            {"required_on": "2026-03-04", "lead_time_days": 4},
            "03-09 17:00",  # four days on is a Saturday
        ),
        (links.follow_up("PO-1", 1), "planner", "pmc", {}, "03-04 09:00"),
        (links.follow_up("PO-1", 1), "planner", "pmc", {"promised_on": "2026-03-06"}, "03-09 17:00"),
        (links.iqc("LOT-1"), "inspector", "quality", {}, "03-04 09:00"),
        (links.receipt("LOT-1"), "storekeeper", "warehouse", {}, "03-04 09:00"),
        (links.dispatch("MO-1", 10), "workshop_director", "pmc", {}, "03-03 14:00"),
        (links.requisition_approval("REQ-1"), "workshop_director", "pmc", {}, "03-03 14:00"),
        (links.issue("REQ-1"), "storekeeper", "warehouse", {}, "03-03 14:00"),
        (links.operation("MO-1", 10), "team_leader", "pmc", {"standard_hours": "6.5"}, "03-03 16:30"),
        (
            links.operation("MO-1", 10),
            "team_leader",
            "pmc",
            {"due_at": "2026-03-05T10:00:00+08:00", "standard_hours": "6.5"},
            "03-05 10:00",
        ),
        (links.delay_response("MO-1", 10), "workshop_director", "pmc", {}, "03-03 14:00"),
        (links.final_inspection("MO-1"), "inspector", "quality", {}, "03-04 09:00"),
        (links.finished_receipt("MO-1"), "storekeeper", "warehouse", {}, "03-04 09:00"),
        (links.notice("SO-1", 1), "salesperson", "sales", {}, "03-19 17:00"),
        (links.planner_review("SHN-1"), "planner", "pmc", {}, "03-03 11:00"),
        (links.director_review("SHN-1"), "workshop_director", "pmc", {}, "03-03 11:00"),
        (links.instruction("SHN-1"), "planner", "pmc", {}, "03-03 14:00"),
        (links.outgoing_qa("SHN-1"), "inspector", "quality", {}, "03-03 14:00"),
        (links.ship("SHN-1"), "storekeeper", "warehouse", {}, "03-20 17:00"),
        (links.shipment_report("SHN-1"), "planner", "pmc", {}, "03-03 14:00"),
        (links.progress("INQ-1"), "merchandiser", "sales", {}, "03-03 14:00"),
        (links.exception_relay("EXC-1", "SO-1"), "merchandiser", "sales", {}, "03-03 11:00"),
        (links.complaint_to_pmc("C-1"), "salesperson", "sales", {}, "03-03 11:00"),
        (links.minutes("MTG-1"), "planner", "pmc", {}, "03-10 09:00"),
        (links.minutes("MTG-1"), "planner", "pmc", {"starts_at": "2026-03-05T14:00:00+08:00"}, "03-12 14:00"),
        (links.minutes("MTG-1"), "planner", "pmc", {"starts_at": "2026-03-02T14:00:00+08:00"}, "03-10 09:00"),
    ],
    ids=str,
)
def test_every_link_has_its_clock(duty, post, service, terms, expected):
    story = an_order_for("2026-03-20")
    story.at(TUESDAY).delivers(duty, post, service=service, **terms)

    assert due(story.judged(), duty) == expected


def test_a_shipment_after_its_date_has_four_hours_from_its_instruction():
    story = an_order_for("2026-03-02")

    duty = shipping(story)

    assert due(story.judged(), duty) == "03-03 14:00"


@pytest.mark.parametrize(("amended", "expected"), [("2026-03-27", "03-27 17:00"), ("2026-03-10", "03-10 17:00")])
def test_an_amended_date_moves_what_hangs_on_it(amended, expected):
    story = an_order_for("2026-03-20")
    duty = shipping(story)
    story.at("2026-03-05 09:00").states(sales.OrderAmended, order_no="SO-1", lines=[a_line(delivery_date=amended)])

    told = story.judged()

    assert due(told, duty) == expected
    assert reasons(told, duty) == ["amended"]


def test_an_earlier_date_leaves_the_standard_time_from_when_it_was_known():
    story = an_order_for("2026-03-20")
    duty = shipping(story)
    story.at("2026-03-05 09:00").states(sales.OrderAmended, order_no="SO-1", lines=[a_line(delivery_date="2026-03-04")])

    assert due(story.judged(), duty) == "03-05 14:00"


def test_a_new_calendar_recomputes_open_due_times_but_not_to_before_it_was_known():
    story, early, late = a_story(), links.package("SO-1", 1), links.package("SO-2", 1)
    story.at(TUESDAY).delivers(early, "engineer", service="engineering")
    story.at("2026-03-04 10:00").delivers(late, "engineer", service="engineering", order_no="SO-2")
    days = shipped_calendar()
    days["public_holidays"] = [*days["public_holidays"], "2026-03-05"]
    story.at("2026-03-04 16:00").states(accountability.CalendarSet, calendar_no="CAL-2", **days)
    longer = days | {"shifts": [{"start": "06:00", "end": "22:00"}]}
    story.at("2026-03-06 08:30").states(accountability.CalendarSet, calendar_no="CAL-3", **longer)

    told = story.judged()
    before = story_until(story, "2026-03-06 08:00").judged(until="2026-03-06 08:00")

    assert (due(before, early), due(before, late)) == ("03-06 09:00", "03-09 10:00")
    assert due(told, early) == "03-06 08:30"


def story_until(story: Story, when: str) -> Story:
    return Story(told=[told for told in story.told if told.recorded_at <= local(when)])


def test_a_duty_keeps_the_rulebook_that_was_in_force_when_it_opened():
    story, old, new = a_story(), links.package("SO-1", 1), links.package("SO-2", 1)
    story.at(TUESDAY).delivers(old, "engineer", service="engineering")
    changed = [{**link, "standard": "3 d"} if link["code"] == "package" else link for link in RULES["links"]]
    rules = {**RULES, "version": "2026-02", "links": changed}
    story.at("2026-03-03 10:00").states(
        accountability.RulebookActivated, version="2026-02", effective_from=local("2026-03-03 12:00"), rules=rules
    )
    story.at("2026-03-03 13:00").delivers(new, "engineer", service="engineering", order_no="SO-2")

    told = story.judged()

    assert (due(told, old), due(told, new)) == ("03-05 09:00", "03-06 12:00")


def test_a_reopened_handover_has_a_clock_of_its_own():
    story, duty = a_story(), links.arrival("MRL-1", 1)
    terms: dict[str, Any] = {"required_on": "2026-03-05", "lead_time_days": 2}
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing", **terms)
    story.at("2026-03-05 10:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty])
    story.at("2026-03-06 10:00").delivers(duty, "buyer", service="purchasing", attempt=2, **terms)
    story.at("2026-03-10 10:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty])

    told = story.judged()

    assert told.duty(duty, 1).status is DutyStatus.IN_TIME
    assert (told.duty(duty, 2).status, due(told, duty, 2)) == (DutyStatus.OVERRAN, "03-09 17:00")
    assert told.duty(duty, 2).overrun.total_seconds() == 2 * 3600


def test_a_closing_told_twice_does_not_close_the_next_attempt():
    story, duty = a_story(), links.iqc("LOT-1")
    story.at(TUESDAY).delivers(duty, "inspector", service="quality")
    for when in ("2026-03-03 10:00", "2026-03-03 10:30"):
        story.at(when).states(quality.IncomingInspected, order_no="SO-1", closes=[duty])
    story.at("2026-03-03 11:00").delivers(duty, "inspector", service="quality", attempt=2)

    told = story.judged(until="2026-03-03 12:00")

    assert told.duty(duty, 2).status is DutyStatus.OPEN


def test_an_act_after_the_last_shift_is_in_time_when_no_working_time_has_passed():
    """Due at 17:00, done in overtime at 19:00: nobody worked a minute too long at it."""
    story, duty = an_order_for("2026-03-05"), links.ship("SHN-1")
    shipping(story)
    story.at("2026-03-05 19:00").states(warehouse.GoodsShipped, order_no="SO-1", notice_no="SHN-1", closes=[duty])

    assert story.judged().duty(duty).status is DutyStatus.IN_TIME


def test_a_handover_says_what_is_new_about_it_and_nothing_twice():
    story, duty = a_story(), links.release("SO-1")
    story.at(TUESDAY).delivers(duty, "merchandiser", service="sales")
    story.at("2026-03-04 09:00").states(sales.OrderReleased, order_no="SO-1", closes=[duty])

    said = [(v.status, v.overrun.total_seconds()) for v in story.judged().verdicts if isinstance(v, DutyVerdict)]

    assert said == [(DutyStatus.OPEN, 0), (DutyStatus.OVERRAN, 60), (DutyStatus.OVERRAN, 4 * 3600)]
