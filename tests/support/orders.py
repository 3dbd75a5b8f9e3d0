"""How does one order run through the whole factory? Every handover of the spine, each taking as long as a test says.

    run = an_order(story, "SO-1", starts="2026-03-03 09:00", delivery_date="2026-03-20", takes={"release": 12})
    run = an_order(story, "SO-2", starts="2026-03-03 09:00", never={"ship"})

`takes` are working hours from delivery to closing; a handover in `never` is not done, and what waits for it does not
come. `extra` is called when a handover is delivered, to let something happen meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chassis.calendar import WorkCalendar
from chassis.instants import hours, instant, moment
from contracts import engineering, links, pmc, purchasing, quality, sales, warehouse
from contracts.event import DutyRef, Event
from services.accountability.people.calendar import shipped_calendar
from tests.support.facts import STAFF, Story, a_line, local

CALENDAR = WorkCalendar.from_fact(shipped_calendar())
OPERATIONS = (10, 20, 30)
HANDED_ON = timedelta(seconds=2)
"""From a fact to the next worklist."""


@dataclass(frozen=True)
class Step:
    """One handover of an order: who owes it, what it waits for, and the fact that closes it."""

    duty: DutyRef
    post: str
    service: str
    event: type[Event]
    inputs: tuple[DutyRef, ...]
    said: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Run:
    """What happened to an order: when each handover was closed, by its link."""

    order_no: str
    closed: dict[DutyRef, datetime] = field(default_factory=dict)

    def when(self, duty: DutyRef) -> datetime:
        return self.closed[duty]


def an_order(
    story: Story,
    order_no: str = "SO-1",
    *,
    starts: str = "2026-03-03 09:00",
    delivery_date: str = "2026-03-20",
    takes: Mapping[str, float] | None = None,
    never: frozenset[str] | set[str] = frozenset(),
    production_due: str = "2026-12-31 17:00",
    extra: Callable[[Story, Step], None] | None = None,
) -> Run:
    """Tell a whole order, from Sales' confirmation to the report that it was shipped."""
    run = Run(order_no)
    began = local(starts)
    happenings: list[tuple[datetime, int, Callable[[], object]]] = [
        (began, 0, partial(_confirm, story, order_no, delivery_date))
    ]
    for number, step in enumerate(steps(order_no, starts[:10], production_due), start=1):
        if any(needed not in run.closed for needed in step.inputs):
            continue
        opened = max([began, *(run.closed[needed] for needed in step.inputs)]) + HANDED_ON
        happenings.append((opened, 2 * number, partial(_deliver, story, order_no, step, extra)))
        if step.duty.link in never:
            continue
        closed = moment(CALENDAR.add(instant(opened), hours((takes or {}).get(step.duty.link, 0.5))))
        run.closed[step.duty] = closed
        happenings.append((closed, 2 * number + 1, partial(_close, story, order_no, step)))
    for at, _, happen in sorted(happenings, key=lambda happening: happening[:2]):
        story.now = at
        happen()
    return run


def steps(order_no: str, day: str, production_due: str) -> Iterator[Step]:
    """The handovers of a bench order: one product, one purchase, three operations, every link once."""
    requirement, production, lot, notice = (f"{kind}-{order_no}" for kind in ("MRL", "MO", "LOT", "SHN"))
    requisition = f"REQ-{order_no}"
    release, package = links.release(order_no), links.package(order_no, 1)
    listed, ordered = links.requirement(order_no, 1), links.production_order(order_no, 1)
    arrival, iqc, receipt = links.arrival(requirement, 1), links.iqc(lot), links.receipt(lot)
    approval, issue = links.requisition_approval(requisition), links.issue(requisition)
    yield Step(release, "merchandiser", "sales", sales.OrderReleased, ())
    yield Step(
        package, "engineer", "engineering", engineering.PackageReleased, (release,), {"package_no": f"PKG-{order_no}"}
    )
    yield Step(listed, "planner", "pmc", pmc.RequirementIssued, (package,), {"requirement_no": requirement})
    yield Step(
        ordered,
        "planner",
        "pmc",
        pmc.ProductionOrderIssued,
        (package,),
        {"production_order_no": production, "due_at": local(production_due)},
    )
    purchase = {"requirement_no": requirement, "purchase_order_no": f"PO-{order_no}"}
    yield Step(
        links.purchase_order(requirement), "buyer", "purchasing", purchasing.PurchaseOrderIssued, (listed,), purchase
    )
    arrived = {"arrival_no": f"ARV-{order_no}", "purchase_order_no": f"PO-{order_no}", "supplier_code": "supplier_code"}
    terms = {"required_on": day, "lead_time_days": 5}
    yield Step(arrival, "buyer", "purchasing", warehouse.GoodsArrived, (listed,), arrived, terms)
    yield Step(iqc, "inspector", "quality", quality.IncomingInspected, (arrival,), {"lot": lot})
    yield Step(
        receipt, "storekeeper", "warehouse", warehouse.GoodsReceived, (iqc,), {"lot": lot, "inspection_no": "IQC-1"}
    )
    made = {"requisition_no": requisition, "production_order_no": production}
    yield Step(approval, "workshop_director", "pmc", pmc.RequisitionApproved, (ordered,), made)
    yield Step(issue, "storekeeper", "warehouse", warehouse.MaterialIssued, (approval, receipt), made)
    before: tuple[DutyRef, ...] = (issue,)
    for op_no in OPERATIONS:
        number = {"production_order_no": production, "op_no": op_no}
        dispatch, operation = links.dispatch(production, op_no), links.operation(production, op_no)
        yield Step(dispatch, "workshop_director", "pmc", pmc.OperationDispatched, (ordered,), number)
        done = {**number, "last": op_no == OPERATIONS[-1]}
        leader = {"standard_hours": "4"}
        yield Step(operation, "team_leader", "pmc", pmc.OperationFinished, (dispatch, *before), done, leader)
        before = (operation,)
    yield from shipping(order_no, notice, production, before)


def shipping(order_no: str, notice: str, production: str, before: tuple[DutyRef, ...]) -> Iterator[Step]:
    """From the last operation to the report that the goods left."""
    final, booked = links.final_inspection(production), links.finished_receipt(production)
    noticed, planner, director = links.notice(order_no, 1), links.planner_review(notice), links.director_review(notice)
    instruction, checked, shipped = links.instruction(notice), links.outgoing_qa(notice), links.ship(notice)
    made, this = {"production_order_no": production}, {"notice_no": notice}
    fgr = warehouse.FinishedGoodsReceived
    yield Step(final, "inspector", "quality", quality.FinalInspected, before, {**made, "lot": f"FG-{order_no}"})
    yield Step(booked, "storekeeper", "warehouse", fgr, (final,), {**made, "lot": f"FG-{order_no}"})
    yield Step(noticed, "salesperson", "sales", sales.ShippingNoticeIssued, (booked,), this)
    yield Step(planner, "planner", "pmc", pmc.ShipmentReviewed, (noticed,), {**this, "review": "planner"})
    yield Step(director, "workshop_director", "pmc", pmc.ShipmentReviewed, (noticed,), {**this, "review": "director"})
    yield Step(instruction, "planner", "pmc", pmc.ShipmentInstructed, (noticed, planner, director), this)
    yield Step(checked, "inspector", "quality", quality.OutgoingInspected, (instruction,), this)
    yield Step(shipped, "storekeeper", "warehouse", warehouse.GoodsShipped, (instruction, checked), this)
    report = links.shipment_report(notice)
    yield Step(report, "planner", "pmc", pmc.ShipmentReported, (shipped,), this)


def _confirm(story: Story, order_no: str, delivery_date: str) -> None:
    line = a_line(delivery_date=delivery_date)
    people = {"salesperson": STAFF["salesperson"], "merchandiser": STAFF["merchandiser"]}
    story.states(sales.OrderConfirmed, order_no=order_no, lines=[line], **people)


def _deliver(story: Story, order_no: str, step: Step, extra: Callable[[Story, Step], None] | None) -> None:
    story.delivers(step.duty, step.post, order_no=order_no, service=step.service, inputs=step.inputs, **step.terms)
    if extra:
        extra(story, step)


def _close(story: Story, order_no: str, step: Step) -> None:
    story.states(
        step.event, order_no=order_no, by=STAFF[step.post], as_post=step.post, closes=(step.duty,), **step.said
    )
