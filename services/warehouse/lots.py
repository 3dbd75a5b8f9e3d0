"""Did a lot pass its inspection, and what becomes of it if not?"""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.documents import find, move
from chassis.latest import is_latest
from chassis.waiting import WaitFor
from chassis.worklist import Handover
from contracts import links
from contracts.event import DutyRef
from contracts.quality import Disposition, DispositionDecided, IncomingInspected
from services.warehouse import orders, purchases
from services.warehouse.models import Lot, LotStatus, PurchaseLineCopy
from services.warehouse.queries import find_order

INSPECTED = {
    True: frozenset({LotStatus.AWAITING_INSPECTION, LotStatus.FAILED}),
    False: frozenset({LotStatus.AWAITING_INSPECTION, LotStatus.PASSED}),
}


async def take_inspection(session: AsyncSession, event: IncomingInspected) -> None:
    """A passed lot is the storekeeper's to receive (WHS-03); a failed one does not count as arrived.

    A failure that is heard after the word that took it back says only that the lot did not count meanwhile; so does that word.
    """
    lot = await known(session, event.lot)
    latest = await is_latest(session, links.iqc(lot.no), settles=bool(event.concession_no))
    if latest:
        lot.inspection_no = event.inspection_no
        if lot.status in INSPECTED[event.passed]:
            move(lot, LotStatus.PASSED if event.passed else LotStatus.FAILED)
    if latest and not event.passed:
        await count_out(session, lot)
    elif not event.passed or event.concession_no or event.failed_before:
        await note_failure(session, lot)
    if latest and lot.status == LotStatus.PASSED:
        await deliver_receipt(session, lot)


async def note_failure(session: AsyncSession, lot: Lot) -> None:
    """A lot failed before what we know of it: its receipt will say that its line has arrived after all."""
    if lot.status != LotStatus.RECEIVED:
        await count_out(session, lot)


async def deliver_receipt(session: AsyncSession, lot: Lot) -> None:
    """Goods bought for an order that was given up may be received all the same, but nobody owes it."""
    order = await find_order(session, lot.order_no)
    if order is not None and order.cancelled:
        return
    handover = Handover(
        links.receipt(lot.no),
        "storekeeper",
        lot.order_no,
        lot.order_line_no,
        document_no=lot.no,
        inputs=(links.iqc(lot.no),),
        because=await orders.unwanted(session, order, lot.order_line_no),
    )
    await worklist.deliver(session, handover)


async def take_disposition(session: AsyncSession, event: DispositionDecided) -> None:
    """Quality decided on nonconforming goods; only what it leaves to the supplier goes back."""
    lot = await find(session, Lot, event.lot, hold=True)
    if lot is not None:
        lot.disposition = Disposition(event.disposition).value
        await note_failure(session, lot)


async def count_out(session: AsyncSession, lot: Lot) -> None:
    if not lot.counted_out:
        await shift(session, lot, back=True)


async def count_in(session: AsyncSession, lot: Lot) -> tuple[DutyRef, ...]:
    """A failed lot is taken after all: it has arrived; the duties of the buyer and the planner that this ends."""
    return await shift(session, lot, back=False) if lot.counted_out else ()


async def shift(session: AsyncSession, lot: Lot, *, back: bool) -> tuple[DutyRef, ...]:
    if lot.requirement_no is None or lot.requirement_line_no is None:
        return ()
    lot.counted_out = back
    quantity = -lot.quantity if back else lot.quantity
    this = (
        PurchaseLineCopy.purchase_order_no == lot.purchase_order_no,
        PurchaseLineCopy.line_no == lot.purchase_order_line_no,
    )
    counted = update(PurchaseLineCopy).where(*this).values(arrived=PurchaseLineCopy.arrived + quantity)
    bought = (
        await session.scalars(counted.returning(PurchaseLineCopy).execution_options(populate_existing=True))
    ).all()
    ends = await purchases.count(session, {(lot.requirement_no, lot.requirement_line_no): quantity})
    return () if back else purchases.ordered({*ends, *purchases.followed(bought)})


async def known(session: AsyncSession, no: str) -> Lot:
    lot = await find(session, Lot, no, hold=True)
    if lot is None:
        raise WaitFor("arrival", no)
    return lot
