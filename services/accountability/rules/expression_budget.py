"""How much may one answer look at? Whatever an expression asks, of evidence or of lists it makes itself, comes to an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from celpy.celtypes import ListType
from celpy.evaluation import Activation, CELEvalError, Context, Evaluator
from lark import Token, Tree

MOST_STEPS = 200_000
"""How many documents one answer may look at; the evidence that would take more does not answer the question."""

WRITTEN = 20
"""What an item of a list costs that the expression makes itself: a rule writes a few words down, evidence may be long."""

LONG = 250
"""A question of so many parts costs a step of its own for each document that it is asked of; no shipped one is so long."""

CHARACTERS = 100
"""So many characters of a text that is put together are one step."""


@dataclass(slots=True)
class Budget:
    """How many documents may still be looked at."""

    most: int
    left: int

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise CELEvalError(f"more than {self.most} documents to look at")


class Weighed(ListType):
    """A list that counts what is looked at in it, each item at its `price`."""

    budget: Budget
    price: int

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.budget.spend(self.price)
            yield item


def weighed(items: list[Any], budget: Budget, price: int = 1) -> Weighed:
    found = Weighed(items)
    found.budget, found.price = budget, price
    return found


def weights(tree: Tree[Token]) -> dict[int, int]:
    """What the question of each loop costs beside the look itself, by the question's place in memory."""
    given = (loop.children[-1] for loop in tree.find_data("member_dot_arg"))
    asked = (each.children[-1] for each in given if isinstance(each, Tree) and each.children)
    return {id(each): sum(1 for _ in each.iter_subtrees()) // LONG for each in asked if isinstance(each, Tree)}


class Bounded(Evaluator):
    """Reckons an expression within its budget: lists that it writes, maps, filters and adds are weighed like evidence."""

    def __init__(
        self, ast: Tree[Token], activation: Activation, budget: Budget, weights: Mapping[int, int], weight: int = 0
    ) -> None:
        super().__init__(ast, activation)
        self.budget, self.weights, self.weight = budget, weights, weight

    def sub_evaluator(self, ast: Tree[Token]) -> Bounded:
        return Bounded(ast, self.activation, self.budget, self.weights, self.weights.get(id(ast), 0))

    def evaluate(self, context: Context | None = None) -> Any:
        self.budget.spend(self.weight)
        return super().evaluate(context)

    def primary(self, tree: Tree[Token]) -> Any:
        return self._weighed(super().primary(tree))

    def member_dot_arg(self, tree: Tree[Token]) -> Any:
        return self._weighed(super().member_dot_arg(tree))

    def addition(self, tree: Tree[Token]) -> Any:
        found = super().addition(tree)
        if len(tree.children) > 1 and isinstance(found, str | list):
            self.budget.spend(len(found) * WRITTEN if isinstance(found, list) else len(found) // CHARACTERS)
        return self._weighed(found)

    def _weighed(self, found: Any) -> Any:
        made_here = isinstance(found, list) and not isinstance(found, Weighed)
        return weighed(found, self.budget, WRITTEN) if made_here else found
