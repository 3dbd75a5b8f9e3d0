"""Do the facts lead to the same records and suspicions once more? The judge's own pure fold, run over the export."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.accountability.judge.evidence import Entry, Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import (
    FirstCause,
    Infeasible,
    RecordProposal,
    Suspected,
    Verdict,
    Withdrawal,
)
from services.accountability.process.grounds import facts_of, missed_date, plain
from services.accountability.proof import rows
from services.accountability.proof.chains import is_outside
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Asked, Body
from services.accountability.proof.rows import Dated, Said


@dataclass
class Judged:
    """What the judge said; `withdrawn` are the records and suspicions from which later evidence took the ground, and why.

    `replaced`: by record, the revision whose place it took.
    """

    records: dict[Said, dict[str, Any]] = field(default_factory=dict)
    suspicions: dict[Said, dict[str, Any]] = field(default_factory=dict)
    missed: dict[Dated, dict[str, Any]] = field(default_factory=dict)
    withdrawn: dict[Said, str] = field(default_factory=dict)
    replaced: dict[Said, int] = field(default_factory=dict)


def fold(lines: Mapping[int, Line], bodies: Iterable[Body], frontier: datetime) -> list[Verdict]:
    """Judge the facts that are given in full, in the judge's order, up to where the evidence is complete."""
    placed = sorted(((lines[body.position], body) for body in bodies), key=lambda each: order(each[0]))
    state, said = State(), list[Verdict]()
    for line, body in placed:
        admitted = datetime.fromisoformat(line.admitted)
        if admitted < frontier:
            said += judge(state, Entry.read(line.position, admitted, body.bytes, line.hash.hex()))
    return [*said, *judge(state, Tick(frontier))]


def order(line: Line) -> tuple[datetime, str, int, int]:
    return datetime.fromisoformat(line.admitted), line.source, line.epoch, line.sequence


def judged(verdicts: Iterable[Verdict], asked: Asked, came: Collection[int] = ()) -> Judged:
    """Of all that was said, what the export is about; `came` are the facts of the days that it is about, if it is about days."""
    found = Judged()
    for verdict in verdicts:
        match verdict:
            case RecordProposal() if concerns(asked, came, verdict, verdict.person.employee):
                found.records[verdict.key, verdict.revision] = record_of(verdict)
                if verdict.replaces is not None:
                    found.withdrawn[verdict.key, verdict.replaces] = reason_of(verdict)
                    found.replaced[verdict.key, verdict.revision] = verdict.replaces
            case Suspected() if concerns(asked, came, verdict, None):
                found.suspicions[verdict.key, verdict.revision] = plain(suspicion_of(verdict))
            case Withdrawal():
                found.withdrawn[verdict.key, verdict.revision] = reason_of(verdict)
            case FirstCause() | Infeasible() if verdict.order_no in asked.orders:
                found.missed[verdict.order_no, verdict.line_no or 0, verdict.of] = missed_date(verdict)
    return found


def concerns(asked: Asked, came: Collection[int], said: RecordProposal | Suspected, person: str | None) -> bool:
    """Whose records an export shows: the one person's alone, else all of its orders and what came in its days of no order."""
    if asked.person is not None:
        return person == asked.person and (said.order_no in asked.orders or not said.order_no)
    return said.order_no in asked.orders if said.order_no else any(proof.position in came for proof in said.evidence)


def reason_of(verdict: RecordProposal | Withdrawal) -> str:
    return f"{verdict.because_zh} / {verdict.because_en}"


def record_of(proposal: RecordProposal) -> dict[str, Any]:
    return {
        "order_no": proposal.order_no or None,
        "clause": proposal.clause,
        "rulebook_version": proposal.rulebook_version,
        "person": proposal.person.employee,
        "post": proposal.person.post,
        "acting": proposal.person.acting,
        "sanction": proposal.sanction or "",
        "breaches": [breach.about for breach in proposal.breaches],
        "facts": facts_of(proposal),
        "evidence": [proof.position for proof in proposal.evidence],
        "compensation": money(proposal.compensation.amount if proposal.compensation else None),
    }


def money(amount: Decimal | str | None) -> str | None:
    return None if amount is None else f"{Decimal(amount):.4f}"


def suspicion_of(suspicion: Suspected) -> dict[str, Any]:
    return {
        "order_no": suspicion.order_no or None,
        "clause": suspicion.clause,
        "reason": suspicion.reason,
        "breaches": [breach.about for breach in suspicion.breaches],
        "evidence": [proof.position for proof in suspicion.evidence],
    }


def came_in(lines: Mapping[int, Line], days: tuple[datetime, datetime] | None) -> dict[int, Line]:
    """The facts of the days that an export is about, if it is about days."""
    return {place: line for place, line in lines.items() if days and not is_outside(line, days)}


def as_judged(
    said: Mapping[str, list[dict[str, Any]]], found: Judged, frontier: datetime
) -> dict[str, list[dict[str, Any]]]:
    """What the system had said by the frontier: of what it said since nothing that is exported bears it out.

    A record from before it stays, whatever it says, so that it is seen where it does not follow.
    """

    def identity(row: Mapping[str, Any]) -> Said:
        return row["key"], row["revision"]

    return {
        "records": [
            row
            for row in said["records"]
            if identity(row) in found.records or datetime.fromisoformat(row["made_at"]) < frontier
        ],
        "suspicions": [
            {**row, "cleared_because": found.withdrawn.get(identity(row))}
            for row in said["suspicions"]
            if identity(row) in found.suspicions
        ],
        "missed_dates": [
            dict(zip(rows.MISSED, (*place, body), strict=True)) for place, body in sorted(found.missed.items())
        ],
    }
