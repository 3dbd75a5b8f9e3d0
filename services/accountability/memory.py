"""Where does the judge's memory lie? Its open cases at hand, its settled ones in the database until something about them comes.

At a snapshot only the cases that have changed are written, in one transaction with the rest of the memory and where it stood.
So neither memory nor snapshot nor restart grows with the history.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import as_json
from chassis.driver import Part, execute_together, fetch
from services.accountability.judge import given, settled, topics
from services.accountability.judge.evidence import Entry
from services.accountability.judge.settled import Filed
from services.accountability.judge.snapshot import BY_CASE, complaints_in, dump, load, load_case
from services.accountability.judge.state import Complaint, State
from services.accountability.models import JudgeSnapshot

OPEN = "SELECT order_no, body FROM judge_cases WHERE NOT settled ORDER BY order_no"
BY_ORDER = "SELECT order_no, needs, body FROM judge_cases WHERE settled AND order_no = ANY($1)"
NAMED = """
SELECT order_no, needs, body FROM judge_cases
WHERE settled AND order_no = ANY($1::text[] || ARRAY(SELECT order_no::text FROM judge_case_names WHERE name = ANY($2)))
ORDER BY order_no
"""
REACHED = """
SELECT order_no, needs, body FROM judge_cases
WHERE settled AND ends >= least($1::bigint, $2::bigint) AND (ends >= $1 OR troubled) ORDER BY order_no
"""
# Each column travels as one array, but for those that hold arrays themselves: they as JSON.
WRITE = """
INSERT INTO judge_cases (order_no, settled, ends, troubled, needs, linked, body)
SELECT no, settled, ends, troubled, ARRAY(SELECT json_array_elements_text(needs)),
    ARRAY(SELECT json_array_elements_text(linked)), body
FROM unnest($1::text[], $2::bool[], $3::bigint[], $4::bool[], $5::json[], $6::json[], $7::bytea[])
    AS file (no, settled, ends, troubled, needs, linked, body)
ON CONFLICT (order_no) DO UPDATE SET settled = excluded.settled, ends = excluded.ends, troubled = excluded.troubled,
    needs = excluded.needs, linked = excluded.linked, body = excluded.body
"""
WRITE_NAMES = """
INSERT INTO judge_case_names (name, order_no) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING
"""
NEWEST = """
SELECT order_no FROM judge_cases WHERE settled AND starts_with(order_no, $1) AND order_no < $2 ORDER BY order_no DESC LIMIT $3
"""
PAGE = 500


class Files:
    """The rows of the judge's cases, and what of the cases at hand is written there already."""

    def __init__(self) -> None:
        self._written: dict[str, bytes] = {}

    async def load(self, session: AsyncSession) -> State:
        """The memory as it was at the snapshot: all but the settled cases."""
        self._written.clear()
        rest = await session.scalar(select(JudgeSnapshot.state))
        if rest is None:
            return State()
        state = load(rest)
        self._take(state, await fetch(session, OPEN))
        return state

    async def at_hand(self, session: AsyncSession, state: State, entries: Iterable[Entry]) -> None:
        """Bring back what these facts may concern."""
        wanted = settled.wanted(state, entries)
        if wanted.orders or wanted.names:
            named = await fetch(session, NAMED, sorted(wanted.orders), sorted(wanted.names))
            await self._bring_back(session, state, named)
        if wanted.reaches_back:
            await self._bring_back(session, state, await fetch(session, REACHED, wanted.since, wanted.troubled_since))

    async def _bring_back(self, session: AsyncSession, state: State, rows: Sequence[Mapping[str, Any]]) -> None:
        """With them the orders whose handovers theirs waited for, and so on."""
        while rows:
            self._take(state, rows)
            missing = {order_no for row in rows for order_no in row["needs"]} - state.cases.keys()
            rows = await fetch(session, BY_ORDER, sorted(missing)) if missing else []

    def _take(self, state: State, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            if row["order_no"] not in state.cases:
                load_case(state, row["body"])
                self._written[row["order_no"]] = digest(row["body"])

    async def write(self, session: AsyncSession, state: State) -> tuple[bytes, list[str]]:
        """Write what has changed; the rest of the memory, for whoever writes that, and the orders that may be forgotten now."""
        given.forget(state)
        may_go = {case.order_no for case in settled.settled_cases(state)}
        changed = []
        for case in state.cases.values():
            file = settled.filed(state, case, settled=case.order_no in may_go)
            if file.settled or self._written.get(file.order_no) != digest(file.body):
                changed.append(file)
        for start in range(0, len(changed), PAGE):
            some = changed[start : start + PAGE]
            await execute_together(
                session, [Part("names", WRITE_NAMES, names(some)), Part("cases", WRITE, columns(some))]
            )
        self._written.update({file.order_no: digest(file.body) for file in changed})
        return dump(state, without=BY_CASE), sorted(may_go)

    def forget(self, state: State, orders: Collection[str]) -> None:
        """After the commit: what is settled leaves the memory."""
        settled.forget(state, orders)
        for order_no in orders:
            self._written.pop(order_no, None)


async def papers(session: AsyncSession, orders: Collection[str]) -> dict[str, bytes]:
    """Settled cases as they were written down, and with each what it waited for."""
    found: dict[str, bytes] = {}
    rows = await fetch(session, BY_ORDER, sorted(orders))
    while rows:
        found.update({row["order_no"]: row["body"] for row in rows})
        missing = {order_no for row in rows for order_no in row["needs"]} - found.keys()
        rows = await fetch(session, BY_ORDER, sorted(missing)) if missing else []
    return found


async def complaints(session: AsyncSession, state: State, numbers: Collection[str]) -> dict[str, Complaint]:
    """What is known of these complaints, also of those that have left the memory with their orders."""
    found = {no: state.complaints[no] for no in numbers if no in state.complaints}
    names = sorted(topics.name_of((topics.COMPLAINT, no)) for no in numbers if no not in found)
    for row in await fetch(session, NAMED, [], names) if names else ():
        found = complaints_in(row["body"]) | found
    return found


async def newest(session: AsyncSession, begins: str, before: str, most: int) -> list[str]:
    """The last settled orders whose number begins so and stands before another."""
    return [row["order_no"] for row in await fetch(session, NEWEST, begins, before, most)]


def names(files: Sequence[Filed]) -> list[list[str]]:
    """By which the settled ones are found."""
    pairs = [(name, file.order_no) for file in files if file.settled for name in file.names]
    return [[name for name, _ in pairs], [order_no for _, order_no in pairs]]


def columns(files: Sequence[Filed]) -> list[list[object]]:
    rows = [
        (
            *(file.order_no, file.settled, file.ends, file.troubled),
            *(as_json(file.needs), as_json(file.linked), file.body),
        )
        for file in files
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
