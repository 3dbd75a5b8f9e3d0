"""Is the private database server safe: durable, unprivileged, and closed between services?"""

import asyncio
import os
import subprocess

import asyncpg
import psutil
import pytest

from deploy.local.databases import database_name, database_url, drop_databases, provision
from deploy.local.place import Place
from deploy.local.postgres import PostgresServer, copied, usable_binaries
from deploy.local.programs import Identity


@pytest.fixture
def urls(server: PostgresServer) -> dict[str, str]:
    """Two services' own addresses, with passwords that need quoting."""
    passwords = {"sales": "it's/secret", "pmc": "another"}
    provision(server.admin_url, {database_name(name): password for name, password in passwords.items()})
    return {name: own_url(server, name, password) for name, password in passwords.items()}


def own_url(server: PostgresServer, service: str, password: str) -> str:
    return database_url(server.admin_url, database_name(service), password)


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


async def test_committed_rows_survive_a_kill(server: PostgresServer, urls: dict[str, str]):
    await ask(urls["sales"], "CREATE TABLE committed (id int)")
    await ask(urls["sales"], "INSERT INTO committed VALUES (7)")

    server.kill()
    server.start()

    assert await ask(urls["sales"], "SELECT id FROM committed") == 7


async def test_provisioning_again_sets_the_password_and_keeps_the_data(server: PostgresServer, urls: dict[str, str]):
    await ask(urls["sales"], "CREATE TABLE kept AS SELECT 7 AS id")

    await asyncio.to_thread(provision, server.admin_url, {database_name("sales"): "new"})

    assert await ask(own_url(server, "sales", "new"), "SELECT id FROM kept") == 7


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
