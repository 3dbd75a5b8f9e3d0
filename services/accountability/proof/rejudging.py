"""Do the facts lead to the same records and suspicions once more? The judge's own pure fold, run over the export."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from contracts.accountability import RecordProposed
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
from services.accountability.proof import rows, weighing
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Asked, Body, Export
from services.accountability.proof.rows import Dated, Said, Stated
from services.accountability.proof.seals import Doubt


@dataclass
class Judged:
    """What the judge said; `withdrawn` are the records and suspicions from which later evidence took the ground, and why."""

    records: dict[Said, dict[str, Any]] = field(default_factory=dict)
    suspicions: dict[Said, dict[str, Any]] = field(default_factory=dict)
    missed: dict[Dated, dict[str, Any]] = field(default_factory=dict)
    withdrawn: dict[Said, str] = field(default_factory=dict)


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


def compare(export: Export, found: Judged, frontier: datetime) -> Iterator[str]:
    """Raises Doubt where the system says something else than the facts; yields what else is worth knowing."""
    later = export.manifest.judged_to is not None and export.manifest.judged_to > frontier
    said = rows.read(export)
    stated = said.records
    for name, row in stated.items():
        if name not in found.records:
            if datetime.fromisoformat(row["made_at"]) < frontier:
                raise Doubt(f"Record {row['no']} does not follow from the facts.")
            yield f"Record {row['no']} was proposed after the evidence ends; it was not judged here."
    for name, record in found.records.items():
        if name not in stated:
            raise Doubt(f"The facts call for a record that is not there: {name[0]}, revision {name[1]}.")
        same(f"Record {stated[name]['no']}", stated[name], record)
        if name in found.withdrawn and stated[name]["status"] != "withdrawn":
            raise Doubt(f"Record {stated[name]['no']} stands, and later evidence took its ground away.")
    _as_proposed(export)
    yield from weighing.compare(export.said["records"], export.bodies)
    yield from _others(said, found, later)


def same(what: str, stated: Mapping[str, Any], judged_again: Mapping[str, Any]) -> None:
    for field_name, value in judged_again.items():
        if stated[field_name] != value:
            raise Doubt(
                f"{what}: the system says {field_name} {short(stated[field_name])}, and the facts lead to {short(value)}."
            )


def short(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 80 else text[:80] + "…"


def _as_proposed(export: Export) -> None:
    """A record says what was stated about it as a fact, at the time."""
    by_number = {row["no"]: row for row in export.said["records"]}
    for body in export.bodies:
        fact = orjson.loads(body.bytes)
        data = fact["data"]
        if fact["type"] == RecordProposed.name and data["record_no"] in by_number:
            names = ("clause", "rulebook_version", "person", "post", "acting", "facts", "evidence", "replaces")
            same(f"Record {data['record_no']}", by_number[data["record_no"]], {name: data[name] for name in names})


def _others(said: Stated, found: Judged, later: bool) -> Iterator[str]:
    """Suspicions and missed dates are said anew as facts come in, so the latest word may be a later one."""
    suspected, missed = said.suspicions, said.missed
    for name in sorted({*suspected, *found.suspicions}):
        row, again = suspected.get(name), found.suspicions.get(name)
        if row and again:
            same(f"Suspicion {name[0]}", row, again)
            yield from _cleared(row, found.withdrawn.get(name), later)
        elif again or not later:
            raise Doubt(f"Suspicion {name[0]} is {'missing' if again else 'not called for by the facts'}.")
    for place in sorted({*missed, *found.missed}):
        known, anew = missed.get(place), found.missed.get(place)
        if (known and known["body"]) != anew:
            if not later:
                raise Doubt(f"Why {place[2]} of {place[0]} line {place[1]} was missed does not follow from the facts.")
            yield f"Why {place[2]} of {place[0]} line {place[1]} was missed has been said anew after the evidence ends."


def _cleared(row: Mapping[str, Any], because: str | None, later: bool) -> Iterator[str]:
    if row["cleared_because"] == because:
        return
    if because is not None or not later:
        raise Doubt(f"Whether suspicion {row['key']} was cleared, and why, does not follow from the facts.")
    yield f"Suspicion {row['key']} is said to have been cleared after the evidence ends; that is not shown here."
