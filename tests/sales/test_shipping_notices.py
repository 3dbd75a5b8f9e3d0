"""The salesperson owes the notice of what is in store, never of pieces that were not made (SHP-01)."""

from datetime import timedelta
from typing import Any

import pytest

from contracts import links
from contracts.event import Event
from contracts.pmc import ReviewDecided, ReviewOutcome
from contracts.sales import HandoverDelivered, OrderAmended, ShippingNoticeIssued
from tests.sales.conftest import FOLLOWER, LINE, SELLER, contract, received
from tests.support.departments import MORNING, Department
from tests.support.worklists import struck

pytestmark = pytest.mark.asyncio


async def released(sales: Department, quantity: int = 100) -> str:
    no = str((await sales.do(SELLER, "submit_contract", **contract(lines=[{**LINE, "quantity": quantity}])))["no"])
    await sales.hear(ReviewDecided(order_no=no, review_no="CRV-1", outcome=ReviewOutcome.ACCEPTED, decided_by="E-020"))
    await sales.do(SELLER, "confirm_order", no)
    await sales.do(FOLLOWER, "release_order", no)
    return no


async def notices(sales: Department, no: str, quantity: int) -> ShippingNoticeIssued:
    await sales.do(SELLER, "issue_shipping_notice", order_no=no, line_no=1, quantity=quantity)
    fact = (await sales.facts(ShippingNoticeIssued.name))[-1]
    assert isinstance(fact, ShippingNoticeIssued)
    return fact


async def attempts(sales: Department, no: str) -> list[Event]:
    """The handovers of the notice, as they were delivered."""
    return [
        fact
        for fact in await sales.facts(HandoverDelivered.name)
        if isinstance(fact, HandoverDelivered) and fact.duty == links.notice(no, 1)
    ]


async def owes_notice(sales: Department) -> bool:
    async with sales.as_(SELLER) as client:
        return any(duty["link"] == "notice" for duty in (await client.get("/api/worklist")).json())


async def test_a_notice_of_all_that_is_in_store_fulfils_the_duty_although_more_was_ordered(sales: Department) -> None:
    no = await released(sales)
    await sales.hear(received(no, 95))

    fact = await notices(sales, no, 95)

    assert fact.closes == (links.notice(no, 1),)
    assert not await owes_notice(sales)


async def test_a_later_receipt_opens_the_duty_anew_with_its_own_due_time(sales: Department) -> None:
    no = await released(sales)
    await sales.hear(received(no, 60))
    await notices(sales, no, 60)
    await sales.wait_until(MORNING + timedelta(days=1))

    await sales.hear(received(no, 35, "MO-2"))

    first, second = await attempts(sales, no)
    assert (first.attempt, second.attempt) == (1, 2)  # type: ignore[attr-defined]
    assert second.inputs == (links.release(no), links.finished_receipt("MO-2"))  # type: ignore[attr-defined]
    assert (await notices(sales, no, 20)).closes == ()
    assert (await notices(sales, no, 15)).closes == (links.notice(no, 1),)


async def test_a_receipt_while_the_notice_is_owed_gets_a_clock_of_its_own(sales: Department) -> None:
    no = await released(sales)
    await sales.hear(received(no, 60))
    await sales.hear(received(no, 40))
    assert len(await attempts(sales, no)) == 1

    assert (await notices(sales, no, 60)).closes == (links.notice(no, 1),)
    assert len(await attempts(sales, no)) == 2
    assert (await notices(sales, no, 40)).closes == (links.notice(no, 1),)
    assert (len(await attempts(sales, no)), await owes_notice(sales)) == (2, False)


async def test_what_was_noticed_ahead_of_its_receipt_is_not_owed_again(sales: Department) -> None:
    no = await released(sales)
    assert (await notices(sales, no, 30)).closes == ()
    await sales.hear(received(no, 30))
    assert await attempts(sales, no) == []

    await sales.hear(received(no, 70))

    assert (await notices(sales, no, 70)).closes == (links.notice(no, 1),)


async def test_pieces_beyond_the_order_are_not_asked_for(sales: Department) -> None:
    no = await released(sales)
    await sales.hear(received(no, 105))
    assert (await notices(sales, no, 100)).closes == (links.notice(no, 1),)

    await sales.hear(received(no, 2))

    assert not await owes_notice(sales)


async def test_an_order_that_shrinks_to_what_was_noticed_leaves_no_notice_owed(sales: Department) -> None:
    no = await released(sales)
    await sales.hear(received(no, 100))
    await notices(sales, no, 60)

    await amended(sales, no, "60")
    assert not await owes_notice(sales)
    await amended(sales, no, "90")
    assert await owes_notice(sales)

    shrunk, grown = await sales.facts(OrderAmended.name)
    assert (shrunk.closes, grown.closes) == ((links.notice(no, 1),), ())


async def test_a_line_that_is_taken_off_leaves_no_notice_owed_and_says_why(sales: Department) -> None:
    no = await released(sales)
    await sales.hear(received(no, 60))

    await sales.do(SELLER, "amend_order", no, lines=[{**LINE, "line_no": 2}], reason="客户改单")

    assert not await owes_notice(sales)
    assert (await struck(sales, SELLER))[f"notice:{no}/1"] == "line 1 removed by amendment, revision 2"
    (fact,) = await sales.facts(OrderAmended.name)
    assert fact.closes == ()


async def test_goods_of_a_line_that_is_off_ask_for_no_notice_until_it_comes_back(sales: Department) -> None:
    no = await released(sales)
    await sales.do(SELLER, "amend_order", no, lines=[{**LINE, "line_no": 2}], reason="客户改单")

    await sales.hear(received(no, 60))
    assert not await owes_notice(sales)
    await amended(sales, no, "100")

    assert await owes_notice(sales)


async def amended(sales: Department, no: str, quantity: str) -> dict[str, Any]:
    return await sales.do(SELLER, "amend_order", no, lines=[{**LINE, "quantity": quantity}], reason="客户改数")
