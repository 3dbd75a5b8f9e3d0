"""What did a team finish, with which people, and what did it spoil (TML-01, TML-03, PRD-05)?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts.event import Actor, EmployeeId
from contracts.pmc import OperationFinished, Waste
from services.pmc import production_orders, shortages, stock, trainings
from services.pmc.models import Operation, OperationStatus, ProductionOrder, ProductionOrderStatus
from services.pmc.operations import (
    AT_WORK,
    NotDispatched,
    before_of,
    check_reporter,
    duty_of,
    open_ready,
    open_up,
    response_to,
    still_asked,
    workable,
)
from services.pmc.queries import requisitions_of

NOTHING = Decimal(0)


class MaterialNotIssued(Refusal):
    code = "material_not_issued"
    message = Label(
        "生产指令 {order} 的材料还没有发齐,工序 {no} 不能完工。请先领料。",
        "The material of {order} is not issued completely, so operation {no} cannot be finished. Requisition it first.",
    )


class StillAskedFor(Refusal):
    code = "still_asked_for"
    message = Label(
        "领料单 {requisition} 还没有发齐,工序 {no} 还没有交接,不能完工。请由车间主任审批或驳回,批准的请仓库发齐;不再需要的请撤回。",
        "Requisition {requisition} is not issued completely, so operation {no} has not begun and cannot be finished. Please have "
        "the director approve or refuse it, and the warehouse issue what is approved; withdraw it if nobody needs it.",
    )


class PredecessorNotFinished(Refusal):
    code = "predecessor_not_finished"
    message = Label(
        "前道工序 {before} 还没有完工,工序 {no} 不能完工。请先上报前道工序。",
        "The operation before, {before}, is not finished, so {no} cannot be. Report that one first.",
    )


class MoreThanOrdered(Refusal):
    status, code, field = 422, "more_than_ordered", "good"
    message = Label(
        "上报数量 {reported} 超过生产指令的 {quantity}。请核对良品、报废和返工数量。",
        "{reported} pieces are more than the production order's {quantity}. Please check good, scrap and rework.",
    )


class NothingReported(Refusal):
    status, code, field = 422, "nothing_reported", "good"
    message = Label(
        "良品、报废和返工都是 0。请填写完成的数量。",
        "Good, scrap and rework are all 0. Please say what was finished.",
    )


class NotAComponent(Refusal):
    status, code, field = 422, "not_a_component", "lines"
    message = Label(
        "物料 {item_code} 不在生产指令 {no} 的用料中。请核对物料编码。",
        "Item {item_code} is no component of production order {no}. Please check the item code.",
    )


class Spoiled(Form):
    """Material spoiled in the operation. A unit costs what was last paid; it is typed only where that is unknown."""

    item_code: str = Field(min_length=1, max_length=64)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    unit_cost: Decimal | None = Field(default=None, ge=0, max_digits=18, decimal_places=4)


class Report(Form):
    """What came of the operation, in pieces, and who worked on it."""

    good: Decimal = Field(ge=0, max_digits=18, decimal_places=6)
    scrap: Decimal = Field(default=NOTHING, ge=0, max_digits=18, decimal_places=6)
    rework: Decimal = Field(default=NOTHING, ge=0, max_digits=18, decimal_places=6)
    waste: tuple[Spoiled, ...] = Field(default=(), max_length=200)
    workers: tuple[EmployeeId, ...] = Field(min_length=1, max_length=200)


async def report(session: AsyncSession, no: str, form: Report, *, by: Actor, now: datetime) -> Operation:
    """Finish an operation; the next one's clock starts with it."""
    order, steps, step = await open_up(session, no)
    await workable(session, step)
    check_reporter(step, by)
    check_turn(order, steps, step)
    await check_begun(session, step)
    check_quantities(order, form)
    costs = await stock.unit_costs(session, [each.item_code for each in form.waste]) if form.waste else {}
    waste = wasted(order, [each for one in steps for each in one.waste], form.waste, costs)
    untrained = await trainings.untrained(session, form.workers)
    await publish(session, mark_finished(order, steps, step, form, waste, untrained, by=by, now=now))
    if order.status == ProductionOrderStatus.FINISHED:
        await shortages.take_report(session, order)
        await production_orders.close_booked(session, order)
    await open_ready(session, order, steps, [each for each in steps if each.predecessor == step.op_no])
    return step


def check_turn(order: ProductionOrder, steps: Sequence[Operation], step: Operation) -> None:
    """Work follows its dispatch, its material and the operation before it."""
    if step.status not in AT_WORK:
        raise NotDispatched(no=step.no)
    if step.predecessor is None:
        if order.components and order.material_by is None:
            raise MaterialNotIssued(order=order.no, no=step.no)
    elif (before := before_of(steps, step)).status != OperationStatus.FINISHED:
        raise PredecessorNotFinished(before=before.no, no=step.no)


async def check_begun(session: AsyncSession, step: Operation) -> None:
    """A later operation is handed over once all that was asked for is issued; nobody finishes what they were not given."""
    if step.predecessor is None or await worklist.is_open(session, duty_of(step)):
        return
    asked = await requisitions_of(session, step.production_order_no)
    missing = still_asked(asked)
    if missing is not None:
        raise StillAskedFor(requisition=missing.no, no=step.no)


def check_quantities(order: ProductionOrder, form: Report) -> None:
    reported = form.good + form.scrap + form.rework
    if reported > order.quantity:
        raise MoreThanOrdered(reported=reported, quantity=order.quantity)
    if not reported:
        raise NothingReported


def wasted(
    order: ProductionOrder, before: Sequence[Waste], spoiled: Sequence[Spoiled], costs: Mapping[str, Decimal]
) -> tuple[Waste, ...]:
    """The waste with what is left of its allowance: the plan allows it once for the order, not for every report."""
    found = list[Waste]()
    for each in spoiled:
        component = order.component(each.item_code)
        if component is None:
            raise NotAComponent(field="waste", item_code=each.item_code, no=order.no)
        used = sum((waste.quantity for waste in (*before, *found) if waste.item_code == each.item_code), NOTHING)
        left = max(component.allowance - used, NOTHING)
        cost = costs.get(each.item_code, each.unit_cost or NOTHING)
        found.append(Waste(item_code=each.item_code, quantity=each.quantity, allowance=left, unit_cost=cost))
    return tuple(found)


def expected_of(order: ProductionOrder, form: Report) -> Decimal:
    """How many pieces come of it: the good ones; of goods that were booked and went back, all but what the rework spoiled."""
    return max(order.expected - form.scrap, NOTHING) if order.received else form.good


def mark_finished(
    order: ProductionOrder,
    steps: Sequence[Operation],
    step: Operation,
    form: Report,
    waste: tuple[Waste, ...],
    untrained: tuple[str, ...],
    *,
    by: Actor,
    now: datetime,
) -> OperationFinished:
    """Move to FINISHED; with the last operation the production order is finished too."""
    answered = response_to(step)
    move(step, OperationStatus.FINISHED)
    step.good, step.scrap, step.rework, step.waste = form.good, form.scrap, form.rework, (*step.waste, *waste)
    step.workers, step.finished_at, step.expected_at, step.failed_looks = list(form.workers), now, None, ()
    last = all(each.status == OperationStatus.FINISHED for each in steps)
    if last:
        move(order, ProductionOrderStatus.FINISHED)
        order.expected = expected_of(order, form)
        order.good = max(form.good, order.received)
    return OperationFinished(
        order_no=step.order_no,
        assignee=step.team_leader,
        closes=(duty_of(step), *answered),
        production_order_no=order.no,
        line_no=step.line_no,
        op_no=step.op_no,
        last=last,
        good=form.good,
        scrap=form.scrap,
        rework=form.rework,
        waste=waste,
        workers=form.workers,
        untrained=untrained,
        team_leader=step.team_leader or by.employee,
    )
