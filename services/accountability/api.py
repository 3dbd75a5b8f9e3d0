"""What may HR and the general manager do, and what may everybody entitled look at?"""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from chassis.api import REFUSALS, Reader
from chassis.api import Employee as SignedIn
from chassis.database import transaction
from chassis.desk import Call, Desk, Reason
from chassis.documents import find
from chassis.errors import NotFound
from chassis.language import Label
from chassis.people import find_person
from contracts.words import POSTS
from services.accountability.compensation import compensation_desk
from services.accountability.findings import breach_findings
from services.accountability.ledger import restored, sources
from services.accountability.models import (
    Acknowledgement,
    Assignment,
    BreachFinding,
    Calendar,
    Consultation,
    Employee,
    FindingStatus,
    ForgottenFact,
    ForgottenStatus,
    PenaltyRecord,
    RecordStatus,
    RosterStatus,
    Rulebook,
    RulebookStatus,
    Source,
    SourceStatus,
    WhatIf,
    WhatIfStatus,
)
from services.accountability.people import calendars, staff
from services.accountability.privacy import looks, seeing, supposed, taken_out, unnamed
from services.accountability.process import appeals, decisions, managers_desk, statements
from services.accountability.rules import approvals, consultations, rulebooks
from services.accountability.views import views
from services.accountability.views.timelines import Timeline
from services.accountability.what_if import what_ifs

HR = frozenset({"hr"})
DIRECTION = frozenset({"general_manager"})
READERS = HR | DIRECTION | {"finance"}
# The rulebook says which of them may find which clause.
FINDERS = frozenset(POSTS) - {"worker", "system"}

desk = Desk("accountability", readers=READERS)
desk.keep(
    PenaltyRecord,
    "records",
    columns=("no", "clause", "person", "order_no", "weighs", "next_step", "status"),
    filters=("person", "clause", "next_step"),
    sight=seeing.RECORDS,
)
desk.keep(
    Acknowledgement,
    "acknowledgements",
    columns=("no", "rulebook_no", "employee", "paper_reference", "made_at"),
    filters=("rulebook_no", "employee"),
    sight=seeing.ACKNOWLEDGEMENTS,
)
desk.keep(Consultation, "consultations", columns=("no", "rulebook_no", "held_on", "made_by"), filters=("rulebook_no",))
managers_desk.keep(desk)
desk.keep(
    BreachFinding,
    "breach-findings",
    columns=("no", "clause", "person", "order_no", "found_by", "status"),
    filters=("person", "clause"),
    sight=seeing.FINDINGS,
)
compensation_desk.keep(desk)
desk.keep(Employee, "employees", columns=("no", "nickname", "department", "status"), filters=("department",))
desk.keep(
    Assignment,
    "assignments",
    columns=("no", "employee", "post", "acting", "effective_from", "effective_until", "status"),
    filters=("employee", "post"),
)
desk.keep(Calendar, "calendars", columns=("no", "made_by", "made_at"))
desk.keep(
    Rulebook, "rulebooks", columns=("no", "effective_from", "made_by", "approved_by", "status"), reference="rulebook_no"
)
desk.keep(Source, "sources", columns=("no", "key_fingerprint", "registered_at", "status"))
desk.keep(
    ForgottenFact,
    "forgotten-facts",
    columns=("no", "order_no", "event", "recorded_at", "status"),
    filters=("source",),
)
desk.keep(
    WhatIf,
    "what-ifs",
    columns=("no", "question", "percent_done", "differences", "made_by", "status"),
    sight=supposed.SUPPOSITIONS,
)


@desk.command(
    PenaltyRecord,
    Label("发出处罚单", "Issue record"),
    posts=HR | DIRECTION,
    when={RecordStatus.NOTIFIED},
    irreversible=True,
)
async def issue_record(call: Call, no: str, form: decisions.Decision) -> PenaltyRecord:
    return await decisions.decide(call.session, no, form, actor=call.actor, now=call.now)


@desk.command(
    PenaltyRecord,
    Label("不予发出", "Drop record"),
    posts=HR | DIRECTION,
    when={RecordStatus.NOTIFIED},
    irreversible=True,
)
async def drop_record(call: Call, no: str, form: decisions.Dropping) -> PenaltyRecord:
    return await decisions.drop(call.session, no, form, by=call.by)


@desk.command(PenaltyRecord, Label("申辩", "State my case"), own="person", when={RecordStatus.NOTIFIED})
async def state_case(call: Call, no: str, form: statements.Statement) -> PenaltyRecord:
    return await statements.state(call.session, no, form, now=call.now)


@desk.command(
    PenaltyRecord, Label("申诉", "Appeal"), own="person", when={RecordStatus.ISSUED}, suits=appeals.may_appeal
)
async def make_appeal(call: Call, no: str, form: appeals.Appeal) -> PenaltyRecord:
    return await appeals.appeal(call.session, no, form, now=call.now)


@desk.command(
    PenaltyRecord,
    Label("决定申诉", "Decide appeal"),
    posts=HR | DIRECTION,
    when={RecordStatus.ISSUED},
    suits=appeals.may_decide,
    irreversible=True,
)
async def decide_appeal(call: Call, no: str, form: appeals.AppealDecision) -> PenaltyRecord:
    return await appeals.decide_appeal(call.session, no, form, actor=call.actor, now=call.now)


@desk.command(Consultation, Label("登记征求意见", "Record consultation"), posts=HR | DIRECTION)
async def record_consultation(call: Call, form: consultations.Minutes) -> Consultation:
    return await consultations.record(call.session, form, maker=call.by, now=call.now)


@desk.command(Acknowledgement, Label("知悉责任条款", "Acknowledge rulebook"), own="employee")
async def acknowledge_rulebook(call: Call, form: consultations.Reading) -> Acknowledgement:
    return await consultations.acknowledge(call.session, form.rulebook_no, call.by, maker=call.by, now=call.now)


@desk.command(Acknowledgement, Label("登记书面知悉", "Record paper acknowledgement"), posts=HR | DIRECTION)
async def record_paper_acknowledgement(call: Call, form: consultations.PaperReading) -> Acknowledgement:
    return await consultations.acknowledge(
        call.session,
        form.rulebook_no,
        form.employee,
        paper_reference=form.paper_reference,
        maker=call.by,
        now=call.now,
    )


@desk.command(BreachFinding, Label("认定违规", "Find breach"), posts=FINDERS)
async def find_breach(call: Call, form: breach_findings.Found) -> BreachFinding:
    return await breach_findings.find_directly(call.session, form, by=call.by, now=call.now)


@desk.command(BreachFinding, Label("提请认定", "Propose finding"), posts=FINDERS)
async def propose_finding(call: Call, form: breach_findings.Found) -> BreachFinding:
    return await breach_findings.propose(call.session, form, by=call.by, now=call.now)


@desk.command(BreachFinding, Label("予以认定", "Confirm finding"), posts=FINDERS, when={FindingStatus.PROPOSED})
async def confirm_finding(call: Call, no: str) -> BreachFinding:
    return await breach_findings.confirm(call.session, no, by=call.by, now=call.now)


@desk.command(BreachFinding, Label("不予认定", "Dismiss finding"), posts=FINDERS, when={FindingStatus.PROPOSED})
async def dismiss_finding(call: Call, no: str, form: Reason) -> BreachFinding:
    return await breach_findings.dismiss(call.session, no, form, by=call.by, now=call.now)


@desk.command(
    BreachFinding, Label("撤回认定", "Withdraw finding"), posts=FINDERS, when={FindingStatus.FOUND}, irreversible=True
)
async def withdraw_finding(call: Call, no: str, form: Reason) -> BreachFinding:
    return await breach_findings.withdraw(call.session, no, form, by=call.by)


compensation_desk.command(desk, hr=HR, direction=DIRECTION)
managers_desk.command(desk)


@desk.command(Employee, Label("登记员工", "Register employee"), posts=HR)
async def register_employee(call: Call, form: staff.Registration) -> Employee:
    return await staff.register(call.session, form, maker=call.by, now=call.now)


@desk.command(Assignment, Label("任命岗位", "Assign post"), posts=HR)
async def assign_post(call: Call, form: staff.Appointment) -> Assignment:
    return await staff.assign(call.session, form, maker=call.by, now=call.now)


@desk.command(Assignment, Label("结束任命", "End assignment"), posts=HR, when={RosterStatus.ACTIVE})
async def end_post(call: Call, no: str, form: staff.Ending) -> Assignment:
    return await staff.end(call.session, no, form, by=call.by, now=call.now)


@desk.command(Calendar, Label("设定工厂日历", "Set calendar"), posts=DIRECTION)
async def set_calendar(call: Call, form: calendars.Days) -> Calendar:
    return await calendars.set_days(call.session, form, maker=call.by, now=call.now)


@desk.command(Rulebook, Label("起草责任条款", "Draft rulebook"), posts=HR | DIRECTION)
async def draft_rulebook(call: Call, form: rulebooks.Draft) -> Rulebook:
    return await rulebooks.draft(call.session, form, maker=call.by, now=call.now)


@desk.command(Rulebook, Label("修改草案", "Revise draft"), posts=HR | DIRECTION, when={RulebookStatus.DRAFT})
async def revise_rulebook(call: Call, no: str, form: rulebooks.Revision) -> Rulebook:
    return await rulebooks.revise(call.session, no, form, by=call.by, now=call.now)


@desk.command(
    Rulebook, Label("放弃草案", "Drop draft"), posts=HR | DIRECTION, when={RulebookStatus.DRAFT}, irreversible=True
)
async def drop_rulebook(call: Call, no: str) -> Rulebook:
    return await rulebooks.drop(call.session, no)


@desk.command(
    Rulebook,
    Label("批准生效", "Approve rulebook"),
    posts=HR | DIRECTION,
    when={RulebookStatus.DRAFT},
    irreversible=True,
)
async def approve_rulebook(call: Call, no: str, form: approvals.Approval) -> Rulebook:
    return await approvals.approve(call.session, no, form, by=call.by, now=call.now)


@desk.command(WhatIf, Label("假设推演", "Ask what if"), posts=HR | DIRECTION)
async def ask_what_if(call: Call, form: what_ifs.Question) -> WhatIf:
    return await what_ifs.ask(call.session, form, maker=call.by, now=call.now)


@desk.command(
    WhatIf, Label("取消推演", "Cancel what-if"), posts=HR | DIRECTION, when={WhatIfStatus.RUNNING}, irreversible=True
)
async def cancel_what_if(call: Call, no: str) -> WhatIf:
    return await what_ifs.cancel(call.session, no, by=call.by)


@desk.command(Source, Label("登记证据来源", "Register source"), posts=DIRECTION)
async def register_source(call: Call, form: sources.Registration) -> Source:
    return await sources.register(call.session, form, maker=call.by, now=call.now)


@desk.command(
    Source,
    Label("注销证据来源", "Retire source"),
    posts=DIRECTION,
    when={SourceStatus.REGISTERED, SourceStatus.RESTORED},
    irreversible=True,
)
async def retire_source(call: Call, no: str, form: sources.Retirement) -> Source:
    return await sources.retire(call.session, no, form, by=call.by)


@desk.command(
    Source,
    Label("认可恢复后的来源", "Accept restored source"),
    posts=HR | DIRECTION,
    when={SourceStatus.RESTORED},
    irreversible=True,
)
async def accept_source(call: Call, no: str, form: restored.Reason) -> Source:
    return await restored.accept(call.session, no, form, by=call.by)


@desk.command(ForgottenFact, Label("处理完毕", "Settle"), posts=HR | DIRECTION, when={ForgottenStatus.OPEN})
async def settle_forgotten_fact(call: Call, no: str, form: restored.Reason) -> ForgottenFact:
    return await restored.settle(call.session, no, form, by=call.by)


router = APIRouter(prefix="/api", tags=["evidence"], responses=REFUSALS)


@router.get("/timelines/{order_no}", operation_id="show_timeline")
async def show_timeline(request: Request, employee: SignedIn, order_no: str) -> Timeline:
    """Who owed what to whom, by when, and what came of it, for one order; others by name only to who may know."""
    async with transaction(request.app.state.engine) as session:
        eyes = await seeing.eyes_of(session, await find_person(session, employee), order_no=order_no)
        found = await views.order_timeline(session, request.app.state.companion.judging, order_no)
    return unnamed.for_eyes(found, eyes)


@router.get("/looks", operation_id="list_looks", tags=["looks"])
async def list_looks(
    request: Request, employee: SignedIn, whose: str = "", who: str = "", no: str = "", before: int | None = None
) -> looks.Looks:
    """Who has looked at my records; for HR and the general manager, who has looked at whose."""
    async with transaction(request.app.state.engine) as session:
        person = await find_person(session, employee)
        return await looks.looks(session, person, looks.Wanted(whose, who, no, before))


@router.get("/exports", operation_id="list_exports", tags=["looks"])
async def list_exports(
    request: Request, employee: SignedIn, by: str = "", about: str = "", before: int | None = None
) -> taken_out.Exports:
    """Who has taken out evidence about me; for HR and the general manager, every export there was."""
    async with transaction(request.app.state.engine) as session:
        person = await find_person(session, employee)
        return await taken_out.exports(session, person, taken_out.Wanted(by, about, before))


@router.get("/evidence", operation_id="show_evidence")
async def show_evidence(request: Request, person: Reader) -> views.Evidence:
    """Up to when the evidence is complete, and which source verdicts wait for."""
    async with transaction(request.app.state.engine) as session:
        return await views.evidence(session)


@router.get("/rulebook-texts/{no}", operation_id="show_rulebook_text", response_class=PlainTextResponse)
async def show_rulebook_text(request: Request, person: Reader, no: str) -> str:
    """A version as YAML, to be changed and drafted again."""
    async with transaction(request.app.state.engine) as session:
        rulebook = await find(session, Rulebook, no)
    if rulebook is None:
        raise NotFound(kind=Rulebook.title, no=no)
    return rulebook.text
