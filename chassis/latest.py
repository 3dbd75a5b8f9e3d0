"""Is what is heard of a matter the latest word on it? An earlier word that comes late changes nothing any more."""

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


async def is_latest(session: AsyncSession, matter: DutyRef, *, settles: bool = False) -> bool:
    """Keep this word on a matter, unless a later one was heard first.

    By when it was said; a word that `settles` the matter (a concession, which answers a failure) is the last of its moment.
    """
    at = await stated_at(session)
    return bool(await fetch(session, KEEP, matter.link, matter.key, at, settles))
