"""For a line that the customer took off nothing is issued or taken in; its goods in the house are booked all the same."""

from datetime import timedelta

from chassis.prevention import Prevention
from contracts.warehouse import GoodsArrived, HandoverDelivered
from tests.support.departments import MORNING, Department
from tests.support.worklists import know_the_standards, rows, struck, undated
from tests.warehouse.conftest import (
    KEEPER,
    MANAGER,
    amendment,
    arrived,
    contract,
    delivery,
    expecting,
    final,
    inspection,
    order_line,
    owes,
    production,
    requisition,
    stocked,
)

REMOVED = "line 1 removed by amendment, revision 2"
GOODS = f"{REMOVED}; the goods are here and must be dealt with"
WITHOUT_LINE_1 = amendment(2, order_line(line_no=2))
WITH_BOTH = amendment(3, order_line(), order_line(line_no=2))


async def passed(warehouse: Department) -> str:
    """A lot of line 1 that passed and waits to be received."""
    await expecting(warehouse)
    lot = await arrived(warehouse)
    await warehouse.hear(inspection(lot))
    return lot


async def attempts(warehouse: Department, link: str) -> list[int]:
    facts = [fact for fact in await warehouse.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    return [fact.attempt for fact in facts if fact.duty.link == link]


async def test_material_for_a_removed_line_is_not_issued(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await stocked(warehouse)
    await warehouse.hear(requisition())

    await warehouse.hear(WITHOUT_LINE_1)

    assert await owes(warehouse) == []
    assert await struck(warehouse, MANAGER) == {"issue:REQ-1": REMOVED}
    assert await warehouse.refused(KEEPER, "issue_material", requisition_no="REQ-1") == "line_removed"


async def test_a_requisition_that_comes_after_the_amendment_is_void(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await stocked(warehouse)
    await warehouse.hear(WITHOUT_LINE_1)

    await warehouse.hear(requisition())

    assert await owes(warehouse) == []


async def test_what_a_removed_line_was_promised_is_there_for_others(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(contract("SOD-2"))
    await stocked(warehouse, quantity="4")
    await warehouse.hear(requisition())
    await warehouse.hear(requisition("REQ-2", "SOD-2"))
    assert await owes(warehouse) == ["issue:REQ-1"]

    await warehouse.hear(WITHOUT_LINE_1)

    assert await owes(warehouse) == ["issue:REQ-2"]


async def test_material_bought_for_a_removed_line_is_there_for_others(warehouse: Department) -> None:
    lot = await passed(warehouse)
    await warehouse.hear(contract("SOD-2"))
    await warehouse.hear(requisition("REQ-2", "SOD-2"))
    await warehouse.do(KEEPER, "receive_goods", lot=lot, location="A-1")
    assert await owes(warehouse) == []

    await warehouse.hear(WITHOUT_LINE_1)

    assert await owes(warehouse) == ["issue:REQ-2"]


async def test_a_passed_lot_is_received_without_a_due_time(warehouse: Department) -> None:
    await know_the_standards(warehouse)
    lot = await passed(warehouse)

    await warehouse.hear(WITHOUT_LINE_1)

    assert await undated(warehouse, MANAGER) == {f"receipt:{lot}": GOODS}
    await warehouse.wait_until(MORNING + timedelta(days=30))
    await Prevention("warehouse", warehouse.engine, (50,), ()).look()
    assert (await rows(warehouse, MANAGER))[f"receipt:{lot}"]["warned"] == 0
    await warehouse.do(KEEPER, "receive_goods", lot=lot, location="A-1")
    assert await owes(warehouse) == []


async def test_finished_goods_are_booked_without_a_due_time_and_owed_again_when_the_line_comes_back(
    warehouse: Department,
) -> None:
    await know_the_standards(warehouse)
    await warehouse.hear(contract())
    await warehouse.hear(production())
    await warehouse.hear(final())

    await warehouse.hear(WITHOUT_LINE_1)
    assert await undated(warehouse, MANAGER) == {"finished_receipt:MO-1": GOODS}
    await warehouse.hear(WITH_BOTH)

    assert await undated(warehouse, MANAGER) == {}
    assert (await rows(warehouse, MANAGER))["finished_receipt:MO-1"]["due_at"] is not None
    assert await attempts(warehouse, "finished_receipt") == [1, 2]


async def test_a_lot_that_passes_while_the_line_is_off_is_owed_once_it_comes_back(warehouse: Department) -> None:
    await know_the_standards(warehouse)
    await expecting(warehouse)
    lot = await arrived(warehouse)
    await warehouse.hear(WITHOUT_LINE_1)

    await warehouse.hear(inspection(lot))
    assert await undated(warehouse, MANAGER) == {f"receipt:{lot}": GOODS}
    await warehouse.hear(WITH_BOTH)

    assert await attempts(warehouse, "receipt") == [1, 2]


async def test_goods_for_a_removed_line_are_taken_in_only_apart(warehouse: Department) -> None:
    await expecting(warehouse)
    await warehouse.hear(WITHOUT_LINE_1)

    assert await warehouse.refused(KEEPER, "log_arrival", **delivery()) == "line_removed"
    await warehouse.do(KEEPER, "log_arrival", **delivery(quarantine=True))


async def test_an_arrival_says_for_which_line_it_is(warehouse: Department) -> None:
    await expecting(warehouse)
    await arrived(warehouse)
    await arrived(warehouse, purchase_order_no=None)

    facts = [fact for fact in await warehouse.facts(GoodsArrived.name) if isinstance(fact, GoodsArrived)]
    assert [line.order_line_no for fact in facts for line in fact.lines] == [1, None]
