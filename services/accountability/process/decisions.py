"""Who decides on a record that does not issue by itself, and on what terms? HR, and in HR's own case the general manager."""

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import different_person, lock
from chassis.errors import Refusal, shown
from chassis.instants import FACTORY
from chassis.language import Label, word
from contracts.accountability import Sanction
from contracts.event import Actor
from services.accountability.models import PenaltyRecord, RecordStatus
from services.accountability.process import deadlines, escalation, matters, proceedings, records
from services.accountability.process.due_process import Action, appeal_deadline
from services.accountability.process.matters import SaidBefore
from services.accountability.process.statements import referred


class StillToBeHeard(Refusal):
    code = "still_to_be_heard"
    message = Label(
        "处罚单 {no} 的申辩期还没有结束,或客诉尚未关闭。请等到“待人事决定”后再发出。",
        "The person of {no} may still be heard, or the complaint is not closed yet. Please wait until HR's decision is due.",
    )


class NotConsulted(Refusal):
    code = "not_consulted"
    message = Label(
        "责任条款 {version} 还没有征求员工意见的记录,不能据以发出 {no}。请先登记征求意见的记录。",
        "No consultation of employees on rulebook {version} is on record, so {no} cannot be issued. Please record it first.",
    )


class NotAcknowledged(Refusal):
    code = "not_acknowledged"
    message = Label(
        "{person} 还没有知悉责任条款 {version},不能据以发出 {no}。请先由本人知悉,或登记书面签收。",
        "{person} has not acknowledged rulebook {version}, so {no} cannot be issued. "
        "Please let them acknowledge it, or record it on paper.",
    )


class OwnCase(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 是 {no} 的当事人,不能决定自己的处罚单。请由另一位有权的人决定。",
        "{employee} is the person of {no} and may not decide their own case. Please ask another person with the right.",
    )


class FoundIt(Refusal):
    status, code = 403, "found_it"
    message = Label(
        "{no} 所依据的违规是 {employee} 认定的,不能由同一人发出。请由另一位有权的人决定。",
        "{employee} found the breach that {no} rests on and may not issue it as well. Please ask another person with the right.",
    )


class StatementUnanswered(Refusal):
    status, code, field = 422, "statement_unanswered", "reason"
    message = Label(
        "当事人对 {no} 作了申辩。请在原因中写明为什么仍然发出。",
        "The person of {no} stated their case. Please say in the reason why it is issued all the same.",
    )


class HeardBefore(Refusal):
    status, code, field = 422, "heard_before", "reason"
    message = Label(
        "同一事项此前的处罚单已有申辩、申诉或决定,{no} 接着它。请在原因中写明为什么仍然发出。",
        "On an earlier record of the same matter as {no} the person had spoken or somebody had decided. Please say in the reason "
        "why it is issued all the same.",
    )


class DismissalUnfounded(Refusal):
    status, code = 422, "dismissal_unfounded"
    message = Label(
        "{no} 是开除:必须写明法律依据、通知工会的文号和日期。请补填“{missing}”。",
        "{no} is a dismissal: its legal ground and the notice to the union must be on record. Please fill in {missing}.",
    )


class UnionNotToldYet(Refusal):
    status, code, field = 422, "union_not_told_yet", "union_notified_on"
    message = Label(
        "通知工会的日期 {day} 还没有到。请先通知工会,再发出。",
        "The union is to be told on {day}, which is still to come. Please tell it first, then issue.",
    )


class AlreadyIssued(Refusal):
    code = "already_issued"
    message = Label(
        "处罚单 {no} 已经发出或撤销,不能再免予发出。已发出的由申诉决定。",
        "{no} has been issued or withdrawn and cannot be dropped any more. What is issued is decided on appeal.",
    )


STATED_ON = Label("对 {no} 的申辩({at})", "Statement on {no} ({at})")
OF_DISMISSAL = ("legal_ground", "union_notice", "union_notified_on")
# Under these names a fact says who found it, and stands with that behind the record.
FINDS = ("found_by", "confirmed_by", "decided_by", "attributed_by", "audited_by", "counted_by", "cleared_by")
WAITS = {Action.AWAIT_CONSULTATION: NotConsulted, Action.AWAIT_ACKNOWLEDGEMENT: NotAcknowledged}


class OnARecord(Form):
    """A decision on what its person said: on the record itself, and on earlier ones of the same matter."""

    @classmethod
    def about(cls, document: PenaltyRecord) -> list[tuple[Label, str]]:
        return stated(document)

    @classmethod
    async def beside(cls, session: AsyncSession, document: PenaltyRecord) -> list[tuple[Label, str]]:
        return stated_before(matters.said_on(await matters.heard_before(session, document)))


class Decision(OnARecord):
    """Why the record is issued. A dismissal also names its legal ground and how the union was told.

    `escalate`: with the earlier warnings that the notice named it becomes a minor demerit.
    """

    reason: str = Field(default="", max_length=2000)
    escalate: bool = False
    legal_ground: str = Field(default="", max_length=1000)
    union_notice: str = Field(default="", max_length=200)
    union_notified_on: date | None = None

    @classmethod
    def pointless(cls, document: PenaltyRecord) -> frozenset[str]:
        """What cannot be escalated offers no such choice, and what is no dismissal needs none of its papers."""
        never = frozenset() if document.warned_before else frozenset({"escalate"})
        return never if escalation.weighs(document) == Sanction.DISMISSAL else never | frozenset(OF_DISMISSAL)


class Dropping(OnARecord):
    """Why the record is not issued."""

    reason: str = Field(min_length=1, max_length=2000)


def stated(record: PenaltyRecord) -> list[tuple[Label, str]]:
    """What its person said in defence, or in an appeal that nobody has decided, and what they point to."""
    said = [("statement", one.text, "references", one.references) for one in record.statements]
    if record.appeal_from:
        said.append(("appeal", record.appeal, "appeal_references", record.appeal_references))
    return [line for name, text, at, them in said for line in ((word(name), text), *referred(at, them))]


def stated_before(earlier: Iterable[SaidBefore]) -> list[tuple[Label, str]]:
    """What was said on earlier records of the same matter; each with that record's number, and when it was said."""
    return [
        line
        for one in earlier
        for line in (
            (STATED_ON.filled(no=one.no, at=shown(one.said.at)), one.said.text),
            *referred("references", one.said.references),
        )
    ]


async def decide(session: AsyncSession, no: str, form: Decision, *, actor: Actor, now: datetime) -> PenaltyRecord:
    """Issue what does not issue by itself: a major demerit, a compensation, a case in which the person spoke up."""
    if form.escalate:
        await escalation.hold(session, no)
    record = await lock(session, PenaltyRecord, no)
    mark_decided(record, form, actor=actor, now=now)
    calendar, rules = await deadlines.terms(session, record)
    if form.escalate:
        escalation.mark_escalated(record, await escalation.still_counting(session, record), rules)
    until = appeal_deadline(now, calendar, rules)
    await proceedings.issue(session, record, by=actor.employee, appeal_until=until)
    return record


def mark_decided(record: PenaltyRecord, form: Decision, *, actor: Actor, now: datetime) -> None:
    """Write down who decided, in which post and why; raises a refusal for whatever is missing."""
    if record.person == actor.employee:
        raise OwnCase(employee=actor.employee, no=record.no)
    if record.next_step in WAITS and record.status == RecordStatus.NOTIFIED:
        lacking = record.awaited_version or record.rulebook_version
        raise WAITS[Action(record.next_step)](no=record.no, version=lacking, person=record.person)
    heard = record.next_at is not None and now > record.next_at
    if record.status == RecordStatus.NOTIFIED and (record.next_step != Action.AWAIT_HR or not heard):
        raise StillToBeHeard(no=record.no)
    different_person(record, actor.employee)
    if actor.employee in finders(record):
        raise FoundIt(employee=actor.employee, no=record.no)
    if record.statements and not form.reason:
        raise StatementUnanswered(no=record.no)
    if record.heard_before and not form.reason:
        raise HeardBefore(no=record.no)
    if escalation.weighs(record) == Sanction.DISMISSAL:
        check_dismissal(record, form, now)
    record.approved_by, record.approved_at = actor.employee, now
    record.decided_as, record.decision_reason = actor.post or "", form.reason
    record.legal_ground, record.union_notice = form.legal_ground, form.union_notice
    record.union_notified_on = form.union_notified_on


def finders(record: PenaltyRecord) -> set[str]:
    """Who found, confirmed, attributed or audited a breach that the record rests on."""
    stated = (breach["facts"] for breach in record.facts["breaches"])
    return {facts[name] for facts in stated for name in FINDS if facts.get(name)}


def check_dismissal(record: PenaltyRecord, form: Decision, now: datetime) -> None:
    """A dismissal needs its legal ground and the notice to the union; raises DismissalUnfounded, UnionNotToldYet."""
    for name in OF_DISMISSAL:
        if not getattr(form, name):
            raise DismissalUnfounded(field=name, no=record.no, missing=word(name))
    if form.union_notified_on and form.union_notified_on > now.astimezone(FACTORY).date():
        raise UnionNotToldYet(day=form.union_notified_on)


async def drop(session: AsyncSession, no: str, form: Dropping, *, by: str) -> PenaltyRecord:
    """Not to issue a record, with a reason: what the person said convinced, or it is waived."""
    record = await lock(session, PenaltyRecord, no)
    if record.person == by:
        raise OwnCase(employee=by, no=no)
    if record.status != RecordStatus.NOTIFIED:
        raise AlreadyIssued(no=no)
    await records.retire(session, record, form.reason, (), by=by)
    return record
