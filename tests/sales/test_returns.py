"""No more may come back than was shipped and is not on its way back already."""

from decimal import Decimal
from typing import Any

import pytest

from contracts.warehouse import GoodsShipped, ReturnReceived
from tests.sales.conftest import BOSS, FOLLOWER, SELLER, contract, received
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def complained_of(sales: Department) -> dict[str, Any]:
    """How two pieces that were shipped are authorised to come back."""
    order_no = (await sales.do(SELLER, "submit_contract", **contract()))["no"]
    await sales.do(BOSS, "confirm_order", order_no)
    await sales.do(FOLLOWER, "release_order", order_no)
    await sales.hear(received(order_no, 2))
    notice = await sales.do(SELLER, "issue_shipping_notice", order_no=order_no, line_no=1, quantity="2")
    await sales.hear(shipped(order_no, notice["no"]))
    complaint = await sales.do(
        SELLER,
        "receive_complaint",
        order_no=order_no,
        line_no=1,
        kind="quality",
        channel="phone",
        description="抽屉卡滞",
    )
    return {"complaint_no": complaint["no"], "line_no": 1, "quantity": "2", "reason": "抽屉卡滞"}


def shipped(order_no: str, notice_no: str) -> GoodsShipped:
    return GoodsShipped(
        order_no=order_no,
        delivery_note_no="DN-1",
        goods_issue_no="FGI-1",
        notice_no=notice_no,
        line_no=1,
        product_code="GGD-01",
        quantity=Decimal(2),
        lots=("FG-1",),
        carrier="顺达物流",
        shipped_by="E-060",
    )


async def test_what_is_on_its_way_back_is_not_authorised_a_second_time(sales: Department) -> None:
    form = await complained_of(sales)
    assert await sales.refused(SELLER, "authorise_return", **{**form, "quantity": "3"}) == "more_than_shipped"
    await sales.do(SELLER, "authorise_return", **{**form, "quantity": "1"})

    refused = await sales.attempt(SELLER, "authorise_return", **form)

    assert refused.json()["code"] == "more_than_shipped"
    assert "2 of line 1 were shipped and 1 of them may come back already" in refused.text
    await sales.do(SELLER, "authorise_return", **{**form, "quantity": "1"})


async def test_goods_that_came_back_and_were_sent_out_again_may_come_back_once_more(sales: Department) -> None:
    form = await complained_of(sales)
    first = await sales.do(SELLER, "authorise_return", **form)
    back = ReturnReceived(
        order_no=first["order_no"],
        return_no=first["no"],
        receipt_no="RTR-1",
        line_no=1,
        product_code="GGD-01",
        quantity=Decimal(2),
        received_by="E-060",
    )
    await sales.hear(back)

    assert (await sales.do(SELLER, "authorise_return", **form))["quantity"] == "2"
