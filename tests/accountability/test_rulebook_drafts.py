"""A rulebook is drafted by one person, shown as a difference, talked over with the employees, and approved by another."""

import html
import json
import re
from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import yaml
from sqlalchemy import update

from chassis.database import transaction
from chassis.instants import FACTORY
from contracts.accountability import EmployeesConsulted, RulebookActivated
from services.accountability.models import Rulebook
from services.accountability.rules import rulebooks
from services.accountability.rules.models_rulebook import RuleChange
from services.accountability.rules.rule_changes import Parts, differences, marked
from tests.accountability.test_pages import HR, page
from tests.support.departments import MORNING, Department, department
from tests.support.facts import RULES

pytestmark = pytest.mark.asyncio
BOSS, FINANCE = "E-071", "E-072"
MINUTES = {"held_on": "2026-09-01", "participants": "everybody", "minutes_reference": "M-7"}


@pytest.fixture
async def office() -> AsyncIterator[Department]:
    """Accountability with the shipped rulebook in force."""
    async with department("accountability") as it:
        await it.employ(hr=HR, general_manager=BOSS, finance=FINANCE)
        async with transaction(it.engine) as session:
            session.info["service"] = "accountability"
            await rulebooks.activate(session, rulebooks.Text(), maker=BOSS, now=MORNING)
        yield it


def rules_of(version: str = "2026-02", **standards: str) -> dict[str, Any]:
    """The shipped rulebook under another version, with other standards for some links."""
    rules: dict[str, Any] = deepcopy(RULES)
    rules["version"] = version
    for link in rules["links"]:
        link["standard"] = standards.get(link["code"], link["standard"])
    return rules


def text(version: str = "2026-02", **standards: str) -> str:
    return yaml.safe_dump(rules_of(version, **standards), allow_unicode=True)


async def consulted(office: Department, version: str = "2026-02", **minutes: str) -> str:
    """The employees were consulted now on the text as it is now; the number of that."""
    now = {"held_on": f"{office.now.astimezone(FACTORY):%Y-%m-%d}", "held_at": office.now.isoformat()}
    made = await office.do(HR, "record_consultation", rulebook_no=version, **MINUTES | now | minutes)
    return str(made["no"])


async def drafted(office: Department, **standards: str) -> dict[str, Any]:
    wanted = standards or {"receipt": "12 h"}
    return await office.do(HR, "draft_rulebook", text=text(**wanted), reason="receipts come in the evening")


def words_of(shown: str) -> str:
    """A page's words, without its tags."""
    return html.unescape(re.sub(r"<.*?>", "", shown))


async def activations(office: Department) -> list[str]:
    return [fact.version for fact in await office.facts(RulebookActivated.name) if isinstance(fact, RulebookActivated)]


async def test_a_draft_shows_what_it_changes_and_is_not_in_force(office: Department) -> None:
    draft = await drafted(office)

    assert (draft["status"], draft["based_on"], draft["effective_from"]) == ("draft", "2026-01", None)
    change = {"place": "links.receipt.standard", "before": "8 h", "after": "12 h", "written_by": HR}
    assert draft["changes"] == [change]
    assert await activations(office) == ["2026-01"]
    shown = await page(office, f"/rulebooks/{draft['no']}", "en")
    assert "links.receipt.standard" in shown
    assert "2026-02" not in await page(office, "/rules", "en")


async def test_another_person_approves_it_once_the_employees_were_consulted(office: Department) -> None:
    await drafted(office)
    assert await office.refused(BOSS, "approve_rulebook", "2026-02") == "not_consulted"
    await consulted(office)
    assert await office.refused(HR, "approve_rulebook", "2026-02") == "self_approval"
    later = MORNING + timedelta(days=30)

    approved = await office.do(BOSS, "approve_rulebook", "2026-02", effective_from=later.isoformat())

    assert (approved["status"], approved["approved_by"]) == ("issued", BOSS)
    assert await activations(office) == ["2026-01", "2026-02"]
    (_, fact) = await office.facts(RulebookActivated.name)
    assert isinstance(fact, RulebookActivated)
    assert fact.effective_from == later
    assert {link["code"]: link["standard"] for link in fact.rules["links"]}["receipt"] == "12 h"


async def test_a_draft_is_revised_under_its_version_and_whoever_did_so_does_not_approve_it(office: Department) -> None:
    await drafted(office)
    assert await office.refused(
        BOSS, "revise_rulebook", "2026-02", text=text("2026-03", receipt="9 h"), reason="x"
    ) == ("another_version")

    revised = await office.do(BOSS, "revise_rulebook", "2026-02", text=text(receipt="10 h"), reason="ten are enough")

    change = {"place": "links.receipt.standard", "before": "8 h", "after": "10 h", "written_by": BOSS}
    assert revised["changes"] == [change]
    await consulted(office)
    assert await office.refused(BOSS, "approve_rulebook", "2026-02") == "self_approval"
    assert (await office.do(HR, "approve_rulebook", "2026-02"))["status"] == "issued"


async def test_what_was_dropped_or_issued_is_not_changed_any_more(office: Department) -> None:
    await drafted(office)
    await office.do(BOSS, "drop_rulebook", "2026-02")

    assert (
        await office.refused(HR, "revise_rulebook", "2026-02", text=text(receipt="9 h"), reason="x") == "wrong_status"
    )
    assert await office.refused(BOSS, "approve_rulebook", "2026-02") == "wrong_status"
    assert await office.refused(HR, "draft_rulebook", text=text(receipt="9 h"), reason="x") == "version_known"
    assert await office.refused(HR, "revise_rulebook", "2026-01", text=text("2026-01"), reason="x") == "wrong_status"


async def test_a_draft_that_another_one_overtook_is_approved_only_once_its_difference_was_drawn_anew(
    office: Department,
) -> None:
    await drafted(office)
    await office.do(HR, "draft_rulebook", text=text("2026-03", iqc="2 d"), reason="more lots")
    for version in ("2026-02", "2026-03"):
        await consulted(office, version)
    await office.do(BOSS, "approve_rulebook", "2026-02")

    for language, said in (("zh", "最后批准的是 2026-02"), ("en", "2026-02 was approved last")):
        assert said in await page(office, "/rulebooks/2026-03", language)
    refused = await office.attempt(BOSS, "approve_rulebook", "2026-03")
    assert refused.json()["code"] == "draft_outdated"
    assert "keeping what 2026-02 changed" in refused.json()["detail"]
    assert await activations(office) == ["2026-01", "2026-02"]

    undoing = await office.do(HR, "revise_rulebook", "2026-03", text=text("2026-03", iqc="2 d"), reason="more lots")
    assert {change["place"] for change in undoing["changes"]} == {"links.iqc.standard", "links.receipt.standard"}
    kept = text("2026-03", iqc="2 d", receipt="12 h")
    keeping = await office.do(HR, "revise_rulebook", "2026-03", text=kept, reason="more lots")
    assert (keeping["based_on"], [change["place"] for change in keeping["changes"]]) == (
        "2026-02",
        ["links.iqc.standard"],
    )
    await consulted(office, "2026-03")
    assert "这份草案还不能批准" not in await page(office, "/rulebooks/2026-03", "zh")
    assert (await office.do(BOSS, "approve_rulebook", "2026-03"))["status"] == "issued"


async def test_of_two_drafts_approved_at_once_one_comes_into_force(office: Department) -> None:
    await drafted(office)
    await office.do(HR, "draft_rulebook", text=text("2026-03", iqc="2 d"), reason="more lots")
    for version in ("2026-02", "2026-03"):
        await consulted(office, version)

    both = [office.attempt(BOSS, "approve_rulebook", version) for version in ("2026-02", "2026-03")]
    answers = await office.meet("rulebooks", *both)

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await activations(office)) == 2


async def test_a_difference_that_was_cut_off_before_the_upgrade_is_drawn_anew_before_anybody_approves_it(
    office: Department,
) -> None:
    draft = await drafted(office)
    await consulted(office)
    cut = tuple(RuleChange(**{**change, "after": change["after"][:1]}) for change in draft["changes"])
    async with transaction(office.engine) as session:
        await session.execute(update(Rulebook).where(Rulebook.no == "2026-02").values(changes=cut))

    assert await office.refused(BOSS, "approve_rulebook", "2026-02") == "draft_outdated"


async def test_nothing_is_replaced_by_the_version_that_it_changes(office: Department) -> None:
    await drafted(office)
    await consulted(office)
    later = MORNING + timedelta(days=30)
    await office.do(BOSS, "approve_rulebook", "2026-02", effective_from=later.isoformat())
    await office.do(HR, "draft_rulebook", text=text("2026-03", receipt="12 h", iqc="2 d"), reason="more lots")
    await consulted(office, "2026-03")

    assert await office.refused(BOSS, "approve_rulebook", "2026-03") == "effective_before_its_base"
    at_once = await office.do(BOSS, "approve_rulebook", "2026-03", effective_from=later.isoformat())
    assert at_once["status"] == "issued"
    await office.do(HR, "draft_rulebook", text=text("2026-04", receipt="9 h"), reason="x")
    async with office.as_(HR) as client:
        assert (await client.get("/api/rulebooks/2026-04")).json()["based_on"] == "2026-03"


async def test_a_consultation_counts_for_the_text_on_which_it_was_held(office: Department) -> None:
    await drafted(office)
    first = await consulted(office)
    assert f"已就现在的文本征求员工意见:{first}" in words_of(await page(office, "/rulebooks/2026-02", "zh"))
    await office.do(HR, "revise_rulebook", "2026-02", text=text(receipt="16 h"), reason="later still")

    refused = await office.attempt(BOSS, "approve_rulebook", "2026-02")
    assert (refused.status_code, refused.json()["code"]) == (409, "consulted_on_another_text")
    assert first in refused.json()["detail"]
    for language, said in (("zh", "就改写以前的文本征求的意见不算:"), ("en", "on an earlier text does not count: ")):
        assert said + first in words_of(await page(office, "/rulebooks/2026-02", language))

    await office.do(HR, "revise_rulebook", "2026-02", text=text(receipt="12 h"), reason="as it was talked over")
    assert (await office.do(BOSS, "approve_rulebook", "2026-02"))["status"] == "issued"


async def test_whoever_approves_has_the_difference_before_them_and_approves_what_they_read(office: Department) -> None:
    read = await drafted(office)
    asked = await page(office, "/commands/approve-rulebook/2026-02", "en")
    assert "8 h → 12 h" in asked
    assert f'<input type="hidden" name="text_digest" value="{read["text_digest"]}">' in asked
    revised = await office.do(HR, "revise_rulebook", "2026-02", text=text(receipt="16 h"), reason="later still")
    await consulted(office)

    late = {"text_digest": read["text_digest"]}
    assert await office.refused(BOSS, "approve_rulebook", "2026-02", **late) == "changed_meanwhile"
    now = {"text_digest": revised["text_digest"]}
    assert (await office.do(BOSS, "approve_rulebook", "2026-02", **now))["status"] == "issued"


async def test_another_reason_alone_does_not_void_the_consultation(office: Department) -> None:
    await drafted(office)
    await consulted(office)
    await office.do(HR, "revise_rulebook", "2026-02", text=text(receipt="12 h"), reason="said better")

    assert (await office.do(BOSS, "approve_rulebook", "2026-02"))["status"] == "issued"


async def test_what_was_held_before_the_text_was_rewritten_is_not_recorded_for_it(office: Department) -> None:
    await drafted(office)
    await office.wait_until(MORNING + timedelta(days=2))
    await office.do(HR, "revise_rulebook", "2026-02", text=text(receipt="16 h"), reason="later still")
    minutes = {"rulebook_no": "2026-02", **MINUTES}

    assert await office.refused(HR, "record_consultation", **minutes) == "held_before_the_text"
    await consulted(office)
    assert (await office.do(BOSS, "approve_rulebook", "2026-02"))["status"] == "issued"


async def test_what_was_held_on_the_day_of_the_rewriting_says_at_what_time(office: Department) -> None:
    await drafted(office)
    morning = {"rulebook_no": "2026-02", **MINUTES, "held_at": (MORNING + timedelta(hours=1)).isoformat()}
    await office.wait_until(MORNING + timedelta(hours=7))
    await office.do(HR, "revise_rulebook", "2026-02", text=text(receipt="16 h"), reason="later still")
    await office.wait_until(MORNING + timedelta(hours=8))

    refused = (await office.attempt(HR, "record_consultation", rulebook_no="2026-02", **MINUTES)).json()
    assert (refused["code"], refused["field"]) == ("time_of_consultation_wanted", "held_at")
    assert await office.refused(HR, "record_consultation", **morning) == "held_before_the_text"
    another = morning | {"held_at": (MORNING - timedelta(days=1)).isoformat()}
    assert await office.refused(HR, "record_consultation", **another) == "held_at_another_day"
    later = morning | {"held_at": (MORNING + timedelta(hours=9)).isoformat()}
    assert await office.refused(HR, "record_consultation", **later) == "not_held_yet"
    assert await office.refused(BOSS, "approve_rulebook", "2026-02") == "not_consulted"
    afternoon = morning | {"held_at": (MORNING + timedelta(hours=7, minutes=30)).isoformat()}
    await office.do(HR, "record_consultation", **afternoon)
    assert (await office.do(BOSS, "approve_rulebook", "2026-02"))["status"] == "issued"


async def test_the_fact_of_a_consultation_names_the_text_that_came_into_force(office: Department) -> None:
    await drafted(office)
    await consulted(office)
    await office.do(BOSS, "approve_rulebook", "2026-02")

    (held,) = await office.facts(EmployeesConsulted.name)
    (_, activated) = await office.facts(RulebookActivated.name)
    assert isinstance(held, EmployeesConsulted)
    assert isinstance(activated, RulebookActivated)
    plain = json.dumps(activated.rules, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert held.text_digest == sha256(plain.encode()).hexdigest()


async def test_nobody_acknowledges_a_draft(office: Department) -> None:
    await office.do(HR, "register_employee", no=HR, nickname="小赵", department="accountability")
    await drafted(office)

    assert await office.refused(HR, "acknowledge_rulebook", rulebook_no="2026-02") == "version_not_approved"


async def test_rules_do_not_reach_back(office: Department) -> None:
    await drafted(office)
    await consulted(office)
    before = (MORNING - timedelta(days=1)).isoformat()

    assert await office.refused(BOSS, "approve_rulebook", "2026-02", effective_from=before) == "effective_in_the_past"


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ("links: [{code: receipt, standard: soon}]", "rulebook_invalid"),
        (text("2026-02"), "nothing_changed"),
        (text("2026-01", receipt="9 h"), "version_known"),
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused(office: Department, draft: str, code: str) -> None:
    assert await office.refused(HR, "draft_rulebook", text=draft, reason="x") == code


async def test_a_mistake_is_named_with_its_line(office: Department) -> None:
    broken = text(receipt="12 h").replace("standard: 12 h", "standard: a while")

    told = (await office.attempt(HR, "draft_rulebook", text=broken, reason="x")).json()

    (error,) = told["errors"]
    assert (error["field"], error["place"]) == ("text", "links.receipt.standard")
    assert broken.splitlines()[int(error["line"]) - 1].strip() == "standard: a while"
    assert error["remedy"].startswith("'a while' is no duration; write for example")
    assert told["detail"] == "Mistakes in the rulebook: 1. Please correct them."
    async with office.as_(HR, language="zh") as client:
        path = f"/api/{office.service.desk.path_of(office.service.desk.commands['draft_rulebook'])}"
        (error,) = (await client.post(path, json={"text": broken, "reason": "x"})).json()["errors"]
    assert error["remedy"].startswith("“a while”不是时长;请写成例如")


async def test_only_hr_and_the_general_manager_draft(office: Department) -> None:
    assert await office.refused(FINANCE, "draft_rulebook", text=text(receipt="9 h"), reason="x") == "post_not_held"


async def test_the_text_of_a_version_can_be_drafted_again(office: Department) -> None:
    async with office.as_(HR) as client:
        told = (await client.get("/api/rulebook-texts/2026-01")).text
        missing = await client.get("/api/rulebook-texts/2025-01")

    assert yaml.safe_load(told) == RULES
    assert missing.status_code == 404


async def test_differences_name_what_was_added_and_left_out() -> None:
    before = {"version": "1", "links": [{"code": "a", "standard": "1 h"}], "checks": [["x", "y"]]}
    after = {"version": "2", "links": [{"code": "b", "standard": "2 h"}], "checks": [["x", "z"]]}

    told = {(each.place, each.before, each.after) for each in differences(before, after)}

    assert told == {
        ("links.a.code", "a", ""),
        ("links.a.standard", "1 h", ""),
        ("links.b.code", "", "b"),
        ("links.b.standard", "", "2 h"),
        ("checks", "[[x, y]]", "[[x, z]]"),
    }


async def test_a_change_at_the_end_of_a_long_condition_is_told_and_shown(office: Department) -> None:
    long = " && ".join(["fact.confirmed"] * 110)
    assert 1_700 < len(long) < 2_000
    rules = rules_of()
    ground = next(clause for clause in rules["clauses"] if clause["code"] == "ENG-01")["grounds"][0]
    ground["when"] = long
    await office.do(HR, "draft_rulebook", text=yaml.safe_dump(rules), reason="x")
    await consulted(office)
    await office.do(BOSS, "approve_rulebook", "2026-02")
    ground["when"], rules["version"] = f"{long} && false", "2026-03"

    (change,) = (await office.do(HR, "draft_rulebook", text=yaml.safe_dump(rules), reason="y"))["changes"]

    assert (change["place"], change["before"], change["after"]) == (
        "clauses.ENG-01.grounds.1.when",
        long,
        f"{long} && false",
    )
    assert "<mark> &amp;&amp; false</mark>" in await page(office, "/rulebooks/2026-03", "en")


@pytest.mark.parametrize(
    ("before", "after", "was", "will"),
    [
        ("8 h", "12 h", ("", "8", " h"), ("", "12", " h")),
        ("aa", "aaa", ("aa", "", ""), ("aa", "a", "")),
        ("a && b", "a || b", ("a ", "&&", " b"), ("a ", "||", " b")),
        ("", "new", ("", "", ""), ("", "new", "")),
        ("x1y2z", "x3y4z", ("x", "1y2", "z"), ("x", "3y4", "z")),
    ],
)
async def test_all_that_differs_in_a_text_is_marked(before: str, after: str, was: Any, will: Any) -> None:
    assert marked(RuleChange(place="p", before=before, after=after)) == (Parts(*was), Parts(*will))
