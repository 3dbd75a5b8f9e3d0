"""Did the goods pass, by which standard, and does the report hold together? The same for all three inspections."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import Field
from sqlalchemy import inspect as mapped
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import move, next_number, next_numbers
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import sole_holder
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import SYSTEM_ACTOR, Actor, DutyRef
from contracts.quality import Inspection, Reading
from services.quality import orders
from services.quality.models import (
    Disposition,
    DispositionStatus,
    FinalInspection,
    IncomingInspection,
    InspectionDocument,
    InspectionStatus,
    OutgoingInspection,
)
from services.quality.queries import failed_outgoing, made_as, open_inspections
from services.quality.sampling import pieces, plan_for

I = TypeVar("I", bound=InspectionDocument)  # noqa: E741 - an inspection


class SampleTooLarge(Refusal):
    status, code, field = 422, "sample_too_large", "sample_size"
    message = Label(
        "批量只有 {quantity},不能抽检 {sample_size} 件。请填写不大于批量的样本数。",
        "The lot has only {quantity}; a sample of {sample_size} is not possible. Please give at most the lot.",
    )


class MoreDefectsThanSample(Refusal):
    status, code, field = 422, "more_defects_than_sample", "defects"
    message = Label(
        "抽检 {sample_size} 件,不会有 {defects} 件不合格。请核对不合格数。",
        "A sample of {sample_size} cannot hold {defects} defective pieces. Please check the defects.",
    )


class PassedWithDefects(Refusal):
    status, code, field = 422, "passed_with_defects", "remark"
    message = Label(
        "不合格 {defects} 件(允收 {accepted} 件),不合格项目:{failed}。判合格时须在备注中说明理由。",
        "{defects} defects ({accepted} are acceptable) and failed readings: {failed}. "
        "To pass it all the same, please say why in the remark.",
    )


class FailedWithoutGround(Refusal):
    status, code, field = 422, "failed_without_ground", "remark"
    message = Label(
        "判不合格须有依据。请填写不合格数、不合格的检验项目或备注。",
        "A failed inspection needs its ground. Please give the defects, a failed reading or a remark.",
    )


class StandardMissing(Refusal):
    status, code, field = 422, "standard_missing", "standard"
    message = Label(
        "{no} 没有已发布的检验标准。请填写所用标准。",
        "No inspection standard is released for {no}. Please name the one that was used.",
    )


class Report(Form):
    """What the inspector looked at and found. A blank standard is the released one."""

    sample_size: int = Field(ge=1, le=1_000_000)
    defects: int = Field(ge=0, le=1_000_000)
    passed: bool
    readings: tuple[Reading, ...] = Field(default=(), max_length=200)
    standard: str = Field(default="", max_length=400)
    remark: str = Field(default="", max_length=4000)

    @property
    def failed_readings(self) -> list[str]:
        return [reading.characteristic for reading in self.readings if not reading.passed]


@dataclass(frozen=True, slots=True)
class Look:
    """One of the three inspections: its document, the handover that asks for it, and the fact that it states."""

    document: type[InspectionDocument]
    handover: Callable[[Any], Handover]
    stated: Callable[..., Inspection]


async def fresh(session: AsyncSession, kind: type[I], goods: Sequence[dict[str, Any]]) -> list[I]:
    """An open inspection for each of these goods, with the sampling plan that their quantity suggests."""
    now = await factory_now(session)
    assignee = await sole_holder(session, "inspector", now)
    inspections = []
    for no, subject in zip(await next_numbers(session, kind.code, now, len(goods)), goods, strict=True):
        plan = plan_for(subject["quantity"])
        inspections.append(
            kind(
                **subject,
                no=no,
                status=InspectionStatus.OPEN,
                assignee=assignee,
                suggested_sample=plan.sample,
                acceptance_number=plan.accept,
                made_by=SYSTEM_ACTOR,
                made_at=now,
            )
        )
    session.add_all(inspections)
    return inspections


async def owe(
    session: AsyncSession,
    look: Look,
    inspections: Sequence[InspectionDocument],
    *waited_for: DutyRef,
    alone: bool = False,
) -> None:
    """The inspector owes these looks; where the line is off its order, for the sake of the goods alone.

    `waited_for` comes on top of what such a look waits for as a rule; `alone` it takes its place.
    """
    handovers = []
    for each in inspections:
        handover, because = look.handover(each), await orders.unwanted(session, each.order_no, each.for_line)
        inputs = waited_for if alone else (*handover.inputs, *waited_for)
        handovers.append(replace(handover, inputs=inputs, because=because))
    await worklist.deliver(session, *handovers)


async def record(
    session: AsyncSession, inspection: InspectionDocument, report: Report, *, standard: str, by: Actor, now: datetime
) -> None:
    """Write the verdict down; failed goods get their nonconformity form at once (不良品处理表)."""
    mark_inspected(inspection, report, standard=standard, by=by, now=now)
    if not report.passed:
        inspection.disposition_no = await raise_nonconformity(session, inspection, report, now)


def mark_inspected(inspection: InspectionDocument, report: Report, *, standard: str, by: Actor, now: datetime) -> None:
    """Move to PASSED or FAILED. Figures that contradict the verdict need a remark, figures that cannot be none."""
    check_figures(inspection, report)
    if not (report.standard or standard):
        raise StandardMissing(no=inspection.no)
    move(inspection, InspectionStatus.PASSED if report.passed else InspectionStatus.FAILED)
    inspection.standard = report.standard or standard
    inspection.sample_size, inspection.defects = report.sample_size, report.defects
    inspection.readings, inspection.remark = report.readings, report.remark
    inspection.inspected_by, inspection.inspected_at = by.employee, now


def check_figures(inspection: InspectionDocument, report: Report) -> None:
    if report.sample_size > pieces(inspection.quantity):
        raise SampleTooLarge(quantity=inspection.quantity, sample_size=report.sample_size)
    if report.defects > report.sample_size:
        raise MoreDefectsThanSample(defects=report.defects, sample_size=report.sample_size)
    failed, accepted = report.failed_readings, inspection.acceptance_number
    if report.passed and (failed or report.defects > accepted) and not report.remark:
        raise PassedWithDefects(defects=report.defects, accepted=accepted, failed=failed)
    if not report.passed and not (report.defects or failed or report.remark):
        raise FailedWithoutGround


async def raise_nonconformity(
    session: AsyncSession, inspection: InspectionDocument, report: Report, now: datetime
) -> str:
    no = await next_number(session, Disposition.code, now)
    session.add(
        Disposition(
            no=no,
            order_no=inspection.order_no,
            status=DispositionStatus.OPEN,
            stage=inspection.stage,
            inspection_no=inspection.no,
            lot=inspection.lot,
            item_code=inspection.item_code,
            quantity=inspection.quantity,
            defect=report.remark or "、".join(report.failed_readings),
            made_by=inspection.inspected_by,
            made_at=now,
        )
    )
    return no


def common(inspection: InspectionDocument, duty: DutyRef, *sent_back: DutyRef) -> dict[str, Any]:
    """What all three facts say; goods accepted by concession were inspected before, so that closes only what sent them back."""
    return {
        "order_no": inspection.order_no,
        "assignee": inspection.assignee,
        "closes": sent_back if inspection.concession_no else (duty,),
        "inspection_no": inspection.no,
        "lot": inspection.lot,
        "item_code": inspection.item_code,
        "quantity": inspection.quantity,
        "standard": inspection.standard,
        "sample_size": inspection.sample_size,
        "defects": inspection.defects,
        "passed": inspection.status == InspectionStatus.PASSED,
        "readings": inspection.readings,
        "concession_no": inspection.concession_no,
        "inspected_by": inspection.inspected_by,
    }


# What a report adds to the goods it is about.
FOUND = ("standard", "sample_size", "defects", "readings", "remark")
OWN = {"no", "status", "assignee", "suggested_sample", "acceptance_number", "inspected_by", "inspected_at"}
OWN |= {"disposition_no", "concession_no", "made_by", "made_at", "approved_by", "approved_at"}


def goods_of(inspection: InspectionDocument) -> dict[str, Any]:
    """Which goods an inspection is about, without anything that was found."""
    names = {attribute.key for attribute in mapped(type(inspection)).column_attrs} - OWN - set(FOUND)
    return {name: getattr(inspection, name) for name in names}


async def inspect_again(session: AsyncSession, look: Look, inspection: InspectionDocument) -> None:
    """Reworked goods are inspected once more because they failed: the inspector owes it anew."""
    again = await fresh(session, look.document, [goods_of(inspection)])
    await owe(session, look, again, look.handover(inspection).duty, alone=True)


async def accept_by_concession(
    session: AsyncSession, look: Look, inspection: InspectionDocument, concession_no: str, *, by: Actor, now: datetime
) -> None:
    """State that the goods may be used as they are, with the figures that failed them and by whose word (特采)."""
    (accepted,) = await fresh(session, look.document, [goods_of(inspection)])
    move(accepted, InspectionStatus.PASSED)
    for name in FOUND:
        setattr(accepted, name, getattr(inspection, name))
    accepted.concession_no, accepted.made_by = concession_no, by.employee
    accepted.inspected_by, accepted.inspected_at = by.employee, now
    await publish(session, look.stated(accepted, *await owed_no_longer(session, accepted)))


async def owed_no_longer(session: AsyncSession, accepted: InspectionDocument) -> tuple[DutyRef, ...]:
    """The operation that accepted goods went back to, unless goods of another notice failed that went there as well."""
    if isinstance(accepted, OutgoingInspection):
        failed = await failed_outgoing(session, accepted.order_no, accepted.line_no, hold=True)
        if any(other.notice_no != accepted.notice_no for other in failed):
            return ()
    return await sent_back(session, accepted)


async def sent_back(session: AsyncSession, inspection: InspectionDocument) -> tuple[DutyRef, ...]:
    """The operation that goods of our own make went back to when they failed; of bought ones none."""
    made = await made_as(session, inspection.lot)
    return (links.operation(made.production_order_no, made.last_op_no),) if made else ()


async def cancel_open(session: AsyncSession, order_no: str) -> None:
    """The order is given up: what nobody inspected yet is not inspected for it."""
    for kind in (IncomingInspection, FinalInspection, OutgoingInspection):
        for inspection in await open_inspections(session, kind, order_no):
            move(inspection, InspectionStatus.CANCELLED)
