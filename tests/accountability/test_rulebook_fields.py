"""Can a rulebook be changed field by field, from its pages, with each mistake beside its field?"""

import html
import re
from copy import deepcopy
from typing import Any

import httpx
import pytest
import yaml

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from services.accountability.rules.drafting.fields import Section, beside, changed, entry_of, fields_of
from services.accountability.rules.rulebook_loading import SHIPPED, InvalidRulebook, read_both, read_yaml
from tests.accountability.test_pages import HR
from tests.accountability.test_rulebook_drafts import BOSS, FINANCE, office
from tests.support.departments import Department
from tests.ui.conftest import BROWSER, Browser, Page

__all__ = ["office"]

BODY = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
ENTRIES = [
    (Section.GENERAL, "all"),
    *((Section.LINKS, each["code"]) for each in BODY["links"]),
    *((Section.CLAUSES, each["code"]) for each in BODY["clauses"]),
    *((Section.SETTINGS, each["key"]) for each in BODY["settings"]),
]


def filled(section: Section, name: str, **typed: str) -> dict[str, Any]:
    """The rulebook after the form of one entry was submitted with some fields typed anew."""
    found = entry_of(BODY, section, name)
    assert found
    values = {each.name: each.text for each in fields_of(BODY, section, found[1])}
    anew = values | {key.replace("__", "."): text for key, text in typed.items()}
    return changed(BODY, section, name, anew, BODY)


@pytest.mark.parametrize(("section", "name"), ENTRIES)
def test_a_form_that_is_sent_as_it_was_opened_changes_nothing(section: Section, name: str) -> None:
    assert filled(section, name) == BODY


@pytest.mark.parametrize(
    ("section", "name", "typed", "place", "value"),
    [
        (Section.GENERAL, "all", {"lapse_months": "6"}, "lapse_months", 6),
        (Section.LINKS, "receipt", {"standard": "12 h"}, "standard", "12 h"),
        (Section.LINKS, "receipt", {"inputs": "iqc\n\n final_inspection "}, "inputs", ["iqc", "final_inspection"]),
        (Section.CLAUSES, "WHS-03", {"sanction": "minor_demerit"}, "sanction", "minor_demerit"),
        (Section.CLAUSES, "MER-02", {"compensation__formula": "order.commission"}, "compensation.formula", "order.commission"),
        (Section.CLAUSES, "PRD-04", {"grounds__0__finding__finders": "engineer"}, "grounds.0.finding.finders", ["engineer"]),
        (Section.CLAUSES, "WHS-01", {"counts_items": ""}, "counts_items", None),
        (Section.CLAUSES, "PRD-03", {"compensation__formula": "", "compensation__loss": ""}, "compensation", None),
        (Section.SETTINGS, "five_s_pass_mark", {"value": "85"}, "value", 85),
        (Section.SETTINGS, "escalation", {"value": "true"}, "value", True),
        (Section.SETTINGS, "escalation", {"value": "3"}, "value", 3),
        (Section.SETTINGS, "return_causes", {"value": "production"}, "value", ["production"]),
    ],
)  # fmt: skip
def test_what_is_typed_stands_in_its_place_and_nowhere_else(section, name, typed, place, value) -> None:
    body = filled(section, name, **typed)
    found, before = entry_of(body, section, name), entry_of(BODY, section, name)
    assert found is not None
    assert before is not None

    stands = found[1]
    for part in place.split("."):
        stands = stands[int(part)] if isinstance(stands, list) else stands.get(part)
    assert stands == value
    assert body != BODY
    if section is not Section.GENERAL:
        others = [each for each in body[section] if each is not found[1]]
        assert others == [each for each in BODY[section] if each is not before[1]]


@pytest.mark.parametrize(
    ("section", "name", "typed", "field", "said"),
    [
        (Section.LINKS, "receipt", {"standard": "a while"}, "standard", ""),
        (Section.LINKS, "receipt", {"inputs": "iqq"}, "inputs", "did you mean iqc"),
        (Section.CLAUSES, "QUA-02", {"grounds__0__when": "fact.matters == 'return'"}, "grounds.0.when", "did you mean matter"),
        (Section.CLAUSES, "PRD-03", {"compensation__loss": "fact.cause"}, "compensation.loss", "must be a number"),
        (Section.CLAUSES, "PRD-04", {"grounds__0__finding__finders": "enginer"}, "grounds.0.finding.finders", "engineer"),
    ],
)  # fmt: skip
def test_a_mistake_stands_beside_its_field(section, name, typed, field, said) -> None:
    body = filled(section, name, **typed)
    found = entry_of(body, section, name)
    assert found is not None
    place, entry = found

    with pytest.raises(InvalidRulebook) as refused:
        read_yaml(yaml.safe_dump(body, allow_unicode=True))

    errors, others = beside(refused.value.mistakes, place, fields_of(body, section, entry))
    assert said in errors.pop(field).en
    assert (errors, others) == ({}, [])


def test_a_link_goes_with_the_clause_that_now_rests_on_it() -> None:
    """The form of the clause changes the link's word too: by itself it would be a mistake that no form could mend."""
    body = filled(Section.CLAUSES, "WHS-03", grounds__0__links="receipt")

    links = {each["code"]: each for each in body["links"]}
    assert (links["receipt"]["clause"], links["finished_receipt"].get("clause")) == ("WHS-03", None)
    assert read_both(yaml.safe_dump(body, allow_unicode=True), draft=True)


def test_a_form_puts_right_what_an_older_version_says_in_vain() -> None:
    older = deepcopy(BODY)
    (receipt,) = [each for each in older["links"] if each["code"] == "receipt"]
    receipt["post"], receipt["department"] = "buyer", "purchasing"

    assert (
        changed(
            older,
            Section.LINKS,
            "receipt",
            {each.name: each.text for each in fields_of(older, Section.LINKS, receipt)},
            BODY,
        )
        == BODY
    )


@pytest.fixture
async def browsers(office: Department) -> dict[str, Browser]:
    made = {}
    for who, language in ((HR, "zh"), (BOSS, "en"), (FINANCE, "zh")):
        async with transaction(office.engine) as session:
            secret = await auth.open_session(session, who)
        cookies = {"language": language, cookie_name("accountability", secure=False): secret}
        transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
        made[who] = Browser(
            httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER, cookies=cookies)
        )
    return made


async def sent(browser: Browser, path: str, **typed: str) -> Page:
    """Open a form as it is, type into some fields, and send it."""
    page = await browser.get(path)
    assert page.status == 200, page.words
    hidden = {name: page.hidden(name) for name in ("token", "key", "seen")}
    ticked = re.sub(r'<input[^>]*type="checkbox"(?![^>]*checked)[^>]*>|<button[^>]*>', "", page.html)
    found = dict(re.findall(r'name="([\w.]+)"[^>]*? value="([^"]*)"', ticked))
    found |= dict(re.findall(r'<textarea[^>]*? name="([\w.]+)"[^>]*>(.*?)</textarea>', page.html, re.DOTALL))
    for name, options in re.findall(r'<select[^>]*? name="([\w.]+)"[^>]*>(.*?)</select>', page.html, re.DOTALL):
        found[name] = "".join(re.findall(r'value="([^"]*)" selected', options))
    found = {name: html.unescape(text) for name, text in found.items()}
    values = {**found, **hidden, **{name.replace("__", "."): text for name, text in typed.items()}}
    return await browser.post(path, **values)


async def test_what_is_fixed_is_shown_with_what_to_change_instead_and_not_asked_for(
    browsers: dict[str, Browser],
) -> None:
    path = "/rulebook-forms/2026-01/links/receipt"
    chinese, english = [await browsers[who].get(path) for who in (HR, BOSS)]

    assert "要换责任人,请改任职登记" in chinese.words
    assert "For another person change the roster." in english.words
    assert "Storekeeper" in english.words
    for name in ("post", "department", "closes_with", "clause"):
        assert f'name="{name}"' not in chinese.html
    begun = await sent(browsers[HR], path, standard="12 h", post="buyer", version="2026-02", reason_why="x")
    assert begun.status == 303, begun.words
    confirmed = await browsers[BOSS].get("/rulebook-forms/2026-01/clauses/PUR-03")
    assert "Purchasing manager" in confirmed.words
    assert 'name="found_by"' not in confirmed.html


async def test_a_draft_begins_and_goes_on_field_by_field(office: Department, browsers: dict[str, Browser]) -> None:
    hr = browsers[HR]
    assert "逐项修改" in (await hr.get("/rulebooks/2026-01")).words
    assert "/rulebook-forms/2026-01/links/receipt" in (await hr.get("/rulebook-forms/2026-01")).html

    begun = await sent(
        hr, "/rulebook-forms/2026-01/links/receipt", standard="12 h", version="2026-02", reason_why="晚上到货"
    )
    assert begun.status == 303, begun.words
    again = await sent(hr, "/rulebook-forms/2026-02/settings/five_s_pass_mark", value="85")
    assert again.status == 303, again.words

    async with office.as_(HR) as client:
        draft = (await client.get("/api/rulebooks/2026-02")).json()
    assert (draft["status"], draft["reason"]) == ("draft", "晚上到货")
    assert [(change["place"], change["after"]) for change in draft["changes"]] == [
        ("links.receipt.standard", "12 h"),
        ("settings.five_s_pass_mark.value", "85"),
    ]


@pytest.mark.parametrize(
    ("who", "said", "beside_it"),
    [
        (HR, "请改正标出的地方", "fact 没有字段“matters”;是不是 matter"),
        (BOSS, "Please correct what is marked", "fact has no field"),
    ],
)
async def test_a_page_marks_the_field_and_keeps_what_was_typed(
    office: Department, browsers: dict[str, Browser], who: str, said: str, beside_it: str
) -> None:
    path = "/rulebook-forms/2026-01/clauses/QUA-02"
    answer = await sent(
        browsers[who], path, grounds__0__when="fact.matters == 'return'", version="2026-02", reason_why="?"
    )

    assert answer.status == 422
    assert said in answer.words
    assert answer.beside("grounds-0-when").startswith(beside_it)
    assert "fact.matters" in answer.html
    empty = await sent(browsers[who], path, reason_why="")
    assert empty.status == 422
    assert empty.beside("version")
    assert empty.beside("reason_why")
    assert await office.facts("accountability.rulebook_activated.v1") != []
    async with office.as_(who) as client:
        assert (await client.get("/api/rulebooks/2026-02")).status_code == 404


@pytest.mark.parametrize(("form", "field"), [("draft-rulebook", "text"), ("ask-what-if", "rules")])
async def test_the_mistakes_of_a_text_are_listed_in_the_readers_language(
    browsers: dict[str, Browser], form: str, field: str
) -> None:
    body = filled(Section.LINKS, "receipt", standard="8 h")
    text = (
        yaml.safe_dump(body, allow_unicode=True)
        .replace("post: storekeeper\n  standard: 8 h", "post: shopkeeper\n  standard: 8 h", 1)
        .replace("value: 20\n", "value: 50\n", 1)
    )

    typed: dict[str, Any] = {"reason": "x", "question": "x", field: text}
    chinese, english = [await browsers[who].fill(f"/commands/{form}", **typed) for who in (HR, BOSS)]

    assert (chinese.status, english.status) == (422, 422)
    assert chinese.beside(field) == "责任条款有 2 处错误。请改正后再提交。"
    assert english.beside(field) == "Mistakes in the rulebook: 2. Please correct them."
    post, share = listed(chinese)
    assert re.match(r"第 \d+ 行 links.receipt.post:没有岗位“shopkeeper”;是不是 storekeeper", post)
    assert re.match(r"第 \d+ 行 settings.wage_share_percent.value:wage_share_percent 须大于 0,且依法不超过 20", share)
    post, share = listed(english)
    assert re.match(r"Line \d+ links.receipt.post: unknown post 'shopkeeper'; did you mean storekeeper", post)
    assert re.match(r"Line \d+ settings.wage_share_percent.value: wage_share_percent is above 0 and at most 20", share)


def listed(page: Page) -> list[str]:
    """What the notice above a form lists."""
    notice = page.html.partition("ask-fields")[0]
    return [
        html.unescape(re.sub(r"<.*?>", "", each))
        for each in re.findall(r"<li>(.*?)</li>", notice, re.DOTALL)
        if "data-line" in each
    ]


async def test_a_form_that_somebody_overtook_is_refused(office: Department, browsers: dict[str, Browser]) -> None:
    await sent(
        browsers[HR], "/rulebook-forms/2026-01/links/receipt", standard="12 h", version="2026-02", reason_why="x"
    )
    path = "/rulebook-forms/2026-02/links/iqc"
    late = await browsers[BOSS].get(path)
    await office.wait_until(office.now.replace(hour=5))
    assert (await sent(browsers[HR], path, standard="2 d")).status == 303

    answer = await sent(browsers[BOSS], path, standard="3 d", seen=late.hidden("seen"))

    assert answer.status == 409
    assert "Somebody changed 2026-02" in answer.words


async def test_only_who_may_draft_sees_the_forms(browsers: dict[str, Browser]) -> None:
    for path in ("/rulebook-forms/2026-01", "/rulebook-forms/2026-01/links/receipt"):
        assert (await browsers[FINANCE].get(path)).status == 403
    assert (await browsers[HR].get("/rulebook-forms/2026-01/links/nothing")).status == 404
    assert "逐项修改" not in (await browsers[FINANCE].get("/rulebooks/2026-01")).words
