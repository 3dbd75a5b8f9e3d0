"""Why did a customer complain, and would the released inspection standard have shown it (QUA-01, QUA-02)?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import find, lock, move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.waiting import WaitFor, arrived
from chassis.worklist import publish
from contracts import links
from contracts.event import Actor, DocumentNo, DutyRef, EmployeeId
from contracts.pmc import CauseCode
from contracts.quality import CauseFound
from contracts.sales import ComplaintPassed
from services.quality.models import AnalysisStatus, CauseAnalysis
from services.quality.queries import finished_lot, who_passed


class InspectorMissing(Refusal):
    status, code, field = 422, "inspector_missing", "inspector"
    message = Label(
        "按标准可以发现的缺陷,须写明是谁放行的(可能是:{passed})。请填写检验员。",
        "A defect that the standard shows was let pass by somebody (possibly {passed}). Please name the inspector.",
    )


class PassedByAnother(Refusal):
    status, code, field = 422, "passed_by_another", "inspector"
    message = Label(
        "{inspector} 没有放行过这些货(放行人:{passed})。请核对检验员或批号。",
        "{inspector} did not let these goods pass ({passed} did). Please check the inspector or the lot.",
    )


class OwnCase(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 不能认定自己的事。请由另一位有权的人或总经理认定。",
        "{employee} may not find in their own case. Please ask another person with the right, or the general manager.",
    )


class OperationUnknown(Refusal):
    status, code, field = 422, "operation_unknown", "production_order_no"
    message = Label(
        "工序 {op_no} 属于哪张生产指令单不清楚。请填写生产指令单号。",
        "It is not clear which production order operation {op_no} belongs to. Please name the production order.",
    )


class Finding(Form):
    """What caused the defect; `inspector` let it pass although the released standard would have shown it.

    A blank production order is the one that made the line's goods.
    """

    finding: str = Field(min_length=1, max_length=4000)
    cause: CauseCode
    production_order_no: DocumentNo | None = None
    op_no: int | None = Field(default=None, ge=1)
    lot: DocumentNo | None = None
    detectable: bool = False
    inspector: EmployeeId | None = None


async def expect(session: AsyncSession, event: ComplaintPassed) -> None:
    """PMC has the complaint in writing; Quality looks for its cause."""
    session.add(
        CauseAnalysis(
            no=event.complaint_no,
            order_no=event.order_no,
            line_no=event.line_no,
            customer_code=event.customer_code,
            kind=event.kind,
            description=event.description,
            status=AnalysisStatus.OPEN,
            made_by=event.passed_by,
            made_at=await factory_now(session),
        )
    )
    await arrived(session, "complaint", event.complaint_no)


async def record(session: AsyncSession, no: str, form: Finding, *, by: Actor, now: datetime) -> CauseAnalysis:
    analysis = await lock(session, CauseAnalysis, no)
    passed = await who_passed(session, analysis.order_no, analysis.line_no, form.lot)
    if form.op_no and not form.production_order_no:
        form.production_order_no = await producer_of(session, analysis)
    await publish(session, mark_found(analysis, form, passed=passed, by=by, now=now))
    return analysis


async def producer_of(session: AsyncSession, analysis: CauseAnalysis) -> str | None:
    """The production order that made the goods complained of, where the complaint names their line."""
    if analysis.line_no is None:
        return None
    return await finished_lot(session, analysis.order_no, analysis.line_no)


def mark_found(analysis: CauseAnalysis, form: Finding, *, passed: set[str], by: Actor, now: datetime) -> CauseFound:
    """Move to FOUND. An inspector is blamed only for goods they let pass, and nobody finds in their own case."""
    check_inspector(form, passed, by)
    operation = operation_of(form)
    move(analysis, AnalysisStatus.FOUND)
    for name, value in form:
        setattr(analysis, name, value)
    analysis.found_by, analysis.found_at = by.employee, now
    return CauseFound(
        order_no=analysis.order_no,
        complaint_no=analysis.no,
        **form.model_dump(exclude={"production_order_no", "op_no"}),
        operation=operation,
        found_by=by.employee,
    )


def check_inspector(form: Finding, passed: set[str], by: Actor) -> None:
    if form.detectable and form.inspector is None:
        raise InspectorMissing(passed=sorted(passed))
    if form.inspector == by.employee:
        raise OwnCase(employee=by.employee)
    if form.inspector is not None and form.inspector not in passed:
        raise PassedByAnother(inspector=form.inspector, passed=sorted(passed))


def operation_of(form: Finding) -> DutyRef | None:
    if form.op_no is None:
        return None
    if not form.production_order_no:
        raise OperationUnknown(op_no=form.op_no)
    return links.operation(form.production_order_no, form.op_no)


async def mark_closed(session: AsyncSession, complaint_no: str) -> None:
    """The customer is content: a cause that nobody looked for is no longer looked for."""
    analysis = await find(session, CauseAnalysis, complaint_no, hold=True)
    if analysis is None:
        raise WaitFor("complaint", complaint_no)
    if analysis.status == AnalysisStatus.OPEN:
        move(analysis, AnalysisStatus.CANCELLED)
