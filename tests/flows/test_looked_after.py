"""From the booking of finished goods to the customer's complaint: who is asked to look, and what the judge makes of it (MER-03)."""

from datetime import datetime
from typing import Any

import pytest

from contracts import links
from contracts.catalogue import ALL_EVENTS
from contracts.event import Event
from contracts.sales import ContractSubmitted, ShippingNoticeIssued
from contracts.warehouse import FinishedGoodsReceived, GoodsShipped
from services.accountability.judge.verdicts import DutyStatus
from tests.flows.test_hindered_shipment import stated
from tests.sales.conftest import BOSS, FOLLOWER, MANAGER, SELLER
from tests.sales.test_shipping_notices import released
from tests.support.departments import Department, department
from tests.support.facts import Outcome, a_story, local
from tests.support.worklists import know_the_standards, rows
from tests.warehouse.conftest import DISPATCH, KEEPER, final, instruction, outgoing, production

pytestmark = pytest.mark.asyncio
LATE = local("2026-09-24 10:00")
STAFF = {"salesperson": SELLER, "merchandiser": FOLLOWER, "storekeeper": KEEPER}


async def tell(teller: Department, hearer: Department, *kinds: type[Event]) -> None:
    """What one department stated of these kinds last, the other hears."""
    for kind in kinds:
        fact = (await teller.facts(kind.name))[-1]
        await hearer.hear(fact, said_at=teller.now)


async def booked(sales: Department, warehouse: Department) -> str:
    """Two cabinets of an order that are to leave by 23 September are made and in store on the first."""
    await sales.employ(salesperson=SELLER, sales_manager=MANAGER, merchandiser=FOLLOWER, general_manager=BOSS)
    await warehouse.employ(storekeeper=KEEPER)
    await know_the_standards(sales)
    await sales.do(SELLER, "register_customer", no="C-01", name="华东电力安装", address="苏州", transit_days=2)
    no = await released(sales, quantity=2)
    await tell(sales, warehouse, ContractSubmitted)
    made = {"order_no": no, "product_code": "GGD-01"}
    await warehouse.hear(production(quantity=2).model_copy(update=made))
    await warehouse.hear(final(2).model_copy(update={"order_no": no, "item_code": "GGD-01"}))
    await warehouse.do(KEEPER, "receive_finished_goods", production_order_no="MO-1", location="F-3")
    await tell(warehouse, sales, FinishedGoodsReceived)
    return no


async def shipped(sales: Department, warehouse: Department, no: str, at: datetime = LATE) -> None:
    notice = (await sales.do(SELLER, "issue_shipping_notice", order_no=no, line_no=1, quantity=2))["no"]
    await tell(sales, warehouse, ShippingNoticeIssued)
    this: dict[str, Any] = {"order_no": no, "notice_no": notice}
    await warehouse.hear(instruction(2).model_copy(update={**this, "product_code": "GGD-01"}))
    await warehouse.hear(outgoing().model_copy(update={**this, "item_code": "GGD-01"}))
    for each in (sales, warehouse):
        await each.wait_until(at)
    await warehouse.do(KEEPER, "ship_goods", notice, **DISPATCH)
    await tell(warehouse, sales, GoodsShipped)


async def judged(*departments: Department) -> Outcome:
    """What the departments recorded, when they recorded it, before the judge."""
    story = a_story(STAFF)
    for row in sorted([row for each in departments for row in await stated(each)], key=lambda row: row.recorded_at):
        story.at(row.recorded_at).add(ALL_EVENTS[row.event].model_validate(row.data), actor=row.actor)
    return story.judged("2026-09-30 09:00")


@pytest.mark.parametrize(
    ("looks", "late", "records"),
    [
        (True, {"ship"}, {"SHP-03": KEEPER}),
        (False, {"ship", "shipment_check"}, {"SHP-03": KEEPER, "MER-03": FOLLOWER}),
    ],
)
async def test_who_looks_when_the_worklist_asks_is_not_charged_when_the_customer_complains(
    looks: bool, late: set[str], records: dict[str, str]
) -> None:
    async with department("sales") as sales, department("warehouse") as warehouse:
        no = await booked(sales, warehouse)
        look = f"shipment_check:{no}/1"
        assert look in await rows(sales, FOLLOWER)
        if looks:
            await sales.do(FOLLOWER, "check_shipment", no, line_no=1, finding="成品已入库,催业务开单")
            assert look not in await rows(sales, FOLLOWER)
        await shipped(sales, warehouse, no)
        assert look not in await rows(sales, FOLLOWER)
        complaint = {"order_no": no, "kind": "lateness", "channel": "phone", "description": "交期已过"}
        number = (await sales.do(SELLER, "receive_complaint", **complaint))["no"]
        await sales.do(SELLER, "pass_complaint", number)

        told = await judged(sales, warehouse)

    assert {name.partition(":")[0] for name in told.overran()} - {"opinion"} == late
    assert told.records == records


async def test_goods_that_left_in_time_were_looked_after_by_whoever_shipped_them() -> None:
    async with department("sales") as sales, department("warehouse") as warehouse:
        no = await booked(sales, warehouse)
        await shipped(sales, warehouse, no, at=local("2026-09-23 17:00"))
        told = await judged(sales, warehouse)

    assert told.duty(links.shipment_check(no, 1)).status is DutyStatus.IN_TIME
    assert told.records == {}
