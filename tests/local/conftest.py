"""A database server, a broker node and a whole installation of a test's own, thrown away afterwards."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.place import PROJECT, Place, unprivileged_account
from deploy.local.ports import choose_ports
from deploy.local.postgres import PostgresServer, local_server
from deploy.local.rabbitmq import NODE_PORTS, RabbitNode, installed_server, local_node
from tests.conftest import missing

Handover = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that the unprivileged account can walk to; pytest's own are closed to it."""
    with tempfile.TemporaryDirectory(prefix="handover-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def place(open_folder: Path) -> Place:
    return Place(open_folder, open_folder / "data", unprivileged_account() if os.geteuid() == 0 else None)


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[PostgresServer]:
    """A server as the product starts it: fsync on. Starting takes time, so the tests of a module share it."""
    server = local_server(place, choose_ports(place, ["postgres"])["postgres"])
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def needs_rabbitmq() -> None:
    if installed_server() is None:
        missing("rabbitmq-server is not installed here. Remedy: `apt-get install rabbitmq-server` as root.")


@pytest.fixture(scope="module")
def node(place: Place, needs_rabbitmq: None) -> Iterator[RabbitNode]:
    """A node as the product starts it: users and queues from definitions. A module shares it, restarts and all."""
    node = local_node(place, choose_ports(place, NODE_PORTS))
    node.start()
    yield node
    node.stop()


@pytest.fixture
def home(open_folder: Path, needs_rabbitmq: None) -> Iterator[Path]:
    """The state folder of an installation beside the one that a developer may have running."""
    home = open_folder / "installation"
    yield home
    handover_in(home)("reset", "--yes")


@pytest.fixture
def handover(home: Path) -> Handover:
    return handover_in(home)


def handover_in(home: Path) -> Handover:
    """`./handover` for the installation in `home`, which starts its own infrastructure."""
    replaced = ("HANDOVER_POSTGRES_URL", "HANDOVER_BROKER_URL", "HANDOVER_AMQP_URL")
    environment = {name: value for name, value in os.environ.items() if name not in replaced}

    def call(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        own = {**environment, "HANDOVER_HOME": str(home), **settings}
        command = [str(PROJECT / "handover"), *arguments]
        return subprocess.run(command, env=own, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=240)

    return call


def interruptible() -> None:
    """For a started program: where the tests run in the background of a shell, it would inherit that interrupts are ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
