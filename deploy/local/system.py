"""What belongs to one running system, and in which order do its parts start and stop?"""

import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from deploy.local import given, postgres
from deploy.local.databases import Passwords, database_name, database_url, group, owner_url, provision
from deploy.local.environments import service_environment
from deploy.local.founding import found
from deploy.local.keys import make_signing_keys
from deploy.local.nursery import Nursery
from deploy.local.place import Place, remembered
from deploy.local.ports import LOOPBACK, choose_ports
from deploy.local.processes import ServiceProcess, addresses, migrate
from deploy.local.processes import services as all_services
from deploy.local.programs import Identity, end
from deploy.local.rabbitmq import NODE_PORTS
from deploy.local.rabbitmq_container import own_broker
from deploy.rabbitmq.topology import declare


class Part(Protocol):
    """A database server, a broker node or a service: what can be started, watched and stopped."""

    @property
    def name(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def process_ended(self) -> bool: ...
    def identities(self) -> list[Identity]: ...


@dataclass
class System:
    """The whole factory's software on one machine. PostgreSQL and RabbitMQ are ours unless an URL replaces them.

    `databases` and `bus_prefix` keep several systems apart on one given server.
    """

    place: Place
    clock: str = "real"
    names: Sequence[str] = field(default_factory=all_services)
    given_postgres: str | None = field(default_factory=lambda: given.POSTGRES.url)
    given_broker: str | None = field(default_factory=lambda: given.BROKER.url)
    databases: str = field(default_factory=group)
    bus_prefix: str = field(default_factory=lambda: os.environ.get("HANDOVER_BUS_PREFIX", ""))
    durable: bool = True
    report: Callable[[str], None] = lambda sentence: None
    changed: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.ports = choose_ports(self.place, ["postgres", *NODE_PORTS, *self.names])
        self.host = os.environ.get("HANDOVER_HOST", LOOPBACK)
        self.postgres = None if self.given_postgres else self._own_postgres()
        self.broker = None if self.given_broker else own_broker(self.place, self.ports)
        self.nursery = Nursery(self.place.logs / "nursery.log")
        self.services = {name: self._service(name) for name in self.names}

    def _own_postgres(self) -> postgres.PostgresServer:
        return postgres.local_server(self.place, self.ports["postgres"], durable=self.durable)

    @property
    def postgres_url(self) -> str:
        """The administrator's, for making roles and databases; no service gets it."""
        return self.given_postgres or (self.postgres.admin_url if self.postgres else "")

    def broker_url(self, user: str) -> str:
        return self.given_broker or (self.broker.url(user) if self.broker else "")

    def _service(self, name: str) -> ServiceProcess:
        self.place.logs.mkdir(parents=True, exist_ok=True)
        return ServiceProcess(name, self.environment(name), self.place.logs / f"{name}.log", self.nursery)

    def environment(self, name: str) -> dict[str, str]:
        """Everything one service is told: its own credentials and where its colleagues' pages are."""
        make_signing_keys(self.place, self.names)
        own = {
            "HANDOVER_SERVICE": name,
            "HANDOVER_DATABASE_URL": self.database_url(name),
            "HANDOVER_BROKER_URL": self.broker_url(name),
            "HANDOVER_BUS_PREFIX": self.bus_prefix,
            "HANDOVER_CLOCK": self.clock,
            "HANDOVER_SIGNING_KEY_FILE": str(self.place.keys / f"{name}.pem"),
            "HANDOVER_TRUSTED_KEYS_FILE": str(self.place.keys / "trusted.json"),
            "HANDOVER_ACCOUNTS_FILE": os.environ.get("HANDOVER_ACCOUNTS_FILE", str(self.place.home / "accounts.yaml")),
            "HANDOVER_HOST": self.host,
            "HANDOVER_PORT": str(self.ports[name]),
            "HANDOVER_SERVICE_URLS": addresses(self.ports, self.host, self.names),
            "HANDOVER_TOKEN_SECRET": remembered(self.place, f"tokens {name}"),
        }
        return service_environment(own)

    def database_url(self, name: str) -> str:
        return database_url(self.postgres_url, self._database_name(name), self._passwords(name).own)

    @property
    def database_urls(self) -> dict[str, str]:
        return {name: self.database_url(name) for name in self.names}

    @property
    def owner_urls(self) -> dict[str, str]:
        """The migrations'; no service gets one."""
        return {
            name: owner_url(self.postgres_url, self._database_name(name), self._passwords(name).owner)
            for name in self.names
        }

    def _database_name(self, service: str) -> str:
        return database_name(service, self.databases)

    def _passwords(self, name: str) -> Passwords:
        return Passwords(remembered(self.place, f"database {name}"), remembered(self.place, f"database owner {name}"))

    @property
    def urls(self) -> dict[str, str]:
        known: dict[str, str] = json.loads(addresses(self.ports, self.host, self.names))
        return known

    @property
    def infrastructure(self) -> list[Part]:
        return [part for part in (self.postgres, self.broker) if part is not None]

    @property
    def parts(self) -> list[Part]:
        return [*self.infrastructure, *self.services.values()]

    def start(self) -> None:
        """Everything that can go on while the broker boots does: databases, migrations, the services' own start."""
        began = time.monotonic()
        if self.names:
            self.nursery.start()
        with ThreadPoolExecutor(max_workers=2) as pool:
            waiting = [pool.submit(self._start_databases_and_services), pool.submit(self._start_broker)]
            for started in waiting:
                started.result()
        for service in self.services.values():
            service.wait_ready()
        self.report(f"{len(self.services)} services ready; the start took {time.monotonic() - began:.1f} s")

    def _start_databases_and_services(self) -> None:
        if self.postgres:
            self._timed("PostgreSQL", self.postgres.start)
        if not self.names:
            return
        provision(self.postgres_url, {self._database_name(name): self._passwords(name) for name in self.names})
        self._timed("databases", lambda: migrate(self.owner_urls, self.clock, self.place.logs / "migrations.log"))
        if "accountability" in self.names:
            found(self.place, self.database_url("accountability"), stepped=self.clock == "stepped")
        for service in self.services.values():
            service.start()
        self.changed()

    def _start_broker(self) -> None:
        if self.broker:
            self._timed("RabbitMQ", self.broker.start)
        else:
            asyncio.run(declare(self.broker_url(""), prefix=self.bus_prefix))

    def _timed(self, what: str, action: Callable[[], None]) -> None:
        began = time.monotonic()
        action()
        self.changed()
        self.report(f"{what} ready after {time.monotonic() - began:.1f} s")

    def stop(self) -> None:
        """Services first and together, so that each can still say goodbye to its database and the broker."""
        end(identity for service in self.services.values() for identity in service.identities())
        for service in self.services.values():
            service.stop()
        self.nursery.stop()
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda part: part.stop(), self.infrastructure))
