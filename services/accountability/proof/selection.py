"""Which facts does somebody need to judge these cases again, and no others'?

The orders' own facts; what every case is judged by; and of the rest what touches one of the orders' handovers or documents.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from contracts.accountability import EmployeeRegistered, FindingDismissed, FindingProposed
from services.accountability.proof.mentions import Mentions, Notes
from services.accountability.proof.outline import JUDGE

UNFOUND = frozenset({FindingProposed.name, FindingDismissed.name})


@dataclass
class Selection:
    """Gathers positions: first the cases' own facts, then the company's and other orders' that touch them.

    That a breach of the asked-for `person` was proposed is part of their case only once it was found: no page tells them either.
    """

    person: str | None = None
    positions: set[int] = field(default_factory=set)
    duties: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    losses: set[str] = field(default_factory=set)
    _private: list[tuple[str | None, Mentions]] = field(default_factory=list)
    _unfound: dict[int, str] = field(default_factory=dict)
    _notes: Notes = field(default_factory=Notes)

    def own(self, position: int, fact: Mapping[str, Any]) -> None:
        """A fact of the cases themselves; what the judge said of others than the asked-for person is theirs alone.

        But for what was found of others who share a loss with that person: the shares are reckoned together.
        """
        loss = fact["data"].get("loss_document")
        if self._is_private(fact):
            self._private.append((loss, Mentions.of(position, fact)))
            return
        if self._was_proposed(position, fact):
            return
        self._take(Mentions.of(position, fact))
        if loss:
            self.losses.add(loss)

    def company(self, position: int, fact: Mapping[str, Any], *, frame: bool) -> None:
        """A fact of no order."""
        if frame:
            self.positions.add(position)
        elif fact["type"] != EmployeeRegistered.name and not (
            self._is_private(fact) or self._was_proposed(position, fact)
        ):
            self._notes.add(Mentions.of(position, fact))

    def others(self, position: int, fact: Mapping[str, Any]) -> None:
        """A fact of another order: it counts where it touches a handover of these, or one that they waited for."""
        self._notes.add(Mentions.of(position, fact, is_company=False))

    def settle(self) -> set[int]:
        """Everything that is needed, once all facts were shown."""
        for loss, mentions in self._private:
            if loss in self.losses:
                self._take(mentions)
        with closing(self._notes):
            while self._leads_on():
                continue
        self.positions.update(position for position, no in self._unfound.items() if no in self.numbers)
        return self.positions

    def _was_proposed(self, position: int, fact: Mapping[str, Any]) -> bool:
        """Put aside what waits for whether it is found."""
        if self.person is None or fact["type"] not in UNFOUND:
            return False
        self._unfound[position] = fact["data"]["finding_no"]
        return True

    def _is_private(self, fact: Mapping[str, Any]) -> bool:
        return (
            self.person is not None
            and fact["source"] == JUDGE
            and fact["data"].get("person") not in (None, self.person)
        )

    def _take(self, mentions: Mentions) -> None:
        self.positions.add(mentions.position)
        self.duties.update(mentions.duties, mentions.inputs)
        self.numbers.update(mentions.numbers)
        self.ids.update(mentions.given_by)

    def _leads_on(self) -> bool:
        """Go through the notes once, latest first, for a handover waited for earlier ones; whether that showed more to look for."""
        before = self._looked_for()
        for mentions in self._notes.latest_first():
            if mentions.is_company:
                if self._touches(mentions):
                    self._take(mentions)
            elif not self.duties.isdisjoint(mentions.duties):
                self._take_anothers(mentions)
            elif mentions.id in self.ids:
                self.positions.add(mentions.position)
        return self._looked_for() > before

    def _looked_for(self) -> int:
        return len(self.duties) + len(self.numbers) + len(self.ids)

    def _touches(self, mentions: Mentions) -> bool:
        shared = not self.numbers.isdisjoint(mentions.numbers) or not self.duties.isdisjoint(mentions.duties)
        return shared or mentions.id in self.ids

    def _take_anothers(self, mentions: Mentions) -> None:
        """Only what a handover waited for leads on from another order's facts: not their numbers, not what else they touch."""
        self.positions.add(mentions.position)
        self.duties.update(mentions.inputs)
        self.ids.update(mentions.given_by)
