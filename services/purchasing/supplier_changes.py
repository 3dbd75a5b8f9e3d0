"""Who agreed that somebody else delivers than was approved (PUR-04)?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import different_person
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.worklist import publish
from contracts.event import Actor
from contracts.purchasing import SupplierChangeApproved
from services.purchasing import orders, suppliers
from services.purchasing.models import PurchaseOrder, PurchaseOrderStatus, PurchaseRequest, RequestStatus
from services.purchasing.requests import (
    PriceUnknown,
    Reason,
    RequestClosed,
    check_amount,
    items_of,
    quoted,
)


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


class Change(Reason):
    """Which other supplier shall deliver, and why."""

    supplier_code: str = Field(min_length=1, max_length=64)


async def agree(session: AsyncSession, no: str, form: Change, *, by: Actor, now: datetime) -> PurchaseRequest:
    """Let an approved request be ordered from somebody else; the change is stated with the order."""
    request = await orders.lock_alive(session, PurchaseRequest, no)
    await suppliers.approved(session, form.supplier_code, items_of(request.lines), now)
    switch(request, form, by=by)
    return request


def switch(request: PurchaseRequest, form: Change, *, by: Actor) -> None:
    """The new supplier's quote takes the place of the approved amount; above the limit the general manager agrees."""
    different_person(request, by.employee)
    if request.status != RequestStatus.APPROVED:
        raise RequestClosed(no=request.no, status=word(request.status))
    if form.supplier_code == request.supplier_code:
        raise SupplierSame(no=request.no, supplier=form.supplier_code)
    amount = quoted(request.quotes, form.supplier_code)
    if amount is None:
        raise PriceUnknown(no=request.no, supplier=form.supplier_code)
    check_amount(request, amount, by)
    request.switched_from = request.switched_from or request.supplier_code
    request.switch_reason, request.switch_approved_by = form.reason, by.employee
    request.supplier_code, request.amount = form.supplier_code, amount


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
    if order.status != PurchaseOrderStatus.ISSUED:
        raise NothingOutstanding(no=order.no, status=word(order.status))
    if form.supplier_code in order.suppliers:
        raise SupplierSame(no=order.no, supplier=form.supplier_code)
    order.other_suppliers = [*order.other_suppliers, form.supplier_code]
    return stated(order, order.supplier_code, form.supplier_code, form.reason, by=by.employee)


def stated(
    order: PurchaseOrder, from_supplier: str, to_supplier: str, reason: str, *, by: str
) -> SupplierChangeApproved:
    return SupplierChangeApproved(
        order_no=order.order_no,
        assignee=by,
        purchase_order_no=order.no,
        from_supplier=from_supplier,
        to_supplier=to_supplier,
        reason=reason,
        approved_by=by,
    )
