"""Does what a rulebook calls a loss rest on recorded amounts? Nobody compensates what nobody wrote down, or more than that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Any, get_args, get_type_hints

from lark import Token, Tree
from pydantic import BaseModel

from chassis.language import Label
from contracts.catalogue import ALL_EVENTS
from contracts.event import Amount
from services.accountability.rules.expression_checks import arguments, written
from services.accountability.rules.expression_names import AMOUNTS
from services.accountability.rules.mistakes import Mistake, nearest
from services.accountability.rules.rulebook import Rulebook

NO_LOSS = Label(
    "损失须是已记录的金额,或其一部分;“{loss}”不是。可以写 {known}",
    "a loss is a recorded amount, or a part of one, and {loss!r} is neither; write for example {known}",
)
RECORDED = frozenset({*(f"costs.{name}" for name in AMOUNTS), "penalty.amount"})


@dataclass(frozen=True, slots=True)
class Figure:
    """What a part of an expression comes to: at most a `share` of what is recorded, or else a `number`, where that is known."""

    share: Fraction | None = None
    number: Fraction | None = None


NOTHING, UNKNOWN = Figure(number=Fraction(0)), Figure()


def loss_mistakes(rulebook: Rulebook, events: Mapping[str, str | None]) -> Iterator[Mistake]:
    """Losses that a draft makes up; `events` are those on which the clauses rest."""
    for index, clause in enumerate(rulebook.text.clauses):
        if clause.code in rulebook.amounts:
            loss, amounts = rulebook.amounts[clause.code][1], fact_amounts(events[clause.code])
            if not _is_recorded(Reckoner(amounts).of(loss.tree)):
                known = nearest(loss.text, {*RECORDED, *(f"fact.{name}" for name in amounts)})
                yield ("clauses", index, "compensation", "loss"), NO_LOSS.filled(loss=loss.text, known=known)


def _is_recorded(found: Figure) -> bool:
    return found.share is not None and found.share <= 1


@cache
def fact_amounts(event: str | None) -> frozenset[str]:
    """The fields of a fact that are money, however deep they lie in it."""
    return frozenset(_money(ALL_EVENTS[event])) if event in ALL_EVENTS else frozenset()


def _money(of: type[BaseModel]) -> Iterator[str]:
    for name, said in get_type_hints(of, include_extras=True).items():
        if name in of.model_fields:
            if Amount in (said, *get_args(said)):
                yield name
            for inner in get_args(said):
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    yield from _money(inner)


@dataclass(frozen=True, slots=True)
class Reckoner:
    """Reckons what the parts of a loss come to; `items` are the variables of loops."""

    amounts: frozenset[str]
    items: Mapping[str, Figure] = field(default_factory=dict)

    def of(self, tree: Tree[Token] | Token) -> Figure:
        if isinstance(tree, Token):
            return Figure(number=Fraction(int(tree, 0))) if tree.type == "INT_LIT" else UNKNOWN
        how = getattr(self, f"_{tree.data}", None)
        if how is not None and len(tree.children) > 1:
            found: Figure = how(*tree.children)
            return found
        if tree.data == "ident":
            return self.items.get(str(tree.children[0]), UNKNOWN)
        if tree.data == "list_lit":
            return joined([self.of(each) for each in arguments(list(tree.children))])
        return self.of(tree.children[0]) if len(tree.children) == 1 else UNKNOWN

    def _expr(self, _: Any, yes: Any, no: Any) -> Figure:
        return joined([self.of(yes), self.of(no)])

    def _addition(self, how: Any, right: Any) -> Figure:
        one, other = self.of(how.children[0]), self.of(right)
        return one if how.data == "addition_sub" else joined([one, other])

    def _multiplication(self, how: Any, right: Any) -> Figure:
        one, other = self.of(how.children[0]), self.of(right)
        if how.data == "multiplication_mul":
            return product(one, other)
        if how.data == "multiplication_mod":
            return one
        if other.share is not None:
            return UNKNOWN
        return product(one, Figure(number=1 / other.number if other.number else None))

    def _member_dot(self, base: Any, name: Any) -> Figure:
        whole = f"{written(base)}.{name}"
        of_fact = str(name) in self.amounts and not whole.startswith(("order.", "settings."))
        return Figure(share=Fraction(1)) if whole in RECORDED or of_fact else UNKNOWN

    def _member_index(self, base: Any, _: Any) -> Figure:
        return self.of(base)

    def _member_dot_arg(self, base: Any, name: Any, *rest: Any) -> Figure:
        items, given = self.of(base), arguments(list(rest))
        if str(name) == "map" and len(given) == 2:
            return replace(self, items={**self.items, written(given[0]): items}).of(given[1])
        return items if str(name) == "filter" else UNKNOWN

    def _ident_arg(self, name: Any, *rest: Any) -> Figure:
        given = [self.of(each) for each in arguments(list(rest))]
        shares = [each.share for each in given if each.share is not None]
        if str(name) == "lower" and shares:
            return Figure(share=min(shares))
        return given[0] if str(name) == "sum" else UNKNOWN


def product(one: Figure, other: Figure) -> Figure:
    """An amount times a number that is not known, a quantity or a share, is taken for what was recorded."""
    if one.share is None and other.share is None:
        known = one.number is not None and other.number is not None
        return Figure(number=one.number * other.number) if known else UNKNOWN  # type: ignore[operator]
    amount, number = (one, other) if one.share is not None else (other, one)
    return amount if number.number is None else Figure(share=(amount.share or Fraction(0)) * number.number)


def joined(figures: Iterable[Figure]) -> Figure:
    """What is one of these, or their sum: recorded where each is recorded or nothing."""
    found = [each for each in figures if each != NOTHING]
    shares = [each.share for each in found if each.share is not None]
    if not found:
        return NOTHING
    return Figure(share=max(shares)) if len(shares) == len(found) else UNKNOWN
