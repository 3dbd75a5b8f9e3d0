"""Is everything there from which an order line is made, and since when (ENG-01, ENG-02)?"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import striking, worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move, next_numbers
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.people import sole_holder
from chassis.waiting import arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.engineering import PackageCalledOff, PackageReleased
from contracts.event import SYSTEM_ACTOR, Actor, Code, DutyRef
from contracts.parts import OrderLine
from services.engineering import products
from services.engineering.models import OrderCopy, Package, PackageDocument, PackageStatus, Product
from services.engineering.queries import last_revision, newest_packages, packages_of, released_revision
from services.engineering.structures import Part, Step, checked_bom, checked_route

UNRELEASED = frozenset({PackageStatus.OPEN, PackageStatus.DRAFT})
# These documents are the package's own fields, so they are there once the fields are filled.
WITHIN = ("bom", "process_route", "inspection_standard")
# What a new revision takes over from the one before.
COPIED = (
    "package_no",
    "order_no",
    "line_no",
    "product_code",
    "model",
    "spec",
    "special_requirements",
    "assignee",
    "bom",
    "route",
    "required",
    "documents",
    "inspection_standard",
    "unit_weight_kg",
)


class DocumentMissing(Refusal):
    code, field = "document_missing", "documents"
    message = Label(
        "工程资料 {no} 还缺:{missing}。请补齐后再发布。",
        "Package {no} still lacks: {missing}. Please add them before releasing it.",
    )


class NotDrafted(Refusal):
    code = "package_not_drafted"
    message = Label(
        "工程资料 {no} 现在是“{status}”,只有草稿可以增加资料。已发布的请升版。",
        "Package {no} is {status}; documents are added to a draft only. Please revise a released one.",
    )


class Draft(Form):
    """What is different from the product library, and which documents are there; blank parts are the library's."""

    bom: tuple[Part, ...] | None = Field(default=None, min_length=1, max_length=500)
    route: tuple[Step, ...] | None = Field(default=None, min_length=1, max_length=100)
    documents: tuple[Code, ...] = Field(default=(), max_length=50)
    inspection_standard: str = Field(default="", max_length=400)
    unit_weight_kg: Decimal | None = Field(default=None, gt=0, max_digits=12, decimal_places=3)


class Addition(Form):
    """One more document and where it is found."""

    document: Code
    reference: str = Field(default="", max_length=400)


async def owe(session: AsyncSession, order: OrderCopy) -> None:
    """Keep one package for each line of a released order: new lines and other products want one, lost lines none.

    Another product is another piece of work: its package is handed over anew, with the whole time for it.
    """
    if order.cancelled or not order.released:
        return
    newest = await newest_packages(session, order.order_no)
    wanted = {line.line_no: line for line in order.lines}
    lost = [package for line_no, package in newest.items() if line_no not in wanted]
    await give_up(session, lost, order.revision)
    owed = await numbered(session, order, [line for line in order.lines if line.line_no not in newest])
    turned = [
        (package, wanted[line_no])
        for line_no, package in newest.items()
        if line_no in wanted and package.product_code != wanted[line_no].product_code
    ]
    others = [
        await changed(session, package, line)
        for package, line in turned
        if not await made_already(session, package, line)
    ]
    await worklist.close(session, [duty_of(package) for package in others])
    await hand_over(session, [*owed, *others])


async def made_already(session: AsyncSession, package: Package, line: OrderLine) -> bool:
    """Whether the revision in force is of the product that is wanted again: what was begun for another is called off."""
    if package.status not in UNRELEASED:
        return False
    in_force = await released_revision(session, package.package_no)
    if in_force is None or in_force.product_code != line.product_code:
        return False
    await publish(session, mark_called_off(package))
    return True


def mark_called_off(package: Package) -> PackageCalledOff:
    move(package, PackageStatus.CANCELLED)
    return PackageCalledOff(
        order_no=package.order_no,
        assignee=package.assignee,
        closes=(duty_of(package),),
        package_no=package.package_no,
        line_no=package.line_no,
        revision=package.revision,
    )


async def give_up(session: AsyncSession, packages: Collection[Package], revision: int) -> None:
    """These packages are no longer wanted; what was released stays as it was."""
    for package in packages:
        if package.status in UNRELEASED:
            move(package, PackageStatus.CANCELLED)
            await striking.strike(session, [duty_of(package)], striking.line_removed(package.line_no, revision))


async def numbered(session: AsyncSession, order: OrderCopy, lines: Sequence[OrderLine]) -> list[Package]:
    """A new open package for each of these lines."""
    if not lines:
        return []
    now = await factory_now(session)
    assignee = await sole_holder(session, "engineer", now)
    numbers = await next_numbers(session, Package.code, now, len(lines))
    packages = [
        Package(
            no=no,
            package_no=no,
            order_no=order.order_no,
            line_no=line.line_no,
            product_code=line.product_code,
            model=line.model,
            spec=line.spec,
            special_requirements=order.special_requirements,
            status=PackageStatus.OPEN,
            revision=1,
            assignee=assignee,
            made_by=SYSTEM_ACTOR,
            made_at=now,
        )
        for line, no in zip(lines, numbers, strict=True)
    ]
    session.add_all(packages)
    return packages


async def changed(session: AsyncSession, package: Package, line: OrderLine) -> Package:
    """The package of a line that now wants another product: drafted anew, or as a new revision once released."""
    if package.status == PackageStatus.RELEASED:
        package = await next_revision(session, package, maker=SYSTEM_ACTOR, now=await factory_now(session))
    elif package.status == PackageStatus.DRAFT:
        move(package, PackageStatus.OPEN)
    package.product_code, package.model, package.spec = line.product_code, line.model, line.spec
    return package


async def next_revision(session: AsyncSession, package: Package, *, maker: str, now: datetime) -> Package:
    """An open revision that starts as a copy of a released one."""
    revision = await last_revision(session, package.package_no) + 1
    kept = {name: getattr(package, name) for name in COPIED}
    following = Package(
        **kept,
        no=f"{package.package_no}-R{revision}",
        status=PackageStatus.OPEN,
        revision=revision,
        made_by=maker,
        made_at=now,
    )
    session.add(following)
    return following


async def hand_over(session: AsyncSession, packages: Collection[Package]) -> None:
    """The engineer owes these packages from now on (ENG-02)."""
    handovers = [
        Handover(
            duty_of(package),
            "engineer",
            package.order_no,
            package.line_no,
            assignee=package.assignee,
            document_no=package.no,
            inputs=(links.release(package.order_no or ""),),
        )
        for package in packages
    ]
    await worklist.deliver(session, *handovers)


def duty_of(package: Package) -> DutyRef:
    return links.package(package.order_no or "", package.line_no)


async def draft(session: AsyncSession, no: str, form: Draft, *, by: Actor) -> Package:
    """Start from the product library and say what is different for this order."""
    package = await lock(session, Package, no)
    mark_drafted(package, await products.known(session, package.product_code), form, by=by)
    return package


def mark_drafted(package: Package, product: Product, form: Draft, *, by: Actor) -> None:
    move(package, PackageStatus.DRAFT)
    package.bom, package.route, package.required = product.bom, product.route, product.required
    package.inspection_standard, package.unit_weight_kg = product.inspection_standard, product.unit_weight_kg
    package.documents = ()
    package.drafted_by = by.employee
    apply(package, form)


def apply(package: Package, form: Draft) -> None:
    """Put what the form says in the place of what the package says; documents are added."""
    if form.bom is not None:
        package.bom = checked_bom(form.bom)
    if form.route is not None:
        package.route = checked_route(form.route)
    package.inspection_standard = form.inspection_standard or package.inspection_standard
    package.unit_weight_kg = form.unit_weight_kg or package.unit_weight_kg
    present = {held.document: held for held in package.documents}
    for code in (*WITHIN, *form.documents):
        present.setdefault(code, PackageDocument(document=code))
    package.documents = tuple(present.values())


async def add_document(session: AsyncSession, no: str, form: Addition) -> Package:
    """Put one more document into a draft; the same document again has a new reference."""
    package = await lock(session, Package, no)
    if package.status != PackageStatus.DRAFT:
        raise NotDrafted(no=no, status=word(package.status))
    others = tuple(held for held in package.documents if held.document != form.document)
    package.documents = (*others, PackageDocument(**form.model_dump()))
    return package


async def release(session: AsyncSession, no: str, *, by: Actor, now: datetime) -> Package:
    """Make the package what everybody works from; the revision before it is history from now on."""
    package = await lock(session, Package, no)
    before = await released_revision(session, package.package_no)
    owed = await worklist.is_open(session, duty_of(package))
    await publish(session, mark_released(package, owed=owed, by=by, now=now))
    if before is not None:
        move(before, PackageStatus.SUPERSEDED)
    await arrived(session, "package", package.package_no)
    return package


def mark_released(package: Package, *, owed: bool, by: Actor, now: datetime) -> PackageReleased:
    """Move to RELEASED, complete; it closes the handover as long as that is owed, which a mere revision is not."""
    present = {held.document for held in package.documents}
    missing = [word(code) for code in package.required if code not in present]
    if missing:
        raise DocumentMissing(no=package.no, missing=missing)
    move(package, PackageStatus.RELEASED)
    package.released_by, package.released_at = by.employee, now
    return PackageReleased(
        order_no=package.order_no,
        assignee=package.assignee,
        closes=(duty_of(package),) if owed else (),
        package_no=package.package_no,
        line_no=package.line_no,
        product_code=package.product_code,
        revision=package.revision,
        documents=tuple(held.document for held in package.documents),
        bom=package.bom,
        route=package.route,
        inspection_standard=package.inspection_standard,
        unit_weight_kg=package.unit_weight_kg,
        change=package.change,
        released_by=by.employee,
    )


async def cancel_open(session: AsyncSession, order_no: str) -> None:
    """The order is given up; what was released stays readable."""
    for package in await packages_of(session, order_no):
        if package.status in UNRELEASED:
            move(package, PackageStatus.CANCELLED)
