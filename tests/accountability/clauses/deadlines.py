"""Stories of clauses that rest on a handover's own overrun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chassis.instants import SECOND, instant, moment
from contracts import engineering, links, pmc, purchasing, sales, warehouse
from contracts.catalogue import ALL_EVENTS
from contracts.event import DutyRef, Event
from tests.accountability.clauses.cases import BREACH, EXACTLY, EXCUSE, NO_BREACH, case
from tests.support.facts import SHANGHAI, STAFF, Story, a_line, local
from tests.support.orders import CALENDAR


@dataclass(frozen=True)
class Clock:
    """A handover with its clock: delivered on Tuesday 3 March at 09:00, due at a known time."""

    clause: str
    duty: DutyRef
    post: str
    service: str
    due: str
    event: type[Event]
    said: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[[Story], object] = lambda story: story

    def given(self, story: Story) -> Story:
        self.before(story)
        story.at("2026-03-03 09:00")
        return story.delivers(self.duty, self.post, service=self.service, **self.terms)

    def done(self, story: Story, when: str) -> Story:
        return story.at(when).states(self.event, order_no="SO-1", closes=[self.duty], **self.said)


def confirmed(delivery_date: str) -> Callable[[Story], Story]:
    def tell(story: Story) -> Story:
        story.at("2026-03-02 09:00")
        return story.states(sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date=delivery_date)])

    return tell


def later(due: str, *, hours: float = 0, seconds: float = 0) -> str:
    """So much working time after a due time."""
    at = CALENDAR.add(instant(local(due)), int((hours * 3600 + seconds) * SECOND))
    return moment(at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def hindered(story: Story, duty: DutyRef, *, hours: str, decided_by: str = STAFF["general_manager"]) -> None:
    """An exception is raised now and accepted an hour later."""
    said: dict[str, Any] = {"exception_no": "EXC-9", "affected_orders": ["SO-1"], "affected_duties": [duty]}
    story.states(pmc.ExceptionRaised, order_no="SO-1", kind="power_cut", **said)
    story.now += timedelta(hours=1)
    story.states(
        pmc.ExceptionDecided, order_no="SO-1", accepted=True, extension_hours=hours, decided_by=decided_by, **said
    )


def complained(story: Story) -> Story:
    return story.at("2026-03-03 09:00").states(
        sales.ComplaintReceived, order_no="SO-1", received_at=story.now, kind="other", channel="phone"
    )


CLOCKS = (
    Clock("MER-04", links.progress("INQ-1"), "merchandiser", "sales", "2026-03-03 14:00", sales.ProgressAnswered),
    Clock(
        "MER-05",
        links.exception_relay("EXC-1", "SO-1"),
        "merchandiser",
        "sales",
        "2026-03-03 11:00",
        sales.ExceptionRelayed,
    ),
    Clock("PMC-01", links.production_order("SO-1", 1), "planner", "pmc", "2026-03-04 09:00", pmc.ProductionOrderIssued),
    Clock("PMC-02", links.follow_up("PO-1", 1), "planner", "pmc", "2026-03-04 09:00", pmc.PurchaseFollowedUp),
    Clock(
        "PUR-01",
        links.arrival("MRL-1", 1),
        "buyer",
        "purchasing",
        "2026-03-10 17:00",
        warehouse.GoodsArrived,
        terms={"required_on": "2026-03-10", "lead_time_days": 3},
    ),
    Clock("WHS-03", links.receipt("LOT-1"), "storekeeper", "warehouse", "2026-03-04 09:00", warehouse.GoodsReceived),
    Clock(
        "WHS-04",
        links.stocktake("2026-02"),
        "storekeeper",
        "warehouse",
        "2026-03-03 17:00",
        warehouse.StocktakeHandedOver,
        terms={"required_on": "2026-03-03"},
    ),
    Clock(
        "TML-01",
        links.operation("MO-1", 10),
        "team_leader",
        "pmc",
        "2026-03-05 10:00",
        pmc.OperationFinished,
        terms={"due_at": "2026-03-05T10:00:00+08:00", "standard_hours": "4"},
    ),
    Clock(
        "SHP-01",
        links.notice("SO-1", 1),
        "salesperson",
        "sales",
        "2026-03-05 17:00",
        sales.ShippingNoticeIssued,
        before=confirmed("2026-03-06"),
    ),
    Clock(
        "SHP-04",
        links.complaint_to_pmc("C-1"),
        "salesperson",
        "sales",
        "2026-03-03 11:00",
        sales.ComplaintPassed,
        before=complained,
    ),
    Clock(
        "PRD-01",
        links.delay_response("MO-1", 10),
        "workshop_director",
        "pmc",
        "2026-03-03 14:00",
        pmc.OperationDispatched,
    ),
)


def _register(clock: Clock) -> None:
    @case(clock.clause, BREACH, person=STAFF[clock.post])
    def done_a_minute_and_a_second_of_working_time_late(story: Story) -> None:
        clock.done(clock.given(story), later(clock.due, seconds=61))

    @case(clock.clause, BREACH, person=STAFF[clock.post])
    def never_done(story: Story) -> None:
        clock.given(story)

    @case(clock.clause, NO_BREACH)
    def done_well_in_time(story: Story) -> None:
        clock.done(clock.given(story), "2026-03-03 10:30")

    @case(clock.clause, NO_BREACH)
    def done_before_it_reached_the_worklist(story: Story) -> None:
        clock.done(story, "2026-03-03 08:30")
        clock.given(story)

    @case(clock.clause, EXACTLY)
    def done_at_the_very_deadline(story: Story) -> None:
        clock.done(clock.given(story), clock.due)

    @case(clock.clause, EXACTLY)
    def done_within_the_tolerance(story: Story) -> None:
        clock.done(clock.given(story), later(clock.due, seconds=60))

    @case(clock.clause, EXCUSE)
    def hindered_by_an_exception_that_was_accepted(story: Story) -> None:
        clock.given(story)
        hindered(story.at("2026-03-03 10:00"), clock.duty, hours="6")
        clock.done(story, later(clock.due, hours=5))

    @case(clock.clause, EXCUSE)
    def the_service_was_down_across_the_deadline(story: Story) -> None:
        clock.given(story)
        service = ALL_EVENTS[f"{clock.event.publisher()}.service_unavailable.v1"]
        began, ended = local(clock.due) - timedelta(minutes=30), local(later(clock.due, hours=2))
        story.at(ended).states(service, started_at=began, ended_at=ended)
        clock.done(story, later(clock.due, hours=2.2))

    @case(clock.clause, EXCUSE)
    def the_order_was_given_up_before(story: Story) -> None:
        clock.given(story)
        story.at("2026-03-03 10:00").states(sales.OrderCancelled, order_no="SO-1")


for each in CLOCKS:
    _register(each)


@case("MER-04", BREACH, person=STAFF["merchandiser"])
def an_exception_raised_after_the_deadline_comes_too_late(story: Story) -> None:
    duty = links.progress("INQ-1")
    story.at("2026-03-03 09:00").delivers(duty, "merchandiser", service="sales")
    hindered(story.at("2026-03-03 15:00"), duty, hours="6")
    story.at("2026-03-03 16:00").states(sales.ProgressAnswered, order_no="SO-1", closes=[duty])


@case("TML-01", BREACH, person=STAFF["team_leader"])
def an_exception_that_the_person_accepted_themself_is_none(story: Story) -> None:
    duty = links.operation("MO-1", 10)
    story.at("2026-03-03 09:00").delivers(duty, "team_leader", standard_hours="4")
    hindered(story.at("2026-03-03 10:00"), duty, hours="6", decided_by=STAFF["team_leader"])
    story.at("2026-03-03 16:00").states(pmc.OperationFinished, order_no="SO-1", closes=[duty])


@case("PMC-01", EXCUSE)
def work_was_stopped_by_engineering(story: Story) -> None:
    duty = links.production_order("SO-1", 1)
    story.at("2026-03-03 09:00").delivers(duty, "planner")
    story.at("2026-03-03 10:00").states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1")
    story.at("2026-03-04 10:00").states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1")
    story.at("2026-03-05 09:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[duty])


@case("PMC-02", EXCUSE)
def the_goods_came_before_anybody_had_to_ask(story: Story) -> None:
    story.at("2026-03-03 09:00").delivers(links.follow_up("PO-1", 1), "planner")
    story.at("2026-03-04 08:30").states(warehouse.GoodsArrived, order_no="SO-1", closes=[links.follow_up("PO-1", 1)])


@case("PMC-02", EXCUSE)
def the_goods_came_for_a_line_of_the_list_under_which_asking_was_owed_before(story: Story) -> None:
    """Until purchase orders named it, the handover bore the line of the material list, and its arrival ends it."""
    story.at("2026-03-03 09:00").delivers(DutyRef(link="follow_up", key="MRL-1/1"), "planner")
    story.at("2026-03-04 08:30").states(warehouse.GoodsArrived, order_no="SO-1", closes=[links.arrival("MRL-1", 1)])


def an_arrival(story: Story) -> DutyRef:
    """Material needed on Tuesday 10 March, with a lead time of three days, from Tuesday 3 March on."""
    duty = links.arrival("MRL-1", 1)
    story.at("2026-03-03 09:00")
    story.delivers(duty, "buyer", service="purchasing", required_on="2026-03-10", lead_time_days=3)
    return duty


def re_dated(story: Story, *, reported: str, re_dated: str) -> None:
    said: dict[str, Any] = {
        "delay_no": "DLY-1",
        "requirement_no": "MRL-1",
        "requirement_line_no": 1,
        "order_no": "SO-1",
    }
    story.at(reported).states(purchasing.DelayReported, **said)
    story.at(re_dated).states(pmc.PurchaseRedated, required_on="2026-03-16", **said)


@case("PUR-01", EXCUSE)
def reported_before_it_was_due_and_re_dated_by_planning(story: Story) -> None:
    duty = an_arrival(story)
    re_dated(story, reported="2026-03-10 16:00", re_dated="2026-03-11 09:00")
    story.at("2026-03-16 17:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty])


@case("PUR-01", BREACH, person=STAFF["buyer"])
def reported_after_it_was_due(story: Story) -> None:
    duty = an_arrival(story)
    re_dated(story, reported="2026-03-11 08:30", re_dated="2026-03-11 09:00")
    story.at("2026-03-16 17:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty])


@case("PUR-01", BREACH, person=STAFF["buyer"])
def later_even_than_the_new_date(story: Story) -> None:
    duty = an_arrival(story)
    re_dated(story, reported="2026-03-05 16:00", re_dated="2026-03-06 09:00")
    story.at("2026-03-17 09:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[duty])


@case("SHP-01", EXCUSE)
def the_customer_postponed(story: Story) -> None:
    confirmed("2026-03-06")(story)
    duty = links.notice("SO-1", 1)
    story.at("2026-03-03 09:00").delivers(duty, "salesperson", service="sales")
    story.at("2026-03-04 09:00").states(sales.DeliveryPostponed, order_no="SO-1", delivery_date="2026-03-13")
    story.at("2026-03-12 17:00").states(sales.ShippingNoticeIssued, order_no="SO-1", closes=[duty])


@case("SHP-01", BREACH, person=STAFF["salesperson"])
def a_postponement_after_the_deadline_mends_nothing(story: Story) -> None:
    confirmed("2026-03-06")(story)
    duty = links.notice("SO-1", 1)
    story.at("2026-03-03 09:00").delivers(duty, "salesperson", service="sales")
    story.at("2026-03-06 10:00").states(sales.DeliveryPostponed, order_no="SO-1", delivery_date="2026-03-13")
    story.at("2026-03-12 17:00").states(sales.ShippingNoticeIssued, order_no="SO-1", closes=[duty])


@case("SHP-04", BREACH, person=STAFF["salesperson"])
def the_customers_mail_had_come_the_day_before(story: Story) -> None:
    duty = links.complaint_to_pmc("C-1")
    story.at("2026-03-03 09:00").states(
        sales.ComplaintReceived, order_no="SO-1", received_at=local("2026-03-02 10:00"), kind="other", channel="mail"
    )
    story.delivers(duty, "salesperson", service="sales")
    story.at("2026-03-03 09:30").states(sales.ComplaintPassed, order_no="SO-1", closes=[duty])
