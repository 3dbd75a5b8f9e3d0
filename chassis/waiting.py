"""What happens to a fact that came before the thing it is about?"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(kind || ' ' || key, 0)) "
    "FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS thing (kind, key)"
)
WAKE = text(
    "UPDATE waiting SET ready = true "
    "FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS thing (kind, key) "
    "WHERE waiting.kind = thing.kind AND waiting.key = thing.key"
)


class WaitFor(Exception):
    """Raised by a handler whose prerequisite has not arrived: handle this fact again once `kind` `key` is here."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"waits for {kind} {key}")
        self.kind, self.key = kind, key


async def arrived(session: AsyncSession, kind: str, key: str) -> None:
    """Say, in the transaction that creates it, that `kind` `key` is here: facts that waited for it are handled next."""
    session.info["arrived"].add((kind, key))


async def wake_arrived(session: AsyncSession) -> None:
    """Mark the facts that waited for what this transaction created; called by chassis.database before the commit.

    The lock makes the order plain: a waiter either sees what we created, or we see the waiter. It is taken in a
    statement of its own, because the next one must look at the rows as they are when the lock is ours.
    """
    if things := sorted(session.info["arrived"]):
        names = {"kinds": [kind for kind, _ in things], "keys": [key for _, key in things]}
        await session.execute(LOCK, names)
        await session.execute(WAKE, names)
