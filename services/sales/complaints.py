"""What did the customer complain of, and is it in PMC's hands in writing (SHP-04)?"""

from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import find, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.parts import Terms
from contracts.sales import ComplaintKind, ComplaintPassed, ComplaintReceived, RemedyConfirmed, ReturnAuthorised
from services.sales.models import Complaint, ComplaintStatus, Order, ReturnAuthorisation, ReturnStatus
from services.sales.orders import line_of
from services.sales.queries import coming_back, progress_of

MAIL = "mail"


class ReceivedInFuture(Refusal):
    status, code, field = 422, "received_in_future", "received_at"
    message = Label(
        "收到时间 {received_at} 晚于现在。请填写实际收到的时间。",
        "Received at {received_at} lies in the future. Please give the time it really came in.",
    )


class NothingDelivered(Refusal):
    code, field = "more_than_shipped", "quantity"
    message = Label(
        "第 {line_no} 行已发货 {shipped},其中 {on_the_way} 已授权退回、尚未收到,不能再退回 {quantity}。请核对数量。",
        "{shipped} of line {line_no} were shipped and {on_the_way} of them may come back already; "
        "another {quantity} cannot. Please check the quantity.",
    )


class Intake(Form):
    """A complaint as it came in. `received_at` is the customer's mail time where there is one, else the intake's."""

    order_no: str
    line_no: int | None = None
    kind: ComplaintKind
    channel: str = Field(pattern=r"^(phone|mail|fax|wechat|visit)$")
    received_at: AwareDatetime | None = None
    description: str = Field(min_length=1, max_length=4000)


class Words(Form):
    """What the customer said to the remedy."""

    customer_words: str = Field(min_length=1, max_length=4000)


class Return(Form):
    """Which goods may come back, and why."""

    complaint_no: str
    line_no: int = Field(ge=1)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)
    reason: str = Field(min_length=1, max_length=4000)


async def receive(session: AsyncSession, form: Intake, *, maker: Actor, now: datetime) -> Complaint:
    """Take a complaint in; the order's salesperson owes it to PMC in writing from now on."""
    order = await lock(session, Order, form.order_no)
    if form.line_no is not None:
        line_of(order, form.line_no)
    received_at = form.received_at or now
    if received_at > now:
        raise ReceivedInFuture(received_at=received_at)
    complaint = Complaint(
        **form.model_dump(exclude={"received_at"}),
        no=await next_number(session, Complaint.code, now),
        status=ComplaintStatus.RECEIVED,
        customer_code=order.customer_code,
        received_at=received_at,
        received_by=maker.employee,
        assignee=order.salesperson,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(complaint)
    await arrived(session, "complaint", complaint.no)
    await publish(session, stated(complaint))
    await worklist.deliver(session, to_pass_on(complaint))
    return complaint


def to_pass_on(complaint: Complaint) -> Handover:
    """The salesperson's time runs from the customer's mail, however late it is read (SHP-04)."""
    return Handover(
        links.complaint_to_pmc(complaint.no),
        "salesperson",
        complaint.order_no,
        complaint.line_no,
        assignee=complaint.assignee,
        document_no=complaint.no,
        terms=Terms(received_at=complaint.received_at if complaint.channel == MAIL else None),
    )


def stated(complaint: Complaint) -> ComplaintReceived:
    return ComplaintReceived(
        order_no=complaint.order_no,
        assignee=complaint.assignee,
        complaint_no=complaint.no,
        customer_code=complaint.customer_code,
        line_no=complaint.line_no,
        kind=ComplaintKind(complaint.kind),
        channel=complaint.channel,
        received_at=complaint.received_at,
        received_by=complaint.received_by,
        description=complaint.description,
    )


async def pass_on(session: AsyncSession, no: str, *, by: Actor) -> Complaint:
    """Hand the complaint to PMC in writing."""
    complaint = await lock(session, Complaint, no)
    move(complaint, ComplaintStatus.PASSED)
    await publish(
        session,
        ComplaintPassed(
            order_no=complaint.order_no,
            assignee=complaint.assignee,
            closes=(links.complaint_to_pmc(no),),
            complaint_no=no,
            customer_code=complaint.customer_code,
            line_no=complaint.line_no,
            kind=ComplaintKind(complaint.kind),
            description=complaint.description,
            passed_by=by.employee,
        ),
    )
    return complaint


async def confirm_remedy(session: AsyncSession, no: str, form: Words, *, by: Actor) -> Complaint:
    """The customer said that they are content; PMC may close the case."""
    complaint = await lock(session, Complaint, no)
    move(complaint, ComplaintStatus.REMEDIED)
    await publish(
        session,
        RemedyConfirmed(
            order_no=complaint.order_no, complaint_no=no, customer_words=form.customer_words, recorded_by=by.employee
        ),
    )
    return complaint


async def mark_closed(session: AsyncSession, no: str) -> None:
    complaint = await find(session, Complaint, no, hold=True)
    if complaint is None:
        raise WaitFor("complaint", no)
    move(complaint, ComplaintStatus.CLOSED)


async def authorise_return(session: AsyncSession, form: Return, *, maker: Actor, now: datetime) -> ReturnAuthorisation:
    """Let the customer send goods back, no more than were shipped and are not on their way back already."""
    complaint = await lock(session, Complaint, form.complaint_no)
    order = await lock(session, Order, complaint.order_no or "")
    line = line_of(order, form.line_no)
    progress = await progress_of(session, order.no, form.line_no)
    shipped = progress.shipped if progress else Decimal(0)
    on_the_way = await coming_back(session, order.no, form.line_no)
    if form.quantity > shipped - on_the_way:
        raise NothingDelivered(line_no=form.line_no, shipped=shipped, on_the_way=on_the_way, quantity=form.quantity)
    document = ReturnAuthorisation(
        **form.model_dump(),
        no=await next_number(session, ReturnAuthorisation.code, now),
        order_no=order.no,
        product_code=line.product_code,
        status=ReturnStatus.ISSUED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await arrived(session, "return", document.no)
    await publish(
        session,
        ReturnAuthorised(
            **form.model_dump(),
            order_no=order.no,
            return_no=document.no,
            product_code=line.product_code,
            authorised_by=maker.employee,
        ),
    )
    return document


async def mark_returned(session: AsyncSession, return_no: str) -> None:
    document = await find(session, ReturnAuthorisation, return_no, hold=True)
    if document is None:
        raise WaitFor("return", return_no)
    move(document, ReturnStatus.RECEIVED)
