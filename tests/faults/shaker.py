"""How does a bus behave that brings everything three times, late and in any order?

Between the exchanges and every department's queue lies a detour: what the department's queue would have got goes to a
queue of the shaker's, which publishes each message as often as COPIES, each copy after a delay of its own, to the
department's queue alone. The bytes and the routing key stay; the sender's name (user_id) cannot be kept.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage, AbstractQueue

from contracts.event import SERVICES
from deploy.rabbitmq.topology import definitions

COPIES = 3
LONGEST_DELAY_S = 1.5
PASSED_ON = ("headers", "content_type", "delivery_mode", "message_id", "type")

Way = tuple[str, str]
Soon = Callable[[Callable[[], Awaitable[bool]], str], Awaitable[None]]


@dataclass
class Detour:
    """The way round of one department's messages; `ways` are the exchanges and keys that its queue is bound to."""

    channel: AbstractChannel
    queue: AbstractQueue
    held: AbstractQueue
    exit: AbstractExchange
    ways: Sequence[Way]
    under_way: int = 0
    shaken: int = 0

    @classmethod
    async def open(cls, channel: AbstractChannel, service: str, ways: Sequence[Way]) -> "Detour":
        """From now on everything goes round; what comes by both ways meanwhile comes once more."""
        name = f"{service}.detour"
        queue, held = await channel.get_queue(service, ensure=False), await channel.declare_queue(name, durable=True)
        detour = cls(channel, queue, held, await channel.declare_exchange(name, "topic"), ways)
        await queue.bind(detour.exit, "#")
        await detour._lead(to=held, away_from=queue)
        await held.consume(detour.scatter)
        return detour

    async def close(self, soon: Soon) -> None:
        """The straight way again, once everything has come through."""
        await self._lead(to=self.queue, away_from=self.held)
        await soon(self.is_empty, f"everything to come out of {self.held.name}")
        await self.held.delete(if_unused=False)
        await self.queue.unbind(self.exit, "#")
        await self.exit.delete()

    async def _lead(self, *, to: AbstractQueue, away_from: AbstractQueue) -> None:
        for exchange, key in self.ways:
            await to.bind(exchange, key)
        for exchange, key in self.ways:
            await away_from.unbind(exchange, key)

    async def scatter(self, message: AbstractIncomingMessage) -> None:
        self.under_way += 1
        await asyncio.gather(*(self._bring(message) for _ in range(COPIES)))
        await message.ack()
        self.under_way -= 1
        self.shaken += 1

    async def _bring(self, message: AbstractIncomingMessage) -> None:
        await asyncio.sleep(random.uniform(0, LONGEST_DELAY_S))
        copy = aio_pika.Message(message.body, **{name: getattr(message, name) for name in PASSED_ON})
        await self.exit.publish(copy, message.routing_key or "")

    async def is_empty(self) -> bool:
        found = await self.channel.declare_queue(self.held.name, passive=True)
        return not found.declaration_result.message_count and not self.under_way


def ways_to(service: str) -> list[Way]:
    """What the department's queue is bound to, in the product's own topology."""
    bindings = definitions(SERVICES)["bindings"]
    return [(each["source"], each["routing_key"]) for each in bindings if each["destination"] == service]


@asynccontextmanager
async def shaken(url: str, soon: Soon) -> AsyncIterator[dict[str, Detour]]:
    """While this lasts, every department hears everything three times, late and in any order."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        detours = {service: await Detour.open(channel, service, ways_to(service)) for service in SERVICES}
        yield detours
        for detour in detours.values():
            await detour.close(soon)
