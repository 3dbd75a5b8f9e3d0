"""What the workshop wants no more leaves the worklist, unless something of it has left the store already."""

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.pmc import RequisitionWithdrawn
from contracts.warehouse import MaterialIssued, WithdrawalDecided
from tests.support.departments import Department
from tests.warehouse.conftest import (
    BREAKER,
    KEEPER,
    cancellation,
    contract,
    owes,
    requisition,
    shelf,
    stock_of,
    stocked,
)

pytestmark = pytest.mark.asyncio


def withdrawal(no: str = "REQ-1", *, approved: bool = True, order_no: str = "SOD-1") -> RequisitionWithdrawn:
    return RequisitionWithdrawn(
        order_no=order_no,
        requisition_no=no,
        production_order_no="MO-1",
        line_no=1,
        approved=approved,
        reason="改用库存件",
        withdrawn_by="E-024",
    )


async def approved(warehouse: Department, quantity: str = "10") -> None:
    await stocked(warehouse, quantity=quantity)
    await warehouse.hear(contract())
    await warehouse.hear(requisition())


async def decided(warehouse: Department) -> list[WithdrawalDecided]:
    return [fact for fact in await warehouse.facts() if isinstance(fact, WithdrawalDecided)]


async def test_what_was_withdrawn_is_owed_no_longer_and_refused(warehouse: Department) -> None:
    await approved(warehouse)
    assert await owes(warehouse) == ["issue:REQ-1"]

    await warehouse.hear(withdrawal())

    (fact,) = await decided(warehouse)
    assert (fact.accepted, fact.closes) == (True, (links.issue("REQ-1"),))
    assert await owes(warehouse) == []
    assert [row["status"] for row in await shelf(warehouse, "requisitions")] == ["withdrawn"]
    answer = await warehouse.attempt(KEEPER, "issue_material", requisition_no="REQ-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "requisition_withdrawn")
    assert await stock_of(warehouse, BREAKER) == 10


async def test_what_has_left_in_part_stays_owed(warehouse: Department) -> None:
    await approved(warehouse)
    await warehouse.do(
        KEEPER, "issue_material", requisition_no="REQ-1", lines=[{"item_code": BREAKER, "quantity": "1"}]
    )

    await warehouse.hear(withdrawal())

    (fact,) = await decided(warehouse)
    assert (fact.accepted, fact.closes) == (False, ())
    assert await owes(warehouse) == ["issue:REQ-1"]
    await warehouse.do(KEEPER, "issue_material", requisition_no="REQ-1")
    assert await owes(warehouse) == []


async def test_what_has_left_altogether_is_answered_too(warehouse: Department) -> None:
    await approved(warehouse)
    await warehouse.do(KEEPER, "issue_material", requisition_no="REQ-1")

    await warehouse.hear(withdrawal())

    assert [fact.accepted for fact in await decided(warehouse)] == [False]


async def test_what_never_was_in_stock_may_be_withdrawn(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(requisition())
    assert await owes(warehouse) == []

    await warehouse.hear(withdrawal())
    await stocked(warehouse)

    assert [fact.accepted for fact in await decided(warehouse)] == [True]
    assert await owes(warehouse) == []


async def test_what_it_was_promised_is_offered_to_others(warehouse: Department) -> None:
    await approved(warehouse, quantity="5")
    await warehouse.hear(requisition("REQ-2"))
    assert await owes(warehouse) == ["issue:REQ-1"]

    await warehouse.hear(withdrawal())

    assert await owes(warehouse) == ["issue:REQ-2"]


async def test_a_withdrawal_that_overtakes_its_requisition_waits_for_it(warehouse: Department) -> None:
    await warehouse.hear(contract())

    with pytest.raises(WaitFor):
        await warehouse.hear(withdrawal())


async def test_of_what_was_never_approved_the_warehouse_knows_nothing(warehouse: Department) -> None:
    await warehouse.hear(contract())

    await warehouse.hear(withdrawal(approved=False))

    assert await decided(warehouse) == []


async def test_what_ended_with_its_order_is_not_withdrawn(warehouse: Department) -> None:
    await approved(warehouse)
    await warehouse.hear(cancellation())

    await warehouse.hear(withdrawal())

    assert [fact.accepted for fact in await decided(warehouse)] == [False]
    assert [row["status"] for row in await shelf(warehouse, "requisitions")] == ["cancelled"]


@pytest.mark.parametrize("first", ["the issue", "the withdrawal"])
async def test_an_issue_and_a_withdrawal_at_once_leave_one_of_them(warehouse: Department, first: str) -> None:
    """Whoever comes second sees what the first did; nothing is half done."""
    await approved(warehouse)
    works = [warehouse.attempt(KEEPER, "issue_material", requisition_no="REQ-1"), warehouse.hear(withdrawal())]

    met = await warehouse.meet("duties", *(works if first == "the issue" else reversed(works)))

    (answer,) = [each for each in met if each is not None]
    won = first == "the issue"
    assert answer.status_code == (201 if won else 409), answer.text
    assert [fact.accepted for fact in await decided(warehouse)] == [not won]
    assert len(await warehouse.facts(MaterialIssued.name)) == won
    assert await stock_of(warehouse, BREAKER) == (6 if won else 10)
    assert await owes(warehouse) == []
