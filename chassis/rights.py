"""What may a service's own role do in its database? What it needs, and no more: history is only ever added to.

The tables belong to the owner, whose credential the migration alone has. The service's role, which carries the database's
name, may read and write them; where that is more than it needs, the table says so in its `info`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

KEY = "rights"


@dataclass(frozen=True, slots=True)
class Rights:
    """`insert` and `update` name columns where not all are meant; None means that nothing may be changed.

    What is `hidden` the reader's role does not see.
    """

    insert: tuple[str, ...] = ()
    update: tuple[str, ...] | None = ()
    delete: bool = False
    hidden: bool = False

    def on(self, table: str) -> str:
        """The privileges as GRANT wants them."""
        parts = ["SELECT", "INSERT" + columns(self.insert)]
        if self.update is not None:
            parts.append("UPDATE" + columns(self.update))
        if self.delete:
            parts.append("DELETE")
        return f'GRANT {", ".join(parts)} ON "{table}" TO'


def columns(names: tuple[str, ...]) -> str:
    return f" ({', '.join(names)})" if names else ""


USUAL = Rights()
ADDED_TO = {KEY: Rights(update=None)}
DELETED_FROM = {KEY: Rights(delete=True)}
HIDDEN = {KEY: Rights(hidden=True)}

# Nobody can look over somebody's shoulder with the reader's role: no sign-ins, no keys.
HIDDEN_FROM_READERS = ("sessions", "login_attempts")
CLOCKS = ("factory_clock", "factory_floor")
EXISTS = text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)")
# A partition is reached by way of its table alone, with the rights on that.
TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT relispartition ORDER BY relname"
)
# What the owner does for the service, and only so: functions that run with the owner's rights.
FUNCTIONS = text(
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1"
)


async def grant_rights(connection: AsyncConnection, role: str, *declared: MetaData) -> None:
    """Let the service's role, and its reader's, do what they may: exactly that, whatever they could before.

    A server on which there are no such roles (a test's, where one user does everything) is left as it is.
    """
    reader = f"{role}_reader"
    there = set(await connection.scalars(EXISTS, {"names": [role, reader]}))
    tables, functions = [list(await connection.scalars(query)) for query in (TABLES, FUNCTIONS)]
    known = {name: table for metadata in declared for name, table in metadata.tables.items()}
    if role in there:
        for statement in service_rights(role, tables, functions, known):
            await connection.exec_driver_sql(statement)
    if reader in there:
        for statement in reader_rights(reader, tables, known):
            await connection.exec_driver_sql(statement)


def service_rights(role: str, tables: list[str], functions: list[str], known: dict[str, Table]) -> Iterator[str]:
    yield f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"'
    yield f'GRANT USAGE ON SCHEMA public TO "{role}"'
    yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"'
    yield f'GRANT SELECT, UPDATE ON SEQUENCE {", ".join(CLOCKS)} TO "{role}"'
    for function in functions:
        yield f'GRANT EXECUTE ON FUNCTION {function} TO "{role}"'
    for name in tables:
        if name == "alembic_version":
            yield f'GRANT SELECT ON {name} TO "{role}"'
        else:
            yield f'{rights_on(name, known).on(name)} "{role}"'


def rights_on(name: str, known: dict[str, Table]) -> Rights:
    """What a table's declaration says, else what is usual."""
    rights: Rights = known[name].info.get(KEY, USUAL) if name in known else USUAL
    return rights


def reader_rights(reader: str, tables: list[str], known: dict[str, Table]) -> Iterator[str]:
    yield f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{reader}"'
    yield f'GRANT USAGE ON SCHEMA public TO "{reader}"'
    for name in tables:
        if name not in HIDDEN_FROM_READERS and not rights_on(name, known).hidden:
            yield f'GRANT SELECT ON "{name}" TO "{reader}"'
