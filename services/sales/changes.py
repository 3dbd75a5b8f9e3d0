"""How may a promise change once it is made?"""

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form, Reason
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts import links
from contracts.event import Actor
from contracts.parts import OrderLine, Terms
from contracts.sales import DeliveryPostponed, OrderAmended
from services.sales import shipment_checks, shipping_notices
from services.sales.lines import DatePassed, Line, check_lines, plain, total
from services.sales.models import LineProgress, Order
from services.sales.orders import line_of, lock_open
from services.sales.queries import line_progress, progress_of, set_ship_by


class LessThanShipped(Refusal):
    code, field = "less_than_shipped", "lines"
    message = Label(
        "第 {line_no} 行已通知出货 {noticed},不能改为 {quantity}。请填写不少于已通知的数量。",
        "{noticed} of line {line_no} are under shipping notice; it cannot become {quantity}. Please keep at least those.",
    )


class Amendment(Reason):
    """The order's lines as they shall be from now on, and why."""

    lines: tuple[Line, ...] = Field(min_length=1, max_length=200)


class Postponement(Form):
    """The customer's wish for a later date, with their letter's or mail's reference."""

    line_no: int
    delivery_date: date
    customer_reference: str = Field(min_length=1)


async def amend(session: AsyncSession, no: str, form: Amendment, *, by: Actor, now: datetime) -> Order:
    """Change what was promised; what already has a shipping notice stays at least that much."""
    order = await lock_open(session, no)
    check_lines(form.lines, now, order.lines)
    progress = {row.line_no: row for row in await line_progress(session, no)}
    for line_no, row in progress.items():
        new = next((line.quantity for line in form.lines if line.line_no == line_no), Decimal(0))
        if new < row.noticed:
            raise LessThanShipped(line_no=line_no, noticed=row.noticed, quantity=new)
    session.add_all(
        LineProgress(order_no=no, line_no=line.line_no) for line in form.lines if line.line_no not in progress
    )
    before = order.lines
    change_lines(order, plain(form.lines))
    noticed = [duty for row in progress.values() for duty in shipping_notices.settled(order, row)]
    closes = (*noticed, *await shipment_checks.settled(session, order, progress.values()))
    await publish(
        session,
        OrderAmended(
            order_no=no,
            closes=closes,
            revision=order.revision,
            lines=order.lines,
            reason=form.reason,
            amended_by=by.employee,
        ),
    )
    await redate(session, order, before)
    for row in progress.values():
        if order.line(row.line_no) is None:
            await shipping_notices.give_up(session, order, row)
        await shipping_notices.ask(session, order, row)
    return order


def change_lines(order: Order, lines: tuple[OrderLine, ...]) -> None:
    order.lines, order.amount, order.revision = lines, total(lines), order.revision + 1


async def postpone(session: AsyncSession, no: str, form: Postponement, *, by: Actor, now: datetime) -> Order:
    """The customer asked for a later date; everybody who worked towards the old one is excused."""
    order = await lock_open(session, no)
    line = line_of(order, form.line_no)
    if form.delivery_date < line.delivery_date:
        raise DatePassed(field="delivery_date", day=form.delivery_date, today=line.delivery_date)
    moved = line.model_copy(update={"delivery_date": form.delivery_date})
    before = order.lines
    change_lines(order, tuple(moved if each is line else each for each in order.lines))
    await publish(session, DeliveryPostponed(order_no=no, **form.model_dump(), recorded_by=by.employee))
    await redate(session, order, before)
    if progress := await progress_of(session, no, form.line_no):
        await worklist.deliver(session, *await shipment_checks.owed(session, order, progress))
    return order


async def redate(session: AsyncSession, order: Order, before: tuple[OrderLine, ...]) -> None:
    """Notices and looks that are owed are due by the new date of their line; what is under notice leaves by it."""
    dates = {line.line_no: line.ship_by for line in before}
    for line in order.lines:
        if dates.get(line.line_no, line.ship_by) != line.ship_by:
            await set_ship_by(session, order.no, line)
            for link in (links.notice, links.shipment_check):
                await worklist.redate(session, link(order.no, line.line_no), Terms(required_on=line.ship_by))
