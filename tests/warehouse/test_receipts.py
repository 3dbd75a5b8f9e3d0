"""Only what passed is received; what failed goes back; an override is a named act."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.quality import Disposition, DispositionDecided
from contracts.warehouse import GoodsReceived, GoodsReturned, HandoverDelivered
from tests.support.departments import Department
from tests.warehouse.conftest import (
    BREAKER,
    KEEPER,
    MANAGER,
    arrived,
    cancellation,
    delivery,
    expecting,
    inspection,
    owes,
    shelf,
    stock_of,
)

pytestmark = pytest.mark.asyncio
HOUR = timedelta(hours=1)
ARRIVAL = links.arrival("MRL-1", 1)


def decided(lot: str, disposition: Disposition) -> DispositionDecided:
    return DispositionDecided(
        order_no="SOD-1",
        disposition_no="NCD-1",
        inspection_no="IQC-1",
        lot=lot,
        item_code=BREAKER,
        quantity=4,
        defect="触头烧蚀",
        disposition=disposition,
        decided_by="E-050",
    )


async def lot_at_the_gate(warehouse: Department) -> str:
    await expecting(warehouse)
    return await arrived(warehouse)


async def status_of(warehouse: Department, lot: str) -> str:
    (row,) = [each for each in await shelf(warehouse, "lots") if each["no"] == lot]
    return str(row["status"])


async def test_a_passed_lot_is_the_storekeepers_to_receive(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)

    await warehouse.hear(inspection(lot))

    delivered = (await warehouse.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.duty, delivered.post, delivered.inputs) == (links.receipt(lot), "storekeeper", (links.iqc(lot),))
    assert (delivered.order_no, delivered.line_no) == ("SOD-1", 1)


async def test_receiving_books_the_stock_and_fulfils_the_duty(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot))

    receipt = await warehouse.do(KEEPER, "receive_goods", lot=lot, location="A-01")

    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert isinstance(fact, GoodsReceived)
    assert (fact.receipt_no, fact.lot, fact.quantity, fact.location) == (receipt["no"], lot, Decimal(4), "A-01")
    assert (fact.closes, fact.override_by, fact.inspection_no) == ((links.receipt(lot),), None, "IQC-1")
    assert (fact.requirement_no, fact.requirement_line_no) == ("MRL-1", 1)
    assert await stock_of(warehouse, BREAKER) == 4
    assert await owes(warehouse) == []


async def test_an_uninspected_lot_is_not_received(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)

    assert await warehouse.refused(KEEPER, "receive_goods", lot=lot) == "not_inspected"
    assert await stock_of(warehouse, BREAKER) == 0


async def test_a_failed_lot_is_not_received(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, passed=False))

    assert await warehouse.refused(KEEPER, "receive_goods", lot=lot) == "inspection_failed"
    assert await owes(warehouse) == []


async def test_what_nobody_ordered_is_not_received(warehouse: Department) -> None:
    lot = await arrived(warehouse, purchase_order_no=None)
    await warehouse.hear(inspection(lot))

    assert await warehouse.refused(KEEPER, "receive_goods", lot=lot) == "in_quarantine"


async def test_an_unknown_lot_is_not_received(warehouse: Department) -> None:
    assert await warehouse.refused(KEEPER, "receive_goods", lot="LOT-9") == "not_found"


async def test_a_lot_is_received_once_even_by_two_at_once(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot))

    answers = await asyncio.gather(*(warehouse.attempt(KEEPER, "receive_goods", lot=lot) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await stock_of(warehouse, BREAKER) == 4


@pytest.mark.parametrize("inspected", [None, False])
async def test_the_manager_may_override_by_name(warehouse: Department, inspected: bool | None) -> None:
    lot = await lot_at_the_gate(warehouse)
    if inspected is not None:
        await warehouse.hear(inspection(lot, passed=inspected))
    assert await warehouse.refused(KEEPER, "override_inspection", lot, reason="x") == "post_not_held"

    await warehouse.do(MANAGER, "override_inspection", lot, reason="产线停工待料")

    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert isinstance(fact, GoodsReceived)
    (receipt,) = await shelf(warehouse, "receipts")
    assert (fact.override_by, receipt["override_by"], receipt["reason"]) == (MANAGER, MANAGER, "产线停工待料")
    assert await stock_of(warehouse, BREAKER) == 4


async def test_what_passed_needs_no_override(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot))

    assert await warehouse.refused(MANAGER, "override_inspection", lot, reason="x") == "nothing_to_override"


async def test_an_override_names_its_reason(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)

    assert await warehouse.refused(MANAGER, "override_inspection", lot, reason=" ") == "invalid_input"


async def test_a_failed_lot_that_passes_by_concession_has_arrived_after_all(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, passed=False))
    await warehouse.hear(inspection(lot, inspection_no="IQC-2", concession_no="NCD-1"))

    await warehouse.do(KEEPER, "receive_goods", lot=lot)

    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert fact.closes == (links.receipt(lot), ARRIVAL, links.follow_up("PO-1", 1))


@pytest.mark.parametrize("by", [{"concession_no": "NCD-1"}, {}])
async def test_a_failure_told_after_the_lot_passed_all_the_same_stands_in_nobodys_way(
    warehouse: Department, by: dict[str, Any]
) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, inspection_no="IQC-2", **by))

    await warehouse.hear(inspection(lot, passed=False), said_at=warehouse.now - HOUR)

    assert await status_of(warehouse, lot) == "passed"
    await warehouse.do(KEEPER, "receive_goods", lot=lot)
    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert isinstance(fact, GoodsReceived)
    assert fact.closes == (links.receipt(lot), ARRIVAL, links.follow_up("PO-1", 1))
    assert fact.inspection_no == "IQC-2"


async def test_of_one_moment_the_concession_is_the_later_word(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, inspection_no="IQC-2", concession_no="NCD-1"))

    await warehouse.hear(inspection(lot, passed=False))

    await warehouse.do(KEEPER, "receive_goods", lot=lot)


async def test_a_failure_told_after_the_receipt_by_concession_changes_nothing(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, inspection_no="IQC-2", concession_no="NCD-1"))
    await warehouse.do(KEEPER, "receive_goods", lot=lot)

    await warehouse.hear(inspection(lot, passed=False), said_at=warehouse.now - HOUR)

    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert fact.closes == (links.receipt(lot), ARRIVAL, links.follow_up("PO-1", 1))
    assert await warehouse.refused(KEEPER, "log_arrival", **delivery()) == "more_than_ordered"


async def test_a_lot_that_was_decided_on_had_failed_whatever_was_told_of_that(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(decided(lot, Disposition.REWORK))
    await warehouse.hear(inspection(lot, inspection_no="IQC-2"))
    await warehouse.do(KEEPER, "receive_goods", lot=lot)

    await warehouse.hear(inspection(lot, passed=False), said_at=warehouse.now - HOUR)

    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert fact.closes == (links.receipt(lot), ARRIVAL, links.follow_up("PO-1", 1))


async def test_a_lot_that_passes_after_its_rework_had_failed_whatever_was_told_of_that(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, inspection_no="IQC-2", failed_before=True))
    await warehouse.do(KEEPER, "receive_goods", lot=lot)

    await warehouse.hear(inspection(lot, passed=False), said_at=warehouse.now - HOUR)
    await warehouse.hear(decided(lot, Disposition.REWORK), said_at=warehouse.now - HOUR)

    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert fact.closes == (links.receipt(lot), ARRIVAL, links.follow_up("PO-1", 1))
    assert await warehouse.refused(KEEPER, "log_arrival", **delivery()) == "more_than_ordered"


async def test_a_lot_that_was_overridden_before_its_concession_counts(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.do(MANAGER, "override_inspection", lot, reason="急料")

    await warehouse.hear(inspection(lot, inspection_no="IQC-2", concession_no="NCD-1"))

    assert await warehouse.refused(KEEPER, "log_arrival", **delivery()) == "more_than_ordered"


async def test_a_failed_lot_makes_room_for_its_replacement(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, passed=False))
    await warehouse.hear(inspection(lot, passed=False))

    replacement = await arrived(warehouse)
    await warehouse.hear(inspection(replacement))
    await warehouse.do(KEEPER, "receive_goods", lot=replacement)

    assert await stock_of(warehouse, BREAKER) == 4
    (fact,) = await warehouse.facts(GoodsReceived.name)
    assert fact.closes == (links.receipt(replacement),)


async def test_an_inspection_that_overtakes_its_lot_waits_for_it(warehouse: Department) -> None:
    with pytest.raises(WaitFor) as waiting:
        await warehouse.hear(inspection("LOT-9"))

    assert waiting.value.thing == ("arrival", "LOT-9")


async def test_a_passed_lot_of_a_cancelled_order_is_owed_by_nobody_but_may_be_booked(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(cancellation())

    await warehouse.hear(inspection(lot))

    assert await owes(warehouse) == []
    await warehouse.do(KEEPER, "receive_goods", lot=lot)
    assert await stock_of(warehouse, BREAKER) == 4


async def test_a_failed_lot_goes_back_to_its_supplier(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, passed=False))
    await warehouse.hear(decided(lot, Disposition.RETURN))

    note = await warehouse.do(KEEPER, "return_goods", lot=lot, reason="触头烧蚀")

    (fact,) = await warehouse.facts(GoodsReturned.name)
    assert isinstance(fact, GoodsReturned)
    assert (fact.return_note_no, fact.lot, fact.supplier_code, fact.quantity) == (note["no"], lot, "S-01", Decimal(4))
    assert await status_of(warehouse, lot) == "returned"
    assert await warehouse.refused(KEEPER, "return_goods", lot=lot, reason="x") == "not_returnable"
    assert await warehouse.refused(KEEPER, "receive_goods", lot=lot) == "wrong_status"


async def test_what_nobody_ordered_may_go_back(warehouse: Department) -> None:
    lot = await arrived(warehouse, purchase_order_no=None)

    await warehouse.do(KEEPER, "return_goods", lot=lot, reason="没有订购单")

    assert await status_of(warehouse, lot) == "returned"


async def test_a_good_lot_does_not_go_back(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot))

    assert await warehouse.refused(KEEPER, "return_goods", lot=lot, reason="x") == "not_returnable"


async def test_what_quality_wants_scrapped_does_not_go_back(warehouse: Department) -> None:
    lot = await lot_at_the_gate(warehouse)
    await warehouse.hear(inspection(lot, passed=False))
    await warehouse.hear(decided(lot, Disposition.SCRAP))

    assert await warehouse.refused(KEEPER, "return_goods", lot=lot, reason="x") == "disposed_otherwise"
