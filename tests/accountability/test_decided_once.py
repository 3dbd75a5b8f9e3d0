"""What was decided on an appeal or an objection is not undone by doing the same once more, whoever does it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contracts.accountability import CompensationNotified, Sanction
from services.accountability.judge.verdicts import RecordProposal
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, Court, court, heavy, proposed
from tests.accountability.owing import EFFECT, FAULT, find_fault, notify, owed, worth
from tests.accountability.test_appeals import ANEW, REDUCED, appealed
from tests.accountability.test_matters import breaches
from tests.accountability.test_record_pages import opened, words

LATER = "2026-09-20 09:00"
REDUCE: dict[str, Any] = {"outcome": "reduce", "objection_reduced_to": "1500", "reason": "称重单属实"}
REVOKE: dict[str, Any] = {"outcome": "revoke", "reason": "没有过失"}


def both() -> RecordProposal:
    """A major demerit and CNY 4,000."""
    return replace(owed(), sanction=Sanction.MAJOR_DEMERIT)


async def objected(it: Court, decision: dict[str, Any], **fault: Any) -> str:
    """The general manager found it, HR notified it, and a third decided, all within the time to appeal; its number."""
    found = await find_fault(it, **fault)
    await it.at(AFTER)
    await it.do(HR, "issue_record", reason="属实")
    await notify(it, found["no"])
    await it.office.do(PERSON, "object_to_compensation", found["no"], objection="叉车未超载")
    await it.office.employ(hr=OTHER)
    await it.office.do(OTHER, "decide_objection", found["no"], **decision)
    return str(found["no"])


async def test_what_was_revoked_on_objection_is_found_by_nobody_again() -> None:
    async with court(owed()) as it:
        await objected(it, REVOKE)

        for finder in (BOSS, HR):
            assert await it.office.refused(finder, "find_fault", record_no=it.no, **FAULT) == "nothing_left"
        assert "有无故意或重大过失" not in await words(it, HR)
        await it.at(EFFECT)
        assert "Nothing is payable: an authority decided so." in await words(it, PERSON, "en")
        assert "无须赔付:有权人已决定不赔。" in await words(it, PERSON, "zh")


async def test_what_an_objection_left_is_the_most_that_is_payable_when_it_is_found_anew() -> None:
    async with court(owed()) as it:
        no = await objected(it, REDUCE, share_percent="50")
        await it.office.do(BOSS, "withdraw_compensation", no, reason="…")

        await notify(it, (await find_fault(it))["no"])

        told = [fact for fact in await it.facts(CompensationNotified) if isinstance(fact, CompensationNotified)]
        assert [fact.amount for fact in told] == [Decimal("2000.00"), Decimal("1500.00")]


@pytest.mark.parametrize(("decision", "left"), [(REVOKE, 0), (REDUCE, 1500)], ids=["revoked", "reduced"])
async def test_no_more_than_an_objection_left_is_asked_for_by_the_record_that_takes_the_place(
    decision: dict[str, Any], left: int
) -> None:
    async with court(both()) as it:
        await objected(it, decision)
        await it.hear([replace(both(), **ANEW, replaces=1, compensation=worth("5000"))])

        assert Decimal((await it.record())["compensation_reduced_to"]) == left


async def test_of_several_objections_to_one_record_the_least_that_one_left_counts() -> None:
    async with court(both()) as it:
        no = await objected(it, REDUCE)
        await it.office.do(BOSS, "withdraw_compensation", no, reason="…")
        found = await find_fault(it)
        await notify(it, found["no"])
        await it.office.do(PERSON, "object_to_compensation", found["no"], objection="叉车未超载")
        await it.office.do(OTHER, "decide_objection", found["no"], **REDUCE | {"objection_reduced_to": "900"})
        await it.hear([replace(both(), **ANEW, replaces=1)])

        assert Decimal((await it.record())["compensation_reduced_to"]) == 900


@pytest.mark.parametrize("noun", ["findings", "attributions"])
async def test_what_an_appeal_left_stands_when_what_was_found_is_corrected_under_a_new_number(noun: str) -> None:
    found = heavy_for(noun, "N-1")
    async with court(found) as it:
        await appealed(it, HR)
        await it.do(BOSS, "decide_appeal", **REDUCED)
        await it.hear([replace(heavy_for(noun, "N-2", corrects="N-1"), **ANEW, replaces=1)])
        assert (await it.record())["weighs"] == "warning"

        await it.hear([replace(heavy_for(noun, "N-3", corrects="N-2"), **ANEW | {"revision": 3}, replaces=2)])
        assert (await it.record())["weighs"] == "warning"
        await it.hear([replace(heavy_for(noun, "N-4"), **ANEW | {"revision": 4}, replaces=3)])
        assert (await it.record())["weighs"] == "major_demerit"


def heavy_for(noun: str, number: str, **facts: Any) -> RecordProposal:
    return proposed(sanction=Sanction.MAJOR_DEMERIT, breaches=breaches(f"{noun}:{number}", **facts))


async def test_who_found_fault_behind_an_earlier_record_decides_no_appeal_against_the_later() -> None:
    async with court(both()) as it:
        await find_fault(it, BOSS)
        await it.hear([replace(both(), **ANEW, replaces=1, compensation=worth("5000"))])
        await it.at(LATER)
        await it.do(HR, "issue_record", reason="属实")
        await it.do(PERSON, "make_appeal", appeal="叉车未超载")
        assert (await it.record())["fault_found_by"] == [BOSS]
        assert await it.refused(BOSS, "decide_appeal", **REDUCED) == "nobody_independent"

        await it.office.employ(general_manager=OTHER)
        await it.do(OTHER, "decide_appeal", **REDUCED)


async def test_who_issued_an_earlier_record_decides_no_appeal_against_the_later() -> None:
    """Neither the one that goes on, nor another, however often evidence changes something."""
    async with court(heavy()) as it:
        await appealed(it, HR)
        await it.hear([replace(heavy(), **ANEW, replaces=1)])
        await it.hear([replace(heavy(), **ANEW | {"revision": 3}, replaces=2)])
        await it.at(LATER)
        await it.do(BOSS, "issue_record", reason="属实")
        await it.at("2026-09-30 09:00")
        assert (await it.record())["issued_before_by"] == [HR]
        assert await it.refused(HR, "decide_appeal", **REDUCED) == "nobody_independent"
        assert "没有与此无关的人" in (await (await opened(it, HR)).get("/waiting")).words

        await it.office.employ(hr=OTHER)
        await it.do(OTHER, "decide_appeal", **REDUCED)


async def test_fault_may_be_found_as_long_as_an_appeal_waits_for_its_decision() -> None:
    """Its time may be over: whoever decides it has to see what is at stake."""
    async with court(owed()) as it:
        await appealed(it, HR)
        await it.at(LATER)
        assert "有无故意或重大过失" in (await (await opened(it, HR)).get("/waiting")).words
        found = await find_fault(it)
        assert await it.office.refused(HR, "find_fault", record_no=it.no, **FAULT) == "fault_found_already"
        await it.office.do(BOSS, "withdraw_compensation", found["no"], reason="…")
        await it.office.employ(general_manager=OTHER)
        await it.do(OTHER, "decide_appeal", outcome="uphold", reason="…")

        assert await it.office.refused(HR, "find_fault", record_no=it.no, **FAULT) == "appeal_over"


async def test_what_was_carried_over_is_not_said_to_be_what_the_appeal_left() -> None:
    async with court(both()) as it:
        await appealed(it, HR)
        await it.do(BOSS, "decide_appeal", outcome="reduce", compensation_reduced_to="1500", reason="运输也有责任")
        assert "decided: reduce — Proposed compensation (CNY) 4,000.00 → 1,500.00 ·" in await words(it, PERSON, "en")
        await it.hear([replace(both(), **ANEW, replaces=1)])
        await it.at(LATER)
        await it.do(HR, "issue_record", reason="属实")
        await it.do(PERSON, "make_appeal", appeal="叉车未超载")
        await it.do(BOSS, "decide_appeal", **REDUCED)

        record = await it.record()
        assert (record["reduced_to"], Decimal(record["compensation_reduced_to"])) == ("warning", Decimal(1500))
        assert (record["appeal_reduced_to"], record["appeal_compensation_reduced_to"]) == ("warning", None)
        for path in ("", "/print"):
            said = await words(it, PERSON, "en", path)
            assert "decided: reduce — major demerit → warning ·" in said
