"""What comes to the gate is logged as what it is: ordered, too much, or nobody's."""

from decimal import Decimal
from typing import Any

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.warehouse import GoodsArrived
from tests.support.departments import Department
from tests.warehouse.conftest import (
    BREAKER,
    BUYER,
    KEEPER,
    MANAGER,
    arrived,
    cancellation,
    contract,
    delivery,
    expecting,
    purchase,
    requirement,
    shelf,
)

pytestmark = pytest.mark.asyncio
ARRIVAL, ASKED = links.arrival("MRL-1", 1), links.follow_up("PO-1", 1)


async def test_an_arrival_names_its_lot_its_line_and_both_suppliers(warehouse: Department) -> None:
    await expecting(warehouse)

    arrival = await warehouse.do(KEEPER, "log_arrival", **delivery(supplier_code="S-02", packages=2))

    (fact,) = await warehouse.facts(GoodsArrived.name)
    assert isinstance(fact, GoodsArrived)
    (line,) = fact.lines
    assert (fact.supplier_code, fact.ordered_supplier_code, fact.quarantine) == ("S-02", "S-01", False)
    assert (line.purchase_order_line_no, line.requirement_no, line.requirement_line_no) == (1, "MRL-1", 1)
    assert (line.description, line.unit, fact.order_no) == ("塑壳断路器", "台", "SOD-1")
    (lot,) = await shelf(warehouse, "lots")
    assert (lot["no"], lot["status"], lot["arrival_no"]) == (line.lot, "awaiting_inspection", arrival["no"])


async def test_what_makes_a_short_line_whole_fulfils_the_buyers_duty(warehouse: Department) -> None:
    await expecting(warehouse)

    await arrived(warehouse, "3")
    await arrived(warehouse, "1")

    closes = [fact.closes for fact in await warehouse.facts(GoodsArrived.name)]
    assignees = [fact.assignee for fact in await warehouse.facts(GoodsArrived.name)]
    assert closes == [(), (ARRIVAL, ASKED)]
    assert assignees == [None, BUYER]


async def test_two_orders_together_make_a_line_whole(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(requirement(4))
    await warehouse.hear(purchase("PO-1", 3))
    await warehouse.hear(purchase("PO-2", 1))

    await arrived(warehouse, "1", purchase_order_no="PO-2")
    await arrived(warehouse, "3")

    closes = [fact.closes for fact in await warehouse.facts(GoodsArrived.name)]
    assert closes == [(links.follow_up("PO-2", 1),), (ARRIVAL, ASKED)]
    assert [fact.assignee for fact in await warehouse.facts(GoodsArrived.name)] == [None, BUYER]


async def test_what_makes_a_list_whole_ends_the_asking_after_what_was_bought_for_it_besides(
    warehouse: Department,
) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(requirement(4))
    await warehouse.hear(purchase("PO-1", 4))
    await warehouse.hear(purchase("PO-2", 4))

    await arrived(warehouse, "1", purchase_order_no="PO-2")
    await arrived(warehouse, "3")

    closes = [fact.closes for fact in await warehouse.facts(GoodsArrived.name)]
    assert closes == [(), (ARRIVAL, ASKED, links.follow_up("PO-2", 1))]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"purchase_order_no": "PO-9"}, "purchase_order_unknown"),
        ({"lines": [{"item_code": "XX-1", "quantity": "1"}]}, "not_on_order"),
        ({"lines": [{"item_code": BREAKER, "quantity": "1", "purchase_order_line_no": 2}]}, "not_on_order"),
        ({"lines": [{"item_code": BREAKER, "quantity": "4.5"}]}, "more_than_ordered"),
        (
            {"lines": [{"item_code": BREAKER, "quantity": "3"}, {"item_code": BREAKER, "quantity": "2"}]},
            "more_than_ordered",
        ),
        ({"lines": [{"item_code": BREAKER, "quantity": "0"}]}, "invalid_input"),
        ({"lines": []}, "invalid_input"),
    ],
)
async def test_an_arrival_with_a_fault_is_refused_and_nothing_is_stated(
    warehouse: Department, change: dict[str, Any], code: str
) -> None:
    await expecting(warehouse)

    assert await warehouse.refused(KEEPER, "log_arrival", **delivery(**change)) == code
    assert await warehouse.facts(GoodsArrived.name) == []
    assert await shelf(warehouse, "lots") == []


async def test_more_than_ordered_is_refused_with_what_to_do(warehouse: Department) -> None:
    await expecting(warehouse)
    await arrived(warehouse, "3")

    answer = (await warehouse.attempt(KEEPER, "log_arrival", **delivery("2"))).json()

    assert Decimal(answer["details"]["left"]) == 1
    assert "quarantine" in answer["detail"]


async def test_the_surplus_may_wait_in_quarantine_and_counts_as_nothing(warehouse: Department) -> None:
    await expecting(warehouse)

    await arrived(warehouse, "9", quarantine=True)

    (fact,) = await warehouse.facts(GoodsArrived.name)
    assert isinstance(fact, GoodsArrived)
    assert (fact.quarantine, fact.purchase_order_no, fact.closes) == (True, "PO-1", ())
    assert fact.lines[0].purchase_order_line_no is None
    await arrived(warehouse, "4")
    assert (await warehouse.facts(GoodsArrived.name))[-1].closes == (ARRIVAL, ASKED)


async def test_what_nobody_ordered_waits_in_quarantine(warehouse: Department) -> None:
    await arrived(warehouse, purchase_order_no=None, supplier_code="S-09")

    (fact,) = await warehouse.facts(GoodsArrived.name)
    assert isinstance(fact, GoodsArrived)
    assert (fact.quarantine, fact.purchase_order_no, fact.ordered_supplier_code) == (True, None, None)
    assert [lot["status"] for lot in await shelf(warehouse, "lots")] == ["quarantine"]


async def test_goods_for_a_cancelled_order_are_refused_unless_in_quarantine(warehouse: Department) -> None:
    await expecting(warehouse)
    await warehouse.hear(cancellation())

    assert await warehouse.refused(KEEPER, "log_arrival", **delivery()) == "order_cancelled"
    await arrived(warehouse, quarantine=True)


async def test_only_the_storekeeper_logs(warehouse: Department) -> None:
    await expecting(warehouse)

    assert await warehouse.refused(MANAGER, "log_arrival", **delivery()) == "post_not_held"


async def test_a_purchase_order_that_overtakes_its_list_waits_for_it(warehouse: Department) -> None:
    await warehouse.hear(contract())

    with pytest.raises(WaitFor) as waiting:
        await warehouse.hear(purchase())

    assert waiting.value.thing == ("requirement", "MRL-1")
