"""Goods that came back reworked are decided on by the look after that, whatever nobody had decided before."""

from decimal import Decimal
from typing import Any

import pytest

from contracts import links
from contracts.event import Event
from contracts.quality import DispositionOvertaken, FinalInspected, OutgoingInspected
from tests.quality.conftest import (
    FAILED,
    INSPECTOR,
    MANAGER,
    PASSED,
    finished,
    finished_goods,
    instructed,
    newest,
    owes,
    shelf,
)
from tests.support.departments import Department
from tests.support.worklists import struck


async def asked_for_goods_of_our_own(quality: Department, stage: str) -> str:
    """The number of a form by which a concession is asked for, on goods that failed when finished or before they left."""
    goods = await (finished_goods if stage == "final" else instructed)(quality)
    no = (await quality.do(INSPECTOR, f"inspect_{stage}", goods, **FAILED))["disposition_no"]
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="concession", remark="只差外观")
    return str(no)


@pytest.mark.parametrize(
    ("stage", "looked", "again"),
    [("final", FinalInspected, None), ("final", FinalInspected, FAILED), ("outgoing", OutgoingInspected, PASSED)],
)
async def test_a_concession_on_goods_that_came_back_reworked_is_granted_by_nobody(
    quality: Department, stage: str, looked: type[Event], again: dict[str, Any] | None
) -> None:
    """Passed twice they would be booked twice, and what failed anew for another reason would pass."""
    no = await asked_for_goods_of_our_own(quality, stage)

    await quality.hear(finished())

    newer = await newest(quality, f"{stage}-inspections")
    (overtaken,) = await quality.facts(DispositionOvertaken.name)
    assert (overtaken.closes, overtaken.resumes) == ((links.concession(no),), (links.operation("MO-1", 20),))
    assert (overtaken.disposition_no, overtaken.overtaken_by) == (no, newer)  # type: ignore[attr-defined]
    assert f"concession:{no}" not in await owes(quality)
    assert "came back reworked" in (await struck(quality, MANAGER))[f"concession:{no}"]
    if again:
        await quality.do(INSPECTOR, f"inspect_{stage}", newer, **again)
    for command in ("grant_concession", "decline_concession"):
        answer = await quality.attempt(MANAGER, command, no, remark="可用")
        assert (answer.json()["code"], newer in answer.json()["detail"]) == ("overtaken", True)
    *_, last = await quality.facts(looked.name)
    assert (last.concession_no, last.passed) == (None, again is PASSED)  # type: ignore[attr-defined]


async def test_goods_that_came_back_before_anybody_decided_want_no_decision(quality: Department) -> None:
    inspection = await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **FAILED)
    no = inspection["disposition_no"]

    await quality.hear(finished())

    form = next(each for each in await shelf(quality, "dispositions") if each["no"] == no)
    assert (form["status"], form["overtaken_by"]) == ("overtaken", await newest(quality, "final-inspections"))
    (fact,) = await quality.facts(DispositionOvertaken.name)
    assert (fact.closes, fact.resumes) == ((), ())
    for disposition in ("concession", "rework", "scrap"):
        refused = await quality.refused(INSPECTOR, "decide_disposition", no, disposition=disposition)
        assert refused == "overtaken"


async def test_where_the_rework_spoiled_every_piece_nothing_is_left_to_look_at_or_to_accept(
    quality: Department,
) -> None:
    no = await asked_for_goods_of_our_own(quality, "final")

    await quality.hear(finished().model_copy(update={"good": Decimal(0), "scrap": Decimal(2)}))

    assert await owes(quality) == []
    (fact,) = await quality.facts(DispositionOvertaken.name)
    assert fact.overtaken_by == "MO-1"  # type: ignore[attr-defined]
    assert await quality.refused(MANAGER, "grant_concession", no, remark="可用") == "overtaken"


@pytest.mark.parametrize("stage", ["final", "outgoing"])
async def test_goods_that_were_accepted_before_the_teams_report_is_heard_are_no_new_goods(
    quality: Department, stage: str
) -> None:
    """The team had not heard of the concession and reported the same pieces once more; they passed, and are there."""
    no = await asked_for_goods_of_our_own(quality, stage)
    await quality.do(MANAGER, "grant_concession", no, remark="可用")

    await quality.hear(finished())

    assert await owes(quality) == []
    assert await quality.facts(DispositionOvertaken.name) == []


async def test_what_was_decided_before_the_goods_came_back_stays_decided(quality: Department) -> None:
    inspection = await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **FAILED)
    await quality.do(INSPECTOR, "decide_disposition", inspection["disposition_no"], disposition="rework")

    await quality.hear(finished())

    assert (await shelf(quality, "dispositions"))[0]["status"] == "decided"
    assert await quality.facts(DispositionOvertaken.name) == []
    assert await owes(quality) == ["final_inspection:MO-1"]


async def test_a_concession_and_the_report_of_the_rework_at_once_let_the_goods_pass_once(quality: Department) -> None:
    no = await asked_for_goods_of_our_own(quality, "final")

    await quality.meet(
        "dispositions", quality.attempt(MANAGER, "grant_concession", no, remark="可用"), quality.hear(finished())
    )

    passed = [fact for fact in await quality.facts(FinalInspected.name) if fact.passed]  # type: ignore[attr-defined]
    owed = "final_inspection:MO-1" in await owes(quality)
    assert (len(passed), owed) in {(1, False), (0, True)}


async def test_goods_that_passed_are_not_looked_at_again_by_a_further_report(quality: Department) -> None:
    await quality.do(INSPECTOR, "inspect_outgoing", await instructed(quality), **PASSED)

    await quality.hear(finished())

    assert await owes(quality) == []
