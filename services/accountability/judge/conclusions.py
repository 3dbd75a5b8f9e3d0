"""Which records and suspicions stand in an order now, and what has changed since the judge last spoke?

No double jeopardy: one clause, person and order make one record that lists every breach, unless the clause counts
items. The heavier clause absorbs the lighter for the same failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from chassis.instants import duration, moment
from contracts.accountability import Sanction
from services.accountability.judge import changes, compensation, first_cause, roster, topics, wording
from services.accountability.judge.absorbing import absorb
from services.accountability.judge.clauses import Charge, charges, in_hours
from services.accountability.judge.cleared import cleared, suspicion_key
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.first_cause import Missed
from services.accountability.judge.paths import Step
from services.accountability.judge.said import Standing
from services.accountability.judge.state import COMPANY, Case, Mark, State
from services.accountability.judge.verdicts import (
    Breach,
    CompensationProposal,
    Contribution,
    FirstCause,
    Infeasible,
    NotMissed,
    Person,
    Proof,
    RecordProposal,
    Suspected,
    Verdict,
    Withdrawal,
)
from services.accountability.rules.rulebook import Bilingual

SEVERITY = tuple(Sanction)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What should stand: a record against a person, or a suspicion (no person). `absorbed` are clauses it takes in."""

    key: str
    charges: tuple[Charge, ...]
    person: Person | None
    absorbed: tuple[str, ...] = ()
    compensation: CompensationProposal | None = None

    @property
    def latest(self) -> Charge:
        """The breach whose clause text and rulebook version the record cites: the last that weighs as much as the record does."""
        weighs = self.sanction
        return next(charge for charge in reversed(self.charges) if charge.sanction == weighs)

    @property
    def sanction(self) -> Sanction | None:
        """The heaviest of its breaches; a record that lists several is one record."""
        chosen = [charge.sanction for charge in self.charges if charge.sanction]
        return max(chosen, key=SEVERITY.index, default=None)

    @property
    def failures(self) -> frozenset[str]:
        """What went wrong, by name."""
        return frozenset().union(*(charge.failures for charge in self.charges))

    @property
    def complaints(self) -> tuple[str, ...]:
        """From which complaints its breaches stem; one record of several waits until the last of them is closed."""
        return tuple(dict.fromkeys(charge.complaint_no for charge in self.charges if charge.complaint_no))

    @property
    def versions(self) -> tuple[str, ...]:
        """Under which rulebooks its breaches fall, the one that it cites first."""
        return tuple(dict.fromkeys(charge.rulebook.version for charge in (self.latest, *self.charges)))

    @property
    def signature(self) -> str:
        """What makes it the same record: a change of anything in here replaces it."""
        parts = (self.person, self.latest.rulebook.version, [c.about for c in self.charges], self.absorbed)
        amount = self.compensation.amount if self.compensation else None
        doubt = None if self.person else self.latest.answerable.doubt.en
        chosen = f" {self.sanction}" if self.sanction != self.latest.clause.sanction else ""
        also = f" also under {self.versions[1:]}" if len(self.versions) > 1 else ""
        return f"{parts} {' '.join(self.complaints) or None} {amount} {doubt}{chosen}{also}"

    @property
    def figures(self) -> str:
        """The due times, shares and bounds that it names; a record whose figures are no longer so is replaced as well."""
        return f"{self.dues} {self.shares} {self.bounds}".rstrip()

    @property
    def dues(self) -> str:
        return f"{[charge.facts['due_at'] for charge in self.charges if charge.duty]}"

    @property
    def shares(self) -> str:
        parts = self.compensation.parts if self.compensation else ()
        return f"{[(part.loss_of, str(part.share_percent)) for part in parts]}"

    @property
    def bounds(self) -> str:
        """The ceilings and recorded losses between which the amount was reckoned."""
        parts = self.compensation.parts if self.compensation else ()
        return " ".join(f"{part.loss_of} {part.ceiling} {part.recorded_loss}" for part in parts)

    @property
    def amount(self) -> str:
        return str(self.compensation.amount) if self.compensation else ""

    def is_news(self, standing: Standing | None) -> bool:
        """Whether it differs from what was last said of it; of what was said before figures were kept, those are not asked."""
        if standing is None or standing.signature != self.signature:
            return True
        return standing.figures not in ("", self.figures)


def review(state: State, case: Case, trigger: Evidence | None) -> Iterator[Verdict]:
    """Say what is new about an order: first causes, records proposed, replaced or withdrawn."""
    if state.held and not {case.order_no, COMPANY}.isdisjoint(state.held.values()):
        return
    missed = list(first_cause.missed_dates(state, case))
    yield from _missed_verdicts(case, missed)
    wanted = {conclusion.key: conclusion for conclusion in conclusions(state, case, missed)}
    for key in [key for key in case.standing if key not in wanted]:
        standing = case.standing.pop(key)
        because = wording.because(trigger, changes.why_fallen(standing, wanted.values(), missed))
        yield _withdraw(case, key, standing, trigger, because)
    for key, conclusion in wanted.items():
        known = case.standing.get(key)
        if conclusion.is_news(known):
            changed = changes.why_replaced(known, conclusion, wanted.values()) if known else []
            yield _propose(state, case, conclusion, known, wording.because(trigger, changed))


def conclusions(state: State, case: Case, missed: list[Missed]) -> list[Conclusion]:
    """The records and suspicions that the facts of an order call for."""
    grouped: dict[str, list[Charge]] = {}
    shown = (cleared(state, case, charge) for charge in charges(state, case, missed))
    for charge in sorted((one for one in shown if one), key=lambda charge: (charge.at, charge.about)):
        same = grouped.setdefault(_key(case, charge), [])
        if charge.about not in [known.about for known in same]:
            same.append(charge)
    found = absorb([Conclusion(key, tuple(same), same[0].answerable.person) for key, same in grouped.items()])
    factors = compensation.scales(
        charge.claim for conclusion in found if conclusion.person for charge in conclusion.charges if charge.claim
    )
    return [_with_compensation(conclusion, factors) for conclusion in found]


def _key(case: Case, charge: Charge) -> str:
    """One record for each clause, person and order, or each item where the clause counts them; suspicions apart.

    An item that is late twice, bought again after a failed inspection, is one item. Of no order each occasion is one: a
    stocktake with all that was counted in it, an audit, a finding.
    """
    person = charge.answerable.person
    if person is None:
        return suspicion_key(case, charge)
    key = f"{charge.clause.code}/{person.employee}/{case.order_no}"
    if charge.clause.counts_items:
        return f"{key}/{charge.duty or charge.about}"
    return key if case.order_no else f"{key}/{charge.duty or charge.occasion or charge.about}"


def _with_compensation(conclusion: Conclusion, factors: dict[str, Decimal]) -> Conclusion:
    claims = [charge.claim for charge in conclusion.charges if charge.claim] if conclusion.person else []
    return replace(conclusion, compensation=compensation.propose(claims, factors))


def _propose(
    state: State, case: Case, conclusion: Conclusion, standing: Standing | None, because: Bilingual
) -> RecordProposal | Suspected:
    revision = case.revisions[conclusion.key] = case.revisions.get(conclusion.key, 0) + 1
    latest, person = conclusion.latest, conclusion.person
    ground = wording.ground(latest.clause, conclusion.charges, conclusion.absorbed)
    case.standing[conclusion.key] = Standing(
        revision,
        conclusion.signature,
        latest.clause.code,
        person.employee if person else None,
        ground.zh,
        ground.en,
        conclusion.figures,
        tuple(charge.about for charge in conclusion.charges),
        conclusion.absorbed,
        conclusion.dues,
        conclusion.shares,
        conclusion.amount,
        any("first_cause_hours" in charge.facts for charge in conclusion.charges),
        conclusion.bounds,
    )
    breaches = tuple(Breach(c.about, c.duty, moment(c.at), _said_of(c, latest)) for c in conclusion.charges)
    proofs = _proofs(mark for charge in conclusion.charges for mark in charge.marks)
    if person is None:
        return Suspected(
            conclusion.key,
            revision,
            latest.clause.code,
            latest.rulebook.version,
            case.order_no,
            latest.answerable.doubt.en,
            breaches,
            proofs,
            latest.answerable.doubt.zh,
            latest.answerable.among,
        )
    because = because if standing else wording.NOTHING
    return RecordProposal(
        key=conclusion.key,
        revision=revision,
        clause=latest.clause.code,
        rulebook_version=latest.rulebook.version,
        versions=conclusion.versions,
        order_no=case.order_no,
        person=person,
        sanction=conclusion.sanction,
        breaches=breaches,
        evidence=proofs,
        compensation=conclusion.compensation,
        absorbed=conclusion.absorbed,
        self_dealing=_self_dealing(state, person.employee, conclusion.charges),
        complaints=conclusion.complaints,
        held_for=topics.first_open(state.complaints, conclusion.complaints),
        ground_zh=ground.zh,
        ground_en=ground.en,
        replaces=standing.revision if standing else None,
        because_zh=because.zh,
        because_en=because.en,
    )


def _said_of(charge: Charge, latest: Charge) -> dict[str, Any]:
    """The figures of a breach, with its rulebook where that is another one than the record cites."""
    version = charge.rulebook.version
    return charge.facts if version == latest.rulebook.version else charge.facts | {"rulebook_version": version}


def _self_dealing(state: State, employee: str, shown: Iterable[Charge]) -> tuple[tuple[str, str], ...]:
    """The posts that should check each other and were one person's, at any of these breaches."""
    found = (roster.self_dealing(state, charge.rulebook, employee, charge.at) for charge in shown)
    return tuple(dict.fromkeys(pair for pairs in found for pair in pairs))


def _withdraw(case: Case, key: str, standing: Standing, trigger: Evidence | None, because: Bilingual) -> Withdrawal:
    return Withdrawal(
        key=key,
        revision=standing.revision,
        clause=standing.clause,
        person=standing.person,
        order_no=case.order_no,
        ground_zh=standing.ground_zh,
        ground_en=standing.ground_en,
        because_zh=because.zh,
        because_en=because.en,
        evidence=_proofs([trigger.mark] if trigger else []),
    )


def _missed_verdicts(case: Case, missed: list[Missed]) -> Iterator[FirstCause | Infeasible | NotMissed]:
    """What is new about missed dates. A late production of which nobody is the cause is not worth a word."""
    said: dict[str, str] = {}
    for date in missed:
        if date.of == "delivery" or date.cause:
            name = f"{date.of}/{date.number}"
            said[name] = _signature(date)
            if case.missed.get(name) != said[name]:
                yield missed_verdict(case, date)
    for name in sorted(case.missed.keys() - said.keys()):
        of, _, number = name.partition("/")
        yield NotMissed(case.order_no, of, number)
    case.missed = said


def missed_verdict(case: Case, date: Missed) -> FirstCause | Infeasible:
    """A missed date as a verdict."""
    contributions = tuple(map(contribution, date.path))
    done = moment(date.done.at) if date.done else None
    if date.infeasible:
        return Infeasible(case.order_no, date.line_no, date.of, moment(date.due), done, contributions)
    cause = contribution(date.cause) if date.cause else None
    return FirstCause(case.order_no, date.line_no, date.of, moment(date.due), done, cause, contributions)


def contribution(step: Step) -> Contribution:
    """A step of a path as part of a verdict."""
    attempt = step.attempt
    return Contribution(
        step.duty.id,
        attempt.number,
        moment(attempt.opened.at),
        None if attempt.due is None else moment(attempt.due),
        None if attempt.closed is None else moment(attempt.closed.at),
        duration(step.overrun),
    )


def _signature(date: Missed) -> str:
    """A first cause is told again when it is another one, or when the goods have left."""
    cause = f"{date.cause.duty.id}#{date.cause.attempt.number}" if date.cause else ""
    final = [in_hours(step.overrun) for step in date.path] if date.done else []
    return f"{date.due} {date.done.at if date.done else ''} {cause} {final}"


def _proofs(marks: Iterable[Mark]) -> tuple[Proof, ...]:
    """The evidence once each, by position."""
    return tuple(Proof(position, hash_) for position, hash_ in sorted({(mark.position, mark.hash) for mark in marks}))
