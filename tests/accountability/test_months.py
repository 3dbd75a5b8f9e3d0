"""The ledger lies in months: the writer has each opened, nobody changes one, and the migration loses nothing."""

import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import BLANK, transaction
from chassis.migrate import migrate, migrate_down
from chassis.settings import ClockMode
from services.accountability.ledger import ledger, months
from tests.accountability.voice import Voice
from tests.support import infra
from tests.support.departments import MORNING, Department, department

pytestmark = pytest.mark.asyncio

OCTOBER = MORNING + timedelta(days=32)
BY_PART = text("SELECT tableoid::regclass::text AS part, position FROM ledger ORDER BY position")
PARTS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger'::regclass ORDER BY 1")
ROWS = "SELECT {columns} FROM ledger ORDER BY position"
OLD_ROW = """
INSERT INTO ledger SELECT n, 'sales', 1, n, 'sales.something_said.v1', 'SOD-' || n % 7, at, at, $1,
    convert_to('fact ' || n, 'UTF8'), sha256(n::text::bytea), sha256((-n)::text::bytea)
FROM generate_series(1, 120) AS n, LATERAL (SELECT $1::timestamptz + n * $2::interval AS at) AS moments
"""


async def enter(books: Department, *facts: ledger.Arrived) -> None:
    async with transaction(books.engine) as session:
        await ledger.append(session, facts)


async def parts(books: Department) -> list[str]:
    async with books.engine.connect() as connection:
        return list(await connection.scalars(PARTS))


async def test_each_fact_lies_in_the_month_in_which_it_was_admitted_and_the_next_is_opened_ahead() -> None:
    async with department("accountability") as books:
        sales = Voice("sales")
        await enter(books, sales.says(MORNING))
        assert await parts(books) == ["ledger_2026_09"]

        await enter(books, sales.says(OCTOBER), sales.says(OCTOBER + timedelta(days=25)))

        async with books.engine.connect() as connection:
            rows = [tuple(row) for row in await connection.execute(BY_PART)]
        assert rows == [("ledger_2026_09", 1), ("ledger_2026_10", 2), ("ledger_2026_10", 3)]
        assert await parts(books) == ["ledger_2026_09", "ledger_2026_10", "ledger_2026_11"]


async def test_a_month_that_was_taken_back_with_its_batch_is_opened_again() -> None:
    async with department("accountability") as books:
        fact = Voice("sales").says(MORNING)
        async with AsyncSession(books.engine) as session:
            session.info.update(BLANK)
            await ledger.append(session, [fact])
            await session.rollback()
        assert await parts(books) == []

        await enter(books, fact)

        assert await parts(books) == ["ledger_2026_09"]


async def test_after_a_restore_the_next_life_of_the_intake_opens_what_is_missing() -> None:
    async with department("accountability") as books:
        sales = Voice("sales")
        for minutes in (0, 1):
            await enter(books, sales.says(MORNING + timedelta(minutes=minutes)))
        await books.as_owner("DROP TABLE ledger_2026_09")
        late = sales.says(MORNING + timedelta(hours=1))
        with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
            await enter(books, late)

        months.look_again(books.engine)
        await enter(books, late)

        assert await parts(books) == ["ledger_2026_09"]


async def test_a_month_is_as_closed_to_change_as_the_whole_ledger() -> None:
    async with department("accountability") as books:
        await enter(books, Voice("sales").says(MORNING))

        for change in ("UPDATE {} SET subject = 'SOD-2'", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await books.as_owner(change.format("ledger_2026_09"))
        for statement in ("INSERT INTO ledger_2026_09 SELECT * FROM ledger", "DROP TABLE ledger_2026_09"):
            async with books.engine.connect() as connection:
                with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
                    await connection.execute(text(statement))


async def test_within_a_month_neither_a_position_nor_a_sources_sequence_is_there_twice() -> None:
    async with department("accountability") as books:
        await enter(books, Voice("sales").says(MORNING))
        columns = "type, subject, recorded_at, admitted + interval '1 s', arrived_at, body, hash, source_hash"
        for place in ("1, 'pmc', 1, 1", "2, 'sales', 1, 1"):
            again = f"INSERT INTO ledger SELECT {place}, {columns} FROM ledger"  # noqa: S608 - constants
            with pytest.raises(asyncpg.UniqueViolationError):
                await books.as_owner(again)


async def test_the_migration_moves_every_fact_into_its_month_unchanged_and_back(postgres: str) -> None:
    name = f"months_{uuid.uuid4().hex[:12]}"
    url = await infra.create_database(name)
    try:
        await migrate("accountability", url, ClockMode.REAL)
        await migrate_down("accountability", url, target="accountability_0009")
        connection = await asyncpg.connect(url)
        columns = ", ".join([*ledger.COLUMNS, "arrived_at"])
        try:
            await connection.execute(OLD_ROW, datetime(2026, 7, 31, 20, tzinfo=UTC), timedelta(hours=11))
            before = await connection.fetch(ROWS.format(columns=columns))
            assert len(before) == 120

            await migrate("accountability", url, ClockMode.REAL)
            assert await connection.fetch(ROWS.format(columns=columns)) == before
            found = await connection.fetch("SELECT DISTINCT tableoid::regclass::text, admitted FROM ledger")
            assert all(part == months.name_of(admitted) for part, admitted in found)
            assert {part for part, _ in found} == {"ledger_2026_08", "ledger_2026_09"}
            assert await connection.fetchval(
                "SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'ledger'::regclass"
            )

            await migrate_down("accountability", url, target="accountability_0009")
            assert await connection.fetch(ROWS.format(columns=columns)) == before
        finally:
            await connection.close()
    finally:
        await infra.drop_database(name)
