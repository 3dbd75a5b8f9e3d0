"""Is bought material on its way, and has the planner asked after it (PMC-02)?"""

from collections.abc import Collection, Iterable

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
from services.pmc.models import ArrivedLot, PurchasedLine, PurchaseStatus, ReceivedLot
from services.pmc.queries import counted, is_given_up, known_lot, known_order, purchased_lines, purchased_lines_of


class Finding(Form):
    """What asking after the material showed."""

    finding: str = Field(min_length=1, max_length=4000)


async def take_purchase(session: AsyncSession, event: purchasing.PurchaseOrderIssued) -> None:
    """Each line will want a look when its promised date passes, unless what it was bought for was given up."""
    now = await factory_now(session)
    given_up = await gave_up(session, event.order_no, event.line_no, event.requirement_no)
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
        await worklist.deliver(session, *map(handover, lines))


async def gave_up(session: AsyncSession, order_no: str | None, line_no: int, requirement_no: str) -> bool:
    """Whether nobody waits for what was bought: its order, its line or its list was given up; raises WaitFor."""
    order = await known_order(session, order_no)
    return order.gave_up(line_no) or await is_given_up(session, requirement_no)


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


def duty_of(line: PurchasedLine) -> DutyRef:
    return links.follow_up(line.purchase_order_no, int(line.no.rpartition("-")[2]))


def handover(line: PurchasedLine, *failed: DutyRef) -> Handover:
    """`failed`: the look after which it must come again."""
    return Handover(
        duty_of(line),
        "planner",
        line.order_no,
        line.line_no,
        document_no=line.no,
        inputs=failed or (links.purchase_order(line.requirement_no),),
        terms=Terms(promised_on=line.promised_on),
    )


def names_of(line: PurchasedLine) -> set[DutyRef]:
    """Under which names somebody may owe a look after it."""
    return {duty_of(line), as_named_before(links.arrival(line.requirement_no, line.requirement_line_no))}


def as_named_before(arrival: DutyRef) -> DutyRef:
    """Handovers from before a purchase order named them bear the line of the material list, whose arrival ends them."""
    return DutyRef(link="follow_up", key=arrival.key)


async def owed(session: AsyncSession, lines: Iterable[PurchasedLine]) -> tuple[DutyRef, ...]:
    """The handovers under which somebody owes a look after these lines now."""
    names = tuple(set[DutyRef]().union(*map(names_of, lines)))
    return tuple(sorted(await worklist.terms_of(session, names), key=str))


async def ask_again(session: AsyncSession, lines: Iterable[PurchasedLine], ended: Collection[DutyRef]) -> None:
    """Where the handover was ended for another promise, somebody asks again when that has passed."""
    again = [line for line in lines if not names_of(line).isdisjoint(ended)]
    await worklist.deliver(session, *map(handover, again))


async def follow_up(session: AsyncSession, no: str, form: Finding, *, by: Actor) -> PurchasedLine:
    """Ask after the material; it may be done more than once."""
    line = await lock(session, PurchasedLine, no)
    await orders.running(session, line.order_no)
    await publish(session, mark_followed_up(line, form, await owed(session, [line]), by=by))
    return line


def mark_followed_up(
    line: PurchasedLine, form: Finding, closes: tuple[DutyRef, ...], *, by: Actor
) -> PurchaseFollowedUp:
    move(line, PurchaseStatus.FOLLOWED_UP)
    line.finding = form.finding
    return PurchaseFollowedUp(
        order_no=line.order_no,
        closes=closes,
        requirement_no=line.requirement_no,
        requirement_line_no=line.requirement_line_no,
        purchase_order_no=line.purchase_order_no,
        finding=form.finding,
        followed_up_by=by.employee,
    )


async def take_arrival(session: AsyncSession, event: warehouse.GoodsArrived) -> None:
    """What is at the gate needs no more asking after; the fact names what it ends."""
    if event.purchase_order_no is None or event.quarantine:
        return
    came = [
        ArrivedLot(
            lot=each.lot,
            purchased_line=f"{event.purchase_order_no}-{each.purchase_order_line_no}",
            quantity=each.quantity,
            failed=False,
        )
        for each in event.lines
    ]
    lines = {line.no: line for line in await purchased_lines(session, {lot.purchased_line for lot in came})}
    if not lines:
        raise WaitFor("purchase_order", event.purchase_order_no)
    session.add_all(came)
    for lot in came:
        count_in(lines[lot.purchased_line], lot)
        await arrived(session, "arrival", lot.lot)
    await close_ended(session, event)


async def take_inspection(session: AsyncSession, event: quality.IncomingInspected) -> None:
    """A failed lot must come again: the planner may have to ask after it once more."""
    if event.passed or event.requirement_no is None or event.purchase_order_no is None:
        return
    if await session.get(ReceivedLot, event.lot) is not None:
        return  # it was taken all the same, and its receipt came first
    lot = await known_lot(session, event.lot) or await of_before(session, event)
    if lot.failed:
        return
    lot.failed = True
    (line,) = await purchased_lines(session, [lot.purchased_line])
    line.arrived -= lot.quantity
    if line.status == PurchaseStatus.ARRIVED and line.arrived < line.quantity:
        move(line, PurchaseStatus.OPEN)
        if await gave_up(session, line.order_no, line.line_no, line.requirement_no):
            move(line, PurchaseStatus.CANCELLED)
        else:
            await worklist.deliver(session, handover(line, links.iqc(event.lot)))


async def of_before(session: AsyncSession, event: quality.IncomingInspected) -> ArrivedLot:
    """A lot of which only the sum is known, because it came before lots were kept; raises WaitFor for one that has not come."""
    lines = await purchased_lines_of(
        session, event.purchase_order_no or "", event.requirement_no or "", event.requirement_line_no
    )
    if not lines:
        raise WaitFor("purchase_order", event.purchase_order_no or "")
    line = lines[0]
    if line.arrived - await counted(session, line.no) < event.quantity:
        raise WaitFor("arrival", event.lot)
    lot = ArrivedLot(lot=event.lot, purchased_line=line.no, quantity=event.quantity, failed=False)
    session.add(lot)
    return lot


async def take_receipt(session: AsyncSession, event: warehouse.GoodsReceived) -> None:
    """A failed lot was taken after all: it has come."""
    lot = await known_lot(session, event.lot)
    if lot is not None and lot.failed:
        lot.failed = False
        (line,) = await purchased_lines(session, [lot.purchased_line])
        count_in(line, lot)
    await close_ended(session, event)


def count_in(line: PurchasedLine, lot: ArrivedLot) -> None:
    line.arrived += lot.quantity
    if line.arrived >= line.quantity and line.status in (PurchaseStatus.OPEN, PurchaseStatus.FOLLOWED_UP):
        move(line, PurchaseStatus.ARRIVED)


async def close_ended(session: AsyncSession, event: warehouse.GoodsArrived | warehouse.GoodsReceived) -> None:
    ended = [duty for duty in event.closes if duty.link == "follow_up"]
    await worklist.close(session, [*ended, *(as_named_before(d) for d in event.closes if d.link == "arrival")])
