"""What is at the gate, did we order it, and in which lots?"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number, next_numbers
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts.event import Actor
from contracts.warehouse import ArrivedLine, GoodsArrived
from services.warehouse import orders, purchases
from services.warehouse.models import Arrival, ArrivalStatus, Lot, LotStatus, PurchaseLineCopy, PurchaseOrderCopy
from services.warehouse.queries import find_purchase, purchase_lines


class OrderUnknown(Refusal):
    code, field = "purchase_order_unknown", "purchase_order_no"
    message = Label(
        "没有批准的订购单 {no}。请核对单号;若无人订购,请选“隔离”登记。",
        "There is no approved purchase order {no}. Please check the number, or log the goods in quarantine.",
    )


class NotOnOrder(Refusal):
    code, field = "not_on_order", "lines"
    message = Label(
        "订购单 {no} 没有订 {item_code}。请核对物料;多送的货请另行登记为隔离。",
        "Purchase order {no} does not ask for {item_code}. Please check the item, or log it apart, in quarantine.",
    )


class MoreThanOrdered(Refusal):
    code, field = "more_than_ordered", "lines"
    message = Label(
        "{item_code} 还有 {left} 未到,不能登记 {quantity}。请按 {left} 登记,多送的另行登记为隔离。",
        "{left} of {item_code} are outstanding; {quantity} is more. Please log {left}, the rest apart in quarantine.",
    )


class Line(Form):
    """What came of one item. On an order the line, unit and description are the ordered ones."""

    item_code: str = Field(min_length=1, max_length=64)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    purchase_order_line_no: int | None = Field(default=None, ge=1)
    unit: str = Field(default="", max_length=64)
    description: str = Field(default="", max_length=4000)


class Delivery(Form):
    """Who delivered what, against which purchase order; without one, or on request, it waits in quarantine."""

    supplier_code: str = Field(min_length=1, max_length=64)
    purchase_order_no: str | None = Field(default=None, min_length=1, max_length=64)
    quarantine: bool = False
    lines: tuple[Line, ...] = Field(min_length=1, max_length=200)
    packages: int = Field(default=1, ge=1, le=100_000)
    remark: str = Field(default="", max_length=4000)


async def log(session: AsyncSession, form: Delivery, *, maker: Actor, now: datetime) -> Arrival:
    """Write down what came. What was ordered goes to the inspector, the rest waits apart until somebody decides."""
    quarantine = form.quarantine or form.purchase_order_no is None
    order, cancelled = await find_purchase(session, form.purchase_order_no or "")
    ordered: Sequence[PurchaseLineCopy] = ()
    if not quarantine:
        if order is None:
            raise OrderUnknown(no=form.purchase_order_no)
        orders.check_wanted(order, cancelled)
        await orders.check_line(session, order.order_no, order.line_no)
        ordered = await purchase_lines(session, order.purchase_order_no)
    numbers = await next_numbers(session, Lot.code, now, len(form.lines))
    for_line = order.line_no if order and not quarantine else None
    taken = [None if quarantine else take_line(form, line, ordered) for line in form.lines]
    lines = tuple(
        lot_line(number, lot, line, of_order, for_line)
        for number, (lot, line, of_order) in enumerate(zip(numbers, form.lines, taken, strict=True), start=1)
    )
    arrival = Arrival(
        **form.model_dump(include={"supplier_code", "purchase_order_no", "packages", "remark"}),
        no=await next_number(session, Arrival.code, now),
        order_no=order.order_no if order else None,
        lines=lines,
        status=ArrivalStatus.QUARANTINE if quarantine else ArrivalStatus.LOGGED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(arrival)
    session.add_all(lot_of(arrival, line) for line in lines)
    await publish(session, await stated(session, arrival, order, [line for line in taken if line]))
    return arrival


def take_line(form: Delivery, line: Line, ordered: Sequence[PurchaseLineCopy]) -> PurchaseLineCopy:
    """The ordered line that these goods belong to, with them counted; raises NotOnOrder, MoreThanOrdered."""
    wanted = [each for each in ordered if each.item_code == line.item_code]
    if line.purchase_order_line_no is not None:
        wanted = [each for each in wanted if each.line_no == line.purchase_order_line_no]
    if not wanted:
        raise NotOnOrder(no=form.purchase_order_no, item_code=line.item_code)
    found = next((each for each in wanted if each.quantity - each.arrived >= line.quantity), None)
    if found is None:
        left = max(each.quantity - each.arrived for each in wanted)
        raise MoreThanOrdered(item_code=line.item_code, left=left, quantity=line.quantity)
    found.arrived += line.quantity
    return found


def lot_line(
    line_no: int, lot: str, line: Line, ordered: PurchaseLineCopy | None, order_line_no: int | None
) -> ArrivedLine:
    """One line of the arrival note; goods in quarantine belong to no line of an order."""
    return ArrivedLine(
        line_no=line_no,
        lot=lot,
        item_code=line.item_code,
        quantity=line.quantity,
        description=ordered.description if ordered else line.description,
        unit=ordered.unit if ordered else line.unit or "件",
        purchase_order_line_no=ordered.line_no if ordered else None,
        requirement_no=ordered.requirement_no if ordered else None,
        requirement_line_no=ordered.requirement_line_no if ordered else None,
        order_line_no=order_line_no,
    )


def lot_of(arrival: Arrival, line: ArrivedLine) -> Lot:
    quarantine = arrival.status == ArrivalStatus.QUARANTINE
    return Lot(
        **line.model_dump(exclude={"line_no", "lot"}),
        no=line.lot,
        order_no=arrival.order_no,
        status=LotStatus.QUARANTINE if quarantine else LotStatus.AWAITING_INSPECTION,
        supplier_code=arrival.supplier_code,
        arrival_no=arrival.no,
        purchase_order_no=arrival.purchase_order_no,
        made_by=arrival.made_by,
        made_at=arrival.made_at,
    )


async def stated(
    session: AsyncSession, arrival: Arrival, order: PurchaseOrderCopy | None, taken: Sequence[PurchaseLineCopy]
) -> GoodsArrived:
    """The arrival as a fact. It fulfils the buyer's duty for each short line that it makes whole.

    `taken`: the lines of the purchase order that came; after those that are whole now the planner need not ask any more.
    """
    came: dict[purchases.LineOfList, Decimal] = {}
    for line in arrival.lines:
        if line.requirement_no is not None and line.requirement_line_no is not None:
            key = (line.requirement_no, line.requirement_line_no)
            came[key] = came.get(key, Decimal(0)) + line.quantity
    closes = purchases.ordered({*await purchases.count(session, came), *purchases.followed(taken)})
    return GoodsArrived(
        order_no=arrival.order_no,
        assignee=order.issued_by if order and any(duty.link == "arrival" for duty in closes) else None,
        closes=closes,
        arrival_no=arrival.no,
        supplier_code=arrival.supplier_code,
        purchase_order_no=arrival.purchase_order_no,
        ordered_supplier_code=order.supplier_code if order else None,
        quarantine=arrival.status == ArrivalStatus.QUARANTINE,
        lines=arrival.lines,
        logged_by=arrival.made_by,
    )
