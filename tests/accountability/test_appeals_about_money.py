"""What an appeal leaves of a compensation stands on the record and its printed form; of nothing, nothing is payable."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contracts.accountability import CompensationPlanned, CompensationWithdrawn, Sanction
from services.accountability.judge.verdicts import RecordProposal
from tests.accountability.court import AFTER, BOSS, HR, PERSON, Court, court, heavy
from tests.accountability.owing import EFFECT, NOTIFIED_SO, find_fault, owed, worth
from tests.accountability.test_appeals import ANEW, APPEAL, appealed
from tests.accountability.test_record_pages import words


def both() -> RecordProposal:
    """A demerit and money."""
    return replace(owed(), sanction=Sanction.MAJOR_DEMERIT)


async def reduced(it: Court, to: str, **more: Any) -> dict[str, Any]:
    return await it.do(BOSS, "decide_appeal", outcome="reduce", compensation_reduced_to=to, reason="酌减", **more)


@pytest.mark.parametrize("path", ["", "/print"])
async def test_what_an_appeal_left_stands_in_the_head_the_ruling_and_the_section_on_money(path: str) -> None:
    async with court(both()) as it:
        await appealed(it, HR)
        await reduced(it, "1500", reduced_to="warning")

        shown = await words(it, PERSON, "en", path)

        assert shown.count("4,000.00 → 1,500.00") == 2
        assert "An authority left CNY 1,500.00 of it at most." in shown
        assert "major demerit → warning" in shown.lower()


@pytest.mark.parametrize("outcome", ["uphold", "revoke"])
async def test_a_lighter_sanction_goes_with_a_reduction_alone(outcome: str) -> None:
    async with court(heavy()) as it:
        await appealed(it, HR)
        form = {"outcome": outcome, "reduced_to": "warning", "reason": "警告就够了"}

        answer = await it.office.attempt(BOSS, "decide_appeal", it.no, **form)

        assert (answer.status_code, answer.json()["code"]) == (422, "lighter_only_when_reduced")
        assert (await it.record())["appeal_decided_at"] is None


async def test_money_of_which_nothing_is_left_does_not_go_on() -> None:
    async with court(both()) as it:
        found = await find_fault(it, HR)
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="属实")
        await it.office.do(BOSS, "notify_in_writing", found["no"], **NOTIFIED_SO)
        await it.do(PERSON, "make_appeal", **APPEAL)

        await reduced(it, "0.004")

        (fell,) = await it.facts(CompensationWithdrawn)
        assert isinstance(fell, CompensationWithdrawn)
        assert (fell.compensation_no, fell.reason, fell.withdrawn_by) == (found["no"], "酌减", BOSS)
        await it.at(EFFECT)
        await it.at("2026-09-20 09:00")
        assert ((await it.record())["status"], (await it.record())["weighs"]) == ("in_effect", "major_demerit")
        assert await it.facts(CompensationPlanned) == []


async def test_a_record_of_money_alone_is_revoked_not_reduced_to_nothing() -> None:
    async with court(owed()) as it:
        await appealed(it, HR)
        form = {"outcome": "reduce", "compensation_reduced_to": "0", "reason": "无须赔付"}
        assert await it.refused(BOSS, "decide_appeal", **form) == "nothing_is_to_revoke"

        assert (await it.do(BOSS, "decide_appeal", outcome="revoke", reason="无须赔付"))["status"] == "withdrawn"


async def test_where_nothing_was_left_of_an_earlier_record_no_fault_is_found_behind_the_later() -> None:
    async with court(both()) as it:
        await appealed(it, HR)
        await reduced(it, "0")
        await it.hear([replace(both(), **ANEW, replaces=1, compensation=worth("5000"))])

        assert Decimal((await it.record())["compensation_reduced_to"]) == 0
        said = {"record_no": it.no, "fault": "intent", "what_happened": "…", "evidence_documents": ["INV-9"]}
        assert await it.office.refused(HR, "find_fault", **said) == "nothing_left"
