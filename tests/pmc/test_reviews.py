"""PMC decides on a contract when every department has said its part."""

import pytest

from chassis.waiting import WaitFor
from contracts import links, quality
from contracts.parts import Opinion
from contracts.pmc import HandoverDelivered, OpinionGiven, ReviewDecided
from contracts.sales import OrderConfirmed
from tests.pmc.conftest import (
    BOSS,
    DIRECTOR,
    PLANNER,
    SELLER,
    cancellation,
    contract,
    hear_opinions,
    in_the_workshop,
    line,
    one,
    owes,
    shelf,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def asked(pmc: Department) -> str:
    """The number of PMC's own opinion, asked for and not given."""
    await pmc.hear(contract())
    return str((await shelf(pmc, "opinions"))[0]["no"])


async def opined(pmc: Department, **said: str) -> str:
    """The number of a review for which every opinion is there."""
    no = await asked(pmc)
    await hear_opinions(pmc, **said)
    await pmc.do(PLANNER, "give_opinion", no, opinion="agree")
    return str((await shelf(pmc, "reviews"))[0]["no"])


async def test_a_contract_opens_a_review_and_asks_the_planner(pmc: Department) -> None:
    await asked(pmc)

    (review,) = await shelf(pmc, "reviews")
    assert (review["order_no"], review["status"]) == ("SOD-1", "open")
    assert await owes(pmc) == {"opinion:SOD-1/pmc": PLANNER}


async def test_our_own_records_show_the_capacity(pmc: Department) -> None:
    await in_the_workshop(pmc)

    await pmc.hear(contract("SOD-2", line(quantity=3)))

    (opinion,) = await shelf(pmc, "opinions", order_no="SOD-2")
    assert [(each["term"], each["value"]) for each in opinion["known"]] == [
        ("standard_hours", "24.0"),
        ("hours_under_way", "16.0"),
    ]


async def test_our_opinion_is_stated_and_counted(pmc: Department) -> None:
    await pmc.do(PLANNER, "give_opinion", await asked(pmc), opinion="conditional", remark="加班两天")

    (fact,) = await pmc.facts(OpinionGiven.name)
    assert (fact.department, fact.closes) == ("pmc", (links.opinion("SOD-1", "pmc"),))  # type: ignore[attr-defined]
    (review,) = await shelf(pmc, "reviews")
    assert [each["department"] for each in review["opinions"]] == ["pmc"]


async def test_the_last_opinion_puts_the_decision_before_the_planner(pmc: Department) -> None:
    no = await opined(pmc)

    delivered = [fact for fact in await pmc.facts(HandoverDelivered.name) if fact.duty == links.review("SOD-1")]  # type: ignore[attr-defined]
    assert len(delivered) == 1
    assert len(delivered[0].inputs) == 5  # type: ignore[attr-defined]
    assert await owes(pmc) == {"review:SOD-1": "planner"}
    assert (await one(pmc, "reviews", no))["status"] == "open"


async def test_the_same_department_twice_is_still_one_opinion(pmc: Department) -> None:
    await asked(pmc)
    await hear_opinions(pmc)
    changed = quality.OpinionGiven(
        order_no="SOD-1", department="quality", opinion=Opinion.DISAGREE, remark="缺试验设备", given_by="E-050"
    )

    await pmc.hear(changed)

    (review,) = await shelf(pmc, "reviews")
    assert len(review["opinions"]) == 4


async def test_an_opinion_before_the_contract_waits(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await hear_opinions(pmc)


async def test_a_decision_without_every_opinion_is_refused_and_names_who_is_missing(pmc: Department) -> None:
    await asked(pmc)
    (review,) = await shelf(pmc, "reviews")

    answer = await pmc.attempt(PLANNER, "decide_review", review["no"], outcome="accepted")

    assert answer.json()["code"] == "opinions_missing"
    assert "Quality" in answer.json()["detail"]


async def test_an_accepted_review_is_stated_and_off_the_worklist(pmc: Department) -> None:
    no = await opined(pmc)

    review = await pmc.do(PLANNER, "decide_review", no, outcome="accepted")

    (fact,) = await pmc.facts(ReviewDecided.name)
    assert (review["status"], fact.closes) == ("accepted", (links.review("SOD-1"),))
    assert await owes(pmc) == {}


async def test_conditions_are_those_that_the_departments_named(pmc: Department) -> None:
    no = await opined(pmc, opinion=Opinion.CONDITIONAL, remark="交期放宽一周")

    review = await pmc.do(PLANNER, "decide_review", no, outcome="conditional")

    assert "品质部:交期放宽一周" in review["conditions"]


async def test_conditions_nobody_named_are_asked_for(pmc: Department) -> None:
    assert await pmc.refused(PLANNER, "decide_review", await opined(pmc), outcome="declined") == "conditions_missing"


async def test_only_the_planner_decides(pmc: Department) -> None:
    no = await opined(pmc)

    assert await pmc.refused(DIRECTOR, "decide_review", no, outcome="accepted") == "post_not_held"
    assert await pmc.refused(BOSS, "decide_review", no, outcome="accepted") == "post_not_held"


async def test_a_decided_review_is_decided(pmc: Department) -> None:
    no = await opined(pmc)
    await pmc.do(PLANNER, "decide_review", no, outcome="accepted")

    assert await pmc.refused(PLANNER, "decide_review", no, outcome="declined", conditions="x") == "wrong_status"


async def test_what_the_general_manager_waived_needs_no_decision(pmc: Department) -> None:
    no = await opined(pmc)
    waived = OrderConfirmed(
        order_no="SOD-1",
        customer_code="C-01",
        lines=(line(),),
        amount=1,
        salesperson=SELLER,
        merchandiser="E-003",
        commission=0,
        agency_fee=0,
        waived_by=BOSS,
    )

    await pmc.hear(waived)

    assert (await one(pmc, "reviews", no))["status"] == "waived"
    assert await owes(pmc) == {}


async def test_a_cancelled_order_is_not_reviewed(pmc: Department) -> None:
    no = await opined(pmc)

    await pmc.hear(cancellation())

    assert await owes(pmc) == {}
    assert await pmc.refused(PLANNER, "decide_review", no, outcome="accepted") == "order_cancelled"


async def test_a_cancelled_order_is_not_opined_on(pmc: Department) -> None:
    no = await asked(pmc)

    await pmc.hear(cancellation())

    assert await pmc.refused(PLANNER, "give_opinion", no, opinion="agree") == "wrong_status"
