"""What does a person's finding add to the charge that rests on it: what is counted, the sanction, the evidence, the notes?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chassis.instants import FACTORY, moment
from contracts.accountability import Sanction
from contracts.warehouse import StockCounted
from services.accountability.judge.exhibits import BY_EVENT
from services.accountability.judge.state import Case, Exhibit, Mark
from services.accountability.rules.expressions import EvidenceMissing
from services.accountability.rules.rulebook import Bilingual, ClauseRule, CompiledGround

# These stand until a later one corrects them or says otherwise under the same number, or they are taken back.
NUMBERED = {
    "attributions": "attribution_no",
    "findings": "finding_no",
    "five_s_audits": "audit_no",
    "missing_documents": "report_no",
    "purchase_breaches": "breach_no",
    "uninspected_uses": "case_no",
}


def standing(case: Case, noun: str, kept: list[Exhibit]) -> list[Exhibit]:
    """The exhibits that count: none that a later one corrects or withdraws, and of one number the latest."""
    number = NUMBERED.get(noun)
    if number is None:
        return kept
    latest = {exhibit.data[number]: exhibit for exhibit in sorted(kept, key=lambda known: known.mark.order)}
    gone = {exhibit.data.get("corrects") for exhibit in latest.values()}
    gone |= {exhibit.data.get(number) for exhibit in case.exhibits.get(f"withdrawn_{noun}", ())}
    return [exhibit for no, exhibit in latest.items() if no not in gone]


def about(exhibit: Exhibit) -> str:
    """A breach found by a fact is named by the first number that the fact carries, and the operation's where it is of one."""
    number = next((str(exhibit.data[name]) for name in exhibit.data if name.endswith("_no") and name != "order_no"), "")
    step = f"/{exhibit.data['op_no']}" if "op_no" in exhibit.data else ""
    return f"{BY_EVENT[exhibit.type].noun}:{number}{step}"


def occasion(exhibit: Exhibit) -> str:
    """The stocktake of which a count is part, as it says itself, else that of its month; nothing else has one."""
    if exhibit.type != StockCounted.name:
        return ""
    recorded = moment(exhibit.mark.at).astimezone(FACTORY)
    return f"stocktake:{exhibit.data.get('month') or f'{recorded:%Y-%m}'}"


def counted(clause: ClauseRule, exhibit: Exhibit) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each breach is called and what it says apart: one, or one for each item where the clause counts them."""
    items = exhibit.data.get("items") if clause.counts_items else None
    if not items:
        yield about(exhibit), {}
    for number, item in enumerate(items or (), 1):
        yield f"{about(exhibit)}#{number}", {"items": [item]}


def concerns(compiled: CompiledGround, exhibit: Exhibit) -> bool:
    """Whether the fact is about this clause: a finding names one."""
    return compiled.ground.finding is None or exhibit.data["clause"] == compiled.clause.code


def sanction_of(compiled: CompiledGround, exhibit: Exhibit) -> Sanction | None:
    """What was chosen within the range, else the clause's own."""
    chosen = exhibit.data.get("sanction") if compiled.ground.finding else None
    allowed = compiled.ground.finding.sanctions if compiled.ground.finding else ()
    return Sanction(chosen) if chosen in allowed else compiled.clause.sanction


def marks_of(exhibit: Exhibit) -> tuple[Mark, ...]:
    """The finding itself, and the facts of the ledger on which it rests."""
    named = exhibit.data.get("evidence_facts") or ()
    return (exhibit.mark, *(Mark(exhibit.mark.at, proof["position"], proof["hash"]) for proof in named))


def notes_of(compiled: CompiledGround, context: dict[str, Any]) -> Iterator[Bilingual]:
    """What the record says besides, as far as the evidence says so."""
    for when, note in compiled.notes:
        try:
            if when is None or when.holds(context):
                yield note
        except EvidenceMissing:
            continue
