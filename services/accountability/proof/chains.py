"""Do all facts fit together: the ledger's chain, each source's chain and sequence, and every body that is given?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

from contracts.event import GENESIS, Envelope, chain, decode
from services.accountability.proof import outline
from services.accountability.proof.differences import Difference, Heads, How, how_lines_differ
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Body


@dataclass
class Followed:
    """The lines that fit, and the outline's value after each of them."""

    lines: list[Line] = field(default_factory=list)
    values: list[bytes] = field(default_factory=lambda: [outline.BEFORE_THE_FIRST])
    heads: Heads = field(default_factory=dict)
    difference: Difference | None = None

    def hash_before(self, line: Line) -> bytes:
        return self.lines[line.position - 2].hash if line.position > 1 else GENESIS


def follow(raw: Sequence[bytes], end: int) -> Followed:
    """Read the outline line by line, up to the first that does not fit or to the position that was signed."""
    followed = Followed()
    for index, text in enumerate(raw[:end]):
        if not _take(followed, text):
            lines = [line for each in raw if (line := _read(each)) is not None]
            readable = _read(text) is not None and len(lines) == len(raw)
            how = how_lines_differ(lines, index, followed.heads, end) if readable else How.CHANGED
            followed.difference = Difference(
                index + 1, how, "this line of the outline does not follow from the one before"
            )
            return followed
    if len(raw) < end:
        followed.difference = Difference(
            len(raw) + 1, How.TRUNCATED, f"the outline ends, but {end} positions were signed"
        )
    elif len(raw) > end:
        followed.difference = Difference(
            end + 1, How.INSERTED, f"there is more in the outline than the {end} that were signed"
        )
    return followed


def _read(text: bytes) -> Line | None:
    try:
        return outline.read(text.rpartition(b" ")[0])
    except ValueError:
        return None


def _take(followed: Followed, text: bytes) -> bool:
    statement, _, check = text.rpartition(b" ")
    line, value = _read(text), outline.follow(followed.values[-1], statement)
    if line is None or line.position != len(followed.lines) + 1 or outline.check(value) != check:
        return False
    source = line.source, line.epoch
    if line.sequence != followed.heads.get(source, 0) + 1:
        return False
    followed.heads[source] = line.sequence
    followed.lines.append(line)
    followed.values.append(value)
    return True


def bodies(followed: Followed, given: Sequence[Body], wanted: set[int]) -> Difference | None:
    """The first body that is missing, out of place, or not the one that the outline names."""
    found = [_misplaced(given), _missing(given, wanted), next(_unfit(followed, given), None)]
    return min((each for each in found if each), key=lambda each: each.position or 0, default=None)


def _misplaced(given: Sequence[Body]) -> Difference | None:
    places = [body.position for body in given]
    for place, wanted in zip(places, sorted(places), strict=True):
        if place != wanted:
            return Difference(wanted, How.REORDERED, "the facts are not in the ledger's order")
    twice = [place for place, following in pairwise(places) if place == following]
    return Difference(twice[0], How.INSERTED, "this fact is there twice") if twice else None


def _missing(given: Sequence[Body], wanted: set[int]) -> Difference | None:
    places = {body.position for body in given}
    first = min(wanted - places, default=None)
    if first is None:
        return None
    how = How.DROPPED if any(place > first for place in places) else How.TRUNCATED
    return Difference(first, how, "a fact that belongs to the case is not there")


def _unfit(followed: Followed, given: Sequence[Body]) -> Iterator[Difference]:
    by_source = {(line.source, line.epoch, line.sequence): line for line in followed.lines}
    for body in sorted(given):
        if not 1 <= body.position <= len(followed.lines):
            if followed.difference is None:
                yield Difference(body.position, How.INSERTED, "the ledger has no such position")
            continue
        line = followed.lines[body.position - 1]
        if sha256(body.bytes).digest() != line.digest:
            how = How.INSERTED if _is_at(body.bytes, line) is False else How.CHANGED
            yield Difference(body.position, how, "the fact is not the one whose digest is in the outline")
            continue
        before = by_source.get((line.source, line.epoch, line.sequence - 1))
        if not _chained(followed.hash_before(line), before.source_hash if before else GENESIS, body.bytes, line):
            yield Difference(body.position, How.CHANGED, "its hash does not follow from the one before")


def _chained(ledger: bytes, source: bytes, body: bytes, line: Line) -> bool:
    """Whether both chains lead over the fact, and its line says of it what it says itself."""
    fits = chain(ledger, body) == line.hash and chain(source, body) == line.source_hash
    return fits and _is_at(body, line) is True and _is_shown(decode(body), line)


def _is_at(body: bytes, line: Line) -> bool | None:
    """Whether it is the fact of that source and sequence; None where the bytes are no fact any more."""
    try:
        envelope = decode(body)
    except ValueError:
        return None
    return (envelope.source, envelope.epoch, envelope.sequence) == (line.source, line.epoch, line.sequence)


def _is_shown(envelope: Envelope, line: Line) -> bool:
    return outline.shown(envelope.source, envelope.type, envelope.subject) == (line.kind, line.subject)
