"""How fast are ledger and judge, and how long after an instant are its verdicts written?"""

import asyncio
import time
from datetime import UTC, datetime
from uuid import uuid4

import aio_pika
import asyncpg
import orjson
from aio_pika import DeliveryMode, Message

from services.accountability.judge.evidence import Entry
from services.accountability.judge.judge import judge
from services.accountability.judge.state import State

SOURCE = "bench"
LOOKS, LOOK_EVERY_S = 600, 0.2
LEDGER = "SELECT position, admitted, body, hash FROM ledger ORDER BY admitted, source, epoch, sequence"
TAKEN = "SELECT count(*), min(arrived_at), max(arrived_at) FROM ledger WHERE source = $1"
FIRST_BATCH = """
SELECT count(*) FROM ledger
WHERE source = $1 AND arrived_at = (SELECT min(arrived_at) FROM ledger WHERE source = $1)
"""
BEHIND = "SELECT extract(epoch FROM clock_timestamp() - ticked_to)::float8 FROM judge_cursor"


def judged_per_second(entries: list[Entry]) -> float:
    """The pure fold over what the ledger recorded, in the judge's order, by a second of processor time."""
    state, began = State(), time.process_time()
    for entry in entries:
        judge(state, entry)
    return len(entries) / (time.process_time() - began)


async def recorded(url: str) -> list[Entry]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(LEDGER)
    finally:
        await connection.close()
    return [Entry.read(row["position"], row["admitted"], row["body"], row["hash"].hex()) for row in rows]


async def watch_verdicts(url: str, delays: list[float], every_s: float = 0.05) -> None:
    """Until cancelled: how far behind the clock verdicts are written. A deadline that passes waits as long for its own."""
    connection = await asyncpg.connect(url)
    try:
        while True:
            behind = await connection.fetchval(BEHIND)
            if behind is not None:
                delays.append(behind)
            await asyncio.sleep(every_s)
    finally:
        await connection.close()


async def flood(broker_url: str, queue: str, entries: list[Entry], total: int) -> None:
    """Put facts of a synthetic source into the ledger's queue: recorded bodies, numbered anew."""
    connection = await aio_pika.connect(broker_url)
    async with connection:
        channel = await connection.channel()
        for start in range(1, total + 1, 500):
            await asyncio.gather(
                *(
                    channel.default_exchange.publish(synthetic(entries[number % len(entries)], number), queue)
                    for number in range(start, min(start + 500, total + 1))
                )
            )


def synthetic(entry: Entry, sequence: int) -> Message:
    now = datetime.now(UTC).isoformat()
    place = {"source": SOURCE, "epoch": 1, "sequence": sequence, "number": sequence, "id": str(uuid4()), "time": now}
    return Message(orjson.dumps({**entry.fact, **place}), delivery_mode=DeliveryMode.PERSISTENT)


async def intake_per_second(url: str, total: int) -> float:
    """How fast the waiting facts entered, from the end of the first batch to that of the last."""
    connection = await asyncpg.connect(url)
    try:
        for _ in range(LOOKS):
            count, began, ended = await connection.fetchrow(TAKEN, SOURCE)
            if count >= total:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        first = await connection.fetchval(FIRST_BATCH, SOURCE)
    finally:
        await connection.close()
    return (count - first) / (ended - began).total_seconds() if count > first else 0.0
