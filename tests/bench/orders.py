"""How many bench orders run through all seven services, what do they leave behind, and how fast does each fact travel?"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from tests.support.bench_order import run_order
from tests.support.company import Company

ACTS = "SELECT count(*) FROM acts WHERE outcome = 'done'"
FACTS = "SELECT count(*) FROM outbox"
SAID = "SELECT event_id, event, recorded_at, data -> 'given_by' ->> 0 AS given_by FROM outbox WHERE recorded_at >= $1"


@dataclass(frozen=True, slots=True)
class Count:
    """Accepted commands and stated facts, of all services together."""

    commands: int
    events: int

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.commands - other.commands, self.events - other.events)


async def ask(urls: Mapping[str, str], query: str, *arguments: object) -> list[asyncpg.Record]:
    """The same question to every service's database; all answers together."""
    rows: list[asyncpg.Record] = []
    for url in urls.values():
        connection = await asyncpg.connect(url)
        try:
            rows += await connection.fetch(query, *arguments)
        finally:
            await connection.close()
    return rows


async def counted(urls: Mapping[str, str]) -> Count:
    acts, facts = [sum(row[0] for row in await ask(urls, query)) for query in (ACTS, FACTS)]
    return Count(acts, facts)


async def at_once(company: Company, orders: int, concurrency: int) -> float:
    """Run orders, `concurrency` of them under way at a time; the seconds that they took together."""
    left = iter(range(orders))
    began = time.monotonic()

    async def keep_going() -> None:
        for _ in left:
            await run_order(company)

    await asyncio.gather(*(keep_going() for _ in range(concurrency)))
    return time.monotonic() - began


async def steadily(company: Company, orders: int, every_s: float) -> None:
    """Begin one order after the other at a fixed pace, whether or not those before it are done."""
    running = []
    for _ in range(orders):
        running.append(asyncio.create_task(run_order(company)))
        await asyncio.sleep(every_s)
    await asyncio.gather(*running)


async def hops(urls: Mapping[str, str], since: datetime) -> list[float]:
    """Seconds from the commit of a fact to that of the handover which it put on another department's worklist.

    Both instants are written by the databases as the last statement of their transactions, by the same clock.
    """
    rows = await ask(urls, SAID, since)
    said: dict[UUID, asyncpg.Record] = {row["event_id"]: row for row in rows}
    return sorted(
        (row["recorded_at"] - given["recorded_at"]).total_seconds()
        for row in rows
        if row["given_by"]
        and (given := said.get(UUID(row["given_by"])))
        and service(row["event"]) != service(given["event"])
    )


def service(event: str) -> str:
    return event.partition(".")[0]


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, round(share * (len(values) - 1)))] if values else 0.0
