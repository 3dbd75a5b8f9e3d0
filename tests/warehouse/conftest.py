"""The warehouse with its people, and the facts of other departments as they would state them."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import text

from contracts.parts import OrderLine
from contracts.pmc import (
    ProductionOrderIssued,
    RequirementIssued,
    RequirementLine,
    RequisitionApproved,
    RequisitionLine,
    ShipmentInstructed,
)
from contracts.purchasing import PurchaseLine, PurchaseOrderIssued
from contracts.quality import FinalInspected, IncomingInspected, OutgoingInspected
from contracts.sales import ContractSubmitted, OrderAmended, OrderCancelled, ShippingNoticeIssued
from tests.support.departments import Department, department

KEEPER, MANAGER, PLANNER, BUYER, INSPECTOR = "E-060", "E-061", "E-020", "E-040", "E-050"
BREAKER, BUSBAR, BOX = "QF-630", "CU-60", "P-XL21"


async def at_work(it: Department) -> None:
    await it.employ(storekeeper=KEEPER, warehouse_manager=MANAGER, planner=PLANNER)


@pytest.fixture
async def warehouse() -> AsyncIterator[Department]:
    async with department("warehouse", prepared=at_work) as it:
        yield it


def order_line(quantity: int = 4, line_no: int = 1) -> OrderLine:
    return OrderLine(
        line_no=line_no,
        product_code=BOX,
        model="XL-21",
        quantity=Decimal(quantity),
        unit_price=Decimal(8200),
        delivery_date=date(2026, 9, 25),
        transit_days=2,
    )


def contract(order_no: str = "SOD-1", quantity: int = 4) -> ContractSubmitted:
    return ContractSubmitted(
        order_no=order_no,
        customer_code="C-01",
        customer_po="PO-7",
        lines=(order_line(quantity),),
        amount=Decimal(32800),
        salesperson="E-001",
        merchandiser="E-003",
        commission=Decimal(0),
        agency_fee=Decimal(0),
    )


def amendment(revision: int, *lines: OrderLine) -> OrderAmended:
    return OrderAmended(order_no="SOD-1", revision=revision, lines=lines, reason="客户改量", amended_by="E-001")


def cancellation(order_no: str = "SOD-1") -> OrderCancelled:
    return OrderCancelled(order_no=order_no, reason="客户撤项", cancelled_by="E-001")


def requirement(short: int = 4) -> RequirementIssued:
    line = RequirementLine(
        line_no=1,
        item_code=BREAKER,
        description="塑壳断路器",
        unit="台",
        required=Decimal(short),
        on_stock=Decimal(0),
        on_order=Decimal(0),
        short=Decimal(short),
        required_on=date(2026, 9, 10),
        lead_time_days=4,
    )
    return RequirementIssued(
        order_no="SOD-1",
        requirement_no="MRL-1",
        line_no=1,
        package_no="PKG-1",
        revision=1,
        lines=(line,),
        issued_by=PLANNER,
    )


def purchase(no: str = "PO-1", quantity: int = 4) -> PurchaseOrderIssued:
    line = PurchaseLine(
        line_no=1,
        requirement_no="MRL-1",
        requirement_line_no=1,
        item_code=BREAKER,
        description="塑壳断路器",
        unit="台",
        quantity=Decimal(quantity),
        unit_price=Decimal(1850),
        lead_time_days=4,
        required_on=date(2026, 9, 10),
        promised_on=date(2026, 9, 9),
    )
    return PurchaseOrderIssued(
        order_no="SOD-1",
        purchase_order_no=no,
        request_no="PRQ-1",
        requirement_no="MRL-1",
        line_no=1,
        supplier_code="S-01",
        lines=(line,),
        quotes=(),
        amount=Decimal(7400),
        issued_by=BUYER,
        approved_by="E-041",
    )


async def expecting(warehouse: Department, quantity: int = 4) -> None:
    """Four breakers are short and ordered from S-01."""
    await warehouse.hear(contract())
    await warehouse.hear(requirement(quantity))
    await warehouse.hear(purchase(quantity=quantity))


def delivery(quantity: str = "4", **changes: Any) -> dict[str, Any]:
    lines = [{"item_code": BREAKER, "quantity": quantity}]
    return {"supplier_code": "S-01", "purchase_order_no": "PO-1", "lines": lines, **changes}


async def arrived(warehouse: Department, quantity: str = "4", **changes: Any) -> str:
    """The lot of breakers that were logged at the gate."""
    arrival = await warehouse.do(KEEPER, "log_arrival", **delivery(quantity, **changes))
    return str(arrival["lines"][0]["lot"])


def inspection(lot: str, *, passed: bool = True, **changes: Any) -> IncomingInspected:
    values = {
        "order_no": "SOD-1",
        "inspection_no": "IQC-1",
        "lot": lot,
        "item_code": BREAKER,
        "quantity": Decimal(4),
        "standard": "GB/T 2828.1 AQL 1.0",
        "sample_size": 2,
        "defects": 0 if passed else 1,
        "passed": passed,
        "inspected_by": INSPECTOR,
        "arrival_no": "ARV-1",
        "arrival_line_no": 1,
        "purchase_order_no": "PO-1",
        "requirement_no": "MRL-1",
        "requirement_line_no": 1,
        **changes,
    }
    return IncomingInspected(**values)


async def stocked(warehouse: Department, item: str = BREAKER, quantity: str = "10", unit: str = "台") -> None:
    """So much of an item was counted."""
    await warehouse.do(MANAGER, "count_stock", item_code=item, unit=unit, counted=quantity, location="A-01")


def requisition(
    no: str = "REQ-1", order_no: str = "SOD-1", wanted: Mapping[str, int] = MappingProxyType({BREAKER: 4})
) -> RequisitionApproved:
    lines = tuple(
        RequisitionLine(item_code=item, description="", unit="台", quantity=Decimal(quantity))
        for item, quantity in wanted.items()
    )
    return RequisitionApproved(
        order_no=order_no,
        requisition_no=no,
        production_order_no="MO-1",
        line_no=1,
        lines=lines,
        approved_by="E-023",
    )


def production(weight: str = "48", quantity: int = 4) -> ProductionOrderIssued:
    return ProductionOrderIssued(
        order_no="SOD-1",
        production_order_no="MO-1",
        line_no=1,
        product_code=BOX,
        package_no="PKG-1",
        revision=1,
        quantity=Decimal(quantity),
        start_on=date(2026, 9, 9),
        due_at=datetime(2026, 9, 16, 9, 0, tzinfo=UTC),
        unit_weight_kg=Decimal(weight),
        operations=(),
        components=(),
        issued_by=PLANNER,
    )


def final(quantity: int = 4, *, passed: bool = True) -> FinalInspected:
    return FinalInspected(
        order_no="SOD-1",
        inspection_no="FQC-1",
        lot="MO-1",
        item_code=BOX,
        quantity=Decimal(quantity),
        standard="QS-XL r1",
        sample_size=4,
        defects=0 if passed else 1,
        passed=passed,
        inspected_by=INSPECTOR,
        production_order_no="MO-1",
        line_no=1,
    )


async def finished(warehouse: Department, quantity: int = 4) -> None:
    """Four boxes of the order are made, passed and booked."""
    await warehouse.hear(contract(quantity=quantity))
    await warehouse.hear(production(quantity=quantity))
    await warehouse.hear(final(quantity))
    await warehouse.do(KEEPER, "receive_finished_goods", production_order_no="MO-1", location="F-3")


def notice(quantity: int = 4, no: str = "SHN-1") -> ShippingNoticeIssued:
    return ShippingNoticeIssued(
        order_no="SOD-1",
        notice_no=no,
        line_no=1,
        product_code=BOX,
        quantity=Decimal(quantity),
        ship_by=date(2026, 9, 23),
        consignee="华东电力安装",
        address="苏州",
        documents_required=("合格证",),
        packing="木托盘",
        issued_by="E-001",
    )


def instruction(quantity: int = 4, no: str = "SHN-1") -> ShipmentInstructed:
    return ShipmentInstructed(
        order_no="SOD-1",
        notice_no=no,
        line_no=1,
        product_code=BOX,
        quantity=Decimal(quantity),
        ship_by=date(2026, 9, 23),
        consignee="华东电力安装",
        address="苏州",
        instructed_by=PLANNER,
    )


def outgoing(no: str = "SHN-1", *, passed: bool = True) -> OutgoingInspected:
    return OutgoingInspected(
        order_no="SOD-1",
        inspection_no="OQC-1",
        lot="MO-1",
        item_code=BOX,
        quantity=Decimal(4),
        standard="QS-XL r1",
        sample_size=4,
        defects=0 if passed else 1,
        passed=passed,
        inspected_by=INSPECTOR,
        notice_no=no,
        line_no=1,
    )


DISPATCH = {"carrier": "顺达物流", "vehicle": "苏E 9.6 m", "packages": 4}


async def shelf(department: Department, path: str, **filters: str) -> list[dict[str, Any]]:
    """What a list of the department shows, newest first."""
    async with department.as_(MANAGER) as client:
        items: list[dict[str, Any]] = (await client.get(f"/api/{path}", params=filters)).json()["items"]
    return items


async def owes(department: Department) -> list[str]:
    """The open handovers on the worklist, opinions and the month's stocktake aside."""
    async with department.as_(MANAGER) as client:
        rows = (await client.get("/api/worklist")).json()
    return sorted(f"{row['link']}:{row['key']}" for row in rows if row["link"] not in {"opinion", "stocktake"})


async def stock_of(department: Department, item: str) -> Decimal:
    """What the books say; fails the test when the lots say something else."""
    async with department.engine.connect() as connection:
        booked = await connection.scalar(text("SELECT quantity FROM stock WHERE no = :item"), {"item": item})
        lots = await connection.scalar(text("SELECT sum(remaining) FROM lots WHERE item_code = :item"), {"item": item})
    assert (booked or 0) == (lots or 0), "books and lots tell the same"
    return Decimal(booked or 0)
