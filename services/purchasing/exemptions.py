"""May a purchase do without three quotes, and who said so? The buyer asks, the purchasing manager decides."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Reason
from chassis.documents import different_person
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import Person
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.purchasing import AuthorityRefused, ExemptionRequested, QuoteExempted
from services.purchasing import orders
from services.purchasing.models import PurchaseRequest
from services.purchasing.quotes import check_open, too_few
from services.purchasing.requests import clocks

ASKED_BECAUSE = Label("采购员申请的理由", "Why the buyer asks for it")


class NotNeeded(Refusal):
    code = "exemption_not_needed"
    message = Label(
        "申请 {no} 已有足够报价或已获豁免,不用再申请。请直接办理。",
        "Request {no} has enough quotes or is exempted already. Please go on with it.",
    )


class AskedAlready(Refusal):
    code = "asked_already"
    message = Label(
        "{no} 已经申请过,还没有决定。请等待审批。", "It was asked for {no} already and is not decided yet. Please wait."
    )


class NotAsked(Refusal):
    code = "not_asked"
    message = Label(
        "{no} 没有待决定的申请。请核对单号。",
        "Nothing is asked for {no} that waits for a decision. Please check the number.",
    )


class Decision(Reason):
    """Why fewer quotes are enough, or are not."""

    @classmethod
    def about(cls, document: Any) -> Sequence[tuple[Label, str]]:
        return [(ASKED_BECAUSE, document.exemption_wanted)] if document.exemption_wanted else []


def can_be_asked(request: PurchaseRequest, person: Person) -> bool:
    return not request.exemption_wanted and too_few(request.quotes, request.exemption)


def is_asked(request: PurchaseRequest, person: Person) -> bool:
    return bool(request.exemption_wanted)


async def ask(session: AsyncSession, no: str, form: Reason, *, by: Actor) -> PurchaseRequest:
    """Ask that fewer quotes be enough; the buyer's clock rests while the manager's runs."""
    request = await orders.lock_alive(session, PurchaseRequest, no)
    await publish(session, mark_asked(request, form.reason, by=by), waits_for=links.quote_exemption(no))
    approval = Handover(
        links.quote_exemption(no),
        "purchasing_manager",
        request.order_no,
        request.line_no,
        document_no=no,
        inputs=clocks(request),
    )
    await worklist.deliver(session, approval)
    return request


def mark_asked(request: PurchaseRequest, reason: str, *, by: Actor) -> ExemptionRequested:
    check_open(request)
    if request.exemption_wanted:
        raise AskedAlready(no=request.no)
    if not too_few(request.quotes, request.exemption):
        raise NotNeeded(no=request.no)
    request.exemption_wanted = reason
    return ExemptionRequested(
        order_no=request.order_no,
        assignee=by.employee,
        pauses=clocks(request),
        request_no=request.no,
        requirement_no=request.requirement_no,
        line_no=request.line_no,
        reason=reason,
        requested_by=by.employee,
    )


async def grant(session: AsyncSession, no: str, form: Decision, *, by: Actor) -> PurchaseRequest:
    """Fewer quotes are enough here, for a recorded reason, asked for or not; never on the maker's own word."""
    request = await orders.lock_alive(session, PurchaseRequest, no)
    await publish(session, mark_exempted(request, form.reason, by=by))
    return request


def mark_exempted(request: PurchaseRequest, reason: str, *, by: Actor) -> QuoteExempted:
    check_open(request)
    different_person(request, by.employee)
    asked, request.exemption_wanted = bool(request.exemption_wanted), ""
    request.exemption, request.exempted_by = reason, by.employee
    return QuoteExempted(
        order_no=request.order_no,
        assignee=by.employee,
        closes=(links.quote_exemption(request.no),) if asked else (),
        resumes=clocks(request) if asked else (),
        request_no=request.no,
        reason=reason,
        exempted_by=by.employee,
    )


async def refuse(session: AsyncSession, no: str, form: Decision, *, by: Actor) -> PurchaseRequest:
    """The suppliers have to be asked after all; the buyer's clock runs on."""
    request = await orders.lock_alive(session, PurchaseRequest, no)
    await publish(session, mark_refused(request, form.reason, by=by))
    return request


def mark_refused(request: PurchaseRequest, reason: str, *, by: Actor) -> AuthorityRefused:
    if not request.exemption_wanted:
        raise NotAsked(no=request.no)
    different_person(request, by.employee)
    request.exemption_wanted = ""
    return AuthorityRefused(
        order_no=request.order_no,
        assignee=by.employee,
        closes=(links.quote_exemption(request.no),),
        resumes=clocks(request),
        document_no=request.no,
        authority="refuse_exemption",
        reason=reason,
        refused_by=by.employee,
    )
