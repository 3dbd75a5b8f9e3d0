"""HR sees how every order ran: the handover graph, where working time was lost, and the records it led to."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from chassis.ui.traces import journey_path
from contracts import links, pmc, warehouse
from contracts.event import Actor
from services.accountability.judge.in_force import calendar_now
from services.accountability.office import Office
from services.accountability.pages import pages
from services.accountability.people.calendar import shipped_calendar
from services.accountability.process import records
from services.accountability.views import pictures
from services.accountability.views.timelines import timeline
from tests.accountability.test_removed_lines import line_1_leaves, two_lines, without_line_2
from tests.support.departments import Department, department
from tests.support.facts import Outcome, a_story, local
from tests.support.orders import an_order

HR = "E-070"
END = "2026-06-30 17:00"


def late_order() -> Outcome:
    """An order that the instruction made late."""
    story = a_story()
    an_order(story, delivery_date="2026-03-05", takes={"release": 9, "final_inspection": 20, "instruction": 27})
    return story.judged(END)


@pytest.fixture
async def office() -> AsyncIterator[Department]:
    async with department("accountability") as it:
        await it.employ(hr=HR)
        it.app.state.companion = Office(it.app.state.settings, it.engine)
        it.app.state.companion.judging.state = late_order().state
        async with transaction(it.engine, Actor(employee="system")) as session:
            session.info["service"] = "accountability"
            await records.write(session, late_order().verdicts)
        yield it


async def page(office: Department, path: str, language: str = "en", by: str = HR, status: int = 200) -> str:
    async with transaction(office.engine) as session:
        secret = await auth.open_session(session, by)
    async with office.as_(by, language=language) as client:
        client.headers.pop("authorization")
        client.cookies.set(cookie_name("accountability", secure=False), secret)
        client.cookies.set("language", language)
        answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_the_list_names_each_order_with_its_first_cause(office: Department) -> None:
    shown = await page(office, "/timelines")

    assert "SO-1" in shown
    assert "date missed" in shown
    assert "Shipping instruction" in shown


@pytest.mark.parametrize(("language", "words"), [("en", "First cause: Shipping instruction"), ("zh", "首因:出货指令")])
async def test_the_timeline_says_who_cost_how_much(office: Department, language: str, words: str) -> None:
    shown = await page(office, "/timelines/SO-1", language)

    assert words in shown
    assert shown.count('<rect class="bar ') >= 20
    assert "SHP-02" in shown
    assert shown.count('class="bar-cause"') == 1
    assert '<a href="/handovers/instruction%3ASHN-SO-1?attempt=1&amp;order=SO-1" aria-label="' in shown


@pytest.mark.parametrize(
    ("takes", "words"),
    [({}, "although nobody was late: the plan was infeasible"), ({"instruction": 4.5}, "nobody by enough to be its")],
)
async def test_a_missed_date_without_a_cause_says_whether_anybody_was_late(
    office: Department, takes: dict[str, float], words: str
) -> None:
    story = a_story()
    an_order(story, delivery_date="2026-02-20", takes=takes)
    office.app.state.companion.judging.state = story.judged(END).state

    assert words in await page(office, "/timelines/SO-1")


async def test_what_was_taken_off_says_since_when_it_is_no_longer_owed(office: Department) -> None:
    office.app.state.companion.judging.state = line_1_leaves(without_line_2(two_lines())).judged(END).state

    whole = await page(office, "/timelines/SO-1")
    one = await page(office, "/handovers/production_order%3ASO-1%2F2?order=SO-1")

    assert 'no longer owed <time datetime="2026-03-04T' in whole
    assert re.search(r"<dt>No longer owed</dt><dd><time [^>]*>2026-03-04 10:00</time>", one)


async def test_the_timeline_leads_to_the_trace_of_its_handovers(office: Department) -> None:
    office.app.state.settings = office.app.state.settings.model_copy(update={"jaeger_url": "https://jaeger.example"})

    shown = await page(office, "/timelines/SO-1")

    assert "https://jaeger.example/search?service=accountability&amp;" in shown
    assert journey_path("https://jaeger.example", "SO-1") in shown


async def test_an_unknown_order_is_not_found(office: Department) -> None:
    async with transaction(office.engine) as session:
        secret = await auth.open_session(session, HR)
    async with office.as_(HR) as client:
        client.cookies.set(cookie_name("accountability", secure=False), secret)
        assert (await client.get("/timelines/SO-9", headers={"accept": "text/html"})).status_code == 404


def test_a_bar_is_red_from_its_due_time_on_and_nights_take_no_room() -> None:
    state = late_order().state
    told = timeline(state, "SO-1", now=local(END))
    assert told is not None
    calendar = calendar_now(state)
    assert calendar is not None
    drawn = pictures.draw(told, calendar, {}, local(END))

    (red,) = [bar for bar in drawn.bars if bar.handover.link == "instruction"]
    assert red.late is not None
    assert red.due == pytest.approx(red.late.start)
    # 27 hours on the worklist, of which 4 were allowed.
    assert red.late.width / red.whole.width == pytest.approx(23 / 27, rel=0.02)
    assert drawn.losses[0].handover.link == "instruction"
    assert drawn.losses[0].share == 100


def test_the_time_that_does_not_count_is_hatched_where_it_lies() -> None:
    story, duty = a_story(), links.receipt("LOT-1")
    story.at("2026-03-03 09:00").delivers(duty, "storekeeper", service="warehouse")
    began, ended = local("2026-03-03 11:00"), local("2026-03-03 15:00")
    story.at(ended).states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)
    story.at("2026-03-03 17:00").states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])
    state = story.judged(END).state
    told, calendar = timeline(state, "SO-1", now=local(END)), calendar_now(state)
    assert told is not None
    assert calendar is not None

    (bar,) = pictures.draw(told, calendar, {}, local(END)).bars

    # Seven hours on the worklist, of which three from the third on did not count: the lunch hour takes no room.
    ((start, width),) = [(gap.start, gap.width) for gap in bar.excused]
    assert [start, width] == pytest.approx([100 * 2 / 7, 100 * 3 / 7], rel=0.01)


@pytest.mark.parametrize(("booked", "hatched"), [("2026-03-04 11:00", (8, 2)), ("2026-03-03 16:00", None)])
def test_what_was_used_of_the_time_that_an_exception_gave_is_hatched(
    booked: str, hatched: tuple[int, int] | None
) -> None:
    """Eight hours for the receipt, four more by the exception; whoever needed ten used two of them."""
    story, duty = a_story(), links.receipt("LOT-1")
    said: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "affected_duties": [duty]}
    story.at("2026-03-03 09:00").delivers(duty, "storekeeper", service="warehouse")
    story.at("2026-03-03 10:00").states(pmc.ExceptionRaised, order_no="SO-1", **said)
    story.at("2026-03-03 11:00").states(
        pmc.ExceptionDecided, order_no="SO-1", accepted=True, extension_hours="4", **said
    )
    story.at(booked).states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])
    state = story.judged(END).state
    told, calendar = timeline(state, "SO-1", now=local(END)), calendar_now(state)
    assert told is not None
    assert calendar is not None

    (bar,) = pictures.draw(told, calendar, {}, local(END)).bars

    wanted = [] if hatched is None else [pytest.approx(100 * hours / sum(hatched), rel=0.01) for hours in hatched]
    assert [value for gap in bar.excused for value in (gap.start, gap.width)] == wanted


def test_the_menu_leads_to_what_waits_ones_own_page_timelines_reports_suspicions_the_rules_looks_exports_and_payroll() -> (
    None
):
    paths = ["/waiting", "/mine", "/timelines", "/reports", "/suspicions", "/rules", "/looks", "/exports", "/payroll"]
    assert [entry.path for entry in pages.menu] == paths


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_calendar_and_its_days_are_shown(office: Department, language: str) -> None:
    await office.employ(general_manager="E-071")
    calendar = await office.do("E-071", "set_calendar", **shipped_calendar())

    assert "Asia/Shanghai" in await page(office, f"/calendars/{calendar['no']}", language)
