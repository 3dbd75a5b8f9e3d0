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
from contracts.event import SYSTEM_ACTOR, Actor, DutyRef
from contracts.parts import Terms
from contracts.pmc import PurchaseFollowedUp
from services.pmc import orders
from services.pmc.models import PurchasedLine, PurchaseStatus
from services.pmc.queries import known_order, purchased_lines, purchased_lines_of, still_coming


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
        await owe(session, lines)


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


async def owe(session: AsyncSession, lines: Sequence[PurchasedLine]) -> None:
    """Somebody asks after each of these lines' requirements by the earliest promise of what is still coming.

    A line of a requirement may be bought in several orders: when the next promise is another one, it is handed over anew.
    What was asked after before its day is asked after again where it alone has not come.
    """
    await session.flush()
    coming = await still_coming(session, {line.requirement_no for line in lines})
    first = {duty_of(line): line for line in reversed(coming)}
    asked = sorted({duty_of(line) for line in lines}, key=str)
    owed = await worklist.terms_of(session, asked)
    ends = [duty for duty, terms in owed.items() if duty not in first or terms.promised_on != first[duty].promised_on]
    begins = [
        duty for duty in asked if duty not in owed and duty in first and first[duty].status == PurchaseStatus.OPEN
    ]
    await worklist.close(session, ends)
    await worklist.deliver(session, *(handover(first[duty]) for duty in (*ends, *begins) if duty in first))


def duty_of(line: PurchasedLine) -> DutyRef:
    return links.follow_up(line.requirement_no, line.requirement_line_no)


def handover(line: PurchasedLine) -> Handover:
    return Handover(
        duty_of(line),
        "planner",
        line.order_no,
        line.line_no,
        document_no=line.no,
        inputs=(links.purchase_order(line.requirement_no),),
        terms=Terms(promised_on=line.promised_on),
    )


async def follow_up(session: AsyncSession, no: str, form: Finding, *, by: Actor) -> PurchasedLine:
    """Ask after the material; it may be done more than once."""
    line = await lock(session, PurchasedLine, no)
    await orders.running(session, line.order_no)
    coming = [each for each in await still_coming(session, [line.requirement_no]) if duty_of(each) == duty_of(line)]
    wanted = coming[:1] == [line] and await worklist.is_open(session, duty_of(line))
    await publish(session, mark_followed_up(line, form, by=by, wanted=wanted))
    await owe(session, [line])
    return line


def mark_followed_up(line: PurchasedLine, form: Finding, *, by: Actor, wanted: bool) -> PurchaseFollowedUp:
    """`wanted`: the handover is about this line, whose promise passes first."""
    move(line, PurchaseStatus.FOLLOWED_UP)
    line.finding = form.finding
    return PurchaseFollowedUp(
        order_no=line.order_no,
        closes=(duty_of(line),) if wanted else (),
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
    if there := [line for line in lines if line.status == PurchaseStatus.ARRIVED]:
        await owe(session, there)


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
        await owe(session, [line])
