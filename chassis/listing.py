"""How does a department look through its documents and duties? By key, filtered, newest first, never counting a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Shelf
from chassis.documents import Document
from chassis.driver import fetch
from chassis.language import Label
from chassis.people import Person
from chassis.schema_people import acts


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list: a search for a number or order, exact filters, and the key after which to go on.

    `only` is what the person who asks may see of it; None: everything.
    """

    q: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    after: str | None = None
    limit: int = 50
    only: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents, and the key to ask for the next ones."""

    items: Sequence[Document]
    next: str | None


async def page(session: AsyncSession, shelf: Shelf, wanted: Wanted) -> Page:
    """One page of a shelf, newest number first."""
    query: Select[Any] = select(shelf.kind).where(*wished(shelf, wanted)).order_by(shelf.kind.no.desc())
    found = (await session.scalars(query.limit(wanted.limit + 1))).all()
    more = len(found) > wanted.limit
    return Page(found[: wanted.limit], found[wanted.limit - 1].no if more else None)


async def count(session: AsyncSession, shelf: Shelf, wanted: Wanted) -> int:
    """How many there are from there on: for whoever takes thousands along anyway, never for a page."""
    return await session.scalar(select(func.count()).select_from(shelf.kind).where(*wished(shelf, wanted))) or 0


def wished(shelf: Shelf, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What holds for the documents that are wanted."""
    for name, value in wanted.filters.items():
        yield getattr(shelf.kind, name) == value
    if wanted.only is not None:
        yield wanted.only
    if wanted.after:
        yield shelf.kind.no < wanted.after
    if wanted.q.strip():
        yield matches(shelf.kind, wanted.q)


def matches(kind: type[Document], q: str) -> ColumnElement[bool]:
    """A number or order number that begins with what was typed, as it stands or in capitals: that an index finds."""
    begins = dict.fromkeys((prefix(q), typed(q)))
    return or_(*(column.like(each) for column in (kind.no, kind.order_no) for each in begins))


def prefix(q: str) -> str:
    """What was typed as the beginning of a number, for LIKE."""
    return typed(q.upper())


def typed(q: str) -> str:
    return q.strip().replace("%", "").replace("_", "") + "%"


class Reason(BaseModel):
    """Why, in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return str(Label(self.zh, self.en))


class Duty(BaseModel):
    """One handover on the worklist.

    `because`: why nobody waits for it; closed, it was struck off. While it `waits_for` something (`link:key` of a handover, or
    what halts the order) its clock stands, since `paused_at`.
    """

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
    warned: int = 0
    hindrance_no: str | None = None
    hindrance_status: str | None = None
    extension_hours: Decimal = Decimal(0)
    because: Reason | None = None
    paused_at: datetime | None = None
    waits_for: list[str] = []

    @field_validator("because", mode="before")
    @classmethod
    def read(cls, value: Any) -> Any:
        """The driver gives JSON as it is written."""
        return orjson.loads(value) if isinstance(value, str) else value

    @property
    def is_paused(self) -> bool:
        """Whether its clock stands; what was over before that stays over."""
        return self.paused_at is not None and (self.due_at is None or self.paused_at < self.due_at)

    @property
    def name(self) -> str:
        """How a form names it."""
        return f"{self.link}:{self.key}"


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Whose duties, of which order, document, link and key, or with a number that begins so; closed ones only on request.

    `struck_since`: after the open ones those that were struck off since then.
    """

    person: Person | None = None
    order_no: str | None = None
    link: str | None = None
    closed: bool = False
    limit: int = 200
    document_no: str | None = None
    key: str | None = None
    q: str = ""
    struck_since: datetime | None = None


OPEN_DUTIES = f"SELECT {', '.join(Duty.model_fields)} FROM duties WHERE "  # noqa: S608 - the names are the model's


async def duties_of(session: AsyncSession, wanted: DutyFilter) -> list[Duty]:
    """Duties, the most urgent first. The worklist is what scripts and pages read most: it goes to the driver itself."""
    values: list[Any] = []
    parts = [select_of(wanted, values)]
    if wanted.struck_since:
        parts.append(select_of(wanted, values, struck=True))
    return [Duty(**row) for row in await fetch(session, " UNION ALL ".join(parts), *values)]


def select_of(wanted: DutyFilter, values: list[Any], *, struck: bool = False) -> str:
    """Each part has an index of its own: few duties are open, and few were struck off lately."""
    conditions = conditions_of(wanted, values, struck=struck)
    values.append(wanted.limit)
    order = f" ORDER BY due_at ASC NULLS LAST, opened_at, link, key LIMIT ${len(values)}"
    return f"({OPEN_DUTIES}{' AND '.join(conditions)}{order})"


def conditions_of(wanted: DutyFilter, values: list[Any], *, struck: bool) -> list[str]:
    """Only what was asked for, so that each combination has a plan with its own index."""

    def given(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = ["true" if wanted.closed else "closed_at IS NULL"]
    if struck:
        conditions = ["because IS NOT NULL", f"closed_at >= {given(wanted.struck_since)}"]
    exact = {name: getattr(wanted, name) for name in ("order_no", "document_no", "link", "key")}
    conditions += [f"{name} = {given(value)}" for name, value in exact.items() if value]
    if wanted.q.strip():
        begins = given(prefix(wanted.q))
        conditions.append(f"(order_no LIKE {begins} OR document_no LIKE {begins})")
    if wanted.person:
        posts = given([post for post, _ in wanted.person.posts])
        conditions.append(f"(assignee = {given(wanted.person.employee)} OR assignee IS NULL AND post = ANY({posts}))")
    return conditions


async def history(session: AsyncSession, no: str) -> Sequence[Row[Any]]:
    """What people did to a document, oldest first, refused attempts included."""
    return (await session.execute(select(acts).where(acts.c.no == no).order_by(acts.c.at, acts.c.id))).all()
