"""How stands production? Sales asks, the merchandiser answers (MER-04)."""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.sales import ProgressAnswered, ProgressAsked
from services.sales.models import Inquiry, InquiryStatus
from services.sales.orders import lock_open


class Question(Form):
    """What Sales wants to know about an order."""

    order_no: str
    question: str = Field(min_length=1, max_length=4000)


class Answer(Form):
    """What the merchandiser says."""

    answer: str = Field(min_length=1, max_length=4000)


async def ask(session: AsyncSession, form: Question, *, maker: Actor, now: datetime) -> Inquiry:
    order = await lock_open(session, form.order_no)
    inquiry = Inquiry(
        **form.model_dump(),
        no=await next_number(session, Inquiry.code, now),
        status=InquiryStatus.OPEN,
        assignee=order.merchandiser,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(inquiry)
    await publish(
        session,
        ProgressAsked(
            order_no=order.no,
            assignee=order.merchandiser,
            inquiry_no=inquiry.no,
            question=form.question,
            asked_by=maker.employee,
        ),
    )
    duty = links.progress(inquiry.no)
    await worklist.deliver(
        session, Handover(duty, "merchandiser", order.no, assignee=order.merchandiser, document_no=inquiry.no)
    )
    return inquiry


async def answer(session: AsyncSession, no: str, form: Answer, *, by: Actor) -> Inquiry:
    inquiry = await lock(session, Inquiry, no)
    move(inquiry, InquiryStatus.ANSWERED)
    inquiry.answer = form.answer
    await publish(
        session,
        ProgressAnswered(
            order_no=inquiry.order_no,
            assignee=inquiry.assignee,
            closes=(links.progress(no),),
            inquiry_no=no,
            answer=form.answer,
            answered_by=by.employee,
        ),
    )
    return inquiry
