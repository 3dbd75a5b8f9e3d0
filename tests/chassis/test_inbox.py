"""Is every fact counted as new exactly once, in whatever order and however often it comes?"""

import asyncio
import random
from datetime import UTC, datetime

from sqlalchemy import text

from chassis.database import transaction
from chassis.inbox import Inbox, Stream, receive_new
from contracts.control import PAGE
from tests.chassis.company import Member, Ordered, Planned, incoming

STREAM = Stream("sales", 1, Ordered.name)


async def receive(member: Member, *numbers: int, epoch: int = 1) -> list[int]:
    """The numbers among these that are new."""
    facts = [incoming(Ordered(n=number), number, epoch=epoch).envelope for number in numbers]
    async with transaction(member.engine) as session:
        return sorted(key.number for key in (await receive_new(session, facts)).new)


async def test_a_fact_is_new_once(sales: Member):
    assert await receive(sales, 1, 2, 2, 5) == [1, 2, 5]
    assert await receive(sales, 2, 3, 5) == [3]


async def test_what_was_pruned_is_still_known(sales: Member):
    inbox = Inbox(sales.engine, (Ordered.name,))
    await receive(sales, 1, 2, 3, 6)
    await inbox.advance()

    assert await inbox.through() == {STREAM: 3}
    assert [row.number for row in await sales.rows("SELECT number FROM inbox ORDER BY number")] == [6]
    assert await receive(sales, 1, 2, 3, 4, 5, 6, 7) == [4, 5, 7]
    await inbox.advance()
    assert await inbox.through() == {STREAM: 7}
    assert await sales.value("SELECT count(*) FROM inbox") == 0


async def test_a_row_pruned_between_two_looks_is_not_new_again(sales: Member):
    """The insert sees no conflict any more, but the mark that allowed the pruning is visible by then."""
    await receive(sales, 1)
    async with transaction(sales.engine) as late:
        await late.execute(text("SELECT count(*) FROM inbox_marks"))
        await Inbox(sales.engine, (Ordered.name,)).advance()
        assert (await receive_new(late, [incoming(Ordered(n=1), 1).envelope])).new == frozenset()


async def test_replicas_share_a_shuffled_stream_without_a_double(sales: Member):
    numbers = [*range(1, 301)] * 3
    random.shuffle(numbers)
    pieces = [numbers[at : at + 9] for at in range(0, len(numbers), 9)]
    inbox, new = Inbox(sales.engine, (Ordered.name,)), []

    async def replica(own: list[list[int]]) -> None:
        for piece in own:
            new.extend(await receive(sales, *piece))
            await inbox.advance()

    await asyncio.gather(*(replica(pieces[at::4]) for at in range(4)))
    await inbox.advance()

    assert sorted(new) == list(range(1, 301))
    assert await inbox.through() == {STREAM: 300}


async def test_what_is_missing_is_named_page_by_page(sales: Member):
    inbox = Inbox(sales.engine, (Ordered.name,))
    await receive(sales, 1, 2, 4, 7)
    await inbox.advance()

    assert await inbox.missing(STREAM, last=8, through=2) == [3, 5, 6, 8]
    assert await inbox.missing(STREAM, last=100_000, through=2) == [3, 5, 6, *range(8, PAGE + 5)]


async def test_a_fact_that_an_earlier_epoch_may_have_told_is_doubtful(sales: Member):
    await receive(sales, 1, 2, 3)
    await Inbox(sales.engine, (Ordered.name,)).advance()
    again = incoming(Ordered(n=3), 1, epoch=2, at=incoming(Ordered(n=3), 3).envelope.time).envelope
    later = incoming(Ordered(n=4), 2, epoch=2, at=datetime(2026, 10, 1, tzinfo=UTC)).envelope
    other = incoming(Planned(n=1), 1, epoch=2).envelope

    async with transaction(sales.engine) as session:
        received = await receive_new(session, [again, later, other])

    assert {key.number for key in received.doubtful} == {1}
    assert len(received.new) == 3
