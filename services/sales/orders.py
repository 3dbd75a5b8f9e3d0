"""When is an order a promise, and when does the factory hear of it?"""

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import FACTORY, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.parts import OrderLine
from contracts.pmc import ReviewOutcome
from contracts.sales import (
    ContractSubmitted,
    DeliveryPostponed,
    OrderAmended,
    OrderCancelled,
    OrderConfirmed,
    OrderReleased,
    ShipmentChecked,
)
from services.sales import customers
from services.sales.models import LineProgress, Order, OrderStatus
from services.sales.queries import find_order, line_progress

OPEN = frozenset({OrderStatus.CONFIRMED, OrderStatus.RELEASED})


class DatePassed(Refusal):
    status, code = 422, "date_passed"
    message = Label(
        "日期 {day} 已经过去(今天是 {today})。请填写今天或以后的日期。",
        "The date {day} has passed (today is {today}). Please give today or a later date.",
    )


class ContractDeclined(Refusal):
    code = "contract_declined"
    message = Label(
        "订单 {no} 的合同评审未通过。请取消订单,或由总经理具名豁免。",
        "The contract review of {no} was declined. Cancel the order, or have the general manager waive it by name.",
    )


class ContractUndecided(Refusal):
    code = "contract_undecided"
    message = Label(
        "订单 {no} 的合同评审还没有决定。请等待计划部门决定,或由总经理具名豁免。",
        "The contract review of {no} is not decided yet. Wait for planning, or have the general manager waive it by name.",
    )


class NoSuchLine(Refusal):
    status, code, field = 422, "no_such_line", "line_no"
    message = Label(
        "订单 {no} 没有第 {line_no} 行。请核对行号。", "Order {no} has no line {line_no}. Please check the line."
    )


class LinesTwice(Refusal):
    status, code, field = 422, "lines_twice", "lines"
    message = Label(
        "行号 {line_no} 出现了两次。每行须有自己的行号。",
        "Line {line_no} appears twice. Each line needs its own number.",
    )


class LessThanShipped(Refusal):
    code, field = "less_than_shipped", "lines"
    message = Label(
        "第 {line_no} 行已通知出货 {noticed},不能改为 {quantity}。请填写不少于已通知的数量。",
        "{noticed} of line {line_no} are already under shipping notice; it cannot become {quantity}. Please keep at least those.",
    )


class Line(OrderLine):
    """One line as typed: everything an order line must have, within bounds."""

    line_no: int = Field(ge=1, le=999)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    unit_price: Decimal = Field(ge=0, max_digits=18, decimal_places=4)
    transit_days: int = Field(ge=0, le=60, default=0)


class Contract(Form):
    """A customer's contract for review."""

    customer_code: str
    customer_po: str = ""
    lines: tuple[Line, ...] = Field(min_length=1, max_length=200)
    special_requirements: str = ""
    payment_terms: str = ""
    merchandiser: str = Field(pattern=r"^E-\d{3,6}$")
    commission: Decimal = Field(ge=0, default=Decimal(0), max_digits=18, decimal_places=4)
    agency_fee: Decimal = Field(ge=0, default=Decimal(0), max_digits=18, decimal_places=4)


class Reason(Form):
    """Why."""

    reason: str = Field(min_length=1, max_length=4000)


class Cancellation(Reason):
    """Why, and whether the customer left while the order was being followed up."""

    during_follow_up: bool = False


class Amendment(Reason):
    """The order's lines as they shall be from now on, and why."""

    lines: tuple[Line, ...] = Field(min_length=1, max_length=200)


class Postponement(Form):
    """The customer's wish for a later date, with their letter's or mail's reference."""

    line_no: int
    delivery_date: date
    customer_reference: str = Field(min_length=1)


class Check(Form):
    """What a look at the shipment showed."""

    line_no: int
    finding: str = Field(min_length=1)


async def submit(session: AsyncSession, form: Contract, *, maker: Actor, now: datetime) -> Order:
    """Ask every department whether the contract can be kept."""
    await customers.known(session, form.customer_code)
    check_lines(form.lines, now)
    order = Order(
        **form.model_dump(exclude={"lines"}),
        no=await next_number(session, Order.code, now),
        lines=plain(form.lines),
        amount=total(form.lines),
        salesperson=maker.employee,
        status=OrderStatus.SUBMITTED,
        made_by=maker.employee,
        made_at=now,
    )
    order.order_no = order.no
    session.add(order)
    await arrived(session, "order", order.no)
    shared = form.model_dump(exclude={"lines"})
    await publish(
        session,
        ContractSubmitted(
            **shared, order_no=order.no, lines=order.lines, amount=order.amount, salesperson=maker.employee
        ),
    )
    return order


def check_lines(lines: tuple[Line, ...], now: datetime) -> None:
    today, seen = now.astimezone(FACTORY).date(), set()
    for line in lines:
        if line.line_no in seen:
            raise LinesTwice(line_no=line.line_no)
        seen.add(line.line_no)
        if line.delivery_date < today:
            raise DatePassed(field="lines", day=line.delivery_date, today=today)


def plain(lines: tuple[Line, ...]) -> tuple[OrderLine, ...]:
    return tuple(OrderLine(**line.model_dump()) for line in lines)


def total(lines: tuple[OrderLine, ...]) -> Decimal:
    return sum((line.quantity * line.unit_price for line in lines), Decimal(0)).quantize(Decimal("0.01"))


async def take_review(session: AsyncSession, order_no: str, outcome: ReviewOutcome, conditions: str) -> None:
    """The review's decision opens or closes the way to a confirmation; it changes nothing that went on without it."""
    order = await find_order(session, order_no, hold=True)
    if order is None:
        raise WaitFor("order", order_no)
    order.conditions = conditions
    if order.status == OrderStatus.SUBMITTED:
        move(order, OrderStatus(outcome))


async def confirm(session: AsyncSession, no: str, *, by: Actor, now: datetime) -> Order:
    """Give the customer our word; the merchandiser owes the release from now on."""
    order = await lock(session, Order, no)
    await publish(session, mark_confirmed(order, by=by, now=now))
    session.add_all(LineProgress(order_no=no, line_no=line.line_no) for line in order.lines)
    await worklist.deliver(
        session,
        Handover(
            links.release(no),
            "merchandiser",
            no,
            assignee=order.merchandiser,
            document_no=no,
            inputs=(links.review(no),),
        ),
    )
    return order


def mark_confirmed(order: Order, *, by: Actor, now: datetime) -> OrderConfirmed:
    """Move to CONFIRMED. Without an accepting review only the general manager may, and is named for it."""
    if by.post != "general_manager":
        if order.status == OrderStatus.DECLINED:
            raise ContractDeclined(no=order.no)
        if order.status == OrderStatus.SUBMITTED:
            raise ContractUndecided(no=order.no)
    waived = order.status in (OrderStatus.DECLINED, OrderStatus.SUBMITTED)
    if order.status == OrderStatus.SUBMITTED:
        order.status = OrderStatus.DECLINED
    move(order, OrderStatus.CONFIRMED)
    order.waived_by = by.employee if waived else None
    order.approved_by, order.approved_at = by.employee, now
    return OrderConfirmed(
        order_no=order.no,
        assignee=order.merchandiser,
        customer_code=order.customer_code,
        lines=order.lines,
        amount=order.amount,
        salesperson=order.salesperson,
        merchandiser=order.merchandiser,
        commission=order.commission,
        agency_fee=order.agency_fee,
        waived_by=order.waived_by,
    )


async def release(session: AsyncSession, no: str, *, by: Actor) -> Order:
    """Put the order detail into the factory's hands (MER-01)."""
    order = await lock(session, Order, no)
    await publish(session, mark_released(order, by=by))
    return order


def mark_released(order: Order, *, by: Actor) -> OrderReleased:
    move(order, OrderStatus.RELEASED)
    return OrderReleased(
        order_no=order.no,
        assignee=order.merchandiser,
        closes=(links.release(order.no),),
        customer_code=order.customer_code,
        lines=order.lines,
        special_requirements=order.special_requirements,
        released_by=by.employee,
    )


class NotOpen(Refusal):
    code = "order_not_open"
    message = Label(
        "订单 {no} 现在是“{status}”,不能再更改。只有已确认或已下达的订单可以更改。",
        "Order {no} is {status} and cannot be changed. Only confirmed or released orders can.",
    )


async def amend(session: AsyncSession, no: str, form: Amendment, *, by: Actor, now: datetime) -> Order:
    """Change what was promised; what already has a shipping notice stays at least that much."""
    order = await lock_open(session, no)
    check_lines(form.lines, now)
    progress = {row.line_no: row for row in await line_progress(session, no)}
    for line_no, row in progress.items():
        new = next((line.quantity for line in form.lines if line.line_no == line_no), Decimal(0))
        if new < row.noticed:
            raise LessThanShipped(line_no=line_no, noticed=row.noticed, quantity=new)
    session.add_all(
        LineProgress(order_no=no, line_no=line.line_no) for line in form.lines if line.line_no not in progress
    )
    change_lines(order, plain(form.lines))
    await publish(
        session,
        OrderAmended(
            order_no=no, revision=order.revision, lines=order.lines, reason=form.reason, amended_by=by.employee
        ),
    )
    return order


def change_lines(order: Order, lines: tuple[OrderLine, ...]) -> None:
    order.lines, order.amount, order.revision = lines, total(lines), order.revision + 1


async def postpone(session: AsyncSession, no: str, form: Postponement, *, by: Actor, now: datetime) -> Order:
    """The customer asked for a later date; everybody who worked towards the old one is excused."""
    order = await lock_open(session, no)
    line = line_of(order, form.line_no)
    if form.delivery_date < line.delivery_date:
        raise DatePassed(field="delivery_date", day=form.delivery_date, today=line.delivery_date)
    moved = line.model_copy(update={"delivery_date": form.delivery_date})
    change_lines(order, tuple(moved if each is line else each for each in order.lines))
    await publish(session, DeliveryPostponed(order_no=no, **form.model_dump(), recorded_by=by.employee))
    return order


async def cancel(session: AsyncSession, no: str, form: Cancellation, *, by: Actor) -> Order:
    """Give the order up; running clocks stop everywhere."""
    order = await lock(session, Order, no)
    move(order, OrderStatus.CANCELLED)
    await worklist.drop_order(session, no)
    await publish(session, OrderCancelled(order_no=no, **form.model_dump(), cancelled_by=by.employee))
    return order


async def check_shipment(session: AsyncSession, no: str, form: Check, *, by: Actor) -> Order:
    """The merchandiser looked after a finished line; that they looked is what MER-03 asks for."""
    order = await lock_open(session, no)
    line_of(order, form.line_no)
    await publish(
        session, ShipmentChecked(order_no=no, assignee=by.employee, **form.model_dump(), checked_by=by.employee)
    )
    return order


async def lock_open(session: AsyncSession, no: str) -> Order:
    """The order while it may still change; raises NotOpen."""
    order = await lock(session, Order, no)
    if order.status not in OPEN:
        raise NotOpen(no=no, status=order.status)
    return order


def line_of(order: Order, line_no: int) -> OrderLine:
    """The order's line; raises NoSuchLine."""
    line = order.line(line_no)
    if line is None:
        raise NoSuchLine(no=order.no, line_no=line_no)
    return line
