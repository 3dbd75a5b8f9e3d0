"""What becomes of the warehouse's work when a line is taken off an order, comes back, or must leave by another date?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import striking
from contracts import links
from contracts.sales import DeliveryPostponed, OrderAmended
from services.warehouse import finished_receipts, lots, orders, requisitions, shipments
from services.warehouse.queries import known_order, passed_lots, unbooked


async def take(session: AsyncSession, event: OrderAmended) -> None:
    """Nothing is issued for a lost line; goods of it that are in the house are booked all the same."""
    change = await orders.take_amendment(session, event)
    order = await known_order(session, event.order_no)
    if order.cancelled:
        return
    for line_no in change.lost:
        await requisitions.cancel_open(session, order.order_no, line_no)
        await give_up(session, order.order_no, line_no, order.revision)
    for line_no in change.back:
        for lot in await passed_lots(session, order.order_no, line_no):
            await lots.deliver_receipt(session, lot)
        for made in await unbooked(session, order.order_no, line_no):
            await finished_receipts.owe(session, made)
    await shipments.redate(session, order.order_no)


async def take_postponement(session: AsyncSession, event: DeliveryPostponed) -> None:
    await orders.take_postponement(session, event)
    await shipments.redate(session, event.order_no or "")


async def give_up(session: AsyncSession, order_no: str, line_no: int, revision: int) -> None:
    """Goods that nobody waits for any more have no due time; everything else is struck off."""
    why = striking.line_removed(line_no, revision)
    await striking.strike_line(session, order_no, line_no, why, but={"receipt", "finished_receipt"})
    there = [links.receipt(lot.no) for lot in await passed_lots(session, order_no, line_no)]
    there += [links.finished_receipt(made.production_order_no) for made in await unbooked(session, order_no, line_no)]
    await striking.leave_undated(session, there, striking.for_the_goods(line_no, revision))
