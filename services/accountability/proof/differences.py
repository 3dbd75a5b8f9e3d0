"""Where does an export first differ from what was signed, and how?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.accountability.proof.outline import Line


class How(StrEnum):
    """What was done to the evidence, as far as what is left of it tells."""

    CHANGED = "changed"
    DROPPED = "dropped"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class Difference:
    """`position` is the first one in the ledger that does not fit; None where it is not a fact that differs.

    Whoever computes the whole chain anew from a position on is found at the next signed checkpoint: then the first change
    lies after `since` and not behind `position`.
    """

    position: int | None
    how: How
    what: str
    since: int | None = None


Heads = dict[tuple[str, int], int]
"""The last sequence of each source and epoch."""


def how_lines_differ(lines: Sequence[Line], index: int, heads: Heads, end: int) -> How:
    """What was done to an outline whose line at `index` does not fit, read from what follows."""
    expected, found = index + 1, lines[index].position
    later = {line.position for line in lines[index + 1 :]}
    if found > expected:
        return How.REORDERED if expected in later else How.DROPPED
    if found < expected or expected in later:
        return How.INSERTED
    return how_sequences_differ(lines[index:], heads) or by_length(len(lines), end)


def by_length(given: int, end: int) -> How:
    if given == end:
        return How.CHANGED
    return How.DROPPED if given < end else How.INSERTED


def how_sequences_differ(rest: Sequence[Line], heads: Heads) -> How | None:
    """Positions can be written anew; a source's own sequence betrays what is missing, twice there, or moved."""
    places: dict[tuple[str, int], set[int]] = defaultdict(set)
    for line in rest:
        places[line.source, line.epoch].add(line.sequence)
    last = dict(heads)
    for line in rest:
        source = line.source, line.epoch
        wanted = last.get(source, 0) + 1
        if line.sequence > wanted:
            return How.REORDERED if wanted in places[source] else How.DROPPED
        if line.sequence < wanted:
            return How.INSERTED
        last[source] = wanted
    return None
