"""A restored source is listed with what it forgot, holds the frontier until somebody accepts it, and harms nobody."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.database import transaction
from chassis.numbering import Chain, finished_rows
from chassis.signing import Signer
from contracts import accountability, links, sales
from contracts.accountability import FactForgotten, ForgottenFactSettled, SourceEpochAccepted
from contracts.control import ALL, Watermark
from contracts.event import decode
from services.accountability.judge.roster import FORGOTTEN
from services.accountability.judge.verdicts import RecordProposal
from services.accountability.ledger import frontier, restored, sources
from services.accountability.ledger.heads import hold
from services.accountability.ledger.ledger import Arrived
from services.accountability.office import Office, WholeSources
from services.accountability.views.timelines import timeline
from tests.accountability.test_ledger import at, enter, hear, positions
from tests.accountability.test_pages import HR, page
from tests.accountability.voice import Voice
from tests.support.departments import MORNING, Department, department
from tests.support.facts import STAFF, Story, a_story, local

BOSS, FINANCE = "E-009", "E-006"
REASON = {"reason": "逐单核对过"}
RELEASE = links.release("SOD-1")


@pytest.fixture
async def books() -> AsyncIterator[Department]:
    async with department("accountability") as it:
        await it.employ(general_manager=BOSS, hr=HR, finance=FINANCE)
        async with transaction(it.engine) as session:
            for name in ("sales", "pmc"):
                key = Signer.generate().public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
                form = sources.Registration(no=name, public_key=key)
                await sources.register(session, form, maker=BOSS, now=MORNING)
        yield it


async def listen(books: Department, *watermarks: Watermark) -> datetime | None:
    """What the office does with watermarks: the frontier, and a look for restored sources."""
    async with transaction(books.engine) as session:
        heads = await hold(session)
        await frontier.hear_into(session, heads, await frontier.registered_sources(session), watermarks)
        await restored.notice(session, heads.sources, watermarks)
    return heads.frontier


async def enter_own(books: Department) -> None:
    """Accountability's own facts come back to its ledger, as its relay numbers them."""
    connection = await asyncpg.connect(books.engine.url.set(drivername="postgresql").render_as_string(False))
    try:
        chain = await Chain.resume(connection, "accountability")
        numbered = await chain.number(await finished_rows(connection, 500))
    finally:
        await connection.close()
    await enter(books, *(Arrived(decode(fact.wire), fact.wire) for fact in numbered))


def delivery() -> sales.HandoverDelivered:
    return sales.HandoverDelivered(order_no="SOD-1", duty=RELEASE, post="merchandiser", line_no=1)


async def a_restored_sales(books: Department) -> Voice:
    """Sales said three facts up to 09:03 and remembers one of them; it has said one in its new epoch."""
    voice, pmc = Voice("sales"), Voice("pmc")
    await enter(books, voice.says(at(1)), voice.says(at(2), delivery()), voice.says(at(3)))
    assert await hear(books, voice.promises(at(10)), pmc.promises(at(60))) == at(10)
    again = voice.restored(remembers=1)
    await enter(books, again.says(at(20)))
    return again


async def the_source(books: Department, no: str = "sales") -> dict[str, object]:
    async with books.as_(BOSS) as client:
        found: dict[str, object] = (await client.get(f"/api/sources/{no}")).json()
    return found


async def forgotten(books: Department) -> dict[str, str]:
    """The numbers of the facts that are listed, each with its status."""
    async with books.as_(HR) as client:
        rows = (await client.get("/api/forgotten-facts")).json()["items"]
    return {row["no"]: row["status"] for row in rows}


async def test_a_new_epoch_holds_the_frontier_and_what_was_forgotten_is_listed(books: Department) -> None:
    again = await a_restored_sales(books)

    assert await listen(books, again.promises(at(30))) == at(10)
    assert await listen(books, again.promises(at(40))) == at(10)

    source = await the_source(books)
    assert (source["status"], source["new_epoch"], source["former_sequence"]) == ("restored", 2, 1)
    assert await forgotten(books) == {"sales-1-2": "open", "sales-1-3": "open"}
    (fact,) = await books.facts(FactForgotten.name)
    assert isinstance(fact, FactForgotten)
    assert (fact.fact_no, fact.position, fact.duties) == ("sales-1-2", 2, (RELEASE,))
    async with transaction(books.engine) as session:
        (behind, *_) = await frontier.standings(session)
    assert (behind.source, behind.new_epoch) == ("sales", 2)


async def test_once_somebody_accepts_it_its_evidence_counts_again(books: Department) -> None:
    again = await a_restored_sales(books)
    await listen(books, again.promises(at(30)))
    await enter_own(books)

    source = await books.do(HR, "accept_source", "sales", **REASON)

    assert (source["status"], source["new_epoch"]) == ("registered", None)
    (fact,) = await books.facts(SourceEpochAccepted.name)
    assert isinstance(fact, SourceEpochAccepted)
    assert (fact.service, fact.epoch, fact.former_epoch, fact.former_sequence) == ("sales", 2, 1, 3)
    assert fact.accepted_by == HR
    assert ("sales", 1) in (await positions(books))[3:], "what waited has entered"
    assert await listen(books, again.promises(at(30))) == at(30)


async def test_it_is_not_accepted_before_our_own_word_on_what_it_forgot_is_in_the_ledger(books: Department) -> None:
    again = await a_restored_sales(books)
    await listen(books, again.promises(at(30)))

    assert await books.refused(BOSS, "accept_source", "sales", **REASON) == "still_listing"
    await enter_own(books)
    assert (await books.do(BOSS, "accept_source", "sales", **REASON))["status"] == "registered"


async def test_a_fact_of_the_former_epoch_that_comes_late_is_listed_as_well(books: Department) -> None:
    voice, pmc = Voice("sales"), Voice("pmc")
    first, late = voice.says(at(1)), voice.says(at(2), delivery())
    await enter(books, first)
    await hear(books, pmc.promises(at(60)), voice.promises(at(1.5), sequence=1))
    again = voice.restored(remembers=1)
    await listen(books, again.promises(at(30)))
    assert await forgotten(books) == {}

    await enter(books, late)
    await listen(books, again.promises(at(31)))

    assert await forgotten(books) == {"sales-1-2": "open"}


async def test_nobody_accepts_what_was_not_restored(books: Department) -> None:
    await a_restored_sales(books)

    assert await books.refused(BOSS, "accept_source", "pmc", **REASON) == "wrong_status"
    assert await books.refused(FINANCE, "accept_source", "sales", **REASON) == "post_not_held"


async def test_a_source_that_was_frozen_goes_on_in_its_new_epoch(books: Department) -> None:
    """It numbered other facts under the same sequence before it noticed that it was restored."""
    voice, pmc = Voice("sales"), Voice("pmc")
    await enter(books, voice.says(at(1)))
    await hear(books, pmc.promises(at(60)), voice.promises(at(5)))
    assert await hear(books, voice.promises(at(6), signed=bytes(32))) == at(5)
    again = voice.restored(remembers=1)
    await enter(books, again.says(at(20)))
    await listen(books, again.promises(at(30)))
    await books.do(BOSS, "accept_source", "sales", **REASON)

    assert await listen(books, again.promises(at(30))) == at(30)


async def test_of_an_epoch_that_is_over_nothing_is_asked_for_any_more(books: Department) -> None:
    again = await a_restored_sales(books)
    whole, old = WholeSources(books.engine), Voice("sales").promises(at(10), sequence=0)
    await whole.through()
    assert whole.streams(old) == {ALL: 0}
    await listen(books, again.promises(at(30)))
    await enter_own(books)

    await books.do(BOSS, "accept_source", "sales", **REASON)

    await whole.through()
    assert whole.streams(old) == {}
    assert whole.streams(again.promises(at(30))) == {ALL: 1}


async def test_a_forgotten_fact_is_settled_by_name(books: Department) -> None:
    again = await a_restored_sales(books)
    await listen(books, again.promises(at(30)))

    await books.do(HR, "settle_forgotten_fact", "sales-1-2", **REASON)

    (fact,) = await books.facts(ForgottenFactSettled.name)
    assert isinstance(fact, ForgottenFactSettled)
    assert (fact.fact_no, fact.duties, fact.settled_by) == ("sales-1-2", (RELEASE,), HR)
    assert await forgotten(books) == {"sales-1-2": "settled", "sales-1-3": "open"}
    assert await books.refused(HR, "settle_forgotten_fact", "sales-1-2", **REASON) == "wrong_status"


async def test_the_pages_say_who_was_restored_and_what_can_be_done(books: Department) -> None:
    again = await a_restored_sales(books)
    await listen(books, again.promises(at(30)))

    books.app.state.companion = Office(books.app.state.settings, books.engine)

    assert "业务部的数据库是从备份恢复的" in await page(books, "/timelines", "zh")
    assert "认可恢复后的来源" in await page(books, "/sources/sales", "zh")
    assert "下达订单" in await page(books, "/forgotten-facts/sales-1-2", "zh")


RECEIPT = links.receipt("LOT-1")
FORGOTTEN_FACT: dict[str, Any] = {"order_no": "SO-1", "fact_no": "warehouse-1-9", "position": 9, "duties": [RECEIPT]}


def a_late_receipt() -> Story:
    """A passed lot was the storekeeper's to receive from Tuesday morning on, and nobody ever did."""
    return a_story().at("2026-03-03 09:00").delivers(RECEIPT, "storekeeper", service="warehouse")


def with_a_forgotten_fact() -> Story:
    return a_late_receipt().at("2026-03-03 10:00").states(accountability.FactForgotten, **FORGOTTEN_FACT)


def settled(story: Story) -> Story:
    said: dict[str, Any] = {**FORGOTTEN_FACT, "settled_by": STAFF["hr"]}
    return story.at("2026-04-01 10:00").states(accountability.ForgottenFactSettled, **said)


def test_nobody_answers_for_a_handover_of_which_facts_were_forgotten():
    assert a_late_receipt().judged().records == {"WHS-03": STAFF["storekeeper"]}

    told = with_a_forgotten_fact().judged()

    assert told.records == {}
    assert told.suspicions == {"WHS-03": FORGOTTEN.en}
    assert not any(isinstance(verdict, RecordProposal) for verdict in told.verdicts), "nor was anybody in between"


def test_once_it_is_settled_the_handover_is_judged_like_any_other():
    told = settled(with_a_forgotten_fact()).judged()

    assert told.records == {"WHS-03": STAFF["storekeeper"]}
    assert told.suspicions == {}


def test_two_forgotten_facts_of_a_handover_are_settled_one_by_one():
    other: dict[str, Any] = {**FORGOTTEN_FACT, "fact_no": "warehouse-1-10", "position": 10}
    story = with_a_forgotten_fact().states(accountability.FactForgotten, **other)

    assert settled(story).judged().suspicions == {"WHS-03": FORGOTTEN.en}


def test_the_timeline_says_why_nobody_answers():
    story = with_a_forgotten_fact()

    told = timeline(story.judged().state, "SO-1", now=local("2026-04-01 10:00"))

    assert told is not None
    (handover,) = told.handovers
    assert (handover.person, handover.doubt) == (None, FORGOTTEN)
