"""What waits for HR, or for the general manager where nobody in HR may see to it? Told on every page that they open here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from chassis.language import Label
from chassis.notifications import SHOWN_FOR, Notice, in_word
from chassis.people import Person, holders_of
from services.accountability.compensation import objections
from services.accountability.compensation.compensations import DECIDED, barred_from_notifying
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord, RecordStatus
from services.accountability.privacy.seeing import sees_all
from services.accountability.process import appeals, decisions, escalation
from services.accountability.process.due_process import Action

PATH = "/waiting"
ISSUE, APPEAL, OBJECTION, NOTIFY = "issue_record", "decide_appeal", "decide_objection", "notify_in_writing"
WHAT = {
    ISSUE: Label("处罚单待决定", "Record to decide on"),
    APPEAL: Label("申诉待决定", "Appeal to decide"),
    OBJECTION: Label("对赔偿的异议待决定", "Objection to a compensation to decide"),
    NOTIFY: Label("赔偿待书面通知", "Compensation to notify in writing"),
}
READ_OF_RECORDS = (
    PenaltyRecord.no,
    PenaltyRecord.person,
    PenaltyRecord.clause,
    PenaltyRecord.status,
    PenaltyRecord.next_at,
    PenaltyRecord.appealed_at,
    PenaltyRecord.decided_as,
    PenaltyRecord.approved_by,
    PenaltyRecord.fault_found_by,
    PenaltyRecord.facts,
)
ALSO = {ISSUE: ("drop_record",)}
"""By which other command it can be seen to."""
FOR_YOU = Label("等您办理", "Waiting for you")
MANY, COUNTED = Label("{n} 项", "{n} things"), Label("{what} {n}", "{what} ({n})")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that somebody has to see to: by which command, since when, in which of the `posts` first, and who may not."""

    document: PenaltyRecord | Compensation
    command: str
    since: datetime
    posts: Sequence[str]
    barred: Collection[str]

    @property
    def path(self) -> str:
        shelf = "records" if isinstance(self.document, PenaltyRecord) else "compensations"
        return f"/{shelf}/{self.document.no}"

    @property
    def commands(self) -> Sequence[str]:
        return (self.command, *ALSO.get(self.command, ()))

    @property
    def what(self) -> Label:
        return WHAT[self.command]

    def falls_to(self, person: Person, holders: Mapping[str, Collection[str]]) -> bool:
        """Whether it is for this person: in the first post in which somebody is free of it."""
        able = (post for post in self.posts if set(holders.get(post, ())) - set(self.barred))
        return person.employee not in self.barred and person.holds({next(able, "")})


async def waiting(session: AsyncSession, person: Person) -> list[Waiting]:
    """What this person has to see to, the longest waiting first."""
    if not sees_all(person):
        return []
    holders = await holders_of(session, person.now)
    found = [*await of_records(session, person.now), *await of_compensations(session)]
    mine = (one for one in found if one.falls_to(person, holders))
    return sorted(mine, key=lambda one: (one.since, one.document.no))


async def of_records(session: AsyncSession, now: datetime) -> list[Waiting]:
    """Of all that wait, since who may see to one is only known from its facts."""
    row = PenaltyRecord
    heard = and_(row.status == RecordStatus.NOTIFIED, row.next_step == Action.AWAIT_HR, row.next_at < now)
    appealed = and_(row.status == RecordStatus.ISSUED, row.next_step == Action.AWAIT_APPEAL)
    query = select(row).where(or_(heard, appealed)).options(load_only(*READ_OF_RECORDS))
    return [of_record(record) for record in await session.scalars(query)]


def of_record(record: PenaltyRecord) -> Waiting:
    if record.status == RecordStatus.ISSUED:
        assert record.appealed_at is not None, record.no
        others = [post for post in appeals.AUTHORITIES if post != record.decided_as]
        return Waiting(record, APPEAL, record.appealed_at, others, appeals.with_a_hand_in(record))
    assert record.next_at is not None, record.no
    barred = {record.person, *decisions.finders(record)}
    return Waiting(record, ISSUE, record.next_at, ("hr", "general_manager"), barred)


async def of_compensations(session: AsyncSession) -> list[Waiting]:
    row = Compensation
    objected = and_(
        row.status == CompensationStatus.NOTIFIED, row.objected_at.is_not(None), row.objection_decided_at.is_(None)
    )
    found = and_(row.status == CompensationStatus.FOUND, PenaltyRecord.status.in_(DECIDED))
    query = select(row, PenaltyRecord.issued_at).join(PenaltyRecord, PenaltyRecord.no == row.record_no)
    rows = await session.execute(query.where(or_(objected, found)))
    return [of_compensation(each.Compensation, each.issued_at) for each in rows]


def of_compensation(compensation: Compensation, issued_at: datetime) -> Waiting:
    if compensation.objected_at is not None:
        barred = objections.with_a_hand_in(compensation)
        return Waiting(compensation, OBJECTION, compensation.objected_at, ("hr", "general_manager"), barred)
    barred = barred_from_notifying(compensation)
    return Waiting(compensation, NOTIFY, max(compensation.made_at, issued_at), ("hr",), barred)


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
