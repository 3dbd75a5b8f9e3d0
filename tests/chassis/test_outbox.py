"""Is a fact stated if and only if the transaction that made it true commits?"""

from datetime import UTC, datetime

import pytest
from opentelemetry import baggage, context
from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import savepoint, transaction
from chassis.outbox import MAX_DATA_BYTES, FactTooLarge, publish
from contracts.event import Actor, Event
from tests.chassis.company import Member, Ordered


async def test_facts_commit_with_the_transaction_and_keep_their_order(sales: Member):
    async with transaction(sales.engine, Actor(employee="E-001", post="salesperson", acting=True)) as session:
        await publish(session, Ordered(n=1), Ordered(n=2, order_no="SO-1"))
        await publish(session, Ordered(n=3))

    rows = await sales.rows("SELECT * FROM outbox ORDER BY id")
    assert [row.data["n"] for row in rows] == [1, 2, 3]
    assert {(row.event, row.actor, row.actor_post, row.actor_acting) for row in rows} == {
        ("sales.sample_ordered.v1", "E-001", "salesperson", True)
    }
    assert [row.order_no for row in rows] == [None, "SO-1", None]
    assert [row.sequence for row in rows] == [None] * 3


async def test_nothing_is_stated_by_a_transaction_that_fails(sales: Member):
    async def change_my_mind() -> None:
        async with transaction(sales.engine) as session:
            await publish(session, Ordered(n=1))
            raise RuntimeError("I changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_my_mind()

    assert await sales.value("SELECT count(*) FROM outbox") == 0


async def test_a_savepoint_takes_back_its_facts_and_leaves_the_others(sales: Member):
    async def fail_in_between(session: AsyncSession) -> None:
        async with savepoint(session):
            await publish(session, Ordered(n=2))
            raise RuntimeError

    async with transaction(sales.engine) as session:
        await publish(session, Ordered(n=1))
        with pytest.raises(RuntimeError):
            await fail_in_between(session)
        await publish(session, Ordered(n=3))

    assert [row.data["n"] for row in await sales.rows("SELECT data FROM outbox ORDER BY id")] == [1, 3]


async def test_the_database_alone_says_when_a_fact_was_recorded(sales: Member):
    backdated = datetime(2020, 1, 1, tzinfo=UTC)
    async with transaction(sales.engine) as session:
        before = await session.scalar(text("SELECT clock_timestamp()"))
        await publish(session, Ordered(n=1), occurred_at=backdated)
        await publish(session, Ordered(n=2))
    await sales.change(
        "INSERT INTO outbox (event_id, event, data, actor, actor_acting, recorded_at) "
        "VALUES (gen_random_uuid(), 'sales.forged.v1', '{}', 'E-001', false, '1999-01-01')"
    )

    said, unsaid, forged = await sales.rows("SELECT occurred_at, recorded_at FROM outbox ORDER BY id")
    assert said.occurred_at == backdated
    assert unsaid.occurred_at == unsaid.recorded_at
    assert min(said.recorded_at, unsaid.recorded_at, forged.recorded_at) >= before


async def test_a_body_that_fits_into_no_message_is_refused_at_once(sales: Member):
    class Novel(Event):
        name = "sales.novel_written.v1"
        words: str

    async with transaction(sales.engine) as session:
        await publish(session, Novel(words="字" * 1000))
        with pytest.raises(FactTooLarge, match=r"sales\.novel_written\.v1 has a body of"):
            await publish(session, Novel(words="x" * MAX_DATA_BYTES))

    assert await sales.value("SELECT count(*) FROM outbox") == 1


async def test_a_fact_remembers_the_trace_it_belongs_to(sales: Member):
    tracer = TracerProvider().get_tracer("test")
    token = context.attach(baggage.set_baggage("order.no", "SO-7"))
    try:
        with tracer.start_as_current_span("command") as span:
            await sales.state(Ordered(n=1))
    finally:
        context.detach(token)

    (row,) = await sales.rows("SELECT traceparent, baggage FROM outbox")
    assert f"{span.get_span_context().trace_id:032x}" in row.traceparent
    assert row.baggage == "order.no=SO-7"
