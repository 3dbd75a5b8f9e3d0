"""What happens to a fact that came before the thing it is about?"""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.event import Envelope

KEEP = text(
    "INSERT INTO waiting (source, event, order_no, kind, key, reason, body) "
    "VALUES (:source, :event, :order_no, :kind, :key, :reason, :body)"
)
LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(kind || ' ' || key, 0)) "
    "FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS thing (kind, key)"
)
WAKE = text(
    "UPDATE waiting SET retry_at = now() "
    "FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS thing (kind, key) "
    "WHERE waiting.kind = thing.kind AND waiting.key = thing.key RETURNING waiting.id"
)


class WaitFor(Exception):
    """Raised by a handler whose prerequisite has not arrived: handle this fact again once `kind` `key` is here."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"waits for {kind} {key}")
        self.thing = (kind, key)


async def arrived(session: AsyncSession, kind: str, key: str) -> None:
    """Say, in the transaction that creates it, that `kind` `key` is here: facts that waited for it are handled next."""
    session.info["arrived"].add((kind, key))


async def wake_arrived(session: AsyncSession) -> None:
    """Bring forward the facts that waited for what this transaction created; called before the commit.

    The lock makes the order plain: a waiter either sees what we created, or we see the waiter. It is taken in a
    statement of its own, because the next one must look at the rows as they are when the lock is ours.
    """
    if things := session.info["arrived"]:
        await lock(session, *things)
        woken = (await session.execute(WAKE, _columns(things))).all()
        session.info["woken"] = session.info["woken"] or bool(woken)


async def lock(session: AsyncSession, *things: tuple[str, str]) -> None:
    """Hold the right to say whether these things have arrived, until the transaction ends."""
    await session.execute(LOCK, _columns(things))


def _columns(things: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Sorted, so that transactions that create the same things never wait for each other in a circle."""
    ordered = sorted(things)
    return {"kinds": [kind for kind, _ in ordered], "keys": [key for _, key in ordered]}


async def keep(
    session: AsyncSession, envelope: Envelope, body: bytes, *, reason: str, wanted: WaitFor | None = None
) -> None:
    """Store a received fact that has no effect yet; chassis.waiters handles it from here on."""
    kind, key = wanted.thing if wanted else (None, None)
    values = {**about(envelope, body), "kind": kind, "key": key, "reason": printable(reason)}
    await session.execute(KEEP, values)
    session.info["woken"] = True


def about(envelope: Envelope, body: bytes) -> dict[str, object]:
    """The columns that say which fact a kept row is."""
    return {"source": envelope.source, "event": envelope.type, "order_no": printable(envelope.subject), "body": body}


def printable(words: str | None) -> str | None:
    """PostgreSQL stores no NUL character, and a reason need not fill the screen."""
    return None if words is None else words.replace("\0", "\N{REPLACEMENT CHARACTER}")[:2000]
