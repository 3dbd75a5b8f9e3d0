"""Wages are HR's alone: no list, page, export, API, fact, history, log or what-if of anybody else's shows one, or a fifth of it."""

import re
import traceback
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.database import transaction
from chassis.rights import reader_rights
from contracts.accountability import WageRecorded
from services.accountability.compensation import wages
from services.accountability.models import Base
from tests.accountability.court import BOSS, HR, OTHER, PERSON, Court
from tests.accountability.owing import FIFTH, NOVEMBER, OCTOBER, WAGE, owing, record_wage
from tests.accountability.test_record_pages import opened
from tests.support.company import PEOPLE

FINANCE = PEOPLE["planner"]
TELLING = (WAGE, FIFTH, "7,351.35", "1,470.27", "7351350", "735135", "147027")
"""The wage and its fifth, however they might be written."""
OPERATORS = frozenset({"/healthz", "/readyz", "/metrics", "/rest", "/worklist/live"})
"""What a bus and its figures are needed for; the last only says that something has changed."""
HIDDEN = frozenset({"wages", "payroll_statements", "payroll_downloads"})


@pytest.fixture
async def it() -> AsyncIterator[Court]:
    """The storekeeper's wage is recorded, a first instalment was stated to payroll, and finance looks in as well."""
    async with owing() as made:
        await made.office.employ(finance=FINANCE)
        await made.at(OCTOBER)
        await made.office.do(HR, "state_payroll", month="2026-10")
        yield made


def told(said: str) -> list[str]:
    return [figure for figure in TELLING if figure in said]


async def acts(it: Court) -> str:
    """Everything that was asked for and answered, refusals included."""
    async with transaction(it.office.engine) as session:
        return str((await session.execute(text("SELECT outcome, request, response FROM acts"))).all())


async def test_a_wage_is_recorded_by_hr_alone_and_never_their_own(it: Court) -> None:
    wage = {"employee": OTHER, "effective_month": "2026-10", "monthly_wage": "6123.45"}
    refusals = [
        (BOSS, {}, "for_hr_to_enter"),
        (FINANCE, {}, "post_not_held"),
        (OTHER, {}, "post_not_held"),
        (HR, {"employee": HR}, "own_case"),
        (HR, {"employee": "E-404"}, "unknown_employee"),
        (HR, {"effective_month": "2026-13"}, "invalid_input"),
        (HR, {"effective_month": "October"}, "invalid_input"),
        (HR, {"monthly_wage": "0"}, "invalid_input"),
    ]
    for by, said, code in refusals:
        assert await it.office.refused(by, "record_wage", **{**wage, **said}) == code, (by, said)
    assert "own_case" in await acts(it)
    assert "6123" not in await acts(it)

    with pytest.raises(asyncpg.CheckViolationError, match="wages_not_ones_own"):
        await it.office.as_owner("UPDATE wages SET made_by = employee")


async def test_the_fact_says_that_a_wage_was_recorded_and_not_how_much(it: Court) -> None:
    (fact,) = await it.facts(WageRecorded)

    assert isinstance(fact, WageRecorded)
    assert (fact.employee, fact.effective_month, fact.recorded_by) == (PERSON, "2026-01", HR)
    assert told(fact.model_dump_json()) == []


async def test_hr_sees_what_it_entered(it: Court) -> None:
    browser = await opened(it, HR, "en")

    assert "7,351.35" in (await browser.get("/wages")).words
    (wage,) = (await browser.client.get("/api/wages")).json()["items"]
    assert "7,351.35" in (await browser.get(f"/wages/{wage['no']}")).words
    assert "1,470.27" in (await browser.get("/payroll?month=2026-10")).words


async def places(it: Court) -> list[str]:
    """Every address that can be looked at: those without a number, and those of whatever there is to look at."""
    async with it.office.as_(HR) as client:
        numbers: list[str] = []
        for path in it.office.service.desk.shelves:
            items = (await client.get(f"/api/{path}?limit=1")).json()["items"]
            numbers += [f"/{path}/{item['no']}" for item in items]
    plain = [path for path in paths_of(it.office.app) if "{" not in path]
    numbered = [*numbers, *(f"/api{number}" for number in numbers), f"/records/{it.no}/print"]
    asked = [
        "/payroll?month=2026-10",
        "/find?q=WGE",
        "/find?q=PRS",
        "/files/SO-1",
        "/commands/notify-in-writing/CMP-20260901-0001",
    ]
    statement = "/payroll/PRS-20261012-0001.xlsx"
    return [*plain, *numbered, *asked, statement, "/rules/2026-01", "/api/timelines/SO-1", "/timelines/SO-1"]


def paths_of(place: Any) -> list[str]:
    """Where something can be looked at, whatever router it came with."""
    found: list[str] = []
    for route in place.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            found += paths_of(inner)
        elif "GET" in (getattr(route, "methods", None) or ()):
            found.append(route.path)
    return found


async def test_nobody_else_is_shown_one_anywhere(it: Court) -> None:
    """Not the general manager, not finance; to the person only their own instalments. Colleagues stand before shut doors."""
    everywhere = [path for path in await places(it) if path not in OPERATORS]
    assert {"/wages", "/api/wages", "/payroll", "/payroll-statements", "/what-ifs"} <= set(everywhere)
    assert any(path.startswith("/wages/WGE-") for path in everywhere)
    for who in (BOSS, FINANCE, PERSON):
        browser = await opened(it, who)
        for path in everywhere:
            answer = (await browser.client.get(path)).content.decode(errors="replace")
            own = who == PERSON and path in (f"/records/{it.no}", f"/records/{it.no}/print")
            shown = [figure for figure in told(answer) if not (own and figure == "1,470.27")]
            assert shown == [], (who, path)


async def test_the_doors_are_shut_rather_than_the_rooms_empty(it: Court) -> None:
    shut = ("/wages", "/payroll", "/payroll-statements", "/payroll-statements/PRS-20261012-0001")
    for who in (BOSS, FINANCE, OTHER, PERSON):
        browser = await opened(it, who)
        for path in (*shut, "/payroll/PRS-20261012-0001.xlsx", "/api/wages", "/api/payroll-statements"):
            assert (await browser.get(path)).status == 403, (who, path)
        menu = (await browser.get("/rules")).html
        assert re.findall(r'href="(/wages|/payroll|/payroll-statements)"', menu) == []
        assert "WGE-" not in (await browser.get("/find?q=WGE")).words.replace("WGE-2026", "")
    hr = await opened(it, HR)
    assert set(re.findall(r'href="(/wages|/payroll|/payroll-statements)"', (await hr.get("/rules")).html)) == {
        "/wages",
        "/payroll",
        "/payroll-statements",
    }
    assert (await hr.get("/wages.xlsx")).status == 404
    assert (await hr.get("/payroll-statements.xlsx")).status == 404


async def test_no_other_table_keeps_one(it: Court) -> None:
    """Neither the outbox, from whose facts ledger, exports and what-ifs are made, nor the acts, nor anything else."""
    async with transaction(it.office.engine) as session:
        names = set(await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        kept = {name: str((await session.execute(text(f'SELECT * FROM "{name}"'))).all()) for name in names}  # noqa: S608

    assert told(kept["wages"])
    assert told(kept["payroll_statements"])
    assert {name: told(rows) for name, rows in kept.items() if name not in HIDDEN and told(rows)} == {}


async def test_who_sends_it_twice_gets_the_same_answer_and_still_nothing_is_kept(it: Court) -> None:
    said = {"employee": OTHER, "effective_month": "2026-10", "monthly_wage": "6123.45"}
    async with it.office.as_(HR) as client:
        first, second = [
            await client.post("/api/wages", json=said, headers={"Idempotency-Key": "once"}) for _ in range(2)
        ]
        other = await client.post("/api/wages", json={**said, "monthly_wage": "1"}, headers={"Idempotency-Key": "once"})

    assert (first.json()["no"], second.json()["no"]) == ("WGE-20261012-0001",) * 2
    assert [Decimal(answer.json()["monthly_wage"]) for answer in (first, second)] == [Decimal("6123.45")] * 2
    assert other.json()["code"] == "idempotency_key_reused"
    assert "6123" not in await acts(it)


async def test_the_log_tells_nothing_of_it(it: Court, capfd: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().info("this is where a log would be seen")
    await record_wage(it, WAGE, since="2026-11")
    assert await it.office.refused(HR, "record_wage", employee="E-404", effective_month="2026-11", monthly_wage=WAGE)
    browser = await opened(it, HR)
    await browser.fill("/commands/record-wage", employee=PERSON, effective_month="soon", monthly_wage=WAGE)
    await browser.get("/payroll?month=2026-10")

    written = "".join(capfd.readouterr())

    assert "this is where a log would be seen" in written
    assert told(written) == []


async def written_down(it: Court, form: wages.Earning) -> None:
    async with transaction(it.office.engine) as session:
        await wages.record(session, form, maker=HR, now=it.office.now)
        await session.flush()


async def test_what_breaks_on_the_way_is_logged_without_it(it: Court) -> None:
    await it.office.as_owner("ALTER TABLE wages RENAME TO wages_elsewhere")

    form = wages.Earning(employee=PERSON, effective_month="2026-11", monthly_wage=Decimal(WAGE))
    with pytest.raises(DBAPIError) as broken:
        await written_down(it, form)

    written = "".join(traceback.format_exception(broken.value))
    assert "INSERT INTO wages" in written
    assert told(written) == []


def test_whoever_only_reads_the_database_does_not_read_them() -> None:
    known = dict(Base.metadata.tables)

    granted = " ".join(reader_rights("somebody", [*known, "outbox"], known))

    assert '"penalty_records"' in granted
    assert [name for name in HIDDEN if f'ON "{name}"' in granted] == []


async def looks_at_the_storekeeper(it: Court) -> set[tuple[str, str, str]]:
    """Who looked, in which way, at which paper: as the storekeeper learns it."""
    async with it.office.as_(PERSON) as client:
        items = (await client.get("/api/looks")).json()["items"]
    assert {look["whose"] for look in items} <= {PERSON}
    return {(look["who"], look["how"], look["no"]) for look in items}


async def test_whoever_looks_at_anothers_wage_or_instalments_is_written_down_and_the_person_learns_it(
    it: Court,
) -> None:
    """A wage and what payroll is told of it, in every way there is to see them; a refused look and the empty form are none."""
    async with it.office.as_(HR) as client:
        (wage,) = (await client.get("/api/wages")).json()["items"]
        (statement,) = (await client.get("/api/payroll-statements")).json()["items"]
    browser, no = await opened(it, HR), statement["no"]
    ways = {
        "/wages": ("seen_in_list", wage["no"]),
        f"/wages/{wage['no']}": ("seen_on_page", wage["no"]),
        f"/api/wages/{wage['no']}": ("read_by_api", wage["no"]),
        f"/payroll-statements/{no}": ("seen_on_page", no),
        f"/api/payroll-statements/{no}": ("read_by_api", no),
        f"/payroll/{no}.xlsx": ("exported_to_excel", no),
        "/payroll?month=2026-10": ("seen_for_payroll", no),
        "/payroll?month=2026-09": None,
        "/payroll-statements": None,
        "/commands/record-wage": None,
        f"/commands/record-wage?employee={PERSON}": None,
    }
    known = await looks_at_the_storekeeper(it)
    assert {(HR, "listed_by_api", wage["no"]), (HR, "listed_by_api", no)} <= known

    for path, look in ways.items():
        shown = (await browser.client.get(path)).content.decode(errors="replace")
        assert look is not None or told(shown) == [], path
        expected = known | ({(HR, *look)} if look else set())
        known = await looks_at_the_storekeeper(it)
        assert known == expected, path

    for stranger in (BOSS, OTHER):
        assert (await (await opened(it, stranger)).get(f"/wages/{wage['no']}")).status == 403
    assert await looks_at_the_storekeeper(it) == known
    for language, kind, way in (("zh", "工资", "在列表中看到"), ("en", "Wage", "seen in a list")):
        for reader, whose in ((PERSON, ""), (BOSS, PERSON)):
            page = await (await opened(it, reader, language)).get(f"/looks?no={wage['no']}")
            assert f"{kind} {wage['no']}" in page.words
            assert way in page.words
            assert HR in page.words
            assert whose in page.words
            assert f'href="/wages/{wage["no"]}"' not in page.html
    assert f'href="/wages/{wage["no"]}"' in (await (await opened(it, HR)).get("/looks")).html


async def test_who_looks_at_a_month_that_was_not_stated_yet_is_known_by_the_compensation(it: Court) -> None:
    await it.at(NOVEMBER)

    await (await opened(it, HR)).get("/payroll")

    assert (HR, "seen_for_payroll", "CMP-20260901-0001") in await looks_at_the_storekeeper(it)
