"""Does every delivered fact take effect once, or lie where an operator finds it?"""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.consumers import Consumers
from chassis.handling import Handling
from chassis.outbox import publish
from chassis.parking import discard, parked, replay
from chassis.safeguards import Safeguards
from chassis.waiters import ATTEMPTS, Waiters
from contracts.event import Envelope, Event
from tests.chassis.company import EFFECT, Company, Member, Ordered, Planned, Shipped, incoming

BAD = 13


class Illness(Exception):
    """What a handler may suffer from."""


def fragile_consumers() -> tuple[Consumers, set[int]]:
    """Handlers that fail for the numbers in the returned set, after having changed something."""
    consumers, ill = Consumers("pmc"), {BAD}

    @consumers.on(Ordered)
    async def on_sample_ordered(event: Ordered, session: AsyncSession) -> None:
        await session.execute(EFFECT, {"event": event.name, "n": event.n})
        await publish(session, Planned(n=event.n))
        if event.n in ill:
            raise Illness(event.n)

    return consumers, ill


async def nothing_waits(member: Member) -> bool:
    return not await member.value("SELECT count(*) FROM waiting")


async def hurry(member: Member, waiters: Waiters) -> None:
    """Handle what was kept until nothing is, without the pauses between attempts."""
    while not await nothing_waits(member):
        await member.change("UPDATE waiting SET retry_at = now()")
        await waiters.handle_next()


async def test_facts_that_come_together_share_one_transaction(offices: Company):
    pmc = await offices.member("pmc")
    handling = Handling(pmc.engine, pmc.consumers)

    await handling.take([incoming(Ordered(n=n), n) for n in (3, 1, 2, 1)])

    assert await pmc.effects() == [3, 1, 2]
    assert await pmc.value("SELECT count(DISTINCT xmin::text) FROM effects") == 1
    assert [row.data["n"] for row in await pmc.rows("SELECT data FROM outbox ORDER BY id")] == [3, 1, 2]
    assert (handling.tally.handled, handling.tally.duplicates) == (3, 1)


async def test_the_handler_knows_the_envelope_and_acts_as_the_system(offices: Company):
    seen: list[Envelope] = []
    consumers = Consumers("pmc")

    @consumers.on(Ordered)
    async def on_sample_ordered(event: Ordered, session: AsyncSession) -> None:
        seen.append(session.info["envelope"])
        await publish(session, Planned(n=event.n))

    pmc = await offices.member("pmc", consumers)
    await Handling(pmc.engine, consumers).take([incoming(Ordered(n=1, order_no="SO-1"), 1)])

    assert (seen[0].subject, seen[0].actor) == ("SO-1", "E-001")
    assert await pmc.value("SELECT actor FROM outbox") == "system"


async def test_one_that_fails_takes_none_of_the_others_with_it(offices: Company):
    consumers, _ = fragile_consumers()
    pmc = await offices.member("pmc", consumers)

    await Handling(pmc.engine, consumers).take([incoming(Ordered(n=n), n) for n in (1, BAD, 2)])

    assert await pmc.effects() == [1, 2]
    (kept,) = await pmc.rows("SELECT * FROM waiting")
    assert kept.reason == f"Illness({BAD})"
    assert await pmc.value("SELECT count(*) FROM inbox") == 3, "received is received: nobody sends it again"


async def test_poison_is_parked_after_five_attempts_and_replayed_once_it_is_curable(offices: Company):
    consumers, ill = fragile_consumers()
    pmc = await offices.member("pmc", consumers)
    waiters = Waiters(pmc.engine, consumers)
    await Handling(pmc.engine, consumers).take([incoming(Ordered(n=BAD, order_no="SO-13"), 1)])
    await hurry(pmc, waiters)

    (case,) = await parked(pmc.engine)
    assert (case.event, case.order_no, case.attempts) == (Ordered.name, "SO-13", ATTEMPTS)
    assert case.reason == f"Illness({BAD})"
    assert await pmc.effects() == []

    ill.clear()
    await replay(pmc.engine, case.id, by="E-005")
    await hurry(pmc, waiters)

    assert await pmc.effects() == [BAD]
    assert await parked(pmc.engine) == []
    (decided,) = await parked(pmc.engine, all_of_them=True)
    assert (decided.status, decided.decided_by) == ("replayed", "E-005")


async def test_discarded_poison_has_no_effect_and_its_row_stays(offices: Company):
    consumers, _ = fragile_consumers()
    pmc = await offices.member("pmc", consumers)
    handling = Handling(pmc.engine, consumers)
    await handling.take([incoming(Ordered(n=BAD), 1)])
    await hurry(pmc, Waiters(pmc.engine, consumers))
    (case,) = await parked(pmc.engine)

    await discard(pmc.engine, case.id, by="E-005")
    await handling.take([incoming(Ordered(n=BAD), 1)])

    assert await pmc.effects() == []
    assert await parked(pmc.engine) == []
    assert [it.status for it in await parked(pmc.engine, all_of_them=True)] == ["discarded"]


async def test_two_transactions_in_each_others_way_cost_no_attempt(offices: Company):
    consumers, conflicts = Consumers("pmc"), 7

    @consumers.on(Ordered)
    async def on_sample_ordered(event: Ordered, session: AsyncSession) -> None:
        nonlocal conflicts
        if conflicts:
            conflicts -= 1
            await session.execute(text("DO $$BEGIN RAISE SQLSTATE '40P01'; END$$"))
        await session.execute(EFFECT, {"event": event.name, "n": event.n})

    pmc = await offices.member("pmc", consumers)
    await Handling(pmc.engine, consumers).take([incoming(Ordered(n=1), 1)])
    await hurry(pmc, Waiters(pmc.engine, consumers))

    assert await pmc.effects() == [1]
    assert await parked(pmc.engine) == []


class Unfit(Event):
    name = Ordered.name
    n: str


@pytest.mark.parametrize(
    ("fact", "reason"),
    [(Shipped(n=1), "has no handler for warehouse.sample_shipped.v1"), (Unfit(n="many"), "has an unreadable body")],
)
async def test_what_no_attempt_can_read_is_parked_at_once(offices: Company, fact: Event, reason: str):
    pmc = await offices.member("pmc")

    await Handling(pmc.engine, pmc.consumers).take([incoming(fact, 1), incoming(Ordered(n=2), 2)])

    (case,) = await parked(pmc.engine)
    assert reason in case.reason
    assert await pmc.effects() == [2]
    assert await nothing_waits(pmc)


async def test_an_attempt_that_ends_the_process_is_counted(offices: Company):
    """As after a kill: the attempt was committed, and its end never was."""
    pmc = await offices.member("pmc")
    waiters = Waiters(pmc.engine, pmc.consumers)
    await Handling(pmc.engine, pmc.consumers).take([incoming(Ordered(n=1), 1, redelivered=True)])
    await pmc.change("UPDATE waiting SET attempts = :made, retry_at = now()", made=ATTEMPTS)

    await waiters.handle_next()

    (case,) = await parked(pmc.engine)
    assert case.attempts == ATTEMPTS + 1
    assert await pmc.effects() == []


async def test_a_redelivered_fact_is_handled_alone_and_once(offices: Company):
    pmc = await offices.member("pmc")
    handling, waiters = Handling(pmc.engine, pmc.consumers), Waiters(pmc.engine, pmc.consumers)

    await handling.take([incoming(Ordered(n=n), n, redelivered=True) for n in (1, 2)])
    assert await pmc.effects() == []
    await hurry(pmc, waiters)
    await handling.take([incoming(Ordered(n=n), n, redelivered=True) for n in (1, 2)])
    await hurry(pmc, waiters)

    assert await pmc.effects() == [1, 2]
    assert await pmc.value("SELECT count(DISTINCT xmin::text) FROM effects") == 2


async def test_facts_of_a_restored_source_that_may_be_old_wait_for_a_person(offices: Company):
    pmc = await offices.member("pmc")
    handling = Handling(pmc.engine, pmc.consumers)
    first = incoming(Ordered(n=1), 1)
    await handling.take([first])
    await pmc.change(
        "INSERT INTO inbox_marks VALUES ('sales', 1, :it, 1, :at)", it=Ordered.name, at=first.envelope.time
    )

    await handling.take([incoming(Ordered(n=1), 1, epoch=2, at=first.envelope.time)])

    (case,) = await parked(pmc.engine)
    assert "restored from a backup" in case.reason
    assert await pmc.effects() == [1]


async def receive_everything(session: AsyncSession, envelopes: "list[Envelope]") -> object:
    """The broken way: every delivery is new."""
    from chassis.inbox import Received, key

    return Received(frozenset(key(envelope) for envelope in envelopes), frozenset())


async def test_without_deduplication_a_second_delivery_doubles_the_effect(offices: Company):
    pmc = await offices.member("pmc")
    blind = Handling(pmc.engine, pmc.consumers, safeguards=Safeguards(receive=receive_everything))  # type: ignore[arg-type]

    for _ in range(2):
        await blind.take([incoming(Ordered(n=1), 1)])

    assert await pmc.effects() == [1, 1]
