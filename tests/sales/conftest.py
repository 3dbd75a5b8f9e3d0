"""Sales with its people, and an order as the tests like it."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from contracts.warehouse import FinishedGoodsReceived
from tests.support.departments import Department, department

SELLER, MANAGER, FOLLOWER, BOSS = "E-001", "E-002", "E-003", "E-009"
LINE = {
    "line_no": 1,
    "product_code": "GGD-01",
    "model": "GGD",
    "quantity": "2",
    "unit_price": "18500",
    "delivery_date": "2026-09-25",
    "transit_days": 2,
}


async def at_work(it: Department) -> None:
    await it.employ(salesperson=SELLER, sales_manager=MANAGER, merchandiser=FOLLOWER, general_manager=BOSS)
    await it.do(SELLER, "register_customer", no="C-01", name="华东电力安装", address="苏州", transit_days=2)


@pytest.fixture
async def sales() -> AsyncIterator[Department]:
    async with department("sales", prepared=at_work) as it:
        yield it


def contract(**changes: Any) -> dict[str, Any]:
    return {"customer_code": "C-01", "lines": [LINE], "merchandiser": FOLLOWER, **changes}


def received(order_no: str, quantity: int, made: str = "MO-1") -> FinishedGoodsReceived:
    """Finished goods of the first line are booked."""
    return FinishedGoodsReceived(
        order_no=order_no,
        receipt_no="FGR-1",
        production_order_no=made,
        line_no=1,
        product_code="GGD-01",
        quantity=Decimal(quantity),
        lot="FG-1",
        location="A-1",
        inspection_no="FI-1",
        received_by="E-060",
    )
