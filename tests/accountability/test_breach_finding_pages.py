"""Findings have a list, a page and their forms like every other document, in both languages."""

import html
import re
from datetime import timedelta

import httpx
import pytest

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from contracts.accountability import BreachFound
from contracts.event import Actor
from services.accountability.office import Office
from services.accountability.process import records
from tests.accountability.test_breach_findings import (
    DIRECTION,
    DIRECTOR,
    HR,
    INFERIOR,
    INSPECTOR,
    LOST,
    PLANNING,
    RUDE,
    found,
    office,
)
from tests.support.departments import MORNING, Department
from tests.support.facts import STAFF, a_story

__all__ = ["office"]

FORMS = ("find-breach", "propose-finding")


async def browser(office: Department, employee: str, language: str) -> httpx.AsyncClient:
    """A browser in which this person is signed in."""
    async with transaction(office.engine) as session:
        secret = await auth.open_session(session, employee)
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    client = httpx.AsyncClient(transport=httpx.ASGITransport(office.app), base_url="http://test", headers=headers)
    client.cookies.set(cookie_name("accountability", secure=False), secret)
    client.cookies.set("language", language)
    return client


async def shown(client: httpx.AsyncClient, path: str) -> str:
    """The words of a page that opens."""
    answer = await client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.text[-500:]}"
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.mark.parametrize(
    ("language", "title", "what", "withdraw"),
    [("zh", "违规认定", "事情经过", "撤回认定"), ("en", "Breach finding", "What happened", "Withdraw finding")],
)
async def test_a_finding_has_its_page_list_and_forms(
    office: Department, language: str, title: str, what: str, withdraw: str
) -> None:
    finding = await found(office, DIRECTION, INFERIOR, evidence_positions=[1])

    async with await browser(office, DIRECTION, language) as client:
        page = await shown(client, f"/breach-findings/{finding['no']}")
        listed = await shown(client, "/breach-findings")
        withdrawing = await shown(client, f"/commands/withdraw-finding/{finding['no']}")
        forms = [await shown(client, f"/commands/{form}") for form in FORMS]

    assert title in listed
    assert finding["no"] in listed
    assert what in page
    assert INFERIOR["what_happened"] in page
    assert "ARV-20260828-0001" in page
    assert withdraw in page
    assert withdraw in withdrawing
    assert all(what in form for form in forms)


@pytest.mark.parametrize(
    ("language", "confirm", "dismiss"), [("zh", "予以认定", "不予认定"), ("en", "Confirm finding", "Dismiss finding")]
)
async def test_a_proposal_offers_to_confirm_or_dismiss_it(
    office: Department, language: str, confirm: str, dismiss: str
) -> None:
    proposed = await office.do(PLANNING, "propose_finding", **LOST)

    async with await browser(office, DIRECTION, language) as client:
        page = await shown(client, f"/breach-findings/{proposed['no']}")
        dismissing = await shown(client, f"/commands/dismiss-finding/{proposed['no']}")

    assert confirm in page
    assert dismiss in page
    assert dismiss in dismissing


async def test_the_rulebook_offers_to_propose_to_whoever_may_and_to_find_to_whoever_finds(office: Department) -> None:
    offered = {}
    for who in (STAFF["planner"], STAFF["engineer"], DIRECTION):
        async with await browser(office, who, "en") as client:
            page = (await client.get("/rules/2026-01")).text
        offered[who] = set(re.findall(r"/commands/(propose-finding|find-breach)\?clause=(PUR-02|PRD-04|GEN-02)", page))

    assert "may also propose it" in page
    finds, proposes = "find-breach", "propose-finding"
    assert offered == {
        STAFF["planner"]: {(proposes, "PUR-02"), (proposes, "PRD-04"), (proposes, "GEN-02")},
        STAFF["engineer"]: {(finds, "PUR-02"), (finds, "PRD-04"), (proposes, "GEN-02")},
        DIRECTION: {(finds, "PUR-02"), (finds, "PRD-04"), (finds, "GEN-02")},
    }


async def test_a_breach_is_found_on_the_form(office: Department) -> None:
    local = (MORNING - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    typed = {
        **RUDE,
        "occurred_at": local,
        "evidence_documents": "INQ-20260828-0001\nINQ-20260828-0002\n",
        "evidence_positions": "1",
    }
    async with await browser(office, HR, "en") as client:
        form = (await client.get("/commands/find-breach")).text
        hidden = {
            name: re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', form)[-1]
            for name in ("token", "key")
        }
        lacking = await client.post("/commands/find-breach", data={**typed, **hidden, "evidence_positions": "7"})
        answer = await client.post("/commands/find-breach", data={**typed, **hidden})

    assert lacking.status_code == 422
    assert "The ledger has no position 7" in lacking.text
    assert answer.status_code == 303, answer.text
    (fact,) = await office.facts(BreachFound.name)
    assert isinstance(fact, BreachFound)
    assert fact.evidence_documents == ("INQ-20260828-0001", "INQ-20260828-0002")
    assert [proof.position for proof in fact.evidence_facts] == [1]


@pytest.mark.parametrize(
    ("language", "title", "propose"), [("zh", "违规认定", "提请认定"), ("en", "Breach finding", "Propose")]
)
async def test_finders_of_other_departments_see_what_they_wrote_themselves_and_nothing_else(
    office: Department, language: str, title: str, propose: str
) -> None:
    others = await found(office, DIRECTION, INFERIOR)
    own = await found(office, INSPECTOR, {**INFERIOR, "clause": "PRD-04", "person": DIRECTOR})

    async with await browser(office, INSPECTOR, language) as client:
        listed = await shown(client, "/breach-findings")
        page = await shown(client, f"/breach-findings/{own['no']}")
        form = await shown(client, "/commands/propose-finding")
        refused = await client.get(f"/breach-findings/{others['no']}")

    assert title in listed
    assert own["no"] in listed
    assert others["no"] not in listed
    assert own["no"] in page
    assert propose in form
    assert refused.status_code == 403
    assert others["no"] not in (await listed_to_programs(office, INSPECTOR))


async def listed_to_programs(office: Department, employee: str) -> str:
    """The same list as programs get it."""
    async with office.as_(employee) as client:
        return (await client.get("/api/breach-findings")).text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("认定人: 总经理 · 提请人: 生管经理", "须写明: 调查编号 、 工伤报告号", "教育至大过")),
        (
            "en",
            (
                "Found by: General manager · proposed by: PMC manager",
                "Investigation no. , Injury",
                "warning to minor demerit",
            ),
        ),
    ],
)
async def test_the_rules_say_who_finds_which_clause_and_lead_to_the_form(
    office: Department, language: str, said: tuple[str, ...]
) -> None:
    async with await browser(office, INSPECTOR, language) as client:
        rules = await client.get("/rules")
        form = await client.get("/commands/find-breach?clause=GEN-05")

    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", rules.text)).split())
    assert [part for part in said if part.replace(" ", "") not in words.replace(" ", "")] == []
    assert 'href="/commands/find-breach?clause=GEN-05"' in rules.text
    assert 'href="/commands/propose-finding?clause=MER-02"' in rules.text
    assert 'value="GEN-05"' in form.text


@pytest.mark.parametrize(("language", "said"), [("zh", "违规认定 FND-"), ("en", "Breached: Finding FND-")])
async def test_the_record_shows_what_was_found(office: Department, language: str, said: str) -> None:
    await found(office, HR, RUDE, sanction="minor_demerit", evidence_positions=[1])
    (fact,) = await office.facts(BreachFound.name)
    story = a_story().at(MORNING)
    story.add(fact, actor=HR, post="hr")
    office.app.state.companion = Office(office.app.state.settings, office.engine)
    async with transaction(office.engine, Actor(employee="system")) as session:
        session.info["service"] = "accountability"
        await records.write(session, story.judged("2026-12-01 17:00").verdicts)

    async with await browser(office, HR, language) as client:
        (record,) = (await client.get("/api/records")).json()["items"]
        pages = [await shown(client, f"/records/{record['no']}{form}") for form in ("", "/print")]

    for page in pages:
        assert said in page
        assert RUDE["what_happened"] in page
