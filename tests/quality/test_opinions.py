"""Quality says whether a contract's quality can be reached, from how the same products fared before."""

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.quality import OpinionGiven
from tests.quality.conftest import (
    FAILED,
    INSPECTOR,
    PASSED,
    cancellation,
    contract,
    finished,
    finished_goods,
    newest,
    shelf,
)
from tests.support.departments import Department


async def test_a_contract_asks_with_the_products_earlier_verdicts(quality: Department) -> None:
    await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **FAILED)
    await quality.hear(finished())
    await quality.do(INSPECTOR, "inspect_final", await newest(quality, "final-inspections"), **PASSED)
    await quality.hear(contract("SOD-2"))

    (opinion,) = await shelf(quality, "opinions", order_no="SOD-2")
    assert [(known["term"], known["value"]) for known in opinion["known"]] == [("passed", "1"), ("failed", "1")]
    (first,) = await shelf(quality, "opinions", order_no="SOD-1")
    assert first["known"] == []


async def test_an_opinion_closes_the_handover(quality: Department) -> None:
    await quality.hear(contract())
    await quality.do(INSPECTOR, "give_opinion", await newest(quality, "opinions"), opinion="agree")

    (fact,) = await quality.facts(OpinionGiven.name)
    assert isinstance(fact, OpinionGiven)
    assert (fact.department, fact.closes) == ("quality", (links.opinion("SOD-1", "quality"),))


async def test_a_cancellation_waits_for_its_contract_and_withdraws_the_question(quality: Department) -> None:
    with pytest.raises(WaitFor):
        await quality.hear(cancellation())

    await quality.hear(contract())
    await quality.hear(cancellation())
    assert (await shelf(quality, "opinions"))[0]["status"] == "cancelled"
