"""What may Quality's people do? Every command with its posts; deny by default."""

from chassis import hindrances, opinions
from chassis.desk import Call, Desk, Reason
from chassis.language import Label
from chassis.named import NamesFew, OfTheNamed
from chassis.opinions import OpinionStatus
from services.quality import blocks, causes, dispositions, final, incoming, outgoing, uninspected
from services.quality.inspections import Report
from services.quality.models import (
    AnalysisStatus,
    Block,
    BlockStatus,
    CaseStatus,
    CauseAnalysis,
    Disposition,
    DispositionStatus,
    FinalInspection,
    Hindrance,
    IncomingInspection,
    InspectionStatus,
    Opinion,
    OutgoingInspection,
    UninspectedCase,
)

INSPECTING = frozenset({"inspector", "quality_manager"})
MANAGING = frozenset({"quality_manager", "general_manager"})
WAITING = frozenset({InspectionStatus.OPEN})
# What was confirmed by mistake names somebody else, or is dismissed after all.
CORRECTABLE = frozenset({CaseStatus.OPEN, CaseStatus.CONFIRMED})
READERS = INSPECTING | {"general_manager"}

desk = Desk("quality", readers=READERS)
desk.keep(Opinion, "opinions", columns=opinions.COLUMNS, filters=("assignee",))
desk.keep(
    IncomingInspection,
    "incoming-inspections",
    columns=("no", "lot", "item_code", "quantity", "supplier_code", "assignee", "status"),
    filters=("assignee", "lot", "item_code", "supplier_code"),
)
desk.keep(
    FinalInspection,
    "final-inspections",
    columns=("no", "order_no", "production_order_no", "item_code", "quantity", "assignee", "status"),
    filters=("assignee", "production_order_no", "item_code"),
)
desk.keep(
    OutgoingInspection,
    "outgoing-inspections",
    columns=("no", "order_no", "notice_no", "item_code", "quantity", "inspected_by", "status"),
    filters=("assignee", "notice_no", "item_code"),
)
desk.keep(
    Disposition,
    "dispositions",
    columns=("no", "stage", "lot", "item_code", "quantity", "defect", "disposition", "status"),
    filters=("stage", "lot", "inspection_no", "disposition"),
)
desk.keep(
    CauseAnalysis,
    "cause-analyses",
    columns=("no", "order_no", "customer_code", "kind", "cause", "inspector", "status"),
    filters=("kind", "cause", "inspector"),
    reference="complaint_no",
    sight=NamesFew(
        CauseAnalysis, READERS, "inspector", posts={"inspector": "inspector"}, by="found_by", deciding=MANAGING
    ),
)
desk.keep(
    UninspectedCase,
    "uninspected-cases",
    columns=("no", "order_no", "lot", "item_code", "bypassed_by", "status"),
    filters=("lot", "bypassed_by"),
    sight=OfTheNamed(UninspectedCase, READERS, "bypassed_by", deciding=MANAGING),
)
desk.keep(Block, "blocks", columns=("no", "order_no", "reason", "made_by", "status"))
hindrances.keep(desk, Hindrance, posts=INSPECTING)


@desk.command(Opinion, opinions.GIVE, posts=INSPECTING, when={OpinionStatus.OPEN}, settles={"opinion"})
async def give_opinion(call: Call, no: str, form: opinions.Answer) -> Opinion:
    return await opinions.give(call.session, Opinion, no, form, by=call.actor, now=call.now)


@desk.command(
    IncomingInspection, Label("进料检验", "Inspect arrived goods"), posts=INSPECTING, when=WAITING, settles={"iqc"}
)
async def inspect_incoming(call: Call, no: str, form: Report) -> IncomingInspection:
    return await incoming.inspect(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    FinalInspection,
    Label("成品检验", "Inspect finished goods"),
    posts=INSPECTING,
    when=WAITING,
    settles={"final_inspection"},
)
async def inspect_final(call: Call, no: str, form: Report) -> FinalInspection:
    return await final.inspect(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    OutgoingInspection,
    Label("出货检验", "Inspect before shipping"),
    posts=INSPECTING,
    when=WAITING,
    settles={"outgoing_qa"},
)
async def inspect_outgoing(call: Call, no: str, form: Report) -> OutgoingInspection:
    return await outgoing.inspect(call.session, no, form, by=call.actor, now=call.now)


@desk.command(Disposition, Label("判定不良品", "Decide disposition"), posts=INSPECTING, when={DispositionStatus.OPEN})
async def decide_disposition(call: Call, no: str, form: dispositions.Decision) -> Disposition:
    return await dispositions.decide(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Disposition,
    Label("批准特采", "Grant concession"),
    posts=MANAGING,
    when={DispositionStatus.SUBMITTED},
    settles={"concession"},
)
async def grant_concession(call: Call, no: str, form: dispositions.Remark) -> Disposition:
    return await dispositions.grant(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Disposition,
    Label("不同意特采", "Decline concession"),
    posts=MANAGING,
    when={DispositionStatus.SUBMITTED},
    settles={"concession"},
)
async def decline_concession(call: Call, no: str, form: dispositions.Remark) -> Disposition:
    return await dispositions.decline(call.session, no, form, by=call.actor)


@desk.command(
    CauseAnalysis,
    Label("查明原因", "Find cause"),
    posts=INSPECTING | {"general_manager"},
    when={AnalysisStatus.OPEN},
)
async def find_cause(call: Call, no: str, form: causes.Finding) -> CauseAnalysis:
    return await causes.record(call.session, no, form, by=call.actor, now=call.now)


@desk.command(UninspectedCase, Label("认定未检先用", "Confirm uninspected use"), posts=MANAGING)
async def confirm_uninspected_use(call: Call, form: uninspected.Use) -> UninspectedCase:
    return await uninspected.confirm(call.session, form, by=call.actor, now=call.now)


@desk.command(UninspectedCase, Label("嫌疑成立", "Confirm suspicion"), posts=MANAGING, when=CORRECTABLE)
async def confirm_suspicion(call: Call, no: str, form: uninspected.Confirmation) -> UninspectedCase:
    return await uninspected.confirm_suspicion(call.session, no, form, by=call.actor, now=call.now)


@desk.command(UninspectedCase, Label("嫌疑不成立", "Dismiss suspicion"), posts=MANAGING, when=CORRECTABLE)
async def dismiss_suspicion(call: Call, no: str, form: uninspected.Dismissal) -> UninspectedCase:
    return await uninspected.dismiss(call.session, no, form, by=call.actor, now=call.now)


@desk.command(Block, Label("冻结出货", "Block shipment"), posts=INSPECTING)
async def block_shipment(call: Call, form: blocks.Hold) -> Block:
    return await blocks.block(call.session, form, maker=call.actor, now=call.now)


@desk.command(Block, Label("解除冻结", "Lift block"), posts=INSPECTING, when={BlockStatus.BLOCKED})
async def unblock_shipment(call: Call, no: str, form: Reason) -> Block:
    return await blocks.lift(call.session, no, form, by=call.actor, now=call.now)
