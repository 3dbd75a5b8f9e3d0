"""A rulebook is drafted by one person, shown as a difference, talked over with the employees, and approved by another."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import yaml

from chassis.database import transaction
from contracts.accountability import RulebookActivated
from services.accountability.rules import rulebooks
from services.accountability.rules.rulebooks import differences
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


def text(version: str = "2026-02", **standards: str) -> str:
    """The shipped rulebook under another version, with other standards for some links."""
    rules = yaml.safe_load(yaml.safe_dump(RULES))
    rules["version"] = version
    for link in rules["links"]:
        link["standard"] = standards.get(link["code"], link["standard"])
    return yaml.safe_dump(rules, allow_unicode=True)


async def drafted(office: Department, **standards: str) -> dict[str, Any]:
    wanted = standards or {"receipt": "12 h"}
    return await office.do(HR, "draft_rulebook", text=text(**wanted), reason="receipts come in the evening")


async def activations(office: Department) -> list[str]:
    return [fact.version for fact in await office.facts(RulebookActivated.name) if isinstance(fact, RulebookActivated)]


async def test_a_draft_shows_what_it_changes_and_is_not_in_force(office: Department) -> None:
    draft = await drafted(office)

    assert (draft["status"], draft["based_on"], draft["effective_from"]) == ("draft", "2026-01", None)
    assert draft["changes"] == [{"place": "links.receipt.standard", "before": "8 h", "after": "12 h"}]
    assert await activations(office) == ["2026-01"]
    shown = await page(office, f"/rulebooks/{draft['no']}", "en")
    assert "links.receipt.standard" in shown
    assert "2026-02" not in await page(office, "/rules", "en")


async def test_another_person_approves_it_once_the_employees_were_consulted(office: Department) -> None:
    await drafted(office)
    assert await office.refused(BOSS, "approve_rulebook", "2026-02") == "not_consulted"
    await office.do(HR, "record_consultation", rulebook_no="2026-02", **MINUTES)
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

    assert revised["changes"] == [{"place": "links.receipt.standard", "before": "8 h", "after": "10 h"}]
    await office.do(HR, "record_consultation", rulebook_no="2026-02", **MINUTES)
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


async def test_nobody_acknowledges_a_draft(office: Department) -> None:
    await office.do(HR, "register_employee", no=HR, nickname="小赵", department="accountability")
    await drafted(office)

    assert await office.refused(HR, "acknowledge_rulebook", rulebook_no="2026-02") == "unknown_version"


async def test_rules_do_not_reach_back(office: Department) -> None:
    await drafted(office)
    await office.do(HR, "record_consultation", rulebook_no="2026-02", **MINUTES)
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
