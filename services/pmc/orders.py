"""What must PMC know of an order: its lines as they count now, and whether anything forbids to go on with it?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotFound, Refusal
from chassis.language import Label
from contracts.parts import OrderLine
from contracts.sales import ContractSubmitted
from services.pmc.models import HoldKind, OrderCopy
from services.pmc.queries import find_order, holds_on

ORDER = Label("订单", "order")


class OrderCancelled(Refusal):
    code = "order_cancelled"
    message = Label(
        "订单 {order_no} 已经取消,不能再继续。请停止该订单的一切工作。",
        "Order {order_no} is cancelled and nothing more may be done for it. Please stop all work on it.",
    )


class NoSuchLine(Refusal):
    status, code, field = 422, "no_such_line", "line_no"
    message = Label(
        "订单 {order_no} 没有第 {line_no} 行。请核对行号。",
        "Order {order_no} has no line {line_no}. Please check the line.",
    )


class WorkStopped(Refusal):
    code = "work_stopped"
    message = Label(
        "工程部停工令 {no} 对订单 {order_no} 有效:{reason}。请等工程部复工。",
        "Engineering's stop {no} is in force for order {order_no}: {reason}. Wait until Engineering resumes the work.",
    )


class ShipmentBlocked(Refusal):
    code = "shipment_blocked"
    message = Label(
        "扣货单 {no} 对订单 {order_no} 有效:{reason}。请由扣货人解除后再发货。",
        "Block {no} is in force for order {order_no}: {reason}. Whoever blocked the goods must lift it first.",
    )


async def remember(session: AsyncSession, contract: ContractSubmitted) -> None:
    """Keep a copy of the order from its first fact on."""
    session.add(
        OrderCopy(
            order_no=contract.order_no or "", lines=contract.lines, lines_at=session.info["envelope"].time, removed=[]
        )
    )


async def sold(session: AsyncSession, order_no: str | None) -> OrderCopy:
    """The order, also one whose rest was cancelled; raises NotFound."""
    order = await find_order(session, order_no or "")
    if order is None:
        raise NotFound(kind=ORDER, no=order_no)
    return order


async def running(session: AsyncSession, order_no: str | None) -> OrderCopy:
    """The order, if work for it may go on; raises NotFound, OrderCancelled."""
    order = await sold(session, order_no)
    if order.cancelled:
        raise OrderCancelled(order_no=order_no)
    return order


async def running_line(session: AsyncSession, order_no: str | None, line_no: int) -> OrderLine:
    """The line as it counts now; raises NotFound, OrderCancelled, NoSuchLine."""
    return line_of(await running(session, order_no), line_no)


def line_of(order: OrderCopy, line_no: int) -> OrderLine:
    """The line as it counts now; raises NoSuchLine."""
    line = order.line(line_no)
    if line is None:
        raise NoSuchLine(order_no=order.order_no, line_no=line_no)
    return line


async def not_stopped(session: AsyncSession, order_no: str, line_no: int) -> None:
    """Engineering may stop work that departs from its data; raises WorkStopped."""
    for hold in await holds_on(session, order_no, line_no):
        if hold.kind == HoldKind.STOP:
            raise WorkStopped(no=hold.no, order_no=order_no, reason=hold.reason)


async def not_held(session: AsyncSession, order_no: str, line_no: int) -> None:
    """Nothing leaves under a stop or a block; raises WorkStopped, ShipmentBlocked."""
    for hold in await holds_on(session, order_no, line_no):
        refusal = WorkStopped if hold.kind == HoldKind.STOP else ShipmentBlocked
        raise refusal(no=hold.no, order_no=order_no, reason=hold.reason)
