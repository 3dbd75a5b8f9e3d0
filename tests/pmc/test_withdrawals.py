"""What the workshop needs no more it takes back, and nobody waits for it; what the warehouse issued meanwhile stays issued."""

import pytest

from contracts import links
from contracts.pmc import HandoverDelivered, RequisitionSubmitted, RequisitionWithdrawn
from contracts.warehouse import WithdrawalDecided
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    CONTROLLER,
    DIRECTOR,
    LEADER,
    MANAGER,
    OTHER_LEADER,
    PLANNER,
    WORKER,
    cancellation,
    material,
    one,
    owes,
    reported,
)
from tests.pmc.test_pages import browser
from tests.pmc.test_requisitions import STEEL, asked, at_work, standing
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
WHY = {"reason": "改用库存件"}


async def more(pmc: Department, *, approved: bool = True) -> tuple[str, str]:
    """A production order whose second operation waits for a requisition; both numbers."""
    no = await at_work(pmc)
    rest = str((await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"])
    if approved:
        await pmc.do(DIRECTOR, "approve_requisition", rest)
    await reported(pmc, no, 10)
    return no, rest


def decision(production_order_no: str, requisition_no: str, *, accepted: bool) -> WithdrawalDecided:
    return WithdrawalDecided(
        order_no="SOD-1",
        closes=(links.issue(requisition_no),) if accepted else (),
        requisition_no=requisition_no,
        production_order_no=production_order_no,
        line_no=1,
        accepted=accepted,
    )


async def test_what_nobody_decided_yet_ends_at_once_with_the_directors_duty(pmc: Department) -> None:
    no, rest = await more(pmc, approved=False)
    assert f"operation:{no}/20" not in await owes(pmc)

    assert (await pmc.do(LEADER, "withdraw_requisition", rest, **WHY))["status"] == "withdrawn"

    (fact,) = await pmc.facts(RequisitionWithdrawn.name)
    assert (fact.closes, fact.approved, fact.withdrawn_by) == ((links.requisition_approval(rest),), False, LEADER)  # type: ignore[attr-defined]
    owed = await owes(pmc)
    assert f"requisition_approval:{rest}" not in owed
    assert f"operation:{no}/20" in owed


async def test_the_clocks_that_stood_for_the_decision_run_on(pmc: Department) -> None:
    no = await at_work(pmc)
    rest = (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"]
    assert await standing(pmc) == [f"operation:{no}/10"]

    await pmc.do(LEADER, "withdraw_requisition", rest, **WHY)

    assert await standing(pmc) == []
    (submitted, withdrawn) = (await pmc.facts(RequisitionSubmitted.name))[-1], (await pmc.facts())[-1]
    assert withdrawn.resumes == submitted.pauses == (links.operation(no, 10),)


@pytest.mark.parametrize("by", [LEADER, DIRECTOR])
async def test_of_an_approved_one_the_warehouse_has_the_last_word(pmc: Department, by: str) -> None:
    no, rest = await more(pmc)
    report = {"good": "2", "workers": [WORKER]}

    assert (await pmc.do(by, "withdraw_requisition", rest, **WHY))["status"] == "recalled"
    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 20), **report) == "still_asked_for"
    await pmc.hear(decision(no, rest, accepted=True))

    assert (await one(pmc, "requisitions", rest))["status"] == "withdrawn"
    begun = (await pmc.facts(HandoverDelivered.name))[-1]
    waited_for = (links.dispatch(no, 20), links.operation(no, 10), links.issue(rest))
    assert (begun.duty, begun.inputs) == (links.operation(no, 20), waited_for)  # type: ignore[attr-defined]
    assert (await reported(pmc, no, 20))["status"] == "finished"


async def test_what_was_issued_before_the_warehouse_heard_of_it_is_issued(pmc: Department) -> None:
    no, rest = await more(pmc)
    await pmc.do(LEADER, "withdraw_requisition", rest, **WHY)

    await pmc.hear(material(no, rest))
    await pmc.hear(decision(no, rest, accepted=False))

    assert (await one(pmc, "requisitions", rest))["status"] == "issued"
    assert f"operation:{no}/20" in await owes(pmc)


async def test_what_was_issued_in_part_meanwhile_is_asked_for_as_before(pmc: Department) -> None:
    no, rest = await more(pmc)
    await pmc.do(LEADER, "withdraw_requisition", rest, **WHY)
    await pmc.hear(material(no, rest, complete=False, QF_400=4))

    await pmc.hear(decision(no, rest, accepted=False))

    assert (await one(pmc, "requisitions", rest))["status"] == "approved"
    assert f"operation:{no}/20" not in await owes(pmc)
    assert await pmc.refused(LEADER, "withdraw_requisition", rest, **WHY) == "issued_already"
    await pmc.hear(material(no, rest))
    assert f"operation:{no}/20" in await owes(pmc)


async def test_an_answer_that_overtakes_the_issue_leaves_the_same(pmc: Department) -> None:
    no, rest = await more(pmc)
    await pmc.do(LEADER, "withdraw_requisition", rest, **WHY)

    await pmc.hear(decision(no, rest, accepted=False))
    await pmc.hear(material(no, rest))

    assert (await one(pmc, "requisitions", rest))["status"] == "issued"
    assert f"operation:{no}/20" in await owes(pmc)


@pytest.mark.parametrize("complete", [True, False])
async def test_nothing_is_withdrawn_of_which_something_was_issued(pmc: Department, complete: bool) -> None:
    no, rest = await more(pmc)
    await pmc.hear(material(no, rest, complete=complete))

    assert await pmc.refused(LEADER, "withdraw_requisition", rest, **WHY) == "issued_already"

    answer = await pmc.attempt(LEADER, "withdraw_requisition", rest, **WHY)
    assert answer.status_code == 409
    assert rest in answer.json()["detail"]


async def test_whoever_asked_withdraws_and_of_what_is_approved_the_director_too(pmc: Department) -> None:
    no, rest = await more(pmc, approved=False)
    assert await pmc.refused(DIRECTOR, "withdraw_requisition", rest, **WHY) == "not_your_requisition"
    assert await pmc.refused(OTHER_LEADER, "withdraw_requisition", rest, **WHY) == "not_your_requisition"
    assert await pmc.refused(MANAGER, "withdraw_requisition", rest, **WHY) == "post_not_held"

    await pmc.do(DIRECTOR, "approve_requisition", rest)
    assert await pmc.refused(PLANNER, "withdraw_requisition", rest, **WHY) == "not_your_requisition"
    assert (await pmc.do(DIRECTOR, "withdraw_requisition", rest, **WHY))["status"] == "recalled"
    assert await pmc.refused(LEADER, "withdraw_requisition", rest, **WHY) == "wrong_status"
    assert no


async def test_the_button_is_offered_to_whom_it_suits(pmc: Department) -> None:
    _, requisition = await asked(pmc, by=CONTROLLER)

    for employee, offered in ((CONTROLLER, True), (DIRECTOR, False), (LEADER, False)):
        async with await browser(pmc, employee) as client:
            page = (await client.get(f"/requisitions/{requisition}")).text
        assert ("withdraw" in page) is offered, page


async def test_what_was_withdrawn_may_be_asked_for_again(pmc: Department) -> None:
    no, requisition = await asked(pmc)
    assert await pmc.refused(LEADER, "submit_requisition", production_order_no=no) == "nothing_left"

    await pmc.do(LEADER, "withdraw_requisition", requisition, **WHY)

    assert (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["status"] == "submitted"


async def test_a_first_operation_waits_for_other_material(pmc: Department) -> None:
    no, requisition = await asked(pmc)
    await pmc.do(DIRECTOR, "approve_requisition", requisition)
    await pmc.do(LEADER, "withdraw_requisition", requisition, **WHY)
    await pmc.hear(decision(no, requisition, accepted=True))
    for op_no in (10, 20):
        await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, op_no), team="装配组", team_leader=LEADER)
    assert f"operation:{no}/10" not in await owes(pmc)

    other = await pmc.do(LEADER, "submit_requisition", production_order_no=no, lines=STEEL)
    await pmc.do(DIRECTOR, "approve_requisition", other["no"])
    await pmc.hear(material(no, other["no"]))

    assert f"operation:{no}/10" in await owes(pmc)


async def test_the_answer_for_a_cancelled_order_changes_nothing(pmc: Department) -> None:
    no, rest = await more(pmc)
    await pmc.do(LEADER, "withdraw_requisition", rest, **WHY)
    await pmc.hear(cancellation())

    await pmc.hear(decision(no, rest, accepted=False))

    assert (await one(pmc, "requisitions", rest))["status"] == "cancelled"
    assert await owes(pmc) == {}


async def test_two_who_withdraw_at_once_withdraw_it_once(pmc: Department) -> None:
    _, rest = await more(pmc)
    works = [pmc.attempt(by, "withdraw_requisition", rest, **WHY) for by in (LEADER, DIRECTOR)]

    met = await pmc.meet("requisitions", *works)

    assert sorted(answer.status_code for answer in met) == [200, 409]
    assert len(await pmc.facts(RequisitionWithdrawn.name)) == 1
