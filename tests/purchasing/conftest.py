"""Purchasing with its people and three approved suppliers, and facts as other departments would state them."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts import links
from contracts.event import DutyRef
from contracts.parts import OrderLine
from contracts.pmc import RequirementIssued, RequirementLine
from contracts.quality import IncomingInspected
from contracts.sales import ContractSubmitted, OrderCancelled
from contracts.warehouse import ArrivedLine, GoodsArrived
from tests.support.departments import Department, department

BUYER, COLLEAGUE, MANAGER, BOSS, CONTROLLER, KEEPER = "E-040", "E-042", "E-041", "E-009", "E-021", "E-060"
REQUIRED = date(2026, 9, 10)
QUOTES = [
    {"supplier_code": "S-01", "amount": "7400", "lead_time_days": 4},
    {"supplier_code": "S-02", "amount": "7560", "lead_time_days": 3},
    {"supplier_code": "S-03", "amount": "7720", "lead_time_days": 5},
]


async def at_work(it: Department) -> None:
    await it.employ(buyer=BUYER, purchasing_manager=MANAGER, general_manager=BOSS, material_controller=CONTROLLER)
    await it.employ(buyer=COLLEAGUE)
    for no in ("S-01", "S-02", "S-03"):
        await qualify(it, no)


@pytest.fixture
async def purchasing() -> AsyncIterator[Department]:
    async with department("purchasing", prepared=at_work) as it:
        yield it


async def qualify(purchasing: Department, no: str, **changes: Any) -> dict[str, Any]:
    form = {
        "no": no,
        "name": f"{no} 电气",
        "approved_for": ["QF-630", "CU-60"],
        "supplier_class": "A",
        "valid_until": "2027-06-30",
        **changes,
    }
    return await purchasing.do(MANAGER, "qualify_supplier", **form)


def contract(order_no: str = "SOD-1") -> ContractSubmitted:
    line = OrderLine(
        line_no=1,
        product_code="P-XL21",
        model="XL-21",
        quantity=Decimal(4),
        unit_price=Decimal(8200),
        delivery_date=date(2026, 9, 25),
    )
    return ContractSubmitted(
        order_no=order_no,
        customer_code="C-01",
        customer_po="PO-7",
        lines=(line,),
        amount=Decimal(32800),
        salesperson="E-001",
        merchandiser="E-003",
        commission=Decimal(0),
        agency_fee=Decimal(0),
    )


def need(line_no: int = 1, item_code: str = "QF-630", short: int = 4) -> RequirementLine:
    return RequirementLine(
        line_no=line_no,
        item_code=item_code,
        description="塑壳断路器",
        unit="台",
        required=Decimal(short),
        on_stock=Decimal(0),
        on_order=Decimal(0),
        short=Decimal(short),
        required_on=REQUIRED,
        lead_time_days=4,
    )


def requirement(
    no: str = "MRL-1", *lines: RequirementLine, order_no: str = "SOD-1", order_revision: int = 1
) -> RequirementIssued:
    return RequirementIssued(
        order_no=order_no,
        order_revision=order_revision,
        requirement_no=no,
        line_no=1,
        package_no="PKG-1",
        revision=1,
        lines=lines or (need(),),
        issued_by="E-020",
    )


def cancellation(order_no: str = "SOD-1") -> OrderCancelled:
    return OrderCancelled(order_no=order_no, reason="客户撤项", cancelled_by="E-001")


async def listed(purchasing: Department, *lines: RequirementLine) -> str:
    """The number of a material list that has just arrived."""
    await purchasing.hear(contract())
    await purchasing.hear(requirement("MRL-1", *lines))
    return "MRL-1"


async def checked(purchasing: Department, *lines: RequirementLine) -> str:
    no = await listed(purchasing, *lines)
    await purchasing.do(BUYER, "check_requirement", no, material_controller=CONTROLLER)
    return no


def request(**changes: Any) -> dict[str, Any]:
    return {"requirement_no": "MRL-1", "lines": [{"requirement_line_no": 1}], "supplier_code": "S-01", **changes}


async def submitted(purchasing: Department, *lines: RequirementLine, **changes: Any) -> str:
    await checked(purchasing, *lines)
    return str((await purchasing.do(BUYER, "submit_request", **request(**changes)))["no"])


async def approved(purchasing: Department, *lines: RequirementLine, **changes: Any) -> str:
    """The number of a request with three quotes that the manager approved."""
    no = await submitted(purchasing, *lines, **{"quotes": QUOTES, **changes})
    await purchasing.do(MANAGER, "approve_request", no)
    return no


def commitment(request_no: str, **changes: Any) -> dict[str, Any]:
    line = {"requirement_line_no": 1, "unit_price": "1850", "promised_on": "2026-09-09"}
    return {"request_no": request_no, "lines": [line], **changes}


async def ordered(purchasing: Department) -> str:
    """The number of a purchase order of four breakers from S-01."""
    request_no = await approved(purchasing)
    return str((await purchasing.do(BUYER, "issue_purchase_order", **commitment(request_no)))["no"])


def arrival(
    order_no: str | None, quantity: int = 4, *, closes: tuple[DutyRef, ...] = (), **changes: Any
) -> GoodsArrived:
    """What the warehouse says of breakers at the gate, in the lot LOT-1 unless another is named."""
    line = ArrivedLine(
        line_no=1,
        lot=changes.pop("lot", "LOT-1"),
        item_code="QF-630",
        description="塑壳断路器",
        unit="台",
        quantity=Decimal(quantity),
        purchase_order_line_no=1 if order_no else None,
        requirement_no="MRL-1" if order_no else None,
        requirement_line_no=1 if order_no else None,
    )
    values = {
        "order_no": "SOD-1" if order_no else None,
        "arrival_no": "ARV-1",
        "supplier_code": "S-01",
        "purchase_order_no": order_no,
        "quarantine": order_no is None,
        "lines": (line,),
        "logged_by": KEEPER,
        "closes": closes,
        **changes,
    }
    return GoodsArrived(**values)


def inspection(purchase_order_no: str, *, passed: bool, lot: str = "LOT-1") -> IncomingInspected:
    return IncomingInspected(
        order_no="SOD-1",
        inspection_no="IQC-1",
        lot=lot,
        item_code="QF-630",
        quantity=Decimal(4),
        standard="QS-QF r1",
        sample_size=2,
        defects=0 if passed else 1,
        passed=passed,
        inspected_by="E-050",
        arrival_no="ARV-1",
        arrival_line_no=1,
        purchase_order_no=purchase_order_no,
        requirement_no="MRL-1",
        requirement_line_no=1,
    )


ARRIVAL = links.arrival("MRL-1", 1)


async def shelf(department: Department, path: str, **filters: str) -> list[dict[str, Any]]:
    """What a list of the department shows, newest first."""
    async with department.as_(MANAGER) as client:
        items: list[dict[str, Any]] = (await client.get(f"/api/{path}", params=filters)).json()["items"]
    return items


async def owes(department: Department) -> dict[str, str]:
    """The open handovers on the worklist, each with its post."""
    async with department.as_(MANAGER) as client:
        rows = (await client.get("/api/worklist")).json()
    return {f"{row['link']}:{row['key']}": row["post"] for row in rows}
