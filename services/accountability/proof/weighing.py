"""Does where a record stands, and what it weighs after a person's decision, follow from the facts about it?

An export from before what was decided was part of it says nothing of that, and is not asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.accountability import (
    SEVERITY,
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
    fell_back_with: str = ""


def by_facts(bodies: Iterable[Body]) -> defaultdict[str, Decided]:
    """What was decided on each record, in the ledger's order: the last word counts."""
    found: defaultdict[str, Decided] = defaultdict(Decided)
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
        if fact["type"] == RecordNotified.name and data.get("reduced_to"):
            found[data["record_no"]].reduced_to = data["reduced_to"]
        if data.get("falls_back"):
            escalated = found[data["falls_back"]]
            escalated.reduced_to, escalated.fell_back_with = Sanction.WARNING, data["record_no"]
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


def compare(
    rows: Iterable[Mapping[str, Any]], bodies: Iterable[Body], fallen: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Raises Doubt where a row contradicts the facts; yields what they bear out, and what they do not show.

    `fallen`: why later evidence took the ground away, by the records' numbers; what a person has dropped before stays so.
    """
    facts = by_facts(bodies)
    for no, because in (fallen or {}).items():
        if facts[no].withdrawn_because is None:
            facts[no].withdrawn_because = because
    for row in rows:
        decided = facts[row["no"]]
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
    if bool(row["withdrawn_because"]) is not (status == "withdrawn"):
        raise Doubt(
            f"Record {no} is said to be {spoken(status)}, and why it was withdrawn: {row['withdrawn_because'] or '—'}."
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
    if facts.reduced_to and (not lighter or SEVERITY.index(lighter) > SEVERITY.index(facts.reduced_to)):
        raise Doubt(
            f"Record {no}: the system says reduced_to {lighter or '—'}, and it was reduced to {facts.reduced_to}."
        )
    _fell_back(row, facts)
    if heavier:
        borne_out = "as its fact says." if facts.issued else AFTERWARDS
        yield f"Record {no} was made a {spoken(heavier)} with {several(row['counted_with'])}, {borne_out}"
    if lighter:
        fallen = f" because {row['fell_back_with']} fell" if row["fell_back_with"] else ""
        shown = (lighter, row["fell_back_with"] or "") == (facts.reduced_to, facts.fell_back_with)
        borne_out = "as a fact says." if shown else AFTERWARDS
        yield f"Record {no} was reduced to {spoken(lighter)}{fallen}, {borne_out}"


def _fell_back(row: Mapping[str, Any], facts: Decided) -> None:
    """Only a record that was counted makes it a warning again, and where a fact says which, it was that one."""
    no, fallen = row["no"], row["fell_back_with"] or ""
    if fallen != facts.fell_back_with and facts.fell_back_with:
        raise Doubt(
            f"Record {no}: the system says that {fallen or 'none'} fell, and it fell back with {facts.fell_back_with}."
        )
    if fallen and (not row["reduced_to"] or fallen not in row["counted_with"]):
        raise Doubt(f"Record {no}: the system says fell_back_with {fallen}, and it was not made heavier with that one.")


def several(nos: Sequence[str]) -> str:
    return ", ".join(nos) or "none"


def spoken(sanction: str) -> str:
    return sanction.replace("_", " ")
