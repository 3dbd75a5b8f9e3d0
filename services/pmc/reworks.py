"""Which work is done again, by which team, and what did it cost (返工单)?"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.errors import NotFound, Refusal
from chassis.language import Label
from chassis.waiting import WaitFor, arrived
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import ReworkFinished, ReworkOrdered
from contracts.sales import ReturnAuthorised
from contracts.warehouse import ReturnReceived
from services.pmc import orders
from services.pmc.models import Complaint, CustomerReturn, OrderCopy, Rework, ReworkStatus
from services.pmc.operations import LEADER, check_leader
from services.pmc.queries_customer import find_return, reworked

RETURN = Label("退货", "return")


class NothingToRework(Refusal):
    status, code, field = 422, "nothing_to_rework", "order_no"
    message = Label(
        "没有写明返工的退货、客诉或订单行。请填写退货单号、客诉单号,或订单号和行号。",
        "No return, complaint or order line is named. Please give a return, a complaint, or an order and its line.",
    )


class MoreThanThere(Refusal):
    status, code, field = 422, "more_than_there", "quantity"
    message = Label(
        "可返工的数量是 {left},不能安排 {quantity}。请减少数量。",
        "{left} can be reworked; {quantity} is more. Please reduce the quantity.",
    )


class NotYourRework(Refusal):
    status, code = 403, "not_your_rework"
    message = Label(
        "返工单 {no} 由 {team_leader} 负责,{employee} 不能代报。请由责任人或车间主任上报。",
        "Rework {no} is {team_leader}'s; {employee} may not report it. The person named or the director must.",
    )


class Work(Form):
    """What is done again and why: goods of a return, of a complaint's line, or of an order line."""

    return_no: str | None = None
    complaint_no: str | None = None
    order_no: str | None = None
    line_no: int | None = Field(default=None, ge=1)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    team_leader: str = Field(default="", pattern=LEADER)
    reason: str = Field(min_length=1, max_length=4000)


class Costs(Form):
    """What the rework took: working hours, and recorded costs in CNY. A blank quantity is the whole order's."""

    quantity: Decimal | None = Field(default=None, gt=0, max_digits=18, decimal_places=6)
    hours: Decimal = Field(gt=0, max_digits=12, decimal_places=4)
    rework_cost: Decimal = Field(ge=0, max_digits=18, decimal_places=4)
    overtime_cost: Decimal = Field(default=Decimal(0), ge=0, max_digits=18, decimal_places=4)
    processing_fee: Decimal = Field(default=Decimal(0), ge=0, max_digits=18, decimal_places=4)


async def take_return(session: AsyncSession, event: ReturnAuthorised) -> None:
    row = event.model_dump(include={"return_no", "complaint_no", "order_no", "line_no", "product_code", "quantity"})
    session.add(CustomerReturn(**row))
    await arrived(session, "return", event.return_no)


async def take_returned(session: AsyncSession, event: ReturnReceived) -> None:
    """The goods are in the house and can be worked on."""
    row = await find_return(session, event.return_no)
    if row is None:
        raise WaitFor("return", event.return_no)
    row.received += event.quantity
    row.received_at = await factory_now(session)


async def order(session: AsyncSession, form: Work, *, maker: Actor, now: datetime) -> Rework:
    """Let a team do work again; it answers for it like for any operation."""
    subject = await subject_of(session, form)
    behind = await order_behind(session, subject["order_no"], form.return_no, form.complaint_no)
    line = orders.line_of(behind, subject["line_no"])
    await check_leader(session, Rework.title, form.team_leader)
    left = await available(session, form, line.quantity)
    if form.quantity > left:
        raise MoreThanThere(left=left, quantity=form.quantity)
    document = Rework(
        **subject,
        no=await next_number(session, Rework.code, now),
        status=ReworkStatus.ISSUED,
        product_code=line.product_code,
        quantity=form.quantity,
        team_leader=form.team_leader,
        reason=form.reason,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document))
    return document


async def subject_of(session: AsyncSession, form: Work) -> dict[str, Any]:
    """Where the goods came from, as the return or the complaint says; raises NotFound, NothingToRework."""
    if form.return_no is not None:
        row = await find_return(session, form.return_no)
        if row is None:
            raise NotFound(field="return_no", kind=RETURN, no=form.return_no)
        return {
            "return_no": row.return_no,
            "complaint_no": row.complaint_no,
            "order_no": row.order_no,
            "line_no": row.line_no,
        }
    order_no, line_no = form.order_no, form.line_no
    if form.complaint_no is not None:
        case = await lock(session, Complaint, form.complaint_no)
        order_no, line_no = case.order_no, form.line_no or case.line_no
    if order_no is None or line_no is None:
        raise NothingToRework
    return {"complaint_no": form.complaint_no, "order_no": order_no, "line_no": line_no}


async def order_behind(session: AsyncSession, order_no: str | None, *numbers: str | None) -> OrderCopy:
    """The order whose goods they are. What came back or is complained of is worked on also when the rest was cancelled.

    `numbers`: of a return or a complaint, if there is one. Raises NotFound, OrderCancelled.
    """
    return await (orders.sold if any(numbers) else orders.running)(session, order_no)


async def available(session: AsyncSession, form: Work, ordered: Decimal) -> Decimal:
    """How many pieces can be worked on: those of a return that came back and are not under rework yet."""
    row = await find_return(session, form.return_no) if form.return_no else None
    return row.received - await reworked(session, row.return_no) if row else ordered


def stated(document: Rework) -> ReworkOrdered:
    return ReworkOrdered(
        order_no=document.order_no,
        assignee=document.team_leader,
        rework_no=document.no,
        line_no=document.line_no,
        return_no=document.return_no,
        complaint_no=document.complaint_no,
        product_code=document.product_code,
        quantity=document.quantity,
        team_leader=document.team_leader,
        reason=document.reason,
        ordered_by=document.made_by,
    )


async def finish(session: AsyncSession, no: str, form: Costs, *, by: Actor, now: datetime) -> Rework:
    """The work is done; what it cost is a recorded fact from here on."""
    document = await lock(session, Rework, no)
    await order_behind(session, document.order_no, document.return_no, document.complaint_no)
    await publish(session, mark_finished(document, form, by=by, now=now))
    return document


def mark_finished(document: Rework, form: Costs, *, by: Actor, now: datetime) -> ReworkFinished:
    """Move to FINISHED. A team leader reports only the rework that names them."""
    if by.post == "team_leader" and by.employee != document.team_leader:
        raise NotYourRework(no=document.no, team_leader=document.team_leader, employee=by.employee)
    quantity = form.quantity or document.quantity
    if quantity > document.quantity:
        raise MoreThanThere(left=document.quantity, quantity=quantity)
    move(document, ReworkStatus.FINISHED)
    document.hours, document.rework_cost = form.hours, form.rework_cost
    document.overtime_cost, document.processing_fee = form.overtime_cost, form.processing_fee
    document.approved_by, document.approved_at = by.employee, now
    return ReworkFinished(
        **form.model_dump(exclude={"quantity"}),
        order_no=document.order_no,
        assignee=document.team_leader,
        rework_no=document.no,
        line_no=document.line_no,
        quantity=quantity,
        finished_by=by.employee,
    )
