"""A product that takes the place of one whose documents were issued is planned beside those, whichever word comes first."""

from decimal import Decimal

import pytest

from contracts.pmc import ProductionOrderCalledOff
from tests.pmc.conftest import PLANNER, in_the_workshop, line, owes, package, planned, shelf
from tests.pmc.test_amendments import OTHER, PLANS, amendment
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def turned(pmc: Department, first: str = "the amendment") -> None:
    """The customer wants another product, and Engineering has released its package."""
    heard = [package(revision=2, product_code=OTHER), amendment(2, line(product_code=OTHER))]
    for fact in heard if first == "the package" else reversed(heard):
        await pmc.hear(fact)


async def plans(pmc: Department, path: str = "production-orders") -> list[tuple[str, str]]:
    """Product and status of the documents of a kind, the newest first."""
    return [(each["product_code"], each["status"]) for each in await shelf(pmc, path)]


async def owed(pmc: Department) -> set[str]:
    return {duty for duty in await owes(pmc) if duty in PLANS}


@pytest.mark.parametrize("first", ["the package", "the amendment"])
async def test_a_product_in_the_place_of_one_in_the_workshop_is_planned_by_its_package(
    pmc: Department, first: str
) -> None:
    """The list was not issued yet and is made out for the new product; the production order is another one."""
    await in_the_workshop(pmc)

    await turned(pmc, first)

    assert await owed(pmc) == PLANS
    assert await plans(pmc) == [(OTHER, "open"), ("P-GGD", "issued")]
    assert await plans(pmc, "requirements") == [(OTHER, "open")]
    no = (await shelf(pmc, "production-orders"))[0]["no"]
    issued = await pmc.do(PLANNER, "issue_production_order", no, start_on="2026-09-07")
    assert (issued["product_code"], float(issued["quantity"])) == (OTHER, 2)


async def test_where_both_documents_were_issued_both_are_planned_anew(pmc: Department) -> None:
    requirement, order = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", requirement)
    await pmc.do(PLANNER, "issue_production_order", order, start_on="2026-09-07")

    await turned(pmc)

    assert await owed(pmc) == PLANS
    both = [(OTHER, "open"), ("P-GGD", "issued")]
    assert (await plans(pmc), await plans(pmc, "requirements")) == (both, both)


async def test_where_the_list_alone_was_issued_another_is_owed(pmc: Department) -> None:
    requirement, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", requirement)

    await turned(pmc)

    assert await owed(pmc) == PLANS
    assert await plans(pmc, "requirements") == [(OTHER, "open"), ("P-GGD", "issued")]
    assert await plans(pmc) == [(OTHER, "open")]


async def test_another_revision_of_what_is_in_the_workshop_plans_nothing_anew(pmc: Department) -> None:
    await in_the_workshop(pmc)

    await pmc.hear(package(revision=2))
    await pmc.hear(amendment(2, line(quantity=Decimal(5))))

    assert await plans(pmc) == [("P-GGD", "issued")]


async def test_a_newer_revision_of_the_other_product_opens_no_second_order(pmc: Department) -> None:
    await in_the_workshop(pmc)
    await turned(pmc)

    await pmc.hear(package(revision=3, product_code=OTHER))

    assert await plans(pmc) == [(OTHER, "open"), ("P-GGD", "issued")]


async def test_a_list_for_the_first_product_after_all_goes_with_its_order_where_its_own_was_issued(
    pmc: Department,
) -> None:
    requirement, order = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", requirement)
    await pmc.do(PLANNER, "issue_production_order", order, start_on="2026-09-07")
    await turned(pmc)

    await pmc.hear(package(revision=3))
    await pmc.hear(amendment(3, line()))

    both = [("P-GGD", "cancelled"), ("P-GGD", "issued")]
    assert (await plans(pmc), await plans(pmc, "requirements"), await owed(pmc)) == (both, both, set())


@pytest.mark.parametrize(("wanted", "left"), [(2, "cancelled"), (5, "open")])
async def test_the_first_product_after_all_is_made_by_the_order_in_the_workshop(
    pmc: Department, wanted: int, left: str
) -> None:
    """Both packages were released: what was planned for the other product is for what the first order leaves short."""
    await in_the_workshop(pmc)
    await turned(pmc)

    await pmc.hear(amendment(3, line(quantity=Decimal(wanted))))
    await pmc.hear(package(revision=3))

    assert await plans(pmc) == [("P-GGD", left), ("P-GGD", "issued")]
    assert len(await pmc.facts(ProductionOrderCalledOff.name)) == (left == "cancelled")
    still = {"requirement:SOD-1/1"} if left == "cancelled" else PLANS
    assert (await owed(pmc), await plans(pmc, "requirements")) == (still, [("P-GGD", "open")])
    if left == "open":
        assert [float(each["quantity"]) for each in await shelf(pmc, "production-orders")] == [3, 2]
