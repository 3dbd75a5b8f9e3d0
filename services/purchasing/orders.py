"""Is a customer's order still worth buying for?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import opinions, worklist
from chassis.documents import D, move
from chassis.errors import NotFound, Refusal
from chassis.language import Label
from chassis.opinions import Known
from chassis.waiting import WaitFor
from contracts.sales import ContractSubmitted
from services.purchasing.models import Opinion, OrderCopy
from services.purchasing.queries import find_order, find_with_order, lead_times, open_documents


class OrderGivenUp(Refusal):
    code = "order_cancelled"
    message = Label(
        "订单 {order_no} 已取消,不再为它采购。请停止办理并通知供应商。",
        "Order {order_no} is cancelled; nothing more is bought for it. Please stop here and tell the supplier.",
    )


async def take_contract(session: AsyncSession, contract: ContractSubmitted) -> None:
    """Remember the order's products and ask the buyer whether the material can be had in time."""
    products = {line.line_no: line.product_code for line in contract.lines}
    session.add(OrderCopy(order_no=contract.order_no, products=products))
    longest = await lead_times(session, products.values())
    known = tuple(
        Known(line_no=line_no, term="lead_time_days", value=str(longest[product]))
        for line_no, product in products.items()
        if product in longest
    )
    await opinions.ask(session, Opinion, contract, post="buyer", known=known)


async def known(session: AsyncSession, order_no: str) -> OrderCopy:
    """The order, held so that it is not given up meanwhile; raises WaitFor."""
    order = await find_order(session, order_no)
    if order is None:
        raise WaitFor("order", order_no)
    return order


async def lock_alive(session: AsyncSession, kind: type[D], no: str) -> D:
    """A document of an order that is still wanted, held; raises NotFound, OrderGivenUp.

    Giving the order up locks its open documents too, so whoever comes second sees what the first did.
    """
    found = await find_with_order(session, kind, no)
    if found is None:
        raise NotFound(kind=kind.title, no=no)
    document, cancelled = found
    if cancelled:
        raise OrderGivenUp(order_no=document.order_no)
    return document


async def give_up(session: AsyncSession, order_no: str) -> None:
    """The order is cancelled: its open papers are void, and nobody owes anything for it any more.

    In this order: commands lock a paper before its handover.
    """
    order = await known(session, order_no)
    order.cancelled = True
    await opinions.withdraw(session, Opinion, order_no)
    for document, target in await open_documents(session, order_no):
        move(document, target)
    await worklist.drop_order(session, order_no)
