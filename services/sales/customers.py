"""Who buys from us?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import find
from chassis.errors import Refusal
from chassis.language import Label
from services.sales.models import Customer, CustomerStatus


class CustomerKnown(Refusal):
    code, field = "customer_known", "no"
    message = Label(
        "客户 {no} 已经登记。请换一个编码。", "Customer {no} is registered already. Please choose another code."
    )


class UnknownCustomer(Refusal):
    status, code, field = 422, "unknown_customer", "customer_code"
    message = Label(
        "客户编码 {customer_code} 没有登记。请先登记客户。",
        "No customer {customer_code} is registered. Please register the customer first.",
    )


class Registration(Form):
    """A new customer and the way to them."""

    no: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1)
    contact: str = ""
    address: str = Field(min_length=1)
    transit_days: int = Field(ge=0, le=60, default=0)


async def register(session: AsyncSession, form: Registration, *, maker: str, now: datetime) -> Customer:
    if await find(session, Customer, form.no) is not None:
        raise CustomerKnown(no=form.no)
    customer = Customer(**form.model_dump(), status=CustomerStatus.ACTIVE, made_by=maker, made_at=now)
    session.add(customer)
    return customer


async def known(session: AsyncSession, code: str) -> Customer:
    """The customer; raises UnknownCustomer."""
    customer = await find(session, Customer, code)
    if customer is None:
        raise UnknownCustomer(customer_code=code)
    return customer
