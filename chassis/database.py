"""How does a service reach its database, and where does a transaction begin and end?"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

import asyncpg
import orjson
from sqlalchemy import Engine, exc
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from chassis.ending import write_end
from chassis.uuid7 import uuid7
from chassis.waiting import wake_arrived
from contracts.event import SYSTEM_ACTOR, Actor

__all__ = [
    "SYSTEM",
    "after_commit",
    "connect",
    "is_away",
    "is_conflict",
    "is_deadlock",
    "is_full",
    "reading",
    "savepoint",
    "transaction",
    "uuid7",
]

SYSTEM = Actor(employee=SYSTEM_ACTOR)
CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 30

BLANK = {"act": None, "driver": None, "envelope": None, "looking": False, "woken": False}

Hook = Callable[[AsyncSession], None]
_hooks: WeakKeyDictionary[Engine, list[Hook]] = WeakKeyDictionary()
_derived: WeakKeyDictionary[Engine, AsyncEngine] = WeakKeyDictionary()


def connect(url: str, pool_size: int = 8, *, application_name: str = "handover") -> AsyncEngine:
    """An engine on `url` (postgresql://…) whose statements, locks and idle transactions are all bounded in time.

    What a failed statement was given is in no message: logs are read by more people than documents.
    """
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        pool_timeout=STATEMENT_TIMEOUT_S,
        pool_recycle=3600,
        json_serializer=as_json,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": STATEMENT_TIMEOUT_S + 5,
            "prepared_statement_cache_size": 500,
            "server_settings": {
                "application_name": application_name,
                "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "60s",
                "jit": "off",
            },
        },
    )


def as_json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


@asynccontextmanager
async def transaction(engine: AsyncEngine, actor: Actor | None = None) -> AsyncIterator[AsyncSession]:
    """The only place that commits. What was published inside is written with it, and the relay is woken after it.

    `session.info` carries "actor" (the system where nobody is given) and, in a consumer, "envelope".
    """
    async with AsyncSession(engine, expire_on_commit=False) as session:
        session.info.update(BLANK, actor=actor or SYSTEM, facts=[], arrived=set(), closing={}, touched=set())
        async with session.begin():
            yield session
            await session.flush()
            await write_end(session)
            await wake_arrived(session)
    for hook in tuple(_hooks.get(engine.sync_engine, ())):
        hook(session)


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """For looking only: each statement by itself, so that nothing has to be begun and ended."""
    async with AsyncSession(_each_by_itself(engine), expire_on_commit=False, autoflush=False) as session:
        session.info.update(BLANK, looking=True)
        yield session


def _each_by_itself(engine: AsyncEngine) -> AsyncEngine:
    """The same connections without transactions; the engine that stands for this is made once."""
    derived = _derived.get(engine.sync_engine)
    if derived is None:
        derived = _derived[engine.sync_engine] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return derived


def after_commit(engine: AsyncEngine, hook: Hook) -> Callable[[], None]:
    """Call `hook` after each transaction that this process commits on `engine`, until what is returned is called."""
    hooks = _hooks.setdefault(engine.sync_engine, [])
    hooks.append(hook)
    return lambda: hooks.remove(hook)


@asynccontextmanager
async def savepoint(session: AsyncSession) -> AsyncIterator[None]:
    """A part of a transaction that may fail alone: its rows and the facts it published are taken back together."""
    kept = {name: session.info[name].copy() for name in ("facts", "arrived", "closing", "touched")}
    try:
        async with session.begin_nested():
            yield
    except BaseException:
        session.info.update(kept)
        raise


def is_conflict(error: BaseException) -> bool:
    """Two transactions got in each other's way (deadlock, serialization, lock timeout): it passes by itself."""
    return _sqlstate(error) in ("40001", "40P01", "55P03")


def is_deadlock(error: BaseException) -> bool:
    """PostgreSQL took this transaction back for another one's sake: done again, it goes through."""
    return (_sqlstate(error) or "")[:2] == "40"


def is_full(error: BaseException) -> bool:
    """There is no room on the disk: what only looks still works."""
    return _sqlstate(error) == "53100"


def is_away(error: BaseException) -> bool:
    """The database cannot be reached or has no room: nothing is wrong with what was asked of it."""
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, asyncpg.InterfaceError) and "closed" in str(error):
        return True
    if isinstance(error, (ConnectionError, TimeoutError, exc.TimeoutError)):
        return True
    return (_sqlstate(error) or "")[:2] in ("08", "53") or (_sqlstate(error) or "")[:4] == "57P0"


def _sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code for an error, as SQLAlchemy wraps it or as the driver raises it."""
    return getattr(error.orig if isinstance(error, exc.DBAPIError) else error, "sqlstate", None)
