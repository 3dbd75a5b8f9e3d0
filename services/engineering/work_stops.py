"""Which work departs from Engineering's data and must stand still?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import pausing
from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts.engineering import WorkResumed, WorkStopped
from contracts.event import Actor
from services.engineering.models import OrderCopy, StopStatus, WorkStop
from services.engineering.orders import check_wanted
from services.engineering.queries import stops_in_force

STOP = "stop_work"


class NotInTheFactory(Refusal):
    code, field = "order_not_released", "order_no"
    message = Label(
        "订单 {order_no} 还没有下达工厂,没有可停的工作。",
        "Order {order_no} is not released to the factory yet, so there is no work to stop.",
    )


class NoSuchLine(Refusal):
    status, code, field = 422, "no_such_line", "line_no"
    message = Label(
        "订单 {order_no} 没有第 {line_no} 行。请核对行号,或留空以停下整张订单。",
        "Order {order_no} has no line {line_no}. Please check the line, or leave it blank to stop the whole order.",
    )


class AlreadyStopped(Refusal):
    code, field = "already_stopped", "order_no"
    message = Label(
        "停工令 {stop_no} 已经使这项工作停下。请先复工,或在其中补充。",
        "Work stop {stop_no} holds this work already. Please lift that one first.",
    )


class Stop(Form):
    """What must stand still, a line or the whole order, and why."""

    order_no: str
    line_no: int | None = Field(default=None, ge=1)
    reason: str = Field(min_length=1, max_length=4000)


class Resumption(Form):
    """Why the work may go on."""

    reason: str = Field(min_length=1, max_length=4000)


async def stop(session: AsyncSession, form: Stop, *, maker: Actor, now: datetime) -> WorkStop:
    """Stop work that departs from the released package; the order's clocks stand still."""
    check_line(await check_wanted(session, form.order_no), form)
    for other in await stops_in_force(session, form.order_no):
        if other.line_no in (None, form.line_no):
            raise AlreadyStopped(stop_no=other.no)
    document = WorkStop(
        **form.model_dump(),
        no=await next_number(session, WorkStop.code, now),
        status=StopStatus.STOPPED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await pausing.halt(session, STOP, document.no, document.order_no, document.line_no)
    await publish(
        session,
        WorkStopped(**form.model_dump(), stop_no=document.no, stopped_by=maker.employee),
    )
    return document


def check_line(order: OrderCopy, form: Stop) -> None:
    if not order.released:
        raise NotInTheFactory(order_no=form.order_no)
    if form.line_no is not None and all(line.line_no != form.line_no for line in order.lines):
        raise NoSuchLine(order_no=form.order_no, line_no=form.line_no)


async def resume(session: AsyncSession, no: str, form: Resumption, *, by: Actor, now: datetime) -> WorkStop:
    document = await lock(session, WorkStop, no)
    await publish(session, mark_resumed(document, form, by=by, now=now))
    await pausing.lift(session, STOP, no, document.order_no, document.line_no)
    return document


def mark_resumed(document: WorkStop, form: Resumption, *, by: Actor, now: datetime) -> WorkResumed:
    move(document, StopStatus.RESUMED)
    document.resumed_by, document.resumed_at, document.resumed_because = by.employee, now, form.reason
    return WorkResumed(
        order_no=document.order_no,
        line_no=document.line_no,
        stop_no=document.no,
        reason=form.reason,
        resumed_by=by.employee,
    )


async def cancel_open(session: AsyncSession, order_no: str) -> None:
    """A given-up order has no work left to stop."""
    for document in await stops_in_force(session, order_no):
        move(document, StopStatus.CANCELLED)
        await pausing.lift(session, STOP, document.no, order_no, document.line_no)
