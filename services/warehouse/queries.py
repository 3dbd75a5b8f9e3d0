"""What does the warehouse look up?"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import exists, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import D
from chassis.waiting import WaitFor
from services.warehouse.models import (
    Hold,
    Lot,
    LotStatus,
    OrderCopy,
    OrderLineCopy,
    ProductionOrderCopy,
    PurchaseLineCopy,
    PurchaseOrderCopy,
    Requisition,
    RequisitionedItem,
    RequisitionStatus,
    Shipment,
    ShipmentStatus,
    Shortage,
    Stock,
    StockCount,
    Stocktake,
)

ORDER_OF = text(
    "SELECT order_no FROM requisitions WHERE no = :no UNION SELECT order_no FROM lots WHERE no = :no "
    "UNION SELECT order_no FROM arrivals WHERE no = :no UNION SELECT order_no FROM shipments WHERE no = :no "
    "UNION SELECT order_no FROM purchase_orders WHERE purchase_order_no = :no "
    "UNION SELECT order_no FROM production_orders WHERE production_order_no = :no"
)

# A lot that was bought for an order is kept for it until the order's own requisition has been handed over, or its line is off.
KEPT = """
EXISTS (SELECT FROM orders WHERE orders.order_no = lots.order_no AND NOT orders.cancelled)
AND NOT EXISTS (SELECT FROM order_lines AS line WHERE line.order_no = lots.order_no
    AND line.line_no = lots.order_line_no AND line.quantity = 0)
AND NOT EXISTS (SELECT FROM requisitions WHERE requisitions.order_no = lots.order_no AND requisitions.offered)
AND lots.order_no IS DISTINCT FROM CAST(:order_no AS text)
"""
# What the storekeeper owes as shipments, by order; the goods of a line that is off stay in the house.
PROMISED = """
SELECT shipments.order_no, shipments.product_code, sum(shipments.instructed_quantity) AS quantity FROM shipments
WHERE shipments.status = 'instructed' AND shipments.offered AND NOT EXISTS (SELECT FROM order_lines AS line
    WHERE line.order_no = shipments.order_no AND line.line_no = shipments.line_no AND line.quantity = 0)
GROUP BY shipments.order_no, shipments.product_code
"""
# Goods that are kept for an order anyway are not taken off a second time for its shipment.
FREE = text(f"""
SELECT stock.no, stock.quantity
    - coalesce((
        SELECT sum(wanted.quantity - wanted.issued)
        FROM requisitioned_items AS wanted JOIN requisitions ON requisitions.no = wanted.requisition_no
        WHERE wanted.item_code = stock.no AND wanted.issued < wanted.quantity
            AND requisitions.status = 'approved' AND requisitions.offered
    ), 0)
    - coalesce((
        SELECT sum(greatest(promised.quantity - coalesce((
            SELECT sum(lots.remaining) FROM lots
            WHERE lots.item_code = stock.no AND lots.order_no = promised.order_no AND {KEPT}
        ), 0), 0))
        FROM ({PROMISED}) AS promised WHERE promised.product_code = stock.no
    ), 0)
    - coalesce((
        SELECT sum(lots.remaining) FROM lots
        WHERE lots.item_code = stock.no AND lots.remaining > 0 AND {KEPT}
    ), 0) AS free
FROM stock WHERE stock.no = ANY(CAST(:items AS text[]))
""")  # noqa: S608 - the conditions are our constants


async def ever_booked(session: AsyncSession, item_code: str) -> bool:
    """Whether there was ever a lot of this item."""
    return await session.scalar(select(Lot.no).where(Lot.item_code == item_code).limit(1)) is not None


async def stocktake_of(session: AsyncSession, month: str) -> Stocktake | None:
    found: Stocktake | None = await session.scalar(select(Stocktake).where(Stocktake.month == month))
    return found


async def counts_since(session: AsyncSession, since: datetime) -> Sequence[StockCount]:
    """The last count of every item that was counted since then, by item."""
    query = (
        select(StockCount)
        .ext(distinct_on(StockCount.item_code))
        .where(StockCount.made_at >= since)
        .order_by(StockCount.item_code, StockCount.made_at.desc(), StockCount.no.desc())
    )
    return (await session.scalars(query)).all()


async def count_uncounted(session: AsyncSession, since: datetime) -> int:
    """How many items are in stock that nobody has counted since then."""
    counted = exists().where(StockCount.item_code == Stock.no, StockCount.made_at >= since)
    query = select(func.count()).select_from(Stock).where(Stock.quantity > 0, ~counted)
    return int(await session.scalar(query) or 0)


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


async def find_with_order(session: AsyncSession, kind: type[D], no: str) -> tuple[D | None, bool]:
    """A document, if there is one, and whether its order was given up."""
    query = (
        select(kind, OrderCopy.cancelled)
        .outerjoin(OrderCopy, OrderCopy.order_no == kind.order_no)
        .where(kind.no == no)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(query)).one_or_none()
    return (None, False) if row is None else (row[0], bool(row.cancelled))


async def order_of(session: AsyncSession, document_no: str) -> str | None:
    """The customer's order that a paper of ours belongs to, if it is one of ours."""
    found: str | None = await session.scalar(ORDER_OF, {"no": document_no})
    return found


async def order_line(session: AsyncSession, order_no: str | None, line_no: int) -> OrderLineCopy:
    """One line of an order, locked."""
    return await session.get_one(OrderLineCopy, (order_no, line_no), with_for_update=True, populate_existing=True)


async def ship_by(session: AsyncSession, order_no: str | None, line_no: int) -> date | None:
    """By when a line must leave, as far as is known."""
    line = await session.get(OrderLineCopy, (order_no, line_no), populate_existing=True)
    return line.ship_by if line else None


async def quantities(session: AsyncSession, order_no: str) -> dict[int, Decimal]:
    """How much is ordered, by line; none of a line that is off the order."""
    query = select(OrderLineCopy.line_no, OrderLineCopy.quantity).where(OrderLineCopy.order_no == order_no)
    return dict((await session.execute(query)).all())


async def is_off(session: AsyncSession, order_no: str | None, line_no: int | None) -> bool:
    """Whether an amendment took a line off its order."""
    query = select(OrderLineCopy.quantity).where(OrderLineCopy.order_no == order_no, OrderLineCopy.line_no == line_no)
    return await session.scalar(query) == 0


async def passed_lots(session: AsyncSession, order_no: str, line_no: int) -> Sequence[Lot]:
    """Lots of material for an order line that wait to be received, locked."""
    query = select(Lot).where(Lot.order_no == order_no, Lot.order_line_no == line_no, Lot.status == LotStatus.PASSED)
    return (await session.scalars(query.order_by(Lot.no).with_for_update())).all()


async def unbooked(session: AsyncSession, order_no: str, line_no: int) -> Sequence[ProductionOrderCopy]:
    """What the workshop made for an order line, of which some passed and is not booked, locked."""
    query = select(ProductionOrderCopy).where(
        ProductionOrderCopy.order_no == order_no,
        ProductionOrderCopy.line_no == line_no,
        ProductionOrderCopy.passed > ProductionOrderCopy.received,
    )
    return (await session.scalars(query.order_by(ProductionOrderCopy.production_order_no).with_for_update())).all()


async def holds_on(session: AsyncSession, order_no: str | None, line_no: int) -> Sequence[Hold]:
    """The blocks and stop-works in force on an order line."""
    query = select(Hold).where(
        Hold.order_no == order_no, ~Hold.lifted, Hold.line_no.is_(None) | (Hold.line_no == line_no)
    )
    return (await session.scalars(query.order_by(Hold.no))).all()


async def find_purchase(session: AsyncSession, purchase_order_no: str) -> tuple[PurchaseOrderCopy | None, bool]:
    """A purchase order as Purchasing stated it, and whether the customer's order behind it was given up."""
    query = (
        select(PurchaseOrderCopy, OrderCopy.cancelled)
        .outerjoin(OrderCopy, OrderCopy.order_no == PurchaseOrderCopy.order_no)
        .where(PurchaseOrderCopy.purchase_order_no == purchase_order_no)
    )
    row = (await session.execute(query)).one_or_none()
    return (None, False) if row is None else (row[0], bool(row.cancelled))


async def purchase_lines(session: AsyncSession, purchase_order_no: str) -> Sequence[PurchaseLineCopy]:
    """How far every line of a purchase order has come, locked."""
    query = (
        select(PurchaseLineCopy)
        .where(PurchaseLineCopy.purchase_order_no == purchase_order_no)
        .order_by(PurchaseLineCopy.line_no)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


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


async def shipments_waiting(session: AsyncSession, products: Collection[str]) -> Sequence[Shipment]:
    """Instructed shipments that passed and wait for more of these products, the oldest first, locked."""
    query = (
        select(Shipment)
        .where(
            Shipment.status == ShipmentStatus.INSTRUCTED,
            ~Shipment.offered,
            Shipment.qa_passed.is_(True),
            Shipment.product_code.in_(products),
        )
        .order_by(Shipment.made_at, Shipment.no)
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
    """By item, what this order may have: what is there, less what is promised to others and what is kept for them."""
    rows = await session.execute(FREE, {"items": list(items), "order_no": order_no})
    return {row.no: row.free for row in rows}


async def items_kept_for(session: AsyncSession, order_no: str | None) -> set[str]:
    """The items that were bought or made for an order and are in stock."""
    query = select(Lot.item_code).where(Lot.order_no == order_no, Lot.remaining > 0).distinct()
    return set(await session.scalars(query))


async def on_stock(session: AsyncSession, items: Collection[str]) -> dict[str, Decimal]:
    """By item, what the books say is in stock."""
    rows = await session.execute(select(Stock.no, Stock.quantity).where(Stock.no.in_(items), Stock.quantity > 0))
    return dict(rows.all())
