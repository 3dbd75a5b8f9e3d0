"""Does whoever wrote a draft's words leave the approval to somebody else, and is nobody's change overwritten unseen?"""

import html
import re
from typing import Any

import yaml
from sqlalchemy import update

from chassis.database import transaction
from services.accountability.models import Rulebook
from services.accountability.rules.models_rulebook import RuleChange
from services.accountability.rules.rule_changes import signed
from tests.accountability.test_pages import HR, page
from tests.accountability.test_rulebook_drafts import BOSS, FINANCE, consulted, drafted, office, text
from tests.accountability.test_rulebook_fields import browsers
from tests.support.departments import Department
from tests.support.facts import RULES
from tests.ui.conftest import Browser

__all__ = ["browsers", "office"]


async def revised(office: Department, by: str, **fields: str) -> dict[str, Any]:
    return await office.do(by, "revise_rulebook", "2026-02", **{"text": text(receipt="12 h"), "reason": "x"} | fields)


def authors(draft: dict[str, Any]) -> dict[str, str]:
    return {change["place"]: change["written_by"] for change in draft["changes"]}


async def test_who_wrote_what_another_only_saved_again_does_not_approve_it(office: Department) -> None:
    await drafted(office)

    again = await revised(office, BOSS, reason="said better")

    assert (again["made_by"], authors(again)) == (HR, {"links.receipt.standard": HR})
    await consulted(office)
    assert await office.refused(HR, "approve_rulebook", "2026-02") == "self_approval"
    assert (await office.do(BOSS, "approve_rulebook", "2026-02"))["status"] == "issued"


async def test_who_wrote_a_part_that_stands_does_not_approve_the_whole(office: Department) -> None:
    await drafted(office)

    both = await revised(office, BOSS, text=text(receipt="12 h", iqc="2 d"))

    assert authors(both) == {"links.iqc.standard": BOSS, "links.receipt.standard": HR}
    await consulted(office)
    refused = await office.attempt(HR, "approve_rulebook", "2026-02")
    assert (refused.status_code, refused.json()["code"]) == (403, "self_approval")
    assert "links.receipt.standard" in refused.json()["detail"]
    assert await office.refused(BOSS, "approve_rulebook", "2026-02") == "self_approval"
    await revised(office, BOSS, text=text(iqc="2 d"))
    await consulted(office)
    assert (await office.do(HR, "approve_rulebook", "2026-02"))["status"] == "issued"


async def test_the_page_says_who_wrote_what(office: Department) -> None:
    await drafted(office)
    await revised(office, BOSS, text=text(receipt="12 h", iqc="2 d"))

    shown = await page(office, "/rulebooks/2026-02", "en")

    written = [row.rpartition("Written by")[2] for row in shown.split("<tr>") if "links." in row]
    assert [next(who for who in (HR, BOSS) if who in row) for row in written] == [BOSS, HR]


async def test_of_a_draft_from_before_the_upgrade_the_maker_wrote_everything(office: Department) -> None:
    draft = await drafted(office)
    await consulted(office)
    older = tuple(RuleChange(**change | {"written_by": ""}) for change in draft["changes"])
    async with transaction(office.engine) as session:
        await session.execute(update(Rulebook).where(Rulebook.no == "2026-02").values(changes=older))

    assert authors(await revised(office, BOSS, text=text(receipt="12 h", iqc="2 d")))["links.receipt.standard"] == HR


def test_words_keep_their_author_where_another_entry_is_put_before_them() -> None:
    def change(place: str, after: str, by: str = "") -> RuleChange:
        return RuleChange(place=place, before="", after=after, written_by=by)

    earlier = [change("clauses.ENG-01.grounds.1.when", "a", HR), change("lapse_months", "6", HR)]
    now = [
        change("clauses.ENG-01.grounds.1.when", "b"),
        change("clauses.ENG-01.grounds.2.when", "a"),
        change("lapse_months", "7"),
    ]

    assert [each.written_by for each in signed(now, earlier, BOSS)] == [BOSS, HR, BOSS]


async def test_what_is_saved_without_a_change_is_refused(office: Department) -> None:
    await drafted(office)

    for who in (HR, BOSS):
        same = {"text": text(receipt="12 h"), "reason": "receipts come in the evening"}
        assert await office.refused(who, "revise_rulebook", "2026-02", **same) == "nothing_changed"


async def test_of_two_who_revise_one_draft_the_second_is_told(office: Department) -> None:
    read = await drafted(office)
    asked = await page(office, "/commands/revise-rulebook/2026-02", "en")
    assert f'<input type="hidden" name="text_digest" value="{read["text_digest"]}">' in asked
    first = await revised(office, BOSS, text=text(receipt="12 h", iqc="2 d"), text_digest=read["text_digest"])

    late = {"text": text(receipt="16 h"), "reason": "x", "text_digest": read["text_digest"]}
    assert await office.refused(HR, "revise_rulebook", "2026-02", **late) == "changed_meanwhile"
    both = text(receipt="16 h", iqc="2 d")
    assert authors(await revised(office, HR, text=both, text_digest=first["text_digest"])) == {
        "links.iqc.standard": BOSS,
        "links.receipt.standard": HR,
    }


async def test_the_text_of_a_draft_is_there_to_be_changed(office: Department, browsers: dict[str, Browser]) -> None:
    """The version that was approved last where one begins, the draft itself where it goes on."""
    begun = await browsers[HR].fill(
        "/commands/draft-rulebook", reason="x", **await changed(browsers[HR], "draft-rulebook")
    )
    assert begun.status == 303, begun.words
    on = await changed(browsers[BOSS], "revise-rulebook/2026-02", "standard: 12 h", "standard: 13 h")
    went_on = await browsers[BOSS].fill("/commands/revise-rulebook/2026-02", reason="x", **on)
    assert went_on.status == 303, went_on.words

    async with office.as_(HR) as client:
        draft = (await client.get("/api/rulebooks/2026-02")).json()
    assert [(change["place"], change["after"]) for change in draft["changes"]] == [("links.receipt.standard", "13 h")]


async def changed(browser: Browser, form: str, old: str = "", new: str = "") -> dict[str, Any]:
    """The text that a form begins with, changed by hand."""
    shown = await browser.get(f"/commands/{form}")
    (held,) = re.findall(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', shown.html, re.DOTALL)
    written = html.unescape(held)
    if old:
        assert old in written
        return {"text": written.replace(old, new)}
    assert written.strip().startswith("version: 2026-01\n")
    rules = yaml.safe_load(written)
    assert rules == RULES
    receipt = next(link for link in rules["links"] if link["code"] == "receipt")
    rules["version"], receipt["standard"] = "2026-02", "12 h"
    return {"text": yaml.safe_dump(rules)}


async def test_the_text_to_draft_from_is_offered_to_those_who_may_draft(browsers: dict[str, Browser]) -> None:
    for who, offered in ((HR, True), (BOSS, True), (FINANCE, False)):
        shown = (await browsers[who].get("/rules/2026-01")).html
        assert ("/api/rulebook-texts/2026-01" in shown) == offered, who


async def test_the_forms_lead_to_the_text_where_entries_are_added_or_left_out(browsers: dict[str, Browser]) -> None:
    assert 'href="/commands/draft-rulebook"' in (await browsers[HR].get("/rulebook-forms/2026-01")).html
    text_anew = await changed(browsers[HR], "draft-rulebook")
    await browsers[HR].fill("/commands/draft-rulebook", reason="x", **text_anew)
    assert 'href="/commands/revise-rulebook/2026-02"' in (await browsers[HR].get("/rulebook-forms/2026-02")).html
