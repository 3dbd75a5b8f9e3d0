"""What do I owe, what stands against me, and what did I say to it? Everybody's own page, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person, holders_of
from services.accountability.compensation.objections import may_object
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import (
    Acknowledgement,
    Compensation,
    CompensationStatus,
    EarlyWarning,
    HandoverOutcome,
    PenaltyRecord,
    RecordStatus,
    Rulebook,
    RulebookStatus,
)
from services.accountability.process import appeals, merits, papers, standing
from services.accountability.process.standing import Name
from services.accountability.rules import rulebooks

MOST_DUTIES, MOST_LATE, MOST_RECORDS = 100, 20, 100
STILL_TO_SAY = {RecordStatus.NOTIFIED: "state_case", RecordStatus.ISSUED: "make_appeal"}


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A record against me, where it stands in a sentence, the command that is open to me now, and what I may object to."""

    record: PenaltyRecord
    standing: str
    may: str
    open_compensation: Compensation | None


@dataclass(frozen=True, slots=True)
class Mine:
    """One person's page. `acknowledged_at`: when they said that they know `rulebook_no`, the version in force.

    `warnings`: what stands to their credit, for so many months.
    """

    duties: Sequence[HandoverOutcome]
    late: Sequence[HandoverOutcome]
    records: Sequence[OwnRecord]
    warnings: Sequence[EarlyWarning]
    counts_for_months: int
    rulebook_no: str | None
    acknowledged_at: datetime | None


async def mine(session: AsyncSession, person: Person, name: Name) -> Mine:
    """Everything that is this person's own."""
    version = await session.scalar(
        select(Rulebook.no)
        .where(Rulebook.status == RulebookStatus.ISSUED, Rulebook.effective_from <= person.now)
        .order_by(Rulebook.effective_from.desc())
        .limit(1)
    )
    known = select(Acknowledgement.made_at).where(
        Acknowledgement.rulebook_no == version, Acknowledgement.employee == person.employee
    )
    rules = await rulebooks.text_of(session, version) if version else None
    return Mine(
        await open_duties(session, person),
        await late_ones(session, person.employee),
        await own_records(session, person, name),
        await merits.early_warnings(session, person.employee, rules, person.now) if rules else (),
        rules.lapse_months if rules else 0,
        version,
        await session.scalar(known),
    )


async def open_duties(session: AsyncSession, person: Person) -> Sequence[HandoverOutcome]:
    """What I owe: by name, or as a holder of the post where nobody is named."""
    row = HandoverOutcome
    posts = [post for post, _ in person.posts]
    theirs = or_(row.assignee == person.employee, and_(row.assignee.is_(None), row.post.in_(posts)))
    query = select(row).where(row.ended_at.is_(None), theirs).order_by(row.due_at.asc().nulls_last(), row.duty)
    return (await session.scalars(query.limit(MOST_DUTIES))).all()


async def late_ones(session: AsyncSession, employee: str) -> Sequence[HandoverOutcome]:
    """What I answer for that was late, the latest first."""
    row = HandoverOutcome
    query = select(row).where(row.person == employee, row.outcome == DutyStatus.OVERRAN).order_by(row.due_at.desc())
    return (await session.scalars(query.limit(MOST_LATE))).all()


async def own_records(session: AsyncSession, person: Person, name: Name) -> list[OwnRecord]:
    query = select(PenaltyRecord).where(PenaltyRecord.person == person.employee).order_by(PenaltyRecord.no.desc())
    holders, notified = await holders_of(session, person.now), await open_compensations(session, person)
    found = []
    for record in (await session.scalars(query.limit(MOST_RECORDS))).all():
        around = standing.Around(
            now=person.now,
            appeal_to=appeals.authority_over(record, holders),
            replaced_by=await papers.replaced_by(session, record) if record.status == RecordStatus.WITHDRAWN else None,
            name=name,
        )
        said = str(standing.standing(record, around))
        found.append(OwnRecord(record, said, may(record, person.now), notified.get(record.no)))
    return found


async def open_compensations(session: AsyncSession, person: Person) -> dict[str, Compensation]:
    """What the person may still object to, by its record."""
    query = select(Compensation).where(
        Compensation.person == person.employee, Compensation.status == CompensationStatus.NOTIFIED
    )
    return {one.record_no: one for one in await session.scalars(query) if may_object(one, person.now)}


def may(record: PenaltyRecord, now: datetime) -> str:
    """What the person may still do about a record; empty when its time is over or they have appealed."""
    until = record.statement_until if record.status == RecordStatus.NOTIFIED else record.appeal_until
    spoken = record.status == RecordStatus.ISSUED and record.appealed_at is not None
    in_time = until is None or now <= until
    return STILL_TO_SAY.get(RecordStatus(record.status), "") if in_time and not spoken else ""
