"""What does a fact mention by which it may touch a case, and where is that kept for a ledger that fits into no memory?"""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterator, Mapping
from tempfile import TemporaryFile
from typing import Any, NamedTuple

NAMED = ("lot", "corrects", "worker", "workers", "trained", "untrained")
"""What names a lot, a document that no longer counts, or a worker, whose trainings are facts of no order."""
TOUCHED = ("closes", "pauses", "resumes", "affected_duties", "duties")
PAGE = 5_000


class Mentions(NamedTuple):
    """What a fact mentions: the handovers that it changes, those that it waited for, documents, and other facts.

    The numbers of another order's fact lead nowhere and are left out.
    """

    position: int
    is_company: bool
    id: str
    duties: tuple[str, ...]
    inputs: tuple[str, ...]
    numbers: tuple[str, ...]
    given_by: tuple[str, ...]

    @classmethod
    def of(cls, position: int, fact: Mapping[str, Any], *, is_company: bool = True) -> Mentions:
        data = fact["data"]
        refs = [ref for name in TOUCHED if name in data for ref in data[name] or ()]
        if data.get("duty"):
            refs.append(data["duty"])
        return cls(
            position,
            is_company,
            fact["id"],
            tuple([f"{ref['link']}:{ref['key']}" for ref in refs]),
            tuple([f"{ref['link']}:{ref['key']}" for ref in data.get("inputs") or ()]),
            tuple(numbers(data)) if is_company else (),
            tuple(data.get("given_by") or ()),
        )


def numbers(value: Any, name: str = "") -> Iterator[str]:
    """The numbers of documents, lots and workers in a fact, at any depth.

    An order's own number says nothing about what it shares.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from numbers(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner, name)
    elif isinstance(value, str) and (name.endswith("_no") or name in NAMED) and name != "order_no":
        yield value


class Notes:
    """What each fact mentions that is not the case's own, in pages of a temporary file that is gone when it is closed."""

    def __init__(self) -> None:
        self._page: list[tuple[Any, ...]] = []
        self._places: list[tuple[int, int]] = []
        self._file: Any = None

    def add(self, mentions: Mentions) -> None:
        self._page.append(tuple(mentions))
        if len(self._page) == PAGE:
            self._put_away()

    def latest_first(self) -> Iterator[Mentions]:
        yield from map(Mentions._make, reversed(self._page))
        for place, length in reversed(self._places):
            self._file.seek(place)
            yield from map(Mentions._make, reversed(marshal.loads(zlib.decompress(self._file.read(length)))))  # noqa: S302 - our own

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _put_away(self) -> None:
        self._file = self._file or TemporaryFile()  # noqa: SIM115 - close() closes it
        self._places.append((self._file.tell(), self._file.write(zlib.compress(marshal.dumps(self._page), 1))))
        self._page = []
