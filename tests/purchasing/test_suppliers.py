"""Purchasing buys from suppliers that are approved for the item today."""

import pytest

from tests.purchasing.conftest import BUYER, MANAGER, qualify, request, shelf, submitted
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def test_a_supplier_is_approved_for_named_items_until_a_day(purchasing: Department) -> None:
    supplier = await qualify(purchasing, "S-09", approved_for=["CU-60", "CU-60", "AL-3"], score=88)

    assert (supplier["status"], supplier["approved_for"]) == ("approved", ["AL-3", "CU-60"])


async def test_qualifying_again_renews_and_brings_a_removed_supplier_back(purchasing: Department) -> None:
    await purchasing.do(MANAGER, "remove_supplier", "S-01", reason="两次来料不合格")

    renewed = await qualify(purchasing, "S-01", valid_until="2028-01-31")

    assert (renewed["status"], renewed["valid_until"], renewed["removal_reason"]) == ("approved", "2028-01-31", "")
    assert len(await shelf(purchasing, "suppliers")) == 3


async def test_only_the_manager_keeps_the_list(purchasing: Department) -> None:
    form = {"no": "S-09", "name": "x", "approved_for": ["A"], "supplier_class": "A", "valid_until": "2027-01-01"}

    assert await purchasing.refused(BUYER, "qualify_supplier", **form) == "post_not_held"
    assert await purchasing.refused(BUYER, "remove_supplier", "S-01", reason="x") == "post_not_held"


async def test_an_approval_that_ended_already_is_refused(purchasing: Department) -> None:
    form = {"no": "S-09", "name": "x", "approved_for": ["A"], "supplier_class": "A", "valid_until": "2026-08-31"}

    assert await purchasing.refused(MANAGER, "qualify_supplier", **form) == "date_passed"


async def test_a_removed_supplier_is_removed_once(purchasing: Department) -> None:
    await purchasing.do(MANAGER, "remove_supplier", "S-01", reason="停产")

    assert await purchasing.refused(MANAGER, "remove_supplier", "S-01", reason="停产") == "wrong_status"


@pytest.mark.parametrize("spoil", ["unknown", "removed", "other_items"])
async def test_nobody_outside_the_list_is_suggested_or_quotes(purchasing: Department, spoil: str) -> None:
    no = await submitted(purchasing)
    code = "S-09"
    if spoil == "removed":
        await purchasing.do(MANAGER, "remove_supplier", "S-02", reason="停产")
        code = "S-02"
    elif spoil == "other_items":
        await qualify(purchasing, "S-09", approved_for=["CU-60"])

    quote = {"supplier_code": code, "amount": "7000", "lead_time_days": 4}
    assert await purchasing.refused(BUYER, "record_quote", no, **quote) == "supplier_not_approved"
    assert await purchasing.refused(BUYER, "submit_request", **request(supplier_code=code)) in {
        "supplier_not_approved",
        "more_than_short",
    }


async def test_a_supplier_past_its_day_does_not_quote(purchasing: Department) -> None:
    await qualify(purchasing, "S-02", valid_until="2026-09-01")
    no = await submitted(purchasing)
    quote = {"supplier_code": "S-02", "amount": "7000", "lead_time_days": 4}
    await purchasing.do(BUYER, "record_quote", no, **quote)

    await purchasing.wait_until(purchasing.now.replace(day=2))

    assert await purchasing.refused(BUYER, "record_quote", no, **quote) == "supplier_lapsed"
