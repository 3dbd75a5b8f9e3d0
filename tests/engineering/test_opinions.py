"""Engineering says what it can do of a contract, from what its library knows."""

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.engineering import HandoverDelivered, OpinionGiven
from contracts.parts import Opinion
from tests.engineering.conftest import ENGINEER, MANAGER, cancellation, contract, line, owes, shelf
from tests.support.departments import Department


async def asked(engineering: Department) -> str:
    await engineering.hear(contract("SOD-1", line(), line(2, "P-NEW")))
    return str((await shelf(engineering, "opinions"))[0]["no"])


async def test_a_contract_asks_the_engineer_with_what_the_library_knows(engineering: Department) -> None:
    await asked(engineering)

    (opinion,) = await shelf(engineering, "opinions", order_no="SOD-1")
    assert (opinion["status"], opinion["assignee"]) == ("open", ENGINEER)
    assert [(known["line_no"], known["term"], known["value"]) for known in opinion["known"]] == [
        (1, "inspection_standard", "QS-GGD-03"),
        (1, "lead_time_days", "4"),
        (2, "not_in_library", "P-NEW"),
    ]
    (delivered,) = await engineering.facts(HandoverDelivered.name)
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.duty, delivered.post) == (links.opinion("SOD-1", "engineering"), "engineer")


async def test_an_opinion_closes_the_handover_and_names_the_department(engineering: Department) -> None:
    no = await asked(engineering)
    await engineering.do(ENGINEER, "give_opinion", no, opinion="agree", lead_time_days=9)

    (fact,) = await engineering.facts(OpinionGiven.name)
    assert isinstance(fact, OpinionGiven)
    assert fact.closes == (links.opinion("SOD-1", "engineering"),)
    assert (fact.department, fact.opinion, fact.lead_time_days) == ("engineering", Opinion.AGREE, 9)
    assert (fact.assignee, fact.given_by) == (ENGINEER, ENGINEER)
    assert await owes(engineering) == []


@pytest.mark.parametrize("opinion", ["conditional", "disagree"])
async def test_conditions_and_objections_need_their_reason(engineering: Department, opinion: str) -> None:
    no = await asked(engineering)

    assert await engineering.refused(ENGINEER, "give_opinion", no, opinion=opinion) == "remark_missing"
    done = await engineering.do(ENGINEER, "give_opinion", no, opinion=opinion, remark="母线载流量不足")
    assert (done["status"], done["opinion"]) == ("answered", opinion)


async def test_an_opinion_is_given_once(engineering: Department) -> None:
    no = await asked(engineering)
    await engineering.do(ENGINEER, "give_opinion", no, opinion="agree")

    assert await engineering.refused(MANAGER, "give_opinion", no, opinion="agree") == "wrong_status"


async def test_only_engineering_gives_its_opinion(engineering: Department) -> None:
    await engineering.employ(planner="E-020")

    assert await engineering.refused("E-020", "give_opinion", await asked(engineering), opinion="agree") == (
        "post_not_held"
    )


async def test_a_cancelled_order_needs_no_opinion(engineering: Department) -> None:
    no = await asked(engineering)
    await engineering.hear(cancellation())

    assert await owes(engineering) == []
    assert await engineering.refused(ENGINEER, "give_opinion", no, opinion="agree") == "wrong_status"


async def test_a_cancellation_waits_for_its_contract(engineering: Department) -> None:
    with pytest.raises(WaitFor) as missing:
        await engineering.hear(cancellation())

    assert missing.value.thing == ("order", "SOD-1")
