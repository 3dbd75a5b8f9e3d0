"""Where does an export first differ from what was signed, and how?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

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


def how_lines_differ(lines: Callable[[], Iterable[Line]], index: int, heads: Heads, end: int) -> How:
    """What was done to an outline whose line at `index` does not fit, read from what follows; it is read anew, never held."""
    expected, found, count, is_later = index + 1, 0, 0, False
    for count, line in enumerate(lines(), 1):
        found = line.position if count == expected else found
        is_later = is_later or (count > expected and line.position == expected)
    if found > expected:
        return How.REORDERED if is_later else How.DROPPED
    if found < expected or is_later:
        return How.INSERTED
    return how_sequences_differ(lambda: islice(lines(), index, None), heads) or by_length(count, end)


def by_length(given: int, end: int) -> How:
    if given == end:
        return How.CHANGED
    return How.DROPPED if given < end else How.INSERTED


def how_sequences_differ(rest: Callable[[], Iterable[Line]], heads: Heads) -> How | None:
    """Positions can be written anew; a source's own sequence betrays what is missing, twice there, or moved."""
    last = dict(heads)
    for line in rest():
        source = line.source, line.epoch
        wanted = last.get(source, 0) + 1
        if line.sequence > wanted:
            is_elsewhere = any((each.source, each.epoch, each.sequence) == (*source, wanted) for each in rest())
            return How.REORDERED if is_elsewhere else How.DROPPED
        if line.sequence < wanted:
            return How.INSERTED
        last[source] = wanted
    return None
