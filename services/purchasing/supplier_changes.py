"""Who agreed that somebody else delivers than was approved (PUR-04)?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Reason
from chassis.documents import different_person
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.people import Person
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.purchasing import (
    AuthorityRefused,
    SupplierChangeAgreed,
    SupplierChangeApproved,
    SupplierChangeRequested,
)
from services.purchasing import orders, suppliers
from services.purchasing.exemptions import ASKED_BECAUSE, AskedAlready, NotAsked
from services.purchasing.models import PurchaseOrder, PurchaseOrderStatus, PurchaseRequest, RequestStatus
from services.purchasing.requests import (
    PriceUnknown,
    RequestClosed,
    approver_of,
    check_amount,
    clocks,
    items_of,
    quoted,
)

Asking = PurchaseRequest | PurchaseOrder
WANTED = Label("采购员申请改用", "The buyer asks for")


class SupplierSame(Refusal):
    code, field = "supplier_same", "supplier_code"
    message = Label(
        "供应商 {supplier} 本来就可以交付 {no}。请核对供应商。",
        "Supplier {supplier} may deliver {no} already. Please check the supplier.",
    )


class NothingOutstanding(Refusal):
    code = "nothing_outstanding"
    message = Label(
        "订购单 {no} 现在是“{status}”,没有要等的货。请核对单号。",
        "Purchase order {no} is {status}; nothing of it is outstanding. Please check the number.",
    )


class Wish(Reason):
    """Which other supplier shall deliver, and why."""

    supplier_code: str = Field(min_length=1, max_length=64)


class Change(Wish):
    """The same, decided."""

    @classmethod
    def about(cls, document: Any) -> Sequence[tuple[Label, str]]:
        return wished(document)


class Refused(Reason):
    """Why it stays with the approved supplier."""

    @classmethod
    def about(cls, document: Any) -> Sequence[tuple[Label, str]]:
        return wished(document)


def wished(document: Asking) -> Sequence[tuple[Label, str]]:
    """What the buyer asked for, before whoever decides."""
    if document.supplier_wanted is None:
        return []
    return [(WANTED, document.supplier_wanted), (ASKED_BECAUSE, document.supplier_wanted_because)]


def is_asked(document: Asking, person: Person) -> bool:
    return document.supplier_wanted is not None


def is_not_asked(document: Asking, person: Person) -> bool:
    return document.supplier_wanted is None


async def ask_to_switch(session: AsyncSession, no: str, form: Wish, *, by: Actor, now: datetime) -> PurchaseRequest:
    """Ask that an approved request be ordered from somebody else; the buyer's clock rests meanwhile."""
    request = await orders.lock_alive(session, PurchaseRequest, no)
    await suppliers.approved(session, form.supplier_code, items_of(request.lines), now)
    amount = switchable(request, form.supplier_code)
    await hand_over(session, request, form, clocks(request), approver_of(amount), by=by)
    return request


async def ask_for_another(session: AsyncSession, no: str, form: Wish, *, by: Actor, now: datetime) -> PurchaseOrder:
    """Ask that another supplier deliver what is ordered already; its goods cannot come before that is decided."""
    order = await orders.lock_alive(session, PurchaseOrder, no)
    await suppliers.approved(session, form.supplier_code, [line.item_code for line in order.lines], now)
    check_outstanding(order, form.supplier_code)
    await hand_over(session, order, form, arrivals(order), approver_of(order.amount), by=by)
    return order


async def hand_over(
    session: AsyncSession, document: Asking, form: Wish, resting: tuple[DutyRef, ...], post: str, *, by: Actor
) -> None:
    if document.supplier_wanted is not None:
        raise AskedAlready(no=document.no)
    document.supplier_wanted, document.supplier_wanted_because = form.supplier_code, form.reason
    duty = links.supplier_change(document.no)
    fact = SupplierChangeRequested(
        order_no=document.order_no,
        assignee=by.employee,
        pauses=resting,
        document_no=document.no,
        requirement_no=document.requirement_no,
        line_no=document.line_no,
        from_supplier=document.supplier_code,
        to_supplier=form.supplier_code,
        reason=form.reason,
        requested_by=by.employee,
    )
    await publish(session, fact, waits_for=duty)
    approval = Handover(duty, post, document.order_no, document.line_no, document_no=document.no, inputs=resting)
    await worklist.deliver(session, approval)


def decided(document: Asking, resting: tuple[DutyRef, ...]) -> dict[str, tuple[DutyRef, ...]]:
    """The approver's handover that a decision closes, and the buyer's clocks that run on, where it was asked for."""
    asked = document.supplier_wanted is not None
    document.supplier_wanted, document.supplier_wanted_because = None, ""
    return {"closes": (links.supplier_change(document.no),), "resumes": resting} if asked else {}


def arrivals(order: PurchaseOrder) -> tuple[DutyRef, ...]:
    """What cannot come while it is open who delivers."""
    lines = sorted({line.requirement_line_no for line in order.lines})
    return tuple(links.arrival(order.requirement_no, line_no) for line_no in lines)


async def refuse_to_switch(session: AsyncSession, no: str, form: Refused, *, by: Actor) -> PurchaseRequest:
    request = await orders.lock_alive(session, PurchaseRequest, no)
    await publish(session, mark_refused(request, form.reason, clocks(request), by=by))
    return request


async def refuse(session: AsyncSession, no: str, form: Refused, *, by: Actor) -> PurchaseOrder:
    order = await orders.lock_alive(session, PurchaseOrder, no)
    await publish(session, mark_refused(order, form.reason, arrivals(order), by=by))
    return order


def mark_refused(document: Asking, reason: str, resting: tuple[DutyRef, ...], *, by: Actor) -> AuthorityRefused:
    """It stays with the approved supplier; the buyer's clock runs on."""
    if document.supplier_wanted is None:
        raise NotAsked(no=document.no)
    different_person(document, by.employee)
    return AuthorityRefused(
        order_no=document.order_no,
        assignee=by.employee,
        **decided(document, resting),
        document_no=document.no,
        authority="refuse_supplier_change",
        reason=reason,
        refused_by=by.employee,
    )


async def agree(session: AsyncSession, no: str, form: Change, *, by: Actor, now: datetime) -> PurchaseRequest:
    """Let an approved request be ordered from somebody else; the change is stated once more with the order."""
    request = await orders.lock_alive(session, PurchaseRequest, no)
    await suppliers.approved(session, form.supplier_code, items_of(request.lines), now)
    await publish(session, switch(request, form, by=by))
    return request


def switch(request: PurchaseRequest, form: Change, *, by: Actor) -> SupplierChangeAgreed:
    """The new supplier's quote takes the place of the approved amount; above the limit the general manager agrees."""
    different_person(request, by.employee)
    amount = switchable(request, form.supplier_code)
    check_amount(request, amount, by)
    before = request.supplier_code
    request.switched_from = request.switched_from or before
    request.switch_reason, request.switch_approved_by = form.reason, by.employee
    request.supplier_code, request.amount = form.supplier_code, amount
    return SupplierChangeAgreed(
        order_no=request.order_no,
        assignee=by.employee,
        **decided(request, clocks(request)),
        request_no=request.no,
        from_supplier=before,
        to_supplier=form.supplier_code,
        reason=form.reason,
        agreed_by=by.employee,
    )


def switchable(request: PurchaseRequest, supplier_code: str) -> Decimal:
    """What the other supplier asks; raises RequestClosed, SupplierSame, PriceUnknown."""
    if request.status != RequestStatus.APPROVED:
        raise RequestClosed(no=request.no, status=word(request.status))
    if supplier_code == request.supplier_code:
        raise SupplierSame(no=request.no, supplier=supplier_code)
    amount = quoted(request.quotes, supplier_code)
    if amount is None:
        raise PriceUnknown(no=request.no, supplier=supplier_code)
    return amount


def approved_before(order: PurchaseOrder, request: PurchaseRequest) -> list[SupplierChangeApproved]:
    """The change that was agreed between the request's approval and its order, if any."""
    if request.switched_from is None or request.switched_from == order.supplier_code:
        return []
    by = request.switch_approved_by or ""
    return [stated(order, request.switched_from, order.supplier_code, request.switch_reason, by=by)]


async def approve(session: AsyncSession, no: str, form: Change, *, by: Actor, now: datetime) -> PurchaseOrder:
    """Let another supplier deliver an order that was issued."""
    order = await orders.lock_alive(session, PurchaseOrder, no)
    await suppliers.approved(session, form.supplier_code, [line.item_code for line in order.lines], now)
    await publish(session, allow(order, form, by=by))
    return order


def allow(order: PurchaseOrder, form: Change, *, by: Actor) -> SupplierChangeApproved:
    different_person(order, by.employee)
    check_outstanding(order, form.supplier_code)
    order.other_suppliers = [*order.other_suppliers, form.supplier_code]
    return stated(
        order,
        order.supplier_code,
        form.supplier_code,
        form.reason,
        by=by.employee,
        settles=decided(order, arrivals(order)),
    )


def check_outstanding(order: PurchaseOrder, supplier_code: str) -> None:
    """Raises NothingOutstanding, SupplierSame."""
    if order.status != PurchaseOrderStatus.ISSUED:
        raise NothingOutstanding(no=order.no, status=word(order.status))
    if supplier_code in order.suppliers:
        raise SupplierSame(no=order.no, supplier=supplier_code)


def stated(
    order: PurchaseOrder,
    from_supplier: str,
    to_supplier: str,
    reason: str,
    *,
    by: str,
    settles: Mapping[str, tuple[DutyRef, ...]] = MappingProxyType({}),
) -> SupplierChangeApproved:
    return SupplierChangeApproved(
        order_no=order.order_no,
        assignee=by,
        **settles,
        purchase_order_no=order.no,
        from_supplier=from_supplier,
        to_supplier=to_supplier,
        reason=reason,
        approved_by=by,
    )
