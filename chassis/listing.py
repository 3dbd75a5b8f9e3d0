"""How does a department look through its documents and duties? By key, filtered, newest first, never counting a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Shelf
from chassis.documents import Document
from chassis.people import Person
from chassis.schema_people import acts, duties


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list: a search for a number or order, exact filters, and the key after which to go on."""

    q: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents, and the key to ask for the next ones."""

    items: Sequence[Document]
    next: str | None


async def page(session: AsyncSession, shelf: Shelf, wanted: Wanted) -> Page:
    """One page of a shelf, newest number first."""
    query: Select[Any] = select(shelf.kind).order_by(shelf.kind.no.desc()).limit(wanted.limit + 1)
    for name, value in wanted.filters.items():
        query = query.where(getattr(shelf.kind, name) == value)
    if wanted.after:
        query = query.where(shelf.kind.no < wanted.after)
    if wanted.q.strip():
        query = query.where(matches(shelf, wanted.q))
    found = (await session.scalars(query)).all()
    more = len(found) > wanted.limit
    return Page(found[: wanted.limit], found[wanted.limit - 1].no if more else None)


def matches(shelf: Shelf, q: str) -> Any:
    """A number or order number that begins with what was typed, in either case."""
    begins = prefix(q)
    return or_(shelf.kind.no.like(begins), shelf.kind.order_no.like(begins))


def prefix(q: str) -> str:
    """What was typed as the beginning of a number, for LIKE."""
    return q.strip().upper().replace("%", "").replace("_", "") + "%"


class Duty(BaseModel):
    """One handover on the worklist."""

    model_config = ConfigDict(from_attributes=True)

    link: str
    key: str
    attempt: int
    order_no: str | None
    line_no: int | None
    post: str
    assignee: str | None
    document_no: str | None
    from_department: str | None
    opened_at: datetime
    due_at: datetime | None
    signed_by: str | None
    signed_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Whose duties, of which order, document, link and key, or with a number that begins so; closed ones only on request."""

    person: Person | None = None
    order_no: str | None = None
    link: str | None = None
    closed: bool = False
    limit: int = 200
    document_no: str | None = None
    key: str | None = None
    q: str = ""


async def duties_of(session: AsyncSession, wanted: DutyFilter) -> list[Duty]:
    """Duties, the most urgent first."""
    query = select(duties).order_by(duties.c.due_at.asc().nulls_last(), duties.c.opened_at).limit(wanted.limit)
    if not wanted.closed:
        query = query.where(duties.c.closed_at.is_(None))
    if wanted.order_no:
        query = query.where(duties.c.order_no == wanted.order_no)
    if wanted.document_no:
        query = query.where(duties.c.document_no == wanted.document_no)
    if wanted.q.strip():
        begins = prefix(wanted.q)
        query = query.where(or_(duties.c.order_no.like(begins), duties.c.document_no.like(begins)))
    if wanted.key:
        query = query.where(duties.c.key == wanted.key)
    if wanted.link:
        query = query.where(duties.c.link == wanted.link)
    if wanted.person:
        mine = duties.c.assignee == wanted.person.employee
        of_my_posts = duties.c.assignee.is_(None) & duties.c.post.in_([post for post, _ in wanted.person.posts])
        query = query.where(mine | of_my_posts)
    return [Duty.model_validate(row) for row in await session.execute(query)]


async def history(session: AsyncSession, no: str) -> Sequence[Row[Any]]:
    """What people did to a document, oldest first, refused attempts included."""
    return (await session.execute(select(acts).where(acts.c.no == no).order_by(acts.c.at, acts.c.id))).all()
