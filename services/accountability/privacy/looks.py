"""Who has looked at whose record? Shown to HR and the general manager, and to the person who was looked at.

Of what is sealed by now others are told that somebody looked, and no longer at whose paper or at which.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Boolean, ColumnElement, and_, cast, exists, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.named import sees_all
from chassis.people import Person
from services.accountability.ledger.models_ledger import moment
from services.accountability.models import (
    BreachFinding,
    Compensation,
    PenaltyRecord,
    RecordLook,
    Suspicion,
    SuspicionClearing,
    WhatIf,
)
from services.accountability.privacy.periods import Keeping
from services.accountability.privacy.unnamed import WITHHELD

PAGE = 50
SEALED: tuple[Any, ...] = (PenaltyRecord, BreachFinding, Compensation, SuspicionClearing, WhatIf)
PAYROLL_SEALED: ColumnElement[bool] = literal_column(
    """
coalesce((
    SELECT bool_and(penalty_records.sealed_at IS NOT NULL)
    FROM payroll_statements, jsonb_array_elements(payroll_statements.lines) AS line, penalty_records
    WHERE payroll_statements.no = record_looks.no AND line ->> 'person' = record_looks.whose
        AND penalty_records.no = line ->> 'record_no'
), false)""",
    Boolean,
)


class Looked(BaseModel):
    """`who` looked, in the post `post`, at the document `no` about `whose`; `how` is the way, `purpose` what they said.

    What is not for the reader's eyes any more is withheld: then there is no `no`, and no purpose, which may name it.
    """

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    who: str
    post: str | None
    acting: bool
    whose: str
    no: str
    how: str
    purpose: str


class Looks(BaseModel):
    """Some looks, the newest first, and the id after which to go on."""

    items: list[Looked]
    next: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Looks at one person, by one, or at one document; empty: any. `before` is the id to go on from."""

    whose: str = ""
    who: str = ""
    no: str = ""
    before: int | None = None


async def looks(session: AsyncSession, person: Person, wanted: Wanted) -> Looks:
    """Those that this person may see: all of them, or those at themself."""
    look, own = RecordLook, RecordLook.whose == person.employee
    hidden = (~own & sealed_by_now()).label("hidden")
    query = select(look, hidden).order_by(look.id.desc()).limit(PAGE + 1)
    if not sees_all(person):
        query = query.where(own)
    for column, value in ((look.whose, wanted.whose), (look.who, wanted.who), (look.no, wanted.no)):
        if value:
            query = query.where(column == value)
    if wanted.whose or wanted.no:
        query = query.where(~hidden)
    if wanted.before is not None:
        query = query.where(look.id < wanted.before)
    found = (await session.execute(query)).all()
    items = [told(row.RecordLook, hidden=row.hidden) for row in found[:PAGE]]
    return Looks(items=items, next=items[-1].id if len(found) > PAGE else None)


def told(look: RecordLook, *, hidden: bool) -> Looked:
    said = Looked.model_validate(look)
    return said.model_copy(update={"whose": WITHHELD, "no": "", "purpose": ""}) if hidden else said


def sealed_by_now() -> ColumnElement[bool]:
    """Whether the paper is; of a statement to payroll, all that it says of the person; a suspicion that names nobody any more."""
    papers = (exists().where(kind.no == RecordLook.no, kind.sealed_at.is_not(None)) for kind in SEALED)
    return or_(*papers, PAYROLL_SEALED, doubt_over())


def doubt_over() -> ColumnElement[bool]:
    """Whether what the suspicion is about was as long ago as a record is kept."""
    at = cast(Suspicion.body["breaches"][-1]["at"].astext, moment)
    of_it = exists().where(Suspicion.key == RecordLook.no)
    return and_(of_it, ~of_it.where(at > func.factory_now() - Keeping().record_retention))
