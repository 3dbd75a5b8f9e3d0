"""What does the person say to a compensation that they were notified of, until when, and who decides on it?

Nothing is taken while that is undecided. Whoever found the compensation or gave the notification decides nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import notifications
from chassis.desk import Form
from chassis.errors import shown
from chassis.language import Label, word
from chassis.outbox import publish
from chassis.people import Person
from contracts.accountability import AppealOutcome, CompensationObjected, ObjectionDecided
from contracts.event import Actor
from services.accountability.compensation.compensation_refusals import (
    HadAHandInIt,
    NoObjection,
    NothingToObjectTo,
    NotLessThanPayable,
    ObjectedAlready,
    ObjectionLate,
    OwnCompensation,
)
from services.accountability.compensation.compensations import both, named, payable, take_back
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord
from services.accountability.process import deadlines
from services.accountability.process.due_process import objection_deadline
from services.accountability.process.statements import MOST_REFERENCES, Reference, referred


class Objection(Form):
    """Why the person objects, and what they point to."""

    objection: str = Field(min_length=1, max_length=4000)
    references: tuple[Reference, ...] = Field(default=(), max_length=MOST_REFERENCES)


class ObjectionDecision(Form):
    """Uphold, reduce to a lower amount (CNY), or revoke; always with the reason."""

    outcome: AppealOutcome
    objection_reduced_to: Decimal | None = Field(default=None, gt=0, max_digits=18, decimal_places=2)
    reason: str = Field(min_length=1, max_length=2000)

    @classmethod
    def about(cls, document: Compensation) -> list[tuple[Label, str]]:
        said = [(word("objection"), document.objection), (word("amount"), f"{document.amount:,.2f}")]
        return [*said, *referred("objection_references", document.objection_references)] if document.objection else []


async def make(session: AsyncSession, no: str, form: Objection, *, now: datetime) -> Compensation:
    """The person objects; nothing is taken until it is decided."""
    record, compensation = await both(session, no)
    if compensation.status != CompensationStatus.NOTIFIED:
        raise NothingToObjectTo(no=no, status=word(compensation.status))
    until = await last_moment(session, compensation, record)
    await publish(session, mark_objected(compensation, form, until=until, now=now))
    return compensation


async def last_moment(session: AsyncSession, compensation: Compensation, record: PenaltyRecord) -> datetime:
    """What the person was told; of a notification from before there was a period, what calendar and rulebook say."""
    assert compensation.notified_at is not None
    terms = await deadlines.terms(session, record)
    return compensation.objection_until or objection_deadline(compensation.notified_at, *terms)


def mark_objected(
    compensation: Compensation, form: Objection, *, until: datetime, now: datetime
) -> CompensationObjected:
    """Keep what was said; raises ObjectedAlready, ObjectionLate."""
    if compensation.objected_at is not None:
        raise ObjectedAlready(no=compensation.no, at=compensation.objected_at)
    if now > until:
        raise ObjectionLate(no=compensation.no, until=until)
    compensation.objected_at, compensation.objection = now, form.objection
    compensation.objection_references = list(form.references)
    return CompensationObjected(**named(compensation), objection=form.objection, references=form.references)


async def decide(
    session: AsyncSession, no: str, form: ObjectionDecision, *, actor: Actor, now: datetime
) -> Compensation:
    """Somebody who had no hand in it decides; what is revoked is withdrawn with the decision's reason."""
    record, compensation = await both(session, no)
    fact = mark_decided(compensation, record, form, actor=actor, now=now)
    await notifications.tell(session, fact)
    if form.outcome is AppealOutcome.REVOKE:
        await take_back(session, compensation, form.reason, actor.employee)
    return compensation


def mark_decided(
    compensation: Compensation, record: PenaltyRecord, form: ObjectionDecision, *, actor: Actor, now: datetime
) -> ObjectionDecided:
    """Write the decision down; raises OwnCompensation, HadAHandInIt, NoObjection, NotLessThanPayable.

    What it leaves stands on the record as well: no more is payable if the same is found anew.
    """
    if actor.employee == compensation.person:
        raise OwnCompensation(employee=actor.employee, no=compensation.no)
    if actor.employee in with_a_hand_in(compensation, record.fault_found_by):
        raise HadAHandInIt(employee=actor.employee, no=compensation.no)
    if not waits(compensation):
        raise NoObjection(no=compensation.no)
    compensation.objection_reduced_to = amount_left(form, payable(compensation, record))
    compensation.objection_outcome, compensation.objection_reason = form.outcome, form.reason
    compensation.objection_decided_by, compensation.objection_decided_as = actor.employee, actor.post or ""
    compensation.objection_decided_at = now
    after = Decimal(0) if form.outcome is AppealOutcome.REVOKE else payable(compensation, record)
    if form.outcome is not AppealOutcome.UPHOLD:
        record.compensation_reduced_to = after
    return ObjectionDecided(
        **named(compensation),
        outcome=form.outcome,
        amount_after=after,
        reason=form.reason,
        decided_by=actor.employee,
    )


def waits(compensation: Compensation) -> bool:
    """Whether an objection is undecided."""
    open_ = compensation.objected_at is not None and compensation.objection_decided_at is None
    return open_ and compensation.status == CompensationStatus.NOTIFIED


def with_a_hand_in(compensation: Compensation, earlier: Iterable[str] = ()) -> set[str]:
    """Its person, whoever found it or, `earlier`, another that was withdrawn, and whoever gave the notification."""
    named = (compensation.person, compensation.made_by, compensation.notified_by, *earlier)
    return {who for who in named if who}


def may_decide(compensation: Compensation, person: Person) -> bool:
    """Whether there is something to decide, and nothing keeps this person from it."""
    return waits(compensation) and person.employee not in with_a_hand_in(compensation)


def amount_left(form: ObjectionDecision, before: Decimal) -> Decimal | None:
    """The most that is payable after it; None where nothing is taken off. Raises NotLessThanPayable."""
    left = form.objection_reduced_to
    if (form.outcome is AppealOutcome.REDUCE) != (left is not None) or (left is not None and left >= before):
        raise NotLessThanPayable(to="—" if left is None else shown(left), payable=before)
    return left


def may_still_object(compensation: Compensation, person: Person) -> bool:
    """The same where the person was told of no last moment: then it is reckoned when they object."""
    until = compensation.objection_until
    return compensation.objected_at is None and (until is None or person.now <= until)


def may_object(compensation: Compensation | None, now: datetime) -> bool:
    """Whether the person may still object."""
    if compensation is None or compensation.status != CompensationStatus.NOTIFIED or compensation.objected_at:
        return False
    return compensation.objection_until is not None and now <= compensation.objection_until
