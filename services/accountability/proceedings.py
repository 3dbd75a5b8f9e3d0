"""When does a record take its next step? As soon as the evidence reaches beyond the period it had to wait."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.documents import different_person, lock, move
from chassis.errors import Refusal
from chassis.instants import moment
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import RecordInEffect, RecordIssued, RecordNotified, Sanction
from contracts.event import SYSTEM_ACTOR
from services.accountability.due_process import Action, NextStep, RecordFacts, next_step
from services.accountability.in_force import calendar_now
from services.accountability.models import PenaltyRecord, RecordStatus
from services.accountability.state import State

RUNNING = (RecordStatus.PROPOSED, RecordStatus.NOTIFIED, RecordStatus.ISSUED)


class StillToBeHeard(Refusal):
    code = "still_to_be_heard"
    message = Label(
        "处罚单 {no} 的申辩期还没有结束,或客诉尚未关闭。请等到“待人事决定”后再发出。",
        "The person of {no} may still be heard, or the complaint is not closed yet. Please wait until HR's decision is due.",
    )


class OwnCase(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 是 {no} 的当事人,不能决定自己的处罚单。请由总经理决定。",
        "{employee} is the person of {no} and may not decide their own case. Please ask the general manager.",
    )


async def follow(session: AsyncSession, state: State, frontier: datetime) -> None:
    """Take every step that has become due; each is stated as a fact."""
    query = select(PenaltyRecord).where(PenaltyRecord.status.in_(RUNNING)).order_by(PenaltyRecord.no)
    for record in (await session.scalars(query)).all():
        step = step_of(record, state, frontier)
        while step is not None and await take(session, record, step):
            step = step_of(record, state, frontier)


def step_of(record: PenaltyRecord, state: State, frontier: datetime) -> NextStep | None:
    """The next step under the rulebook version that the record cites."""
    calendar, rulebook = calendar_now(state), state.index.rulebooks.get(record.rulebook_version)
    if calendar is None or rulebook is None:
        return None
    complaint_no = record.facts.get("complaint_no")
    complaint = state.complaints.get(complaint_no) if complaint_no else None
    facts = RecordFacts(
        proposed_at=record.made_at,
        sanction=Sanction(record.sanction) if record.sanction else None,
        notified_at=record.notified_at,
        issued_at=record.issued_at,
        in_effect_at=record.in_effect_at,
        complaint_no=complaint_no,
        complaint_closed_at=moment(complaint.closed.at) if complaint and complaint.closed else None,
    )
    return next_step(facts, frontier, calendar, rulebook.text)


async def take(session: AsyncSession, record: PenaltyRecord, step: NextStep) -> bool:
    """Take the step if it may be taken by itself; False when it must wait."""
    match step.action:
        case Action.NOTIFY:
            await notify(session, record)
        case Action.ISSUE if step.due:
            await issue(session, record, by=SYSTEM_ACTOR)
        case Action.TAKE_EFFECT if step.due:
            await take_effect(session, record)
        case Action.AWAIT_HR:
            record.awaits_hr = step.at is None or step.at <= await factory_now(session)
            return False
        case _:
            return False
    return True


async def notify(session: AsyncSession, record: PenaltyRecord) -> None:
    """The person is told and may state their case."""
    move(record, RecordStatus.NOTIFIED)
    record.notified_at = await factory_now(session)
    await publish(session, RecordNotified(order_no=record.order_no, record_no=record.no, person=record.person))


async def issue(session: AsyncSession, record: PenaltyRecord, *, by: str) -> None:
    """The record stands, open to appeal; what stems from a complaint is no longer held for it."""
    move(record, RecordStatus.ISSUED)
    record.issued_at, record.awaits_hr, record.held_for_complaint = await factory_now(session), False, None
    fact = RecordIssued(order_no=record.order_no, record_no=record.no, person=record.person, issued_by=by)
    await publish(session, fact)


async def take_effect(session: AsyncSession, record: PenaltyRecord) -> None:
    move(record, RecordStatus.IN_EFFECT)
    record.in_effect_at = await factory_now(session)
    await publish(session, RecordInEffect(order_no=record.order_no, record_no=record.no, person=record.person))


async def decide(session: AsyncSession, no: str, *, by: str, now: datetime) -> PenaltyRecord:
    """HR issues what does not issue by itself: a major demerit, a compensation, a case in which the person spoke up."""
    record = await lock(session, PenaltyRecord, no)
    if record.person == by:
        raise OwnCase(employee=by, no=no)
    if not record.awaits_hr:
        raise StillToBeHeard(no=no)
    different_person(record, by)
    record.approved_by, record.approved_at = by, now
    await issue(session, record, by=by)
    return record
