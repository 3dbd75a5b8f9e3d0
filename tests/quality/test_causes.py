"""Quality finds why a customer complained, and an inspector answers only for what they let pass."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.waiting import WaitFor
from contracts.event import DutyRef
from contracts.pmc import ComplaintClosed
from contracts.quality import CauseFound
from contracts.sales import ComplaintKind, ComplaintPassed
from tests.quality.conftest import (
    BOSS,
    COLLEAGUE,
    INSPECTOR,
    MANAGER,
    PASSED,
    arrived,
    finished_goods,
    shelf,
)
from tests.support.departments import Department

CAUSE = {"finding": "端子对调", "cause": "production", "op_no": 60}
ESCAPED = {**CAUSE, "detectable": True, "inspector": INSPECTOR}


def complaint(line_no: int | None = 1) -> ComplaintPassed:
    return ComplaintPassed(
        order_no="SOD-1",
        complaint_no="CCF-1",
        customer_code="C-01",
        line_no=line_no,
        kind=ComplaintKind.QUALITY,
        description="指示灯不亮",
        passed_by="E-001",
    )


def closed() -> ComplaintClosed:
    return ComplaintClosed(order_no="SOD-1", complaint_no="CCF-1", customer_confirmed=True, closed_by="E-020")


async def complained(quality: Department, line_no: int | None = 1) -> None:
    """A complaint about goods that the inspector let pass."""
    await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **PASSED)
    await quality.hear(complaint(line_no))


async def test_a_cause_names_what_was_done_and_who_let_it_pass(quality: Department) -> None:
    await complained(quality)
    await quality.do(MANAGER, "find_cause", "CCF-1", **ESCAPED)

    (fact,) = await quality.facts(CauseFound.name)
    assert isinstance(fact, CauseFound)
    assert (fact.complaint_no, fact.order_no, fact.cause) == ("CCF-1", "SOD-1", "production")
    assert fact.operation == DutyRef(link="operation", key="MO-1/60")
    assert (fact.detectable, fact.inspector, fact.found_by) == (True, INSPECTOR, MANAGER)


async def test_a_cause_that_no_inspection_shows_blames_no_inspector(quality: Department) -> None:
    await complained(quality)
    analysis = await quality.do(INSPECTOR, "find_cause", "CCF-1", **{**CAUSE, "cause": "transport"})

    assert (analysis["status"], analysis["detectable"], analysis["inspector"]) == ("found", False, None)


@pytest.mark.parametrize(
    ("who", "change", "code"),
    [
        (MANAGER, {"inspector": None}, "inspector_missing"),
        (MANAGER, {"inspector": COLLEAGUE}, "passed_by_another"),
        (INSPECTOR, {}, "own_case"),
        (MANAGER, {"cause": "ghosts"}, "invalid_input"),
        (MANAGER, {"finding": ""}, "invalid_input"),
    ],
)
async def test_a_cause_without_ground_is_refused(
    quality: Department, who: str, change: dict[str, Any], code: str
) -> None:
    await complained(quality)

    assert await quality.refused(who, "find_cause", "CCF-1", **{**ESCAPED, **change}) == code
    assert await quality.facts(CauseFound.name) == []


async def test_an_operation_belongs_to_a_production_order(quality: Department) -> None:
    await complained(quality, line_no=None)

    assert await quality.refused(MANAGER, "find_cause", "CCF-1", **ESCAPED) == "operation_unknown"
    await quality.do(MANAGER, "find_cause", "CCF-1", **ESCAPED, production_order_no="MO-7")
    (fact,) = await quality.facts(CauseFound.name)
    assert fact.operation == DutyRef(link="operation", key="MO-7/60")  # type: ignore[attr-defined]


async def test_the_inspector_of_another_line_is_not_blamed(quality: Department) -> None:
    await complained(quality, line_no=2)

    assert await quality.refused(MANAGER, "find_cause", "CCF-1", **ESCAPED) == "passed_by_another"


async def test_a_complaint_about_the_whole_order_concerns_every_line(quality: Department) -> None:
    await complained(quality, line_no=None)

    cause = {**ESCAPED, "op_no": None}
    assert (await quality.do(BOSS, "find_cause", "CCF-1", **cause))["inspector"] == INSPECTOR


async def test_whoever_passed_the_material_answers_for_its_lot(quality: Department) -> None:
    await quality.do(INSPECTOR, "inspect_incoming", await arrived(quality), **PASSED)
    await quality.hear(complaint())

    cause = {**ESCAPED, "op_no": None}
    assert await quality.refused(MANAGER, "find_cause", "CCF-1", **cause, lot="LOT-9") == "passed_by_another"
    assert (await quality.do(MANAGER, "find_cause", "CCF-1", **cause, lot="LOT-1"))["lot"] == "LOT-1"


async def test_the_database_keeps_an_inspector_from_their_own_case(quality: Department) -> None:
    await complained(quality)
    await quality.do(MANAGER, "find_cause", "CCF-1", **ESCAPED)

    with pytest.raises(IntegrityError, match="cause_analyses_found_by_another"):
        async with quality.engine.begin() as connection:
            await connection.execute(text("UPDATE cause_analyses SET found_by = inspector"))


async def test_a_cause_is_found_once(quality: Department) -> None:
    await complained(quality)
    await quality.do(MANAGER, "find_cause", "CCF-1", **ESCAPED)

    assert await quality.refused(MANAGER, "find_cause", "CCF-1", **ESCAPED) == "wrong_status"


async def test_a_closed_complaint_needs_no_cause_any_more(quality: Department) -> None:
    await complained(quality)
    await quality.hear(closed())

    assert (await shelf(quality, "cause-analyses"))[0]["status"] == "cancelled"
    assert await quality.refused(MANAGER, "find_cause", "CCF-1", **ESCAPED) == "wrong_status"


async def test_closing_leaves_a_found_cause_as_it_is(quality: Department) -> None:
    await complained(quality)
    await quality.do(MANAGER, "find_cause", "CCF-1", **ESCAPED)
    await quality.hear(closed())

    assert (await shelf(quality, "cause-analyses"))[0]["status"] == "found"


async def test_a_closing_waits_for_its_complaint(quality: Department) -> None:
    with pytest.raises(WaitFor) as missing:
        await quality.hear(closed())

    assert missing.value.thing == ("complaint", "CCF-1")
