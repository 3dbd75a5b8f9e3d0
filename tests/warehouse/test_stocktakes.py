"""A month's stocktake is owed to finance from the month's first movement on, and handed over once (WHS-04)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from chassis.instants import FACTORY
from contracts.warehouse import HandoverDelivered, StockCounted, StocktakeHandedOver
from tests.support.departments import MORNING, Department
from tests.warehouse.conftest import BREAKER, BUSBAR, KEEPER, MANAGER, PLANNER, shelf, stocked

pytestmark = pytest.mark.asyncio
COUNT = {"item_code": BREAKER, "unit": "台", "counted": "7"}


THIS = f"{MORNING.astimezone(FACTORY):%Y-%m}"
NEXT_MONTH = MORNING + timedelta(days=31)


async def test_the_first_movement_of_a_month_puts_its_stocktake_on_the_worklist_once(warehouse: Department) -> None:
    await warehouse.do(PLANNER, "count_stock", **COUNT)
    await warehouse.do(PLANNER, "count_stock", **COUNT)

    (owed,) = [fact for fact in await warehouse.facts(HandoverDelivered.name) if fact.duty.link == "stocktake"]  # type: ignore[attr-defined]
    assert isinstance(owed, HandoverDelivered)
    assert (owed.duty.key, owed.post, owed.order_no) == (THIS, "storekeeper", None)
    assert owed.terms.required_on is not None
    assert owed.terms.required_on.day == 3


async def test_finance_receives_what_was_counted_last_and_how_much_nobody_counted(warehouse: Department) -> None:
    await warehouse.do(PLANNER, "count_stock", **COUNT)
    await warehouse.do(PLANNER, "count_stock", **{**COUNT, "counted": "5", "cause": "two were scrapped"})
    await warehouse.wait_until(NEXT_MONTH)

    document = await warehouse.do(KEEPER, "hand_over_stocktake", month=THIS)

    (fact,) = await warehouse.facts(StocktakeHandedOver.name)
    assert isinstance(fact, StocktakeHandedOver)
    (line,) = fact.lines
    assert (line.item_code, line.booked, line.counted, line.cause) == (
        BREAKER,
        Decimal(7),
        Decimal(5),
        "two were scrapped",
    )
    assert (fact.stocktake_no, fact.month, fact.uncounted, fact.handed_over_by) == (document["no"], THIS, 0, KEEPER)
    assert [duty.link for duty in fact.closes] == ["stocktake"]
    assert [row["no"] for row in await shelf(warehouse, "stocktakes")] == [document["no"]]


async def test_a_count_says_of_which_stocktake_it_is_part(warehouse: Department) -> None:
    """Last month's as long as finance does not have it, then this month's."""
    await warehouse.do(PLANNER, "count_stock", **COUNT)
    await warehouse.wait_until(NEXT_MONTH)
    await warehouse.do(PLANNER, "count_stock", **COUNT)
    await warehouse.do(KEEPER, "hand_over_stocktake", month=THIS)
    await warehouse.do(PLANNER, "count_stock", **COUNT)

    months = [fact.month for fact in await warehouse.facts(StockCounted.name)]  # type: ignore[attr-defined]
    assert months == [THIS, THIS, f"{NEXT_MONTH.astimezone(FACTORY):%Y-%m}"]


async def test_an_item_that_nobody_counted_is_told(warehouse: Department) -> None:
    await stocked(warehouse, BUSBAR)
    await warehouse.wait_until(NEXT_MONTH)
    await warehouse.do(MANAGER, "count_stock", **COUNT)
    await warehouse.wait_until(NEXT_MONTH + timedelta(days=31))

    document = await warehouse.do(KEEPER, "hand_over_stocktake", month=f"{NEXT_MONTH.astimezone(FACTORY):%Y-%m}")

    assert document["uncounted"] == 1


async def test_a_month_that_is_not_over_is_not_handed_over(warehouse: Department) -> None:
    await warehouse.do(PLANNER, "count_stock", **COUNT)

    assert await warehouse.refused(KEEPER, "hand_over_stocktake", month=THIS) == "month_not_over"


async def test_a_stocktake_without_counts_is_none(warehouse: Department) -> None:
    await warehouse.wait_until(NEXT_MONTH)

    assert await warehouse.refused(KEEPER, "hand_over_stocktake", month=THIS) == "nothing_counted"


async def test_a_month_is_handed_over_once(warehouse: Department) -> None:
    await warehouse.do(PLANNER, "count_stock", **COUNT)
    await warehouse.wait_until(NEXT_MONTH)
    await warehouse.do(KEEPER, "hand_over_stocktake", month=THIS)

    assert await warehouse.refused(KEEPER, "hand_over_stocktake", month=THIS) == "stocktake_handed_over"
    assert len(await warehouse.facts(StocktakeHandedOver.name)) == 1


async def test_only_a_storekeeper_hands_it_over(warehouse: Department) -> None:
    assert await warehouse.refused(PLANNER, "hand_over_stocktake", month=THIS) == "post_not_held"


async def test_a_month_is_written_as_year_and_month(warehouse: Department) -> None:
    assert await warehouse.refused(KEEPER, "hand_over_stocktake", month="October") == "invalid_input"
