"""Is every question that the source leaves open a setting, shown with its reason, and does each answer decide something?"""

import html
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml

from contracts.accountability import Sanction
from services.accountability.process.papers import consequences
from services.accountability.rules.rulebook import Answer, RulebookText
from services.accountability.rules.rulebook_escalation import warnings_needed
from services.accountability.rules.rulebook_loading import (
    SHIPPED,
    InvalidRulebook,
    read_both,
    read_rules,
    read_yaml,
    shipped_settings,
)
from services.accountability.rules.rulebook_periods import backfill_period, objection_period
from services.accountability.rules.rulebook_settings import READ_BY_CODE, idle, read_by
from services.accountability.rules.rulebook_wages import limits_of
from tests.accountability.clauses.findings import DEPARTED, LEADER, MANAGER, an_operation, is_found
from tests.accountability.test_pages import HR, page
from tests.accountability.test_rulebook_drafts import BOSS, consulted, office
from tests.support.departments import Department
from tests.support.facts import RULES, a_story

__all__ = ["office"]

RULEBOOK = read_yaml(SHIPPED.read_text(encoding="utf-8"))
OPEN = {
    "in_time": ("及时", "in time"),
    "sanction_amounts": ("警告、小过、大过", "cost"),
    "escalation": ("升级", "become something heavier"),
    "ji_guo": ("记过", "minor or a major demerit"),
    "agency_fee": ("雇佣金", "雇佣金"),
    "return_causes": ("PRD-03", "PRD-03"),
    "purchase_item": ("PUR-01", "PUR-01"),
    "purchase_approver": ("批准采购", "approves a purchase"),
    "review_leader": ("主持合同评审", "leads the contract review"),
    "who_delivers": ("送货", "delivers"),
    "extent": ("视情节", "by extent"),
    "count_tolerance_percent": ("盘点差异", "variance"),
    "five_s_pass_mark": ("5S", "5S"),
    "quotes_required": ("比价", "quotes"),
    "objection_period": ("提出异议", "object to a compensation"),
    "backfill_period": ("补录", "paper be recorded"),
}
ANSWERS = {
    "zh": ("按各项交接的时限", "不折算金额", "否", "小过", "计划与车间", "生产、品质", "采购行", "采购经理", "3"),
    "en": ("a purchase line", "No", "minor demerit", "production, quality", "Purchasing manager", "80"),
}


@pytest.mark.parametrize(("key", "words"), OPEN.items())
def test_what_the_source_leaves_open_is_a_setting_with_its_reason(key: str, words: tuple[str, str]) -> None:
    (setting,) = [each for each in RULEBOOK.text.settings if each.key == key]

    assert words[0] in setting.question.zh
    assert words[1] in setting.question.en
    assert setting.reason.zh
    assert setting.reason.en
    assert setting.value is not None


async def test_the_rules_show_every_question_its_answer_and_the_reason(office: Department) -> None:
    for language in ("zh", "en"):
        shown = html.unescape(await page(office, "/rules", language))
        for setting in RULEBOOK.text.settings:
            assert getattr(setting.question, language) in shown, setting.key
            assert getattr(setting.reason, language) in shown, setting.key
        for answer in ANSWERS[language]:
            assert f"<strong>{answer}</strong>" in shown


def answering(key: str, answer: Answer, rules: dict[str, Any] | None = None) -> dict[str, Any]:
    """The shipped rulebook, or another one, with another answer to a question."""
    changed = rules or deepcopy(RULES)
    for setting in changed["settings"]:
        if setting["key"] == key:
            setting["value"] = answer
    return changed


def written(rules: dict[str, Any]) -> str:
    return yaml.safe_dump(rules, allow_unicode=True)


def test_every_answer_decides_something_or_is_fixed() -> None:
    fixed = {setting.key for setting in RULEBOOK.text.settings if setting.fixed}

    assert {setting.key for setting in RULEBOOK.text.settings} == fixed | read_by(RULEBOOK)
    assert fixed.isdisjoint(read_by(RULEBOOK))


ASKED: dict[str, tuple[Callable[[RulebookText], Any], Answer]] = {
    "escalation": (warnings_needed, 3),
    "objection_period": (objection_period, "3 d"),
    "backfill_period": (backfill_period, "2 d"),
    "monthly_minimum_wage": (limits_of, 2000),
    "wage_share_percent": (limits_of, 10),
}


def test_what_the_program_is_said_to_ask_for_it_asks_for() -> None:
    assert ASKED.keys() == READ_BY_CODE
    for key, (asked, answer) in ASKED.items():
        assert asked(read_rules(answering(key, answer)).text) != asked(RULEBOOK.text), key


@pytest.mark.parametrize(
    ("extent", "weighs"),
    [("major_demerit", Sanction.MAJOR_DEMERIT), ("minor_demerit", Sanction.EDUCATION)],
)
def test_by_extent_reaches_as_far_as_the_setting_says(extent: str, weighs: Sanction) -> None:
    """A finding outside the range counts at its lightest; the gate refuses it beforehand."""
    rules = answering("extent", extent)
    story = a_story(rules=rules)
    an_operation(story)
    is_found(story, "GEN-02", MANAGER, person=LEADER, sanction=Sanction.MAJOR_DEMERIT, **DEPARTED)

    assert story.judged().record("GEN-02").sanction is weighs
    finding = read_rules(rules).clauses["GEN-02"].finding
    assert finding is not None
    assert finding.sanctions[-1] == extent
    (clause,) = [each for each in rules["clauses"] if each["code"] == "GEN-02"]
    (told,) = consequences(clause, rules["settings"])
    assert told.en == f"education to {extent.replace('_', ' ')}"


@pytest.mark.parametrize("key", [key for key, setting in shipped_settings().items() if setting.fixed])
def test_another_answer_to_what_nothing_reads_is_refused_in_a_draft_and_read_where_it_was_approved(key: str) -> None:
    rules = answering(key, "otherwise")
    text = written(rules)

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    (mistake,) = refused.value.mistakes
    fixed = shipped_settings()[key].fixed
    assert fixed is not None
    assert mistake.name == f"settings.{key}.value"
    assert mistake.line is not None
    assert text.splitlines()[mistake.line - 1].strip() == "value: otherwise"
    assert mistake.text.en.endswith(f"'otherwise' would change no verdict. {fixed.en}")
    assert mistake.text.zh.endswith(fixed.zh)
    assert read_yaml(text).text.setting(key) == read_rules(rules).text.setting(key) == "otherwise"
    assert idle(read_rules(rules), shipped_settings())[key].instead == shipped_settings()[key].value


def test_a_rulebook_from_before_is_drafted_from_as_it_is() -> None:
    """Its answers were not marked, and its ranges did not end at a setting."""
    older = deepcopy(RULES)
    for setting in older["settings"]:
        setting.pop("fixed", None)
    for clause in older["clauses"]:
        for ground in clause["grounds"]:
            ground.get("finding", {}).pop("up_to", None)

    rulebook = read_both(written(older), draft=True)[0]

    assert "extent" not in read_by(rulebook)
    with pytest.raises(InvalidRulebook, match="nothing reads extent"):
        read_both(written(answering("extent", "warning", older)), draft=True)


def test_a_question_of_ones_own_is_asked_for_by_some_clause() -> None:
    rules = deepcopy(RULES)
    own = {"question": {"zh": "?", "en": "?"}, "reason": {"zh": "-", "en": "-"}, "value": 60}
    rules["settings"].append({"key": "own_mark", **own})

    with pytest.raises(InvalidRulebook, match="nothing reads own_mark"):
        read_both(written(rules), draft=True)
    (clause,) = [each for each in rules["clauses"] if each["code"] == "TML-05"]
    clause["grounds"][0]["when"] = "fact.score < settings.own_mark || fact.score < settings.five_s_pass_mark"
    assert "own_mark" in read_by(read_both(written(rules), draft=True)[0])


async def test_the_pages_say_which_answers_decide_nothing_and_what_to_change_instead(office: Department) -> None:
    told = {"zh": "由采购系统的审批规则决定", "en": "Decided by the rule of approval in Purchasing"}
    for language, said in told.items():
        assert said in await page(office, "/rules", language)
        assert said in await page(office, "/rulebook-forms/2026-01/settings/purchase_approver", language)
    assert "这个答案不影响任何判定" not in await page(office, "/rulebook-forms/2026-01/settings/extent", "zh")
    rules = answering("who_delivers", "engineering") | {"version": "2026-02"}

    refused = (await office.attempt(HR, "draft_rulebook", text=written(rules), reason="x")).json()
    assert [error["place"] for error in refused["errors"]] == ["settings.who_delivers.value"]
    shorter = written(answering("extent", "minor_demerit") | {"version": "2026-02"})
    await office.do(HR, "draft_rulebook", text=shorter, reason="no major demerit by extent")
    await consulted(office)
    await office.do(BOSS, "approve_rulebook", "2026-02")
    assert "教育至小过" in await page(office, "/rules/2026-02", "zh")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("statement_period", "0 d", "leaves nobody time to state their case"),
        ("statement_period", "30 min", "leaves nobody time to state their case"),
        ("appeal_period", "7 h", "leaves nobody time to state their case"),
        ("lapse_months", 100_000, "no record would lapse"),
        ("version", "2026/../02", "may have letters, digits"),
        ("statement_period", "61 d", "nothing would ever be decided"),
        ("appeal_period", "99999 d", "nothing would ever be decided"),
        ("first_cause_minimum", "6 d", "first_cause_minimum is at most 5 d"),
        ("tolerance_seconds", 3_601, "tolerance_seconds is at most 3600"),
    ],
)
def test_a_draft_takes_nobody_their_hearing_nor_what_lapses(key: str, value: object, words: str) -> None:
    text = yaml.safe_dump({**RULES, key: value}, allow_unicode=True, sort_keys=False)

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    (mistake,) = refused.value.mistakes
    assert mistake.line is not None
    assert text.splitlines()[mistake.line - 1].startswith(f"{key}:")
    assert words in mistake.text.en
    assert read_both(text)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("objection_period", "1 min", "leaves nobody time"),
        ("objection_period", "7 h", "leaves nobody time"),
        ("objection_period", "61 d", "nothing would ever be decided"),
        ("backfill_period", "6 d", "backfill_period is at most 5 d"),
    ],
)
def test_so_do_the_periods_among_the_open_questions(key: str, value: str, words: str) -> None:
    text = written(answering(key, value))

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    (mistake,) = refused.value.mistakes
    assert mistake.name == f"settings.{key}.value"
    assert text.splitlines()[(mistake.line or 0) - 1].strip() == f"value: {value}"
    assert words in mistake.text.en
    assert value in mistake.text.en
    assert read_both(text)


@pytest.mark.parametrize(
    ("link", "changes", "words"),
    [
        ("receipt", {"standard": "0 h"}, "a standard time is at least 30 min: with '0 h'"),
        ("receipt", {"standard": "0 d"}, "everybody would overrun as soon as it is theirs"),
        ("receipt", {"standard": "1 min"}, "everybody would overrun as soon as it is theirs"),
        ("receipt", {"standard": "100000 d"}, "a duration is at most 250 d: with '100000 d'"),
        ("ship", {"due": ["ship_by", "opened + 0 h"]}, "a standard time is at least 30 min: with '0 h'"),
        ("ship", {"due": ["ship_by", "opened + 251 d"]}, "a duration is at most 250 d"),
        ("ship", {"due": ["opened"]}, "'opened' may be over before it is theirs"),
        ("ship", {"due": ["opened - 4 h"]}, "'opened - 4 h' may be over before it is theirs"),
        ("ship", {"due": ["ship_by - 9 d"]}, "'ship_by - 9 d' may be over before it is theirs"),
    ],
)
def test_a_draft_gives_everybody_some_time_and_nobody_all(link: str, changes: dict[str, Any], words: str) -> None:
    rules = {**RULES, "links": [each | changes if each["code"] == link else each for each in RULES["links"]]}
    text = written(rules)

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    (mistake,) = refused.value.mistakes
    assert mistake.name.startswith(f"links.{link}.{next(iter(changes))}")
    assert mistake.line is not None
    assert words in mistake.text.en
    assert read_both(text)


@pytest.mark.parametrize("key", shipped_settings())
def test_a_draft_answers_every_question_that_the_source_leaves_open(key: str) -> None:
    rules = deepcopy(RULES)
    rules["settings"] = [each for each in rules["settings"] if each["key"] != key]
    for clause in rules["clauses"]:  # what asks for the setting goes too
        clause["grounds"] = [ground for ground in clause["grounds"] if f"settings.{key}" not in str(ground)]
        for ground in clause["grounds"]:
            if ground.get("finding", {}).get("up_to") == key:
                del ground["finding"]["up_to"]
    rules["clauses"] = [clause for clause in rules["clauses"] if clause["grounds"]]
    text = written(rules)

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    (mistake,) = refused.value.mistakes
    assert mistake.name == "settings"
    assert text.splitlines()[(mistake.line or 0) - 2] == "settings:"
    assert f"{key} is missing" in mistake.text.en
    assert shipped_settings()[key].question.en in mistake.text.en
    assert shipped_settings()[key].question.zh in mistake.text.zh
    assert read_both(text)


@pytest.mark.parametrize("part", ["question", "reason"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_draft_gives_its_reason_in_both_languages(part: str, language: str) -> None:
    rules = deepcopy(RULES)
    rules["settings"][3][part][language] = "  "
    text = written(rules)

    with pytest.raises(InvalidRulebook) as refused:
        read_both(text, draft=True)

    (mistake,) = refused.value.mistakes
    assert mistake.name == f"settings.monthly_minimum_wage.{part}.{language}"
    assert mistake.line
    assert "in Chinese and in English" in mistake.text.en
    assert read_both(text)


@pytest.mark.parametrize("left", [[], RULES["checks"][1:], [["inspector", "workshop_director"]]])
def test_a_draft_goes_on_showing_self_dealing(left: list[list[str]]) -> None:
    text = written({**RULES, "checks": left})
    missing = {frozenset(pair) for pair in RULES["checks"]} - set(map(frozenset, left))

    with pytest.raises(InvalidRulebook, match="self-dealing") as refused:
        read_both(text, draft=True)

    assert len(refused.value.mistakes) == len(missing)
    assert {(each.name, each.line is None) for each in refused.value.mistakes} == {("checks", False)}
    assert read_both(text)


def test_more_may_be_checked_in_any_order() -> None:
    checks = [[one, other] for other, one in RULES["checks"]]

    assert read_both(written({**RULES, "checks": [*checks, ["planner", "buyer"]]}), draft=True)
