"""A broker node and a database server of a test's own, to be killed, and departments as processes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.place import PROJECT, Place, unprivileged_account
from deploy.local.ports import choose_ports
from deploy.local.postgres import PostgresServer, local_server
from deploy.local.rabbitmq import NODE_PORTS, RabbitNode, installed_server, local_node
from deploy.rabbitmq import topology
from tests.chassis.company import CONSUMERS, Company, Member, company_at
from tests.conftest import missing

Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def node() -> Iterator[RabbitNode]:
    """A node whose definitions declare the tiny departments' queues at every boot, as the product's do."""
    if installed_server() is None:
        missing("rabbitmq-server is not installed here. Remedy: `apt-get install rabbitmq-server` as root.")
    handled = {name: make().names() for name, make in CONSUMERS.items()}
    with tempfile.TemporaryDirectory(prefix="handover-test-") as folder:
        Path(folder).chmod(0o755)
        place = Place(Path(folder), Path(folder) / "data", unprivileged_account() if os.geteuid() == 0 else None)
        node = local_node(
            place,
            choose_ports(place, NODE_PORTS),
            topology=lambda: topology.definitions(tuple(CONSUMERS), handled=handled),
        )
        node.start()
        yield node
        node.stop()


@pytest.fixture
async def factory(postgres: str, node: RabbitNode) -> AsyncIterator[Company]:
    """Departments on the node of this test."""
    async with company_at(node.admin_url, "") as it:
        yield it


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A database server as the product starts it: fsync on."""
    with tempfile.TemporaryDirectory(prefix="handover-test-") as folder:
        Path(folder).chmod(0o755)
        place = Place(Path(folder), Path(folder) / "data", unprivileged_account() if os.geteuid() == 0 else None)
        server = local_server(place, choose_ports(place, ["postgres"])["postgres"])
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def company(postgres: str, broker: str, bus_prefix: str) -> AsyncIterator[Company]:
    """Departments on the shared broker."""
    async with company_at(broker, bus_prefix) as it:
        await it.declare()
        yield it
    await it.undeclare()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start a member's bus as a process and return once it runs; what still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(member: Member, *, trait: str = "") -> "subprocess.Popen[str]":
        settings = member.settings.model_dump(mode="json", exclude_none=True, exclude={"service_urls"})
        environment = {f"HANDOVER_{name.upper()}": str(value) for name, value in settings.items()}
        with (tmp_path / f"{member.name}.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.live.member"],
                cwd=PROJECT,
                env={**os.environ, **environment, "PYTHONPATH": str(PROJECT), "HANDOVER_TEST_TRAIT": trait},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n", (tmp_path / f"{member.name}.log").read_text()
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
