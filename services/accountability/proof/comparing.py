"""Does the system say what the facts lead to, word for word, and nothing beyond them?"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from contracts.accountability import RecordProposed
from services.accountability.proof import rows, weighing
from services.accountability.proof.outline import JUDGE, Line
from services.accountability.proof.packing import Asked, Export
from services.accountability.proof.rejudging import Judged
from services.accountability.proof.rows import Row, Stated
from services.accountability.proof.seals import Doubt

ONCE_MORE = "If the export is from before what was said later was left out of it, export the case once more."
AS_PROPOSED = ("clause", "rulebook_version", "person", "post", "acting", "facts", "evidence", "replaces")


def compare(export: Export, found: Judged, lines: Mapping[int, Line]) -> Iterator[str]:
    """Raises Doubt where the system says something else than the facts; yields what else is worth knowing."""
    said = rows.read(export)
    _records(said, found)
    stated_at = _as_proposed(export)
    for row in said.records.values():
        _made(row, lines, stated_at.get(row["no"], export.manifest.made_at))
    fallen = {row["no"]: found.withdrawn[name] for name, row in said.records.items() if name in found.withdrawn}
    yield from weighing.compare(said.records.values(), export.bodies, fallen)
    _suspicions(said, found)
    _missed(said, found)


def _records(said: Stated, found: Judged) -> None:
    for name, row in said.records.items():
        if name not in found.records:
            raise Doubt(f"Record {row['no']} does not follow from the facts. {ONCE_MORE}")
    for name, record in found.records.items():
        if name not in said.records:
            raise Doubt(f"The facts call for a record that is not there: {name[0]}, revision {name[1]}.")
        row = said.records[name]
        same(f"Record {row['no']}", row, record | _replacing(said, found, name))
        if name in found.withdrawn and row["status"] != "withdrawn":
            raise Doubt(f"Record {row['no']} stands, and later evidence took its ground away.")


def _replacing(said: Stated, found: Judged, name: rows.Said) -> dict[str, Any]:
    """The number of the record whose place it took; of a person's export that one may not be part."""
    if name not in found.replaced:
        return {"replaces": None}
    former = said.records.get((name[0], found.replaced[name]))
    return {"replaces": former["no"]} if former else {}


def same(what: str, stated: Row, judged_again: Mapping[str, Any]) -> None:
    for field_name, value in judged_again.items():
        if stated[field_name] != value:
            raise Doubt(
                f"{what}: the system says {field_name} {short(stated[field_name])}, and the facts lead to {short(value)}."
            )


def short(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 80 else text[:80] + "…"


def _as_proposed(export: Export) -> dict[str, datetime]:
    """A record says what was stated about it as a fact, at the time; when that was, by number."""
    by_number, found = {row["no"]: row for row in export.said["records"]}, dict[str, datetime]()
    for body in export.bodies:
        fact = orjson.loads(body.bytes)
        if fact["type"] != RecordProposed.name or not _is_asked_for(export.manifest.asked, fact):
            continue
        data, no = fact["data"], fact["data"]["record_no"]
        if no not in by_number:
            raise Doubt(f"The facts say that record {no} was proposed, and it is not there.")
        same(f"Record {no}", by_number[no], {name: data[name] for name in AS_PROPOSED})
        found[no] = datetime.fromisoformat(fact["time"])
    return found


def _is_asked_for(asked: Asked, fact: Mapping[str, Any]) -> bool:
    """Raises Doubt for an order of the person's that was left out of what they asked for."""
    order_no, person = fact.get("subject"), fact["data"]["person"]
    if fact["source"] != JUDGE or asked.person not in (None, person):
        return False
    if asked.person is not None and order_no and order_no not in asked.orders:
        raise Doubt(f"A record of {person} was proposed in {order_no}, and that order was left out.")
    return order_no in asked.orders if order_no else asked.person is not None


def _made(row: Row, lines: Mapping[int, Line], at_the_latest: datetime) -> None:
    """A record is made after what it rests on had come, and before it was stated."""
    made_at = datetime.fromisoformat(row["made_at"])
    came = [datetime.fromisoformat(lines[place].admitted) for place in row["evidence"] if place in lines]
    if made_at > at_the_latest or (came and made_at < max(came)):
        raise Doubt(f"Record {row['no']} cannot have been made at {row['made_at']}.")


def _suspicions(said: Stated, found: Judged) -> None:
    for name in sorted({*said.suspicions, *found.suspicions}):
        row, again = said.suspicions.get(name), found.suspicions.get(name)
        if row is None:
            raise Doubt(f"Suspicion {name[0]} is missing.")
        if again is None:
            raise Doubt(f"Suspicion {name[0]} is not called for by the facts. {ONCE_MORE}")
        same(f"Suspicion {name[0]}", row, again)
        if row["cleared_because"] != found.withdrawn.get(name):
            raise Doubt(f"Whether suspicion {row['key']} was cleared, and why, does not follow from the facts.")


def _missed(said: Stated, found: Judged) -> None:
    for place in sorted({*said.missed, *found.missed}):
        known = said.missed.get(place)
        if (known and known["body"]) != found.missed.get(place):
            raise Doubt(
                f"Why {place[2]} of {place[0]} line {place[1]} was missed does not follow from the facts. {ONCE_MORE}"
            )
