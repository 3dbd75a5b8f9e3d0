"""Plans follow what changes as long as nothing is issued; afterwards the planner is told and decides."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.engineering import RouteOperation
from contracts.parts import OrderLine
from contracts.pmc import HandoverDelivered, RequirementIssued
from contracts.sales import DeliveryPostponed, OrderAmended
from tests.pmc.conftest import (
    DIRECTOR,
    LEADER,
    PLANNER,
    ROUTE,
    SELLER,
    arrival,
    cancellation,
    contract,
    count,
    in_the_workshop,
    line,
    notice,
    one,
    owes,
    package,
    planned,
    purchase,
    shelf,
)
from tests.pmc.test_purchases import delay, inspection
from tests.support.departments import Department
from tests.support.worklists import struck

pytestmark = pytest.mark.asyncio
PLANS = {"requirement:SOD-1/1", "production_order:SOD-1/1"}
LONGER = (*ROUTE, RouteOperation(op_no=30, title="调试", standard_hours=Decimal(2), predecessor=20))


def amendment(revision: int, *lines: OrderLine) -> OrderAmended:
    return OrderAmended(order_no="SOD-1", revision=revision, lines=lines, reason="客户加量", amended_by=SELLER)


def postponement(day: date) -> DeliveryPostponed:
    return DeliveryPostponed(
        order_no="SOD-1", line_no=1, delivery_date=day, customer_reference="FAX-3", recorded_by=SELLER
    )


async def required(pmc: Department, no: str) -> dict[str, Any]:
    """The breakers on a list that is issued now."""
    document = await pmc.do(PLANNER, "issue_requirement", no)
    return next(each for each in document["lines"] if each["item_code"] == "QF-400")


async def test_a_new_revision_is_followed_where_nothing_is_issued(pmc: Department) -> None:
    requirement, order = await planned(pmc)

    await pmc.hear(package(revision=2, route=LONGER, unit_weight_kg=Decimal(430)))

    assert (await one(pmc, "requirements", requirement))["revision"] == 2
    document = await one(pmc, "production-orders", order)
    assert (document["revision"], float(document["unit_weight_kg"])) == (2, 430)
    assert len(await shelf(pmc, "operations")) == 3
    assert await shelf(pmc, "changes") == []


async def test_under_issued_documents_a_new_revision_is_told_to_the_planner(pmc: Department) -> None:
    order = await in_the_workshop(pmc)
    (requirement,) = await shelf(pmc, "requirements")

    await pmc.hear(package(revision=2, route=LONGER, change="加一道调试"))

    (change,) = await shelf(pmc, "changes")
    assert (change["affected"], change["status"]) == ([order], "open")
    assert "加一道调试" in change["change"]
    assert "加一道调试" in (await one(pmc, "production-orders", order))["outdated"]
    assert len(await shelf(pmc, "operations")) == 2
    assert (await one(pmc, "requirements", requirement["no"]))["revision"] == 2


async def test_the_planner_says_what_follows_from_a_change(pmc: Department) -> None:
    await in_the_workshop(pmc)
    await pmc.hear(package(revision=2, change="加一道调试"))
    (change,) = await shelf(pmc, "changes")

    assert await pmc.refused(DIRECTOR, "acknowledge_change", change["no"], remark="x") == "post_not_held"
    assert await pmc.refused(PLANNER, "acknowledge_change", change["no"]) == "invalid_input"
    await pmc.do(PLANNER, "acknowledge_change", change["no"], remark="并入工序 20")

    assert await pmc.refused(PLANNER, "acknowledge_change", change["no"], remark="x") == "wrong_status"


async def test_an_older_revision_that_comes_later_changes_nothing(pmc: Department) -> None:
    await pmc.hear(contract())
    await pmc.hear(package(revision=2, route=LONGER))

    await pmc.hear(package(revision=1))

    (requirement,) = await shelf(pmc, "requirements")
    assert requirement["revision"] == 2
    assert len(await shelf(pmc, "operations")) == 3


async def test_an_amended_quantity_counts_for_what_is_not_issued(pmc: Department) -> None:
    no, _ = await planned(pmc)

    await pmc.hear(amendment(2, line(quantity=Decimal(5))))

    assert float((await required(pmc, no))["required"]) == 20
    assert await shelf(pmc, "changes") == []


async def test_an_amended_quantity_under_an_issued_order_is_told(pmc: Department) -> None:
    await in_the_workshop(pmc)

    await pmc.hear(amendment(2, line(quantity=Decimal(5))))

    (change,) = await shelf(pmc, "changes")
    assert "2 → 5" in change["change"]
    assert "客户加量" in change["change"]


OTHER = "P-XGN"


async def test_another_product_waits_for_its_package(pmc: Department) -> None:
    """Nothing is issued by the old package, and nobody owes it meanwhile; the new one brings both documents anew."""
    requirement, order = await planned(pmc)

    await pmc.hear(amendment(2, line(product_code=OTHER)))

    assert {duty for duty in await owes(pmc) if duty in PLANS} == set()
    assert set(await struck(pmc, PLANNER)) == PLANS
    refusals = {
        await pmc.refused(PLANNER, "issue_requirement", requirement),
        await pmc.refused(PLANNER, "issue_production_order", order, start_on="2099-01-05"),
    }
    assert refusals == {"package_of_another_product"}

    await pmc.hear(package(revision=2, product_code=OTHER))

    assert {duty for duty in await owes(pmc) if duty in PLANS} == PLANS
    assert await struck(pmc, PLANNER) == {}
    assert (await pmc.do(PLANNER, "issue_requirement", requirement))["product_code"] == OTHER
    facts = [fact for fact in await pmc.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    assert [fact.attempt for fact in facts if str(fact.duty) in PLANS] == [1, 1, 2, 2]


async def test_a_customer_who_wants_the_first_product_after_all_is_served_by_its_package(pmc: Department) -> None:
    requirement, _ = await planned(pmc)
    await pmc.hear(amendment(2, line(product_code=OTHER)))

    await pmc.hear(amendment(3, line()))

    assert {duty for duty in await owes(pmc) if duty in PLANS} == PLANS
    await pmc.do(PLANNER, "issue_requirement", requirement)


@pytest.mark.parametrize("first", ["the package", "the amendment"])
async def test_package_and_amendment_may_come_in_either_order(pmc: Department, first: str) -> None:
    await planned(pmc)
    heard = [package(revision=2, product_code=OTHER), amendment(2, line(product_code=OTHER))]
    await pmc.hear(heard[first == "the amendment"])

    assert {duty for duty in await owes(pmc) if duty in PLANS} == set()
    await pmc.hear(heard[first == "the package"])

    assert {duty for duty in await owes(pmc) if duty in PLANS} == PLANS


async def test_a_first_package_of_a_product_nobody_wants_any_more_is_owed_by_nobody(pmc: Department) -> None:
    await pmc.hear(contract())
    await pmc.hear(amendment(2, line(product_code=OTHER)))

    await pmc.hear(package())

    assert {duty for duty in await owes(pmc) if duty in PLANS} == set()


async def test_another_product_under_an_issued_order_is_told_at_once(pmc: Department) -> None:
    await in_the_workshop(pmc)

    await pmc.hear(amendment(2, line(product_code=OTHER)))

    (change,) = await shelf(pmc, "changes")
    assert f"P-GGD → {OTHER}" in change["change"]


async def test_an_older_amendment_that_comes_later_changes_nothing(pmc: Department) -> None:
    no, _ = await planned(pmc)
    await pmc.hear(amendment(3, line(quantity=Decimal(5))))

    await pmc.hear(amendment(2, line(quantity=Decimal(9))))

    assert float((await required(pmc, no))["required"]) == 20


async def test_a_line_that_is_taken_off_leaves_nothing_behind(pmc: Department) -> None:
    await pmc.hear(count("QF-400", 8))
    await pmc.hear(contract("SOD-1", line(), line(2)))
    await pmc.hear(package())
    await pmc.hear(package(line_no=2))
    (second, first) = await shelf(pmc, "requirements")
    await pmc.do(PLANNER, "issue_requirement", second["no"])

    await pmc.hear(amendment(2, line()))

    assert (await one(pmc, "requirements", second["no"]))["status"] == "cancelled"
    assert {key for key in await owes(pmc) if "SOD-1/2" in key} == set()
    assert "requirement:SOD-1/1" in await owes(pmc)
    assert float((await required(pmc, first["no"]))["on_stock"]) == 8
    assert await struck(pmc, PLANNER) == {"production_order:SOD-1/2": "line 2 removed by amendment, revision 2"}


async def test_material_that_is_bought_for_a_removed_line_wants_no_asking_after(pmc: Department) -> None:
    await pmc.hear(contract("SOD-1", line(), line(2)))
    await pmc.hear(amendment(2, line(2)))

    await pmc.hear(purchase("MRL-1", 8))

    assert [name for name in await owes(pmc) if name.startswith("follow_up")] == []


async def test_material_of_a_list_that_was_given_up_wants_no_asking_after_though_its_line_is_back(
    pmc: Department,
) -> None:
    no, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(amendment(2, line(2)))
    await pmc.hear(amendment(3, line(), line(2)))

    await pmc.hear(purchase(no, 8))

    assert [name for name in await owes(pmc) if name.startswith("follow_up")] == []
    assert (await one(pmc, "purchased-lines", "PO-1-1"))["status"] == "cancelled"


async def test_a_lot_of_a_list_that_was_given_up_is_not_wanted_again_though_its_line_is_back(pmc: Department) -> None:
    no, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(purchase(no, 8))
    await pmc.hear(arrival(no, 8, ends=[links.follow_up("PO-1", 1)]))
    await pmc.hear(amendment(2, line(2)))
    await pmc.hear(amendment(3, line(), line(2)))

    await pmc.hear(inspection(no, 8, passed=False))

    assert [name for name in await owes(pmc) if name.startswith("follow_up")] == []
    assert (await one(pmc, "purchased-lines", "PO-1-1"))["status"] == "cancelled"


async def test_a_delay_of_material_for_a_removed_line_wants_no_new_date(pmc: Department) -> None:
    no, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(purchase(no, 8))
    await pmc.hear(delay(no))
    await pmc.hear(amendment(2, line(2)))
    await pmc.hear(delay(no).model_copy(update={"delay_no": "DLY-2"}))
    await pmc.hear(amendment(3, line(), line(2)))

    await pmc.hear(delay(no).model_copy(update={"delay_no": "DLY-3"}))

    assert [each["status"] for each in await shelf(pmc, "redatings")] == ["cancelled"] * 3
    assert await pmc.refused(PLANNER, "redate_purchase", "DLY-1") == "wrong_status"


async def test_a_delay_of_material_for_another_line_stays_before_the_planner(pmc: Department) -> None:
    no, _ = await planned(pmc, "SOD-1", line(), line(2))
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(purchase(no, 8))
    await pmc.hear(delay(no))

    await pmc.hear(amendment(2, line()))

    assert [each["status"] for each in await shelf(pmc, "redatings")] == ["open"]


async def test_a_package_of_a_removed_line_opens_nothing(pmc: Department) -> None:
    await pmc.hear(contract("SOD-1", line(), line(2)))
    await pmc.hear(amendment(2, line()))

    await pmc.hear(package(line_no=2))

    assert await shelf(pmc, "requirements") == []


@pytest.mark.parametrize("first", ["package", "amendment"])
async def test_a_line_that_comes_back_is_planned_by_a_package_that_came_while_it_was_off(
    pmc: Department, first: str
) -> None:
    """Engineering released it before it heard of the amendment, so that it owes nothing more."""
    await pmc.hear(contract("SOD-1", line(), line(2)))
    facts = (package(line_no=2), amendment(2, line()))
    for fact in facts if first == "package" else reversed(facts):
        await pmc.hear(fact)

    await pmc.hear(amendment(3, line(), line(2)))

    assert {"requirement:SOD-1/2", "production_order:SOD-1/2"} <= (await owes(pmc)).keys()


async def test_a_line_that_comes_back_is_planned_by_the_newest_revision(pmc: Department) -> None:
    await planned(pmc)
    await pmc.hear(amendment(2, line(2)))
    await pmc.hear(package(revision=2, route=LONGER))

    await pmc.hear(amendment(3, line(), line(2)))

    assert [each["revision"] for each in await shelf(pmc, "production-orders")] == [2, 1]


async def test_a_package_of_a_line_that_is_not_here_yet_waits(pmc: Department) -> None:
    await pmc.hear(contract())
    with pytest.raises(WaitFor):
        await pmc.hear(package(line_no=2))

    await pmc.hear(amendment(2, line(), line(2)))
    await pmc.hear(package(line_no=2))

    assert [each["line_no"] for each in await shelf(pmc, "requirements")] == [2]


async def test_a_line_that_comes_back_is_planned_again(pmc: Department) -> None:
    await planned(pmc)
    await pmc.hear(amendment(2, line(2)))
    assert [each["status"] for each in await shelf(pmc, "requirements")] == ["cancelled"]

    await pmc.hear(amendment(3, line(), line(2)))

    anew, given_up = await shelf(pmc, "requirements")
    assert (anew["status"], given_up["status"]) == ("open", "cancelled")
    assert "requirement:SOD-1/1" in await owes(pmc)
    await pmc.do(PLANNER, "issue_requirement", anew["no"])
    (issued,) = await pmc.facts(RequirementIssued.name)
    assert isinstance(issued, RequirementIssued)
    assert issued.order_revision == 3, "so that Purchasing waits for the amendment"


async def test_a_postponed_delivery_moves_the_day_on_which_material_is_wanted(pmc: Department) -> None:
    no, _ = await planned(pmc)

    await pmc.hear(postponement(date(2026, 10, 9)))

    assert (await required(pmc, no))["required_on"] > "2026-09-11"


async def test_goods_that_have_not_left_leave_by_the_new_date(pmc: Department) -> None:
    await planned(pmc)
    await pmc.hear(notice())

    await pmc.hear(postponement(date(2026, 10, 9)))
    assert [each["ship_by"] for each in await shelf(pmc, "shipments")] == ["2026-10-07"]
    pmc.now += timedelta(hours=1)
    await pmc.hear(amendment(3, line()))

    assert [each["ship_by"] for each in await shelf(pmc, "shipments")] == ["2026-09-23"]


async def test_a_notice_that_is_heard_after_the_postponement_leaves_by_the_new_date(pmc: Department) -> None:
    await planned(pmc)
    await pmc.hear(postponement(date(2026, 10, 9)), said_at=pmc.now + timedelta(hours=1))

    await pmc.hear(notice(), said_at=pmc.now)

    assert [each["ship_by"] for each in await shelf(pmc, "shipments")] == ["2026-10-07"]


async def test_a_postponement_under_an_issued_order_is_told(pmc: Department) -> None:
    await in_the_workshop(pmc)

    await pmc.hear(postponement(date(2026, 10, 9)))

    (change,) = await shelf(pmc, "changes")
    assert "2026-09-23 → 2026-10-07" in change["change"]


async def test_an_amendment_after_a_postponement_has_the_last_word(pmc: Department) -> None:
    no, _ = await planned(pmc)
    await pmc.hear(postponement(date(2026, 10, 9)))
    pmc.now += timedelta(hours=1)

    await pmc.hear(amendment(3, line()))

    assert (await required(pmc, no))["required_on"] == "2026-09-11"


async def test_a_postponement_that_overtakes_an_older_amendment_still_counts(pmc: Department) -> None:
    no, _ = await planned(pmc)
    await pmc.hear(notice())
    earlier, pmc.now = pmc.now, pmc.now + timedelta(hours=1)
    await pmc.hear(postponement(date(2026, 10, 9)))
    pmc.now = earlier

    await pmc.hear(amendment(2, line(quantity=Decimal(5))))

    breakers = await required(pmc, no)
    assert (float(breakers["required"]), breakers["required_on"] > "2026-09-11") == (20, True)
    assert [each["ship_by"] for each in await shelf(pmc, "shipments")] == ["2026-10-07"]


async def test_a_cancellation_cancels_everything_that_is_not_over(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    await pmc.do(LEADER, "submit_requisition", production_order_no=no)

    await pmc.hear(cancellation())

    for path in ("reviews", "requirements", "production-orders", "operations", "requisitions"):
        assert {each["status"] for each in await shelf(pmc, path)} == {"cancelled"}, path
    assert await owes(pmc) == {}


async def test_facts_about_an_order_that_is_not_here_wait(pmc: Department) -> None:
    for fact in (amendment(2, line()), postponement(date(2026, 10, 9)), cancellation()):
        with pytest.raises(WaitFor):
            await pmc.hear(fact)


async def test_an_amendment_of_a_cancelled_order_changes_no_plan(pmc: Department) -> None:
    await in_the_workshop(pmc)
    await pmc.hear(cancellation())

    await pmc.hear(amendment(2, line(quantity=Decimal(5))))

    assert await shelf(pmc, "changes") == []
