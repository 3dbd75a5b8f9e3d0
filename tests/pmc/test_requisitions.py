"""Material leaves the warehouse only for what somebody else than the asker agreed to."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts import links
from contracts.accountability import PostEnded
from contracts.event import DutyRef
from contracts.pmc import (
    AuthorityRefused,
    HandoverDelivered,
    RequisitionApproved,
    RequisitionGivenUp,
    RequisitionSubmitted,
)
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    CONTROLLER,
    DEPUTY,
    DIRECTOR,
    LEADER,
    MANAGER,
    OTHER_LEADER,
    PLANNER,
    WORKER,
    booked,
    cancellation,
    dispatched,
    final,
    in_the_workshop,
    line,
    material,
    one,
    outgoing,
    owes,
    planned,
    receipt,
    reported,
    shelf,
    supply,
)
from tests.pmc.test_amendments import amendment
from tests.support.departments import Department
from tests.support.worklists import rows

pytestmark = pytest.mark.asyncio


async def asked(pmc: Department, by: str = LEADER) -> tuple[str, str]:
    """The numbers of a production order and of a requisition of everything it needs."""
    no = await in_the_workshop(pmc)
    return no, str((await pmc.do(by, "submit_requisition", production_order_no=no))["no"])


async def test_without_lines_everything_that_is_needed_is_asked_for(pmc: Department) -> None:
    no, requisition = await asked(pmc)

    (fact,) = await pmc.facts(RequisitionSubmitted.name)
    assert [(each.item_code, each.quantity) for each in fact.lines] == [("ST-2.0", 192), ("QF-400", 8)]  # type: ignore[attr-defined]
    delivered = (await pmc.facts(HandoverDelivered.name))[-1]
    assert delivered.duty == links.requisition_approval(requisition)  # type: ignore[attr-defined]
    assert delivered.inputs == (links.production_order("SOD-1", 1),)  # type: ignore[attr-defined]
    assert no in (await one(pmc, "requisitions", requisition))["production_order_no"]


@pytest.mark.parametrize(("came", "waited_for"), [("QF-400", ["LOT-1"]), ("ST-2.0", []), (None, [])])
async def test_what_is_asked_for_once_it_is_in_stock_waited_for_its_receipt(
    pmc: Department, came: str | None, waited_for: list[str]
) -> None:
    """Of the items that are asked for, the lots that were bought for the line; not what was bought for others."""
    requirement, no = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", requirement)
    await pmc.do(PLANNER, "issue_production_order", no, start_on="2026-09-07")
    await pmc.hear(receipt(8, requirement if came else "MRL-OTHER", came or "QF-400"))

    breakers = [{"item_code": "QF-400", "quantity": "8"}]
    await pmc.do(LEADER, "submit_requisition", production_order_no=no, lines=breakers)

    delivered = (await pmc.facts(HandoverDelivered.name))[-1]
    assert delivered.inputs == (links.production_order("SOD-1", 1), *map(links.receipt, waited_for))  # type: ignore[attr-defined]


async def test_a_second_one_asks_for_the_rest(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    part = [{"item_code": "ST-2.0", "quantity": "100"}]
    await pmc.do(LEADER, "submit_requisition", production_order_no=no, lines=part)

    rest = await pmc.do(LEADER, "submit_requisition", production_order_no=no)

    assert [(each["item_code"], float(each["quantity"])) for each in rest["lines"]] == [("ST-2.0", 92), ("QF-400", 8)]
    assert await pmc.refused(LEADER, "submit_requisition", production_order_no=no) == "nothing_left"


async def test_planned_waste_may_be_asked_for_and_no_more(pmc: Department) -> None:
    no, _ = await asked(pmc)
    more = [{"item_code": "ST-2.0", "quantity": "9.6"}]
    answer = await pmc.attempt(
        LEADER, "submit_requisition", production_order_no=no, lines=[{"item_code": "ST-2.0", "quantity": "9.7"}]
    )

    assert answer.json()["code"] == "more_than_required"
    assert (await pmc.do(LEADER, "submit_requisition", production_order_no=no, lines=more))["status"] == "submitted"
    assert await pmc.refused(LEADER, "submit_requisition", production_order_no=no, lines=more) == "more_than_required"


async def test_what_was_refused_may_be_asked_for_again(pmc: Department) -> None:
    no, requisition = await asked(pmc)
    await pmc.do(DIRECTOR, "refuse_requisition", requisition, reason="班组还有余料")

    again = await pmc.do(LEADER, "submit_requisition", production_order_no=no)

    assert len(again["lines"]) == 2


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{"item_code": "XX", "quantity": "1"}], "not_a_component"),
        ([{"item_code": "QF-400", "quantity": "9"}], "more_than_required"),
        ([{"item_code": "QF-400", "quantity": "1"}, {"item_code": "QF-400", "quantity": "1"}], "lines_twice"),
        ([{"item_code": "QF-400", "quantity": "0"}], "invalid_input"),
    ],
)
async def test_a_requisition_with_a_fault_is_refused(pmc: Department, lines: list[object], code: str) -> None:
    no = await in_the_workshop(pmc)

    assert await pmc.refused(LEADER, "submit_requisition", production_order_no=no, lines=lines) == code


async def test_an_open_production_order_takes_no_material(pmc: Department) -> None:
    _, no = await planned(pmc)

    assert await pmc.refused(LEADER, "submit_requisition", production_order_no=no) == "production_order_not_issued"


async def test_an_approval_lets_the_warehouse_issue_exactly_this(pmc: Department) -> None:
    _, requisition = await asked(pmc)

    await pmc.do(DIRECTOR, "approve_requisition", requisition)

    (fact,) = await pmc.facts(RequisitionApproved.name)
    assert fact.closes == (links.requisition_approval(requisition),)
    assert len(fact.lines) == 2  # type: ignore[attr-defined]
    assert f"requisition_approval:{requisition}" not in await owes(pmc)


async def test_whoever_asked_does_not_approve_or_refuse(pmc: Department) -> None:
    _, requisition = await asked(pmc, by=DIRECTOR)

    assert await pmc.refused(DIRECTOR, "approve_requisition", requisition) == "self_approval"
    assert await pmc.refused(DIRECTOR, "refuse_requisition", requisition, reason="x") == "self_approval"
    assert (await pmc.do(DEPUTY, "approve_requisition", requisition))["approved_by"] == DEPUTY


async def test_the_database_itself_guards_the_second_person(pmc: Department) -> None:
    _, requisition = await asked(pmc)

    with pytest.raises(IntegrityError, match="approved_by_another"):
        async with pmc.engine.begin() as connection:
            await connection.execute(text("UPDATE requisitions SET approved_by = made_by"))
    assert (await one(pmc, "requisitions", requisition))["approved_by"] is None


async def test_only_the_director_approves(pmc: Department) -> None:
    _, requisition = await asked(pmc)

    assert await pmc.refused(CONTROLLER, "approve_requisition", requisition) == "post_not_held"


async def test_a_refusal_is_a_right_and_stated_as_one(pmc: Department) -> None:
    _, requisition = await asked(pmc)

    await pmc.do(DIRECTOR, "refuse_requisition", requisition, reason="班组还有余料")

    (fact,) = await pmc.facts(AuthorityRefused.name)
    assert (fact.document_no, fact.refused_by) == (requisition, DIRECTOR)  # type: ignore[attr-defined]
    assert fact.closes == (links.requisition_approval(requisition),)
    assert await pmc.refused(DEPUTY, "approve_requisition", requisition) == "wrong_status"


async def test_a_complete_issue_is_on_the_requisition(pmc: Department) -> None:
    no = await in_the_workshop(pmc)

    requisition = await supply(pmc, no)

    assert (await one(pmc, "requisitions", requisition))["status"] == "issued"
    assert (await one(pmc, "production-orders", no))["material_by"] == requisition


async def test_later_material_does_not_open_the_work_again(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    first = await supply(pmc, no)
    more = [{"item_code": "ST-2.0", "quantity": "9"}]
    second = await pmc.do(LEADER, "submit_requisition", production_order_no=no, lines=more)
    await pmc.do(DIRECTOR, "approve_requisition", second["no"])

    await pmc.hear(material(no, second["no"]))

    assert (await one(pmc, "production-orders", no))["material_by"] == first


async def test_nothing_is_requisitioned_for_a_cancelled_order(pmc: Department) -> None:
    no, requisition = await asked(pmc)
    await pmc.hear(cancellation())

    assert await pmc.refused(LEADER, "submit_requisition", production_order_no=no) == "order_cancelled"
    assert await pmc.refused(DIRECTOR, "approve_requisition", requisition) == "order_cancelled"
    assert await pmc.refused(DIRECTOR, "refuse_requisition", requisition, reason="x") == "order_cancelled"
    assert [each["status"] for each in await shelf(pmc, "requisitions")] == ["cancelled"]


STEEL = [{"item_code": "ST-2.0", "quantity": "192"}]


async def at_work(pmc: Department) -> str:
    """The steel is there and the first operation begins; the breakers are not asked for yet."""
    no = await dispatched(pmc)
    steel = await pmc.do(LEADER, "submit_requisition", production_order_no=no, lines=STEEL)
    await pmc.do(DIRECTOR, "approve_requisition", steel["no"])
    await pmc.hear(material(no, steel["no"]))
    return no


async def standing(pmc: Department) -> list[str]:
    """The handovers whose clocks stand still."""
    return [name for name, row in (await rows(pmc, MANAGER)).items() if row["paused_at"]]


@pytest.mark.parametrize("decide", ["approve_requisition", "refuse_requisition"])
async def test_whoever_asks_for_more_waits_for_the_director_and_not_the_director_for_them(
    pmc: Department, decide: str
) -> None:
    no = await at_work(pmc)
    at_it = links.operation(no, 10)

    more = (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"]

    asked = (await pmc.facts(RequisitionSubmitted.name))[-1]
    approval = (await pmc.facts(HandoverDelivered.name))[-1]
    assert (asked.pauses, await standing(pmc)) == ((at_it,), [str(at_it)])
    assert (approval.duty, at_it in approval.inputs) == (links.requisition_approval(more), True)  # type: ignore[attr-defined]
    reason = {"reason": "超领"} if decide == "refuse_requisition" else {}
    await pmc.do(DIRECTOR, decide, more, **reason)
    decided = (await pmc.facts((RequisitionApproved if not reason else AuthorityRefused).name))[-1]
    assert (decided.resumes, await standing(pmc)) == ((at_it,), [])


async def test_only_the_askers_own_work_waits_and_what_is_given_out_anew_goes_on_waiting(pmc: Department) -> None:
    no = await at_work(pmc)
    at_it = operation_no(no, 10)
    await pmc.do(DIRECTOR, "dispatch_operation", at_it, team="配线组", team_leader=OTHER_LEADER)

    more = (await pmc.do(OTHER_LEADER, "submit_requisition", production_order_no=no))["no"]
    await pmc.do(DIRECTOR, "dispatch_operation", at_it, team="装配组", team_leader=LEADER)

    assert await standing(pmc) == [str(links.operation(no, 10))]
    await pmc.do(DIRECTOR, "approve_requisition", more)
    assert await standing(pmc) == []


async def test_a_first_operation_that_begins_while_more_is_undecided_stands_still_from_the_start(
    pmc: Department,
) -> None:
    no = await dispatched(pmc)
    steel = (await pmc.do(LEADER, "submit_requisition", production_order_no=no, lines=STEEL))["no"]
    await pmc.do(DIRECTOR, "approve_requisition", steel)
    more = (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"]

    await pmc.hear(material(no, steel))
    assert await standing(pmc) == [str(links.operation(no, 10))]
    await pmc.do(DIRECTOR, "approve_requisition", more)

    assert await standing(pmc) == []


async def test_a_later_operation_waits_for_all_material_that_was_asked_for(pmc: Department) -> None:
    no = await at_work(pmc)
    rest = (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"]
    await pmc.do(DIRECTOR, "approve_requisition", rest)

    await reported(pmc, no, 10)
    assert f"operation:{no}/20" not in await owes(pmc)
    await pmc.hear(material(no, rest))

    begun = (await pmc.facts(HandoverDelivered.name))[-1]
    expected: tuple[DutyRef, ...] = (links.dispatch(no, 20), links.operation(no, 10), links.issue(rest))
    assert (begun.duty, begun.inputs) == (links.operation(no, 20), expected)  # type: ignore[attr-defined]


@pytest.mark.parametrize("approved", [True, False])
async def test_a_later_operation_is_not_finished_before_it_is_handed_over(pmc: Department, approved: bool) -> None:
    no = await at_work(pmc)
    rest = (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"]
    if approved:
        await pmc.do(DIRECTOR, "approve_requisition", rest)
    await reported(pmc, no, 10)
    report = {"good": "2", "workers": [WORKER]}

    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 20), **report) == "still_asked_for"
    if not approved:
        await pmc.do(DIRECTOR, "approve_requisition", rest)
    await pmc.hear(material(no, rest))
    assert (await reported(pmc, no, 20))["status"] == "finished"


async def test_what_is_asked_for_while_the_later_operation_is_at_work_does_not_hold_its_report_up(
    pmc: Department,
) -> None:
    no = await at_work(pmc)
    await reported(pmc, no, 10)
    await pmc.do(LEADER, "submit_requisition", production_order_no=no)

    assert (await reported(pmc, no, 20))["status"] == "finished"


async def test_what_is_refused_keeps_nobody_waiting(pmc: Department) -> None:
    no = await at_work(pmc)
    rest = (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"]
    await reported(pmc, no, 10)

    await pmc.do(DIRECTOR, "refuse_requisition", rest, reason="超领")

    assert f"operation:{no}/20" in await owes(pmc)


async def test_what_was_asked_for_a_line_that_was_taken_off_keeps_nobody_waiting_when_it_comes_back(
    pmc: Department,
) -> None:
    """The goods were made and booked while more was asked for; of a line that is back they fail before they leave."""
    no = await at_work(pmc)
    await reported(pmc, no, 10)
    more = (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["no"]
    await reported(pmc, no, 20)
    await pmc.hear(final(no, passed=True))
    await pmc.hear(booked(no))
    await pmc.hear(amendment(2, line(2)))
    await pmc.hear(amendment(3, line(), line(2)))

    (given_up,) = await pmc.facts(RequisitionGivenUp.name)
    assert isinstance(given_up, RequisitionGivenUp)
    last = links.operation(no, 20)
    assert (given_up.closes, given_up.resumes) == ((links.requisition_approval(more),), (last,))
    await pmc.hear(outgoing(passed=False))
    assert str(last) in await owes(pmc)
    assert await standing(pmc) == []


async def test_the_only_director_asks_for_nothing_that_nobody_could_approve(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    asked = await pmc.do(DIRECTOR, "submit_requisition", production_order_no=no, lines=STEEL)
    assert await pmc.refused(DIRECTOR, "approve_requisition", asked["no"]) == "self_approval"
    assert (await pmc.do(DEPUTY, "approve_requisition", asked["no"]))["approved_by"] == DEPUTY

    over = {"assignment_no": f"{DEPUTY}-workshop_director", "post": "workshop_director", "effective_until": pmc.now}
    await pmc.hear(PostEnded(employee=DEPUTY, ended_by="E-070", **over))

    assert await pmc.refused(DIRECTOR, "submit_requisition", production_order_no=no) == "nobody_approves"
    assert (await pmc.do(LEADER, "submit_requisition", production_order_no=no))["status"] == "submitted"
