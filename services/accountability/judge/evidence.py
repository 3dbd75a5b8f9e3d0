"""What does the judge read of an admitted fact? The few attributes it needs, straight from the wire's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from chassis.instants import parse
from services.accountability.judge.seen import Seen
from services.accountability.judge.state import COMPANY, Mark, State

HINDRANCE = ".hindrance_reported.v1"
LATE_WORD = ".word_came_late.v1"


class Entry(NamedTuple):
    """A fact in the ledger. The caller passes entries in the order (admitted, source, epoch, sequence)."""

    position: int
    admitted: datetime
    fact: dict[str, Any]
    hash: str

    @classmethod
    def read(cls, position: int, admitted: datetime, body: bytes, ledger_hash: str) -> Entry:
        """An entry from the exact bytes of the ledger."""
        return cls(position, admitted, orjson.loads(body), ledger_hash)

    def at(self, admitted: datetime) -> Entry:
        """The same fact admitted at another time."""
        return self._replace(admitted=admitted)


@dataclass(frozen=True, slots=True)
class Tick:
    """The evidence is complete for everything recorded before `frontier`."""

    frontier: datetime


@dataclass(frozen=True, slots=True)
class Discard:
    """A named operator gave up a fact that the judge could not read; verdicts on its order go on without it."""

    position: int


@dataclass(slots=True)
class Evidence:
    """One fact as the rules see it."""

    type: str
    id: str
    source: str
    mark: Mark
    actor: str
    actor_post: str | None
    order_no: str
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> Evidence:
        """Raises KeyError, TypeError or ValueError where the attributes are not what an envelope has."""
        fact = entry.fact
        data = fact["data"]
        return cls(
            fact["type"],
            fact["id"],
            fact["source"],
            Mark(parse(fact["time"]), entry.position, entry.hash),
            fact["actor"],
            fact.get("actorpost"),
            data.get("order_no") or fact.get("subject") or COMPANY,
            data,
        )


def is_new(state: State, fact: Mapping[str, Any]) -> bool:
    """Whether this (source, epoch, sequence) was not judged before; remembers it."""
    seen = state.seen.setdefault(f"{fact['source']}/{fact['epoch']}", Seen())
    sequence: int = fact["sequence"]
    if sequence <= seen.mark or sequence in seen.ahead:
        return False
    seen.ahead[sequence] = True
    while seen.ahead.pop(seen.mark + 1, False):
        seen.mark += 1
    return True
