"""Who answers for a complaint, a return, a rework or a penalty, and on which recorded costs (责任判定)?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import find, lock, move, next_number
from chassis.errors import NotFound, Refusal
from chassis.language import Label, word
from chassis.people import find_person
from chassis.worklist import publish
from contracts.event import Actor, EmployeeId
from contracts.pmc import AttributedMatter, CauseCode, ComplaintAttributed
from services.pmc import penalties
from services.pmc.models import Attribution, AttributionStatus, Complaint, Operation, Rework, operation_no
from services.pmc.operations import duty_of
from services.pmc.queries import RecordedCosts, attribution_in_force, find_return, recorded_costs
from services.pmc.reworks import RETURN

GENERAL_MANAGER = "general_manager"
SUBJECTS = {
    AttributedMatter.COMPLAINT: "complaint_no",
    AttributedMatter.RETURN: "return_no",
    AttributedMatter.REWORK: "rework_no",
    AttributedMatter.PENALTY: "penalty_no",
}
# Which post answers for a cause when nobody is named.
ANSWERING: Mapping[CauseCode, str] = {
    CauseCode.PRODUCTION: "workshop_director",
    CauseCode.QUALITY: "inspector",
    CauseCode.ENGINEERING: "engineer",
    CauseCode.PURCHASING: "buyer",
    CauseCode.WAREHOUSE: "storekeeper",
    CauseCode.SALES: "salesperson",
    CauseCode.PLANNING: "planner",
}


class SubjectMissing(Refusal):
    status, code = 422, "subject_missing"
    message = Label(
        "没有写明要判定的{matter}。请填写它的编号。", "No {matter} is named to attribute. Please give its number."
    )


class CauseMissing(Refusal):
    status, code, field = 422, "cause_missing", "cause"
    message = Label(
        "品质部还没有查明 {no} 的原因,也没有填写原因。请等待分析或填写原因。",
        "Quality has not found the cause of {no} and none is given. Wait for the analysis or give the cause.",
    )


class AnswersUnnamed(Refusal):
    status, code, field = 422, "person_missing", "person"
    message = Label(
        "罚款 {no} 的原因在公司内部({cause}),须写明由谁负责。请填写人员;他人之责请填写供应商、客户或运输。",
        "The cause of {no} lies in the house ({cause}): it is attributed to a person. Please name them, "
        "or give supplier, customer or transport as the cause.",
    )


class OwnCase(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 与本案有关,不能自己判定责任。请由总经理判定。",
        "{employee} is part of this case and may not attribute it. The general manager must.",
    )


class AlreadyAttributed(Refusal):
    code, field = "already_attributed", "corrects"
    message = Label(
        "该事项已由 {no} 判定。要更正请在“更正”中填写 {no}。",
        "{no} attributes this already. To correct it, give {no} as what is corrected.",
    )


class NothingToCorrect(Refusal):
    status, code, field = 422, "nothing_to_correct", "corrects"
    message = Label(
        "{corrects} 不是该事项现行的判定。请核对编号。",
        "{corrects} is not the attribution of this matter in force. Please check the number.",
    )


class DiffersFromRecord(Refusal):
    status, code = 422, "differs_from_record"
    message = Label(
        "记录的金额是 {recorded},与填写的 {given} 不同。金额以记录为准,请留空或改为记录的金额。",
        "What is recorded is {recorded}, not {given}, and counts: leave it blank or give that.",
    )


class LossWithoutDocument(Refusal):
    status, code, field = 422, "loss_without_document", "loss_document"
    message = Label(
        "没有返工或罚款记录金额 {amount}。请填写记录该金额的单据编号,或将金额留空;不接受估计。",
        "No rework or penalty records the amount {amount}. Please give the number of the document that does, "
        "or leave the amount blank; estimates do not count.",
    )


Money = Field(default=None, ge=0, max_digits=18, decimal_places=4)


class Finding(Form):
    """Who answers for what. Blanks are filled from Quality's finding and from recorded costs."""

    matter: AttributedMatter
    complaint_no: str | None = None
    return_no: str | None = None
    rework_no: str | None = None
    penalty_no: str | None = None
    cause: CauseCode | None = None
    operation_no: str | None = None
    lot: str | None = None
    person: EmployeeId | None = None
    escaped_inspection: bool | None = None
    inspector: EmployeeId | None = None
    direct_loss: Decimal | None = Money
    processing_fee: Decimal | None = Money
    rework_cost: Decimal | None = Money
    overtime_cost: Decimal | None = Money
    loss_document: str | None = Field(default=None, min_length=1, max_length=64)
    share_percent: Decimal = Field(default=Decimal(100), ge=0, le=100, max_digits=7, decimal_places=4)
    gross_negligence: bool = False
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is attributed, held until the transaction ends, with the complaint behind it and what its rework cost.

    `penalty` is what a customer imposed, in CNY.
    """

    no: str
    order_no: str | None
    line_no: int | None
    complaint_no: str | None
    return_no: str | None
    rework_no: str | None
    case: Complaint | None
    costs: RecordedCosts | None
    penalty_no: str | None = None
    penalty: Decimal | None = None

    @property
    def recorded_loss(self) -> Decimal | None:
        """In CNY; None where neither a penalty nor a finished rework records any."""
        return self.costs.total if self.costs is not None else self.penalty


async def attribute(session: AsyncSession, form: Finding, *, maker: Actor, now: datetime) -> Attribution:
    """State who answers. A later statement corrects the earlier one; nobody attributes in their own case."""
    subject = await subject_of(session, form)
    earlier = await attribution_in_force(session, form.matter, subject.no)
    check_earlier(earlier, form)
    step = await operation_named(session, form, subject)
    document = composed(form, subject, step)
    document.no, document.made_by, document.made_at = await next_number(session, "ATT", now), maker.employee, now
    await check_not_own(session, document, step, maker)
    if earlier is not None:
        move(earlier, AttributionStatus.CORRECTED)
        await session.flush()
    session.add(document)
    await publish(session, stated(document))
    return document


async def subject_of(session: AsyncSession, form: Finding) -> Subject:
    """The complaint, return, rework or penalty that the matter names; raises SubjectMissing, NotFound."""
    name = SUBJECTS[form.matter]
    no: str | None = getattr(form, name)
    if no is None:
        raise SubjectMissing(field=name, matter=word(form.matter))
    if form.matter == AttributedMatter.COMPLAINT:
        case = await lock(session, Complaint, no)
        costs = await recorded_costs(session, "complaint_no", no)
        return Subject(no, case.order_no, case.line_no, no, None, None, case, costs)
    if form.matter == AttributedMatter.RETURN:
        row = await find_return(session, no)
        if row is None:
            raise NotFound(field=name, kind=RETURN, no=no)
        case_of = await find(session, Complaint, row.complaint_no)
        costs = await recorded_costs(session, "return_no", no)
        return Subject(no, row.order_no, row.line_no, row.complaint_no, no, None, case_of, costs)
    if form.matter == AttributedMatter.PENALTY:
        return await penalty_of(session, no)
    rework = await lock(session, Rework, no)
    case_of = await find(session, Complaint, rework.complaint_no) if rework.complaint_no else None
    costs = await recorded_costs(session, "no", no)
    return Subject(no, rework.order_no, rework.line_no, rework.complaint_no, rework.return_no, no, case_of, costs)


async def penalty_of(session: AsyncSession, no: str) -> Subject:
    """What a customer imposed, and the complaint that it follows; raises NotFound, PenaltyWithdrawn."""
    row = await penalties.standing(session, no)
    case = await find(session, Complaint, row.complaint_no) if row.complaint_no else None
    return Subject(no, row.order_no, None, row.complaint_no, None, None, case, None, no, row.amount)


def check_earlier(earlier: Attribution | None, form: Finding) -> None:
    if earlier is not None and form.corrects is None:
        raise AlreadyAttributed(no=earlier.no)
    if form.corrects is not None and (earlier is None or earlier.no != form.corrects):
        raise NothingToCorrect(corrects=form.corrects)


async def operation_named(session: AsyncSession, form: Finding, subject: Subject) -> Operation | None:
    """The operation at fault: the one given, or the one that Quality found."""
    no = form.operation_no
    if no is None and subject.case is not None and subject.case.operation is not None:
        no = operation_no(*subject.case.operation.key.rpartition("/")[::2])
    step = await find(session, Operation, no) if no else None
    if form.operation_no is not None and (step is None or step.order_no != subject.order_no):
        raise NotFound(field="operation_no", kind=Operation.title, no=form.operation_no)
    return step


def composed(form: Finding, subject: Subject, step: Operation | None) -> Attribution:
    """The attribution, its blanks filled from finding and records.

    Raises CauseMissing, AnswersUnnamed, DiffersFromRecord, LossWithoutDocument.
    """
    case, costs = subject.case, subject.costs
    cause = form.cause or (CauseCode(case.cause) if case and case.cause in set(CauseCode) else None)
    if cause is None:
        raise CauseMissing(no=subject.no)
    if subject.penalty_no and cause in ANSWERING and form.person is None:
        raise AnswersUnnamed(no=subject.no, cause=word(cause))
    check_documented(form, subject)
    escaped = bool(case and case.detectable) if form.escaped_inspection is None else form.escaped_inspection
    return Attribution(
        order_no=subject.order_no,
        line_no=subject.line_no,
        status=AttributionStatus.STATED,
        matter=form.matter,
        subject_no=subject.no,
        complaint_no=subject.complaint_no,
        return_no=subject.return_no,
        rework_no=subject.rework_no,
        penalty_no=subject.penalty_no,
        cause=cause,
        operation=duty_of(step) if step else None,
        lot=form.lot or (case.lot if case else None),
        person=form.person,
        escaped_inspection=escaped,
        inspector=form.inspector or (case.inspector if case and escaped else None),
        direct_loss=loss_of(form, subject),
        processing_fee=recorded("processing_fee", form, costs),
        rework_cost=recorded("rework_cost", form, costs),
        overtime_cost=recorded("overtime_cost", form, costs),
        loss_document=form.loss_document,
        share_percent=form.share_percent,
        gross_negligence=form.gross_negligence,
        corrects=form.corrects,
    )


def loss_of(form: Finding, subject: Subject) -> Decimal | None:
    """What was lost: the customer's penalty or what finished reworks cost, as recorded; only without either what was typed."""
    if subject.recorded_loss is None:
        return form.direct_loss
    if form.direct_loss not in (None, subject.recorded_loss):
        raise DiffersFromRecord(field="direct_loss", recorded=subject.recorded_loss, given=form.direct_loss)
    return subject.recorded_loss


def check_documented(form: Finding, subject: Subject) -> None:
    """What is typed because no rework and no penalty records it needs a document that does."""
    if form.loss_document or subject.costs is not None:
        return
    typed = [form.processing_fee, form.rework_cost, form.overtime_cost]
    if amount := next(filter(None, [*typed, form.direct_loss if subject.penalty is None else None]), None):
        raise LossWithoutDocument(amount=amount)


def recorded(name: str, form: Finding, costs: RecordedCosts | None) -> Decimal | None:
    """What finished reworks recorded; only where nothing is recorded what was typed."""
    given: Decimal | None = getattr(form, name)
    if costs is None:
        return given
    known: Decimal = getattr(costs, name)
    if given is not None and given != known:
        raise DiffersFromRecord(field=name, recorded=known, given=given)
    return known


async def check_not_own(session: AsyncSession, document: Attribution, step: Operation | None, by: Actor) -> None:
    """Nobody attributes where they are named, or hold the post that answers; then the general manager does."""
    named = {document.person, document.inspector, step.team_leader if step else None}
    if by.employee in named:
        raise OwnCase(employee=by.employee)
    if by.post == GENERAL_MANAGER:
        return
    posts = {ANSWERING.get(CauseCode(document.cause)), "inspector" if document.escaped_inspection else None}
    if (await find_person(session, by.employee)).holds({post for post in posts if post}):
        raise OwnCase(employee=by.employee)


def stated(document: Attribution) -> ComplaintAttributed:
    shared = {name: getattr(document, name) for name in ComplaintAttributed.model_fields if hasattr(document, name)}
    return ComplaintAttributed(**shared, attribution_no=document.no, attributed_by=document.made_by)
