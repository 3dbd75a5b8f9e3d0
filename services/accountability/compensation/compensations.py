"""Who answers with money, for what and how much? Intent or gross negligence is found first, then the person is notified in writing.

Without both nothing is payable. Nobody does either in their own case, and whoever found it does not give the notification: where
nobody else is in HR, the general manager does. A record that falls takes its compensation with it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import notifications
from chassis.clock import factory_now
from chassis.desk import Form, Reason
from chassis.documents import find, lock, move, next_number
from chassis.errors import NotFound
from chassis.language import word
from chassis.people import Person
from contracts.accountability import CompensationFound, CompensationNotified, CompensationWithdrawn, Fault
from contracts.event import Actor
from services.accountability.compensation.compensation_refusals import (
    AppealOver,
    FaultFoundAlready,
    FoundByYou,
    LossSharedOut,
    NothingLeft,
    NothingProposed,
    NothingToAnswerFor,
    NotIssuedYet,
    NotYourCompensation,
    OwnCompensation,
    RecordPastHearing,
    ShareAboveProposal,
)
from services.accountability.findings.breach_findings import Number
from services.accountability.judge.compensation import WHOLE, at_share, fen, in_words, total
from services.accountability.judge.verdicts import CompensationPart
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord, RecordStatus
from services.accountability.process import deadlines
from services.accountability.process.due_process import objection_deadline

HEARING = (RecordStatus.NOTIFIED, RecordStatus.ISSUED)
DECIDED = (RecordStatus.ISSUED, RecordStatus.IN_EFFECT)


class FaultFound(Form):
    """Intent or gross negligence, what shows it, and the share; blank means the share that the record proposes."""

    record_no: str = Field(max_length=64)
    fault: Fault
    what_happened: str = Field(min_length=1, max_length=4000)
    evidence_documents: tuple[Number, ...] = Field(min_length=1, max_length=50)
    share_percent: Decimal | None = Field(default=None, gt=0, le=100, max_digits=7, decimal_places=4)


class WrittenNotification(Form):
    """Why the person answers for the amount, and where the notification that was handed to them is kept."""

    notified_because: str = Field(min_length=1, max_length=4000)
    paper_reference: str = Field(min_length=1, max_length=200)


async def find_fault(session: AsyncSession, form: FaultFound, *, actor: Actor, now: datetime) -> Compensation:
    """Find intent or gross negligence behind a record's loss; the amount follows from the share."""
    record = await lock(session, PenaltyRecord, form.record_no)
    check_open(record, actor.employee)
    await check_appeal_open(session, record, now)
    live = await living(session, record.no)
    if live is not None:
        raise FaultFoundAlready(no=record.no, other=live.no)
    parts = parts_at(record, form.share_percent)
    await check_left(session, record, parts)
    compensation = composed(record, form, parts)
    compensation.no = await next_number(session, Compensation.code, now)
    compensation.made_by, compensation.made_at, compensation.found_as = actor.employee, now, actor.post or ""
    record.fault_found_by = sorted({*record.fault_found_by, actor.employee})
    session.add(compensation)
    fact = stated(compensation)
    await notifications.tell(session, fact)
    return compensation


def check_open(record: PenaltyRecord, by: str) -> None:
    """Raises OwnCompensation, NothingProposed, NothingLeft, RecordPastHearing."""
    if record.person == by:
        raise OwnCompensation(employee=by, no=record.no)
    if not proposed(record):
        raise NothingProposed(no=record.no)
    if nothing_left(record):
        raise NothingLeft(no=record.no)
    if record.status not in HEARING:
        raise RecordPastHearing(no=record.no, status=word(record.status))


async def check_appeal_open(session: AsyncSession, record: PenaltyRecord, now: datetime) -> None:
    """The person must still be able to appeal against it, or their appeal be undecided; raises AppealOver."""
    waits = record.appealed_at is not None and record.appeal_decided_at is None
    if record.issued_at is None or waits:
        return
    over = record.appeal_decided_at or await deadlines.appeal_until(session, record)
    if record.appeal_decided_at or now > over:
        raise AppealOver(no=record.no, at=over)


def nothing_left(record: PenaltyRecord) -> bool:
    """Whether an authority has taken off all that the record asks for in money."""
    return record.compensation_reduced_to is not None and not fen(record.compensation_reduced_to)


def parts_at(record: PenaltyRecord, share: Decimal | None) -> list[CompensationPart]:
    """The record's parts at the found share; raises ShareAboveProposal, NothingToAnswerFor."""
    parts = proposed(record)
    most = max(part.share_percent for part in parts)
    if share is None:
        return parts
    if share > most:
        raise ShareAboveProposal(share=share, proposed=fen(most))
    found = [at_share(part, share) for part in parts]
    if not total(found):
        raise NothingToAnswerFor(share=share)
    return found


def proposed(record: PenaltyRecord) -> list[CompensationPart]:
    """What the judge proposes, part by part; a record from before there were parts is one."""
    said = record.facts.get("compensation")
    if not said:
        return []
    return [part_of(part) for part in said.get("parts") or [whole_of(said)]]


def whole_of(said: Mapping[str, Any]) -> dict[str, Any]:
    named = str(said["computation"]).partition(": ")[0]
    return {**said, "loss_of": named, "formula": "…"}


def part_of(said: Mapping[str, Any]) -> CompensationPart:
    figures = ("ceiling", "recorded_loss", "share_percent", "amount")
    return CompensationPart(
        loss_of=said["loss_of"], formula=said["formula"], **{name: Decimal(str(said[name])) for name in figures}
    )


async def check_left(session: AsyncSession, record: PenaltyRecord, parts: Iterable[CompensationPart]) -> None:
    """Whoever else answers for the same loss leaves this much of it; raises LossSharedOut.

    The judge shares a loss out within an order. Facts from before a loss had one order only may name it in several.
    """
    living = Compensation.status != CompensationStatus.WITHDRAWN
    query = select(Compensation, PenaltyRecord).join(PenaltyRecord, PenaltyRecord.no == Compensation.record_no)
    others = (await session.execute(query.where(living, Compensation.record_no != record.no))).all()
    for part in parts:
        taken = {
            compensation.no: min(compensation.share_percent, theirs.share_percent)
            for compensation, other in others
            for theirs in proposed(other)
            if theirs.loss_of == part.loss_of
        }
        left = WHOLE - sum(taken.values(), Decimal(0))
        if fen(part.share_percent) > left:
            raise LossSharedOut(document=part.loss_of, others=sorted(taken), left=max(left, Decimal(0)))


def composed(record: PenaltyRecord, form: FaultFound, parts: list[CompensationPart]) -> Compensation:
    return Compensation(
        order_no=record.order_no,
        status=CompensationStatus.FOUND,
        record_no=record.no,
        clause=record.clause,
        person=record.person,
        fault=form.fault,
        what_happened=form.what_happened,
        evidence_documents=list(dict.fromkeys(form.evidence_documents)),
        share_percent=fen(max(part.share_percent for part in parts)),
        amount=total(parts),
        computation=in_words(parts),
    )


def stated(compensation: Compensation) -> CompensationFound:
    said = {name: getattr(compensation, name) for name in CompensationFound.model_fields if hasattr(compensation, name)}
    return CompensationFound(**said, compensation_no=compensation.no, found_by=compensation.made_by)


async def notify_in_writing(
    session: AsyncSession, no: str, form: WrittenNotification, *, by: str, now: datetime
) -> Compensation:
    """Tell the person in writing why and how much."""
    record, compensation = await both(session, no)
    until = objection_deadline(now, *await deadlines.terms(session, record))
    fact = mark_notified(compensation, record, form, by=by, now=now, until=until)
    await notifications.tell(session, fact)
    return compensation


def mark_notified(
    compensation: Compensation,
    record: PenaltyRecord,
    form: WrittenNotification,
    *,
    by: str,
    now: datetime,
    until: datetime,
) -> CompensationNotified:
    """Write down who told the person, why, and `until` when they may object.

    Raises OwnCompensation, FoundByYou, NotIssuedYet, NothingLeft, WrongStatus.
    """
    if compensation.person == by:
        raise OwnCompensation(employee=by, no=compensation.no)
    if compensation.made_by == by:
        raise FoundByYou(employee=by, no=compensation.no)
    if record.status not in DECIDED and compensation.status == CompensationStatus.FOUND:
        raise NotIssuedYet(record_no=record.no, status=word(record.status))
    if nothing_left(record):
        raise NothingLeft(no=record.no)
    move(compensation, CompensationStatus.NOTIFIED)
    compensation.notified_because, compensation.paper_reference = form.notified_because, form.paper_reference
    compensation.notified_by, compensation.notified_at, compensation.objection_until = by, now, until
    return CompensationNotified(
        **named(compensation),
        amount=payable(compensation, record),
        reason=form.notified_because,
        paper_reference=form.paper_reference,
        notified_by=by,
        objection_until=until,
    )


def barred_from_notifying(compensation: Compensation) -> set[str]:
    """Its person, and whoever found it: somebody else has looked at it, too, before it is payable."""
    return {compensation.person, compensation.made_by}


def may_notify(compensation: Compensation, person: Person) -> bool:
    return person.employee not in barred_from_notifying(compensation)


def may_take_back(compensation: Compensation, person: Person) -> bool:
    """Only whoever found it."""
    return compensation.made_by == person.employee


async def withdraw(session: AsyncSession, no: str, form: Reason, *, by: str) -> Compensation:
    """Whoever found it takes it back; what was stated to payroll by then stays listed as such."""
    _, compensation = await both(session, no)
    if compensation.made_by != by:
        raise NotYourCompensation(no=no, found_by=compensation.made_by)
    await take_back(session, compensation, form.reason, by)
    return compensation


async def fall(session: AsyncSession, record: PenaltyRecord, reason: str, by: str) -> None:
    """The record fell, and with it the ground of its compensation; or an appeal left nothing of it."""
    compensation = await living(session, record.no)
    if compensation is not None:
        await take_back(session, compensation, reason, by)


async def take_back(session: AsyncSession, compensation: Compensation, reason: str, by: str) -> None:
    move(compensation, CompensationStatus.WITHDRAWN)
    compensation.withdrawn_because, compensation.withdrawn_by = reason, by
    compensation.withdrawn_at = await factory_now(session)
    fact = CompensationWithdrawn(**named(compensation), reason=reason, withdrawn_by=by)
    await notifications.tell(session, fact)


async def both(session: AsyncSession, no: str) -> tuple[PenaltyRecord, Compensation]:
    """A compensation and its record, held in the order in which whoever lets a record fall holds them."""
    compensation = await find(session, Compensation, no)
    if compensation is None:
        raise NotFound(kind=Compensation.title, no=no)
    record = await lock(session, PenaltyRecord, compensation.record_no)
    return record, await lock(session, Compensation, no)


async def living(session: AsyncSession, record_no: str) -> Compensation | None:
    """The one compensation of a record that was not withdrawn, held."""
    query = select(Compensation).where(
        Compensation.record_no == record_no, Compensation.status != CompensationStatus.WITHDRAWN
    )
    return (await session.scalars(query.with_for_update())).one_or_none()


async def for_nothing(session: AsyncSession, records: Iterable[PenaltyRecord]) -> set[str]:
    """Those that ask for money alone and took effect without anybody having found intent or gross negligence in time."""
    alone = {one.no for one in records if not one.sanction and one.in_effect_at}
    if not alone:
        return alone
    standing = Compensation.status != CompensationStatus.WITHDRAWN
    found = await session.scalars(select(Compensation.record_no).where(Compensation.record_no.in_(alone), standing))
    return alone - set(found)


def payable(compensation: Compensation, record: PenaltyRecord) -> Decimal:
    """What was found, or what an appeal and an objection left of it, in whole fen."""
    left = (compensation.amount, record.compensation_reduced_to, compensation.objection_reduced_to)
    return fen(min(amount for amount in left if amount is not None))


def named(compensation: Compensation) -> dict[str, Any]:
    """What every later word on a compensation says of it."""
    said: dict[str, Any] = {name: getattr(compensation, name) for name in ("order_no", "record_no", "person")}
    return {**said, "compensation_no": compensation.no}
