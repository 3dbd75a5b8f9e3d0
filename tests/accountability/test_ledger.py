"""The ledger keeps every fact in its source's order, and says up to when nothing can be missing."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import asyncpg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.database import transaction
from chassis.signing import Signer
from contracts.control import Watermark
from contracts.event import GENESIS, Actor, chain
from services.accountability.ledger import frontier, ledger, sources
from services.accountability.ledger.ledger import Arrived
from services.accountability.office import Office
from tests.accountability.voice import Voice
from tests.support.departments import MORNING, Department, department

pytestmark = pytest.mark.asyncio


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


@pytest.fixture
async def books() -> AsyncIterator[Department]:
    async with department("accountability") as it:
        async with transaction(it.engine, Actor(employee="E-009")) as session:
            for name in ("sales", "pmc"):
                key = Signer.generate().public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
                form = sources.Registration(no=name, public_key=key)
                await sources.register(session, form, maker="E-009", now=MORNING)
        yield it


async def enter(books: Department, *facts: Arrived) -> int:
    """How many facts this batch added to the ledger."""
    async with transaction(books.engine) as session:
        return len((await ledger.append(session, facts)).rows)


async def hear(books: Department, *watermarks: Watermark) -> datetime | None:
    async with transaction(books.engine) as session:
        return await frontier.hear(session, watermarks)


async def positions(books: Department) -> list[tuple[str, int]]:
    async with books.engine.connect() as connection:
        rows = await connection.execute(text("SELECT source, sequence FROM ledger ORDER BY position"))
        return [tuple(row) for row in rows]


async def test_facts_enter_in_their_sources_order_whatever_order_they_come_in(books: Department) -> None:
    sales = Voice("sales")
    first, second, third = (sales.says(at(minute)) for minute in (1, 2, 3))

    assert await enter(books, third, second) == 0
    assert await enter(books, first) == 3

    assert await positions(books) == [("sales", 1), ("sales", 2), ("sales", 3)]


async def test_a_fact_that_comes_twice_is_entered_once(books: Department) -> None:
    fact = Voice("sales").says(at(1))

    assert await enter(books, fact, fact) == 1
    assert await enter(books, fact) == 0


async def test_the_ledgers_own_chain_runs_over_all_sources(books: Department) -> None:
    facts = [Voice("sales").says(at(1)), Voice("pmc").says(at(1))]
    await enter(books, *facts)

    async with books.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT body, hash FROM ledger ORDER BY position"))).all()
    expected = GENESIS
    for row in rows:
        expected = chain(expected, row.body)
        assert row.hash == expected


async def test_nobody_changes_or_deletes_what_is_entered(books: Department) -> None:
    await enter(books, Voice("sales").says(at(1)))

    for change in ("UPDATE ledger SET subject = 'SOD-2'", "DELETE FROM ledger", "TRUNCATE ledger"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await books.as_owner(change)
        async with books.engine.connect() as connection:
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text(change))


async def test_the_frontier_is_the_least_promise_of_all_registered_sources(books: Department) -> None:
    sales, pmc = Voice("sales"), Voice("pmc")

    assert await hear(books, sales.promises(at(10))) is None
    assert await hear(books, pmc.promises(at(5))) == at(5)
    assert await hear(books, pmc.promises(at(20))) == at(10)


async def test_how_far_the_evidence_reaches_is_told_to_programs(books: Department) -> None:
    await books.employ(hr="E-008")
    books.app.state.companion = Office(books.app.state.settings, books.engine)
    sales = Voice("sales")
    await enter(books, sales.says(at(1)))
    await hear(books, sales.promises(at(2)))

    async with books.as_("E-008") as client:
        told = (await client.get("/api/evidence")).json()

    standing = {source["source"]: source for source in told["sources"]}["sales"]
    assert (standing["sequence"], standing["hash"]) == (1, sales.hashes[1].hex())


async def test_a_promise_counts_only_once_all_its_facts_are_here(books: Department) -> None:
    sales, pmc = Voice("sales"), Voice("pmc")
    fact = sales.says(at(1))
    await hear(books, pmc.promises(at(10)))

    assert await hear(books, sales.promises(at(9))) is None
    await enter(books, fact)
    assert await hear(books, sales.promises(at(9))) == at(9)


async def test_an_older_promise_counts_while_newer_facts_are_still_on_their_way(books: Department) -> None:
    sales, pmc = Voice("sales"), Voice("pmc")
    await enter(books, sales.says(at(1)))
    older = sales.promises(at(2))
    sales.says(at(3))
    await hear(books, pmc.promises(at(10)))

    assert await hear(books, older, sales.promises(at(4))) == at(2)


async def test_another_hash_freezes_the_source_and_the_frontier(books: Department) -> None:
    sales, pmc = Voice("sales"), Voice("pmc")
    await enter(books, sales.says(at(1)))
    await hear(books, pmc.promises(at(10)), sales.promises(at(2)))

    assert await hear(books, sales.promises(at(5), signed=bytes(31) + b"x")) == at(2)
    assert await hear(books, sales.promises(at(6))) == at(2)
    async with transaction(books.engine) as session:
        (behind, *_) = await frontier.standings(session)
    assert behind.source == "sales"
    assert behind.frozen


async def test_a_fact_that_enters_behind_the_frontier_is_admitted_at_the_frontier(books: Department) -> None:
    sales, pmc = Voice("sales"), Voice("pmc")
    await hear(books, sales.promises(at(10)), pmc.promises(at(10)))
    await enter(books, sales.says(at(3)))

    async with books.engine.connect() as connection:
        row = (await connection.execute(text("SELECT recorded_at, admitted FROM ledger"))).one()
    assert (row.recorded_at, row.admitted) == (at(3), at(10))
