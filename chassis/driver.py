"""How do the statements that run with every command and every fact cost little?

Given to the database's driver itself, in the session's own transaction, a statement costs a third of what it costs by way of
SQLAlchemy; several that belong to a transaction's end go there together.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# SQLAlchemy begins its transaction with its first statement, and the driver's must be inside.
FIRST = text("SELECT true")
PARAMETER = re.compile(r"\$(\d+)")


class Part(NamedTuple):
    """One of several statements that are sent as one; `sql` counts its parameters from $1."""

    name: str
    sql: str
    values: Sequence[Any]


def unnest(columns: Mapping[str, str]) -> str:
    """Rows given as one array a column, from $1 on; `columns` are names with their types."""
    arrays = (f"${place}::{kind}[]" for place, kind in enumerate(columns.values(), 1))
    return f"unnest({', '.join(arrays)})"


async def driver(session: AsyncSession) -> "asyncpg.Connection[asyncpg.Record]":
    """The driver's connection, inside this transaction; outside of any where the session is for looking only."""
    connection: asyncpg.Connection[asyncpg.Record] | None = session.info.get("driver")
    if connection is None:
        adapted = await (await session.connection()).get_raw_connection()
        connection = session.info["driver"] = adapted.driver_connection
        assert connection is not None
    if not session.info["looking"] and not connection.is_in_transaction():
        await session.execute(FIRST)
    return connection


async def fetch(session: AsyncSession, sql: str, *values: Any) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await (await driver(session)).fetch(sql, *values)
    return rows


async def execute_together(session: AsyncSession, parts: Sequence[Part]) -> list[asyncpg.Record]:
    """Send statements that change different tables as one; the rows that the last one returns."""
    values = [value for part in parts for value in part.values]
    shapes = tuple((part.name, part.sql, len(part.values)) for part in parts)
    return await fetch(session, _together(shapes), *values)


@lru_cache(maxsize=64)
def _together(shapes: tuple[tuple[str, str, int], ...]) -> str:
    """All but the last as parts of its WITH, parameters counted through."""
    parts, before = [], 0
    for name, sql, count in shapes:
        parts.append((name, PARAMETER.sub(lambda found, by=before: f"${int(found[1]) + by}", sql)))  # type: ignore[misc]
        before += count
    *first, (_, last) = parts
    return (f"WITH {', '.join(f'{name} AS ({sql})' for name, sql in first)} " if first else "") + last
