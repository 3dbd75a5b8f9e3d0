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
from contracts.event import Actor, DocumentNo, DutyRef, EmployeeId
from contracts.pmc import CauseCode
from contracts.quality import CauseFound
from contracts.sales import ComplaintPassed
from services.quality.models import AnalysisStatus, CauseAnalysis
from services.quality.queries import who_passed


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


class Finding(Form):
    """What caused the defect; `inspector` let it pass although the released standard would have shown it."""

    finding: str = Field(min_length=1, max_length=4000)
    cause: CauseCode
    operation: DutyRef | None = None
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
    await publish(session, mark_found(analysis, form, passed=passed, by=by, now=now))
    return analysis


def mark_found(analysis: CauseAnalysis, form: Finding, *, passed: set[str], by: Actor, now: datetime) -> CauseFound:
    """Move to FOUND. An inspector is blamed only for goods they let pass, and never finds in their own case."""
    if form.detectable and form.inspector is None:
        raise InspectorMissing(passed=sorted(passed))
    if form.inspector == by.employee:
        raise OwnCase(employee=by.employee)
    if form.inspector is not None and form.inspector not in passed:
        raise PassedByAnother(inspector=form.inspector, passed=sorted(passed))
    move(analysis, AnalysisStatus.FOUND)
    for name, value in form:
        setattr(analysis, name, value)
    analysis.found_by, analysis.found_at = by.employee, now
    return CauseFound(order_no=analysis.order_no, complaint_no=analysis.no, **dict(form), found_by=by.employee)


async def mark_closed(session: AsyncSession, complaint_no: str) -> None:
    """The customer is content: a cause that nobody looked for is no longer looked for."""
    analysis = await find(session, CauseAnalysis, complaint_no, hold=True)
    if analysis is None:
        raise WaitFor("complaint", complaint_no)
    if analysis.status == AnalysisStatus.OPEN:
        move(analysis, AnalysisStatus.CANCELLED)
