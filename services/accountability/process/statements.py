"""What does the person say to a record before it is issued? Only they, and only until the moment they were told."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import lock
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.outbox import publish
from contracts.accountability import SaidInDefence, StatementMade
from services.accountability.models import PenaltyRecord, RecordStatus
from services.accountability.process.deadlines import statement_until
from services.accountability.process.due_process import Action

MOST_REFERENCES = 20
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def referred(name: str, references: Collection[str]) -> list[tuple[Label, str]]:
    """What somebody points to, for whoever decides on it."""
    return [(word(name), "、".join(references))] if references else []


class StatementLate(Refusal):
    code = "statement_late"
    message = Label(
        "处罚单 {no} 的申辩期到 {until} 为止,已经过了。发出以后,您可以在申诉期内申诉。",
        "The case of {no} could be stated until {until}. Once it is issued you may appeal in the time for that.",
    )


class NothingToAnswer(Refusal):
    code = "nothing_to_answer"
    message = Label(
        "{no} 现在是“{status}”,没有需要申辩的事项。",
        "{no} is {status}: there is nothing to answer to.",
    )


class Statement(Form):
    """What the person says, and what they point to: documents, positions of the ledger, witnesses."""

    statement: str = Field(min_length=1, max_length=4000)
    references: tuple[Reference, ...] = Field(default=(), max_length=MOST_REFERENCES)


async def state(session: AsyncSession, no: str, form: Statement, *, now: datetime) -> PenaltyRecord:
    """The person of the record speaks; as often as they like until the period ends."""
    record = await lock(session, PenaltyRecord, no)
    if record.notified_at is None or record.status == RecordStatus.WITHDRAWN:
        raise NothingToAnswer(no=no, status=word(record.status))
    fact = mark_stated(record, form, until=await statement_until(session, record), now=now)
    await publish(session, fact)
    return record


def mark_stated(record: PenaltyRecord, form: Statement, *, until: datetime, now: datetime) -> StatementMade:
    """Keep what was said; from now on the record is not issued by itself. Raises StatementLate."""
    if record.status != RecordStatus.NOTIFIED or now > until:
        raise StatementLate(no=record.no, until=until)
    said = SaidInDefence(at=now, text=form.statement, references=form.references)
    record.statements = (*record.statements, said)
    record.stated_at = record.stated_at or now
    if record.next_step == Action.ISSUE:
        record.next_step = Action.AWAIT_HR
    return StatementMade(
        order_no=record.order_no,
        record_no=record.no,
        person=record.person,
        statement=form.statement,
        references=form.references,
    )
