"""Are finished goods booked as soon as they passed, wherever they stand (WHS-03)?"""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.latest import is_latest
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.pmc import ProductionOrderIssued
from contracts.quality import FinalInspected
from contracts.warehouse import FinishedGoodsReceived
from services.warehouse import orders, requisitions, stock, stocktakes
from services.warehouse.models import FinishedReceipt, ProductionOrderCopy, RecordedStatus
from services.warehouse.queries import known_order, order_line, production_order

# Above this weight of one piece (kg) goods may stay in the workshop's marked zone; they are booked all the same.
HEAVY_KG = Decimal(50)
HEAVY_ZONE = "车间重件区"
# Goods that pass in parts share the lot that Quality named.
LOT = text("""
INSERT INTO lots (no, order_no, order_line_no, status, item_code, description, unit, quantity, remaining, location, inspection_no,
    counted_out, received_at, made_by, made_at)
VALUES (:lot, :order_no, :line_no, 'received', :item, '', :unit, :quantity, :quantity, :location, :inspection_no,
    false, :at, :by, :at)
ON CONFLICT (no) DO UPDATE SET quantity = lots.quantity + excluded.quantity,
    remaining = lots.remaining + excluded.remaining, location = excluded.location,
    inspection_no = excluded.inspection_no
""")


class ProductionOrderUnknown(Refusal):
    status, code, field = 422, "production_order_unknown", "production_order_no"
    message = Label(
        "仓库没有生产指令 {no}。请核对编号。", "The warehouse has no production order {no}. Please check the number."
    )


class FinalInspectionMissing(Refusal):
    code, field = "final_inspection_missing", "production_order_no"
    message = Label(
        "生产指令 {no} 的成品还没有检验,不能入库。请等待品质部检验。",
        "The goods of {no} have had no final inspection, so they are not received. Please wait for Quality.",
    )


class FinalInspectionFailed(Refusal):
    code, field = "final_inspection_failed", "production_order_no"
    message = Label(
        "生产指令 {no} 的成品检验不合格,不能入库。请退回车间返工后再检。",
        "The goods of {no} failed their final inspection and are not received. The workshop must rework them first.",
    )


class MoreThanPassed(Refusal):
    code, field = "more_than_passed", "quantity"
    message = Label(
        "生产指令 {no} 检验合格未入库的有 {left},不能入库 {quantity}。请核对数量。",
        "{left} of {no} passed and are not booked; {quantity} is more. Please check the quantity.",
    )


class NotHeavy(Refusal):
    status, code, field = 422, "not_heavy", "heavy_zone"
    message = Label(
        "单重 {weight} 公斤,不超过 {limit} 公斤,不能放在车间重件区。请送入成品库。",
        "One piece weighs {weight} kg, not more than {limit} kg, so it does not stay in the workshop. Please store it.",
    )


class LocationMissing(Refusal):
    status, code, field = 422, "location_missing", "location"
    message = Label("请填写库位。", "Please say where the goods are put.")


class Booking(Form):
    """How much is booked and where it stands; without a quantity all that passed."""

    production_order_no: str = Field(min_length=1, max_length=64)
    quantity: Decimal | None = Field(default=None, gt=0, max_digits=18, decimal_places=6)
    location: str = Field(default="", max_length=200)
    heavy_zone: bool = False


async def take_order(session: AsyncSession, event: ProductionOrderIssued) -> None:
    """Remember what is made for whom, and how heavy one piece is."""
    await known_order(session, event.order_no)
    copied = {"production_order_no", "order_no", "line_no", "product_code", "unit_weight_kg"}
    session.add(ProductionOrderCopy(**event.model_dump(include=copied)))
    await arrived(session, "production_order", event.production_order_no)


async def take_inspection(session: AsyncSession, event: FinalInspected) -> None:
    """Goods that passed are the storekeeper's to book: the same goods however often they are looked at, so the last look counts."""
    order = await production_order(session, event.production_order_no)
    if order is None:
        raise WaitFor("production_order", event.production_order_no)
    look = links.final_inspection(event.production_order_no)
    if not await is_latest(session, look, settles=bool(event.concession_no)):
        return
    order.inspection_no, order.inspection_passed, order.lot = event.inspection_no, event.passed, event.lot
    if event.passed:
        order.passed = max(event.quantity, order.received)
        await owe(session, order)


async def owe(session: AsyncSession, order: ProductionOrderCopy) -> None:
    """The storekeeper owes the booking; of a line that is off its order for the goods' sake alone."""
    wanted_by = await known_order(session, order.order_no)
    if not wanted_by.cancelled and order.received < order.passed:
        because = await orders.unwanted(session, wanted_by, order.line_no)
        await worklist.deliver(session, handover(order, because))


def handover(order: ProductionOrderCopy, because: Label | None) -> Handover:
    no = order.production_order_no
    return Handover(
        links.finished_receipt(no),
        "storekeeper",
        order.order_no,
        order.line_no,
        document_no=no,
        inputs=(links.final_inspection(no),),
        because=because,
    )


async def receive(session: AsyncSession, form: Booking, *, maker: Actor, now: datetime) -> FinishedReceipt:
    """Book finished goods that passed their inspection."""
    order = await production_order(session, form.production_order_no)
    if order is None:
        raise ProductionOrderUnknown(no=form.production_order_no)
    quantity = passed_quantity(order, form.quantity)
    location = place(order, form)
    order.received += quantity
    receipt = FinishedReceipt(
        no=await next_number(session, FinishedReceipt.code, now),
        order_no=order.order_no,
        production_order_no=order.production_order_no,
        line_no=order.line_no,
        product_code=order.product_code,
        quantity=quantity,
        lot=order.lot,
        location=location,
        heavy_zone=form.heavy_zone,
        inspection_no=order.inspection_no,
        status=RecordedStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(receipt)
    await put_in_stock(session, receipt, now)
    await stocktakes.expect(session, now)
    await publish(session, stated(receipt, whole=order.received >= order.passed))
    await requisitions.offer(session, {receipt.product_code}, links.finished_receipt(order.production_order_no))
    return receipt


def passed_quantity(order: ProductionOrderCopy, wanted: Decimal | None) -> Decimal:
    """How much is booked; raises FinalInspectionMissing, FinalInspectionFailed, MoreThanPassed."""
    left = order.passed - order.received
    if left <= 0 and order.inspection_passed is None:
        raise FinalInspectionMissing(no=order.production_order_no)
    if left <= 0 and not order.inspection_passed:
        raise FinalInspectionFailed(no=order.production_order_no)
    quantity = left if wanted is None else wanted
    if quantity > left or left <= 0:
        raise MoreThanPassed(no=order.production_order_no, left=left, quantity=quantity)
    return quantity


def place(order: ProductionOrderCopy, form: Booking) -> str:
    """Where the goods stand; raises NotHeavy, LocationMissing."""
    if form.heavy_zone and order.unit_weight_kg <= HEAVY_KG:
        raise NotHeavy(weight=order.unit_weight_kg, limit=HEAVY_KG)
    if not form.location and not form.heavy_zone:
        raise LocationMissing
    return form.location or HEAVY_ZONE


async def put_in_stock(session: AsyncSession, receipt: FinishedReceipt, now: datetime) -> None:
    unit = (await order_line(session, receipt.order_no, receipt.line_no)).unit
    await stock.add(session, receipt.product_code, unit, receipt.quantity, receipt.location, at=now)
    values = {
        "lot": receipt.lot,
        "order_no": receipt.order_no,
        "line_no": receipt.line_no,
        "item": receipt.product_code,
        "unit": unit,
        "quantity": receipt.quantity,
        "location": receipt.location,
        "inspection_no": receipt.inspection_no,
        "by": receipt.made_by,
        "at": now,
    }
    await session.execute(LOT, values)


def stated(receipt: FinishedReceipt, *, whole: bool) -> FinishedGoodsReceived:
    """The receipt as a fact; the one that books all that passed fulfils the duty."""
    return FinishedGoodsReceived(
        order_no=receipt.order_no,
        assignee=receipt.made_by,
        closes=(links.finished_receipt(receipt.production_order_no),) if whole else (),
        receipt_no=receipt.no,
        production_order_no=receipt.production_order_no,
        line_no=receipt.line_no,
        product_code=receipt.product_code,
        quantity=receipt.quantity,
        lot=receipt.lot,
        location=receipt.location,
        heavy_zone=receipt.heavy_zone,
        inspection_no=receipt.inspection_no,
        received_by=receipt.made_by,
    )
