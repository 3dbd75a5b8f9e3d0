"""Is what we ordered at the gate, and did it pass?"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.documents import find, lock, move
from chassis.latest import is_latest
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover
from contracts import links
from contracts.event import DutyRef, Event
from contracts.parts import Terms
from contracts.quality import IncomingInspected
from contracts.warehouse import ArrivedLine, GoodsArrived, GoodsReceived
from services.purchasing import breaches
from services.purchasing.models import ArrivedLot, Need, OrderedLine, PurchaseOrder, PurchaseOrderStatus
from services.purchasing.queries import arrived_for, find_lot, is_given_up, known_need, ordered_lines


async def take(session: AsyncSession, event: GoodsArrived) -> None:
    """Goods are at the gate. What was ordered counts as arrived; how it was bought is looked at once more."""
    order = await find(session, PurchaseOrder, event.purchase_order_no or "", hold=True)
    for line in event.lines:
        session.add(lot_of(event, line))
        await arrived(session, "arrival", line.lot)
    if order is not None and not event.quarantine:
        count(order, await ordered_lines(session, order.no), event)
    await worklist.close(session, arrivals_in(event))
    await breaches.open_cases(session, event, order)


def lot_of(event: GoodsArrived, line: ArrivedLine) -> ArrivedLot:
    counted = not event.quarantine
    return ArrivedLot(
        lot=line.lot,
        purchase_order_no=event.purchase_order_no if counted else None,
        line_no=line.purchase_order_line_no if counted else None,
        quantity=line.quantity,
    )


def count(order: PurchaseOrder, lines: Sequence[OrderedLine], event: GoodsArrived) -> None:
    by_no = {line.line_no: line for line in lines}
    for arrival in event.lines:
        if arrival.purchase_order_line_no in by_no:
            by_no[arrival.purchase_order_line_no].arrived += arrival.quantity
    settle(order, lines)


def settle(order: PurchaseOrder, lines: Sequence[OrderedLine]) -> None:
    """An order is ARRIVED while all of it is here; one that was given up stays so."""
    whole = all(line.arrived >= line.quantity for line in lines)
    if order.status == PurchaseOrderStatus.ISSUED and whole:
        move(order, PurchaseOrderStatus.ARRIVED)
    elif order.status == PurchaseOrderStatus.ARRIVED and not whole:
        move(order, PurchaseOrderStatus.ISSUED)


def arrivals_in(event: Event) -> list[DutyRef]:
    """The duties of ours that the warehouse's fact fulfils."""
    return [duty for duty in event.closes if duty.link == "arrival"]


async def take_inspection(session: AsyncSession, event: IncomingInspected) -> None:
    """A failed lot is no arrival: the buyer owes the goods of its line again, unless all of them are there without it."""
    if event.passed:
        return
    lot = await find_lot(session, event.lot)
    if lot is None:
        raise WaitFor("arrival", event.lot)
    if lot.failed or lot.purchase_order_no is None:
        return
    lot.failed = True
    await is_latest(session, links.receipt(lot.lot))
    await arrived(session, "failure", lot.lot)
    given_up = await is_given_up(session, lot.purchase_order_no)
    order, line = await shift(session, lot, back=True)
    need = await known_need(session, line.requirement_no, line.requirement_line_no)
    if not given_up and await arrived_for(session, need) < need.short:
        await worklist.deliver(session, owed_again(order, need, lot))


async def take_receipt(session: AsyncSession, event: GoodsReceived) -> None:
    """A failed lot was taken after all (by concession or override): it is here again, whether or not it made its line whole."""
    lot, ended = await find_lot(session, event.lot), arrivals_in(event)
    if lot is not None and lot.failed:
        if await is_latest(session, links.receipt(lot.lot)) or ended:
            lot.failed = False
            await shift(session, lot, back=False)
            await worklist.close(session, ended)
    elif ended:
        raise WaitFor("failure", event.lot)


async def shift(session: AsyncSession, lot: ArrivedLot, *, back: bool) -> tuple[PurchaseOrder, OrderedLine]:
    """Count a lot of ours out or in again, and the order with it."""
    order = await lock(session, PurchaseOrder, lot.purchase_order_no or "")
    lines = await ordered_lines(session, order.no)
    line = next(line for line in lines if line.line_no == lot.line_no)
    line.arrived += -lot.quantity if back else lot.quantity
    settle(order, lines)
    return order, line


def owed_again(order: PurchaseOrder, need: Need, failed: ArrivedLot) -> Handover:
    """The line's arrival as a duty of the buyer who ordered it, since this lot failed; with the date that counts now."""
    return Handover(
        links.arrival(need.requirement_no, need.line_no),
        "buyer",
        order.order_no,
        order.line_no,
        assignee=order.made_by,
        document_no=order.no,
        inputs=(links.iqc(failed.lot),),
        terms=Terms(required_on=need.required_on, lead_time_days=need.lead_time_days),
    )
