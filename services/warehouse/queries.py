"""What does the warehouse look up?"""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.waiting import WaitFor
from services.warehouse.models import (
    Hold,
    OrderCopy,
    OrderLineCopy,
    ProductionOrderCopy,
    PurchaseLineCopy,
    PurchaseOrderCopy,
    Requisition,
    RequisitionedItem,
    RequisitionStatus,
    Shortage,
    Stock,
)

ORDER_OF = text(
    "SELECT order_no FROM requisitions WHERE no = :no UNION SELECT order_no FROM lots WHERE no = :no "
    "UNION SELECT order_no FROM arrivals WHERE no = :no UNION SELECT order_no FROM shipments WHERE no = :no "
    "UNION SELECT order_no FROM purchase_orders WHERE purchase_order_no = :no "
    "UNION SELECT order_no FROM production_orders WHERE production_order_no = :no"
)

# Promised is what an offered requisition has not had yet; until an order has its own, what was bought for it is nobody else's.
FREE = text("""
SELECT stock.no, stock.quantity
    - coalesce((
        SELECT sum(wanted.quantity - wanted.issued)
        FROM requisitioned_items AS wanted JOIN requisitions ON requisitions.no = wanted.requisition_no
        WHERE wanted.item_code = stock.no AND wanted.issued < wanted.quantity
            AND requisitions.status = 'approved' AND requisitions.offered
    ), 0)
    - coalesce((
        SELECT sum(lots.remaining) FROM lots JOIN orders USING (order_no)
        WHERE lots.item_code = stock.no AND lots.remaining > 0 AND NOT orders.cancelled
            AND lots.order_no <> CAST(:order_no AS text)
            AND NOT EXISTS (SELECT FROM requisitions WHERE requisitions.order_no = lots.order_no AND requisitions.offered)
    ), 0) AS free
FROM stock WHERE stock.no = ANY(CAST(:items AS text[]))
""")


async def find_order(session: AsyncSession, order_no: str | None) -> OrderCopy | None:
    """Our copy of the order, held so that it is not given up before this transaction ends."""
    query = select(OrderCopy).where(OrderCopy.order_no == order_no).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update(read=True))


async def known_order(session: AsyncSession, order_no: str | None) -> OrderCopy:
    """The same for a fact about the order; raises WaitFor while its contract has not come."""
    order = await find_order(session, order_no)
    if order is None:
        raise WaitFor("order", order_no or "")
    return order


async def order_of(session: AsyncSession, document_no: str) -> str | None:
    """The customer's order that a paper of ours belongs to, if it is one of ours."""
    found: str | None = await session.scalar(ORDER_OF, {"no": document_no})
    return found


async def order_line(session: AsyncSession, order_no: str | None, line_no: int) -> OrderLineCopy:
    """One line of an order, locked."""
    return await session.get_one(OrderLineCopy, (order_no, line_no), with_for_update=True, populate_existing=True)


async def holds_on(session: AsyncSession, order_no: str | None, line_no: int) -> Sequence[Hold]:
    """The blocks and stop-works in force on an order line."""
    query = select(Hold).where(
        Hold.order_no == order_no, ~Hold.lifted, Hold.line_no.is_(None) | (Hold.line_no == line_no)
    )
    return (await session.scalars(query.order_by(Hold.no))).all()


async def purchase_order(
    session: AsyncSession, purchase_order_no: str
) -> tuple[PurchaseOrderCopy | None, Sequence[PurchaseLineCopy]]:
    """A purchase order as Purchasing stated it, its lines locked."""
    order = await session.get(PurchaseOrderCopy, purchase_order_no)
    query = (
        select(PurchaseLineCopy)
        .where(PurchaseLineCopy.purchase_order_no == purchase_order_no)
        .order_by(PurchaseLineCopy.line_no)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return order, (await session.scalars(query)).all() if order else ()


async def is_listed(session: AsyncSession, requirement_no: str) -> bool:
    """Whether the material list has come here."""
    query = select(Shortage.line_no).where(Shortage.requirement_no == requirement_no).limit(1)
    return await session.scalar(query) is not None


async def production_order(session: AsyncSession, production_order_no: str) -> ProductionOrderCopy | None:
    """What the workshop makes under this number, locked."""
    return await session.get(ProductionOrderCopy, production_order_no, with_for_update=True, populate_existing=True)


async def items_of(session: AsyncSession, requisition_no: str) -> dict[str, RequisitionedItem]:
    """What a requisition asks for, by item."""
    query = (
        select(RequisitionedItem)
        .where(RequisitionedItem.requisition_no == requisition_no)
        .order_by(RequisitionedItem.item_code)
        .execution_options(populate_existing=True)
    )
    return {item.item_code: item for item in await session.scalars(query)}


async def waiting_for(session: AsyncSession, items: Collection[str]) -> Sequence[Requisition]:
    """Requisitions that wait for more of these items, the oldest first, locked."""
    asked = (
        select(RequisitionedItem.requisition_no)
        .where(RequisitionedItem.item_code.in_(items), RequisitionedItem.issued < RequisitionedItem.quantity)
        .scalar_subquery()
    )
    query = (
        select(Requisition)
        .where(Requisition.status == RequisitionStatus.APPROVED, ~Requisition.offered, Requisition.no.in_(asked))
        .order_by(Requisition.made_at, Requisition.no)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


async def still_owed(session: AsyncSession, requisitions: Iterable[str]) -> dict[str, dict[str, Decimal]]:
    """By requisition and item, what has not been issued yet."""
    query = select(RequisitionedItem).where(RequisitionedItem.requisition_no.in_(list(requisitions)))
    owed: dict[str, dict[str, Decimal]] = {}
    for item in await session.scalars(query):
        owed.setdefault(item.requisition_no, {})[item.item_code] = item.quantity - item.issued
    return owed


async def free_stock(session: AsyncSession, items: Collection[str], order_no: str | None) -> dict[str, Decimal]:
    """By item, what this order may have: what is in stock, less what is promised and what was bought for others."""
    rows = await session.execute(FREE, {"items": list(items), "order_no": order_no})
    return {row.no: row.free for row in rows}


async def on_stock(session: AsyncSession, items: Collection[str]) -> dict[str, Decimal]:
    """By item, what the books say is in stock."""
    rows = await session.execute(select(Stock.no, Stock.quantity).where(Stock.no.in_(items), Stock.quantity > 0))
    return dict(rows.all())
