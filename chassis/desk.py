"""Which documents does a department keep, and who may do what with them? API, pages and scenarios read this table."""

import inspect
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator
from sqlalchemy import inspect as mapped
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import Document
from chassis.language import InvalidValue, Label
from chassis.people import Person
from chassis.sight import Sight
from contracts.event import Actor

UNKEEPABLE = Label(
    "有不能保存的空字符(U+0000),请去掉。", "It holds the character U+0000, which cannot be kept; please leave it out."
)
Said = str | Decimal
"""A text or a quantity that is shown above a form."""


class Carried:
    """Stands beside a field that a page fills in and sends along: nobody is asked for it."""


class Owed:
    """Stands beside a field that names handovers: a page offers those that its reader owes."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Stands beside a field whose name alone does not tell what to write; a page says it under the field."""

    text: Label


class Form(BaseModel):
    """What a person fills in for one command; unknown fields are refused, blanks are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def can_be_kept(cls, value: object) -> object:
        if holds_nul(value):
            raise InvalidValue(UNKEEPABLE)
        return value

    @classmethod
    def pointless(cls, document: Any) -> frozenset[str]:
        """Fields for which the page does not ask, because they can come to nothing for this document."""
        return frozenset()

    @classmethod
    def about(cls, document: Any) -> Sequence[tuple[Label, str]]:
        """What whoever fills this in is to have before their eyes: what somebody said in the document."""
        return ()

    @classmethod
    async def beside(cls, session: AsyncSession, document: Any) -> Sequence[tuple[Label, str]]:
        """The same where it was said in other documents."""
        return ()

    @classmethod
    async def people(cls, session: AsyncSession) -> Mapping[str, list[str]]:
        """Whom to offer in fields that name people, where only some come into question."""
        return {}

    @classmethod
    async def begun(cls, session: AsyncSession) -> Mapping[str, Any]:
        """What the fields of a new document begin with, where that is more than a default."""
        return {}

    @classmethod
    async def beforehand(cls, session: AsyncSession, known: Mapping[str, Any]) -> Sequence[tuple[Label, Said]]:
        """The same where a new document is begun: what our records say about the numbers that are in the form already."""
        return ()


def holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case Mapping():
            return any(map(holds_nul, (*value, *value.values())))
        case list() | tuple():
            return any(map(holds_nul, value))
    return False


def always(document: Any, person: Person) -> bool:
    """A command that can always come to something."""
    return True


class Nothing(Form):
    """A command that asks for nothing but the decision itself."""


class Reason(Form):
    """Why somebody does what they do."""

    reason: str = Field(min_length=1, max_length=4000)


@dataclass(frozen=True, slots=True)
class Call:
    """One command on its way: the open transaction, the person in the post that allows it, and the factory's time."""

    session: AsyncSession
    actor: Actor
    now: datetime

    @property
    def by(self) -> str:
        return self.actor.employee


@dataclass(frozen=True, slots=True)
class Command:
    """One thing people may do. `when` lists the statuses that offer it (empty: the command creates the document).

    `settles` names the links of the handovers that it fulfils, so that the worklist can lead to it. With `own`, the
    column that names the person a document concerns, only they may, whatever post they hold; what it creates is theirs.
    `sight` is that of the documents it acts on. `suits` says whether it can come to anything for this document and person;
    where not, no page offers it, and whoever asks all the same is told why not.
    """

    name: str
    title: Label
    kind: type[Document]
    posts: frozenset[str]
    form: type[Form]
    run: Callable[..., Awaitable[Document]]
    creates: bool
    when: frozenset[str]
    irreversible: bool
    sight: Sight
    settles: frozenset[str] = frozenset()
    own: str = ""
    suits: Callable[[Any, Person], bool] = always

    @property
    def slug(self) -> str:
        return self.name.replace("_", "-")

    def offered(self, document: Document) -> bool:
        return not self.creates and document.status in self.when

    def open_to(self, person: Person, document: Document | None = None) -> bool:
        """Whether one of the person's posts allows it; where it is the person's own, whether it concerns them."""
        if not self.own:
            return person.holds(self.posts)
        return self.creates or (document is not None and getattr(document, self.own) == person.employee)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where one kind of document is listed, which columns its list shows first, and which field of others names it.

    `sight` says who may see which of them.
    """

    kind: type[Document]
    path: str
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    reference: str
    sight: Sight


@dataclass
class Desk:
    """A department's shelves and commands. `readers` are the posts that may look at them."""

    service: str
    readers: frozenset[str]
    shelves: dict[str, Shelf] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)

    def keep(
        self,
        kind: type[Document],
        path: str,
        *,
        columns: tuple[str, ...],
        filters: tuple[str, ...] = (),
        reference: str | None = None,
        own: str = "",
        readers: Collection[str] = (),
        sight: Sight | None = None,
    ) -> None:
        """List documents of a kind under a path; `status` and `order_no` always filter.

        `reference` is the field by which other documents and forms name one of these (`order_no` for an Order). `own` lets
        the employee in that column look at it, whatever their post. `readers` are fewer posts than the desk's, for what
        not all of them may see; a `sight` of its own says otherwise.
        """
        filters = tuple(dict.fromkeys(("status", "order_no", *filters)))
        seen = sight or Sight(kind, frozenset(readers) or self.readers, own)
        self.shelves[path] = Shelf(kind, path, columns, filters, reference or reference_of(kind), seen)

    def command(
        self,
        kind: type[Document],
        title: Label,
        *,
        posts: Collection[str] = (),
        own: str = "",
        when: Collection[StrEnum] = (),
        irreversible: bool = False,
        settles: Collection[str] = (),
        suits: Callable[[Any, Person], bool] = always,
    ) -> Callable[[Callable[..., Awaitable[Document]]], Callable[..., Awaitable[Document]]]:
        """Declare `async def name(call, [no], [form])` as a command on a kind of document, called by its name."""

        def declare(run: Callable[..., Awaitable[Document]]) -> Callable[..., Awaitable[Document]]:
            parameters = inspect.signature(run).parameters
            self.commands[run.__name__] = Command(
                name=run.__name__,
                title=title,
                kind=kind,
                posts=frozenset(posts),
                form=get_type_hints(run).get("form", Nothing),
                run=run,
                creates="no" not in parameters,
                when=frozenset(when),
                irreversible=irreversible,
                sight=self.shelf_of(kind).sight,
                settles=frozenset(settles),
                own=own,
                suits=suits,
            )
            return run

        return declare

    def shelf_of(self, kind: type[Document]) -> Shelf:
        return next(shelf for shelf in self.shelves.values() if shelf.kind is kind)

    def offered(self, document: Document, person: Person) -> list[Command]:
        """What this person may do with this document in its present status, as far as it can come to anything."""
        return [
            command
            for command in self.commands.values()
            if command.kind is type(document)
            and command.offered(document)
            and command.open_to(person, document)
            and command.suits(document, person)
        ]

    def path_of(self, command: Command) -> str:
        """Where the API takes a command; the first that creates a kind of document takes the shelf's own path."""
        path = self.shelf_of(command.kind).path
        if not command.creates:
            return f"{path}/{{no}}/{command.slug}"
        return path if self.creating(command.kind)[0] is command else f"{path}/{command.slug}"

    def creating(self, kind: type[Document]) -> list[Command]:
        return [command for command in self.commands.values() if command.kind is kind and command.creates]


def reference_of(kind: type[Document]) -> str:
    """The usual name of a field that holds this kind's number: `notice_no` for a ShippingNotice."""
    last_word: str = re.findall("[A-Z][a-z]*", kind.__name__)[-1]
    return f"{last_word.lower()}_no"


def column_type(kind: type[Document], name: str) -> Any:
    """The Python type of a mapped column, from its own annotation."""
    return get_args(get_type_hints(kind, include_extras=True)[name])[0]


_views: dict[type[Document], type[BaseModel]] = {}


def view_of(kind: type[Document]) -> type[BaseModel]:
    """What the API shows of a document: exactly its columns."""
    if kind not in _views:
        _views[kind] = _make_view(kind)
    return _views[kind]


def _make_view(kind: type[Document]) -> type[BaseModel]:
    names = [attribute.key for attribute in mapped(kind).column_attrs]
    fields: dict[str, Any] = {name: (column_type(kind, name), ...) for name in names}
    return create_model(f"{kind.__name__}View", __config__=ConfigDict(from_attributes=True), **fields)


def shown_to_api(document: Document) -> dict[str, Any]:
    """A document as JSON values."""
    return view_of(type(document)).model_validate(document).model_dump(mode="json")
