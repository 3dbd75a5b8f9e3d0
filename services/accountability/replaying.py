"""What stands at the end of a replay? Records and suspicions by their key, and when each handover was due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chassis.instants import moment
from services.accountability.evidence import Entry, Tick
from services.accountability.judge import judge
from services.accountability.state import State
from services.accountability.supposing import Supposition
from services.accountability.verdicts import RecordProposal, Suspected, Verdict, Withdrawal


@dataclass(frozen=True, slots=True)
class Due:
    """When one attempt at a handover was due and when it was done."""

    due_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A record that stands, or without a person a suspicion; `breaches` are duties and documents, the first first."""

    key: str
    clause: str
    order_no: str
    person: str | None
    post: str | None
    sanction: str | None
    amount: Decimal | None
    breaches: tuple[str, ...]
    at: datetime


class Replay:
    """One run over the ledger's entries, in the judge's order, under a supposition."""

    def __init__(self, supposition: Supposition) -> None:
        self.supposition, self.state = supposition, State()
        self._standing: dict[str, RecordProposal | Suspected] = {}
        for entry in supposition.roster():
            self._hear(judge(self.state, entry))

    def take(self, entry: Entry) -> None:
        supposed = self.supposition.read(entry)
        if supposed is not None:
            self._hear(judge(self.state, supposed))

    def end(self, frontier: datetime) -> None:
        """Everything up to here is known: the deadlines before it are decided."""
        self._hear(judge(self.state, Tick(frontier)))

    def found(self) -> dict[str, Found]:
        return {key: found_of(verdict) for key, verdict in self._standing.items()}

    def dues(self) -> Iterator[tuple[str, Due]]:
        """Every attempt by the name that breaches use for it."""
        for name, duty in self.state.duties.items():
            for attempt in duty.attempts:
                about = name if attempt.number == 1 else f"{name}#{attempt.number}"
                closed = moment(attempt.closed.at) if attempt.closed else None
                yield about, Due(None if attempt.due is None else moment(attempt.due), closed)

    def _hear(self, verdicts: list[Verdict]) -> None:
        for verdict in verdicts:
            if isinstance(verdict, RecordProposal | Suspected):
                self._standing[verdict.key] = verdict
            elif isinstance(verdict, Withdrawal):
                self._standing.pop(verdict.key, None)


def found_of(verdict: RecordProposal | Suspected) -> Found:
    named = verdict if isinstance(verdict, RecordProposal) else None
    return Found(
        key=verdict.key,
        clause=verdict.clause,
        order_no=verdict.order_no,
        person=named.person.employee if named else None,
        post=named.person.post if named else None,
        sanction=str(named.sanction) if named and named.sanction else None,
        amount=named.compensation.amount if named and named.compensation else None,
        breaches=tuple(breach.about for breach in verdict.breaches),
        at=verdict.breaches[-1].at,
    )
