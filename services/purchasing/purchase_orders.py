"""What did we commit to buy, from whom, and was it bought by the rules?"""

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import move, next_number
from chassis.errors import Refusal, SelfApproval
from chassis.language import Label, word
from chassis.worklist import publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.purchasing import PurchaseLine, PurchaseOrderIssued
from services.purchasing import quotes, requirements, supplier_changes, suppliers
from services.purchasing.models import (
    Need,
    OrderedLine,
    PurchaseOrder,
    PurchaseOrderStatus,
    PurchaseRequest,
    RequestStatus,
    Supplier,
)
from services.purchasing.queries import buyers_of, needs_of, suppliers_of
from services.purchasing.requests import LinesTwice, NoSuchLine, clocks, items_of, let_go_of_asks, lock_with_list


class RequestUnapproved(Refusal):
    code, field = "request_unapproved", "request_no"
    message = Label(
        "申请 {no} 现在是“{status}”,没有批准就不能下单。请先取得批准。",
        "Request {no} is {status}; nothing is ordered without approval. Please get it approved first.",
    )


class OrderedAlready(Refusal):
    code, field = "ordered_already", "request_no"
    message = Label(
        "申请 {no} 已经下过订购单。请另交新申请。", "Request {no} was ordered already. Please submit a new one."
    )


class SupplierSwitched(Refusal):
    code, field = "supplier_switched", "supplier_code"
    message = Label(
        "申请 {no} 批准的供应商是 {approved},不是 {supplier}。请先请采购经理批准更换供应商。",
        "Request {no} was approved for supplier {approved}, not {supplier}. Please have the change approved first.",
    )


class LineLeftOut(Refusal):
    status, code, field = 422, "line_left_out", "lines"
    message = Label(
        "申请 {no} 的第 {line_no} 行没有填单价和承诺日期。请每行都填写。",
        "Line {line_no} of request {no} has no price and promised date. Please fill in every line.",
    )


class MoreThanApproved(Refusal):
    code, field = "more_than_approved", "lines"
    message = Label(
        "订购金额 {amount} 元超过批准的 {approved} 元。请按批准的报价下单,或另交新申请。",
        "CNY {amount} is more than the approved CNY {approved}. Please order at the approved quote, or ask anew.",
    )


class Price(Form):
    """What one line costs a unit in CNY, and for when the supplier promised it."""

    requirement_line_no: int = Field(ge=1)
    unit_price: Decimal = Field(gt=0, max_digits=18, decimal_places=4)
    promised_on: date


class Commitment(Form):
    """The approved request, its prices and promised dates. A blank supplier is the approved one."""

    request_no: str
    supplier_code: str = Field(default="", max_length=64)
    lines: tuple[Price, ...] = Field(min_length=1, max_length=200)
    terms: str = Field(default="", max_length=4000)


async def issue(session: AsyncSession, form: Commitment, *, maker: Actor, now: datetime) -> PurchaseOrder:
    """Commit to buy what was approved: from the approved supplier, at no more than the approved price."""
    request, requirement = await lock_with_list(session, form.request_no)
    supplier_code = form.supplier_code or request.supplier_code
    known = await suppliers_of(session, {supplier_code, *(quote.supplier_code for quote in request.quotes)})
    check_rules(request, supplier_code, known, maker=maker, now=now)
    needs = await needs_of(session, request.requirement_no)
    lines = priced(request, needs, form.lines, now)
    order = PurchaseOrder(
        no=await next_number(session, PurchaseOrder.code, now),
        order_no=request.order_no,
        requirement_no=request.requirement_no,
        request_no=request.no,
        line_no=request.line_no,
        supplier_code=supplier_code,
        lines=lines,
        quotes=request.quotes,
        exemption=request.exemption,
        amount=total(request, lines),
        terms=form.terms,
        status=PurchaseOrderStatus.ISSUED,
        made_by=maker.employee,
        made_at=now,
        approved_by=request.approved_by,
        approved_at=request.approved_at,
    )
    session.add(order)
    session.add_all(on_its_way(order.no, line) for line in lines)
    move(request, RequestStatus.ORDERED)
    whole = requirements.cover(requirement, needs)
    fact = stated(order, whole=whole, asked=let_go_of_asks(request), clocks=clocks(request))
    await publish(session, fact, *supplier_changes.approved_before(order, request))
    await name_buyers(session, order)
    return order


async def name_buyers(session: AsyncSession, order: PurchaseOrder) -> None:
    """The goods of a line are theirs to bring who ordered them (PUR-01); where several did, the post's."""
    for line_no in sorted({line.requirement_line_no for line in order.lines}):
        buyers = await buyers_of(session, order.requirement_no, line_no)
        assignee = order.made_by if buyers == {order.made_by} else None
        await worklist.assign(session, links.arrival(order.requirement_no, line_no), assignee)


def check_rules(
    request: PurchaseRequest, supplier_code: str, known: dict[str, Supplier], *, maker: Actor, now: datetime
) -> None:
    """Raises what a purchase order may not pass over: approval, supplier, quotes, a second pair of eyes."""
    if request.status == RequestStatus.ORDERED:
        raise OrderedAlready(no=request.no)
    if request.status != RequestStatus.APPROVED:
        raise RequestUnapproved(no=request.no, status=word(request.status))
    if maker.employee == request.approved_by:
        raise SelfApproval(employee=maker.employee, no=request.no)
    if supplier_code != request.supplier_code:
        raise SupplierSwitched(no=request.no, approved=request.supplier_code, supplier=supplier_code)
    suppliers.check_approved(supplier_code, known.get(supplier_code), items_of(request.lines), now)
    quotes.check_compared(request, known, now)


def priced(
    request: PurchaseRequest, needs: dict[int, Need], prices: tuple[Price, ...], now: datetime
) -> tuple[PurchaseLine, ...]:
    """Every requested line with its price and promise; what is ordered counts on the material list."""
    by_line = {price.requirement_line_no: price for price in prices}
    wanted = {line.requirement_line_no for line in request.lines}
    for price in prices:
        if price.requirement_line_no not in wanted:
            raise NoSuchLine(no=request.no, line_no=price.requirement_line_no)
        if by_line[price.requirement_line_no] is not price:
            raise LinesTwice(line_no=price.requirement_line_no)
        suppliers.not_passed(price.promised_on, now, field="lines")
    lines = []
    for line_no, line in enumerate(request.lines, start=1):
        if line.requirement_line_no not in by_line:
            raise LineLeftOut(no=request.no, line_no=line.requirement_line_no)
        need, price = needs[line.requirement_line_no], by_line[line.requirement_line_no]
        need.ordered += line.quantity
        lines.append(
            PurchaseLine(
                **line.model_dump(exclude={"requirement_line_no"}),
                line_no=line_no,
                requirement_no=request.requirement_no,
                requirement_line_no=line.requirement_line_no,
                unit_price=price.unit_price,
                required_on=need.required_on,
                promised_on=price.promised_on,
            )
        )
    return tuple(lines)


def total(request: PurchaseRequest, lines: tuple[PurchaseLine, ...]) -> Decimal:
    """What the order costs in CNY; raises MoreThanApproved."""
    amount = sum((line.quantity * line.unit_price for line in lines), Decimal(0)).quantize(Decimal("0.01"))
    if request.amount is None or amount > request.amount:
        raise MoreThanApproved(amount=amount, approved=request.amount)
    return amount


def on_its_way(purchase_order_no: str, line: PurchaseLine) -> OrderedLine:
    shared = line.model_dump(
        include={"line_no", "requirement_no", "requirement_line_no", "quantity", "required_on", "promised_on"}
    )
    return OrderedLine(purchase_order_no=purchase_order_no, **shared)


def stated(
    order: PurchaseOrder, *, whole: bool, asked: tuple[DutyRef, ...], clocks: tuple[DutyRef, ...]
) -> PurchaseOrderIssued:
    """The order as a fact; the one that covers the last short line fulfils the duty to order.

    What was `asked` for beside nobody need decide any more: the `clocks` that waited for it run on.
    """
    return PurchaseOrderIssued(
        order_no=order.order_no,
        assignee=order.made_by,
        closes=((links.purchase_order(order.requirement_no),) if whole else ()) + asked,
        resumes=clocks * len(asked),
        purchase_order_no=order.no,
        request_no=order.request_no,
        requirement_no=order.requirement_no,
        line_no=order.line_no,
        supplier_code=order.supplier_code,
        lines=order.lines,
        quotes=order.quotes,
        exemption=order.exemption,
        amount=order.amount,
        issued_by=order.made_by,
        approved_by=order.approved_by or "",
    )
