"""A material list opens the buyer's duties and is checked by two people before anything is bought from it."""

import pytest
from sqlalchemy.exc import IntegrityError

from chassis.waiting import WaitFor
from contracts import links
from contracts.purchasing import HandoverDelivered, RequirementChecked
from tests.purchasing.conftest import (
    BUYER,
    COLLEAGUE,
    CONTROLLER,
    MANAGER,
    REQUIRED,
    cancellation,
    contract,
    listed,
    need,
    owes,
    request,
    requirement,
    shelf,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def test_a_list_makes_the_buyer_owe_the_order_and_every_short_line(purchasing: Department) -> None:
    await listed(purchasing, need(1), need(2, "CU-60", 0), need(3, "CU-60", 12))

    facts = await purchasing.facts(HandoverDelivered.name)
    duties = {str(fact.duty): fact for fact in facts if isinstance(fact, HandoverDelivered)}
    assert set(duties) == {
        "opinion:SOD-1/purchasing",
        str(links.purchase_order("MRL-1")),
        str(links.arrival("MRL-1", 1)),
        str(links.arrival("MRL-1", 3)),
    }
    arrival = duties[str(links.arrival("MRL-1", 3))]
    assert (arrival.terms.required_on, arrival.terms.lead_time_days) == (REQUIRED, 4)
    assert (arrival.post, arrival.order_no, arrival.line_no) == ("buyer", "SOD-1", 1)
    assert arrival.inputs == (links.requirement("SOD-1", 1),)


async def test_a_list_with_nothing_short_asks_nothing_of_the_buyer(purchasing: Department) -> None:
    await listed(purchasing, need(1, short=0))

    assert set(await owes(purchasing)) == {"opinion:SOD-1/purchasing"}
    assert [row["status"] for row in await shelf(purchasing, "requirements")] == ["covered"]
    assert await purchasing.refused(BUYER, "submit_request", **request()) == "nothing_to_buy"


async def test_a_list_that_overtakes_its_contract_waits_for_it(purchasing: Department) -> None:
    with pytest.raises(WaitFor) as waiting:
        await purchasing.hear(requirement())

    assert waiting.value.thing == ("order", "SOD-1")


async def test_the_buyer_checks_the_list_with_material_control(purchasing: Department) -> None:
    no = await listed(purchasing)

    document = await purchasing.do(BUYER, "check_requirement", no, material_controller=CONTROLLER)

    assert (document["status"], document["checked_by"]) == ("checked", BUYER)
    (fact,) = await purchasing.facts(RequirementChecked.name)
    assert isinstance(fact, RequirementChecked)
    assert (fact.requirement_no, fact.material_controller, fact.checked_by) == (no, CONTROLLER, BUYER)


@pytest.mark.parametrize(
    ("controller", "code"),
    [(BUYER, "checked_alone"), (COLLEAGUE, "not_material_controller"), ("E-999", "not_material_controller")],
)
async def test_the_other_one_holds_the_post_and_is_somebody_else(
    purchasing: Department, controller: str, code: str
) -> None:
    no = await listed(purchasing)

    assert await purchasing.refused(BUYER, "check_requirement", no, material_controller=controller) == code
    assert await purchasing.facts(RequirementChecked.name) == []


async def test_a_buyer_who_is_material_controller_too_still_needs_another(purchasing: Department) -> None:
    await purchasing.employ(material_controller=BUYER)
    no = await listed(purchasing)

    assert await purchasing.refused(BUYER, "check_requirement", no, material_controller=BUYER) == "checked_alone"


async def test_the_database_too_wants_two_people(purchasing: Department) -> None:
    no = await listed(purchasing)

    with pytest.raises(IntegrityError, match="checked_with_another"):
        async with purchasing.engine.begin() as connection:
            await connection.exec_driver_sql(
                "UPDATE requirements SET checked_by = $1, material_controller = $1 WHERE no = $2", (BUYER, no)
            )


async def test_a_list_is_checked_once_and_by_a_buyer(purchasing: Department) -> None:
    no = await listed(purchasing)
    form = {"material_controller": CONTROLLER}

    assert await purchasing.refused(MANAGER, "check_requirement", no, **form) == "post_not_held"
    await purchasing.do(BUYER, "check_requirement", no, **form)
    assert await purchasing.refused(BUYER, "check_requirement", no, **form) == "wrong_status"


async def test_a_cancelled_order_leaves_nobody_owing_and_its_list_is_void(purchasing: Department) -> None:
    no = await listed(purchasing)

    await purchasing.hear(cancellation())

    assert await owes(purchasing) == {}
    assert [row["status"] for row in await shelf(purchasing, "requirements")] == ["cancelled"]
    assert await purchasing.refused(BUYER, "check_requirement", no, material_controller=CONTROLLER) == "wrong_status"
    assert await purchasing.refused(BUYER, "submit_request", **request()) == "order_cancelled"


async def test_a_list_for_an_order_that_was_given_up_meanwhile_asks_nothing(purchasing: Department) -> None:
    await purchasing.hear(contract())
    await purchasing.hear(cancellation())

    await purchasing.hear(requirement())

    assert await owes(purchasing) == {}
    assert [row["status"] for row in await shelf(purchasing, "requirements")] == ["cancelled"]


async def test_a_cancellation_waits_for_the_contract(purchasing: Department) -> None:
    with pytest.raises(WaitFor):
        await purchasing.hear(cancellation())


async def test_the_opinion_shows_how_long_earlier_lists_of_the_product_took(purchasing: Department) -> None:
    await listed(purchasing)

    await purchasing.hear(contract("SOD-2"))

    (opinion,) = await shelf(purchasing, "opinions", order_no="SOD-2")
    assert opinion["known"] == [{"line_no": 1, "term": "lead_time_days", "value": "4"}]
    assert opinion["assignee"] is None, "two buyers hold the post, so it is nobody's alone"
    given = await purchasing.do(BUYER, "give_opinion", opinion["no"], opinion="agree", lead_time_days=4)
    assert given["status"] == "answered"
