"""Up to which instant may a service say: everything that I recorded before it is out?"""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.numbering import Chain
from contracts.control import LastNumber, Watermark

# Reads the clock and lets no later fact be recorded before it, in one step: recorded_at is never below the floor.
RAISE_FLOOR = """
SELECT instant(setval('factory_floor', greatest(last_value, microseconds(factory_now())))) FROM factory_floor
"""
OLDEST_RUNNING = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, slots=True)
class Promise:
    """An instant that may be promised once every transaction up to `xid` has ended and its facts are out."""

    instant: datetime
    xid: int


class SoundPromise:
    """Clock and floor first, then a transaction id, then wait for every older transaction.

    A fact recorded before the instant took its own id before ours and is visible once those transactions have ended.
    One whose id is later than ours reads clock and floor after us, so it is recorded at the instant or later.
    """

    async def begin(self, connection: "asyncpg.Connection[asyncpg.Record]", chain: Chain) -> Promise:
        async with connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit TO off")
            instant = await connection.fetchval(RAISE_FLOOR)
        return Promise(instant, await chain.mark())

    async def ripe(self, connection: "asyncpg.Connection[asyncpg.Record]", promise: Promise) -> bool:
        oldest: int = await connection.fetchval(OLDEST_RUNNING)
        return oldest > promise.xid


def watermark(chain: Chain, instant: datetime, documents: LastNumber | None = None) -> Watermark:
    """What may be said once the chain is published up to its head."""
    return Watermark(
        source=chain.source,
        epoch=chain.epoch,
        promised=instant,
        sequence=chain.sequence,
        hash=chain.hash.hex(),
        numbers=chain.numbers,
        documents=documents,
        former=chain.former,
    )
