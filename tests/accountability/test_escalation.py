"""Several warnings become a minor demerit where the rules say so, the person was told, and HR decides; and that can fall again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from chassis.database import transaction
from chassis.errors import Refusal
from contracts.accountability import (
    AppealDecided,
    RecordIssued,
    RecordNotified,
    RecordWithdrawn,
    RulebookActivated,
    Sanction,
)
from services.accountability.judge.verdicts import RecordProposal
from services.accountability.models import PenaltyRecord
from services.accountability.process.due_process import Action
from services.accountability.process.escalation import mark_escalated, mark_fallen_back, weighs
from services.accountability.proof import saying, weighing
from services.accountability.rules.rulebook import RulebookText
from services.accountability.rules.rulebook_escalation import warnings_needed
from services.accountability.rules.rulebook_loading import InvalidRulebook, read_rules
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, TUESDAY, Court, court, late_receipt, proposed
from tests.accountability.test_due_process import FRIDAY, then
from tests.accountability.test_record_pages import opened
from tests.accountability.test_weighing import bodies
from tests.support.facts import RULES, local

VERSION = "2026-several"
SECOND, THIRD = "2026-09-07 09:04", "2026-09-09 09:06"
"""When the warnings that are heard as soon as the one before is issued may be issued themselves."""
APPEAL = {"appeal": "那天仓库停电。"}
ESCALATED = {"escalate": True, "reason": "一周内第三次"}


def rules(warnings: Any) -> dict[str, Any]:
    """The shipped rulebook with an answer to how many warnings become something heavier."""
    changed = {**deepcopy(RULES), "version": VERSION}
    (setting,) = (each for each in changed["settings"] if each["key"] == "escalation")
    setting["value"] = warnings
    return changed


def text(warnings: Any) -> RulebookText:
    return read_rules(rules(warnings)).text


def warning(number: int, **changed: Any) -> RecordProposal:
    """The same person's warning of another order."""
    return proposed(
        key=f"WHS-03/{number}", order_no=f"SO-{number}", rulebook_version=VERSION, versions=(VERSION,), **changed
    )


@asynccontextmanager
async def warned(needed: Any = 3) -> AsyncIterator[Court]:
    """A person who was just told of a first warning, under rules by which so many become a minor demerit."""
    written = {"text": yaml.safe_dump(rules(needed), allow_unicode=True)}
    async with court(warning(1), rulebook=written) as it:
        story = late_receipt()
        story.states(RulebookActivated, version=VERSION, effective_from=story.now, rules=rules(needed))
        it.state = story.judged(TUESDAY).state
        await it.hear(())
        yield it


@asynccontextmanager
async def nth(needed: int) -> AsyncIterator[Court]:
    """The last of so many warnings waits for HR; each was told of when the one before had been issued."""
    async with warned(needed) as it:
        for number, at in zip(range(2, needed + 1), (AFTER, SECOND), strict=False):
            await it.at(at)
            await it.hear([warning(number)])
        await it.at({2: SECOND, 3: THIRD}[needed])
        yield it


async def words(it: Court, employee: str, path: str, language: str = "zh") -> str:
    return (await (await opened(it, employee, language)).get(path)).words


@pytest.mark.parametrize("value", [True, 0, 1, -2, "3", ["3"]])
def test_how_many_warnings_it_takes_is_off_or_at_least_two(value: Any) -> None:
    with pytest.raises(
        InvalidRulebook, match=r"settings.escalation.value: escalation is false \(off\), or a whole number"
    ):
        text(value)

    assert [warnings_needed(text(sound)) for sound in (False, 2, 12)] == [None, 2, 12]


def test_a_warning_that_may_become_heavier_is_a_persons_decision() -> None:
    step = then("2026-04-10 15:00", notified_at=FRIDAY, warned_before=("PEN-1", "PEN-2"))

    assert step.action is Action.AWAIT_HR


def record(**said: Any) -> PenaltyRecord:
    return PenaltyRecord(**{"no": "PEN-9", "sanction": "warning", "decision_reason": "第三次", "reduced_to": ""} | said)


def test_as_many_of_the_latest_warnings_are_counted_as_the_rules_ask_for() -> None:
    escalated = record()

    mark_escalated(escalated, ["PEN-1", "PEN-2", "PEN-3", "PEN-4"], text(3))

    assert (escalated.counted_with, weighs(escalated)) == (["PEN-3", "PEN-4"], Sanction.MINOR_DEMERIT)


@pytest.mark.parametrize(
    ("still", "needed", "reason", "code"),
    [
        (["PEN-1", "PEN-2"], False, "第三次", "escalation_off"),
        (["PEN-2"], 3, "第三次", "too_few_warnings"),
        ([], 2, "第二次", "too_few_warnings"),
        (["PEN-1", "PEN-2"], 3, "", "escalation_unexplained"),
    ],
)
def test_what_does_not_suffice_stays_a_warning(still: list[str], needed: Any, reason: str, code: str) -> None:
    kept = record(decision_reason=reason, rulebook_version=VERSION)

    with pytest.raises(Refusal) as refused:
        mark_escalated(kept, still, text(needed))

    assert refused.value.code == code
    assert weighs(kept) is Sanction.WARNING


def test_what_falls_back_is_a_warning_with_both_reasons() -> None:
    fallen = record(escalated_to="minor_demerit", counted_with=["PEN-1"])

    mark_fallen_back(fallen, "PEN-1", "停电属实", by=BOSS, now=local(TUESDAY))

    assert weighs(fallen) is Sanction.WARNING
    assert (fallen.decision_reason, fallen.fell_back_because, fallen.fell_back_with) == ("第三次", "停电属实", "PEN-1")


async def test_the_third_of_three_warnings_is_told_decided_and_falls_back_when_a_counted_one_is_revoked() -> None:
    async with nth(3) as it:
        await told_that_it_is_the_third(it, *it.nos)
        await escalated_by_hr(it, *it.nos)
        await fallen_back_with_the_second(it, *it.nos)
        await exported_as_the_facts_say(it, *it.nos)
        await appealed_against_as_a_warning(it, *it.nos)


async def told_that_it_is_the_third(it: Court, first: str, second: str, third: str) -> None:
    told = await it.facts(RecordNotified)
    assert [fact.nth_warning for fact in told if isinstance(fact, RecordNotified)] == [None, None, 3]
    assert isinstance(told[-1], RecordNotified)
    assert told[-1].warned_before == (first, second)
    waiting = await it.record()
    assert (waiting["status"], waiting["next_step"], waiting["sanction"]) == ("notified", "await_hr", "warning")
    for path in ("/mine", f"/records/{third}", f"/records/{third}/print"):
        assert f"这是同时计入的第 3 次警告(此前:{first}、{second})" in await words(it, PERSON, path)
        assert "It is warning number 3 of those that count at one time" in await words(it, PERSON, path, "en")
    assert "多次警告可能升级,所以由人决定。" in await words(it, PERSON, f"/records/{third}")
    assert "升级为小过" in await words(it, HR, f"/commands/issue-record/{third}")


async def escalated_by_hr(it: Court, first: str, second: str, third: str) -> None:
    assert await it.refused(HR, "issue_record", escalate=True) == "escalation_unexplained"
    issued = await it.do(HR, "issue_record", **ESCALATED)

    assert (issued["sanction"], issued["escalated_to"], issued["counted_with"]) == (
        "warning",
        "minor_demerit",
        [first, second],
    )
    fact = (await it.facts(RecordIssued))[-1]
    assert isinstance(fact, RecordIssued)
    assert (fact.issued_by, fact.escalated_to, fact.counted_with) == (HR, "minor_demerit", (first, second))
    for language, shown in (("zh", "警告 → 小过"), ("en", "warning → minor demerit")):
        for path in (f"/records/{third}", f"/records/{third}/print"):
            page = await words(it, PERSON, path, language)
            assert shown in page
            assert first in page
    assert "升级为小过:与此前的" in await words(it, PERSON, f"/records/{third}/print")
    assert "SO-3 小过 申诉期满后生效" in await words(it, HR, "/records")
    assert f"计入 {third} 的升级。" in await words(it, PERSON, f"/records/{first}")


async def fallen_back_with_the_second(it: Court, _: str, second: str, third: str) -> None:
    """The second is appealed against, in time, after it was counted."""
    await it.office.do(PERSON, "make_appeal", second, **APPEAL)
    await it.office.do(PERSON, "make_appeal", third, **APPEAL)
    await it.office.do(BOSS, "decide_appeal", second, outcome="revoke", reason="停电属实")

    fallen = await it.record(third)
    assert (fallen["status"], fallen["escalated_to"], fallen["reduced_to"]) == (
        "issued",
        "minor_demerit",
        "warning",
    )
    assert (fallen["decision_reason"], fallen["fell_back_because"]) == (ESCALATED["reason"], "停电属实")
    (withdrawn,) = await it.facts(RecordWithdrawn)
    assert isinstance(withdrawn, RecordWithdrawn)
    assert (withdrawn.record_no, withdrawn.falls_back) == (second, third)
    assert "警告 → 小过 → 警告" in await words(it, PERSON, f"/records/{third}")
    assert f"退回警告:所计入的 {second} 不再成立:停电属实" in await words(it, PERSON, f"/records/{third}/print")
    await it.office.employ(hr=OTHER)
    for anybody_in_hr in (HR, OTHER):
        listed = await words(it, anybody_in_hr, "/records")
        assert f"处罚单 {third} : 升级所计入的一份不再成立,已退回警告。" in listed
        assert "SO-3 警告 待申诉决定" in listed
    assert "已退回警告" not in await words(it, BOSS, "/records")
    assert f"等您办理 {third} : 申诉待决定。" in await words(it, BOSS, "/records")


async def exported_as_the_facts_say(it: Court, first: str, second: str, third: str) -> None:
    async with transaction(it.office.engine) as session:
        records = await session.scalars(select(PenaltyRecord).order_by(PenaltyRecord.no))
        rows = [saying.record_row(record) for record in records]
    facts = await it.facts(RecordIssued, AppealDecided, RecordWithdrawn)

    assert list(weighing.compare(rows, bodies(*facts))) == [
        f"Record {third} was made a minor demerit with {first}, {second}, as its fact says.",
        f"Record {third} was reduced to warning because {second} fell, as a fact says.",
    ]


async def appealed_against_as_a_warning(it: Court, _: str, __: str, third: str) -> None:
    """The appeal against it goes on, about the warning that it is again."""
    await it.office.do(BOSS, "decide_appeal", third, outcome="uphold", reason="属实")
    decided = (await it.facts(AppealDecided))[-1]
    assert isinstance(decided, AppealDecided)
    assert (decided.sanction_before, decided.sanction_after) == ("warning", "warning")
    await it.at("2026-09-09 09:08")
    assert ((await it.record(third))["status"], (await it.record(third))["reduced_to"]) == ("in_effect", "warning")


async def test_what_fell_gives_back_the_other_warnings_that_it_had_counted() -> None:
    async with nth(3) as it:
        first, second, third = it.nos
        await it.do(HR, "issue_record", **ESCALATED)
        await it.office.do(PERSON, "make_appeal", second, **APPEAL)
        await it.office.do(BOSS, "decide_appeal", second, outcome="revoke", reason="停电属实")

        await it.hear([warning(4)])

        assert (await it.record())["warned_before"] == [first, third]
        await it.at("2026-09-11 09:08")
        again = await it.do(HR, "issue_record", **ESCALATED)
        assert again["counted_with"] == [first, third]
        await it.hear([warning(5)])
        assert (await it.record())["warned_before"] == []

        await it.office.do(PERSON, "make_appeal", again["no"], **APPEAL)
        await it.office.do(BOSS, "decide_appeal", again["no"], outcome="revoke", reason="不是本人")
        await it.hear([warning(6)])

        assert (await it.record())["warned_before"] == [first, third]


async def test_an_appeal_makes_a_warning_of_it_again_and_what_it_counted_is_not_counted_twice() -> None:
    async with nth(2) as it:
        first, second = it.nos
        await it.do(HR, "issue_record", **ESCALATED)
        await it.do(PERSON, "make_appeal", **APPEAL)
        await it.do(BOSS, "decide_appeal", outcome="reduce", reduced_to="warning", reason="间隔已久")

        reduced = await it.record()
        assert (reduced["escalated_to"], reduced["reduced_to"], reduced["fell_back_at"]) == (
            "minor_demerit",
            "warning",
            None,
        )
        (decided,) = await it.facts(AppealDecided)
        assert isinstance(decided, AppealDecided)
        assert (decided.sanction_before, decided.sanction_after) == ("minor_demerit", "warning")

        await it.hear([warning(3)])

        assert (await it.record())["warned_before"] == [second]
        assert first not in (await it.record())["warned_before"]


async def test_what_a_lapsed_warning_was_counted_for_stays_and_a_reduced_one_takes_it_back() -> None:
    async with nth(2) as it:
        first, second = it.nos
        await it.do(HR, "issue_record", **ESCALATED)
        for at in ("2026-09-11 09:00", "2026-09-20 09:00", "2027-09-12 09:00"):
            await it.at(at)
        assert [(await it.record(no))["status"] for no in (first, second)] == ["lapsed", "in_effect"]
        assert (await it.record(second))["reduced_to"] == ""

        await it.hear([warning(1, revision=2, replaces=1, because_zh="归属已更正", because_en="corrected")])

        assert "归属已更正" in await words(it, PERSON, f"/records/{second}")
        assert "fell: corrected" in await words(it, PERSON, f"/records/{second}", "en")
        assert (await it.record(second))["reduced_to"] == "warning"


async def test_what_the_notice_named_and_no_longer_counts_cannot_be_counted() -> None:
    async with nth(2) as it:
        first, second = it.nos
        await it.office.do(PERSON, "make_appeal", first, **APPEAL)
        reduced = {"outcome": "reduce", "reduced_to": "education", "reason": "停电属实"}
        await it.office.do(BOSS, "decide_appeal", first, **reduced)
        assert f"通知时告知的 {first} 已不再计入。" in await words(it, PERSON, f"/records/{second}")

        answer = await it.office.attempt(HR, "issue_record", second, **ESCALATED)

        assert (answer.json()["code"], answer.json()["field"]) == ("too_few_warnings", "escalate")
        assert (await it.do(HR, "issue_record"))["escalated_to"] == ""


async def test_a_counted_one_that_falls_in_the_moment_of_the_decision_never_stays_counted() -> None:
    async with nth(2) as it:
        first, second = it.nos
        await it.office.do(PERSON, "make_appeal", first, **APPEAL)
        deciding = it.office.attempt(HR, "issue_record", second, **ESCALATED)
        revoking = it.office.attempt(BOSS, "decide_appeal", first, outcome="revoke", reason="停电属实")

        answers = await it.office.meet("penalty_records", deciding, revoking)

        assert answers[1].is_success, answers[1].text
        assert answers[0].status_code in (200, 422)
        decided = await it.record(second)
        assert (decided["escalated_to"], decided["reduced_to"]) in {("", ""), ("minor_demerit", "warning")}


async def test_where_the_rules_do_not_say_so_several_warnings_stay_warnings() -> None:
    async with warned(False) as it:
        await it.at(AFTER)
        await it.hear([warning(2)])
        await it.at(SECOND)
        await it.hear([warning(3)])
        assert (await it.record())["warned_before"] == []
        assert "升级为小过" not in await words(it, HR, f"/commands/issue-record/{it.no}")
        await it.do(PERSON, "state_case", statement="不是我。")
        await it.at(THIRD)

        assert await it.refused(HR, "issue_record", **ESCALATED) == "escalation_off"
        assert [(await it.record(no))["status"] for no in it.nos[:2]] == ["issued", "issued"]


async def test_warnings_told_of_at_one_time_are_not_counted_for_each_other() -> None:
    async with warned(2) as it:
        await it.hear([warning(2), warning(3)])
        await it.at(AFTER)

        assert [(await it.record(no))["status"] for no in it.nos] == ["issued"] * 3
