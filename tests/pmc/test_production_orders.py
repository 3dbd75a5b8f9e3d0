"""The workshop hears what to make, from when, and each operation by when."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.event import DutyRef
from contracts.pmc import HandoverDelivered, ProductionOrderIssued
from contracts.quality import (
    AuthorityRefused,
    ConcessionRequested,
    DispositionDecided,
    DispositionOvertaken,
    OutgoingInspected,
)
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    DIRECTOR,
    LEADER,
    MANAGER,
    OTHER_LEADER,
    PLANNER,
    booked,
    cancellation,
    final,
    in_the_workshop,
    one,
    outgoing,
    owes,
    planned,
    reported,
    shelf,
    supplied,
)
from tests.support.departments import Department
from tests.support.worklists import rows

pytestmark = pytest.mark.asyncio
HOUR = timedelta(hours=1)
LATER = "2026-09-09T12:00:00+08:00"


async def test_issuing_states_operations_components_and_weight(pmc: Department) -> None:
    await in_the_workshop(pmc)

    (fact,) = await pmc.facts(ProductionOrderIssued.name)
    assert isinstance(fact, ProductionOrderIssued)
    assert fact.closes == (links.production_order("SOD-1", 1),)
    assert (fact.quantity, fact.unit_weight_kg) == (Decimal(2), Decimal(420))
    assert [(each.op_no, each.predecessor, each.standard_hours) for each in fact.operations] == [
        (10, None, Decimal(6)),
        (20, 10, Decimal(10)),
    ]
    steel = fact.components[0]
    assert (steel.item_code, steel.required, steel.allowance) == ("ST-2.0", Decimal(192), Decimal("9.6"))


async def test_due_times_run_forward_from_the_start(pmc: Department) -> None:
    no = await in_the_workshop(pmc)

    due = [each["due_at"] for each in (await shelf(pmc, "operations"))[::-1]]
    assert due == ["2026-09-07T07:00:00Z", "2026-09-08T09:00:00Z"]
    assert (await one(pmc, "production-orders", no))["due_at"] == due[-1]


async def test_the_planner_may_set_due_times(pmc: Department) -> None:
    _, no = await planned(pmc)
    given = [{"op_no": 10, "due_at": "2026-09-08T15:00:00+08:00"}]

    await pmc.do(PLANNER, "issue_production_order", no, start_on="2026-09-07", operations=given)

    due = [each["due_at"] for each in (await shelf(pmc, "operations"))[::-1]]
    assert due == ["2026-09-08T07:00:00Z", "2026-09-09T09:00:00Z"]


async def test_the_director_owes_every_dispatch(pmc: Department) -> None:
    no = await in_the_workshop(pmc)

    delivered = [fact for fact in await pmc.facts(HandoverDelivered.name) if fact.post == "workshop_director"]  # type: ignore[attr-defined]
    assert [fact.duty for fact in delivered] == [links.dispatch(no, 10), links.dispatch(no, 20)]  # type: ignore[attr-defined]
    assert {fact.inputs for fact in delivered} == {(links.production_order("SOD-1", 1),)}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "invalid_input"),
        ({"start_on": "2026-08-31"}, "date_passed"),
        (
            {"start_on": "2026-09-07", "operations": [{"op_no": 15, "due_at": "2026-09-08T15:00:00Z"}]},
            "no_such_operation",
        ),
        (
            {"start_on": "2026-09-07", "operations": [{"op_no": 20, "due_at": "2026-09-07T10:00:00+08:00"}]},
            "due_too_early",
        ),
        (
            {"start_on": "2026-09-07", "operations": [{"op_no": 10, "due_at": "2026-09-04T10:00:00+08:00"}]},
            "due_too_early",
        ),
    ],
)
async def test_an_impossible_plan_is_refused(pmc: Department, form: dict[str, object], code: str) -> None:
    _, no = await planned(pmc)

    assert await pmc.refused(PLANNER, "issue_production_order", no, **form) == code
    assert await pmc.facts(ProductionOrderIssued.name) == []


async def test_only_the_planner_issues_it_and_once(pmc: Department) -> None:
    _, no = await planned(pmc)

    assert await pmc.refused(DIRECTOR, "issue_production_order", no, start_on="2026-09-07") == "post_not_held"
    await pmc.do(PLANNER, "issue_production_order", no, start_on="2026-09-07")
    assert await pmc.refused(PLANNER, "issue_production_order", no, start_on="2026-09-07") == "wrong_status"


async def test_nothing_is_made_for_a_cancelled_order(pmc: Department) -> None:
    _, no = await planned(pmc)
    await pmc.hear(cancellation())

    assert await pmc.refused(PLANNER, "issue_production_order", no, start_on="2026-09-07") == "order_cancelled"
    assert await owes(pmc) == {}


async def test_failed_goods_send_the_last_operation_back(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)

    await pmc.hear(final(no, passed=False))

    assert (await one(pmc, "operations", operation_no(no, 20)))["status"] == "reopened"
    last = (await pmc.facts(HandoverDelivered.name))[-1]
    assert (last.duty, last.attempt) == (links.operation(no, 20), 2)  # type: ignore[attr-defined]
    assert last.inputs == (links.final_inspection(no),)  # type: ignore[attr-defined]
    assert (await reported(pmc, no, 20))["status"] == "finished"


async def in_store(pmc: Department) -> str:
    """The number of a production order whose two pieces are booked."""
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)
    await pmc.hear(booked(no))
    return no


async def test_goods_that_fail_before_they_leave_go_back_to_the_workshop_and_are_booked_once(pmc: Department) -> None:
    no = await in_store(pmc)

    await pmc.hear(outgoing(passed=False))

    assert (await one(pmc, "production-orders", no))["status"] == "issued"
    assert f"operation:{no}/20" in await owes(pmc)
    last = (await pmc.facts(HandoverDelivered.name))[-1]
    assert (last.duty, last.attempt) == (links.operation(no, 20), 2)  # type: ignore[attr-defined]
    assert last.inputs == (links.outgoing_qa("SHN-1"),)  # type: ignore[attr-defined]
    await reported(pmc, no, 20, good="1")
    order = await one(pmc, "production-orders", no)
    assert (order["status"], order["good"], order["received"]) == ("closed", "2.000000", "2.000000")
    assert f"operation:{no}/20" not in await owes(pmc)


async def test_goods_that_pass_before_they_leave_go_nowhere_else(pmc: Department) -> None:
    no = await in_store(pmc)

    await pmc.hear(outgoing(passed=True))

    assert (await one(pmc, "production-orders", no))["status"] == "closed"
    assert f"operation:{no}/20" not in await owes(pmc)


async def test_nothing_is_reworked_for_a_cancelled_order(pmc: Department) -> None:
    await in_store(pmc)
    await pmc.hear(cancellation())

    await pmc.hear(outgoing(passed=False))

    assert await owes(pmc) == {}


async def test_goods_that_leave_by_concession_are_not_reworked(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False))

    await pmc.hear(outgoing(passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    assert (await one(pmc, "production-orders", no))["status"] == "closed"
    assert (await one(pmc, "operations", operation_no(no, 20)))["status"] == "finished"
    assert f"operation:{no}/20" not in await owes(pmc)


def other_notice(**changes: Any) -> OutgoingInspected:
    return outgoing(**changes).model_copy(update={"notice_no": "SHN-2", "inspection_no": "QAR-2"})


async def test_a_concession_on_the_goods_of_one_notice_leaves_the_rework_of_the_others(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False))
    await pmc.hear(other_notice(passed=False))

    await pmc.hear(outgoing(passed=True, concession_no="NCD-1"))

    assert f"operation:{no}/20" in await owes(pmc)
    assert (await reported(pmc, no, 20))["status"] == "finished"


@pytest.mark.parametrize("again", [True, False])
async def test_a_failure_that_is_heard_before_an_earlier_concession_is_reworked_all_the_same(
    pmc: Department, again: bool
) -> None:
    """Quality recorded the concession first, when nothing else had failed."""
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False))
    await pmc.hear(other_notice(passed=False))

    await pmc.hear(outgoing(passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    last = (await pmc.facts(HandoverDelivered.name))[-1]
    assert (last.attempt, last.inputs) == (3, (links.outgoing_qa("SHN-2"),))  # type: ignore[attr-defined]
    if again:
        assert (await reported(pmc, no, 20))["status"] == "finished"
    else:
        await pmc.hear(other_notice(passed=True, concession_no="NCD-2", closes=(links.operation(no, 20),)))
    assert (await one(pmc, "production-orders", no))["status"] == "closed"
    assert f"operation:{no}/20" not in await owes(pmc)


async def test_a_concession_that_is_heard_before_the_failure_of_others_leaves_their_rework(pmc: Department) -> None:
    """Quality had recorded that failure when the concession was granted."""
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False))
    await pmc.hear(outgoing(passed=True, concession_no="NCD-1"))
    await pmc.hear(other_notice(passed=False))
    assert f"operation:{no}/20" in await owes(pmc)

    await pmc.hear(other_notice(passed=True, concession_no="NCD-2", closes=(links.operation(no, 20),)))

    assert (await one(pmc, "production-orders", no))["status"] == "closed"
    assert f"operation:{no}/20" not in await owes(pmc)


async def test_the_last_concession_ends_the_rework_though_one_before_it_is_heard_later(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False), said_at=pmc.now - 3 * HOUR)
    await pmc.hear(other_notice(passed=False), said_at=pmc.now - 3 * HOUR)

    await pmc.hear(other_notice(passed=True, concession_no="NCD-2", closes=(links.operation(no, 20),)))
    await pmc.hear(outgoing(passed=True, concession_no="NCD-1"), said_at=pmc.now - HOUR)

    assert (await one(pmc, "production-orders", no))["status"] == "closed"
    assert f"operation:{no}/20" not in await owes(pmc)


async def test_a_failure_told_after_its_concession_adds_nothing_to_the_rework_of_others(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False))
    await pmc.hear(other_notice(passed=True, concession_no="NCD-2"))

    await pmc.hear(other_notice(passed=False), said_at=pmc.now - HOUR)
    assert f"operation:{no}/20" in await owes(pmc)
    await pmc.hear(outgoing(passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    assert (await one(pmc, "production-orders", no))["status"] == "closed"
    assert f"operation:{no}/20" not in await owes(pmc)


async def test_rework_that_is_given_out_anew_waited_for_the_look_that_failed(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)
    await pmc.hear(final(no, passed=False))

    form = {"team": "装配二组", "team_leader": OTHER_LEADER, "due_at": LATER}
    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 20), **form)

    anew = (await pmc.facts(HandoverDelivered.name))[-1]
    assert (anew.attempt, anew.inputs) == (3, (links.final_inspection(no),))  # type: ignore[attr-defined]


async def test_goods_that_are_received_by_concession_are_not_reworked(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)
    await pmc.hear(final(no, passed=False))
    await pmc.do(LEADER, "report_operation_delay", operation_no(no, 20), expected_at=LATER, reason="等料")

    await pmc.hear(final(no, passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    assert (await one(pmc, "production-orders", no))["good"] == "2.000000"
    assert not {f"operation:{no}/20", f"delay_response:{no}/20"} & (await owes(pmc)).keys()
    await pmc.hear(booked(no))
    assert (await one(pmc, "production-orders", no))["status"] == "closed"


async def test_a_failure_told_after_its_concession_sends_nothing_back(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)
    await pmc.hear(final(no, passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    await pmc.hear(final(no, passed=False), said_at=pmc.now - HOUR)

    order = await one(pmc, "production-orders", no)
    assert (order["status"], order["good"]) == ("finished", "2.000000")
    assert f"operation:{no}/20" not in await owes(pmc)
    await pmc.hear(booked(no))
    assert (await one(pmc, "production-orders", no))["status"] == "closed"


async def test_a_failure_told_after_the_concession_by_which_goods_left_sends_nothing_back(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    await pmc.hear(outgoing(passed=False), said_at=pmc.now - HOUR)

    assert (await one(pmc, "production-orders", no))["status"] == "closed"
    assert f"operation:{no}/20" not in await owes(pmc)


async def test_of_one_moment_the_concession_is_the_later_word(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    await pmc.hear(outgoing(passed=False))

    assert f"operation:{no}/20" not in await owes(pmc)


async def test_a_concession_told_after_a_later_failure_takes_nothing_back(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False))

    late = outgoing(passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),))
    await pmc.hear(late, said_at=pmc.now - HOUR)

    assert f"operation:{no}/20" in await owes(pmc)


async def test_goods_that_fail_again_after_their_rework_go_back_again(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=False))
    await reported(pmc, no, 20)

    await pmc.hear(outgoing(passed=False), said_at=pmc.now + HOUR)

    assert f"operation:{no}/20" in await owes(pmc)


async def test_the_concession_for_one_notice_says_nothing_of_another(pmc: Department) -> None:
    no = await in_store(pmc)
    await pmc.hear(outgoing(passed=True, concession_no="NCD-1", closes=(links.operation(no, 20),)))

    await pmc.hear(other_notice(passed=False), said_at=pmc.now - HOUR)

    assert f"operation:{no}/20" in await owes(pmc)


async def test_passed_goods_leave_the_operation_finished(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)

    await pmc.hear(final(no, passed=True))

    assert (await one(pmc, "production-orders", no))["status"] == "finished"


async def test_the_order_is_closed_when_every_good_piece_is_booked(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)

    await pmc.hear(booked(no, 1))
    assert (await one(pmc, "production-orders", no))["status"] == "finished"
    await pmc.hear(booked(no, 1))
    assert (await one(pmc, "production-orders", no))["status"] == "closed"


async def test_an_inspection_of_an_unknown_order_waits(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(final("MO-X", passed=True))


@pytest.mark.parametrize("granted", [True, False])
async def test_a_team_does_not_have_to_hurry_while_a_concession_is_undecided(pmc: Department, granted: bool) -> None:
    no, team = await made(pmc)
    await pmc.hear(final(no, passed=False))
    answer = links.concession("NCD-1")

    await pmc.hear(asked(team))
    assert (await rows(pmc, MANAGER))[str(team)]["paused_at"]

    over: dict[str, Any] = {"order_no": "SOD-1", "closes": (answer,), "resumes": (team,)}
    if granted:
        decided = {"disposition_no": "NCD-1", "disposition": "concession", "decided_by": "E-051"}
        await pmc.hear(DispositionDecided(**over, **decided, **GOODS))
    else:
        why = {"document_no": "NCD-1", "authority": "refuse_concession", "reason": "x", "refused_by": "E-051"}
        await pmc.hear(AuthorityRefused(**over, **why))
    assert (await rows(pmc, MANAGER))[str(team)]["paused_at"] is None


GOODS: dict[str, Any] = {"inspection_no": "FQC-1", "lot": "FG-1", "item_code": "P-GGD", "quantity": 2, "defect": "x"}


def asked(team: DutyRef) -> ConcessionRequested:
    return ConcessionRequested(order_no="SOD-1", disposition_no="NCD-1", requested_by="E-050", pauses=(team,), **GOODS)


async def made(pmc: Department) -> tuple[str, DutyRef]:
    """The production order whose operations are done, and the last of them."""
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await reported(pmc, no, 20)
    return no, links.operation(no, 20)


async def test_an_answer_that_overtakes_the_question_for_a_concession_stops_no_clock(pmc: Department) -> None:
    no, team = await made(pmc)
    await pmc.hear(final(no, passed=False))
    why = {"document_no": "NCD-1", "authority": "refuse_concession", "reason": "x", "refused_by": "E-051"}

    over = {"closes": (links.concession("NCD-1"),), "resumes": (team,)}
    await pmc.hear(AuthorityRefused(order_no="SOD-1", **over, **why))
    await pmc.hear(asked(team))

    assert (await rows(pmc, MANAGER))[str(team)]["paused_at"] is None


async def test_a_question_that_overtakes_the_failure_stops_the_clock_from_the_start(pmc: Department) -> None:
    no, team = await made(pmc)

    await pmc.hear(asked(team))
    await pmc.hear(final(no, passed=False))

    assert (await rows(pmc, MANAGER))[str(team)]["paused_at"]


async def test_whoever_is_named_anew_waits_for_the_concession_as_well(pmc: Department) -> None:
    no, team = await made(pmc)
    await pmc.hear(final(no, passed=False))
    await pmc.hear(asked(team))

    again = {"team": "装配", "team_leader": OTHER_LEADER, "due_at": LATER}
    await pmc.do(DIRECTOR, "dispatch_operation", operation_no(no, 20), **again)

    assert (await rows(pmc, MANAGER))[str(team)]["paused_at"]


@pytest.mark.parametrize("heard", ["before the question", "after it"])
async def test_a_question_on_goods_that_came_back_reworked_stops_no_clock_when_they_fail_anew(
    pmc: Department, heard: str
) -> None:
    no, team = await made(pmc)
    await pmc.hear(final(no, passed=False))
    over = {"closes": (links.concession("NCD-1"),), "resumes": (team,)}
    overtaken = DispositionOvertaken(
        order_no="SOD-1", disposition_no="NCD-1", inspection_no="FQC-1", overtaken_by="FQC-2", **over
    )
    told = [asked(team), overtaken]
    for fact in told if heard == "after it" else reversed(told):
        await pmc.hear(fact)
    await reported(pmc, no, 20)

    await pmc.hear(final(no, passed=False))

    assert (await rows(pmc, MANAGER))[str(team)]["paused_at"] is None
