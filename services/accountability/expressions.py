"""How does the rulebook ask about evidence? Conditions and amounts are CEL, compiled when the rulebook is loaded.

Money stays Decimal: an amount is written with whole numbers (`costs.processing_fee * 20 / 100`). Instants are whole
microseconds. Beside standard CEL there are `lower(a, b)` and `sum(list)`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import celpy
from celpy.celparser import CELParseError
from celpy.celtypes import BoolType, IntType, ListType, MapType, StringType
from celpy.evaluation import CELEvalError
from lark import Token, Tree

from chassis.instants import instant

Names = Mapping[str, frozenset[str] | None]
"""The names an expression may use, each with its fields, or None where its fields are not checked."""

REMEMBERED = 1_000
"""How many answers of one expression are kept."""

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})


class InvalidExpression(ValueError):
    """An expression cannot be compiled or names something that does not exist."""


class EvidenceMissing(Exception):
    """An expression asked for a document or a figure that nobody has recorded."""


def lower(one: Any, other: Any) -> Any:
    """The smaller of two amounts."""
    return min(one, other)


def total(amounts: Iterable[Any]) -> Decimal:
    """The sum of amounts."""
    return sum((Decimal(amount) for amount in amounts), Decimal(0))


_ENVIRONMENT = celpy.Environment()
_OWN_FUNCTIONS: dict[str, Any] = {"lower": lower, "sum": total}
FUNCTIONS = _OWN_FUNCTIONS.keys() | {"size"}


class Expression:
    """One compiled CEL expression; `text` is what the rulebook says."""

    def __init__(self, text: str, known: Names) -> None:
        self.text = text
        try:
            tree = _ENVIRONMENT.compile(text)
        except CELParseError as error:
            raise InvalidExpression(f"{text!r} is not CEL: {error}") from error
        _check_names(tree, known)
        self.names = frozenset(_identifiers(tree)) & known.keys()
        self._program = _ENVIRONMENT.program(tree, functions=_OWN_FUNCTIONS)
        self._answers: OrderedDict[bytes, Any] = OrderedDict()

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        """The value under this context; raises EvidenceMissing where the evidence does not answer the question.

        An order in trouble is reviewed at every further fact, and mostly the question is the same: what was answered
        lately is remembered, by all that the answer depends on.
        """
        values = {name: context[name] for name in self.names}
        question = blake2b(repr(values).encode(), digest_size=16).digest()
        if question not in self._answers:
            self._answers[question] = self._answer(values)
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        self._answers.move_to_end(question)
        found = self._answers[question]
        if isinstance(found, EvidenceMissing):
            raise found
        return found

    def _answer(self, values: Mapping[str, Any]) -> Any:
        try:
            found = self._program.evaluate({name: as_cel(value) for name, value in values.items()})
        except CELEvalError as error:
            return EvidenceMissing(f"{self.text}: {error.args[0]}")
        return bool(found) if isinstance(found, BoolType) else found

    def holds(self, context: Mapping[str, Any]) -> bool:
        """Whether the condition is true."""
        return self.evaluate(context) is True


def as_cel(value: Any) -> Any:
    """A plain value in CEL's own types; Decimals stay Decimals, moments become instants, dates ISO text."""
    match value:
        case None | Decimal() | MapType() | ListType() | BoolType() | IntType():
            return value
        case bool():
            return BoolType(value)
        case int():
            return IntType(value)
        case str():
            return StringType(value)
        case datetime():
            return IntType(instant(value))
        case date():
            return StringType(value.isoformat())
        case Mapping():
            return MapType({StringType(key): as_cel(item) for key, item in value.items()})
        case list() | tuple():
            return ListType([as_cel(item) for item in value])
        case _:
            raise TypeError(f"a {type(value).__name__} has no place in an expression")


def _check_names(tree: Tree[Token], known: Names) -> None:
    names = {**known, **dict(_bound_names(tree, known))}
    calls = {str(call.children[0]) for call in tree.find_data("ident_arg")}
    for name in [*_identifiers(tree), *calls - FUNCTIONS]:
        if name not in names:
            raise InvalidExpression(f"unknown name {name!r}; known are {', '.join(sorted(known.keys() | FUNCTIONS))}")
    for base, field in _members(tree):
        has = names.get(base)
        if has is not None and field not in has:
            raise InvalidExpression(f"{base} has no field {field!r}; it has {', '.join(sorted(has))}")


def _bound_names(tree: Tree[Token], known: Names) -> Iterator[tuple[str, frozenset[str] | None]]:
    """The variables of macros, with the fields of the collection they run through where it is a known one."""
    for call in tree.find_data("member_dot_arg"):
        collection, macro, *arguments = call.children
        if macro in MACROS and arguments and isinstance(collection, Tree) and isinstance(arguments[0], Tree):
            variable = _bare_name(arguments[0].children[0])
            if variable is not None:
                yield variable, known.get(_bare_name(collection) or "")


def _members(tree: Tree[Token]) -> Iterator[tuple[str, str]]:
    """Every `name.field` that stands directly on a name."""
    for access in tree.find_data("member_dot"):
        base, field = access.children
        name = _bare_name(base)
        if name is not None:
            yield name, str(field)


def _bare_name(tree: Tree[Token] | Token) -> str | None:
    """The name, where an expression is nothing but a name."""
    while isinstance(tree, Tree) and tree.data != "ident" and len(tree.children) == 1:
        tree = tree.children[0]
    return str(tree.children[0]) if isinstance(tree, Tree) and tree.data == "ident" else None


def _identifiers(tree: Tree[Token]) -> Iterator[str]:
    """Every name that stands on its own: no field, no function."""
    return (str(name.children[0]) for name in tree.find_data("ident"))
