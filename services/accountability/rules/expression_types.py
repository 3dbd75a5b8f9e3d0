"""Which types do the values have that the rulebook's expressions ask for? As the contracts of the facts say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from chassis.language import Label


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is: `item` of a list, `fields` of a record. `name` is how a mistake tells it.

    `words` are all that a text may be by its contract, none where it may be any; `said` is what the rulebook itself writes.
    """

    name: Label
    item: Type | None = None
    fields: Mapping[str, Type] = field(default_factory=dict)
    words: frozenset[str] = field(default=frozenset(), compare=False)
    said: frozenset[str] = field(default=frozenset(), compare=False)

    def suits(self, other: Type) -> bool:
        """Whether a value of the other type may stand where one of this is wanted."""
        if ANYTHING in (self, other):
            return True
        if self.item and other.item:
            return self.item.suits(other.item)
        return bool(self.fields and other.fields) or self.name == other.name

    def never(self, other: Type) -> frozenset[str]:
        """What one of both says that the other cannot be."""
        one, two = self.item or self, other.item or other
        return (one.said - two.words if two.words else frozenset()) | (
            two.said - one.words if one.words else frozenset()
        )


NUMBER, TEXT, TRUTH = Type(Label("数字", "a number")), Type(Label("文字", "a text")), Type(Label("真假值", "yes or no"))
ANYTHING, NOTHING = Type(Label("任意值", "anything")), Type(Label("空值(null)", "null"))
RECORD, LIST = Label("一组字段", "a record"), Label("列表", "a list")
LISTS = {
    NUMBER.name: Label("数字的列表", "a list of numbers"),
    TEXT.name: Label("文字的列表", "a list of texts"),
    TRUTH.name: Label("真假值的列表", "a list of yes and no"),
    RECORD: Label("多组字段的列表", "a list of records"),
}
"""How a list of such items is told: which one is wanted and which one is there may differ in that alone."""
Names = Mapping[str, Type]
"""The names an expression may use."""


def list_of(item: Type) -> Type:
    return Type(LISTS.get(item.name, LIST), item=item)


def record(fields: Mapping[str, Type]) -> Type:
    return Type(RECORD, fields=fields)


def type_of(annotation: Any, *, stored: bool = False) -> Type:
    """The type of a contract's field; `stored` as its JSON keeps it, where amounts and moments are texts."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_of(inner[0], stored=stored)
    if origin in (Union, UnionType):
        return same(type_of(each, stored=stored) for each in inner if each is not NoneType)
    if origin is Literal:
        return same(replace(type_of(type(each)), words=frozenset({str(each)})) for each in inner)
    if origin is not None and issubclass(origin, Sequence | frozenset | set):
        return list_of(type_of(inner[0], stored=stored)) if inner else ANYTHING
    return plain_type(annotation, stored) if isinstance(annotation, type) else ANYTHING


def plain_type(annotation: type, stored: bool) -> Type:
    if issubclass(annotation, BaseModel):
        return record({name: type_of(each.annotation, stored=stored) for name, each in annotation.model_fields.items()})
    if issubclass(annotation, bool):
        return TRUTH
    if issubclass(annotation, Decimal | datetime | AwareDatetime):
        return TEXT if stored else NUMBER
    if issubclass(annotation, Enum):
        return one_of(str(each.value) for each in annotation)
    if issubclass(annotation, str | UUID | date):
        return TEXT
    return NUMBER if issubclass(annotation, int) else ANYTHING


def one_of(words: Iterable[str]) -> Type:
    """A text that is one of these."""
    return replace(TEXT, words=frozenset(words))


def same(types: Iterable[Type]) -> Type:
    """The one type that they all are, or anything."""
    found = list(types)
    if not found or any(one != other for one, other in pairwise(found)):
        return ANYTHING
    words = (
        frozenset[str]().union(*(each.words for each in found)) if all(each.words for each in found) else frozenset()
    )
    return replace(found[0], words=words, said=frozenset[str]().union(*(each.said for each in found)))


def type_of_value(value: Any) -> Type:
    """A setting's type."""
    if isinstance(value, list | tuple):
        return list_of(same(map(type_of_value, value)))
    found = plain_type(type(value), stored=True)
    return replace(found, said=frozenset({value})) if isinstance(value, str) else found
