"""What must the warehouse know of a customer's order: how much was ordered, and is it still wanted?"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import opinions
from chassis.clock import stated_at
from chassis.documents import Document
from chassis.errors import Refusal
from chassis.language import Label
from chassis.line_changes import LineChange, line_change
from chassis.opinions import Known
from chassis.striking import for_the_goods
from chassis.waiting import WaitFor, arrived
from contracts.parts import OrderLine
from contracts.sales import ContractSubmitted, DeliveryPostponed, OrderAmended
from services.warehouse.models import Opinion, OrderCopy, PurchaseOrderCopy
from services.warehouse.queries import is_off, known_order, on_stock, order_line, quantities

# The lines as they are from now on; one that the amendment left out is ordered no more. The date that was stated last counts.
LINES = text("""
WITH lines AS (
    SELECT * FROM unnest(
        CAST(:lines AS int[]), CAST(:products AS text[]), CAST(:units AS text[]), CAST(:quantities AS numeric[]),
        CAST(:delivery_dates AS date[]), CAST(:transit_days AS int[])
    ) AS line (line_no, product_code, unit, quantity, delivery_date, transit_days)
), left_out AS (
    UPDATE order_lines SET quantity = 0
    WHERE order_no = :order_no AND line_no NOT IN (SELECT line_no FROM lines)
)
INSERT INTO order_lines AS kept (order_no, line_no, product_code, unit, quantity, delivery_date, transit_days, dated_at)
SELECT :order_no, line_no, product_code, unit, quantity, delivery_date, transit_days, :stated_at FROM lines
ON CONFLICT (order_no, line_no) DO UPDATE
SET product_code = excluded.product_code, unit = excluded.unit, quantity = excluded.quantity,
    transit_days = excluded.transit_days, dated_at = greatest(kept.dated_at, excluded.dated_at),
    delivery_date = CASE WHEN kept.dated_at > excluded.dated_at THEN kept.delivery_date ELSE excluded.delivery_date END
""")


class OrderGivenUp(Refusal):
    code, field = "order_cancelled", "order_no"
    message = Label(
        "订单 {order_no} 已经取消,不再办理。请核对订单号。",
        "Order {order_no} is cancelled, so nothing more is done for it. Please check the number.",
    )


class LineGivenUp(Refusal):
    code = "line_removed"
    message = Label(
        "订单 {order_no} 第 {line_no} 行已由订单变更移出,不再为它收货或发料。到厂的货请退回供应商,或选“隔离”登记。",
        "Line {line_no} was removed from order {order_no} by amendment; nothing is taken in or issued for it any more. "
        "Please send goods at the gate back, or log them in quarantine.",
    )


def check_wanted(document: Document | PurchaseOrderCopy | None, cancelled: bool) -> None:
    """Raises OrderGivenUp."""
    if document is not None and cancelled:
        raise OrderGivenUp(order_no=document.order_no)


async def check_line(session: AsyncSession, order_no: str | None, line_no: int | None) -> None:
    """Raises LineGivenUp."""
    if await is_off(session, order_no, line_no):
        raise LineGivenUp(order_no=order_no, line_no=line_no)


async def unwanted(session: AsyncSession, order: OrderCopy | None, line_no: int | None) -> Label | None:
    """Why goods of a line are dealt with although nobody waits for them; None while somebody does."""
    if order is None or line_no is None or not await is_off(session, order.order_no, line_no):
        return None
    return for_the_goods(line_no, order.revision)


async def take_contract(session: AsyncSession, contract: ContractSubmitted) -> None:
    """Remember what is ordered and ask the storekeeper for an opinion, with what of it is in stock."""
    session.add(OrderCopy(order_no=contract.order_no or ""))
    await keep_lines(session, contract.order_no or "", contract.lines)
    there = await on_stock(session, [line.product_code for line in contract.lines])
    known = tuple(
        Known(line_no=line.line_no, term="on_stock", value=f"{there[line.product_code].normalize():f}")
        for line in contract.lines
        if line.product_code in there
    )
    await opinions.ask(session, Opinion, contract, post="storekeeper", known=known)


async def take_amendment(session: AsyncSession, event: OrderAmended) -> LineChange:
    """The newest amendment counts, whichever arrives last; which lines it took off the order, and which it brought back."""
    order = await known_order(session, event.order_no)
    lines = await quantities(session, order.order_no)
    off = [line_no for line_no, quantity in lines.items() if not quantity]
    if event.revision <= order.revision:
        return line_change(lines, off, (), newest=False)
    order.revision = event.revision
    await keep_lines(session, order.order_no, event.lines)
    return line_change(lines, off, [line.line_no for line in event.lines], newest=True)


async def keep_lines(session: AsyncSession, order_no: str, lines: tuple[OrderLine, ...]) -> None:
    values = {
        "order_no": order_no,
        "lines": [line.line_no for line in lines],
        "products": [line.product_code for line in lines],
        "units": [line.unit for line in lines],
        "quantities": [line.quantity for line in lines],
        "delivery_dates": [line.delivery_date for line in lines],
        "transit_days": [line.transit_days for line in lines],
        "stated_at": await stated_at(session),
    }
    await session.execute(LINES, values)
    for line in lines:
        await arrived(session, "order", f"{order_no}/{line.line_no}")


async def take_postponement(session: AsyncSession, event: DeliveryPostponed) -> None:
    """A later date for a line, unless another was stated after it; raises WaitFor while the line has not come."""
    order = await known_order(session, event.order_no)
    if event.line_no not in await quantities(session, order.order_no):
        raise WaitFor("order", f"{order.order_no}/{event.line_no}")
    line, at = await order_line(session, order.order_no, event.line_no), await stated_at(session)
    if line.dated_at is None or line.dated_at <= at:
        line.delivery_date, line.dated_at = event.delivery_date, at


async def take_cancellation(session: AsyncSession, order_no: str) -> None:
    """Nothing is wanted for this order any more.

    Its papers are taken back before its handovers leave the worklist: commands lock a paper before its handover.
    """
    order = await known_order(session, order_no)
    order.cancelled = True
    await opinions.withdraw(session, Opinion, order_no)
