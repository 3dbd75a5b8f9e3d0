"""How do recorded facts get to the broker, each of them, in order, whatever dies meanwhile?"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import structlog

from chassis.gate import Gate
from chassis.lives import happens, live_on
from chassis.numbering import Chain, Numbered
from chassis.publisher import Publisher
from chassis.recollection import IS_COMPARED, compare_heads, recollect
from chassis.resuming import last_number
from chassis.safeguards import SOUND, Safeguards
from chassis.settings import Settings
from chassis.signing import Signer
from chassis.watermark import Promise, watermark
from contracts.control import Head, SignedWatermark

BATCH = 500
POLL_S = 0.2
PROMISE_POLL_S, PROMISE_POLL_LONGEST_S = 0.01, 0.08
STANDBY_S = 1.0
# A dead leader's lock must be free within seconds, not after the two hours that operating systems grant a silent peer.
KEEPALIVE = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "11000",
    "statement_timeout": "30s",
    "application_name": "handover-relay",
}
LEAD = "SELECT pg_try_advisory_lock(hashtextextended('handover.relay', 0))"
LAST_UNNUMBERED = "SELECT max(id) FROM outbox WHERE sequence IS NULL"

log = structlog.get_logger()

Errand = Callable[[Publisher, Chain], Awaitable[None]]


class NotConfirmed(Exception):
    """The broker did not say that it has routed and stored a fact: it is sent again, and none is skipped."""


@dataclass
class Figures:
    """What the relay has done so far; ages are in real time."""

    leading: bool = False
    published: int = 0
    position: tuple[int, int] | None = None
    said_at: float | None = None
    last: SignedWatermark | None = None


class Relay:
    """The one active sender of a service's database; replicas stand by until the lock is theirs."""

    def __init__(
        self, settings: Settings, signer: Signer, *, gate: Gate | None = None, safeguards: Safeguards = SOUND
    ) -> None:
        self.settings = settings
        self.signer = signer
        self.gate = gate or Gate()
        self.safeguards = safeguards
        self.figures = Figures()
        self.heads: deque[Head] = deque(maxlen=100)
        self.errands: deque[Errand] = deque(maxlen=1000)
        self.hurried = False
        self.held = False
        self.onlookers: set[asyncio.Event] = set()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Facts were committed."""
        self._woken.set()

    def hurry(self) -> None:
        """The factory's clock was stepped: say a watermark at once."""
        self.hurried = True
        self.wake()

    def hold(self, held: bool) -> None:
        """Say nothing while held, as if this relay had died: a scenario keeps a department's messages back so."""
        self.held = held
        self.wake()

    def ask(self, errand: Errand) -> None:
        """Let the leader publish something beside its facts. Forgotten where nobody leads: askers ask again."""
        if self.figures.leading:
            self.errands.append(errand)
            self.wake()

    def has_numbered(self) -> None:
        """Facts have their place in the chain: whoever looks on is told."""
        for onlooker in self.onlookers:
            onlooker.set()

    def heard(self, head: Head) -> None:
        """Somebody answers how far they have heard this source."""
        self.heads.append(head)
        self.wake()

    async def rest(self, seconds: float) -> bool:
        """Wait for work, but no longer than `seconds`; whether there is some."""
        try:
            return await happens(self._woken, seconds)
        finally:
            self._woken.clear()

    async def run(self) -> None:
        """Send until cancelled."""
        await live_on(f"{self.settings.service} relay", self._live)

    async def _live(self) -> None:
        async with self._database() as connection:
            while not await connection.fetchval(LEAD):
                if await connection.fetchval(IS_COMPARED):
                    self.gate.open()
                await self.rest(STANDBY_S)
            try:
                await self._lead(connection)
            finally:
                # Where the broker is away there is nobody to compare with, and that must cost no working time.
                self.gate.open()

    async def _lead(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        settings = self.settings
        chain = await Chain.resume(connection, settings.service)
        name = f"{settings.service} relay"
        async with Publisher.open(settings.broker_url, prefix=settings.bus_prefix, name=name) as publisher:
            self.figures.leading = True
            try:
                await Lead(self, connection, publisher, chain).run()
            finally:
                self.figures.leading, self.figures.position = False, None

    @asynccontextmanager
    async def _database(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """A connection of its own: the lock and all numbering live and die with it.

        What answers after a connection that broke may be another database.
        """
        connection = await asyncpg.connect(
            self.settings.database_url, timeout=10, command_timeout=35, server_settings=KEEPALIVE
        )
        try:
            yield connection
        finally:
            if connection.is_closed():
                self.gate.shut()
            await asyncio.shield(_close(connection))


async def _close(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    try:
        await connection.close(timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


@dataclass
class Lead:
    """One life as the leader: one database connection, one broker connection, one chain."""

    relay: Relay
    connection: "asyncpg.Connection[asyncpg.Record]"
    publisher: Publisher
    chain: Chain
    promise: Promise | None = None
    due_at: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        await recollect(self)
        await self._publish_unconfirmed()
        while True:
            if self.relay.held:
                self.promise = None
                await self.relay.rest(POLL_S)
                continue
            full = await self._forward()
            await self._tend()
            if not full:
                await self._rest()

    async def _rest(self) -> None:
        """Wait for facts. A promise waits for other transactions meanwhile; it is looked at less and less often."""
        pause, until = PROMISE_POLL_S, time.monotonic() + POLL_S
        while self.promise and time.monotonic() < until:
            if await self.relay.rest(pause):
                return
            await self._keep_promise()
            pause = min(2 * pause, PROMISE_POLL_LONGEST_S)
        await self.relay.rest(max(0.0, until - time.monotonic()))

    async def _forward(self) -> bool:
        """Number and publish the next facts; whether there may be more at once."""
        rows = await self.relay.safeguards.claim(self.connection, BATCH)
        if rows:
            await self._publish(await self._numbered(rows))
        return len(rows) == BATCH

    async def _numbered(self, rows: Sequence[asyncpg.Record]) -> list[Numbered]:
        facts = await self.chain.number(rows)
        self.relay.has_numbered()
        return facts

    async def _publish(self, facts: Sequence[Numbered]) -> None:
        """A fact is out only when the broker has confirmed it and all before it."""
        receipt = await self.publisher.send(facts)
        if receipt.done:
            self.chain.published = facts[receipt.done - 1].position
            self.relay.figures.published += receipt.done
            self.relay.figures.position = self.chain.published
        if receipt.problem:
            raise NotConfirmed(receipt.problem)

    async def _publish_unconfirmed(self) -> None:
        """Send again what an earlier life left open; slowly at first, since what fails may fail again.

        Each step is written down: a life that fails at the next one has brought us forward all the same.
        """
        limit = 1
        while facts := await self.chain.unpublished(limit):
            await self._publish(facts)
            await self.chain.mark()
            limit = min(limit * 2, BATCH)

    async def _tend(self) -> None:
        """Everything beside the facts: what others ask of us, and the watermark when it is due."""
        await compare_heads(self)
        await self.run_errands()
        if self.promise is None and (self.relay.hurried or time.monotonic() >= self.due_at):
            self.relay.hurried = False
            self.promise = await self.relay.safeguards.promise.begin(self.connection, self.chain)
        await self._keep_promise()

    async def _keep_promise(self) -> None:
        """Say the watermark once every transaction has ended that could have recorded a fact before it."""
        if self.promise and await self.relay.safeguards.promise.ripe(self.connection, self.promise):
            await self._forward_visible()
            await self._say(self.promise.instant)
            self.promise = None

    async def run_errands(self) -> None:
        while self.relay.errands:
            await self.relay.errands.popleft()(self.publisher, self.chain)

    async def _forward_visible(self) -> None:
        """Number and publish every fact that is visible now."""
        last = await self.connection.fetchval(LAST_UNNUMBERED)
        while last is not None and (rows := await self.relay.safeguards.claim(self.connection, BATCH)):
            await self._publish(await self._numbered(rows))
            if rows[-1]["id"] >= last:
                return

    async def _say(self, instant: datetime) -> None:
        said = watermark(self.chain, instant, await last_number(self.connection))
        signed = self.relay.signer.sign(said)
        await self.publisher.say(f"{self.chain.source}.watermark", signed.model_dump_json().encode())
        self.relay.figures.last, self.relay.figures.said_at = signed, time.monotonic()
        self.due_at = time.monotonic() + self.relay.settings.watermark_seconds
