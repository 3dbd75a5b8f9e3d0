"""Until when may somebody object to a compensation, who decides on it, and when are its instalments planned?"""

from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
import pytest

from chassis.calendar import WorkCalendar
from chassis.instants import FACTORY
from contracts.accountability import (
    CompensationNotified,
    CompensationObjected,
    CompensationPlanned,
    CompensationWithdrawn,
    ObjectionDecided,
)
from services.accountability.migrations import versions
from services.accountability.people.calendar import shipped_calendar
from services.accountability.process.due_process import appeal_deadline, objection_deadline
from services.accountability.rules.rulebook import RulebookText
from services.accountability.rules.rulebook_loading import SHIPPED, read_yaml
from services.accountability.rules.rulebook_periods import OBJECTION, period_mistakes
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, Court, court
from tests.accountability.owing import FIFTH, NOVEMBER, OCTOBER, find_fault, notify, owed, record_wage
from tests.accountability.test_record_pages import opened, words
from tests.support.facts import local

UNTIL, IN_TIME, TOO_LATE = "2026-09-10 09:03", "2026-09-10 09:00", "2026-09-10 09:04"
"""Five working days after the notification on Thursday at 09:02, with the tolerance of a minute."""
SAID = {"objection": "叉车未超载,称重单可证", "references": ["称重单 88"]}
RULES = read_yaml(SHIPPED.read_text(encoding="utf-8")).text


async def notified(it: Court) -> str:
    """The compensation's number: found by the general manager, notified by HR."""
    await record_wage(it)
    found = await find_fault(it)
    await it.at(AFTER)
    await it.do(HR, "issue_record", reason="损失属实")
    await notify(it, found["no"])
    return str(found["no"])


async def test_the_person_objects_in_time_and_nothing_is_taken_until_somebody_without_a_hand_in_it_has_decided() -> (
    None
):
    async with court(owed()) as it:
        found = await find_fault(it)
        assert await it.office.refused(PERSON, "object_to_compensation", found["no"], **SAID) == "nothing_to_object_to"
        await it.office.do(BOSS, "withdraw_compensation", found["no"], reason="…")
        no = await notified(it)
        (fact,) = await it.facts(CompensationNotified)
        assert isinstance(fact, CompensationNotified)
        assert fact.objection_until == local(UNTIL)
        await shows_the_last_moment(it, no)
        await says(it, no, f"已书面通知。当事人可在 {UNTIL} 前提出异议;在此之前不分期。")

        await it.at(IN_TIME)
        assert await it.office.refused(HR, "decide_objection", no, outcome="uphold", reason="…") == "not_independent"
        for other in (HR, BOSS, OTHER):
            assert await it.office.refused(other, "object_to_compensation", no, **SAID) in (
                "not_theirs",
                "not_for_their_eyes",
            )
        await it.office.do(PERSON, "object_to_compensation", no, **SAID)
        assert await it.office.refused(PERSON, "object_to_compensation", no, **SAID) == "objected_already"
        await is_told_to_whoever_may_decide(it, no)
        (objected,) = await it.facts(CompensationObjected)
        assert isinstance(objected, CompensationObjected)
        assert (objected.objection, objected.references) == (SAID["objection"], ("称重单 88",))

        await says(it, no, f"当事人已于 {IN_TIME} 提出异议,等待没有经手的人事或总经理决定;在此之前不分期。")
        await it.at(OCTOBER)
        assert await it.office.refused(HR, "state_payroll", month="2026-10") == "nothing_to_state"
        assert await it.facts(CompensationPlanned) == []
        assert "异议还没有决定;在此之前不分期。" in await words(it)
        await is_decided(it, no)


async def shows_the_last_moment(it: Court, no: str) -> None:
    for language, label, right in (
        ("zh", "异议期限", "异议:对赔偿,到 {}"),
        ("en", "Objection until", "Objection: to the compensation, until {}"),
    ):
        assert f"{label} {UNTIL}" in await words(it, PERSON, language)
        assert right.format(UNTIL) in await words(it, PERSON, language, "/print")
    browser = await opened(it, PERSON, "zh")
    for path in (f"/records/{it.no}", "/mine"):
        assert f'href="/commands/object-to-compensation/{no}"' in (await browser.get(path)).html
    assert "object-to-compensation" not in (await (await opened(it, HR)).get(f"/records/{it.no}")).html


async def says(it: Court, no: str, sentence: str) -> None:
    """Above the compensation's page; the page has no room for what is still to come."""
    page = (await (await opened(it, PERSON)).get(f"/compensations/{no}")).words
    assert sentence in page
    assert "封存时间" not in page


async def is_told_to_whoever_may_decide(it: Court, no: str) -> None:
    """The general manager found it and the one in HR notified it: it waits for whoever comes to HR, and not for them."""
    said = {
        "zh": f"等您办理 {no} : 对赔偿的异议待决定。",
        "en": f"Waiting for you {no} : Objection to a compensation to decide.",
    }
    command = f"/commands/decide-objection/{no}"
    await it.office.employ(hr=OTHER, general_manager="E-099")
    form = await (await opened(it, OTHER)).get(command)
    assert f"异议 {SAID['objection']} 金额(元) 4,000.00 异议所指证据 称重单 88" in form.words
    async with it.office.as_(PERSON) as client:
        looked = (await client.get("/api/looks", params={"no": no})).json()["items"]
    assert [(each["whose"], each["how"]) for each in looked if each["who"] == OTHER] == [(PERSON, "seen_on_page")]
    for language, notice in said.items():
        for path in ("/", "/mine", f"/compensations/{no}"):
            page = await (await opened(it, OTHER, language)).get(path)
            assert notice in page.words
        assert command in page.html
    assert f"/commands/withdraw-compensation/{no}" not in page.html
    listed = await (await opened(it, OTHER)).get("/waiting")
    assert (command in listed.html, "对赔偿的异议待决定" in listed.words) == (True, True)
    for other in (HR, BOSS):
        assert "等您办理 CMP" not in (await (await opened(it, other)).get("/")).words
        assert command not in (await (await opened(it, other)).get(f"/compensations/{no}")).html
    assert "等您办理 CMP" not in (await (await opened(it, "E-099")).get("/")).words
    assert (await (await opened(it, PERSON)).get("/waiting")).status == 403


async def is_decided(it: Court, no: str) -> None:
    """Neither by who found it nor by who notified it, and only downwards."""
    decide: list[tuple[str, dict[str, Any], str]] = [
        (HR, {"outcome": "uphold"}, "not_independent"),
        (BOSS, {"outcome": "uphold"}, "not_independent"),
        (OTHER, {"outcome": "reduce"}, "not_lower"),
        (OTHER, {"outcome": "reduce", "objection_reduced_to": "4000"}, "not_lower"),
        (OTHER, {"outcome": "uphold", "objection_reduced_to": "1500"}, "not_lower"),
        (OTHER, {"outcome": "reduce", "objection_reduced_to": "0"}, "invalid_input"),
    ]
    for by, said, code in decide:
        assert await it.office.refused(by, "decide_objection", no, **said, reason="…") == code, (by, said)
    await it.office.do(
        OTHER, "decide_objection", no, outcome="reduce", objection_reduced_to="1500", reason="称重单部分属实"
    )
    assert await it.office.refused(OTHER, "decide_objection", no, outcome="uphold", reason="…") == "no_objection"
    await it.at("2026-10-13 09:00")

    (decided,) = await it.facts(ObjectionDecided)
    assert isinstance(decided, ObjectionDecided)
    assert (decided.outcome, decided.amount_after, decided.decided_by) == ("reduce", Decimal(1500), OTHER)
    (planned,) = await it.facts(CompensationPlanned)
    assert isinstance(planned, CompensationPlanned)
    assert (planned.compensation_no, planned.person, planned.first_month) == (no, PERSON, "2026-11")
    assert planned.objection_outcome == "reduce"
    assert "1470" not in planned.model_dump_json()
    await says(it, no, "异议已于 2026-10-12 09:00 决定:减轻。 分期计划见处罚单,只有人事和当事人看得到。")
    page = await words(it, HR, "en")
    assert "Reduced on objection to CNY 1,500.00." in page
    assert "2026-11 1 1,470.27 29.73 planned 2026-12 2 29.73 0.00 planned" in page
    with pytest.raises(asyncpg.CheckViolationError, match="compensations_objection_decided_by_another"):
        await it.office.as_owner("UPDATE compensations SET objection_decided_by = made_by")


async def test_after_its_last_moment_an_objection_is_refused_and_the_instalments_stand_planned() -> None:
    async with court(owed()) as it:
        no = await notified(it)
        await it.at(IN_TIME)
        assert await it.facts(CompensationPlanned) == []

        await it.at(TOO_LATE)

        for language, said in (
            ("zh", f"的异议期到 {UNTIL} 为止,已经过了。"),
            ("en", f"was possible until {UNTIL}. That time is over."),
        ):
            async with it.office.as_(PERSON, language=language) as client:
                answer = await client.post(f"/api/compensations/{no}/object-to-compensation", json=SAID)
            assert (answer.status_code, answer.json()["code"]) == (409, "objection_late")
            assert said in answer.json()["detail"]
        assert "object-to-compensation" not in (await (await opened(it, PERSON)).get("/mine")).html
        assert await it.office.refused(HR, "decide_objection", no, outcome="uphold", reason="…") == "not_independent"
        (planned,) = await it.facts(CompensationPlanned)
        assert isinstance(planned, CompensationPlanned)
        assert planned.first_month == "2026-10"
        await it.at(OCTOBER)
        assert len(await it.facts(CompensationPlanned)) == 1
        (line,) = (await it.office.do(HR, "state_payroll", month="2026-10"))["lines"]
        assert line["instalment"] == FIFTH


async def test_a_notification_that_comes_after_the_records_effect_can_be_objected_to_and_fall() -> None:
    async with court(owed()) as it:
        found = await find_fault(it)
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="…")
        await it.at("2026-09-28 09:00")
        await notify(it, found["no"])
        await it.office.do(PERSON, "object_to_compensation", found["no"], **SAID)
        await it.office.employ(hr=OTHER)

        fallen = await it.office.do(OTHER, "decide_objection", found["no"], outcome="revoke", reason="称重单属实")

        assert (fallen["status"], fallen["withdrawn_because"]) == ("withdrawn", "称重单属实")
        (fact,) = await it.facts(CompensationWithdrawn)
        assert isinstance(fact, CompensationWithdrawn)
        assert fact.withdrawn_by == OTHER
        await it.at(NOVEMBER)
        assert await it.facts(CompensationPlanned) == []


async def test_who_was_notified_before_plans_were_told_of_is_not_told_of_one_after_the_upgrade() -> None:
    async with court(owed()) as it:
        await notified(it)
        await it.at(TOO_LATE)
        await it.office.as_owner("UPDATE compensations SET objection_until = NULL, planned_at = NULL")

        await it.office.as_owner(upgrade().PLANNED_LONG_AGO)

        await it.at(OCTOBER)
        assert len(await it.facts(CompensationPlanned)) == 1


def upgrade() -> ModuleType:
    (file,) = Path(versions.__path__[0]).glob("*_what_waits_for_hr.py")
    return import_module(f"{versions.__name__}.{file.stem}")


def ruled(value: Any) -> RulebookText:
    """The shipped rules with another period, or without that setting."""
    others = [setting for setting in RULES.settings if setting.key != OBJECTION]
    (own,) = [setting for setting in RULES.settings if setting.key == OBJECTION]
    changed = [] if value is None else [own.model_copy(update={"value": value})]
    return RULES.model_copy(update={"settings": (*others, *changed)})


def ends(rules: RulebookText, notified: str = "2026-09-24 09:00", **calendar: Any) -> str:
    works = WorkCalendar.from_fact({**shipped_calendar(), **calendar})
    return f"{objection_deadline(local(notified), works, rules).astimezone(FACTORY):%m-%d %H:%M}"


def test_the_period_is_working_time_of_the_calendar_as_the_rulebook_that_the_record_cites_says_it() -> None:
    week: dict[str, Any] = {"public_holidays": [], "make_up_days": []}
    assert ends(RULES, **week) == "10-01 09:01"
    assert ends(RULES, public_holidays=["2026-10-01", "2026-09-25"], make_up_days=["2026-09-26"]) == "10-02 09:01"
    assert ends(ruled("8 h"), **week) == "09-25 09:01"
    older = ruled(None)
    works = WorkCalendar.from_fact(shipped_calendar())
    at = local("2026-09-24 09:00")
    assert objection_deadline(at, works, older) == appeal_deadline(at, works, older)


@pytest.mark.parametrize("nonsense", ["soon", "0 d", "5", 5, True, "-1 d"])
def test_a_rulebook_that_leaves_no_time_to_object_is_a_mistake(nonsense: Any) -> None:
    assert list(period_mistakes(RULES)) == []
    ((place, said),) = period_mistakes(ruled(nonsense))
    assert (place[0], place[2]) == ("settings", "value")
    assert "such as 5 d" in said.en
    assert "例如 5 d" in said.zh


async def test_whoever_found_an_earlier_one_that_was_withdrawn_does_not_decide_the_objection() -> None:
    async with court(owed()) as it:
        await it.office.employ(hr=OTHER)
        first = await find_fault(it, OTHER)
        await it.office.do(OTHER, "withdraw_compensation", first["no"], reason="…")
        no = (await find_fault(it))["no"]
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="…")
        await notify(it, no)
        await it.office.do(PERSON, "object_to_compensation", no, **SAID)

        for barred in (HR, BOSS, OTHER):
            refused = await it.office.refused(barred, "decide_objection", no, outcome="uphold", reason="…")
            assert refused == "not_independent", barred
        assert "没有与此无关的人" in (await (await opened(it, OTHER)).get("/waiting")).words
