"""Which number does a fact get, and how is it tied to the fact before it?"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

import asyncpg

from chassis.resuming import skip
from contracts.control import Former, LastNumber
from contracts.event import GENESIS, chain, compose

# In the order of their ids, whatever has been committed: a row that became visible late is still without a number.
CLAIM = "SELECT * FROM outbox WHERE sequence IS NULL ORDER BY id LIMIT $1"
LOAD = "SELECT * FROM relay_state"
COUNTS = "SELECT event, number FROM relay_numbers WHERE epoch = $1"
# A server that is not the one we left is a restored backup or a promoted standby: the timeline tells the latter.
SERVER = """
SELECT system_identifier, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int AS timeline
FROM pg_control_system()
"""
FOUND = """
INSERT INTO relay_state (epoch, sequence, hash, published_epoch, published_sequence, system_identifier, timeline)
VALUES ($1, 0, $2, $1, 0, $3, $4)
"""
# An epoch in which nothing was said was no life: the one before it stays the former one.
OPEN = """
UPDATE relay_state SET
    former_epoch = CASE WHEN sequence = 0 AND former_epoch IS NOT NULL THEN former_epoch ELSE epoch END,
    former_sequence = CASE WHEN sequence = 0 AND former_epoch IS NOT NULL THEN former_sequence ELSE sequence END,
    former_hash = CASE WHEN sequence = 0 AND former_epoch IS NOT NULL THEN former_hash ELSE hash END,
    epoch = $1, sequence = 0, hash = $2, system_identifier = $3, timeline = $4
"""
# Rows, counts and the chain's head move together or not at all, and only from where we left them: the advisory lock
# keeps other relays away, and this keeps away one that lost its lock without noticing.
FIX = """
WITH head AS (
    UPDATE relay_state SET sequence = $9, hash = $10, published_epoch = $11, published_sequence = $12
    WHERE epoch = $1 AND sequence = $13 RETURNING epoch
), fixed AS (
    UPDATE outbox
    SET epoch = head.epoch, sequence = fact.sequence, number = fact.number, wire = fact.wire, hash = fact.hash
    FROM head, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])
        AS fact (id, sequence, number, wire, hash)
    WHERE outbox.id = fact.id
), counted AS (
    INSERT INTO relay_numbers (epoch, event, number)
    SELECT head.epoch, counts.* FROM head, unnest($7::text[], $8::bigint[]) AS counts
    ON CONFLICT (epoch, event) DO UPDATE SET number = excluded.number
)
SELECT epoch FROM head
"""
UNPUBLISHED = """
SELECT epoch, sequence, event, event_id, wire, traceparent, baggage FROM outbox
WHERE (epoch, sequence) > ($1, $2) ORDER BY epoch, sequence LIMIT $3
"""
MARK = """
UPDATE relay_state SET published_epoch = $1, published_sequence = $2 RETURNING pg_current_xact_id()::text::bigint
"""
HASH_AT = "SELECT hash FROM outbox WHERE epoch = $1 AND sequence = $2"


class LostLead(Exception):
    """Another relay has numbered facts of this database: this one must start over."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A fact whose bytes are fixed for ever, and the trace in which it was stated, if it was traced."""

    epoch: int
    sequence: int
    event: str
    event_id: UUID
    wire: bytes
    traceparent: str | None = None
    baggage: str | None = None

    @property
    def position(self) -> tuple[int, int]:
        return self.epoch, self.sequence


async def finished_rows(connection: "asyncpg.Connection[asyncpg.Record]", limit: int) -> list[asyncpg.Record]:
    """The next facts to number: those of finished transactions, none of them for ever passed over."""
    rows: list[asyncpg.Record] = await connection.fetch(CLAIM, limit)
    return rows


@dataclass
class Chain:
    """The head of this source's chain, on the connection that holds the lead."""

    connection: "asyncpg.Connection[asyncpg.Record]"
    source: str
    epoch: int
    sequence: int
    hash: bytes
    published: tuple[int, int]
    former: Former | None = None
    numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def resume(cls, connection: "asyncpg.Connection[asyncpg.Record]", source: str) -> Self:
        """Continue where the database says; begin a first epoch, or a new one where the server is another."""
        server = await connection.fetchrow(SERVER)
        state = await connection.fetchrow(LOAD)
        if state is None:
            await connection.execute(FOUND, new_epoch(), GENESIS, *server)
        elif (state["system_identifier"], state["timeline"]) != tuple(server):
            return await (await cls._load(connection, source)).reopen(above=state["epoch"])
        return await cls._load(connection, source)

    @classmethod
    async def _load(cls, connection: "asyncpg.Connection[asyncpg.Record]", source: str) -> Self:
        state = await connection.fetchrow(LOAD)
        return cls(
            connection,
            source,
            epoch=state["epoch"],
            sequence=state["sequence"],
            hash=state["hash"],
            published=(state["published_epoch"], state["published_sequence"]),
            former=_former(state),
            numbers=dict(await connection.fetch(COUNTS, state["epoch"])),
        )

    async def reopen(self, *, above: int, documents: LastNumber | None = None) -> Self:
        """Begin a new epoch, later than `above`: others may remember more of this source than its database does.

        Its documents are numbered above what was told of them.
        """
        server = await self.connection.fetchrow(SERVER)
        async with self.connection.transaction():
            await self.connection.execute(OPEN, new_epoch(max(above, self.epoch)), GENESIS, *server)
            await skip(self.connection, documents)
        return await self._load(self.connection, self.source)

    async def number(self, rows: Sequence[asyncpg.Record]) -> list[Numbered]:
        """Give rows their numbers and final bytes, durably; raises LostLead."""
        sequence, head, numbers = self.sequence, self.hash, dict(self.numbers)
        fixed: list[tuple[int, int, int, bytes, bytes]] = []
        for row in rows:
            sequence += 1
            number = numbers[row["event"]] = numbers.get(row["event"], 0) + 1
            wire = _compose(self.source, row, self.epoch, sequence, number)
            head = chain(head, wire)
            fixed.append((row["id"], sequence, number, wire, head))
        await self._fix(fixed, sequence, head, {row["event"]: numbers[row["event"]] for row in rows})
        self.sequence, self.hash, self.numbers = sequence, head, numbers
        return [
            Numbered(self.epoch, position, row["event"], row["event_id"], wire, row["traceparent"], row["baggage"])
            for row, (_, position, _, wire, _) in zip(rows, fixed, strict=True)
        ]

    async def _fix(
        self, facts: list[tuple[int, int, int, bytes, bytes]], sequence: int, head: bytes, counts: dict[str, int]
    ) -> None:
        columns = [list(column) for column in zip(*facts, strict=True)]
        changed = [list(counts), list(counts.values())]
        at = [sequence, head, *self.published, self.sequence]
        if not await self.connection.fetchval(FIX, self.epoch, *columns, *changed, *at):
            raise LostLead(f"the chain of {self.source} is no longer at {self.epoch}/{self.sequence}")

    async def unpublished(self, limit: int) -> list[Numbered]:
        """Numbered facts whose arrival at the broker is not known, in order."""
        return [Numbered(*row) for row in await self.connection.fetch(UNPUBLISHED, *self.published, limit)]

    async def mark(self) -> int:
        """Write down what the broker has confirmed; returns the id of the transaction, which has ended by then."""
        xid: int = await self.connection.fetchval(MARK, *self.published)
        return xid

    async def hash_at(self, sequence: int) -> bytes | None:
        """The hash of one fact of this epoch, if it is kept still."""
        return None if sequence == 0 else await self.connection.fetchval(HASH_AT, self.epoch, sequence)


def new_epoch(above: int = 0) -> int:
    """Epochs are named by the second of their opening, so no two lives of a database ever share one."""
    return max(int(time.time()), above + 1)


def _former(state: asyncpg.Record) -> Former | None:
    if state["former_epoch"] is None:
        return None
    return Former(epoch=state["former_epoch"], sequence=state["former_sequence"], hash=state["former_hash"].hex())


def _compose(source: str, row: asyncpg.Record, epoch: int, sequence: int, number: int) -> bytes:
    recorded_at: datetime = row["recorded_at"]
    return compose(
        id=row["event_id"],
        source=source,
        type=row["event"],
        subject=row["order_no"],
        recorded_at=recorded_at,
        occurred_at=row["occurred_at"],
        actor=row["actor"],
        actor_post=row["actor_post"],
        actor_acting=row["actor_acting"],
        epoch=epoch,
        sequence=sequence,
        number=number,
        traceparent=row["traceparent"],
        baggage=row["baggage"],
        data=row["data"].encode(),
    )
