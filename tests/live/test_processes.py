"""Is nothing lost and nothing doubled when departments are killed at their work?"""

import asyncio
import random
import signal
from typing import Any

import pytest

from tests.chassis.company import Company, Member, Ordered, has_effects, until
from tests.live.books import balanced, check_books, check_chain
from tests.live.conftest import Launch
from tests.live.member import DEADLY

pytestmark = pytest.mark.live

ORDERS = 400


async def line(company: Company, **settings: Any) -> None:
    for name in ("sales", "pmc", "warehouse"):
        await company.member(name, **settings)


async def order(company: Company, numbers: range) -> None:
    """Commands that go on whatever is being killed."""
    for at in range(numbers.start, numbers.stop, 5):
        await company.members[0].state(*(Ordered(n=n) for n in range(at, min(at + 5, numbers.stop))))
        await asyncio.sleep(0.01)


async def test_departments_killed_at_random_lose_and_double_nothing(company: Company, launch: Launch):
    await line(company)
    running = {member.name: launch(member) for member in company.members}
    ordering = asyncio.create_task(order(company, range(ORDERS)))
    for _ in range(12):
        await asyncio.sleep(random.uniform(0.05, 0.4))
        member = random.choice(company.members)
        running[member.name].send_signal(signal.SIGKILL)
        running[member.name].wait()
        running[member.name] = await asyncio.to_thread(launch, member)
    await ordering

    await until(lambda: balanced(company, ORDERS), within=60)
    await check_books(company, set(range(ORDERS)))


async def test_a_relay_killed_in_the_middle_of_everything_keeps_the_chain(company: Company, launch: Launch):
    """Kills aimed at the first moments, when it numbers and publishes what has piled up."""
    await line(company)
    sales, pmc, _ = company.members
    launch(pmc)
    total = 0
    for _ in range(10):
        await order(company, range(total, total + 40))
        total += 40
        relay = await asyncio.to_thread(launch, sales)
        await asyncio.sleep(random.uniform(0.0, 0.6))
        relay.send_signal(signal.SIGKILL)
        relay.wait()
        await asyncio.sleep(0.05)
    launch(sales)

    await until(lambda: has_effects(pmc, total), within=60)
    assert sorted(await pmc.effects()) == list(range(total))
    await check_chain(sales)


async def killed_while_handling(company: Company, launch: Launch, trait: str) -> tuple[set[int], int]:
    """Kill pmc in the middle of a stream that it handles slowly; which orders were lost, and how many doubled."""
    await line(company, resend_after_seconds=3600.0)
    sales, pmc, _ = company.members
    await sales.start()
    process = launch(pmc, trait=trait)
    await sales.state(*(Ordered(n=n) for n in range(ORDERS)))
    for _ in range(3):
        await until(lambda: grows(pmc))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = await asyncio.to_thread(launch, pmc, trait=trait)
    await until(lambda: is_quiet(company), within=60)
    effects = await pmc.effects()
    return set(range(ORDERS)) - set(effects), len(effects) - len(set(effects))


async def grows(pmc: Member) -> bool:
    before = len(await pmc.effects())
    await asyncio.sleep(0.15)
    return len(await pmc.effects()) > before


async def is_quiet(company: Company) -> bool:
    """The queue is empty and stays so, nothing waits, and no effect is added any more."""
    pmc = company.members[1]
    before = len(await pmc.effects())
    await asyncio.sleep(1.5)
    waiting = await pmc.value("SELECT count(*) FROM waiting")
    return waiting == 0 and len(await pmc.effects()) == before and await company.queue_length("pmc") == 0


async def test_a_fact_is_acknowledged_after_its_effect_is_committed(company: Company, launch: Launch):
    assert await killed_while_handling(company, launch, "slow") == (set(), 0)


async def test_acknowledging_first_loses_what_was_in_hand(company: Company, launch: Launch):
    lost, doubled = await killed_while_handling(company, launch, "acknowledges first")

    assert lost
    assert doubled == 0


async def test_a_fact_that_kills_its_handler_is_parked_and_the_others_pass(company: Company, launch: Launch):
    await line(company)
    sales, pmc, _ = company.members
    await sales.start()
    await sales.state(*(Ordered(n=n) for n in range(30)))
    deaths = 0
    process = launch(pmc, trait="deadly")
    while not await pmc.value("SELECT count(*) FROM parked"):
        if process.poll() is not None:
            deaths += 1
            process = await asyncio.to_thread(launch, pmc, trait="deadly")
        await asyncio.sleep(0.05)
        assert deaths < 15
    await until(lambda: has_effects(pmc, 29))

    assert process.poll() is None
    assert sorted(await pmc.effects()) == [n for n in range(30) if n != DEADLY]
    assert await pmc.value(
        "SELECT data ->> 'n' FROM (SELECT convert_from(body, 'UTF8')::json -> 'data' AS data FROM parked) AS fact"
    ) == str(DEADLY)
