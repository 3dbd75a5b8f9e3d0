"""Who sees a month's figures, do they say what was judged, and does each lead to its evidence?"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import select, text

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from contracts import links, warehouse
from services.accountability.figures import monthly
from services.accountability.figures.outcomes import Outcome, everything
from services.accountability.models import HandoverOutcome, LostDate, PenaltyRecord
from services.accountability.people.founding import found_database
from tests.accountability.house import House, house
from tests.accountability.leading import Figure, behind, figures_of, stands_there, tolerance
from tests.support.company import PEOPLE, founding
from tests.support.facts import Story, Told, local
from tests.support.orders import an_order
from tests.ui.conftest import BROWSER, Browser
from tests.ui.test_documents import cells

pytestmark = pytest.mark.asyncio(loop_scope="module")

HR, KEEPER, BUYER, MANAGER = (PEOPLE[post] for post in ("hr", "storekeeper", "buyer", "warehouse_manager"))
JUDGED, NOW = "2026-09-10 09:00", "2026-09-10 10:00"
AUGUST = date(2026, 8, 1)


def told(it: House) -> Story:
    """August: an order that its instruction made late, a late receipt, and one that is late and still open."""
    story = it.story(PEOPLE)
    an_order(
        story,
        starts="2026-08-03 09:00",
        delivery_date="2026-08-06",
        takes={"release": 9, "final_inspection": 20, "instruction": 27},
    )
    late, open_ = links.receipt("LOT-7"), links.receipt("LOT-8")
    story.at("2026-08-20 09:00").delivers(late, "storekeeper", service="warehouse", order_no="SO-7")
    story.at("2026-08-21 13:00").states(warehouse.GoodsReceived, order_no="SO-7", closes=[late])
    story.at("2026-08-24 09:00").delivers(open_, "storekeeper", service="warehouse", order_no="SO-7")
    counted: dict[str, Any] = {"order_no": None, "required_on": "2026-10-09"}
    story.delivers(links.stocktake("2026-08"), "storekeeper", service="warehouse", **counted)
    return story


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def it() -> AsyncIterator[House]:
    """One house for all: everybody only looks."""
    async with house() as made:
        await found_database(made.department.app.state.settings.database_url, {**founding(), "sources": {}})
        made.department.app.state.companion = made.office
        await made.hears(told(made))
        await made.department.wait_until(local(JUDGED))
        await made.promises(local(JUDGED))
        await made.judges()
        await made.department.wait_until(local(NOW))
        yield made


async def opened(it: House, employee: str, language: str = "zh") -> Browser:
    async with transaction(it.department.engine) as session:
        secret = await auth.open_session(session, employee)
    transport = httpx.ASGITransport(it.department.app, raise_app_exceptions=False)
    cookies = {"language": language, cookie_name("accountability", secure=False): secret}
    return Browser(httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER, cookies=cookies))


async def rows(it: House) -> list[Outcome]:
    async with transaction(it.department.engine) as session:
        found = (await session.scalars(select(HandoverOutcome))).all()
    return [Outcome(**{field.name: getattr(row, field.name) for field in fields(Outcome)}) for row in found]


def by_name(outcomes: list[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda one: (one.duty, one.attempt))


async def test_the_tables_say_what_the_judge_remembers_and_are_filled_again_where_they_are_empty(it: House) -> None:
    known = by_name([*everything(it.office.judging.state).outcomes])
    assert by_name(await rows(it)) == known
    assert {row.outcome for row in known} >= {"in_time", "overran"}

    await it.department.as_owner("DELETE FROM handover_outcomes")
    await it.department.as_owner("DELETE FROM lost_dates")
    await it.office.judging.restore()

    assert by_name(await rows(it)) == known
    async with transaction(it.department.engine) as session:
        lost = (await session.scalars(select(LostDate))).all()
    assert [(row.order_no, row.link, row.clause) for row in lost if row.of == "delivery"] == [
        ("SO-1", "instruction", "SHP-02")
    ]


async def test_the_report_counts_what_was_due_and_what_is_still_open_costs_more_every_day(it: House) -> None:
    async with transaction(it.department.engine) as session:
        report = await monthly.report(session, it.office.judging.state, AUGUST, local(NOW))
    keepers = report.month.links["warehouse", "receipt"]

    # Three hours until it was booked; from Tuesday nine o'clock to the frontier twelve working days.
    assert keepers.late == 2
    assert keepers.lost == timedelta(hours=3) + timedelta(hours=8 * 12)
    assert report.month.company.due == sum(figures.due for figures in report.month.departments.values())
    assert [(cause.link, cause.dates) for cause in report.month.causes] == [("instruction", 1)]
    assert (report.finished, report.decided) == (True, True)
    assert [(one.late, one.lost) for one in report.people if one.employee == KEEPER] == [(2, keepers.lost)]


async def test_a_record_counts_in_the_month_of_its_breach_not_in_the_one_in_which_it_was_written(it: House) -> None:
    hr = await opened(it, HR)

    august, september = [await hr.get(f"/reports/2026-0{month}/records") for month in (8, 9)]

    assert "WHS-03" in august.words
    assert "PEN-202609" in august.words
    assert "PEN-" not in september.words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ["月度报告 2026 年 8 月", "各部门按时率与损失工时", "最常见的首因", "出货指令", "本月的裁定已齐全。"]),
        ("en", ["Monthly report August 2026", "Most frequent first causes", "Shipping instruction", "SHP-02",
                "Every verdict on this month is there."]),
    ],
)  # fmt: skip
async def test_the_page_says_how_the_month_went(it: House, language: str, said: list[str]) -> None:
    hr = await opened(it, HR, language)
    page = await hr.get("/reports/2026-08")

    for piece in said:
        assert piece in page.words


SPRING = """
INSERT INTO handover_outcomes
    (duty, attempt, order_no, department, link, post, person, outcome, opened_at, due_at, ended_at, month, overrun, excused)
SELECT 'iqc:SPRING-' || i, 1, 'SO-9', department, 'iqc', 'inspector', person, outcome, now(), now(), ended, '2026-04-01',
    overrun, excused
FROM generate_series(1, 110) AS i, LATERAL (VALUES
    (1, 'quality', 'overran', 'E-060', now(), interval '6 min', interval '30 min'),
    (2, 'quality', 'excused', NULL, now(), '0', '2 h'),
    (3, 'quality', 'in_time', NULL, now(), '0', '1 h'),
    (4, 'sales', 'in_time', NULL, now(), '0', '0'),
    (5, 'sales', 'open', NULL, NULL, '0', '0'),
    (6, 'sales', 'paused', NULL, NULL, '0', '0'),
    (0, 'pmc', 'overran', 'E-060', now(), '1 min', '0')
) AS spring (kind, department, outcome, person, ended, overrun, excused)
WHERE kind = CASE WHEN i > 109 THEN 0 WHEN i > 6 THEN 1 ELSE i END;
INSERT INTO lost_dates (order_no, of, number, due_at, month, infeasible, duty, attempt, link, department, clause, overrun)
SELECT 'SO-' || i / 2, 'delivery', i, now(), '2026-04-01', i = 3, duty, 1, link, department, clause, overrun
FROM generate_series(1, 230) AS i, LATERAL (SELECT
    CASE WHEN i > 5 THEN 'instruction' END AS link, CASE WHEN i > 5 THEN 'pmc' END AS department,
    CASE WHEN i > 5 THEN 'instruction:X' END AS duty, CASE WHEN i > 20 THEN 'SHP-02' END AS clause,
    CASE WHEN i BETWEEN 6 AND 200 THEN interval '90 min' END AS overrun) AS cause
"""
FORGET_SPRING = (
    "DELETE FROM handover_outcomes WHERE month = '2026-04-01'",
    "DELETE FROM lost_dates WHERE month = '2026-04-01'",
)


@pytest_asyncio.fixture(loop_scope="module")
async def spring(it: House) -> AsyncIterator[None]:
    """A month with everything that a figure may count, in more cases than a page shows."""
    for statement in SPRING.split(";"):
        await it.department.as_owner(statement)
    said = [(KEEPER, "issued"), (KEEPER, "withdrawn"), ("E-999", "issued"), *[(BUYER, "notified")] * 120]
    async with transaction(it.department.engine) as session:
        known = (await session.scalars(select(PenaltyRecord).limit(1))).one()
        like = {one.name: getattr(known, one.name) for one in PenaltyRecord.__table__.columns if one.name != "weighs"}
        for i, (person, status) in enumerate(said):
            changed = {"no": f"PEN-20260401-{i:04}", "key": f"spring {i}", "person": person, "status": status}
            session.add(PenaltyRecord(**(like | changed | {"breached_at": local("2026-04-02 09:00")})))
    yield
    for statement in (*FORGET_SPRING, "DELETE FROM penalty_records WHERE no LIKE 'PEN-202604%'"):
        await it.department.as_owner(statement)


@pytest.mark.usefixtures("spring")
async def test_behind_every_figure_stand_as_many_cases_or_hours_as_it_says(it: House) -> None:
    hr = await opened(it, HR, "en")
    found = dict[str, list[Figure]]()
    for place in ("/reports", "/reports/2026-04", "/reports/2026-08", "/reports/2026-09"):
        for figure in figures_of((await hr.get(place)).html):
            assert bool(figure.value) <= bool(figure.href), (place, figure)
            if figure.href:
                found.setdefault(figure.href, []).append(figure)

    assert len(found) > 60
    for way, figures in found.items():
        rows, said = await behind(hr, way)
        assert said == len(rows), way
        for figure in figures:
            assert stands_there(figure, rows) == pytest.approx(figure.value, abs=tolerance(figure, rows)), figure
    what = {figure.what for figures in found.values() for figure in figures}
    assert what >= {
        "Due",
        "Hours lost",
        "Hours excused",
        "On time (%)",
        "Orders",
        "Dates missed",
        "Records",
        "Under way",
    }


@pytest.mark.usefixtures("spring")
async def test_of_records_behind_a_figure_that_are_not_ones_own_only_how_many_there_are_is_said(it: House) -> None:
    manager = await opened(it, MANAGER, "en")
    page = await manager.get("/reports/2026-04/records?status=standing")

    assert "122 records · 121 of them are not for you to see" in page.words
    assert [*re.findall(r'href="/records/([^"]+)"', page.html)] == ["PEN-20260401-0000"]
    assert (await manager.get(f"/reports/2026-04/records?person={BUYER}")).status == 403


async def test_a_list_behind_a_figure_leads_to_the_facts_of_each_handover(it: House) -> None:
    hr = await opened(it, HR, "en")
    behind = await hr.get("/reports/2026-08/handovers?department=warehouse&link=receipt&outcome=overran")
    assert [*re.findall(r'href="(/handovers/[^"]+)"', behind.html)] == [
        "/handovers/receipt%3ALOT-7?attempt=1",
        "/handovers/receipt%3ALOT-8?attempt=1",
    ]

    page = await hr.get("/handovers/receipt%3ALOT-7?attempt=1")

    positions = {each.fact["type"]: place for place, each in enumerate(told_of(it), 1) if "LOT-7" in str(each.fact)}
    for event, called in (("handover_delivered", "Handover delivered"), ("goods_received", "Goods received")):
        assert re.search(rf"\b{positions[f'warehouse.{event}.v1']} 2026-[-0-9: ]+ {called}\b", page.words)
    assert "LOT-8" not in page.words
    assert (await hr.get("/handovers/receipt%3ALOT-9")).status == 404
    assert "Handover delivered" in (await hr.get("/handovers/stocktake%3A2026-08")).words
    for slashed in ("package%3ASO-1%2F1", "package%3ASO-1/1"):
        assert "Package released" in (await hr.get(f"/handovers/{slashed}")).words


def told_of(it: House) -> list[Told]:
    return told(it).told


async def test_the_months_are_listed_and_a_month_without_anything_says_so(it: House) -> None:
    hr = await opened(it, HR)

    listed = await hr.get("/reports")
    assert "2026-08" in listed.words
    assert "2026-07" not in listed.words
    assert "没有" in (await hr.get("/reports/2025-01")).words
    assert "本月尚未结束" in (await hr.get("/reports/2026-09")).words
    assert re.search(r"按时率\(%\) .*2026-08 50\.0 100\.0 ", listed.words)
    assert "/reports/2026-08/handovers?department=warehouse&amp;outcome=overran" in listed.html
    assert (await hr.get("/reports/2026-13")).status == 404


async def test_a_manager_reads_the_names_of_their_people_and_the_figures_of_all(it: House) -> None:
    manager, planner = await opened(it, MANAGER), PEOPLE["planner"]
    page = await manager.get("/reports/2026-08")
    assert KEEPER in page.words
    assert planner not in page.words

    late = (await manager.get("/reports/2026-08/handovers?outcome=overran")).words
    assert KEEPER in late
    assert planner not in late
    assert (await manager.get(f"/reports/2026-08/handovers?person={KEEPER}")).status == 200
    assert (await manager.get(f"/reports/2026-08/handovers?person={planner}")).status == 403
    assert "assignee:" in (await manager.get("/handovers/receipt%3ALOT-7?attempt=1")).html
    other = await manager.get("/handovers/instruction%3ASHN-SO-1?attempt=1")
    assert (other.status, "assignee:" in other.html, planner in other.words) == (200, False, False)


async def test_everybody_sees_figures_and_nobody_elses_name(it: House) -> None:
    buyer = await opened(it, BUYER)

    for path in ("", "/2026-08", "/2026-08/handovers?outcome=overran", "/2026-08/dates", "/2026-09/records"):
        page = await buyer.get(f"/reports{path}")
        assert page.status == 200, path
        assert set(re.findall(r"E-0\d\d", page.words)) <= {BUYER}, path
    paper = PdfReader(io.BytesIO((await buyer.client.get("/reports/2026-08/report.pdf")).content))
    assert "E-0" not in "".join(sheet.extract_text() for sheet in paper.pages).replace("\0", "")
    book = (await buyer.client.get("/reports/2026-08/report.xlsx")).content
    assert not any("E-0" in str(cell) for sheet in cells(book) for row in sheet for cell in row)
    assert not {"E-0", KEEPER} & set((await buyer.get("/handovers/receipt%3ALOT-7?attempt=1")).words.split())


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_pdf_and_workbook_say_what_the_page_says(it: House, language: str) -> None:
    hr = await opened(it, HR, language)
    page = await hr.get("/reports/2026-08")
    figures = [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page.html, re.DOTALL)
        if "<td" in row
    ]
    assert len(figures) > 15

    paper = PdfReader(io.BytesIO((await hr.client.get("/reports/2026-08/report.pdf")).content))
    # pypdf leaves the upper byte of each code as a character of its own.
    printed = re.sub(r"[\s\0]+", "", "".join(sheet.extract_text() for sheet in paper.pages))
    for row in figures:
        assert re.sub(r"\s+", "", "".join(row)) in printed, row
    ways = {note.get_object()["/A"]["/URI"] for sheet in paper.pages for note in sheet.get("/Annots", ())}
    assert "http://test/reports/2026-08/dates?link=instruction&department=pmc&clause=SHP-02" in ways

    book = (await hr.client.get("/reports/2026-08/report.xlsx")).content
    shown = [row for sheet in cells(book) for row in sheet]
    for row in figures:
        assert [read(each) for each in row if each != "—"] in shown, row
    assert b"http://test/reports/2026-08/handovers?department=warehouse&amp;outcome=overran" in ways_of(book)


def ways_of(book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".rels"))


def read(shown: str) -> object:
    number = shown.replace(",", "")
    return float(number) if re.fullmatch(r"\d+(\.\d+)?", number) else shown


async def test_what_has_only_just_arrived_shows_its_facts_before_it_is_judged(it: House) -> None:
    story, duty = told(it), links.receipt("LOT-10")
    story.at("2026-09-10 09:30").delivers(duty, "storekeeper", service="warehouse", order_no="SO-7")
    await it.hears(story)
    hr = await opened(it, HR)

    assert (await hr.get("/handovers/receipt%3ALOT-10")).status == 404
    page = await hr.get("/handovers/receipt%3ALOT-10?attempt=1&order=SO-7")

    assert "入库 LOT-10 待办" in page.words
    assert "2026-09-10 09:30 交接到达待办" in page.words


MANY = """
INSERT INTO handover_outcomes (duty, attempt, order_no, department, link, post, outcome, opened_at, month, overrun, excused)
SELECT 'iqc:LOT-' || i, 1, 'SO-9', 'quality', 'iqc', 'inspector', 'overran', now(), '2025-03-01', (i / 50) * interval '1 h', '0'
FROM generate_series(1, 230) AS i
"""


async def test_a_long_list_goes_on_page_by_page_the_dearest_first(it: House) -> None:
    await it.department.as_owner(MANY)
    try:
        hr, way, found = await opened(it, HR), "department=quality", list[str]()
        while way:
            page = await hr.get(f"/reports/2025-03/handovers?{way}")
            found += re.findall(r'href="/handovers/iqc%3ALOT-(\d+)\?attempt=1"', page.html)
            way = html.unescape(next(iter(re.findall(r'href="\?([^"]*after=[^"]*)"', page.html)), ""))
        assert (len(found), len(set(found))) == (230, 230)
        assert [int(no) // 50 for no in found] == sorted((int(no) // 50 for no in found), reverse=True)
        assert (await hr.get("/reports/2025-03/handovers?after=99999999999999~1~x")).status == 200
    finally:
        await it.department.as_owner("DELETE FROM handover_outcomes WHERE month = '2025-03-01'")


async def test_my_page_shows_what_i_owe_what_stands_against_me_and_what_i_may_do(it: House) -> None:
    keeper = await opened(it, KEEPER)
    page = await keeper.get("/mine")

    assert "入库 LOT-8" in page.words
    assert "LOT-7" not in page.words.partition("我的处罚单")[0]
    assert "WHS-03" in page.words
    assert re.search(r'href="/commands/state-case/PEN-[^"]+"', page.html)
    assert "您已于" in page.words

    other = await opened(it, BUYER, "en")
    assert "WHS-03" not in (await other.get("/mine")).words
    assert (await keeper.get(f"/mine/{KEEPER}")).status == 200
    assert (await other.get(f"/mine/{KEEPER}")).status == 403
    assert "assignee:" in (await keeper.get("/handovers/receipt%3ALOT-7?attempt=1")).html


async def test_a_month_is_read_by_its_index_however_long_the_history(it: House) -> None:
    query = "SELECT department, outcome, count(*) FROM handover_outcomes WHERE month = '2026-08-01' GROUP BY 1, 2"
    async with transaction(it.department.engine) as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join((await session.execute(text(f"EXPLAIN {query}"))).scalars())

    assert "handover_outcomes_month" in plan
