"""How is the ledger read for a replay? In the judge's order and in pieces, whatever its length; of a shared one, a share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import fetch
from services.accountability.judge.evidence import Entry
from services.accountability.judge.hearing import SILENT
from services.accountability.what_if.shares import Share

Place = tuple[datetime, str, int, int]
BEGINNING: Place = (datetime.min.replace(tzinfo=UTC), "", 0, 0)
ALL = Share()
BATCH = 10_000
# A share hears the facts of no order, of the orders brought to it, and of those that fall to it; of the others it reads the
# place alone. As a condition that would lead the planner to sort all that follows, for each piece anew; and only a subquery is
# looked up by hash, however often the statement has run.
ENTRIES = """
SELECT position, admitted, source, epoch, sequence, hash,
    CASE WHEN type <> ALL($2) AND (subject IS NULL OR subject IN (SELECT unnest($3::text[]))
        OR (get_byte(sha256(convert_to(subject, 'UTF8')), 0) % $4 = $5 AND subject <> ALL($6))) THEN body END AS body
FROM ledger WHERE admitted < $1 AND admitted >= $7 AND (admitted, source, epoch, sequence) > ($7, $8, $9, $10)
ORDER BY admitted, source, epoch, sequence LIMIT $11
"""
COUNT = """
SELECT count(*) FROM ledger
WHERE admitted < $1 AND type <> ALL($2) AND (subject IS NULL OR subject IN (SELECT unnest($3::text[]))
    OR (get_byte(sha256(convert_to(subject, 'UTF8')), 0) % $4 = $5 AND subject <> ALL($6)))
"""


def _ours(until: datetime, share: Share) -> tuple[object, ...]:
    return until, sorted(SILENT), share.brought, share.of, share.number, share.taken


async def length(session: AsyncSession, until: datetime, share: Share = ALL) -> int:
    """How many facts before a moment a replay hears."""
    return int((await fetch(session, COUNT, *_ours(until, share)))[0][0])


async def pieces(
    session: AsyncSession, until: datetime, place: Place = BEGINNING, share: Share = ALL
) -> AsyncIterator[list[Entry]]:
    """The facts before a moment, from a place on, but for those without which every verdict is the same."""
    while rows := await fetch(session, ENTRIES, *_ours(until, share), *place, BATCH):
        heard = (row for row in rows if row["body"] is not None)
        yield [Entry.read(row["position"], row["admitted"], row["body"], row["hash"].hex()) for row in heard]
        last = rows[-1]
        place = (last["admitted"], last["source"], last["epoch"], last["sequence"])
