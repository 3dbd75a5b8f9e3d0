"""Which facts does somebody need to judge these cases again, and no others'?

The orders' own facts; what every case is judged by; and of the rest what touches one of the orders' handovers or documents.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.accountability import EmployeeRegistered
from services.accountability.proof.outline import JUDGE

WORKERS = ("worker", "workers", "untrained")
TOUCHED = ("closes", "pauses", "resumes", "affected_duties", "duties")


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a fact mentions: the handovers that it changes, those that it waited for, documents, and other facts."""

    position: int
    id: str
    duties: frozenset[str]
    inputs: frozenset[str]
    numbers: frozenset[str]
    given_by: frozenset[str]

    @classmethod
    def of(cls, position: int, fact: Mapping[str, Any]) -> "Mentions":
        data = fact["data"]
        refs = [ref for name in TOUCHED for ref in data.get(name) or ()]
        refs += [data["duty"]] if data.get("duty") else []
        return cls(
            position,
            fact["id"],
            frozenset(f"{ref['link']}:{ref['key']}" for ref in refs),
            frozenset(f"{ref['link']}:{ref['key']}" for ref in data.get("inputs") or ()),
            frozenset(numbers(data)),
            frozenset(data.get("given_by") or ()),
        )


def numbers(value: Any, name: str = "") -> Iterator[str]:
    """The numbers of documents and lots in a fact, at any depth, and its workers, whose trainings are facts of no order.

    An order's own number says nothing about what it shares.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from numbers(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner, name)
    elif isinstance(value, str) and (name.endswith("_no") or name == "lot" or name in WORKERS) and name != "order_no":
        yield value


@dataclass
class Selection:
    """Gathers positions: first the cases' own facts, then the company's and other orders' that touch them."""

    person: str | None = None
    positions: set[int] = field(default_factory=set)
    duties: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    losses: set[str] = field(default_factory=set)
    _private: list[tuple[str | None, Mentions]] = field(default_factory=list)
    _company: list[Mentions] = field(default_factory=list)
    _by_duty: dict[str, list[Mentions]] = field(default_factory=lambda: defaultdict(list))
    _by_id: dict[str, int] = field(default_factory=dict)

    def own(self, position: int, fact: Mapping[str, Any]) -> None:
        """A fact of the cases themselves; what the judge said of others than the asked-for person is theirs alone.

        But for what was found of others who share a loss with that person: the shares are reckoned together.
        """
        loss = fact["data"].get("loss_document")
        if self._is_private(fact):
            self._private.append((loss, Mentions.of(position, fact)))
            return
        self._take(Mentions.of(position, fact))
        if loss:
            self.losses.add(loss)

    def company(self, position: int, fact: Mapping[str, Any], *, frame: bool) -> None:
        """A fact of no order."""
        if frame:
            self.positions.add(position)
        elif fact["type"] != EmployeeRegistered.name and not self._is_private(fact):
            self._company.append(Mentions.of(position, fact))

    def others(self, position: int, fact: Mapping[str, Any]) -> None:
        """A fact of another order: it counts where it touches a handover of these, or one that they waited for."""
        mentions = Mentions.of(position, fact)
        self._by_id[mentions.id] = position
        for duty in mentions.duties:
            self._by_duty[duty].append(mentions)

    def settle(self) -> set[int]:
        """Everything that is needed, once all facts were shown."""
        for loss, mentions in self._private:
            if loss in self.losses:
                self._take(mentions)
        while self._take_company() or self._take_others():
            continue
        self.positions.update(self._by_id[each] for each in self.ids & self._by_id.keys())
        return self.positions

    def _is_private(self, fact: Mapping[str, Any]) -> bool:
        return (
            self.person is not None
            and fact["source"] == JUDGE
            and fact["data"].get("person") not in (None, self.person)
        )

    def _take(self, mentions: Mentions) -> None:
        self.positions.add(mentions.position)
        self.duties |= mentions.duties | mentions.inputs
        self.numbers |= mentions.numbers
        self.ids |= mentions.given_by

    def _take_company(self) -> bool:
        near = [each for each in self._company if self._touches(each)]
        self._company = [each for each in self._company if not self._touches(each)]
        for each in near:
            self._take(each)
        return bool(near)

    def _touches(self, mentions: Mentions) -> bool:
        shared = not self.numbers.isdisjoint(mentions.numbers) or not self.duties.isdisjoint(mentions.duties)
        return shared or mentions.id in self.ids

    def _take_others(self) -> bool:
        """Only what a handover waited for leads on from another order's facts: not their numbers, not what else they touch."""
        touching = [each for duty in self.duties & self._by_duty.keys() for each in self._by_duty.pop(duty)]
        for each in touching:
            self.positions.add(each.position)
            self.duties |= each.inputs
            self.ids |= each.given_by
        return bool(touching)
