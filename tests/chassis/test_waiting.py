"""Is a fact that came too early handled as soon as the thing it is about is there?"""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.consumers import Consumers
from chassis.database import transaction
from chassis.handling import Handling
from chassis.waiters import Waiters
from chassis.waiting import WaitFor, arrived
from tests.chassis.company import EFFECT, Company, Member, Ordered, Planned, incoming, until

ORDER_EXISTS = text("SELECT EXISTS (SELECT FROM effects WHERE event = :event AND n = :n)")


def warehouse() -> Consumers:
    """Plans (pmc) are about orders (sales), and either may come first."""
    consumers = Consumers("warehouse")

    @consumers.on(Ordered)
    async def on_sample_ordered(event: Ordered, session: AsyncSession) -> None:
        await session.execute(EFFECT, {"event": event.name, "n": event.n})
        await arrived(session, "order", str(event.n))

    @consumers.on(Planned)
    async def on_sample_planned(event: Planned, session: AsyncSession) -> None:
        await session.execute(EFFECT, {"event": event.name, "n": event.n})
        if not await session.scalar(ORDER_EXISTS, {"event": Ordered.name, "n": event.n}):
            raise WaitFor("order", str(event.n))

    return consumers


async def plans(member: Member) -> int:
    count: int = await member.value("SELECT count(*) FROM effects WHERE event = :event", event=Planned.name)
    return count


async def member_with(offices: Company) -> tuple[Member, Handling, Waiters]:
    member = await offices.member("warehouse", warehouse())
    handling, waiters = (
        Handling(member.engine, member.consumers),
        Waiters(member.engine, member.consumers, sweep_s=3600),
    )
    return member, handling, waiters


async def test_an_early_fact_waits_without_a_trace_and_is_handled_when_its_order_arrives(offices: Company):
    member, handling, waiters = await member_with(offices)
    await handling.take([incoming(Planned(n=7), 1)])
    await waiters.handle_next()
    assert await plans(member) == 0
    (kept,) = await member.rows("SELECT kind, key, attempts, reason FROM waiting")
    assert tuple(kept) == ("order", "7", 0, "waits for order 7")
    assert not await waiters.handle_next(), "it is not tried again and again"

    await handling.take([incoming(Ordered(n=7), 1)])
    assert await waiters.handle_next()

    assert await plans(member) == 1
    assert await member.value("SELECT count(*) FROM waiting") == 0


async def test_an_order_that_arrives_while_its_plan_is_being_set_aside_wakes_it(offices: Company):
    """Whoever comes first to the lock, the other one sees it: no sweep is needed."""
    member, handling, waiters = await member_with(offices)
    running = asyncio.create_task(waiters.run())
    member_wakes(member, waiters)
    try:
        for n in range(40):
            await asyncio.gather(
                handling.take([incoming(Planned(n=n), n + 1)]), handling.take([incoming(Ordered(n=n), n + 1)])
            )
        await until(lambda: has_plans(member, 40), within=15)
        assert await member.value("SELECT count(*) FROM waiting") == 0
    finally:
        running.cancel()


async def test_a_creator_that_has_not_committed_is_waited_for(offices: Company):
    member, handling, waiters = await member_with(offices)
    await handling.take([incoming(Planned(n=1), 1)])

    async with transaction(member.engine) as session:
        await session.execute(EFFECT, {"event": Ordered.name, "n": 1})
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('order 1', 0))"))
        looking = asyncio.create_task(waiters.handle_next())
        await asyncio.sleep(0.3)
        assert not looking.done(), "the waiter must not look before we have committed or given up"
        await arrived(session, "order", "1")
    await looking

    assert await plans(member) == 1


async def test_a_forgotten_announcement_is_made_good_by_the_sweep(offices: Company):
    member, handling, _ = await member_with(offices)
    waiters = Waiters(member.engine, member.consumers, sweep_s=0.1)
    running = asyncio.create_task(waiters.run())
    try:
        await handling.take([incoming(Planned(n=1), 1)])
        await until(lambda: waits(member))
        await member.change("INSERT INTO effects (event, n) VALUES (:event, 1)", event=Ordered.name)
        assert await until(lambda: has_plans(member, 1)) < 3
    finally:
        running.cancel()


async def has_plans(member: Member, count: int) -> bool:
    return await plans(member) == count


async def waits(member: Member) -> bool:
    return bool(await member.value("SELECT count(*) = 1 FROM waiting WHERE kind IS NOT NULL"))


def member_wakes(member: Member, waiters: Waiters) -> None:
    """What the bus does: a commit that woke somebody wakes the waiters."""
    from chassis.database import after_commit

    after_commit(member.engine, lambda session: waiters.wake() if session.info["woken"] else None)
