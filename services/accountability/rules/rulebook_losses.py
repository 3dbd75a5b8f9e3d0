"""Does what a rulebook calls a loss rest on recorded amounts? Nobody compensates what nobody wrote down, or more than that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Any, get_args, get_type_hints

from lark import Token, Tree
from pydantic import BaseModel

from chassis.language import Label
from contracts.catalogue import ALL_EVENTS
from contracts.event import Amount
from services.accountability.rules.expression_bounds import (
    NONE,
    UNKNOWN,
    WHOLE,
    Bound,
    Leaf,
    either,
    less,
    listed,
    lowest,
    not_below_zero,
    number,
    product,
    quotient,
    repeated,
    together,
)
from services.accountability.rules.expression_checks import arguments, written
from services.accountability.rules.expression_names import AMOUNTS
from services.accountability.rules.mistakes import Mistake, nearest
from services.accountability.rules.rulebook import Rulebook

NO_LOSS = Label(
    "损失须是已记录的金额,或其一部分;“{loss}”不是。可以写 {known}",
    "a loss is a recorded amount, or a part of one, and {loss!r} is neither; write for example {known}",
)
RECORDED = frozenset({*(f"costs.{name}" for name in AMOUNTS), "penalty.amount"})


def loss_mistakes(rulebook: Rulebook, events: Mapping[str, str | None]) -> Iterator[Mistake]:
    """Losses that a draft makes up; `events` are those on which the clauses rest."""
    for index, clause in enumerate(rulebook.text.clauses):
        if clause.code in rulebook.amounts:
            loss, amounts = rulebook.amounts[clause.code][1], fact_amounts(events[clause.code])
            if not _is_recorded(Reckoner(RECORDED | amounts, rulebook.settings).of(loss.tree)):
                known = nearest(loss.text, {*RECORDED, *(f"fact.{name}" for name in amounts)})
                yield ("clauses", index, "compensation", "loss"), NO_LOSS.filled(loss=loss.text, known=known)


def _is_recorded(found: Bound) -> bool:
    """Whatever is called alike, `costs.direct_loss` and `fact.direct_loss`, may be the same loss, and counts once."""
    counted = {leaf: share for leaf, share in (found.shares or {}).items() if share > 0}
    alike = dict[str, Fraction]()
    for leaf, share in counted.items():
        name = leaf.path.rpartition(".")[2]
        alike[name] = alike.get(name, NONE) + share
    return bool(counted) and all(leaf.money for leaf in counted) and max(alike.values()) <= 1


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
    """Bounds the parts of an expression.

    `money`: paths and names of fields that are money; `settings`: the rulebook's own answers; `loops`: the variables of
    loops, each with what its list comes to.
    """

    money: frozenset[str]
    settings: Mapping[str, Any]
    loops: Mapping[str, Bound] = field(default_factory=dict)

    def of(self, tree: Tree[Token] | Token) -> Bound:
        if isinstance(tree, Token):
            return number(int(tree, 0)) if tree.type == "INT_LIT" else UNKNOWN
        how = getattr(self, f"_{tree.data}", None)
        if how is not None and (len(tree.children) > 1 or tree.data == "ident"):
            found: Bound = how(*tree.children)
            return found
        if tree.data == "list_lit":
            return listed([self.of(each) for each in arguments(list(tree.children))])
        return self.of(tree.children[0]) if len(tree.children) == 1 else UNKNOWN

    def _ident(self, name: Any) -> Bound:
        items = self.loops.get(str(name), Bound(least=NONE))
        return Bound({Leaf(str(name), items.money): WHOLE}, not_below_zero([items]))

    def _member_dot(self, base: Any, name: Any) -> Bound:
        above = path(base)
        if above == "settings":
            answer = self.settings.get(str(name))
            return number(answer) if isinstance(answer, int) else UNKNOWN
        whole = f"{above}.{name}"
        money = whole in self.money or (above != "order" and str(name) in self.money)
        return Bound({Leaf(whole, money): WHOLE}, NONE) if above is not None else UNKNOWN

    def _member_index(self, base: Any, _: Any) -> Bound:
        return self.of(base)

    def _member_dot_arg(self, base: Any, name: Any, *rest: Any) -> Bound:
        items, given = self.of(base), arguments(list(rest))
        if str(name) == "map" and len(given) == 2:
            variable = written(given[0])
            inside = replace(self, loops={**self.loops, variable: items})
            return repeated(inside.of(given[1]), variable, path(base), items)
        return items if str(name) == "filter" else UNKNOWN

    def _expr(self, _: Any, yes: Any, no: Any) -> Bound:
        return either(self.of(yes), self.of(no))

    def _addition(self, how: Any, right: Any) -> Bound:
        one, other = self.of(how.children[0]), self.of(right)
        return less(one, other) if how.data == "addition_sub" else together([one, other])

    def _multiplication(self, how: Any, right: Any) -> Bound:
        one, other = self.of(how.children[0]), self.of(right)
        match how.data:
            case "multiplication_mul":
                return product(one, other)
            case "multiplication_mod":
                return listed([one])
            case _:
                return quotient(one, other)

    def _ident_arg(self, name: Any, *rest: Any) -> Bound:
        given = [self.of(each) for each in arguments(list(rest))]
        known = [each for each in given if each.shares is not None]
        if str(name) == "lower" and known:
            return replace(min(known, key=lambda each: (not each.money, each.part)), least=lowest(given))
        return given[0] if str(name) == "sum" and given else UNKNOWN


def path(tree: Tree[Token] | Token) -> str | None:
    """Where a part of an expression lies in the evidence, whichever item of a list it is; None for what is reckoned."""
    if isinstance(tree, Token):
        return None
    first = tree.children[0] if tree.children else None
    match tree.data:
        case "ident":
            return str(first)
        case "member_dot":
            above = path(first)  # type: ignore[arg-type]
            return above and f"{above}.{tree.children[1]}"
        case "member_dot_arg" if str(tree.children[1]) != "filter":
            return None
        case "member_index" | "member_dot_arg":
            return path(first)  # type: ignore[arg-type]
        case _:
            return path(first) if first is not None and len(tree.children) == 1 else None
