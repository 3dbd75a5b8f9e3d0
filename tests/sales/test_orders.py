"""Sales promises only what was reviewed, and the factory hears of every promise."""

from decimal import Decimal

import pytest

from contracts import links
from contracts.pmc import ReviewDecided, ReviewOutcome
from contracts.sales import ContractSubmitted, OrderConfirmed, OrderReleased
from tests.sales.conftest import BOSS, FOLLOWER, LINE, SELLER, contract
from tests.support.departments import Department
from tests.support.facts import local

pytestmark = pytest.mark.asyncio


async def submitted(sales: Department) -> str:
    return str((await sales.do(SELLER, "submit_contract", **contract()))["no"])


async def reviewed(sales: Department, outcome: ReviewOutcome = ReviewOutcome.ACCEPTED) -> str:
    no = await submitted(sales)
    await sales.hear(ReviewDecided(order_no=no, review_no="CRV-1", outcome=outcome, decided_by="E-020"))
    return no


async def test_a_submitted_contract_asks_every_department(sales: Department) -> None:
    no = await submitted(sales)

    (fact,) = await sales.facts(ContractSubmitted.name)
    assert isinstance(fact, ContractSubmitted)
    assert (fact.order_no, fact.amount, fact.salesperson) == (no, Decimal(37000), SELLER)


async def test_an_accepted_order_is_confirmed_and_the_merchandiser_owes_its_release(sales: Department) -> None:
    no = await reviewed(sales)

    order = await sales.do(SELLER, "confirm_order", no)

    assert order["status"] == "confirmed"
    confirmed, delivered = await sales.facts(OrderConfirmed.name, "sales.handover_delivered.v1")
    assert delivered.duty == links.release(no)  # type: ignore[attr-defined]
    assert confirmed.assignee == delivered.assignee == FOLLOWER


async def test_a_declined_order_is_not_confirmed_by_sales(sales: Department) -> None:
    no = await reviewed(sales, ReviewOutcome.DECLINED)

    assert await sales.refused(SELLER, "confirm_order", no) == "contract_declined"


async def test_an_undecided_order_is_not_confirmed_by_sales(sales: Department) -> None:
    assert await sales.refused(SELLER, "confirm_order", await submitted(sales)) == "contract_undecided"


async def test_the_general_manager_may_waive_a_declined_review_by_name(sales: Department) -> None:
    no = await reviewed(sales, ReviewOutcome.DECLINED)

    assert (await sales.do(BOSS, "confirm_order", no))["waived_by"] == BOSS


async def test_releasing_closes_the_handover_and_only_the_merchandiser_may(sales: Department) -> None:
    no = await reviewed(sales)
    await sales.do(SELLER, "confirm_order", no)

    assert await sales.refused(SELLER, "release_order", no) == "post_not_held"
    await sales.do(FOLLOWER, "release_order", no)

    (fact,) = await sales.facts(OrderReleased.name)
    assert fact.closes == (links.release(no),)
    async with sales.as_(FOLLOWER) as client:
        assert (await client.get("/api/worklist")).json() == []


async def test_a_second_release_is_told_that_somebody_was_first(sales: Department) -> None:
    no = await reviewed(sales)
    await sales.do(SELLER, "confirm_order", no)
    await sales.do(FOLLOWER, "release_order", no)

    assert await sales.refused(FOLLOWER, "release_order", no) == "wrong_status"


async def test_a_cancelled_order_leaves_nobody_owing(sales: Department) -> None:
    no = await reviewed(sales)
    await sales.do(SELLER, "confirm_order", no)
    await sales.do(SELLER, "cancel_order", no, reason="客户撤项")

    async with sales.as_(FOLLOWER) as client:
        assert (await client.get("/api/worklist")).json() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"customer_code": "C-99"}, "unknown_customer"),
        ({"lines": []}, "invalid_input"),
        ({"merchandiser": "E-999"}, "not_a_merchandiser"),
        ({"merchandiser": SELLER}, "not_a_merchandiser"),
        ({"lines": [{**LINE, "quantity": "0"}]}, "invalid_input"),
        ({"lines": [{**LINE, "delivery_date": "2026-08-31"}]}, "date_passed"),
        ({"lines": [{**LINE, "delivery_date": "2026-09-02"}]}, "leaves_too_late"),
        ({"lines": [LINE, LINE]}, "lines_twice"),
        ({"unheard_of": 1}, "invalid_input"),
    ],
)
async def test_a_contract_with_a_fault_is_refused_and_nothing_is_stated(
    sales: Department, change: dict[str, object], code: str
) -> None:
    assert await sales.refused(SELLER, "submit_contract", **contract(**change)) == code
    assert await sales.facts(ContractSubmitted.name) == []


async def test_the_same_key_twice_submits_once(sales: Department) -> None:
    async with sales.as_(SELLER) as client:
        first, second = [
            await client.post("/api/orders", json=contract(), headers={"Idempotency-Key": "k-1"}) for _ in range(2)
        ]

    assert first.json() == second.json()
    assert len(await sales.facts(ContractSubmitted.name)) == 1


async def test_a_key_used_for_something_else_is_refused(sales: Department) -> None:
    async with sales.as_(SELLER) as client:
        await client.post("/api/orders", json=contract(), headers={"Idempotency-Key": "k-1"})
        other = await client.post("/api/orders", json=contract(customer_po="x"), headers={"Idempotency-Key": "k-1"})

    assert other.json()["code"] == "idempotency_key_reused"


async def test_lists_page_by_key_newest_first(sales: Department) -> None:
    numbers = [await submitted(sales) for _ in range(3)]
    async with sales.as_(SELLER) as client:
        first = (await client.get("/api/orders", params={"limit": 2})).json()
        rest = (await client.get("/api/orders", params={"limit": 2, "after": first["next"]})).json()

    assert [item["no"] for item in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None


TWO = [{**LINE, "delivery_date": "2026-09-04", "transit_days": 0}, {**LINE, "line_no": 2}]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([TWO[0], {**TWO[1], "quantity": "4"}], None),
        ([{**TWO[0], "quantity": "1"}, TWO[1]], None),
        ([{**TWO[0], "quantity": "3"}, TWO[1]], "date_passed"),
        ([{**TWO[0], "product_code": "P-XL"}, TWO[1]], "date_passed"),
        ([{**TWO[0], "model": "XL-21"}, TWO[1]], "date_passed"),
        ([{**TWO[0], "product_code": "P-XL", "delivery_date": "2026-09-25"}, TWO[1]], None),
        ([{**TWO[0], "unit_price": "52000"}, TWO[1]], None),
        ([{**TWO[0], "delivery_date": "2026-09-03"}, TWO[1]], "date_passed"),
        ([{**TWO[0], "delivery_date": "2026-09-09", "transit_days": 2}, TWO[1]], "leaves_too_late"),
    ],
)
async def test_a_line_that_stays_as_it_was_keeps_a_date_that_has_passed(
    sales: Department, lines: list[dict[str, object]], code: str | None
) -> None:
    no = str((await sales.do(SELLER, "submit_contract", **contract(lines=TWO)))["no"])
    await sales.hear(ReviewDecided(order_no=no, review_no="CRV-1", outcome=ReviewOutcome.ACCEPTED, decided_by="E-020"))
    await sales.do(SELLER, "confirm_order", no)
    await sales.wait_until(local("2026-09-08 09:00"))

    answer = await sales.attempt(SELLER, "amend_order", no, reason="客户改单", lines=lines)

    assert (None if answer.is_success else answer.json()["code"]) == code
