"""What does PMC look up?"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy import String, and_, cast, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ending import close_now
from chassis.schema_people import duties
from chassis.waiting import WaitFor
from contracts.engineering import RouteOperation
from contracts.event import DutyRef
from services.pmc.models import (
    ArrivedLot,
    Hold,
    MissingDocument,
    MissingDocumentStatus,
    Operation,
    OperationStatus,
    OrderCopy,
    Package,
    Pass,
    ProductionOrder,
    ProductionOrderStatus,
    PurchasedLine,
    ReceivedLot,
    Requirement,
    RequirementStatus,
    Requisition,
    RequisitionStatus,
    Review,
    Shipment,
    ShipmentStatus,
)

# A shipment is offered its goods by one transaction at a time; taken after the production order, before shipments.
LEAVING = text("SELECT pg_advisory_xact_lock(hashtextextended('leaving ' || CAST(:order_no AS text), 0))")


# What is short of a line is planned by one transaction at a time; taken after the production order that was reported.
PLANNING = text("SELECT pg_advisory_xact_lock(hashtextextended('planning ' || CAST(:line AS text), 0))")


async def find_order(session: AsyncSession, order_no: str) -> OrderCopy | None:
    """The copy of an order, read afresh."""
    return await session.get(OrderCopy, order_no, populate_existing=True)


async def known_order(session: AsyncSession, order_no: str | None) -> OrderCopy:
    """The copy of an order, locked, for a fact about it; raises WaitFor while its contract has not come."""
    order = await session.get(OrderCopy, order_no or "", with_for_update=True, populate_existing=True)
    if order is None:
        raise WaitFor("order", order_no or "")
    return order


async def holds_on(session: AsyncSession, order_no: str, line_no: int) -> Sequence[Hold]:
    """What is in force against this line or its whole order."""
    this_line = Hold.line_no.is_(None) | (Hold.line_no == line_no)
    query = select(Hold).where(Hold.order_no == order_no, ~Hold.lifted, this_line).order_by(Hold.no)
    return (await session.scalars(query)).all()


async def review_of(session: AsyncSession, order_no: str | None) -> Review:
    """The review of an order's contract, locked; raises WaitFor while the contract has not come."""
    review = await session.scalar(select(Review).where(Review.order_no == order_no).with_for_update())
    if review is None:
        raise WaitFor("order", order_no or "")
    return review


async def find_package(session: AsyncSession, order_no: str, line_no: int) -> Package | None:
    """The newest package of an order line, locked."""
    return await session.get(Package, (order_no, line_no), with_for_update=True, populate_existing=True)


async def package_of(session: AsyncSession, order_no: str, line_no: int) -> Package:
    """The package that opened the line's documents."""
    return await session.get_one(Package, (order_no, line_no))


async def routes_by_product(session: AsyncSession, codes: Collection[str]) -> dict[str, tuple[RouteOperation, ...]]:
    """The route by which each product was made last, where it was made before."""
    wanted = func.unnest(cast(list(codes), ARRAY(String))).column_valued("product_code")
    newest = (
        select(Package.route)
        .where(Package.product_code == wanted)
        .order_by(Package.order_no.desc())
        .limit(1)
        .lateral("newest")
    )
    rows = await session.execute(select(wanted.label("product_code"), newest.c.route))
    return {row.product_code: row.route for row in rows}


async def requirements_of(session: AsyncSession, order_no: str, line_no: int) -> Sequence[Requirement]:
    """The material lists of an order line that were not given up, in the order of the numbers, locked."""
    query = select(Requirement).where(
        Requirement.order_no == order_no,
        Requirement.line_no == line_no,
        Requirement.status != RequirementStatus.CANCELLED,
    )
    query = query.order_by(Requirement.no).execution_options(populate_existing=True)
    return (await session.scalars(query.with_for_update())).all()


async def is_given_up(session: AsyncSession, requirement_no: str) -> bool:
    """Whether a material list was given up, also where its line is on the order again and has another one."""
    query = select(Requirement.status).where(Requirement.no == requirement_no)
    return await session.scalar(query) == RequirementStatus.CANCELLED


async def production_orders_of(
    session: AsyncSession, order_no: str, line_no: int, *, hold: bool = False
) -> Sequence[ProductionOrder]:
    """The production orders of an order line that were not given up, in the order of the numbers; `hold` locks them.

    There is more than one where goods were scrapped: each of the later ones is for what was short.
    """
    query = select(ProductionOrder).where(
        ProductionOrder.order_no == order_no,
        ProductionOrder.line_no == line_no,
        ProductionOrder.status != ProductionOrderStatus.CANCELLED,
    )
    query = query.order_by(ProductionOrder.no).execution_options(populate_existing=True)
    return (await session.scalars(query.with_for_update() if hold else query)).all()


async def plan_alone(session: AsyncSession, order_no: str, line_no: int) -> None:
    """Nobody else plans what is short of this line until this transaction ends: two reports at once see each other."""
    await session.flush()
    await session.execute(PLANNING, {"line": f"{order_no}/{line_no}"})


async def booked(session: AsyncSession, order_no: str, line_no: int) -> tuple[Decimal, bool]:
    """How much of an order line was ever booked into store, and whether nothing more of it is being made.

    Until this transaction ends nobody else asks that of the order: a notice and a receipt that come at once see each other.
    """
    await session.execute(LEAVING, {"order_no": order_no})
    this_line = (ProductionOrder.order_no == order_no, ProductionOrder.line_no == line_no)
    rows = (await session.execute(select(ProductionOrder.received, ProductionOrder.status).where(*this_line))).all()
    statuses = {row.status for row in rows} - {ProductionOrderStatus.CANCELLED}
    return sum((row.received for row in rows), Decimal(0)), statuses == {ProductionOrderStatus.CLOSED}


async def shipments_of(session: AsyncSession, order_no: str, line_no: int) -> Sequence[Shipment]:
    """What was to leave of an order line, the oldest notice first, locked; of what was given up, what had left by then."""
    query = select(Shipment).where(
        Shipment.order_no == order_no,
        Shipment.line_no == line_no,
        (Shipment.status != ShipmentStatus.CANCELLED) | Shipment.delivery_note_no.is_not(None),
    )
    query = query.order_by(Shipment.made_at, Shipment.no).execution_options(populate_existing=True)
    return (await session.scalars(query.with_for_update())).all()


async def operations_of(session: AsyncSession, production_order_no: str) -> Sequence[Operation]:
    """The steps of a production order; whoever changes one holds the production order's lock."""
    query = select(Operation).where(Operation.production_order_no == production_order_no).order_by(Operation.op_no)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def led_operations(session: AsyncSession, order_no: str | None, line_no: int | None) -> Sequence[Operation]:
    """The operations of an order, or of one line of it, that were dispatched to somebody."""
    query = select(Operation).where(
        Operation.order_no == order_no,
        true() if line_no is None else Operation.line_no == line_no,
        Operation.leaders != [],
    )
    return (await session.scalars(query.order_by(Operation.no))).all()


async def who_passed(session: AsyncSession, order_no: str | None, line_no: int | None, lot: str | None) -> set[str]:
    """Who let an order's goods, or one line of them, or a lot of material pass."""
    goods = and_(
        Pass.order_no == order_no, Pass.line_no.is_not(None), true() if line_no is None else Pass.line_no == line_no
    )
    material = and_(Pass.line_no.is_(None), Pass.lot == lot)
    return set((await session.scalars(select(Pass.inspected_by).where(or_(goods, material)))).all())


async def production_order_with(session: AsyncSession, operation_no: str) -> ProductionOrder | None:
    """The production order that an operation belongs to, locked."""
    owner = select(Operation.production_order_no).where(Operation.no == operation_no).scalar_subquery()
    return await session.scalar(select(ProductionOrder).where(ProductionOrder.no == owner).with_for_update())


async def operations_named(session: AsyncSession, nos: Collection[str]) -> Sequence[Operation]:
    """These operations, their production orders locked."""
    owners = select(Operation.production_order_no).where(Operation.no.in_(nos))
    held = select(ProductionOrder.no).where(ProductionOrder.no.in_(owners)).order_by(ProductionOrder.no)
    await session.execute(held.with_for_update())
    query = select(Operation).where(Operation.no.in_(nos)).order_by(Operation.no)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def delays_unanswered(session: AsyncSession, order_nos: Collection[str]) -> Sequence[Operation]:
    """Operations of these orders whose team said that they will be late, and nobody answered; locked likewise."""
    query = select(Operation.no).where(Operation.order_no.in_(order_nos), Operation.expected_at.is_not(None))
    return await operations_named(session, (await session.scalars(query)).all()) if order_nos else ()


async def open_duties(
    session: AsyncSession,
    order_nos: Collection[str],
    *,
    links: Collection[str] | None = None,
) -> list[DutyRef]:
    """What this department owes for these orders now; some kinds of handover where that is asked."""
    await close_now(session)
    query = select(duties.c.link, duties.c.key).where(duties.c.order_no.in_(order_nos), duties.c.closed_at.is_(None))
    if links is not None:
        query = query.where(duties.c.link.in_(links))
    rows = await session.execute(query.order_by(duties.c.link, duties.c.key)) if order_nos else ()
    return [DutyRef(link=row.link, key=row.key) for row in rows]


async def package_numbered(session: AsyncSession, package_no: str) -> Package | None:
    """The package under its own number."""
    return await session.scalar(select(Package).where(Package.package_no == package_no))


async def report_underway(session: AsyncSession, package_no: str, document: str) -> str | None:
    """The number of a report of this missing document that Engineering has not answered."""
    query = select(MissingDocument.no).where(
        MissingDocument.package_no == package_no,
        MissingDocument.document == document,
        MissingDocument.status == MissingDocumentStatus.REPORTED,
    )
    return await session.scalar(query)


async def purchased_lines(session: AsyncSession, nos: Collection[str]) -> Sequence[PurchasedLine]:
    """Lines of purchase orders, locked in one order."""
    query = select(PurchasedLine).where(PurchasedLine.no.in_(nos)).order_by(PurchasedLine.no)
    return (await session.scalars(query.with_for_update())).all()


async def purchased_lines_of(
    session: AsyncSession, purchase_order_no: str, requirement_no: str, requirement_line_no: int | None
) -> Sequence[PurchasedLine]:
    """What a purchase order holds for one line of a requirement, locked."""
    query = select(PurchasedLine).where(
        PurchasedLine.purchase_order_no == purchase_order_no,
        PurchasedLine.requirement_no == requirement_no,
        PurchasedLine.requirement_line_no == requirement_line_no,
    )
    return (await session.scalars(query.order_by(PurchasedLine.no).with_for_update())).all()


async def known_lot(session: AsyncSession, lot: str) -> ArrivedLot | None:
    """A lot that came to the gate, locked."""
    return await session.get(ArrivedLot, lot, with_for_update=True, populate_existing=True)


async def counted(session: AsyncSession, purchased_line: str) -> Decimal:
    """How much of a line's arrived quantity is known by lot."""
    known = (ArrivedLot.purchased_line == purchased_line, ~ArrivedLot.failed)
    return await session.scalar(select(func.sum(ArrivedLot.quantity)).where(*known)) or Decimal(0)


async def lots_for(session: AsyncSession, order_no: str, line_no: int, items: Collection[str]) -> Sequence[str]:
    """The lots of these items that were bought for an order line and are in stock, also for a list that was given up."""
    query = (
        select(ReceivedLot.lot)
        .join(Requirement, Requirement.no == ReceivedLot.requirement_no)
        .where(Requirement.order_no == order_no, Requirement.line_no == line_no, ReceivedLot.item_code.in_(items))
    )
    return (await session.scalars(query.order_by(ReceivedLot.lot))).all()


async def requisitioned(session: AsyncSession, production_order_no: str) -> dict[str, Decimal]:
    """By item, what was asked for a production order so far, and neither refused nor withdrawn."""
    given_up = (RequisitionStatus.REJECTED, RequisitionStatus.WITHDRAWN, RequisitionStatus.CANCELLED)
    query = select(Requisition.lines).where(
        Requisition.production_order_no == production_order_no, Requisition.status.not_in(given_up)
    )
    total: dict[str, Decimal] = {}
    for lines in await session.scalars(query):
        for line in lines:
            total[line.item_code] = total.get(line.item_code, Decimal(0)) + line.quantity
    return total


async def requisitions_of(session: AsyncSession, production_order_no: str) -> Sequence[Requisition]:
    """What was asked for a production order and not given up, in the order of the numbers.

    What was withdrawn after it was approved is among it: until then work waited for its issue.
    """
    given_up = (RequisitionStatus.REJECTED, RequisitionStatus.CANCELLED)
    undecided = and_(Requisition.status == RequisitionStatus.WITHDRAWN, Requisition.approved_at.is_(None))
    query = select(Requisition).where(
        Requisition.production_order_no == production_order_no, Requisition.status.not_in(given_up), ~undecided
    )
    return (await session.scalars(query.order_by(Requisition.no))).all()


async def undecided(session: AsyncSession, nos: Sequence[str]) -> Sequence[Requisition]:
    """Those of these requisitions on which nobody has decided."""
    query = select(Requisition).where(Requisition.no.in_(nos), Requisition.approved_at.is_(None))
    return (await session.scalars(query.order_by(Requisition.no))).all()


async def hours_under_way(session: AsyncSession) -> Decimal:
    """Standard hours of all operations that are still to be done."""
    over = (OperationStatus.FINISHED, OperationStatus.CANCELLED)
    waiting = [status for status in OperationStatus if status not in over]
    query = select(func.sum(Operation.standard_hours)).where(Operation.status.in_(waiting))
    return await session.scalar(query) or Decimal(0)
