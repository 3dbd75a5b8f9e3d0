"""Whose time for an answer ran while nobody could give one here?

Statements, appeals and objections are recorded by this service alone: what its measured outage took of their time is given back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import notifications
from chassis.calendar import WorkCalendar
from chassis.instants import instant, moment
from contracts.accountability import Period, PeriodLengthened
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord, RecordStatus
from services.accountability.people import calendars


@dataclass(frozen=True, slots=True)
class Outage:
    """From when to when nobody could record an act, and in which of that time the factory works."""

    started_at: datetime
    ended_at: datetime
    calendar: WorkCalendar

    def lengthened(self, since: datetime, until: datetime) -> datetime:
        """The end of a time, moved on by the working time of the outage that lay in it."""
        lost = self.calendar.between(instant(max(since, self.started_at)), instant(min(until, self.ended_at)))
        return moment(self.calendar.add(instant(max(until, self.ended_at)), lost)) if lost else until


async def lengthen(session: AsyncSession, started_at: datetime, ended_at: datetime) -> None:
    """Every time for an answer that was open in the outage ends so much later, and its person is told."""
    current = await calendars.newest(session)
    if current is None:
        return
    outage = Outage(started_at, ended_at, WorkCalendar.from_fact(current.body))
    found = [*await of_records(session, outage), *await of_compensations(session, outage)]
    for fact in found:
        await notifications.tell(session, fact)


async def of_records(session: AsyncSession, outage: Outage) -> list[PeriodLengthened]:
    row, since = PenaltyRecord, outage.started_at
    unstated = (row.status == RecordStatus.NOTIFIED) & (row.statement_until >= since)
    goes_on = row.appeal_from.is_not(None) & row.appeal_decided_at.is_(None)  # its person may add to it
    appealable = (row.status == RecordStatus.ISSUED) & or_(row.appealed_at.is_(None), goes_on)
    query = select(row).where(or_(unstated, appealable & (row.appeal_until >= since)))
    query = query.order_by(row.no).with_for_update()
    return [fact for record in await session.scalars(query) for fact in of_record(record, outage)]


def of_record(record: PenaltyRecord, outage: Outage) -> Iterator[PeriodLengthened]:
    """The step that waited for the end waits for the new one."""
    if record.status == RecordStatus.NOTIFIED:
        period, since, until = Period.STATEMENT, record.notified_at, record.statement_until
    else:
        period, since, until = Period.APPEAL, record.issued_at, record.appeal_until
    assert since is not None
    assert until is not None
    later = outage.lengthened(since, until)
    if later == until:
        return
    if period == Period.STATEMENT:
        record.statement_until = later
    else:
        record.appeal_until = later
    record.next_at = None  # what comes next is reckoned anew
    yield fact_of(record, outage, period, until, later)


async def of_compensations(session: AsyncSession, outage: Outage) -> list[PeriodLengthened]:
    row = Compensation
    waits = (row.status == CompensationStatus.NOTIFIED, row.objected_at.is_(None))
    query = (
        select(row, PenaltyRecord)
        .join(PenaltyRecord, PenaltyRecord.no == row.record_no)
        .where(*waits, row.objection_until >= outage.started_at)
        .order_by(row.no)
        .with_for_update(of=row)
    )
    found = list[PeriodLengthened]()
    for compensation, record in (await session.execute(query)).all():
        since, until = compensation.notified_at, compensation.objection_until
        assert since is not None
        assert until is not None
        later = outage.lengthened(since, until)
        if later != until:
            compensation.objection_until = later
            found.append(fact_of(record, outage, Period.OBJECTION, until, later, compensation.no))
    return found


def fact_of(
    record: PenaltyRecord, outage: Outage, period: Period, before: datetime, until: datetime, about: str | None = None
) -> PeriodLengthened:
    return PeriodLengthened(
        order_no=record.order_no,
        record_no=record.no,
        compensation_no=about,
        person=record.person,
        period=period,
        until_before=before,
        until=until,
        outage_started_at=outage.started_at,
        outage_ended_at=outage.ended_at,
    )
