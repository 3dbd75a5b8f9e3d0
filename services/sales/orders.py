"""When is an order a promise, and when does the factory hear of it?"""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form, Reason
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import find_person
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.parts import OrderLine
from contracts.pmc import ReviewOutcome
from contracts.sales import (
    ContractSubmitted,
    OrderCancelled,
    OrderConfirmed,
    OrderReleased,
)
from services.sales import customers
from services.sales.lines import Line, check_lines, plain, total
from services.sales.models import LineProgress, Order, OrderStatus
from services.sales.queries import find_order

OPEN = frozenset({OrderStatus.CONFIRMED, OrderStatus.RELEASED})


class ContractDeclined(Refusal):
    code = "contract_declined"
    message = Label(
        "订单 {no} 的合同评审未通过。请取消订单,或由总经理具名豁免。",
        "The contract review of {no} was declined. Cancel the order, or let the general manager waive it.",
    )


class ContractUndecided(Refusal):
    code = "contract_undecided"
    message = Label(
        "订单 {no} 的合同评审还没有决定。请等待计划部门决定,或由总经理具名豁免。",
        "The contract review of {no} is not decided yet. Wait for planning, or let the general manager waive it.",
    )


class NoSuchLine(Refusal):
    status, code, field = 422, "no_such_line", "line_no"
    message = Label(
        "订单 {no} 没有第 {line_no} 行。请核对行号。", "Order {no} has no line {line_no}. Please check the line."
    )


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


class Cancellation(Reason):
    """Why, and whether the customer left while the order was being followed up."""

    during_follow_up: bool = False


class NotAMerchandiser(Refusal):
    status, code, field = 422, "not_a_merchandiser", "merchandiser"
    message = Label(
        "{employee} 现在不是跟单员,不能跟这张订单。请指定一位现任跟单员。",
        "{employee} is no merchandiser now and cannot look after the order. Please name somebody who is.",
    )


async def submit(session: AsyncSession, form: Contract, *, maker: Actor, now: datetime) -> Order:
    """Ask every department whether the contract can be kept."""
    await customers.known(session, form.customer_code)
    check_lines(form.lines, now)
    if not (await find_person(session, form.merchandiser)).holds({"merchandiser"}):
        raise NotAMerchandiser(employee=form.merchandiser)
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


async def cancel(session: AsyncSession, no: str, form: Cancellation, *, by: Actor) -> Order:
    """Give the order up; running clocks stop everywhere."""
    order = await lock(session, Order, no)
    move(order, OrderStatus.CANCELLED)
    await worklist.drop_order(session, no)
    await publish(session, OrderCancelled(order_no=no, **form.model_dump(), cancelled_by=by.employee))
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
