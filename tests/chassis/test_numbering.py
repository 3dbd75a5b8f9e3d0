"""Does every fact get the next number and its place in the chain, whoever writes and whoever dies?"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import asyncpg
import pytest
from sqlalchemy import text

from chassis.database import transaction
from chassis.numbering import Chain, LostLead, finished_rows
from chassis.outbox import publish
from chassis.safeguards import Claim
from contracts.event import GENESIS, chain, decode
from tests.chassis.company import Member, Ordered, Shipped

WRITERS, ROUNDS = 8, 60


@asynccontextmanager
async def numbering(member: Member) -> AsyncIterator[Chain]:
    connection = await asyncpg.connect(member.settings.database_url)
    try:
        yield await Chain.resume(connection, member.name)
    finally:
        await connection.close()


class ReadById:
    """The broken way: remember the last id and read what is above it."""

    def __init__(self) -> None:
        self.last = 0

    async def __call__(self, connection: "asyncpg.Connection[asyncpg.Record]", limit: int) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await connection.fetch(
            "SELECT * FROM outbox WHERE id > $1 ORDER BY id LIMIT $2", self.last, limit
        )
        self.last = rows[-1]["id"] if rows else self.last
        return rows


async def write(member: Member, writer: int) -> None:
    """Transactions that take their id early and commit a little later, as real ones do."""
    for round_ in range(ROUNDS):
        async with member.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO outbox (event_id, event, data, actor, actor_acting) "
                    "VALUES (gen_random_uuid(), 'sales.sample_ordered.v1', CAST(:data AS json), 'system', false)"
                ),
                {"data": f'{{"n": {writer * ROUNDS + round_}}}'},
            )
            await asyncio.sleep(random.uniform(0, 0.004))


async def number_meanwhile(member: Member, claim: Claim) -> int:
    """Number what `claim` finds while eight writers write, and until it finds nothing any more; how many were lost."""
    writers = asyncio.gather(*(write(member, writer) for writer in range(WRITERS)))
    async with numbering(member) as chain_:
        while not writers.done():
            if rows := await claim(chain_.connection, 100):
                await chain_.number(rows)
        await writers
        while rows := await claim(chain_.connection, 100):
            await chain_.number(rows)
    lost: int = await member.value("SELECT count(*) FROM outbox WHERE sequence IS NULL")
    return lost


async def test_concurrent_writers_lose_nothing(sales: Member):
    assert await number_meanwhile(sales, finished_rows) == 0

    rows = await sales.rows("SELECT sequence, number FROM outbox ORDER BY sequence")
    assert [row.sequence for row in rows] == list(range(1, WRITERS * ROUNDS + 1))
    assert [row.number for row in rows] == list(range(1, WRITERS * ROUNDS + 1))


async def test_reading_above_the_last_id_loses_what_commits_late(sales: Member):
    assert await number_meanwhile(sales, ReadById()) > 0


async def test_numbers_are_gap_free_by_type_and_the_chain_verifies(sales: Member):
    async with transaction(sales.engine) as session:
        await publish(session, Ordered(n=1), Shipped(n=1), Ordered(n=2, order_no="SO-2"))
    async with numbering(sales) as head:
        await head.number(await finished_rows(head.connection, 2))
        await head.number(await finished_rows(head.connection, 2))
        last = head.hash

    rows = await sales.rows("SELECT wire, hash FROM outbox ORDER BY sequence")
    envelopes = [decode(row.wire) for row in rows]
    assert [(it.type, it.sequence, it.number) for it in envelopes] == [
        ("sales.sample_ordered.v1", 1, 1),
        ("warehouse.sample_shipped.v1", 2, 1),
        ("sales.sample_ordered.v1", 3, 2),
    ]
    assert envelopes[2].subject == "SO-2"
    assert all(
        after == chain(before, row.wire)
        for (before, after), row in zip(pairwise([GENESIS, *(row.hash for row in rows)]), rows, strict=True)
    )
    assert last == rows[-1].hash


async def test_a_relay_that_lost_its_lead_cannot_number(sales: Member):
    await sales.state(Ordered(n=1), Ordered(n=2), Ordered(n=3))
    async with numbering(sales) as zombie, numbering(sales) as leader:
        await leader.number(await finished_rows(leader.connection, 1))

        with pytest.raises(LostLead):
            await zombie.number(await finished_rows(zombie.connection, 1))

        await leader.number(await finished_rows(leader.connection, 10))
    rows = await sales.rows("SELECT sequence FROM outbox ORDER BY id")
    assert [row.sequence for row in rows] == [1, 2, 3]


async def test_another_server_means_another_epoch_and_the_old_numbers_stay(sales: Member):
    await sales.state(Ordered(n=1))
    async with numbering(sales) as before:
        (first,) = await before.number(await finished_rows(before.connection, 10))
    await sales.change("UPDATE relay_state SET timeline = timeline + 1")
    await sales.state(Ordered(n=2))
    async with numbering(sales) as after:
        (second,) = await after.number(await finished_rows(after.connection, 10))
        unpublished = await after.unpublished(10)

    assert second.epoch > first.epoch
    assert (second.sequence, decode(second.wire).number) == (1, 1)
    assert after.former is not None
    assert (after.former.epoch, after.former.sequence) == (first.epoch, 1)
    assert Counter(fact.wire for fact in unpublished) == Counter([first.wire, second.wire])
