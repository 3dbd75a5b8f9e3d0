"""Engineering stops work that departs from its data, and says when it may go on."""

import pytest

from contracts.engineering import WorkResumed, WorkStopped
from tests.engineering.conftest import ENGINEER, MANAGER, cancellation, contract, owed, shelf
from tests.support.departments import Department

REASON = {"reason": "板厚与图纸不符"}


async def stopped(engineering: Department) -> str:
    await owed(engineering)
    return str((await engineering.do(ENGINEER, "stop_work", order_no="SOD-1", line_no=1, **REASON))["no"])


async def test_a_stop_and_its_end_are_stated(engineering: Department) -> None:
    no = await stopped(engineering)
    await engineering.do(MANAGER, "resume_work", no, reason="已换板")

    stop, end = await engineering.facts(WorkStopped.name, WorkResumed.name)
    assert isinstance(stop, WorkStopped)
    assert isinstance(end, WorkResumed)
    assert (stop.stop_no, stop.order_no, stop.line_no, stop.stopped_by) == (no, "SOD-1", 1, ENGINEER)
    assert (end.stop_no, end.line_no, end.resumed_by) == (no, 1, MANAGER)


async def test_work_is_resumed_once(engineering: Department) -> None:
    no = await stopped(engineering)
    await engineering.do(ENGINEER, "resume_work", no, reason="已换板")

    assert await engineering.refused(ENGINEER, "resume_work", no, reason="已换板") == "wrong_status"


async def test_the_same_work_is_not_stopped_twice(engineering: Department) -> None:
    await stopped(engineering)

    assert await engineering.refused(ENGINEER, "stop_work", order_no="SOD-1", line_no=1, **REASON) == "already_stopped"
    assert (await engineering.do(ENGINEER, "stop_work", order_no="SOD-1", **REASON))["line_no"] is None


async def test_a_stopped_order_holds_each_of_its_lines(engineering: Department) -> None:
    await owed(engineering)
    await engineering.do(ENGINEER, "stop_work", order_no="SOD-1", **REASON)

    assert await engineering.refused(ENGINEER, "stop_work", order_no="SOD-1", line_no=1, **REASON) == "already_stopped"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"order_no": "SOD-9"}, "unknown_order"),
        ({"order_no": "SOD-1", "line_no": 7}, "no_such_line"),
        ({"order_no": "SOD-1", "line_no": 0}, "invalid_input"),
        ({"order_no": "SOD-1", "reason": ""}, "invalid_input"),
    ],
)
async def test_a_stop_with_a_fault_is_refused(engineering: Department, form: dict[str, object], code: str) -> None:
    await owed(engineering)

    assert await engineering.refused(ENGINEER, "stop_work", **{**REASON, **form}) == code
    assert await engineering.facts(WorkStopped.name) == []


async def test_an_order_outside_the_factory_has_no_work_to_stop(engineering: Department) -> None:
    await engineering.hear(contract())

    assert await engineering.refused(ENGINEER, "stop_work", order_no="SOD-1", **REASON) == "order_not_released"


async def test_a_cancelled_order_ends_its_stops_and_takes_no_new_one(engineering: Department) -> None:
    no = await stopped(engineering)
    await engineering.hear(cancellation())

    assert (await shelf(engineering, "work-stops"))[0]["status"] == "cancelled"
    assert await engineering.refused(ENGINEER, "resume_work", no, reason="已换板") == "wrong_status"
    assert await engineering.refused(ENGINEER, "stop_work", order_no="SOD-1", **REASON) == "order_cancelled"
