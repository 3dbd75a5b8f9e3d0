"""What does the least durable pipe cost on this machine: insert, publish confirmed, consume, insert?

Nothing but the two servers, bare drivers and no rules: the yardstick for everything above it.
"""

import asyncio
import time
from dataclasses import dataclass

import aio_pika
import asyncpg
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractQueue

BODY = b'{"fact": "' + b"x" * 600 + b'"}'
BATCH = 200
TABLES = """
CREATE TABLE IF NOT EXISTS pipe_out (id bigserial PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE IF NOT EXISTS pipe_in (id bigserial PRIMARY KEY, body bytea NOT NULL);
"""


@dataclass
class Pipe:
    """Two tables, one quorum queue between them, every step on disk before the next."""

    database: "asyncpg.Connection[asyncpg.Record]"
    exchange: aio_pika.abc.AbstractExchange
    queue: AbstractQueue

    async def send(self, count: int) -> None:
        await self.database.executemany("INSERT INTO pipe_out (body) VALUES ($1)", [(BODY,)] * count)
        message = [Message(BODY, delivery_mode=DeliveryMode.PERSISTENT) for _ in range(count)]
        await asyncio.gather(*(self.exchange.publish(each, self.queue.name) for each in message))

    async def receive(self, count: int) -> None:
        arrived = [await self._next() for _ in range(count)]
        await self.database.executemany("INSERT INTO pipe_in (body) VALUES ($1)", [(each.body,) for each in arrived])
        await arrived[-1].ack(multiple=True)

    async def _next(self) -> aio_pika.abc.AbstractIncomingMessage:
        return await self._arriving.get()

    async def listen(self) -> None:
        self._arriving: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()
        await self.queue.consume(self._arriving.put)


async def events_per_second(postgres_url: str, broker_url: str, *, total: int, batch: int) -> float:
    """Through the whole pipe, `batch` at a time; 1 waits for every step of every event."""
    database = await asyncpg.connect(postgres_url)
    connection = await aio_pika.connect(broker_url)
    try:
        await database.execute(TABLES)
        channel = await connection.channel()
        await channel.set_qos(BATCH * 2)
        queue = await channel.declare_queue("bench_pipe", durable=True, arguments={"x-queue-type": "quorum"})
        pipe = Pipe(database, channel.default_exchange, queue)
        await pipe.listen()
        began = time.monotonic()
        for _ in range(total // batch):
            await pipe.send(batch)
            await pipe.receive(batch)
        taken = time.monotonic() - began
        await queue.delete(if_unused=False, if_empty=False)
        return total / taken
    finally:
        await connection.close()
        await database.close()
