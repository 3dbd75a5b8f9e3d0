"""What a messenger gets is true when it is sent, and is one message: whatever waited for it, and however long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from chassis import pausing
from chassis.channels import Channel, ChannelKind
from chassis.lives import cancel
from chassis.migrate import migrate, migrate_down
from chassis.prevention import Prevention
from chassis.settings import ClockMode
from chassis.worklist import Handover, close, deliver, redate
from contracts import links
from contracts.parts import Terms
from tests.chassis.company import until
from tests.chassis.test_channels import MAIL
from tests.chassis.test_prevention import (
    DUE,
    HALF,
    OVER,
    THREE_QUARTERS,
    again_now,
    half_a_receipt,
    owes,
    prevention,
    sent_by,
    unsent,
    warehouse,
)
from tests.chassis.test_reckoning import does
from tests.support import infra
from tests.support.departments import MORNING, Department
from tests.support.messenger import Messenger, messenger, post_office

__all__ = ["warehouse"]

RECEIPT, OTHER = links.receipt("LOT-1"), links.request_approval("PRQ-1")


@asynccontextmanager
async def away(kind: ChannelKind = ChannelKind.WEBHOOK) -> AsyncIterator[tuple[Messenger, Channel]]:
    """A messenger that takes nothing until it is `back`."""
    async with messenger() as robot:
        robot.status = 500
        yield robot, Channel(name="group", kind=kind, url=robot.url)


async def back(robot: Messenger, warehouse: Department) -> None:
    robot.status, robot.says = 200, {"errcode": 0, "code": 0}
    robot.taken.clear()
    await again_now(warehouse)


async def looked(warning: Prevention, warehouse: Department, at: Any) -> None:
    await warehouse.wait_until(at)
    await warning.look()


async def pauses(warehouse: Department) -> list[float]:
    """In how many real seconds each that waits is tried again."""
    query = text("SELECT extract(epoch FROM next_try_at - clock_timestamp()) FROM warnings")
    async with warehouse.engine.connect() as connection:
        return [float(each) for each in await connection.scalars(query)]


async def test_what_is_done_by_now_is_told_nobody_any_more(warehouse: Department):
    async with away() as (robot, channel):
        warning = await half_a_receipt(warehouse, channel)
        assert await sent_by(warning) == 0
        await does(warehouse, close, [RECEIPT])
        await warehouse.wait_until(HALF + timedelta(days=3))
        await back(robot, warehouse)

        assert await sent_by(warning) == 0

    assert (robot.taken, await unsent(warehouse)) == ([], [])


async def test_what_was_given_more_time_meanwhile_is_told_when_that_runs_out(warehouse: Department):
    arrival = links.arrival("MRL-1", 1)
    async with away() as (robot, channel):
        warning = prevention(warehouse, channel)
        terms = Terms(required_on=date(2026, 9, 2))
        await does(warehouse, deliver, Handover(arrival, "storekeeper", "SOD-1", terms=terms))
        await looked(warning, warehouse, DUE + timedelta(hours=1))
        assert await sent_by(warning) == 0
        await does(warehouse, redate, arrival, Terms(required_on=date(2026, 9, 10)))
        await back(robot, warehouse)
        assert (await sent_by(warning), await unsent(warehouse)) == (0, [])

        await looked(warning, warehouse, MORNING + timedelta(days=6))
        assert await sent_by(warning) == 1

    (told,) = robot.taken[0]["handovers"]
    assert told["due_at"] == "2026-09-10T09:00:00+00:00"


async def test_of_a_clock_that_stands_nobody_is_told_until_it_goes_on(warehouse: Department):
    async with away() as (robot, channel):
        warning = await half_a_receipt(warehouse, channel)
        await does(warehouse, pausing.rest, [RECEIPT], OTHER)
        await back(robot, warehouse)
        assert await sent_by(warning) == 0
        await warehouse.wait_until(HALF + timedelta(days=1))
        await does(warehouse, pausing.go_on, [RECEIPT], [OTHER])

        assert await sent_by(warning) == 1

    (told,) = robot.taken[0]["handovers"]
    assert (told["share_gone"], told["due_at"]) == (50, (DUE + timedelta(days=1)).isoformat())


async def test_what_waits_is_one_message_and_each_handover_is_in_it_once(warehouse: Department):
    async with away() as (robot, channel):
        warning = prevention(warehouse, channel)
        for n in range(10):
            await warehouse.wait_until(MORNING + timedelta(minutes=n))
            await owes(warehouse, f"LOT-{n}")
        for at in (HALF, THREE_QUARTERS, OVER):
            for n in range(10):
                await looked(warning, warehouse, at + timedelta(minutes=n, seconds=30))
        await back(robot, warehouse)

        assert await sent_by(warning) == 1
        assert await sent_by(warning) == 0

    (message,) = robot.taken
    assert [each["key"] for each in message["handovers"]] == [f"LOT-{n}" for n in range(10)]
    assert {each["share_gone"] for each in message["handovers"]} == {100}
    assert await unsent(warehouse) == []


async def test_a_message_says_as_of_when_it_is_true(warehouse: Department):
    async with away() as (robot, channel):
        warning = await half_a_receipt(warehouse, channel)
        await sent_by(warning)
        await warehouse.wait_until(HALF + timedelta(hours=1))
        await back(robot, warehouse)
        await sent_by(warning)

    (message,) = robot.taken
    assert message["title"] == "仓库:1 项交接即将超时或已超时(截至 09-01 15:00)"
    assert message["as_of"] == "2026-09-01T07:00:00+00:00"
    assert (message["handovers"][0]["share_gone"], "62%" in message["lines"][0]) == (62, True)


TOO_FAST = [
    (ChannelKind.DINGTALK, 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, 600),
    (ChannelKind.WECOM, 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, 60),
    (ChannelKind.FEISHU, 200, {"code": 11232, "msg": "frequency limited psm"}, 60),
    (ChannelKind.WEBHOOK, 429, {}, 60),
]


@pytest.mark.parametrize(("kind", "status", "says", "seconds"), TOO_FAST)
async def test_a_messenger_that_gets_too_much_is_left_alone(
    warehouse: Department, kind: ChannelKind, status: int, says: dict[str, Any], seconds: int
):
    async with away(kind) as (robot, channel):
        robot.status, robot.says = status, says
        warning = await half_a_receipt(warehouse, channel)
        assert await sent_by(warning) == 0
        assert [seconds - 5 < pause <= seconds for pause in await pauses(warehouse)] == [True]
        await looked(warning, warehouse, THREE_QUARTERS)

        assert await sent_by(warning) == 0
        assert len(robot.taken) == 1, "nor is it told anything newer"
        await back(robot, warehouse)
        assert await sent_by(warning) == 1

    assert len(robot.taken) == 1


async def test_a_messenger_may_say_how_long_it_wants_to_be_left_alone(warehouse: Department):
    async with away() as (robot, channel):
        robot.status, robot.wait = 503, "900"
        await sent_by(await half_a_receipt(warehouse, channel))

    assert [895 < pause <= 900 for pause in await pauses(warehouse)] == [True]


async def test_what_is_new_waits_with_what_was_not_taken(warehouse: Department):
    async with away() as (robot, channel):
        warning = await half_a_receipt(warehouse, channel)
        await sent_by(warning)
        await owes(warehouse, "LOT-2")
        await looked(warning, warehouse, OVER + timedelta(hours=7))
        assert (await sent_by(warning), len(robot.taken)) == (0, 1)
        await back(robot, warehouse)
        assert await sent_by(warning) == 1

    assert [each["key"] for each in robot.taken[0]["handovers"]] == ["LOT-1", "LOT-2"]


async def test_a_repetition_is_known_by_its_id_and_what_says_more_is_another(warehouse: Department):
    async with away() as (robot, channel):
        warning = await half_a_receipt(warehouse, channel)
        for _ in range(2):
            await sent_by(warning)
            await again_now(warehouse)
        await owes(warehouse, "LOT-2")
        await looked(warning, warehouse, OVER + timedelta(hours=7))
        await sent_by(warning)

    first, second, third = (each["id"] for each in robot.taken)
    assert first == second != third


async def test_one_full_mailbox_keeps_no_letter_from_the_others(warehouse: Department):
    async with post_office() as office:
        office.refuses = {"b@factory.example": "450 mailbox busy, try later"}
        warning = await half_a_receipt(warehouse, Channel(name="mail", kind=ChannelKind.EMAIL, url=office.url, **MAIL))
        await sent_by(warning)
        await looked(warning, warehouse, THREE_QUARTERS)

        await sent_by(warning)
        assert office.sent_to == ["a@factory.example"] * 2

        office.refuses = {}
        await again_now(warehouse)
        assert await sent_by(warning) == 1

    assert office.sent_to == ["a@factory.example"] * 2 + ["b@factory.example"], "and b gets what is true by now, once"
    assert await unsent(warehouse) == []


async def test_two_replicas_send_nothing_twice(warehouse: Department):
    async with messenger() as robot:
        robot.answers_after_s = 0.3
        channel = Channel(name="group", kind=ChannelKind.WEBHOOK, url=robot.url)
        warning = await half_a_receipt(warehouse, channel)
        await looked(warning, warehouse, THREE_QUARTERS)

        counts = await asyncio.gather(*(prevention(warehouse, channel).send("group") for _ in range(3)))

    assert (sorted(counts), len(robot.taken)) == ([0, 0, 1], 1)


async def test_seven_departments_in_one_group_stay_below_what_its_robot_takes(warehouse: Department):
    """Twenty a minute are for all of them: none sends two within half a minute."""
    async with messenger() as robot:
        warning = await half_a_receipt(warehouse, Channel(name="group", kind=ChannelKind.WECOM, url=robot.url))

        async def told() -> bool:
            return await unsent(warehouse) == []

        loops = [asyncio.create_task(work) for work in warning.messengers().values()]
        try:
            await until(told)
            await looked(warning, warehouse, THREE_QUARTERS)
            await asyncio.sleep(2.5)
        finally:
            await cancel(loops)

    assert (len(robot.taken), len(await unsent(warehouse))) == (1, 1)


MESSAGES_AS_THEY_WERE = """
INSERT INTO warnings (id, channel, body, made_at, next_try_at)
SELECT gen_random_uuid(), 'group', body::jsonb, now(), now() FROM (VALUES
    ('{"handovers": [{"link": "receipt", "key": "LOT-1", "share_gone": 50}]}'),
    ('{"handovers": [{"link": "receipt", "key": "LOT-1", "share_gone": 50}], "to": ["b@factory.example"]}')
) AS old (body)
"""


async def test_what_waited_before_the_revision_is_sent_after_it(warehouse: Department):
    async with away() as (robot, channel):
        warning = await half_a_receipt(warehouse, channel)
        database = infra.url_of(warehouse.engine.url.database or "")
        await warehouse.engine.dispose()
        await migrate_down("warehouse", database, target="chassis_0008")
        await warehouse.as_owner(MESSAGES_AS_THEY_WERE)
        await migrate("warehouse", database, ClockMode.STEPPED, role=infra.ROLE)
        assert sorted(str(row.recipients) for row in await unsent(warehouse)) == ["None", "['b@factory.example']"]
        await back(robot, warehouse)

        assert await sent_by(warning) == 2

    assert {each["handovers"][0]["key"] for each in robot.taken} == {"LOT-1"}
