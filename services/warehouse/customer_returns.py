"""Are goods that a customer may send back in the house?"""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts.event import Actor
from contracts.sales import ReturnAuthorised
from contracts.warehouse import ReturnReceived
from services.warehouse.models import CustomerReturn, CustomerReturnStatus

COPIED = {"order_no", "line_no", "complaint_no", "product_code", "quantity", "reason"}


class MoreThanAuthorised(Refusal):
    code, field = "more_than_authorised", "quantity"
    message = Label(
        "退货 {no} 批准退回 {authorised},不能收 {quantity}。请核对数量,或请业务部另行批准。",
        "Return {no} is authorised for {authorised}; {quantity} is more. Please check, or ask Sales for another one.",
    )


class Intake(Form):
    """How much came back and where it is kept; without a quantity all that was authorised."""

    quantity: Decimal | None = Field(default=None, gt=0, max_digits=18, decimal_places=6)
    location: str = Field(default="", max_length=200)


async def take(session: AsyncSession, event: ReturnAuthorised) -> None:
    """The customer may send these goods; they are not stock until they have been looked at and repaired."""
    session.add(
        CustomerReturn(
            **event.model_dump(include=COPIED),
            no=event.return_no,
            status=CustomerReturnStatus.AUTHORISED,
            made_by=event.authorised_by,
            made_at=await factory_now(session),
        )
    )


async def receive(session: AsyncSession, no: str, form: Intake, *, by: Actor, now: datetime) -> CustomerReturn:
    """Take the goods back into the house, apart from the stock."""
    document = await lock(session, CustomerReturn, no)
    receipt_no = await next_number(session, CustomerReturn.code, now)
    await publish(session, mark_received(document, form, receipt_no, by=by))
    return document


def mark_received(document: CustomerReturn, form: Intake, receipt_no: str, *, by: Actor) -> ReturnReceived:
    quantity = document.quantity if form.quantity is None else form.quantity
    if quantity > document.quantity:
        raise MoreThanAuthorised(no=document.no, authorised=document.quantity, quantity=quantity)
    move(document, CustomerReturnStatus.RECEIVED)
    document.received_quantity, document.location = quantity, form.location
    document.receipt_no, document.received_by = receipt_no, by.employee
    return ReturnReceived(
        order_no=document.order_no,
        assignee=by.employee,
        return_no=document.no,
        receipt_no=receipt_no,
        line_no=document.line_no,
        product_code=document.product_code,
        quantity=quantity,
        received_by=by.employee,
    )
