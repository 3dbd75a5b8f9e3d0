"""Engineering with its people and one standard product, and orders as Sales would state them."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.parts import OrderLine
from contracts.sales import ContractSubmitted, OrderCancelled, OrderReleased
from tests.support.departments import Department, department

ENGINEER, COLLEAGUE, MANAGER, PLANNER, BOSS = "E-010", "E-012", "E-011", "E-020", "E-009"
BOM = [
    {"item_code": "GGD-CAB", "description": "柜体", "unit": "台", "quantity": "1", "purchased": False},
    {
        "item_code": "ST-2.0",
        "description": "冷轧板",
        "unit": "kg",
        "quantity": "96",
        "parent": "GGD-CAB",
        "lead_time_days": 4,
    },
]
ROUTE = [
    {"op_no": 10, "title": "下料", "standard_hours": "2.5"},
    {"op_no": 20, "title": "装配", "standard_hours": "4", "predecessor": 10},
]
REQUIRED = ["bom", "drawing", "process_route", "work_instruction", "inspection_standard"]
DRAWN = ["drawing", "work_instruction"]


def product(**changes: Any) -> dict[str, Any]:
    return {
        "no": "P-GGD",
        "name": "低压配电柜",
        "bom": BOM,
        "route": ROUTE,
        "required": REQUIRED,
        "inspection_standard": "QS-GGD-03",
        "unit_weight_kg": "420",
        **changes,
    }


async def at_work(it: Department) -> None:
    await it.employ(engineer=ENGINEER, engineering_manager=MANAGER)
    await it.do(ENGINEER, "register_product", **product())


@pytest.fixture
async def engineering() -> AsyncIterator[Department]:
    async with department("engineering", prepared=at_work) as it:
        yield it


def line(line_no: int = 1, product_code: str = "P-GGD") -> OrderLine:
    return OrderLine(
        line_no=line_no,
        product_code=product_code,
        model="GGD",
        quantity=Decimal(2),
        unit_price=Decimal(52800),
        delivery_date=date(2026, 9, 25),
    )


def contract(order_no: str = "SOD-1", *lines: OrderLine) -> ContractSubmitted:
    return ContractSubmitted(
        order_no=order_no,
        customer_code="C-01",
        customer_po="PO-7",
        lines=lines or (line(),),
        amount=Decimal(105600),
        salesperson="E-001",
        merchandiser="E-003",
        commission=Decimal(0),
        agency_fee=Decimal(0),
    )


def release(order_no: str = "SOD-1", *lines: OrderLine) -> OrderReleased:
    return OrderReleased(order_no=order_no, customer_code="C-01", lines=lines or (line(),), released_by="E-003")


def cancellation(order_no: str = "SOD-1") -> OrderCancelled:
    return OrderCancelled(order_no=order_no, reason="客户撤项", cancelled_by="E-001")


async def owed(engineering: Department, *lines: OrderLine) -> str:
    """The number of the open package of line 1 of a released order."""
    await engineering.hear(contract("SOD-1", *lines))
    await engineering.hear(release("SOD-1", *lines))
    return str((await shelf(engineering, "packages"))[-1]["no"])


async def released(engineering: Department) -> str:
    """The number of a released package."""
    no = await owed(engineering)
    await engineering.do(ENGINEER, "draft_package", no, documents=DRAWN)
    await engineering.do(ENGINEER, "release_package", no)
    return no


async def shelf(department: Department, path: str, **filters: str) -> list[dict[str, Any]]:
    """What a list of the department shows, newest first."""
    async with department.as_(MANAGER) as client:
        items: list[dict[str, Any]] = (await client.get(f"/api/{path}", params=filters)).json()["items"]
    return items


async def owes(department: Department) -> list[str]:
    """The open handovers on the worklist."""
    async with department.as_(MANAGER) as client:
        return [f"{duty['link']}:{duty['key']}" for duty in (await client.get("/api/worklist")).json()]
