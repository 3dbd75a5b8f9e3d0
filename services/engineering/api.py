"""What may Engineering's people do? Every command with its posts; deny by default."""

from chassis import hindrances, opinions
from chassis.desk import Call, Desk
from chassis.language import Label
from chassis.named import OfTheNamed
from chassis.opinions import OpinionStatus
from services.engineering import missing_documents, packages, products, revisions, work_stops
from services.engineering.models import (
    CaseStatus,
    Hindrance,
    MissingDocumentCase,
    Opinion,
    Package,
    PackageStatus,
    Product,
    StopStatus,
    WorkStop,
)

ENGINEERING = frozenset({"engineer", "engineering_manager"})
MANAGING = frozenset({"engineering_manager", "general_manager"})
READERS = ENGINEERING | {"general_manager"}

desk = Desk("engineering", readers=READERS)
desk.keep(Opinion, "opinions", columns=opinions.COLUMNS, filters=("assignee",))
desk.keep(
    Package,
    "packages",
    columns=("no", "order_no", "line_no", "product_code", "revision", "assignee", "status"),
    filters=("assignee", "product_code", "package_no"),
)
desk.keep(
    MissingDocumentCase,
    "missing-documents",
    columns=("no", "order_no", "package_no", "document", "released_by", "status"),
    filters=("package_no",),
    reference="report_no",
    sight=OfTheNamed(MissingDocumentCase, READERS, "released_by", deciding=MANAGING),
)
desk.keep(WorkStop, "work-stops", columns=("no", "order_no", "line_no", "reason", "made_by", "status"))
desk.keep(
    Product,
    "products",
    columns=("no", "name", "inspection_standard", "unit_weight_kg"),
    reference="product_code",
)
hindrances.keep(desk, Hindrance, posts=ENGINEERING)


@desk.command(Opinion, opinions.GIVE, posts=ENGINEERING, when={OpinionStatus.OPEN}, settles={"opinion"})
async def give_opinion(call: Call, no: str, form: opinions.Answer) -> Opinion:
    return await opinions.give(call.session, Opinion, no, form, by=call.actor, now=call.now)


@desk.command(Product, Label("登记产品", "Register product"), posts=ENGINEERING)
async def register_product(call: Call, form: products.Registration) -> Product:
    return await products.register(call.session, form, maker=call.by, now=call.now)


@desk.command(
    Package, Label("编制资料", "Draft package"), posts=ENGINEERING, when={PackageStatus.OPEN, PackageStatus.DRAFT}
)
async def draft_package(call: Call, no: str, form: packages.Draft) -> Package:
    return await packages.draft(call.session, no, form, by=call.actor)


@desk.command(Package, Label("增加资料", "Add document"), posts=ENGINEERING, when={PackageStatus.DRAFT})
async def add_document(call: Call, no: str, form: packages.Addition) -> Package:
    return await packages.add_document(call.session, no, form)


@desk.command(
    Package,
    Label("发布资料", "Release package"),
    posts=ENGINEERING,
    when={PackageStatus.DRAFT},
    irreversible=True,
    settles={"package"},
)
async def release_package(call: Call, no: str) -> Package:
    return await packages.release(call.session, no, by=call.actor, now=call.now)


@desk.command(Package, Label("升版", "Revise package"), posts=ENGINEERING, when={PackageStatus.RELEASED})
async def revise_package(call: Call, no: str, form: revisions.Change) -> Package:
    return await revisions.revise(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    MissingDocumentCase,
    Label("认定缺资料", "Decide on missing document"),
    posts=MANAGING,
    when={CaseStatus.OPEN, CaseStatus.CONFIRMED},
)
async def decide_missing_document(call: Call, no: str, form: missing_documents.Decision) -> MissingDocumentCase:
    return await missing_documents.decide(call.session, no, form, by=call.actor, now=call.now)


@desk.command(WorkStop, Label("下停工令", "Stop work"), posts=ENGINEERING)
async def stop_work(call: Call, form: work_stops.Stop) -> WorkStop:
    return await work_stops.stop(call.session, form, maker=call.actor, now=call.now)


@desk.command(WorkStop, Label("复工", "Resume work"), posts=ENGINEERING, when={StopStatus.STOPPED})
async def resume_work(call: Call, no: str, form: work_stops.Resumption) -> WorkStop:
    return await work_stops.resume(call.session, no, form, by=call.actor, now=call.now)
