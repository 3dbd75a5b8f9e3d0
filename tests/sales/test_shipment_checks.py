"""Finished goods want a look before they are to leave: the merchandiser owes it, and is warned of it in time (MER-03)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chassis.prevention import Prevention
from contracts import links
from contracts.event import DutyRef, Event
from contracts.sales import (
    DeliveryPostponed,
    GoodsDelivered,
    HandoverDelivered,
    OrderAmended,
    OrderConfirmed,
    ShipmentChecked,
)
from contracts.warehouse import GoodsShipped
from tests.sales.conftest import FOLLOWER, LINE, SELLER, received
from tests.sales.test_shipping_notices import notices, released
from tests.support.departments import MORNING, Department
from tests.support.facts import a_line, a_story, local
from tests.support.worklists import know_the_standards, rows, struck

pytestmark = pytest.mark.asyncio
SHIP_BY = local("2026-09-23 17:00")
NOON = MORNING + timedelta(hours=3)


async def in_store(sales: Department, booked: int = 100, ordered: int = 100) -> str:
    """Goods of a line that is to leave by 23 September are in store."""
    await know_the_standards(sales)
    no = await released(sales, ordered)
    await sales.hear(received(no, booked))
    return no


async def looks(sales: Department) -> dict[str, dict[str, Any]]:
    """What of the worklist is a look, by its key."""
    found = await rows(sales, FOLLOWER)
    return {row["key"]: row for row in found.values() if row["link"] == "shipment_check"}


async def is_owed(sales: Department, no: str) -> bool:
    return f"{no}/1" in await looks(sales)


async def due_of(sales: Department, no: str) -> datetime:
    return datetime.fromisoformat((await looks(sales))[f"{no}/1"]["due_at"])


async def attempts(sales: Department) -> list[HandoverDelivered]:
    """The looks as they were handed over."""
    told = await sales.facts(HandoverDelivered.name)
    return [fact for fact in told if isinstance(fact, HandoverDelivered) and fact.duty.link == "shipment_check"]


async def check(sales: Department, no: str) -> tuple[DutyRef, ...]:
    """The merchandiser looks; what that ends."""
    await sales.do(FOLLOWER, "check_shipment", no, line_no=1, finding="成品已入库")
    return (await sales.facts(ShipmentChecked.name))[-1].closes


async def amended(sales: Department, no: str, **changes: Any) -> Event:
    await sales.do(SELLER, "amend_order", no, lines=[{**LINE, "quantity": "100", **changes}], reason="客户改单")
    return (await sales.facts(OrderAmended.name))[-1]


async def shipped(sales: Department, no: str, quantity: int, *ends: DutyRef) -> GoodsShipped:
    """What the warehouse states as goods of the first line leave under a notice of their own."""
    notice = (await notices(sales, no, quantity)).notice_no
    return GoodsShipped(
        order_no=no,
        assignee="E-060",
        closes=(links.ship(notice), *ends),
        delivery_note_no=f"DN-{notice}",
        goods_issue_no=f"FGI-{notice}",
        notice_no=notice,
        line_no=1,
        product_code="GGD-01",
        quantity=Decimal(quantity),
        lots=("FG-1",),
        carrier="顺达物流",
        vehicle="",
        packages=1,
        shipped_by="E-060",
    )


async def test_goods_in_store_put_a_look_on_the_merchandisers_worklist(sales: Department) -> None:
    no = await in_store(sales, booked=60)

    (look,) = await attempts(sales)
    assert (look.duty, look.post, look.assignee) == (links.shipment_check(no, 1), "merchandiser", FOLLOWER)
    assert (look.line_no, look.inputs) == (1, (links.finished_receipt("MO-1"),))
    row = (await looks(sales))[f"{no}/1"]
    assert (row["document_no"], datetime.fromisoformat(row["due_at"])) == (no, SHIP_BY)


async def test_one_look_is_enough_for_all_lots(sales: Department) -> None:
    no = await in_store(sales, booked=60)
    await sales.hear(received(no, 20, "MO-2"))
    assert len(await attempts(sales)) == 1

    assert await check(sales, no) == (links.shipment_check(no, 1),)
    await sales.hear(received(no, 20, "MO-3"))

    assert (await is_owed(sales, no), len(await attempts(sales))) == (False, 1)


async def test_a_look_before_the_first_goods_ends_nothing(sales: Department) -> None:
    await know_the_standards(sales)
    no = await released(sales)
    assert await check(sales, no) == ()
    await sales.wait_until(NOON)

    await sales.hear(received(no, 60))

    assert await is_owed(sales, no)


async def test_a_look_between_the_booking_and_the_word_of_it_is_a_look(sales: Department) -> None:
    """As before the judge, who goes by when the warehouse booked them."""
    await know_the_standards(sales)
    no = await released(sales)
    await sales.wait_until(NOON)
    await check(sales, no)

    await sales.hear(received(no, 60), said_at=MORNING)

    assert not await is_owed(sales, no)


async def test_only_the_merchandiser_looks_and_the_same_look_twice_is_one(sales: Department) -> None:
    no = await in_store(sales)
    look = {"line_no": 1, "finding": "待发"}
    assert await sales.refused(SELLER, "check_shipment", no, **look) == "post_not_held"
    assert await sales.refused(FOLLOWER, "check_shipment", no, line_no=9, finding="待发") == "no_such_line"
    assert await is_owed(sales, no)

    async with sales.as_(FOLLOWER) as client:
        for _ in range(2):
            answer = await client.post(
                f"/api/orders/{no}/check-shipment", json=look, headers={"Idempotency-Key": "k-1"}
            )
            assert answer.is_success, answer.text

    assert len(await sales.facts(ShipmentChecked.name)) == 1


async def test_goods_that_have_all_left_want_no_look(sales: Department) -> None:
    no = await in_store(sales)
    await sales.hear(await shipped(sales, no, 60))
    assert await is_owed(sales, no)

    await sales.hear(await shipped(sales, no, 40, links.shipment_check(no, 1)))

    assert (await is_owed(sales, no), len(await attempts(sales))) == (False, 1)


async def test_goods_whose_booking_is_heard_after_they_left_want_no_look(sales: Department) -> None:
    await know_the_standards(sales)
    no = await released(sales)
    await sales.hear(await shipped(sales, no, 100, links.shipment_check(no, 1)))

    await sales.hear(received(no, 100), said_at=MORNING)

    assert await attempts(sales) == []


async def test_what_the_customer_wanted_more_by_the_time_that_all_had_left_wants_a_look_anew(sales: Department) -> None:
    no = await in_store(sales, booked=120)
    gone = await shipped(sales, no, 100, links.shipment_check(no, 1))
    await amended(sales, no, quantity="120")

    await sales.hear(gone)

    assert [look.attempt for look in await attempts(sales)] == [1, 2]
    assert await is_owed(sales, no)


async def test_an_order_that_shrinks_to_what_has_left_wants_no_look(sales: Department) -> None:
    no = await in_store(sales)
    await sales.hear(await shipped(sales, no, 60))

    assert (await amended(sales, no, quantity="60")).closes == (links.notice(no, 1), links.shipment_check(no, 1))
    assert not await is_owed(sales, no)
    assert (await amended(sales, no, quantity="60", unit_price="18000")).closes == ()
    await amended(sales, no, quantity="90")
    assert await is_owed(sales, no)


async def test_a_look_that_no_shipment_named_ends_when_the_customer_has_all(sales: Department) -> None:
    """The warehouse shipped the last of them before it heard that no more were wanted."""
    no = await in_store(sales)
    gone = await shipped(sales, no, 60)
    await amended(sales, no, quantity="60")
    await sales.hear(gone)
    assert await is_owed(sales, no)

    await sales.do(SELLER, "confirm_delivery", gone.notice_no, delivered_on="2026-09-01")

    (fact,) = await sales.facts(GoodsDelivered.name)
    assert fact.closes == (links.shipment_check(no, 1),)
    assert not await is_owed(sales, no)


async def test_goods_that_come_after_they_were_to_leave_want_no_look_until_the_customer_waits(
    sales: Department,
) -> None:
    await know_the_standards(sales)
    no = await released(sales)
    await sales.wait_until(SHIP_BY)
    await sales.hear(received(no, 100))
    assert await attempts(sales) == []

    await sales.do(SELLER, "postpone_delivery", no, line_no=1, delivery_date="2026-09-30", customer_reference="FAX-3")

    assert await due_of(sales, no) == local("2026-09-28 17:00")


async def test_without_a_standard_for_it_the_look_has_no_due_time(sales: Department) -> None:
    """Neither calendar nor rulebook have come, or a rulebook of the company's own does not know it."""
    no = await released(sales)

    await sales.hear(received(no, 100))

    assert (await looks(sales))[f"{no}/1"]["due_at"] is None


def before_the_judge(told: type[DeliveryPostponed | OrderAmended], **said: Any) -> datetime | None:
    """When the judge has the same look due."""
    story, duty = a_story(), links.shipment_check("SO-1", 1)
    story.at(MORNING - timedelta(hours=1)).states(OrderConfirmed, order_no="SO-1", lines=[a_line(**LINE)])
    story.at(MORNING).delivers(duty, "merchandiser", service="sales", required_on="2026-09-23")
    story.at(NOON).states(told, order_no="SO-1", **said)
    return story.judged("2026-12-20 17:00").duty(duty).due_at


@pytest.mark.parametrize(("day", "due"), [("2026-09-10", "2026-09-08 17:00"), ("2026-09-30", "2026-09-28 17:00")])
async def test_a_look_is_due_by_the_amended_date_as_before_the_judge(sales: Department, day: str, due: str) -> None:
    no = await in_store(sales)
    await sales.wait_until(NOON)

    await amended(sales, no, delivery_date=day)

    lines = [{**LINE, "quantity": 100, "delivery_date": day}]
    assert await due_of(sales, no) == local(due) == before_the_judge(OrderAmended, revision=2, lines=lines)
    assert len(await attempts(sales)) == 1


async def test_a_look_at_goods_that_the_customer_postponed_is_due_later(sales: Department) -> None:
    no = await in_store(sales)
    await sales.wait_until(NOON)
    later: dict[str, Any] = {"line_no": 1, "delivery_date": "2026-09-30"}

    await sales.do(SELLER, "postpone_delivery", no, **later, customer_reference="FAX-3")

    assert await due_of(sales, no) == local("2026-09-28 17:00") == before_the_judge(DeliveryPostponed, **later)


async def test_the_merchandiser_is_warned_at_half_and_three_quarters_of_the_time(sales: Department) -> None:
    """In store on a Tuesday at nine, to leave the next day at five: fifteen working hours of two shifts a day."""
    await know_the_standards(sales)
    no = await released(sales)
    await sales.wait_until(local("2026-09-22 09:00"))
    await sales.hear(received(no, 100))
    warned = []
    for time in ("2026-09-22 16:00", "2026-09-23 08:45", "2026-09-23 14:30", "2026-09-24 08:02"):
        await sales.wait_until(local(time))
        await Prevention("sales", sales.engine, (50, 75), ()).look()
        warned.append((await looks(sales))[f"{no}/1"]["warned"])

    assert warned == [0, 50, 75, 100]


async def test_a_cancelled_order_and_a_line_that_is_taken_off_want_no_look_and_say_why(sales: Department) -> None:
    no = await in_store(sales)
    await sales.do(SELLER, "amend_order", no, lines=[{**LINE, "line_no": 2}], reason="客户改单")
    duty = f"shipment_check:{no}/1"
    assert (await struck(sales, FOLLOWER))[duty] == "line 1 removed by amendment, revision 2"

    await amended(sales, no)
    assert await is_owed(sales, no)
    await sales.do(SELLER, "cancel_order", no, reason="客户撤项")

    assert (await struck(sales, FOLLOWER))[duty] == "the order was cancelled"
    assert [fact.closes for fact in await sales.facts(OrderAmended.name)] == [(), ()]
