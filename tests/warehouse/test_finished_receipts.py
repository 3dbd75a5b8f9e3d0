"""Finished goods are booked when they passed, wherever they stand."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.warehouse import FinishedGoodsReceived, HandoverDelivered
from tests.support.departments import Department
from tests.warehouse.conftest import (
    BOX,
    KEEPER,
    MANAGER,
    cancellation,
    contract,
    final,
    owes,
    production,
    shelf,
    stock_of,
)

pytestmark = pytest.mark.asyncio
DUTY = links.finished_receipt("MO-1")
BOOKING = {"production_order_no": "MO-1", "location": "F-3"}


async def made(warehouse: Department, weight: str = "48") -> None:
    await warehouse.hear(contract())
    await warehouse.hear(production(weight))


async def test_goods_that_passed_are_the_storekeepers_to_book(warehouse: Department) -> None:
    await made(warehouse)

    await warehouse.hear(final())

    delivered = (await warehouse.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.duty, delivered.inputs) == (DUTY, (links.final_inspection("MO-1"),))


async def test_booking_them_makes_stock_and_fulfils_the_duty(warehouse: Department) -> None:
    await made(warehouse)
    await warehouse.hear(final())

    receipt = await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING)

    (fact,) = await warehouse.facts(FinishedGoodsReceived.name)
    assert isinstance(fact, FinishedGoodsReceived)
    assert (fact.receipt_no, fact.quantity, fact.lot, fact.closes) == (receipt["no"], Decimal(4), "MO-1", (DUTY,))
    assert (fact.inspection_no, fact.heavy_zone, fact.location) == ("FQC-1", False, "F-3")
    assert await stock_of(warehouse, BOX) == 4
    assert await owes(warehouse) == []


async def test_goods_may_be_booked_in_parts(warehouse: Department) -> None:
    await made(warehouse)
    await warehouse.hear(final())

    await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING, quantity="1")
    await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING)

    facts = await warehouse.facts(FinishedGoodsReceived.name)
    assert [fact.closes for fact in facts] == [(), (DUTY,)]
    assert await stock_of(warehouse, BOX) == 4
    assert len(await shelf(warehouse, "lots")) == 1


async def test_a_failure_told_after_the_goods_passed_is_not_what_they_are_booked_by(warehouse: Department) -> None:
    await made(warehouse)
    await warehouse.hear(final().model_copy(update={"inspection_no": "FQC-2"}))

    await warehouse.hear(final(passed=False), said_at=warehouse.now - timedelta(hours=1))

    await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING)
    (fact,) = await warehouse.facts(FinishedGoodsReceived.name)
    assert isinstance(fact, FinishedGoodsReceived)
    assert fact.inspection_no == "FQC-2"
    assert await warehouse.refused(KEEPER, "receive_finished_goods", **BOOKING) == "more_than_passed"


@pytest.mark.parametrize("booked", [False, True])
async def test_goods_that_passed_twice_are_booked_once(warehouse: Department, booked: bool) -> None:
    """After their rework, and by a concession that was asked for before it."""
    await made(warehouse)
    await warehouse.hear(final().model_copy(update={"inspection_no": "FQC-2"}))
    if booked:
        await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING)

    await warehouse.hear(final().model_copy(update={"inspection_no": "FQC-3", "concession_no": "NCD-1"}))

    if not booked:
        await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING)
    assert await warehouse.refused(KEEPER, "receive_finished_goods", **BOOKING) == "more_than_passed"
    assert await stock_of(warehouse, BOX) == 4
    assert await owes(warehouse) == []


async def test_goods_without_a_final_inspection_are_not_booked(warehouse: Department) -> None:
    await made(warehouse)

    assert await warehouse.refused(KEEPER, "receive_finished_goods", **BOOKING) == "final_inspection_missing"


async def test_goods_that_failed_are_not_booked_until_they_pass(warehouse: Department) -> None:
    await made(warehouse)
    await warehouse.hear(final(passed=False))

    assert await warehouse.refused(KEEPER, "receive_finished_goods", **BOOKING) == "final_inspection_failed"
    assert await owes(warehouse) == []
    await warehouse.hear(final())
    await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING)
    assert await stock_of(warehouse, BOX) == 4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": "5"}, "more_than_passed"),
        ({"production_order_no": "MO-9"}, "production_order_unknown"),
        ({"location": ""}, "location_missing"),
        ({"heavy_zone": True}, "not_heavy"),
        ({"quantity": "0"}, "invalid_input"),
    ],
)
async def test_a_booking_with_a_fault_is_refused(warehouse: Department, change: dict[str, object], code: str) -> None:
    await made(warehouse)
    await warehouse.hear(final())

    assert await warehouse.refused(KEEPER, "receive_finished_goods", **{**BOOKING, **change}) == code
    assert await warehouse.facts(FinishedGoodsReceived.name) == []


async def test_exactly_fifty_kilograms_is_not_heavy(warehouse: Department) -> None:
    await made(warehouse, weight="50")
    await warehouse.hear(final())

    form = {**BOOKING, "heavy_zone": True}
    assert await warehouse.refused(KEEPER, "receive_finished_goods", **form) == "not_heavy"


async def test_heavy_goods_may_stand_in_the_workshop_and_are_booked_all_the_same(warehouse: Department) -> None:
    await made(warehouse, weight="50.1")
    await warehouse.hear(final())

    receipt = await warehouse.do(KEEPER, "receive_finished_goods", production_order_no="MO-1", heavy_zone=True)

    assert (receipt["location"], receipt["heavy_zone"]) == ("车间重件区", True)
    assert await stock_of(warehouse, BOX) == 4


async def test_the_same_goods_are_booked_once_even_by_two_at_once(warehouse: Department) -> None:
    await made(warehouse)
    await warehouse.hear(final())

    answers = await asyncio.gather(*(warehouse.attempt(KEEPER, "receive_finished_goods", **BOOKING) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await stock_of(warehouse, BOX) == 4


async def test_goods_of_a_cancelled_order_are_owed_by_nobody_but_may_be_booked(warehouse: Department) -> None:
    await made(warehouse)
    await warehouse.hear(cancellation())

    await warehouse.hear(final())

    assert await owes(warehouse) == []
    await warehouse.do(KEEPER, "receive_finished_goods", **BOOKING)


async def test_only_the_storekeeper_books(warehouse: Department) -> None:
    assert await warehouse.refused(MANAGER, "receive_finished_goods", **BOOKING) == "post_not_held"


async def test_facts_that_come_too_early_wait(warehouse: Department) -> None:
    with pytest.raises(WaitFor) as order:
        await warehouse.hear(production())
    with pytest.raises(WaitFor) as made_for:
        await warehouse.hear(final())

    assert order.value.thing == ("order", "SOD-1")
    assert made_for.value.thing == ("production_order", "MO-1")
