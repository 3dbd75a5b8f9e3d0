"""Nothing leaves without notice, instruction and a passed inspection, nor while something stands against it."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from types import ModuleType

import pytest

from chassis.waiting import WaitFor
from contracts import links, pmc, quality
from contracts.engineering import WorkResumed, WorkStopped
from contracts.event import Event
from contracts.warehouse import GoodsShipped, HandoverDelivered, ShipmentWithheld
from tests.support.departments import Department
from tests.support.worklists import struck
from tests.warehouse.conftest import (
    BOX,
    DISPATCH,
    KEEPER,
    MANAGER,
    amendment,
    cancellation,
    contract,
    final,
    finished,
    instruction,
    notice,
    order_line,
    outgoing,
    owes,
    production,
    shelf,
    stock_of,
    stocked,
)

pytestmark = pytest.mark.asyncio
DUTY = links.ship("SHN-1")


async def ready(warehouse: Department, quantity: int = 4) -> None:
    """Everything is there for the goods to leave."""
    await finished(warehouse, quantity)
    await warehouse.hear(notice())
    await warehouse.hear(instruction())
    await warehouse.hear(outgoing())


async def refused(warehouse: Department) -> str:
    """The code with which the shipment is refused; nothing has left."""
    code = await warehouse.refused(KEEPER, "ship_goods", "SHN-1", **DISPATCH)
    assert await warehouse.facts(GoodsShipped.name) == []
    assert await stock_of(warehouse, BOX) == 4
    return code


async def test_goods_leave_with_both_notes_and_the_duty_is_fulfilled(warehouse: Department) -> None:
    await ready(warehouse)

    shipment = await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH, gross_weight_kg="210.5")

    (fact,) = await warehouse.facts(GoodsShipped.name)
    assert isinstance(fact, GoodsShipped)
    assert (fact.notice_no, fact.quantity, fact.lots) == ("SHN-1", Decimal(4), ("MO-1",))
    assert fact.closes == (DUTY, links.shipment_check("SOD-1", 1))
    assert (fact.delivery_note_no, fact.goods_issue_no) == ("DN-20260901-0001", "FGI-20260901-0001")
    assert (fact.carrier, fact.packages, fact.shipped_by) == ("顺达物流", 4, KEEPER)
    assert (shipment["status"], shipment["delivery_note_no"]) == ("shipped", fact.delivery_note_no)
    assert await stock_of(warehouse, BOX) == 0
    assert await owes(warehouse) == []


@pytest.mark.parametrize("order", [("instruction", "outgoing"), ("outgoing", "instruction")])
async def test_the_storekeeper_owes_it_from_the_last_of_instruction_and_inspection(
    warehouse: Department, order: tuple[str, ...]
) -> None:
    facts: dict[str, Event] = {"instruction": instruction(), "outgoing": outgoing()}
    await finished(warehouse)
    await warehouse.hear(notice())
    await warehouse.hear(facts[order[0]])
    assert await owes(warehouse) == []

    await warehouse.hear(facts[order[1]])

    delivered = (await warehouse.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.duty, delivered.post) == (DUTY, "storekeeper")
    assert delivered.inputs == (links.instruction("SHN-1"), links.outgoing_qa("SHN-1"))
    assert str(delivered.terms.required_on) == "2026-09-23"


async def test_the_storekeeper_owes_nothing_that_is_not_in_store(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(production())
    await warehouse.hear(notice())
    await warehouse.hear(instruction())
    await warehouse.hear(outgoing())
    assert await owes(warehouse) == []
    await warehouse.hear(final())

    await warehouse.do(KEEPER, "receive_finished_goods", production_order_no="MO-1", location="F-3")

    delivered = (await warehouse.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.duty, delivered.attempt) == (DUTY, 1)
    inputs = (links.instruction("SHN-1"), links.outgoing_qa("SHN-1"), links.finished_receipt("MO-1"))
    assert delivered.inputs == inputs
    assert await owes(warehouse) == ["ship:SHN-1"]


async def test_goods_that_one_shipment_was_promised_are_not_owed_on_another(warehouse: Department) -> None:
    await finished(warehouse, 4)
    for no in ("SHN-1", "SHN-2"):
        await warehouse.hear(notice(3, no))
        await warehouse.hear(instruction(3, no))
        await warehouse.hear(outgoing(no))
    assert await owes(warehouse) == ["ship:SHN-1"]

    await stocked(warehouse, BOX, "6")

    assert await owes(warehouse) == ["ship:SHN-1", "ship:SHN-2"]


async def test_goods_kept_for_another_order_are_not_taken_off_twice(warehouse: Department) -> None:
    await finished(warehouse, 4)
    await warehouse.hear(notice())
    await warehouse.hear(instruction())
    await warehouse.hear(outgoing())
    await stocked(warehouse, BOX, "8")
    other = {"order_no": "SOD-2"}

    await warehouse.hear(contract("SOD-2"))
    await warehouse.hear(notice(4, "SHN-2").model_copy(update=other))
    await warehouse.hear(instruction(4, "SHN-2").model_copy(update=other))
    await warehouse.hear(outgoing("SHN-2").model_copy(update=other))

    assert await owes(warehouse) == ["ship:SHN-1", "ship:SHN-2"]


async def test_a_receipt_and_a_shipment_at_once_block_nobody(warehouse: Department) -> None:
    await ready(warehouse)
    await warehouse.hear(final(8))

    receipt, shipment, _ = await asyncio.gather(
        warehouse.attempt(KEEPER, "receive_finished_goods", production_order_no="MO-1", location="F-3"),
        warehouse.attempt(KEEPER, "ship_goods", "SHN-1", **DISPATCH),
        warehouse.hear(outgoing()),
    )

    assert (receipt.status_code, shipment.status_code) == (201, 200)
    assert await stock_of(warehouse, BOX) == 4


async def test_without_a_notice_nothing_leaves(warehouse: Department) -> None:
    await finished(warehouse)

    assert await refused(warehouse) == "no_notice"


async def test_without_an_instruction_nothing_leaves(warehouse: Department) -> None:
    await finished(warehouse)
    await warehouse.hear(notice())
    await warehouse.hear(outgoing())

    assert await refused(warehouse) == "not_instructed"


async def test_without_an_inspection_nothing_leaves(warehouse: Department) -> None:
    await finished(warehouse)
    await warehouse.hear(notice())
    await warehouse.hear(instruction())

    assert await refused(warehouse) == "outgoing_inspection_missing"


async def test_what_failed_its_inspection_does_not_leave_until_it_passes(warehouse: Department) -> None:
    await ready(warehouse)
    await warehouse.hear(outgoing(passed=False))
    assert await refused(warehouse) == "outgoing_inspection_failed"

    await warehouse.hear(outgoing())

    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)


async def test_goods_that_fail_after_they_passed_are_owed_by_nobody_until_they_pass_again(
    warehouse: Department,
) -> None:
    await ready(warehouse)

    await warehouse.hear(outgoing(passed=False))
    await warehouse.hear(outgoing(passed=False))

    (fact,) = await warehouse.facts(ShipmentWithheld.name)
    assert (fact.closes, fact.inspection_no) == ((DUTY,), "OQC-1")  # type: ignore[attr-defined]
    assert await owes(warehouse) == []
    assert "comes again once they pass" in (await struck(warehouse, KEEPER))[str(DUTY)]
    await warehouse.hear(outgoing())
    delivered = (await warehouse.facts(HandoverDelivered.name))[-1]
    assert (delivered.duty, delivered.attempt) == (DUTY, 2)  # type: ignore[attr-defined]
    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)


async def test_goods_that_never_passed_are_withheld_from_nobody(warehouse: Department) -> None:
    await finished(warehouse)
    await warehouse.hear(notice())
    await warehouse.hear(instruction())

    await warehouse.hear(outgoing(passed=False))

    assert await warehouse.facts(ShipmentWithheld.name) == []


async def test_a_failure_told_after_the_goods_passed_keeps_nothing_in_the_house(warehouse: Department) -> None:
    await ready(warehouse)

    await warehouse.hear(outgoing(passed=False), said_at=warehouse.now - timedelta(hours=1))

    assert "ship:SHN-1" in await owes(warehouse)
    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)


@pytest.mark.parametrize("department", [pmc, quality])
async def test_nothing_leaves_while_a_block_is_in_force(warehouse: Department, department: ModuleType) -> None:
    await ready(warehouse)
    shared = {"order_no": "SOD-1", "block_no": "BLK-1", "reason": "柜门变形"}
    await warehouse.hear(department.ShipmentBlocked(**shared, blocked_by="E-023"))
    assert await refused(warehouse) == "shipment_blocked"

    await warehouse.hear(department.ShipmentUnblocked(**shared, lifted_by="E-023"))

    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)


async def test_blocks_of_two_departments_with_the_same_number_are_two(warehouse: Department) -> None:
    await ready(warehouse)
    shared = {"order_no": "SOD-1", "block_no": "BLK-1", "reason": "x"}
    await warehouse.hear(pmc.ShipmentBlocked(**shared, blocked_by="E-023"))
    await warehouse.hear(quality.ShipmentBlocked(**shared, blocked_by="E-050"))

    await warehouse.hear(pmc.ShipmentUnblocked(**shared, lifted_by="E-023"))

    assert await refused(warehouse) == "shipment_blocked"


async def test_a_block_that_was_lifted_before_it_was_heard_of_stands_against_nothing(warehouse: Department) -> None:
    await ready(warehouse)
    shared = {"order_no": "SOD-1", "block_no": "BLK-1", "reason": "x"}
    await warehouse.hear(pmc.ShipmentUnblocked(**shared, lifted_by="E-023"))
    await warehouse.hear(pmc.ShipmentBlocked(**shared, blocked_by="E-023"))

    shipment = await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)

    assert shipment["status"] == "shipped"


@pytest.mark.parametrize(("line_no", "stands"), [(None, True), (1, True), (2, False)])
async def test_nothing_leaves_while_its_line_is_stopped(
    warehouse: Department, line_no: int | None, stands: bool
) -> None:
    await ready(warehouse)
    shared = {"order_no": "SOD-1", "stop_no": "WST-1", "line_no": line_no, "reason": "图纸不符"}
    await warehouse.hear(WorkStopped(**shared, stopped_by="E-010"))
    if stands:
        assert await refused(warehouse) == "work_stopped"
        await warehouse.hear(WorkResumed(**shared, resumed_by="E-010"))

    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)


async def test_a_cancelled_order_does_not_leave(warehouse: Department) -> None:
    await ready(warehouse)
    await warehouse.hear(cancellation())

    assert await refused(warehouse) == "order_cancelled"
    assert [row["status"] for row in await shelf(warehouse, "shipments")] == ["cancelled"]
    assert await owes(warehouse) == []


async def test_a_notice_of_a_cancelled_order_is_void_from_the_start(warehouse: Department) -> None:
    await finished(warehouse)
    await warehouse.hear(cancellation())
    await warehouse.hear(notice())
    await warehouse.hear(instruction())
    await warehouse.hear(outgoing())

    assert await owes(warehouse) == []
    assert await refused(warehouse) == "order_cancelled"


async def test_the_look_after_a_line_ends_with_the_shipment_by_which_all_of_it_has_left(warehouse: Department) -> None:
    await finished(warehouse)
    for no, quantity in (("SHN-1", 3), ("SHN-2", 1)):
        for fact in (notice(quantity, no), instruction(quantity, no), outgoing(no)):
            await warehouse.hear(fact)
        await warehouse.do(KEEPER, "ship_goods", no, **DISPATCH)

    some, rest = await warehouse.facts(GoodsShipped.name)
    assert some.closes == (DUTY,)
    assert rest.closes == (links.ship("SHN-2"), links.shipment_check("SOD-1", 1))


async def test_no_more_leaves_than_is_ordered_now(warehouse: Department) -> None:
    await ready(warehouse)
    await warehouse.hear(amendment(3, order_line(3)))
    await warehouse.hear(amendment(2, order_line(9)))

    assert await refused(warehouse) == "more_than_ordered"


async def test_a_line_that_was_left_out_of_the_order_does_not_leave(warehouse: Department) -> None:
    await ready(warehouse)
    await warehouse.hear(amendment(2, order_line(4, line_no=2)))

    assert await refused(warehouse) == "more_than_ordered"


async def test_no_more_leaves_than_the_notice_says(warehouse: Department) -> None:
    await finished(warehouse)
    await warehouse.hear(notice(3))
    await warehouse.hear(instruction(4))
    await warehouse.hear(outgoing())

    assert await refused(warehouse) == "more_than_noticed"


async def test_no_more_leaves_than_there_is(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(notice())
    await warehouse.hear(instruction())
    await warehouse.hear(outgoing())
    await stocked(warehouse, BOX, "3")

    assert await warehouse.refused(KEEPER, "ship_goods", "SHN-1", **DISPATCH) == "not_enough_stock"
    assert await stock_of(warehouse, BOX) == 3


async def test_goods_leave_once_even_with_two_at_the_gate(warehouse: Department) -> None:
    await ready(warehouse, quantity=8)

    answers = await asyncio.gather(*(warehouse.attempt(KEEPER, "ship_goods", "SHN-1", **DISPATCH) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert await stock_of(warehouse, BOX) == 4


@pytest.mark.parametrize("first", ["the shipment", "the cancellation"])
async def test_a_shipment_and_a_cancellation_at_once_block_nobody(warehouse: Department, first: str) -> None:
    """Whoever comes second sees what the first did."""
    await ready(warehouse)
    works = [warehouse.attempt(KEEPER, "ship_goods", "SHN-1", **DISPATCH), warehouse.hear(cancellation())]

    met = await warehouse.meet("duties", *(works if first == "the shipment" else reversed(works)))

    (answer,) = [each for each in met if each is not None]
    assert answer.status_code == (200 if first == "the shipment" else 409), answer.text
    assert await stock_of(warehouse, BOX) == (0 if first == "the shipment" else 4)
    assert await owes(warehouse) == []


async def test_an_orders_own_goods_leave_before_older_ones_of_the_same_kind(warehouse: Department) -> None:
    await stocked(warehouse, BOX, "4")
    await ready(warehouse)

    shipment = await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)

    assert shipment["lots"] == ["MO-1"]


async def test_only_the_storekeeper_ships_and_names_the_carrier(warehouse: Department) -> None:
    await ready(warehouse)

    assert await warehouse.refused(MANAGER, "ship_goods", "SHN-1", **DISPATCH) == "post_not_held"
    assert await warehouse.refused(KEEPER, "ship_goods", "SHN-1", carrier="") == "invalid_input"


async def test_facts_about_an_unknown_notice_wait_for_it(warehouse: Department) -> None:
    for fact in (instruction(), outgoing()):
        with pytest.raises(WaitFor) as waiting:
            await warehouse.hear(fact)
        assert waiting.value.thing == ("notice", "SHN-1")
    with pytest.raises(WaitFor) as order:
        await warehouse.hear(notice())
    assert order.value.thing == ("order", "SOD-1")


async def test_a_second_inspection_of_goods_that_left_owes_nothing(warehouse: Department) -> None:
    await ready(warehouse)
    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)

    await warehouse.hear(outgoing())

    assert await owes(warehouse) == []


async def test_the_same_order_may_leave_in_two_notices(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(production())
    await warehouse.hear(final())
    await warehouse.do(KEEPER, "receive_finished_goods", production_order_no="MO-1", location="F-3")
    for no, quantity in (("SHN-1", 3), ("SHN-2", 1)):
        await warehouse.hear(notice(quantity, no))
        await warehouse.hear(instruction(quantity, no))
        await warehouse.hear(outgoing(no))
        await warehouse.do(KEEPER, "ship_goods", no, **DISPATCH)

    assert await stock_of(warehouse, BOX) == 0
