"""Where do the ledger's chains end? Its heads, held by the one writer from reading to writing, in two statements and one."""

from collections.abc import Collection
from copy import copy
from dataclasses import astuple, dataclass, fields
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import Part, execute_together, fetch
from contracts.event import GENESIS

# The lock comes first and alone: what the next statement reads is what the writer before us left.
LOCK = text("SELECT position, hash, frontier FROM ledger_head FOR UPDATE")
BEGIN = text("INSERT INTO ledger_head (one, position, hash) VALUES (true, 0, :hash) ON CONFLICT DO NOTHING")
SOURCES = """
SELECT source, epoch, sequence, hash, complete_to, promised_to, promised_sequence, frozen,
    EXISTS (SELECT FROM ledger_early AS early WHERE early.source = head.source) AS early
FROM ledger_sources AS head WHERE source = ANY($1) OR $2
"""
SAVE_SOURCES = """
INSERT INTO ledger_sources (source, epoch, sequence, hash, complete_to, promised_to, promised_sequence, frozen)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::timestamptz[], $6::timestamptz[], $7::bigint[],
    $8::text[])
ON CONFLICT (source) DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence, hash = excluded.hash,
    complete_to = excluded.complete_to, promised_to = excluded.promised_to,
    promised_sequence = excluded.promised_sequence, frozen = excluded.frozen
"""
SAVE_HEAD = "UPDATE ledger_head SET position = $1, hash = $2, frontier = $3"


@dataclass(slots=True)
class Head:
    """How far one source's facts are here without a gap, and up to when it has promised that nothing is missing.

    Epoch 0 is that of a source which was never heard.
    """

    source: str
    epoch: int = 0
    sequence: int = 0
    hash: bytes = GENESIS
    complete_to: datetime | None = None
    promised_to: datetime | None = None
    promised_sequence: int = 0
    frozen: str | None = None


@dataclass
class Heads:
    """The end of the ledger's own chain, the frontier, and the sources' heads; `early` are those with facts that wait."""

    position: int
    hash: bytes
    frontier: datetime | None
    sources: dict[str, Head]
    early: set[str]

    def __post_init__(self) -> None:
        self._found = {source: copy(head) for source, head in self.sources.items()}

    async def save(self, session: AsyncSession, *more: Part) -> None:
        """Write down what has moved, together with what moved it."""
        parts = [*more]
        if moved := [head for head in self.sources.values() if head != self._found.get(head.source)]:
            columns = zip(*map(astuple, moved), strict=True)
            parts.append(Part("moved", SAVE_SOURCES, [list(column) for column in columns]))
        await execute_together(session, [*parts, Part("head", SAVE_HEAD, [self.position, self.hash, self.frontier])])


async def hold(session: AsyncSession, wanted: Collection[str] | None = None) -> Heads:
    """Lock the books; with the heads of these sources, or of all. A source heard for the first time starts at nothing."""
    end = (await session.execute(LOCK)).one_or_none()
    if end is None:
        await session.execute(BEGIN, {"hash": GENESIS})
        end = (await session.execute(LOCK)).one()
    rows = await fetch(session, SOURCES, list(wanted or ()), wanted is None)
    names = [field.name for field in fields(Head)]
    found = {row["source"]: Head(*(row[name] for name in names)) for row in rows}
    heads = Heads(end.position, end.hash, end.frontier, found, {row["source"] for row in rows if row["early"]})
    for source in wanted or ():
        heads.sources.setdefault(source, Head(source))
    return heads
