"""What the customer changes before the goods are made costs nobody the time from before, and spares nobody what is owed anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts import engineering, links, pmc, sales
from services.accountability.judge.verdicts import DutyStatus, FirstCause, Infeasible
from tests.accountability.stories import due, reasons
from tests.accountability.test_fair_verdicts import confirmed, lacks, release, ship
from tests.accountability.test_removed_lines import final
from tests.accountability.test_settled import with_and_without
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, in_order, local, outcome

PACKAGE, PLAN, RELEASE = links.package("SO-1", 1), links.production_order("SO-1", 1), links.release("SO-1")
DAY = "2026-03-06"


def wants(story: Story, when: str, *products: str, day: str = DAY, revision: int = 2) -> str:
    """The customer amends the order: each line wants this product. Returns the id of the statement."""
    lines = [a_line(line_no=no, product_code=code, delivery_date=day) for no, code in enumerate(products, start=1)]
    said: dict[str, Any] = {"order_no": "SO-1", "revision": revision, "lines": lines}
    story.at(when).states(sales.OrderAmended, **said)
    return str(story.told[-1].fact["id"])


def a_package_is_owed(story: Story, day: str = DAY) -> Story:
    """From Monday at nine; due on Wednesday at nine."""
    confirmed(story, a_line(product_code="P-1", delivery_date=day))
    story.delivers(PACKAGE, "engineer", service="engineering", assignee=STAFF["engineer"], inputs=[RELEASE])
    return story


def again(story: Story, *given_by: str) -> None:
    """Engineering hands it over anew."""
    said: dict[str, Any] = {"duty": PACKAGE, "post": "engineer", "line_no": 1, "attempt": 2, "given_by": given_by}
    story.states(
        engineering.HandoverDelivered, order_no="SO-1", assignee=STAFF["engineer"], inputs=[RELEASE], terms={}, **said
    )


def released(story: Story, when: str, revision: int = 1) -> None:
    release(story, when, STAFF["engineer"], revision, "bom", "drawing", closes=[PACKAGE])


def leaves_late(story: Story) -> Outcome:
    ship(story.at("2026-03-06 16:30"), "SHN-1", "2026-03-09 09:00", inputs=[PACKAGE])
    return story.judged()


def path_of(told: Outcome) -> list[tuple[str, int]]:
    *_, missed = [v for v in told.verdicts if isinstance(v, FirstCause | Infeasible) and v.of == "delivery"]
    return [(part.duty, part.attempt) for part in missed.contributions]


def test_another_product_half_an_hour_before_the_package_is_due_makes_it_nobodys_delay():
    """As the departments tell it: the package is handed over anew by the amendment."""
    story = a_package_is_owed(a_story())
    wants(story, "2026-03-04 08:30", "P-2")
    again(story)
    released(story, "2026-03-05 09:00")

    told = leaves_late(story)

    assert told.records == {}
    assert (told.duty(PACKAGE).status, told.duty(PACKAGE, 2).status) == (DutyStatus.IN_TIME, DutyStatus.IN_TIME)
    assert due(told, PACKAGE, 2) == "03-06 08:30"


@pytest.mark.parametrize("heard", ["2026-03-04 11:30", "2026-03-04 08:29"])
def test_neither_a_late_message_nor_another_clock_makes_the_package_late(heard: str):
    """Engineering hears of it three hours later, when the package would have been late; or its clock is a minute behind."""
    story = a_package_is_owed(a_story())
    statement = wants(story, "2026-03-04 08:30", "P-2")
    again(story.at(heard), statement)
    released(story, "2026-03-06 08:00")

    told = leaves_late(story)

    assert told.records == {}
    assert {told.duty(PACKAGE, number).status for number in (1, 2)} == {DutyStatus.IN_TIME}


def test_where_nothing_was_handed_over_anew_the_clock_stands_still():
    """As an older ledger tells it."""
    story = a_package_is_owed(a_story())
    wants(story, "2026-03-04 08:30", "P-2")
    released(story, "2026-03-05 09:00")

    told = leaves_late(story)

    assert (told.records, told.duty(PACKAGE).status) == ({}, DutyStatus.IN_TIME)
    assert reasons(told, PACKAGE) == ["other_product"]


def test_the_same_product_excuses_nothing():
    story = a_package_is_owed(a_story())
    wants(story, "2026-03-04 08:30", "P-1")
    released(story, "2026-03-05 09:00")

    assert list(leaves_late(story).records) == ["ENG-02"]


def test_a_package_that_was_late_before_the_customer_changed_their_mind_stays_late_and_is_no_cause():
    """It ended with the amendment; the goods waited for the package of the other product."""
    story = a_package_is_owed(a_story())
    wants(story, "2026-03-04 14:00", "P-2")
    again(story)
    released(story, "2026-03-05 09:00")

    told = leaves_late(story)

    assert (told.duty(PACKAGE).status, told.duty(PACKAGE).overrun) == (DutyStatus.OVERRAN, timedelta(hours=4))
    assert (path_of(told), told.records) == ([("package:SO-1/1", 2), ("ship:SHN-1", 1)], {})


def test_the_package_of_the_other_product_is_owed_in_its_own_time():
    story = a_package_is_owed(a_story())
    wants(story, "2026-03-02 10:00", "P-2")
    again(story)
    released(story, "2026-03-04 15:00")

    assert list(leaves_late(story).records) == ["ENG-02"]


def test_what_the_second_package_lacks_is_the_second_packages_delay():
    story = a_package_is_owed(a_story(), day="2026-03-20")
    released(story, "2026-03-03 09:00")
    wants(story, "2026-03-10 09:00", "P-2", day="2026-03-20")
    again(story)
    release(story, "2026-03-11 09:00", STAFF["engineer"], 2, "bom", closes=[PACKAGE])
    lacks(story, "2026-03-12 09:00", "drawing")
    release(story, "2026-03-19 10:00", STAFF["engineer"], 3, "bom", "drawing")
    ship(story.at("2026-03-20 11:00"), "SHN-1", "2026-03-23 12:00", inputs=[PACKAGE])

    told = story.judged()

    assert [(record.clause, record.absorbed) for record in told.proposals] == [("ENG-02", ("ENG-01",))]
    assert path_of(told)[0] == ("package:SO-1/1", 2)


def planned(story: Story, when: str, *, attempt: int = 1, **more: Any) -> None:
    story.at(when).delivers(PLAN, "planner", inputs=[PACKAGE], attempt=attempt, **more)


def test_the_planner_waits_for_the_package_of_the_other_product():
    """PMC-01 needs no first cause: whoever waits for Engineering, as they should, is late by nothing."""
    story = a_package_is_owed(a_story(), day="2026-03-30")
    released(story, "2026-03-03 09:00")
    planned(story, "2026-03-03 09:00")
    wants(story, "2026-03-03 16:00", "P-2", day="2026-03-30")
    again(story)
    waiting = story.judged(until="2026-03-05 08:00")
    released(story, "2026-03-05 09:00", 2)
    planned(story, "2026-03-05 09:00", attempt=2)
    story.at("2026-03-05 16:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[PLAN])

    told = story.judged(until="2026-03-10 09:00")

    assert waiting.duty(PLAN).status is DutyStatus.PAUSED
    assert (told.duty(PLAN).status, told.duty(PLAN, 2).status) == (DutyStatus.IN_TIME, DutyStatus.IN_TIME)
    assert told.records == {}


def test_a_line_that_came_by_amendment_waited_for_nothing_from_before():
    """The release was two and a half hours late, a month before anybody wanted the line."""
    added, shipped = links.package("SO-1", 2), links.ship("SHN-2")
    story = confirmed(a_story(), a_line(product_code="P-1", delivery_date="2026-03-30"))
    story.delivers(RELEASE, "merchandiser", service="sales", line_no=None)
    story.at("2026-03-02 16:30").states(sales.OrderReleased, order_no="SO-1", closes=[RELEASE])
    wants(story, "2026-04-01 09:00", "P-1", "P-1", day="2026-04-03")
    story.delivers(added, "engineer", service="engineering", line_no=2, inputs=[RELEASE])
    story.at("2026-04-02 15:00").states(engineering.PackageReleased, order_no="SO-1", line_no=2, closes=[added])
    story.delivers(shipped, "storekeeper", service="warehouse", line_no=2, inputs=[added], required_on="2026-04-03")
    ship(story, "SHN-2", "2026-04-07 09:00", line_no=2)

    told = story.judged(until="2026-04-20 09:00")

    assert "MER-01" not in told.records
    assert told.duty(RELEASE).status is DutyStatus.OVERRAN


INSTRUCTION = links.instruction("SHN-1")


def released_three_days_late() -> Story:
    """The package is in time, the date has passed, and the planner has still to say that the goods may leave."""
    story = confirmed(a_story(), a_line(product_code="P-1", delivery_date=DAY))
    story.delivers(RELEASE, "merchandiser", service="sales", line_no=None)
    story.at("2026-03-05 15:00").states(sales.OrderReleased, order_no="SO-1", closes=[RELEASE])
    story.delivers(PACKAGE, "engineer", service="engineering", assignee=STAFF["engineer"], inputs=[RELEASE])
    released(story, "2026-03-06 15:00")
    story.at("2026-03-09 09:00").delivers(INSTRUCTION, "planner", inputs=[PACKAGE])
    return story


def made_anew(story: Story, when: str, statement: str) -> None:
    """The package of the other product is released the same day, and the goods leave."""
    again(story.at(when), statement)
    released(story, f"{when[:11]}14:00", 2)
    story.delivers(INSTRUCTION, "planner", inputs=[PACKAGE], attempt=2)
    story.states(pmc.ShipmentInstructed, order_no="SO-1", closes=[INSTRUCTION])
    ship(story, "SHN-1", f"{when[:11]}15:00", inputs=[INSTRUCTION])


@pytest.mark.parametrize(
    ("when", "day", "clause"),
    [
        ("2026-03-09 09:30", DAY, "MER-01"),
        ("2026-03-10 09:00", "2026-03-27", "MER-01"),
        ("2026-03-16 09:00", "2026-03-27", "SHP-02"),
    ],
)
def test_a_missed_date_stays_missed_by_what_held_the_first_product_up(when: str, day: str, clause: str):
    """By then the shipping instruction is not late yet, late by little, or by more than the release was."""
    story = released_three_days_late()
    made_anew(story, when, wants(story, when, "P-2", day=day))

    told = story.judged()

    assert list(told.records) == [clause]
    assert ("package:SO-1/1", 2) not in path_of(told)


def test_what_was_said_of_a_missed_date_is_not_taken_back_for_another_product():
    story = released_three_days_late()
    made_anew(story, "2026-03-16 09:00", wants(story, "2026-03-16 09:00", "P-2", day="2026-03-27"))

    told = story.judged()

    assert {each.clause for each in told.withdrawn} <= {"MER-01"}
    assert told.records == story.judged(until="2026-03-16 08:30").records


def test_another_product_that_is_not_made_takes_nothing_back_either():
    story = released_three_days_late()
    before = story.judged(until="2026-03-16 08:30").records
    wants(story, "2026-03-16 09:00", "P-2", day="2026-03-27")

    assert (story.judged().records, list(before)) == (before, ["SHP-02"])


def wants_the_first_after_all(told: str = "2026-03-02 16:40") -> Story:
    """P-1 is released in time; then P-2 is wanted, and P-1 after all: Engineering calls its second package off, PMC plans anew."""
    story = a_package_is_owed(a_story(), day="2026-03-20")
    release(story, "2026-03-02 15:00", STAFF["engineer"], 1, "bom", closes=[PACKAGE])
    planned(story, "2026-03-02 15:00")
    again(story, wants(story, "2026-03-02 16:00", "P-2", day="2026-03-20"))
    statement = wants(story, told, "P-1", day="2026-03-20", revision=3)
    planned(story, f"{told[:-1]}5", attempt=2, given_by=[statement])
    story.states(engineering.PackageCalledOff, order_no="SO-1", line_no=1, revision=2, closes=[PACKAGE])
    return story


def made_late(story: Story, when: str) -> Story:
    """The list and the order are issued at once, the team is late by days, and the goods never leave."""
    work = links.operation("MO-1", 10)
    story.at(when).states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[PLAN], due_at=local("2026-03-19 17:00"))
    return story.delivers(work, "team_leader", inputs=[PLAN], due_at="2026-03-18T17:00:00+08:00", standard_hours="8")


def test_a_released_package_that_is_wanted_again_is_nobodys_delay():
    told = made_late(wants_the_first_after_all(), "2026-03-03 09:00").judged("2026-03-31 17:00")

    assert told.records == {"TML-01": STAFF["team_leader"]}
    assert (told.duty(PACKAGE).status, told.duty(PACKAGE, 2).status) == (DutyStatus.IN_TIME, DutyStatus.CANCELLED)


def test_what_was_late_when_it_was_called_off_stays_late_and_goods_made_by_the_first_package_did_not_wait_for_it():
    story = made_late(wants_the_first_after_all("2026-03-13 16:00"), "2026-03-16 09:00")
    story.at("2026-03-23 10:00").states(pmc.OperationFinished, order_no="SO-1", closes=[links.operation("MO-1", 10)])
    ship(story, "SHN-1", "2026-03-23 16:00", inputs=[links.operation("MO-1", 10)])

    told = story.judged("2026-03-31 17:00")

    assert told.duty(PACKAGE, 2).status is DutyStatus.OVERRAN
    assert (list(told.records), path_of(told)[0]) == (["TML-01"], ("production_order:SO-1/1", 2))


def test_what_the_package_lacks_that_is_in_use_again_is_not_lacking_in_the_one_that_was_called_off():
    """The date was missed while that was late (ENG-02); the drawing that the first one lacks is a matter of its own (ENG-01)."""
    story = wants_the_first_after_all("2026-03-24 16:00")
    story.at("2026-03-25 09:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[PLAN])
    lacks(story, "2026-03-25 10:00", "drawing")
    release(story, "2026-03-26 10:00", STAFF["engineer"], 3, "bom", "drawing")
    ship(story.at("2026-03-26 11:00"), "SHN-1", "2026-03-26 12:00", inputs=[PACKAGE])

    told = story.judged()

    assert sorted((record.clause, record.absorbed) for record in told.proposals) == [("ENG-01", ()), ("ENG-02", ())]


def the_whole_story() -> Story:
    story = a_package_is_owed(a_story())
    wants(story, "2026-03-04 08:30", "P-2")
    again(story)
    released(story, "2026-03-05 09:00")
    ship(story.at("2026-03-06 16:30"), "SHN-1", "2026-03-09 09:00", inputs=[PACKAGE])
    return story


def another_product_after_the_date() -> Story:
    story = released_three_days_late()
    made_anew(story, "2026-03-10 09:00", wants(story, "2026-03-10 09:00", "P-2", day="2026-03-27"))
    return story


TOLD = [
    the_whole_story,
    another_product_after_the_date,
    lambda: made_late(wants_the_first_after_all(), "2026-03-03 09:00"),
]


@pytest.mark.parametrize("told_by", TOLD)
@pytest.mark.parametrize("late", [sales.OrderAmended.name, engineering.HandoverDelivered.name, "sales", "engineering"])
def test_the_order_in_which_it_is_heard_decides_nothing(late: str, told_by: Callable[[], Story]):
    story, last = told_by(), local("2026-03-12 09:00")
    first = story.judged()
    entries = [
        entry.at(last) if late in (entry.fact["type"], entry.fact["source"]) else entry for entry in story.entries()
    ]

    told = outcome(type(first.state)(), in_order(entries), local("2026-06-30 17:00"))

    assert (final(told), told.records) == (final(first), first.records)


@pytest.mark.parametrize("told_by", TOLD)
def test_whoever_lets_settled_orders_go_says_the_same_about_another_product(told_by: Callable[[], Story]):
    _, said, all_said = with_and_without(told_by().entries())

    assert said == all_said
