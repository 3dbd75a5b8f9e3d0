"""What may stand in records.json? These tables with these columns, and each row once.

Whatever else was there would be signed, and read by whoever opens the file, and be held against nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.accountability.proof.packing import Export
from services.accountability.proof.seals import Doubt

Row = Mapping[str, Any]
Said = tuple[str, int]
"""Key and revision: the identity of a record or a suspicion."""
Dated = tuple[str, int, str]
"""Order, line and which of its dates was missed."""

DECIDED = ("escalated_to", "counted_with", "reduced_to", "fell_back_with")
"""What a person's decision made of a record, in the columns' own names. Unsigned exports may be from before it was part of one."""
RECORD = (
    *("no", "order_no", "key", "revision", "clause", "rulebook_version", "person", "post", "acting", "sanction"),
    *("breaches", "facts", "evidence", "status", "replaces", "withdrawn_because", *DECIDED),
)
SUSPICION = ("key", "revision", "clause", "order_no", "reason", "cleared_because")
MISSED = ("order_no", "line_no", "of", "body")
TABLES: Mapping[str, Collection[str]] = {
    "records": {*RECORD, "compensation", "made_at"},
    "suspicions": {*SUSPICION, "breaches", "evidence"},
    "missed_dates": {*MISSED},
}


@dataclass(frozen=True)
class Stated:
    """The rows of an export, each by what it is about."""

    records: Mapping[Said, Row]
    suspicions: Mapping[Said, Row]
    missed: Mapping[Dated, Row]


def read(export: Export) -> Stated:
    """Raises Doubt for a table or a column that no export has, one that is not there, and a row that is there twice."""
    said, optional = export.said, () if export.manifest.is_signed else DECIDED
    these("tables", said, TABLES)
    for table, columns in TABLES.items():
        for row in said[table]:
            these(f"columns in {table}", row, columns, optional)
    once("Record", said["records"], "no")
    return Stated(
        records=once("Record", said["records"], "key", "revision"),
        suspicions=once("Suspicion", said["suspicions"], "key", "revision"),
        missed=once("Why a date was missed, of", said["missed_dates"], "order_no", "line_no", "of"),
    )


def these(what: str, found: Iterable[str], known: Collection[str], optional: Collection[str] = ()) -> None:
    if more := sorted({*found} - {*known}):
        raise Doubt(f"records.json has {what} that no export has: {', '.join(more)}.")
    if fewer := sorted({*known} - {*found, *optional}):
        raise Doubt(f"records.json lacks {what} that every export has: {', '.join(fewer)}.")


def once(what: str, rows: Iterable[Row], *identity: str) -> dict[Any, Row]:
    found: dict[Any, Row] = {}
    for row in rows:
        name = tuple(row[each] for each in identity)
        if name in found:
            raise Doubt(f"{what} {' '.join(map(str, name))} is there twice: nobody could say which of them counts.")
        found[name] = row
    return found
