"""What does the buyer ask to buy, and who agrees to it?"""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form, Reason
from chassis.documents import different_person, find, lock, move, next_number
from chassis.errors import NotFound, Refusal
from chassis.language import Label, word
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.purchasing import AuthorityRefused, Quote, RequestApproved, RequestSubmitted
from services.purchasing import orders, suppliers
from services.purchasing.limits import GENERAL_MANAGER_ABOVE
from services.purchasing.models import Need, PurchaseRequest, RequestLine, RequestStatus, Requirement, RequirementStatus
from services.purchasing.queries import needs_of


class RequirementUnchecked(Refusal):
    code, field = "requirement_unchecked", "requirement_no"
    message = Label(
        "物料明细 {no} 还没有与物控核对。请先核对清单再申请采购。",
        "Material list {no} was not checked with material control yet. Please check it before asking to buy.",
    )


class NothingToBuy(Refusal):
    code, field = "nothing_to_buy", "requirement_no"
    message = Label(
        "物料明细 {no} 现在是“{status}”,没有要采购的物料。请核对单号。",
        "Material list {no} is {status}; nothing is to be bought from it. Please check the number.",
    )


class NoSuchLine(Refusal):
    status, code, field = 422, "no_such_line", "lines"
    message = Label(
        "{no} 没有待采购的第 {line_no} 行。请核对行号。", "{no} has no line {line_no} to buy. Please check the line."
    )


class LinesTwice(Refusal):
    status, code, field = 422, "lines_twice", "lines"
    message = Label(
        "第 {line_no} 行出现了两次。每行只填一次。", "Line {line_no} appears twice. Please give each line once."
    )


class MoreThanShort(Refusal):
    code, field = "more_than_short", "lines"
    message = Label(
        "第 {line_no} 行还可申请 {left},不能申请 {quantity}。请减少数量,或请计划另发清单。",
        "{left} of line {line_no} may still be requested; {quantity} is more. Please ask for less, or for a new list.",
    )


class PriceUnknown(Refusal):
    code = "price_unknown"
    message = Label(
        "申请 {no} 还没有供应商 {supplier} 的报价,审批人看不到金额。请先登记报价。",
        "Request {no} has no quote of supplier {supplier}, so nobody sees what is agreed to. Please record it first.",
    )


class GeneralManagerNeeded(Refusal):
    status, code = 403, "general_manager_needed"
    message = Label(
        "申请 {no} 金额 {amount} 元,超过 {limit} 元,须由总经理批准。请转总经理。",
        "Request {no} is for CNY {amount}; above CNY {limit} the general manager decides. Please pass it on to them.",
    )


class RequestClosed(Refusal):
    code = "request_closed"
    message = Label(
        "申请 {no} 现在是“{status}”,不能再更改。请另交新申请。",
        "Request {no} is {status} and cannot be changed. Please submit a new one.",
    )


class Wish(Form):
    """One line of the material list to buy; blank means all that nobody asked for yet."""

    requirement_line_no: int = Field(ge=1)
    quantity: Decimal | None = Field(default=None, gt=0, max_digits=18, decimal_places=6)


class Offer(Form):
    """What a supplier asks: CNY for the whole request, and calendar days to the gate."""

    supplier_code: str = Field(min_length=1, max_length=64)
    amount: Decimal = Field(gt=0, max_digits=18, decimal_places=4)
    lead_time_days: int = Field(ge=0, le=999)


class Request(Form):
    """What to buy from which supplier; quotes already at hand may come with it."""

    requirement_no: str
    lines: tuple[Wish, ...] = Field(min_length=1, max_length=200)
    supplier_code: str = Field(min_length=1, max_length=64)
    quotes: tuple[Offer, ...] = Field(default=(), max_length=20)
    remark: str = Field(default="", max_length=4000)


async def submit(session: AsyncSession, form: Request, *, maker: Actor, now: datetime) -> PurchaseRequest:
    """Ask to buy; the buyer's clock rests while the approver's runs."""
    requirement = await orders.lock_alive(session, Requirement, form.requirement_no)
    check_buyable(requirement)
    lines = take_lines(requirement, await needs_of(session, requirement.no), form.lines)
    for code in [form.supplier_code, *(quote.supplier_code for quote in form.quotes)]:
        await suppliers.approved(session, code, items_of(lines), now)
    quotes = tuple(Quote(**quote.model_dump()) for quote in form.quotes)
    request = PurchaseRequest(
        **form.model_dump(include={"requirement_no", "supplier_code", "remark"}),
        no=await next_number(session, PurchaseRequest.code, now),
        order_no=requirement.order_no,
        line_no=requirement.line_no,
        lines=lines,
        quotes=quotes,
        amount=quoted(quotes, form.supplier_code),
        status=RequestStatus.SUBMITTED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(request)
    await publish(session, submitted(request), waits_for=links.request_approval(request.no))
    await worklist.deliver(session, approval_of(request))
    return request


def check_buyable(requirement: Requirement) -> None:
    """Raises RequirementUnchecked, NothingToBuy."""
    if requirement.status == RequirementStatus.ISSUED:
        raise RequirementUnchecked(no=requirement.no)
    if requirement.status != RequirementStatus.CHECKED:
        raise NothingToBuy(no=requirement.no, status=word(requirement.status))


def take_lines(requirement: Requirement, needs: dict[int, Need], wishes: tuple[Wish, ...]) -> tuple[RequestLine, ...]:
    """The wished lines, taken out of what is still to be requested."""
    known = {line.line_no: line for line in requirement.lines}
    lines: dict[int, RequestLine] = {}
    for wish in wishes:
        need = needs.get(wish.requirement_line_no)
        if need is None:
            raise NoSuchLine(no=requirement.no, line_no=wish.requirement_line_no)
        if need.line_no in lines:
            raise LinesTwice(line_no=need.line_no)
        left = need.short - need.requested
        quantity = wish.quantity or left
        if quantity > left or left <= 0:
            raise MoreThanShort(line_no=need.line_no, left=left, quantity=quantity)
        need.requested += quantity
        shared = known[need.line_no].model_dump(include={"item_code", "description", "unit", "lead_time_days"})
        lines[need.line_no] = RequestLine(requirement_line_no=need.line_no, quantity=quantity, **shared)
    return tuple(lines.values())


def items_of(lines: tuple[RequestLine, ...]) -> list[str]:
    return [line.item_code for line in lines]


def quoted(quotes: tuple[Quote, ...], supplier_code: str) -> Decimal | None:
    """What this supplier asks for the whole request, if they were asked."""
    return next((quote.amount for quote in quotes if quote.supplier_code == supplier_code), None)


def submitted(request: PurchaseRequest) -> RequestSubmitted:
    return RequestSubmitted(
        order_no=request.order_no,
        assignee=request.made_by,
        pauses=clocks(request),
        request_no=request.no,
        requirement_no=request.requirement_no,
        line_no=request.line_no,
        submitted_by=request.made_by,
    )


def approval_of(request: PurchaseRequest) -> Handover:
    return Handover(
        links.request_approval(request.no),
        approver_of(request.amount),
        request.order_no,
        request.line_no,
        document_no=request.no,
        inputs=clocks(request),
    )


def approver_of(amount: Decimal | None) -> str:
    """Which post decides on this much money (CNY)."""
    return "general_manager" if amount is not None and amount > GENERAL_MANAGER_ABOVE else "purchasing_manager"


async def approve(session: AsyncSession, no: str, *, by: Actor, now: datetime) -> PurchaseRequest:
    """Agree to buy from the supplier that the request names."""
    request, _ = await lock_with_list(session, no)
    await publish(session, mark_approved(request, by=by, now=now))
    return request


def mark_approved(request: PurchaseRequest, *, by: Actor, now: datetime) -> RequestApproved:
    """Move to APPROVED. Two people stand behind every purchase, and large ones are the general manager's."""
    different_person(request, by.employee)
    check_amount(request, request.amount, by)
    move(request, RequestStatus.APPROVED)
    request.approved_by, request.approved_at = by.employee, now
    return RequestApproved(
        order_no=request.order_no,
        assignee=by.employee,
        closes=(links.request_approval(request.no),),
        resumes=clocks(request),
        request_no=request.no,
        requirement_no=request.requirement_no,
        line_no=request.line_no,
        approved_by=by.employee,
    )


def check_amount(request: PurchaseRequest, amount: Decimal | None, by: Actor) -> None:
    """Raises PriceUnknown, GeneralManagerNeeded."""
    if amount is None:
        raise PriceUnknown(no=request.no, supplier=request.supplier_code)
    if approver_of(amount) == "general_manager" != by.post:
        raise GeneralManagerNeeded(no=request.no, amount=amount, limit=GENERAL_MANAGER_ABOVE)


async def refuse(session: AsyncSession, no: str, form: Reason, *, by: Actor) -> PurchaseRequest:
    """Say no with a reason: refusing what must be refused is a duty fulfilled. The buyer may ask anew."""
    request, _ = await lock_with_list(session, no)
    needs = await needs_of(session, request.requirement_no)
    await publish(session, mark_refused(request, needs, form.reason, by=by))
    return request


def mark_refused(request: PurchaseRequest, needs: dict[int, Need], reason: str, *, by: Actor) -> AuthorityRefused:
    different_person(request, by.employee)
    move(request, RequestStatus.REJECTED)
    request.rejection = reason
    asked = let_go_of_asks(request)
    for line in request.lines:
        needs[line.requirement_line_no].requested -= line.quantity
    return AuthorityRefused(
        order_no=request.order_no,
        assignee=by.employee,
        closes=(links.request_approval(request.no), *asked),
        resumes=clocks(request) * (1 + len(asked)),
        document_no=request.no,
        authority="refuse_request",
        reason=reason,
        refused_by=by.employee,
    )


def let_go_of_asks(request: PurchaseRequest) -> tuple[DutyRef, ...]:
    """What was asked for beside and is decided with this; each of them had stopped the buyer's clocks once."""
    asked: tuple[DutyRef, ...] = (links.quote_exemption(request.no),) if request.exemption_wanted else ()
    asked += (links.supplier_change(request.no),) if request.supplier_wanted else ()
    request.exemption_wanted, request.supplier_wanted, request.supplier_wanted_because = "", None, ""
    return asked


def clocks(request: PurchaseRequest) -> tuple[DutyRef, ...]:
    """The buyer's clocks that rest while something of this request waits for a decision, and run on once it is made.

    What has not been agreed to cannot arrive: each request stops the arrival of its own lines (PUR-01), and the purchase order
    of the whole list. The judge counts what stops a clock: it runs on with the last decision.
    """
    arrivals = (links.arrival(request.requirement_no, line.requirement_line_no) for line in request.lines)
    return (links.purchase_order(request.requirement_no), *arrivals)


async def lock_with_list(session: AsyncSession, no: str) -> tuple[PurchaseRequest, Requirement]:
    """The request and its material list, both locked, the list first as everywhere; raises NotFound, OrderGivenUp."""
    seen = await find(session, PurchaseRequest, no)
    if seen is None:
        raise NotFound(kind=PurchaseRequest.title, no=no)
    requirement = await orders.lock_alive(session, Requirement, seen.requirement_no)
    return await lock(session, PurchaseRequest, no), requirement
