"""Which penalties did customers impose on our contracts (GEN-03)? What we owe is their claim; who answers is PMC's to say."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Reason
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.instants import FACTORY
from chassis.language import Label, word
from chassis.worklist import publish
from contracts.event import Actor
from contracts.sales import ContractPenaltyRecorded, ContractPenaltyWithdrawn
from services.sales.models import Complaint, ContractPenalty, Order, OrderStatus, PenaltyStatus

# Before the confirmation there is no contract that a customer could punish us for.
WITHOUT_CONTRACT = frozenset(
    {OrderStatus.SUBMITTED, OrderStatus.ACCEPTED, OrderStatus.CONDITIONAL, OrderStatus.DECLINED}
)


class NoContractYet(Refusal):
    code, field = "no_contract_yet", "order_no"
    message = Label(
        "订单 {no} 现在是“{status}”,还没有合同可罚。请核对订单号。",
        "Order {no} is {status}: there is no contract yet that could bear a penalty. Please check the number.",
    )


class PenaltyAhead(Refusal):
    status, code, field = 422, "penalty_ahead", "imposed_on"
    message = Label(
        "罚款日期 {imposed_on} 还没有到。请填写客户扣款通知上的日期。",
        "{imposed_on} is still to come. Please give the date on the customer's debit note.",
    )


class ComplaintOfAnotherOrder(Refusal):
    status, code, field = 422, "complaint_of_another_order", "complaint_no"
    message = Label(
        "客诉 {no} 属于订单 {order_no}。请核对编号。",
        "Complaint {no} is about order {order_no}. Please check the number.",
    )


class RecordedAlready(Refusal):
    code, field = "penalty_recorded_already", "customer_reference"
    message = Label(
        "该客户的扣款通知 {customer_reference} 已由 {no} 登记。请核对编号;登记有误请业务经理先撤销 {no}。",
        "{no} records this customer's debit note {customer_reference} already. Please check the number; where {no} is wrong, "
        "the sales manager withdraws it first.",
    )


class Imposed(Form):
    """What the customer's debit note says: its number, the amount in CNY, the date, and why."""

    order_no: str
    customer_reference: str = Field(min_length=1, max_length=200)
    amount: Decimal = Field(gt=0, max_digits=18, decimal_places=4)
    imposed_on: date
    complaint_no: str | None = None
    reason: str = Field(min_length=1, max_length=4000)


async def record(session: AsyncSession, form: Imposed, *, maker: Actor, now: datetime) -> ContractPenalty:
    """Write down what the customer imposed. It is one loss of one order, in one amount."""
    order = await lock(session, Order, form.order_no)
    if order.status in WITHOUT_CONTRACT:
        raise NoContractYet(no=order.no, status=word(order.status))
    if form.imposed_on > now.astimezone(FACTORY).date():
        raise PenaltyAhead(imposed_on=form.imposed_on)
    await check_complaint(session, form)
    await check_new(session, order.customer_code, form.customer_reference)
    document = ContractPenalty(
        **form.model_dump(),
        no=await next_number(session, ContractPenalty.code, now),
        status=PenaltyStatus.RECORDED,
        customer_code=order.customer_code,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document))
    return document


async def check_complaint(session: AsyncSession, form: Imposed) -> None:
    """A complaint that is named is this order's; raises NotFound, ComplaintOfAnotherOrder."""
    if form.complaint_no is None:
        return
    complaint = await lock(session, Complaint, form.complaint_no)
    if complaint.order_no != form.order_no:
        raise ComplaintOfAnotherOrder(no=complaint.no, order_no=complaint.order_no)


async def check_new(session: AsyncSession, customer_code: str, customer_reference: str) -> None:
    """A debit note is recorded once, whatever order it is booked on; raises RecordedAlready."""
    query = select(ContractPenalty.no).where(
        ContractPenalty.customer_code == customer_code,
        ContractPenalty.customer_reference == customer_reference,
        ContractPenalty.status == PenaltyStatus.RECORDED,
    )
    if (no := await session.scalar(query)) is not None:
        raise RecordedAlready(no=no, customer_reference=customer_reference)


def stated(document: ContractPenalty) -> ContractPenaltyRecorded:
    shared = {name: getattr(document, name) for name in ContractPenaltyRecorded.model_fields if hasattr(document, name)}
    return ContractPenaltyRecorded(**shared, penalty_no=document.no, recorded_by=document.made_by)


async def withdraw(session: AsyncSession, no: str, form: Reason, *, by: Actor) -> ContractPenalty:
    """It was not so, or the customer gave it up: nobody answers for it any more."""
    document = await lock(session, ContractPenalty, no)
    move(document, PenaltyStatus.WITHDRAWN)
    document.withdrawn_because = form.reason
    fact = ContractPenaltyWithdrawn(
        order_no=document.order_no, penalty_no=no, reason=form.reason, withdrawn_by=by.employee
    )
    await publish(session, fact)
    return document
