"""How do all facts of the company reach the ledger? From one queue, in batches, each acknowledged after it is stored."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import transaction
from chassis.lives import unless_cancelled
from chassis.publisher import broker_url
from chassis.settings import Settings
from contracts.event import decode
from services.accountability.ledger import months
from services.accountability.ledger.ledger import Arrived, append

log = structlog.get_logger()

BATCH = 200
PREFETCH = 600
CONNECT_LIMIT_S = 5.0
# Facts that come one by one in quick succession are worth one transaction together.
SHORTEST_PAUSE_S = 0.02


@dataclass
class Intake:
    """The one reader of accountability's queue. `entered` is called after each batch that added to the ledger."""

    settings: Settings
    engine: AsyncEngine
    entered: Callable[[], None]
    taken: int = 0
    known: int = 0
    ready: asyncio.Queue[AbstractIncomingMessage] = field(default_factory=asyncio.Queue)

    async def live(self) -> None:
        """Read until the connection ends; chassis.lives begins the next life."""
        self.ready = asyncio.Queue()
        months.look_again(self.engine)
        connection = await aio_pika.connect(
            broker_url(self.settings.broker_url),
            timeout=CONNECT_LIMIT_S,
            client_properties={"connection_name": "accountability ledger"},
        )
        async with connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=PREFETCH)
            queue = await channel.get_queue(f"{self.settings.bus_prefix}{self.settings.service}", ensure=False)
            await queue.consume(self.ready.put)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(unless_cancelled(self.store()))
                tasks.create_task(unless_cancelled(ended(channel)))

    async def store(self) -> None:
        while True:
            await self.take(await self.batch())
            if self.ready.qsize() < BATCH:
                await asyncio.sleep(SHORTEST_PAUSE_S)

    async def batch(self) -> list[AbstractIncomingMessage]:
        """What is ready now, at least one and at most BATCH messages."""
        messages = [await self.ready.get()]
        while len(messages) < BATCH and not self.ready.empty():
            messages.append(self.ready.get_nowait())
        return messages

    async def take(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        """Store a batch, then let the broker forget it: in delivery order, so one acknowledgement covers all."""
        read = [(message, fact) for message in messages if (fact := await self.read(message)) is not None]
        if not read:
            return
        async with transaction(self.engine) as session:
            books = await append(session, [fact for _, fact in read])
        self.taken += len(books.rows)
        self.known += books.known
        await read[-1][0].ack(multiple=True)
        self.entered()

    async def read(self, message: AbstractIncomingMessage) -> Arrived | None:
        """The fact, or None when the bytes are none: those go to the dead letters."""
        try:
            return Arrived(decode(message.body), message.body)
        except ValueError as error:
            log.error("an unreadable message goes to the dead letters", error=str(error))
            await message.reject(requeue=False)
            return None


async def ended(channel: AbstractChannel) -> None:
    """Raises when the broker is gone, so that whoever waits for messages does not wait for ever.

    The channel is asked, because aio-pika 10.2 calls a connection closed only if we closed it ourselves.
    """
    await channel.closed()
    raise ConnectionError("the broker closed the ledger's channel")
