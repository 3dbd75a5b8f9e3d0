"""How does each service get a database that no other service can enter?"""

import asyncio
import os
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

GROUP = "handover"
# A service that hangs in one statement must not hold the others up for longer than this.
ROLE_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}


def group() -> str:
    """What the names of this installation's databases begin with; another one keeps two apart on one server."""
    return os.environ.get("HANDOVER_DATABASES", GROUP)


def database_name(service: str, group: str = GROUP) -> str:
    """Role and database carry the same name; the group keeps several systems apart on a shared server."""
    return f"{group}_{service}"


def database_url(admin_url: str, name: str, password: str) -> str:
    """The role's way into the database of its name."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{name}:{quote(password, safe='')}@{host}", path=f"/{name}"))


def provision(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Make each named role and its database where they are missing, and set password and limits."""
    asyncio.run(_provision(admin_url, passwords))


async def _provision(admin_url: str, passwords: Mapping[str, str]) -> None:
    admin = await asyncpg.connect(admin_url)
    try:
        roles = {row["rolname"] for row in await admin.fetch("SELECT rolname FROM pg_roles")}
        databases = {row["datname"] for row in await admin.fetch("SELECT datname FROM pg_database")}
        for name, password in passwords.items():
            await _make_role(admin, name, password, exists=name in roles)
            if name not in databases:
                await _make_database(admin, name)
    finally:
        await admin.close()


async def _make_role(admin: "asyncpg.Connection", name: str, password: str, *, exists: bool) -> None:
    verb = "ALTER" if exists else "CREATE"
    await admin.execute(f"{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {_literal(password)}")
    for limit, value in ROLE_LIMITS.items():
        await admin.execute(f"ALTER ROLE {name} SET {limit} = '{value}'")


def _literal(text: str) -> str:
    """Utility statements take no parameters."""
    return "'" + text.replace("'", "''") + "'"


async def _make_database(admin: "asyncpg.Connection", name: str) -> None:
    """Only its owner may connect: no service can read another's database even with a guessed URL."""
    await admin.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 STRATEGY file_copy")
    await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")


def drop_databases(admin_url: str, names: Iterable[str]) -> None:
    """Forget data and roles on a server that is not ours to delete."""
    asyncio.run(_drop_databases(admin_url, names))


async def _drop_databases(admin_url: str, names: Iterable[str]) -> None:
    admin = await asyncpg.connect(admin_url)
    try:
        for name in names:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await admin.execute(f"DROP ROLE IF EXISTS {name}")
    finally:
        await admin.close()
