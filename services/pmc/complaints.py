"""Is the customer helped first, and when is the complaint over for them?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move
from chassis.errors import Refusal
from chassis.instants import FACTORY
from chassis.language import Label
from chassis.waiting import arrived
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import ComplaintClosed, ComplaintContained
from contracts.quality import CauseFound
from contracts.sales import ComplaintPassed, RemedyConfirmed
from services.pmc.models import Complaint, ComplaintStatus
from services.pmc.queries_customer import known_complaint, remedies_of
from services.pmc.worktime import worktime

# Working days after which a customer who says nothing to the remedy is taken to be content.
SILENCE_DAYS = 5


class CustomerNotHeard(Refusal):
    code = "customer_not_heard"
    message = Label(
        "客户还没有确认 {no} 的处理结果,最后一次处理之后沉默也未满五个工作日(至 {until})。请等客户确认或期满。",
        "The customer has not confirmed the remedy of {no}, nor been silent for five working days after its last part "
        "(until {until}). Wait for their word or that day.",
    )


class RemedyUnderway(Refusal):
    code = "remedy_underway"
    message = Label(
        "{no} 的处理还没有完成({under_way}),客户也没有确认。请先完成退货或返工,或等客户确认。",
        "The remedy of {no} is still under way ({under_way}) and the customer has not confirmed it. "
        "Finish the return or rework first, or wait for the customer's word.",
    )


class NothingDone(Refusal):
    code = "nothing_done"
    message = Label(
        "{no} 还没有为客户做任何处理,客户也没有确认。请先行处理,或等客户确认。",
        "Nothing was done for the customer about {no} yet, nor have they confirmed anything. "
        "Contain it first, or wait for their word.",
    )


class Containment(Form):
    """What is done for the customer at once."""

    action: str = Field(min_length=1, max_length=4000)


async def take_complaint(session: AsyncSession, event: ComplaintPassed) -> None:
    """The complaint is in our hands in writing: PMC steers the case from now on."""
    session.add(
        Complaint(
            **event.model_dump(include={"order_no", "line_no", "customer_code", "kind", "description"}),
            no=event.complaint_no,
            status=ComplaintStatus.OPEN,
            made_by=event.passed_by,
            made_at=await factory_now(session),
        )
    )
    await arrived(session, "complaint", event.complaint_no)


async def take_cause(session: AsyncSession, event: CauseFound) -> None:
    """Quality's finding, which the attribution starts from."""
    case = await known_complaint(session, event.complaint_no)
    case.finding, case.cause, case.operation = event.finding, event.cause, event.operation
    case.lot, case.detectable, case.inspector = event.lot, event.detectable, event.inspector


async def take_remedy(session: AsyncSession, event: RemedyConfirmed) -> None:
    (await known_complaint(session, event.complaint_no)).customer_words = event.customer_words


async def contain(session: AsyncSession, no: str, form: Containment, *, by: Actor, now: datetime) -> Complaint:
    """Help the customer first; who answers for it is settled afterwards."""
    case = await lock(session, Complaint, no)
    await publish(session, mark_contained(case, form, by=by, now=now))
    return case


def mark_contained(case: Complaint, form: Containment, *, by: Actor, now: datetime) -> ComplaintContained:
    move(case, ComplaintStatus.CONTAINED)
    case.action, case.contained_at = form.action, now
    return ComplaintContained(
        order_no=case.order_no, complaint_no=case.no, action=form.action, contained_by=by.employee
    )


async def close(session: AsyncSession, no: str, *, by: Actor, now: datetime) -> Complaint:
    """The case is over for the customer: they said so, or said nothing for five working days after the remedy."""
    case = await lock(session, Complaint, no)
    if case.customer_words is None:
        await check_silence(session, case, now)
    await publish(session, mark_closed(case, by=by, now=now))
    return case


async def check_silence(session: AsyncSession, case: Complaint, now: datetime) -> None:
    """Raises RemedyUnderway, NothingDone, CustomerNotHeard: nobody is silent about a remedy that they do not have yet."""
    remedies = await remedies_of(session, case)
    if under_way := [remedy.no for remedy in remedies if not remedy.done]:
        raise RemedyUnderway(no=case.no, under_way=", ".join(under_way))
    last = max((remedy.done_at for remedy in remedies if remedy.done_at), default=None)
    if last is None:
        raise NothingDone(no=case.no)
    content_at = (await worktime(session)).days_later(last, SILENCE_DAYS)
    if now < content_at:
        raise CustomerNotHeard(no=case.no, until=f"{content_at.astimezone(FACTORY):%Y-%m-%d %H:%M}")


def mark_closed(case: Complaint, *, by: Actor, now: datetime) -> ComplaintClosed:
    move(case, ComplaintStatus.CLOSED)
    case.approved_by, case.approved_at = by.employee, now
    return ComplaintClosed(
        order_no=case.order_no,
        complaint_no=case.no,
        customer_confirmed=case.customer_words is not None,
        closed_by=by.employee,
    )
