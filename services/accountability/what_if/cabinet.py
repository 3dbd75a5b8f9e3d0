"""Where does a replay put its settled cases, so that its memory stays small however long the history is? In a file of its own.

The file has no name and goes with the replay.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson

from chassis.instants import Micros
from services.accountability.judge import given, settled
from services.accountability.judge.evidence import Entry
from services.accountability.judge.settled import REST, Wanted
from services.accountability.judge.snapshot import load_case
from services.accountability.judge.state import State

TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE cases (order_no TEXT PRIMARY KEY, ends INTEGER, troubled INTEGER, needs BLOB, linked BLOB, body BLOB) WITHOUT ROWID;
CREATE TABLE names (name TEXT, order_no TEXT, PRIMARY KEY (name, order_no)) WITHOUT ROWID;
CREATE INDEX ends ON cases (ends);
"""
MOST_AT_ONCE = 10_000
QUICKLY = 1
"""zlib's fastest level: a case is put away once and seldom taken out."""


class Cabinet:
    """Settled cases by order, by the names in them, and by their last instant."""

    def __init__(self, rest: Micros = REST) -> None:
        self.rest = rest
        self._file = sqlite3.connect("")
        self._file.executescript(TABLES)

    def put_away(self, state: State) -> None:
        """Everything that is settled leaves the memory."""
        given.forget(state)
        files = [settled.filed(state, case, settled=True) for case in settled.settled_cases(state, self.rest)]
        self._file.executemany(
            "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    *(file.order_no, file.ends, file.troubled, orjson.dumps(file.needs), orjson.dumps(file.linked)),
                    zlib.compress(file.body, QUICKLY),
                )
                for file in files
            ),
        )
        self._file.executemany(
            "INSERT OR IGNORE INTO names VALUES (?, ?)",
            ((name, file.order_no) for file in files for name in file.names),
        )
        settled.forget(state, [file.order_no for file in files])

    def at_hand(self, state: State, entries: Iterable[Entry]) -> None:
        """Bring back what these facts may concern."""
        wanted = settled.wanted(state, entries)
        self.bring_back(state, {*wanted.orders, *self._by_name(wanted.names), *self._by_end(wanted)})

    def bring_back(self, state: State, orders: set[str]) -> None:
        """With the orders come those whose handovers theirs waited for, and so on."""
        missing = orders - state.cases.keys()
        while missing:
            found = list(self._among("SELECT needs, body FROM cases WHERE order_no IN", sorted(missing)))
            for _, body in found:
                load_case(state, zlib.decompress(body))
            missing = {order_no for needs, _ in found for order_no in orjson.loads(needs)} - state.cases.keys()

    def links(self) -> dict[str, list[str]]:
        """With which others each order had to do."""
        rows = self._file.execute("SELECT order_no, needs, linked FROM cases WHERE needs <> '[]' OR linked <> '[]'")
        return {order_no: [*orjson.loads(needs), *orjson.loads(linked)] for order_no, needs, linked in rows}

    def having(self, names: Iterable[str]) -> set[str]:
        """The orders in which these handovers are."""
        return set(self._by_name(names))

    def _by_name(self, names: Iterable[str]) -> Iterator[str]:
        return (row[0] for row in self._among("SELECT order_no FROM names WHERE name IN", sorted(names)))

    def _by_end(self, wanted: Wanted) -> Iterator[str]:
        query = "SELECT order_no FROM cases WHERE ends >= ? OR (ends >= ? AND troubled)"
        return (row[0] for row in self._file.execute(query, (wanted.since, wanted.troubled_since)))

    def _among(self, query: str, values: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        left = iter(values)
        while some := list(islice(left, MOST_AT_ONCE)):
            yield from self._file.execute(f"{query} ({', '.join('?' * len(some))}) ORDER BY order_no", some)
