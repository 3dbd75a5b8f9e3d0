"""What waits for HR, or for the general manager where nobody in HR may see to it? Told on every page that they open here.

Where nobody is free of it, both are told that somebody has to be appointed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from chassis.language import Label
from chassis.named import sees_all
from chassis.notifications import SHOWN_FOR, Notice, in_word
from chassis.people import Person, holders_of
from services.accountability.compensation import objections, plans
from services.accountability.compensation.compensations import DECIDED, barred_from_notifying
from services.accountability.compensation.instalments import month_of
from services.accountability.compensation.plans import STANDS
from services.accountability.judge.compensation import FEN
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord, RecordStatus, Wage
from services.accountability.process import appeals, decisions, escalation
from services.accountability.process.due_process import Action

PATH = "/waiting"
ISSUE, APPEAL, OBJECTION, NOTIFY = "issue_record", "decide_appeal", "decide_objection", "notify_in_writing"
LOOK_INTO = "find_fault"
CONSULT, READ, EARN = "record_consultation", "record_paper_acknowledgement", "record_wage"
GIVE_BACK = "state_payroll"
APPOINT = "assign_post"
WHAT = {
    ISSUE: Label("处罚单待决定", "Record to decide on"),
    APPEAL: Label("申诉待决定", "Appeal to decide"),
    OBJECTION: Label("对赔偿的异议待决定", "Objection to a compensation to decide"),
    LOOK_INTO: Label("赔偿:有无故意或重大过失", "Compensation: whether there was intent or gross negligence"),
    NOTIFY: Label("赔偿待书面通知", "Compensation to notify in writing"),
    CONSULT: Label("处罚单等待征求意见的记录", "Record that waits for the consultation of employees"),
    READ: Label("处罚单等待当事人知悉条款", "Record whose person has not acknowledged the rules"),
    EARN: Label("赔偿待登记工资才能分期", "Compensation whose instalments wait for a wage"),
    GIVE_BACK: Label("须退还的款项待告知工资核算", "Money to be given back of which payroll is to be told"),
}
NOBODY_FREE = Label(
    "{what};没有与此无关的人,请任命一位(可代理)", "{what}; nobody is free of it, please appoint somebody (acting, too)"
)
FIRST_HR = ("hr", "general_manager")
READ_OF_RECORDS = (
    PenaltyRecord.no,
    PenaltyRecord.person,
    PenaltyRecord.clause,
    PenaltyRecord.status,
    PenaltyRecord.next_at,
    PenaltyRecord.appealed_at,
    PenaltyRecord.appeal_from,
    PenaltyRecord.appeal_until,
    PenaltyRecord.decided_as,
    PenaltyRecord.approved_by,
    PenaltyRecord.fault_found_by,
    PenaltyRecord.issued_before_by,
    PenaltyRecord.next_step,
    PenaltyRecord.rulebook_version,
    PenaltyRecord.awaited_version,
    PenaltyRecord.facts,
)
READ_OF_LOSSES = (
    PenaltyRecord.no,
    PenaltyRecord.person,
    PenaltyRecord.clause,
    PenaltyRecord.issued_at,
    PenaltyRecord.appeal_until,
    PenaltyRecord.appealed_at,
)
ALSO = {ISSUE: ("drop_record",)}
"""By which other command it can be seen to."""
FOR_YOU = Label("等您办理", "Waiting for you")
MANY, COUNTED = Label("{n} 项", "{n} things"), Label("{what} {n}", "{what} ({n})")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that somebody has to see to: by which command, since when, in which of the `posts` first, and who may not.

    `month`: for which one payroll is to be told. `until`: when it is too late. `stuck`: nobody may, until somebody is appointed.
    """

    document: PenaltyRecord | Compensation
    command: str
    since: datetime
    posts: Sequence[str]
    barred: Collection[str]
    month: str = ""
    until: datetime | None = None
    stuck: bool = False

    @property
    def path(self) -> str:
        shelf = "records" if isinstance(self.document, PenaltyRecord) else "compensations"
        return f"/{shelf}/{self.document.no}"

    @property
    def commands(self) -> Sequence[str]:
        return (APPOINT,) if self.stuck else (self.command, *ALSO.get(self.command, ()))

    @property
    def asked(self) -> dict[str, Any]:
        """What its command's form is filled with; empty where it is about the document itself."""
        if self.stuck:
            return {"post": self.posts[0], "acting": True}
        if self.month:
            return {"month": self.month}
        match self.document:
            case PenaltyRecord(no=no) if self.command == LOOK_INTO:
                return {"record_no": no}
            case PenaltyRecord(person=person) as record if self.command in (CONSULT, READ):
                version = {"rulebook_no": record.awaited_version or record.rulebook_version}
                return version | ({"employee": person} if self.command == READ else {})
            case Compensation(person=person) if self.command == EARN:
                return {"employee": person}
        return {}

    @property
    def what(self) -> Label:
        what = WHAT[self.command]
        return NOBODY_FREE.filled(what=what) if self.stuck else what

    def free(self, holders: Mapping[str, Collection[str]]) -> str:
        """The first post in which somebody is free of it; empty where nobody is."""
        return next((post for post in self.posts if set(holders.get(post, ())) - set(self.barred)), "")

    def falls_to(self, person: Person, holders: Mapping[str, Collection[str]]) -> bool:
        """Whether it is for this person: in the first post in which somebody is free of it, else in any of them."""
        post = self.free(holders)
        return person.employee not in self.barred and person.holds({post}) if post else sees_all(person)


async def waiting(session: AsyncSession, person: Person) -> list[Waiting]:
    """What this person has to see to, the longest waiting first; asked once a page, whose frame says it as well."""
    if not sees_all(person):
        return []
    known: dict[str, list[Waiting]] = session.info.setdefault(ASKED, {})
    if person.employee not in known:
        known[person.employee] = await asked(session, person)
    return known[person.employee]


async def asked(session: AsyncSession, person: Person) -> list[Waiting]:
    holders = await holders_of(session, person.now)
    found = [
        *await of_records(session, person.now),
        *await of_losses(session, person.now),
        *await of_compensations(session),
        *await to_give_back(session, person.now),
    ]
    mine = (replace(one, stuck=not one.free(holders)) for one in found if one.falls_to(person, holders))
    return sorted(mine, key=lambda one: (one.since, one.document.no))


ASKED = "waiting_for"
"""Where a page's transaction keeps what was asked."""
AWAITED = {Action.AWAIT_HR: ISSUE, Action.AWAIT_CONSULTATION: CONSULT, Action.AWAIT_ACKNOWLEDGEMENT: READ}
"""By which command a record goes on that is still to be issued."""


async def of_records(session: AsyncSession, now: datetime) -> list[Waiting]:
    """Of all that wait, since who may see to one is only known from its facts."""
    row = PenaltyRecord
    heard = and_(row.status == RecordStatus.NOTIFIED, row.next_step.in_(AWAITED), row.next_at < now)
    said = or_(row.appeal_from.is_(None), row.appeal_until < now)
    appealed = and_(row.status == RecordStatus.ISSUED, row.next_step == Action.AWAIT_APPEAL, said)
    query = select(row).where(or_(heard, appealed)).options(load_only(*READ_OF_RECORDS))
    return [of_record(record) for record in await session.scalars(query)]


def of_record(record: PenaltyRecord) -> Waiting:
    if record.status == RecordStatus.ISSUED:
        assert record.appealed_at is not None, record.no
        others = [post for post in appeals.AUTHORITIES if post != record.decided_as]
        could_add = record.appeal_until if record.appeal_from else None
        since = max(record.appealed_at, could_add or record.appealed_at)
        return Waiting(record, APPEAL, since, others, appeals.with_a_hand_in(record))
    assert record.next_at is not None, record.no
    command = AWAITED[Action(record.next_step or "")]
    barred = {record.person, *(decisions.finders(record) if command == ISSUE else ())}
    return Waiting(record, command, record.next_at, FIRST_HR, barred)


async def of_losses(session: AsyncSession, now: datetime) -> list[Waiting]:
    """Issued records with a loss for which nobody answers unless intent or gross negligence is found in time.

    That is until an appeal is decided, or none can be made any more.
    """
    row = PenaltyRecord
    found = exists().where(Compensation.record_no == row.no, Compensation.status != CompensationStatus.WITHDRAWN)
    asked = and_(row.status == RecordStatus.ISSUED, row.compensation > 0, row.appeal_decided_at.is_(None))
    left = or_(row.compensation_reduced_to.is_(None), row.compensation_reduced_to >= FEN)
    in_time = or_(row.appeal_until >= now, row.appealed_at.is_not(None))
    query = select(row).where(asked, left, in_time, ~found).options(load_only(*READ_OF_LOSSES))
    return [of_loss(record) for record in await session.scalars(query)]


def of_loss(record: PenaltyRecord) -> Waiting:
    assert record.issued_at is not None, record.no
    until = None if record.appealed_at else record.appeal_until
    return Waiting(record, LOOK_INTO, record.issued_at, FIRST_HR, {record.person}, until=until)


async def of_compensations(session: AsyncSession) -> list[Waiting]:
    row = Compensation
    objected = and_(
        row.status == CompensationStatus.NOTIFIED, row.objected_at.is_not(None), row.objection_decided_at.is_(None)
    )
    found = and_(row.status == CompensationStatus.FOUND, PenaltyRecord.status.in_(DECIDED))
    query = select(row, PenaltyRecord.issued_at, PenaltyRecord.fault_found_by).join(
        PenaltyRecord, PenaltyRecord.no == row.record_no
    )
    unknown = ~exists().where(Wage.employee == row.person)
    planned = and_(row.planned_at.is_not(None), row.status == CompensationStatus.NOTIFIED, unknown)
    planned = and_(planned, PenaltyRecord.status.in_(STANDS))
    rows = await session.execute(query.where(or_(objected, found, planned)))
    return [of_compensation(each.Compensation, each.issued_at, each.fault_found_by) for each in rows]


def of_compensation(compensation: Compensation, issued_at: datetime, found_by: Sequence[str]) -> Waiting:
    if compensation.planned_at is not None:
        return Waiting(compensation, EARN, compensation.planned_at, FIRST_HR, {compensation.person})
    if compensation.objected_at is not None:
        barred = objections.with_a_hand_in(compensation, found_by)
        return Waiting(compensation, OBJECTION, compensation.objected_at, FIRST_HR, barred)
    barred = barred_from_notifying(compensation)
    return Waiting(compensation, NOTIFY, max(compensation.made_at, issued_at), FIRST_HR, barred)


async def to_give_back(session: AsyncSession, now: datetime) -> list[Waiting]:
    """What was stated to payroll and has no ground any more, or is more than its month bore, once this month can be stated."""
    row = Compensation
    fallen = exists().where(
        row.status == CompensationStatus.WITHDRAWN, row.planned_at.is_not(None), row.sealed_at.is_(None)
    )
    corrected = exists().where(plans.CORRECTED)
    if not await session.scalar(select(or_(fallen, corrected))):
        return []
    known, month = await plans.books(session), month_of(now)
    beyond = (
        [one.compensation for one in await plans.accounts(session, known) if one.to_give_back]
        if known.next_month <= month
        else []
    )
    return [Waiting(one, GIVE_BACK, one.withdrawn_at or now, ("hr",), (), month) for one in beyond]


async def notices(session: AsyncSession, person: Person) -> list[Notice]:
    """What waits for this person, in one line, and for HR what fell back in the last days."""
    found = await waiting(session, person)
    said = [in_one(found)] if found else []
    if person.holds({"hr"}):
        since = person.now - SHOWN_FOR
        fallen = await escalation.fallen_back_since(session, since, but_of=person.employee)
        said += [in_word(no, "fell_back") for no in fallen]
    return said


def in_one(found: Sequence[Waiting]) -> Notice:
    """One thing by its number; of several how many of what, and where they are listed."""
    if len(found) == 1:
        (one,) = found
        return Notice(FOR_YOU, one.document.no, one.path, one.what, awaits=True)
    counts = {command: sum(one.command == command for one in found) for command in WHAT}
    parts = [COUNTED.filled(n=n, what=WHAT[command]) for command, n in counts.items() if n]
    said = Label("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))
    return Notice(FOR_YOU, MANY.filled(n=len(found)), PATH, said, awaits=True)
