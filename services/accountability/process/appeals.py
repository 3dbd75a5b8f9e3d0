"""Who looks at a record again, and what may become of it? Another authority than the one that issued it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import notifications
from chassis.desk import Form
from chassis.documents import lock
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.outbox import publish
from chassis.people import Person, holders_of
from contracts.accountability import SEVERITY, AppealDecided, AppealMade, AppealOutcome, Sanction
from contracts.event import Actor
from services.accountability.compensation import compensations
from services.accountability.judge.compensation import fen
from services.accountability.models import Compensation, PenaltyRecord, RecordStatus
from services.accountability.process import escalation, records
from services.accountability.process.deadlines import appeal_until
from services.accountability.process.decisions import OwnCase
from services.accountability.process.due_process import Action
from services.accountability.process.statements import MOST_REFERENCES, Reference, referred

AUTHORITIES = ("general_manager", "hr")


class AppealLate(Refusal):
    code = "appeal_late"
    message = Label(
        "对 {no} 的申诉期到 {until} 为止,已经过了。",
        "An appeal against {no} was possible until {until}. That time is over.",
    )


class NotIssued(Refusal):
    code = "not_issued"
    message = Label(
        "{no} 现在是“{status}”,没有可申诉的决定。只能对已发出、尚未生效的处罚单申诉。",
        "{no} is {status}: there is nothing to appeal against. Only what is issued and not in effect yet can be appealed.",
    )


class AppealedAlready(Refusal):
    code = "appealed_already"
    message = Label(
        "{no} 已于 {at} 申诉。请等待申诉决定。",
        "An appeal against {no} was made at {at}. Please wait for the decision.",
    )


class AppealDecidedAlready(Refusal):
    code = "appeal_decided_already"
    message = Label(
        "对 {no} 的申诉已于 {at} 决定,不能再申诉。决定及其理由见该处罚单。",
        "The appeal against {no} was decided at {at}, and there is no other one. The decision and its reason stand on the record.",
    )


class MayBeAddedTo(Refusal):
    code = "may_be_added_to"
    message = Label(
        "{no} 所接续的申诉,当事人在 {until} 前可以补充。请在其后决定。",
        "The person of {no} may add to the appeal that goes on with it until {until}. Please decide after that.",
    )


class NoAppeal(Refusal):
    code = "no_appeal"
    message = Label(
        "{no} 没有等待决定的申诉。请刷新后查看现状。",
        "No appeal against {no} waits for a decision. Please reload to see where it stands.",
    )


class NotIndependent(Refusal):
    status, code = 403, "not_independent"
    message = Label(
        "{employee} 参与了 {no} 的认定或决定,不能再决定其申诉。请由{authority}决定。",
        "{employee} had a hand in {no} and may not decide the appeal. It is for: {authority}.",
    )


class NobodyIndependent(Refusal):
    code = "nobody_independent"
    message = Label(
        "现在没有与 {no} 无关、可以决定其申诉的人。请先任命一位(可为代理)总经理或人事。",
        "Nobody who is free of {no} may decide the appeal now. Please appoint a (possibly acting) general manager or HR.",
    )


class NotLighter(Refusal):
    status, code, field = 422, "not_lighter", "reduced_to"
    message = Label(
        "“{to}”不比“{sanction}”轻。减轻须改为更轻的处分;没有更轻的,请维持或撤销。",
        "{to} is not lighter than {sanction}. To reduce is to choose a lighter one; where none is, uphold or revoke.",
    )


class LighterOnlyWhenReduced(Refusal):
    status, code, field = 422, "lighter_only_when_reduced", "reduced_to"
    message = Label(
        "决定是“{outcome}”,却填写了更轻的处分“{to}”。要减为“{to}”,请选择“{reduce}”;否则请不要填写。",
        "The outcome is to {outcome}, and a lighter sanction is filled in: {to}. To leave {to}, please choose to {reduce}; "
        "otherwise leave it blank.",
    )


class NothingIsToRevoke(Refusal):
    status, code, field = 422, "nothing_is_to_revoke", "compensation_reduced_to"
    message = Label(
        "{no} 只要求赔偿:减到不足一分钱即没有内容。请选择“{revoke}”,或填写更高的金额。",
        "{no} asks for money alone: reduced to less than a fen nothing of it is left. Please choose to {revoke}, or give more.",
    )


class NotLower(Refusal):
    status, code, field = 422, "not_lower", "compensation_reduced_to"
    message = Label(
        "{to} 元不低于现在最多应赔的 {compensation} 元,或决定不是“减轻”。请填写更低的金额,并选择减轻。",
        "CNY {to} is not below the {compensation} that are payable at most now, or the outcome is not to reduce. "
        "Please give less, and choose to reduce.",
    )


class Appeal(Form):
    """Why the person wants it looked at again, and what they point to."""

    appeal: str = Field(min_length=1, max_length=4000)
    references: tuple[Reference, ...] = Field(default=(), max_length=MOST_REFERENCES)


class AppealDecision(Form):
    """Uphold, reduce to a lighter sanction or a lower compensation (CNY), or revoke; always with the reason."""

    outcome: AppealOutcome
    reduced_to: Sanction | None = None
    compensation_reduced_to: Decimal | None = Field(default=None, ge=0, max_digits=18, decimal_places=4)
    reason: str = Field(min_length=1, max_length=2000)

    @classmethod
    def about(cls, document: PenaltyRecord) -> list[tuple[Label, str]]:
        said = [(word("appeal"), document.appeal)]
        return [*said, *referred("appeal_references", document.appeal_references)] if document.appeal else []


async def appeal(session: AsyncSession, no: str, form: Appeal, *, now: datetime) -> PenaltyRecord:
    """The person of the record asks another authority."""
    record = await lock(session, PenaltyRecord, no)
    if record.issued_at is None or record.status == RecordStatus.WITHDRAWN:
        raise NotIssued(no=no, status=word(record.status))
    await publish(session, mark_appealed(record, form, until=await appeal_until(session, record), now=now))
    return record


def mark_appealed(record: PenaltyRecord, form: Appeal, *, until: datetime, now: datetime) -> AppealMade:
    """Stop the record from taking effect until the appeal is decided; raises AppealDecidedAlready, AppealedAlready, AppealLate.

    What was carried over from an earlier record may be added to.
    """
    if record.appeal_decided_at is not None:
        raise AppealDecidedAlready(no=record.no, at=record.appeal_decided_at)
    if said_already(record):
        raise AppealedAlready(no=record.no, at=record.appealed_at)
    if record.status != RecordStatus.ISSUED or now > until:
        raise AppealLate(no=record.no, until=until)
    record.appealed_at = record.appealed_at or now
    record.appeal = f"{record.appeal}\n\n{form.appeal}" if record.appeal else form.appeal
    record.appeal_references = (*(record.appeal_references or ()), *form.references)
    record.next_step, record.next_at = Action.AWAIT_APPEAL, now
    return AppealMade(
        order_no=record.order_no,
        record_no=record.no,
        person=record.person,
        appeal=form.appeal,
        references=form.references,
    )


async def decide_appeal(
    session: AsyncSession, no: str, form: AppealDecision, *, actor: Actor, now: datetime
) -> PenaltyRecord:
    """Another authority decides; a revoked record is withdrawn with the reason, and so is money of which nothing is left."""
    record = await lock(session, PenaltyRecord, no)
    check_authority(record, actor.employee, await holders_of(session, now))
    most = at_stake(record, await compensations.living(session, record.no))
    fact = mark_appeal_decided(record, form, actor=actor, now=now, most=most)
    if fact.compensation_after is not None and not fen(fact.compensation_after):
        await compensations.fall(session, record, form.reason, actor.employee)
    if fact.sanction_after not in (None, fact.sanction_before):
        falls_back = await escalation.fall_back(session, record, form.reason, by=actor.employee)
        fact = fact.model_copy(update={"falls_back": falls_back})
    await notifications.tell(session, fact)
    if form.outcome is AppealOutcome.REVOKE:
        await records.retire(session, record, form.reason, (), by=actor.employee)
    return record


def check_authority(record: PenaltyRecord, employee: str, holders: Mapping[str, Collection[str]]) -> None:
    """Raises OwnCase, NobodyIndependent or NotIndependent for whoever may not decide this appeal."""
    if employee == record.person:
        raise OwnCase(employee=employee, no=record.no)
    authority = authority_over(record, holders)
    if authority is None:
        raise NobodyIndependent(no=record.no)
    if employee not in holders.get(authority, ()) or employee in with_a_hand_in(record):
        raise NotIndependent(employee=employee, no=record.no, authority=word(authority))


def authority_over(record: PenaltyRecord, holders: Mapping[str, Collection[str]]) -> str | None:
    """The general manager, unless that post issued the record or nobody in it is free of the case: then HR."""
    barred = with_a_hand_in(record)
    free = (post for post in AUTHORITIES if post != record.decided_as and not barred.issuperset(holders.get(post, ())))
    return next(free, None)


def may_appeal(record: PenaltyRecord, person: Person) -> bool:
    """Whether its time is not over, and the person has not appealed yet."""
    until = record.appeal_until
    return not said_already(record) and (until is None or person.now <= until)


def said_already(record: PenaltyRecord) -> bool:
    """Whether the person has appealed against this very record; to what they said on an earlier one they may add."""
    return record.appealed_at is not None and (not record.appeal_from or record.appeal_decided_at is not None)


def may_decide(record: PenaltyRecord, person: Person) -> bool:
    """Whether there is something to decide, and no hand in it keeps this person from it."""
    return waits(record) and not may_be_added_to(record, person.now) and person.employee not in with_a_hand_in(record)


def waits(record: PenaltyRecord) -> bool:
    """Whether an appeal is undecided."""
    open_ = record.appealed_at is not None and record.appeal_decided_at is None
    return open_ and record.status == RecordStatus.ISSUED


def may_be_added_to(record: PenaltyRecord, now: datetime) -> bool:
    """Whether an appeal goes on with the record to which its person may still add what they have to say against this one."""
    until = record.appeal_until
    return bool(record.appeal_from) and waits(record) and until is not None and now <= until


def with_a_hand_in(record: PenaltyRecord) -> set[str]:
    """The record's person, whoever issued it or ever found fault behind it, and whom its facts name as having done something.

    Who issued an earlier one of its matter as well.
    """
    named = {
        value
        for breach in record.facts.get("breaches", ())
        for name, value in breach.get("facts", {}).items()
        if name.endswith("_by") and isinstance(value, str)
    }
    deciding = {record.approved_by} if record.approved_by else set()
    return named | {record.person, *record.fault_found_by, *record.issued_before_by} | deciding


def at_stake(record: PenaltyRecord, found: Compensation | None) -> Decimal | None:
    """The most that could become payable: what was found, else what is proposed, or what is left of it; None without money."""
    if found is not None:
        return compensations.payable(found, record)
    left = [amount for amount in (record.compensation, record.compensation_reduced_to) if amount is not None]
    return min(left, default=None)


def mark_appeal_decided(
    record: PenaltyRecord, form: AppealDecision, *, actor: Actor, now: datetime, most: Decimal | None
) -> AppealDecided:
    """Write the decision beside what it decides on, of money at `most`; raises a refusal for what does not fit."""
    if not waits(record):
        raise NoAppeal(no=record.no)
    if may_be_added_to(record, now):
        raise MayBeAddedTo(no=record.no, until=record.appeal_until)
    before = escalation.weighs(record)
    after, left = sanction_after(form, before), compensation_after(form, most)
    if left is not None and not fen(left) and before is None:
        raise NothingIsToRevoke(no=record.no, revoke=word(AppealOutcome.REVOKE))
    record.appeal_outcome, record.appeal_reason = form.outcome, form.reason
    record.appeal_decided_by, record.appeal_decided_as = actor.employee, actor.post or ""
    record.appeal_decided_at = now
    if after and after is not before:
        record.reduced_to = record.appeal_reduced_to = after
    if left is not None:
        record.compensation_reduced_to = record.appeal_compensation_reduced_to = left
    record.next_step, record.next_at = Action.TAKE_EFFECT, now
    return AppealDecided(
        order_no=record.order_no,
        record_no=record.no,
        person=record.person,
        outcome=form.outcome,
        sanction_before=before,
        sanction_after=after,
        compensation_after=left,
        reason=form.reason,
        decided_by=actor.employee,
    )


def sanction_after(form: AppealDecision, before: Sanction | None) -> Sanction | None:
    """What is left of the sanction; raises NotLighter where a reduction does not reduce, else LighterOnlyWhenReduced."""
    if form.outcome is not AppealOutcome.REDUCE:
        if form.reduced_to is not None:
            outcome, reduce = word(form.outcome), word(AppealOutcome.REDUCE)
            raise LighterOnlyWhenReduced(outcome=outcome, reduce=reduce, to=word(form.reduced_to))
        return before if form.outcome is AppealOutcome.UPHOLD else None
    if form.reduced_to is None and form.compensation_reduced_to is not None:
        return before
    if before is None or form.reduced_to is None or SEVERITY.index(form.reduced_to) >= SEVERITY.index(before):
        raise NotLighter(to=word(form.reduced_to or ""), sanction=word(before or ""))
    return form.reduced_to


def compensation_after(form: AppealDecision, before: Decimal | None) -> Decimal | None:
    """The most that is payable after it; None where nothing is taken off. Raises NotLower."""
    left = form.compensation_reduced_to
    if left is not None and (form.outcome is not AppealOutcome.REDUCE or before is None or left >= before):
        raise NotLower(to=left, compensation=before or "—")
    return left
