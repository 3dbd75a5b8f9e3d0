"""What does Purchasing look up?"""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import D
from services.purchasing.models import (
    ArrivedLot,
    Need,
    OrderCopy,
    OrderedLine,
    PurchaseOrder,
    PurchaseOrderStatus,
    PurchaseRequest,
    RequestStatus,
    Requirement,
    RequirementStatus,
    Supplier,
)

Paper = Requirement | PurchaseRequest | PurchaseOrder
CANCELLED_BY_ORDER: tuple[tuple[type[Paper], StrEnum, frozenset[StrEnum]], ...] = (
    (
        Requirement,
        RequirementStatus.CANCELLED,
        frozenset({RequirementStatus.ISSUED, RequirementStatus.CHECKED, RequirementStatus.COVERED}),
    ),
    (PurchaseRequest, RequestStatus.CANCELLED, frozenset({RequestStatus.SUBMITTED, RequestStatus.APPROVED})),
    (PurchaseOrder, PurchaseOrderStatus.CANCELLED, frozenset({PurchaseOrderStatus.ISSUED})),
)


async def find_order(session: AsyncSession, order_no: str) -> OrderCopy | None:
    """Our copy of the order, held so that it is not given up before this transaction ends."""
    query = select(OrderCopy).where(OrderCopy.order_no == order_no).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update(read=True))


async def find_with_order(session: AsyncSession, kind: type[D], no: str) -> tuple[D, OrderCopy | None] | None:
    """A document, locked, and its customer's order as we know it."""
    query = (
        select(kind, OrderCopy)
        .outerjoin(OrderCopy, OrderCopy.order_no == kind.order_no)
        .where(kind.no == no)
        .with_for_update(of=kind)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def lead_times(session: AsyncSession, products: Iterable[str]) -> dict[str, int]:
    """The longest lead time in days among what earlier material lists had to buy for each product."""
    query = (
        select(Need.product_code, func.max(Need.lead_time_days))
        .where(Need.product_code.in_(set(products)))
        .group_by(Need.product_code)
    )
    return dict((await session.execute(query)).all())


async def has_list(session: AsyncSession, order_no: str, line_no: int) -> bool:
    """Whether an order line has a material list that was not given up."""
    query = select(Requirement.no).where(
        Requirement.order_no == order_no,
        Requirement.line_no == line_no,
        Requirement.status != RequirementStatus.CANCELLED,
    )
    return await session.scalar(query.limit(1)) is not None


async def open_documents(
    session: AsyncSession, order_no: str, line_no: int | None = None
) -> list[tuple[Paper, StrEnum]]:
    """What is still open for an order, or for one line, locked, each with the status that its cancellation gives it."""
    found: list[tuple[Paper, StrEnum]] = []
    for kind, target, statuses in CANCELLED_BY_ORDER:
        query: Select[Any] = select(kind).where(kind.order_no == order_no, kind.status.in_(statuses))
        if line_no is not None:
            query = query.where(kind.line_no == line_no)
        found += [(document, target) for document in await session.scalars(query.with_for_update())]
    return found


async def needs_of(session: AsyncSession, requirement_no: str) -> dict[int, Need]:
    """Every short line of a material list by its number, locked."""
    query = select(Need).where(Need.requirement_no == requirement_no).order_by(Need.line_no).with_for_update()
    return {need.line_no: need for need in await session.scalars(query)}


async def suppliers_of(session: AsyncSession, codes: Collection[str]) -> dict[str, Supplier]:
    """Suppliers by code, held: nobody is removed from the list while we order from them."""
    query = select(Supplier).where(Supplier.no.in_(codes)).order_by(Supplier.no).with_for_update(read=True)
    return {supplier.no: supplier for supplier in await session.scalars(query)}


async def ordered_lines(session: AsyncSession, purchase_order_no: str) -> Sequence[OrderedLine]:
    """How far every line of a purchase order has come, locked."""
    query = (
        select(OrderedLine)
        .where(OrderedLine.purchase_order_no == purchase_order_no)
        .order_by(OrderedLine.line_no)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def buyers_of(session: AsyncSession, requirement_no: str, line_no: int) -> set[str]:
    """Who ordered goods for this line of a material list."""
    query = (
        select(PurchaseOrder.made_by)
        .join(OrderedLine, OrderedLine.purchase_order_no == PurchaseOrder.no)
        .where(OrderedLine.requirement_no == requirement_no, OrderedLine.requirement_line_no == line_no)
    )
    return set(await session.scalars(query))


async def is_given_up(session: AsyncSession, purchase_order_no: str) -> bool:
    """Whether the customer's order behind a purchase, its line or its list is given up, held so that it stays as it is."""
    query = (
        select(OrderCopy, PurchaseOrder.line_no, Requirement.status)
        .join(PurchaseOrder, PurchaseOrder.order_no == OrderCopy.order_no)
        .join(Requirement, Requirement.no == PurchaseOrder.requirement_no)
        .where(PurchaseOrder.no == purchase_order_no)
        .with_for_update(read=True, of=OrderCopy)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(query)).one_or_none()
    return row is not None and (row[0].is_off(row.line_no) or row.status == RequirementStatus.CANCELLED)


async def known_need(session: AsyncSession, requirement_no: str, line_no: int) -> Need:
    """A short line, held so that two lots that fail at once are counted one after the other."""
    return await session.get_one(Need, (requirement_no, line_no), with_for_update=True, populate_existing=True)


async def arrived_for(session: AsyncSession, need: Need) -> Decimal:
    """How much of a short line is there, in its own unit, by whichever purchase orders; what failed is not."""
    line = (OrderedLine.requirement_no == need.requirement_no, OrderedLine.requirement_line_no == need.line_no)
    return await session.scalar(select(func.sum(OrderedLine.arrived)).where(*line)) or Decimal(0)


async def find_lot(session: AsyncSession, lot: str) -> ArrivedLot | None:
    """A lot at the gate, locked."""
    return await session.get(ArrivedLot, lot, with_for_update=True)
