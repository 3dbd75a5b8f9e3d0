"""Does the bus keep its promise when the broker is killed, loses its disk, goes silent, or repeats and shuffles?"""

import asyncio
import random

import pytest

from deploy.local.rabbitmq import RabbitNode
from tests.chassis.company import Company, Member, Ordered, company_at, has_effects, until
from tests.live.books import balanced, check_books, check_chain
from tests.live.proxy import proxy_to

pytestmark = pytest.mark.live

ORDERS = 600


async def line(factory: Company) -> list[Member]:
    members = [await factory.member(name) for name in ("sales", "pmc", "warehouse")]
    for member in members:
        await member.start()
    return members


async def order(sales: Member, numbers: range, *, pause_s: float = 0.01) -> None:
    for n in numbers:
        await sales.state(Ordered(n=n))
        await asyncio.sleep(pause_s)


async def test_a_broker_killed_again_and_again_loses_and_doubles_nothing(factory: Company, node: RabbitNode):
    sales, *_ = await line(factory)
    ordering = asyncio.create_task(order(sales, range(ORDERS)))
    for _ in range(3):
        await asyncio.sleep(random.uniform(0.5, 1.5))
        await asyncio.to_thread(node.kill)
        await asyncio.to_thread(node.start)
    await ordering

    await until(lambda: balanced(factory, ORDERS), within=60)
    await check_books(factory, set(range(ORDERS)))


async def test_deleting_the_brokers_data_loses_nothing(factory: Company, node: RabbitNode):
    """Everything that lay in its queues is gone; the outboxes have it still."""
    sales, pmc, _ = await line(factory)
    await order(sales, range(100), pause_s=0)
    await until(lambda: balanced(factory, 100))
    await pmc.stop()
    await order(sales, range(100, 300), pause_s=0)
    await until(lambda: all_published(sales, 300))

    await asyncio.to_thread(node.kill)
    node.delete_data()
    await sales.state(Ordered(n=300))
    await asyncio.to_thread(node.start)
    await pmc.start()

    seconds = await until(lambda: balanced(factory, 301), within=60)
    await check_books(factory, set(range(301)))
    assert await pmc.value("SELECT count(*) FROM parked") == 0
    print(f"healed after {seconds:.1f} s")


async def all_published(member: Member, sequence: int) -> bool:
    return (member.bus.relay.figures.position or (0, 0))[1] >= sequence


async def test_duplicates_in_any_order_have_one_effect(factory: Company):
    sales, pmc, _ = await line(factory)
    await order(sales, range(100), pause_s=0)
    await until(lambda: balanced(factory, 100))
    wires = await sales.wires() * 3
    random.shuffle(wires)

    await factory.publish(wires, Ordered.name)
    await until(lambda: has_duplicates(pmc, 300))

    await check_books(factory, set(range(100)))


async def has_duplicates(member: Member, count: int) -> bool:
    return (await member.bus.metrics())["duplicates_total"] >= count


async def test_facts_that_come_backward_have_their_effect(factory: Company):
    sales = await factory.member("sales")
    await sales.start()
    await sales.state(*(Ordered(n=n) for n in range(200)))
    await until(lambda: all_published(sales, 200))
    await factory.purge("pmc")
    pmc = await factory.member("pmc", resend_after_seconds=3600.0)
    await pmc.start()

    await factory.publish(reversed(await sales.wires()), Ordered.name)
    await until(lambda: has_effects(pmc, 200))

    assert sorted(await pmc.effects()) == list(range(200))
    await until(lambda: marked(pmc, 200))


async def marked(member: Member, number: int) -> bool:
    return bool(await member.value("SELECT max(through) = :number FROM inbox_marks", number=number))


async def test_a_black_hole_swallows_nothing_for_good(factory: Company, node: RabbitNode):
    """The network takes everything and delivers nothing for a while; commands are accepted meanwhile."""
    async with proxy_to(node.admin_url) as hole, company_at(hole.url, "") as behind:
        sales, pmc = await behind.member("sales"), await factory.member("pmc")
        await sales.start()
        await pmc.start()
        await order(sales, range(50), pause_s=0)
        await until(lambda: has_effects(pmc, 50))

        hole.swallow()
        began = asyncio.get_running_loop().time()
        await order(sales, range(50, 100), pause_s=0)
        assert asyncio.get_running_loop().time() - began < 2, "a silent broker slows no command down"
        await until(lambda: broker_is(sales, answers=False), within=20)
        assert (await sales.bus.metrics())["unpublished"] >= 50
        hole.deliver()

        await until(lambda: has_effects(pmc, 100))
        await until(lambda: broker_is(sales, answers=True), within=40)
        assert sorted(await pmc.effects()) == list(range(100))
        await check_chain(sales)


async def broker_is(member: Member, *, answers: bool) -> bool:
    return (await member.bus.ready())["broker"] is answers


async def test_departments_with_the_rights_of_their_own_user_alone_can_do_all_of_it(factory: Company, node: RabbitNode):
    """They declare nothing, publish in their own name and read their own queues: facts, watermarks and resends."""
    members = [await factory.member(name, broker_url=node.url(name)) for name in ("sales", "pmc", "warehouse")]
    sales, pmc, _ = members
    await sales.start()
    await order(sales, range(20), pause_s=0)
    await until(lambda: all_published(sales, 20))
    await factory.purge("pmc")
    for member in members[1:]:
        await member.start()
    await order(sales, range(20, 40), pause_s=0)

    await until(lambda: balanced(factory, 40))
    await check_books(factory, set(range(40)))
    assert await pmc.bus.ready() == {"database": True, "broker": True, "sending": True}


async def test_a_deleted_queue_that_comes_back_is_listened_to_again(factory: Company, node: RabbitNode):
    sales, pmc, _ = await line(factory)
    await order(sales, range(10), pause_s=0)
    await until(lambda: has_effects(pmc, 10))
    await factory.delete_queue("pmc")
    await order(sales, range(10, 20), pause_s=0)
    await asyncio.sleep(1)
    await factory.declare()

    await until(lambda: balanced(factory, 20), within=60)
    await check_books(factory, set(range(20)))
