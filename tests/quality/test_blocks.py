"""Quality keeps nonconforming goods in the house until somebody lifts the block by name."""

from contracts.quality import ShipmentBlocked, ShipmentUnblocked
from tests.quality.conftest import INSPECTOR, MANAGER, cancellation, contract, shelf
from tests.support.departments import Department

REASON = {"reason": "耐压试验不过"}


async def blocked(quality: Department) -> str:
    await quality.hear(contract())
    return str((await quality.do(INSPECTOR, "block_shipment", order_no="SOD-1", **REASON))["no"])


async def test_a_block_and_its_end_are_stated(quality: Department) -> None:
    no = await blocked(quality)
    await quality.do(MANAGER, "unblock_shipment", no, reason="复试合格")

    block, end = await quality.facts(ShipmentBlocked.name, ShipmentUnblocked.name)
    assert isinstance(block, ShipmentBlocked)
    assert isinstance(end, ShipmentUnblocked)
    assert (block.block_no, block.order_no, block.blocked_by) == (no, "SOD-1", INSPECTOR)
    assert (end.block_no, end.lifted_by, end.reason) == (no, MANAGER, "复试合格")


async def test_a_block_is_lifted_once(quality: Department) -> None:
    no = await blocked(quality)
    await quality.do(INSPECTOR, "unblock_shipment", no, reason="复试合格")

    assert await quality.refused(INSPECTOR, "unblock_shipment", no, reason="复试合格") == "wrong_status"


async def test_one_block_at_a_time_holds_an_order(quality: Department) -> None:
    no = await blocked(quality)

    assert await quality.refused(MANAGER, "block_shipment", order_no="SOD-1", **REASON) == "already_blocked"
    await quality.do(INSPECTOR, "unblock_shipment", no, reason="复试合格")
    assert (await quality.do(MANAGER, "block_shipment", order_no="SOD-1", **REASON))["status"] == "blocked"


async def test_an_unknown_order_is_not_blocked(quality: Department) -> None:
    assert await quality.refused(INSPECTOR, "block_shipment", order_no="SOD-9", **REASON) == "unknown_order"


async def test_others_do_not_speak_for_quality(quality: Department) -> None:
    await quality.employ(storekeeper="E-060")
    await quality.hear(contract())

    assert await quality.refused("E-060", "block_shipment", order_no="SOD-1", **REASON) == "post_not_held"


async def test_a_cancelled_order_ends_its_block_and_takes_no_new_one(quality: Department) -> None:
    no = await blocked(quality)
    await quality.hear(cancellation())

    assert (await shelf(quality, "blocks"))[0]["status"] == "cancelled"
    assert await quality.refused(INSPECTOR, "unblock_shipment", no, reason="复试合格") == "wrong_status"
    assert await quality.refused(INSPECTOR, "block_shipment", order_no="SOD-1", **REASON) == "order_cancelled"
