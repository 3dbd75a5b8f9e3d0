"""Work that is done again has a team that answers, and costs that are recorded and not estimated."""

from decimal import Decimal
from typing import Any

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.pmc import ComplaintAttributed, ReworkFinished, ReworkOrdered
from contracts.quality import IncomingInspected, OutgoingInspected
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    BOSS,
    CONTROLLER,
    COSTS,
    DIRECTOR,
    INSPECTOR,
    LEADER,
    OTHER_LEADER,
    PLANNER,
    WORKER,
    authorisation,
    cancellation,
    complaint,
    contract,
    in_the_workshop,
    inspection,
    line,
    one,
    planned,
    returned,
    work,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def back(pmc: Department, quantity: int = 2) -> None:
    await pmc.hear(contract())
    await pmc.hear(complaint())
    await pmc.hear(authorisation())
    await pmc.hear(returned(quantity))


async def ordered(pmc: Department) -> str:
    await back(pmc)
    return str((await pmc.do(PLANNER, "order_rework", **work()))["no"])


async def test_a_returns_rework_names_its_team_leader_and_where_it_came_from(pmc: Department) -> None:
    await ordered(pmc)

    (fact,) = await pmc.facts(ReworkOrdered.name)
    assert isinstance(fact, ReworkOrdered)
    assert (fact.order_no, fact.line_no, fact.product_code) == ("SOD-1", 1, "P-GGD")
    assert (fact.return_no, fact.complaint_no, fact.assignee) == ("RMA-1", "CCF-1", LEADER)


async def test_goods_of_a_complaint_or_an_order_line_may_be_reworked_too(pmc: Department) -> None:
    await back(pmc)

    of_complaint = await pmc.do(DIRECTOR, "order_rework", **work(return_no=None, complaint_no="CCF-1"))
    of_line = await pmc.do(DIRECTOR, "order_rework", **work(return_no=None, order_no="SOD-1", line_no=1))

    assert (of_complaint["complaint_no"], of_complaint["line_no"]) == ("CCF-1", 1)
    assert (of_line["complaint_no"], of_line["order_no"]) == (None, "SOD-1")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"team_leader": ""}, "no_responsible_person"),
        ({"team_leader": WORKER}, "not_a_team_leader"),
        ({"quantity": "3"}, "more_than_there"),
        ({"return_no": "RMA-9"}, "not_found"),
        ({"return_no": None}, "nothing_to_rework"),
        ({"return_no": None, "complaint_no": "CCF-9"}, "not_found"),
        ({"return_no": None, "order_no": "SOD-1", "line_no": 9}, "no_such_line"),
        ({"return_no": None, "order_no": "SOD-1", "line_no": 1, "quantity": "3"}, "more_than_there"),
    ],
)
async def test_a_rework_with_a_fault_is_refused(pmc: Department, change: dict[str, Any], code: str) -> None:
    await back(pmc)

    assert await pmc.refused(PLANNER, "order_rework", **work(**change)) == code
    assert await pmc.facts(ReworkOrdered.name) == []


async def test_only_what_came_back_is_reworked_and_once(pmc: Department) -> None:
    await back(pmc, 1)
    assert await pmc.refused(PLANNER, "order_rework", **work()) == "more_than_there"
    await pmc.do(PLANNER, "order_rework", **work(quantity="1"))

    assert await pmc.refused(PLANNER, "order_rework", **work(quantity="1")) == "more_than_there"
    await pmc.hear(returned(1))
    assert (await pmc.do(PLANNER, "order_rework", **work(quantity="1")))["status"] == "issued"


async def test_what_it_cost_is_a_recorded_fact(pmc: Department) -> None:
    no = await ordered(pmc)

    await pmc.do(LEADER, "finish_rework", no, **COSTS)

    (fact,) = await pmc.facts(ReworkFinished.name)
    assert isinstance(fact, ReworkFinished)
    assert [fact.hours, fact.rework_cost, fact.overtime_cost, fact.processing_fee] == [12, 900, 300, 150]
    assert (fact.quantity, fact.assignee) == (Decimal(2), LEADER)
    assert await pmc.refused(DIRECTOR, "finish_rework", no, **COSTS) == "wrong_status"


async def test_another_team_leader_does_not_report_it(pmc: Department) -> None:
    no = await ordered(pmc)

    assert await pmc.refused(OTHER_LEADER, "finish_rework", no, **COSTS) == "not_your_rework"
    assert await pmc.refused(CONTROLLER, "finish_rework", no, **COSTS) == "post_not_held"
    assert await pmc.refused(LEADER, "finish_rework", no, **{**COSTS, "quantity": "3"}) == "more_than_there"
    assert (await pmc.do(DIRECTOR, "finish_rework", no, **COSTS))["status"] == "finished"


@pytest.mark.parametrize(
    ("matter", "name"), [("rework", "rework_no"), ("return", "return_no"), ("complaint", "complaint_no")]
)
async def test_an_attribution_rests_on_the_recorded_costs(pmc: Department, matter: str, name: str) -> None:
    no = await ordered(pmc)
    await pmc.do(LEADER, "finish_rework", no, **COSTS)
    subject = {"rework_no": no, "return_no": "RMA-1", "complaint_no": "CCF-1"}[name]

    await pmc.do(PLANNER, "attribute_complaint", matter=matter, cause="production", **{name: subject})

    (fact,) = await pmc.facts(ComplaintAttributed.name)
    assert isinstance(fact, ComplaintAttributed)
    assert [fact.rework_cost, fact.overtime_cost, fact.processing_fee] == [900, 300, 150]
    assert (fact.direct_loss, fact.complaint_no) == (Decimal(1350), "CCF-1")


async def test_costs_that_differ_from_the_record_are_refused(pmc: Department) -> None:
    no = await ordered(pmc)
    await pmc.do(LEADER, "finish_rework", no, **COSTS)
    finding = {"matter": "rework", "rework_no": no, "cause": "production"}

    for more in (
        {"rework_cost": "901"},
        {"direct_loss": "50000"},
        {"direct_loss": "50000", "loss_document": "估价单 1"},
    ):
        assert await pmc.refused(PLANNER, "attribute_complaint", **finding, **more) == "differs_from_record"
    same = await pmc.do(PLANNER, "attribute_complaint", **finding, rework_cost="900", direct_loss="1350")
    assert (same["rework_cost"], same["direct_loss"]) == ("900.0000", "1350.0000")


async def test_what_a_rework_will_cost_is_no_record_before_it_is_finished(pmc: Department) -> None:
    finding = {"matter": "rework", "rework_no": await ordered(pmc), "cause": "production"}

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding, rework_cost="900") == "loss_without_document"
    assert (await pmc.do(PLANNER, "attribute_complaint", **finding))["direct_loss"] is None


async def made_by_two(pmc: Department) -> tuple[str, dict[str, Any]]:
    """The production order of a line that two teams worked on, and what is said of a rework of it."""
    no = await in_the_workshop(pmc)
    for op_no, leader in ((10, LEADER), (20, OTHER_LEADER)):
        await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, op_no), team="装配组", team_leader=leader)
    redone = await pmc.do(DIRECTOR, "order_rework", **work(return_no=None, order_no="SOD-1", line_no=1))
    return no, {"matter": "rework", "rework_no": redone["no"], "cause": "production"}


async def attributed(pmc: Department) -> ComplaintAttributed:
    (fact,) = await pmc.facts(ComplaintAttributed.name)
    assert isinstance(fact, ComplaintAttributed)
    return fact


async def test_a_rework_falls_on_no_team_before_it_is_clear_whose_work_it_was(pmc: Department) -> None:
    no, finding = await made_by_two(pmc)

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding) == "operation_missing"
    await pmc.do(PLANNER, "attribute_complaint", **finding, operation_no=operation_no(no, 10))

    assert (await attributed(pmc)).operation == links.operation(no, 10)


async def test_a_rework_falls_only_on_whoever_led_the_work(pmc: Department) -> None:
    no, finding = await made_by_two(pmc)
    wrong = {"person": OTHER_LEADER, "operation_no": operation_no(no, 10)}

    for more in ({"person": DIRECTOR}, wrong):
        assert await pmc.refused(PLANNER, "attribute_complaint", **finding, **more) == "not_their_work"
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding, person="E-777") == "unknown_employee"
    await pmc.do(PLANNER, "attribute_complaint", **finding, person=OTHER_LEADER)

    assert ((await attributed(pmc)).person, (await attributed(pmc)).operation) == (
        OTHER_LEADER,
        links.operation(no, 20),
    )


async def test_whoever_led_the_work_before_it_was_dispatched_anew_may_answer_for_it(pmc: Department) -> None:
    no, finding = await made_by_two(pmc)
    finding |= {"operation_no": operation_no(no, 10)}
    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="装配组", team_leader=OTHER_LEADER)

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding) == "person_missing"
    await pmc.employ(planner=LEADER)
    assert await pmc.refused(LEADER, "attribute_complaint", **finding, person=OTHER_LEADER) == "own_case"
    await pmc.do(PLANNER, "attribute_complaint", **finding, person=LEADER)

    assert (await attributed(pmc)).person == LEADER


async def test_an_operation_of_another_line_is_none_of_its_rework(pmc: Department) -> None:
    _, no = await planned(pmc, "SOD-1", line(), line(2))
    await pmc.do(PLANNER, "issue_production_order", no, start_on="2026-09-07")
    redone = await pmc.do(DIRECTOR, "order_rework", **work(return_no=None, order_no="SOD-1", line_no=2))
    finding = {"matter": "rework", "rework_no": redone["no"], "operation_no": operation_no(no, 10)}

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding, cause="production") == "not_found"


ESCAPED = {"cause": "quality", "escaped_inspection": True}


async def test_an_inspector_answers_only_for_goods_that_they_let_pass(pmc: Department) -> None:
    finding = {"matter": "rework", "rework_no": await ordered(pmc), **ESCAPED}
    await pmc.employ(inspector=WORKER)
    await pmc.hear(OutgoingInspected(**looked_at("FG-2", inspected_by=WORKER), line_no=2, notice_no="SHN-2"))
    await pmc.hear(OutgoingInspected(**looked_at(), line_no=1, notice_no="SHN-1"))

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding, inspector=WORKER) == "passed_by_another"
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding, inspector="E-777") == "unknown_employee"
    await pmc.do(PLANNER, "attribute_complaint", **finding)

    assert (await attributed(pmc)).inspector == INSPECTOR


async def test_of_two_inspectors_who_let_it_pass_one_is_named(pmc: Department) -> None:
    finding = {"matter": "rework", "rework_no": await ordered(pmc), **ESCAPED}
    await pmc.employ(inspector=WORKER)
    await pmc.hear(OutgoingInspected(**looked_at(), line_no=1, notice_no="SHN-1"))
    await pmc.hear(IncomingInspected(**looked_at("LOT-1", inspected_by=WORKER), arrival_no="ARV-1", arrival_line_no=1))

    material = {**finding, "lot": "LOT-1"}
    assert await pmc.refused(PLANNER, "attribute_complaint", **material) == "inspector_missing"
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding, inspector=WORKER) == "passed_by_another"
    await pmc.do(PLANNER, "attribute_complaint", **material, inspector=WORKER)

    assert (await attributed(pmc)).inspector == WORKER


def looked_at(lot: str = "FG-1", **changes: Any) -> dict[str, Any]:
    """What every inspection says; each lot has its own."""
    said = {**inspection(passed=True), "inspection_no": f"INS-{lot}", "lot": lot, **changes}
    del said["line_no"]
    return said


async def test_a_return_for_quality_is_the_directors_case_too(pmc: Department) -> None:
    await back(pmc)
    await pmc.employ(workshop_director=PLANNER)
    finding = {"matter": "return", "return_no": "RMA-1", "cause": "quality"}

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding) == "own_case"
    assert (await pmc.do(BOSS, "attribute_complaint", **finding))["made_by"] == BOSS


async def test_goods_that_came_back_before_their_authorisation_wait(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(returned())


async def test_what_came_back_is_reworked_also_when_the_rest_of_its_order_is_cancelled(pmc: Department) -> None:
    await back(pmc, 2)
    under_way = (await pmc.do(PLANNER, "order_rework", **work(quantity="1")))["no"]
    await pmc.hear(cancellation())

    later = (await pmc.do(PLANNER, "order_rework", **work(quantity="1")))["no"]
    of_complaint = work(return_no=None, complaint_no="CCF-1", quantity="1")
    assert (await pmc.do(PLANNER, "order_rework", **of_complaint))["status"] == "issued"

    for no in (under_way, later):
        assert (await pmc.do(DIRECTOR, "finish_rework", no, **COSTS))["status"] == "finished"
    assert len(await pmc.facts(ReworkFinished.name)) == 2


async def test_nothing_more_is_done_on_a_line_of_a_cancelled_order(pmc: Department) -> None:
    of_line = work(return_no=None, order_no="SOD-1", line_no=1)
    await back(pmc)
    no = (await pmc.do(PLANNER, "order_rework", **of_line))["no"]
    await pmc.hear(cancellation())

    assert await pmc.refused(PLANNER, "order_rework", **of_line) == "order_cancelled"
    assert await pmc.refused(DIRECTOR, "finish_rework", no, **COSTS) == "order_cancelled"
    assert (await one(pmc, "reworks", no))["status"] == "cancelled"
