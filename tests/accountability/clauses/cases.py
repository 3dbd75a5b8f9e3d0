"""How is a clause told? As four stories, registered here under its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.facts import Outcome, Story

BREACH, NO_BREACH, EXCUSE, EXACTLY = "breach", "no breach", "excuse", "exactly on time"
KINDS = (BREACH, NO_BREACH, EXCUSE, EXACTLY)

Tell = Callable[[Story], object]


@dataclass(frozen=True)
class Case:
    """A story, whether it ends with a record of the clause, and against whom; `also` looks closer at the outcome."""

    clause: str
    kind: str
    name: str
    tell: Tell
    person: str | None
    also: Callable[[Outcome], None] | None = None


CASES: list[Case] = []


def case(
    clause: str, kind: str, *, person: str | None = None, also: Callable[[Outcome], None] | None = None
) -> Callable[[Tell], Tell]:
    """Register a story. A breach names its person; without one, nobody may have a record of this clause."""
    if kind == BREACH and person is None:
        raise ValueError(f"{clause}: a breach has a person")

    def register(tell: Tell) -> Tell:
        CASES.append(Case(clause, kind, tell.__name__, tell, person, also))
        return tell

    return register
