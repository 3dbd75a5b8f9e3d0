"""Time in which nobody could answer here is no time in which somebody did not answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.availability import Availability
from chassis.calendar import WorkCalendar
from chassis.database import transaction
from contracts.accountability import AppealMade, CompensationObjected, PeriodLengthened, StatementMade
from contracts.event import Actor
from services.accountability.main import service
from services.accountability.people.calendar import shipped_calendar
from services.accountability.process import deadlines, outages, proceedings
from services.accountability.process.outages import Outage
from tests.accountability.court import AFTER, HR, PERSON, TUESDAY, Court, court, heavy
from tests.accountability.owing import find_fault, notify, owed
from tests.accountability.test_appeals import appealed
from tests.accountability.test_appeals_that_go_on import ANEW, replaced
from tests.support.facts import local

CALENDAR = WorkCalendar.from_fact(shipped_calendar())


async def down(it: Court, since: str, until: str) -> None:
    """The service was not running for so long, and is back."""
    await it.office.wait_until(local(since))
    await Availability(it.office.engine, "accountability").beat()
    await it.office.wait_until(local(until))
    await Availability(it.office.engine, "accountability", service.after_outage).beat()


async def lengthened(it: Court) -> list[tuple[str, str]]:
    facts = [fact for fact in await it.facts(PeriodLengthened) if isinstance(fact, PeriodLengthened)]
    assert {fact.person for fact in facts} <= {PERSON}
    return [(fact.period, f"{fact.until.astimezone(local(TUESDAY).tzinfo):%m-%d %H:%M}") for fact in facts]


async def test_a_statement_has_the_time_that_an_outage_took() -> None:
    async with court() as it:
        await down(it, "2026-09-02 09:00", "2026-09-07 09:00")

        assert await lengthened(it) == [("statement", "09-08 09:01")]
        await it.at("2026-09-07 09:01")
        assert (await it.record())["status"] == "notified"
        await it.do(PERSON, "state_case", statement="货到得晚。")

        assert len(await it.facts(StatementMade)) == 1


async def test_an_appeal_whose_whole_time_lay_in_an_outage_is_heard() -> None:
    async with court() as it:
        await it.at(AFTER)
        await down(it, "2026-09-03 09:05", "2026-09-14 09:00")
        await it.at("2026-09-14 09:01")
        assert (await it.record())["status"] == "issued"

        await it.do(PERSON, "make_appeal", appeal="货到得晚。")

        assert len(await it.facts(AppealMade)) == 1


async def test_what_nobody_appealed_against_takes_effect_when_the_lengthened_time_is_over() -> None:
    async with court() as it:
        await it.at(AFTER)
        await down(it, "2026-09-03 09:05", "2026-09-07 09:05")
        ((period, until),) = await lengthened(it)
        assert (period, until) == ("appeal", "09-14 09:03")

        await it.at("2026-09-14 09:03")
        assert (await it.record())["status"] == "issued"
        await it.at("2026-09-14 09:05")

        assert (await it.record())["status"] == "in_effect"


async def test_a_record_whose_time_is_just_being_lengthened_is_not_issued() -> None:
    async with court() as it:
        since, up = local("2026-09-02 09:00"), local("2026-09-03 09:30")
        await it.office.wait_until(up)
        async with office_itself(it) as session:
            (row,) = await deadlines.running(session, it.state, up)
            terms = proceedings.terms_of(row.PenaltyRecord, it.state)
            assert terms is not None
            step = proceedings.step_of(row, {}, up, *terms)
            assert step.due
            async with office_itself(it) as keeper:
                await outages.lengthen(keeper, since, up)
            await proceedings.take(session, row.PenaltyRecord, step, *terms)

        record = await it.record()
        assert (record["status"], record["issued_at"]) == ("notified", None)
        await it.do(PERSON, "state_case", statement="货到得晚。")


@asynccontextmanager
async def office_itself(it: Court) -> AsyncIterator[AsyncSession]:
    async with transaction(it.office.engine, Actor(employee="system")) as session:
        session.info["service"] = "accountability"
        yield session


async def test_what_may_be_added_to_an_appeal_that_goes_on_has_the_time_that_an_outage_took() -> None:
    async with court(heavy()) as it:
        await replaced(it, replace(heavy(), **ANEW, replaces=1))
        await it.at("2026-09-07 16:00")
        await it.do(HR, "issue_record", reason="属实")
        await down(it, "2026-09-07 16:30", "2026-09-21 09:00")

        assert [period for period, _ in await lengthened(it)] == ["appeal"]
        await it.at("2026-09-21 09:01")
        assert (await it.record())["next_step"] == "await_appeal"
        added = await it.do(PERSON, "make_appeal", appeal="时限也算错了。")

        assert added["appeal"].endswith("时限也算错了。")


async def test_an_appeal_that_cannot_be_added_to_gets_no_more_time() -> None:
    async with court() as it:
        await appealed(it)
        await down(it, "2026-09-03 09:05", "2026-09-07 09:05")

        assert await lengthened(it) == []


async def test_an_objection_has_the_time_that_an_outage_took() -> None:
    async with court(owed()) as it:
        found = await find_fault(it)
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="损失属实")
        await notify(it, found["no"])
        await down(it, "2026-09-03 09:05", "2026-09-14 09:00")

        assert [period for period, _ in await lengthened(it)] == ["appeal", "objection"]
        await it.office.do(PERSON, "object_to_compensation", found["no"], objection="叉车没有超载。")

        assert len(await it.facts(CompensationObjected)) == 1


async def test_an_outage_after_the_end_or_at_night_moves_nothing() -> None:
    async with court() as it:
        await down(it, "2026-09-01 18:00", "2026-09-02 07:00")
        await it.office.wait_until(local("2026-09-03 12:00"))
        await down(it, "2026-09-03 12:00", "2026-09-04 12:00")

        assert await lengthened(it) == []


@pytest.mark.parametrize("until", ["2026-09-03 09:00", "2026-09-03 10:30", "2026-09-09 14:00", "2026-09-02 08:30"])
def test_after_an_outage_there_is_as_much_working_time_as_before(until: str) -> None:
    since, end = local("2026-09-01 09:00"), local(until)
    down_at, up_at = local("2026-09-02 08:10"), local("2026-09-03 10:00")

    later = Outage(down_at, up_at, CALENDAR).lengthened(since, end)

    assert hours(up_at, later) == hours(down_at, end)


def hours(start: datetime, end: datetime) -> int:
    return CALENDAR.between(int(start.timestamp() * 1_000_000), int(end.timestamp() * 1_000_000))
