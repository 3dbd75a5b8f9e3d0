"""A named team leader answers for each operation, and their clock starts when everything before it is there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from contracts import links
from contracts.accountability import PostEnded
from contracts.engineering import WorkResumed, WorkStopped
from contracts.pmc import (
    HandoverDelivered,
    OperationDelayReported,
    OperationDispatched,
    OperationFinished,
    WordCameLate,
)
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    DIRECTOR,
    ENGINEER,
    LEADER,
    OTHER_LEADER,
    PLANNER,
    WORKER,
    cancellation,
    dispatched,
    final,
    in_the_workshop,
    material,
    one,
    owes,
    planned,
    purchase,
    reported,
    shelf,
    supplied,
    supply,
)
from tests.support.departments import Department
from tests.support.worklists import know_the_standards

pytestmark = pytest.mark.asyncio
REPORT = {"good": "2", "workers": [WORKER]}
STOP = {"order_no": "SOD-1", "stop_no": "WST-1", "reason": "图纸错误"}


def stop(line_no: int | None = None) -> WorkStopped:
    return WorkStopped(**STOP, line_no=line_no, stopped_by=ENGINEER)


def resumption() -> WorkResumed:
    return WorkResumed(**STOP, resumed_by=ENGINEER)


async def deliveries(pmc: Department, link: str) -> list[HandoverDelivered]:
    found = [fact for fact in await pmc.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    return [fact for fact in found if fact.duty.link == link]


async def test_a_dispatch_names_who_answers_and_closes_the_directors_duty(pmc: Department) -> None:
    no = await in_the_workshop(pmc)

    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="钣金组", team_leader=LEADER)

    (fact,) = await pmc.facts(OperationDispatched.name)
    assert (fact.assignee, fact.closes) == (LEADER, (links.dispatch(no, 10),))
    assert {key for key in await owes(pmc) if key.startswith("dispatch")} == {f"dispatch:{no}/20"}


async def test_an_operation_without_a_responsible_person_is_not_dispatched(pmc: Department) -> None:
    no = await in_the_workshop(pmc)

    assert (
        await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="钣金组")
        == "no_responsible_person"
    )


async def test_somebody_who_is_no_team_leader_now_is_not_made_responsible(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    form = {"team": "钣金组", "team_leader": OTHER_LEADER}
    assert (
        await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="x", team_leader=WORKER)
        == "not_a_team_leader"
    )

    await pmc.hear(
        PostEnded(
            assignment_no=f"{OTHER_LEADER}-team_leader",
            employee=OTHER_LEADER,
            post="team_leader",
            effective_until=pmc.now,
            ended_by="system",
        )
    )

    assert await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), **form) == "not_a_team_leader"


async def test_a_dispatch_into_the_past_is_refused(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    form = {"team": "钣金组", "team_leader": LEADER, "due_at": "2026-09-01T08:59:00+08:00"}

    assert await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), **form) == "due_passed"


async def test_an_operation_of_an_open_production_order_is_not_dispatched(pmc: Department) -> None:
    _, no = await planned(pmc)
    form = {"team": "钣金组", "team_leader": LEADER}

    assert await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), **form) == "wrong_status"


async def test_only_the_director_dispatches_and_only_what_there_is(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    form = {"team": "钣金组", "team_leader": LEADER}

    assert await pmc.refused(PLANNER, "dispatch_operation", operation_no(no, 10), **form) == "post_not_held"
    assert await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 99), **form) == "not_found"


async def test_the_first_operation_opens_with_its_material(pmc: Department) -> None:
    no = await dispatched(pmc)
    assert await deliveries(pmc, "operation") == []

    requisition = await supply(pmc, no)

    (delivered,) = await deliveries(pmc, "operation")
    assert (delivered.duty, delivered.assignee) == (links.operation(no, 10), LEADER)
    assert delivered.inputs == (links.dispatch(no, 10), links.issue(requisition))
    assert (delivered.terms.standard_hours, delivered.terms.due_at) == (
        Decimal(6),
        datetime(2026, 9, 7, 7, 0, tzinfo=UTC),
    )


async def test_material_that_was_there_first_waits_for_the_dispatch(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    await supply(pmc, no)
    assert await deliveries(pmc, "operation") == []

    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="钣金组", team_leader=LEADER)

    assert [fact.duty for fact in await deliveries(pmc, "operation")] == [links.operation(no, 10)]


@pytest.mark.parametrize("dispatch_first", [True, False])
async def test_dispatch_and_material_at_the_same_moment_open_the_work_once(
    pmc: Department, dispatch_first: bool
) -> None:
    no = await in_the_workshop(pmc)
    requisition = await pmc.do(LEADER, "submit_requisition", production_order_no=no)
    await pmc.do(DIRECTOR, "approve_requisition", requisition["no"])
    dispatch = pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="钣金组", team_leader=LEADER)
    issue = pmc.hear(material(no, requisition["no"]))

    if dispatch_first:
        await pmc.meet("duties", dispatch, issue)
    else:
        await pmc.meet("requisitions", issue, dispatch)

    assert [fact.duty for fact in await deliveries(pmc, "operation")] == [links.operation(no, 10)]


async def test_a_report_and_the_next_dispatch_at_the_same_moment_open_the_work_once(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    await supply(pmc, no)
    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="钣金组", team_leader=LEADER)
    dispatch = pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 20), team="装配组", team_leader=OTHER_LEADER)
    report = pmc.do(LEADER, "report_operation", operation_no(no, 10), **REPORT)

    await pmc.meet("duties", dispatch, report)

    assert [fact.duty.key for fact in await deliveries(pmc, "operation")] == [f"{no}/10", f"{no}/20"]


async def test_material_that_is_issued_in_part_opens_nothing(pmc: Department) -> None:
    no = await dispatched(pmc)
    requisition = await pmc.do(LEADER, "submit_requisition", production_order_no=no)
    await pmc.do(DIRECTOR, "approve_requisition", requisition["no"])

    await pmc.hear(material(no, requisition["no"], complete=False))

    assert await deliveries(pmc, "operation") == []
    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 10), **REPORT) == "material_not_issued"


async def test_the_next_operation_opens_when_the_one_before_is_finished(pmc: Department) -> None:
    no = await supplied(pmc)

    await reported(pmc, no, 10)

    second = (await deliveries(pmc, "operation"))[-1]
    assert (second.duty, second.inputs) == (
        links.operation(no, 20),
        (links.dispatch(no, 20), links.operation(no, 10)),
    )


async def test_a_report_closes_the_operation_and_the_last_one_says_so(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10, good="1", scrap="1")
    await reported(pmc, no, 20)

    first, second = await pmc.facts(OperationFinished.name)
    assert (first.closes, first.last) == ((links.operation(no, 10),), False)  # type: ignore[attr-defined]
    assert (second.last, second.workers, second.team_leader) == (True, (WORKER,), LEADER)  # type: ignore[attr-defined]
    assert (await one(pmc, "production-orders", no))["status"] == "finished"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"good": "3"}, "more_than_ordered"),
        ({"good": "1", "scrap": "1", "rework": "1"}, "more_than_ordered"),
        ({"good": "0"}, "nothing_reported"),
        ({"good": "-1"}, "invalid_input"),
        ({"workers": []}, "invalid_input"),
        ({"waste": [{"item_code": "XX", "quantity": "1"}]}, "not_a_component"),
    ],
)
async def test_a_report_with_a_fault_is_refused(pmc: Department, change: dict[str, object], code: str) -> None:
    no = await supplied(pmc)

    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 10), **{**REPORT, **change}) == code
    assert await pmc.facts(OperationFinished.name) == []


async def test_the_order_of_work_is_kept(pmc: Department) -> None:
    no = await supplied(pmc)

    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 20), **REPORT) == "predecessor_not_finished"


async def test_nothing_is_reported_that_was_not_dispatched_or_is_finished(pmc: Department) -> None:
    no = await in_the_workshop(pmc)
    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 10), **REPORT) == "not_dispatched"
    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 10), team="钣金组", team_leader=LEADER)
    await supply(pmc, no)
    await reported(pmc, no, 10)

    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 10), **REPORT) == "not_dispatched"


async def test_only_the_named_team_leader_reports(pmc: Department) -> None:
    no = await supplied(pmc)

    assert await pmc.refused(OTHER_LEADER, "report_operation", operation_no(no, 10), **REPORT) == "not_your_operation"
    assert await pmc.refused(DIRECTOR, "report_operation", operation_no(no, 10), **REPORT) == "post_not_held"


async def test_waste_costs_what_was_last_paid_and_its_allowance_is_used_up(pmc: Department) -> None:
    no = await supplied(pmc)
    await pmc.hear(purchase("MRL-9", 4))
    spoiled = [{"item_code": "ST-2.0", "quantity": "6", "unit_cost": "4.8"}]

    await reported(pmc, no, 10, waste=[*spoiled, {"item_code": "QF-400", "quantity": "1", "unit_cost": "1"}])
    await reported(pmc, no, 20, waste=spoiled)
    await pmc.hear(final(no, passed=False))
    await reported(pmc, no, 20, waste=[{**spoiled[0], "quantity": "1"}])

    first, second, again = await pmc.facts(OperationFinished.name)
    steel, breaker = first.waste  # type: ignore[attr-defined]
    assert [float(value) for value in (steel.allowance, steel.unit_cost)] == [9.6, 4.8]
    assert float(breaker.unit_cost) == 1150
    assert float(second.waste[0].allowance) == 3.6  # type: ignore[attr-defined]
    assert float(again.waste[0].allowance) == 0  # type: ignore[attr-defined]
    (step,) = [each for each in await shelf(pmc, "operations") if each["no"] == operation_no(no, 20)]
    assert [float(each["quantity"]) for each in step["waste"]] == [6, 1]


async def test_an_item_that_is_told_twice_has_its_allowance_once(pmc: Department) -> None:
    no = await supplied(pmc)
    spoiled = {"item_code": "ST-2.0", "quantity": "6", "unit_cost": "4.8"}

    await reported(pmc, no, 10, waste=[spoiled, spoiled])

    (told,) = await pmc.facts(OperationFinished.name)
    assert [float(each.allowance) for each in told.waste] == [9.6, 3.6]  # type: ignore[attr-defined]


async def test_a_reported_delay_wants_an_answer(pmc: Department) -> None:
    no = await supplied(pmc)

    await pmc.do(
        LEADER,
        "report_operation_delay",
        operation_no(no, 10),
        expected_at="2026-09-09T12:00:00+08:00",
        reason="模具损坏",
    )

    (fact,) = await pmc.facts(OperationDelayReported.name)
    assert fact.assignee == LEADER
    assert (await owes(pmc))[f"delay_response:{no}/10"] == "workshop_director"


async def test_a_new_dispatch_answers_the_delay_and_moves_the_work(pmc: Department) -> None:
    no = await supplied(pmc)
    delay = {"expected_at": "2026-09-09T12:00:00+08:00", "reason": "模具损坏"}
    await pmc.do(LEADER, "report_operation_delay", operation_no(no, 10), **delay)
    again = {"team": "外协组", "team_leader": OTHER_LEADER, "due_at": "2026-09-09T15:00:00+08:00"}

    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 10), **again)

    fact = (await pmc.facts(OperationDispatched.name))[-1]
    assert fact.closes == (links.delay_response(no, 10),)
    delivered = (await deliveries(pmc, "operation"))[-1]
    assert (delivered.attempt, delivered.assignee) == (2, OTHER_LEADER)
    assert (await owes(pmc))[f"operation:{no}/10"] == OTHER_LEADER
    assert f"delay_response:{no}/10" not in await owes(pmc)


async def test_a_delay_is_reported_by_the_named_leader_before_it_happened(pmc: Department) -> None:
    no = await supplied(pmc)
    delay = {"expected_at": "2026-09-09T12:00:00+08:00", "reason": "模具损坏"}
    past = {**delay, "expected_at": "2026-09-01T08:00:00+08:00"}

    assert (
        await pmc.refused(OTHER_LEADER, "report_operation_delay", operation_no(no, 10), **delay) == "not_your_operation"
    )
    assert await pmc.refused(LEADER, "report_operation_delay", operation_no(no, 10), **past) == "due_passed"
    await reported(pmc, no, 10)
    assert await pmc.refused(LEADER, "report_operation_delay", operation_no(no, 10), **delay) == "not_dispatched"


async def test_a_finished_operation_is_not_dispatched_again(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)

    again = {"team": "钣金组", "team_leader": OTHER_LEADER, "due_at": "2026-09-09T15:00:00+08:00"}
    assert await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), **again) == "wrong_status"


@pytest.mark.parametrize("line_no", [None, 1])
async def test_a_stop_work_forbids_dispatch_and_report_until_it_is_lifted(pmc: Department, line_no: int | None) -> None:
    no = await supplied(pmc)
    again = {"team": "钣金组", "team_leader": LEADER}

    await pmc.hear(stop(line_no))

    assert await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), **again) == "work_stopped"
    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 10), **REPORT) == "work_stopped"
    await pmc.hear(resumption())
    assert (await reported(pmc, no, 10))["status"] == "finished"


async def test_a_team_that_could_not_know_that_work_goes_on_has_it_stated(pmc: Department) -> None:
    """Until the word of it comes its reports are refused: that is no time of theirs."""
    await know_the_standards(pmc)
    no, stopped_at = await supplied(pmc), pmc.now
    await pmc.hear(stop())
    await pmc.wait_until(stopped_at + timedelta(days=3))
    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 10), **REPORT) == "work_stopped"

    await pmc.hear(resumption(), said_at=stopped_at + timedelta(hours=1))

    (fact,) = await pmc.facts(WordCameLate.name)
    assert isinstance(fact, WordCameLate)
    assert links.operation(no, 10) in fact.duties
    assert (fact.order_no, fact.said_at) == ("SOD-1", stopped_at + timedelta(hours=1))
    assert fact.heard_at >= stopped_at + timedelta(days=3)


async def test_a_stop_of_another_line_stops_nothing_here(pmc: Department) -> None:
    no = await supplied(pmc)

    await pmc.hear(stop(2))

    assert (await reported(pmc, no, 10))["status"] == "finished"


async def test_a_stop_that_is_heard_after_its_end_is_not_in_force(pmc: Department) -> None:
    no = await supplied(pmc)

    await pmc.hear(resumption())
    await pmc.hear(stop())

    assert (await reported(pmc, no, 10))["status"] == "finished"


async def test_nothing_is_worked_on_for_a_cancelled_order(pmc: Department) -> None:
    no = await supplied(pmc)

    await pmc.hear(cancellation())

    assert await pmc.refused(LEADER, "report_operation", operation_no(no, 10), **REPORT) == "order_cancelled"
    form = {"team": "钣金组", "team_leader": LEADER}
    assert await pmc.refused(DIRECTOR, "dispatch_operation", operation_no(no, 10), **form) == "order_cancelled"
    assert await owes(pmc) == {}
    assert (await one(pmc, "operations", operation_no(no, 10)))["status"] == "cancelled"
