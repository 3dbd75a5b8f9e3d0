"""What does the evidence answer to an expression of the rulebook? Nothing, where it does not say."""

from __future__ import annotations

from typing import Any

from chassis.instants import LATEST, Instant
from services.accountability.judge.context import Context
from services.accountability.rules.expressions import EvidenceMissing, Expression


def holds(condition: Expression | None, context: Context) -> bool | None:
    """Whether a condition holds; None where the evidence does not say."""
    try:
        return condition is not None and condition.holds(context)
    except EvidenceMissing:
        return None


def answer(expression: Expression | None, context: Context) -> Any:
    """What an expression finds; nothing where the evidence does not say."""
    if expression is None:
        return None
    try:
        return expression.evaluate(context)
    except EvidenceMissing:
        return None


def moment_of(expression: Expression | None, context: Context) -> Instant | None:
    """When it happened; nothing where what the rulebook asks for is no instant."""
    found = answer(expression, context)
    return int(found) if isinstance(found, int) and 0 < found < LATEST else None
