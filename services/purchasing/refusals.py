"""What did a buyer refuse because it was unapproved or only spoken (采购拒单)?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number
from chassis.worklist import publish
from contracts.event import Actor
from contracts.purchasing import AuthorityRefused
from services.purchasing.models import RefusalRecord, RefusalStatus

AUTHORITY = "refuse_purchase"


class Paper(Form):
    """Which paper was refused (or how the spoken wish was put), for which order, and why."""

    document_no: str = Field(min_length=1, max_length=64)
    order_no: str | None = Field(default=None, max_length=64)
    reason: str = Field(min_length=1, max_length=4000)


async def refuse(session: AsyncSession, form: Paper, *, maker: Actor, now: datetime) -> RefusalRecord:
    """Refusing what must be refused is a duty fulfilled, and stands on the timeline."""
    record = RefusalRecord(
        **form.model_dump(),
        no=await next_number(session, RefusalRecord.code, now),
        status=RefusalStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(record)
    fact = AuthorityRefused(
        order_no=form.order_no,
        assignee=maker.employee,
        document_no=form.document_no,
        authority=AUTHORITY,
        reason=form.reason,
        refused_by=maker.employee,
    )
    await publish(session, fact)
    return record
