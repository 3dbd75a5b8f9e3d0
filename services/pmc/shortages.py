"""How much of an order line is short once its goods are made, and who plans the rest?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import lock, move
from chassis.worklist import publish
from contracts import links
from contracts.engineering import PackageReleased
from contracts.event import DutyRef
from contracts.parts import OrderLine
from contracts.pmc import ProductionOrderCalledOff
from services.pmc import packages, shipments
from services.pmc.models import (
    Operation,
    OperationStatus,
    OrderCopy,
    ProductionOrder,
    ProductionOrderStatus,
    Requirement,
    RequirementStatus,
)
from services.pmc.queries import (
    find_order,
    find_package,
    operations_of,
    package_of,
    plan_alone,
    production_orders_of,
    requirements_of,
)

NOTHING = Decimal(0)
MADE = frozenset({ProductionOrderStatus.FINISHED, ProductionOrderStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Pieces:
    """For how many pieces a material list is, and how many of the line's are made of other lists' material."""

    quantity: Decimal
    before: Decimal


async def take_report(session: AsyncSession, finished: ProductionOrder) -> None:
    """The last operation was reported; the caller holds the production order."""
    order = await find_order(session, finished.order_no or "")
    if order is not None:
        await settle(session, order, finished.line_no)


async def take_amendment(session: AsyncSession, order: OrderCopy, line_no: int) -> None:
    """The customer wants more or less of a line; while something of it is being made that is seen with the last report."""
    await take_product(session, order, line_no)
    await settle(session, order, line_no, at_work=False)


async def take_package(session: AsyncSession, event: PackageReleased) -> None:
    """A package was followed; where it is of another product than what was issued it brings documents of its own."""
    order = await find_order(session, event.order_no or "")
    if order is not None:
        await take_product(session, order, event.line_no)


async def take_product(session: AsyncSession, order: OrderCopy, line_no: int) -> None:
    """Plan the product that is wanted, once its package is there, beside what was issued of the product before.

    Where it is the product before after all, what was planned meanwhile is for what is short of that.
    """
    package, line = await find_package(session, order.order_no, line_no), order.line(line_no)
    if package is None or line is None or order.gave_up(line_no) or package.product_code != line.product_code:
        return
    await plan_alone(session, order.order_no, line_no)
    known = await production_orders_of(session, order.order_no, line_no)
    planned = next((each for each in known if each.status == ProductionOrderStatus.OPEN), None)
    of_it = begun(known, line.product_code)
    if known and not of_it:
        lists = await requirements_of(session, order.order_no, line_no)
        listed = any(each.product_code == line.product_code for each in lists)
        if planned is None or not listed:
            await packages.open_documents(session, package, line, listed=listed, planned=planned is not None)
    elif planned is not None and of_it and planned.makes_up_for is None:
        await make_up(session, planned, of_it, line)


async def make_up(
    session: AsyncSession, planned: ProductionOrder, of_it: Sequence[ProductionOrder], line: OrderLine
) -> None:
    """What was planned for the whole line makes up for what these orders of the same product leave short.

    A material list does as well where theirs was issued; else it is theirs.
    """
    lists = await requirements_of(session, planned.order_no or "", planned.line_no)
    issued = any(each.status == RequirementStatus.ISSUED and each.product_code == line.product_code for each in lists)
    planned.makes_up_for = of_it[-1].no
    for each in lists:
        if issued and each.status == RequirementStatus.OPEN:
            each.makes_up_for = of_it[-1].no
    await session.flush()
    await adjust(session, planned, line.quantity - sum((each.expected for each in of_it), NOTHING))


async def settle(session: AsyncSession, order: OrderCopy, line_no: int, *, at_work: bool = True) -> None:
    """Plan what is short of a line: wanted, and neither made nor under way. What is planned for it and not issued follows.

    `at_work`: also while something else of the line is being made.
    """
    await plan_alone(session, order.order_no, line_no)
    line, known = order.line(line_no), await production_orders_of(session, order.order_no, line_no)
    if line is None or order.gave_up(line_no) or not any(each.status in MADE for each in known):
        return
    short = line.quantity - sum((each.expected for each in begun(known, line.product_code)), NOTHING)
    planned = next((each for each in known if each.status == ProductionOrderStatus.OPEN), None)
    if planned is not None:
        await adjust(session, planned, short)
    elif short > 0 and (at_work or not any(each.status == ProductionOrderStatus.ISSUED for each in known)):
        await plan(session, line, short, known)


def begun(known: Collection[ProductionOrder], product_code: str) -> list[ProductionOrder]:
    """What was issued of this product."""
    return [each for each in known if each.status != ProductionOrderStatus.OPEN and each.product_code == product_code]


async def plan(session: AsyncSession, line: OrderLine, short: Decimal, known: Sequence[ProductionOrder]) -> None:
    """The planner owes a production order for the rest, and a material list unless the line's own is still to be issued."""
    last = [each for each in known if each.status in MADE][-1]
    package = await package_of(session, last.order_no or "", last.line_no)
    if package.product_code != line.product_code or last.product_code != line.product_code:
        return
    rest = packages.Rest(short, last.no, await last_operation(session, last))
    lists = await requirements_of(session, last.order_no or "", last.line_no)
    listed = any(each.status == RequirementStatus.OPEN for each in lists)
    await packages.open_documents(session, package, line, rest, listed=listed)


async def last_operation(session: AsyncSession, order: ProductionOrder) -> DutyRef:
    """The handover with which a production order was finished."""
    done = [step for step in await operations_of(session, order.no) if step.finished_at is not None]
    last = max(done, key=lambda step: (step.finished_at, step.op_no))
    return links.operation(order.no, last.op_no)


async def adjust(session: AsyncSession, planned: ProductionOrder, short: Decimal) -> None:
    """What is planned for a rest is for what is short now; where nothing is any more, nobody owes it, nor waits for it."""
    order = await lock(session, ProductionOrder, planned.no)
    if order.makes_up_for is None or order.status != ProductionOrderStatus.OPEN:
        return
    lists = await requirements_of(session, order.order_no or "", order.line_no)
    listed = [
        each for each in lists if each.makes_up_for == order.makes_up_for and each.status == RequirementStatus.OPEN
    ]
    steps = await operations_of(session, order.no)
    if short <= 0:
        await publish(session, mark_called_off(order, steps, listed))
        await session.flush()
        await shipments.offer(session, order.order_no or "", order.line_no, links.finished_receipt(order.makes_up_for))
        return
    for each in listed:
        each.quantity = short
    for step in steps:
        step.standard_hours *= short / order.quantity
    order.quantity = order.expected = short


def mark_called_off(
    order: ProductionOrder, steps: Sequence[Operation], lists: Sequence[Requirement]
) -> ProductionOrderCalledOff:
    move(order, ProductionOrderStatus.CANCELLED)
    for step in steps:
        move(step, OperationStatus.CANCELLED)
    for each in lists:
        move(each, RequirementStatus.CANCELLED)
    return ProductionOrderCalledOff(
        order_no=order.order_no,
        closes=(packages.duty_of(order), *map(packages.duty_of, lists)),
        production_order_no=order.no,
        line_no=order.line_no,
    )


async def pieces_of(session: AsyncSession, requirement: Requirement, line: OrderLine) -> Pieces:
    """For how many pieces a list is issued: the whole line and what was scrapped of it, or the rest that it was opened for."""
    known = await production_orders_of(session, requirement.order_no or "", requirement.line_no)
    lost = sum((each.quantity - each.expected for each in begun(known, line.product_code)), NOTHING)
    whole = line.quantity + max(lost, NOTHING)
    if requirement.makes_up_for is None:
        return Pieces(whole, NOTHING)
    return Pieces(requirement.quantity, max(whole - requirement.quantity, NOTHING))
