"""Has another department's manager seen the paper that was written while a service was down?"""

from datetime import datetime
from typing import Any

import orjson
from pydantic import AwareDatetime, Field
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.calendar import WorkCalendar
from chassis.desk import Form
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.instants import instant, moment, parse
from chassis.language import Label, department
from chassis.outbox import publish
from chassis.people import find_person
from contracts.accountability import PaperCountersigned
from contracts.event import SYSTEM_ACTOR, Position
from contracts.pmc import TrainingRecorded, TrainingWithdrawn
from contracts.posts import MANAGERS
from services.accountability.findings.finding_gates import rules_at
from services.accountability.judge.countersigned import in_time
from services.accountability.judge.early_warnings import warned_in
from services.accountability.judge.hearing import SILENT
from services.accountability.ledger.models_ledger import IS_OUTAGE
from services.accountability.models import Countersignature, LedgerEntry, RecordedStatus
from services.accountability.people import calendars

MOST_OUTAGES = 100
TRAININGS = frozenset({TrainingRecorded.name, TrainingWithdrawn.name})


class NothingToCountersign(Refusal):
    status, code, field = 422, "nothing_to_countersign", "position"
    message = Label(
        "账本第 {position} 条不是人填写的记录。请填写补录的那一条。",
        "Position {position} of the ledger is nothing that a person recorded. Please name the fact that was recorded afterwards.",
    )


class OwnDepartment(Refusal):
    status, code = 403, "own_department"
    message = Label(
        "第 {position} 条由{department}记录,须由另一部门的经理会签,且不能是记录人本人。",
        "Position {position} was recorded by {department}: the manager of another department countersigns, and never whoever "
        "recorded it.",
    )


class NotBackfilled(Refusal):
    status, code, field = 422, "not_backfilled", "written_at"
    message = Label(
        "{department}在 {at} 没有停机,或记录晚于停机结束后责任条款所定的补录期(backfill_period)。"
        "只有停机期间写在纸上并及时补录的才能会签。",
        "{department} was not down at {at}, or it was recorded later after that than the rulebook's backfill_period allows. "
        "Only what was written on paper during an outage, and recorded in time after it, can be countersigned.",
    )


class CountersignedAlready(Refusal):
    code, field = "countersigned_already", "position"
    message = Label(
        "第 {position} 条已由 {no} 会签,无需再办。",
        "Position {position} was countersigned by {no}; there is nothing left to do.",
    )


class Countersigning(Form):
    """Which fact of the ledger was recorded from paper, when that paper was written, and where it is."""

    position: Position
    written_at: AwareDatetime
    paper_reference: str = Field(min_length=1, max_length=200)


async def countersign(session: AsyncSession, form: Countersigning, *, by: str, now: datetime) -> Countersignature:
    """The fact counts from when its paper was written; raises a refusal where that is not so."""
    entry = await session.get(LedgerEntry, form.position)
    if entry is None or entry.type in SILENT or (said := orjson.loads(entry.body))["actor"] == SYSTEM_ACTOR:
        raise NothingToCountersign(position=form.position)
    await check_countersigner(session, entry, said["actor"], by)
    await check_backfilled(session, entry, form)
    known = select(Countersignature.no).where(Countersignature.position == form.position)
    if (no := await session.scalar(known)) is not None:
        raise CountersignedAlready(position=form.position, no=no)
    document = Countersignature(
        **form.model_dump(),
        no=await next_number(session, Countersignature.code, now),
        order_no=entry.subject,
        status=RecordedStatus.RECORDED,
        source=entry.source,
        made_by=by,
        made_at=now,
    )
    session.add(document)
    fact = PaperCountersigned(
        **form.model_dump(),
        order_no=entry.subject,
        countersignature_no=document.no,
        source=entry.source,
        recorded_at=entry.recorded_at,
        countersigned_by=by,
        **told_on_paper(entry.type, said["data"], said["actor"]),
    )
    await publish(session, fact)
    return document


def told_on_paper(kind: str, data: dict[str, Any], actor: str) -> dict[str, Any]:
    """What the judge must know of the fact to place it: the clocks that it touches, what it tells of and what it warns of."""
    clocks = [ref for name in ("closes", "pauses", "resumes") for ref in data.get(name) or ()]
    warned = warned_in(kind, data, actor)
    warning = {"warning_no": warned.number, "warned_by": warned.person, "warned_of": warned.duties} if warned else {}
    told_of = {name: data.get(name) for name in ("exception_no", "hindrance_no", "delay_no")}
    trained = data["worker"] if kind in TRAININGS else None
    return {"duties": clocks, **told_of, "trained": trained, **warning}


async def check_countersigner(session: AsyncSession, entry: LedgerEntry, actor: str, by: str) -> None:
    """Raises OwnDepartment for whoever is no other department's manager, or recorded it."""
    others = {post for name, post in MANAGERS.items() if name != entry.source}
    own = MANAGERS.get(entry.source, "")
    person = await find_person(session, by)
    if by == actor or person.holds({own}) or not person.holds(others):
        raise OwnDepartment(position=entry.position, department=department(entry.source))


async def check_backfilled(session: AsyncSession, entry: LedgerEntry, form: Countersigning) -> None:
    """Raises NotBackfilled where no outage in the ledger bears it out."""
    known = await calendars.newest(session)
    calendar = WorkCalendar.from_fact(known.body) if known else None
    for body in await session.scalars(outages_since(entry.source, form.written_at)):
        told = orjson.loads(body)["data"]
        start, end = parse(told["started_at"]), parse(told["ended_at"])
        if calendar is None or not start <= instant(form.written_at) <= end:
            continue
        if in_time(calendar, await rules_at(session, moment(end)), end, instant(entry.recorded_at)):
            return
    raise NotBackfilled(department=department(entry.source), at=form.written_at)


def outages_since(source: str, at: datetime) -> Select[Any]:
    """What a source said from a moment on of having been down; what it had said before could not be about it."""
    told = select(LedgerEntry.body).where(IS_OUTAGE, LedgerEntry.source == source, LedgerEntry.recorded_at >= at)
    return told.order_by(LedgerEntry.recorded_at).limit(MOST_OUTAGES)
