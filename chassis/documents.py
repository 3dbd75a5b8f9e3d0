"""How is a document locked, moved and numbered?"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Dialect, Select, String, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from chassis.errors import NotFound, SelfApproval, WrongStatus
from chassis.instants import FACTORY as FACTORY  # documents are dated by it, here and in every department
from chassis.language import Label, word

Moves = Mapping[Any, frozenset[Any]]


class Typed(TypeDecorator[Any]):
    """A JSONB column that holds pydantic values (an order's lines, a package's BOM)."""

    impl = JSONB
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape
        self.adapter: TypeAdapter[Any] = TypeAdapter(shape)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.adapter.validate_python(value)


class Document:
    """What every form has: a number, a state, a maker and an approver with times.

    Subclasses set `code` (forms.md) for numbering, `title`, `moves` (every legal change of status) and their fields. Of a
    `confidential` one nothing is kept outside its own table: neither what was entered nor what was answered.
    """

    code: ClassVar[str]
    title: ClassVar[Label]
    moves: ClassVar[Moves]
    confidential: ClassVar[bool] = False

    no: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=-9)
    order_no: Mapped[str | None] = mapped_column(String(64), index=True, sort_order=-8)
    status: Mapped[str] = mapped_column(String(32), index=True, sort_order=-7)
    made_by: Mapped[str] = mapped_column(String(16), sort_order=90)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), sort_order=91)
    approved_by: Mapped[str | None] = mapped_column(String(16), sort_order=92)
    approved_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True), sort_order=93)


D = TypeVar("D", bound=Document)


async def lock(session: AsyncSession, kind: type[D], no: str) -> D:
    """The document, held until the transaction ends; raises NotFound."""
    document = await find(session, kind, no, hold=True)
    if document is None:
        raise NotFound(kind=kind.title, no=no)
    return document


async def find(session: AsyncSession, kind: type[D], no: str, *, hold: bool = False) -> D | None:
    """The document or None, read afresh; `hold` locks it."""
    mapped: Any = kind
    document: D | None = (await session.execute(_one_of(mapped, hold), {"wanted": no})).scalar_one_or_none()
    return document


@lru_cache(maxsize=256)
def _one_of(kind: Any, hold: bool) -> Select[Any]:
    """Put together once: every command asks for a document."""
    query = select(kind).where(kind.no == bindparam("wanted")).execution_options(populate_existing=True)
    return query.with_for_update() if hold else query


def move(document: Document, target: StrEnum) -> None:
    """Change the status along the document's own table of legal moves; raises WrongStatus."""
    if target not in document.moves[type(target)(document.status)]:
        raise WrongStatus(no=document.no, status=word(document.status), target=word(target))
    document.status = target


def different_person(document: Document, approver: str) -> None:
    """A maker never checks their own document; raises SelfApproval."""
    if approver == document.made_by:
        raise SelfApproval(employee=approver, no=document.no)


# A row without a code says where the numbers of its day begin: above what a restored database forgot (chassis.resuming).
TAKE_NUMBER = text("""
INSERT INTO document_numbers AS n (code, day, last) VALUES (
    :code, :day, :step + coalesce((SELECT last FROM document_numbers WHERE code = '' AND day = :day), 0)
) ON CONFLICT (code, day) DO UPDATE SET last = n.last + :step RETURNING last
""")


async def next_numbers(session: AsyncSession, code: str, now: datetime, count: int = 1) -> list[str]:
    """Numbers `<code>-YYYYMMDD-NNNN`, gap-free per service and factory day: a rolled-back transaction gives its own back."""
    day = now.astimezone(FACTORY).date()
    last = (await session.execute(TAKE_NUMBER, {"code": code, "day": day, "step": count})).scalar_one()
    return [f"{code}-{day:%Y%m%d}-{number:04d}" for number in range(last - count + 1, last + 1)]


async def next_number(session: AsyncSession, code: str, now: datetime) -> str:
    return (await next_numbers(session, code, now))[0]
