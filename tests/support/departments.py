"""How does a test use one department alone: its real API on a real database, facts in by hand, facts out by reading?"""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib import import_module
from typing import Any

import asyncpg
import httpx
import orjson
from fastapi import FastAPI
from filelock import FileLock
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import State

from chassis.app import Service, create_app, equip
from chassis.clock import step_to
from chassis.database import connect, transaction, uuid7
from chassis.migrate import migrate
from chassis.people import on_employee_registered, on_post_assigned
from chassis.settings import ClockMode, Settings
from contracts.accountability import EmployeeRegistered, PostAssigned
from contracts.catalogue import ALL_EVENTS
from contracts.event import Envelope, Event
from services.accountability.people.founding import found_database
from tests.support import infra

MORNING = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, a Tuesday
SECRET = "a secret of the tests, long enough for a token"


@dataclass
class Department:
    """One service without the bus: `as_(employee)` speaks to its API, `hear` feeds it facts, `facts` reads its own."""

    service: Service
    app: FastAPI
    engine: AsyncEngine
    now: datetime = MORNING

    def as_(self, employee: str, *, language: str = "en") -> httpx.AsyncClient:
        """A client signed in as this employee."""
        headers = {"Authorization": f"Bearer {self.app.state.tokens.make(employee)}", "Accept-Language": language}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://test", headers=headers)

    async def do(self, employee: str, command: str, no: str | None = None, /, **form: Any) -> dict[str, Any]:
        """Carry out a command by its operation id; fails the test when it is refused."""
        answer = await self.attempt(employee, command, no, **form)
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def attempt(self, employee: str, command: str, no: str | None = None, /, **form: Any) -> httpx.Response:
        """The same, refusals included."""
        wanted = self.service.desk.commands[command]
        url = f"/api/{self.service.desk.path_of(wanted).format(no=no)}"
        async with self.as_(employee) as client:
            return await client.post(url, json=form)

    async def refused(self, employee: str, command: str, no: str | None = None, /, **form: Any) -> str:
        """The code with which a command is refused; fails the test when it is not."""
        answer = await self.attempt(employee, command, no, **form)
        assert not answer.is_success, answer.text
        return str(answer.json()["code"])

    async def hear(self, event: Event, *, source: str | None = None, said_at: datetime | None = None) -> None:
        """Handle one fact of another department as the bus would, once; it may have been said earlier than it is heard."""
        consumers = self.service.consumers
        assert consumers is not None
        envelope = Envelope(
            id=uuid7(),
            source=source or event.publisher(),
            type=event.name,
            subject=event.order_no,
            time=said_at or self.now,
            occurredat=said_at or self.now,
            actor="system",
            epoch=1,
            sequence=1,
            number=1,
            data=event.model_dump(mode="json"),
        )
        async with transaction(self.engine) as session:
            await consumers.handle(envelope, session)

    async def facts(self, *names: str) -> list[Event]:
        """What this department has stated, oldest first; only the named ones when names are given."""
        async with self.engine.connect() as connection:
            rows = (await connection.execute(text("SELECT event, data FROM outbox ORDER BY id"))).all()
        return [ALL_EVENTS[row.event].model_validate(row.data) for row in rows if not names or row.event in names]

    async def employ(self, **people: str) -> None:
        """Put people into their posts: `await department.employ(salesperson="E-001")`."""
        async with transaction(self.engine) as session:
            for post, employee in people.items():
                await on_employee_registered(
                    EmployeeRegistered(employee=employee, nickname=f"小{employee[-1]}", department=self.service.name),
                    session,
                )
                await on_post_assigned(
                    PostAssigned(
                        assignment_no=f"{employee}-{post}",
                        employee=employee,
                        post=post,
                        effective_from=MORNING - timedelta(days=30),
                        assigned_by="system",
                    ),
                    session,
                )

    async def as_owner(self, statement: str) -> None:
        """Do to the database what no service has the right to do."""
        connection = await asyncpg.connect(infra.url_of(self.engine.url.database or ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def meet(self, table: str, *works: Coroutine[Any, Any, Any]) -> list[Any]:
        """Let works run into each other: each goes as far as it can before anybody writes to `table`, then all go on."""
        async with self.engine.connect() as connection:
            await connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
            tasks = []
            for work in works:
                tasks.append(asyncio.create_task(work))
                await self.until_stuck(tasks)
            await connection.rollback()
        return await asyncio.gather(*tasks)

    async def until_stuck(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Wait until each of these is done or waits for a lock."""
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        for _ in range(500):
            async with self.engine.connect() as connection:
                stuck = await connection.scalar(query)
            if (stuck or 0) + sum(task.done() for task in tasks) >= len(tasks):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("nobody came to wait for anybody")

    async def wait_until(self, instant: datetime) -> None:
        """Move the factory's clock."""
        await step_to(self.engine, instant)
        self.now = instant


Preparation = Callable[[Department], Awaitable[None]]


@asynccontextmanager
async def department(
    name: str, *, begin: Mapping[str, Any] | None = None, prepared: Preparation | None = None
) -> AsyncIterator[Department]:
    """A department with a database of its own and a service's rights on it, at nine on a Tuesday morning.

    It is empty, or where accountability is asked for with a beginning, founded with that. What it is `prepared` by is done
    once in a run; the tests that share it have copies.
    """
    database = f"{name}_{uuid.uuid4().hex[:12]}"
    await infra.create_database(database, await template(name, begin, prepared))
    try:
        async with opened(name, database) as it:
            yield it
    finally:
        await infra.drop_database(database)


@asynccontextmanager
async def opened(name: str, database: str) -> AsyncIterator[Department]:
    """The department whose database this is."""
    url = infra.as_service(infra.url_of(database))
    engine = connect(url, pool_size=4)
    service, app = application(name, url)
    app.state.engine = engine
    try:
        await step_to(engine, MORNING)
        yield Department(service, app, engine)
    finally:
        await engine.dispose()


def application(name: str, database_url: str) -> tuple[Service, FastAPI]:
    """A department's real application with a state of its own; routes and templates never change and are made once a process."""
    service, app = service_of(name), copy(built(name))
    app.state = State({part: app.state[part] for part in app.state})
    equip(app, service, settings_of(name, database_url))
    return service, app


@cache
def built(name: str) -> FastAPI:
    return create_app(service_of(name), settings_of(name, "postgresql://nowhere"))


def service_of(name: str) -> Service:
    service: Service = import_module(f"services.{name}.main").service
    return service


@cache
def settings() -> Settings:
    """What all of them have in common; reading the environment once is enough."""
    return Settings(
        service="any", database_url="postgresql://", broker_url="amqp://", clock=ClockMode.STEPPED, token_secret=SECRET
    )


def settings_of(name: str, database_url: str) -> Settings:
    return settings().model_copy(update={"service": name, "database_url": database_url})


async def template(name: str, begin: Mapping[str, Any] | None = None, prepared: Preparation | None = None) -> str:
    """A migrated database to copy from, empty, founded or prepared, made once per run, service, beginning and preparation."""
    if prepared is not None:
        earlier, by = await template(name, begin), f"{prepared.__module__}.{prepared.__qualname__}"
        content = hashlib.sha256(by.encode()).hexdigest()[:12]
        return await once(f"{earlier}_{content}", partial(made_ready, name, earlier, prepared))
    if begin is None:
        return await once(f"template_{name}_{infra.run_name()}", partial(migrated, name))
    content = hashlib.sha256(orjson.dumps(begin, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
    return await once(f"template_{name}_{infra.run_name()}_{content}", partial(founded, name, begin))


async def once(database: str, make: Callable[[str], Awaitable[None]]) -> str:
    """Let the first process of the run that asks make the database; the others wait for it."""
    made = infra.run_place() / f"{database}.made"
    if made.exists():
        return database
    lock = FileLock(made.with_suffix(".lock"))
    await asyncio.to_thread(lock.acquire)
    try:
        if not made.exists():
            await make(database)
            made.touch()
    finally:
        lock.release()
    return database


async def migrated(name: str, database: str) -> None:
    await infra.make_role()
    await migrate(name, await infra.create_database(database), ClockMode.STEPPED, role=infra.ROLE)


async def made_ready(name: str, earlier: str, prepared: Preparation, database: str) -> None:
    await infra.create_database(database, earlier)
    async with opened(name, database) as it:
        await prepared(it)


async def founded(name: str, begin: Mapping[str, Any], database: str) -> None:
    url = infra.as_service(await infra.create_database(database, await template(name)))
    assert await found_database(url, {"at": MORNING, **begin})


async def readers(department: Department, path: str, *people: str) -> list[str]:
    """To which of these people the API shows a document; it is in nobody else's list either."""
    shelf, _, no = path.rpartition("/")
    seeing = []
    for who in people:
        async with department.as_(who) as client:
            shown = (await client.get(f"/api/{path}")).status_code == 200
            assert (f'"{no}"' in (await client.get(f"/api/{shelf}")).text) is shown
        seeing += [who] * shown
    return seeing
