"""From whom may we buy, and what?"""

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import find, lock, move
from chassis.errors import Refusal
from chassis.instants import FACTORY
from chassis.language import Label
from services.purchasing.models import Supplier, SupplierStatus
from services.purchasing.queries import suppliers_of


class DatePassed(Refusal):
    status, code = 422, "date_passed"
    message = Label(
        "日期 {day} 已经过去(今天是 {today})。请填写今天或以后的日期。",
        "The date {day} has passed (today is {today}). Please give today or a later date.",
    )


class SupplierNotApproved(Refusal):
    code, field = "supplier_not_approved", "supplier_code"
    message = Label(
        "供应商 {supplier} 没有被核准供应 {items}。请选用合格供应商,或先请采购经理核准。",
        "Supplier {supplier} is not approved for {items}. Please choose another, or have them approved.",
    )


class SupplierLapsed(Refusal):
    code, field = "supplier_lapsed", "supplier_code"
    message = Label(
        "供应商 {supplier} 的资格已于 {valid_until} 到期。请重新核准,或选用其他合格供应商。",
        "Supplier {supplier} was approved until {valid_until} only. Please have them approved again or choose another.",
    )


class Qualification(Form):
    """For which items a supplier is approved, in which class, until when. Given again, it renews."""

    no: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1)
    approved_for: tuple[str, ...] = Field(min_length=1, max_length=2000)
    supplier_class: str = Field(pattern=r"^[ABC]$")
    score: int | None = Field(default=None, ge=0, le=100)
    valid_until: date
    last_audit: date | None = None


class Removal(Form):
    """Why a supplier leaves the list."""

    reason: str = Field(min_length=1, max_length=4000)


async def qualify(session: AsyncSession, form: Qualification, *, maker: str, now: datetime) -> Supplier:
    """Put a supplier on the approved list, or renew what stands there."""
    not_passed(form.valid_until, now, field="valid_until")
    values = {**form.model_dump(), "approved_for": sorted(set(form.approved_for))}
    supplier = await find(session, Supplier, form.no, hold=True)
    if supplier is None:
        supplier = Supplier(**values, status=SupplierStatus.APPROVED, made_by=maker, made_at=now)
        session.add(supplier)
        return supplier
    if supplier.status == SupplierStatus.REMOVED:
        move(supplier, SupplierStatus.APPROVED)
    for name, value in {**values, "removal_reason": "", "made_by": maker, "made_at": now}.items():
        setattr(supplier, name, value)
    return supplier


async def remove(session: AsyncSession, no: str, form: Removal) -> Supplier:
    """Take a supplier off the list: no new quote, request or order names them."""
    supplier = await lock(session, Supplier, no)
    move(supplier, SupplierStatus.REMOVED)
    supplier.removal_reason = form.reason
    return supplier


async def approved(session: AsyncSession, code: str, items: Iterable[str], now: datetime) -> Supplier:
    """The supplier, approved today for all these items; raises SupplierNotApproved, SupplierLapsed."""
    return check_approved(code, (await suppliers_of(session, [code])).get(code), items, now)


def check_approved(code: str, supplier: Supplier | None, items: Iterable[str], now: datetime) -> Supplier:
    if supplier is None or supplier.status != SupplierStatus.APPROVED:
        raise SupplierNotApproved(supplier=code, items=sorted(items))
    missing = sorted(set(items) - set(supplier.approved_for))
    if missing:
        raise SupplierNotApproved(supplier=code, items=missing)
    if supplier.valid_until < now.astimezone(FACTORY).date():
        raise SupplierLapsed(supplier=code, valid_until=supplier.valid_until)
    return supplier


def is_approved(code: str, supplier: Supplier | None, items: Iterable[str], now: datetime) -> bool:
    try:
        check_approved(code, supplier, items, now)
    except (SupplierNotApproved, SupplierLapsed):
        return False
    return True


def not_passed(day: date, now: datetime, *, field: str) -> None:
    """Raises DatePassed."""
    today = now.astimezone(FACTORY).date()
    if day < today:
        raise DatePassed(field=field, day=day, today=today)
