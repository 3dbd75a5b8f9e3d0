"""What will not be here in time, and did PMC hear of it before it bit (PUR-01)?"""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.worklist import publish
from contracts.event import Actor
from contracts.purchasing import DelayReported
from services.purchasing import orders, suppliers
from services.purchasing.models import DelayReport, DelayStatus, OrderedLine, PurchaseOrder, PurchaseOrderStatus
from services.purchasing.queries import ordered_lines
from services.purchasing.requests import NoSuchLine
from services.purchasing.supplier_changes import NothingOutstanding


class NotLate(Refusal):
    status, code, field = 422, "not_late", "expected_on"
    message = Label(
        "第 {line_no} 行要求 {required_on} 到货,预计 {expected_on} 并不算晚。请核对日期。",
        "Line {line_no} is wanted on {required_on}; {expected_on} is not late. Please check the date.",
    )


class LineArrived(Refusal):
    code, field = "line_arrived", "line_no"
    message = Label(
        "订购单 {no} 第 {line_no} 行已全部到货。请核对行号。",
        "All of line {line_no} of {no} has arrived. Please check the line.",
    )


class Delay(Form):
    """Which line of a purchase order is late, until when, and why."""

    purchase_order_no: str
    line_no: int = Field(ge=1)
    expected_on: date
    reason: str = Field(min_length=1, max_length=4000)


async def report(session: AsyncSession, form: Delay, *, maker: Actor, now: datetime) -> DelayReport:
    """Tell PMC, so that production is re-planned before the material is missed."""
    order = await orders.lock_alive(session, PurchaseOrder, form.purchase_order_no)
    line = late_line(order, await ordered_lines(session, order.no), form, now)
    document = DelayReport(
        **form.model_dump(),
        no=await next_number(session, DelayReport.code, now),
        order_no=order.order_no,
        requirement_no=line.requirement_no,
        requirement_line_no=line.requirement_line_no,
        required_on=line.required_on,
        status=DelayStatus.REPORTED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document))
    return document


def late_line(order: PurchaseOrder, lines: Sequence[OrderedLine], form: Delay, now: datetime) -> OrderedLine:
    """The line that will be late; raises NothingOutstanding, NoSuchLine, LineArrived, NotLate, DatePassed."""
    if order.status != PurchaseOrderStatus.ISSUED:
        raise NothingOutstanding(no=order.no, status=word(order.status))
    line = next((line for line in lines if line.line_no == form.line_no), None)
    if line is None:
        raise NoSuchLine(field="line_no", no=order.no, line_no=form.line_no)
    if line.arrived >= line.quantity:
        raise LineArrived(no=order.no, line_no=line.line_no)
    suppliers.not_passed(form.expected_on, now, field="expected_on")
    if form.expected_on <= line.required_on:
        raise NotLate(line_no=line.line_no, required_on=line.required_on, expected_on=form.expected_on)
    return line


def stated(document: DelayReport) -> DelayReported:
    return DelayReported(
        order_no=document.order_no,
        assignee=document.made_by,
        delay_no=document.no,
        purchase_order_no=document.purchase_order_no,
        requirement_no=document.requirement_no,
        requirement_line_no=document.requirement_line_no,
        required_on=document.required_on,
        expected_on=document.expected_on,
        reason=document.reason,
        reported_by=document.made_by,
    )
