"""The judge's memory lies in the database case by case: what is settled is at hand again when somebody asks or something comes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from chassis.database import transaction
from chassis.instants import moment
from contracts import pmc, sales
from services.accountability import memory
from services.accountability.judge.snapshot import dump
from services.accountability.judge.state import COMPANY
from services.accountability.judging import Judging
from services.accountability.views import views
from services.accountability.views.overviews import Overview
from services.accountability.views.timelines import Timeline
from tests.accountability.house import House, house
from tests.support.facts import STAFF, Story, local
from tests.support.orders import an_order

pytestmark = pytest.mark.asyncio

CASES = text("SELECT order_no, settled, body FROM judge_cases ORDER BY order_no")


def three_orders(it: House) -> Story:
    """The second is booked too late; the third is still owed."""
    story = it.story()
    an_order(story, "SO-1", starts="2026-03-03 09:00", delivery_date="2026-03-13")
    an_order(story, "SO-2", starts="2026-03-03 11:00", delivery_date="2026-03-13", takes={"receipt": 30})
    an_order(story, "SO-3", starts="2026-04-07 09:00", delivery_date="2026-04-20", never={"ship"})
    return story


def is_complained_of(story: Story, order_no: str) -> None:
    said: dict[str, Any] = {"order_no": order_no, "complaint_no": "C-1"}
    story.at("2026-05-11 09:00").states(
        sales.ComplaintReceived, kind="quality", received_at=story.now, channel="mail", **said
    )
    attributed: dict[str, Any] = {"matter": "complaint", "cause": "production", "attribution_no": "ATT-1", "line_no": 1}
    story.at("2026-05-12 09:00").states(pmc.ComplaintAttributed, by=STAFF["planner"], **said, **attributed)


def judging(it: House, snapshot_entries: int) -> Judging:
    it.office.judging = Judging(it.department.engine, asyncio.Event(), snapshot_entries=snapshot_entries)
    return it.office.judging


async def hears_and_judges(it: House, story: Story, until: str) -> None:
    await it.hears(story)
    await it.promises(local(until))
    await it.judges()


async def rows(it: House) -> dict[str, tuple[bool, bytes]]:
    async with it.department.engine.connect() as connection:
        return {row.order_no: (row.settled, row.body) for row in await connection.execute(CASES)}


async def versions(it: House) -> dict[str, str]:
    """Which transaction wrote each row."""
    async with it.department.engine.connect() as connection:
        found = await connection.execute(text("SELECT order_no, xmin::text AS version FROM judge_cases"))
        return {row.order_no: row.version for row in found}


async def shown(it: House, order_no: str) -> Timeline:
    async with transaction(it.department.engine) as session:
        return await views.order_timeline(session, it.office.judging, order_no)


async def listed(it: House) -> list[Overview]:
    async with transaction(it.department.engine) as session:
        return list((await views.overview(session, it.office.judging, "SO-")).items)


async def records(it: House) -> list[Any]:
    async with it.department.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT key, revision, clause, person, status, evidence FROM penalty_records ORDER BY no")
        )
        return [tuple(row) for row in found]


async def test_settled_cases_are_kept_away_and_found_again_by_whoever_asks_or_speaks_of_them() -> None:
    async with house() as it, house() as other:
        for each, every in ((it, 1), (other, 1_000_000)):
            judging(each, every)
            story = three_orders(each)
            await hears_and_judges(each, story, "2026-05-10 09:00")
            is_complained_of(story, "SO-1")
            story.at("2026-05-12 10:00").relieves(STAFF["storekeeper"], "storekeeper", since="2026-03-02 09:00")
            if each is it:
                assert set(it.office.judging.state.cases) == {COMPANY, "SO-3"}
                assert {no for no, (settled, _) in (await rows(it)).items() if settled} == {"SO-1", "SO-2"}
                asked = [await shown(it, order_no) for order_no in ("SO-1", "SO-2", "SO-3")]
                lines = await listed(it)
            else:
                assert not await rows(other)
                assert asked == [await shown(other, order_no) for order_no in ("SO-1", "SO-2", "SO-3")]
                assert [line.order_no for line in lines] == ["SO-3", "SO-2", "SO-1"]
                assert lines == await listed(other)
            await hears_and_judges(each, story, "2026-05-13 09:00")

        found = await records(it)
        assert {record[2] for record in found} == {"WHS-03", "SHP-03", "PRD-02"}
        assert {record[2] for record in found if record[4] == "withdrawn"} == {"WHS-03", "SHP-03"}
        assert await records(it) == await records(other)
        assert await shown(it, "SO-1") == await shown(other, "SO-1")


async def test_a_complaint_that_left_with_its_order_is_known_to_whoever_waits_for_its_end() -> None:
    async with house() as it:
        judge = judging(it, 1)
        story = three_orders(it)
        is_complained_of(story, "SO-1")
        story.at("2026-05-13 09:00").states(pmc.ComplaintClosed, order_no="SO-1", complaint_no="C-1")
        story.at("2026-06-01 09:00").states(pmc.TrainingRecorded)
        await hears_and_judges(it, story, "2026-06-01 10:00")

        assert "SO-1" not in judge.state.cases
        assert not judge.state.complaints
        async with transaction(it.department.engine) as session:
            known = await memory.complaints(session, judge.state, {"C-1", "C-2"})
        assert {no: moment(each.closed.at) for no, each in known.items() if each.closed} == {
            "C-1": local("2026-05-13 09:00")
        }


async def test_a_restart_finds_the_open_cases_and_folds_only_what_came_after_the_snapshot() -> None:
    async with house() as it:
        judging(it, 100)
        story = three_orders(it)
        await hears_and_judges(it, story, "2026-05-10 09:00")
        assert 0 < it.office.judging.since_snapshot < 100 or it.office.judging.since_snapshot == 0
        before = it.office.judging.state

        again = Judging(it.department.engine, asyncio.Event())
        await again.restore()

        assert dump(again.state, without=("cases", "duties")) == dump(before, without=("cases", "duties"))
        assert {no: again.state.cases[no] for no in before.cases} == before.cases
        assert {no: again.state.duties[no] for no in before.duties} == before.duties
        assert again.judged < len(story.told)


async def test_a_snapshot_writes_only_the_cases_that_have_changed() -> None:
    async with house() as it:
        judge = judging(it, 1)
        story = three_orders(it)
        await hears_and_judges(it, story, "2026-05-10 09:00")
        before = await versions(it)
        is_complained_of(story, "SO-1")

        await hears_and_judges(it, story, "2026-05-13 09:00")

        after = await versions(it)
        assert {order_no for order_no, version in after.items() if before.get(order_no) != version} == {"SO-1"}
        assert "SO-1" in judge.state.cases
