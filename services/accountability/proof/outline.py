"""How can everybody check the whole ledger without reading it? By its outline: one chained line a fact, no contents, no persons.

A line binds a fact by its digest, so that whoever holds the lines can follow the chain over facts that are withheld. The
ledger's own chain cannot do that: each of its hashes needs the bytes of the fact.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from services.accountability.judge.admission import UNAVAILABLE

JUDGE = "accountability"
BEFORE_THE_FIRST = bytes(32)
CHECK_LENGTH = 12
"""Hex digits of the outline's value that stand behind each line: they prove nothing, they show where a change is."""

FRAME = frozenset(
    f"{JUDGE}.{what}.v1"
    for what in (
        "calendar_set",
        "rulebook_activated",
        "post_assigned",
        "post_ended",
        "source_registered",
        "source_retired",
        "source_epoch_accepted",
    )
)
"""Facts of the company by which every case is judged; every export holds all of them."""


class Line(NamedTuple):
    """One fact in the outline. `kind` is its type where no order is named, `subject` its order where one is."""

    position: int
    source: str
    epoch: int
    sequence: int
    kind: str
    subject: str
    admitted: str
    digest: bytes
    hash: bytes
    source_hash: bytes

    @property
    def is_frame(self) -> bool:
        return is_frame(self.kind)


def is_frame(kind: str) -> bool:
    """Whether every case is judged by facts of this type; an outage counts wherever somebody owed something in that service."""
    return kind in FRAME or kind.endswith(UNAVAILABLE)


def line_of(row: Any) -> Line:
    """The line of a ledger entry with the digest of its body."""
    kind, subject = shown(row.source, row.type, row.subject)
    at: datetime = row.admitted
    return Line(
        row.position,
        row.source,
        row.epoch,
        row.sequence,
        kind,
        subject,
        at.astimezone(UTC).isoformat(),
        bytes(row.digest),
        bytes(row.hash),
        bytes(row.source_hash),
    )


def shown(source: str, kind: str, subject: str | None) -> tuple[str, str]:
    """Of a department's fact its order and no more; of the judge's own its type alone, so that nobody reads who was judged."""
    return (kind, "") if source == JUDGE or not subject else ("", subject)


def write(line: Line) -> bytes:
    return orjson.dumps([*line[:7], *(b2a_base64(value, newline=False).decode() for value in line[7:])])


def read(text: bytes) -> Line:
    """Raises ValueError for bytes that are no line."""
    found = orjson.loads(text)
    if not isinstance(found, list) or [type(value) for value in found] != [int, str, int, int, *[str] * 6]:
        raise ValueError("this is no line of an outline")
    return Line(*found[:7], *(a2b_base64(value, strict_mode=True) for value in found[7:]))


def follow(outline: bytes, line: bytes) -> bytes:
    """The outline's value after one more line."""
    return sha256(outline + line).digest()


def fold(outline: bytes, lines: Iterable[Line]) -> bytes:
    for line in lines:
        outline = follow(outline, write(line))
    return outline


def written(lines: Iterable[Line], outline: bytes = BEFORE_THE_FIRST) -> tuple[list[bytes], bytes]:
    """The lines as an export holds them, each with its check, and the outline's value after the last."""
    texts = []
    for line in lines:
        text = write(line)
        outline = follow(outline, text)
        texts.append(b"%s %s\n" % (text, check(outline)))
    return texts, outline


def check(outline: bytes) -> bytes:
    return outline.hex()[:CHECK_LENGTH].encode()
