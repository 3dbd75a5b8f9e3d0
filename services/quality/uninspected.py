"""Who let purchased material into stock or use without an inspection (QUA-04)?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts.event import SYSTEM_ACTOR, Actor, Code, DocumentNo, EmployeeId
from contracts.quality import UninspectedUseConfirmed, UninspectedUseWithdrawn
from contracts.warehouse import GoodsReceived
from services.quality.causes import OwnCase
from services.quality.models import CaseStatus, UninspectedCase
from services.quality.queries import order_of_lot, suspicion_of


class ConfirmedAlready(Refusal):
    code, field = "confirmed_already", "bypassed_by"
    message = Label(
        "{no} 已认定是 {employee}。要更正,请填写另一人和理由;认定有误的,请选“嫌疑不成立”。",
        "{no} names {employee} already. To correct it, give somebody else and why; if it was a mistake, dismiss it.",
    )


class Use(Form):
    """Which material was found uninspected, and who let it through."""

    lot: DocumentNo
    item_code: Code
    bypassed_by: EmployeeId
    remark: str = Field(default="", max_length=4000)


class Confirmation(Form):
    """Whether it was somebody else than the one suspected; blank: it was they."""

    bypassed_by: EmployeeId | None = None
    remark: str = Field(default="", max_length=4000)


class Dismissal(Form):
    """Why the suspicion has no ground."""

    remark: str = Field(min_length=1, max_length=4000)


async def suspect(session: AsyncSession, event: GoodsReceived) -> None:
    """A lot was received over the missing inspection: the quality manager decides whether that was a breach."""
    if event.override_by is None:
        return
    now = await factory_now(session)
    session.add(
        UninspectedCase(
            no=await next_number(session, UninspectedCase.code, now),
            order_no=event.order_no,
            status=CaseStatus.OPEN,
            lot=event.lot,
            item_code=event.item_code,
            receipt_no=event.receipt_no,
            bypassed_by=event.override_by,
            made_by=SYSTEM_ACTOR,
            made_at=now,
        )
    )


async def confirm(session: AsyncSession, form: Use, *, by: Actor, now: datetime) -> UninspectedCase:
    """State a use that was found, or that was suspected of the same lot already."""
    case = await suspicion_of(session, form.lot)
    if case is None:
        case = UninspectedCase(
            no=await next_number(session, UninspectedCase.code, now),
            order_no=await order_of_lot(session, form.lot),
            status=CaseStatus.OPEN,
            lot=form.lot,
            item_code=form.item_code,
            bypassed_by=form.bypassed_by,
            made_by=by.employee,
            made_at=now,
        )
        session.add(case)
    await publish(session, mark_confirmed(case, form.bypassed_by, form.remark, by=by, now=now))
    return case


async def confirm_suspicion(
    session: AsyncSession, no: str, form: Confirmation, *, by: Actor, now: datetime
) -> UninspectedCase:
    case = await lock(session, UninspectedCase, no)
    bypassed_by = form.bypassed_by or case.bypassed_by
    await publish(session, mark_confirmed(case, bypassed_by, form.remark, by=by, now=now))
    return case


def mark_confirmed(
    case: UninspectedCase, bypassed_by: str, remark: str, *, by: Actor, now: datetime
) -> UninspectedUseConfirmed:
    """Move to CONFIRMED, or correct whom it names.

    Nobody decides in their own case; who is suspected or confirmed does not shift it on somebody else.
    """
    corrected = case.status == CaseStatus.CONFIRMED
    if by.employee in (bypassed_by, case.bypassed_by):
        raise OwnCase(employee=by.employee)
    if corrected and (bypassed_by == case.bypassed_by or not remark):
        raise ConfirmedAlready(no=case.no, employee=case.bypassed_by)
    move(case, CaseStatus.CONFIRMED)
    case.bypassed_by, case.remark, case.approved_by, case.approved_at = bypassed_by, remark, by.employee, now
    return UninspectedUseConfirmed(
        order_no=case.order_no,
        assignee=bypassed_by,
        case_no=case.no,
        item_code=case.item_code,
        lot=case.lot,
        bypassed_by=bypassed_by,
        confirmed_by=by.employee,
    )


async def dismiss(session: AsyncSession, no: str, form: Dismissal, *, by: Actor, now: datetime) -> UninspectedCase:
    """The suspicion has no ground, or what was confirmed is taken back: everybody heard of that, so that is stated."""
    case = await lock(session, UninspectedCase, no)
    if by.employee == case.bypassed_by:
        raise OwnCase(employee=by.employee)
    stated = case.status == CaseStatus.CONFIRMED
    move(case, CaseStatus.DISMISSED)
    case.remark, case.approved_by, case.approved_at = form.remark, by.employee, now
    if stated:
        await publish(session, withdrawn(case))
    return case


def withdrawn(case: UninspectedCase) -> UninspectedUseWithdrawn:
    said = {"order_no": case.order_no, "case_no": case.no, "lot": case.lot}
    return UninspectedUseWithdrawn(**said, reason=case.remark, withdrawn_by=case.approved_by)
