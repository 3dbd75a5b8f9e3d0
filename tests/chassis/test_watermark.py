"""Is every fact recorded before a promised instant among those that were out when it was promised?"""

import asyncio
import random
import time
from datetime import UTC, datetime
from functools import partial

import asyncpg
import pytest
from sqlalchemy import text

from chassis.database import transaction
from chassis.numbering import Chain, finished_rows
from chassis.outbox import publish
from chassis.safeguards import Promising
from chassis.signing import NotSigned, Signer, verify
from chassis.watermark import Promise, SoundPromise, watermark
from contracts.control import Watermark
from contracts.event import GENESIS
from tests.chassis.company import Member, Ordered, until

SECONDS = 2.5


class NaivePromise:
    """The broken way: the clock's time, promised at once."""

    async def begin(self, connection: "asyncpg.Connection[asyncpg.Record]", chain: Chain) -> Promise:
        return Promise(await connection.fetchval("SELECT factory_now()"), 0)

    async def ripe(self, connection: "asyncpg.Connection[asyncpg.Record]", promise: Promise) -> bool:
        return True


async def write(member: Member, end: float, *, longest_s: float) -> None:
    """Commands of which some keep their transaction open for long after the fact was recorded."""
    while time.monotonic() < end:
        async with member.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO outbox (event_id, event, data, actor, actor_acting) "
                    "VALUES (gen_random_uuid(), 'sales.sample_ordered.v1', '{}', 'system', false)"
                )
            )
            await asyncio.sleep(random.uniform(0, longest_s))


async def promises(member: Member, promising: Promising) -> list[tuple[datetime, int]]:
    """Promise again and again while others write; each instant with the last sequence that was out then."""
    end = time.monotonic() + SECONDS
    writers = asyncio.gather(*(write(member, end, longest_s=longest) for longest in (0.002, 0.01, 0.05, 0.4)))
    connection = await asyncpg.connect(member.settings.database_url)
    said: list[tuple[datetime, int]] = []
    try:
        chain = await Chain.resume(connection, member.name)
        while not writers.done():
            promise = await promising.begin(connection, chain)
            await until(partial(promising.ripe, connection, promise))
            while rows := await finished_rows(connection, 1000):
                await chain.number(rows)
            said.append((promise.instant, chain.sequence))
            await asyncio.sleep(0.005)
        await writers
        while rows := await finished_rows(connection, 1000):
            await chain.number(rows)
    finally:
        await connection.close()
    return said


async def broken_promises(member: Member, said: list[tuple[datetime, int]]) -> int:
    """How many promises a fact contradicts: recorded before the instant, but numbered after the promise."""
    rows = await member.rows("SELECT sequence, recorded_at FROM outbox")
    return sum(any(row.recorded_at < instant and row.sequence > last for row in rows) for instant, last in said)


async def test_no_fact_contradicts_a_sound_promise(sales: Member):
    said = await promises(sales, SoundPromise())

    assert len(said) > 5
    assert await broken_promises(sales, said) == 0
    assert [instant for instant, _ in said] == sorted(instant for instant, _ in said)


async def test_promising_the_present_breaks_most_promises(sales: Member):
    said = await promises(sales, NaivePromise())

    assert await broken_promises(sales, said) > len(said) / 2


async def test_a_long_transaction_delays_the_promise_and_is_in_it(sales: Member):
    connection = await asyncpg.connect(sales.settings.database_url)
    chain, sound = await Chain.resume(connection, "sales"), SoundPromise()
    try:
        async with sales.engine.begin() as slow:
            await slow.execute(
                text(
                    "INSERT INTO outbox (event_id, event, data, actor, actor_acting) "
                    "VALUES (gen_random_uuid(), 'sales.sample_ordered.v1', '{}', 'system', false)"
                )
            )
            promise = await sound.begin(connection, chain)
            await sales.state(Ordered(n=2))
            assert not await sound.ripe(connection, promise)
            assert len(await finished_rows(connection, 10)) == 1, "facts of others go out meanwhile"
        await until(partial(sound.ripe, connection, promise))
        assert len(await finished_rows(connection, 10)) == 2
    finally:
        await connection.close()


async def test_nothing_is_recorded_before_the_floor_even_if_the_clock_goes_back(sales: Member):
    connection = await asyncpg.connect(sales.settings.database_url)
    try:
        promise = await SoundPromise().begin(connection, await Chain.resume(connection, "sales"))
    finally:
        await connection.close()
    await sales.change(
        "CREATE OR REPLACE FUNCTION factory_now() RETURNS timestamptz LANGUAGE sql VOLATILE "
        "AS $$SELECT clock_timestamp() - interval '1 hour'$$"
    )
    async with transaction(sales.engine) as session:
        await publish(session, Ordered(n=1))

    assert await sales.value("SELECT recorded_at FROM outbox") == promise.instant


def a_watermark(**changes: object) -> Watermark:
    chain = Chain(None, "sales", 7, 3, GENESIS, (7, 3), numbers={"sales.sample_ordered.v1": 3})
    return watermark(chain, datetime(2026, 9, 1, tzinfo=UTC)).model_copy(update=changes)


def test_a_signed_watermark_is_verified_with_the_key_of_its_source():
    signer = Signer.generate()

    assert verify(signer.sign(a_watermark()), {"sales": signer.public}) == a_watermark()


@pytest.mark.parametrize("changed", [{"sequence": 4}, {"source": "pmc"}, {"epoch": 8}])
def test_a_changed_watermark_bears_no_signature(changed: dict[str, object]):
    signer = Signer.generate()
    signed = signer.sign(a_watermark())
    forged = signed.model_copy(update={"statement": a_watermark(**changed).canonical().decode()})

    with pytest.raises(NotSigned):
        verify(forged, {"sales": signer.public, "pmc": signer.public})


def test_another_services_key_signs_nothing_for_sales():
    with pytest.raises(NotSigned):
        verify(Signer.generate().sign(a_watermark()), {"sales": Signer.generate().public})
