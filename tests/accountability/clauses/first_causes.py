"""Stories of clauses that rest on being the first cause of a missed date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contracts import engineering, pmc
from tests.accountability.clauses.cases import BREACH, EXACTLY, EXCUSE, NO_BREACH, case
from tests.support.facts import STAFF, Outcome, Story
from tests.support.orders import Step, an_order

IN_TIME = "2026-03-06"
"""A quiet order that starts on Tuesday 3 March is shipped on Wednesday; this delivery date leaves two days more."""

IMPOSSIBLE = "2026-03-03"


@dataclass(frozen=True)
class Cause:
    """A link whose overrun, as first cause, breaches a clause; `standard` are its working hours."""

    clause: str
    link: str
    post: str
    standard: float


CAUSES = (
    Cause("MER-01", "release", "merchandiser", 4),
    Cause("ENG-02", "package", "engineer", 16),
    Cause("PMC-03", "requirement", "planner", 8),
    Cause("SHP-02", "instruction", "planner", 4),
    Cause("PRD-01", "dispatch", "workshop_director", 4),
    Cause("PRD-01", "requisition_approval", "workshop_director", 4),
)


def excused(link: str, hours: str):
    """An exception that hinders this handover is raised as it is delivered, and accepted."""

    def happen(story: Story, step: Step) -> None:
        if step.duty.link == link:
            said: dict[str, Any] = {
                "exception_no": f"EXC-{step.duty}",
                "affected_orders": ["SO-1"],
                "affected_duties": [step.duty],
            }
            story.states(pmc.ExceptionRaised, order_no="SO-1", kind="other", **said)
            decided_by = STAFF["general_manager"]
            story.states(
                pmc.ExceptionDecided,
                order_no="SO-1",
                accepted=True,
                extension_hours=hours,
                decided_by=decided_by,
                **said,
            )

    return happen


def _register(cause: Cause) -> None:
    person = STAFF[cause.post]

    @case(cause.clause, BREACH, person=person)
    def late_and_the_date_was_missed(story: Story) -> None:
        an_order(story, delivery_date=IN_TIME, takes={cause.link: cause.standard + 30})

    @case(cause.clause, BREACH, person=person)
    def not_done_at_all(story: Story) -> None:
        an_order(story, delivery_date=IN_TIME, never={cause.link})

    @case(cause.clause, NO_BREACH)
    def late_but_the_goods_left_in_time(story: Story) -> None:
        an_order(story, delivery_date="2026-03-20", takes={cause.link: cause.standard + 10})

    @case(cause.clause, NO_BREACH)
    def late_but_another_one_cost_more(story: Story) -> None:
        worse = {"final_inspection": 8 + 30}
        an_order(story, delivery_date=IN_TIME, takes={cause.link: cause.standard + 10, **worse})

    @case(cause.clause, EXACTLY)
    def done_at_its_very_deadline_while_the_date_was_missed(story: Story) -> None:
        an_order(story, delivery_date=IMPOSSIBLE, takes={cause.link: cause.standard})

    @case(cause.clause, EXCUSE)
    def hindered_by_an_exception_that_was_accepted(story: Story) -> None:
        hours = str(cause.standard + 40)
        an_order(
            story, delivery_date=IN_TIME, takes={cause.link: cause.standard + 30}, extra=excused(cause.link, hours)
        )


for each in CAUSES:
    _register(each)


def takes_in_pmc_01(told: Outcome) -> None:
    assert told.record("PMC-03").absorbed == ("PMC-01",)
    assert "PMC-01" not in told.records


@case("PMC-03", BREACH, person=STAFF["planner"], also=takes_in_pmc_01)
def a_late_production_order_is_one_failure_and_one_record(story: Story) -> None:
    an_order(story, delivery_date=IN_TIME, takes={"production_order": 48})


@case("SHP-03", BREACH, person=STAFF["storekeeper"])
def instructed_in_time_and_shipped_late(story: Story) -> None:
    an_order(story, delivery_date=IN_TIME, takes={"ship": 40})


@case("SHP-03", BREACH, person=STAFF["storekeeper"])
def instructed_in_time_and_never_shipped(story: Story) -> None:
    an_order(story, delivery_date=IN_TIME, never={"ship"})


@case("SHP-03", NO_BREACH)
def shipped_on_the_last_day(story: Story) -> None:
    an_order(story, delivery_date=IN_TIME, takes={"ship": 18})


@case("SHP-03", NO_BREACH)
def shipped_late_because_the_notice_came_late(story: Story) -> None:
    an_order(story, delivery_date=IN_TIME, takes={"notice": 60, "ship": 3.9})


@case("SHP-03", EXACTLY)
def shipped_four_hours_after_a_late_instruction(story: Story) -> None:
    an_order(story, delivery_date=IN_TIME, takes={"instruction": 60, "ship": 4})


@case("SHP-03", EXCUSE)
def the_director_blocked_the_shipment(story: Story) -> None:
    def block(story: Story, step: Step) -> None:
        if step.duty.link == "ship":
            story.states(pmc.ShipmentBlocked, order_no="SO-1", block_no="BLK-1")

    an_order(story, delivery_date=IN_TIME, takes={"ship": 40}, extra=block)
    story.at("2026-03-11 09:00").states(pmc.ShipmentUnblocked, order_no="SO-1", block_no="BLK-1")


def missing_document(story: Story, *, reported: str, brought: str) -> None:
    """A package is released without its wiring diagram; the workshop misses it, and a second revision brings it."""
    said: dict[str, Any] = {"order_no": "SO-1", "package_no": "PKG-SO-1", "line_no": 1}
    report: dict[str, Any] = {**said, "report_no": "MDR-1", "document": "wiring_diagram"}
    story.at(reported).states(pmc.MissingDocumentReported, by=STAFF["workshop_director"], **report)
    story.now += timedelta(hours=1)
    story.states(engineering.MissingDocumentDecided, by=STAFF["engineering_manager"], confirmed=True, **report)
    documents = ("bom", "drawing", "wiring_diagram")
    story.at(brought).states(engineering.PackageReleased, revision=2, documents=documents, **said)


def takes_in_eng_01(told: Outcome) -> None:
    assert told.record("ENG-02").absorbed == ("ENG-01",)
    assert told.records == {"ENG-02": STAFF["engineer"]}


@case("ENG-02", BREACH, person=STAFF["engineer"], also=takes_in_eng_01)
def in_time_but_incomplete_and_the_date_was_missed_for_it(story: Story) -> None:
    an_order(story, delivery_date="2026-03-04", takes={"operation": 4})
    missing_document(story, reported="2026-03-03 15:00", brought="2026-03-04 16:00")


@case("ENG-02", EXCUSE)
def it_was_confirmed_incomplete_by_mistake(story: Story) -> None:
    an_order(story, delivery_date="2026-03-04", takes={"operation": 4})
    missing_document(story, reported="2026-03-03 15:00", brought="2026-03-04 16:00")
    report: dict[str, Any] = {"order_no": "SO-1", "package_no": "PKG-SO-1", "line_no": 1, "report_no": "MDR-1"}
    story.at("2026-03-09 09:00").states(
        engineering.MissingDocumentDecided, by=STAFF["engineering_manager"], confirmed=False, **report
    )


@case("ENG-02", BREACH, person=STAFF["engineer"])
def late_and_production_was_delayed_though_the_goods_left_in_time(story: Story) -> None:
    an_order(story, delivery_date="2026-03-20", takes={"package": 30}, production_due="2026-03-05 17:00")


@case("ENG-02", NO_BREACH)
def late_but_production_kept_its_date(story: Story) -> None:
    an_order(story, delivery_date="2026-03-20", takes={"package": 30}, production_due="2026-03-12 17:00")
