"""Is every question that the source leaves open answered by a setting, and shown with its reason to everybody?"""

import html

import pytest

from services.accountability.rules.rulebook_loading import SHIPPED, read_yaml
from tests.accountability.test_pages import page
from tests.accountability.test_rulebook_drafts import office
from tests.support.departments import Department

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
    "zh": ("按各项交接的时限", "不折算金额", "否", "小过", "生产、品质", "采购行", "采购经理", "3"),
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
