"""What do I owe, what stands against me, and what did I say to it? Everybody's own page, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person, holders_of
from services.accountability.compensation import compensations
from services.accountability.compensation.objections import may_object
from services.accountability.figures.behind import Page
from services.accountability.models import (
    Acknowledgement,
    Compensation,
    CompensationStatus,
    EarlyWarning,
    HandoverOutcome,
    PenaltyRecord,
    RecordStatus,
)
from services.accountability.process import appeals, merits, papers, standing
from services.accountability.process.standing import Name
from services.accountability.rules import rulebooks, validity
from services.accountability.views import own_handovers

SHOWN = 20
"""So many of each are shown here; what is beyond has a list of its own."""
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

    `owed`: how many duties there are, also beyond those that are shown; `more_records`: whether there are more than these.
    `warnings`: what stands to their credit, for so many months.
    """

    duties: Sequence[HandoverOutcome]
    owed: int
    late: Page[HandoverOutcome]
    records: Sequence[OwnRecord]
    more_records: bool
    warnings: Sequence[EarlyWarning]
    counts_for_months: int
    rulebook_no: str | None
    acknowledged_at: datetime | None


async def mine(session: AsyncSession, person: Person, name: Name) -> Mine:
    """Everything that is this person's own."""
    in_force = (await validity.versions(session, person.now)).in_force
    version = in_force.no if in_force else None
    known = select(Acknowledgement.made_at).where(
        Acknowledgement.rulebook_no == version, Acknowledgement.employee == person.employee
    )
    rules = await rulebooks.text_of(session, version) if version else None
    records, more_records = await own_records(session, person, name)
    return Mine(
        (await own_handovers.owed(session, person, most=SHOWN)).items,
        await own_handovers.how_many_owed(session, person),
        await own_handovers.late(session, person, most=SHOWN),
        records,
        more_records,
        await merits.early_warnings(session, person.employee, rules, person.now) if rules else (),
        rules.lapse_months if rules else 0,
        version,
        await session.scalar(known),
    )


async def own_records(session: AsyncSession, person: Person, name: Name) -> tuple[list[OwnRecord], bool]:
    """The newest, and whether there are more; before them whatever the person may act on or has an answer to come, however old."""
    money, holders = await open_compensations(session, person), await holders_of(session, person.now)
    own = select(PenaltyRecord).where(PenaltyRecord.person == person.employee).order_by(PenaltyRecord.no.desc())
    undecided = or_(PenaltyRecord.status.in_(STILL_TO_SAY), PenaltyRecord.no.in_(money))
    first = (await session.scalars(own.where(undecided))).all()
    rest = (await session.scalars(own.where(~undecided).limit(SHOWN + 1))).all()
    shown, found = (*first, *rest[:SHOWN]), []
    for_nothing = await compensations.for_nothing(session, shown)
    for record in shown:
        around = standing.Around(
            now=person.now,
            appeal_to=appeals.authority_over(record, holders),
            replaced_by=await papers.replaced_by(session, record) if record.status == RecordStatus.WITHDRAWN else None,
            name=name,
            for_nothing=record.no in for_nothing,
        )
        said, compensation = str(standing.standing(record, around)), money.get(record.no)
        to_object = compensation if may_object(compensation, person.now) else None
        found.append(OwnRecord(record, said, may(record, person.now), to_object))
    return found, len(rest) > SHOWN


async def open_compensations(session: AsyncSession, person: Person) -> dict[str, Compensation]:
    """What the person may still object to, or has objected to without an answer yet, by its record."""
    query = select(Compensation).where(
        Compensation.person == person.employee,
        Compensation.status == CompensationStatus.NOTIFIED,
        Compensation.objection_decided_at.is_(None),
        or_(Compensation.objected_at.is_not(None), Compensation.objection_until >= person.now),
    )
    return {one.record_no: one for one in await session.scalars(query)}


def may(record: PenaltyRecord, now: datetime) -> str:
    """What the person may still do about a record; empty when its time is over or they have appealed."""
    until = record.statement_until if record.status == RecordStatus.NOTIFIED else record.appeal_until
    spoken = record.status == RecordStatus.ISSUED and appeals.said_already(record)
    in_time = until is None or now <= until
    return STILL_TO_SAY.get(RecordStatus(record.status), "") if in_time and not spoken else ""
