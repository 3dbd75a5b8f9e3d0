"""Whoever is far behind with sending says so, and goes on taking commands."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.chassis.company import Member, Ordered, until

FACTS = """
INSERT INTO outbox (event_id, event, data, actor, actor_acting, occurred_at)
SELECT CAST(:id AS uuid), 'sales.sample_ordered.v1', '{"n": 1}', 'system', false, now() FROM generate_series(1, :count)
"""


def id_of(moment: datetime) -> str:
    """An event's id as one that was made then has it."""
    return f"{int(moment.timestamp() * 1000):012x}700080000000000000".ljust(32, "0")


@pytest.mark.parametrize(
    ("count", "seconds", "behind"), [(10_001, 0, True), (1, 61, True), (10_000, 0, False), (1, 30, False)]
)
async def test_too_many_unsent_facts_or_too_old_ones_raise_an_alarm(
    sales: Member, count: int, seconds: int, behind: bool
):
    await sales.change(FACTS, id=id_of(datetime.now(UTC) - timedelta(seconds=seconds)), count=count)
    bus = await sales.start()

    async def looked() -> bool:
        return not bus.backlog.due

    await until(looked)

    assert (await bus.ready())["sending"] is not behind
    figures = await bus.metrics()
    assert (figures["relay_behind"], figures["unpublished"]) == (float(behind), count)
    await sales.state(Ordered(n=2))
    assert await sales.value("SELECT count(*) FROM outbox") == count + 1, "nobody is refused for it"


async def test_once_the_facts_are_sent_the_alarm_is_over(sales: Member):
    await sales.change(FACTS, id=id_of(datetime.now(UTC) - timedelta(minutes=5)), count=3)
    bus = await sales.start()
    await bus.backlog.look()
    assert bus.backlog.behind

    await sales.change("UPDATE outbox SET epoch = 1, sequence = id, number = id, wire = '', hash = ''")
    await sales.change(
        "INSERT INTO relay_state SELECT true, 1, 3, '', 1, 3, NULL, NULL, NULL, 0, 0 WHERE NOT EXISTS (SELECT FROM relay_state)"
    )
    await sales.change("UPDATE relay_state SET published_epoch = 1, published_sequence = 3")
    await bus.backlog.look()

    assert not bus.backlog.behind
