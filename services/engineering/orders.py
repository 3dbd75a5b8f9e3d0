"""What must Engineering know of an order: is it the factory's, what are its lines, is it still wanted?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import opinions, worklist
from chassis.errors import Refusal
from chassis.language import Label
from contracts.sales import ContractSubmitted, OrderAmended, OrderReleased
from services.engineering import products
from services.engineering.models import Opinion, OrderCopy
from services.engineering.queries import find_order, known_order


class UnknownOrder(Refusal):
    status, code, field = 422, "unknown_order", "order_no"
    message = Label(
        "工程部没有订单 {order_no}。请核对订单号。", "Engineering has no order {order_no}. Please check the number."
    )


class OrderGivenUp(Refusal):
    code, field = "order_cancelled", "order_no"
    message = Label(
        "订单 {order_no} 已经取消,不再办理。请核对订单号。",
        "Order {order_no} is cancelled, so nothing more is done for it. Please check the number.",
    )


async def check_wanted(session: AsyncSession, order_no: str) -> OrderCopy:
    """The order while it is wanted; raises UnknownOrder, OrderGivenUp."""
    order = await find_order(session, order_no)
    if order is None:
        raise UnknownOrder(order_no=order_no)
    if order.cancelled:
        raise OrderGivenUp(order_no=order_no)
    return order


async def take_contract(session: AsyncSession, contract: ContractSubmitted) -> None:
    """Remember the order and ask the engineer for an opinion, with what the library says."""
    order = OrderCopy(
        order_no=contract.order_no or "", lines=contract.lines, special_requirements=contract.special_requirements
    )
    session.add(order)
    known = await products.known_of(session, contract.lines)
    await opinions.ask(session, Opinion, contract, post="engineer", known=known)


async def take_release(session: AsyncSession, event: OrderReleased) -> OrderCopy:
    """The order is in the factory's hands; its lines are the released ones unless an amendment overtook the release."""
    order = await known_order(session, event.order_no)
    order.released = True
    if order.revision == 1:
        order.lines = event.lines
    return order


async def take_amendment(session: AsyncSession, event: OrderAmended) -> OrderCopy:
    """The newest amendment counts, whichever arrives last."""
    order = await known_order(session, event.order_no)
    if event.revision > order.revision:
        order.revision, order.lines = event.revision, event.lines
    return order


async def take_cancellation(session: AsyncSession, order_no: str) -> None:
    """Nobody owes anything for this order any more."""
    order = await known_order(session, order_no)
    order.cancelled = True
    await opinions.withdraw(session, Opinion, order_no)
    await worklist.drop_order(session, order_no)
