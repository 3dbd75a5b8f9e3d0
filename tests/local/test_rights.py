"""What a service's role may do in its database and what it may not, as a table of statements and of their refusals."""

import asyncio

import asyncpg
import pytest

from chassis.migrate import migrate
from chassis.settings import ClockMode
from deploy.local.databases import Passwords, database_name, database_url, owner_url, provision
from deploy.local.postgres import PostgresServer

SERVICES = ("sales", "accountability", "pmc")
STATE = (
    "INSERT INTO outbox (event_id, event, data, actor, actor_acting, occurred_at) "
    "VALUES (gen_random_uuid(), 'sales.said.v1', '{}', 'E-001', false, now())"
)
ACT = (
    "INSERT INTO acts (id, at, employee, acting, command, key, fingerprint, outcome, request) "
    "VALUES (gen_random_uuid(), now(), 'E-001', false, 'c', 'k', 'f', 'refused', '{}')"
)
ENTER = """
SELECT open_ledger_month(now());
INSERT INTO ledger VALUES (1, 'sales', 1, 1, 'sales.said.v1', NULL, now(), now(), now(), '\\x00', '\\x00', '\\x00')
"""

ALLOWED = [
    ("sales", STATE),
    ("sales", "UPDATE outbox SET epoch = 1, sequence = 1, number = 1, wire = '\\x00', hash = '\\x00'"),
    ("sales", "SELECT forget_facts(400)"),
    ("sales", ACT),
    ("sales", "SELECT count(*) FROM acts"),
    ("sales", "INSERT INTO document_numbers VALUES ('SOD', current_date, 1)"),
    ("sales", "LOCK TABLE document_numbers IN SHARE ROW EXCLUSIVE MODE"),
    ("sales", "DELETE FROM sessions"),
    ("sales", "UPDATE orders SET status = status"),
    ("sales", "SELECT setval('factory_floor', 1)"),
    ("accountability", ENTER),
    ("accountability", "DELETE FROM ledger_early"),
    ("accountability", "UPDATE penalty_records SET status = status"),
    ("pmc", "DELETE FROM operations"),
]
REFUSED = [
    ("sales", "UPDATE acts SET outcome = 'done'"),
    ("sales", "DELETE FROM acts"),
    ("sales", "TRUNCATE acts"),
    ("sales", "ALTER TABLE acts ADD COLUMN more int"),
    ("sales", "DROP TABLE acts"),
    ("sales", "UPDATE outbox SET data = '{}'"),
    ("sales", "UPDATE outbox SET recorded_at = now()"),
    ("sales", STATE.replace("occurred_at) ", "occurred_at, recorded_at) ").replace("now())", "now(), now())")),
    ("sales", STATE.replace("occurred_at) ", "occurred_at, sequence) ").replace("now())", "now(), 7)")),
    ("sales", "DELETE FROM outbox"),
    ("sales", "TRUNCATE outbox"),
    ("sales", "DROP TRIGGER record_fact ON outbox"),
    ("sales", "ALTER TABLE outbox DISABLE TRIGGER ALL"),
    ("sales", "CREATE OR REPLACE FUNCTION factory_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"),
    ("sales", "SELECT setval(pg_get_serial_sequence('outbox', 'id'), 1)"),
    ("sales", "DELETE FROM orders"),
    ("sales", "DELETE FROM relay_state"),
    ("sales", "DELETE FROM document_numbers"),
    ("sales", "DELETE FROM duties"),
    ("sales", "CREATE TABLE mine (id int)"),
    ("sales", "CREATE TEMPORARY TABLE mine (id int)"),
    ("sales", "CREATE SCHEMA mine"),
    ("sales", "GRANT handover_sales_owner TO handover_sales"),
    ("sales", "SET ROLE handover_sales_owner"),
    ("sales", "SET session_replication_role = replica"),
    ("sales", "CREATE ROLE another"),
    ("sales", "ALTER DATABASE handover_pmc RENAME TO mine"),
    ("sales", "COPY acts TO '/tmp/acts'"),
    ("sales", "UPDATE alembic_version SET version_num = 'x'"),
    ("accountability", "UPDATE ledger SET body = '\\x01'"),
    ("accountability", "DELETE FROM ledger"),
    ("accountability", "TRUNCATE ledger"),
    ("accountability", "DROP TRIGGER ledger_is_append_only ON ledger"),
    ("accountability", "DROP FUNCTION refuse_to_change_the_ledger()"),
    ("accountability", "DELETE FROM penalty_records"),
    ("accountability", "DELETE FROM ledger_head"),
]
READERS_REFUSED = [
    "SELECT * FROM sessions",
    "SELECT * FROM login_attempts",
    "INSERT INTO document_numbers VALUES ('SOD', current_date, 1)",
    "UPDATE orders SET status = status",
    "SELECT forget_facts(400)",
]


@pytest.fixture(scope="module")
def installed(server: PostgresServer) -> PostgresServer:
    """Three departments as an installation makes them, on one server for the whole table."""
    provision(server.admin_url, {database_name(name): Passwords("own", "owned") for name in SERVICES})
    for name in SERVICES:
        asyncio.run(migrate(name, owners_url(server, name), ClockMode.REAL))
    return server


def owners_url(server: PostgresServer, service: str) -> str:
    return owner_url(server.admin_url, database_name(service), "owned")


def url_of(server: PostgresServer, service: str) -> str:
    return database_url(server.admin_url, database_name(service), "own")


def admins_url(server: PostgresServer, database: str) -> str:
    return server.admin_url.removesuffix("postgres") + database


async def attempt(url: str, *statements: str) -> None:
    """Everything in one transaction that is taken back."""
    connection = await asyncpg.connect(url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        for statement in statements:
            await connection.execute(statement)
        await transaction.rollback()
    finally:
        await connection.close()


@pytest.mark.parametrize(("service", "statement"), ALLOWED)
async def test_a_service_may_do_what_it_needs(installed: PostgresServer, service: str, statement: str):
    await attempt(url_of(installed, service), statement)


@pytest.mark.parametrize(("service", "statement"), REFUSED)
async def test_a_service_may_do_nothing_else(installed: PostgresServer, service: str, statement: str):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attempt(url_of(installed, service), statement)


@pytest.mark.parametrize("other", ["handover_accountability", "handover_pmc"])
async def test_a_service_enters_no_other_database(installed: PostgresServer, other: str):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attempt(url_of(installed, "sales").removesuffix("handover_sales") + other)


@pytest.mark.parametrize("statement", READERS_REFUSED)
async def test_a_reader_looks_and_does_nothing_else(installed: PostgresServer, statement: str):
    admin = admins_url(installed, "handover_sales")
    await attempt(admin, "SET ROLE handover_sales_reader", "SELECT * FROM orders", "SELECT * FROM acts")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attempt(admin, "SET ROLE handover_sales_reader", statement)


async def test_nobody_signs_in_as_a_reader(installed: PostgresServer):
    url = url_of(installed, "sales").replace("handover_sales:own", "handover_sales_reader:own")

    with pytest.raises((asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError)):
        await attempt(url)


async def test_migrating_again_takes_away_a_right_that_somebody_gave(installed: PostgresServer):
    admin = admins_url(installed, "handover_sales")
    connection = await asyncpg.connect(admin)
    await connection.execute("GRANT DELETE ON acts TO handover_sales")
    await connection.close()
    await attempt(url_of(installed, "sales"), "DELETE FROM acts")

    await migrate("sales", owners_url(installed, "sales"), ClockMode.REAL)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attempt(url_of(installed, "sales"), "DELETE FROM acts")


async def test_forgetting_spares_what_is_young_or_unsent(installed: PostgresServer):
    """Whatever number of days is given, and whoever calls."""
    connection = await asyncpg.connect(url_of(installed, "sales"))
    try:
        await connection.execute(STATE)
        assert await connection.fetchval("SELECT forget_facts(0)") == 0
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 1
    finally:
        await connection.close()
