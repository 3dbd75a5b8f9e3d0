"""How does each service get a database that no other service can enter, and in which it can do no more than it must?

Three roles each: the owner, who makes the tables and is used by the migration alone; the service's own, which carries the
database's name and has the rights of chassis.rights; and a reader without a password, for an administrator to lend.
"""

import asyncio
import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

GROUP = "handover"
OWNERS = "SELECT datname, pg_get_userbyid(datdba) AS owner FROM pg_database"
# A service that hangs in one statement must not hold the others up for longer than this.
ROLE_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}


class Passwords(NamedTuple):
    """Of a database's two roles that sign in: the service's own and the owner's."""

    own: str
    owner: str


def group() -> str:
    """What the names of this installation's databases begin with; another one keeps two apart on one server."""
    return os.environ.get("HANDOVER_DATABASES", GROUP)


def database_name(service: str, group: str = GROUP) -> str:
    """Role and database carry the same name; the group keeps several systems apart on a shared server."""
    return f"{group}_{service}"


def owner_name(database: str) -> str:
    return f"{database}_owner"


def reader_name(database: str) -> str:
    return f"{database}_reader"


def database_url(admin_url: str, name: str, password: str) -> str:
    """The service's way into the database of its name."""
    return _url(admin_url, name, name, password)


def owner_url(admin_url: str, name: str, password: str) -> str:
    """The migration's way into a database."""
    return _url(admin_url, name, owner_name(name), password)


def _url(admin_url: str, database: str, role: str, password: str) -> str:
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{host}", path=f"/{database}"))


def provision(admin_url: str, passwords: Mapping[str, Passwords]) -> None:
    """Make each named database with its roles where they are missing, and set passwords and limits."""
    asyncio.run(_provision(admin_url, passwords))


async def _provision(admin_url: str, passwords: Mapping[str, Passwords]) -> None:
    admin = await asyncpg.connect(admin_url)
    try:
        roles = {row["rolname"] for row in await admin.fetch("SELECT rolname FROM pg_roles")}
        owners = {row["datname"]: row["owner"] for row in await admin.fetch(OWNERS)}
        for name, words in passwords.items():
            owner, reader = owner_name(name), reader_name(name)
            await _make_role(admin, name, words.own, exists=name in roles)
            await _make_role(admin, owner, words.owner, exists=owner in roles)
            if reader not in roles:
                await admin.execute(f"CREATE ROLE {reader} NOLOGIN")
            if name not in owners:
                await admin.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 STRATEGY file_copy")
            elif owners[name] != owner:
                await _hand_over(admin_url, name, owner)
            await _close_database(admin, name)
    finally:
        await admin.close()


async def _make_role(admin: "asyncpg.Connection", name: str, password: str, *, exists: bool) -> None:
    verb = "ALTER" if exists else "CREATE"
    await admin.execute(f"{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {_literal(password)}")
    for limit, value in ROLE_LIMITS.items():
        await admin.execute(f"ALTER ROLE {name} SET {limit} = '{value}'")


async def _hand_over(admin_url: str, name: str, owner: str) -> None:
    """A database from the time when the service's own role owned it; its migration grants what the role keeps."""
    inside = await asyncpg.connect(urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}")))
    try:
        await inside.execute(f"REASSIGN OWNED BY {name} TO {owner}")
    finally:
        await inside.close()


def _literal(text: str) -> str:
    """Utility statements take no parameters."""
    return "'" + text.replace("'", "''") + "'"


async def _close_database(admin: "asyncpg.Connection", name: str) -> None:
    """Only its three roles may connect: no service can read another's database even with a guessed URL."""
    await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {name}, {reader_name(name)}")


def drop_databases(admin_url: str, names: Iterable[str]) -> None:
    """Forget data and roles on a server that is not ours to delete."""
    asyncio.run(_drop_databases(admin_url, names))


async def _drop_databases(admin_url: str, names: Iterable[str]) -> None:
    admin = await asyncpg.connect(admin_url)
    try:
        for name in names:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await admin.execute(f"DROP ROLE IF EXISTS {name}, {owner_name(name)}, {reader_name(name)}")
    finally:
        await admin.close()
