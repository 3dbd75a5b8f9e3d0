"""Does where a record stands, and what it weighs after a person's decision, follow from the facts about it?

An export from before what was decided was part of it says nothing of that, and is not asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.accountability import (
    AppealDecided,
    AppealOutcome,
    RecordInEffect,
    RecordIssued,
    RecordLapsed,
    RecordNotified,
    RecordProposed,
    RecordWithdrawn,
    Sanction,
)
from services.accountability.proof.packing import Body
from services.accountability.proof.seals import Doubt

LIGHTER = tuple(Sanction)
BECAME = {
    RecordProposed.name: "proposed",
    RecordNotified.name: "notified",
    RecordIssued.name: "issued",
    RecordInEffect.name: "in_effect",
    RecordLapsed.name: "lapsed",
    RecordWithdrawn.name: "withdrawn",
}
STEPS = ("", *BECAME.values())
"""Where a record may stand, in the one order in which it moves on."""
AFTERWARDS = "after the evidence ends, or in another order; that is not shown here."


@dataclass
class Decided:
    """What the facts say of one record; `issued` False where it was not issued within the evidence, `status` empty for no word."""

    status: str = ""
    withdrawn_because: str | None = None
    issued: bool = False
    escalated_to: str = ""
    counted_with: Sequence[str] = ()
    reduced_to: str = ""


def by_facts(bodies: Iterable[Body]) -> dict[str, Decided]:
    """What was decided on each record, in the ledger's order: the last word counts."""
    found: dict[str, Decided] = defaultdict(Decided)
    for body in bodies:
        fact = orjson.loads(body.bytes)
        data = fact["data"]
        _moves_on(found, fact["type"], data)
        if fact["type"] == RecordIssued.name:
            record = found[data["record_no"]]
            record.issued, record.escalated_to = True, data.get("escalated_to") or ""
            record.counted_with = data.get("counted_with") or ()
        if fact["type"] == AppealDecided.name and data.get("sanction_after") not in (None, data.get("sanction_before")):
            found[data["record_no"]].reduced_to = data["sanction_after"]
        if data.get("falls_back"):
            found[data["falls_back"]].reduced_to = Sanction.WARNING
    return found


def _moves_on(found: dict[str, Decided], kind: str, data: Mapping[str, Any]) -> None:
    revoked = kind == AppealDecided.name and data["outcome"] == AppealOutcome.REVOKE
    status = "withdrawn" if revoked else BECAME.get(kind)
    if status is None:
        return
    record = found[data["record_no"]]
    record.status = max(record.status, status, key=STEPS.index)
    if status == "withdrawn" and record.withdrawn_because is None:
        record.withdrawn_because = data["reason"]


def compare(rows: Iterable[Mapping[str, Any]], bodies: Iterable[Body]) -> Iterator[str]:
    """Raises Doubt where a row contradicts the facts; yields what they bear out, and what they do not show."""
    facts = by_facts(bodies)
    for row in rows:
        decided = facts.get(row["no"], Decided())
        if "status" in row:
            yield from _standing(row, decided)
        if "escalated_to" in row:
            yield from _weight(row, decided)


def _standing(row: Mapping[str, Any], facts: Decided) -> Iterator[str]:
    """A record moves on only, and the system may know of steps that are later than the evidence."""
    no, status = row["no"], row["status"]
    if status not in BECAME.values() or STEPS.index(status) < STEPS.index(facts.status):
        raise Doubt(
            f"Record {no}: the system says status {status}, and the facts say {facts.status or 'nothing of that'}."
        )
    reason = facts.withdrawn_because
    if reason is not None and row["withdrawn_because"] != reason:
        raise Doubt(f"Record {no}: the system says that it was withdrawn for another reason than the facts do.")
    if status != facts.status:
        shown = f"the facts say {spoken(facts.status)}" if facts.status else "the facts say nothing of that"
        yield f"Record {no} is said to be {spoken(status)}, and {shown}: it came after the evidence ends, and is not shown here."


def _weight(row: Mapping[str, Any], facts: Decided) -> Iterator[str]:
    no, heavier, lighter = row["no"], row["escalated_to"], row["reduced_to"]
    if facts.issued and (heavier, list(row["counted_with"])) != (facts.escalated_to, list(facts.counted_with)):
        raise Doubt(
            f"Record {no}: the system says escalated_to {heavier or '—'} with {several(row['counted_with'])}, and it was "
            f"issued as {facts.escalated_to or '—'} with {several(facts.counted_with)}."
        )
    if facts.reduced_to and (not lighter or LIGHTER.index(lighter) > LIGHTER.index(facts.reduced_to)):
        raise Doubt(
            f"Record {no}: the system says reduced_to {lighter or '—'}, and it was reduced to {facts.reduced_to}."
        )
    if heavier:
        borne_out = "as its fact says." if facts.issued else AFTERWARDS
        yield f"Record {no} was made a {spoken(heavier)} with {several(row['counted_with'])}, {borne_out}"
    if lighter:
        fallen = f" because {row['fell_back_with']} fell" if row["fell_back_with"] else ""
        borne_out = "as a fact says." if lighter == facts.reduced_to else AFTERWARDS
        yield f"Record {no} was reduced to {spoken(lighter)}{fallen}, {borne_out}"


def several(nos: Sequence[str]) -> str:
    return ", ".join(nos) or "none"


def spoken(sanction: str) -> str:
    return sanction.replace("_", " ")
