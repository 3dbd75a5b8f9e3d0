"""How does the rulebook ask about evidence? Conditions and amounts are CEL, compiled when the rulebook is loaded.

Money stays Decimal: an amount is written with whole numbers (`costs.processing_fee * 20 / 100`), and what is divided stays
exact. Instants are whole microseconds. Beside standard CEL there are `lower(a, b)` and `sum(list)`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from typing import Any

import celpy
from celpy.celparser import CELParseError
from celpy.celtypes import BoolType, IntType, ListType, MapType, StringType
from celpy.evaluation import CELEvalError
from lark import Token, Tree

from chassis.instants import instant
from services.accountability.rules.expression_budget import MOST_STEPS, Bounded, Budget, weighed, weights
from services.accountability.rules.expression_checks import check, written
from services.accountability.rules.expression_mistakes import TOO_DEEP, TOO_LONG, InvalidExpression, not_cel
from services.accountability.rules.expression_numbers import FUNCTIONS
from services.accountability.rules.expression_types import ANYTHING, Names, Type

REMEMBERED = 1_000
"""How many answers of one expression are kept."""

MOST_CHARACTERS, MOST_DEEP = 2_000, 160
"""How long an expression may be, and how deep what it is made of may lie in each other (a bracket is eleven deep)."""

MOST = Decimal(10) ** 15
"""An amount of more is no amount: nobody could reckon with it further."""


class EvidenceMissing(Exception):
    """An expression asked for a document or a figure that nobody has recorded, or came to no figure."""


@cache
def _environment() -> celpy.Environment:
    """The grammar, read at the first expression: most commands read none."""
    return celpy.Environment()


def _parsed(text: str) -> Tree[Token]:
    """The expression's parts; raises InvalidExpression for what is no CEL, or more of it than a rule needs."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidExpression(TOO_LONG, length=len(text), most=MOST_CHARACTERS)
    try:
        tree: Tree[Token] = _environment().compile(text)
    except CELParseError as error:
        raise not_cel(text, error) from error
    except RecursionError as error:
        raise InvalidExpression(TOO_DEEP) from error
    if _depth(tree) > MOST_DEEP:
        raise InvalidExpression(TOO_DEEP)
    return tree


def _depth(tree: Tree[Token]) -> int:
    level, depth = [tree], 0
    while level:
        depth += 1
        level = [child for each in level for child in each.children if isinstance(child, Tree)]
    return depth


class Expression:
    """One compiled CEL expression; `text` is what the rulebook says, `wanted` what it has to yield.

    `never` tells of the words in it that what it compares with them can never be.
    """

    def __init__(self, text: str, known: Names, wanted: Type = ANYTHING) -> None:
        self.text, self.steps = text, MOST_STEPS
        tree = _parsed(text)
        self.never = check(tree, known, wanted)
        self.names = frozenset(_identifiers(tree)) & known.keys()
        self._fields = frozenset(map(written, tree.find_data("member_dot")))
        self.weights = weights(tree)
        self.tree, self._program = tree, _environment().program(tree, functions=FUNCTIONS)
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
            budget = Budget(self.steps, self.steps)
            reader = Bounded(self.tree, self._program.new_activation(), budget, self.weights)
            found = reader.evaluate({name: as_cel(value, budget) for name, value in values.items()})
        except (CELEvalError, ArithmeticError) as error:
            return EvidenceMissing(f"{self.text}: {error.args[0]}")
        if isinstance(found, Decimal) and not abs(found) < MOST:
            return EvidenceMissing(f"{self.text}: {found} is beyond every amount")
        return bool(found) if isinstance(found, BoolType) else found

    def fields_of(self, name: str) -> frozenset[str]:
        """Which fields of a record it asks for: `settings.quotes_required`."""
        return frozenset(each for each in self._fields if each.startswith(f"{name}."))

    def holds(self, context: Mapping[str, Any]) -> bool:
        """Whether the condition is true."""
        return self.evaluate(context) is True


def as_cel(value: Any, budget: Budget) -> Any:
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
            return MapType({StringType(key): as_cel(item, budget) for key, item in value.items()})
        case list() | tuple():
            return weighed([as_cel(item, budget) for item in value], budget)
        case _:
            raise TypeError(f"a {type(value).__name__} has no place in an expression")


def _identifiers(tree: Tree[Token]) -> Iterator[str]:
    """Every name that stands on its own: no field, no function."""
    return (str(name.children[0]) for name in tree.find_data("ident"))
