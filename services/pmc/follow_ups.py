"""Is bought material on its way, and has the planner asked after it (PMC-02)?"""

from collections.abc import Sequence

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links, purchasing, quality, warehouse
from contracts.event import SYSTEM_ACTOR, Actor
from contracts.parts import Terms
from contracts.pmc import PurchaseFollowedUp
from services.pmc import orders
from services.pmc.models import PurchasedLine, PurchaseStatus
from services.pmc.queries import known_order, lines_still_coming, purchased_lines, purchased_lines_of


class Finding(Form):
    """What asking after the material showed."""

    finding: str = Field(min_length=1, max_length=4000)


async def take_purchase(session: AsyncSession, event: purchasing.PurchaseOrderIssued) -> None:
    """Each line will want a look when its promised date passes."""
    order, now = await known_order(session, event.order_no), await factory_now(session)
    given_up = order.cancelled or event.line_no in order.removed
    status = PurchaseStatus.CANCELLED if given_up else PurchaseStatus.OPEN
    shared = {"order_no": event.order_no, "line_no": event.line_no, "purchase_order_no": event.purchase_order_no}
    lines = [
        PurchasedLine(
            **shared,
            **line.model_dump(include=COPIED),
            no=f"{event.purchase_order_no}-{line.line_no}",
            status=status,
            supplier_code=event.supplier_code,
            made_by=SYSTEM_ACTOR,
            made_at=now,
        )
        for line in event.lines
    ]
    session.add_all(lines)
    await arrived(session, "purchase_order", event.purchase_order_no)
    if not given_up:
        await worklist.deliver(session, *handovers(lines))


COPIED = {
    "requirement_no",
    "requirement_line_no",
    "item_code",
    "description",
    "unit",
    "quantity",
    "required_on",
    "promised_on",
}


def handovers(lines: Sequence[PurchasedLine]) -> list[Handover]:
    """One for each line of the requirement, even when the order splits it."""
    by_duty = {(line.requirement_no, line.requirement_line_no): line for line in reversed(lines)}
    return [
        Handover(
            links.follow_up(*key),
            "planner",
            line.order_no,
            line.line_no,
            document_no=line.no,
            inputs=(links.purchase_order(line.requirement_no),),
            terms=Terms(promised_on=line.promised_on),
        )
        for key, line in by_duty.items()
    ]


async def follow_up(session: AsyncSession, no: str, form: Finding, *, by: Actor) -> PurchasedLine:
    """Ask after the material; it may be done more than once."""
    line = await lock(session, PurchasedLine, no)
    await orders.running(session, line.order_no)
    await publish(session, mark_followed_up(line, form, by=by))
    return line


def mark_followed_up(line: PurchasedLine, form: Finding, *, by: Actor) -> PurchaseFollowedUp:
    first = line.status == PurchaseStatus.OPEN
    move(line, PurchaseStatus.FOLLOWED_UP)
    line.finding = form.finding
    return PurchaseFollowedUp(
        order_no=line.order_no,
        closes=(links.follow_up(line.requirement_no, line.requirement_line_no),) if first else (),
        requirement_no=line.requirement_no,
        requirement_line_no=line.requirement_line_no,
        purchase_order_no=line.purchase_order_no,
        finding=form.finding,
        followed_up_by=by.employee,
    )


async def take_arrival(session: AsyncSession, event: warehouse.GoodsArrived) -> None:
    """What is at the gate needs no more asking after."""
    came = {f"{event.purchase_order_no}-{each.purchase_order_line_no}": each.quantity for each in event.lines}
    if event.purchase_order_no is None or event.quarantine:
        return
    lines = await purchased_lines(session, came)
    if not lines:
        raise WaitFor("purchase_order", event.purchase_order_no)
    for line in lines:
        line.arrived += came[line.no]
        if line.arrived >= line.quantity and line.status in (PurchaseStatus.OPEN, PurchaseStatus.FOLLOWED_UP):
            move(line, PurchaseStatus.ARRIVED)
    await session.flush()
    there = {(line.requirement_no, line.requirement_line_no) for line in lines}
    there -= await lines_still_coming(session, {line.requirement_no for line in lines})
    if there:
        await worklist.close(session, [links.follow_up(*key) for key in sorted(there)])


async def take_inspection(session: AsyncSession, event: quality.IncomingInspected) -> None:
    """A failed lot must come again: the planner may have to ask after it once more."""
    if event.passed or event.requirement_no is None or event.purchase_order_no is None:
        return
    found = await purchased_lines_of(session, event.purchase_order_no, event.requirement_no, event.requirement_line_no)
    if not found:
        raise WaitFor("purchase_order", event.purchase_order_no)
    line = found[0]
    line.arrived -= event.quantity
    if line.status == PurchaseStatus.ARRIVED and line.arrived < line.quantity:
        move(line, PurchaseStatus.OPEN)
