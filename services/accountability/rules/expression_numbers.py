"""How do whole numbers and amounts meet in an expression? As amounts, on whichever side they stand, and nothing is cut off.

CEL's whole numbers know no Decimal, and divide without a remainder: `30 * costs.rework_cost` would answer nothing, and
`30 / 100` would be 0. Here both are exact.
"""

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from celpy.celtypes import BoolType, IntType, ListType
from celpy.evaluation import base_functions


def _meeting(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation of which both sides are amounts where one is."""

    def applied(one: Any, other: Any) -> Any:
        return operation(*_alike(one, other))

    return applied


def _of_numbers(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The same, and of nothing else: Python would multiply a text, and fill in its `%`, as long as one likes."""

    def applied(one: Any, other: Any) -> Any:
        if not (isinstance(one, IntType | Decimal) and isinstance(other, IntType | Decimal)):
            raise TypeError("no numbers")
        return operation(*_alike(one, other))

    return applied


def _alike(one: Any, other: Any) -> tuple[Any, Any]:
    if isinstance(one, Decimal) and isinstance(other, IntType):
        return one, Decimal(other)
    if isinstance(one, IntType) and isinstance(other, Decimal):
        return Decimal(one), other
    return one, other


def divided(one: Any, other: Any) -> Any:
    """Exact: 7 / 2 is 3.5. What divides evenly stays a whole number."""
    if isinstance(one, IntType) and isinstance(other, IntType) and one % other != IntType(0):
        return Decimal(one) / Decimal(other)
    return operator.truediv(*_alike(one, other))


def among(item: Any, container: Any) -> Any:
    """Whether a list has this item: `x in [800, 500]`."""
    if isinstance(container, ListType) and isinstance(item, Decimal | IntType):
        return BoolType(
            any(isinstance(each, Decimal | IntType) and each == Decimal(item) for each in _plain(container))
        )
    return base_functions["_in_"](item, container)


def _plain(container: Iterable[Any]) -> Iterable[Any]:
    return (Decimal(each) if isinstance(each, IntType) else each for each in container)


def lower(one: Any, other: Any) -> Any:
    """The smaller of two amounts."""
    return min(_alike(one, other))


def total(amounts: Iterable[Any]) -> Decimal:
    """The sum of amounts."""
    return sum((Decimal(amount) for amount in amounts), Decimal(0))


FUNCTIONS: dict[str, Any] = {
    "_+_": _meeting(base_functions["_+_"]),
    **{name: _of_numbers(base_functions[name]) for name in ("_-_", "_*_", "_%_")},
    **{name: _meeting(base_functions[name]) for name in ("_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_")},
    "_/_": divided,
    "_in_": among,
    "lower": lower,
    "sum": total,
}
"""What expressions know beside standard CEL, or otherwise than it."""
