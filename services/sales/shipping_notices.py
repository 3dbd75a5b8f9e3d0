"""Which goods may leave, and did the customer get them?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import striking, worklist
from chassis.clock import stated_at
from chassis.desk import Form, Said
from chassis.documents import find, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links, warehouse
from contracts.event import Actor, DutyRef
from contracts.parts import Terms
from contracts.sales import GoodsDelivered, ShippingNoticeIssued
from services.sales import customers, shipment_checks
from services.sales.models import LineProgress, NoticeStatus, Order, OrderStatus, ShippingNotice
from services.sales.orders import line_of, lock_open
from services.sales.queries import add_shipped, find_order, line_progress, progress_of

COUNTED = (
    Label("订购数量", "Ordered"),
    Label("已入成品库", "Received into store so far"),
    Label("已通知出货", "Under shipping notice so far"),
    Label("已入库、待通知", "In store, not under notice yet"),
)


class MoreThanOrdered(Refusal):
    status, code, field = 422, "more_than_ordered", "quantity"
    message = Label(
        "第 {line_no} 行还可通知出货 {left},不能通知 {quantity}。请减少数量。",
        "{left} of line {line_no} may still ship; {quantity} is more. Please reduce the quantity.",
    )


class NotShipped(Refusal):
    code = "not_shipped"
    message = Label(
        "出货通知 {no} 还没有发货记录,不能登记送达。请先由仓库发货。",
        "No shipment is recorded for notice {no}, so it cannot be delivered. The warehouse must ship first.",
    )


class Notice(Form):
    """What shall leave, to whom, and with which papers. Blank consignee and address are the customer's own."""

    order_no: str
    line_no: int = Field(ge=1)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    consignee: str = ""
    address: str = ""
    documents_required: tuple[str, ...] = ()
    packing: str = ""

    @classmethod
    async def beforehand(cls, session: AsyncSession, known: Mapping[str, Any]) -> Sequence[tuple[Label, Said]]:
        """How much of the line was ordered, is in store, and is under notice already."""
        order, number = await find_order(session, str(known.get("order_no", ""))), str(known.get("line_no", ""))
        line = next((line for line in order.lines if str(line.line_no) == number), None) if order else None
        row = await session.get(LineProgress, (order.no, line.line_no)) if order and line else None
        if line is None or row is None:
            return ()
        return list(zip(COUNTED, (line.quantity, row.finished, row.noticed, row.left(line.quantity)), strict=True))


class Delivery(Form):
    """When the customer had the goods, and what they said."""

    delivered_on: date
    reaction: str = ""


async def expect(session: AsyncSession, event: warehouse.FinishedGoodsReceived) -> None:
    """Finished goods are booked: the salesperson owes the shipping notice (SHP-01), the merchandiser a look (MER-03)."""
    order_no = event.order_no or ""
    order, progress = await find_order(session, order_no), await progress_of(session, order_no, event.line_no)
    if order is None or progress is None:
        raise WaitFor("order", order_no)
    progress.book(event.quantity, event.production_order_no, await stated_at(session))
    if order.status != OrderStatus.CANCELLED:
        await ask(session, order, progress)


async def ask(session: AsyncSession, order: Order, progress: LineProgress) -> None:
    """Put what goods in store want on the worklist: their notice, and that somebody looks after them."""
    await worklist.deliver(session, *owed(order, progress), *await shipment_checks.owed(session, order, progress))


def owed(order: Order, progress: LineProgress) -> tuple[Handover, ...]:
    """The notice of what is in store, unless one is owed already or nothing is left to notice.

    What is made for a line that is off the order stays in store until the customer wants the line again.

    A receipt that comes while one is owed leaves its due time alone and asks for no more: its goods have a clock of their own,
    which starts once the notice before it is given.
    """
    line = order.line(progress.line_no)
    if line is None or progress.asked is not None or not progress.left(line.quantity):
        return ()
    progress.asked = progress.finished
    handover = Handover(
        links.notice(order.no, line.line_no),
        "salesperson",
        order.no,
        line.line_no,
        assignee=order.salesperson,
        document_no=order.no,
        inputs=(links.release(order.no), *progress.made),
        terms=Terms(required_on=line.ship_by),
    )
    return (handover,)


def settled(order: Order, progress: LineProgress) -> tuple[DutyRef, ...]:
    """The notice that is owed no longer because it was given, or because the line has nothing left to ship."""
    line = order.line(progress.line_no)
    if line is None or not progress.is_noticed(line.quantity):
        return ()
    progress.asked = None
    return (links.notice(order.no, progress.line_no),)


async def give_up(session: AsyncSession, order: Order, progress: LineProgress) -> None:
    """The line is off the order: nobody owes its notice any more, nor a look after it."""
    progress.asked = None
    why = striking.line_removed(progress.line_no, order.revision)
    which = (order.no, progress.line_no)
    await striking.strike(session, [links.notice(*which), links.shipment_check(*which)], why)


async def issue(session: AsyncSession, form: Notice, *, maker: Actor, now: datetime) -> ShippingNotice:
    """Say in writing that goods are to leave; never more than was ordered."""
    order = await lock_open(session, form.order_no)
    line = line_of(order, form.line_no)
    progress = next(row for row in await line_progress(session, order.no) if row.line_no == line.line_no)
    left = line.quantity - progress.noticed
    if form.quantity > left:
        raise MoreThanOrdered(line_no=line.line_no, left=left, quantity=form.quantity)
    customer = await customers.known(session, order.customer_code)
    progress.noticed += form.quantity
    notice = ShippingNotice(
        no=await next_number(session, ShippingNotice.code, now),
        status=NoticeStatus.ISSUED,
        product_code=line.product_code,
        ship_by=line.ship_by,
        made_by=maker.employee,
        made_at=now,
        **{
            **form.model_dump(),
            "consignee": form.consignee or customer.name,
            "address": form.address or customer.address,
            "documents_required": list(form.documents_required),
        },
    )
    session.add(notice)
    await arrived(session, "notice", notice.no)
    await publish(session, stated(notice, order, closes=settled(order, progress)))
    await worklist.deliver(session, *owed(order, progress))
    return notice


def stated(notice: ShippingNotice, order: Order, *, closes: tuple[DutyRef, ...]) -> ShippingNoticeIssued:
    """The notice as a fact; it closes the duty once everything that was asked for is under notice."""
    return ShippingNoticeIssued(
        order_no=notice.order_no,
        assignee=order.salesperson,
        closes=closes,
        notice_no=notice.no,
        line_no=notice.line_no,
        product_code=notice.product_code,
        quantity=notice.quantity,
        ship_by=notice.ship_by,
        consignee=notice.consignee,
        address=notice.address,
        documents_required=tuple(notice.documents_required),
        packing=notice.packing,
        issued_by=notice.made_by,
    )


async def mark_instructed(session: AsyncSession, notice_no: str) -> None:
    notice = await known(session, notice_no)
    if notice.status == NoticeStatus.ISSUED:
        move(notice, NoticeStatus.INSTRUCTED)


async def mark_shipped(session: AsyncSession, event: warehouse.GoodsShipped) -> None:
    """The goods are on the road; a late word of the instruction no longer matters."""
    notice = await known(session, event.notice_no)
    move(notice, NoticeStatus.SHIPPED)
    notice.delivery_note_no = event.delivery_note_no
    in_store = await add_shipped(session, notice.order_no or "", notice.line_no, event.quantity)
    await shipment_checks.take_shipment(session, event, in_store)


async def mark_reported(session: AsyncSession, notice_no: str) -> None:
    (await known(session, notice_no)).reported = True


async def known(session: AsyncSession, notice_no: str) -> ShippingNotice:
    notice = await find(session, ShippingNotice, notice_no, hold=True)
    if notice is None:
        raise WaitFor("notice", notice_no)
    return notice


async def confirm_delivery(session: AsyncSession, no: str, form: Delivery, *, by: Actor) -> ShippingNotice:
    """The customer has the goods; the order is delivered when all its lines are."""
    notice = await lock(session, ShippingNotice, no)
    if notice.delivery_note_no is None:
        raise NotShipped(no=no)
    move(notice, NoticeStatus.DELIVERED)
    order = await lock(session, Order, notice.order_no or "")
    rows = await line_progress(session, order.no)
    next(row for row in rows if row.line_no == notice.line_no).delivered += notice.quantity
    wanted = {line.line_no: line.quantity for line in order.lines}
    if all(row.delivered >= wanted.get(row.line_no, Decimal(0)) for row in rows):
        move(order, OrderStatus.DELIVERED)
    await publish(
        session,
        GoodsDelivered(
            order_no=order.no,
            closes=await shipment_checks.settled(session, order, rows),
            line_no=notice.line_no,
            notice_no=no,
            delivery_note_no=notice.delivery_note_no,
            quantity=notice.quantity,
            delivered_on=form.delivered_on,
            reaction=form.reaction,
            tracked_by=by.employee,
        ),
    )
    return notice
