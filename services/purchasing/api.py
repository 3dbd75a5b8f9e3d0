"""What may Purchasing's people do? Every command with its posts; deny by default."""

from chassis import hindrances, opinions
from chassis.desk import Call, Desk, Reason
from chassis.language import Label
from chassis.named import OfTheNamed
from chassis.opinions import OpinionStatus
from services.purchasing import (
    breaches,
    delays,
    exemptions,
    purchase_orders,
    quotes,
    refusals,
    requests,
    requirements,
    supplier_changes,
    suppliers,
)
from services.purchasing.models import (
    BreachCase,
    BreachStatus,
    DelayReport,
    Hindrance,
    Opinion,
    PurchaseOrder,
    PurchaseOrderStatus,
    PurchaseRequest,
    RefusalRecord,
    RequestStatus,
    Requirement,
    RequirementStatus,
    Supplier,
    SupplierStatus,
)

BUYING = frozenset({"buyer"})
APPROVING = frozenset({"purchasing_manager", "general_manager"})
# What was confirmed by mistake names somebody else, or is dismissed after all.
CORRECTABLE = frozenset({BreachStatus.OPEN, BreachStatus.CONFIRMED})
READERS = BUYING | APPROVING

desk = Desk("purchasing", readers=READERS)
desk.keep(Requirement, "requirements", columns=("no", "order_no", "line_no", "status", "checked_by", "made_at"))
desk.keep(
    PurchaseRequest,
    "purchase-requests",
    columns=("no", "order_no", "requirement_no", "supplier_code", "amount", "status"),
    filters=("requirement_no", "supplier_code"),
)
desk.keep(
    PurchaseOrder,
    "purchase-orders",
    columns=("no", "order_no", "supplier_code", "amount", "status", "made_at"),
    filters=("requirement_no", "supplier_code"),
    reference="purchase_order_no",
)
desk.keep(
    DelayReport,
    "delay-reports",
    columns=("no", "order_no", "purchase_order_no", "line_no", "required_on", "expected_on", "status"),
    filters=("purchase_order_no",),
    reference="delay_no",
)
desk.keep(
    BreachCase,
    "breaches",
    columns=("no", "order_no", "breach", "arrival_no", "supplier_code", "status"),
    filters=("breach", "arrival_no"),
    reference="breach_no",
    sight=OfTheNamed(BreachCase, READERS, "ordered_by", deciding=APPROVING),
)
desk.keep(
    Supplier,
    "suppliers",
    columns=("no", "name", "supplier_class", "valid_until", "status"),
    reference="supplier_code",
)
desk.keep(Opinion, "opinions", columns=opinions.COLUMNS, filters=("assignee",))
desk.keep(RefusalRecord, "refusals", columns=("no", "order_no", "document_no", "reason", "made_by", "made_at"))
hindrances.keep(desk, Hindrance, posts=BUYING | APPROVING)


@desk.command(Opinion, opinions.GIVE, posts=BUYING, when={OpinionStatus.OPEN}, settles={"opinion"})
async def give_opinion(call: Call, no: str, form: opinions.Answer) -> Opinion:
    return await opinions.give(call.session, Opinion, no, form, by=call.actor, now=call.now)


@desk.command(Supplier, Label("核准供应商", "Qualify supplier"), posts={"purchasing_manager"})
async def qualify_supplier(call: Call, form: suppliers.Qualification) -> Supplier:
    return await suppliers.qualify(call.session, form, maker=call.by, now=call.now)


@desk.command(
    Supplier, Label("移出合格名单", "Remove supplier"), posts={"purchasing_manager"}, when={SupplierStatus.APPROVED}
)
async def remove_supplier(call: Call, no: str, form: suppliers.Removal) -> Supplier:
    return await suppliers.remove(call.session, no, form)


@desk.command(Requirement, Label("核对物料清单", "Check material list"), posts=BUYING, when={RequirementStatus.ISSUED})
async def check_requirement(call: Call, no: str, form: requirements.Check) -> Requirement:
    return await requirements.check(call.session, no, form, by=call.actor, now=call.now)


@desk.command(PurchaseRequest, Label("提交采购申请", "Submit purchase request"), posts=BUYING)
async def submit_request(call: Call, form: requests.Request) -> PurchaseRequest:
    return await requests.submit(call.session, form, maker=call.actor, now=call.now)


@desk.command(PurchaseRequest, Label("登记报价", "Record quote"), posts=BUYING, when=quotes.OPEN)
async def record_quote(call: Call, no: str, form: requests.Offer) -> PurchaseRequest:
    return await quotes.record(call.session, no, form, now=call.now)


@desk.command(
    PurchaseRequest,
    Label("申请免比价", "Ask for exemption"),
    posts=BUYING,
    when=quotes.OPEN,
    suits=exemptions.can_be_asked,
)
async def ask_for_exemption(call: Call, no: str, form: Reason) -> PurchaseRequest:
    return await exemptions.ask(call.session, no, form, by=call.actor)


@desk.command(
    PurchaseRequest,
    Label("豁免比价", "Exempt from quotes"),
    posts={"purchasing_manager"},
    when=quotes.OPEN,
    settles={"quote_exemption"},
)
async def exempt_quotes(call: Call, no: str, form: exemptions.Decision) -> PurchaseRequest:
    return await exemptions.grant(call.session, no, form, by=call.actor)


@desk.command(
    PurchaseRequest,
    Label("不同意免比价", "Refuse exemption"),
    posts={"purchasing_manager"},
    when=quotes.OPEN,
    settles={"quote_exemption"},
    suits=exemptions.is_asked,
)
async def refuse_exemption(call: Call, no: str, form: exemptions.Decision) -> PurchaseRequest:
    return await exemptions.refuse(call.session, no, form, by=call.actor)


@desk.command(
    PurchaseRequest,
    Label("批准采购", "Approve request"),
    posts=APPROVING,
    when={RequestStatus.SUBMITTED},
    settles={"request_approval"},
)
async def approve_request(call: Call, no: str) -> PurchaseRequest:
    return await requests.approve(call.session, no, by=call.actor, now=call.now)


@desk.command(
    PurchaseRequest,
    Label("驳回采购", "Refuse request"),
    posts=APPROVING,
    when={RequestStatus.SUBMITTED},
    settles={"request_approval"},
)
async def refuse_request(call: Call, no: str, form: Reason) -> PurchaseRequest:
    return await requests.refuse(call.session, no, form, by=call.actor)


@desk.command(
    PurchaseRequest,
    Label("申请改向别家订购", "Ask for another supplier"),
    posts=BUYING,
    when={RequestStatus.APPROVED},
    suits=supplier_changes.is_not_asked,
)
async def ask_for_other_supplier(call: Call, no: str, form: supplier_changes.Wish) -> PurchaseRequest:
    return await supplier_changes.ask_to_switch(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    PurchaseRequest,
    Label("不同意改向别家订购", "Refuse another supplier"),
    posts=APPROVING,
    when={RequestStatus.APPROVED},
    settles={"supplier_change"},
    suits=supplier_changes.is_asked,
)
async def refuse_other_supplier(call: Call, no: str, form: supplier_changes.Refused) -> PurchaseRequest:
    return await supplier_changes.refuse_to_switch(call.session, no, form, by=call.actor)


@desk.command(
    PurchaseRequest,
    Label("同意改向别家订购", "Agree to another supplier"),
    posts=APPROVING,
    when={RequestStatus.APPROVED},
    settles={"supplier_change"},
)
async def approve_other_supplier(call: Call, no: str, form: supplier_changes.Change) -> PurchaseRequest:
    return await supplier_changes.agree(call.session, no, form, by=call.actor, now=call.now)


@desk.command(PurchaseOrder, Label("下订购单", "Issue purchase order"), posts=BUYING, settles={"purchase_order"})
async def issue_purchase_order(call: Call, form: purchase_orders.Commitment) -> PurchaseOrder:
    return await purchase_orders.issue(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    PurchaseOrder,
    Label("申请更换供应商", "Ask for supplier change"),
    posts=BUYING,
    when={PurchaseOrderStatus.ISSUED},
    suits=supplier_changes.is_not_asked,
)
async def ask_for_supplier_change(call: Call, no: str, form: supplier_changes.Wish) -> PurchaseOrder:
    return await supplier_changes.ask_for_another(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    PurchaseOrder,
    Label("不同意更换供应商", "Refuse supplier change"),
    posts=APPROVING,
    when={PurchaseOrderStatus.ISSUED, PurchaseOrderStatus.ARRIVED},
    settles={"supplier_change"},
    suits=supplier_changes.is_asked,
)
async def refuse_supplier_change(call: Call, no: str, form: supplier_changes.Refused) -> PurchaseOrder:
    return await supplier_changes.refuse(call.session, no, form, by=call.actor)


@desk.command(
    PurchaseOrder,
    Label("批准更换供应商", "Approve supplier change"),
    posts=APPROVING,
    when={PurchaseOrderStatus.ISSUED},
    settles={"supplier_change"},
)
async def approve_supplier_change(call: Call, no: str, form: supplier_changes.Change) -> PurchaseOrder:
    return await supplier_changes.approve(call.session, no, form, by=call.actor, now=call.now)


@desk.command(DelayReport, Label("报告到货延误", "Report delay"), posts=BUYING)
async def report_delay(call: Call, form: delays.Delay) -> DelayReport:
    return await delays.report(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    BreachCase,
    Label("确认违规采购", "Confirm breach"),
    posts=APPROVING,
    when=CORRECTABLE,
    irreversible=True,
)
async def confirm_breach(call: Call, no: str, form: breaches.Confirmation) -> BreachCase:
    return await breaches.confirm(call.session, no, form, by=call.actor, now=call.now)


@desk.command(BreachCase, Label("不成立", "Dismiss"), posts=APPROVING, when=CORRECTABLE, irreversible=True)
async def dismiss_breach(call: Call, no: str, form: Reason) -> BreachCase:
    return await breaches.dismiss(call.session, no, form, by=call.actor, now=call.now)


@desk.command(RefusalRecord, Label("拒绝采购", "Refuse to buy"), posts=BUYING)
async def refuse_paper(call: Call, form: refusals.Paper) -> RefusalRecord:
    return await refusals.refuse(call.session, form, maker=call.actor, now=call.now)
