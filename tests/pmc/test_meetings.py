"""A meeting is announced before it is held; its minutes are written once, afterwards, by whoever is to write them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts import links
from contracts.event import Event
from contracts.pmc import HandoverDelivered, MeetingAnnounced, MeetingCalledOff, MinutesRecorded
from tests.pmc.conftest import CONTROLLER, DIRECTOR, LEADER, MANAGER, PLANNER, WORKER, contract, one, owes
from tests.support.departments import MORNING, Department

pytestmark = pytest.mark.asyncio
HELD_AT = MORNING + timedelta(days=1)
MEETING: dict[str, Any] = {
    "topic": "周产销协调会",
    "agenda": "一、欠料;二、下周排产",
    "held_at": HELD_AT.isoformat(),
    "venue": "二楼会议室",
    "participants": [PLANNER, CONTROLLER, DIRECTOR],
    "minute_taker": CONTROLLER,
}
DECISION = {"decision": "断路器改由备选供应商供货", "responsible": PLANNER, "due_on": "2026-09-10"}
MINUTES = {"decisions": [DECISION]}


async def the_only(pmc: Department, kind: type[Event]) -> Any:
    (fact,) = await pmc.facts(kind.name)
    return fact


async def announced(pmc: Department, **changes: Any) -> str:
    return str((await pmc.do(PLANNER, "announce_meeting", **{**MEETING, **changes}))["no"])


async def test_a_meeting_puts_its_minutes_on_the_minute_takers_worklist_from_when_it_is_held(pmc: Department) -> None:
    no = await announced(pmc)

    fact, delivered = await the_only(pmc, MeetingAnnounced), await the_only(pmc, HandoverDelivered)
    assert (fact.meeting_no, fact.minute_taker, fact.held_at) == (no, CONTROLLER, HELD_AT)
    assert (delivered.duty, delivered.post, delivered.assignee, delivered.terms.starts_at) == (
        links.minutes(no),
        "material_controller",
        CONTROLLER,
        HELD_AT,
    )
    assert await owes(pmc) == {f"minutes:{no}": CONTROLLER}
    async with pmc.as_(CONTROLLER) as client:
        (row,) = (await client.get("/api/worklist")).json()
    assert datetime.fromisoformat(row["opened_at"]) == HELD_AT


async def test_minutes_are_recorded_once_after_the_meeting_by_whoever_is_to_write_them(pmc: Department) -> None:
    no = await announced(pmc)
    assert await pmc.refused(CONTROLLER, "record_minutes", no, **MINUTES) == "meeting_not_held"
    await pmc.wait_until(HELD_AT)

    assert await pmc.refused(DIRECTOR, "record_minutes", no, **MINUTES) == "not_minute_taker"
    assert await pmc.refused(CONTROLLER, "record_minutes", no) == "nothing_decided"
    unknown = {"decisions": [{**DECISION, "responsible": "E-404"}]}
    assert await pmc.refused(CONTROLLER, "record_minutes", no, **unknown) == "unknown_employee"
    assert await pmc.refused(PLANNER, "call_off_meeting", no, reason="没有开") == "meeting_held"
    assert await pmc.facts(MinutesRecorded.name, MeetingCalledOff.name) == []
    await pmc.do(CONTROLLER, "record_minutes", no, **MINUTES)
    assert await pmc.refused(MANAGER, "record_minutes", no, **MINUTES) == "wrong_status"

    fact = await the_only(pmc, MinutesRecorded)
    assert (fact.meeting_no, fact.recorded_by, fact.closes) == (no, CONTROLLER, (links.minutes(no),))
    assert [each.model_dump(mode="json") for each in fact.decisions] == [DECISION]
    assert await owes(pmc) == {}


async def test_the_manager_may_record_that_nothing_was_decided(pmc: Department) -> None:
    no = await announced(pmc)
    await pmc.wait_until(HELD_AT)

    await pmc.do(MANAGER, "record_minutes", no, remark="没有形成决议")

    fact = await the_only(pmc, MinutesRecorded)
    assert (fact.decisions, fact.remark, fact.assignee, fact.recorded_by) == ((), "没有形成决议", CONTROLLER, MANAGER)


async def test_a_meeting_that_is_called_off_before_it_is_held_owes_no_minutes(pmc: Department) -> None:
    no = await announced(pmc)
    assert await pmc.refused(CONTROLLER, "call_off_meeting", no, reason="改期") == "post_not_held"

    await pmc.do(DIRECTOR, "call_off_meeting", no, reason="改期")

    fact = await the_only(pmc, MeetingCalledOff)
    assert (fact.meeting_no, fact.reason, fact.closes) == (no, "改期", (links.minutes(no),))
    assert (await one(pmc, "meetings", no))["status"] == "called_off"
    assert await owes(pmc) == {}
    assert await pmc.refused(MANAGER, "call_off_meeting", no, reason="再来") == "wrong_status"


async def test_a_meeting_is_announced_before_to_people_who_are_known_and_can_write_its_minutes(pmc: Department) -> None:
    await pmc.employ(worker=WORKER)
    refusals: list[tuple[str, dict[str, Any], str]] = [
        (PLANNER, {"held_at": MORNING.isoformat()}, "meeting_past"),
        (PLANNER, {"participants": [CONTROLLER, "E-404"]}, "unknown_employee"),
        (PLANNER, {"minute_taker": LEADER}, "not_a_participant"),
        (PLANNER, {"participants": [WORKER], "minute_taker": WORKER}, "writes_elsewhere"),
        (PLANNER, {"order_no": "SOD-404"}, "not_found"),
        (PLANNER, {"agenda": " "}, "invalid_input"),
        (LEADER, {}, "post_not_held"),
    ]
    for by, changes, code in refusals:
        assert await pmc.refused(by, "announce_meeting", **{**MEETING, **changes}) == code
    assert await pmc.facts(MeetingAnnounced.name) == []


async def test_a_meeting_about_an_order_stands_on_the_orders_timeline(pmc: Department) -> None:
    await pmc.hear(contract())

    no = await announced(pmc, order_no="SOD-1", participants=[CONTROLLER, CONTROLLER])

    delivered = [each for each in await pmc.facts(HandoverDelivered.name) if isinstance(each, HandoverDelivered)]
    assert ("SOD-1", links.minutes(no)) in [(each.order_no, each.duty) for each in delivered]
    assert (await one(pmc, "meetings", no))["participants"] == [CONTROLLER]
