"""Does a service get everything that its sources said, whatever the broker lost?"""

import time
from collections.abc import Mapping, Sequence

import asyncpg
import pytest

from chassis import antientropy
from chassis.antientropy import AntiEntropy, answer
from chassis.bus import Bus
from chassis.inbox import Stream
from chassis.numbering import Chain
from chassis.publisher import Publisher
from contracts.control import ALL, ResendRequest, Watermark
from contracts.event import decode
from tests.chassis.company import Company, Member, Ordered, has_effects, until

pytestmark = pytest.mark.live

STREAM = Stream("sales", 7, Ordered.name)


class Books:
    """A receiver's books, written by the test."""

    def __init__(self) -> None:
        self.mark = 0

    def streams(self, watermark: Watermark) -> Mapping[str, int]:
        return watermark.numbers

    async def through(self) -> Mapping[Stream, int]:
        return {STREAM: self.mark}

    async def missing(self, stream: Stream, last: int, through: int) -> Sequence[int]:
        return range(through + 1, last + 1)


class Ear:
    """Takes the place of the relay that would carry a request out, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[ResendRequest] = []

    async def say(self, key: str, body: bytes) -> None:
        assert key == "pmc.resend_requested.sales"
        self.requests.append(ResendRequest.model_validate_json(body))


def a_watermark(last: int) -> Watermark:
    return Watermark(
        source="sales",
        epoch=7,
        promised="2026-09-01T00:00:00Z",
        sequence=last,
        hash="0" * 64,
        numbers={Ordered.name: last},
    )


async def asked(company: Company, marks: Sequence[int], *, backlog: int = 0, wait_s: float = 0.0) -> list[list[int]]:
    """Which numbers are asked for when the mark moves like this under a watermark of 10."""
    bus, books, ear = (await company.member("pmc")), Books(), Ear()
    relay = Bus("pmc", bus.settings, bus.engine).relay
    relay.figures.leading = True
    entropy = AntiEntropy("pmc", books, relay, resend_after_s=wait_s)
    for mark in marks:
        books.mark = mark
        await entropy.compare([a_watermark(10)], backlog=backlog)
        while relay.errands:
            await relay.errands.popleft()(ear, None)  # type: ignore[arg-type]
    return [list(request.numbers) for request in ear.requests]


async def test_a_gap_is_asked_for_and_after_progress_the_rest_of_it(offices: Company):
    assert await asked(offices, [4, 4]) == [[5, 6, 7, 8, 9, 10]]
    assert await asked(offices, [10, 10]) == []


async def test_asking_again_backs_off_until_something_comes(offices: Company):
    assert len(await asked(offices, [4] * 20)) == 1


async def test_what_has_not_outlasted_its_patience_may_still_be_on_its_way(offices: Company):
    assert await asked(offices, [4, 4], wait_s=60) == []
    assert await asked(offices, [4, 4], backlog=antientropy.BACKLOG + 1, wait_s=0.01) == []


async def test_a_purged_queue_is_filled_again(company: Company):
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await sales.start()
    await sales.state(*(Ordered(n=n) for n in range(700)))
    await until(lambda: has_length(company, "pmc", 700))
    await company.purge("pmc")
    await sales.state(Ordered(n=700))

    await pmc.start()
    seconds = await until(lambda: has_effects(pmc, 701))

    assert sorted(await pmc.effects()) == list(range(701))
    assert seconds < 20
    assert await pmc.value("SELECT min(number) FROM outbox") == 1
    await until(lambda: no_gaps(pmc))


async def has_length(company: Company, queue: str, length: int) -> bool:
    return await company.queue_length(queue) == length


async def no_gaps(member: Member) -> bool:
    return (await member.bus.metrics())["gaps"] == 0


async def test_a_department_that_never_listened_before_gets_the_whole_history(company: Company):
    """Its queue was not bound when the facts were published to the others."""
    await company.undeclare()
    await company.declare({"pmc": (), "warehouse": (Ordered.name,)})
    sales, pmc = await company.member("sales"), await company.member("pmc")
    await sales.start()
    await sales.state(*(Ordered(n=n) for n in range(20)))
    await until(lambda: has_length(company, "warehouse", 20))
    await company.declare()

    await pmc.start()
    await until(lambda: has_effects(pmc, 20))

    assert sorted(await pmc.effects()) == list(range(20))


async def test_a_whole_source_is_sent_again_by_sequence(company: Company):
    """As the ledger asks: not by type, but everything the source said."""
    sales = await company.member("sales")
    await sales.start()
    await sales.state(*(Ordered(n=n) for n in range(5)))
    await until(lambda: is_published(sales, 5))
    epoch = await sales.value("SELECT epoch FROM relay_state")

    began = time.monotonic()
    answer(sales.bus.relay, ResendRequest(asker="pmc", epoch=epoch, stream=ALL, numbers=(2, 4, 99)))
    await until(lambda: has_length(company, "pmc", 5 + 2))

    assert time.monotonic() - began < 2, "a resend does not wait for the next poll"
    again = await company.take("pmc", 7)
    assert [decode(wire).sequence for wire in again] == [1, 2, 3, 4, 5, 2, 4]
    assert again[5] == again[1]


async def is_published(member: Member, sequence: int) -> bool:
    return (member.bus.relay.figures.position or (0, 0))[1] == sequence


async def test_a_resend_waits_for_the_first_publication(company: Company):
    """What is numbered but not confirmed yet is not handed out past the order of the chain."""
    sales = await company.member("sales")
    await sales.state(Ordered(n=1))
    connection = await asyncpg.connect(sales.settings.database_url)
    try:
        chain = await Chain.resume(connection, "sales")
        await chain.number(await sales.safeguards.claim(connection, 10))
        bus = Bus("sales", sales.settings, sales.engine)
        bus.relay.figures.leading = True
        answer(bus.relay, ResendRequest(asker="pmc", epoch=chain.epoch, stream=ALL, numbers=(1,)))
        async with Publisher.open(company.broker_url, prefix=company.prefix) as publisher:
            await bus.relay.errands.popleft()(publisher, chain)
    finally:
        await connection.close()

    assert await company.queue_length("pmc") == 0
