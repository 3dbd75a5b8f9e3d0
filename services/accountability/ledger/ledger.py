"""Which facts have come in, in which order, and could anybody have changed one?

The ledger holds the exact bytes of every fact. Each source's facts enter in the order of their sequence; what overtakes
waits in `ledger_early`. Two chains run through it: by position over everything, and by sequence over each source, whose
head is what the source signs in its watermarks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import Part, unnest
from contracts.event import GENESIS, Envelope, chain, decode
from services.accountability.judge.admission import admission
from services.accountability.ledger import months
from services.accountability.ledger.heads import Head, Heads, hold
from services.accountability.models import EarlyEntry, LedgerHead

COLUMNS = {
    "position": "bigint",
    "source": "text",
    "epoch": "bigint",
    "sequence": "bigint",
    "type": "text",
    "subject": "text",
    "recorded_at": "timestamptz",
    "admitted": "timestamptz",
    "body": "bytea",
    "hash": "bytea",
    "source_hash": "bytea",
}
APPEND = f"""
INSERT INTO ledger ({", ".join(COLUMNS)}, arrived_at) SELECT *, clock_timestamp() FROM {unnest(COLUMNS)}
"""  # noqa: S608 - names and types are the constants above
BEGINNING = datetime.min.replace(tzinfo=UTC)
HASHES = text(
    "SELECT sequence, source_hash FROM ledger WHERE source = :source AND epoch = :epoch AND sequence = ANY(:sequences)"
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A fact as it came from the broker: what its envelope says, and its bytes."""

    envelope: Envelope
    body: bytes

    @property
    def place(self) -> tuple[str, int, int]:
        return self.envelope.source, self.envelope.epoch, self.envelope.sequence


@dataclass
class Books:
    """What one batch adds to the ledger, and the heads that it moves."""

    heads: Heads
    rows: list[dict[str, Any]] = field(default_factory=list)
    known: int = 0

    def enter(self, fact: Arrived) -> bool:
        """Append the fact if it is the next of its source; False when it must wait or is here already."""
        source, epoch, sequence = fact.place
        head = self.heads.sources[source]
        if head.frozen or epoch != head.epoch or sequence != head.sequence + 1:
            return False
        head.sequence, head.hash = sequence, chain(head.hash, fact.body)
        self.heads.position, self.heads.hash = self.heads.position + 1, chain(self.heads.hash, fact.body)
        self.rows.append(self._row(fact, head.hash))
        return True

    def _row(self, fact: Arrived, source_hash: bytes) -> dict[str, Any]:
        envelope = fact.envelope
        return {
            "position": self.heads.position,
            "source": envelope.source,
            "epoch": envelope.epoch,
            "sequence": envelope.sequence,
            "type": envelope.type,
            "subject": envelope.subject,
            "recorded_at": envelope.time,
            "admitted": admitted(envelope, self.heads.frontier),
            "body": fact.body,
            "hash": self.heads.hash,
            "source_hash": source_hash,
        }


def admitted(envelope: Envelope, frontier: datetime | None) -> datetime:
    """Where the fact stands in the judge's order; before the first frontier everything is admitted as recorded."""
    fact = {"type": envelope.type, "time": envelope.time.isoformat(), "data": envelope.data}
    return admission(fact, frontier or BEGINNING)


async def append(session: AsyncSession, batch: Sequence[Arrived]) -> Books:
    """Enter a batch of facts: what is next of its source, what that makes next, and the rest kept for later."""
    books = Books(await hold(session, {fact.envelope.source for fact in batch}))
    if waiting := enter_in_order(books, batch):
        await keep_early(session, waiting)
    if books.rows:
        await enter_early(session, books)
    if books.rows or waiting:
        await save(session, books)
    return books


async def save(session: AsyncSession, books: Books) -> None:
    """Write down what was entered and the heads that it moved."""
    await months.have(session, {row["admitted"] for row in books.rows})
    await books.heads.save(session, *entered(books.rows))


def entered(rows: Sequence[Mapping[str, Any]]) -> list[Part]:
    return [Part("entered", APPEND, [[row[name] for row in rows] for name in COLUMNS])] if rows else []


def enter_in_order(books: Books, batch: Iterable[Arrived]) -> list[Arrived]:
    """Enter what can be entered; returns the facts that are ahead of their source's head."""
    waiting = []
    for fact in sorted(batch, key=lambda each: each.place):
        source, epoch, sequence = fact.place
        head = books.heads.sources[source]
        if head.epoch == 0:
            head.epoch = epoch
        if not books.enter(fact):
            if (epoch, sequence) <= (head.epoch, head.sequence):
                books.known += 1
            else:
                waiting.append(fact)
    return waiting


async def keep_early(session: AsyncSession, facts: Sequence[Arrived]) -> None:
    rows = [
        {"source": source, "epoch": epoch, "sequence": sequence, "body": fact.body}
        for fact in facts
        for source, epoch, sequence in [fact.place]
    ]
    await session.execute(insert(EarlyEntry).values(rows).on_conflict_do_nothing())


async def enter_early(session: AsyncSession, books: Books) -> None:
    """Facts that waited for one that has just been entered follow it."""
    for head in (books.heads.sources[source] for source in sorted(books.heads.early)):
        query = (
            select(EarlyEntry.sequence, EarlyEntry.body)
            .where(EarlyEntry.source == head.source, EarlyEntry.epoch == head.epoch)
            .order_by(EarlyEntry.sequence)
        )
        entered = [
            row.sequence for row in await session.execute(query) if books.enter(Arrived(decode(row.body), row.body))
        ]
        stale = EarlyEntry.sequence <= head.sequence
        if entered:
            await session.execute(
                delete(EarlyEntry).where(EarlyEntry.source == head.source, EarlyEntry.epoch == head.epoch, stale)
            )


async def open_epoch(session: AsyncSession, source: str, epoch: int) -> None:
    """From now on the facts of a later epoch of this source are its next; those that are here already enter at once."""
    books = Books(await hold(session, {source}))
    head = books.heads.sources[source]
    head.epoch, head.sequence, head.hash, head.promised_sequence, head.frozen = epoch, 0, GENESIS, 0, None
    await session.execute(delete(EarlyEntry).where(EarlyEntry.source == source, EarlyEntry.epoch < epoch))
    await enter_early(session, books)
    await save(session, books)


async def hash_at(session: AsyncSession, head: Head, sequence: int) -> bytes | None:
    """The source chain's hash after one sequence, or None when that fact is not here."""
    if sequence == head.sequence:
        return head.hash
    if sequence == 0:
        return GENESIS
    row = (
        await session.execute(HASHES, {"source": head.source, "epoch": head.epoch, "sequences": [sequence]})
    ).one_or_none()
    return None if row is None else row.source_hash


async def missing(session: AsyncSession, source: str, epoch: int, through: int, last: int, limit: int) -> list[int]:
    """Sequences between the head and `last` that are neither entered nor waiting."""
    query = select(EarlyEntry.sequence).where(
        tuple_(EarlyEntry.source, EarlyEntry.epoch) == tuple_(source, epoch), EarlyEntry.sequence <= last
    )
    waiting = set((await session.scalars(query)).all())
    return [number for number in range(through + 1, last + 1) if number not in waiting][:limit]


async def frontier(session: AsyncSession) -> datetime | None:
    return await session.scalar(select(LedgerHead.frontier))
