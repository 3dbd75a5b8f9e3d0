"""What an order line is short of after scrap the planner plans, once and for as many pieces as are missing."""

from decimal import Decimal
from typing import Any

import pytest

from contracts import links
from contracts.pmc import HandoverDelivered, ProductionOrderCalledOff, ProductionOrderIssued, RequirementIssued
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    DIRECTOR,
    LEADER,
    PLANNER,
    booked,
    cancellation,
    contract,
    final,
    line,
    notice,
    one,
    outgoing,
    owes,
    package,
    planned,
    reported,
    shelf,
    supply,
)
from tests.pmc.test_amendments import amendment
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
TEN = line(quantity=Decimal(10))
REST = {"requirement:SOD-1/1", "production_order:SOD-1/1"}


async def made(pmc: Department, good: int, scrap: int, *, no: str | None = None) -> str:
    """The number of a production order of ten, or of this one, that is reported finished."""
    if no is None:
        requirement, no = await planned(pmc, "SOD-1", TEN)
        await pmc.do(PLANNER, "issue_requirement", requirement)
    await begun(pmc, no)
    await reported(pmc, no, 10, good="1")
    await reported(pmc, no, 20, good=str(good), scrap=str(scrap))
    return no


async def begun(pmc: Department, no: str) -> None:
    """Issued, given out and supplied."""
    await pmc.do(PLANNER, "issue_production_order", no, start_on="2026-09-07")
    for op_no in (10, 20):
        await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, op_no), team="装配组", team_leader=LEADER)
    await supply(pmc, no)


async def rest_of(pmc: Department) -> dict[str, Any]:
    """The newest production order."""
    return (await shelf(pmc, "production-orders"))[0]


async def owed(pmc: Department) -> set[str]:
    return set(await owes(pmc)) & REST


async def test_nothing_is_planned_where_every_piece_is_good(pmc: Department) -> None:
    no = await made(pmc, 10, 0)

    assert (await owed(pmc), (await rest_of(pmc))["no"]) == (set(), no)


@pytest.mark.parametrize(("good", "scrap"), [(9, 1), (0, 10)])
async def test_what_was_scrapped_is_planned_anew(pmc: Department, good: int, scrap: int) -> None:
    no = await made(pmc, good, scrap)

    rest = await rest_of(pmc)
    assert (rest["makes_up_for"], rest["status"], float(rest["quantity"])) == (no, "open", scrap)
    assert await owed(pmc) == REST
    facts = [fact for fact in await pmc.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    again = [fact for fact in facts if str(fact.duty) in REST and fact.attempt == 2]
    waited_for = (links.package("SOD-1", 1), links.operation(no, 20))
    assert [fact.inputs for fact in again] == [waited_for, waited_for]


async def test_where_every_piece_was_scrapped_there_is_nothing_to_book(pmc: Department) -> None:
    no = await made(pmc, 0, 10)

    assert (await one(pmc, "production-orders", no))["status"] == "closed"


async def test_the_rest_is_made_of_material_of_its_own(pmc: Department) -> None:
    await made(pmc, 9, 1)
    (requirement, _) = await shelf(pmc, "requirements")
    rest = (await rest_of(pmc))["no"]

    issued = await pmc.do(PLANNER, "issue_requirement", requirement["no"])
    await made(pmc, 1, 0, no=rest)

    assert {each["item_code"]: float(each["required"]) for each in issued["lines"]} == {"ST-2.0": 96, "QF-400": 4}
    fact = (await pmc.facts(ProductionOrderIssued.name))[-1]
    assert isinstance(fact, ProductionOrderIssued)
    lists = [each for each in await pmc.facts() if isinstance(each, RequirementIssued)]
    assert [each.beside for each in lists] == [False, True]
    assert (fact.quantity, [each.required for each in fact.components]) == (Decimal(1), [Decimal(96), Decimal(4)])
    assert await owed(pmc) == set()


async def test_a_list_that_is_still_to_be_issued_is_for_the_scrapped_pieces_too(pmc: Department) -> None:
    requirement, no = await planned(pmc, "SOD-1", TEN)
    await made(pmc, 9, 1, no=no)
    assert len(await shelf(pmc, "requirements")) == 1

    issued = await pmc.do(PLANNER, "issue_requirement", requirement)

    breakers = next(each for each in issued["lines"] if each["item_code"] == "QF-400")
    assert (float(issued["quantity"]), float(breakers["required"])) == (11, 44 - 8)


async def test_what_is_scrapped_of_the_rest_is_planned_once_more(pmc: Department) -> None:
    await made(pmc, 6, 4)
    rest = (await rest_of(pmc))["no"]

    await made(pmc, 3, 1, no=rest)

    third = await rest_of(pmc)
    assert (third["makes_up_for"], float(third["quantity"])) == (rest, 1)


async def test_what_is_under_way_is_not_planned_twice(pmc: Department) -> None:
    """The first goods fail their inspection, lose another piece in their rework, and the rest is being made meanwhile."""
    no = await made(pmc, 8, 2)
    rest = (await rest_of(pmc))["no"]
    await begun(pmc, rest)
    await pmc.hear(final(no, passed=False))

    await reported(pmc, no, 20, good="7", scrap="1")

    third = await rest_of(pmc)
    assert (third["makes_up_for"], float(third["quantity"])) == (no, 1)


async def test_what_is_not_issued_yet_grows_with_what_is_short(pmc: Department) -> None:
    no = await made(pmc, 8, 2)
    rest = (await rest_of(pmc))["no"]
    await pmc.hear(final(no, passed=False))

    await reported(pmc, no, 20, good="5", scrap="3")

    assert [float(each["quantity"]) for each in await shelf(pmc, "production-orders")] == [5, 10]
    assert [float(each["quantity"]) for each in await shelf(pmc, "requirements")] == [5, 10]
    assert (await rest_of(pmc))["no"] == rest


async def test_two_reports_at_once_plan_what_is_short_once(pmc: Department) -> None:
    no = await made(pmc, 8, 2)
    rest = (await rest_of(pmc))["no"]
    await begun(pmc, rest)
    await reported(pmc, rest, 10, good="1")
    await pmc.hear(final(no, passed=False))
    works = [reported(pmc, no, 20, good="7", scrap="1"), reported(pmc, rest, 20, good="1", scrap="1")]

    await pmc.meet("production_orders", *works)

    opened = [each for each in await shelf(pmc, "production-orders") if each["status"] == "open"]
    assert [float(each["quantity"]) for each in opened] == [2]


async def test_a_customer_who_takes_what_there_is_wants_no_rest(pmc: Department) -> None:
    await made(pmc, 9, 1)
    rest = (await rest_of(pmc))["no"]

    await pmc.hear(amendment(2, line(quantity=Decimal(9))))

    (fact,) = await pmc.facts(ProductionOrderCalledOff.name)
    assert set(map(str, fact.closes)) == REST
    assert await owed(pmc) == set()
    assert [each["status"] for each in await shelf(pmc, "requirements")] == ["cancelled", "issued"]
    assert (await one(pmc, "production-orders", rest))["status"] == "cancelled"
    assert {each["status"] for each in await shelf(pmc, "operations", production_order_no=rest)} == {"cancelled"}


async def test_less_that_is_wanted_is_planned_for_less(pmc: Department) -> None:
    await made(pmc, 6, 4)

    await pmc.hear(amendment(2, line(quantity=Decimal(8))))

    rest = await rest_of(pmc)
    assert (float(rest["quantity"]), float(rest["expected"])) == (2, 2)
    steps = await shelf(pmc, "operations", production_order_no=rest["no"])
    assert {float(each["standard_hours"]) for each in steps} == {6, 10}


@pytest.mark.parametrize("first", ["the amendment", "the report"])
async def test_more_that_is_wanted_is_planned_whichever_comes_first(pmc: Department, first: str) -> None:
    requirement, no = await planned(pmc, "SOD-1", TEN)
    await pmc.do(PLANNER, "issue_requirement", requirement)
    await begun(pmc, no)
    await reported(pmc, no, 10, good="1")
    if first == "the amendment":
        await pmc.hear(amendment(2, line(quantity=Decimal(12))))
        assert await owed(pmc) == set()
    await reported(pmc, no, 20, good="9", scrap="1")
    if first == "the report":
        await pmc.hear(amendment(2, line(quantity=Decimal(12))))

    assert float((await rest_of(pmc))["quantity"]) == 3
    assert await owed(pmc) == REST


async def test_for_a_line_of_another_product_nothing_is_made_up(pmc: Department) -> None:
    _, no = await planned(pmc, "SOD-1", TEN)
    await begun(pmc, no)
    await reported(pmc, no, 10, good="1")
    await pmc.hear(amendment(2, line(quantity=Decimal(10), product_code="P-XGN")))

    await reported(pmc, no, 20, good="9", scrap="1")

    assert (await owed(pmc)) & {"production_order:SOD-1/1"} == set()


async def test_the_rest_of_a_cancelled_order_is_given_up(pmc: Department) -> None:
    await made(pmc, 9, 1)

    await pmc.hear(cancellation())

    assert await owed(pmc) == set()
    assert (await rest_of(pmc))["status"] == "cancelled"


async def test_a_new_revision_leaves_the_rest_the_rest(pmc: Department) -> None:
    await made(pmc, 9, 1)

    await pmc.hear(package(revision=2))

    rest = await rest_of(pmc)
    assert (rest["revision"], float(rest["quantity"])) == (2, 1)


async def test_a_shipment_of_the_whole_line_waits_for_the_rest(pmc: Department) -> None:
    no = await made(pmc, 1, 9)
    await pmc.hear(notice())
    await pmc.hear(booked(no, 1))
    assert "planner_review:SHN-1" not in await owes(pmc)

    rest = (await rest_of(pmc))["no"]
    await made(pmc, 9, 0, no=rest)
    await pmc.hear(booked(rest, 9))

    assert "planner_review:SHN-1" in await owes(pmc)


async def test_goods_that_fail_before_they_leave_go_back_to_the_order_that_made_them(pmc: Department) -> None:
    no = await made(pmc, 8, 2)
    rest = (await rest_of(pmc))["no"]
    await made(pmc, 2, 0, no=rest)
    for number, quantity in ((no, 8), (rest, 2)):
        await pmc.hear(booked(number, quantity))

    await pmc.hear(outgoing(passed=False).model_copy(update={"lot": no}))

    assert (await one(pmc, "production-orders", no))["status"] == "issued"
    assert (await one(pmc, "production-orders", rest))["status"] == "closed"


async def test_what_the_first_did_not_use_is_kept_until_the_rest_is_made(pmc: Department) -> None:
    no = await made(pmc, 9, 1)
    (requirement, _) = await shelf(pmc, "requirements")
    await pmc.do(PLANNER, "issue_requirement", requirement["no"])
    await pmc.hear(booked(no, 9))
    await pmc.hear(contract("SOD-2"))
    await pmc.hear(package("SOD-2"))

    (other,) = await shelf(pmc, "requirements", order_no="SOD-2")
    lines = (await pmc.do(PLANNER, "issue_requirement", other["no"]))["lines"]

    assert {each["item_code"]: float(each["on_order"]) for each in lines}["QF-400"] == 0
