"""Who has looked at whose record? Shown to HR and the general manager, and to the person who was looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.people import Person
from services.accountability.models import RecordLook
from services.accountability.privacy.seeing import sees_all

PAGE = 50


class Looked(BaseModel):
    """`who` looked, in the post `post`, at the document `no` about `whose`; `how` is the way, `purpose` what they said."""

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
    query = select(RecordLook).order_by(RecordLook.id.desc()).limit(PAGE + 1)
    if not sees_all(person):
        query = query.where(RecordLook.whose == person.employee)
    for column, value in ((RecordLook.whose, wanted.whose), (RecordLook.who, wanted.who), (RecordLook.no, wanted.no)):
        if value:
            query = query.where(column == value)
    if wanted.before is not None:
        query = query.where(RecordLook.id < wanted.before)
    found: Sequence[RecordLook] = (await session.scalars(query)).all()
    items = [Looked.model_validate(look) for look in found[:PAGE]]
    return Looks(items=items, next=items[-1].id if len(found) > PAGE else None)
