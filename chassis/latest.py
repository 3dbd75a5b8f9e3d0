"""Is what is heard of a matter the latest word on it? An earlier word that comes late changes nothing any more."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import stated_at
from chassis.driver import fetch
from contracts.event import DutyRef

KEEP = """
INSERT INTO latest_words AS kept (link, key, told_at, settled) VALUES ($1, $2, $3, $4)
ON CONFLICT (link, key) DO UPDATE SET told_at = excluded.told_at, settled = excluded.settled
WHERE kept.told_at < excluded.told_at OR kept.told_at = excluded.told_at AND (excluded.settled OR NOT kept.settled)
RETURNING key
"""

EARLIER = """
SELECT link, key FROM latest_words WHERE told_at < $1 AND (link, key) IN (SELECT * FROM unnest($2::text[], $3::text[]))
"""


async def is_latest(session: AsyncSession, matter: DutyRef, *, settles: bool = False) -> bool:
    """Keep this word on a matter, unless a later one was heard first.

    By when it was said; a word that `settles` the matter (a concession, which answers a failure) is the last of its moment.
    """
    at = await stated_at(session)
    return bool(await fetch(session, KEEP, matter.link, matter.key, at, settles))


async def said_before(session: AsyncSession, matters: Sequence[DutyRef]) -> set[DutyRef]:
    """Those of these matters on which the latest word was said before what is heard now."""
    links, keys = [matter.link for matter in matters], [matter.key for matter in matters]
    rows = await fetch(session, EARLIER, await stated_at(session), links, keys)
    return {DutyRef(link=row["link"], key=row["key"]) for row in rows}
