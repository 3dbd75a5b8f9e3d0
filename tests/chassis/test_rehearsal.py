"""May a scenario do to a service what only scenarios may: step its clock, hold its messages back, see whether it rests?"""

import asyncio
from datetime import timedelta

import pytest

from chassis.books import Books, books_of
from chassis.settings import ClockMode
from tests.chassis.company import Company, Member, Ordered, Planned, Shipped, has_effects, until
from tests.support.departments import MORNING, department

BOSS = "E-001"


async def books(member: Member) -> Books:
    return await books_of(member.settings.service, member.engine, member.consumers.names(), None)


async def test_the_books_of_all_tell_when_nothing_is_under_way(company: Company):
    sales, pmc, warehouse = [await company.member(name) for name in ("sales", "pmc", "warehouse")]
    await sales.state(Ordered(n=1), Ordered(n=2))
    assert (await books(sales)).unsaid == 2

    for member in (sales, pmc, warehouse):
        await member.start()
    await until(lambda: has_effects(sales, 2))

    said, planned, shipped = await books(sales), await books(pmc), await books(warehouse)
    assert said.said == {Ordered.name: 2, "sales": 2}
    assert planned.heard == {Ordered.name: 2}
    assert (shipped.said[Shipped.name], shipped.heard) == (2, {Planned.name: 2})
    assert [(each.unsaid, each.unsettled) for each in (said, planned, shipped)] == [(0, 0)] * 3


async def test_a_held_relay_says_nothing_until_it_is_let_go(company: Company):
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await pmc.start()
    bus = await sales.start()
    bus.relay.hold(True)
    await sales.state(Ordered(n=1))
    await asyncio.sleep(1.0)

    assert await pmc.effects() == []
    assert (await books(sales)).unsaid == 1

    bus.relay.hold(False)
    await until(lambda: has_effects(pmc, 1))


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/clock", {"to": "2026-10-01T08:00:00+08:00"}, "clock_is_real"),
        ("/relay", {"held": True}, "relay_in_earnest"),
    ],
)
async def test_a_service_in_earnest_refuses_both(path: str, body: dict[str, object], code: str):
    async with department("sales") as sales:
        sales.app.state.settings = sales.app.state.settings.model_copy(update={"clock": ClockMode.REAL})
        async with sales.as_(BOSS) as client:
            answer = await client.post(path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_the_clock_is_stepped_forward_only():
    async with department("sales") as sales, sales.as_(BOSS) as client:
        later = {"to": (MORNING + timedelta(hours=1)).isoformat(), "announced": False}
        forward = await client.post("/clock", json=later)
        back = await client.post("/clock", json={**later, "to": MORNING.isoformat()})

    assert forward.status_code == 200
    assert (back.status_code, back.json()["code"]) == (409, "clock_would_go_back")
