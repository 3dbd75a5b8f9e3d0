"""Is the private database server safe: durable, unprivileged, and closed between services?"""

import asyncio
import os
import subprocess

import asyncpg
import psutil
import pytest

from chassis.migrate import migrate
from chassis.settings import ClockMode
from deploy.local.databases import Passwords, database_name, database_url, drop_databases, owner_url, provision
from deploy.local.place import Place
from deploy.local.postgres import PostgresServer, copied, usable_binaries
from deploy.local.programs import Identity


@pytest.fixture
def urls(server: PostgresServer) -> dict[str, str]:
    """Two services' own addresses, with passwords that need quoting."""
    passwords = {"sales": "it's/secret", "pmc": "another"}
    provision(server.admin_url, {database_name(name): Passwords(own, "owned") for name, own in passwords.items()})
    return {name: own_url(server, name, password) for name, password in passwords.items()}


def own_url(server: PostgresServer, service: str, password: str) -> str:
    return database_url(server.admin_url, database_name(service), password)


def owners_url(server: PostgresServer, service: str) -> str:
    return owner_url(server.admin_url, database_name(service), "owned")


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_the_product_writes_to_disk_before_it_confirms(server: PostgresServer, setting: str):
    assert await ask(server.admin_url, f"SHOW {setting}") == "on"


async def test_text_is_utf8_and_sorted_the_same_on_every_machine(server: PostgresServer):
    assert await ask(server.admin_url, "SHOW server_encoding") == "UTF8"
    assert await ask(server.admin_url, "SELECT datlocale FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
    assert await ask(server.admin_url, "SELECT datlocprovider FROM pg_database WHERE datname = 'postgres'") == b"b"


async def test_each_service_reaches_its_own_database(urls: dict[str, str]):
    assert await ask(urls["sales"], "SELECT current_user") == "handover_sales"
    assert await ask(urls["sales"], "SELECT current_database()") == "handover_sales"


@pytest.mark.parametrize(("limit", "value"), [("statement_timeout", "30s"), ("lock_timeout", "10s")])
async def test_no_statement_of_a_service_runs_or_waits_for_ever(urls: dict[str, str], limit: str, value: str):
    assert await ask(urls["sales"], f"SHOW {limit}") == value


async def test_no_service_can_enter_anothers_database(urls: dict[str, str]):
    intruder = urls["sales"].removesuffix("handover_sales") + "handover_pmc"

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(intruder, "SELECT 1")


async def test_a_wrong_password_is_refused(urls: dict[str, str]):
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(urls["pmc"].replace("another", "guessed"), "SELECT 1")


@pytest.mark.parametrize("service", ["sales", "pmc"])
async def test_the_owner_enters_its_own_database_alone(server: PostgresServer, urls: dict[str, str], service: str):
    assert await ask(owners_url(server, service), "SELECT current_user") == f"handover_{service}_owner"
    other = {"sales": "pmc", "pmc": "sales"}[service]

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(owners_url(server, service).removesuffix(service) + other, "SELECT 1")


async def test_committed_rows_survive_a_kill(server: PostgresServer, urls: dict[str, str]):
    owner = owners_url(server, "sales")
    await ask(owner, "CREATE TABLE committed (id int)")
    await ask(owner, "INSERT INTO committed VALUES (7)")

    server.kill()
    server.start()

    assert await ask(owner, "SELECT id FROM committed") == 7


async def test_provisioning_again_sets_the_password_and_keeps_the_data(server: PostgresServer, urls: dict[str, str]):
    await ask(owners_url(server, "sales"), "CREATE TABLE kept AS SELECT 7 AS id")

    await asyncio.to_thread(provision, server.admin_url, {database_name("sales"): Passwords("new", "owned")})

    assert await ask(own_url(server, "sales", "new"), "SELECT true")
    assert await ask(owners_url(server, "sales"), "SELECT id FROM kept") == 7


async def test_a_database_that_its_service_owned_is_handed_over_to_the_owner(server: PostgresServer):
    """As the first installations made it."""
    admin, name = server.admin_url, database_name("quality")
    await ask(admin, f"CREATE ROLE {name} LOGIN PASSWORD 'old'")
    await ask(admin, f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0")
    await migrate("quality", own_url(server, "quality", "old"), ClockMode.STEPPED)

    await asyncio.to_thread(provision, admin, {name: Passwords("new", "owned")})
    await migrate("quality", owners_url(server, "quality"), ClockMode.STEPPED)

    own = own_url(server, "quality", "new")
    assert await ask(own, "SELECT count(*) FROM acts") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="must be owner of table acts"):
        await ask(own, "ALTER TABLE acts ADD COLUMN more int")


async def test_dropping_forgets_the_data(server: PostgresServer, urls: dict[str, str]):
    await asyncio.to_thread(drop_databases, server.admin_url, [database_name("sales")])

    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(urls["sales"], "SELECT 1")


def test_the_server_runs_as_no_privileged_user(server: PostgresServer):
    [identity] = server.identities()

    assert psutil.Process(identity.pid).uids().effective != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's environment can be out of the server's reach")
def test_a_copy_of_the_programs_runs_where_the_environment_is_out_of_reach(place: Place):
    assert place.account is not None
    installed = usable_binaries(place.data, None)

    copy = copied(installed.parents[1], place.own(place.data / "copy"), place.account)

    run = subprocess.run([copy / "pginstall/bin/postgres", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("postgres (PostgreSQL) 18")
    assert copy.stat().st_uid == place.account.uid


def test_stopping_leaves_no_process(server: PostgresServer):
    family = [Identity.of(child.pid) for child in psutil.Process(server.identities()[0].pid).children(recursive=True)]

    server.stop()

    assert family
    assert server.identities() == []
    assert not any(member.alive() for member in family)
