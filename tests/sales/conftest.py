"""Sales with its people, and an order as the tests like it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

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


@pytest.fixture
async def sales() -> AsyncIterator[Department]:
    async with department("sales") as it:
        await it.employ(salesperson=SELLER, sales_manager=MANAGER, merchandiser=FOLLOWER, general_manager=BOSS)
        await it.do(SELLER, "register_customer", no="C-01", name="华东电力安装", address="苏州", transit_days=2)
        yield it


def contract(**changes: Any) -> dict[str, Any]:
    return {"customer_code": "C-01", "lines": [LINE], "merchandiser": FOLLOWER, **changes}
