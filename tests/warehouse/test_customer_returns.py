"""What customers send back is taken in under Sales' number; what must be refused is refused in writing."""

from decimal import Decimal

import pytest

from contracts.sales import ReturnAuthorised
from contracts.warehouse import AuthorityRefused, ReturnReceived
from tests.support.departments import Department
from tests.warehouse.conftest import (
    BOX,
    BREAKER,
    KEEPER,
    MANAGER,
    arrived,
    expecting,
    requisition,
    shelf,
    stock_of,
)

pytestmark = pytest.mark.asyncio


def authorisation() -> ReturnAuthorised:
    return ReturnAuthorised(
        order_no="SOD-1",
        return_no="RMA-1",
        complaint_no="CCF-1",
        line_no=1,
        product_code=BOX,
        quantity=2,
        reason="柜门变形",
        authorised_by="E-001",
    )


async def test_an_authorised_return_is_taken_in_apart_from_the_stock(warehouse: Department) -> None:
    await warehouse.hear(authorisation())

    document = await warehouse.do(KEEPER, "receive_return", "RMA-1", location="R-01")

    (fact,) = await warehouse.facts(ReturnReceived.name)
    assert isinstance(fact, ReturnReceived)
    assert (fact.return_no, fact.receipt_no, fact.quantity) == ("RMA-1", "CRN-20260901-0001", Decimal(2))
    assert (fact.order_no, fact.product_code, fact.received_by) == ("SOD-1", BOX, KEEPER)
    assert document["status"] == "received"
    assert await stock_of(warehouse, BOX) == 0


async def test_fewer_may_come_back_than_were_authorised_but_not_more(warehouse: Department) -> None:
    await warehouse.hear(authorisation())
    assert await warehouse.refused(KEEPER, "receive_return", "RMA-1", quantity="3") == "more_than_authorised"

    await warehouse.do(KEEPER, "receive_return", "RMA-1", quantity="1")

    (fact,) = await warehouse.facts(ReturnReceived.name)
    assert fact.quantity == 1  # type: ignore[attr-defined]


async def test_without_an_authorisation_nothing_comes_back(warehouse: Department) -> None:
    assert await warehouse.refused(KEEPER, "receive_return", "RMA-1") == "not_found"


async def test_a_return_comes_back_once_and_to_a_storekeeper(warehouse: Department) -> None:
    await warehouse.hear(authorisation())
    assert await warehouse.refused(MANAGER, "receive_return", "RMA-1") == "post_not_held"
    await warehouse.do(KEEPER, "receive_return", "RMA-1")

    assert await warehouse.refused(KEEPER, "receive_return", "RMA-1") == "wrong_status"


@pytest.mark.parametrize("authority", ["refuse_entry", "refuse_issue", "refuse_receipt"])
async def test_what_is_refused_stands_on_the_orders_timeline(warehouse: Department, authority: str) -> None:
    await expecting(warehouse)
    await warehouse.hear(requisition())

    record = await warehouse.do(
        KEEPER, "refuse_paper", authority=authority, document_no="REQ-1", reason="领料单没有主任签字"
    )

    (fact,) = await warehouse.facts(AuthorityRefused.name)
    assert isinstance(fact, AuthorityRefused)
    assert (fact.order_no, fact.document_no, fact.authority) == ("SOD-1", "REQ-1", authority)
    assert (fact.reason, fact.refused_by, record["status"]) == ("领料单没有主任签字", KEEPER, "recorded")


async def test_a_lot_names_its_order_and_an_outsider_none(warehouse: Department) -> None:
    await expecting(warehouse)
    lot = await arrived(warehouse)
    await warehouse.do(KEEPER, "refuse_paper", authority="refuse_receipt", document_no=lot, reason="未检")
    await warehouse.do(KEEPER, "refuse_paper", authority="refuse_entry", document_no="外来人员", reason="无证件")

    assert [row["order_no"] for row in await shelf(warehouse, "refusals")] == [None, "SOD-1"]
    assert await stock_of(warehouse, BREAKER) == 0


@pytest.mark.parametrize("change", [{"authority": "refuse_everything"}, {"reason": ""}, {"document_no": ""}])
async def test_a_refusal_names_what_and_why(warehouse: Department, change: dict[str, str]) -> None:
    form = {"authority": "refuse_issue", "document_no": "REQ-1", "reason": "无批准", **change}

    assert await warehouse.refused(KEEPER, "refuse_paper", **form) == "invalid_input"


async def test_only_a_storekeeper_refuses(warehouse: Department) -> None:
    form = {"authority": "refuse_issue", "document_no": "REQ-1", "reason": "无批准"}

    assert await warehouse.refused(MANAGER, "refuse_paper", **form) == "post_not_held"
