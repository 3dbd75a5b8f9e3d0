"""The disk of a database is full: people are told, nothing is half done, and once there is room it goes on."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis.app import Service, create_app
from chassis.clock import step_to
from chassis.database import connect
from chassis.migrate import migrate
from chassis.settings import ClockMode, Settings
from contracts.sales import ContractSubmitted
from deploy.local.databases import Passwords, database_name, database_url, owner_url, provision
from deploy.local.ports import choose_ports
from deploy.local.postgres import PostgresServer, local_server
from tests.conftest import missing
from tests.sales.conftest import BOSS, FOLLOWER, MANAGER, SELLER, contract
from tests.support.departments import MORNING, SECRET, Department
from tests.support.infra import place_for_tests
from tests.ui.conftest import Opener, open_as
from tests.ui.test_forms import typed

__all__ = ["open_as"]

pytestmark = pytest.mark.live

NAME = database_name("sales")
ROOM = "40m"
MOST_CONTRACTS = 5_000


@dataclass
class Machine:
    """A database server, and a disk of a few megabytes for its data."""

    server: PostgresServer
    disk: Path

    @property
    def inside(self) -> str:
        """The administrator's way into Sales' database."""
        return self.server.admin_url.removesuffix("postgres") + NAME

    async def fill(self) -> None:
        """Lay ballast on the disk until not a page of it is free."""
        await execute(self.inside, "CREATE TABLE ballast (weight text STORAGE PLAIN)")
        for pages in (200, 1):
            with pytest.raises(asyncpg.DiskFullError):
                await self._add_ballast(pages)

    async def _add_ballast(self, pages: int) -> None:
        """Again and again, as much at a time, until the disk takes no more."""
        more = "INSERT INTO ballast SELECT repeat('x', 7000) FROM generate_series(1, $1)"
        connection = await asyncpg.connect(self.inside)
        try:
            while True:
                await connection.execute(more, pages)
        finally:
            await connection.close()

    async def make_room(self) -> None:
        await execute(self.inside, "DROP TABLE ballast")


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    if os.geteuid() != 0:
        missing("Only root may mount a small disk.")
    with tempfile.TemporaryDirectory(prefix="handover-disk-") as folder:
        Path(folder).chmod(0o755)
        place, disk = place_for_tests(Path(folder) / "server"), Path(folder) / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", disk], check=False).returncode:
            missing("Nobody may mount a small disk here.")
        try:
            assert place.account is not None
            os.chown(disk, place.account.uid, place.account.gid)
            server = local_server(place, choose_ports(place, ["postgres"])["postgres"], durable=False)
            server.start()
            yield Machine(server, disk)
            server.stop()
        finally:
            subprocess.run(["umount", disk], check=True)


@pytest.fixture
async def sales(machine: Machine) -> AsyncIterator[Department]:
    """Sales with its people, all of its data on the small disk."""
    admin = machine.server.admin_url
    await execute(admin, f"CREATE TABLESPACE small LOCATION '{machine.disk}'")
    await asyncio.to_thread(provision, admin, {NAME: Passwords("own", "owned")})
    await execute(admin, f"ALTER DATABASE {NAME} SET TABLESPACE small")
    await migrate("sales", owner_url(admin, NAME, "owned"), ClockMode.STEPPED)
    url = database_url(admin, NAME, "own")
    service: Service = import_module("services.sales.main").service
    settings = Settings(
        service="sales", database_url=url, broker_url="amqp://", clock=ClockMode.STEPPED, token_secret=SECRET
    )
    app, engine = create_app(service, settings), connect(url, pool_size=4)
    app.state.engine = engine
    await step_to(engine, MORNING)
    department = Department(service, app, engine)
    await department.employ(salesperson=SELLER, sales_manager=MANAGER, merchandiser=FOLLOWER, general_manager=BOSS)
    await department.do(SELLER, "register_customer", no="C-01", name="华东电力安装", address="苏州", transit_days=2)
    yield department
    await engine.dispose()


async def submit(sales: Department, key: str) -> httpx.Response:
    async with sales.as_(SELLER, language="zh") as client:
        return await client.post("/api/orders", json=contract(), headers={"Idempotency-Key": key})


async def until_refused(sales: Department) -> tuple[int, httpx.Response]:
    """Submit contracts until one finds no room in the pages there are: how many were taken, and the refusal."""
    for number in range(MOST_CONTRACTS):
        answer = await submit(sales, f"key-{number}")
        if not answer.is_success:
            return number, answer
    raise AssertionError("the disk was never full")


async def orders(sales: Department) -> int:
    """How many there are; with a full disk one may still look."""
    count, after = 0, ""
    async with sales.as_(SELLER) as client:
        while True:
            page = (
                await client.get("/api/orders", params={"limit": 200, **({"after": after} if after else {})})
            ).json()
            count, after = count + len(page["items"]), page["next"] or ""
            if not after:
                return count


async def test_a_full_disk_refuses_commands_plainly_and_does_nothing_by_half(
    machine: Machine, sales: Department, open_as: Opener
):
    seller = await open_as(SELLER)
    form = await seller.get("/commands/submit-contract")
    await machine.fill()

    taken, refused = await until_refused(sales)

    assert (refused.status_code, refused.json()["code"]) == (503, "database_full"), refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert "磁盘已满,什么也没有保存" in refused.json()["detail"]
    assert await orders(sales) == taken
    assert len(await sales.facts(ContractSubmitted.name)) == taken
    page = await seller.post(
        "/commands/submit-contract", token=form.hidden("token"), key=form.hidden("key"), **typed(customer_code="C-01")
    )
    assert page.status == 503
    assert "磁盘已满" in page.words
    assert 'value="C-01"' in page.html, "what was typed is still there"

    await machine.make_room()

    assert (await submit(sales, f"key-{taken}")).status_code == 201, "the same again"
    assert (await submit(sales, f"key-{taken}")).status_code == 201
    assert await orders(sales) == taken + 1
    page = await seller.post(
        "/commands/submit-contract", token=form.hidden("token"), key=form.hidden("key"), **typed(customer_code="C-01")
    )
    assert page.status == 303
    assert len(await sales.facts(ContractSubmitted.name)) == taken + 2
