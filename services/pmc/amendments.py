"""What becomes of PMC's plans when the customer changes, postpones or cancels an order?"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import opinions, striking, worklist
from chassis.documents import Document
from chassis.waiting import arrived
from contracts.parts import OrderLine
from contracts.sales import DeliveryPostponed, OrderAmended
from services.pmc import changes, packages, requisitions, shortages, stock
from services.pmc.models import (
    Change,
    Operation,
    Opinion,
    OrderCopy,
    Postponed,
    ProductionOrder,
    PurchasedLine,
    Redating,
    Requirement,
    Requisition,
    Review,
    Rework,
    Shipment,
)
from services.pmc.queries import find_package, known_order

# Parents before what hangs on them: a command that adds to a parent holds its lock, so nothing slips through.
OF_A_LINE: tuple[type[Document], ...] = (
    Requirement,
    ProductionOrder,
    Operation,
    Requisition,
    PurchasedLine,
    Redating,
    Shipment,
    Rework,
    Change,
)
OF_AN_ORDER: tuple[type[Document], ...] = (Review, *OF_A_LINE)


async def take_amendment(session: AsyncSession, event: OrderAmended) -> None:
    """The newest revision counts, whichever arrives last; lost lines are given up, new ones wait for a package."""
    order = await known_order(session, event.order_no)
    before = {line.line_no: order.line(line.line_no) for line in order.lines}
    wanted = {line.line_no for line in event.lines}
    await say_arrived(session, order.order_no, wanted)
    if event.revision <= order.revision:
        order.removed = sorted({*order.removed, *(wanted - before.keys())})
        return
    order.lines, order.lines_at, order.revision = event.lines, session.info["envelope"].time, event.revision
    order.removed = sorted({*order.removed, *before.keys()} - wanted)
    if not order.cancelled:
        await replan(session, order, before, event.reason)


async def say_arrived(session: AsyncSession, order_no: str, line_nos: set[int]) -> None:
    for line_no in line_nos:
        await arrived(session, "order", f"{order_no}/{line_no}")


async def replan(session: AsyncSession, order: OrderCopy, before: dict[int, OrderLine | None], reason: str) -> None:
    for line_no in sorted(before.keys() - {line.line_no for line in order.lines}):
        await give_up(session, order, line_no)
    for line in order.lines:
        await set_ship_by(session, order.order_no, order.line(line.line_no) or line)
        old = before.get(line.line_no)
        package = await find_package(session, order.order_no, line.line_no) if old is None else None
        if package is not None:
            await packages.open_documents(session, package, line)
        elif old is not None and what_counts(old) != what_counts(line):
            await changes.tell(session, order.order_no, line.line_no, described(old, line, reason))
            await packages.change_product(session, line, order.order_no)
            await shortages.take_amendment(session, order, line.line_no)


def what_counts(line: OrderLine) -> tuple[object, ...]:
    """What plans rest on: another of these is told under what was issued."""
    return line.product_code, line.quantity, line.ship_by


def described(old: OrderLine, new: OrderLine, reason: str) -> str:
    other = f"产品 product {old.product_code} → {new.product_code},"
    product = other if old.product_code != new.product_code else ""
    return f"{product}数量 quantity {old.quantity} → {new.quantity},最迟出货日 ship by {old.ship_by} → {new.ship_by}:{reason}"


async def take_postponement(session: AsyncSession, event: DeliveryPostponed) -> None:
    """A later date excuses; plans that were issued stand until the planner changes them."""
    order = await known_order(session, event.order_no)
    old = order.line(event.line_no)
    word = Postponed(
        line_no=event.line_no, delivery_date=event.delivery_date, recorded_at=session.info["envelope"].time
    )
    order.postponed = (*order.postponed, word)
    new = order.line(event.line_no)
    if old is not None and new is not None and old.ship_by != new.ship_by and not order.cancelled:
        await set_ship_by(session, order.order_no, new)
        told = described(old, new, event.customer_reference)
        await changes.tell(session, order.order_no, event.line_no, told)


async def take_cancellation(session: AsyncSession, order_no: str) -> None:
    """Everything of the order that is not over is cancelled, and nobody owes anything for it."""
    order = await known_order(session, order_no)
    order.cancelled = True
    await opinions.withdraw(session, Opinion, order_no)
    for kind in OF_AN_ORDER:
        await cancel(session, kind, order_no)
    await stock.let_go(session, order_no)
    await worklist.drop_order(session, order_no)


async def give_up(session: AsyncSession, order: OrderCopy, line_no: int) -> None:
    """The same for one line that the customer took off the order."""
    cancelled = {kind: await cancel(session, kind, order.order_no, line_no) for kind in OF_A_LINE}
    await stock.let_go(session, order.order_no, line_no)
    await striking.strike_line(session, order.order_no, line_no, striking.line_removed(line_no, order.revision))
    await requisitions.give_up(session, cancelled[Requisition])


async def cancel(
    session: AsyncSession, kind: type[Document], order_no: str, line_no: int | None = None
) -> Sequence[str]:
    """Cancel every document of a kind that its moves allow to be cancelled; their numbers.

    What left and came back is worked on all the same.
    """
    query = update(kind).where(kind.order_no == order_no, kind.status.in_(running(kind)))
    if kind is Rework:
        query = query.where(Rework.return_no.is_(None), Rework.complaint_no.is_(None))
    if line_no is not None:
        query = query.where(of_line(kind, order_no, line_no))
    return (await session.scalars(query.values(status="cancelled").returning(kind.no))).all()


def of_line(kind: type[Document], order_no: str, line_no: int) -> ColumnElement[bool]:
    """Documents of one line; a delay names the material list of which something comes late."""
    if kind is Redating:
        lists = select(Requirement.no).where(Requirement.order_no == order_no, Requirement.line_no == line_no)
        return Redating.requirement_no.in_(lists)
    belongs: ColumnElement[bool] = kind.line_no == line_no  # type: ignore[attr-defined]
    return belongs


async def set_ship_by(session: AsyncSession, order_no: str, line: OrderLine) -> None:
    """What has not left leaves by the date that its line has now."""
    this = (Shipment.order_no == order_no, Shipment.line_no == line.line_no, Shipment.status.in_(running(Shipment)))
    await session.execute(update(Shipment).where(*this, Shipment.ship_by != line.ship_by).values(ship_by=line.ship_by))


def running(kind: type[Document]) -> list[str]:
    """The statuses in which a document of a kind may still be cancelled."""
    return [status for status, targets in kind.moves.items() if "cancelled" in targets]
