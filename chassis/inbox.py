"""Which facts have arrived here, each counted once, and below which number is nothing missing?"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.database import transaction
from chassis.driver import fetch
from contracts.control import PAGE, Watermark
from contracts.event import Envelope

KEYS = """
unnest(CAST(:sources AS text[]), CAST(:epochs AS bigint[]), CAST(:streams AS text[]), CAST(:numbers AS bigint[]),
       CAST(:times AS timestamptz[])) AS fact (source, epoch, stream, number, recorded_at)
"""
# Sorted, so that two replicas that receive the same facts wait for each other in one direction only.
INSERT = text(
    f"INSERT INTO inbox SELECT * FROM {KEYS} ORDER BY source, epoch, stream, number "  # noqa: S608 - our constant
    "ON CONFLICT DO NOTHING RETURNING source, epoch, stream, number"
)
# Asked after the insert and not with it: a row that was pruned just now no longer conflicts, but then the mark that
# allowed the pruning is visible. An older epoch that reached beyond this fact's time may have told it already. The time of
# day comes along, since most handlers ask for it.
KNOWN = """
SELECT clock.now, fact.source, fact.epoch, fact.stream, fact.number, fact.doubtful
FROM (SELECT factory_now() AS now OFFSET 0) AS clock LEFT JOIN (
    SELECT key.*, mark.epoch < key.epoch AS doubtful
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[])
        AS key (source, epoch, stream, number, recorded_at)
    JOIN inbox_marks AS mark USING (source, stream)
    WHERE mark.epoch = key.epoch AND key.number <= mark.through
        OR mark.epoch < key.epoch AND key.recorded_at <= mark.latest
) AS fact ON true
"""
ADVANCE = text("""
WITH above AS (
    SELECT source, epoch, stream, number, inbox.recorded_at, coalesce(through, 0) AS through,
        row_number() OVER (PARTITION BY source, epoch, stream ORDER BY number) AS place
    FROM inbox LEFT JOIN inbox_marks USING (source, epoch, stream)
    WHERE number > coalesce(through, 0)
)
INSERT INTO inbox_marks (source, epoch, stream, through, latest)
SELECT source, epoch, stream, coalesce(max(number) FILTER (WHERE number = through + place), through), max(recorded_at)
FROM above GROUP BY source, epoch, stream, through
ON CONFLICT (source, epoch, stream) DO UPDATE
SET through = excluded.through, latest = greatest(inbox_marks.latest, excluded.latest)
""")
PRUNE = text("""
DELETE FROM inbox USING inbox_marks AS mark
WHERE inbox.source = mark.source AND inbox.epoch = mark.epoch AND inbox.stream = mark.stream AND number <= through
""")
SWEEPER = text("SELECT pg_try_advisory_xact_lock(hashtextextended('handover.inbox', 0))")
MARKS = text("SELECT source, epoch, stream, through FROM inbox_marks")
# Looks a bounded way ahead: what lies further is asked for once this much is here.
MISSING = text(f"""
SELECT number FROM generate_series(
    CAST(:through AS bigint) + 1, least(CAST(:last AS bigint), CAST(:through AS bigint) + {PAGE * 20})
) AS number
WHERE NOT EXISTS (
    SELECT FROM inbox
    WHERE source = :source AND epoch = :epoch AND stream = :stream AND inbox.number = number.number
) LIMIT {PAGE}
""")  # noqa: S608 - the page is our constant


class Key(NamedTuple):
    """What makes a received fact this one and no other."""

    source: str
    epoch: int
    stream: str
    number: int


class Stream(NamedTuple):
    """Everything of one type (or of all types) that a source says in one epoch."""

    source: str
    epoch: int
    stream: str


class Received(NamedTuple):
    """Facts that are new here; of the doubtful ones a restored source may have told us in its former life."""

    new: frozenset[Key]
    doubtful: frozenset[Key]


def key(envelope: Envelope) -> Key:
    return Key(envelope.source, envelope.epoch, envelope.type, envelope.number)


async def receive_new(session: AsyncSession, envelopes: Sequence[Envelope]) -> Received:
    """Count these facts as received in this transaction; those that were so before are not among the new."""
    columns = list(zip(*((*key(envelope), envelope.time) for envelope in envelopes), strict=True))
    values = dict(zip(("sources", "epochs", "streams", "numbers", "times"), map(list, columns), strict=True))
    inserted = {Key(*row) for row in await session.execute(INSERT, values)}
    rows = await fetch(session, KNOWN, *values.values())
    session.info["now"] = rows[0]["now"]
    known = {Key(*tuple(row)[1:5]): row["doubtful"] for row in rows if row["source"] is not None}
    new = inserted - {fact for fact, doubtful in known.items() if not doubtful}
    return Received(frozenset(new), frozenset(fact for fact, doubtful in known.items() if doubtful and fact in new))


class Inbox:
    """How complete the facts are that a service handles, type by type."""

    def __init__(self, engine: AsyncEngine, handled: Sequence[str]) -> None:
        self._engine = engine
        self._handled = handled

    def streams(self, watermark: Watermark) -> dict[str, int]:
        """The streams we must have in full, each with the last number that the watermark speaks for."""
        return {name: watermark.last(name) for name in self._handled if name in watermark.numbers}

    async def through(self) -> dict[Stream, int]:
        """The number of each stream below which, itself included, nothing is missing."""
        async with transaction(self._engine) as session:
            return {Stream(*row[:3]): row.through for row in await session.execute(MARKS)}

    async def missing(self, stream: Stream, last: int, through: int) -> list[int]:
        """The first page of numbers up to `last` that have not arrived."""
        values = {**stream._asdict(), "last": last, "through": through}
        async with transaction(self._engine) as session:
            return list(await session.scalars(MISSING, values))

    async def advance(self) -> None:
        """Move the marks up to the first gap and forget the rows below; one replica at a time."""
        async with transaction(self._engine) as session:
            if await session.scalar(SWEEPER):
                await session.execute(ADVANCE)
                await session.execute(PRUNE)
