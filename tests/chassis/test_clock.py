"""Is the factory's clock real in production, and moved only forward where it is stepped?"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from chassis.clock import ClockRefused, ClockStays, factory_now, install_clock, step_to
from chassis.database import transaction
from chassis.settings import ClockMode
from tests.chassis.company import Company, Ordered

NOON = datetime(2026, 9, 1, 4, 0, 0, 123456, tzinfo=UTC)


async def test_a_stepped_clock_stands_still_until_it_is_moved_forward(offices: Company):
    sales = await offices.member("sales", mode=ClockMode.STEPPED)
    await step_to(sales.engine, NOON)
    await sales.state(Ordered(n=1))
    await step_to(sales.engine, NOON + timedelta(days=30))
    await sales.state(Ordered(n=2))

    recorded = [row.recorded_at for row in await sales.rows("SELECT recorded_at FROM outbox ORDER BY id")]
    assert recorded == [NOON, NOON + timedelta(days=30)]
    with pytest.raises(ClockStays, match="cannot go back"):
        await step_to(sales.engine, NOON)


async def test_the_real_clock_cannot_be_stepped(offices: Company):
    sales = await offices.member("sales")

    with pytest.raises(ClockStays, match="reads the real clock"):
        await step_to(sales.engine, NOON)


async def test_the_time_a_transaction_sees_is_read_once_but_its_facts_are_recorded_by_the_clock(offices: Company):
    sales = await offices.member("sales", mode=ClockMode.STEPPED)
    await step_to(sales.engine, NOON)

    async with transaction(sales.engine) as session:
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        assert await factory_now(session) == NOON
        await step_to(sales.engine, NOON + timedelta(hours=1))
        assert await factory_now(session) == NOON
        at_once = await session.scalar(text("SELECT factory_now()"))

    assert at_once == NOON + timedelta(hours=1), "an older snapshot must see the step"


@pytest.mark.parametrize(("before", "after"), [("real", "stepped"), ("stepped", "real")])
async def test_a_database_with_facts_keeps_its_kind_of_clock(offices: Company, before: str, after: str):
    sales = await offices.member("sales", mode=ClockMode(before))
    await sales.state(Ordered(n=1))

    with pytest.raises(ClockRefused, match=f"set HANDOVER_CLOCK={before}"):
        async with sales.engine.begin() as connection:
            await install_clock(connection, ClockMode(after))

    assert await sales.value("SELECT mode FROM clock_mode") == before


async def test_an_empty_database_may_still_choose_its_clock(offices: Company):
    sales = await offices.member("sales", mode=ClockMode.REAL)

    async with sales.engine.begin() as connection:
        await install_clock(connection, ClockMode.STEPPED)
    await step_to(sales.engine, NOON)

    assert await sales.value("SELECT factory_now()") == NOON
