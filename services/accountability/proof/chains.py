"""Do all facts fit together: the ledger's chain, each source's chain and sequence, and every body that is given?"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice, pairwise

from contracts.event import GENESIS, Envelope, chain, decode
from services.accountability.proof import outline
from services.accountability.proof.differences import Difference, How, how_lines_differ
from services.accountability.proof.outline import JUDGE, Line
from services.accountability.proof.packing import Body

TOLD_EVERY = 50_000
BEGINNING = datetime.min.replace(tzinfo=UTC)
Place = tuple[str, int, int]
"""Source, epoch and sequence of a fact."""


@dataclass(frozen=True)
class Sought:
    """What is looked for in the outline while it passes by: it is longer than a memory, and only this is kept of it.

    `covered`: up to which sequence each source has signed its facts, epoch by epoch; facts behind it are judged by nobody's
    word but the judge's, if they are judged up to the `frontier`.
    """

    bodies: dict[int, list[bytes]] = field(default_factory=dict)
    orders: frozenset[str] = frozenset()
    days: tuple[datetime, datetime] | None = None
    signed: frozenset[int] = frozenset()
    ends: frozenset[Place] = frozenset()
    covered: Mapping[tuple[str, int], int] = field(default_factory=dict)
    frontier: datetime | None = None

    @staticmethod
    def by_position(given: Iterable[Body]) -> dict[int, list[bytes]]:
        bodies: dict[int, list[bytes]] = defaultdict(list)
        for body in sorted(given):
            bodies[body.position].append(body.bytes)
        return dict(bodies)

    def belongs(self, line: Line) -> bool:
        """Whether the fact has to be given in full: by it every case is judged, it is of the orders, or it came in the days."""
        if line.is_frame or line.subject in self.orders:
            return True
        return self.days is not None and line.source != JUDGE and not is_outside(line, self.days)

    def is_judged(self, line: Line) -> bool:
        return self.frontier is not None and not is_outside(line, (BEGINNING, self.frontier))


def is_outside(line: Line, days: tuple[datetime, datetime]) -> bool:
    """Whether it was certainly admitted before or after."""
    try:
        return not days[0] <= datetime.fromisoformat(line.admitted) < days[1]
    except (ValueError, TypeError):
        return False


@dataclass
class Followed:
    """How many lines fit, where each source stands after them, and what was sought.

    `lines` are those of the facts that are given in full, `values` the outline's value and the ledger's hash where they were
    signed, `ends` the lines at which a source has signed; `missing` is the first fact that has to be given in full and is not,
    `unfit` the first that is given and is not the one; `unsigned` the first position and the number of the facts that count and
    that their source has not signed, by source and epoch.
    """

    count: int = 0
    value: bytes = outline.BEFORE_THE_FIRST
    hash: bytes = GENESIS
    last: dict[tuple[str, int], Line] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    values: dict[int, tuple[bytes, bytes]] = field(default_factory=lambda: {0: (outline.BEFORE_THE_FIRST, GENESIS)})
    ends: dict[Place, Line] = field(default_factory=dict)
    missing: Line | None = None
    unsigned: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    unfit: Difference | None = None
    difference: Difference | None = None


def follow(
    raw: Iterable[bytes], end: int, sought: Sought | None = None, told: Callable[[int, int], None] | None = None
) -> Followed:
    """Read the outline line by line, up to the first that does not fit or to the position that was signed."""
    followed, sought, lines = Followed(), sought or Sought(), iter(raw)
    for text in islice(lines, end):
        if not _take(followed, text, sought):
            followed.difference = _how(raw, followed, end)
            return followed
        if told is not None and followed.count % TOLD_EVERY == 0:
            told(followed.count, end)
    if followed.count < end:
        what = f"the outline ends, but {end} positions were signed"
        followed.difference = Difference(followed.count + 1, How.TRUNCATED, what)
    elif next(lines, None) is not None:
        what = f"there is more in the outline than the {end} that were signed"
        followed.difference = Difference(end + 1, How.INSERTED, what)
    return followed


def _how(raw: Iterable[bytes], followed: Followed, end: int) -> Difference:
    heads = {source: line.sequence for source, line in followed.last.items()}
    try:
        how = how_lines_differ(lambda: map(_read, raw), followed.count, heads, end)
    except ValueError:
        how = How.CHANGED
    return Difference(followed.count + 1, how, "this line of the outline does not follow from the one before")


def _read(text: bytes) -> Line:
    return outline.read(text.rpartition(b" ")[0])


def _take(followed: Followed, text: bytes, sought: Sought) -> bool:
    statement, _, check = text.rpartition(b" ")
    value = outline.follow(followed.value, statement)
    try:
        line = outline.read(statement)
    except ValueError:
        return False
    if line.position != followed.count + 1 or outline.check(value) != check:
        return False
    source = line.source, line.epoch
    before = followed.last.get(source)
    if line.sequence != (before.sequence if before else 0) + 1:
        return False
    if line.sequence > sought.covered.get(source, 0) and sought.is_judged(line):
        first, count = followed.unsigned.get(source, (line.position, 0))
        followed.unsigned[source] = first, count + 1
    _look_at(followed, line, before.source_hash if before else GENESIS, sought)
    followed.last[source], followed.value, followed.hash, followed.count = line, value, line.hash, line.position
    if line.position in sought.signed:
        followed.values[line.position] = value, line.hash
    return True


def _look_at(followed: Followed, line: Line, source_hash: bytes, sought: Sought) -> None:
    given = sought.bodies.get(line.position)
    if given is not None:
        followed.lines[line.position] = line
        followed.unfit = followed.unfit or next(_unfit(given, line, followed.hash, source_hash), None)
    elif followed.missing is None and sought.belongs(line):
        followed.missing = line
    if (line.source, line.epoch, line.sequence) in sought.ends:
        followed.ends[line.source, line.epoch, line.sequence] = line


def bodies(followed: Followed, given: Sequence[Body]) -> Difference | None:
    """The first body that is missing, out of place, or not the one that the outline names."""
    places = [body.position for body in given]
    found = [_misplaced(places), _missing(followed.missing, places), followed.unfit, _nowhere(followed, places)]
    return min((each for each in found if each), key=lambda each: each.position or 0, default=None)


def _misplaced(places: Sequence[int]) -> Difference | None:
    for place, wanted in zip(places, sorted(places), strict=True):
        if place != wanted:
            return Difference(wanted, How.REORDERED, "the facts are not in the ledger's order")
    twice = [place for place, following in pairwise(places) if place == following]
    return Difference(twice[0], How.INSERTED, "this fact is there twice") if twice else None


def _missing(line: Line | None, places: Collection[int]) -> Difference | None:
    if line is None:
        return None
    of = f" of {line.subject}" if line.subject else ""
    return left_out(line.position, places, f"a fact{of} that belongs to the case is not there")


def left_out(position: int, places: Collection[int], what: str) -> Difference:
    """A fact that is not given in full: cut off with all that followed, or taken out from among others."""
    how = How.DROPPED if any(place > position for place in places) else How.TRUNCATED
    return Difference(position, how, what)


def _nowhere(followed: Followed, places: Iterable[int]) -> Difference | None:
    """A fact whose place the outline does not have, where the outline itself fits."""
    strange = min((place for place in places if not 1 <= place <= followed.count), default=None)
    if strange is None or followed.difference is not None:
        return None
    return Difference(strange, How.INSERTED, "the ledger has no such position")


def _unfit(given: Iterable[bytes], line: Line, before: bytes, source_before: bytes) -> Iterator[Difference]:
    for body in given:
        if sha256(body).digest() != line.digest:
            how = How.INSERTED if _is_at(body, line) is False else How.CHANGED
            yield Difference(line.position, how, "the fact is not the one whose digest is in the outline")
        elif not _chained(before, source_before, body, line):
            yield Difference(line.position, How.CHANGED, "its hash does not follow from the one before")


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
