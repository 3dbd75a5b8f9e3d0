"""Is what is heard of a matter the latest word on it? An earlier word that comes late changes nothing any more.

A matter is a handover; what is said of its waiting for another one is a matter for itself (`waits_for` names that other one).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import stated_at
from chassis.driver import fetch
from contracts.event import DutyRef

# Our own acts come in their order, also those of one moment.
KEEP = """
INSERT INTO latest_words AS kept (link, key, waits_for, told_at, settled)
SELECT DISTINCT link, key, waits_for, $4::timestamptz, $5::boolean
FROM unnest($1::text[], $2::text[]) AS matter (link, key), unnest($3::text[]) AS waits_for
ON CONFLICT (link, key, waits_for) DO UPDATE SET told_at = excluded.told_at, settled = excluded.settled
WHERE $6 OR kept.told_at < excluded.told_at OR kept.told_at = excluded.told_at AND (excluded.settled OR NOT kept.settled)
RETURNING link, key, waits_for
"""
EARLIER = """
SELECT link, key FROM latest_words
WHERE waits_for = '' AND told_at < $3 AND (link, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""


async def is_latest(session: AsyncSession, matter: DutyRef, *, settles: bool = False) -> bool:
    """Keep this word on a matter, unless a later one was heard first.

    By when it was said; a word that `settles` the matter (a concession, which answers a failure) is the last of its moment.
    """
    return bool(await keep(session, [matter], settles=settles))


async def keep(
    session: AsyncSession, matters: Sequence[DutyRef], waits_for: Collection[str] = ("",), *, settles: bool = False
) -> set[DutyRef]:
    """The same of several matters, or of each one's waiting for these others; those of which it is the latest word."""
    return named(await kept(session, matters, waits_for, settles=settles))


async def settle(
    session: AsyncSession, matters: Sequence[DutyRef], waited_for: Collection[str]
) -> dict[tuple[str, str], set[str]]:
    """These matters wait for those others no longer: for which of them that is the latest word, by link and key of the matter."""
    found = defaultdict[tuple[str, str], set[str]](set)
    for row in await kept(session, matters, waited_for, settles=True):
        found[row["link"], row["key"]].add(row["waits_for"])
    return found


async def kept(
    session: AsyncSession, matters: Sequence[DutyRef], waits_for: Collection[str], *, settles: bool
) -> Sequence[Any]:
    own, at = session.info.get("envelope") is None, await stated_at(session)
    return await fetch(session, KEEP, *columns(matters), list(waits_for), at, settles, own)


async def said_before(session: AsyncSession, matters: Sequence[DutyRef]) -> set[DutyRef]:
    """Those of these matters on which the latest word was said before what is heard now."""
    return named(await fetch(session, EARLIER, *columns(matters), await stated_at(session)))


def columns(duties: Collection[DutyRef]) -> tuple[list[str], list[str]]:
    return [duty.link for duty in duties], [duty.key for duty in duties]


def named(rows: Sequence[Any]) -> set[DutyRef]:
    return {DutyRef(link=row["link"], key=row["key"]) for row in rows}
