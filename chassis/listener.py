"""How do messages come in from the broker, and when may it forget them?"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

from chassis.database import is_away
from chassis.handling import Handling, Incoming
from chassis.lives import FIRST_PAUSE_S, LONGEST_PAUSE_S, live_on, unless_cancelled
from chassis.publisher import broker_url
from chassis.settings import Settings
from chassis.spans import continued
from contracts.event import decode

log = structlog.get_logger()

BATCH = 50
PROBE_S = 2.0
STOP_LIMIT_S = 5.0
# A connection that has not come back by then is given up and made afresh.
RECONNECT_LIMIT_S = 20.0
RECONNECT_S = 1.0
CONTROL_PREFETCH = 100

Delivery = tuple[AbstractIncomingMessage, Incoming]
OnControl = Callable[[str, bytes], Awaitable[None]]


class Listener:
    """A service's ears: its queue of facts, if it handles any, and its queue of control messages."""

    def __init__(self, settings: Settings, handling: Handling | None, on_control: OnControl) -> None:
        self.settings = settings
        self.handling = handling
        self.on_control = on_control
        self.answered_at: float | None = None
        self.backlog = 0
        self._ready: asyncio.Queue[Delivery] = asyncio.Queue()
        self.between_batches = asyncio.Lock()

    @property
    def queue(self) -> str:
        return self.settings.bus_prefix + self.settings.service

    async def run(self) -> None:
        """Listen until cancelled. A lost connection comes back by itself; what cannot come back begins anew."""
        await live_on(f"{self.settings.service} listener", self._live)

    async def _live(self) -> None:
        self._ready = asyncio.Queue()
        broker = self._subscribe()
        try:
            await broker.start()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(unless_cancelled(self._probe(broker)))
                if self.handling:
                    tasks.create_task(unless_cancelled(self._handle(self.handling)))
        finally:
            self.answered_at = None
            await asyncio.wait_for(broker.stop(), STOP_LIMIT_S)

    def _subscribe(self) -> RabbitBroker:
        broker = RabbitBroker(
            broker_url(self.settings.broker_url),
            reconnect_interval=RECONNECT_S,
            fail_fast=True,
            logger=None,
            apply_types=False,
        )
        if self.handling:
            broker.subscriber(
                RabbitQueue(self.queue, declare=False),
                channel=Channel(prefetch_count=self.settings.prefetch),
                ack_policy=AckPolicy.MANUAL,
                decoder=_undecoded,
                no_reply=True,
            )(self._on_fact)
        broker.subscriber(
            RabbitQueue(f"{self.queue}.control", declare=False),
            channel=Channel(prefetch_count=CONTROL_PREFETCH),
            ack_policy=AckPolicy.ACK_FIRST,
            decoder=_undecoded,
            no_reply=True,
        )(self._on_control)
        return broker

    async def _on_fact(self, message: RabbitMessage) -> None:
        """Read the envelope and queue the fact up; what is no fact of its sender goes to the dead letters."""
        raw = message.raw_message
        try:
            envelope = decode(raw.body)
            _check_sender(raw.routing_key or "", envelope.source, envelope.type)
        except ValueError as error:
            log.error("an unreadable message goes to the dead letters", queue=self.queue, error=str(error))
            await raw.reject(requeue=False)
            return
        envelope = continued(envelope, raw.headers)
        self._ready.put_nowait((raw, Incoming(envelope, raw.body, redelivered=bool(raw.redelivered))))

    async def _on_control(self, message: RabbitMessage) -> None:
        """Control messages are said again every second: one that fails here is told of and forgotten."""
        key = message.raw_message.routing_key or ""
        try:
            await self.on_control(key, message.raw_message.body)
        except Exception as error:
            log.warning("a control message is ignored", key=key, error=repr(error))

    async def _handle(self, handling: Handling) -> None:
        """Facts that are ready together are handled together."""
        while True:
            batch = [await self._ready.get()]
            while len(batch) < BATCH and not self._ready.empty():
                batch.append(self._ready.get_nowait())
            async with self.between_batches:
                await self._take(handling, batch)

    async def _take(self, handling: Handling, batch: list[Delivery]) -> None:
        if not handling.safeguards.acknowledge_after_commit:
            await self._acknowledge(batch)
        try:
            await self._until_kept(handling, [fact for _, fact in batch])
        except Exception as error:
            await self._refuse(handling, batch, error)
        else:
            await self._acknowledge(batch if handling.safeguards.acknowledge_after_commit else [])

    async def _until_kept(self, handling: Handling, facts: list[Incoming]) -> None:
        """Nothing is acknowledged while the database is away."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                await handling.take(facts)
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("facts wait for the database", service=self.settings.service, error=repr(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                return

    async def _refuse(self, handling: Handling, batch: list[Delivery], error: Exception) -> None:
        """Find the one that our database would not even park; the dead letters are the last place for it."""
        if len(batch) > 1:
            for delivery in batch:
                await self._take(handling, [delivery])
            return
        ((message, fact),) = batch
        log.error("a fact cannot be kept and goes to the dead letters", fact=fact.envelope.type, error=repr(error))
        await message.reject(requeue=False)

    async def _acknowledge(self, batch: list[Delivery]) -> None:
        """A connection lost meanwhile delivers them again, and the inbox knows them then."""
        for message, _ in batch:
            try:
                await message.ack()
            except (AMQPError, ChannelInvalidStateError, ConnectionError) as error:
                log.info("an acknowledgement was lost", error=repr(error))

    async def _probe(self, broker: RabbitBroker) -> None:
        """Ask the broker something again and again: an open socket proves nothing."""
        connection = await broker.connect()
        # One channel for all: whoever is cancelled while closing one goes on as if nothing had been asked.
        async with connection.channel() as channel:
            while True:
                async with asyncio.timeout(RECONNECT_LIMIT_S):
                    queue = await channel.declare_queue(self.queue, passive=True, robust=False)
                self.backlog = queue.declaration_result.message_count or 0
                self.answered_at = time.monotonic()
                await asyncio.sleep(PROBE_S)


async def _undecoded(message: RabbitMessage) -> RabbitMessage:
    """The stored bytes are the message: nobody but chassis.consumers reads them."""
    return message


def _check_sender(routing_key: str, source: str, kind: str) -> None:
    """The broker lets a user publish under its own name only; a body in another's name is a forgery."""
    sender, _, rest = routing_key.partition(".")
    if sender != source or kind.partition(".")[0] != source or not (routing_key == kind or rest.startswith("resend.")):
        raise ValueError(f"{kind} of {source} came under the name {routing_key}")
