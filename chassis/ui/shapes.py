"""What kind of value is each field of a document or form, so that one page can show it and one form can ask for it?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel
from pydantic_core import PydanticUndefined
from sqlalchemy import Numeric, Text
from sqlalchemy import inspect as mapped

from chassis.desk import Carried, Hint, Owed, column_type
from chassis.documents import Document
from chassis.language import LANGUAGES, Label, language, word
from contracts.words import DEPARTMENTS, POSTS

MONEY_PLACES = 4
LONG_TEXT = 1000
LIMITS = ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern", "decimal_places")
ONE_OF = re.compile(r"^\^\(([a-z_|]+)\)\$$")


class Shape(StrEnum):
    """How a value looks and how it is asked for."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    PERSON = "person"
    FLAG = "flag"
    NUMBER = "number"
    QUANTITY = "quantity"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    LIST = "list"
    PEOPLE = "people"
    CHOICES = "choices"
    HANDOVERS = "handovers"
    ROWS = "rows"
    CARRIED = "carried"


NUMERIC = frozenset({Shape.NUMBER, Shape.QUANTITY, Shape.MONEY})


class NoShape(TypeError):
    """A form asks for something that no page knows how to ask for."""


@dataclass(frozen=True, slots=True)
class Member:
    """One field: its name, its shape, and for a form what it must satisfy."""

    name: str
    shape: Shape
    required: bool = False
    default: Any = None
    limits: tuple[tuple[str, Any], ...] = ()
    choices: tuple[str, ...] = ()
    columns: tuple["Member", ...] = ()
    hint: Label | None = None

    @property
    def label(self) -> Label:
        return word(self.name)

    @property
    def numeric(self) -> bool:
        return self.shape in NUMERIC

    @property
    def foreign(self) -> bool:
        """Whether it says in the other language what the field beside it says in the reader's."""
        stem, _, tongue = self.name.rpartition("_")
        return bool(stem) and tongue in LANGUAGES and tongue != language.get()

    def limit(self, name: str) -> Any:
        return dict(self.limits).get(name)

    def choice(self, value: str) -> Label:
        """The word of one of the choices."""
        return Label(*DEPARTMENTS[value]) if self.name == "department" else word(value)


@cache
def members_of(model: type[BaseModel]) -> tuple[Member, ...]:
    """The fields of a form, or of one row inside a form or document."""
    return tuple(
        member(
            name, info.annotation, tuple(info.metadata), info.is_required(), info.get_default(call_default_factory=True)
        )
        for name, info in model.model_fields.items()
    )


_of_documents: dict[type[Document], tuple[Member, ...]] = {}


def members_of_document(kind: type[Document]) -> tuple[Member, ...]:
    """The columns of a document, in the order in which they are declared."""
    if kind not in _of_documents:
        columns = [(attribute.key, attribute.columns[0].type) for attribute in mapped(kind).column_attrs]
        _of_documents[kind] = tuple(stored(kind, name, column) for name, column in columns)
    return _of_documents[kind]


def stored(kind: type[Document], name: str, column: Any) -> Member:
    """A stored value; what no form could ask for is still shown as text."""
    annotation, _ = unwrapped(column_type(kind, name))
    if annotation is Decimal:
        places = column.scale if isinstance(column, Numeric) else None
        return Member(name, Shape.MONEY if places == MONEY_PLACES else Shape.QUANTITY)
    if annotation is str:
        return Member(name, Shape.LONG if isinstance(column, Text) else Shape.TEXT)
    try:
        return member(name, annotation, ())
    except NoShape:
        return Member(name, Shape.TEXT)


def member(
    name: str, annotation: Any, metadata: tuple[Any, ...], required: bool = False, default: Any = None
) -> Member:
    kind, more = unwrapped(annotation)
    limits = limits_of((*metadata, *more))
    shape, choices, columns = shape_of(name, kind, limits)
    marks = {type(said) for said in (*metadata, *more)}
    shape = Shape.CARRIED if Carried in marks else Shape.HANDOVERS if Owed in marks else shape
    default = None if default is PydanticUndefined else default
    hint = next((said.text for said in (*metadata, *more) if isinstance(said, Hint)), None)
    return Member(name, shape, required, default, tuple(limits.items()), choices, columns, hint)


def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type inside Annotated and Optional, with what Annotated says about it."""
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        kind, more = unwrapped(inner)
        return kind, (*said, *more)
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not NoneType]
        if len(parts) == 1:
            return unwrapped(parts[0])
    return annotation, ()


def limits_of(metadata: Iterable[Any]) -> dict[str, Any]:
    """Every bound that pydantic keeps for a field, by its name."""
    found = [(name, getattr(said, name, None)) for said in metadata for name in LIMITS]
    return {name: value for name, value in found if value is not None}


def shape_of(name: str, kind: Any, limits: dict[str, Any]) -> tuple[Shape, tuple[str, ...], tuple[Member, ...]]:
    """The shape with its choices and columns; raises NoShape."""
    if get_origin(kind) in (tuple, list):
        return shape_of_many(name, kind)
    if kind is bool:
        return Shape.FLAG, (), ()
    if kind is int:
        return Shape.NUMBER, (), ()
    if kind is Decimal:
        return Shape.MONEY if limits.get("decimal_places") == MONEY_PLACES else Shape.QUANTITY, (), ()
    if kind in (datetime, AwareDatetime):
        return Shape.TIME, (), ()
    if kind is date:
        return Shape.DATE, (), ()
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Shape.CHOICE, tuple(kind), ()
    if kind is str:
        return shape_of_text(name, limits)
    raise NoShape(f"no page can ask for {name}: {kind}")


def shape_of_text(name: str, limits: dict[str, Any]) -> tuple[Shape, tuple[str, ...], tuple[Member, ...]]:
    pattern = limits.get("pattern") or ""
    one_of = ONE_OF.match(pattern)
    if one_of:
        return Shape.CHOICE, tuple(one_of[1].split("|")), ()
    if name == "department":
        return Shape.CHOICE, tuple(DEPARTMENTS), ()
    if name == "post":
        return Shape.CHOICE, tuple(POSTS), ()
    if "E-" in pattern and name != "no":
        return Shape.PERSON, (), ()
    return Shape.LONG if (limits.get("max_length") or 0) >= LONG_TEXT else Shape.TEXT, (), ()


def shape_of_many(name: str, kind: Any) -> tuple[Shape, tuple[str, ...], tuple[Member, ...]]:
    inner, said = unwrapped(get_args(kind)[0])
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return Shape.ROWS, (), members_of(inner)
    shape, choices, _ = shape_of(name, inner, limits_of(said))
    if shape is Shape.PERSON:
        return Shape.PEOPLE, (), ()
    if shape is Shape.CHOICE:
        return Shape.CHOICES, choices, ()
    return Shape.LIST, (), ()
