"""What becomes of nonconforming goods, and who agreed that they may be used as they are?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import lock, move
from chassis.errors import Refusal, SelfApproval
from chassis.language import Label
from chassis.worklist import publish
from contracts import quality
from contracts.event import Actor
from contracts.quality import DispositionDecided
from services.quality import final, incoming, outgoing
from services.quality.inspections import accept_by_concession, inspect_again
from services.quality.models import Disposition, DispositionStatus, Stage
from services.quality.queries import find_order

LOOKS = {Stage.INCOMING: incoming.LOOK, Stage.FINAL: final.LOOK, Stage.OUTGOING: outgoing.LOOK}


class NothingToReturn(Refusal):
    status, code, field = 422, "nothing_to_return", "disposition"
    message = Label(
        "{no} 是自制成品,不能退供应商。请改判返工、报废或特采。",
        "{no} is about goods of our own make, which no supplier takes back. Please choose rework, scrap or concession.",
    )


class DefectMissing(Refusal):
    status, code, field = 422, "defect_missing", "defect"
    message = Label(
        "{no} 还没有写明缺陷。请填写缺陷。", "{no} does not say yet what is wrong. Please fill in the defect."
    )


class Decision(Form):
    """What becomes of the goods; a blank defect is the one that the inspection named."""

    disposition: quality.Disposition
    defect: str = Field(default="", max_length=4000)
    remark: str = Field(default="", max_length=4000)


class Remark(Form):
    """Why."""

    remark: str = Field(min_length=1, max_length=4000)


async def decide(session: AsyncSession, no: str, form: Decision, *, by: Actor, now: datetime) -> Disposition:
    """Decide on the goods. A concession is only asked for here; somebody who had no part in it grants it."""
    document = await lock(session, Disposition, no)
    mark_submitted(document, form, by=by, now=now)
    if form.disposition != quality.Disposition.CONCESSION:
        await publish(session, mark_decided(document, by=by))
    if form.disposition == quality.Disposition.REWORK:
        await look_again(session, document)
    return document


def mark_submitted(document: Disposition, form: Decision, *, by: Actor, now: datetime) -> None:
    if form.disposition == quality.Disposition.RETURN and document.stage != Stage.INCOMING:
        raise NothingToReturn(no=document.no)
    if not (form.defect or document.defect):
        raise DefectMissing(no=document.no)
    move(document, DispositionStatus.SUBMITTED)
    document.disposition, document.defect = form.disposition, form.defect or document.defect
    document.remark, document.decided_by, document.decided_at = form.remark, by.employee, now


def mark_decided(document: Disposition, *, by: Actor) -> DispositionDecided:
    """Move to DECIDED; for a concession it is whoever granted it that decided."""
    move(document, DispositionStatus.DECIDED)
    return DispositionDecided(
        order_no=document.order_no,
        disposition_no=document.no,
        inspection_no=document.inspection_no,
        lot=document.lot,
        item_code=document.item_code,
        quantity=document.quantity,
        defect=document.defect,
        disposition=quality.Disposition(document.disposition or ""),
        decided_by=by.employee,
    )


async def look_again(session: AsyncSession, document: Disposition) -> None:
    """Reworked material is inspected anew; goods of our own make come back by the workshop's own report."""
    order = await find_order(session, document.order_no or "")
    if document.stage != Stage.INCOMING or (order is not None and order.cancelled):
        return
    look = incoming.LOOK
    await inspect_again(session, look, await lock(session, look.document, document.inspection_no))


async def grant(session: AsyncSession, no: str, form: Remark, *, by: Actor, now: datetime) -> Disposition:
    """Let nonconforming goods be used as they are (特采), and say to everybody that they passed by this concession."""
    document = await lock(session, Disposition, no)
    mark_granted(document, form, by=by, now=now)
    await publish(session, mark_decided(document, by=by))
    look = LOOKS[Stage(document.stage)]
    failed = await lock(session, look.document, document.inspection_no)
    await accept_by_concession(session, look, failed, no, by=by, now=now)
    return document


def mark_granted(document: Disposition, form: Remark, *, by: Actor, now: datetime) -> None:
    """Write down who agreed. Neither the inspector who failed the goods nor whoever asked for it may."""
    if by.employee in (document.made_by, document.decided_by):
        raise SelfApproval(employee=by.employee, no=document.no)
    document.approved_by, document.approved_at, document.remark = by.employee, now, form.remark


async def decline(session: AsyncSession, no: str, form: Remark) -> Disposition:
    """The goods may not be used as they are; something else has to become of them."""
    document = await lock(session, Disposition, no)
    move(document, DispositionStatus.OPEN)
    document.disposition, document.remark = None, form.remark
    return document
