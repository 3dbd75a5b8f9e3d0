"""A forklift breaks: the storekeeper's own word, PMC's exception, the planner's decision, and what the judge makes of them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from contracts import links, sales
from contracts.catalogue import ALL_EVENTS
from contracts.pmc import ExceptionDecided, ExceptionRaised
from contracts.warehouse import HindranceReported
from tests.pmc.conftest import BOSS, PLANNER
from tests.support.departments import MORNING, Department, department
from tests.support.facts import Outcome, a_line, a_story
from tests.warehouse.conftest import DISPATCH, KEEPER, finished, instruction, notice, outgoing
from tests.warehouse.test_hindrances import FORKLIFT, with_standards

pytestmark = pytest.mark.asyncio

TODAY = date(2026, 9, 1)
SHIP = links.ship("SHN-1")
IN_TIME, TOO_LATE = MORNING + timedelta(hours=1), MORNING + timedelta(hours=23, minutes=2)
"""The goods are to leave by the end of the day's last shift; the minute's tolerance is the first of the next day, from eight."""


async def hear_of_the_shipment(warehouse: Department) -> None:
    await warehouse.employ(storekeeper=KEEPER)
    await with_standards(warehouse)
    await finished(warehouse)
    await warehouse.hear(notice().model_copy(update={"ship_by": TODAY}))
    await warehouse.hear(instruction().model_copy(update={"ship_by": TODAY}))
    await warehouse.hear(outgoing())


async def reported_and_decided(warehouse: Department, pmc: Department, at: datetime, *, accepted: bool) -> None:
    """What either department states is what the other hears."""
    await pmc.employ(planner=PLANNER, general_manager=BOSS)
    await warehouse.wait_until(at)
    await warehouse.do(KEEPER, "report_hindrance", handovers=[str(SHIP)], **FORKLIFT)
    (report,) = await warehouse.facts(HindranceReported.name)
    pmc.now = at
    await pmc.hear(report)
    (raised,) = await pmc.facts(ExceptionRaised.name)
    assert isinstance(raised, ExceptionRaised)
    await pmc.wait_until(at + timedelta(minutes=30))
    hours = {"extension_hours": "8"} if accepted else {}
    await pmc.do(PLANNER, "decide_exception", raised.exception_no, accepted=accepted, **hours)
    (decided,) = await pmc.facts(ExceptionDecided.name)
    await warehouse.hear(decided)


async def judged(*departments: Department) -> Outcome:
    """What the departments recorded, when they recorded it, before the judge."""
    story = a_story({"storekeeper": KEEPER, "planner": PLANNER, "general_manager": BOSS})
    line = a_line(delivery_date=TODAY, quantity="4")
    story.at("2026-08-28 09:00").states(sales.OrderConfirmed, order_no="SOD-1", lines=[line])
    for row in sorted([row for each in departments for row in await stated(each)], key=lambda row: row.recorded_at):
        story.at(row.recorded_at).add(ALL_EVENTS[row.event].model_validate(row.data), actor=row.actor)
    return story.judged("2026-09-30 09:00")


async def stated(it: Department) -> Any:
    async with it.engine.connect() as connection:
        query = text("SELECT event, data, actor, recorded_at FROM outbox ORDER BY id")
        return (await connection.execute(query)).all()


@pytest.mark.parametrize(
    ("reported", "accepted", "records"),
    [
        (IN_TIME, True, {}),
        (IN_TIME, False, {"SHP-03": KEEPER}),
        (TOO_LATE, True, {"SHP-03": KEEPER}),
    ],
)
async def test_a_storekeeper_is_excused_by_what_they_reported_in_time_and_the_planner_accepted(
    reported: datetime, accepted: bool, records: dict[str, str]
) -> None:
    async with department("warehouse") as warehouse, department("pmc") as pmc:
        await hear_of_the_shipment(warehouse)
        await reported_and_decided(warehouse, pmc, reported, accepted=accepted)
        await warehouse.wait_until(MORNING + timedelta(days=1, hours=1))
        await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)
        told = await judged(warehouse, pmc)

    assert told.records == records
