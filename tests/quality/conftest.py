"""Quality with its people, and the facts of other departments that bring goods before its inspectors."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from contracts.engineering import PackageReleased
from contracts.parts import OrderLine
from contracts.pmc import OperationFinished, ProductionOrderIssued, ShipmentInstructed
from contracts.sales import ContractSubmitted, OrderCancelled
from contracts.warehouse import ArrivedLine, GoodsArrived
from tests.support.departments import Department, department

INSPECTOR, COLLEAGUE, MANAGER, BOSS = "E-050", "E-052", "E-051", "E-071"
PASSED = {"sample_size": 2, "defects": 0, "passed": True}
FAILED = {"sample_size": 2, "defects": 1, "passed": False, "remark": "脱扣不动作"}


async def at_work(it: Department) -> None:
    await it.employ(inspector=INSPECTOR, quality_manager=MANAGER, general_manager=BOSS)


@pytest.fixture
async def quality() -> AsyncIterator[Department]:
    async with department("quality", prepared=at_work) as it:
        yield it


def contract(order_no: str = "SOD-1") -> ContractSubmitted:
    line = OrderLine(
        line_no=1,
        product_code="P-GGD",
        model="GGD",
        quantity=Decimal(2),
        unit_price=Decimal(52800),
        delivery_date=date(2026, 9, 25),
    )
    return ContractSubmitted(
        order_no=order_no,
        customer_code="C-01",
        customer_po="PO-7",
        lines=(line,),
        amount=Decimal(105600),
        salesperson="E-001",
        merchandiser="E-003",
        commission=Decimal(0),
        agency_fee=Decimal(0),
    )


def cancellation(order_no: str = "SOD-1") -> OrderCancelled:
    return OrderCancelled(order_no=order_no, reason="客户撤项", cancelled_by="E-001")


def package(revision: int = 1, standard: str = "QS-GGD-03") -> PackageReleased:
    return PackageReleased(
        order_no="SOD-1",
        package_no="PKG-1",
        line_no=1,
        product_code="P-GGD",
        revision=revision,
        documents=("bom",),
        bom=(),
        route=(),
        inspection_standard=standard,
        unit_weight_kg=Decimal(420),
        released_by="E-010",
    )


def production_order() -> ProductionOrderIssued:
    return ProductionOrderIssued(
        order_no="SOD-1",
        production_order_no="MO-1",
        line_no=1,
        product_code="P-GGD",
        package_no="PKG-1",
        revision=1,
        quantity=Decimal(2),
        start_on=date(2026, 9, 8),
        due_at=datetime(2026, 9, 15, 9, 0, tzinfo=UTC),
        unit_weight_kg=Decimal(420),
        operations=(),
        components=(),
        issued_by="E-020",
    )


def finished(op_no: int = 20, *, last: bool = True) -> OperationFinished:
    return OperationFinished(
        order_no="SOD-1",
        production_order_no="MO-1",
        line_no=1,
        op_no=op_no,
        last=last,
        good=Decimal(2),
        scrap=Decimal(0),
        rework=Decimal(0),
        workers=("E-031",),
        team_leader="E-024",
    )


def instruction() -> ShipmentInstructed:
    return ShipmentInstructed(
        order_no="SOD-1",
        notice_no="SHN-1",
        line_no=1,
        product_code="P-GGD",
        quantity=Decimal(2),
        ship_by=date(2026, 9, 23),
        consignee="华东电力安装",
        address="苏州",
        instructed_by="E-020",
    )


def arrival(order_no: str | None = "SOD-1", *lots: str) -> GoodsArrived:
    lines = tuple(
        ArrivedLine(
            line_no=number,
            lot=lot,
            item_code="QF-MCCB-400",
            description="塑壳断路器",
            unit="只",
            quantity=Decimal(8),
            requirement_no="MRL-1" if order_no else None,
            requirement_line_no=number if order_no else None,
            order_line_no=1 if order_no else None,
        )
        for number, lot in enumerate(lots or ("LOT-1",), 1)
    )
    return GoodsArrived(
        order_no=order_no,
        arrival_no="ARV-1",
        supplier_code="S-01",
        purchase_order_no="PO-1" if order_no else None,
        quarantine=order_no is None,
        lines=lines,
        logged_by="E-060",
    )


async def arrived(quality: Department) -> str:
    """The number of the open inspection of an arrived lot of eight."""
    await quality.hear(contract())
    await quality.hear(arrival())
    return await newest(quality, "incoming-inspections")


async def finished_goods(quality: Department) -> str:
    """The number of the open inspection of two finished cabinets."""
    for fact in (contract(), package(), production_order(), finished()):
        await quality.hear(fact)
    return await newest(quality, "final-inspections")


async def instructed(quality: Department) -> str:
    """The number of the open inspection of two cabinets that are about to leave."""
    await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **PASSED)
    await quality.hear(instruction())
    return await newest(quality, "outgoing-inspections")


async def shelf(quality: Department, path: str, **filters: str) -> list[dict[str, Any]]:
    """What a list of the department shows, newest first."""
    async with quality.as_(MANAGER) as client:
        items: list[dict[str, Any]] = (await client.get(f"/api/{path}", params=filters)).json()["items"]
    return items


async def newest(quality: Department, path: str) -> str:
    return str((await shelf(quality, path))[0]["no"])


async def owes(quality: Department) -> list[str]:
    """The open handovers on the worklist, opinions aside."""
    async with quality.as_(MANAGER) as client:
        found = [f"{duty['link']}:{duty['key']}" for duty in (await client.get("/api/worklist")).json()]
    return [duty for duty in found if not duty.startswith("opinion:")]
