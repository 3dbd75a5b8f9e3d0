"""Who has taken which evidence out of the house? Shown to HR and the general manager, and to whoever was in it.

That a person's case was taken out says that there were records of them. Whose it was learns who may see that person's records, and
whoever asked for it, until all of them are sealed; others who are in it learn only that one was.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.named import sees_all, theirs
from chassis.people import Person
from chassis.sight import How, Look
from services.accountability.models import EvidenceExport, ExportSignature, PenaltyRecord, RecordLook
from services.accountability.privacy.unnamed import WITHHELD

PAGE = 50
FOR_EXPORT = "取证导出 %1$s / evidence export %1$s"
"""What a look is written down to be for, as PostgreSQL's `format` fills it."""


class TakenOut(BaseModel):
    """One export: who asked for it and when (real time), and for what: one order, one person's case, or the orders of some days.

    `made`: whether it was finished. What was refused or broke off stays written down as well; nobody has a file of it.
    """

    no: int
    asked_at: datetime
    asked_by: str
    order: str | None
    person: str | None
    since: str | None
    until: str | None
    made: bool


class Exports(BaseModel):
    """Some exports, the newest first, and the number after which to go on."""

    items: list[TakenOut]
    next: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one person asked for, or the cases of one order or person; empty: any. `before` is the number to go on from."""

    by: str = ""
    about: str = ""
    before: int | None = None


def as_evidence(export_no: int) -> Look:
    """How it is written down that somebody's papers are in an export, and in which."""
    return Look(How.EVIDENCE, FOR_EXPORT.replace("%1$s", str(export_no)))


async def exports(session: AsyncSession, person: Person, wanted: Wanted) -> Exports:
    """Those that this person may see: all of them, or those in which they are named or which they asked for."""
    asked, whose, order = EvidenceExport, of("person"), of("order")
    hidden = hidden_from(person)
    by = case((hidden & (asked.asked_by == whose), WITHHELD), else_=asked.asked_by)
    made = exists().where(ExportSignature.export_no == asked.no)
    query = (
        select(
            asked.no,
            asked.asked_at,
            by.label("asked_by"),
            order.label("order"),
            case((hidden, WITHHELD), else_=whose).label("person"),
            of("since").label("since"),
            of("until").label("until"),
            made.label("made"),
        )
        .order_by(asked.no.desc())
        .limit(PAGE + 1)
    )
    if not sees_all(person):
        query = query.where(concerns(person))
    if wanted.by:
        query = query.where(by == wanted.by)
    if wanted.about:
        query = query.where(or_(order == wanted.about, and_(whose == wanted.about, ~hidden)))
    if wanted.before is not None:
        query = query.where(asked.no < wanted.before)
    found = (await session.execute(query)).all()
    items = [TakenOut.model_validate(row._mapping) for row in found[:PAGE]]
    return Exports(items=items, next=items[-1].no if len(found) > PAGE else None)


def of(name: str) -> ColumnElement[str]:
    """What was asked for."""
    said: ColumnElement[str] = EvidenceExport.asked[name].astext
    return said


def concerns(person: Person) -> ColumnElement[bool]:
    """Whether it is of this person's case or asked for by them, or papers about them were in it."""
    look, purpose = RecordLook, func.format(FOR_EXPORT, EvidenceExport.no)
    named = exists().where(look.whose == person.employee, look.how == str(How.EVIDENCE), look.purpose == purpose)
    return or_(of("person") == person.employee, EvidenceExport.asked_by == person.employee, named)


def hidden_from(person: Person) -> ColumnElement[bool]:
    """Whether it is the case of another whose records are not for this person's eyes, or are all sealed by now."""
    whose = of("person")
    records = exists().where(PenaltyRecord.person == whose)
    sealed = records & ~records.where(PenaltyRecord.sealed_at.is_(None))
    known = theirs(whose, person) | (EvidenceExport.asked_by == person.employee)
    return func.coalesce(whose != person.employee, False) & (~known | sealed)
