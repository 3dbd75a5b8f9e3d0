"""Do servers that are lent to us serve as our own do, are they left as they were, and is it said when they are of no use?"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import pytest

from deploy.local import given
from deploy.local.databases import drop_databases
from deploy.local.programs import StartFailed
from deploy.rabbitmq.topology import declare, withdraw

NOBODY = "127.0.0.1:9"


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.username}:{password}@{parts.hostname}:{parts.port}").geturl()


def test_servers_that_let_us_in_are_no_trouble(postgres: str, broker: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HANDOVER_POSTGRES_URL", postgres)
    monkeypatch.setenv("HANDOVER_BROKER_URL", broker)

    given.require()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda url: with_password(url, "wrong-one"), "ACCESS_REFUSED"),
        (lambda _: f"amqp://guest:wrong-one@{NOBODY}/", "Connect call failed"),
        (lambda _: "wrong-one", "cannot be used"),
    ],
)
def test_a_broker_that_is_of_no_use_is_named_with_the_reason_and_without_its_password(
    broker: str, monkeypatch: pytest.MonkeyPatch, changed: Callable[[str], str], said: str
):
    monkeypatch.setenv("HANDOVER_BROKER_URL", changed(broker))

    with pytest.raises(StartFailed) as told:
        given.require()

    assert said in str(told.value)
    assert "HANDOVER_BROKER_URL" in str(told.value)
    assert ":wrong-one@" not in str(told.value)


def test_a_database_server_on_which_we_may_make_nothing_is_of_no_use(postgres: str, monkeypatch: pytest.MonkeyPatch):
    asyncio.run(execute(postgres, "CREATE ROLE a_guest LOGIN PASSWORD 'guest'"))
    try:
        guest = urlsplit(with_password(postgres, "guest"))
        netloc = guest.netloc.replace(str(guest.username), "a_guest", 1)
        monkeypatch.setenv("HANDOVER_POSTGRES_URL", guest._replace(netloc=netloc).geturl())

        assert "may not create roles and databases" in str(given.POSTGRES.trouble())
    finally:
        drop_databases(postgres, ["a_guest"])


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def test_nothing_of_ours_stays_on_a_lent_broker(broker: str, bus_prefix: str):
    asyncio.run(declare(broker, prefix=bus_prefix))
    assert asyncio.run(there(broker, f"{bus_prefix}sales"))

    asyncio.run(withdraw(broker, prefix=bus_prefix))

    assert not asyncio.run(there(broker, f"{bus_prefix}sales"))
    assert asyncio.run(there(broker, "sales.dead"))


async def there(url: str, queue: str) -> bool:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
            await channel.declare_queue(queue, passive=True)
            return True
    return False
