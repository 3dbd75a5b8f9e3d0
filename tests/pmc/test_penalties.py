"""A customer's contract penalty comes to PMC, which says by name who answers for its cause, and never in its own case."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chassis.waiting import WaitFor
from contracts.pmc import ComplaintAttributed
from contracts.sales import ContractPenaltyRecorded, ContractPenaltyWithdrawn
from tests.pmc.conftest import BOSS, INSPECTOR, PLANNER, SELLER, complaint, one
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
FOLLOWER = "E-003"


@pytest.fixture
async def pmc(pmc: Department) -> Department:
    """People of Sales and Quality are registered too."""
    await pmc.employ(merchandiser=FOLLOWER, salesperson=SELLER, inspector=INSPECTOR)
    return pmc


def imposed(**changes: Any) -> ContractPenaltyRecorded:
    said = {
        "penalty_no": "CPN-1",
        "customer_code": "C-01",
        "customer_reference": "扣款通知 0929",
        "amount": Decimal(3000),
        "imposed_on": date(2026, 9, 1),
        "reason": "交期延误三天",
        "recorded_by": SELLER,
    }
    return ContractPenaltyRecorded(order_no="SOD-1", **{**said, **changes})


def given_up() -> ContractPenaltyWithdrawn:
    return ContractPenaltyWithdrawn(order_no="SOD-1", penalty_no="CPN-1", reason="客户已放弃扣款", withdrawn_by="E-002")


def finding(**changes: Any) -> dict[str, Any]:
    return {"matter": "penalty", "penalty_no": "CPN-1", "cause": "sales", "person": FOLLOWER, **changes}


async def attributed(pmc: Department) -> ComplaintAttributed:
    """The latest attribution."""
    fact = (await pmc.facts(ComplaintAttributed.name))[-1]
    assert isinstance(fact, ComplaintAttributed)
    return fact


async def test_an_attribution_carries_what_was_recorded_and_nothing_else(pmc: Department) -> None:
    await pmc.hear(imposed())
    more = await pmc.refused(PLANNER, "attribute_complaint", **finding(direct_loss="3000.01"))

    await pmc.do(PLANNER, "attribute_complaint", **finding())

    fact = await attributed(pmc)
    assert more == "differs_from_record"
    assert (fact.matter, fact.penalty_no, fact.order_no, fact.complaint_no) == ("penalty", "CPN-1", "SOD-1", None)
    assert (fact.person, fact.cause, fact.direct_loss, fact.attributed_by) == (
        FOLLOWER,
        "sales",
        Decimal(3000),
        PLANNER,
    )


async def test_the_cause_of_a_penalty_for_a_complaint_is_the_one_that_quality_found(pmc: Department) -> None:
    await pmc.hear(complaint())
    await pmc.hear(imposed(complaint_no="CCF-1"))
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(cause=None)) == "cause_missing"

    await pmc.do(PLANNER, "attribute_complaint", **finding(escaped_inspection=True, inspector=INSPECTOR))

    fact = await attributed(pmc)
    assert (fact.complaint_no, fact.inspector, fact.penalty_no) == ("CCF-1", INSPECTOR, "CPN-1")


@pytest.mark.parametrize("cause", ["supplier", "customer", "transport"])
async def test_a_cause_outside_the_house_names_nobody(pmc: Department, cause: str) -> None:
    await pmc.hear(imposed())
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(person=None)) == "person_missing"

    await pmc.do(PLANNER, "attribute_complaint", **finding(person=None, cause=cause))

    assert (await attributed(pmc)).person is None


@pytest.mark.parametrize("own", [{"person": PLANNER}, {"cause": "planning"}])
async def test_the_planners_own_case_is_the_general_managers(pmc: Department, own: dict[str, str]) -> None:
    await pmc.hear(imposed())
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(**own)) == "own_case"

    await pmc.do(BOSS, "attribute_complaint", **finding(person=PLANNER, cause="planning"))

    assert (await attributed(pmc)).person == PLANNER


@pytest.mark.parametrize("own", [{"person": PLANNER}, {"cause": "planning"}, {"inspector": PLANNER}])
async def test_the_planner_does_not_correct_what_was_attributed_to_them(pmc: Department, own: dict[str, str]) -> None:
    await pmc.hear(imposed())
    first = await pmc.do(BOSS, "attribute_complaint", **finding(**own))

    assert (
        await pmc.refused(PLANNER, "attribute_complaint", **finding(person=SELLER, corrects=first["no"])) == "own_case"
    )
    await pmc.do(BOSS, "attribute_complaint", **finding(person=SELLER, corrects=first["no"]))

    assert (await attributed(pmc)).person == SELLER


async def test_one_penalty_has_one_attribution_in_force(pmc: Department) -> None:
    await pmc.hear(imposed())
    first = await pmc.do(PLANNER, "attribute_complaint", **finding())
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(person=SELLER)) == "already_attributed"

    await pmc.do(PLANNER, "attribute_complaint", **finding(person=SELLER, corrects=first["no"]))

    assert (await attributed(pmc)).corrects == first["no"]


async def test_what_sales_withdrew_is_not_attributed(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(given_up())
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding()) == "not_found"
    await pmc.hear(imposed())
    await pmc.hear(given_up())

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding()) == "penalty_withdrawn"
    assert (await one(pmc, "contract-penalties", "CPN-1"))["withdrawn_because"] == "客户已放弃扣款"
    assert await pmc.refused(PLANNER, "attribute_complaint", matter="penalty") == "subject_missing"
