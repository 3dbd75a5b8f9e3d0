"""How do the bus's own tests get departments? Tiny ones of the chassis alone, on real databases and a real broker.

Sales orders, pmc plans what was ordered, the warehouse ships what was planned: a number has one effect in each.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import aio_pika
from filelock import FileLock
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.bus import Bus
from chassis.clock import factory_now
from chassis.consumers import Consumers
from chassis.database import connect, transaction, uuid7
from chassis.documents import next_numbers
from chassis.handling import Incoming
from chassis.migrate import migrate
from chassis.outbox import publish
from chassis.safeguards import SOUND, Safeguards
from chassis.settings import ClockMode, Settings
from contracts.event import EXCHANGE, Event, compose, decode
from deploy.rabbitmq import topology
from tests.support import infra

MIGRATIONS = Path(__file__).parent / "migrations"
SECRET = "a secret of the tests, long enough for a token"
PATIENCE_S = 90.0


class Ordered(Event):
    """A customer wants number n."""

    name: ClassVar[str] = "sales.sample_ordered.v1"

    n: int


class Planned(Event):
    """Number n is planned."""

    name: ClassVar[str] = "pmc.sample_planned.v1"

    n: int


class Shipped(Event):
    """Number n has left."""

    name: ClassVar[str] = "warehouse.sample_shipped.v1"

    n: int


EFFECT = text("INSERT INTO effects (event, n) VALUES (:event, :n)")


def pmc_consumers() -> Consumers:
    consumers = Consumers("pmc")

    @consumers.on(Ordered)
    async def on_sample_ordered(event: Ordered, session: AsyncSession) -> None:
        await session.execute(EFFECT, {"event": event.name, "n": event.n})
        await publish(session, Planned(n=event.n))

    return consumers


def warehouse_consumers() -> Consumers:
    consumers = Consumers("warehouse")

    @consumers.on(Planned)
    async def on_sample_planned(event: Planned, session: AsyncSession) -> None:
        await session.execute(EFFECT, {"event": event.name, "n": event.n})
        await publish(session, Shipped(n=event.n))

    return consumers


def sales_consumers() -> Consumers:
    consumers = Consumers("sales")

    @consumers.on(Shipped)
    async def on_sample_shipped(event: Shipped, session: AsyncSession) -> None:
        await session.execute(EFFECT, {"event": event.name, "n": event.n})

    return consumers


CONSUMERS: dict[str, Callable[[], Consumers]] = {
    "sales": sales_consumers,
    "pmc": pmc_consumers,
    "warehouse": warehouse_consumers,
}


@dataclass
class Member:
    """One department: its database, and its bus while it is up."""

    settings: Settings
    engine: AsyncEngine
    consumers: Consumers
    safeguards: Safeguards = SOUND
    running: Bus | None = None

    @property
    def name(self) -> str:
        return self.settings.service

    @property
    def bus(self) -> Bus:
        assert self.running is not None, f"{self.name} is not started"
        return self.running

    async def start(self) -> Bus:
        self.running = Bus(self.name, self.settings, self.engine, self.consumers, safeguards=self.safeguards)
        await self.running.start()
        return self.running

    async def stop(self) -> None:
        if self.running:
            await self.running.stop()
            self.running = None

    async def state(self, *events: Event) -> None:
        """State facts in one transaction, as a command would."""
        async with transaction(self.engine) as session:
            await publish(session, *events)

    async def rows(self, query: str, **values: Any) -> Sequence[Any]:
        """What a query finds; a connection that a killed server left behind is noticed only here, and another one is taken."""
        try:
            return await self._rows(query, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await self._rows(query, values)

    async def _rows(self, query: str, values: dict[str, Any]) -> Sequence[Any]:
        async with self.engine.connect() as connection:
            return (await connection.execute(text(query), values)).all()

    async def value(self, query: str, **values: Any) -> Any:
        async with self.engine.connect() as connection:
            return await connection.scalar(text(query), values)

    async def change(self, statement: str, **values: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text(statement), values)

    async def effects(self) -> list[int]:
        """The numbers that had an effect here, in the order of the effects, as often as they had it."""
        return [row.n for row in await self.rows("SELECT n FROM effects ORDER BY id")]

    async def wires(self) -> list[bytes]:
        """Every numbered fact's bytes in the order of the chain."""
        return [row.wire for row in await self.rows("SELECT wire FROM outbox WHERE wire IS NOT NULL ORDER BY sequence")]


@dataclass
class Company:
    """Departments on one bus of their own. What they make goes when the test ends."""

    broker_url: str
    prefix: str
    members: list[Member] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)

    async def declare(self, handled: Mapping[str, Iterable[str]] | None = None) -> None:
        """Exchanges, queues and bindings; each department hears what its consumers handle, unless told otherwise."""
        types = {name: tuple(types) for name, types in (handled or {}).items()}
        default = {name: make().names() for name, make in CONSUMERS.items()}
        await topology.declare(self.broker_url, prefix=self.prefix, handled={**default, **types})

    async def member(
        self,
        name: str,
        consumers: Consumers | None = None,
        *,
        mode: ClockMode = ClockMode.REAL,
        safeguards: Safeguards = SOUND,
        database_url: str | None = None,
        **settings: Any,
    ) -> Member:
        """A department, not yet started, on a fresh database unless one is given."""
        url = database_url or await self.database(name, mode)
        chosen = self.settings(name, url, clock=mode, **settings)
        engine = connect(url, 8, application_name=f"test-{name}")
        member = Member(chosen, engine, consumers or CONSUMERS[name](), safeguards)
        self.members.append(member)
        return member

    def settings(self, name: str, url: str, **settings: Any) -> Settings:
        usual = {
            "broker_url": self.broker_url,
            "bus_prefix": self.prefix,
            "watermark_seconds": 0.2,
            "resend_after_seconds": 0.5,
            "head_wait_seconds": 0.3,
        }
        return Settings(service=name, database_url=url, token_secret=SECRET, **{**usual, **settings})

    async def database(self, name: str, mode: ClockMode = ClockMode.REAL) -> str:
        made = f"bus_{name}_{uuid.uuid4().hex[:10]}"
        self.databases.append(made)
        return await infra.create_database(made, await template(mode))

    async def publish(self, wires: Iterable[bytes], key: str, exchange: str = EXCHANGE) -> None:
        """Put bytes on the bus by hand, past every relay."""
        async with await aio_pika.connect(self.broker_url) as connection:
            channel = await connection.channel()
            target = await channel.get_exchange(self.prefix + exchange, ensure=False)
            for wire in wires:
                message = aio_pika.Message(wire, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                await target.publish(message, key, mandatory=False)

    async def queue_length(self, name: str) -> int:
        async with await aio_pika.connect(self.broker_url) as connection:
            queue = await (await connection.channel()).declare_queue(self.prefix + name, passive=True)
            return queue.declaration_result.message_count or 0

    async def take(self, name: str, count: int) -> list[bytes]:
        """The first messages of one of this bus's queues, taken out of it."""
        async with await aio_pika.connect(self.broker_url) as connection:
            queue = await (await connection.channel()).get_queue(self.prefix + name, ensure=False)
            return [(await queue.get(no_ack=True, timeout=PATIENCE_S)).body for _ in range(count)]

    async def dead_letter(self, service: str, body: bytes) -> bool:
        """Whether this message lies among the service's dead letters; it is taken away then."""
        async with await aio_pika.connect(self.broker_url) as connection:
            queue = await (await connection.channel()).get_queue(f"{service}.dead", ensure=False)
            while message := await queue.get(fail=False, timeout=PATIENCE_S):
                if message.body == body:
                    await message.ack()
                    return True
        return False

    async def purge(self, name: str) -> None:
        """Empty one of this bus's queues."""
        async with await aio_pika.connect(self.broker_url) as connection:
            queue = await (await connection.channel()).get_queue(self.prefix + name, ensure=False)
            await queue.purge()

    async def delete_queue(self, name: str) -> None:
        async with await aio_pika.connect(self.broker_url) as connection:
            await (await connection.channel()).queue_delete(self.prefix + name)

    async def close(self) -> None:
        await asyncio.gather(*(member.stop() for member in self.members))
        for member in self.members:
            await member.engine.dispose()
        for database in self.databases:
            await infra.drop_database(database)

    async def undeclare(self) -> None:
        wanted = topology.definitions(tuple(CONSUMERS), prefix=self.prefix, handled={})
        async with await aio_pika.connect(self.broker_url) as connection:
            channel = await connection.channel()
            for queue in wanted["queues"]:
                if queue["name"].startswith(self.prefix):
                    await channel.queue_delete(queue["name"])
            for exchange in wanted["exchanges"]:
                if exchange["name"].startswith(self.prefix):
                    await channel.exchange_delete(exchange["name"])


@asynccontextmanager
async def company_at(broker_url: str, prefix: str) -> AsyncIterator[Company]:
    company = Company(broker_url, prefix)
    try:
        yield company
    finally:
        await company.close()


async def template(mode: ClockMode) -> str:
    """A migrated database that is copied for every department of this run."""
    name = f"bus_template_{mode}_{infra.run_name()}"
    made = infra.run_place() / f"{name}.made"
    lock = FileLock(infra.run_place() / f"{name}.lock")
    await asyncio.to_thread(lock.acquire)
    try:
        if not made.exists():
            await migrate("sales", await infra.create_database(name), mode, folder=MIGRATIONS)
            made.touch()
    finally:
        lock.release()
    return name


def incoming(
    event: Event, number: int, *, epoch: int = 1, at: datetime | None = None, redelivered: bool = False
) -> Incoming:
    """A fact as the broker would hand it over."""
    time_ = at or datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=number)
    wire = compose(
        id=uuid7(),
        source=event.publisher(),
        type=event.name,
        subject=event.order_no,
        recorded_at=time_,
        occurred_at=time_,
        actor="E-001",
        actor_post=None,
        actor_acting=False,
        epoch=epoch,
        sequence=number,
        number=number,
        traceparent=None,
        baggage=None,
        data=event.model_dump_json().encode(),
    )
    return Incoming(decode(wire), wire, redelivered)


async def until(condition: Callable[[], Awaitable[bool]], *, within: float = PATIENCE_S) -> float:
    """Wait until `condition` holds and return the seconds it took; fails the test when it does not in time."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < within, f"not so within {within} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def numbered(member: Member, count: int) -> list[str]:
    """The numbers that so many new documents of this department get today."""
    async with transaction(member.engine) as session:
        return await next_numbers(session, "SOD", await factory_now(session), count)


async def has_effects(member: Member, count: int) -> bool:
    return len(await member.effects()) >= count
