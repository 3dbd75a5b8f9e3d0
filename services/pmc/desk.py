"""Which documents do planning's and the workshop's people look through?"""

from chassis import opinions
from chassis.desk import Desk
from chassis.named import NamesFew, OfTheNamed
from services.pmc.models import (
    Attribution,
    Block,
    Change,
    Complaint,
    ContractPenalty,
    FiveSAudit,
    InjuryReport,
    Investigation,
    Meeting,
    MissingDocument,
    Operation,
    Opinion,
    ProductionException,
    ProductionOrder,
    PurchasedLine,
    Redating,
    Requirement,
    Requisition,
    Review,
    Rework,
    Shipment,
    Training,
)
from services.pmc.sights import OfInjured

READERS = frozenset(
    {"planner", "material_controller", "pmc_manager", "workshop_director", "team_leader", "general_manager"}
)
# Who says who answers for a complaint, a return, a rework or a penalty, and whose department it concerns.
JUDGING = frozenset({"planner", "pmc_manager", "workshop_director", "general_manager"})
# Who looks into injuries, or finds what came of it.
INVESTIGATORS = frozenset({"pmc_manager", "general_manager", "hr"})

desk = Desk("pmc", readers=READERS)
desk.keep(Opinion, "opinions", columns=opinions.COLUMNS, filters=("assignee",))
desk.keep(Review, "reviews", columns=("no", "order_no", "customer_code", "conditions", "status"))
desk.keep(Requirement, "requirements", columns=("no", "order_no", "line_no", "product_code", "required_on", "status"))
desk.keep(
    ProductionOrder,
    "production-orders",
    columns=("no", "order_no", "product_code", "quantity", "start_on", "due_at", "status"),
    filters=("product_code",),
    reference="production_order_no",
)
desk.keep(
    Operation,
    "operations",
    columns=("no", "order_no", "step", "team", "team_leader", "due_at", "status"),
    filters=("production_order_no", "team_leader"),
)
desk.keep(
    Requisition,
    "requisitions",
    columns=("no", "order_no", "production_order_no", "made_by", "status"),
    filters=("production_order_no",),
)
desk.keep(
    ProductionException,
    "exceptions",
    columns=("no", "kind", "description", "affected_orders", "made_by", "status"),
    filters=("kind", "hindrance_no"),
)
desk.keep(
    PurchasedLine,
    "purchased-lines",
    columns=("no", "order_no", "item_code", "quantity", "arrived", "promised_on", "status"),
    filters=("requirement_no", "item_code", "supplier_code"),
    reference="purchased_line_no",
)
desk.keep(
    Redating,
    "redatings",
    columns=("no", "order_no", "purchase_order_no", "required_on", "expected_on", "status"),
    reference="delay_no",
)
desk.keep(Change, "changes", columns=("no", "order_no", "line_no", "change", "status"))
desk.keep(
    MissingDocument,
    "missing-documents",
    columns=("no", "order_no", "package_no", "document", "status"),
    reference="report_no",
)
desk.keep(
    Shipment,
    "shipments",
    columns=("no", "order_no", "product_code", "quantity", "ship_by", "planner_review", "director_review", "status"),
    reference="notice_no",
)
desk.keep(Block, "blocks", columns=("no", "order_no", "reason", "made_by", "status"))
desk.keep(
    Complaint,
    "complaints",
    columns=("no", "order_no", "kind", "description", "cause", "status"),
    sight=NamesFew(Complaint, READERS, posts={"inspector": "inspector"}, deciding=JUDGING),
)
desk.keep(
    ContractPenalty,
    "contract-penalties",
    columns=("no", "order_no", "customer_reference", "amount", "imposed_on", "reason", "status"),
    filters=("complaint_no",),
)
desk.keep(
    Attribution,
    "attributions",
    columns=("no", "order_no", "matter", "subject_no", "cause", "person", "status"),
    filters=("matter", "complaint_no", "penalty_no"),
    sight=OfTheNamed(Attribution, READERS, "person", deciding=JUDGING, beside=("inspector",)),
)
desk.keep(
    Rework,
    "reworks",
    columns=("no", "order_no", "product_code", "quantity", "team_leader", "status"),
    filters=("team_leader", "complaint_no", "return_no"),
)
desk.keep(
    FiveSAudit,
    "five-s-audits",
    columns=("no", "team", "team_leader", "score", "made_by", "status"),
    filters=("team_leader",),
    reference="audit_no",
)
desk.keep(
    Training,
    "trainings",
    columns=("no", "worker", "subject", "trained_on", "made_by", "status"),
    filters=("worker",),
)
desk.keep(
    Meeting,
    "meetings",
    columns=("no", "order_no", "topic", "held_at", "minute_taker", "status"),
    filters=("minute_taker",),
)
desk.keep(
    InjuryReport,
    "injury-reports",
    columns=("no", "occurred_at", "workplace", "made_by", "status"),
    reference="injury_report_no",
    sight=OfInjured(InjuryReport, INVESTIGATORS | {"workshop_director"}, "injured"),
)
desk.keep(
    Investigation,
    "investigations",
    columns=("no", "injury_report_no", "insured", "duty_breached", "made_by", "status"),
    filters=("injury_report_no",),
    sight=OfInjured(Investigation, INVESTIGATORS, "injured"),
)
