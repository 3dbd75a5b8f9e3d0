"""Several orders compete for the same stock; the material list buys what is short and nothing twice."""

from decimal import Decimal
from typing import Any

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.pmc import HandoverDelivered, RequirementIssued
from tests.pmc.conftest import (
    DIRECTOR,
    PLANNER,
    booked,
    cancellation,
    contract,
    count,
    line,
    material,
    package,
    planned,
    purchase,
    receipt,
    reported,
    shelf,
    supplied,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def issued(pmc: Department, no: str, **form: Any) -> dict[str, dict[str, Any]]:
    """The lines of a list that is issued now, by item."""
    document = await pmc.do(PLANNER, "issue_requirement", no, **form)
    return {each["item_code"]: each for each in document["lines"]}


async def breakers(pmc: Department, order_no: str, **form: Any) -> tuple[str, float, float, float]:
    """The number of a new order's list, and of its 8 breakers: free in stock, free on order, short."""
    no, _ = await planned(pmc, order_no)
    line = (await issued(pmc, no, **form))["QF-400"]
    return no, float(line["on_stock"]), float(line["on_order"]), float(line["short"])


async def test_a_package_opens_the_planners_two_documents(pmc: Department) -> None:
    requirement, order = await planned(pmc)

    delivered = await pmc.facts(HandoverDelivered.name)
    owed = {str(fact.duty): fact.inputs for fact in delivered}  # type: ignore[attr-defined]
    assert owed["requirement:SOD-1/1"] == owed["production_order:SOD-1/1"] == (links.package("SOD-1", 1),)
    (document,) = await shelf(pmc, "requirements")
    assert (document["no"], document["status"], document["package_no"]) == (requirement, "open", "PKG-SOD-1-1")
    assert order.startswith("MO-")


async def test_a_package_before_its_order_waits(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(package())


async def test_an_issued_list_is_stated_with_every_line_short_or_not(pmc: Department) -> None:
    await pmc.hear(count("ST-2.0", 500))
    no, _ = await planned(pmc)

    await issued(pmc, no)

    (fact,) = await pmc.facts(RequirementIssued.name)
    assert isinstance(fact, RequirementIssued)
    assert fact.closes == (links.requirement("SOD-1", 1),)
    assert [(each.item_code, each.required, each.short) for each in fact.lines] == [
        ("ST-2.0", Decimal(192), Decimal(0)),
        ("QF-400", Decimal(8), Decimal(8)),
    ]


async def test_the_wanted_day_is_reckoned_back_from_the_delivery_date(pmc: Department) -> None:
    no, _ = await planned(pmc)

    assert (await issued(pmc, no))["QF-400"]["required_on"] == "2026-09-11"


async def test_the_planner_may_want_it_on_another_day_but_not_a_passed_one(pmc: Department) -> None:
    no, _ = await planned(pmc)

    assert await pmc.refused(PLANNER, "issue_requirement", no, required_on="2026-08-31") == "date_passed"
    assert (await issued(pmc, no, required_on="2026-09-09"))["QF-400"]["required_on"] == "2026-09-09"


async def test_what_an_earlier_list_claimed_is_not_there_for_a_later_one(pmc: Department) -> None:
    await pmc.hear(count("QF-400", 10))

    _, *first = await breakers(pmc, "SOD-1")
    _, *second = await breakers(pmc, "SOD-2")
    _, *third = await breakers(pmc, "SOD-3")

    assert first == [10, 0, 0]
    assert second == [2, 0, 6]
    assert third == [0, 0, 8]


async def test_what_is_short_is_not_free_once_it_is_ordered(pmc: Department) -> None:
    first, *_ = await breakers(pmc, "SOD-1")
    await pmc.hear(purchase(first, 8))

    _, *second = await breakers(pmc, "SOD-2")

    assert second == [0, 0, 8]


async def test_what_was_ordered_beyond_the_shortage_is_free_on_order(pmc: Department) -> None:
    first, *_ = await breakers(pmc, "SOD-1")
    await pmc.hear(purchase(first, 13))

    _, *second = await breakers(pmc, "SOD-2")

    assert second == [0, 5, 3]


async def test_a_receipt_moves_material_from_order_to_stock(pmc: Department) -> None:
    first, *_ = await breakers(pmc, "SOD-1")
    await pmc.hear(receipt(13, first))
    await pmc.hear(purchase(first, 13))

    _, *second = await breakers(pmc, "SOD-2")

    assert second == [5, 0, 3]


async def test_what_was_issued_before_its_receipt_was_heard_is_not_free_on_order(pmc: Department) -> None:
    await supplied(pmc)
    (requirement,) = await shelf(pmc, "requirements")
    await pmc.hear(purchase(requirement["no"], 8))

    _, *second = await breakers(pmc, "SOD-2")
    await pmc.hear(receipt(8, requirement["no"]))
    _, *third = await breakers(pmc, "SOD-3")

    assert second == third == [0, 0, 8]


async def test_issued_material_leaves_stock_and_claim_together(pmc: Department) -> None:
    await pmc.hear(count("QF-400", 20))
    await supplied(pmc)
    (requirement,) = await shelf(pmc, "requirements")
    await pmc.do(PLANNER, "issue_requirement", requirement["no"])

    _, *second = await breakers(pmc, "SOD-2")

    assert second == [12, 0, 0]


async def test_material_that_the_workshop_has_already_is_not_required_again(pmc: Department) -> None:
    await supplied(pmc)
    (requirement,) = await shelf(pmc, "requirements")

    lines = await issued(pmc, requirement["no"])

    assert float(lines["QF-400"]["required"]) == 0


async def test_what_a_finished_order_did_not_use_is_free(pmc: Department) -> None:
    await pmc.hear(count("ST-2.0", 200))
    no = await supplied(pmc)
    (requirement,) = await shelf(pmc, "requirements")
    await pmc.do(PLANNER, "issue_requirement", requirement["no"])
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)

    await pmc.hear(booked(no))

    second, _ = await planned(pmc, "SOD-2")
    assert float((await issued(pmc, second))["ST-2.0"]["on_stock"]) == 200


async def test_a_cancelled_order_gives_its_claim_back_and_leaves_what_was_ordered(pmc: Department) -> None:
    await pmc.hear(count("QF-400", 3))
    first, *_ = await breakers(pmc, "SOD-1")
    await pmc.hear(purchase(first, 5))

    await pmc.hear(cancellation())

    _, *second = await breakers(pmc, "SOD-2")
    assert second == [3, 5, 0]


async def test_an_unordered_shortage_of_a_cancelled_order_never_comes(pmc: Department) -> None:
    await breakers(pmc, "SOD-1")

    await pmc.hear(cancellation())

    _, *second = await breakers(pmc, "SOD-2")
    assert second == [0, 0, 8]


async def test_two_lists_at_the_same_moment_do_not_count_on_the_same_stock(pmc: Department) -> None:
    await pmc.hear(count("QF-400", 8))
    numbers = [(await planned(pmc, f"SOD-{order}"))[0] for order in (1, 2)]

    answers = await pmc.meet("line_materials", *(issued(pmc, no) for no in numbers))

    assert [float(lines["QF-400"]["short"]) for lines in answers] == [0, 8]


async def test_a_count_corrects_by_its_difference_whenever_it_comes(pmc: Department) -> None:
    await pmc.hear(receipt(6))
    await pmc.hear(count("QF-400", 9, booked=10))
    await pmc.hear(count("QF-400", 4))

    _, *free = await breakers(pmc, "SOD-1")

    assert free == [9, 0, 0]


async def test_more_of_an_order_is_exploded_as_it_counts_when_the_list_is_issued(pmc: Department) -> None:
    await pmc.hear(contract("SOD-1", line(quantity=5)))
    await pmc.hear(package())
    (requirement,) = await shelf(pmc, "requirements")

    assert float((await issued(pmc, requirement["no"]))["QF-400"]["required"]) == 20


async def test_a_list_is_issued_once_and_by_the_planner(pmc: Department) -> None:
    no, _ = await planned(pmc)

    assert await pmc.refused(DIRECTOR, "issue_requirement", no) == "post_not_held"
    await issued(pmc, no)
    assert await pmc.refused(PLANNER, "issue_requirement", no) == "wrong_status"


async def test_nothing_is_bought_for_a_cancelled_order(pmc: Department) -> None:
    no, _ = await planned(pmc)
    await pmc.hear(cancellation())

    assert await pmc.refused(PLANNER, "issue_requirement", no) == "order_cancelled"


async def test_a_package_of_a_cancelled_order_opens_nothing(pmc: Department) -> None:
    await pmc.hear(contract())
    await pmc.hear(cancellation())

    await pmc.hear(package())

    assert await shelf(pmc, "requirements") == []


async def test_material_for_an_unknown_production_order_waits(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(material("MO-X", "REQ-X"))
