"""HR asks what would be different under other rules, and reads the answer on a page; nothing else changes."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
import yaml
from sqlalchemy import select
from structlog.testing import capture_logs

from chassis.database import reading, transaction
from contracts import accountability, links, warehouse
from contracts.event import decode
from services.accountability.ledger import ledger
from services.accountability.ledger.ledger import Arrived
from services.accountability.models import WhatIf
from services.accountability.people.calendar import shipped_calendar
from services.accountability.what_if.answering import MOST_STARTS, PROGRAM, Limit, WhatIfs
from tests.accountability.clauses.attributions import attributed, made_and_inspected
from tests.accountability.test_pages import HR, page
from tests.accountability.test_what_if import a_late_receipt, rules_with, standard
from tests.chassis.company import until
from tests.support import infra
from tests.support.departments import Department, department
from tests.support.facts import Story

pytestmark = pytest.mark.asyncio
BOSS, FINANCE = "E-012", "E-072"
EVENINGS = [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "20:00"}]
GENEROUS = yaml.safe_dump(standard("receipt", "12 h"), allow_unicode=True)

DRAFT = yaml.safe_dump(standard("receipt", "12 h") | {"version": "2026-02"}, allow_unicode=True)


@pytest.fixture
async def office() -> AsyncIterator[Department]:
    """Accountability whose ledger knows of one late receipt."""
    async with department("accountability") as it:
        await it.employ(hr=HR, general_manager=BOSS, finance=FINANCE)
        await enters(it, a_late_receipt())
        yield it


async def enters(office: Department, story: Story) -> None:
    facts = [orjson.dumps(told.fact) for told in story.told]
    async with transaction(office.engine) as session:
        await ledger.append(session, [Arrived(decode(fact), fact) for fact in facts])


async def answered(office: Department) -> bool:
    return await WhatIfs(office.engine, office.app.state.settings.database_url).answer_next()


async def answer(office: Department, no: str) -> dict[str, Any]:
    async with office.as_(HR) as client:
        found: dict[str, Any] = (await client.get(f"/api/what-ifs/{no}")).json()
    return found


async def test_the_answer_names_each_record_that_differs_and_why(office: Department) -> None:
    asked = await office.do(HR, "ask_what_if", question="twelve hours for a receipt", rules=GENEROUS)
    assert (asked["status"], asked["percent_done"]) == ("running", 0)

    assert await answered(office)

    told = await answer(office, str(asked["no"]))
    assert (told["status"], told["percent_done"], told["differences"]) == ("done", 100, 1)
    (line,) = told["lines"]
    assert (line["change"], line["clause"], line["before_person"], line["after_person"]) == (
        "gone",
        "WHS-03",
        "E-010",
        None,
    )
    assert "09:00" in line["reasons_en"]
    assert "14:00" in line["reasons_zh"]
    assert not await answered(office)


async def test_days_off_are_added_to_the_calendar_in_force(office: Department) -> None:
    asked = await office.do(BOSS, "ask_what_if", question="a day off", days_off=["2026-03-04"])

    await answered(office)

    assert (await answer(office, str(asked["no"])))["status"] == "done"


async def test_a_day_off_changes_that_day_alone_and_no_shifts_of_before(office: Department) -> None:
    """Longer shifts came in June; a receipt of March stays in time by those of March."""
    longer = shipped_calendar() | {"shifts": EVENINGS}
    story = a_late_receipt().at("2026-03-10 09:00")
    story.delivers(links.receipt("LOT-2"), "storekeeper", service="warehouse")
    story.at("2026-03-11 08:50").states(warehouse.GoodsReceived, order_no="SO-1", closes=[links.receipt("LOT-2")])
    story.at("2026-06-01 08:00").states(accountability.CalendarSet, calendar_no="CAL-2", **longer)
    await enters(office, story)
    await office.do(BOSS, "set_calendar", **longer)
    asked = await office.do(BOSS, "ask_what_if", question="a day off in June", days_off=["2026-06-22"])

    await answered(office)

    told = await answer(office, str(asked["no"]))
    assert (told["status"], told["lines"]) == ("done", [])


async def test_of_two_things_supposed_the_answer_says_which_one_makes_the_difference(office: Department) -> None:
    asked = await office.do(HR, "ask_what_if", question="both", rules=GENEROUS, days_off=["2026-06-22"])

    await answered(office)

    (line,) = (await answer(office, str(asked["no"])))["lines"]
    assert line["reasons_en"].startswith("made by the supposed rules alone; Receipt LOT-1 due 2026-03-04 09:00")
    assert "只凭假设的条款就有此差别" in await page(office, f"/what-ifs/{asked['no']}", "zh")


async def test_the_page_shows_it_in_both_languages(office: Department) -> None:
    asked = await office.do(HR, "ask_what_if", question="twelve hours", rules=GENEROUS)
    await answered(office)

    for language, gone, reason in (("en", "gone", "Receipt LOT-1 due"), ("zh", "消失", "入库 LOT-1 的时限")):
        shown = await page(office, f"/what-ifs/{asked['no']}", language)
        assert f"<strong>{gone}</strong>" in shown
        assert "WHS-03" in shown
        assert re.search(rf'<td class="reasons"[^>]*>{reason}', shown)


async def test_a_program_that_fails_says_so_on_the_document(office: Department) -> None:
    asked = await office.do(HR, "ask_what_if", question="a month without rules", rules=GENEROUS)

    with capture_logs() as logged:
        assert await WhatIfs(office.engine, "postgresql://nobody@127.0.0.1:1/nothing").answer_next()

    told = await answer(office, str(asked["no"]))
    assert told["status"] == "failed"
    assert "请再提一次" in told["problem_zh"]
    assert "Please ask again" in told["problem_en"]
    assert "Error" not in told["problem_zh"] + told["problem_en"]
    chinese, english = [await page(office, f"/what-ifs/{asked['no']}", language) for language in ("zh", "en")]
    assert ("请再提一次" in chinese, "Please ask again" in chinese) == (True, False)
    assert ("请再提一次" in english, "Please ask again" in english) == (False, True)
    assert "Error" in next(each["said"] for each in logged if each["event"] == "what_if_failed")


async def test_a_period_is_one_of_breaches_judged_by_everything_known_now(office: Department) -> None:
    """Due on the fourth at nine, booked at eleven: who asks about that day hears of it, though the receipt came later."""
    for day, differences in (("2026-03-03", 0), ("2026-03-04", 1)):
        asked = await office.do(HR, "ask_what_if", question="twelve hours", rules=GENEROUS, until=day)
        await answered(office)
        assert (await answer(office, str(asked["no"])))["differences"] == differences


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "nothing_supposed"),
        ({"rules": "links: [{code: receipt, standard: soon}]"}, "rulebook_invalid"),
        ({"days_off": ["2026-03-04"], "since": "2026-08-02", "until": "2026-08-01"}, "period_unclear"),
        ({"days_off": ["yesterday"]}, "invalid_input"),
        ({"shifts": [{"start": "08:00", "end": "13:00"}, {"start": "12:00", "end": "17:00"}]}, "calendar_invalid"),
        ({"weekend": [9]}, "calendar_invalid"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(office: Department, form: dict[str, Any], code: str) -> None:
    assert await office.refused(HR, "ask_what_if", question="what if", **form) == code


async def test_people_and_posts_that_there_are_not_are_refused_row_by_row(office: Department) -> None:
    """Each replay of a typing error would take minutes, and blame whoever it names."""
    tenures = [
        {"employee": HR, "post": "storekeeper", "since": "2026-03-01", "until": "2026-03-01"},
        {"employee": "E-404", "post": "storekeeper", "since": "2026-03-01"},
        {"employee": BOSS, "post": "astronaut", "since": "2026-03-01"},
        {"employee": BOSS, "post": "buyer", "since": "2026-03-05", "until": "2026-03-04"},
    ]

    answer = await office.attempt(HR, "ask_what_if", question="who else", tenures=tenures)

    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "invalid_input")
    assert [(each["field"], each["value"]) for each in told["errors"]] == [
        ("tenures.1.employee", "E-404"),
        ("tenures.2.post", "astronaut"),
        ("tenures.3.until", "2026-03-04"),
    ]
    assert told["errors"][0]["remedy"] == "There is no employee E-404. Please register them first."
    assert "Please choose one of buyer" in told["errors"][1]["remedy"]
    assert "Please give a later time" in told["errors"][2]["remedy"]


async def test_whoever_is_registered_may_be_supposed_for_a_single_day(office: Department) -> None:
    row = {"employee": BOSS, "post": "storekeeper", "since": "2026-03-03", "until": "2026-03-03"}
    asked = await office.do(HR, "ask_what_if", question="somebody else", tenures=[row])

    await answered(office)

    told = await answer(office, str(asked["no"]))
    assert (told["status"], told["tenures"][0]["employee"]) == ("done", BOSS)


async def test_the_form_lets_choose_among_the_people_and_the_posts(office: Department) -> None:
    shown = await page(office, "/commands/ask-what-if")

    assert re.search(rf'<select[^>]* name="tenures.0.employee".*?<option value="{BOSS}"', shown, re.DOTALL)
    assert re.search(r'<select[^>]* name="tenures.0.post".*?<option value="storekeeper"', shown, re.DOTALL)


async def test_other_shifts_and_another_weekend_are_asked_for(office: Department) -> None:
    """A working day of four hours: eight hours after Tuesday at nine end on Thursday, and the receipt was in time."""
    asked = await office.do(
        HR, "ask_what_if", question="a half day", shifts=[{"start": "08:00", "end": "12:00"}], weekend=[7]
    )

    assert await answered(office)

    told = await answer(office, str(asked["no"]))
    assert (told["status"], told["differences"]) == ("done", 1)
    assert told["lines"][0]["change"] == "gone"


async def test_only_hr_and_the_general_manager_ask(office: Department) -> None:
    assert await office.refused(FINANCE, "ask_what_if", question="what if", rules=GENEROUS) == "post_not_held"


@contextlib.asynccontextmanager
async def hanging(office: Department) -> AsyncIterator[None]:
    """Whatever would read the ledger waits."""
    connection = await asyncpg.connect(infra.url_of(office.engine.url.database or ""))
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


def programs_of(office: Department) -> list[str]:
    """The processes that answer questions of this database."""
    url = f"HANDOVER_DATABASE_URL={office.app.state.settings.database_url}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if url in (folder / "environ").read_bytes().split(b"\0") and PROGRAM in (folder / "cmdline").read_text():
                found.append(folder.name)
    return found


async def test_one_that_hangs_is_cancelled_by_hr_or_the_general_manager_and_the_next_is_answered(
    office: Department,
) -> None:
    hangs, waits, next_one = [
        str((await office.do(HR, "ask_what_if", question=question, rules=GENEROUS))["no"])
        for question in ("hangs", "waits", "next")
    ]
    async with hanging(office):
        answering = asyncio.create_task(answered(office))
        await until(partial(begun, office, 1, hangs))
        await until(partial(at_work, office))
        cancelled = await office.do(BOSS, "cancel_what_if", hangs)
        await office.do(HR, "cancel_what_if", waits)
        assert await answering

    assert programs_of(office) == []
    assert cancelled["status"] == "cancelled"
    assert cancelled["problem_en"].startswith(f"{BOSS} cancelled it, so there is no answer; no record was changed.")
    assert (await answer(office, waits))["starts"] == 0
    assert await answered(office)
    assert [(await answer(office, no))["status"] for no in (hangs, waits, next_one)] == [
        "cancelled",
        "cancelled",
        "done",
    ]
    assert not await answered(office)


async def at_work(office: Department) -> bool:
    return bool(programs_of(office))


async def test_one_that_takes_longer_than_the_setting_is_stopped_and_says_so(office: Department) -> None:
    endless, next_one = [
        str((await office.do(HR, "ask_what_if", question=question, rules=GENEROUS))["no"])
        for question in ("endless", "next")
    ]

    async with hanging(office):
        assert await WhatIfs(
            office.engine, office.app.state.settings.database_url, Limit(what_if_minutes=0.02)
        ).answer_next()

    told = await answer(office, endless)
    assert (told["status"], told["lines"]) == ("failed", [])
    assert told["problem_en"].startswith("After 0.02 minutes there was no answer, and the replay was stopped")
    assert "HANDOVER_WHAT_IF_MINUTES" in told["problem_zh"]
    assert programs_of(office) == []
    assert await answered(office)
    assert (await answer(office, next_one))["status"] == "done"


async def test_how_long_a_question_may_take_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Limit().what_if_minutes == 60
    monkeypatch.setenv("HANDOVER_WHAT_IF_MINUTES", "5")

    assert Limit().what_if_minutes == 5


async def test_to_cancel_is_irreversible_and_of_what_runs_alone(office: Department) -> None:
    no = str((await office.do(HR, "ask_what_if", question="twelve hours", rules=GENEROUS))["no"])

    assert await office.refused(FINANCE, "cancel_what_if", no) in ("post_not_held", "not_found")
    assert "confirmed" in await page(office, f"/commands/cancel-what-if/{no}")
    assert "cancel-what-if" in await page(office, f"/what-ifs/{no}")
    await answered(office)

    assert await office.refused(HR, "cancel_what_if", no) == "wrong_status"
    assert "cancel-what-if" not in await page(office, f"/what-ifs/{no}")


async def test_a_draft_is_supposed_by_its_number(office: Department) -> None:
    draft = await office.do(HR, "draft_rulebook", text=DRAFT, reason="receipts come in the evening")
    asked = await office.do(HR, "ask_what_if", question="as drafted", rulebook_no=draft["no"])

    await answered(office)

    told = await answer(office, str(asked["no"]))
    assert (told["status"], told["differences"], yaml.safe_load(told["rules"])) == ("done", 1, yaml.safe_load(DRAFT))
    both = {"question": "which", "rules": GENEROUS, "rulebook_no": draft["no"]}
    assert await office.refused(HR, "ask_what_if", **both) == "two_rulebooks"
    assert await office.refused(HR, "ask_what_if", question="none", rulebook_no="2030-01") == "unknown_version"


async def test_a_line_tells_the_compensation_that_falls_away_comes_or_changes(office: Department) -> None:
    """Of eight hundred for rework by engineering's fault, thirty in a hundred."""
    story = a_late_receipt()
    made_and_inspected(story)
    costs = {"matter": "rework", "rework_no": "RWK-1", "rework_cost": "800", "overtime_cost": "300"}
    attributed(story, cause="production", **costs)
    await enters(office, story)
    for change, amounts, shown_amount in (
        ("gone", ("240.00", None), ">240.00 CNY<"),
        ("changed", ("240.00", "80.00"), ">240.00 → 80.00 CNY<"),
    ):
        rules = yaml.safe_dump(rules_with(partial(otherwise, change)), allow_unicode=True)
        asked = await office.do(HR, "ask_what_if", question="TML-02 otherwise", rules=rules)
        await answered(office)

        (line,) = (await answer(office, str(asked["no"])))["lines"]
        assert (line["clause"], line["change"]) == ("TML-02", change)
        assert (line["before_amount"], line["after_amount"]) == amounts
        assert shown_amount in await page(office, f"/what-ifs/{asked['no']}")


def otherwise(change: str, rules: dict[str, Any]) -> None:
    (clause,) = [each for each in rules["clauses"] if each["code"] == "TML-02"]
    if change == "gone":
        clause["grounds"][0]["when"] = 'fact.matter == "rework" && fact.cause == "engineering"'
    else:
        clause["compensation"]["formula"] = "costs.rework_cost * 10 / 100"


async def begun(office: Department, starts: int, no: str | None = None) -> bool:
    async with reading(office.engine) as session:
        asked = select(WhatIf.starts).where(WhatIf.no == no) if no else select(WhatIf.starts)
        return await session.scalar(asked) == starts


async def test_a_question_that_was_cut_off_thrice_is_not_begun_again(office: Department) -> None:
    asked = await office.do(HR, "ask_what_if", question="twelve hours", rules=GENEROUS)
    whatifs = WhatIfs(office.engine, office.app.state.settings.database_url)
    for start in range(MOST_STARTS):
        cut_off = asyncio.create_task(whatifs.answer_next())
        await until(partial(begun, office, start + 1))
        cut_off.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await cut_off

    await answered(office)

    assert (await answer(office, str(asked["no"])))["status"] == "failed"
