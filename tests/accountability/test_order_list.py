"""Is every order found in the list of timelines, however many there are, at hand or settled?"""

import html
import re
from collections.abc import AsyncIterator

import pytest

from chassis.database import transaction
from chassis.driver import fetch
from contracts import sales
from services.accountability import memory
from services.accountability.judge import settled
from services.accountability.office import Office
from services.accountability.views import overviews
from tests.accountability.test_pages import HR, page
from tests.support.departments import Department, department
from tests.support.facts import Outcome, a_line, a_story

AT_HAND, SETTLED = [f"SO-{n}" for n in range(100, 220, 2)], [f"SO-{n}" for n in range(101, 401, 2)]


def confirmed(orders: list[str]) -> Outcome:
    story = a_story().at("2026-02-27 09:00")
    for no in orders:
        story.states(sales.OrderConfirmed, order_no=no, lines=[a_line(delivery_date="2026-03-20")])
    return story.judged("2026-03-02 09:00")


@pytest.fixture
async def office() -> AsyncIterator[Department]:
    """Sixty orders at hand, and 150 that the judge has laid away, between them and after them."""
    async with department("accountability") as it:
        await it.employ(hr=HR)
        it.app.state.companion = Office(it.app.state.settings, it.engine)
        it.app.state.companion.judging.state = confirmed(AT_HAND).state
        away = confirmed(SETTLED).state
        files = [settled.filed(away, away.cases[no], settled=True) for no in SETTLED]
        async with transaction(it.engine) as session:
            await fetch(session, memory.WRITE, *memory.columns(files))
        yield it


async def listed(office: Department, way: str) -> tuple[list[str], int]:
    """All orders in the order in which they are listed, and on how many pages."""
    found, pages = list[str](), 0
    while way:
        shown = await page(office, way)
        orders = re.findall(r'href="/timelines/([^"]+)"', shown)
        assert len(orders) <= overviews.PAGE
        found, pages = found + orders, pages + 1
        way = html.unescape(next(iter(re.findall(r'href="([^"]*after=[^"]*)" rel="next"', shown)), ""))
    return found, pages


async def test_every_order_is_listed_once_page_by_page_and_the_search_finds_the_oldest(office: Department) -> None:
    everything = sorted([*AT_HAND, *SETTLED], reverse=True)

    assert await listed(office, "/timelines") == (everything, 5)
    assert await listed(office, "/timelines?q=so-10") == ([f"SO-{n}" for n in range(109, 99, -1)], 1)
    assert "number begins with “SO-9&lt;" in await page(office, "/timelines?q=SO-9%3C")
