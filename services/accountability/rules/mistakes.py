"""How is a mistake in a rulebook told: where it stands, and what to write instead?"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

Place = tuple[str | int, ...]
Mistake = tuple[Place, str]


def unknown(place: Place, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[Mistake]:
    """Names that are not among the known ones, each with the nearest that are."""
    table = set(known)
    for name in names:
        if name not in table:
            yield place, f"unknown {what} {name!r}; did you mean {nearest(name, table)}?"


def nearest(name: str, known: Iterable[str]) -> str:
    """The known names that are spelled most alike, or what there is."""
    table = sorted(known)
    return " or ".join(get_close_matches(name, table, n=3, cutoff=0.4) or table[:20])
