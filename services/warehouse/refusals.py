"""What did a storekeeper refuse, because it must be refused (拒收、拒发)?"""

from datetime import datetime
from enum import StrEnum

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number
from chassis.worklist import publish
from contracts.event import Actor
from contracts.warehouse import AuthorityRefused
from services.warehouse.models import RecordedStatus, RefusalRecord
from services.warehouse.queries import order_of


class Authority(StrEnum):
    """What a storekeeper may say no to: outsiders and their goods, material on no approved paper, uninspected goods."""

    ENTRY = "refuse_entry"
    ISSUE = "refuse_issue"
    RECEIPT = "refuse_receipt"


class Paper(Form):
    """What was refused, on which paper (or how it was asked for), and why. A paper of ours names its order itself."""

    authority: Authority
    document_no: str = Field(min_length=1, max_length=64)
    order_no: str | None = Field(default=None, min_length=1, max_length=64)
    reason: str = Field(min_length=1, max_length=4000)


async def refuse(session: AsyncSession, form: Paper, *, maker: Actor, now: datetime) -> RefusalRecord:
    """Refusing what must be refused is a duty fulfilled, and stands on the timeline."""
    order_no = form.order_no or await order_of(session, form.document_no)
    record = RefusalRecord(
        **form.model_dump(exclude={"order_no"}),
        no=await next_number(session, RefusalRecord.code, now),
        order_no=order_no,
        status=RecordedStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(record)
    fact = AuthorityRefused(
        order_no=order_no,
        assignee=maker.employee,
        document_no=form.document_no,
        authority=form.authority,
        reason=form.reason,
        refused_by=maker.employee,
    )
    await publish(session, fact)
    return record
