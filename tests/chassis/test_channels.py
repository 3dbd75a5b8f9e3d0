"""Whatever a messenger answers, or does not: is its warning neither lost nor repeated for ever, and nobody else's late?"""

import asyncio
import hashlib
import hmac
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from chassis.channels import PATIENCE_S, Channel, ChannelKind
from chassis.lives import cancel
from chassis.settings import Settings
from tests.chassis.company import until
from tests.chassis.test_prevention import (
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
from tests.support.departments import Department
from tests.support.messenger import messenger, post_office

__all__ = ["warehouse"]

SIGNED_BY = {ChannelKind.DINGTALK: "SEC", ChannelKind.FEISHU: "SEC"}
MAIL: dict[str, Any] = {"sender": "handover@factory.example", "to": ("a@factory.example", "b@factory.example")}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(warehouse: Department, status: int):
    async with messenger() as robot:
        robot.status, robot.moved_to = status, f"{robot.url}&ticket=secret"
        warning = await half_a_receipt(warehouse, Channel(name="group", kind=ChannelKind.WEBHOOK, url=robot.url))

        assert await sent_by(warning) == 0

    problem = (await unsent(warehouse))[0].problem
    assert f"HTTP {status}: a redirect to {robot.url.partition('?')[0]}" in problem
    assert "secret" not in problem
    assert len(robot.asked) == 1


async def test_whatever_bytes_a_messenger_answers_it_has_taken_the_warning(warehouse: Department):
    async with messenger() as robot:
        robot.says = b"\xff\xfe" * 1_000_000
        warning = await half_a_receipt(warehouse, Channel(name="group", kind=ChannelKind.WEBHOOK, url=robot.url))

        assert await sent_by(warning) == 1

    assert await unsent(warehouse) == []


@pytest.mark.parametrize("kind", [ChannelKind.WEBHOOK, ChannelKind.WECOM])
async def test_what_a_messenger_says_against_it_can_be_kept(warehouse: Department, kind: ChannelKind):
    async with messenger() as robot:
        robot.status, robot.says = 500, b"oops\x00\xffoops"
        warning = await half_a_receipt(warehouse, Channel(name="group", kind=kind, url=robot.url))

        assert await sent_by(warning) == 0
        assert await sent_by(warning) == 0, "not before the pause is over"

    (waiting,) = await unsent(warehouse)
    assert (waiting.attempts, waiting.problem) == (1, "HTTP 500: oops\ufffd\ufffdoops")


async def test_an_address_that_is_none_stops_nobody(warehouse: Department):
    warning = await half_a_receipt(
        warehouse, Channel(name="group", kind=ChannelKind.EMAIL, url="smtp://host:none", **MAIL)
    )

    assert await sent_by(warning) == 0
    assert "none" in (await unsent(warehouse))[0].problem


async def test_a_messenger_that_answers_nobody_keeps_no_other_waiting(warehouse: Department):
    async with messenger() as silent, messenger() as robot:
        silent.answers_after_s = 60
        channels = [Channel(name=each.url, kind=ChannelKind.WEBHOOK, url=each.url) for each in (silent, robot)]
        warning = prevention(warehouse, *channels)
        for lot in ("LOT-1", "LOT-2", "LOT-3"):
            await owes(warehouse, lot)
        for at in (HALF, THREE_QUARTERS, OVER):
            await warehouse.wait_until(at)
            await warning.look()

        async def only_the_silent_ones_are_left() -> bool:
            return [each.channel for each in await unsent(warehouse)] == [silent.url] * 3

        loops = [asyncio.create_task(work) for work in warning.messengers().values()]
        try:
            await until(only_the_silent_ones_are_left, within=PATIENCE_S / 2)
        finally:
            await cancel(loops)

    assert [len(each["handovers"]) for each in robot.taken] == [3]


@pytest.mark.parametrize(
    ("kind", "most"), [(ChannelKind.WECOM, 4_096), (ChannelKind.DINGTALK, 20_000), (ChannelKind.FEISHU, 20_000)]
)
async def test_however_many_are_late_a_robot_gets_no_more_bytes_than_it_takes(
    warehouse: Department, kind: ChannelKind, most: int
):
    async with messenger() as robot:
        robot.says = {"errcode": 0, "code": 0}
        await owes(warehouse, *(f"LOT-{n}" for n in range(400)))
        await warehouse.wait_until(HALF)
        warning = prevention(warehouse, Channel(name="group", kind=kind, url=robot.url, secret=SIGNED_BY.get(kind)))
        await warning.look()

        assert await sent_by(warning) == 1

    (body,) = robot.bodies
    assert most * 0.85 < len(body) <= most
    assert "- 另有".encode() in body
    assert b"\\u" not in body
    assert robot.headers[0]["Content-Type"] == "application/json"


async def test_a_webhook_knows_its_warnings_by_their_signature(warehouse: Department):
    async with messenger() as robot:
        channel = Channel(name="group", kind=ChannelKind.WEBHOOK, url=robot.url, secret="SEC")
        warning = await half_a_receipt(warehouse, channel)

        assert await sent_by(warning) == 1

    signature = hmac.new(b"SEC", robot.bodies[0], hashlib.sha256).hexdigest()
    assert robot.headers[0]["X-Handover-Signature"] == f"sha256={signature}"


async def test_a_webhook_without_a_secret_gets_no_signature(warehouse: Department):
    async with messenger() as robot:
        warning = await half_a_receipt(warehouse, Channel(name="group", kind=ChannelKind.WEBHOOK, url=robot.url))
        await sent_by(warning)

    assert "X-Handover-Signature" not in robot.headers[0]


@pytest.mark.parametrize("kind", [ChannelKind.WECOM, ChannelKind.EMAIL])
def test_a_secret_that_would_sign_nothing_is_refused_at_the_start(kind: ChannelKind):
    with pytest.raises(ValidationError, match=f"channel group: a `secret` signs nothing of {kind}"):
        Channel(name="group", kind=kind, url="https://robot.example", secret="SEC", **MAIL)


async def test_whose_channel_is_gone_is_given_up_like_the_others(warehouse: Department):
    await half_a_receipt(warehouse, Channel(name="gone", kind=ChannelKind.WEBHOOK, url="http://127.0.0.1:1/robot"))
    await warehouse.wait_until(HALF + timedelta(days=7, seconds=1))

    with capture_logs() as said:
        assert await prevention(warehouse).give_up() == 1

    assert "not configured any more" in said[0]["problem"]


async def test_whom_the_post_office_refuses_gets_the_letter_at_the_next_attempt(warehouse: Department):
    async with post_office() as office:
        office.refuses = {"b@factory.example": "450 mailbox busy, try later"}
        warning = await half_a_receipt(warehouse, Channel(name="mail", kind=ChannelKind.EMAIL, url=office.url, **MAIL))
        with capture_logs() as said:
            assert await sent_by(warning) == 0
        (waiting,) = await unsent(warehouse)
        assert waiting.recipients == ["b@factory.example"]
        assert waiting.problem == said[0]["problem"] == "b@factory.example: 450 mailbox busy, try later"
        office.refuses = {}
        await again_now(warehouse)

        assert await sent_by(warning) == 1

    assert office.sent_to == ["a@factory.example", "b@factory.example"]
    first, second = (message_from_string(each, policy=policy.default)["Message-ID"] for each in office.letters)
    assert first == second
    assert await unsent(warehouse) == []


async def test_a_letter_that_the_post_office_takes_for_nobody_says_what_it_said_of_each(warehouse: Department):
    async with post_office() as office:
        office.refuses = dict.fromkeys(MAIL["to"], "550 no such mailbox")
        warning = await half_a_receipt(warehouse, Channel(name="mail", kind=ChannelKind.EMAIL, url=office.url, **MAIL))

        assert await sent_by(warning) == 0

    (waiting,) = await unsent(warehouse)
    assert waiting.problem == "a@factory.example: 550 no such mailbox; b@factory.example: 550 no such mailbox"
    assert (office.letters, waiting.recipients) == ([], None)


def started_with(**more: Any) -> Settings:
    return Settings(service="sales", database_url="", broker_url="", token_secret="s" * 32, **more)


def test_two_messengers_of_one_name_are_refused_at_the_start():
    """What was sent is remembered by the name: one of the two would get nothing."""
    channels = [
        Channel(name=name, kind=ChannelKind.WEBHOOK, url=f"https://{name}.example") for name in ("floor", "floor")
    ]

    with pytest.raises(ValidationError, match="more than one messenger is named floor"):
        started_with(warn=channels)


@pytest.mark.parametrize(("shares", "wrong"), [([150], "150"), ([-5, 50], "-5"), ([0], "0"), ([50, 100], "100")])
def test_a_share_of_which_nobody_could_be_warned_is_refused_at_the_start(shares: list[int], wrong: str):
    with pytest.raises(ValidationError, match=f"HANDOVER_RISK_AT: {wrong} is no share"):
        started_with(risk_at=shares)


@pytest.mark.parametrize("shares", [[], [1, 99], [50, 75]])
def test_shares_within_the_working_time_are_taken(shares: list[int]):
    assert list(started_with(risk_at=shares).risk_at) == shares
