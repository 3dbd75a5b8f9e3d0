"""Somebody other than a storekeeper counts, and the books follow what is there."""

from decimal import Decimal

import pytest

from contracts.warehouse import StockCounted
from tests.support.departments import Department
from tests.warehouse.conftest import BREAKER, KEEPER, MANAGER, PLANNER, contract, requisition, shelf, stock_of, stocked

pytestmark = pytest.mark.asyncio
COUNT = {"item_code": BREAKER, "unit": "台", "counted": "7", "location": "A-01"}


async def test_the_first_count_is_the_opening_stock(warehouse: Department) -> None:
    document = await warehouse.do(PLANNER, "count_stock", **COUNT)

    (fact,) = await warehouse.facts(StockCounted.name)
    assert isinstance(fact, StockCounted)
    assert (fact.count_no, fact.item_code, fact.booked, fact.counted) == (
        document["no"],
        BREAKER,
        Decimal(0),
        Decimal(7),
    )
    assert (fact.counted_by, fact.order_no, fact.opening) == (PLANNER, None, True)
    assert await stock_of(warehouse, BREAKER) == 7
    (row,) = await shelf(warehouse, "stock")
    assert (row["no"], row["unit"], row["location"]) == (BREAKER, "台", "A-01")


async def test_what_is_missing_leaves_the_oldest_lots_and_what_is_found_is_a_lot(warehouse: Department) -> None:
    for counted in ("7", "10", "2", "2.5"):
        await warehouse.do(MANAGER, "count_stock", **{**COUNT, "counted": counted})

    lots = sorted((lot["no"], Decimal(lot["remaining"])) for lot in await shelf(warehouse, "lots"))
    assert [remaining for _, remaining in lots] == [0, 2, Decimal("0.5")]
    variances = [Decimal(row["variance"]) for row in await shelf(warehouse, "stock-counts")]
    assert variances == [Decimal("0.5"), -8, 3, 7]
    assert await stock_of(warehouse, BREAKER) == Decimal("2.5")


async def test_a_count_that_agrees_moves_nothing(warehouse: Department) -> None:
    await stocked(warehouse, quantity="7")

    await warehouse.do(MANAGER, "count_stock", **COUNT)

    assert len(await shelf(warehouse, "lots")) == 1
    assert [fact.opening for fact in await warehouse.facts(StockCounted.name)] == [True, False]  # type: ignore[attr-defined]


async def test_a_storekeeper_does_not_count(warehouse: Department) -> None:
    assert await warehouse.refused(KEEPER, "count_stock", **COUNT) == "post_not_held"


async def test_a_storekeeper_does_not_count_in_another_post_either(warehouse: Department) -> None:
    await warehouse.employ(planner=KEEPER)

    assert await warehouse.refused(KEEPER, "count_stock", **COUNT) == "counter_keeps_stock"
    assert await warehouse.facts(StockCounted.name) == []


async def test_nobody_counts_less_than_nothing(warehouse: Department) -> None:
    assert await warehouse.refused(MANAGER, "count_stock", **{**COUNT, "counted": "-1"}) == "invalid_input"


async def test_what_a_count_finds_serves_who_waited_for_it(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(requisition())

    await warehouse.do(MANAGER, "count_stock", **COUNT)

    (row,) = await shelf(warehouse, "requisitions")
    assert row["offered"] is True


async def test_the_opinion_shows_what_is_in_stock(warehouse: Department) -> None:
    await stocked(warehouse, "P-XL21", "2.50")

    await warehouse.hear(contract())

    (opinion,) = await shelf(warehouse, "opinions")
    assert opinion["known"] == [{"line_no": 1, "term": "on_stock", "value": "2.5"}]
    assert opinion["assignee"] == KEEPER
    given = await warehouse.do(KEEPER, "give_opinion", opinion["no"], opinion="agree")
    assert given["status"] == "answered"
