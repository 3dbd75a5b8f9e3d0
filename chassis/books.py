"""How much has this service said and heard? Colleagues' answers together tell whether any fact is still under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.antientropy import Completeness
from chassis.database import reading
from contracts.control import ALL
from contracts.event import SERVICES

# One statement, so that a fact received and the facts that follow from it are seen together or not at all.
BOOKS = text("""
WITH counted AS (
    SELECT epoch, event AS stream, number FROM relay_numbers
    UNION ALL SELECT epoch, :whole, sequence FROM relay_state
), received AS (
    SELECT epoch, stream, through AS number FROM inbox_marks
    UNION ALL
    SELECT inbox.epoch, inbox.stream, count(*) FROM inbox LEFT JOIN inbox_marks USING (source, epoch, stream)
    WHERE inbox.number > coalesce(through, 0) GROUP BY inbox.epoch, inbox.stream
), heard AS (
    SELECT DISTINCT ON (stream) stream, sum(number) AS number FROM received
    GROUP BY epoch, stream ORDER BY stream, epoch DESC
)
SELECT
    (SELECT json_object_agg(stream, number) FROM counted JOIN relay_state USING (epoch)) AS said,
    (SELECT json_object_agg(stream, number) FROM heard) AS heard,
    (SELECT count(*) FROM outbox WHERE sequence IS NULL) AS unsaid,
    (SELECT count(*) FROM waiting WHERE retry_at <= now() OR attempts > 0) AS unsettled
""")


@dataclass(frozen=True)
class Books:
    """Facts counted by type in the newest epoch, a whole source's under its own name.

    `unsaid` facts have no number yet; `unsettled` ones were received and are being handled still. A fact that waits for
    its prerequisite is settled.
    """

    said: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, int] = field(default_factory=dict)
    unsaid: int = 0
    unsettled: int = 0


async def books_of(service: str, engine: AsyncEngine, handled: tuple[str, ...], ledger: Completeness | None) -> Books:
    """The books as they are now; `handled` are the types heard here, `ledger` counts where whole sources are."""
    async with reading(engine) as session:
        row = (await session.execute(BOOKS, {"whole": service})).one()
    heard = {**dict.fromkeys(handled, 0), **(row.heard or {})}
    if ledger is not None:
        whole = {stream.source: number for stream, number in (await ledger.through()).items() if stream.stream == ALL}
        heard = {**dict.fromkeys(SERVICES, 0), **whole}
    return Books(row.said or {}, heard, row.unsaid, row.unsettled)
