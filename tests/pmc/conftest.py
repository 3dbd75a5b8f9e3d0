"""PMC with its people, and facts as other departments would state them about two cabinets for one customer."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts import engineering, purchasing, quality, warehouse
from contracts.engineering import BomItem, PackageReleased, RouteOperation
from contracts.event import DutyRef
from contracts.parts import Opinion, OrderLine
from contracts.purchasing import PurchaseLine, PurchaseOrderIssued
from contracts.quality import FinalInspected, OutgoingInspected
from contracts.sales import (
    ComplaintKind,
    ComplaintPassed,
    ContractSubmitted,
    OrderCancelled,
    ReturnAuthorised,
    ShippingNoticeIssued,
)
from contracts.warehouse import (
    ArrivedLine,
    FinishedGoodsReceived,
    GoodsArrived,
    GoodsReceived,
    GoodsShipped,
    IssuedLine,
    MaterialIssued,
    ReturnReceived,
    StockCounted,
)
from services.pmc.models import operation_no
from tests.support.departments import Department, department

PLANNER, CONTROLLER, MANAGER, DIRECTOR, DEPUTY = "E-020", "E-021", "E-022", "E-023", "E-026"
LEADER, OTHER_LEADER, WORKER, BOSS = "E-024", "E-025", "E-031", "E-071"
SELLER, ENGINEER, BUYER, INSPECTOR, KEEPER = "E-001", "E-010", "E-040", "E-050", "E-060"


async def at_work(it: Department) -> None:
    await it.employ(planner=PLANNER, material_controller=CONTROLLER, pmc_manager=MANAGER, general_manager=BOSS)
    await it.employ(workshop_director=DIRECTOR, team_leader=LEADER)
    await it.employ(workshop_director=DEPUTY, team_leader=OTHER_LEADER)


@pytest.fixture
async def pmc() -> AsyncIterator[Department]:
    async with department("pmc", prepared=at_work) as it:
        yield it


def line(line_no: int = 1, **changes: Any) -> OrderLine:
    values = {
        "line_no": line_no,
        "product_code": "P-GGD",
        "model": "GGD",
        "quantity": Decimal(2),
        "unit_price": Decimal(52800),
        "delivery_date": date(2026, 9, 25),
        "transit_days": 2,
    }
    return OrderLine(**{**values, **changes})


def contract(order_no: str = "SOD-1", *lines: OrderLine) -> ContractSubmitted:
    return ContractSubmitted(
        order_no=order_no,
        customer_code="C-01",
        customer_po="PO-7",
        lines=lines or (line(),),
        amount=Decimal(105600),
        salesperson=SELLER,
        merchandiser="E-003",
        commission=Decimal(0),
        agency_fee=Decimal(0),
    )


OPINIONS = (engineering.OpinionGiven, purchasing.OpinionGiven, quality.OpinionGiven, warehouse.OpinionGiven)


async def hear_opinions(pmc: Department, order_no: str = "SOD-1", **said: Any) -> None:
    """The four other departments agree, unless `said` says otherwise for all of them."""
    for kind in OPINIONS:
        values = {"opinion": Opinion.AGREE, "given_by": "E-099", **said}
        await pmc.hear(kind(order_no=order_no, department=kind.publisher(), **values))


BOM = (
    BomItem(item_code="GGD-CAB", description="柜体", unit="台", quantity=Decimal(1), purchased=False),
    BomItem(
        item_code="ST-2.0",
        description="冷轧板",
        unit="kg",
        quantity=Decimal(96),
        parent="GGD-CAB",
        lead_time_days=4,
        waste_allowance_percent=Decimal(5),
    ),
    BomItem(item_code="QF-400", description="塑壳断路器", unit="台", quantity=Decimal(4), lead_time_days=7),
)
ROUTE = (
    RouteOperation(op_no=10, title="下料", standard_hours=Decimal(3)),
    RouteOperation(op_no=20, title="装配", standard_hours=Decimal(5), predecessor=10),
)


def package(order_no: str = "SOD-1", line_no: int = 1, revision: int = 1, **changes: Any) -> PackageReleased:
    values = {
        "package_no": f"PKG-{order_no}-{line_no}",
        "product_code": "P-GGD",
        "documents": ("bom", "drawing"),
        "bom": BOM,
        "route": ROUTE,
        "inspection_standard": "QS-GGD-03",
        "unit_weight_kg": Decimal(420),
        "released_by": ENGINEER,
    }
    return PackageReleased(order_no=order_no, line_no=line_no, revision=revision, **{**values, **changes})


def cancellation(order_no: str = "SOD-1") -> OrderCancelled:
    return OrderCancelled(order_no=order_no, reason="客户撤项", cancelled_by=SELLER)


def count(item_code: str, counted: int, booked: int = 0) -> StockCounted:
    return StockCounted(
        count_no="STK-1",
        item_code=item_code,
        unit="台",
        booked=Decimal(booked),
        counted=Decimal(counted),
        counted_by=PLANNER,
    )


def purchase(
    requirement_no: str, quantity: int, *, requirement_line_no: int = 2, no: str = "PO-1", order_no: str = "SOD-1"
) -> PurchaseOrderIssued:
    """Breakers, ordered for one line of a requirement."""
    bought = PurchaseLine(
        line_no=1,
        requirement_no=requirement_no,
        requirement_line_no=requirement_line_no,
        item_code="QF-400",
        description="塑壳断路器",
        unit="台",
        quantity=Decimal(quantity),
        unit_price=Decimal(1150),
        lead_time_days=7,
        required_on=date(2026, 9, 14),
        promised_on=date(2026, 9, 11),
    )
    return PurchaseOrderIssued(
        order_no=order_no,
        purchase_order_no=no,
        request_no="PRQ-1",
        requirement_no=requirement_no,
        line_no=1,
        supplier_code="S-01",
        lines=(bought,),
        quotes=(),
        exemption="独家",
        amount=Decimal(9200),
        issued_by=BUYER,
        approved_by="E-041",
    )


def arrival(
    requirement_no: str,
    quantity: int,
    *,
    purchase_order_no: str | None = "PO-1",
    ends: Sequence[DutyRef] = (),
    lot: str = "LOT-1",
) -> GoodsArrived:
    came = ArrivedLine(
        line_no=1,
        lot=lot,
        item_code="QF-400",
        description="塑壳断路器",
        unit="台",
        quantity=Decimal(quantity),
        purchase_order_line_no=1 if purchase_order_no else None,
        requirement_no=requirement_no if purchase_order_no else None,
        requirement_line_no=2 if purchase_order_no else None,
    )
    return GoodsArrived(
        order_no="SOD-1" if purchase_order_no else None,
        closes=tuple(ends),
        arrival_no="ARV-1",
        supplier_code="S-01",
        purchase_order_no=purchase_order_no,
        quarantine=purchase_order_no is None,
        lines=(came,),
        logged_by=KEEPER,
    )


def receipt(
    quantity: int,
    requirement_no: str | None = None,
    item_code: str = "QF-400",
    ends: Sequence[DutyRef] = (),
    lot: str = "LOT-1",
) -> GoodsReceived:
    return GoodsReceived(
        closes=tuple(ends),
        receipt_no="RCV-1",
        arrival_no="ARV-1",
        lot=lot,
        inspection_no="IQC-1",
        item_code=item_code,
        unit="台",
        quantity=Decimal(quantity),
        requirement_no=requirement_no,
        requirement_line_no=2 if requirement_no else None,
        received_by=KEEPER,
    )


def material(production_order_no: str, requisition_no: str, *, complete: bool = True, **issued: int) -> MaterialIssued:
    lines = tuple(
        IssuedLine(item_code=code.replace("_", "-"), quantity=Decimal(quantity), unit="台")
        for code, quantity in (issued or {"QF_400": 8}).items()
    )
    return MaterialIssued(
        order_no="SOD-1",
        issue_no="ISS-1",
        requisition_no=requisition_no,
        production_order_no=production_order_no,
        line_no=1,
        lines=lines,
        complete=complete,
        issued_by=KEEPER,
    )


def inspection(*, passed: bool) -> dict[str, Any]:
    return {
        "order_no": "SOD-1",
        "inspection_no": "QAR-1",
        "lot": "FG-1",
        "item_code": "P-GGD",
        "quantity": Decimal(2),
        "standard": "QS-GGD-03",
        "sample_size": 2,
        "defects": 0 if passed else 1,
        "passed": passed,
        "inspected_by": INSPECTOR,
        "line_no": 1,
    }


def final(production_order_no: str, *, passed: bool, **changes: Any) -> FinalInspected:
    return FinalInspected(**inspection(passed=passed), production_order_no=production_order_no, **changes)


def outgoing(*, passed: bool, **changes: Any) -> OutgoingInspected:
    return OutgoingInspected(**inspection(passed=passed), notice_no="SHN-1", **changes)


def booked(production_order_no: str, quantity: int = 2) -> FinishedGoodsReceived:
    return FinishedGoodsReceived(
        order_no="SOD-1",
        receipt_no="FGR-1",
        production_order_no=production_order_no,
        line_no=1,
        product_code="P-GGD",
        quantity=Decimal(quantity),
        lot="FG-1",
        location="F-1",
        inspection_no="QAR-1",
        received_by=KEEPER,
    )


def notice(no: str = "SHN-1", order_no: str = "SOD-1") -> ShippingNoticeIssued:
    return ShippingNoticeIssued(
        order_no=order_no,
        notice_no=no,
        line_no=1,
        product_code="P-GGD",
        quantity=Decimal(2),
        ship_by=date(2026, 9, 23),
        consignee="华东电力安装",
        address="苏州",
        issued_by=SELLER,
    )


def shipped(no: str = "SHN-1") -> GoodsShipped:
    return GoodsShipped(
        order_no="SOD-1",
        delivery_note_no="DN-1",
        goods_issue_no="FGI-1",
        notice_no=no,
        line_no=1,
        product_code="P-GGD",
        quantity=Decimal(2),
        lots=("FG-1",),
        carrier="顺达物流",
        shipped_by=KEEPER,
    )


def complaint(no: str = "CCF-1", line_no: int | None = 1) -> ComplaintPassed:
    return ComplaintPassed(
        order_no="SOD-1",
        complaint_no=no,
        customer_code="C-01",
        line_no=line_no,
        kind=ComplaintKind.QUALITY,
        description="抽屉卡滞",
        passed_by=SELLER,
    )


async def planned(pmc: Department, order_no: str = "SOD-1", *lines: OrderLine) -> tuple[str, str]:
    """The numbers of the open material list and production order of an order's only line."""
    await pmc.hear(contract(order_no, *lines))
    await pmc.hear(package(order_no))
    requirement = (await shelf(pmc, "requirements", order_no=order_no))[0]
    return str(requirement["no"]), str((await shelf(pmc, "production-orders", order_no=order_no))[0]["no"])


async def in_the_workshop(pmc: Department) -> str:
    """The number of an issued production order of two operations."""
    _, no = await planned(pmc)
    await pmc.do(PLANNER, "issue_production_order", no, start_on="2026-09-07")
    return no


async def dispatched(pmc: Department) -> str:
    """The same with both operations dispatched to the one team leader."""
    no = await in_the_workshop(pmc)
    for op_no in (10, 20):
        await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, op_no), team="装配组", team_leader=LEADER)
    return no


async def supplied(pmc: Department) -> str:
    """The same with its material issued: the first operation is at work."""
    no = await dispatched(pmc)
    await supply(pmc, no)
    return no


async def supply(pmc: Department, no: str) -> str:
    """Requisition, approve and issue the material of a production order; the requisition's number."""
    requisition = await pmc.do(LEADER, "submit_requisition", production_order_no=no)
    await pmc.do(DIRECTOR, "approve_requisition", requisition["no"])
    await pmc.hear(material(no, requisition["no"]))
    return str(requisition["no"])


async def reported(pmc: Department, no: str, op_no: int, **changes: Any) -> dict[str, Any]:
    return await pmc.do(
        LEADER, "report_operation", operation_no(no, op_no), **{"good": "2", "workers": [WORKER], **changes}
    )


async def shelf(pmc: Department, path: str, **filters: str) -> list[dict[str, Any]]:
    """What a list of the department shows, newest first."""
    async with pmc.as_(MANAGER) as client:
        items: list[dict[str, Any]] = (await client.get(f"/api/{path}", params=filters)).json()["items"]
    return items


async def one(pmc: Department, path: str, no: str) -> dict[str, Any]:
    async with pmc.as_(MANAGER) as client:
        document: dict[str, Any] = (await client.get(f"/api/{path}/{no}")).json()
    return document


async def owes(pmc: Department) -> dict[str, str]:
    """The open handovers on the worklist, each with its assignee, or its post where nobody is named."""
    async with pmc.as_(MANAGER) as client:
        rows = (await client.get("/api/worklist")).json()
    return {f"{row['link']}:{row['key']}": row["assignee"] or row["post"] for row in rows}


COSTS = {"hours": "12", "rework_cost": "900", "overtime_cost": "300", "processing_fee": "150"}


def authorisation() -> ReturnAuthorised:
    return ReturnAuthorised(
        order_no="SOD-1",
        return_no="RMA-1",
        complaint_no="CCF-1",
        line_no=1,
        product_code="P-GGD",
        quantity=Decimal(2),
        reason="抽屉卡滞",
        authorised_by=SELLER,
    )


def returned(quantity: int = 2) -> ReturnReceived:
    return ReturnReceived(
        order_no="SOD-1",
        return_no="RMA-1",
        receipt_no="RTR-1",
        line_no=1,
        product_code="P-GGD",
        quantity=Decimal(quantity),
        received_by=KEEPER,
    )


def work(**changes: Any) -> dict[str, Any]:
    return {"return_no": "RMA-1", "quantity": "2", "team_leader": LEADER, "reason": "重装抽屉", **changes}
