"""An appeal that nobody has decided when evidence changes a figure goes on: it is answered, and need not be made again."""

from dataclasses import replace
from typing import Any

import pytest

from contracts.accountability import AppealDecided, RecordInEffect, RecordNotified, Sanction
from services.accountability.judge.verdicts import RecordProposal
from tests.accountability.court import AFTER, BOSS, HR, PERSON, Court, court, heavy, proposed
from tests.accountability.test_appeals import APPEAL, UPHELD, appealed, gone
from tests.accountability.test_matters import fallen
from tests.accountability.test_record_pages import opened, words

ANEW: dict[str, Any] = {"revision": 2, "because_zh": "时限已更正", "because_en": "a due time changed"}
HEARD = "2026-09-20 09:00"
SAID = "2026-10-20 09:00"
"""Its time is over."""


async def replaced(it: Court, by: RecordProposal) -> str:
    """HR issued the first, its person appealed, and later evidence took its place; the first one's number."""
    await appealed(it, HR)
    first = it.no
    await it.hear([by] if by.replaces else [gone(heavy()), by])
    return first


@pytest.mark.parametrize("replaces", [1, None])
async def test_an_open_appeal_goes_on_with_the_record_for_the_same_breaches(replaces: int | None) -> None:
    async with court(heavy()) as it:
        first = await replaced(it, replace(heavy(), **ANEW, replaces=replaces))

        old, record = await it.record(first), await it.record()
        assert (old["status"], old["appeal"]) == ("withdrawn", APPEAL["appeal"])
        assert await it.office.refused(BOSS, "decide_appeal", first, **UPHELD) == "no_appeal"
        assert (record["appeal"], record["appeal_from"]) == (APPEAL["appeal"], first)
        assert record["appealed_at"] == old["appealed_at"]
        told = [fact for fact in await it.facts(RecordNotified) if isinstance(fact, RecordNotified)]
        assert [fact.appeal_from for fact in told] == [None, first]

        await it.at(HEARD)
        form = await (await opened(it, HR)).get(f"/commands/issue-record/{it.no}")
        assert str(APPEAL["appeal"]) in form.words
        assert await it.refused(HR, "issue_record", reason="") == "heard_before"
        issued = await it.do(HR, "issue_record", reason="停电只有十分钟")
        assert (issued["status"], issued["next_step"]) == ("issued", "await_appeal")
        await it.at("2026-10-20 09:00")
        assert await it.facts(RecordInEffect) == []

        await it.do(BOSS, "decide_appeal", outcome="reduce", reduced_to="warning", reason="初犯")
        await it.at("2026-10-20 09:01")
        assert ((await it.record())["status"], (await it.record())["weighs"]) == ("in_effect", "warning")
        (decided,) = await it.facts(AppealDecided)
        assert isinstance(decided, AppealDecided)
        assert decided.record_no == it.no


async def test_the_person_may_add_to_it_once_the_later_record_is_issued() -> None:
    async with court(heavy()) as it:
        await replaced(it, replace(heavy(), **ANEW, replaces=1))
        assert await it.refused(PERSON, "make_appeal", **APPEAL) == "not_issued"
        await it.at(HEARD)
        await it.do(HR, "issue_record", reason="属实")
        assert f"/commands/make-appeal/{it.no}" in (await (await opened(it, PERSON)).get("/mine")).html

        added = await it.do(PERSON, "make_appeal", appeal="时限也算错了。", references=["EXC-2"])

        assert added["appeal"] == f"{APPEAL['appeal']}\n\n时限也算错了。"
        assert added["appeal_references"] == [*APPEAL["references"], "EXC-2"]
        assert added["next_step"] == "await_appeal"
        refused = await it.office.attempt(BOSS, "decide_appeal", it.no, **UPHELD)
        assert refused.json()["code"] == "may_be_added_to"
        assert added["appeal_until"][:10] in refused.json()["detail"]
        boss = await opened(it, BOSS)
        assert f"/commands/decide-appeal/{it.no}" not in (await boss.get(f"/records/{it.no}")).html
        assert it.no not in (await boss.get("/waiting")).words
        await it.do(PERSON, "make_appeal", appeal="也没有人提醒。")

        await it.at(SAID)
        assert it.no in (await boss.get("/waiting")).words
        await it.do(BOSS, "decide_appeal", **UPHELD)
        assert await it.refused(PERSON, "make_appeal", **APPEAL) == "appeal_decided_already"


async def test_it_goes_on_as_often_as_evidence_changes_something() -> None:
    async with court(heavy()) as it:
        first = await replaced(it, replace(heavy(), **ANEW, replaces=1))
        await it.hear([replace(heavy(), **ANEW | {"revision": 3}, replaces=2)])

        assert (await it.record())["appeal_from"] == first


async def test_what_somebody_dropped_was_answered() -> None:
    async with court(heavy()) as it:
        await replaced(it, replace(heavy(), **ANEW, replaces=1))
        await it.do(HR, "drop_record", reason="停电属实")
        await it.hear([replace(heavy(), **ANEW | {"revision": 3})])

        assert ((await it.record())["appeal"], (await it.record())["heard_before"]) == ("", True)


async def test_it_goes_on_with_the_heavier_clause_that_takes_the_record_in_and_with_no_other() -> None:
    heavier = proposed(key="PMC-03/E-060/SO-1", clause="PMC-03", absorbed=("WHS-03",))
    (breach,) = proposed().breaches
    other = replace(heavier, key="PUR-01/E-060/SO-1", breaches=(replace(breach, about="arrival:MRL-1/1"),))
    async with court() as it:
        await appealed(it)
        first = it.no
        await it.hear([fallen(proposed()), heavier])
        assert (await it.record())["appeal_from"] == first
        await it.hear([other])
        assert (await it.record())["appeal_from"] is None


@pytest.mark.parametrize("status", ["notified", "issued"])
async def test_the_page_and_the_form_say_where_it_was_made(status: str) -> None:
    async with court(heavy()) as it:
        first = await replaced(it, replace(heavy(), **ANEW, replaces=1))
        if status == "issued":
            await it.at(HEARD)
            await it.do(HR, "issue_record", reason="属实")
        for path in ("", "/print"):
            shown = await words(it, PERSON, "en", path)
            assert f"made against {first}" in shown
            assert "stands against" in shown
        assert f"made at 2026-09-03 09:02 against {first} and not decided" in await words(it, PERSON, "en", "/print")


async def test_a_record_that_fell_meanwhile_does_not_say_that_an_appeal_waits() -> None:
    async with court(heavy()) as it:
        await appealed(it, HR)
        await it.hear([gone(heavy())])

        for path in ("", "/print"):
            shown = await words(it, PERSON, "en", path)
            assert "The record was withdrawn before the appeal was decided" in shown
            assert "not decided yet" not in shown


async def test_hr_says_why_whatever_was_decided_before() -> None:
    async with court(proposed(sanction=Sanction.MAJOR_DEMERIT)) as it:
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="属实")
        await it.hear([replace(heavy(), **ANEW, replaces=1)])
        await it.at(HEARD)

        assert await it.refused(HR, "issue_record") == "heard_before"
        assert (await it.record())["appealed_at"] is None
