"""What a customer imposes on a contract is recorded once, as their debit note says, and taken back only by a manager."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts.sales import ContractPenaltyRecorded, ContractPenaltyWithdrawn
from tests.sales.conftest import BOSS, FOLLOWER, MANAGER, SELLER, contract
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def confirmed(sales: Department) -> str:
    """The number of an order that the general manager confirmed before its review."""
    order = await sales.do(SELLER, "submit_contract", **contract())
    await sales.do(BOSS, "confirm_order", order["no"])
    return str(order["no"])


def note(order_no: str, **changes: Any) -> dict[str, Any]:
    said = {
        "order_no": order_no,
        "customer_reference": "扣款通知 0929",
        "amount": "3000",
        "imposed_on": "2026-09-01",
        "reason": "交期延误三天",
    }
    return {**said, **changes}


async def status_of(sales: Department, no: str) -> str:
    async with sales.as_(SELLER) as client:
        return str((await client.get(f"/api/contract-penalties/{no}")).json()["status"])


@pytest.mark.parametrize("by", [SELLER, MANAGER, FOLLOWER])
async def test_a_penalty_is_stated_as_the_debit_note_says(sales: Department, by: str) -> None:
    order_no = await confirmed(sales)
    document = await sales.do(by, "record_contract_penalty", **note(order_no))

    (fact,) = await sales.facts(ContractPenaltyRecorded.name)
    assert isinstance(fact, ContractPenaltyRecorded)
    assert (fact.order_no, fact.penalty_no, fact.customer_code) == (order_no, document["no"], "C-01")
    assert (fact.customer_reference, str(fact.amount), str(fact.imposed_on)) == (
        "扣款通知 0929",
        "3000",
        "2026-09-01",
    )
    assert (fact.recorded_by, fact.closes, fact.assignee) == (by, (), None)


async def test_it_may_follow_a_complaint_of_the_same_order(sales: Department) -> None:
    order_no, other = await confirmed(sales), await confirmed(sales)
    said = {"kind": "lateness", "channel": "mail", "description": "晚到三天"}
    complaint = await sales.do(SELLER, "receive_complaint", order_no=order_no, **said)
    named = {"complaint_no": complaint["no"]}

    refused = await sales.refused(SELLER, "record_contract_penalty", **note(other, **named))
    document = await sales.do(SELLER, "record_contract_penalty", **note(order_no, **named))

    assert (refused, document["complaint_no"]) == ("complaint_of_another_order", complaint["no"])


@pytest.mark.parametrize(
    ("by", "change", "code"),
    [
        (SELLER, {"order_no": "SOD-0"}, "not_found"),
        (SELLER, {"complaint_no": "CCF-0"}, "not_found"),
        (SELLER, {"imposed_on": "2026-09-02"}, "penalty_ahead"),
        (SELLER, {"amount": "0"}, "invalid_input"),
        (SELLER, {"customer_reference": " "}, "invalid_input"),
        (SELLER, {"reason": ""}, "invalid_input"),
        (BOSS, {}, "post_not_held"),
    ],
)
async def test_a_penalty_with_a_fault_is_refused_and_nothing_is_stated(
    sales: Department, by: str, change: dict[str, Any], code: str
) -> None:
    order_no = await confirmed(sales)

    assert await sales.refused(by, "record_contract_penalty", **{**note(order_no), **change}) == code
    assert await sales.facts(ContractPenaltyRecorded.name) == []


async def test_an_order_that_was_never_confirmed_bears_no_penalty_and_a_cancelled_one_does(sales: Department) -> None:
    submitted, order_no = (await sales.do(SELLER, "submit_contract", **contract()))["no"], await confirmed(sales)
    await sales.do(SELLER, "cancel_order", order_no, reason="客户撤项", during_follow_up=True)

    assert await sales.refused(SELLER, "record_contract_penalty", **note(submitted)) == "no_contract_yet"
    assert (await sales.do(SELLER, "record_contract_penalty", **note(order_no)))["status"] == "recorded"


async def test_a_debit_note_is_recorded_once_whatever_order_it_is_booked_on(sales: Department) -> None:
    first, second = await confirmed(sales), await confirmed(sales)
    await sales.do(SELLER, "record_contract_penalty", **note(first))

    again = note(second, amount="2000")
    assert await sales.refused(SELLER, "record_contract_penalty", **again) == "penalty_recorded_already"

    other = await sales.do(SELLER, "record_contract_penalty", **note(second, customer_reference="扣款通知 0930"))
    query = text("UPDATE contract_penalties SET customer_reference = '扣款通知 0929' WHERE no = :no")
    async with sales.engine.begin() as connection:
        with pytest.raises(IntegrityError, match="contract_penalties_one_for_a_debit_note"):
            await connection.execute(query, {"no": other["no"]})


async def test_only_a_manager_takes_it_back_with_a_reason_and_then_it_may_be_recorded_anew(sales: Department) -> None:
    order_no = await confirmed(sales)
    no = (await sales.do(FOLLOWER, "record_contract_penalty", **note(order_no)))["no"]

    for by in (SELLER, FOLLOWER):
        assert await sales.refused(by, "withdraw_contract_penalty", no, reason="不算了") == "post_not_held"
    assert await sales.refused(MANAGER, "withdraw_contract_penalty", no, reason="") == "invalid_input"
    await sales.do(MANAGER, "withdraw_contract_penalty", no, reason="客户已放弃扣款")

    (fact,) = await sales.facts(ContractPenaltyWithdrawn.name)
    assert isinstance(fact, ContractPenaltyWithdrawn)
    assert (fact.order_no, fact.penalty_no, fact.withdrawn_by) == (order_no, no, MANAGER)
    assert await status_of(sales, no) == "withdrawn"
    assert await sales.refused(BOSS, "withdraw_contract_penalty", no, reason="再来") == "wrong_status"
    assert (await sales.do(SELLER, "record_contract_penalty", **note(order_no)))["no"] != no
