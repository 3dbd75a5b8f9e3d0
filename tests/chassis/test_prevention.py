"""A department is warned of a handover at half and three quarters of its working time, and when the time is over; once each."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from email import message_from_string, policy
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

import chassis.prevention
from chassis.channels import Channel, ChannelKind
from chassis.database import transaction
from chassis.driver import fetch
from chassis.dues import standards
from chassis.prevention import AT_RISK, FIRST, Prevention, at_risk
from chassis.warning_texts import OVERDUE, AtRisk
from chassis.worklist import Handover, close, deliver, redate
from contracts import links
from contracts.parts import Terms
from tests.support.departments import MORNING, Department, department
from tests.support.messenger import Messenger, messenger, post_office
from tests.support.worklists import know_the_standards, rows

SHARES = (50, 75)
# A receipt is due eight working hours after nine o'clock on Tuesday: at nine on Wednesday, with an hour for lunch.
HALF = MORNING + timedelta(hours=5)
THREE_QUARTERS = MORNING + timedelta(hours=7)
DUE = MORNING + timedelta(days=1)
OVER = DUE + timedelta(seconds=61)
KEEPER = "E-060"


@pytest.fixture
async def warehouse() -> AsyncIterator[Department]:
    async with department("warehouse") as it:
        await it.employ(storekeeper=KEEPER)
        await know_the_standards(it)
        yield it


async def owes(warehouse: Department, *lots: str) -> None:
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await deliver(session, *(Handover(links.receipt(lot), "storekeeper", "SOD-1") for lot in lots))


def prevention(warehouse: Department, *channels: Channel) -> Prevention:
    return Prevention("warehouse", warehouse.engine, SHARES, channels)


async def warned(warehouse: Department, at: datetime) -> tuple[int, list[int]]:
    """How many handovers came to be at risk, and what the worklist says of all."""
    await warehouse.wait_until(at)
    found = await prevention(warehouse).look()
    async with warehouse.as_(KEEPER) as client:
        rows = (await client.get("/api/worklist")).json()
    return found, [row["warned"] for row in rows]


async def unsent(warehouse: Department) -> Sequence[Any]:
    async with warehouse.engine.connect() as connection:
        rows = await connection.execute(text("SELECT channel, key, recipients, attempts, problem FROM warnings"))
        return rows.all()


async def sent_by(warning: Prevention) -> int:
    """How many warnings all its messengers took just now."""
    return sum([await warning.send(name) for name in warning.channels])


async def again_now(warehouse: Department) -> None:
    """The pause before the next attempt is over."""
    await warehouse.as_owner("UPDATE warnings SET next_try_at = now() - interval '1 second'")


async def test_each_share_is_told_once(warehouse: Department):
    await owes(warehouse, "LOT-1")

    assert await warned(warehouse, HALF - timedelta(minutes=1)) == (0, [0])
    assert await warned(warehouse, HALF) == (1, [50])
    assert await warned(warehouse, HALF + timedelta(minutes=1)) == (0, [50])
    assert await warned(warehouse, THREE_QUARTERS) == (1, [75])
    assert await warned(warehouse, OVER) == (1, [100])
    assert await warned(warehouse, OVER + timedelta(days=3)) == (0, [100])


async def test_nothing_is_overdue_while_the_tolerance_lasts(warehouse: Department):
    """Whoever is done within it is in time before the judge."""
    await owes(warehouse, "LOT-1")

    assert await warned(warehouse, DUE) == (1, [75])
    assert await warned(warehouse, DUE + timedelta(seconds=60)) == (0, [75])
    assert await warned(warehouse, DUE + timedelta(seconds=60, microseconds=1)) == (1, [100])


async def test_the_tolerance_is_working_time_too(warehouse: Department):
    """Due as the shift ends: whoever does it first thing in the morning is in time."""
    await warehouse.wait_until(MORNING + timedelta(days=1))
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        terms = Terms(required_on=date(2026, 9, 4))
        await deliver(session, Handover(links.arrival("MRL-1", 1), "storekeeper", "SOD-1", terms=terms))
    (due,) = [row["due_at"] for row in (await rows(warehouse, KEEPER)).values()]
    assert due == "2026-09-04T09:00:00Z"

    assert await warned(warehouse, MORNING + timedelta(days=5)) == (1, [75])
    assert await warned(warehouse, MORNING + timedelta(days=6)) == (1, [100])


async def test_a_share_that_was_slept_through_is_not_told_any_more(warehouse: Department):
    await owes(warehouse, "LOT-1")

    assert await warned(warehouse, OVER) == (1, [100])


async def test_nights_and_lunch_do_not_count(warehouse: Department):
    await warehouse.wait_until(MORNING + timedelta(hours=7))  # 16:00: one hour today, seven tomorrow
    await owes(warehouse, "LOT-1")

    assert await warned(warehouse, MORNING + timedelta(hours=23)) == (0, [0])


async def test_what_is_done_is_no_risk_and_what_opens_anew_is_told_anew(warehouse: Department):
    await owes(warehouse, "LOT-1")
    assert await warned(warehouse, HALF) == (1, [50])
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await close(session, [links.receipt("LOT-1")])
    assert await warned(warehouse, OVER) == (0, [])

    await owes(warehouse, "LOT-1")

    assert await warned(warehouse, OVER + timedelta(minutes=1)) == (0, [0])
    assert await warned(warehouse, OVER + timedelta(hours=5)) == (1, [50])


async def test_what_was_told_before_hides_nothing_however_many_are_open(
    warehouse: Department, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chassis.prevention, "MOST_AT_ONCE", 2)
    await owes(warehouse, "LOT-1", "LOT-2", "LOT-3", "LOT-4")
    assert await warned(warehouse, HALF) == (4, [50] * 4)
    await warehouse.wait_until(HALF + timedelta(minutes=1))
    await owes(warehouse, "LOT-5")

    found, shares = await warned(warehouse, OVER + timedelta(hours=1))

    assert (found, sorted(shares)) == (5, [50, 100, 100, 100, 100])


async def test_the_worklist_says_how_much_is_gone(warehouse: Department):
    await owes(warehouse, "LOT-1")
    await warned(warehouse, HALF)

    async with warehouse.as_(KEEPER) as client:
        (row,) = (await client.get("/api/worklist")).json()

    assert row["warned"] == 50


async def test_several_at_once_are_one_message(warehouse: Department):
    async with messenger() as robot:
        channel = Channel(name="warehouse group", kind=ChannelKind.WEBHOOK, url=robot.url)
        await owes(warehouse, "LOT-1", "LOT-2", "LOT-3")
        await warehouse.wait_until(HALF)
        warning = prevention(warehouse, channel)

        assert await warning.look() == 3
        assert await sent_by(warning) == 1
        assert await sent_by(warning) == 0

    (message,) = robot.taken
    assert message["title"] == "仓库:3 项交接即将超时或已超时(截至 09-01 14:00)"
    assert [each["key"] for each in message["handovers"]] == ["LOT-1", "LOT-2", "LOT-3"]
    assert {each["share_gone"] for each in message["handovers"]} == {50}
    assert "50%" in message["lines"][0]
    assert message["id"]
    assert await unsent(warehouse) == []


GROUP = Channel(name="group", kind=ChannelKind.WEBHOOK, url="http://127.0.0.1:1/robot")


async def seen_at_risk(warehouse: Department) -> list[AtRisk]:
    """What a replica has read and is about to tell."""
    async with transaction(warehouse.engine) as session:
        found = await fetch(session, AT_RISK, OVERDUE, 10, *FIRST)
        return list(at_risk(found, await standards(session), HALF, SHARES))


async def told_by(warehouse: Department, found: list[AtRisk], until: asyncio.Event | None = None) -> int:
    """One replica's transaction; it ends no sooner than it is let."""
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        count = await prevention(warehouse, GROUP).tell(session, found, HALF)
        if until is not None:
            await until.wait()
    return count


async def test_two_replicas_that_see_the_same_at_once_tell_it_once(warehouse: Department):
    await owes(warehouse, "LOT-1", "LOT-2")
    await warehouse.wait_until(HALF)
    found, let_go = await seen_at_risk(warehouse), asyncio.Event()

    first = asyncio.create_task(told_by(warehouse, found[:1], let_go))
    await asyncio.sleep(0.2)
    second = asyncio.create_task(told_by(warehouse, found))
    await asyncio.sleep(0.2)
    let_go.set()

    assert (await first, await second) == (1, 1)
    assert await told_by(warehouse, found) == 0
    assert sorted(row.key for row in await unsent(warehouse)) == ["LOT-1", "LOT-2"]


async def test_many_replicas_look_at_once_and_every_share_is_told_once(warehouse: Department):
    await owes(warehouse, *(f"LOT-{n}" for n in range(20)))
    await warehouse.wait_until(HALF)

    await asyncio.gather(*(prevention(warehouse, GROUP).look() for _ in range(4)))
    await prevention(warehouse, GROUP).look()

    assert sorted(row.key for row in await unsent(warehouse)) == sorted(f"LOT-{n}" for n in range(20))


async def test_what_was_done_or_given_more_time_since_it_was_seen_is_not_told(warehouse: Department):
    arrival = links.arrival("MRL-1", 1)
    await owes(warehouse, "LOT-1")
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await deliver(session, Handover(arrival, "storekeeper", "SOD-1", terms=Terms(required_on=MORNING.date())))
    await warehouse.wait_until(HALF)
    found = await seen_at_risk(warehouse)
    assert len(found) == 2
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await close(session, [links.receipt("LOT-1")])
        await redate(session, arrival, Terms(required_on=date(2026, 9, 10)))

    assert await told_by(warehouse, found) == 0
    assert await unsent(warehouse) == []


@pytest.mark.parametrize(
    ("status", "says"), [(500, {}), (429, {"errcode": 0}), (200, {"errcode": 93000, "errmsg": "invalid webhook url"})]
)
async def test_what_a_messenger_does_not_take_is_sent_again(warehouse: Department, status: int, says: dict[str, Any]):
    async with messenger() as robot:
        robot.status, robot.says = status, says
        warning = await half_a_receipt(warehouse, Channel(name="group", kind=ChannelKind.WECOM, url=robot.url))

        assert await sent_by(warning) == 0
        (waiting,) = await unsent(warehouse)
        assert waiting.attempts == 1
        assert waiting.problem
        assert await sent_by(warning) == 0, "not before the pause is over"

        robot.status, robot.says = 200, {"errcode": 0, "errmsg": "ok"}
        await again_now(warehouse)
        assert await sent_by(warning) == 1

    assert len(robot.taken) == 2
    assert robot.taken[0] == robot.taken[1]


async def half_a_receipt(warehouse: Department, channel: Channel) -> Prevention:
    await owes(warehouse, "LOT-1")
    await warehouse.wait_until(HALF)
    warning = prevention(warehouse, channel)
    await warning.look()
    return warning


async def test_a_messenger_that_is_away_holds_nothing_up(warehouse: Department):
    channel = Channel(name="group", kind=ChannelKind.WEBHOOK, url="http://127.0.0.1:1/robot")
    warning = await half_a_receipt(warehouse, channel)

    assert await sent_by(warning) == 0
    assert (await unsent(warehouse))[0].problem


async def test_what_nobody_took_for_a_week_is_given_up(warehouse: Department):
    channel = Channel(name="group", kind=ChannelKind.WEBHOOK, url="http://127.0.0.1:1/robot")
    warning = await half_a_receipt(warehouse, channel)
    await sent_by(warning)
    await warehouse.wait_until(HALF + timedelta(days=7))
    assert await warning.give_up() == 0

    await warehouse.wait_until(HALF + timedelta(days=7, seconds=1))

    assert await warning.give_up() == 1
    assert await unsent(warehouse) == []


async def taken_by(robot: Messenger, warehouse: Department, channel: Channel) -> dict[str, Any]:
    warning = await half_a_receipt(warehouse, channel)
    assert await sent_by(warning) == 1
    return robot.taken[0]


async def test_wecom_gets_markdown(warehouse: Department):
    async with messenger() as robot:
        message = await taken_by(robot, warehouse, Channel(name="g", kind=ChannelKind.WECOM, url=robot.url))

    assert message["msgtype"] == "markdown"
    assert "入库 SOD-1" in message["markdown"]["content"]


async def test_a_group_that_reads_english_is_warned_in_english(warehouse: Department):
    async with messenger() as robot:
        channel = Channel(name="g", kind=ChannelKind.WECOM, url=robot.url, language="en")
        message = await taken_by(robot, warehouse, channel)

    title, line = message["markdown"]["content"].split("\n")
    assert title == "Warehouse: handovers at risk or overdue: 1 (as of 09-01 14:00)"
    assert line == "- Receipt SOD-1, due 09-02 09:00, 50% gone (Storekeeper)"


async def test_more_than_a_messenger_takes_is_counted(warehouse: Department):
    async with messenger() as robot:
        await owes(warehouse, *(f"LOT-{n}" for n in range(150)))
        await warehouse.wait_until(HALF)
        warning = prevention(warehouse, Channel(name="g", kind=ChannelKind.WECOM, url=robot.url))
        await warning.look()
        assert await sent_by(warning) == 1

    content: str = robot.taken[0]["markdown"]["content"]
    title, *lines, more = content.split("\n")
    assert "150 项交接" in title
    assert len(content.encode()) <= 4_096
    assert more == f"- 另有 {150 - len(lines)} 项,见待办"
    assert len(lines) > 40


async def test_a_handover_that_is_given_more_time_is_warned_of_anew(warehouse: Department):
    arrival, first, later = links.arrival("MRL-1", 1), date(2026, 9, 2), date(2026, 9, 10)
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await deliver(session, Handover(arrival, "storekeeper", "SOD-1", terms=Terms(required_on=first)))
    assert await warned(warehouse, MORNING + timedelta(days=2)) == (1, [100])
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await redate(session, arrival, Terms(required_on=later), known=MORNING)

    assert await warned(warehouse, MORNING + timedelta(days=2, minutes=1)) == (0, [0])
    assert await warned(warehouse, MORNING + timedelta(days=10)) == (1, [100])


async def test_dingtalk_gets_a_signed_address(warehouse: Department):
    async with messenger() as robot:
        channel = Channel(name="g", kind=ChannelKind.DINGTALK, url=robot.url, secret="SEC")
        message = await taken_by(robot, warehouse, channel)

    stamp = robot.asked[0]["timestamp"]
    expected = base64.b64encode(hmac.new(b"SEC", f"{stamp}\nSEC".encode(), hashlib.sha256).digest()).decode()
    assert robot.asked[0]["sign"] == expected
    assert message["markdown"]["title"].startswith("仓库")


async def test_feishu_gets_a_signed_message(warehouse: Department):
    async with messenger() as robot:
        robot.says = {"code": 0}
        channel = Channel(name="g", kind=ChannelKind.FEISHU, url=robot.url, secret="SEC")
        message = await taken_by(robot, warehouse, channel)

    key = f"{message['timestamp']}\nSEC".encode()
    assert message["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    assert "入库" in message["content"]["text"]


async def test_mail_gets_a_letter(warehouse: Department):
    async with post_office() as office:
        channel = Channel(
            name="mail",
            kind=ChannelKind.EMAIL,
            url=office.url,
            sender="handover@factory.example",
            to=("a@factory.example",),
        )
        warning = await half_a_receipt(warehouse, channel)
        assert await sent_by(warning) == 1

    letter = message_from_string(office.letters[0], policy=policy.default)
    assert letter["Subject"].startswith("仓库")
    assert "SOD-1" in letter.get_content()


async def test_other_departments_channels_get_nothing(warehouse: Department):
    channel = Channel(name="g", kind=ChannelKind.WEBHOOK, url="http://127.0.0.1:1/", departments=("sales",))
    warning = await half_a_receipt(warehouse, channel)

    assert await unsent(warehouse) == []
    assert await sent_by(warning) == 0


def test_mail_without_addresses_is_no_channel():
    with pytest.raises(ValidationError, match="mail needs"):
        Channel(name="mail", kind=ChannelKind.EMAIL, url="smtp://127.0.0.1:25")
