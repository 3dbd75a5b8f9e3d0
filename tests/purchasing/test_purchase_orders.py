"""Nothing is ordered past the rules: approval, three quotes, an approved supplier, and no switch on one's own."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from contracts import links
from contracts.purchasing import PurchaseOrderIssued, SupplierChangeApproved
from tests.purchasing.conftest import (
    BOSS,
    BUYER,
    COLLEAGUE,
    MANAGER,
    QUOTES,
    REQUIRED,
    approved,
    cancellation,
    commitment,
    need,
    ordered,
    owes,
    qualify,
    request,
    shelf,
    submitted,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
LINE = {"requirement_line_no": 1, "unit_price": "1850", "promised_on": "2026-09-09"}


async def test_an_order_that_covers_the_list_fulfils_the_buyers_duty(purchasing: Department) -> None:
    request_no = await approved(purchasing)

    order = await purchasing.do(BUYER, "issue_purchase_order", **commitment(request_no, terms="月结 30 天"))

    (fact,) = await purchasing.facts(PurchaseOrderIssued.name)
    assert isinstance(fact, PurchaseOrderIssued)
    assert (fact.purchase_order_no, fact.request_no, fact.requirement_no) == (order["no"], request_no, "MRL-1")
    assert fact.closes == (links.purchase_order("MRL-1"),)
    assert (fact.amount, fact.supplier_code, len(fact.quotes), fact.approved_by) == (Decimal(7400), "S-01", 3, MANAGER)
    (line,) = fact.lines
    assert (line.quantity, line.lead_time_days, line.required_on, line.requirement_line_no) == (
        Decimal(4),
        4,
        REQUIRED,
        1,
    )
    assert [row["status"] for row in await shelf(purchasing, "requirements")] == ["covered"]
    assert set(await owes(purchasing)) == {"opinion:SOD-1/purchasing", "arrival:MRL-1/1"}


async def test_the_duty_stays_until_the_last_short_line_is_ordered(purchasing: Department) -> None:
    first = await approved(purchasing, need(1), need(2, "CU-60", 12))
    await purchasing.do(BUYER, "issue_purchase_order", **commitment(first))
    rest = request(lines=[{"requirement_line_no": 2}], quotes=QUOTES)
    second = str((await purchasing.do(BUYER, "submit_request", **rest))["no"])
    await purchasing.do(MANAGER, "approve_request", second)

    line = {"requirement_line_no": 2, "unit_price": "70", "promised_on": "2026-09-08"}
    await purchasing.do(BUYER, "issue_purchase_order", **commitment(second, lines=[line]))

    closes = [fact.closes for fact in await purchasing.facts(PurchaseOrderIssued.name)]
    assert closes == [(), (links.purchase_order("MRL-1"),)]


async def whose_arrivals(purchasing: Department) -> dict[str, str | None]:
    async with purchasing.as_(MANAGER) as client:
        rows = (await client.get("/api/worklist")).json()
    return {row["key"]: row["assignee"] for row in rows if row["link"] == "arrival"}


async def test_the_goods_of_an_ordered_line_are_theirs_who_ordered_them(purchasing: Department) -> None:
    """Two buyers share the post; the line that nobody ordered yet is the post's."""
    request_no = await approved(purchasing, need(1), need(2, "CU-60", 12))
    assert await whose_arrivals(purchasing) == {"MRL-1/1": None, "MRL-1/2": None}

    await purchasing.do(COLLEAGUE, "issue_purchase_order", **commitment(request_no))

    assert await whose_arrivals(purchasing) == {"MRL-1/1": COLLEAGUE, "MRL-1/2": None}


@pytest.mark.parametrize(("second", "whose"), [(BUYER, BUYER), (COLLEAGUE, None)])
async def test_a_line_that_two_buyers_ordered_is_the_posts_again(
    purchasing: Department, second: str, whose: str | None
) -> None:
    part = {"lines": [{"requirement_line_no": 1, "quantity": "2"}], "quotes": QUOTES}
    for number, buyer in enumerate((BUYER, second)):
        no = await approved(purchasing, **part) if not number else await submitted_again(purchasing, **part)
        await purchasing.do(buyer, "issue_purchase_order", **commitment(no))

    assert await whose_arrivals(purchasing) == {"MRL-1/1": whose}


async def submitted_again(purchasing: Department, **form: Any) -> str:
    """The number of another approved request of the same list."""
    no = str((await purchasing.do(BUYER, "submit_request", **request(**form)))["no"])
    await purchasing.do(MANAGER, "approve_request", no)
    return no


async def test_an_unapproved_request_is_not_ordered(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES)

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "request_unapproved"
    assert await purchasing.facts(PurchaseOrderIssued.name) == []


async def test_a_refused_request_is_not_ordered(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES)
    await purchasing.do(MANAGER, "refuse_request", no, reason="价格太高")

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "request_unapproved"


async def test_two_quotes_are_not_three(purchasing: Department) -> None:
    no = await approved(purchasing, quotes=QUOTES[:2])

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "quotes_missing"


async def test_a_quote_counts_only_while_its_supplier_is_approved(purchasing: Department) -> None:
    no = await approved(purchasing)
    await purchasing.do(MANAGER, "remove_supplier", "S-03", reason="两次来料不合格")

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "quotes_missing"


async def test_a_recorded_exemption_stands_for_missing_quotes(purchasing: Department) -> None:
    no = await approved(purchasing, quotes=QUOTES[:1])
    await purchasing.do(MANAGER, "exempt_quotes", no, reason="只有一家能做")

    order = await purchasing.do(BUYER, "issue_purchase_order", **commitment(no))

    assert (order["exemption"], len(order["quotes"])) == ("只有一家能做", 1)


async def test_a_supplier_removed_since_the_approval_gets_no_order(purchasing: Department) -> None:
    no = await approved(purchasing)
    await purchasing.do(MANAGER, "remove_supplier", "S-01", reason="停产")

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "supplier_not_approved"


async def test_a_supplier_no_longer_approved_for_the_item_gets_no_order(purchasing: Department) -> None:
    no = await approved(purchasing)
    await qualify(purchasing, "S-01", approved_for=["CU-60"])

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "supplier_not_approved"


async def test_a_supplier_whose_approval_ended_gets_no_order(purchasing: Department) -> None:
    await qualify(purchasing, "S-01", valid_until="2026-09-01")
    no = await approved(purchasing)

    await purchasing.wait_until(purchasing.now.replace(day=2))

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "supplier_lapsed"


async def test_switching_the_supplier_after_the_approval_is_refused(purchasing: Department) -> None:
    no = await approved(purchasing)

    switched = commitment(no, supplier_code="S-02")
    assert await purchasing.refused(BUYER, "issue_purchase_order", **switched) == "supplier_switched"


async def test_an_agreed_switch_is_ordered_and_stated_with_the_order(purchasing: Department) -> None:
    no = await approved(purchasing)
    form = {"supplier_code": "S-02", "reason": "S-01 停电"}
    assert await purchasing.refused(BUYER, "approve_other_supplier", no, **form) == "post_not_held"
    await purchasing.do(MANAGER, "approve_other_supplier", no, **form)

    order = await purchasing.do(BUYER, "issue_purchase_order", **commitment(no))

    assert order["supplier_code"] == "S-02"
    (fact,) = await purchasing.facts(SupplierChangeApproved.name)
    assert isinstance(fact, SupplierChangeApproved)
    assert (fact.purchase_order_no, fact.from_supplier, fact.to_supplier) == (order["no"], "S-01", "S-02")
    assert (fact.reason, fact.approved_by) == ("S-01 停电", MANAGER)


async def test_switching_back_before_the_order_is_no_change_at_all(purchasing: Department) -> None:
    no = await approved(purchasing)
    for code in ("S-02", "S-01"):
        await purchasing.do(MANAGER, "approve_other_supplier", no, supplier_code=code, reason="比较交期")

    await purchasing.do(BUYER, "issue_purchase_order", **commitment(no))

    assert await purchasing.facts(SupplierChangeApproved.name) == []


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"supplier_code": "S-01", "reason": "x"}, "supplier_same"),
        ({"supplier_code": "S-09", "reason": "x"}, "supplier_not_approved"),
        ({"supplier_code": "S-03", "reason": "x"}, "price_unknown"),
        ({"supplier_code": "S-02", "reason": ""}, "invalid_input"),
    ],
)
async def test_a_switch_needs_another_approved_supplier_with_a_known_price(
    purchasing: Department, form: dict[str, str], code: str
) -> None:
    no = await approved(purchasing, quotes=QUOTES[:2])

    assert await purchasing.refused(MANAGER, "approve_other_supplier", no, **form) == code


async def test_a_switch_to_a_large_price_is_the_general_managers(purchasing: Department) -> None:
    no = await approved(purchasing, quotes=[*QUOTES[:2], {**QUOTES[2], "amount": "60000"}])
    form = {"supplier_code": "S-03", "reason": "只有现货"}

    assert await purchasing.refused(MANAGER, "approve_other_supplier", no, **form) == "general_manager_needed"
    assert (await purchasing.do(BOSS, "approve_other_supplier", no, **form))["supplier_code"] == "S-03"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{**LINE, "unit_price": "1850.01"}], "more_than_approved"),
        ([{**LINE, "promised_on": "2026-08-31"}], "date_passed"),
        ([{**LINE, "requirement_line_no": 2}], "no_such_line"),
        ([LINE, LINE], "lines_twice"),
        ([], "invalid_input"),
    ],
)
async def test_the_lines_are_those_of_the_request_at_no_more_than_the_approved_price(
    purchasing: Department, lines: list[dict[str, object]], code: str
) -> None:
    no = await approved(purchasing)

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no, lines=lines)) == code
    assert await purchasing.facts(PurchaseOrderIssued.name) == []


async def test_no_line_of_the_request_is_left_out(purchasing: Department) -> None:
    both = [{"requirement_line_no": 1}, {"requirement_line_no": 2}]
    no = await approved(purchasing, need(1), need(2, "CU-60", 12), lines=both)

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "line_left_out"


async def test_a_request_is_ordered_once(purchasing: Department) -> None:
    await ordered(purchasing)
    (request_row,) = await shelf(purchasing, "purchase-requests")

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(request_row["no"])) == "ordered_already"


async def test_who_approved_does_not_order(purchasing: Department) -> None:
    await purchasing.employ(buyer=MANAGER)
    no = await approved(purchasing)

    assert await purchasing.refused(MANAGER, "issue_purchase_order", **commitment(no)) == "self_approval"


async def test_the_database_too_wants_two_people_behind_an_order(purchasing: Department) -> None:
    await ordered(purchasing)

    with pytest.raises(IntegrityError, match="order_approved_by_another"):
        async with purchasing.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE purchase_orders SET approved_by = made_by")


async def test_another_supplier_may_deliver_an_issued_order_once_that_is_approved(purchasing: Department) -> None:
    no = await ordered(purchasing)
    form = {"supplier_code": "S-02", "reason": "S-01 断货"}
    assert await purchasing.refused(BUYER, "approve_supplier_change", no, **form) == "post_not_held"

    order = await purchasing.do(MANAGER, "approve_supplier_change", no, **form)

    assert (order["supplier_code"], order["other_suppliers"]) == ("S-01", ["S-02"])
    (fact,) = await purchasing.facts(SupplierChangeApproved.name)
    assert isinstance(fact, SupplierChangeApproved)
    assert (fact.purchase_order_no, fact.from_supplier, fact.to_supplier) == (no, "S-01", "S-02")
    assert await purchasing.refused(MANAGER, "approve_supplier_change", no, **form) == "supplier_same"


async def test_the_buyer_does_not_approve_a_change_of_their_own_order(purchasing: Department) -> None:
    await purchasing.employ(purchasing_manager=BUYER)
    no = await ordered(purchasing)

    form = {"supplier_code": "S-02", "reason": "x"}
    assert await purchasing.refused(BUYER, "approve_supplier_change", no, **form) == "self_approval"


async def test_nothing_is_ordered_for_a_cancelled_order_and_open_orders_are_void(purchasing: Department) -> None:
    no = await ordered(purchasing)

    await purchasing.hear(cancellation())

    assert [row["status"] for row in await shelf(purchasing, "purchase-orders")] == ["cancelled"]
    form = {"supplier_code": "S-02", "reason": "x"}
    assert await purchasing.refused(MANAGER, "approve_supplier_change", no, **form) == "order_cancelled"


async def test_an_approved_request_of_a_cancelled_order_is_not_ordered(purchasing: Department) -> None:
    no = await approved(purchasing)
    await purchasing.hear(cancellation())

    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "order_cancelled"
