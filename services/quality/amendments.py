"""What becomes of inspections when a line is taken off an order, or comes back?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import striking
from contracts.sales import OrderAmended
from services.quality import final, incoming, orders
from services.quality.inspections import owe
from services.quality.queries import known_order, open_inspections


async def take(session: AsyncSession, event: OrderAmended) -> None:
    """Goods that are there are looked at all the same, but nobody waits for that while their line is off the order."""
    change = await orders.take_amendment(session, event)
    order = await known_order(session, event.order_no)
    if order.cancelled:
        return
    for look in (incoming.LOOK, final.LOOK):
        there = await open_inspections(session, look.document, order.order_no)
        for line_no in change.lost:
            kept = [look.handover(each).duty for each in there if each.for_line == line_no]
            await striking.leave_undated(session, kept, striking.for_the_goods(line_no, order.revision))
        await owe(session, look, [each for each in there if each.for_line in change.back])
