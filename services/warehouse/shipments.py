"""May these goods leave the house, and did they (SHP-03)?"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import striking, worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import find, lock, move, next_number
from chassis.errors import Refusal, WrongStatus
from chassis.language import Label, word
from chassis.latest import is_latest
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.parts import Terms
from contracts.pmc import ShipmentInstructed
from contracts.quality import OutgoingInspected
from contracts.sales import ShippingNoticeIssued
from contracts.warehouse import GoodsShipped, ShipmentWithheld
from services.warehouse import orders, stock, stocktakes
from services.warehouse.models import Hold, HoldKind, OrderLineCopy, Shipment, ShipmentStatus
from services.warehouse.queries import (
    find_with_order,
    free_stock,
    holds_on,
    known_order,
    order_line,
    ship_by,
    shipments_waiting,
)

COPIED = {"order_no", "line_no", "product_code", "quantity", "consignee", "address", "packing"}
OPEN = (ShipmentStatus.NOTICED, ShipmentStatus.INSTRUCTED)
GOODS_ISSUE = "FGI"
FAILED_AFTER_ALL = Label(
    "出货检验又判不合格,返工再检合格后重新交来",
    "the goods failed their outgoing inspection; it comes again once they pass",
)


class NoNotice(Refusal):
    status, code = 404, "no_notice"
    message = Label(
        "没有出货通知单 {no},不能发货。请先由业务部发通知。",
        "There is no shipping notice {no}, so nothing is shipped. Sales must issue one first.",
    )


class NotInstructed(Refusal):
    code = "not_instructed"
    message = Label(
        "出货通知 {no} 还没有计划部的出货指令,不能发货。请等待指令。",
        "Planning has not instructed the shipment of {no}. Please wait for the instruction.",
    )


class OutgoingInspectionMissing(Refusal):
    code = "outgoing_inspection_missing"
    message = Label(
        "出货通知 {no} 还没有出货检验,不能发货。请等待品质部检验。",
        "The goods of {no} have had no outgoing inspection. Please wait for Quality.",
    )


class OutgoingInspectionFailed(Refusal):
    code = "outgoing_inspection_failed"
    message = Label(
        "出货通知 {no} 的出货检验不合格,不能发货。请等待品质部处理。",
        "The goods of {no} failed their outgoing inspection. Please wait for Quality's decision.",
    )


class Blocked(Refusal):
    code = "shipment_blocked"
    message = Label(
        "订单 {order_no} 被冻结({holds}),不能发货。须由下令的部门解除。",
        "Order {order_no} is blocked ({holds}), so nothing is shipped. Whoever blocked it must lift it first.",
    )


class WorkStopped(Refusal):
    code = "work_stopped"
    message = Label(
        "订单 {order_no} 已停工({holds}),不能发货。须由工程部复工。",
        "Work on order {order_no} is stopped ({holds}), so nothing is shipped. Engineering must resume it first.",
    )


class MoreThanNoticed(Refusal):
    code = "more_than_noticed"
    message = Label(
        "出货通知 {no} 是 {noticed},指令却是 {instructed},不能多发。请计划部改正指令。",
        "Notice {no} is for {noticed}, the instruction for {instructed}: no more leaves. Planning must correct it.",
    )


class MoreThanOrdered(Refusal):
    code = "more_than_ordered"
    message = Label(
        "第 {line_no} 行订购 {ordered},已发 {shipped},不能再发 {quantity}。请业务部核对订单。",
        "Line {line_no} is for {ordered} and {shipped} have left; {quantity} more cannot. Sales must check the order.",
    )


class Dispatch(Form):
    """Who carries the goods, and in how many pieces."""

    carrier: str = Field(min_length=1, max_length=200)
    vehicle: str = Field(default="", max_length=200)
    packages: int = Field(default=1, ge=1, le=100_000)
    gross_weight_kg: Decimal | None = Field(default=None, gt=0, max_digits=14, decimal_places=4)


async def take_notice(session: AsyncSession, event: ShippingNoticeIssued) -> None:
    """Sales wants these goods to leave; they wait for PMC's instruction and Quality's word."""
    order = await known_order(session, event.order_no)
    shipment = Shipment(
        **event.model_dump(include=COPIED),
        ship_by=await ship_by(session, event.order_no, event.line_no) or event.ship_by,
        no=event.notice_no,
        documents_required=list(event.documents_required),
        status=ShipmentStatus.CANCELLED if order.cancelled else ShipmentStatus.NOTICED,
        made_by=event.issued_by,
        made_at=await factory_now(session),
    )
    session.add(shipment)
    await arrived(session, "notice", event.notice_no)


async def take_instruction(session: AsyncSession, event: ShipmentInstructed) -> None:
    await stock.promise_alone(session)
    shipment = await known(session, event.notice_no)
    if shipment.status == ShipmentStatus.NOTICED:
        move(shipment, ShipmentStatus.INSTRUCTED)
        shipment.instructed_quantity = event.quantity
        shipment.ship_by = await ship_by(session, shipment.order_no, shipment.line_no) or event.ship_by
        shipment.consignee, shipment.address = event.consignee, event.address
        await owe(session, shipment)


async def take_inspection(session: AsyncSession, event: OutgoingInspected) -> None:
    await stock.promise_alone(session)
    shipment = await known(session, event.notice_no)
    if await is_latest(session, links.outgoing_qa(shipment.no), settles=bool(event.concession_no)):
        shipment.qa_passed, shipment.inspection_no = event.passed, event.inspection_no
        await (owe if event.passed else withhold)(session, shipment)


async def withhold(session: AsyncSession, shipment: Shipment) -> None:
    """Goods that fail after they had passed are refused at the gate, so nobody owes them until they pass again (SHP-03)."""
    if await worklist.is_open(session, links.ship(shipment.no)):
        await striking.strike(session, [links.ship(shipment.no)], FAILED_AFTER_ALL)
        await publish(session, withheld(shipment))


def withheld(shipment: Shipment) -> ShipmentWithheld:
    return ShipmentWithheld(
        order_no=shipment.order_no,
        closes=(links.ship(shipment.no),),
        notice_no=shipment.no,
        line_no=shipment.line_no,
        inspection_no=shipment.inspection_no or "",
    )


async def known(session: AsyncSession, notice_no: str) -> Shipment:
    shipment = await find(session, Shipment, notice_no, hold=True)
    if shipment is None:
        raise WaitFor("notice", notice_no)
    return shipment


async def owe(session: AsyncSession, shipment: Shipment, *brought: DutyRef) -> None:
    """Instructed, passed and in store: the storekeeper owes the shipment from now on; what it waited for is on record.

    What others were promised is not offered to it. Whoever calls promises alone.
    """
    if shipment.status != ShipmentStatus.INSTRUCTED or not shipment.qa_passed:
        return
    shipment.waited_for = (*shipment.waited_for, *brought)
    wanted = {shipment.product_code: shipment.instructed_quantity or shipment.quantity}
    if shipment.offered or stock.fits(wanted, await free_stock(session, wanted, shipment.order_no)):
        shipment.offered = True
        await worklist.deliver(session, handover(shipment))


def handover(shipment: Shipment) -> Handover:
    no = shipment.no
    return Handover(
        links.ship(no),
        "storekeeper",
        shipment.order_no,
        shipment.line_no,
        document_no=no,
        inputs=(links.instruction(no), links.outgoing_qa(no), *shipment.waited_for),
        terms=Terms(required_on=shipment.ship_by),
    )


async def offer(session: AsyncSession, products: Collection[str], *brought: DutyRef) -> None:
    """There is more of these products: shipments that waited and now find theirs are handed over, the oldest first."""
    await stock.promise_alone(session)
    for shipment in await shipments_waiting(session, products):
        await owe(session, shipment, *brought)


async def ship(session: AsyncSession, no: str, form: Dispatch, *, by: Actor, now: datetime) -> Shipment:
    """Let the goods leave with their delivery note and goods-issue note: exactly what was instructed.

    The stock is held before the shipment, as by a receipt, which looks for shipments that wait.
    """
    seen, cancelled = await find_with_order(session, Shipment, no)
    if seen is None:
        raise NoNotice(no=no)
    orders.check_wanted(seen, cancelled)
    line = await order_line(session, seen.order_no, seen.line_no)
    there = await stock.hold(session, {seen.product_code: line.unit})
    shipment = await lock(session, Shipment, no)
    orders.check_wanted(shipment, shipment.status == ShipmentStatus.CANCELLED)
    quantity = allowed_quantity(shipment, line, await holds_on(session, shipment.order_no, shipment.line_no))
    await stocktakes.expect(session, now)
    wanted = {shipment.product_code: quantity}
    lots = await stock.take(session, wanted, there, order_no=shipment.order_no, own_first=True)
    notes = [await next_number(session, code, now) for code in (Shipment.code, GOODS_ISSUE)]
    line.shipped += quantity
    ends = looks_ended(line)
    await publish(session, mark_shipped(shipment, form, lots[shipment.product_code], notes, ends, by=by, now=now))
    return shipment


def looks_ended(line: OrderLineCopy) -> tuple[DutyRef, ...]:
    """The merchandiser need not look any more whether goods leave that have left, all of them."""
    return (links.shipment_check(line.order_no, line.line_no),) if line.shipped >= line.quantity else ()


def allowed_quantity(shipment: Shipment, line: OrderLineCopy, holds: Sequence[Hold]) -> Decimal:
    """How much may leave now; raises whatever stands against it, the nearest to the order first."""
    check_held(shipment, holds)
    if shipment.status == ShipmentStatus.NOTICED or shipment.instructed_quantity is None:
        raise NotInstructed(no=shipment.no)
    if shipment.qa_passed is None:
        raise OutgoingInspectionMissing(no=shipment.no)
    if not shipment.qa_passed:
        raise OutgoingInspectionFailed(no=shipment.no)
    if shipment.status != ShipmentStatus.INSTRUCTED:
        raise WrongStatus(no=shipment.no, status=word(shipment.status), target=word(ShipmentStatus.SHIPPED))
    quantity = shipment.instructed_quantity
    if quantity > shipment.quantity:
        raise MoreThanNoticed(no=shipment.no, noticed=shipment.quantity, instructed=quantity)
    if line.shipped + quantity > line.quantity:
        raise MoreThanOrdered(line_no=line.line_no, ordered=line.quantity, shipped=line.shipped, quantity=quantity)
    return quantity


def check_held(shipment: Shipment, holds: Sequence[Hold]) -> None:
    """Raises Blocked, WorkStopped."""
    blocks = [hold.no for hold in holds if hold.kind == HoldKind.BLOCK]
    if blocks:
        raise Blocked(order_no=shipment.order_no, holds=blocks)
    if holds:
        raise WorkStopped(order_no=shipment.order_no, holds=[hold.no for hold in holds])


def mark_shipped(
    shipment: Shipment,
    form: Dispatch,
    lots: list[str],
    notes: list[str],
    ends: tuple[DutyRef, ...],
    *,
    by: Actor,
    now: datetime,
) -> GoodsShipped:
    """Move to SHIPPED under the numbers of the delivery note and the goods-issue note; `ends`: what else is done with it."""
    move(shipment, ShipmentStatus.SHIPPED)
    shipment.delivery_note_no, shipment.goods_issue_no = notes
    shipment.lots, shipment.shipped_by, shipment.shipped_at = lots, by.employee, now
    shipment.carrier, shipment.vehicle = form.carrier, form.vehicle
    shipment.packages, shipment.gross_weight_kg = form.packages, form.gross_weight_kg
    return GoodsShipped(
        order_no=shipment.order_no,
        assignee=shipment.shipped_by,
        closes=(links.ship(shipment.no), *ends),
        delivery_note_no=shipment.delivery_note_no or "",
        goods_issue_no=shipment.goods_issue_no or "",
        notice_no=shipment.no,
        line_no=shipment.line_no,
        product_code=shipment.product_code,
        quantity=shipment.instructed_quantity or shipment.quantity,
        lots=tuple(shipment.lots),
        carrier=shipment.carrier,
        vehicle=shipment.vehicle,
        packages=shipment.packages or 1,
        shipped_by=shipment.shipped_by or "",
    )


async def redate(session: AsyncSession, order_no: str) -> None:
    """What has not left leaves by the date that its line has now; what left before we heard of that keeps its own."""
    either = (*OPEN, ShipmentStatus.SHIPPED)
    query = select(Shipment).where(Shipment.order_no == order_no, Shipment.status.in_(either)).order_by(Shipment.no)
    for shipment in await session.scalars(query.with_for_update().execution_options(populate_existing=True)):
        by = await ship_by(session, order_no, shipment.line_no)
        if by is not None and by != shipment.ship_by:
            shipment.ship_by = by if shipment.status in OPEN else shipment.ship_by
            await worklist.redate(session, links.ship(shipment.no), Terms(required_on=by))


async def cancel_open(session: AsyncSession, order_no: str) -> None:
    """Nothing more leaves for an order that was given up."""
    await stock.promise_alone(session)
    query = select(Shipment).where(Shipment.order_no == order_no, Shipment.status.in_(OPEN)).with_for_update()
    for shipment in await session.scalars(query):
        move(shipment, ShipmentStatus.CANCELLED)
