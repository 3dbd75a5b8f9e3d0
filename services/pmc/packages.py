"""What does a released engineering package set in motion, and what does a new revision of it change?"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import striking, worklist
from chassis.clock import factory_now
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.waiting import WaitFor
from chassis.worklist import Handover
from contracts import links
from contracts.engineering import PackageReleased
from contracts.event import SYSTEM_ACTOR, DutyRef
from contracts.parts import OrderLine
from services.pmc import changes
from services.pmc.models import (
    Operation,
    OperationStatus,
    Package,
    ProductionOrder,
    ProductionOrderStatus,
    Requirement,
    RequirementStatus,
    operation_no,
)
from services.pmc.queries import find_package, known_order, plan_alone, production_orders_of, requirements_of


class PackageOfAnotherProduct(Refusal):
    code = "package_of_another_product"
    message = Label(
        "工程资料 {package} 是产品 {made} 的,第 {line_no} 行现在要产品 {wanted}。请等工程部发布新版工程资料。",
        "Package {package} is of product {made}; line {line_no} wants product {wanted} now. "
        "Wait for Engineering's new revision.",
    )


async def take(session: AsyncSession, event: PackageReleased) -> None:
    """The first revision opens the planner's two documents; a later one is followed where nothing is issued yet.

    That of a line that is off the order is kept: should the line come back, it is planned by it.
    """
    order = await known_order(session, event.order_no)
    if order.cancelled:
        return
    line = order.line(event.line_no)
    if line is None and event.line_no not in order.removed:
        raise WaitFor("order", f"{order.order_no}/{event.line_no}")
    known = await find_package(session, order.order_no, event.line_no)
    package = known or Package(order_no=order.order_no, line_no=event.line_no, revision=0)
    if event.revision <= package.revision:
        return
    copy(package, event)
    session.add(package)
    if line is not None:
        await (
            open_documents(session, package, line) if known is None else follow(session, package, line, event.change)
        )


def copy(package: Package, event: PackageReleased) -> None:
    package.package_no, package.revision, package.product_code = event.package_no, event.revision, event.product_code
    package.documents, package.bom, package.route = list(event.documents), event.bom, event.route
    package.unit_weight_kg = event.unit_weight_kg


@dataclass(frozen=True, slots=True)
class Rest:
    """What is short of a line: how many pieces, after which production order and its last operation."""

    quantity: Decimal
    makes_up_for: str
    last_operation: DutyRef


async def open_documents(
    session: AsyncSession,
    package: Package,
    line: OrderLine,
    rest: Rest | None = None,
    *,
    listed: bool = False,
    planned: bool = False,
) -> None:
    """The planner owes the material list (PMC-03) and the production order (PMC-01) of the line, or its rest, from now on.

    `listed`, `planned`: there is a material list, or a production order, of the line for these pieces already.
    """
    now = await factory_now(session)
    quantity = rest.quantity if rest else line.quantity
    shared = {
        "order_no": package.order_no,
        "line_no": package.line_no,
        "product_code": package.product_code,
        "package_no": package.package_no,
        "revision": package.revision,
        "quantity": quantity,
        "makes_up_for": rest.makes_up_for if rest else None,
        "made_by": SYSTEM_ACTOR,
        "made_at": now,
    }
    documents: list[Requirement | ProductionOrder] = []
    if not listed:
        no = await next_number(session, Requirement.code, now)
        documents.append(Requirement(no=no, status=RequirementStatus.OPEN, **shared))
    if not planned:
        production_order = ProductionOrder(
            no=await next_number(session, ProductionOrder.code, now),
            status=ProductionOrderStatus.OPEN,
            unit_weight_kg=package.unit_weight_kg,
            expected=quantity,
            **shared,
        )
        documents.append(production_order)
        session.add_all(steps(production_order, package))
    session.add_all(documents)
    await owe(session, package, line, documents, *([rest.last_operation] if rest else []))


def steps(production_order: ProductionOrder, package: Package) -> list[Operation]:
    """The operations of the route, planned; hours are for the whole order."""
    return [
        Operation(
            no=operation_no(production_order.no, operation.op_no),
            order_no=package.order_no,
            line_no=package.line_no,
            status=OperationStatus.PLANNED,
            production_order_no=production_order.no,
            op_no=operation.op_no,
            step=operation.title,
            standard_hours=operation.standard_hours * production_order.quantity,
            predecessor=operation.predecessor,
            workers=[],
            made_by=SYSTEM_ACTOR,
            made_at=production_order.made_at,
        )
        for operation in package.route
    ]


async def owe(
    session: AsyncSession,
    package: Package,
    line: OrderLine,
    documents: Sequence[Requirement | ProductionOrder],
    *waited_for: DutyRef,
) -> None:
    """The planner owes these documents while the package is of the product that is wanted; else they wait for Engineering."""
    if package.product_code == line.product_code:
        await worklist.deliver(session, *(handover(document, *waited_for) for document in documents))
    else:
        why = striking.other_product(line.line_no, line.product_code)
        await striking.strike(session, [duty_of(document) for document in documents], why)


def handover(document: Requirement | ProductionOrder, *waited_for: DutyRef) -> Handover:
    inputs = (links.package(document.order_no or "", document.line_no), *waited_for)
    return Handover(
        duty_of(document), "planner", document.order_no, document.line_no, document_no=document.no, inputs=inputs
    )


def duty_of(document: Requirement | ProductionOrder) -> DutyRef:
    link = links.requirement if isinstance(document, Requirement) else links.production_order
    return link(document.order_no or "", document.line_no)


async def open_of(session: AsyncSession, order_no: str, line_no: int) -> list[Requirement | ProductionOrder]:
    """The planner's documents of a line that are not issued yet, locked."""
    await plan_alone(session, order_no, line_no)
    orders = await production_orders_of(session, order_no, line_no, hold=True)
    lists = await requirements_of(session, order_no, line_no)
    found: list[Requirement | ProductionOrder] = [each for each in lists if each.status == RequirementStatus.OPEN]
    return [*found, *(each for each in orders if each.status == ProductionOrderStatus.OPEN)]


async def change_product(session: AsyncSession, line: OrderLine, order_no: str) -> None:
    """The customer wants another product of a line: what is not issued yet is owed once its package is there."""
    package = await find_package(session, order_no, line.line_no)
    if package is not None:
        await owe(session, package, line, await open_of(session, order_no, line.line_no))


def check_product(package: Package, line: OrderLine) -> None:
    """Nothing is bought or made by the package of a product that the customer no longer wants."""
    if package.product_code != line.product_code:
        raise PackageOfAnotherProduct(
            package=package.package_no, made=package.product_code, line_no=line.line_no, wanted=line.product_code
        )


async def follow(session: AsyncSession, package: Package, line: OrderLine, change: str) -> None:
    """Open documents take the new revision; on issued ones the planner must decide what the change means."""
    told = f"工程资料 package {package.package_no} R{package.revision}:{change}"
    await changes.tell(session, package.order_no, package.line_no, told)
    documents = await open_of(session, package.order_no, package.line_no)
    for document in documents:
        rebase(document, package)
        if isinstance(document, ProductionOrder):
            document.unit_weight_kg = package.unit_weight_kg
            if document.makes_up_for is None:
                document.quantity = document.expected = line.quantity
            await session.execute(delete(Operation).where(Operation.production_order_no == document.no))
            session.add_all(steps(document, package))
    await owe(session, package, line, documents)


def rebase(document: Requirement | ProductionOrder, package: Package) -> None:
    """Follow a revision; of another product nothing is made yet, so that the document is for the whole line."""
    if document.product_code != package.product_code:
        document.makes_up_for = None
    document.package_no, document.revision = package.package_no, package.revision
    document.product_code = package.product_code
