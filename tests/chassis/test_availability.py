"""Is time in which nobody could record an act here stated as a fact, and no other time?"""

from datetime import UTC, datetime, timedelta

from chassis.availability import Availability
from chassis.clock import step_to
from chassis.settings import ClockMode
from tests.chassis.company import Company, Member

NOON = datetime(2026, 9, 1, 4, tzinfo=UTC)


async def stated(member: Member) -> list[tuple[str, str]]:
    rows = await member.rows("SELECT data FROM outbox WHERE event = 'sales.service_unavailable.v1' ORDER BY id")
    return [(row.data["started_at"], row.data["ended_at"]) for row in rows]


async def at_noon(offices: Company) -> Member:
    sales = await offices.member("sales", mode=ClockMode.STEPPED)
    await step_to(sales.engine, NOON)
    await Availability(sales.engine, "sales").beat()
    return sales


async def test_a_service_that_was_down_says_from_when_to_when(offices: Company):
    sales = await at_noon(offices)
    await step_to(sales.engine, NOON + timedelta(hours=2))

    await Availability(sales.engine, "sales").beat()

    assert await stated(sales) == [("2026-09-01T04:00:00Z", "2026-09-01T06:00:00Z")]


async def test_a_short_restart_is_no_outage(offices: Company):
    sales = await at_noon(offices)
    await step_to(sales.engine, NOON + timedelta(seconds=60))

    await Availability(sales.engine, "sales").beat()

    assert await stated(sales) == []


async def test_a_leap_of_the_stepped_clock_is_no_outage_of_a_living_service(offices: Company):
    sales = await at_noon(offices)
    living = Availability(sales.engine, "sales")
    await living.beat()
    await step_to(sales.engine, NOON + timedelta(days=3))

    await living.beat()

    assert await stated(sales) == []


async def test_another_replica_that_was_up_meanwhile_is_the_service(offices: Company):
    sales = await at_noon(offices)
    other = Availability(sales.engine, "sales")
    await other.beat()
    await step_to(sales.engine, NOON + timedelta(hours=2))
    await other.beat()

    await Availability(sales.engine, "sales").beat()

    assert await stated(sales) == []
