"""Who answers for a complaint, a return, a rework or a penalty, and on which recorded costs (责任判定)?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Hint
from chassis.documents import find, lock, move, next_number
from chassis.errors import NotFound
from chassis.language import Label, word
from chassis.people import find_person
from chassis.worklist import publish
from contracts.event import Actor, DutyRef, EmployeeId
from contracts.pmc import AttributedMatter, CauseCode, ComplaintAttributed
from services.pmc import penalties
from services.pmc.attribution_gates import who_missed_it, whose_work
from services.pmc.attribution_refusals import (
    AlreadyAttributed,
    AnswersUnnamed,
    CauseMissing,
    DiffersFromRecord,
    LossWithoutDocument,
    NothingToCorrect,
    OwnCase,
    SubjectMissing,
)
from services.pmc.models import Attribution, AttributionStatus, Complaint, Operation, Rework, operation_no
from services.pmc.operations import duty_of
from services.pmc.queries import led_operations, who_passed
from services.pmc.queries_customer import RecordedCosts, attribution_in_force, find_return, recorded_costs
from services.pmc.registered import check_registered
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
RETURNED_FOR_QUALITY = "workshop_director"
"""A return is held against the director for either cause (PRD-03), so for quality they answer beside the inspector."""


ITS_NUMBER = Hint(Label("判定的是它时填写", "Where this is what is attributed"))
AS_FOUND = Hint(Label("留空即按品质部查明的原因", "Blank: as Quality has found"))
OF_SEVERAL = Hint(Label("可能出自几道工序时填写", "Where it may come of several operations"))
BY_POST = Hint(Label("留空即按原因和工序确定;罚款须填写", "Blank: by the cause and the operation; a penalty names one"))
WHO_LET_PASS = Hint(Label("检验漏检、由几人放行时填写", "Where inspection missed it and several let it pass"))
AS_RECORDED = Hint(Label("留空即按返工或罚款的记录", "Blank: as the rework or the penalty records"))
NOT_OURS = Hint(Label("记录损失的其他单据", "Another document that records the loss"))
IN_FORCE = Hint(Label("更正时填写现行判定的编号 ATT-…", "To correct one: the number ATT-… of the one in force"))
Money = Field(default=None, ge=0, max_digits=18, decimal_places=4)


class Finding(Form):
    """Who answers for what. Blanks are filled from Quality's finding and from recorded costs."""

    matter: AttributedMatter
    complaint_no: Annotated[str | None, ITS_NUMBER] = None
    return_no: Annotated[str | None, ITS_NUMBER] = None
    rework_no: Annotated[str | None, ITS_NUMBER] = None
    penalty_no: Annotated[str | None, ITS_NUMBER] = None
    cause: Annotated[CauseCode | None, AS_FOUND] = None
    operation_no: Annotated[str | None, OF_SEVERAL] = None
    lot: str | None = None
    person: Annotated[EmployeeId | None, BY_POST] = None
    escaped_inspection: bool | None = None
    inspector: Annotated[EmployeeId | None, WHO_LET_PASS] = None
    direct_loss: Annotated[Decimal | None, AS_RECORDED] = Money
    processing_fee: Annotated[Decimal | None, AS_RECORDED] = Money
    rework_cost: Annotated[Decimal | None, AS_RECORDED] = Money
    overtime_cost: Annotated[Decimal | None, AS_RECORDED] = Money
    loss_document: Annotated[str | None, NOT_OURS] = Field(default=None, min_length=1, max_length=64)
    share_percent: Decimal = Field(default=Decimal(100), ge=0, le=100, max_digits=7, decimal_places=4)
    gross_negligence: bool = False
    corrects: Annotated[str | None, IN_FORCE] = None


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

    def escaped(self, form: Finding) -> bool:
        """Whether the released standard would have shown it: as the form says, else as Quality found."""
        return bool(self.case and self.case.detectable) if form.escaped_inspection is None else form.escaped_inspection

    def made_by(self, step: Operation) -> bool:
        """Whether an operation is one of the order's, and of the line where that is known."""
        return step.order_no == self.order_no and self.line_no in (None, step.line_no)


async def attribute(session: AsyncSession, form: Finding, *, maker: Actor, now: datetime) -> Attribution:
    """State who answers. A later statement corrects the earlier one; nobody attributes in their own case, nor corrects it."""
    subject = await subject_of(session, form)
    earlier = await attribution_in_force(session, form.matter, subject.no)
    check_earlier(earlier, form)
    cause = cause_of(form, subject)
    step = await operation_named(session, form, subject, cause)
    inspector = await inspector_named(session, form, subject)
    document = composed(form, subject, cause, step, inspector)
    document.no, document.made_by, document.made_at = await next_number(session, "ATT", now), maker.employee, now
    await check_not_own(session, document, step, maker)
    if earlier is not None:
        await check_not_own(session, earlier, await step_of(session, earlier.operation), maker)
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


def cause_of(form: Finding, subject: Subject) -> CauseCode:
    """The cause given, or the one that Quality found; raises CauseMissing."""
    case = subject.case
    cause = form.cause or (CauseCode(case.cause) if case and case.cause in set(CauseCode) else None)
    if cause is None:
        raise CauseMissing(no=subject.no)
    return cause


async def operation_named(session: AsyncSession, form: Finding, subject: Subject, cause: CauseCode) -> Operation | None:
    """The operation at fault: the one given, or the one that Quality found. A rework is a team's, who led that work (TML-02)."""
    case = subject.case
    if form.operation_no is not None:
        step = await find(session, Operation, form.operation_no)
    else:
        step = await step_of(session, case.operation if case else None)
    if form.operation_no is not None and (step is None or not subject.made_by(step)):
        raise NotFound(field="operation_no", kind=Operation.title, no=form.operation_no)
    await check_registered(session, [form.person] if form.person else [], "person")
    if form.matter == AttributedMatter.REWORK and cause == CauseCode.PRODUCTION:
        return whose_work(
            subject.no, await led_operations(session, subject.order_no, subject.line_no), step, form.person
        )
    return step


async def step_of(session: AsyncSession, duty: DutyRef | None) -> Operation | None:
    """The operation that a duty is."""
    return await find(session, Operation, operation_no(*duty.key.rpartition("/")[::2])) if duty else None


async def inspector_named(session: AsyncSession, form: Finding, subject: Subject) -> EmployeeId | None:
    """The inspector who let it pass: the one given, or found by Quality, which looked at its own books already."""
    case = subject.case
    found = case.inspector if case and subject.escaped(form) else None
    named = form.inspector or found
    await check_registered(session, [form.inspector] if form.inspector else [], "inspector")
    if named == found and (found or not subject.escaped(form)):
        return found
    lot = form.lot or (case.lot if case else None)
    return who_missed_it(await who_passed(session, subject.order_no, subject.line_no, lot), named)


def composed(
    form: Finding, subject: Subject, cause: CauseCode, step: Operation | None, inspector: EmployeeId | None
) -> Attribution:
    """The attribution, its blanks filled from finding and records.

    Raises AnswersUnnamed, DiffersFromRecord, LossWithoutDocument.
    """
    case, costs = subject.case, subject.costs
    if subject.penalty_no and cause in ANSWERING and form.person is None:
        raise AnswersUnnamed(no=subject.no, cause=word(cause))
    check_documented(form, subject)
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
        escaped_inspection=subject.escaped(form),
        inspector=inspector,
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
    named = {document.person, document.inspector, *(step.leaders if step else ())}
    if by.employee in named:
        raise OwnCase(employee=by.employee)
    if by.post == GENERAL_MANAGER:
        return
    if (await find_person(session, by.employee)).holds(answering(document)):
        raise OwnCase(employee=by.employee)


def answering(document: Attribution) -> set[str]:
    """The posts whose holders may have to answer."""
    cause, returned = CauseCode(document.cause), document.matter == AttributedMatter.RETURN
    posts = {ANSWERING[cause]} if cause in ANSWERING else set[str]()
    if document.escaped_inspection:
        posts.add("inspector")
    return posts | ({RETURNED_FOR_QUALITY} if returned and cause == CauseCode.QUALITY else set())


def stated(document: Attribution) -> ComplaintAttributed:
    shared = {name: getattr(document, name) for name in ComplaintAttributed.model_fields if hasattr(document, name)}
    return ComplaintAttributed(**shared, attribution_no=document.no, attributed_by=document.made_by)
