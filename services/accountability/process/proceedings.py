"""When does a record take its next step? As soon as the evidence reaches beyond the period it had to wait."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import notifications
from chassis.calendar import WorkCalendar
from chassis.clock import factory_now
from chassis.documents import move
from chassis.instants import moment
from chassis.outbox import publish
from contracts.accountability import RecordInEffect, RecordIssued, RecordLapsed, RecordNotified, Sanction
from contracts.event import SYSTEM_ACTOR
from services.accountability import memory
from services.accountability.compensation import planned
from services.accountability.judge import topics
from services.accountability.judge.in_force import calendar_now
from services.accountability.judge.state import Complaint, State
from services.accountability.models import PenaltyRecord, RecordStatus
from services.accountability.process import carried, deadlines, due_process, escalation, matters
from services.accountability.process.due_process import Action, NextStep, RecordFacts, next_step
from services.accountability.process.grounds import complaints_of
from services.accountability.rules.rulebook import RulebookText


async def follow(session: AsyncSession, state: State, frontier: datetime) -> None:
    """Take every step that has become due; each is stated as a fact. What a record waits for then is written on it."""
    rows = await deadlines.running(session, state, frontier)
    waited_for = {no for row in rows for no in complaints_of(row.PenaltyRecord.facts)}
    complaints = await memory.complaints(session, state, waited_for)
    for row in rows:
        record: PenaltyRecord = row.PenaltyRecord
        terms = terms_of(record, state)
        if terms is None:
            continue
        step = step_of(row, complaints, frontier, *terms)
        while step is not None and await take(session, record, step, *terms):
            step = step_of(row, complaints, frontier, *terms)
        if step is not None:
            record.next_step, record.next_at, record.awaited_version = step.action, step.at, awaited(row, step)
        if step is not None and step.action is Action.AWAIT_COMPLAINT:
            record.held_for_complaint = topics.first_open(complaints, complaints_of(record.facts))
    await planned.follow(session, frontier)


def terms_of(record: PenaltyRecord, state: State) -> tuple[WorkCalendar, RulebookText] | None:
    """The calendar, and the rulebook version that the record cites; None while the judge knows either not yet."""
    calendar, rulebook = calendar_now(state), state.index.rulebooks.get(record.rulebook_version)
    return (calendar, rulebook.text) if calendar and rulebook else None


def step_of(
    row: Row[Any],
    complaints: Mapping[str, Complaint],
    frontier: datetime,
    calendar: WorkCalendar,
    rules: RulebookText,
) -> NextStep:
    record: PenaltyRecord = row.PenaltyRecord
    held_for = topics.first_open(complaints, complaints_of(record.facts))
    facts = RecordFacts(
        proposed_at=record.made_at,
        sanction=Sanction(record.sanction) if record.sanction else None,
        consulted_at=None if row.not_consulted else row.consulted_at,
        acknowledged_at=None if row.not_read else row.acknowledged_at,
        held_for=held_for,
        complaint_closed_at=None if held_for else last_closed(record, complaints),
        **{name: getattr(record, name) for name in KEPT},
    )
    return next_step(facts, frontier, calendar, rules)


def awaited(row: Row[Any], step: NextStep) -> str | None:
    """The rulebook version that keeps the record from being issued."""
    lacking: dict[Action, str] = {
        Action.AWAIT_CONSULTATION: row.not_consulted,
        Action.AWAIT_ACKNOWLEDGEMENT: row.not_read,
    }
    return lacking.get(step.action)


def last_closed(record: PenaltyRecord, complaints: Mapping[str, Complaint]) -> datetime | None:
    """When the last of its complaints was closed; None for a record that stems from none."""
    closings = [complaints[no].closed for no in complaints_of(record.facts)]
    return max((moment(closed.at) for closed in closings if closed), default=None)


KEPT = (
    "notified_at",
    "statement_until",
    "stated_at",
    "heard_before",
    "warned_before",
    "issued_at",
    "appeal_until",
    "appealed_at",
    "appeal_decided_at",
    "in_effect_at",
    "lapses_at",
    "lapsed_at",
    "withdrawn_at",
)


async def take(
    session: AsyncSession, record: PenaltyRecord, step: NextStep, calendar: WorkCalendar, rules: RulebookText
) -> bool:
    """Take the step if it may be taken by itself; False when it must wait.

    The person may be speaking at this very moment, or be given back time that an outage took: the record is held and read again
    before anything is done to it.
    """
    if step.action not in (Action.NOTIFY, *deadlines.UNASKED) or not step.due:
        return False
    before = reckoned_from(record)
    await session.flush()
    await session.refresh(record, with_for_update=True)
    if before != reckoned_from(record):
        return True
    now = await factory_now(session)
    match step.action:
        case Action.NOTIFY:
            record.warned_before = await escalation.earlier_warnings(session, record, rules)
            await notify(session, record, due_process.statement_deadline(now, calendar, rules))
        case Action.ISSUE:
            await issue(
                session, record, by=SYSTEM_ACTOR, appeal_until=due_process.appeal_deadline(now, calendar, rules)
            )
        case Action.TAKE_EFFECT:
            await take_effect(session, record, due_process.lapse_of(now, rules))
        case _:
            await lapse(session, record)
    return True


def reckoned_from(record: PenaltyRecord) -> list[Any]:
    """What the next step depends on; where that has changed, it is reckoned anew."""
    return [getattr(record, name) for name in ("status", *KEPT)]


async def notify(session: AsyncSession, record: PenaltyRecord, statement_until: datetime) -> None:
    """The person is told and may state their case."""
    move(record, RecordStatus.NOTIFIED)
    record.notified_at, record.statement_until = await factory_now(session), statement_until
    fact = RecordNotified(
        order_no=record.order_no,
        record_no=record.no,
        person=record.person,
        statement_until=statement_until,
        nth_warning=escalation.nth_warning(record),
        warned_before=tuple(record.warned_before),
        reduced_to=Sanction(record.reduced_to) if record.reduced_to else None,
        compensation_reduced_to=record.compensation_reduced_to,
        appeal_from=record.appeal_from,
    )
    await notifications.tell(session, fact)


async def issue(session: AsyncSession, record: PenaltyRecord, *, by: str, appeal_until: datetime) -> None:
    """The record stands, open to appeal; what stems from a complaint is no longer held for it.

    An appeal that goes on from an earlier record waits for its decision from now on.
    """
    move(record, RecordStatus.ISSUED)
    record.issued_at, record.appeal_until, record.held_for_complaint = await factory_now(session), appeal_until, None
    record.next_step, record.next_at = Action.TAKE_EFFECT, appeal_until
    if record.appealed_at is not None:
        record.next_step, record.next_at = Action.AWAIT_APPEAL, record.appealed_at
    fact = RecordIssued(
        order_no=record.order_no,
        record_no=record.no,
        person=record.person,
        issued_by=by,
        reason=record.decision_reason,
        appeal_until=appeal_until,
        legal_ground=record.legal_ground,
        union_notice=record.union_notice,
        union_notified_on=record.union_notified_on,
        escalated_to=Sanction(record.escalated_to) if record.escalated_to else None,
        counted_with=tuple(record.counted_with),
    )
    await notifications.tell(session, fact)


async def take_effect(session: AsyncSession, record: PenaltyRecord, lapses_at: datetime) -> None:
    """It counts until it lapses: at the latest then, and no later than an earlier one whose term goes on with it."""
    going_on = carried.term_of(record, await matters.before(session, record))
    record.term_from = None
    if going_on is not None and carried.is_over(going_on, lapses_at):
        record.term_from, lapses_at = going_on.no, going_on.lapses_at or lapses_at
    move(record, RecordStatus.IN_EFFECT)
    record.in_effect_at, record.lapses_at = await factory_now(session), lapses_at
    record.next_step, record.next_at = Action.LAPSE, lapses_at
    fact = RecordInEffect(order_no=record.order_no, record_no=record.no, person=record.person, lapses_at=lapses_at)
    await publish(session, fact)


async def lapse(session: AsyncSession, record: PenaltyRecord) -> None:
    """It was in effect for as long as the rulebook says; it stays on file and counts no longer."""
    move(record, RecordStatus.LAPSED)
    record.lapsed_at = await factory_now(session)
    record.next_step, record.next_at = Action.NOTHING, None
    await publish(session, RecordLapsed(order_no=record.order_no, record_no=record.no, person=record.person))


async def lapse_at_once(session: AsyncSession, record: PenaltyRecord, earlier: PenaltyRecord) -> None:
    """Its term was over before it came, with the earlier one's: it asks nothing of anybody, and its person hears that."""
    move(record, RecordStatus.LAPSED)
    record.lapses_at, record.lapsed_at = earlier.lapses_at, earlier.lapsed_at or earlier.lapses_at
    record.term_from, record.next_step = earlier.no, Action.NOTHING
    fact = RecordLapsed(order_no=record.order_no, record_no=record.no, person=record.person, term_from=earlier.no)
    await notifications.tell(session, fact)
