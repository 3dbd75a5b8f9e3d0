"""What must Quality know of an order: that it exists, what is made for it, is it still wanted?"""

from collections.abc import Collection

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import opinions, worklist
from chassis.errors import Refusal
from chassis.language import Label
from chassis.line_changes import LineChange, line_change
from chassis.opinions import Known
from chassis.striking import for_the_goods
from chassis.waiting import arrived
from contracts.parts import OrderLine
from contracts.pmc import ProductionOrderIssued
from contracts.sales import ContractSubmitted, OrderAmended
from services.quality.models import InspectionStatus, Opinion, OrderCopy, ProductionOrderCopy
from services.quality.queries import find_order, known_order, verdicts_of


class UnknownOrder(Refusal):
    status, code, field = 422, "unknown_order", "order_no"
    message = Label(
        "品质部没有订单 {order_no}。请核对订单号。", "Quality has no order {order_no}. Please check the number."
    )


class OrderGivenUp(Refusal):
    code, field = "order_cancelled", "order_no"
    message = Label(
        "订单 {order_no} 已经取消,不再办理。请核对订单号。",
        "Order {order_no} is cancelled, so nothing more is done for it. Please check the number.",
    )


async def check_wanted(session: AsyncSession, order_no: str) -> None:
    """Raises UnknownOrder, OrderGivenUp."""
    order = await find_order(session, order_no)
    if order is None:
        raise UnknownOrder(order_no=order_no)
    if order.cancelled:
        raise OrderGivenUp(order_no=order_no)


async def take_contract(session: AsyncSession, contract: ContractSubmitted) -> None:
    """Remember the order and ask the inspector for an opinion, with how the same products fared before."""
    session.add(OrderCopy(order_no=contract.order_no or "", lines=[line.line_no for line in contract.lines]))
    known = await known_of(session, contract.lines)
    await opinions.ask(session, Opinion, contract, post="inspector", known=known)


async def known_of(session: AsyncSession, lines: Collection[OrderLine]) -> tuple[Known, ...]:
    """How many final inspections of each line's product passed and failed so far."""
    counts = await verdicts_of(session, [line.product_code for line in lines])
    return tuple(
        Known(line_no=line.line_no, term=verdict, value=str(counts[line.product_code, verdict]))
        for line in lines
        for verdict in (InspectionStatus.PASSED, InspectionStatus.FAILED)
        if (line.product_code, verdict) in counts
    )


async def take_production_order(session: AsyncSession, event: ProductionOrderIssued) -> None:
    row = {"production_order_no": event.production_order_no, "product_code": event.product_code}
    await session.execute(insert(ProductionOrderCopy).values(row).on_conflict_do_nothing())
    await arrived(session, "production_order", event.production_order_no)


async def take_amendment(session: AsyncSession, event: OrderAmended) -> LineChange:
    """The newest amendment counts, whichever arrives last; which lines it took off the order, and which it brought back."""
    order = await known_order(session, event.order_no)
    newest = event.revision > order.revision
    change = line_change(order.lines, order.removed, [line.line_no for line in event.lines], newest=newest)
    order.lines, order.removed = change.known, change.off
    order.revision = max(order.revision, event.revision)
    return change


async def unwanted(session: AsyncSession, order_no: str | None, line_no: int | None) -> Label | None:
    """Why goods of a line are looked at although nobody waits for them; None while somebody does."""
    order = await find_order(session, order_no or "")
    return for_the_goods(line_no, order.revision) if order and line_no in order.removed else None


async def take_cancellation(session: AsyncSession, order_no: str) -> None:
    """Nobody owes anything for this order any more."""
    order = await known_order(session, order_no)
    order.cancelled = True
    await opinions.withdraw(session, Opinion, order_no)
    await worklist.drop_order(session, order_no)
