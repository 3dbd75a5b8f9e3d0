"""Do the books of seven departments balance? Asked of their databases alone, after everything has come to rest."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import Decimal

import asyncpg

from contracts.event import GENESIS, chain, decode
from deploy.local.system import System
from tests.support.bench_order import BOUGHT, STOCKED
from tests.support.company import Company

# What one bench order leaves in each department: the table, and how many of its rows. Of the two lots, one was bought
# and one was made.
EFFECTS: Mapping[str, Mapping[str, int]] = {
    "sales": {"orders": 1, "shipping_notices": 1},
    "engineering": {"packages": 1, "opinions": 1},
    "pmc": {
        "requirements": 1,
        "production_orders": 1,
        "operations": 3,
        "requisitions": 1,
        "shipments": 1,
        "reviews": 1,
    },
    "purchasing": {"requirements": 1, "purchase_requests": 1, "purchase_orders": 1},
    "quality": {"incoming_inspections": 1, "final_inspections": 1, "outgoing_inspections": 1},
    "warehouse": {
        "arrivals": 1,
        "lots": 2,
        "receipts": 1,
        "material_issues": 1,
        "finished_receipts": 1,
        "shipments": 1,
    },
}
LEFT_OVER: Mapping[str, str] = {
    "parked facts": "SELECT count(*) FROM parked WHERE status = 'parked'",
    "waiting facts": "SELECT count(*) FROM waiting",
    "open handovers": "SELECT count(*) FROM duties WHERE closed_at IS NULL AND link <> 'stocktake'",  # that is owed all month
}
OUTBOX = "SELECT epoch, sequence, number, event, wire, hash FROM outbox ORDER BY epoch, sequence"
LEDGER = "SELECT position, source, epoch, sequence, type, subject, body, hash FROM ledger ORDER BY position"
RECORDS = """
SELECT 'record' AS kind, clause, order_no, person FROM penalty_records
UNION ALL SELECT 'suspicion', clause, order_no, reason FROM suspicions
"""
STOCK = {
    "warehouse": "SELECT no AS item, quantity FROM stock",
    "pmc": "SELECT item_code AS item, on_hand AS quantity FROM stock",
}


class Database:
    """One service's database, read by whoever checks its books."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def value(self, query: str, *arguments: object) -> object:
        return (await self.rows(query, *arguments))[0][0]


def databases(system: System) -> dict[str, Database]:
    return {name: Database(url) for name, url in system.database_urls.items()}


async def check_books(system: System, company: Company, orders: set[str]) -> None:
    """Everything acknowledged took effect once everywhere, nothing else did, and the evidence says the same."""
    everyone = databases(system)
    await at_rest(system)
    await check_acknowledged(everyone, company)
    await check_effects(everyone, orders)
    await check_stock(everyone, len(orders))
    await check_left_over(everyone)
    heads = {name: await check_chain(name, database) for name, database in everyone.items()}
    await check_ledger(everyone["accountability"], heads, orders)
    assert await everyone["accountability"].rows(RECORDS) == []


async def at_rest(system: System) -> None:
    """Whatever was said before now is in the ledger and judged."""
    accountability = databases(system)["accountability"]
    until = await accountability.value("SELECT factory_now()")
    await soon(lambda: judged_to(system, until), f"verdicts up to {until}")
    for name, database in databases(system).items():
        await soon(lambda database=database: _is_quiet(database), f"{name} to come to rest")  # type: ignore[misc]


async def judged_to(system: System, instant: object) -> bool:
    """Whether the judge has written down every verdict up to the instant."""
    reached = await databases(system)["accountability"].rows("SELECT ticked_to FROM judge_cursor")
    assert isinstance(instant, datetime)
    return bool(reached and reached[0][0] and reached[0][0] >= instant)


async def _is_quiet(database: Database) -> bool:
    return not await database.value(LEFT_OVER["waiting facts"]) and not await database.value(
        LEFT_OVER["open handovers"]
    )


async def soon(holds: Callable[[], Awaitable[bool]], what: str, within_s: float = 90) -> None:
    deadline = time.monotonic() + within_s
    while not await holds():
        assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
        await asyncio.sleep(0.2)


async def check_acknowledged(everyone: Mapping[str, Database], company: Company) -> None:
    """The driver's own ledger and the services' say the same: each promise kept once, none that nobody was given."""
    promised: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for promise in company.acknowledged:
        promised[promise.service][promise.employee, promise.key] += 1
    for name, database in everyone.items():
        done = await database.rows("SELECT employee, key FROM acts WHERE outcome = 'done'")
        assert Counter((row["employee"], row["key"]) for row in done) == promised[name], f"commands of {name}"


async def check_effects(everyone: Mapping[str, Database], orders: set[str]) -> None:
    for name, tables in EFFECTS.items():
        for table, each in tables.items():
            query = f"SELECT order_no, count(*) FROM {table} WHERE order_no IS NOT NULL GROUP BY 1"  # noqa: S608
            rows = await everyone[name].rows(query)
            found = {row["order_no"]: row["count"] for row in rows}
            assert found == dict.fromkeys(orders, each), f"{table} of {name}"
    undelivered = await everyone["sales"].rows("SELECT no, status FROM orders WHERE status <> 'delivered'")
    assert undelivered == []


async def check_stock(everyone: Mapping[str, Database], orders: int) -> None:
    """Two of the stocked part left for each order, the bought part came and went, the product was shipped."""
    expected = {STOCKED: Decimal(1_000_000_000 - 2 * orders), BOUGHT: Decimal(0)}
    for name, query in STOCK.items():
        figures = {row["item"]: row["quantity"] for row in await everyone[name].rows(query)}
        assert {item: figures.get(item) for item in expected} == expected, f"stock as {name} knows it"


async def check_left_over(everyone: Mapping[str, Database]) -> None:
    for name, database in everyone.items():
        for what, query in LEFT_OVER.items():
            assert await database.value(query) == 0, f"{what} at {name}"


async def check_chain(name: str, database: Database) -> dict[tuple[int, int], bytes]:
    """No gap in sequences and numbers, and every hash is that of the stored bytes; the bytes by (epoch, sequence)."""
    facts: dict[tuple[int, int], bytes] = {}
    hashes: dict[int, bytes] = {}
    sequences: Counter[int] = Counter()
    numbers: Counter[tuple[int, str]] = Counter()
    for row in await database.rows(OUTBOX):
        epoch, place = row["epoch"], (row["epoch"], row["event"])
        sequences[epoch] += 1
        numbers[place] += 1
        hashes[epoch] = chain(hashes.get(epoch, GENESIS), row["wire"])
        assert (row["sequence"], row["number"]) == (sequences[epoch], numbers[place]), f"a gap in {name}'s facts"
        assert row["hash"] == hashes[epoch], f"{name}'s chain breaks at {epoch}/{row['sequence']}"
        facts[epoch, row["sequence"]] = row["wire"]
    return facts


async def check_ledger(
    accountability: Database, facts: Mapping[str, Mapping[tuple[int, int], bytes]], orders: set[str]
) -> None:
    """The ledger holds every source's bytes, its own chain is whole, and every order left the same facts."""
    head, entered = GENESIS, defaultdict[str, dict[tuple[int, int], bytes]](dict)
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for row in await accountability.rows(LEDGER):
        head = chain(head, row["body"])
        assert row["hash"] == head, f"the ledger's chain breaks at {row['position']}"
        entered[row["source"]][row["epoch"], row["sequence"]] = row["body"]
        if row["subject"] in orders:
            told[row["subject"]][story_of(row["type"], row["body"])] += 1
    for source, stated in facts.items():
        assert entered[source] == stated, f"the ledger does not hold what {source} stated"
    first = told[min(orders)]
    assert {no: facts - first for no, facts in told.items() if facts != first} == {}


def story_of(event: str, body: bytes) -> str:
    """What kind of step a fact tells: handovers are told apart by what is handed over."""
    duty = decode(body).data.get("duty")
    return f"{event} {duty['link']}" if duty else event
