"""What shall the workshop make, from when, and each operation by when (PMC-01)?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import lock, move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.latest import is_latest
from chassis.waiting import WaitFor
from chassis.worklist import Handover, publish
from contracts import links, quality, warehouse
from contracts.engineering import RouteOperation
from contracts.event import Actor, DutyRef
from contracts.pmc import Component, PlannedOperation, ProductionOrderIssued
from services.pmc import operations, orders, packages, shipments, stock
from services.pmc.explosions import component, explode
from services.pmc.models import Operation, OperationStatus, Package, ProductionOrder, ProductionOrderStatus
from services.pmc.queries import known_order, operations_of, package_of, production_orders_of
from services.pmc.requirements import DatePassed
from services.pmc.schedules import due_times
from services.pmc.worktime import Worktime, worktime

MADE = frozenset({ProductionOrderStatus.FINISHED, ProductionOrderStatus.CLOSED})


class NoSuchOperation(Refusal):
    status, code, field = 422, "no_such_operation", "operations"
    message = Label(
        "生产指令 {no} 没有工序 {op_no}。请核对工序号。",
        "Production order {no} has no operation {op_no}. Please check the number.",
    )


class DueTooEarly(Refusal):
    status, code, field = 422, "due_too_early", "operations"
    message = Label(
        "工序 {op_no} 的期限 {due_at} 早于它可以开始的时间 {begins}。请推迟期限。",
        "Operation {op_no} is due at {due_at}, before it can begin at {begins}. Please set a later time.",
    )


class Due(Form):
    """By when one operation must be finished."""

    op_no: int
    due_at: AwareDatetime


class Issue(Form):
    """When the workshop starts. Blank due times are reckoned forward by standard hours; the order's is the last."""

    start_on: date
    due_at: AwareDatetime | None = None
    operations: tuple[Due, ...] = Field(default=(), max_length=200)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the order makes from what, and by operation how long it takes and when it is due."""

    quantity: Decimal
    start_on: date
    due_at: datetime
    operations: Mapping[int, PlannedOperation]
    components: tuple[Component, ...]


async def issue(session: AsyncSession, no: str, form: Issue, *, by: Actor, now: datetime) -> ProductionOrder:
    """Let the workshop make the goods; the director owes the dispatch of every operation (PRD-01)."""
    order = await lock(session, ProductionOrder, no)
    line = await orders.running_line(session, order.order_no, order.line_no)
    package = await package_of(session, order.order_no or "", order.line_no)
    packages.check_product(package, line)
    calendar = await worktime(session)
    check_start(form, calendar.date_of(now))
    quantity = line.quantity if order.makes_up_for is None else order.quantity
    plan = planned(no, package, quantity, form, calendar)
    steps = await operations_of(session, no)
    await publish(session, mark_issued(order, steps, plan, by=by, now=now))
    await worklist.deliver(session, *(dispatch_handover(order, step) for step in steps))
    return order


def check_start(form: Issue, today: date) -> None:
    if form.start_on < today:
        raise DatePassed(field="start_on", day=form.start_on, today=today)


def planned(no: str, package: Package, quantity: Decimal, form: Issue, calendar: Worktime) -> Plan:
    """The plan for this quantity from this day on; raises NoSuchOperation, DueTooEarly."""
    given = {each.op_no: each.due_at for each in form.operations}
    if unknown := given.keys() - {operation.op_no for operation in package.route}:
        raise NoSuchOperation(no=no, op_no=min(unknown))
    due = due_times(package.route, quantity, form.start_on, given, calendar)
    opening = calendar.opening(form.start_on)
    for operation in package.route:
        begins = opening if operation.predecessor is None else due[operation.predecessor]
        if due[operation.op_no] < begins:
            raise DueTooEarly(op_no=operation.op_no, due_at=due[operation.op_no], begins=begins)
    return Plan(
        quantity=quantity,
        start_on=form.start_on,
        due_at=form.due_at or max(due.values(), default=opening),
        operations={each.op_no: operation_of(each, quantity, due[each.op_no]) for each in package.route},
        components=tuple(component(need) for need in explode(package.bom, quantity)),
    )


def operation_of(operation: RouteOperation, quantity: Decimal, due_at: datetime) -> PlannedOperation:
    return PlannedOperation(
        op_no=operation.op_no,
        title=operation.title,
        standard_hours=operation.standard_hours * quantity,
        predecessor=operation.predecessor,
        due_at=due_at,
    )


def mark_issued(
    order: ProductionOrder, steps: Sequence[Operation], plan: Plan, *, by: Actor, now: datetime
) -> ProductionOrderIssued:
    move(order, ProductionOrderStatus.ISSUED)
    order.quantity, order.expected, order.components = plan.quantity, plan.quantity, plan.components
    order.start_on, order.due_at = plan.start_on, plan.due_at
    order.approved_by, order.approved_at = by.employee, now
    for step in steps:
        move(step, OperationStatus.ISSUED)
        operation = plan.operations[step.op_no]
        step.due_at, step.standard_hours = operation.due_at, operation.standard_hours
    return ProductionOrderIssued(
        order_no=order.order_no,
        closes=(links.production_order(order.order_no or "", order.line_no),),
        production_order_no=order.no,
        line_no=order.line_no,
        product_code=order.product_code,
        package_no=order.package_no,
        revision=order.revision,
        quantity=plan.quantity,
        start_on=plan.start_on,
        due_at=plan.due_at,
        unit_weight_kg=order.unit_weight_kg,
        operations=tuple(plan.operations.values()),
        components=plan.components,
        issued_by=by.employee,
    )


def dispatch_handover(order: ProductionOrder, step: Operation) -> Handover:
    return Handover(
        links.dispatch(order.no, step.op_no),
        "workshop_director",
        order.order_no,
        order.line_no,
        document_no=step.no,
        inputs=(links.production_order(order.order_no or "", order.line_no),),
    )


async def known(session: AsyncSession, no: str) -> ProductionOrder:
    order = await session.get(ProductionOrder, no, with_for_update=True, populate_existing=True)
    if order is None:
        raise WaitFor("production_order", no)
    return order


async def take_inspection(session: AsyncSession, event: quality.FinalInspected) -> None:
    """Goods that failed send the operation that was finished last back to its team; a concession takes that back."""
    order = await known(session, event.production_order_no)
    look = links.final_inspection(order.no)
    if not await is_latest(session, look, settles=bool(event.concession_no)):
        return
    if event.concession_no:
        await accept(session, order, event, look)
    elif not event.passed and order.status == ProductionOrderStatus.FINISHED:
        order.good = Decimal(0)
        await reopen(session, order, look)


async def take_outgoing_inspection(session: AsyncSession, event: quality.OutgoingInspected) -> None:
    """Goods that failed before they leave go back as well. They stay booked: nothing is booked twice."""
    order = await made_as(session, event)
    if order is None or (await known_order(session, event.order_no)).cancelled:
        return
    look = links.outgoing_qa(event.notice_no)
    if not await is_latest(session, look, settles=bool(event.concession_no)):
        return
    if event.concession_no:
        await accept(session, order, event, look)
    elif not event.passed and order.status in MADE:
        await reopen(session, order, look)
    elif not event.passed:
        await operations.fail_again(session, order, look)


async def made_as(session: AsyncSession, event: quality.OutgoingInspected) -> ProductionOrder | None:
    """The production order that goods came from: the one that names their lot, else the last of their line that brought any."""
    known = await production_orders_of(session, event.order_no or "", event.line_no, hold=True)
    begun = [each for each in known if each.status != ProductionOrderStatus.OPEN]
    in_store = [each for each in begun if each.received > 0]
    return next((each for each in begun if each.no == event.lot), next(reversed(in_store or begun), None))


async def reopen(session: AsyncSession, order: ProductionOrder, failed: DutyRef) -> None:
    move(order, ProductionOrderStatus.ISSUED)
    await operations.reopen_last(session, order, failed)


async def accept(session: AsyncSession, order: ProductionOrder, event: quality.Inspection, failed: DutyRef) -> None:
    """The goods count as they are (特采): no team has to work on them again."""
    if await operations.accept(session, order, event, failed):
        move(order, ProductionOrderStatus.FINISHED)
        order.good = max(event.quantity, order.received)
        await close_booked(session, order)


async def take_receipt(session: AsyncSession, event: warehouse.FinishedGoodsReceived) -> None:
    order = await known(session, event.production_order_no)
    order.received += event.quantity
    await close_booked(session, order)


async def close_booked(session: AsyncSession, order: ProductionOrder) -> None:
    """With the last good piece booked the order is closed, also where there is none. With the line's last order what it did
    not use of its material is free.

    What Sales noticed ahead is put before planner and director once it is in store, or once nothing more is made or planned.
    """
    if order.status == ProductionOrderStatus.FINISHED and order.received >= order.good:
        move(order, ProductionOrderStatus.CLOSED)
        await session.flush()
        known = await production_orders_of(session, order.order_no or "", order.line_no)
        if all(each.status == ProductionOrderStatus.CLOSED for each in known):
            await stock.let_go(session, order.order_no or "", order.line_no)
    if order.received:
        await shipments.offer(session, order.order_no or "", order.line_no, links.finished_receipt(order.no))
