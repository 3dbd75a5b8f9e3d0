"""Which documents of a shelf may a person see, and what is written down when they look?

Every list, page, export, search, form and API route of a desk asks a shelf's sight, and nothing else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ColumnElement, exists, false, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from chassis.documents import Document
from chassis.errors import NotTheirs, PostNotHeld
from chassis.language import word

if TYPE_CHECKING:
    from fastapi import Request

    from chassis.people import Person

LONGEST_PURPOSE = 200


class How(StrEnum):
    """The ways in which documents are looked at."""

    LIST = "seen_in_list"
    PAGE = "seen_on_page"
    PRINT = "printed"
    SPREADSHEET = "exported_to_excel"
    API_LIST = "listed_by_api"
    API_PAGE = "read_by_api"
    TIMELINE = "seen_on_timeline"
    SUSPICION = "seen_in_suspicion"
    REPORT = "seen_in_report"
    REPORT_FILE = "taken_in_report"
    PAYROLL = "seen_for_payroll"
    EVIDENCE = "exported_as_evidence"
    FACT = "seen_in_evidence"


@dataclass(frozen=True, slots=True)
class Look:
    """In which way somebody looks, and what for, where they say so."""

    how: How
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """The usual one: the desk's readers see every document, anybody else what is `own`, the column that names them.

    A `strict` one is also asked before a command acts on a document, whatever post allows the command.
    """

    strict: ClassVar[bool] = False

    kind: type[Document]
    readers: frozenset[str]
    own: str = ""

    @property
    def everybody(self) -> bool:
        """Whether people come here who are none of the desk's readers."""
        return bool(self.own)

    def open_to(self, person: "Person") -> bool:
        """Whether there may be anything here for this person."""
        return self.everybody or person.holds(self.readers)

    def admit(self, person: "Person") -> None:
        """Raises PostNotHeld for whom there is nothing here."""
        if not self.open_to(person):
            raise PostNotHeld(employee=person.employee, posts=words(self.readers))

    def which(self, person: "Person") -> ColumnElement[bool] | None:
        """The condition on a document that this person may see; None: they may see all."""
        if person.holds(self.readers):
            return None
        return getattr(self.kind, self.own) == person.employee if self.own else false()

    async def holds_something(self, session: AsyncSession, person: "Person") -> bool:
        """Whether there is a document that this person may see, or they may see all of them."""
        condition = self.which(person)
        mapped: Any = self.kind
        return condition is None or bool(await session.scalar(select(exists(select(mapped.no).where(condition)))))

    def refusal(self, person: "Person", document: Any) -> Exception:
        """What somebody is told who may not see this document."""
        return NotTheirs(employee=person.employee, no=document.no)

    async def show(
        self, session: AsyncSession, person: "Person", documents: Sequence[Any], look: Look
    ) -> Sequence[Any]:
        """These as this person may see them; that they were looked at is written down before."""
        shown = await self.veiled(session, person, documents)
        await self.note(session, person, shown, look)
        return shown

    async def veiled(self, session: AsyncSession, person: "Person", documents: Sequence[Any]) -> Sequence[Any]:
        """Without what is not for this person's eyes in a document that they may see; usually there is nothing such."""
        return documents

    async def note(self, session: AsyncSession, person: "Person", documents: Sequence[Any], look: Look) -> None:
        """Write down that these were looked at, before they are shown; usually nobody needs to know."""

    async def check(self, session: AsyncSession, person: "Person", document: Document) -> None:
        """Raises the refusal where this person may not see it."""
        self.admit(person)
        condition = self.which(person)
        if condition is None:
            return
        mapped: Any = self.kind
        seen = await session.scalar(select(mapped.no).where(mapped.no == document.no, condition))
        if seen is None:
            raise self.refusal(person, document)


def retold(session: AsyncSession, document: Any, **fields: Any) -> Any:
    """A document that says something else to its reader; its row stays as it is."""
    session.expunge(document)
    for name, value in fields.items():
        set_committed_value(document, name, value)
    return document


def purpose_of(request: "Request") -> str:
    """What somebody says that they look for (`?purpose=…`)."""
    return request.query_params.get("purpose", "").strip()[:LONGEST_PURPOSE]


def words(posts: Collection[str]) -> list[str]:
    return [str(word(post)) for post in sorted(posts)]
