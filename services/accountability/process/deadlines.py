"""By when may a record's person speak, and where is their knowledge of the rules on record? From accountability's own rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import LateralFromClause

from chassis.calendar import WorkCalendar
from services.accountability import memory
from services.accountability.judge.state import State
from services.accountability.models import (
    Acknowledgement,
    Consultation,
    PenaltyRecord,
    RecordStatus,
    Rulebook,
)
from services.accountability.people import calendars
from services.accountability.process.due_process import Action, appeal_deadline, statement_deadline
from services.accountability.rules import consultations, rulebooks
from services.accountability.rules.rulebook import RulebookText

UNASKED = (Action.ISSUE, Action.TAKE_EFFECT, Action.LAPSE)
"""What happens by itself when its time has come."""

RUNNING = (RecordStatus.PROPOSED, RecordStatus.NOTIFIED, RecordStatus.ISSUED)


async def running(session: AsyncSession, state: State, frontier: datetime) -> Sequence[Row[Any]]:
    """The records that may take a step, oldest first, each with what is on record of its rules.

    One that only waits for its time to come is left alone until then, and one that waits for somebody until they have acted:
    whoever speaks or decides before writes the next step anew.
    """
    record, known = PenaltyRecord, known_of_the_rules()
    over = await closed_complaints(session, state)
    looked_at = or_(
        record.next_at.is_(None),
        record.next_step.is_(None),
        record.statement_until.is_(None),  # not told yet; of old, then it moves with the calendar
        record.next_step.in_(UNASKED) & (record.next_at < frontier),
        (record.next_step == Action.AWAIT_COMPLAINT) & record.held_for_complaint.in_(over),
        (record.next_step == Action.AWAIT_CONSULTATION)
        & known.c.not_consulted.is_distinct_from(record.awaited_version),
        (record.next_step == Action.AWAIT_ACKNOWLEDGEMENT) & known.c.not_read.is_distinct_from(record.awaited_version),
    )
    lapsing = (record.status == RecordStatus.IN_EFFECT) & (record.lapses_at < frontier)
    query = (
        select(PenaltyRecord, *known.c)
        .join(known, true())
        .where((record.status.in_(RUNNING) & looked_at) | lapsing)
        .order_by(PenaltyRecord.no)
    )
    return (await session.execute(query)).all()


def known_of_the_rules() -> LateralFromClause:
    """When the last of a record's rulebook versions was consulted on, and acknowledged by its person; else which one was not."""
    consulted = (
        select(Consultation.rulebook_no, func.min(Consultation.made_at).label("at"))
        .join(Rulebook, consultations.ON_THIS_TEXT)
        .group_by(Consultation.rulebook_no)
        .subquery()
    )
    version = func.unnest(PenaltyRecord.versions).table_valued("no", name="version").render_derived()
    read = (Acknowledgement.rulebook_no == version.c.no) & (Acknowledgement.employee == PenaltyRecord.person)
    return (
        select(
            func.max(consulted.c.at).label("consulted_at"),
            func.min(version.c.no).filter(consulted.c.at.is_(None)).label("not_consulted"),
            func.max(Acknowledgement.made_at).label("acknowledged_at"),
            func.min(version.c.no).filter(Acknowledgement.made_at.is_(None)).label("not_read"),
        )
        .select_from(version)
        .outerjoin(consulted, consulted.c.rulebook_no == version.c.no)
        .outerjoin(Acknowledgement, read)
        .lateral("known")
    )


async def closed_complaints(session: AsyncSession, state: State) -> list[str]:
    """Of the complaints for which records wait, those that are closed for the customer."""
    waiting = (
        select(PenaltyRecord.held_for_complaint)
        .where(PenaltyRecord.status.in_(RUNNING), PenaltyRecord.next_step == Action.AWAIT_COMPLAINT)
        .distinct()
    )
    numbers = [no for no in await session.scalars(waiting) if no]
    known = await memory.complaints(session, state, numbers)
    return [no for no, complaint in known.items() if complaint.closed]


async def statement_until(session: AsyncSession, record: PenaltyRecord) -> datetime:
    """The last moment for a statement: what the person was told, else what calendar and rulebook say."""
    assert record.notified_at is not None
    return record.statement_until or statement_deadline(record.notified_at, *await terms(session, record))


async def appeal_until(session: AsyncSession, record: PenaltyRecord) -> datetime:
    """The last moment for an appeal, likewise."""
    assert record.issued_at is not None
    return record.appeal_until or appeal_deadline(record.issued_at, *await terms(session, record))


async def terms(session: AsyncSession, record: PenaltyRecord) -> tuple[WorkCalendar, RulebookText]:
    """The calendar in force and the rulebook version that the record cites."""
    calendar, rules = await calendars.newest(session), await rulebooks.text_of(session, record.rulebook_version)
    assert calendar is not None
    assert rules is not None, record.rulebook_version
    return WorkCalendar.from_fact(calendar.body), rules
