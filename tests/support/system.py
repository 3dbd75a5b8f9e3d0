"""How does a test get the seven services running as real processes, beside other tests or all by themselves?"""

import asyncio
import contextlib
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.local.databases import database_name, drop_databases
from deploy.local.place import read_json
from deploy.local.processes import services
from deploy.local.system import System
from deploy.rabbitmq.topology import withdraw
from tests.support.infra import broker_url, place_for_tests, postgres_url


@contextlib.contextmanager
def shared_system(
    names: Sequence[str] | None = None, *, clock: str = "stepped", founding: Mapping[str, Any] | None = None
) -> Iterator[System]:
    """Services of the caller's own on the tests' shared servers: quick to start, and not to be used for faults.

    `founding` are the first people, calendar and rulebook; the sample factory's where it is left out.
    """
    group = f"t{uuid.uuid4().hex[:12]}"
    names = services() if names is None else names
    with _folder() as folder:
        system = System(
            place_for_tests(folder),
            clock,
            names,
            given_postgres=postgres_url(),
            given_broker=broker_url(),
            databases=group,
            bus_prefix=f"{group}.",
        )
        if founding is not None:
            write_founding(system, founding)
        try:
            system.start()
            yield system
        finally:
            system.stop()
            drop_databases(postgres_url(), [database_name(name, group) for name in names])
            asyncio.run(withdraw(broker_url(), prefix=system.bus_prefix))


@contextlib.contextmanager
def private_system(
    names: Sequence[str] | None = None,
    *,
    clock: str = "stepped",
    durable: bool = True,
    founding: Mapping[str, Any] | None = None,
) -> Iterator[System]:
    """Services with a database server and a broker of their own, so that those may be killed and emptied too."""
    with _folder() as folder:
        system = System(
            place_for_tests(folder),
            clock,
            services() if names is None else names,
            given_postgres=None,
            given_broker=None,
            durable=durable,
        )
        if founding is not None:
            write_founding(system, founding)
        try:
            system.start()
            yield system
        finally:
            system.stop()


def write_founding(system: System, founding: Mapping[str, Any]) -> None:
    """Let the system begin with these people, and with the keys of its own services."""
    begin = {**founding, "sources": read_json(system.place.keys / "trusted.json")}
    (system.place.home / "founding.yaml").write_text(yaml.safe_dump(begin, allow_unicode=True))


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="handover-system-") as folder:
        Path(folder).chmod(0o755)  # the unprivileged account of a root's run has to walk through it
        yield Path(folder)
