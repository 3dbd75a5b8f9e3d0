"""Were at least three approved suppliers asked, or was it recorded why not?"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.errors import Refusal
from chassis.language import Label, word
from contracts import links
from contracts.purchasing import Quote
from services.purchasing import orders, suppliers
from services.purchasing.limits import QUOTES_REQUIRED
from services.purchasing.models import PurchaseRequest, RequestStatus, Supplier
from services.purchasing.requests import Offer, RequestClosed, approver_of, items_of, quoted

OPEN = frozenset({RequestStatus.SUBMITTED, RequestStatus.APPROVED})


class QuotesMissing(Refusal):
    code = "quotes_missing"
    message = Label(
        "申请 {no} 只有 {count} 家合格供应商报价,至少要 {wanted} 家。请补登报价,或请采购经理说明理由豁免。",
        "Request {no} has {count} quotes from approved suppliers, {wanted} are needed. "
        "Please record more, or have the purchasing manager exempt it with a reason.",
    )


class QuotedAlready(Refusal):
    code, field = "quoted_already", "supplier_code"
    message = Label(
        "申请 {no} 已按供应商 {supplier} 的报价批准,不能再改。请另交新申请。",
        "Request {no} was approved on the quote of {supplier}, which cannot change now. Please submit a new request.",
    )


async def record(session: AsyncSession, no: str, form: Offer, *, now: datetime) -> PurchaseRequest:
    """Write down what a supplier asks; until the approval a supplier's later quote replaces their earlier one."""
    request = await orders.lock_alive(session, PurchaseRequest, no)
    check_open(request)
    await suppliers.approved(session, form.supplier_code, items_of(request.lines), now)
    add(request, Quote(**form.model_dump()))
    if request.status == RequestStatus.SUBMITTED:
        await worklist.reassign(session, links.request_approval(no), approver_of(request.amount))
    return request


def add(request: PurchaseRequest, quote: Quote) -> None:
    others = tuple(each for each in request.quotes if each.supplier_code != quote.supplier_code)
    if request.status == RequestStatus.APPROVED and len(others) < len(request.quotes):
        raise QuotedAlready(no=request.no, supplier=quote.supplier_code)
    request.quotes = (*others, quote)
    request.amount = quoted(request.quotes, request.supplier_code)


def check_open(request: PurchaseRequest) -> None:
    """Raises RequestClosed."""
    if request.status not in OPEN:
        raise RequestClosed(no=request.no, status=word(request.status))


def too_few(quotes: tuple[Quote, ...], exemption: str) -> bool:
    """Whether these quotes make no comparison and nobody said why that is enough."""
    return not exemption and len({quote.supplier_code for quote in quotes}) < QUOTES_REQUIRED


def check_compared(request: PurchaseRequest, known: dict[str, Supplier], now: datetime) -> None:
    """Raises QuotesMissing; a quote counts while its supplier is approved."""
    items = items_of(request.lines)
    counted = tuple(
        quote
        for quote in request.quotes
        if suppliers.is_approved(quote.supplier_code, known.get(quote.supplier_code), items, now)
    )
    if too_few(counted, request.exemption):
        raise QuotesMissing(no=request.no, count=len(counted), wanted=QUOTES_REQUIRED)
