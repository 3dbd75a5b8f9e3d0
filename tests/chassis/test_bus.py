"""Do departments hear each other through a real broker, also when it was not there at first?"""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from opentelemetry.sdk.trace import TracerProvider

from chassis.bus import Bus
from chassis.clock import step_to
from chassis.settings import ClockMode
from chassis.signing import read
from contracts.control import SignedWatermark
from contracts.event import GENESIS, chain
from tests.chassis.company import Company, Member, Ordered, company_at, has_effects, until

pytestmark = pytest.mark.live

NOON = datetime(2026, 9, 1, 4, tzinfo=UTC)


async def all_three(company: Company) -> list[Member]:
    return [await company.member(name) for name in ("sales", "pmc", "warehouse")]


async def test_one_order_passes_through_three_departments(company: Company):
    sales, pmc, warehouse = await all_three(company)
    for member in (sales, pmc, warehouse):
        await member.start()
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("command") as span:
        await sales.state(*(Ordered(n=n) for n in range(100)))

    await until(lambda: has_effects(sales, 100))

    for member in (sales, pmc, warehouse):
        assert sorted(await member.effects()) == list(range(100))
        head = GENESIS
        for wire in await member.wires():
            head = chain(head, wire)
        assert head == await member.value("SELECT hash FROM relay_state")
    traced = {row.traceparent.split("-")[1] for row in await warehouse.rows("SELECT traceparent FROM outbox")}
    assert traced == {f"{span.get_span_context().trace_id:032x}"}, "a chain of machines is one trace"
    figures = await pmc.bus.metrics()
    assert (figures["handled_total"], figures["unpublished"], figures["parked"]) == (100, 0, 0)


async def test_commands_go_on_without_a_broker_and_their_facts_follow_later(company: Company):
    async with company_at("amqp://nobody:nothing@127.0.0.1:9/", company.prefix) as cut_off:
        sales = await cut_off.member("sales")
        bus = await sales.start()
        await sales.state(*(Ordered(n=n) for n in range(50)))
        assert await bus.ready() == {"database": True, "broker": False, "sending": True}
        figures = await bus.metrics()
        assert (figures["unpublished"], figures["relay_leading"]) == (50, 0)
        assert 0 <= figures["oldest_unpublished_seconds"] < 20
        await sales.stop()

        connected = await company.member("sales", database_url=sales.settings.database_url)
        pmc = await company.member("pmc")
        await pmc.start()
        await connected.start()
        await until(lambda: has_effects(pmc, 50))
        assert await connected.bus.ready() == {"database": True, "broker": True, "sending": True}
        await connected.stop()


async def test_watermarks_are_heard_and_say_how_complete_a_source_is(company: Company):
    sales, pmc = await company.member("sales"), await company.member("pmc")
    heard: list[SignedWatermark] = []

    async def remember(signed: SignedWatermark) -> None:
        if read(signed).source == "sales":
            heard.append(signed)

    await sales.start()
    await pmc.start()
    pmc.bus.control.on_watermark.append(remember)
    await sales.state(Ordered(n=1), Ordered(n=2))
    await until(lambda: spoken_for(heard, 2))

    last = read(heard[-1])
    assert last.numbers == {Ordered.name: 2}
    assert last.hash == (await sales.value("SELECT hash FROM outbox WHERE sequence = 2")).hex()
    assert [read(it).promised for it in heard] == sorted(read(it).promised for it in heard)


async def spoken_for(heard: list[SignedWatermark], sequence: int) -> bool:
    return bool(heard) and read(heard[-1]).sequence >= sequence


async def test_a_step_of_the_clock_is_promised_at_once(company: Company):
    sales = await company.member("sales", mode=ClockMode.STEPPED, watermark_seconds=3600)
    bus = await sales.start()
    await until(lambda: promised(bus, datetime(1970, 1, 1, tzinfo=UTC)))
    for hour in range(1, 4):
        await step_to(sales.engine, NOON + timedelta(hours=hour))
        bus.wake()
        assert await until(partial(promised, bus, NOON + timedelta(hours=hour))) < 1


async def promised(bus: Bus, instant: datetime) -> bool:
    return bus.relay.figures.last is not None and read(bus.relay.figures.last).promised >= instant


async def test_a_second_replica_stands_by_and_takes_over(company: Company):
    first, pmc = await company.member("sales"), await company.member("pmc")
    second = await company.member("sales", database_url=first.settings.database_url)
    await first.start()
    await until(lambda: leads(first))
    await second.start()
    await pmc.start()
    await first.state(Ordered(n=1))
    await until(lambda: has_effects(pmc, 1))
    assert (first.bus.relay.figures.leading, second.bus.relay.figures.leading) == (True, False)

    await first.stop()
    await second.state(Ordered(n=2))
    await until(lambda: has_effects(pmc, 2))

    assert second.bus.relay.figures.leading
    assert [row.sequence for row in await second.rows("SELECT sequence FROM outbox ORDER BY id")] == [1, 2]


async def leads(member: Member) -> bool:
    return member.bus.relay.figures.leading


async def test_what_no_queue_takes_is_not_done_and_nothing_after_it_is_skipped(company: Company):
    """The topology is incomplete: nobody is bound to what sales says."""
    await company.undeclare()
    await company.declare({"pmc": ()})
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await sales.start()
    await pmc.start()
    await sales.state(*(Ordered(n=n) for n in range(3)))
    await asyncio.sleep(1.5)
    assert (await sales.bus.metrics())["unpublished"] == 3
    assert await sales.value("SELECT published_sequence FROM relay_state") == 0

    await company.declare()
    await until(lambda: has_effects(pmc, 3))

    assert await pmc.effects() == [0, 1, 2]
    await until(lambda: nothing_unpublished(sales))


async def nothing_unpublished(member: Member) -> bool:
    return (await member.bus.metrics())["unpublished"] == 0


async def test_a_forged_source_reaches_nobody(company: Company):
    """Its bytes say sales, the name it came under says warehouse."""
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await company.declare({"pmc": (Ordered.name, "warehouse.#")})
    await pmc.start()
    await sales.state(Ordered(n=1))
    await sales.start()
    await until(lambda: has_effects(pmc, 1))
    (wire,) = await sales.wires()
    forged = wire.replace(b'"n":1', b'"n":2').replace(b'"number":1', b'"number":2')

    await company.publish([forged], "warehouse.lie.v1")

    await until(lambda: company.dead_letter("pmc", forged))
    assert await pmc.effects() == [1]


@pytest.mark.parametrize("field", ["epoch", "number", None])
async def test_bytes_that_are_no_envelope_are_dead_letters(company: Company, field: str | None):
    pmc, sales = await company.member("pmc"), await company.member("sales")
    await sales.start()
    await sales.state(Ordered(n=1))
    await until(lambda: nothing_unpublished(sales))
    (wire,) = await sales.wires()
    garbled = re.sub(rf'"{field}":\d+'.encode(), f'"{field}":{10**30}'.encode(), wire) if field else b"\xff" + wire
    assert garbled != wire
    await pmc.start()

    await company.publish([garbled], Ordered.name)

    await until(lambda: company.dead_letter("pmc", garbled))
    await until(lambda: has_effects(pmc, 1))
    assert await pmc.effects() == [1]


async def test_what_the_database_will_not_even_keep_is_a_dead_letter_and_holds_nobody_up(company: Company):
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await sales.state(*(Ordered(n=n) for n in (1, 2, 3)))
    await sales.start()
    await until(lambda: nothing_unpublished(sales))
    await pmc.change("ALTER TABLE effects ADD CHECK (n <> 2)")
    await pmc.change("ALTER TABLE waiting ADD CHECK (false)")

    await pmc.start()

    second = (await sales.wires())[1]
    await until(lambda: company.dead_letter("pmc", second))
    await until(lambda: has_effects(pmc, 2))
    assert await pmc.effects() == [1, 3]
