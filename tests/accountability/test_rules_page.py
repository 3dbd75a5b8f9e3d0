"""Does the page of the rules say which version counts, since when and until when, and which is to come?"""

from datetime import timedelta

import pytest

from services.accountability.office import Office
from tests.accountability.test_pages import HR, page
from tests.accountability.test_rulebook_drafts import BOSS, consulted, drafted, office, text, words_of
from tests.support.departments import MORNING, Department

__all__ = ["office"]
pytestmark = pytest.mark.asyncio
LATER = MORNING + timedelta(days=90)
BUTTON = 'action="/commands/acknowledge-rulebook"'


async def approved_for_later(office: Department) -> None:
    await drafted(office)
    await consulted(office)
    await office.do(BOSS, "approve_rulebook", "2026-02", effective_from=LATER.isoformat())


async def words(office: Department, path: str, language: str = "en") -> str:
    return " ".join(words_of(await page(office, path, language)).split())


async def test_the_rules_are_those_in_force_and_name_what_is_to_come(office: Department) -> None:
    await approved_for_later(office)

    shown = await page(office, "/rules", "en")

    said = " ".join(words_of(shown).split())
    assert "Rulebook 2026-01 in force" in said
    assert "In force from 2026-09-01 09:00 until 2026-11-30 09:00" in said
    assert "2026-02 comes into force then" in said
    assert 'href="/rules/2026-02"' in shown
    assert BUTTON in shown
    assert "自 2026-09-01 09:00 起有效,到 2026-11-30 09:00 为止" in await words(office, "/rules", "zh")


async def test_what_is_to_come_says_from_when_on_and_what_counts_until_then(office: Department) -> None:
    await approved_for_later(office)

    shown = await page(office, "/rules/2026-02", "en")

    said = " ".join(words_of(shown).split())
    assert "Rulebook 2026-02 still to come" in said
    assert "In force from 2026-11-30 09:00 on; until then 2026-01 counts" in said
    assert BUTTON in shown
    assert "自 2026-11-30 09:00 起有效,在此之前仍按 2026-01" in await words(office, "/rules/2026-02", "zh")


async def test_once_it_has_come_the_one_before_says_that_it_is_over(office: Department) -> None:
    await approved_for_later(office)
    await office.wait_until(LATER)

    assert "Rulebook 2026-02 in force" in (said := await words(office, "/rules"))
    assert "In force from 2026-11-30 09:00 on" in said
    before = await words(office, "/rules/2026-01")
    assert "Rulebook 2026-01 no longer in force" in before
    assert "It was in force from 2026-09-01 09:00 until 2026-11-30 09:00; now 2026-02 counts" in before


@pytest.mark.parametrize(
    ("dropped", "english", "chinese"),
    [
        (False, "a draft that nobody has approved; 2026-01 is in force", "草案,还没有批准;现在有效的是 2026-01"),
        (True, "a draft that was dropped and never came into force; 2026-01 is in force", "草案已放弃,从未生效"),
    ],
)
async def test_a_draft_is_no_rule_and_nobody_is_asked_to_acknowledge_it(
    office: Department, dropped: bool, english: str, chinese: str
) -> None:
    await office.do(HR, "register_employee", no=HR, nickname="小赵", department="accountability")
    await drafted(office)
    if dropped:
        await office.do(BOSS, "drop_rulebook", "2026-02")

    shown = await page(office, "/rules/2026-02", "en")

    assert english in " ".join(words_of(shown).split())
    assert chinese in await words(office, "/rules/2026-02", "zh")
    assert BUTTON not in shown
    assert "cknowledged yet" not in words_of(shown)
    assert "cknowledged it" not in words_of(shown)
    assert "Not acknowledged yet by" in await words(office, "/rules")
    refused = (await office.attempt(HR, "acknowledge_rulebook", rulebook_no="2026-02")).json()
    assert (refused["code"], refused["field"]) == ("version_not_approved", "rulebook_no")
    assert f"2026-02 is {'dropped' if dropped else 'draft'}" in refused["detail"]
    assert "2026-01" in refused["detail"]


async def test_of_two_that_come_at_once_the_one_that_changes_the_other_counts(office: Department) -> None:
    await approved_for_later(office)
    await office.do(HR, "draft_rulebook", text=text("2026-03", receipt="12 h", iqc="2 d"), reason="more lots")
    await consulted(office, "2026-03")
    await office.do(BOSS, "approve_rulebook", "2026-03", effective_from=LATER.isoformat())
    await office.wait_until(LATER)

    assert "Rulebook 2026-03 in force" in await words(office, "/rules")
    office.app.state.companion = Office(office.app.state.settings, office.engine)
    assert "Rulebook 2026-03" in await words(office, "/mine")
    assert "2026-02 never counted: 2026-03 replaced it at 2026-11-30 09:00" in await words(office, "/rules/2026-02")


async def test_the_forms_do_not_call_in_force_what_is_to_come(office: Department) -> None:
    await approved_for_later(office)

    assert "This version is in force" not in await words(office, "/rulebook-forms/2026-02")
    assert "This version was approved: give a new version" in await words(office, "/rulebook-forms/2026-02")
