"""A correction of the file sets nobody back: what takes a record's place lapses when that would have, and what lapsed stays so."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from contracts.accountability import RecordInEffect, RecordLapsed, RecordNotified, Sanction
from services.accountability.judge.verdicts import RecordProposal
from tests.accountability.court import AFTER, BOSS, HR, PERSON, TUESDAY, Court, court, heavy, proposed
from tests.accountability.owing import EFFECT, answer_for, find_fault, notify, owed
from tests.accountability.test_appeals import gone
from tests.accountability.test_matters import fallen
from tests.accountability.test_record_pages import words
from tests.support.facts import local

ANEW: dict[str, Any] = {"revision": 2, "because_zh": "时限已更正", "because_en": "a due time changed"}
IN_SPRING = "2027-03-01 09:00"
LAPSES = "2027-09-11 09:00"
OVER = "2027-09-11 09:01"
IN_WINTER = "2027-12-01 09:00"


def again(proposal: RecordProposal | None = None, **changed: Any) -> RecordProposal:
    return replace(proposal or proposed(), **{**ANEW, "replaces": 1, **changed})


def one_more() -> RecordProposal:
    """The same clause, person and order, with a breach that the first did not list."""
    (breach,) = proposed().breaches
    return again(breaches=(breach, replace(breach, about="receipt:LOT-2", duty="receipt:LOT-2")))


def lapses(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["lapses_at"])


async def in_effect(it: Court) -> str:
    """Nobody said anything against it; its number."""
    await it.at(AFTER)
    await it.at(EFFECT)
    assert lapses(await it.record()) == local(LAPSES)
    return it.no


async def goes_its_way(it: Court) -> dict[str, Any]:
    """From the notice to its effect, where nobody has to decide."""
    for at in ("2027-03-15 09:00", "2027-04-01 09:00"):
        await it.at(at)
    return await it.record()


@pytest.mark.parametrize("withdrawn_first", [False, True])
async def test_the_term_goes_on_with_what_takes_the_records_place(withdrawn_first: bool) -> None:
    async with court() as it:
        first = await in_effect(it)
        await it.at(IN_SPRING)
        await it.hear([fallen(proposed()), again(replaces=None)] if withdrawn_first else [again()])

        record = await goes_its_way(it)

        assert (record["status"], record["term_from"]) == ("in_effect", first)
        assert [fact.lapses_at for fact in await it.facts(RecordInEffect) if isinstance(fact, RecordInEffect)] == [
            local(LAPSES)
        ] * 2
        assert f"the term of {first} goes on with it" in await words(it, PERSON, "en")
        assert f"期限接着 {first} 计算" in await words(it, PERSON, "zh", "/print")
        await it.at(OVER)
        assert (await it.record())["status"] == "lapsed"


async def test_it_goes_on_as_often_as_evidence_changes_something() -> None:
    async with court() as it:
        first = await in_effect(it)
        await it.at(IN_SPRING)
        await it.hear([again()])
        await goes_its_way(it)
        await it.hear([again(revision=3, replaces=2)])
        for at in ("2027-04-15 09:00", "2027-05-10 09:00"):
            await it.at(at)

        record = await it.record()
        assert (record["status"], record["term_from"]) == ("in_effect", first)
        await it.at(OVER)
        assert (await it.record())["status"] == "lapsed"


@pytest.mark.parametrize("later", [again(sanction=Sanction.MINOR_DEMERIT), one_more()], ids=["heavier", "new_breach"])
async def test_what_is_heavier_or_lists_a_new_breach_has_its_own_term(later: RecordProposal) -> None:
    async with court() as it:
        await in_effect(it)
        await it.at(IN_SPRING)
        await it.hear([later])

        record = await goes_its_way(it)

        assert (record["status"], record["term_from"]) == ("in_effect", None)
        assert lapses(record) > local(LAPSES)


async def test_a_heavier_one_that_is_left_no_heavier_goes_on() -> None:
    async with court() as it:
        first = await in_effect(it)
        await it.at(IN_SPRING)
        await it.hear([again(heavy())])
        await it.at("2027-03-15 09:00")
        await it.do(HR, "issue_record", reason="属实")
        await it.do(PERSON, "make_appeal", appeal="货到得晚。")
        await it.do(BOSS, "decide_appeal", outcome="reduce", reduced_to="warning", reason="初犯")
        await it.at("2027-03-15 09:01")

        assert ((await it.record())["status"], (await it.record())["term_from"]) == ("in_effect", first)


async def test_a_term_that_ends_before_the_later_one_takes_effect_is_over_then() -> None:
    async with court() as it:
        await in_effect(it)
        await it.at("2027-09-09 09:00")
        await it.hear([again()])
        await it.at("2027-09-20 09:00")
        await it.at("2027-10-20 09:00")

        record = await it.record()
        assert (record["status"], lapses(record)) == ("lapsed", local(LAPSES))


@pytest.mark.parametrize("withdrawn_first", [False, True])
async def test_a_lapsed_record_does_not_come_to_life_again(withdrawn_first: bool) -> None:
    async with court() as it:
        first = await in_effect(it)
        await it.at(OVER)
        lapsed = await it.record()
        assert lapsed["status"] == "lapsed"
        await it.at(IN_WINTER)
        await it.hear([fallen(proposed()), again(replaces=None)] if withdrawn_first else [again()])

        old, record = await it.record(first), await it.record()
        assert (old["status"], record["status"]) == ("withdrawn", "lapsed")
        assert (record["notified_at"], record["lapsed_at"]) == (None, lapsed["lapsed_at"])
        assert [fact.term_from for fact in await it.facts(RecordLapsed) if isinstance(fact, RecordLapsed)] == [
            None,
            first,
        ]
        assert len(await it.facts(RecordNotified)) == 1
        await it.at("2028-06-01 09:00")
        assert (await it.record())["status"] == "lapsed"
        assert await it.refused(PERSON, "state_case", statement="货到得晚。") == "nothing_to_answer"
        assert await it.refused(PERSON, "make_appeal", appeal="货到得晚。") == "not_issued"
        assert await it.refused(HR, "issue_record", reason="属实") != ""


async def test_its_page_and_form_say_that_nothing_is_asked_of_anybody() -> None:
    async with court() as it:
        first = await in_effect(it)
        await it.at(OVER)
        await it.at(IN_WINTER)
        await it.hear([again()])

        for path in ("", "/print"):
            shown = await words(it, PERSON, "en", path)
            assert f"The term of {first} was over at" in shown
            assert "It was never issued: its term was over." in shown
        assert f"本单在告知以前已随 {first} 失效" in await words(it, PERSON, "zh", "/print")


async def test_what_is_heavier_than_a_lapsed_record_was_never_sanctioned() -> None:
    async with court() as it:
        await in_effect(it)
        await it.at(OVER)
        await it.at(IN_WINTER)
        await it.hear([again(heavy())])

        assert (await it.record())["status"] == "notified"


@pytest.mark.parametrize("withdrawn_first", [False, True])
async def test_money_that_was_found_is_still_owed_when_a_lapsed_record_is_corrected(withdrawn_first: bool) -> None:
    later = again(owed("3000"))
    async with court(owed()) as it:
        first = await in_effect_for_money(it)
        await it.at("2027-10-01 09:00")
        assert (await it.record())["status"] == "lapsed"
        await it.hear([fallen(owed()), replace(later, replaces=None)] if withdrawn_first else [later])
        assert (await it.record())["status"] == "notified"
        await it.hear([again(owed("2000"), revision=3, replaces=2)])
        assert (await it.record())["status"] == "notified"

        await it.at("2027-10-20 09:00")
        found = await find_fault(it)
        await it.do(HR, "issue_record", reason="损失属实")
        await notify(it, found["no"])
        for at in ("2027-10-29 09:00", "2027-11-12 09:00"):
            await it.at(at)

        record = await it.record()
        assert (record["status"], record["term_from"]) == ("lapsed", first)
        assert "CNY 2,000.00" in await words(it, HR, "en")


async def in_effect_for_money(it: Court) -> str:
    await answer_for(it)
    return it.no


async def test_where_nobody_found_fault_in_time_a_correction_is_no_second_chance() -> None:
    async with court(owed()) as it:
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="损失属实")
        await it.at(EFFECT)
        await it.at("2027-10-01 09:00")
        await it.hear([again(owed("3000"))])

        assert (await it.record())["status"] == "lapsed"
        assert "nothing is payable" in await words(it, HR, "en")


async def test_what_was_not_in_effect_has_no_term_to_go_on() -> None:
    async with court(heavy()) as it:
        await it.at(TUESDAY)
        await it.hear([gone(heavy()), again(heavy(), replaces=None)])

        assert (await it.record())["status"] == "notified"
