"""Does an expression of the rulebook ask for what the facts' contracts have, and does it yield what is wanted of it?

Whoever writes `fact.caus`, compares a number with a text, or answers a question with a number learns it when the rulebook is
read, not when somebody's record depends on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lark import Token, Tree

from chassis.language import Label
from services.accountability.rules import expression_mistakes as said
from services.accountability.rules.expression_mistakes import InvalidExpression
from services.accountability.rules.expression_types import (
    ANYTHING,
    NOTHING,
    NUMBER,
    TEXT,
    TRUTH,
    Names,
    Type,
    list_of,
    same,
)
from services.accountability.rules.mistakes import nearest

MOST_LOOPS = 3
"""How deep loops over documents may lie in each other."""


def check(tree: Tree[Token], known: Names, wanted: Type) -> tuple[Label, ...]:
    """Raises InvalidExpression for the first thing that is wrong; returns what may be said and can never be."""
    reader = Reader(known)
    found = reader.read(tree)
    if not wanted.suits(found):
        raise InvalidExpression(said.MUST_BE, wanted=wanted.name, found=found.name)
    return tuple(dict.fromkeys(reader.never))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what an expression yields; `known` grows by each loop's variable, inside of it."""

    known: Names
    loops: int = 0
    never: list[Label] = field(default_factory=list)

    def read(self, tree: Tree[Token] | Token) -> Type:
        if isinstance(tree, Token):
            return literal(tree)
        reader: Callable[[Tree[Token]], Type] | None = getattr(self, f"_{tree.data}", None)
        if reader is not None:
            return reader(tree)
        if len(tree.children) == 1 and tree.data not in NOT_HERE:
            return self.read(tree.children[0])
        raise InvalidExpression(said.NO_MAPS, written=written(tree))

    def want(self, wanted: Type, tree: Tree[Token] | Token, why: Label | str) -> Type:
        found = self.read(tree)
        if not wanted.suits(found):
            raise InvalidExpression(said.WANTS, why=why, wanted=wanted.name, written=written(tree), found=found.name)
        return found

    def alike(self, one: Tree[Token] | Token, other: Tree[Token] | Token, why: Label) -> Type:
        """Both sides are of one type; null stands beside any."""
        left, right = self.read(one), self.read(other)
        if NOTHING in (left, right):
            return right if left is NOTHING else left
        if not left.suits(right):
            sides = {"one": written(one), "left": left.name, "other": written(other), "right": right.name}
            raise InvalidExpression(said.NOT_ALIKE, why=why, **sides)
        return right if left == ANYTHING else left

    def _expr(self, tree: Tree[Token]) -> Type:
        if len(tree.children) == 1:
            return self.read(tree.children[0])
        condition, yes, no = tree.children
        self.want(TRUTH, condition, "? :")
        return self.alike(yes, no, said.SIDES)

    def _conditionalor(self, tree: Tree[Token]) -> Type:
        return self._all(TRUTH, tree, "||")

    def _conditionaland(self, tree: Tree[Token]) -> Type:
        return self._all(TRUTH, tree, "&&")

    def _all(self, wanted: Type, tree: Tree[Token], why: str) -> Type:
        if len(tree.children) == 1:
            return self.read(tree.children[0])
        for each in tree.children:
            self.want(wanted, each, why)
        return wanted

    def _relation(self, tree: Tree[Token]) -> Type:
        if len(tree.children) == 1:
            return self.read(tree.children[0])
        how, right = tree.children
        assert isinstance(how, Tree)
        (left,) = how.children
        if how.data == "relation_in":
            item = self.want(list_of(ANYTHING), right, "in").item or ANYTHING
            looked_for = self.read(left)
            if not item.suits(looked_for):
                raise InvalidExpression(said.NOT_IN_LIST, written=written(left), found=looked_for.name, item=item.name)
            self._compare(looked_for, item, left)
            return TRUTH
        found = self.alike(left, right, said.COMPARED)
        if how.data not in ("relation_eq", "relation_ne") and found not in (NUMBER, TEXT, ANYTHING):
            raise InvalidExpression(said.NO_ORDER, written=written(left), found=found.name)
        one, other = self.read(left), self.read(right)
        self._compare(one, other, left if one.words else right)
        return TRUTH

    def _compare(self, one: Type, other: Type, asked: Tree[Token] | Token) -> None:
        """Note the words that what is `asked` never is."""
        known = one.words | other.words
        for each in sorted(one.never(other)):
            self.never.append(said.NEVER.filled(written=written(asked), word=each, near=nearest(each, known)))

    def _addition(self, tree: Tree[Token]) -> Type:
        how, *right = tree.children
        if not right:
            return self.read(how)
        assert isinstance(how, Tree)
        if how.data == "addition_sub":
            self.want(NUMBER, how.children[0], "-")
            return self.want(NUMBER, right[0], "-")
        found = self.alike(how.children[0], right[0], said.ADDED)
        if found not in (NUMBER, TEXT, ANYTHING) and not found.item:
            raise InvalidExpression(said.NO_SUM, written=written(right[0]), found=found.name)
        return found

    def _multiplication(self, tree: Tree[Token]) -> Type:
        how, *right = tree.children
        if not right:
            return self.read(how)
        assert isinstance(how, Tree)
        self.want(NUMBER, how.children[0], said.ARITHMETIC)
        self.want(NUMBER, right[0], said.ARITHMETIC)
        return NUMBER

    def _unary(self, tree: Tree[Token]) -> Type:
        if len(tree.children) == 1:
            return self.read(tree.children[0])
        how, inner = tree.children
        assert isinstance(how, Tree)
        return self.want(TRUTH, inner, "!") if how.data == "unary_not" else self.want(NUMBER, inner, "-")

    def _ident(self, tree: Tree[Token]) -> Type:
        name = str(tree.children[0])
        if name not in self.known:
            raise InvalidExpression(said.NO_NAME, name=name, near=nearest(name, self.known))
        return self.known[name]

    def _member_dot(self, tree: Tree[Token]) -> Type:
        base, name = tree.children
        found = self.read(base)
        if found == ANYTHING:
            return ANYTHING
        if str(name) not in found.fields:
            what, near = (said.NO_FIELD if found.fields else said.NO_FIELDS), nearest(str(name), found.fields)
            raise InvalidExpression(what, written=written(base), name=str(name), near=near, found=found.name)
        return found.fields[str(name)]

    def _member_index(self, tree: Tree[Token]) -> Type:
        base, place = tree.children
        self.want(NUMBER, place, said.LIST_PLACE)
        return self.want(list_of(ANYTHING), base, "[ ]").item or ANYTHING

    def _member_dot_arg(self, tree: Tree[Token]) -> Type:
        base, name, *rest = tree.children
        given = arguments(rest)
        if str(name) in TEXT_QUESTIONS:
            self.want(TEXT, base, str(name))
            self._given(str(name), given, [TEXT])
            return TRUTH
        if str(name) not in LOOPS:
            near = nearest(str(name), {*LOOPS, *TEXT_QUESTIONS})
            raise InvalidExpression(said.NO_QUESTION, name=str(name), near=near)
        return self._loop(str(name), base, given)

    def _loop(self, name: str, base: Tree[Token] | Token, given: list[Any]) -> Type:
        """Runs through a list; its variable is known inside."""
        item = self.want(list_of(ANYTHING), base, f".{name}").item or ANYTHING
        if len(given) != 2 or not written(given[0]).isidentifier():
            raise InvalidExpression(said.LOOP_WANTS, name=name)
        if self.loops == MOST_LOOPS:
            raise InvalidExpression(said.LOOPS_TOO_DEEP, most=MOST_LOOPS)
        inside = replace(self, known={**self.known, written(given[0]): item}, loops=self.loops + 1)
        if name == "map":
            return list_of(inside.read(given[1]))
        inside.want(TRUTH, given[1], f".{name}")
        return list_of(item) if name == "filter" else TRUTH

    def _ident_arg(self, tree: Tree[Token]) -> Type:
        name, *rest = tree.children
        if str(name) not in FUNCTIONS:
            raise InvalidExpression(said.NO_FUNCTION, name=str(name), near=nearest(str(name), FUNCTIONS))
        self._given(str(name), arguments(rest), FUNCTIONS[str(name)])
        return NUMBER

    def _given(self, name: str, given: list[Any], wanted: list[Type]) -> None:
        if len(given) != len(wanted):
            raise InvalidExpression(said.WRONG_COUNT, name=name, wanted=len(wanted), given=len(given))
        for each, one in zip(given, wanted, strict=True):
            self.want(one, each, name)

    def _list_lit(self, tree: Tree[Token]) -> Type:
        return list_of(same(self.read(each) for each in arguments(list(tree.children))))


NOT_HERE = frozenset({"map_lit", "member_object", "dot_ident", "dot_ident_arg"})
LOOPS = frozenset({"all", "exists", "exists_one", "filter", "map"})
TEXT_QUESTIONS = frozenset({"contains", "startsWith", "endsWith"})
FUNCTIONS: dict[str, list[Type]] = {
    "lower": [NUMBER, NUMBER],
    "sum": [list_of(NUMBER)],
    "size": [ANYTHING],
}


def arguments(rest: list[Any]) -> list[Any]:
    """What stands between the brackets."""
    return list(rest[0].children) if rest and rest[0] is not None else []


def literal(token: Token) -> Type:
    kinds = {"INT_LIT": NUMBER, "STRING_LIT": TEXT, "MLSTRING_LIT": TEXT, "BOOL_LIT": TRUTH, "NULL_LIT": NOTHING}
    if token.type not in kinds:
        raise InvalidExpression(said.NO_DECIMALS, token=token)
    found = kinds[token.type]
    return replace(found, said=frozenset({str(token)[1:-1]})) if token.type == "STRING_LIT" else found


def written(tree: Tree[Token] | Token) -> str:
    """A part of an expression by its words, as far as they tell which it is."""
    if isinstance(tree, Token):
        return str(tree)
    if tree.data == "member_dot":
        return ".".join(written(each) for each in tree.children)
    return " … ".join(filter(None, (written(each) for each in tree.children)))
