"""A worklist says the due time that the judge will hold to: under later calendars, later rules and later dates, in any order."""

from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chassis import pausing
from chassis.database import transaction
from chassis.instants import FACTORY
from chassis.migrate import migrate, migrate_down
from chassis.prevention import Prevention
from chassis.settings import ClockMode
from chassis.worklist import Handover, deliver, redate
from contracts import links
from contracts.accountability import CalendarSet, PostAssigned, PostEnded, RulebookActivated
from contracts.event import DutyRef
from contracts.parts import Terms
from services.accountability.people.calendar import shipped_calendar
from tests.chassis.test_prevention import KEEPER, warehouse
from tests.support import infra
from tests.support.departments import MORNING, Department, department
from tests.support.facts import RULES, a_story, local
from tests.support.worklists import know_the_standards, rows

__all__ = ["warehouse"]

RECEIPT, SHIP = links.receipt("LOT-1"), links.ship("SHN-1")
FRIDAY = "2026-09-04 16:00"


async def does(warehouse: Department, verb: Any, *args: Any, **more: Any) -> None:
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await verb(session, *args, **more)


async def owes(warehouse: Department, duty: DutyRef = RECEIPT, **terms: Any) -> None:
    await does(warehouse, deliver, Handover(duty, "storekeeper", "SOD-1", 1, terms=Terms(**terms)))


async def due(warehouse: Department, duty: DutyRef = RECEIPT) -> str:
    at = datetime.fromisoformat((await rows(warehouse, KEEPER))[str(duty)]["due_at"])
    return f"{at.astimezone(FACTORY):%Y-%m-%d %H:%M}"


async def warned(warehouse: Department, at: str) -> list[int]:
    await warehouse.wait_until(local(at))
    await Prevention("warehouse", warehouse.engine, (50, 75), ()).look()
    return [row["warned"] for row in (await rows(warehouse, KEEPER)).values()]


def calendar(no: str, **more: list[Any]) -> dict[str, Any]:
    """The shipped one with more days or shifts."""
    days = shipped_calendar()
    return {"calendar_no": no, **days, **{name: [*days[name], *values] for name, values in more.items()}}


def longer_receipts(since: str) -> dict[str, Any]:
    """A receipt may take three days from then on."""
    rules = deepcopy(dict(RULES))
    (link,) = (link for link in rules["links"] if link["code"] == "receipt")
    link["standard"] = "24 h"
    return {"version": "2026-10", "effective_from": local(since), "rules": rules}


def judged_due(kind: Any, said: dict[str, Any], at: str) -> str:
    """When the judge says that the receipt of Friday afternoon was due."""
    story = a_story()
    story.at(FRIDAY).delivers(RECEIPT, "storekeeper", service="warehouse")
    story.at(at).states(kind, **said)
    found = story.judged("2026-09-30 15:00").duty(RECEIPT).due_at
    assert found is not None
    return f"{found.astimezone(FACTORY):%Y-%m-%d %H:%M}"


CALENDARS = [
    ({"make_up_days": ["2026-09-05"]}, FRIDAY, "2026-09-05 16:00"),
    ({"shifts": [{"start": "18:00", "end": "21:00"}]}, FRIDAY, "2026-09-07 12:00"),
    ({"public_holidays": ["2026-09-07"]}, "2026-09-07 10:00", "2026-09-08 16:00"),
]


@pytest.mark.parametrize(("more", "told", "expected"), CALENDARS, ids=["make-up day", "evening shift", "holiday"])
async def test_a_new_calendar_moves_what_is_open(
    warehouse: Department, more: dict[str, list[Any]], told: str, expected: str
):
    await warehouse.wait_until(local(FRIDAY))
    await owes(warehouse)
    assert await due(warehouse) == "2026-09-07 16:00"

    await warehouse.wait_until(local(told))
    await warehouse.hear(CalendarSet(**calendar("CAL-2", **more), set_by="E-012"))

    assert await due(warehouse) == expected == judged_due(CalendarSet, calendar("CAL-2", **more), told)


async def test_what_was_overdue_before_its_day_became_a_holiday_is_warned_of_anew(warehouse: Department):
    await warehouse.wait_until(local(FRIDAY))
    await owes(warehouse)
    assert await warned(warehouse, "2026-09-07 16:30") == [100]

    await warehouse.hear(CalendarSet(**calendar("CAL-2", public_holidays=["2026-09-07"]), set_by="E-012"))

    assert await warned(warehouse, "2026-09-08 08:30") == [0]
    assert await warned(warehouse, "2026-09-08 16:02") == [100]


async def test_the_calendar_that_was_told_last_counts_whichever_is_heard_last(warehouse: Department):
    newer = CalendarSet(**calendar("CAL-3", make_up_days=["2026-09-05"]), set_by="E-012")
    older = CalendarSet(**calendar("CAL-2"), set_by="E-012")
    warehouse.now = MORNING + timedelta(hours=2)
    await warehouse.hear(newer)
    warehouse.now = MORNING + timedelta(hours=1)
    await warehouse.hear(older)

    await warehouse.wait_until(local(FRIDAY))
    await owes(warehouse)

    assert await due(warehouse) == "2026-09-05 16:00"


async def test_rules_count_from_when_they_come_into_force(warehouse: Department):
    await warehouse.hear(RulebookActivated(**longer_receipts("2026-10-01 00:00"), activated_by="E-012"))
    await warehouse.wait_until(local(FRIDAY))
    await owes(warehouse)
    assert await due(warehouse) == "2026-09-07 16:00"
    assert await warned(warehouse, "2026-09-07 11:01") == [50]

    await warehouse.wait_until(local("2026-10-12 09:00"))
    await warehouse.hear(CalendarSet(**calendar("CAL-2", make_up_days=["2026-09-05"]), set_by="E-012"))
    await owes(warehouse, links.receipt("LOT-2"))

    assert await due(warehouse, links.receipt("LOT-2")) == "2026-10-15 09:00"
    assert await due(warehouse) == "2026-09-07 16:00", "which keeps its rules; no calendar shortens it afterwards"


async def test_rules_that_were_told_before_and_are_heard_later_count_all_the_same(warehouse: Department):
    await warehouse.wait_until(local(FRIDAY))
    await owes(warehouse)
    warehouse.now = MORNING + timedelta(hours=1)

    await warehouse.hear(RulebookActivated(**longer_receipts("2026-09-01 09:00"), activated_by="E-012"))

    assert await due(warehouse) == "2026-09-09 16:00"


async def test_what_arrived_before_any_calendar_is_due_once_one_is_there():
    async with department("warehouse") as it:
        await it.employ(storekeeper=KEEPER)
        await it.wait_until(local(FRIDAY))
        await owes(it)
        assert (await rows(it, KEEPER))[str(RECEIPT)]["due_at"] is None

        await know_the_standards(it)

        assert await due(it) == "2026-09-07 16:00"


async def test_an_earlier_date_leaves_the_standard_time_and_a_date_that_comes_too_late_moves_nothing(
    warehouse: Department,
):
    await owes(warehouse, SHIP, required_on=date(2026, 9, 8))
    assert await due(warehouse, SHIP) == "2026-09-08 17:00"

    await warehouse.wait_until(local("2026-09-02 16:00"))
    await does(warehouse, redate, SHIP, Terms(required_on=date(2026, 9, 2)))
    assert await due(warehouse, SHIP) == "2026-09-03 11:00"

    await does(warehouse, redate, SHIP, Terms(required_on=date(2026, 9, 4)))
    assert await due(warehouse, SHIP) == "2026-09-04 17:00"

    await warehouse.wait_until(local("2026-09-07 09:00"))
    await does(warehouse, redate, SHIP, Terms(required_on=date(2026, 9, 30)))
    assert await due(warehouse, SHIP) == "2026-09-04 17:00"
    await does(warehouse, redate, SHIP, Terms(required_on=date(2026, 9, 30)), known=local("2026-09-04 12:00"))
    assert await due(warehouse, SHIP) == "2026-09-30 17:00"


async def test_a_date_that_comes_while_the_clock_stands_is_in_time(warehouse: Department):
    await owes(warehouse, SHIP, required_on=date(2026, 9, 2))
    await does(warehouse, pausing.halt, "block", "QBK-1", "SOD-1")
    await warehouse.wait_until(local("2026-09-07 09:00"))

    await does(warehouse, redate, SHIP, Terms(required_on=date(2026, 9, 8)))

    assert await due(warehouse, SHIP) == "2026-09-08 17:00"


async def test_a_new_calendar_keeps_the_dates_that_came_later(warehouse: Department):
    await owes(warehouse, SHIP, required_on=date(2026, 9, 8))
    await does(warehouse, redate, SHIP, Terms(required_on=date(2026, 9, 12)))
    assert await due(warehouse, SHIP) == "2026-09-11 17:00", "the last shift before the day off"

    await warehouse.hear(CalendarSet(**calendar("CAL-2", make_up_days=["2026-09-12"]), set_by="E-012"))

    assert await due(warehouse, SHIP) == "2026-09-12 17:00"


async def test_a_clock_that_starts_later_is_warned_of_while_it_runs(warehouse: Department):
    follow_up = links.follow_up("PO-1", 1)
    await owes(warehouse, follow_up, promised_on=date(2026, 9, 22))

    assert await due(warehouse, follow_up) == "2026-09-23 17:00"
    assert await warned(warehouse, "2026-09-22 16:59") == [0]
    assert await warned(warehouse, "2026-09-23 12:00") == [50]
    assert await warned(warehouse, "2026-09-23 15:00") == [75]


async def test_what_was_open_before_its_terms_were_kept_follows_a_new_calendar_but_for_dates(warehouse: Department):
    await warehouse.wait_until(local(FRIDAY))
    await owes(warehouse)
    await owes(warehouse, SHIP, required_on=date(2026, 9, 12))
    database = infra.url_of(warehouse.engine.url.database or "")
    await warehouse.engine.dispose()
    await migrate_down("warehouse", database, target="chassis_0007")
    await migrate("warehouse", database, ClockMode.STEPPED)

    await warehouse.hear(CalendarSet(**calendar("CAL-2", make_up_days=["2026-09-05", "2026-09-12"]), set_by="E-012"))

    assert await due(warehouse) == "2026-09-05 16:00"
    assert await due(warehouse, SHIP) == "2026-09-11 17:00"


async def test_whoever_takes_over_the_post_has_the_standard_time_from_then(warehouse: Department):
    await owes(warehouse)
    assert await due(warehouse) == "2026-09-02 09:00"
    await warehouse.wait_until(local("2026-09-01 16:00"))
    new = {"assignment_no": "PAS-2", "employee": "E-061", "post": "storekeeper", "assigned_by": "E-012"}
    await warehouse.hear(PostAssigned(**new, effective_from=MORNING))
    assert await due(warehouse) == "2026-09-02 09:00", "with two holders nobody took it over alone"

    old = {"assignment_no": f"{KEEPER}-storekeeper", "employee": KEEPER, "post": "storekeeper", "ended_by": "E-012"}
    await warehouse.hear(PostEnded(**old, effective_until=local("2026-09-01 16:00")))

    assert {row["due_at"] for row in (await rows(warehouse, "E-061")).values()} == {"2026-09-02T08:00:00Z"}
