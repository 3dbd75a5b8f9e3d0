"""Is a customer's order still worth buying for?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import opinions, worklist
from chassis.documents import D, move
from chassis.errors import NotFound, Refusal
from chassis.language import Label
from chassis.latest import is_latest
from chassis.line_changes import line_change
from chassis.opinions import Known
from chassis.striking import line_removed, strike_line
from chassis.waiting import WaitFor, arrived
from contracts import links
from contracts.pmc import RequirementIssued
from contracts.sales import ContractSubmitted, OrderAmended
from services.purchasing.models import Opinion, OrderCopy
from services.purchasing.queries import find_order, find_with_order, has_list, lead_times, open_documents


class OrderGivenUp(Refusal):
    code = "order_cancelled"
    message = Label(
        "订单 {order_no} 已取消,不再为它采购。请停止办理并通知供应商。",
        "Order {order_no} is cancelled; nothing more is bought for it. Please stop here and tell the supplier.",
    )


class LineGivenUp(Refusal):
    code = "line_removed"
    message = Label(
        "订单 {order_no} 第 {line_no} 行已由订单变更移出,不再为它采购。请停止办理并通知供应商。",
        "Line {line_no} was removed from order {order_no} by amendment; nothing more is bought for it. "
        "Please stop here and tell the supplier.",
    )


REPLACED = Label("已由物料明细表 {no} 取代", "material list {no} took its place")


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


async def known(session: AsyncSession, order_no: str, revision: int) -> OrderCopy:
    """The order as of a revision or later, held so that it is not given up meanwhile; raises WaitFor."""
    order = await find_order(session, order_no)
    if order is None:
        raise WaitFor("order", order_no)
    if order.revision < revision:
        raise WaitFor("amendment", f"{order_no}/{revision}")
    return order


async def lock_alive(session: AsyncSession, kind: type[D], no: str) -> D:
    """A document of an order and a line that are still wanted, held; raises NotFound, OrderGivenUp, LineGivenUp.

    Giving them up locks their open documents too, so whoever comes second sees what the first did.
    """
    found = await find_with_order(session, kind, no)
    if found is None:
        raise NotFound(kind=kind.title, no=no)
    document, order = found
    line_no = getattr(document, "line_no", None)
    if order is not None and order.cancelled:
        raise OrderGivenUp(order_no=document.order_no)
    if order is not None and order.is_off(line_no):
        raise LineGivenUp(order_no=document.order_no, line_no=line_no)
    return document


async def take_amendment(session: AsyncSession, event: OrderAmended) -> None:
    """The newest amendment counts, whichever arrives last: what was open for a line that it leaves out is void.

    A line that comes back is bought for by the new material list that PMC issues for it.
    """
    order, named = await held(session, event.order_no or ""), {line.line_no: line.product_code for line in event.lines}
    newest = event.revision > order.revision
    change = line_change(order.products, order.removed, named, newest=newest)
    order.products = order.products | named if newest else named | order.products
    order.revision, order.removed = max(order.revision, event.revision), change.off
    await arrived(session, "amendment", f"{order.order_no}/{event.revision}")
    for line_no in change.lost if not order.cancelled else ():
        await void_line(session, order.order_no, line_no, line_removed(line_no, order.revision))
        await is_latest(session, links.requirement(order.order_no, line_no))


async def void_line(session: AsyncSession, order_no: str, line_no: int, why: Label) -> None:
    """What is open for a line is void, and nobody owes it any more. In this order: commands lock a paper before its handover."""
    for document, target in await open_documents(session, order_no, line_no):
        move(document, target)
    await strike_line(session, order_no, line_no, why)


async def void_older_list(session: AsyncSession, material: RequirementIssued) -> None:
    """PMC, which makes one list for a line, has given up the one before, whether or not we heard of the line going and coming."""
    order_no, line_no = material.order_no or "", material.line_no
    if await has_list(session, order_no, line_no):
        await void_line(session, order_no, line_no, REPLACED.filled(no=material.requirement_no))


async def is_void(session: AsyncSession, order: OrderCopy, material: RequirementIssued) -> bool:
    """Whether a material list that is heard now was given up, also where its line is on the order again meanwhile.

    What was said of the line's list last counts: that list or a newer one, or that the line was taken off.
    """
    latest = await is_latest(session, links.requirement(order.order_no, material.line_no))
    return order.is_off(material.line_no) or not latest


async def held(session: AsyncSession, order_no: str) -> OrderCopy:
    """The order, held by whoever changes it; raises WaitFor."""
    order = await session.get(OrderCopy, order_no, with_for_update=True, populate_existing=True)
    if order is None:
        raise WaitFor("order", order_no)
    return order


async def give_up(session: AsyncSession, order_no: str) -> None:
    """The order is cancelled: its open papers are void, and nobody owes anything for it any more.

    In this order: commands lock a paper before its handover.
    """
    order = await held(session, order_no)
    order.cancelled = True
    await opinions.withdraw(session, Opinion, order_no)
    for document, target in await open_documents(session, order_no):
        move(document, target)
    await worklist.drop_order(session, order_no)
