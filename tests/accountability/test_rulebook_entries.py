"""Are clauses, links and grounds added to a draft and left out of it field by field, and told with who would miss them?"""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml
from sqlalchemy import update

from chassis.database import transaction
from services.accountability.models import Rulebook
from services.accountability.rules.drafting import entries, fields
from services.accountability.rules.drafting.entries import LEAST, Start
from services.accountability.rules.drafting.fields import Section
from services.accountability.rules.rulebook_fixed import put_right
from services.accountability.rules.rulebook_loading import InvalidRulebook, read_both
from services.accountability.rules.rulebook_yaml import written
from tests.accountability.test_pages import HR
from tests.accountability.test_rulebook_drafts import BOSS, FINANCE, office
from tests.accountability.test_rulebook_fields import BODY, browsers, sent
from tests.support.departments import Department
from tests.ui.conftest import Browser

__all__ = ["browsers", "office"]

CLAUSES = Section.CLAUSES


def clause(body: Mapping[str, Any], code: str) -> dict[str, Any]:
    (found,) = [each for each in body["clauses"] if each["code"] == code]
    return dict(found)


def changed(code: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """A clause after its form was sent with these fields typed, all others as they were."""
    found = fields.entry_of(BODY, CLAUSES, code)
    assert found
    values = {each.name: each.text for each in fields.fields_of(BODY, CLAUSES, found[1])}
    return clause(fields.changed(BODY, CLAUSES, code, {**values, **typed}, BODY), code)


def drafted(body: Mapping[str, Any]) -> dict[str, str]:
    """What a draft of it is refused for, by place."""
    try:
        read_both(yaml.safe_dump(dict(body), allow_unicode=True, sort_keys=False), draft=True)
    except InvalidRulebook as refused:
        return {each.name: each.text.en for each in refused.mistakes}
    return {}


def test_a_ground_is_added_and_the_clause_says_what_follows_from_it() -> None:
    by_hand = {"grounds.1.shape": "finding", "grounds.1.finding.finders": "hr\nplanner"}

    (both,) = [changed("WHS-03", by_hand)]

    assert both["grounds"][1] == {"shape": "finding", "finding": {"finders": ["hr", "planner"]}}
    assert (both["grounds"][0], both["mode"]) == (clause(BODY, "WHS-03")["grounds"][0], "both")


def test_a_ground_is_left_out_and_what_followed_from_it_goes_too() -> None:
    left = changed("MER-04", {"grounds.1.out": "true"})

    assert left["grounds"] == clause(BODY, "MER-04")["grounds"][:1]
    assert "mode" not in left
    first = changed("PRD-01", {"grounds.1.out": "true"})
    assert (len(first["grounds"]), first["only_as_first_cause"]) == (1, True)


def test_a_ground_that_becomes_one_of_another_kind_keeps_nothing_of_the_old_one() -> None:
    typed = {"grounds.0.shape": "finding", "grounds.0.finding.finders": "hr"}

    found = changed("WHS-03", typed)

    assert (found["grounds"], found["mode"]) == ([{"shape": "finding", "finding": {"finders": ["hr"]}}], "finding")


def test_what_is_typed_by_hand_is_not_written_over() -> None:
    typed = {"mode": "finding", "grounds.1.shape": "finding", "grounds.1.finding.finders": "hr"}

    assert changed("WHS-03", typed)["mode"] == "finding"


def test_a_mistake_behind_a_ground_that_is_left_out_stands_beside_its_own_field() -> None:
    (place, entry) = fields.entry_of(BODY, CLAUSES, "PRD-01") or ((), {})
    body = deepcopy(BODY)
    clause(body, "PRD-01")["grounds"][:] = [{"shape": "deadline", "links": ["delay_respons"]}]

    with pytest.raises(InvalidRulebook) as refused:
        read_both(yaml.safe_dump(body, allow_unicode=True))

    errors, _ = fields.beside(refused.value.mistakes, place, fields.fields_of(BODY, CLAUSES, entry), [1])
    assert "grounds.1.links" in errors


@pytest.mark.parametrize("code", [each["code"] for each in BODY["clauses"]])
def test_a_copy_of_any_clause_is_sound_under_a_code_of_its_own_and_stands_behind_it(code: str) -> None:
    found = entries.begun(BODY, CLAUSES, Start("like", code), ())
    assert found
    place, entry = found
    assert entry["code"] == ""
    body = entries.added(BODY, CLAUSES, place, {**entry, "code": "ZZZ-01"})
    put_right(body, BODY)

    assert drafted({**body, "version": "2026-02"}) == {}
    assert body["clauses"][place - 1]["code"] == code


def test_a_clause_that_somebody_finds_is_sound_with_a_code_and_its_duty_and_others_ask_for_what_they_need() -> None:
    asked = {}
    for kind in LEAST:
        place, entry = entries.begun(BODY, CLAUSES, Start("new", kind), ()) or (0, {})
        words = {"zh": "须如此", "en": "It is to be so"}
        body = entries.added(BODY, CLAUSES, place, {**entry, "code": "ZZZ-01", "duty": words})
        asked[kind] = set(drafted(body))

    assert asked.pop("finding") == set()
    assert all(asked.values())
    assert all(name.startswith("clauses.ZZZ-01") for names in asked.values() for name in names)


@pytest.mark.parametrize("section", [CLAUSES, Section.LINKS, Section.SETTINGS])
def test_what_was_left_out_comes_back_to_its_place(section: Section) -> None:
    for name in entries.names(BODY, section):
        less = entries.without(BODY, section, name)
        found = entries.begun(less, section, Start("back", name), [BODY])
        assert found
        assert entries.added(less, section, *found) == BODY
    assert entries.begun(BODY, section, Start("back", "WHS-03"), [BODY]) is None


def test_who_uses_an_entry_is_named() -> None:
    told = {
        (section, name): [user.how.en for user in entries.users(BODY, section, name)]
        for section, name in (
            (CLAUSES, "PRD-02"),
            (CLAUSES, "WHS-03"),
            (Section.LINKS, "receipt"),
            (Section.LINKS, "arrival"),
            (Section.SETTINGS, "five_s_pass_mark"),
            (Section.SETTINGS, "extent"),
        )
    }

    assert list(told.values()) == [
        ["clause PRD-03 takes it in", "clause PRD-04 takes it in"],
        [],
        ["ground 1 of clause WHS-03", "link issue waits for it"],
        ["ground 1 of clause PUR-01", "link follow_up is made pointless by it", "link iqc waits for it"],
        ["clause TML-05 reads this answer"],
        ["clause GEN-02 reads this answer", "clause GEN-05 reads this answer"],
    ]


@pytest.mark.parametrize(
    ("section", "last", "changes", "place", "said"),
    [
        (CLAUSES, "GEN-05", {"code": "GEN 5"}, "clauses.GEN 5.code", "such as WHS-05"),
        (CLAUSES, "GEN-05", {"grounds": [], "mode": "auto"}, "clauses.GEN-05.grounds", "could never be breached"),
        (Section.LINKS, "minutes", {"code": "minuets"}, "links.minuets.code", "did you mean minutes"),
    ],
)
def test_what_would_lead_nowhere_is_refused_by_line(
    section: Section, last: str, changes: dict[str, Any], place: str, said: str
) -> None:
    body = deepcopy(BODY)
    assert body[section][-1]["code"] == last
    body[section][-1].update(changes)

    assert said in drafted(body)[place]


def test_the_text_of_a_version_says_each_entry_in_the_order_in_which_it_is_read() -> None:
    """A database keeps names by their length, and `post` would come before `title`."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shuffled(value[name]) for name in sorted(value, key=lambda name: (len(name), name))}
        return [shuffled(each) for each in value] if isinstance(value, list) else value

    text = yaml.safe_load(written(shuffled(BODY)))

    assert text == BODY
    assert list(text)[:2] == ["version", "tolerance_seconds"]
    assert list(text["links"][1]) == ["code", "title", "department", "post", "standard", "inputs", "closes_with"]
    assert list(text["clauses"][0]) == ["code", "duty", "post", "sanction", "only_as_first_cause", "grounds"]
    assert list(text["clauses"][0]["duty"]) == ["zh", "en"]


async def test_a_clause_is_added_as_a_copy_of_another_one(office: Department, browsers: dict[str, Browser]) -> None:
    hr = browsers[HR]
    assert "/rulebook-additions/2026-01/clauses" in (await hr.get("/rulebook-forms/2026-01")).html
    choice = await hr.get("/rulebook-additions/2026-01/clauses")
    assert {"like:WHS-03", "new:finding"} <= set(re.findall(r'<option value="([^"]+)"', choice.html))
    path = "/rulebook-additions/2026-01/clauses?start=like:WHS-03"
    assert f'href="{path}"' in (await hr.get("/rulebook-forms/2026-01/clauses/WHS-03")).html

    typed = {
        "version": "2026-02",
        "reason_why": "成品须尽快入账",
        "code": "WHS-05",
        "grounds__0__links": "finished_receipt",
    }
    answer = await sent(hr, path, **typed)

    assert answer.status == 303, answer.words
    body = await text_of(office, "2026-02")
    assert clause(body, "WHS-05") == {**clause(BODY, "WHS-03"), "code": "WHS-05", "grounds": [
        {"shape": "deadline", "links": ["finished_receipt"]}
    ]}  # fmt: skip
    assert [each["code"] for each in body["clauses"]].index("WHS-05") == entries.names(BODY, CLAUSES).index(
        "WHS-03"
    ) + 1
    changes = await changes_of(office, "2026-02")
    assert {place.split(".")[1] for place in changes} == {"WHS-05"}
    assert "WHS-05" in (await hr.get("/rulebooks/2026-02")).words


async def test_an_empty_clause_is_filled_in_and_what_is_missing_stands_beside_its_field(
    office: Department, browsers: dict[str, Browser]
) -> None:
    path = "/rulebook-additions/2026-01/clauses?start=new:deadline"
    typed = {"version": "2026-02", "reason_why": "x", "code": "whs5"}
    chinese, english = [await sent(browsers[who], path, **typed) for who in (HR, BOSS)]

    assert (chinese.status, english.status) == (422, 422)
    assert chinese.beside("duty-zh")
    assert english.beside("duty-en")
    full = {**typed, "duty__zh": "合同评审须按时", "duty__en": "A contract is reviewed in time"}
    coded = await sent(browsers[BOSS], path, **full, grounds__0__links="review")
    assert "two capitals" not in coded.beside("code")
    assert "such as WHS-05" in coded.beside("code")
    taken = await sent(browsers[BOSS], path, **{**full, "code": "WHS-03"}, grounds__0__links="review")
    assert taken.beside("code") == "&#39;WHS-03&#39; is there twice"

    made = await sent(browsers[BOSS], path, **{**full, "code": "WHS-05"}, grounds__0__links="review")

    assert made.status == 303, made.words
    added = clause(await text_of(office, "2026-02"), "WHS-05")
    assert (added["post"], added["sanction"]) == ("planner", "warning")


async def test_a_ground_is_added_on_the_form_before_it_is_filled_in(
    office: Department, browsers: dict[str, Browser]
) -> None:
    path = "/rulebook-forms/2026-01/clauses/WHS-03"
    grown = await sent(browsers[HR], path, add="grounds", kind="finding")

    assert grown.status == 200
    assert 'name="grounds.1.finding.finders"' in grown.html
    assert 'name="grounds.1.out"' in grown.html
    assert re.search(r'name="grounds.1.shape" autofocus', grown.html)
    typed = {"version": "2026-02", "reason_why": "x", "grounds__1__shape": "finding"}
    refused = await sent(browsers[HR], path, **typed)
    assert refused.status == 422
    assert 'name="grounds.1.finding.finders"' in refused.html
    done = await sent(browsers[HR], path, **typed, grounds__1__finding__finders="hr")
    assert done.status == 303, done.words
    assert clause(await text_of(office, "2026-02"), "WHS-03")["mode"] == "both"


async def test_a_clause_is_left_out_once_confirmed_and_comes_back(
    office: Department, browsers: dict[str, Browser]
) -> None:
    hr, path = browsers[HR], "/rulebook-omissions/2026-01/clauses/GEN-05"
    assert f'href="{path}"' in (await hr.get("/rulebook-forms/2026-01/clauses/GEN-05")).html
    typed = {"version": "2026-02", "reason_why": "不再需要"}

    unconfirmed = await sent(hr, path, **typed, confirmed="")
    assert (unconfirmed.status, unconfirmed.beside("confirmed")) == (422, "请先勾选确认。")
    done = await sent(hr, path, **typed, confirmed="true")
    assert done.status == 303, done.words
    assert "GEN-05" not in entries.names(await text_of(office, "2026-02"), CLAUSES)

    await sent(hr, "/rulebook-forms/2026-02/links/receipt", standard="12 h")
    assert "back:GEN-05" in (await hr.get("/rulebook-additions/2026-02/clauses")).html
    back = await sent(hr, "/rulebook-additions/2026-02/clauses?start=back:GEN-05")
    assert back.status == 303, back.words
    assert list(await changes_of(office, "2026-02")) == ["links.receipt.standard"]


async def test_what_is_used_is_not_left_out_and_says_by_whom(office: Department, browsers: dict[str, Browser]) -> None:
    for who, said in ((HR, "条款 PRD-03 并入它"), (BOSS, "clause PRD-03 takes it in")):
        path = "/rulebook-omissions/2026-01/clauses/PRD-02"
        shown = await browsers[who].get(path)
        assert said in shown.words
        assert 'href="/rulebook-forms/2026-01/clauses/PRD-03"' in shown.html
        refused = await sent(browsers[who], path, version="2026-02", reason_why="x", confirmed="true")
        assert (refused.status, said in refused.words) == (409, True)
    link = await sent(
        browsers[BOSS], "/rulebook-omissions/2026-01/links/ship", version="2026-02", reason_why="x", confirmed="true"
    )
    assert link.status == 409
    async with office.as_(HR) as client:
        assert (await client.get("/api/rulebooks/2026-02")).status_code == 404


async def test_a_link_is_left_out_and_comes_back_and_no_other_can_be_added(
    office: Department, browsers: dict[str, Browser]
) -> None:
    boss = browsers[BOSS]
    assert (
        "Every handover of the product is in this version"
        in (await boss.get("/rulebook-additions/2026-01/links")).words
    )
    assert (await boss.get("/rulebook-additions/2026-01/links?start=like:receipt")).status == 404

    left = await sent(
        boss, "/rulebook-omissions/2026-01/links/minutes", version="2026-02", reason_why="x", confirmed="true"
    )
    assert left.status == 303, left.words
    await sent(boss, "/rulebook-forms/2026-02/links/receipt", standard="12 h")
    back = await sent(boss, "/rulebook-additions/2026-02/links?start=back:minutes", standard="4 d")

    assert back.status == 303, back.words
    assert set(await changes_of(office, "2026-02")) == {"links.receipt.standard", "links.minutes.standard"}


async def test_questions_that_an_older_version_does_not_answer_are_added_all_at_once(
    office: Department, browsers: dict[str, Browser]
) -> None:
    older = deepcopy(BODY)
    older["settings"] = [each for each in older["settings"] if each["key"] not in ("objection_period", "escalation")]
    async with transaction(office.engine) as session:
        await session.execute(update(Rulebook).where(Rulebook.no == "2026-01").values(body=older))
    boss, path = browsers[BOSS], "/rulebook-additions/2026-01/settings"
    assert "Add these 2 questions" in (await boss.get(path)).words

    done = await sent(boss, f"{path}?start=back:", version="2026-02", reason_why="all answered")

    assert done.status == 303, done.words
    assert (await text_of(office, "2026-02"))["settings"] == BODY["settings"]


@pytest.mark.parametrize("path", ["/rulebook-additions/2026-01/clauses", "/rulebook-omissions/2026-01/clauses/GEN-05"])
async def test_only_who_may_draft_adds_and_leaves_out(browsers: dict[str, Browser], path: str) -> None:
    assert (await browsers[FINANCE].get(path)).status == 403
    assert (await browsers[HR].get(path.replace("clauses", "general"))).status == 404
    assert (await browsers[FINANCE].post(path, token="x")).status in (400, 403)


async def text_of(office: Department, no: str) -> dict[str, Any]:
    async with office.as_(HR) as client:
        return dict(yaml.safe_load((await client.get(f"/api/rulebook-texts/{no}")).text))


async def changes_of(office: Department, no: str) -> dict[str, str]:
    async with office.as_(HR) as client:
        told = (await client.get(f"/api/rulebooks/{no}")).json()
    return {each["place"]: each["after"] for each in told["changes"]}
