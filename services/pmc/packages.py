"""What does a released engineering package set in motion, and what does a new revision of it change?"""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.documents import next_number
from chassis.waiting import WaitFor
from chassis.worklist import Handover
from contracts import links
from contracts.engineering import PackageReleased
from contracts.event import SYSTEM_ACTOR
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
from services.pmc.queries import find_package, known_order, production_order_of, requirement_of


async def take(session: AsyncSession, event: PackageReleased) -> None:
    """The first revision opens the planner's two documents; a later one is followed where nothing is issued yet."""
    order = await known_order(session, event.order_no)
    if order.cancelled or event.line_no in order.removed:
        return
    line = order.line(event.line_no)
    if line is None:
        raise WaitFor("order", f"{order.order_no}/{event.line_no}")
    package = await find_package(session, order.order_no, event.line_no)
    if package is None:
        package = Package(order_no=order.order_no, line_no=event.line_no)
        session.add(package)
        copy(package, event)
        await open_documents(session, package, line)
    elif event.revision > package.revision:
        copy(package, event)
        await follow(session, package, line, event.change)


def copy(package: Package, event: PackageReleased) -> None:
    package.package_no, package.revision, package.product_code = event.package_no, event.revision, event.product_code
    package.documents, package.bom, package.route = list(event.documents), event.bom, event.route
    package.unit_weight_kg = event.unit_weight_kg


async def open_documents(session: AsyncSession, package: Package, line: OrderLine) -> None:
    """The planner owes the material list (PMC-03) and the production order (PMC-01) of the line from now on."""
    now = await factory_now(session)
    shared = {
        "order_no": package.order_no,
        "line_no": package.line_no,
        "product_code": package.product_code,
        "package_no": package.package_no,
        "revision": package.revision,
        "quantity": line.quantity,
        "made_by": SYSTEM_ACTOR,
        "made_at": now,
    }
    requirement = Requirement(
        no=await next_number(session, Requirement.code, now), status=RequirementStatus.OPEN, **shared
    )
    production_order = ProductionOrder(
        no=await next_number(session, ProductionOrder.code, now),
        status=ProductionOrderStatus.OPEN,
        unit_weight_kg=package.unit_weight_kg,
        **shared,
    )
    session.add_all([requirement, production_order, *steps(production_order, package)])
    await hand_over(session, package, requirement, production_order)


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


async def hand_over(
    session: AsyncSession, package: Package, requirement: Requirement, production_order: ProductionOrder
) -> None:
    order_no, line_no = package.order_no, package.line_no
    inputs = (links.package(order_no, line_no),)
    duties = {
        requirement.no: links.requirement(order_no, line_no),
        production_order.no: links.production_order(order_no, line_no),
    }
    handovers = [
        Handover(duty, "planner", order_no, line_no, document_no=no, inputs=inputs) for no, duty in duties.items()
    ]
    await worklist.deliver(session, *handovers)


async def follow(session: AsyncSession, package: Package, line: OrderLine, change: str) -> None:
    """Open documents take the new revision; on issued ones the planner must decide what the change means."""
    requirement = await requirement_of(session, package.order_no, package.line_no)
    production_order = await production_order_of(session, package.order_no, package.line_no)
    if requirement is not None and requirement.status == RequirementStatus.OPEN:
        rebase(requirement, package)
    if production_order is not None and production_order.status == ProductionOrderStatus.OPEN:
        rebase(production_order, package)
        production_order.unit_weight_kg, production_order.quantity = package.unit_weight_kg, line.quantity
        await session.execute(delete(Operation).where(Operation.production_order_no == production_order.no))
        session.add_all(steps(production_order, package))
    told = f"工程资料 package {package.package_no} R{package.revision}:{change}"
    await changes.tell(session, package.order_no, package.line_no, told)


def rebase(document: Requirement | ProductionOrder, package: Package) -> None:
    document.package_no, document.revision = package.package_no, package.revision
    document.product_code = package.product_code
