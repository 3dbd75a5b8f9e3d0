"""May a lot be taken into stock (WHS-03), or must it go back?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.worklist import publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.quality import Disposition
from contracts.warehouse import GoodsReceived, GoodsReturned
from services.warehouse import lots, requisitions, stock, stocktakes
from services.warehouse.models import Lot, LotStatus, Receipt, RecordedStatus, ReturnNote

RETURNABLE = frozenset({LotStatus.FAILED, LotStatus.QUARANTINE})


class NotInspected(Refusal):
    code, field = "not_inspected", "lot"
    message = Label(
        "批次 {no} 还没有检验,不能入库。请等待品质部检验,或由仓库经理具名特批。",
        "Lot {no} was not inspected, so it cannot be received. Wait for Quality, or let the manager override by name.",
    )


class InspectionFailed(Refusal):
    code, field = "inspection_failed", "lot"
    message = Label(
        "批次 {no} 检验不合格,不能入库。请退回供应商,或等待品质部处理决定。",
        "Lot {no} failed its inspection, so it cannot be received. Return it, or wait for Quality's decision.",
    )


class InQuarantine(Refusal):
    code, field = "in_quarantine", "lot"
    message = Label(
        "批次 {no} 没有批准的订购单,在隔离区,不能入库。请退回供应商,或由仓库经理具名特批。",
        "Lot {no} has no approved order and waits in quarantine. Return it, or let the manager override by name.",
    )


class NothingToOverride(Refusal):
    code, field = "nothing_to_override", "lot"
    message = Label(
        "批次 {no} 已检验合格,不需要特批。请由仓管员正常入库。",
        "Lot {no} passed its inspection and needs no override. Please let the storekeeper receive it.",
    )


class NotReturnable(Refusal):
    code, field = "not_returnable", "lot"
    message = Label(
        "批次 {no} 现在是“{status}”,不能退回供应商。只有不合格或隔离的批次可以退。",
        "Lot {no} is {status} and does not go back. Only failed or quarantined lots do.",
    )


class DisposedOtherwise(Refusal):
    code, field = "disposed_otherwise", "lot"
    message = Label(
        "品质部对批次 {no} 的处理决定是“{disposition}”,不是退货。请按决定办理。",
        "Quality decided otherwise on lot {no}: {disposition}. Please follow that decision.",
    )


class Booking(Form):
    """Which lot, and where it is put."""

    lot: str = Field(min_length=1, max_length=64)
    location: str = Field(default="", max_length=200)


class Override(Form):
    """Why a lot is taken without a passed inspection, and where it is put."""

    location: str = Field(default="", max_length=200)
    reason: str = Field(min_length=1, max_length=4000)


class GoingBack(Form):
    """Which lot goes back to its supplier, and why."""

    lot: str = Field(min_length=1, max_length=64)
    reason: str = Field(min_length=1, max_length=4000)


async def receive(session: AsyncSession, form: Booking, *, maker: Actor, now: datetime) -> Receipt:
    """Take a passed lot into stock."""
    lot = await lock(session, Lot, form.lot)
    check_passed(lot)
    return await book(session, lot, form.location, maker=maker, now=now)


def check_passed(lot: Lot) -> None:
    """Raises InQuarantine, NotInspected, InspectionFailed; what is received or returned already is told by `move`."""
    if lot.status == LotStatus.QUARANTINE:
        raise InQuarantine(no=lot.no)
    if lot.status == LotStatus.AWAITING_INSPECTION:
        raise NotInspected(no=lot.no)
    if lot.status == LotStatus.FAILED:
        raise InspectionFailed(no=lot.no)


async def override(session: AsyncSession, no: str, form: Override, *, by: Actor, now: datetime) -> Lot:
    """Take a lot into stock without a passed inspection; the manager is named for it (QUA-04)."""
    lot = await lock(session, Lot, no)
    if lot.status == LotStatus.PASSED:
        raise NothingToOverride(no=lot.no)
    await book(session, lot, form.location, maker=by, now=now, reason=form.reason)
    return lot


async def book(
    session: AsyncSession, lot: Lot, location: str, *, maker: Actor, now: datetime, reason: str = ""
) -> Receipt:
    """The lot is in stock; requisitions that waited for its item may be served now."""
    move(lot, LotStatus.RECEIVED)
    lot.remaining, lot.location, lot.received_at = lot.quantity, location, now
    arrived = await lots.count_in(session, lot)
    await stocktakes.expect(session, now)
    await stock.add(session, lot.item_code, lot.unit, lot.quantity, location, at=now)
    receipt = Receipt(
        no=await next_number(session, Receipt.code, now),
        order_no=lot.order_no,
        lot=lot.no,
        arrival_no=lot.arrival_no or "",
        item_code=lot.item_code,
        unit=lot.unit,
        quantity=lot.quantity,
        location=location,
        inspection_no=lot.inspection_no,
        override_by=maker.employee if reason else None,
        reason=reason,
        status=RecordedStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(receipt)
    await publish(session, received(receipt, lot, arrived))
    await requisitions.offer(session, {lot.item_code}, links.receipt(lot.no))
    return receipt


def received(receipt: Receipt, lot: Lot, arrived: tuple[DutyRef, ...]) -> GoodsReceived:
    """The receipt as a fact; of a lot that had failed it also says that its line has arrived after all."""
    return GoodsReceived(
        order_no=receipt.order_no,
        assignee=receipt.made_by,
        closes=(links.receipt(lot.no), *arrived),
        receipt_no=receipt.no,
        arrival_no=receipt.arrival_no,
        lot=lot.no,
        inspection_no=receipt.inspection_no,
        item_code=lot.item_code,
        unit=lot.unit,
        quantity=lot.quantity,
        requirement_no=lot.requirement_no,
        requirement_line_no=lot.requirement_line_no,
        location=receipt.location,
        override_by=receipt.override_by,
        received_by=receipt.made_by,
    )


async def give_back(session: AsyncSession, form: GoingBack, *, maker: Actor, now: datetime) -> ReturnNote:
    """Send a failed lot, or one that nobody ordered, back to its supplier."""
    lot = await lock(session, Lot, form.lot)
    mark_returned(lot)
    note = ReturnNote(
        no=await next_number(session, ReturnNote.code, now),
        order_no=lot.order_no,
        lot=lot.no,
        arrival_no=lot.arrival_no or "",
        supplier_code=lot.supplier_code or "",
        item_code=lot.item_code,
        quantity=lot.quantity,
        reason=form.reason,
        status=RecordedStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(note)
    await publish(session, returned(note))
    return note


def mark_returned(lot: Lot) -> None:
    if lot.status not in RETURNABLE:
        raise NotReturnable(no=lot.no, status=word(lot.status))
    if lot.disposition not in (None, Disposition.RETURN):
        raise DisposedOtherwise(no=lot.no, disposition=word(lot.disposition))
    move(lot, LotStatus.RETURNED)


def returned(note: ReturnNote) -> GoodsReturned:
    return GoodsReturned(
        order_no=note.order_no,
        assignee=note.made_by,
        return_note_no=note.no,
        arrival_no=note.arrival_no,
        lot=note.lot,
        supplier_code=note.supplier_code,
        item_code=note.item_code,
        quantity=note.quantity,
        reason=note.reason,
        returned_by=note.made_by,
    )
