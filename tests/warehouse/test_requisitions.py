"""Material leaves only on an approved requisition, never more than it names, never more than there is."""

import asyncio
from collections import Counter
from decimal import Decimal

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.waiting import WaitFor
from contracts import links
from contracts.warehouse import HandoverDelivered, MaterialIssued
from tests.support import infra
from tests.support.departments import Department
from tests.warehouse.conftest import (
    BREAKER,
    BUSBAR,
    KEEPER,
    MANAGER,
    arrived,
    cancellation,
    contract,
    expecting,
    inspection,
    owes,
    requisition,
    shelf,
    stock_of,
    stocked,
)

pytestmark = pytest.mark.asyncio
ISSUE = links.issue("REQ-1")


async def approved(warehouse: Department) -> None:
    await warehouse.hear(contract())
    await warehouse.hear(requisition())


def delivered_issues(facts: list[object]) -> list[HandoverDelivered]:
    return [fact for fact in facts if isinstance(fact, HandoverDelivered) and fact.duty.link == "issue"]


async def test_an_approved_requisition_with_enough_in_stock_is_owed_at_once(warehouse: Department) -> None:
    await stocked(warehouse)

    await approved(warehouse)

    (delivered,) = delivered_issues(list(await warehouse.facts()))
    assert (delivered.duty, delivered.inputs) == (ISSUE, (links.requisition_approval("REQ-1"),))
    assert (delivered.post, delivered.order_no, delivered.line_no) == ("storekeeper", "SOD-1", 1)


async def test_it_waits_for_the_receipts_that_it_lacks_and_names_them(warehouse: Department) -> None:
    await expecting(warehouse)
    await stocked(warehouse, BUSBAR, "3")
    await warehouse.hear(requisition(wanted={BREAKER: 4, BUSBAR: 3}))
    assert await owes(warehouse) == []
    lots = [await arrived(warehouse, quantity) for quantity in ("1", "3")]

    for lot in lots:
        await warehouse.hear(inspection(lot))
        await warehouse.do(KEEPER, "receive_goods", lot=lot)

    (delivered,) = delivered_issues(list(await warehouse.facts()))
    receipts = tuple(links.receipt(lot) for lot in lots)
    assert delivered.inputs == (links.requisition_approval("REQ-1"), *receipts)


async def test_stock_that_is_promised_is_not_offered_twice(warehouse: Department) -> None:
    await stocked(warehouse, quantity="5")
    await approved(warehouse)

    await warehouse.hear(requisition("REQ-2"))
    assert await owes(warehouse) == ["issue:REQ-1"]
    await stocked(warehouse, quantity="8")

    assert await owes(warehouse) == ["issue:REQ-1", "issue:REQ-2"]


async def test_what_a_cancelled_order_was_promised_is_offered_to_others(warehouse: Department) -> None:
    await stocked(warehouse, quantity="5")
    await approved(warehouse)
    await warehouse.hear(contract("SOD-2"))
    await warehouse.hear(requisition("REQ-2", "SOD-2"))

    await warehouse.hear(cancellation())

    assert await owes(warehouse) == ["issue:REQ-2"]
    assert await warehouse.refused(KEEPER, "issue_material", requisition_no="REQ-1") == "order_cancelled"
    await warehouse.do(KEEPER, "issue_material", requisition_no="REQ-2")


async def test_issuing_all_takes_the_oldest_lots_and_fulfils_the_duty(warehouse: Department) -> None:
    await stocked(warehouse, quantity="3")
    await stocked(warehouse, quantity="10")
    older, newer = sorted([lot["no"] for lot in await shelf(warehouse, "lots")])
    await approved(warehouse)

    document = await warehouse.do(KEEPER, "issue_material", requisition_no="REQ-1")

    (fact,) = await warehouse.facts(MaterialIssued.name)
    assert isinstance(fact, MaterialIssued)
    (line,) = fact.lines
    assert (fact.issue_no, fact.complete, fact.closes) == (document["no"], True, (ISSUE,))
    assert (line.item_code, line.quantity, line.lots) == (BREAKER, Decimal(4), (older, newer))
    left = {lot["no"]: Decimal(lot["remaining"]) for lot in await shelf(warehouse, "lots")}
    assert left == {older: 0, newer: 6}
    assert await stock_of(warehouse, BREAKER) == 6
    assert await owes(warehouse) == []


async def test_a_part_may_leave_and_the_rest_stays_owed(warehouse: Department) -> None:
    await stocked(warehouse)
    await approved(warehouse)

    await warehouse.do(
        KEEPER, "issue_material", requisition_no="REQ-1", lines=[{"item_code": BREAKER, "quantity": "1.5"}]
    )
    await warehouse.do(KEEPER, "issue_material", requisition_no="REQ-1")

    facts = await warehouse.facts(MaterialIssued.name)
    assert [(fact.complete, fact.closes) for fact in facts] == [(False, ()), (True, (ISSUE,))]  # type: ignore[attr-defined]
    assert [fact.lines[0].quantity for fact in facts] == [Decimal("1.5"), Decimal("2.5")]  # type: ignore[attr-defined]
    assert await warehouse.refused(KEEPER, "issue_material", requisition_no="REQ-1") == "issued_already"


async def test_without_an_approved_requisition_nothing_leaves(warehouse: Department) -> None:
    await stocked(warehouse)

    assert await warehouse.refused(KEEPER, "issue_material", requisition_no="REQ-1") == "requisition_not_approved"
    assert await stock_of(warehouse, BREAKER) == 10


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{"item_code": BREAKER, "quantity": "4.000001"}], "more_than_requisitioned"),
        ([{"item_code": BUSBAR, "quantity": "1"}], "more_than_requisitioned"),
        ([{"item_code": BREAKER, "quantity": "1"}, {"item_code": BREAKER, "quantity": "1"}], "lines_twice"),
        ([{"item_code": BREAKER, "quantity": "0"}], "invalid_input"),
    ],
)
async def test_no_more_leaves_than_was_requisitioned(
    warehouse: Department, lines: list[dict[str, str]], code: str
) -> None:
    await stocked(warehouse)
    await stocked(warehouse, BUSBAR)
    await approved(warehouse)

    assert await warehouse.refused(KEEPER, "issue_material", requisition_no="REQ-1", lines=lines) == code
    assert await warehouse.facts(MaterialIssued.name) == []


async def test_no_more_leaves_than_there_is(warehouse: Department) -> None:
    await stocked(warehouse, quantity="3")
    await approved(warehouse)

    assert await warehouse.refused(KEEPER, "issue_material", requisition_no="REQ-1") == "not_enough_stock"
    assert await stock_of(warehouse, BREAKER) == 3


async def test_people_at_once_never_draw_the_stock_below_nothing(warehouse: Department) -> None:
    """Six requisitions of four each, five of them at the same moment, and only ten in stock."""
    await stocked(warehouse, quantity="10")
    await warehouse.hear(contract())
    numbers = [f"REQ-{number}" for number in range(1, 7)]
    for no in numbers:
        await warehouse.hear(requisition(no))

    answers = await asyncio.gather(*(warehouse.attempt(KEEPER, "issue_material", requisition_no=no) for no in numbers))

    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 4}
    assert {answer.json().get("code") for answer in answers if answer.status_code == 409} == {"not_enough_stock"}
    assert await stock_of(warehouse, BREAKER) == 2
    assert len(await warehouse.facts(MaterialIssued.name)) == 2


async def test_the_same_requisition_at_once_is_issued_once(warehouse: Department) -> None:
    await stocked(warehouse, quantity="100")
    await approved(warehouse)

    answers = await asyncio.gather(
        *(warehouse.attempt(KEEPER, "issue_material", requisition_no="REQ-1") for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await stock_of(warehouse, BREAKER) == 96


async def test_two_items_in_opposite_order_at_once_block_nobody(warehouse: Department) -> None:
    await stocked(warehouse, quantity="50")
    await stocked(warehouse, BUSBAR, "50")
    await warehouse.hear(contract())
    for number in range(8):
        first, second = (BREAKER, BUSBAR) if number % 2 else (BUSBAR, BREAKER)
        await warehouse.hear(requisition(f"REQ-{number}", wanted={first: 4, second: 4}))

    answers = await asyncio.gather(
        *(warehouse.attempt(KEEPER, "issue_material", requisition_no=f"REQ-{number}") for number in range(8))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert (await stock_of(warehouse, BREAKER), await stock_of(warehouse, BUSBAR)) == (Decimal(18), Decimal(18))


async def test_an_approval_and_the_receipt_it_lacks_at_once_lose_nobody(warehouse: Department) -> None:
    """Whichever commits first, the storekeeper is told that the material is there."""
    await expecting(warehouse)
    lot = await arrived(warehouse)
    await warehouse.hear(inspection(lot))

    await asyncio.gather(
        warehouse.hear(requisition()),
        warehouse.do(KEEPER, "receive_goods", lot=lot),
    )

    assert "issue:REQ-1" in await owes(warehouse)


@pytest.mark.parametrize("table", ["stock", "lots"])
async def test_the_database_too_knows_no_negative_stock(warehouse: Department, table: str) -> None:
    await stocked(warehouse)
    change = {
        "stock": text("UPDATE stock SET quantity = quantity - 11"),
        "lots": text("UPDATE lots SET remaining = remaining - 11"),
    }[table]

    with pytest.raises(IntegrityError, match="never_negative"):
        async with warehouse.engine.begin() as connection:
            await connection.execute(change)


async def test_only_the_storekeeper_issues(warehouse: Department) -> None:
    await stocked(warehouse)
    await approved(warehouse)

    assert await warehouse.refused(MANAGER, "issue_material", requisition_no="REQ-1") == "post_not_held"


async def test_a_requisition_that_overtakes_its_contract_waits_for_it(warehouse: Department) -> None:
    with pytest.raises(WaitFor) as waiting:
        await warehouse.hear(requisition())

    assert waiting.value.thing == ("order", "SOD-1")


async def test_a_requisition_of_a_cancelled_order_is_owed_by_nobody(warehouse: Department) -> None:
    await stocked(warehouse)
    await warehouse.hear(contract())
    await warehouse.hear(cancellation())

    await warehouse.hear(requisition())

    assert await owes(warehouse) == []
    assert [row["status"] for row in await shelf(warehouse, "requisitions")] == ["cancelled"]


async def bought_for_the_first_order(warehouse: Department) -> str:
    """Four breakers that were bought for SOD-1 are in stock; so are four of nobody's, which came later."""
    await expecting(warehouse)
    lot = await arrived(warehouse)
    await warehouse.hear(inspection(lot))
    await warehouse.do(KEEPER, "receive_goods", lot=lot)
    await stocked(warehouse, quantity="8")
    await warehouse.hear(contract("SOD-2"))
    return lot


async def test_what_was_bought_for_an_order_is_kept_until_it_had_its_own(warehouse: Department) -> None:
    await bought_for_the_first_order(warehouse)
    await warehouse.hear(requisition("REQ-2", "SOD-2", {BREAKER: 5}))
    assert await owes(warehouse) == []

    await warehouse.hear(requisition("REQ-1", "SOD-1", {BREAKER: 3}))

    assert await owes(warehouse) == ["issue:REQ-1", "issue:REQ-2"]


async def test_what_was_bought_for_a_cancelled_order_is_there_for_others(warehouse: Department) -> None:
    await bought_for_the_first_order(warehouse)
    await warehouse.hear(requisition("REQ-2", "SOD-2", {BREAKER: 8}))

    await warehouse.hear(cancellation())

    assert await owes(warehouse) == ["issue:REQ-2"]


async def test_others_take_younger_lots_before_what_is_kept(warehouse: Department) -> None:
    kept = await bought_for_the_first_order(warehouse)
    await warehouse.hear(requisition("REQ-2", "SOD-2"))

    await warehouse.do(KEEPER, "issue_material", requisition_no="REQ-2")

    (fact,) = await warehouse.facts(MaterialIssued.name)
    assert isinstance(fact, MaterialIssued)
    assert kept not in fact.lines[0].lots
    await warehouse.hear(requisition("REQ-1", "SOD-1"))
    assert await owes(warehouse) == ["issue:REQ-1"]


async def test_what_two_wait_for_is_promised_to_the_first_alone(warehouse: Department) -> None:
    await approved(warehouse)
    await warehouse.hear(requisition("REQ-2"))

    await stocked(warehouse, quantity="5")

    assert await owes(warehouse) == ["issue:REQ-1"]


async def test_what_is_released_by_one_handover_serves_others_of_other_items_too(warehouse: Department) -> None:
    """SOD-1's requisition wants bars only, and the breakers that were bought for SOD-1 are for all from then on."""
    await expecting(warehouse)
    lot = await arrived(warehouse)
    await warehouse.hear(inspection(lot))
    await warehouse.do(KEEPER, "receive_goods", lot=lot)
    await warehouse.hear(contract("SOD-2"))
    await warehouse.hear(requisition("REQ-2", "SOD-2"))
    await warehouse.hear(requisition("REQ-1", wanted={BUSBAR: 3}))
    assert await owes(warehouse) == []

    await stocked(warehouse, BUSBAR, "3")

    assert await owes(warehouse) == ["issue:REQ-1", "issue:REQ-2"]


async def test_two_who_look_at_once_are_not_promised_the_same_goods(warehouse: Department) -> None:
    """A receipt serves a requisition that waits for two items, while another one asks for the second of them."""
    await expecting(warehouse)
    await stocked(warehouse, BUSBAR, "4")
    await warehouse.hear(requisition(wanted={BREAKER: 4, BUSBAR: 4}))
    lot = await arrived(warehouse)
    await warehouse.hear(inspection(lot))
    receipt = warehouse.do(KEEPER, "receive_goods", lot=lot)

    await warehouse.meet("requisitions", receipt, warehouse.hear(requisition("REQ-2", wanted={BUSBAR: 4})))

    assert await owes(warehouse) == ["issue:REQ-1"]


async def test_a_cancellation_and_what_it_frees_are_not_promised_twice(warehouse: Department) -> None:
    await stocked(warehouse, quantity="8")
    await approved(warehouse)
    await warehouse.hear(contract("SOD-2"))
    await warehouse.hear(requisition("REQ-2", "SOD-2", {BREAKER: 8}))

    await warehouse.meet("requisitions", warehouse.hear(cancellation()), warehouse.hear(requisition("REQ-3", "SOD-2")))

    assert await owes(warehouse) == ["issue:REQ-2"]


@pytest.mark.parametrize("first", ["the issue", "the cancellation"])
async def test_an_issue_and_a_cancellation_at_once_block_nobody(warehouse: Department, first: str) -> None:
    """Whoever comes second sees what the first did."""
    await stocked(warehouse)
    await approved(warehouse)
    works = [warehouse.attempt(KEEPER, "issue_material", requisition_no="REQ-1"), warehouse.hear(cancellation())]

    met = await warehouse.meet("duties", *(works if first == "the issue" else reversed(works)))

    (answer,) = [each for each in met if each is not None]
    assert answer.status_code == (201 if first == "the issue" else 409), answer.text
    assert await stock_of(warehouse, BREAKER) == (6 if first == "the issue" else 10)
    assert await owes(warehouse) == []


async def test_a_command_that_the_database_took_back_for_anothers_sake_is_done_again(warehouse: Department) -> None:
    """Somebody holds the requisition and wants the stock, which the command holds while it wants the requisition."""
    await stocked(warehouse)
    await approved(warehouse)
    other = await asyncpg.connect(infra.url_of(warehouse.engine.url.database or ""))
    await other.execute("SET deadlock_timeout = '60s'; BEGIN; SELECT FROM requisitions WHERE no = 'REQ-1' FOR UPDATE")
    command = asyncio.create_task(warehouse.attempt(KEEPER, "issue_material", requisition_no="REQ-1"))
    await warehouse.until_stuck([command])

    await other.execute("UPDATE stock SET quantity = quantity")

    await other.execute("ROLLBACK")
    await other.close()
    assert (await command).status_code == 201
    assert len(await warehouse.facts(MaterialIssued.name)) == 1
