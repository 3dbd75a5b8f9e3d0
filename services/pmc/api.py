"""What may planning's and the workshop's people do? Every command with its posts; deny by default."""

from chassis import opinions
from chassis.desk import Call, Reason
from chassis.language import Label
from chassis.opinions import OpinionStatus
from services.pmc import (
    attributions,
    audits,
    blocks,
    changes,
    complaints,
    exceptions,
    follow_ups,
    injuries,
    investigations,
    meetings_desk,
    missing_documents,
    operations,
    production_orders,
    redatings,
    reports,
    requirements,
    requisitions,
    reviews,
    reworks,
    shipments,
    trainings,
    withdrawals,
)
from services.pmc.desk import desk as desk
from services.pmc.models import (
    Attribution,
    Block,
    BlockStatus,
    Change,
    ChangeStatus,
    Complaint,
    ComplaintStatus,
    ExceptionStatus,
    FiveSAudit,
    InjuryReport,
    Investigation,
    MissingDocument,
    Operation,
    OperationStatus,
    Opinion,
    ProductionException,
    ProductionOrder,
    ProductionOrderStatus,
    PurchasedLine,
    PurchaseStatus,
    Redating,
    RedatingStatus,
    Requirement,
    RequirementStatus,
    Requisition,
    RequisitionStatus,
    Review,
    ReviewStatus,
    Rework,
    ReworkStatus,
    Shipment,
    ShipmentStatus,
    Training,
    TrainingStatus,
)
from services.pmc.posts import DIRECTING, EVERYBODY, MATERIAL, OWNER, PLANNING, TEAMS, WORKSHOP

__all__ = ["desk"]

TO_DISPATCH = frozenset({OperationStatus.ISSUED, OperationStatus.DISPATCHED, OperationStatus.REOPENED})


@desk.command(Opinion, opinions.GIVE, posts=PLANNING, when={OpinionStatus.OPEN}, settles={"opinion"})
async def give_opinion(call: Call, no: str, form: opinions.Answer) -> Opinion:
    return await reviews.give_opinion(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Review, Label("决定合同评审", "Decide review"), posts=PLANNING, when={ReviewStatus.OPEN}, settles={"review"}
)
async def decide_review(call: Call, no: str, form: reviews.Decision) -> Review:
    return await reviews.decide(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Requirement,
    Label("下达物料明细", "Issue material list"),
    posts=PLANNING,
    when={RequirementStatus.OPEN},
    settles={"requirement"},
)
async def issue_requirement(call: Call, no: str, form: requirements.Issue) -> Requirement:
    return await requirements.issue(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    ProductionOrder,
    Label("下达生产指令", "Issue production order"),
    posts=PLANNING,
    when={ProductionOrderStatus.OPEN},
    settles={"production_order"},
)
async def issue_production_order(call: Call, no: str, form: production_orders.Issue) -> ProductionOrder:
    return await production_orders.issue(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Operation, Label("派工", "Dispatch"), posts=DIRECTING, when=TO_DISPATCH, settles={"dispatch", "delay_response"}
)
async def dispatch_operation(call: Call, no: str, form: operations.Dispatch) -> Operation:
    return await operations.dispatch(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Operation, Label("报完工", "Report finished"), posts=TEAMS, when=operations.AT_WORK, settles={"operation"}
)
async def report_operation(call: Call, no: str, form: reports.Report) -> Operation:
    return await reports.report(call.session, no, form, by=call.actor, now=call.now)


@desk.command(Operation, Label("报延误", "Report a delay"), posts=TEAMS, when=operations.AT_WORK)
async def report_operation_delay(call: Call, no: str, form: operations.Delay) -> Operation:
    return await operations.report_delay(call.session, no, form, by=call.actor, now=call.now)


@desk.command(Requisition, Label("申请领料", "Requisition material"), posts=WORKSHOP | MATERIAL)
async def submit_requisition(call: Call, form: requisitions.Request) -> Requisition:
    return await requisitions.submit(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Requisition,
    Label("批准领料", "Approve"),
    posts=DIRECTING,
    when={RequisitionStatus.SUBMITTED},
    settles={"requisition_approval"},
)
async def approve_requisition(call: Call, no: str) -> Requisition:
    return await requisitions.approve(call.session, no, by=call.actor, now=call.now)


@desk.command(
    Requisition,
    Label("拒绝领料", "Refuse"),
    posts=DIRECTING,
    when={RequisitionStatus.SUBMITTED},
    settles={"requisition_approval"},
)
async def refuse_requisition(call: Call, no: str, form: Reason) -> Requisition:
    return await requisitions.refuse(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Requisition,
    Label("撤回领料", "Withdraw"),
    posts=WORKSHOP | MATERIAL,
    when={RequisitionStatus.SUBMITTED, RequisitionStatus.APPROVED},
    suits=withdrawals.may_withdraw,
    irreversible=True,
)
async def withdraw_requisition(call: Call, no: str, form: Reason) -> Requisition:
    return await withdrawals.withdraw(call.session, no, form, by=call.actor)


@desk.command(ProductionException, Label("提出异常", "Raise exception"), posts=EVERYBODY)
async def raise_exception(call: Call, form: exceptions.Report) -> ProductionException:
    return await exceptions.report(call.session, form, maker=call.actor, now=call.now)


@desk.command(ProductionException, Label("决定异常", "Decide"), posts=PLANNING | OWNER, when={ExceptionStatus.RAISED})
async def decide_exception(call: Call, no: str, form: exceptions.Decision) -> ProductionException:
    return await exceptions.decide(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    PurchasedLine,
    Label("跟催", "Follow up"),
    posts=MATERIAL,
    when={PurchaseStatus.OPEN, PurchaseStatus.FOLLOWED_UP},
    settles={"follow_up"},
)
async def follow_up_purchase(call: Call, no: str, form: follow_ups.Finding) -> PurchasedLine:
    return await follow_ups.follow_up(call.session, no, form, by=call.actor)


@desk.command(Redating, Label("改期", "Re-date"), posts=PLANNING, when={RedatingStatus.OPEN})
async def redate_purchase(call: Call, no: str, form: redatings.NewDate) -> Redating:
    return await redatings.redate(call.session, no, form, by=call.actor, now=call.now)


@desk.command(Change, Label("确认变更", "Take note"), posts=PLANNING, when={ChangeStatus.OPEN})
async def acknowledge_change(call: Call, no: str, form: changes.Acknowledgement) -> Change:
    return await changes.acknowledge(call.session, no, form, by=call.actor, now=call.now)


@desk.command(MissingDocument, Label("报告缺资料", "Report missing document"), posts=EVERYBODY)
async def report_missing_document(call: Call, form: missing_documents.Report) -> MissingDocument:
    return await missing_documents.report(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Shipment,
    Label("出货评审", "Review shipment"),
    posts=PLANNING | DIRECTING,
    when={ShipmentStatus.REVIEWING, ShipmentStatus.HELD},
    settles={"planner_review", "director_review"},
)
async def review_shipment(call: Call, no: str, form: shipments.Verdict) -> Shipment:
    return await shipments.review(call.session, no, form, by=call.actor)


@desk.command(Shipment, Label("重新提交评审", "Put before review again"), posts=PLANNING, when={ShipmentStatus.HELD})
async def resubmit_shipment(call: Call, no: str, form: shipments.Remedy) -> Shipment:
    return await shipments.resubmit(call.session, no, form)


@desk.command(
    Shipment,
    Label("指令出货", "Instruct shipment"),
    posts=PLANNING,
    when={ShipmentStatus.CLEARED},
    settles={"instruction"},
)
async def instruct_shipment(call: Call, no: str) -> Shipment:
    return await shipments.instruct(call.session, no, by=call.actor, now=call.now)


@desk.command(
    Shipment,
    Label("回报业务", "Report to Sales"),
    posts=PLANNING,
    when={ShipmentStatus.SHIPPED},
    settles={"shipment_report"},
)
async def report_shipment(call: Call, no: str) -> Shipment:
    return await shipments.report(call.session, no, by=call.actor)


@desk.command(Block, Label("扣货", "Block shipment"), posts=DIRECTING)
async def block_shipment(call: Call, form: blocks.Order) -> Block:
    return await blocks.block(call.session, form, maker=call.actor, now=call.now)


@desk.command(Block, Label("解除扣货", "Lift block"), posts=DIRECTING, when={BlockStatus.IN_FORCE})
async def unblock_shipment(call: Call, no: str, form: Reason) -> Block:
    return await blocks.unblock(call.session, no, form, by=call.actor)


@desk.command(FiveSAudit, Label("5S检查", "Audit 5S"), posts=DIRECTING | {"pmc_manager"})
async def audit_five_s(call: Call, form: audits.Audit) -> FiveSAudit:
    return await audits.audit(call.session, form, maker=call.actor, now=call.now)


@desk.command(Training, Label("登记培训", "Record training"), posts=DIRECTING | {"pmc_manager"})
async def record_training(call: Call, form: trainings.Lesson) -> Training:
    return await trainings.record(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Training,
    Label("撤销培训记录", "Withdraw training"),
    posts=DIRECTING | {"pmc_manager"},
    when={TrainingStatus.RECORDED},
    irreversible=True,
)
async def withdraw_training(call: Call, no: str, form: Reason) -> Training:
    return await trainings.withdraw(call.session, no, form, by=call.actor)


@desk.command(InjuryReport, Label("报告工伤", "Report injury"), posts=WORKSHOP)
async def report_injury(call: Call, form: injuries.Injury) -> InjuryReport:
    return await injuries.report(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    InjuryReport,
    Label("撤回工伤报告", "Withdraw injury report"),
    posts=WORKSHOP | {"pmc_manager"},
    when=injuries.STANDING,
    suits=injuries.may_withdraw,
    irreversible=True,
)
async def withdraw_injury_report(call: Call, no: str, form: Reason) -> InjuryReport:
    return await injuries.withdraw(call.session, no, form, by=call.by)


@desk.command(Investigation, Label("登记工伤调查", "Conclude investigation"), posts=OWNER | {"pmc_manager"})
async def conclude_investigation(call: Call, form: investigations.Outcome) -> Investigation:
    return await investigations.investigate(call.session, form, maker=call.actor, now=call.now)


@desk.command(Complaint, Label("先行处理", "Contain"), posts=PLANNING, when={ComplaintStatus.OPEN})
async def contain_complaint(call: Call, no: str, form: complaints.Containment) -> Complaint:
    return await complaints.contain(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Complaint,
    Label("结案", "Close case"),
    posts=PLANNING,
    when={ComplaintStatus.OPEN, ComplaintStatus.CONTAINED},
    irreversible=True,
)
async def close_complaint(call: Call, no: str) -> Complaint:
    return await complaints.close(call.session, no, by=call.actor, now=call.now)


@desk.command(Attribution, Label("判定责任", "Attribute"), posts=PLANNING | OWNER)
async def attribute_complaint(call: Call, form: attributions.Finding) -> Attribution:
    return await attributions.attribute(call.session, form, maker=call.actor, now=call.now)


@desk.command(Rework, Label("安排返工", "Order rework"), posts=PLANNING | DIRECTING)
async def order_rework(call: Call, form: reworks.Work) -> Rework:
    return await reworks.order(call.session, form, maker=call.actor, now=call.now)


@desk.command(Rework, Label("报返工完成", "Finish rework"), posts=PLANNING | WORKSHOP, when={ReworkStatus.ISSUED})
async def finish_rework(call: Call, no: str, form: reworks.Costs) -> Rework:
    return await reworks.finish(call.session, no, form, by=call.actor, now=call.now)


meetings_desk.command(desk)
