"""Where does a compensation stand, in one sentence above its page, and what does the page show of it?"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.errors import shown
from chassis.language import Label, word
from chassis.sight import How, Look, purpose_of
from chassis.ui.details import looked_at
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from services.accountability.api import desk
from services.accountability.compensation.objections import may_object, waits
from services.accountability.models import Compensation, CompensationStatus

router = APIRouter(include_in_schema=False)
NOT_YET: tuple[object, ...] = ("", None, [], ())
BESIDE = (
    *("made_at", "notified_at", "objection_until", "objected_at"),
    *("objection_decided_at", "planned_at", "withdrawn_at", "sealed_at"),
)
"""Times stand in a column of their own."""

FOUND = Label(
    "已认定,等待人事书面通知;在此之前无须赔付。",
    "Found; it waits for HR's written notification. Until then nothing is payable.",
)
OPEN = Label(
    "已书面通知。当事人可在 {until} 前提出异议;在此之前不分期。",
    "Notified in writing. The person may object until {until}; nothing is taken before.",
)
OBJECTED = Label(
    "当事人已于 {at} 提出异议,等待没有经手的人事或总经理决定;在此之前不分期。",
    "The person objected at {at}. It waits for somebody in HR, or the general manager, who had no hand in it; nothing is taken "
    "before.",
)
DECIDED = Label("异议已于 {at} 决定:{outcome}。", "The objection was decided at {at}: {outcome}.")
UNCONTESTED = Label("已书面通知,没有异议。", "Notified in writing; nobody objected.")
PLANNED = Label(
    "分期计划见处罚单,只有人事和当事人看得到。", "Its record shows the instalments to HR and the person alone."
)
WITHDRAWN = Label("已撤销:{because}", "Withdrawn: {because}")


@router.get("/compensations/{no:path}")
async def show_compensation(request: Request, no: str, done: str = "") -> HTMLResponse:
    """The document with what is known of it so far; what is still to come takes no room."""
    async with visit(request, everybody=True) as seen:
        look = Look(How.PAGE, purpose_of(request))
        context = await looked_at(seen, desk, desk.shelf_of(Compensation), no, done, look)
    document: Compensation = context["document"]
    fields = [
        member
        for member in context["fields"]
        if member.name not in BESIDE and getattr(document, member.name) not in NOT_YET
    ]
    said = standing(document, open_=may_object(document, seen.now))
    return render(
        request, "compensation.html", seen, **{**context, "fields": fields, "standing": said, "times": BESIDE}
    )


def standing(one: Compensation, *, open_: bool) -> list[Label]:
    """Each sentence by itself; the first one heads the page."""
    if one.status == CompensationStatus.WITHDRAWN:
        return [WITHDRAWN.filled(because=one.withdrawn_because)]
    if one.status == CompensationStatus.FOUND:
        return [FOUND]
    if waits(one):
        return [OBJECTED.filled(at=shown(one.objected_at))]
    planned = [PLANNED] if one.planned_at else []
    if one.objection_decided_at:
        outcome = word(one.objection_outcome)
        return [DECIDED.filled(at=shown(one.objection_decided_at), outcome=outcome), *planned]
    return [OPEN.filled(until=shown(one.objection_until)) if open_ else UNCONTESTED, *planned]
