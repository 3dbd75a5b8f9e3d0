"""How does a message reach the broker so that we know it did?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aio_pika
from aio_pika.abc import AbstractExchange, DeliveryMode
from pamqp.commands import Basic
from yarl import URL

from chassis.numbering import Numbered
from chassis.spans import sending
from contracts.event import EXCHANGE

HEARTBEAT_S = 5
CONNECT_LIMIT_S = 5.0
# Below the heartbeat's window: a publish into a dead connection ends by its own limit.
PUBLISH_LIMIT_S = 4.0
CONTENT_TYPE = "application/cloudevents+json"


def broker_url(url: str) -> str:
    """The broker's address with the heartbeat that all our connections use."""
    return str(URL(url).update_query(heartbeat=HEARTBEAT_S))


class Receipt(NamedTuple):
    """How many of the first messages the broker has routed and stored, and what it said of the next."""

    done: int
    problem: str | None


class Publisher:
    """Publishes on a connection that consumes nothing, so that a blocked publisher blocks no acknowledgement."""

    def __init__(self, facts: AbstractExchange, control: AbstractExchange, user: str) -> None:
        self._facts = facts
        self._control = control
        self._user = user

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, prefix: str = "", name: str = "") -> AsyncIterator["Publisher"]:
        connection = await aio_pika.connect(
            broker_url(url), timeout=CONNECT_LIMIT_S, client_properties={"connection_name": name}
        )
        try:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            facts = await channel.get_exchange(prefix + EXCHANGE, ensure=False)
            control = await channel.get_exchange(f"{prefix}{EXCHANGE}.control", ensure=False)
            yield cls(facts, control, URL(url).user or "guest")
        finally:
            await asyncio.wait_for(connection.close(), CONNECT_LIMIT_S)

    async def send(self, facts: Sequence[Numbered]) -> "Receipt":
        """Publish facts in order, all outstanding together."""
        return await self._confirmed([(fact.event, self._send(fact)) for fact in facts])

    async def resend(self, asker: str, source: str, facts: Sequence[Numbered]) -> "Receipt":
        """Publish facts again, byte for byte, to one receiver alone."""
        key = f"{source}.resend.{asker}"
        return await self._confirmed([(key, self._publish(self._control, key, fact)) for fact in facts])

    async def say(self, key: str, body: bytes) -> None:
        """Publish a control message; nobody need hear it."""
        message = aio_pika.Message(body, content_type="application/json", user_id=self._user)
        async with asyncio.timeout(PUBLISH_LIMIT_S):
            await self._control.publish(message, key, mandatory=False)

    async def _send(self, fact: Numbered) -> Any:
        with sending(fact) as headers:
            return await self._publish(self._facts, fact.event, fact, headers)

    async def _publish(
        self, exchange: AbstractExchange, key: str, fact: Numbered, headers: Mapping[str, str] | None = None
    ) -> Any:
        message = aio_pika.Message(
            fact.wire,
            headers=dict(headers or {}),
            content_type=CONTENT_TYPE,
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=str(fact.event_id),
            type=fact.event,
            user_id=self._user,
        )
        return await exchange.publish(message, key, mandatory=True)

    async def _confirmed(self, messages: Sequence[tuple[str, Awaitable[Any]]]) -> "Receipt":
        """Only an Ack of a routed message counts; one that no queue takes comes back and is not done."""
        async with asyncio.timeout(PUBLISH_LIMIT_S):
            answers = await asyncio.gather(*(answer for _, answer in messages), return_exceptions=True)
        done = next((at for at, answer in enumerate(answers) if not isinstance(answer, Basic.Ack)), len(answers))
        if done == len(messages):
            return Receipt(done, None)
        return Receipt(done, f"{messages[done][0]}: {answers[done]!r}")
