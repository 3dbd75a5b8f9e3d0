"""Which material may the warehouse issue to the workshop, and who agreed to it (PRD-01)?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form, Reason
from chassis.documents import different_person, find, lock, move, next_number
from chassis.errors import NotFound, Refusal
from chassis.language import Label
from chassis.people import sole_holder
from chassis.waiting import WaitFor
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.pmc import (
    AuthorityRefused,
    RequisitionApproved,
    RequisitionGivenUp,
    RequisitionLine,
    RequisitionSubmitted,
)
from contracts.warehouse import MaterialIssued
from services.pmc import operations, orders, stock
from services.pmc.models import ProductionOrder, ProductionOrderStatus, Requisition, RequisitionStatus
from services.pmc.production_orders import known
from services.pmc.queries import lots_for, requisitioned, undecided
from services.pmc.reports import NotAComponent

NOTHING = Decimal(0)
DIRECTOR = "workshop_director"


class ProductionOrderNotIssued(Refusal):
    code, field = "production_order_not_issued", "production_order_no"
    message = Label(
        "生产指令 {no} 还没有下达或已经结束,不能领料。请核对生产指令。",
        "Production order {no} is not issued or is over, so it takes no material. Please check the production order.",
    )


class MoreThanRequired(Refusal):
    status, code, field = 422, "more_than_required", "lines"
    message = Label(
        "物料 {item_code} 还可以领 {left}(含允许损耗),不能领 {quantity}。请减少数量。",
        "{left} of {item_code} may still be requisitioned, planned waste included; {quantity} is more. "
        "Please ask for less.",
    )


class NothingLeft(Refusal):
    code, field = "nothing_left", "lines"
    message = Label(
        "生产指令 {no} 所需的物料都已领用。要补料请写明物料和数量。",
        "All material of production order {no} is requisitioned. To ask for more, name items and quantities.",
    )


class LineTwice(Refusal):
    status, code, field = 422, "lines_twice", "lines"
    message = Label(
        "物料 {item_code} 出现了两次。请合并为一行。", "Item {item_code} appears twice. Please ask for it in one line."
    )


class NobodyApproves(Refusal):
    code = "nobody_approves"
    message = Label(
        "{employee} 是唯一的车间主任,自己申请的领料没有人能批准。请由组长、计划员或物控员申请。",
        "{employee} is the only workshop director, and nobody could approve what they ask for. "
        "Let a team leader, planner or material controller ask.",
    )


class Wanted(Form):
    """One item and how much of it."""

    item_code: str = Field(min_length=1, max_length=64)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)


class Request(Form):
    """Material for a production order; without lines everything that it still needs."""

    production_order_no: str
    lines: tuple[Wanted, ...] = Field(default=(), max_length=500)


async def submit(session: AsyncSession, form: Request, *, maker: Actor, now: datetime) -> Requisition:
    """Ask for material; the workshop director owes a decision from now on, another one where a director asks."""
    if await sole_holder(session, DIRECTOR, now) == maker.employee:
        raise NobodyApproves(employee=maker.employee)
    order = await lock(session, ProductionOrder, form.production_order_no)
    await orders.running(session, order.order_no)
    if order.status != ProductionOrderStatus.ISSUED:
        raise ProductionOrderNotIssued(no=order.no)
    lines = lines_of(order, form, await requisitioned(session, order.no))
    resting = await operations.resting_for(session, order.no, maker.employee)
    requisition = Requisition(
        no=await next_number(session, Requisition.code, now),
        order_no=order.order_no,
        line_no=order.line_no,
        status=RequisitionStatus.SUBMITTED,
        production_order_no=order.no,
        lines=lines,
        resting=resting,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(requisition)
    fact = RequisitionSubmitted(**stated(requisition), pauses=resting, lines=lines, submitted_by=maker.employee)
    await publish(session, fact, waits_for=links.requisition_approval(requisition.no))
    await worklist.deliver(session, await approval(session, requisition))
    return requisition


def stated(requisition: Requisition) -> dict[str, object]:
    """What every fact about a requisition carries."""
    return {
        "order_no": requisition.order_no,
        "requisition_no": requisition.no,
        "production_order_no": requisition.production_order_no,
        "line_no": requisition.line_no,
    }


async def approval(session: AsyncSession, requisition: Requisition) -> Handover:
    """The director's decision, for which operations may wait. What was asked for only once it was in stock waited for that."""
    order_no, line_no = requisition.order_no or "", requisition.line_no
    lots = await lots_for(session, order_no, line_no, [line.item_code for line in requisition.lines])
    return Handover(
        links.requisition_approval(requisition.no),
        DIRECTOR,
        order_no,
        line_no,
        document_no=requisition.no,
        inputs=(links.production_order(order_no, line_no), *map(links.receipt, lots), *requisition.resting),
    )


def lines_of(order: ProductionOrder, form: Request, asked: Mapping[str, Decimal]) -> tuple[RequisitionLine, ...]:
    """The wanted lines as components of the order, never more in total than required and planned waste."""
    if not form.lines:
        return remaining(order, asked)
    seen: set[str] = set()
    for wanted in form.lines:
        if wanted.item_code in seen:
            raise LineTwice(item_code=wanted.item_code)
        seen.add(wanted.item_code)
    return tuple(checked(order, wanted, asked) for wanted in form.lines)


def remaining(order: ProductionOrder, asked: Mapping[str, Decimal]) -> tuple[RequisitionLine, ...]:
    left = {each.item_code: each.required - asked.get(each.item_code, NOTHING) for each in order.components}
    wanted = [Wanted(item_code=item, quantity=quantity) for item, quantity in left.items() if quantity > 0]
    if not wanted:
        raise NothingLeft(no=order.no)
    return tuple(checked(order, each, asked) for each in wanted)


def checked(order: ProductionOrder, wanted: Wanted, asked: Mapping[str, Decimal]) -> RequisitionLine:
    component = order.component(wanted.item_code)
    if component is None:
        raise NotAComponent(item_code=wanted.item_code, no=order.no)
    left = component.required + component.allowance - asked.get(wanted.item_code, NOTHING)
    if wanted.quantity > left:
        raise MoreThanRequired(item_code=wanted.item_code, left=left, quantity=wanted.quantity)
    return RequisitionLine(
        item_code=component.item_code,
        description=component.description,
        unit=component.unit,
        quantity=wanted.quantity,
    )


async def approve(session: AsyncSession, no: str, *, by: Actor, now: datetime) -> Requisition:
    """Agree that the warehouse issues it; whoever asked for material never approves it."""
    requisition = await lock(session, Requisition, no)
    await orders.running(session, requisition.order_no)
    await publish(session, mark_approved(requisition, by=by, now=now))
    return requisition


def mark_approved(requisition: Requisition, *, by: Actor, now: datetime) -> RequisitionApproved:
    different_person(requisition, by.employee)
    move(requisition, RequisitionStatus.APPROVED)
    requisition.approved_by, requisition.approved_at = by.employee, now
    return RequisitionApproved(
        **stated(requisition),
        **decided(requisition),
        lines=requisition.lines,
        approved_by=by.employee,
    )


async def refuse(session: AsyncSession, no: str, form: Reason, *, by: Actor, now: datetime) -> Requisition:
    """Refuse material that should not leave the warehouse: a right, and stated as one. Nobody waits for it any more."""
    order, requisition = await with_order(session, no)
    await orders.running(session, requisition.order_no)
    await publish(session, mark_refused(requisition, form.reason, by=by, now=now))
    await operations.open_waiting(session, order)
    return requisition


async def with_order(session: AsyncSession, no: str) -> tuple[ProductionOrder, Requisition]:
    """A requisition with its production order, both locked; raises NotFound.

    The production order first, as who hears of an issue takes it: two at once never wait for each other.
    """
    asked = await find(session, Requisition, no)
    if asked is None:
        raise NotFound(kind=Requisition.title, no=no)
    return await lock(session, ProductionOrder, asked.production_order_no), await lock(session, Requisition, no)


def decided(requisition: Requisition) -> dict[str, tuple[DutyRef, ...]]:
    """The approver's handover that a decision closes, or that nobody owes one, and the operations whose clocks run on."""
    return {"closes": (links.requisition_approval(requisition.no),), "resumes": tuple(requisition.resting)}


def mark_refused(requisition: Requisition, reason: str, *, by: Actor, now: datetime) -> AuthorityRefused:
    different_person(requisition, by.employee)
    move(requisition, RequisitionStatus.REJECTED)
    requisition.reason, requisition.approved_by, requisition.approved_at = reason, by.employee, now
    return AuthorityRefused(
        order_no=requisition.order_no,
        **decided(requisition),
        document_no=requisition.no,
        authority="refuse_requisition",
        reason=reason,
        refused_by=by.employee,
    )


async def give_up(session: AsyncSession, cancelled: Sequence[str]) -> None:
    """Nobody decides on requisitions that were cancelled with their line, so nothing waits for that, also should it come back."""
    for requisition in await undecided(session, cancelled) if cancelled else ():
        await publish(session, RequisitionGivenUp(**stated(requisition), **decided(requisition)))


async def take_issue(session: AsyncSession, event: MaterialIssued) -> None:
    """Material left the warehouse: less stock, and with a complete requisition the first operations may begin."""
    order = await known(session, event.production_order_no)
    issued: dict[str, Decimal] = {}
    for line in event.lines:
        issued[line.item_code] = issued.get(line.item_code, NOTHING) + line.quantity
    await stock.take_issue(session, order.order_no or "", order.line_no, issued)
    requisition = await session.get(Requisition, event.requisition_no, with_for_update=True, populate_existing=True)
    if requisition is None:
        raise WaitFor("requisition", event.requisition_no)
    requisition.first_issued_at = requisition.first_issued_at or session.info["envelope"].time
    if event.complete:
        await complete(session, order, requisition)


async def complete(session: AsyncSession, order: ProductionOrder, requisition: Requisition) -> None:
    """An issue wins over a withdrawal of which the warehouse had not heard."""
    if requisition.status in (RequisitionStatus.APPROVED, RequisitionStatus.RECALLED):
        move(requisition, RequisitionStatus.ISSUED)
    await operations.material_is_there(session, order, requisition.no)
