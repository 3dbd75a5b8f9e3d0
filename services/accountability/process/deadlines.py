"""By when may a record's person speak, and where is their knowledge of the rules on record? From accountability's own rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

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
    """The records that may take a step, oldest first, each with when its rules were consulted on and acknowledged.

    One that only waits for its time to come is left alone until then, and one that waits for somebody until they have acted:
    whoever speaks or decides before writes the next step anew.
    """
    consulted = (
        select(Consultation.rulebook_no, func.min(Consultation.made_at).label("at"))
        .join(Rulebook, consultations.ON_THIS_TEXT)
        .group_by(Consultation.rulebook_no)
        .subquery()
    )
    record = PenaltyRecord
    over = await closed_complaints(session, state)
    looked_at = or_(
        record.next_at.is_(None),
        record.next_step.is_(None),
        record.statement_until.is_(None),  # not told yet; of old, then it moves with the calendar
        record.next_step.in_(UNASKED) & (record.next_at < frontier),
        (record.next_step == Action.AWAIT_COMPLAINT) & record.held_for_complaint.in_(over),
        (record.next_step == Action.AWAIT_CONSULTATION) & consulted.c.at.is_not(None),
        (record.next_step == Action.AWAIT_ACKNOWLEDGEMENT) & Acknowledgement.made_at.is_not(None),
    )
    lapsing = (record.status == RecordStatus.IN_EFFECT) & (record.lapses_at < frontier)
    query = (
        select(PenaltyRecord, consulted.c.at.label("consulted_at"), Acknowledgement.made_at.label("acknowledged_at"))
        .outerjoin(consulted, consulted.c.rulebook_no == PenaltyRecord.rulebook_version)
        .outerjoin(
            Acknowledgement,
            (Acknowledgement.rulebook_no == PenaltyRecord.rulebook_version)
            & (Acknowledgement.employee == PenaltyRecord.person),
        )
        .where((record.status.in_(RUNNING) & looked_at) | lapsing)
        .order_by(PenaltyRecord.no)
    )
    return (await session.execute(query)).all()


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
