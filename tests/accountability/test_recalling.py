"""What stood before a question what-if: the judge's memory says the same as hearing the whole history again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime

import pytest
from sqlalchemy import text

from chassis.database import transaction
from services.accountability.what_if import what_if
from services.accountability.what_if.comparing import differences
from services.accountability.what_if.recalling import recall
from services.accountability.what_if.supposing import CalendarChange, Supposition
from services.accountability.what_if.what_if import Answer, Request
from services.accountability.what_if.workers import engine_on
from tests.accountability.house import House, house
from tests.accountability.test_memory import hears_and_judges, is_complained_of, judging, three_orders
from tests.accountability.test_what_if import standard
from tests.support.facts import local
from tests.support.orders import an_order

pytestmark = pytest.mark.asyncio
NOW = local("2026-05-14 10:00")


@pytest.fixture
async def it() -> AsyncIterator[House]:
    """Two settled orders, one in trouble; one that is owed; and a complaint that came after the memory was written down."""
    async with house() as it:
        story = three_orders(it)
        judging(it, snapshot_entries=1)
        await hears_and_judges(it, story, "2026-05-10 09:00")
        it.office.judging.snapshot_entries = 10_000
        an_order(story, "SO-4", starts="2026-05-11 08:30", delivery_date="2026-05-13", takes={"package": 30})
        is_complained_of(story, "SO-1")
        await hears_and_judges(it, story, "2026-05-14 10:00")
        yield it


async def sides(it: House, how: object, supposition: Supposition, until: datetime = NOW) -> Answer:
    url, request = it.department.app.state.settings.database_url, Request(supposition=supposition, until=until)
    engine = engine_on(url)
    try:
        return await how(engine, url, request)  # type: ignore[operator,no-any-return]
    finally:
        await engine.dispose()


async def test_the_memory_says_what_a_replay_finds_and_the_shares_what_one_replay_finds(it: House) -> None:
    supposition = Supposition(rules=standard("receipt", "12 d"))

    recalled = await sides(it, what_if.recalled_or_replayed, supposition)
    replayed = await sides(it, what_if.one_after_the_other, supposition)

    assert recalled == replayed
    assert {each.order_no for each in recalled[0].found.values()} >= {"SO-1", "SO-2"}
    assert [(each.change, each.either.order_no) for each in differences(*recalled)] == [("gone", "SO-2")]


BOTH = CalendarChange(days_off=(date(2026, 3, 16),))


@pytest.mark.parametrize("how", ["reckoned", "replayed in shares", "replayed in one"])
async def test_which_of_two_makes_a_difference_is_said_alike_whatever_the_memory_knows(it: House, how: str) -> None:
    rules = standard("receipt", "12 d")
    if how != "reckoned":
        for link in rules["links"]:
            link["ended_by"] = []
    if how == "replayed in one":
        async with it.department.engine.begin() as connection:
            await connection.execute(text("UPDATE judge_cases SET linked = NULL"))
    supposition = Supposition(rules=rules, calendar=BOTH)

    long = await sides(it, what_if.recalled_or_replayed, supposition)
    short = await sides(it, what_if.one_after_the_other, supposition)

    told, other = (differences(*each, supposition=supposition) for each in (long, short))
    assert told == other
    assert {each.reasons[0].en.partition(" the")[0] for each in told} <= {"made by", "made only by"}
    assert "made by the supposed rules alone" in [each.reasons[0].en for each in told]


async def test_it_hears_nothing_that_was_settled_and_needs_no_more_than_the_memory(it: House) -> None:
    async with transaction(it.department.engine) as session:
        recalled = await recall(session, NOW)
        assert recalled is not None
        passed_on = [order_no async for bundle in recalled.concluded(every=False) for order_no in bundle.about]

    assert recalled.agrees
    assert passed_on == ["SO-2"]
    assert "SO-2" not in recalled.state.cases
    assert any(each.order_no == "SO-2" for each in recalled.found.values())


async def test_about_an_earlier_day_the_memory_cannot_say_and_the_history_is_replayed(it: House) -> None:
    supposition, until = Supposition(rules=standard("receipt", "12 d")), local("2026-04-01 09:00")

    async with transaction(it.department.engine) as session:
        assert await recall(session, until) is None

    declined = await sides(it, what_if.recalled_or_replayed, supposition, until)
    assert declined == await sides(it, what_if.one_after_the_other, supposition, until)


@pytest.mark.parametrize("noted", [True, False], ids=["links noted", "links not noted"])
async def test_what_the_memory_cannot_reckon_is_replayed_in_shares_or_in_one(it: House, *, noted: bool) -> None:
    """Under other rules a closing would have ended other handovers."""
    rules = standard("receipt", "12 d")
    for link in rules["links"]:
        link["ended_by"] = []
    supposition = Supposition(rules=rules)
    if not noted:
        async with it.department.engine.begin() as connection:
            await connection.execute(text("UPDATE judge_cases SET linked = NULL"))

    async with transaction(it.department.engine) as session:
        recalled = await recall(session, NOW)
        assert recalled is not None
        assert not await recalled.can_be_reckoned(supposition)
        assert (await recalled.links() is not None) == noted

    replayed = await sides(it, what_if.recalled_or_replayed, supposition)
    assert replayed == await sides(it, what_if.one_after_the_other, supposition)


async def test_the_judge_goes_on_while_a_question_is_answered(it: House) -> None:
    asked = asyncio.create_task(sides(it, what_if.recalled_or_replayed, Supposition(rules=standard("receipt", "12 d"))))
    story = it.story()
    await hears_and_judges(it, story, "2026-05-15 10:00")

    assert differences(*await asked)
