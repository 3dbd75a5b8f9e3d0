"""What becomes of nonconforming goods, and who agreed that they may be used as they are?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import striking, worklist
from chassis.desk import Form
from chassis.documents import lock, move
from chassis.errors import Refusal, SelfApproval
from chassis.language import Label
from chassis.worklist import Handover, publish
from contracts import links, quality
from contracts.event import Actor, DutyRef
from contracts.quality import AuthorityRefused, ConcessionRequested, DispositionDecided, DispositionOvertaken
from services.quality import final, incoming, outgoing
from services.quality.inspections import accept_by_concession, inspect_again, sent_back
from services.quality.models import Disposition, DispositionStatus, IncomingInspection, InspectionDocument, Stage
from services.quality.queries import find_order

LOOKS = {Stage.INCOMING: incoming.LOOK, Stage.FINAL: final.LOOK, Stage.OUTGOING: outgoing.LOOK}

CAME_BACK = Label(
    "货已由车间返工,按返工后的检验办理",
    "the goods came back reworked; the inspection after that decides",
)


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


class Overtaken(Refusal):
    code = "overtaken"
    message = Label(
        "{no} 的货已由车间返工({by}),不必再处置。请按返工后的检验结果办理;再不合格的,另有新的不良品处理表。",
        "The goods of {no} came back reworked ({by}), so nothing is decided on it any more. Please go by the inspection after "
        "the rework; if they fail it, they have a form of their own.",
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
    document = await undecided(session, no)
    mark_submitted(document, form, by=by, now=now)
    if form.disposition == quality.Disposition.CONCESSION:
        await hand_over(session, document, by=by)
    else:
        await publish(session, mark_decided(document, by=by))
    if form.disposition == quality.Disposition.REWORK:
        await look_again(session, document)
    return document


async def undecided(session: AsyncSession, no: str) -> Disposition:
    """The form, locked; raises Overtaken where its goods came back reworked since."""
    document = await lock(session, Disposition, no)
    check_current(document, document.overtaken_by is None)
    return document


def check_current(document: Disposition, current: bool) -> None:
    """Raises Overtaken."""
    if not current:
        raise Overtaken(no=document.no, by=document.overtaken_by)


async def hand_over(session: AsyncSession, document: Disposition, *, by: Actor) -> None:
    """The quality manager owes the answer, or the general manager owes it to them.

    Until it is given, the clocks of who would have to begin again stand still.
    """
    failed, duty = await failure(session, document), links.concession(document.no)
    resting = await waiting(session, failed)
    fact = ConcessionRequested(
        order_no=document.order_no,
        assignee=by.employee,
        pauses=resting,
        disposition_no=document.no,
        inspection_no=document.inspection_no,
        lot=document.lot,
        item_code=document.item_code,
        quantity=document.quantity,
        defect=document.defect,
        requested_by=by.employee,
    )
    await publish(session, fact, waits_for=duty)
    line_no = getattr(failed, LOOKS[Stage(document.stage)].document.line_column)
    inputs = (LOOKS[Stage(document.stage)].handover(failed).duty, *resting)
    post = "general_manager" if by.post == "quality_manager" else "quality_manager"
    approval = Handover(duty, post, document.order_no, line_no, document_no=document.no, inputs=inputs)
    await worklist.deliver(session, approval)


async def failure(session: AsyncSession, document: Disposition) -> InspectionDocument:
    """The inspection that the goods failed."""
    return await lock(session, LOOKS[Stage(document.stage)].document, document.inspection_no)


async def waiting(session: AsyncSession, failed: InspectionDocument) -> tuple[DutyRef, ...]:
    """Who would have to begin again: the team that made the goods, or the buyer of what was bought for an order."""
    if isinstance(failed, IncomingInspection):
        number, line_no = failed.requirement_no, failed.requirement_line_no
        return (links.arrival(number, line_no),) if number and line_no is not None else ()
    return await sent_back(session, failed)


async def decided(session: AsyncSession, document: Disposition) -> dict[str, tuple[DutyRef, ...]]:
    """The manager's handover that an answer closes, and the clocks that run on."""
    resumes = await waiting(session, await failure(session, document))
    return {"closes": (links.concession(document.no),), "resumes": resumes}


def mark_submitted(document: Disposition, form: Decision, *, by: Actor, now: datetime) -> None:
    if form.disposition == quality.Disposition.RETURN and document.stage != Stage.INCOMING:
        raise NothingToReturn(no=document.no)
    if not (form.defect or document.defect):
        raise DefectMissing(no=document.no)
    move(document, DispositionStatus.SUBMITTED)
    document.disposition, document.defect = form.disposition, form.defect or document.defect
    document.remark, document.decided_by, document.decided_at = form.remark, by.employee, now


def mark_decided(document: Disposition, *, by: Actor, **answered: tuple[DutyRef, ...]) -> DispositionDecided:
    """Move to DECIDED; for a concession it is whoever granted it that decided, and `answered` what waited for it."""
    move(document, DispositionStatus.DECIDED)
    return DispositionDecided(
        order_no=document.order_no,
        **answered,
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
    document = await undecided(session, no)
    mark_granted(document, form, by=by, now=now)
    await publish(session, mark_decided(document, by=by, **await decided(session, document)))
    failed = await failure(session, document)
    await accept_by_concession(session, LOOKS[Stage(document.stage)], failed, no, by=by, now=now)
    return document


def mark_granted(document: Disposition, form: Remark, *, by: Actor, now: datetime) -> None:
    """Write down who agreed. Neither the inspector who failed the goods nor whoever asked for it may."""
    if by.employee in (document.made_by, document.decided_by):
        raise SelfApproval(employee=by.employee, no=document.no)
    document.approved_by, document.approved_at, document.remark = by.employee, now, form.remark


async def decline(session: AsyncSession, no: str, form: Remark, *, by: Actor) -> Disposition:
    """The goods may not be used as they are; something else has to become of them, and who waited goes on."""
    document = await lock(session, Disposition, no)
    check_current(document, document.status != DispositionStatus.OVERTAKEN)
    answered = await decided(session, document)
    await publish(session, mark_declined(document, form.remark, by=by, **answered))
    return document


async def overtake(session: AsyncSession, document: Disposition, by: str) -> None:
    """The goods came back reworked. A concession that was asked for is not answered any more, and whoever waited goes on."""
    answered = await decided(session, document) if document.status == DispositionStatus.SUBMITTED else {}
    await striking.strike(session, answered.get("closes", ()), CAME_BACK)
    await publish(session, mark_overtaken(document, by, **answered))


def mark_overtaken(document: Disposition, by: str, **answered: tuple[DutyRef, ...]) -> DispositionOvertaken:
    """Move to OVERTAKEN by the inspection that looks at the reworked goods."""
    move(document, DispositionStatus.OVERTAKEN)
    document.overtaken_by = by
    return DispositionOvertaken(
        order_no=document.order_no,
        **answered,
        disposition_no=document.no,
        inspection_no=document.inspection_no,
        overtaken_by=by,
    )


def mark_declined(
    document: Disposition, reason: str, *, by: Actor, **answered: tuple[DutyRef, ...]
) -> AuthorityRefused:
    move(document, DispositionStatus.OVERTAKEN if document.overtaken_by else DispositionStatus.OPEN)
    document.disposition, document.remark = None, reason
    return AuthorityRefused(
        order_no=document.order_no,
        assignee=by.employee,
        **answered,
        document_no=document.no,
        authority="refuse_concession",
        reason=reason,
        refused_by=by.employee,
    )
