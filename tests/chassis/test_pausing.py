"""A clock that stands is shown to stand: no warning comes meanwhile, and afterwards the due time has moved by the pause."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chassis import pausing
from chassis.database import transaction
from chassis.latest import is_latest
from chassis.migrate import migrate, migrate_down
from chassis.prevention import Prevention
from chassis.settings import ClockMode
from chassis.uuid7 import uuid7
from chassis.worklist import Handover, close, deliver, redate
from contracts import links
from contracts.engineering import WorkResumed, WorkStopped
from contracts.event import DutyRef
from contracts.parts import Terms
from contracts.warehouse import WordCameLate
from tests.support import infra
from tests.support.departments import MORNING, Department, department
from tests.support.worklists import know_the_standards, rows

KEEPER = "E-060"
RECEIPT, SHIP = links.receipt("LOT-1"), links.ship("SHN-1")
APPROVAL, OTHER = links.request_approval("PRQ-1"), links.request_approval("PRQ-2")


def hours(number: float) -> datetime:
    """So many hours after nine o'clock on Tuesday; lunch is from twelve to one."""
    return MORNING + timedelta(hours=number)


@pytest.fixture
async def warehouse() -> AsyncIterator[Department]:
    async with department("warehouse") as it:
        await it.employ(storekeeper=KEEPER)
        await know_the_standards(it)
        yield it


async def does(warehouse: Department, verb: Any, *args: Any) -> None:
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await verb(session, *args)


async def owes(warehouse: Department, duty: DutyRef = RECEIPT, line_no: int = 1, **terms: Any) -> None:
    await does(warehouse, deliver, Handover(duty, "storekeeper", "SOD-1", line_no, terms=Terms(**terms)))


async def row(warehouse: Department, duty: DutyRef = RECEIPT) -> dict[str, Any]:
    return (await rows(warehouse, KEEPER))[str(duty)]


async def due(warehouse: Department, duty: DutyRef = RECEIPT) -> datetime:
    return datetime.fromisoformat((await row(warehouse, duty))["due_at"])


async def warned(warehouse: Department, at: datetime) -> int:
    await warehouse.wait_until(at)
    return await Prevention("warehouse", warehouse.engine, (50, 75), ()).look()


async def test_a_due_time_moves_by_the_working_time_of_the_pause(warehouse: Department):
    await owes(warehouse)
    assert await due(warehouse) == hours(24)
    await does(warehouse, pausing.rest, [RECEIPT], APPROVAL)
    assert ((await row(warehouse))["waits_for"], (await row(warehouse))["paused_at"]) == (
        ["request_approval:PRQ-1"],
        "2026-09-01T01:00:00Z",
    )

    await warehouse.wait_until(hours(6))  # five working hours later
    await does(warehouse, pausing.go_on, [RECEIPT], [APPROVAL])

    assert await due(warehouse) == hours(24 + 6)
    assert ((await row(warehouse))["waits_for"], (await row(warehouse))["paused_at"]) == ([], None)


async def test_no_warning_comes_while_a_clock_stands_nor_early_afterwards(warehouse: Department):
    await owes(warehouse)
    await warehouse.wait_until(hours(1))
    await does(warehouse, pausing.rest, [RECEIPT], APPROVAL)

    assert await warned(warehouse, hours(24 * 7)) == 0
    await does(warehouse, pausing.go_on, [RECEIPT], [APPROVAL])

    assert await warned(warehouse, hours(24 * 7 + 2)) == 0
    assert await warned(warehouse, hours(24 * 7 + 4)) == 1
    assert (await row(warehouse))["warned"] == 50


async def test_what_was_called_overdue_before_its_halt_was_heard_of_is_warned_of_anew(warehouse: Department):
    """Work was stopped in time; the word of it came when the due time was over by this department's clock."""
    await owes(warehouse)
    assert await warned(warehouse, hours(25)) == 1
    assert (await row(warehouse))["warned"] == 100
    stop = {"order_no": "SOD-1", "stop_no": "STP-1", "reason": "drawing"}
    warehouse.now = hours(2)
    await warehouse.hear(WorkStopped(**stop, stopped_by="E-010"))
    warehouse.now = hours(26)
    await warehouse.hear(WorkResumed(**stop, resumed_by="E-010"))

    assert await due(warehouse) > hours(26)
    assert (await row(warehouse))["warned"] == 0


async def test_it_stands_until_everything_is_over(warehouse: Department):
    await owes(warehouse)
    await does(warehouse, pausing.rest, [RECEIPT], APPROVAL)
    await does(warehouse, pausing.rest, [RECEIPT], OTHER)

    await warehouse.wait_until(hours(1))
    await does(warehouse, pausing.go_on, [RECEIPT], [APPROVAL])
    assert (await row(warehouse))["waits_for"] == ["request_approval:PRQ-2"]
    await warehouse.wait_until(hours(2))
    await does(warehouse, pausing.go_on, [RECEIPT], [OTHER])

    assert await due(warehouse) == hours(26)


async def test_what_waits_already_stands_still_when_it_is_handed_over_and_handed_over_anew(warehouse: Department):
    await does(warehouse, pausing.rest, [RECEIPT], APPROVAL)
    await owes(warehouse)
    assert (await row(warehouse))["waits_for"] == [str(APPROVAL)]

    await does(warehouse, close, [RECEIPT])
    await owes(warehouse)
    assert (await row(warehouse))["waits_for"] == [str(APPROVAL)]
    await does(warehouse, pausing.go_on, [RECEIPT], [APPROVAL])
    await does(warehouse, close, [RECEIPT])
    await owes(warehouse)

    assert (await row(warehouse))["waits_for"] == []


async def test_an_answer_that_is_heard_before_its_question_stops_nothing(warehouse: Department):
    await owes(warehouse)

    await heard(warehouse, hours(2), pausing.go_on, [RECEIPT], [APPROVAL])
    await heard(warehouse, hours(1), pausing.rest, [RECEIPT], APPROVAL)
    assert (await row(warehouse))["waits_for"] == []
    await heard(warehouse, hours(3), pausing.rest, [RECEIPT], APPROVAL)

    assert (await row(warehouse))["waits_for"] == [str(APPROVAL)]


async def test_a_pause_lasts_from_when_it_was_said_to_when_its_end_could_be_known(warehouse: Department):
    """A word of a minute ago is not late: the clocks of two services may differ by as much."""
    await owes(warehouse)
    await warehouse.wait_until(hours(2) + timedelta(minutes=1))

    await heard(warehouse, hours(1), pausing.rest, [RECEIPT], APPROVAL)
    await heard(warehouse, hours(2), pausing.go_on, [RECEIPT], [APPROVAL])
    assert await due(warehouse) == hours(25)
    await heard(warehouse, hours(2), pausing.rest, [RECEIPT], OTHER)
    await warehouse.wait_until(hours(7))
    await heard(warehouse, hours(2.5), pausing.go_on, [RECEIPT], [OTHER])

    assert await due(warehouse) == hours(25 + 5)  # lunch is no working time
    assert await came_late(warehouse) == [("SOD-1", (RECEIPT,), hours(2.5), hours(7))]


@pytest.mark.parametrize("done", [False, True])
async def test_whoever_could_not_know_that_work_goes_on_has_it_stated(warehouse: Department, done: bool):
    """Also where the work was done in the meantime; what was done before it was said has nothing to do with it."""
    other = links.receipt("LOT-2")
    await owes(warehouse)
    await owes(warehouse, other)
    await heard(warehouse, hours(0), pausing.halt, "stop_work", "STP-1", "SOD-1")
    await warehouse.wait_until(hours(1))
    await does(warehouse, close, [other])
    await warehouse.wait_until(hours(25))
    if done:
        await does(warehouse, close, [RECEIPT])
    await warehouse.wait_until(hours(26))

    await heard(warehouse, hours(2), pausing.lift, "stop_work", "STP-1", "SOD-1")

    assert await came_late(warehouse) == [("SOD-1", (RECEIPT,), hours(2), hours(26))]


async def test_the_end_of_one_halt_of_two_that_is_heard_late_is_stated_too(warehouse: Department):
    """In between, before the second began, the work could have gone on."""
    await owes(warehouse)
    await heard(warehouse, hours(0), pausing.halt, "stop_work", "STP-1", "SOD-1")
    await warehouse.wait_until(hours(4))
    await heard(warehouse, hours(4), pausing.halt, "stop_work", "STP-2", "SOD-1")
    await warehouse.wait_until(hours(6))

    await heard(warehouse, hours(1), pausing.lift, "stop_work", "STP-1", "SOD-1")

    assert await came_late(warehouse) == [("SOD-1", (RECEIPT,), hours(1), hours(6))]
    assert (await row(warehouse))["waits_for"] == ["stop_work:STP-2"]


async def test_a_late_end_of_what_nothing_waited_for_here_is_no_news(warehouse: Department):
    await owes(warehouse)
    await warehouse.wait_until(hours(7))

    await heard(warehouse, hours(2), pausing.lift, "stop_work", "STP-1", "SOD-1")
    await heard(warehouse, hours(2), pausing.go_on, [RECEIPT], [APPROVAL])

    assert await came_late(warehouse) == []


async def test_an_old_answer_that_is_heard_late_lets_no_newer_question_go(warehouse: Department):
    """Asked at one, refused at two, asked again at three: whatever is heard first, the clock stands until that is answered."""
    await owes(warehouse)
    await warehouse.wait_until(hours(5))

    await heard(warehouse, hours(1), pausing.rest, [RECEIPT], APPROVAL)
    await heard(warehouse, hours(3), pausing.rest, [RECEIPT], APPROVAL)
    await heard(warehouse, hours(2), pausing.go_on, [RECEIPT], [APPROVAL, OTHER])
    assert (await row(warehouse))["waits_for"] == [str(APPROVAL)]
    await does(warehouse, pausing.go_on, [RECEIPT], [APPROVAL])

    assert ((await row(warehouse))["waits_for"], await due(warehouse)) == (
        [],
        hours(24 + 3),
    )  # from one to five, but for lunch
    assert await came_late(warehouse) == [("SOD-1", (RECEIPT,), hours(2), hours(5))]


async def came_late(warehouse: Department) -> list[tuple[str | None, tuple[DutyRef, ...], datetime, datetime]]:
    """What was stated of words that came late: order, handovers, when it was said and heard."""
    facts = await warehouse.facts(WordCameLate.name)
    found = [fact for fact in facts if isinstance(fact, WordCameLate)]
    return [(fact.order_no, fact.duties, fact.said_at, fact.heard_at) for fact in found]


async def heard(warehouse: Department, at: datetime, verb: Any, *args: Any) -> None:
    """Another department said so at that time."""
    async with transaction(warehouse.engine) as session:
        session.info["service"], session.info["envelope"] = (
            "warehouse",
            SimpleNamespace(id=uuid7(), source="engineering", time=at),
        )
        await verb(session, *args)


async def test_what_was_over_before_it_stood_stays_over(warehouse: Department):
    await owes(warehouse)
    await warehouse.wait_until(hours(25))

    await does(warehouse, pausing.rest, [RECEIPT], APPROVAL)
    await warehouse.wait_until(hours(48))
    await does(warehouse, pausing.go_on, [RECEIPT], [APPROVAL])

    assert await due(warehouse) == hours(24)


async def test_only_what_the_rulebook_lets_it_stop_is_halted(warehouse: Department):
    await owes(warehouse)
    await owes(warehouse, SHIP, required_on=date(2026, 9, 2))

    await does(warehouse, pausing.halt, "block", "QBK-1", "SOD-1")
    assert [(await row(warehouse, duty))["waits_for"] for duty in (RECEIPT, SHIP)] == [[], ["block:QBK-1"]]
    before = await due(warehouse, SHIP)
    await warehouse.wait_until(hours(1))
    await does(warehouse, pausing.lift, "block", "QBK-1", "SOD-1")

    assert await due(warehouse, SHIP) == before + timedelta(hours=16)  # the next morning's first hour


async def test_a_stop_of_one_line_halts_no_other(warehouse: Department):
    await owes(warehouse)
    await owes(warehouse, links.receipt("LOT-2"), 2)

    await does(warehouse, pausing.halt, "stop_work", "STP-1", "SOD-1", 2)

    assert [name for name, each in (await rows(warehouse, KEEPER)).items() if each["paused_at"]] == ["receipt:LOT-2"]


async def test_what_arrives_while_its_order_is_halted_stands_from_the_start(warehouse: Department):
    await does(warehouse, pausing.halt, "stop_work", "STP-1", "SOD-1")
    await does(warehouse, pausing.halt, "stop_work", "STP-2", "SOD-1", 2)

    await owes(warehouse)
    assert (await row(warehouse))["waits_for"] == ["stop_work:STP-1"]
    await warehouse.wait_until(hours(2))
    await does(warehouse, pausing.lift, "stop_work", "STP-1", "SOD-1")

    assert await due(warehouse) == hours(26)


async def test_an_end_that_is_heard_of_first_leaves_nothing_to_halt(warehouse: Department):
    await owes(warehouse)

    await does(warehouse, pausing.lift, "stop_work", "STP-1", "SOD-1")
    await does(warehouse, pausing.halt, "stop_work", "STP-1", "SOD-1")

    assert (await row(warehouse))["paused_at"] is None


async def test_a_new_date_keeps_what_the_clock_stood(warehouse: Department):
    await owes(warehouse, SHIP, required_on=date(2026, 9, 2))
    await does(warehouse, pausing.rest, [SHIP], APPROVAL)
    await warehouse.wait_until(hours(2))
    await does(warehouse, pausing.go_on, [SHIP], [APPROVAL])
    before = await due(warehouse, SHIP)

    await does(warehouse, redate, SHIP, Terms(required_on=date(2026, 9, 3)))

    assert await due(warehouse, SHIP) == before + timedelta(days=1)


async def test_before_a_clock_starts_nothing_can_stand(warehouse: Department):
    follow_up = links.follow_up("PO-1", 1)
    await owes(warehouse, follow_up, promised_on=date(2026, 9, 3))
    before = await due(warehouse, follow_up)

    await does(warehouse, pausing.halt, "stop_work", "STP-1", "SOD-1")
    await warehouse.wait_until(hours(5))
    await does(warehouse, pausing.lift, "stop_work", "STP-1", "SOD-1")

    assert await due(warehouse, follow_up) == before


async def test_what_opens_anew_has_not_stood(warehouse: Department):
    await owes(warehouse)
    await does(warehouse, pausing.rest, [RECEIPT], APPROVAL)
    await warehouse.wait_until(hours(6))
    await does(warehouse, pausing.go_on, [RECEIPT], [APPROVAL])
    await does(warehouse, close, [RECEIPT])

    await owes(warehouse)

    assert ((await row(warehouse))["paused_at"], await due(warehouse)) == (None, hours(30))


async def test_what_waited_before_the_revision_waits_after_it(warehouse: Department):
    """Who waits for whom moves in with the other latest words, and out again."""
    await heard(warehouse, hours(1), pausing.rest, [RECEIPT], APPROVAL)
    await heard(warehouse, hours(2), pausing.go_on, [RECEIPT], [OTHER])
    await heard(warehouse, hours(3), is_latest, RECEIPT)
    database = infra.url_of(warehouse.engine.url.database or "")
    await warehouse.engine.dispose()
    await migrate_down("warehouse", database, target="chassis_0011")
    await migrate("warehouse", database, ClockMode.STEPPED, role=infra.ROLE)

    await heard(warehouse, hours(1), pausing.rest, [RECEIPT], OTHER)
    await owes(warehouse)

    assert (await row(warehouse))["waits_for"] == [str(APPROVAL)]
