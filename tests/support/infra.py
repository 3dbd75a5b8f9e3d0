"""Which PostgreSQL and which RabbitMQ do the tests use, and how does each test get a clean corner of them?

Those that HANDOVER_TEST_POSTGRES_URL and HANDOVER_TEST_BROKER_URL name, when set, or the broker that the product is lent.
Otherwise one private server of each is started at first need and shared by all processes of the run.
`python -m tests.support.infra serve` keeps both over many runs.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from filelock import FileLock

from contracts.event import SERVICES
from deploy.local import given, postgres, rabbitmq
from deploy.local.place import PROJECT, Place, read_json, unprivileged_account, write_json
from deploy.local.ports import choose_ports
from deploy.local.programs import Identity, StartFailed, end, wait_until
from deploy.local.rabbitmq_container import docker_runs
from deploy.rabbitmq import topology
from tests.support.containers import broker_container

VARIABLES = {"postgres": "HANDOVER_TEST_POSTGRES_URL", "broker": "HANDOVER_TEST_BROKER_URL"}
RUN_FOLDER = "HANDOVER_TEST_RUN_FOLDER"
RUN_PROCESS = "HANDOVER_TEST_RUN_PROCESS"
START_PATIENCE_S = 120.0
ROLE = "handover_tests"


def postgres_url() -> str:
    """An administrator's address of the tests' PostgreSQL (fsync off: a test does not survive a power cut)."""
    return os.environ.get(VARIABLES["postgres"]) or _shared("postgres")


def broker_url() -> str:
    """An administrator's address of the tests' RabbitMQ."""
    return lent_broker() or _shared("broker")


def lent_broker() -> str | None:
    """Many a machine cannot have a broker of its own, so that what is lent to the product serves the tests too."""
    return os.environ.get(VARIABLES["broker"]) or given.BROKER.url


async def create_database(name: str, template: str | None = None) -> str:
    """Make an empty database, or a copy of another one, and return its address; an older one of that name goes."""
    admin = await asyncpg.connect(postgres_url())
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}" STRATEGY file_copy')
    finally:
        await admin.close()
    return url_of(name)


def url_of(database: str) -> str:
    """The administrator's way into a database."""
    return urlunsplit(urlsplit(postgres_url())._replace(path=f"/{database}"))


async def make_role() -> None:
    """The role as which departments work in tests: with a service's rights and no more."""
    admin = await asyncpg.connect(postgres_url())
    try:
        with contextlib.suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}'")
    finally:
        await admin.close()


def as_service(url: str) -> str:
    """The address of a database for the role of `make_role`."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{ROLE}:{ROLE}@{parts.netloc.rpartition('@')[2]}"))


async def drop_database(name: str) -> None:
    admin = await asyncpg.connect(postgres_url())
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await admin.close()


def run_place() -> Path:
    """The folder that all processes of this test run share."""
    return Path(os.environ[RUN_FOLDER])


def run_name() -> str:
    """A word for this run that may stand in a database's name."""
    return run_place().name.rpartition("-")[2].lower()


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """The folder that all processes of one test run share; what was started for the run ends with it."""
    if RUN_FOLDER in os.environ:
        yield Path(os.environ[RUN_FOLDER])
        return
    folder = Path(tempfile.mkdtemp(prefix="handover-tests-"))
    folder.chmod(0o755)  # the unprivileged account of a root's run has to walk through it
    os.environ.update({RUN_FOLDER: str(folder), RUN_PROCESS: str(os.getpid())})
    try:
        yield folder
    finally:
        del os.environ[RUN_FOLDER], os.environ[RUN_PROCESS]
        end((Identity.from_json(read_json(file)["server"]) for file in folder.glob("*.json")), patience_s=30.0)
        shutil.rmtree(folder, ignore_errors=True)


def _shared(part: str) -> str:
    """The part's address; it is started unless another process of this run did so already."""
    if RUN_FOLDER not in os.environ:
        raise RuntimeError(f"Set {VARIABLES[part]}, or ask inside a pytest run.")
    folder = Path(os.environ[RUN_FOLDER])
    file = folder / f"{part}.json"
    with FileLock(folder / f"{part}.lock"):
        if not file.is_file():
            _start_server(part, folder, file)
    started = read_json(file)
    if "url" not in started:
        raise StartFailed(f"The tests' {part} did not start: {started.get('trouble', 'no answer in time')}")
    return str(started["url"])


def _start_server(part: str, folder: Path, file: Path) -> None:
    """The server is nobody's child: the worker that needed it first may end before the others."""
    log = folder / f"{part}.log"
    options = ["--only", part, "--home", folder / part, "--write", file, "--while", os.environ[RUN_PROCESS], "--detach"]
    with log.open("ab") as stream:
        subprocess.run(
            [sys.executable, "-m", "tests.support.infra", "serve", *map(str, options)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            check=True,
        )
    wait_until(file.is_file, START_PATIENCE_S)


@contextlib.contextmanager
def private_postgres(home: Path) -> Iterator[str]:
    place = place_for_tests(home)
    server = postgres.local_server(place, choose_ports(place, ["postgres"])["postgres"], durable=False)
    server.start()
    try:
        yield server.admin_url
    finally:
        server.stop()


@contextlib.contextmanager
def private_broker(home: Path) -> Iterator[str]:
    if rabbitmq.installed_server() is None and docker_runs():
        with broker_container() as url:
            yield url
        return
    place = place_for_tests(home)
    node = rabbitmq.local_node(place, choose_ports(place, rabbitmq.NODE_PORTS), topology=_policies)
    node.start()
    try:
        yield node.admin_url
    finally:
        node.stop()


def _policies() -> dict[str, Any]:
    """The product's policies and queues, but bound to nothing: each test binds what it wants under its own prefix."""
    return topology.definitions(SERVICES, handled={})


STARTERS: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "postgres": private_postgres,
    "broker": private_broker,
}


def place_for_tests(home: Path) -> Place:
    """Everything in one folder that is thrown away, also for root."""
    home.mkdir(parents=True, exist_ok=True)
    return Place(home, home / "data", unprivileged_account() if os.geteuid() == 0 else None)


def serve(parts: Sequence[str], home: Path, write: Path | None, watched: Identity | None) -> None:
    """Start the parts and keep them until an interrupt, or until the watched process is gone."""
    stopping = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopping.set())
    with contextlib.ExitStack() as stack:
        for part in parts:
            tell(part, stack.enter_context(STARTERS[part](home)), write)
        while not stopping.wait(0.5):
            if watched and not watched.alive():
                return


def tell(part: str, url: str, write: Path | None) -> None:
    print(f"export {VARIABLES[part]}={url}", flush=True)
    if write:
        write_json(write, {"url": url, "server": Identity.of(os.getpid()).to_json()})


def main() -> int:
    options = _read_arguments()
    parts = [options.only] if options.only else list(STARTERS)
    watched = Identity.of(options.watched) if options.watched else None
    if options.detach and os.fork():
        return 0
    with _folder_for(options.home) as home:
        try:
            serve(parts, home, options.write, watched)
        except StartFailed as failure:
            print(failure, file=sys.stderr)
            if options.write:
                write_json(options.write, {"trouble": str(failure), "server": Identity.of(os.getpid()).to_json()})
            return 1
    return 0


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.infra", description=__doc__)
    command = parser.add_subparsers(required=True).add_parser("serve", help="start both and keep them until Ctrl-C")
    command.add_argument("--only", choices=list(STARTERS))
    command.add_argument("--home", type=Path)
    command.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    command.add_argument("--while", type=int, dest="watched", help="stop when this process ends")
    command.add_argument("--detach", action="store_true", help="go on in the background")
    return parser.parse_args()


@contextlib.contextmanager
def _folder_for(asked: Path | None) -> Iterator[Path]:
    if asked:
        yield asked
        return
    with tempfile.TemporaryDirectory(prefix="handover-serve-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
