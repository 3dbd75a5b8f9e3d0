"""By which day is late material wanted now, and did the planner say so (PUR-01's excuse)?"""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move
from chassis.instants import FACTORY
from chassis.worklist import publish
from contracts.event import Actor, DutyRef
from contracts.pmc import PurchaseRedated
from contracts.purchasing import DelayReported
from services.pmc import follow_ups, orders
from services.pmc.models import Redating, RedatingStatus
from services.pmc.queries import is_given_up, known_order, purchased_lines_of
from services.pmc.requirements import DatePassed


class NewDate(Form):
    """By which day it is wanted now; blank: the day that Purchasing expects it."""

    required_on: date | None = None


async def take_delay(session: AsyncSession, event: DelayReported) -> None:
    """A reported delay is put before the planner, unless the list that it is about was given up."""
    order = await known_order(session, event.order_no)
    given_up = order.cancelled or await is_given_up(session, event.requirement_no)
    session.add(
        Redating(
            **event.model_dump(include=COPIED),
            no=event.delay_no,
            order_no=event.order_no,
            status=RedatingStatus.CANCELLED if given_up else RedatingStatus.OPEN,
            made_by=event.reported_by,
            made_at=await factory_now(session),
        )
    )


COPIED = {"purchase_order_no", "requirement_no", "requirement_line_no", "required_on", "expected_on", "reason"}


async def redate(session: AsyncSession, no: str, form: NewDate, *, by: Actor, now: datetime) -> Redating:
    """Re-plan on the reported delay; the new date is the one that counts.

    Whoever does so has looked after the material (PMC-02): they ask again when the day that Purchasing expects has passed.
    """
    document = await lock(session, Redating, no)
    await orders.running(session, document.order_no)
    lines = await purchased_lines_of(
        session, document.purchase_order_no, document.requirement_no, document.requirement_line_no
    )
    closes = await follow_ups.owed(session, lines)
    wanted_on = form.required_on or document.expected_on
    await publish(session, mark_redated(document, wanted_on, closes, by=by, now=now))
    for line in lines:
        line.required_on, line.promised_on = wanted_on, document.expected_on
    await follow_ups.ask_again(session, lines, closes)
    return document


def mark_redated(
    document: Redating, required_on: date, closes: tuple[DutyRef, ...], *, by: Actor, now: datetime
) -> PurchaseRedated:
    today = now.astimezone(FACTORY).date()
    if required_on < today:
        raise DatePassed(day=required_on, today=today)
    move(document, RedatingStatus.REDATED)
    document.redated_on, document.approved_by, document.approved_at = required_on, by.employee, now
    return PurchaseRedated(
        order_no=document.order_no,
        closes=closes,
        requirement_no=document.requirement_no,
        requirement_line_no=document.requirement_line_no,
        delay_no=document.no,
        required_on=required_on,
        redated_by=by.employee,
    )
