"""Which servers are lent to us instead of our own, and do they let us in?

Their users may do everything: make roles, databases and queues. No service inherits an address; each is told its own.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aio_pika
import asyncpg

from deploy.local.programs import StartFailed

ANSWER_LIMIT_S = 10.0
REFUSALS = (OSError, TimeoutError, ValueError, aio_pika.exceptions.AMQPError, asyncpg.PostgresError)


@dataclass(frozen=True)
class Lent:
    """A server that an address in the environment names. `greet` raises one of REFUSALS when it is of no use."""

    variable: str
    greet: Callable[[str], Awaitable[None]]
    formerly: str = ""

    @property
    def url(self) -> str | None:
        return os.environ.get(self.variable) or os.environ.get(self.formerly) or None

    def trouble(self) -> str | None:
        """What is wrong with it, without its password; None when it is well, or none is lent."""
        if self.url is None:
            return None
        try:
            asyncio.run(asyncio.wait_for(self.greet(self.url), ANSWER_LIMIT_S))
        except REFUSALS as error:
            said = str(error) or f"no answer within {ANSWER_LIMIT_S:.0f} s"
            return f"{shown(self.url)}, named by {self.variable}, cannot be used: {said}"
        return None

    @property
    def remedy(self) -> str:
        return f"correct {self.variable}, or `unset {self.variable}`"


async def greet_broker(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue(exclusive=True)


async def greet_postgres(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        rights = "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles WHERE rolname = current_user"
        if not await connection.fetchval(rights):
            raise ValueError("its user may not create roles and databases")
    finally:
        await connection.close()


BROKER = Lent("HANDOVER_BROKER_URL", greet_broker, formerly="HANDOVER_AMQP_URL")
POSTGRES = Lent("HANDOVER_POSTGRES_URL", greet_postgres)


def require() -> None:
    """Raises StartFailed, before anything is started, when a lent server is of no use."""
    for lent in (BROKER, POSTGRES):
        if trouble := lent.trouble():
            raise StartFailed(f"{trouble}\nRemedy: {lent.remedy}")


def shown(url: str) -> str:
    """An address as it may stand on a screen."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.hostname else repr(url)
