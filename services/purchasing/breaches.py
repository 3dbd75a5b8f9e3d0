"""Who bought past the rules (PUR-03, PUR-04)? The manager says so by name, and nobody in their own case."""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form, Reason
from chassis.documents import lock, move, next_numbers
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import find_person
from chassis.worklist import publish
from contracts.event import SYSTEM_ACTOR, Actor
from contracts.purchasing import PurchaseBreach, PurchaseBreachConfirmed, PurchaseBreachDismissed
from contracts.warehouse import GoodsArrived
from services.purchasing.models import BreachCase, BreachStatus, PurchaseOrder
from services.purchasing.quotes import too_few


class OwnCase(Refusal):
    status, code, field = 403, "own_case", "ordered_by"
    message = Label(
        "{employee} 不能确认自己的违规 {no}。请由总经理确认。",
        "{employee} may not confirm {no}, their own case. Please have the general manager do it.",
    )


class ConfirmedAlready(Refusal):
    code, field = "confirmed_already", "ordered_by"
    message = Label(
        "{no} 已确认是 {employee}。要更正,请填写另一人和理由;确认有误的,请选“不成立”。",
        "{no} names {employee} already. To correct it, give somebody else and why; if it was a mistake, dismiss it.",
    )


class UnknownEmployee(Refusal):
    status, code = 422, "unknown_employee"
    message = Label(
        "没有工号 {employee}。请核对工号。", "There is no employee {employee}. Please check the employee id."
    )


class Confirmation(Form):
    """Who ordered the goods, and what shows it."""

    ordered_by: str = Field(pattern=r"^E-\d{3,6}$")
    reason: str = Field(default="", max_length=4000)


async def open_cases(session: AsyncSession, event: GoodsArrived, order: PurchaseOrder | None) -> None:
    """One case for each rule that the arrival shows to have been passed over."""
    found = breaches_of(event, order)
    if not found:
        return
    now = await factory_now(session)
    numbers = await next_numbers(session, BreachCase.code, now, len(found))
    session.add_all(
        BreachCase(
            no=no,
            order_no=event.order_no,
            breach=breach,
            arrival_no=event.arrival_no,
            purchase_order_no=order.no if order else None,
            supplier_code=event.supplier_code,
            status=BreachStatus.OPEN,
            made_by=SYSTEM_ACTOR,
            made_at=now,
        )
        for no, breach in zip(numbers, found, strict=True)
    )


def breaches_of(event: GoodsArrived, order: PurchaseOrder | None) -> list[PurchaseBreach]:
    """Which rules of buying an arrival shows to have been passed over."""
    if order is None:
        return [PurchaseBreach.NO_APPROVED_ORDER]
    found = []
    if event.supplier_code not in order.suppliers:
        found.append(PurchaseBreach.SUPPLIER_CHANGED)
    if too_few(order.quotes, order.exemption):
        found.append(PurchaseBreach.QUOTES_MISSING)
    return found


async def confirm(session: AsyncSession, no: str, form: Confirmation, *, by: Actor, now: datetime) -> BreachCase:
    """Name who ordered; the confirmation, not the arrival, is what a record rests on."""
    case = await lock(session, BreachCase, no)
    if not (await find_person(session, form.ordered_by)).department:
        raise UnknownEmployee(field="ordered_by", employee=form.ordered_by)
    await publish(session, mark_confirmed(case, form, by=by, now=now))
    return case


def mark_confirmed(case: BreachCase, form: Confirmation, *, by: Actor, now: datetime) -> PurchaseBreachConfirmed:
    """Move to CONFIRMED, or correct whom it names; nobody decides in their own case, nor shifts it on somebody else."""
    if by.employee in (form.ordered_by, case.ordered_by):
        raise OwnCase(no=case.no, employee=by.employee)
    if case.status == BreachStatus.CONFIRMED and (form.ordered_by == case.ordered_by or not form.reason):
        raise ConfirmedAlready(no=case.no, employee=case.ordered_by)
    decide(case, BreachStatus.CONFIRMED, form.reason, by=by, now=now)
    case.ordered_by = form.ordered_by
    return PurchaseBreachConfirmed(
        order_no=case.order_no,
        assignee=form.ordered_by,
        breach_no=case.no,
        breach=PurchaseBreach(case.breach),
        arrival_no=case.arrival_no,
        purchase_order_no=case.purchase_order_no,
        ordered_by=form.ordered_by,
        confirmed_by=by.employee,
    )


async def dismiss(session: AsyncSession, no: str, form: Reason, *, by: Actor, now: datetime) -> BreachCase:
    """Nobody of ours ordered past a rule (a supplier's mistake, for one): the case is closed with its reason.

    What was confirmed by mistake is taken back so, by anybody else than whom it names.
    """
    case = await lock(session, BreachCase, no)
    if by.employee == case.ordered_by:
        raise OwnCase(no=case.no, employee=by.employee)
    decide(case, BreachStatus.DISMISSED, form.reason, by=by, now=now)
    fact = PurchaseBreachDismissed(
        order_no=case.order_no,
        breach_no=no,
        breach=PurchaseBreach(case.breach),
        arrival_no=case.arrival_no,
        reason=form.reason,
        dismissed_by=by.employee,
    )
    await publish(session, fact)
    return case


def decide(case: BreachCase, target: BreachStatus, reason: str, *, by: Actor, now: datetime) -> None:
    move(case, target)
    case.reason, case.confirmed_by = reason, by.employee
    case.approved_by, case.approved_at = by.employee, now
