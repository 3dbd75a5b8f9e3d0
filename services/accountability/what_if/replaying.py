"""What stands at the end of a replay? Records and suspicions by their key, and when a handover was due for whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chassis.instants import moment
from services.accountability.judge.conclusions import Conclusion
from services.accountability.judge.evidence import Entry, Tick
from services.accountability.judge.judge import hear_new, judge
from services.accountability.judge.snapshot import needs
from services.accountability.judge.state import Case, Duty, State
from services.accountability.judge.verdicts import RecordProposal, Suspected, Verdict, Withdrawal
from services.accountability.what_if.cabinet import Cabinet
from services.accountability.what_if.shares import Share, alone
from services.accountability.what_if.supposing import Supposition


@dataclass(frozen=True, slots=True)
class Due:
    """When one attempt at a handover was due and when it was done."""

    due_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A record that stands, or without a person a suspicion; `breaches` are duties and documents, the first first.

    `moments` says when each of them happened.
    """

    key: str
    clause: str
    order_no: str
    person: str | None
    post: str | None
    sanction: str | None
    amount: Decimal | None
    breaches: tuple[str, ...]
    moments: tuple[datetime, ...]

    @property
    def at(self) -> datetime:
        return self.moments[-1]

    @property
    def essence(self) -> tuple[object, ...]:
        """What makes it the same record, in whatever order it lists its breaches."""
        return self.person, self.post, self.sanction, self.amount, frozenset(self.breaches)


@dataclass(frozen=True, slots=True)
class Side:
    """How a replay ended: what stands, and the due times that are in question."""

    found: Mapping[str, Found]
    dues: Mapping[str, Due]


PUT_AWAY_EVERY = 10_000
"""Facts between two looks at what is settled: a look costs as much as there are cases at hand."""


class Replay:
    """One run over the ledger's entries, in the judge's order, under a supposition; settled cases lie in a cabinet."""

    def __init__(self, supposition: Supposition) -> None:
        self.supposition, self.state, self.cabinet = supposition, State(), Cabinet()
        self.found: dict[str, Found] = {}
        self._since_put_away = 0
        for entry in supposition.roster():
            self._hear(hear_new(self.state, entry))

    def take(self, entries: Iterable[Entry]) -> None:
        """Judge some facts more, each once, and put away what is settled by then; silent ones may be left out."""
        supposed = [each for entry in entries if (each := self.supposition.read(entry)) is not None]
        self.cabinet.at_hand(self.state, supposed)
        for entry in supposed:
            self._hear(hear_new(self.state, entry))
        self._since_put_away += len(supposed)
        if self._since_put_away >= PUT_AWAY_EVERY:
            self._since_put_away = 0
            self.cabinet.put_away(self.state)

    def end(self, frontier: datetime) -> None:
        """Everything up to here is known: the deadlines before it are decided."""
        self._hear(judge(self.state, Tick(frontier)))

    def dues(self, asked: Iterable[str]) -> Mapping[str, Due]:
        """When these were due, by the names that breaches use for attempts."""
        names = handovers_of(asked)
        self.cabinet.bring_back(self.state, self.cabinet.having(names))
        return dues_in(self.state, names)

    def share_of(self, orders: Iterable[str]) -> Share:
        """These orders, to be replayed alone: with whatever in this replay had to do with them."""
        at_hand = {case.order_no: [*case.linked, *needs(self.state, case)] for case in self.state.cases.values()}
        return alone({**self.cabinet.links(), **at_hand}, self.state.index.shared, orders)

    def _hear(self, verdicts: list[Verdict]) -> None:
        for verdict in verdicts:
            if isinstance(verdict, RecordProposal | Suspected):
                self.found[verdict.key] = found_of(verdict)
            elif isinstance(verdict, Withdrawal):
                self.found.pop(verdict.key, None)


def handovers_of(asked: Iterable[str]) -> list[str]:
    """The handovers of these breaches, which name attempts."""
    return sorted({about.partition("#")[0] for about in asked})


def dues_in(state: State, names: Iterable[str]) -> dict[str, Due]:
    """When the attempts at these handovers are due in a state, as far as it knows them."""
    known = (state.duties[name] for name in names if name in state.duties)
    return {about: due for duty in known for about, due in dues_of(duty)}


def dues_of(duty: Duty) -> Iterator[tuple[str, Due]]:
    for attempt in duty.attempts:
        about = duty.id if attempt.number == 1 else f"{duty.id}#{attempt.number}"
        closed = moment(attempt.closed.at) if attempt.closed else None
        yield about, Due(None if attempt.due is None else moment(attempt.due), closed)


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
        moments=tuple(breach.at for breach in verdict.breaches),
    )


def found_in(case: Case, conclusion: Conclusion) -> Found:
    """A conclusion as a replay would have found it."""
    person = conclusion.person
    sanction = conclusion.sanction if person else None
    return Found(
        key=conclusion.key,
        clause=conclusion.latest.clause.code,
        order_no=case.order_no,
        person=person.employee if person else None,
        post=person.post if person else None,
        sanction=str(sanction) if sanction else None,
        amount=conclusion.compensation.amount if conclusion.compensation else None,
        breaches=tuple(charge.about for charge in conclusion.charges),
        moments=tuple(moment(charge.at) for charge in conclusion.charges),
    )
