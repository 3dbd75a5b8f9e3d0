"""Does the merchandiser look whether finished goods are on their way out in time (MER-03)?"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.dues import expected, standards
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.parts import Terms
from contracts.sales import ShipmentChecked
from contracts.warehouse import GoodsShipped
from services.sales.models import LineProgress, Order
from services.sales.orders import OPEN, line_of, lock_open
from services.sales.queries import find_order, line_progress, progress_of


class Check(Form):
    """What a look at the shipment showed."""

    line_no: int
    finding: str = Field(min_length=1)


async def check(session: AsyncSession, no: str, form: Check, *, by: Actor, now: datetime) -> Order:
    """The merchandiser looked after a line; that they looked once its goods were there is what MER-03 asks for.

    Raises NotOpen, NoSuchLine. A look at a line of which nothing is in store yet ends nothing: its goods still want one.
    """
    order = await lock_open(session, no)
    line_of(order, form.line_no)
    progress = next(row for row in await line_progress(session, no) if row.line_no == form.line_no)
    progress.checked_at = max(now, progress.booked_at or now)
    duty = links.shipment_check(no, form.line_no)
    fact = ShipmentChecked(
        order_no=no,
        assignee=by.employee,
        closes=(duty,) if progress.finished else (),
        **form.model_dump(),
        checked_by=by.employee,
    )
    await publish(session, fact)
    return order


async def owed(session: AsyncSession, order: Order, progress: LineProgress) -> tuple[Handover, ...]:
    """The look that goods in store want, unless somebody looked since the first of them came.

    None where they were to leave before now: looking could not make them, and nobody answers for not looking (MER-03).
    """
    line = order.line(progress.line_no)
    if line is None or order.status not in OPEN or progress.is_looked_after or not progress.in_store(line.quantity):
        return ()
    duty, terms, made = links.shipment_check(order.no, line.line_no), Terms(required_on=line.ship_by), progress.made
    now = await factory_now(session)
    due = expected(await standards(session), duty.link, now, terms)
    if due is not None and due <= now:
        return ()
    handover = Handover(
        duty,
        "merchandiser",
        order.no,
        line.line_no,
        assignee=order.merchandiser,
        document_no=order.no,
        inputs=made,
        terms=terms,
    )
    return (handover,)


async def settled(session: AsyncSession, order: Order, rows: Iterable[LineProgress]) -> tuple[DutyRef, ...]:
    """The looks on the worklist that nobody owes any more because all that the order still wants of their lines has left."""
    lines = [(order.line(row.line_no), row) for row in rows if not row.is_looked_after]
    left = [links.shipment_check(order.no, row.line_no) for line, row in lines if line and row.shipped >= line.quantity]
    return tuple(await worklist.terms_of(session, left)) if left else ()


async def take_shipment(session: AsyncSession, event: GoodsShipped, in_store: Decimal) -> None:
    """The fact names the look that it ends. Of more, which the customer came to want meanwhile, what is there wants one anew."""
    ended = [duty for duty in event.closes if duty == links.shipment_check(event.order_no or "", event.line_no)]
    await worklist.close(session, ended)
    if not ended or in_store <= 0:
        return
    order = await find_order(session, event.order_no or "")
    progress = await progress_of(session, event.order_no or "", event.line_no)
    if order is not None and progress is not None:
        await worklist.deliver(session, *await owed(session, order, progress))
