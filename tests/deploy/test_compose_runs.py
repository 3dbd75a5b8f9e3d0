"""Would `docker compose up` bring the factory up? The image's content is run with what compose.yaml tells each container.

Docker is not needed: the same commands, environment, files and order, as processes beside a real PostgreSQL and a real
RabbitMQ that read the same credentials.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.credentials import make
from deploy.local import postgres, rabbitmq
from deploy.local.place import Place, unprivileged_account
from deploy.local.ports import choose_ports
from deploy.local.programs import wait_until
from tests.conftest import missing
from tests.deploy.composition import composition, in_order, mounted, variables_of
from tests.deploy.image import Image
from tests.telemetry.collector import Collector, collecting

PATIENCE_S = 120.0
SHOWN = ("accountability", "sales")
SELLER, PASSWORD = "E-001", "handover-demo"


@dataclass
class Containers:
    """What compose.yaml would run, as processes of the image's content."""

    image: Image
    content: dict[str, Any]
    ports: dict[str, int]
    collector: Collector
    logs: Path
    ended: list[str] = field(default_factory=list)

    def environment(self, name: str) -> dict[str, str]:
        """The container's own, but for addresses: every container has its own, here they share the machine's."""
        service = self.content["services"][name]
        told = variables_of(service)
        for inside, outside in mounted(self.content, service).items():
            told = {variable: value.replace(inside, str(outside)) for variable, value in told.items()}
        address = {"HANDOVER_HOST": "127.0.0.1", "HANDOVER_PORT": str(self.ports.get(name, 0))}
        return self.image.environment({**told, **address, "HANDOVER_OTLP_ENDPOINT": self.collector.url})

    def command(self, name: str) -> list[str]:
        service = self.content["services"][name]
        files = {inside: str(outside) for inside, outside in mounted(self.content, service).items()}
        return [str(self.image.python), "-m", *(files.get(word, word) for word in service["command"])]

    def run(self, name: str) -> None:
        """What runs once."""
        if name not in self.ended:
            command, environment = self.command(name), self.environment(name)
            done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{name}: {done.stderr}"
            self.ended.append(name)

    def start(self, name: str, stack: ExitStack) -> None:
        """What runs on; returns when its own health check is content."""
        with (self.logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(self.command(name), env=self.environment(name), cwd="/", stdout=log, stderr=log)
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        assert wait_until(lambda: self.healthy(name) or process.poll() is not None, PATIENCE_S, every_s=0.5), self.log(
            name
        )
        assert process.poll() is None, self.log(name)

    def healthy(self, name: str) -> bool:
        word, _, *test = self.content["services"][name]["healthcheck"]["test"]
        assert word == "CMD"
        command = [str(self.image.python), *test]
        return subprocess.run(command, env=self.environment(name), capture_output=True, check=False).returncode == 0

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not pytest's own: for root that lies in folders which the database's unprivileged account cannot walk through."""
    with tempfile.TemporaryDirectory(prefix="handover-composed-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def containers(image: Image, folder: Path) -> Iterator[Containers]:
    if rabbitmq.installed_server() is None:
        missing("rabbitmq-server is not installed here. Remedy: `apt-get install rabbitmq-server` as root.")
    account = unprivileged_account() if os.geteuid() == 0 else None
    place = Place(folder, folder, account)
    ports = choose_ports(place, ["postgres", *rabbitmq.NODE_PORTS, *SHOWN])
    make(folder, postgres=f"127.0.0.1:{ports['postgres']}", broker=f"127.0.0.1:{ports['broker']}")
    folder.chmod(0o755)  # the unprivileged account of a root's run has to walk through it
    definitions = json.loads((folder / "definitions.json").read_text())
    database = postgres.local_server(place, ports["postgres"], durable=False)
    node = rabbitmq.local_node(place, ports, topology=lambda: definitions)
    with ExitStack() as stack:
        collector = stack.enter_context(collecting())
        for server in (database, node):
            stack.callback(server.stop)
        with ThreadPoolExecutor() as pool:
            for started in [pool.submit(server.start) for server in (database, node)]:
                started.result()
        containers = Containers(image, composition(CREDENTIALS=str(folder)), ports, collector, folder)
        for name in SHOWN:
            *once, runs_on = in_order(containers.content, name)
            for first in once:
                containers.run(first)
            containers.start(runs_on, stack)
        yield containers


def test_what_runs_once_ran_in_order(containers: Containers):
    assert containers.ended == ["databases", "accountability-migration", "founding", "sales-migration"]


def test_the_first_people_sign_in_as_soon_as_their_department_heard_of_them(containers: Containers):
    """Founded in accountability, told over the broker, kept by Sales: nothing between the containers is missing."""
    with httpx.Client(base_url=containers.url("sales")) as client:
        answer = client.post("/api/token", json={"employee": SELLER, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        assert wait_until(lambda: client.get("/api/worklist").status_code == 200, 30.0), containers.log("sales")


def test_no_department_enters_another_s_database(containers: Containers):
    own = variables_of(containers.content["services"]["sales"])["HANDOVER_DATABASE_URL"]
    foreign = f"{own.rpartition('/')[0]}/handover_quality"
    told = {**containers.environment("sales"), "HANDOVER_DATABASE_URL": foreign}
    command = [str(containers.image.python), "-m", "chassis.migrate", "sales"]
    refused = subprocess.run(command, env=told, cwd="/", capture_output=True, text=True, check=False)

    assert refused.returncode != 0
    assert 'permission denied for database "handover_quality"' in refused.stderr


def test_the_traces_arrive_where_compose_sends_them(containers: Containers):
    httpx.get(f"{containers.url('sales')}/api/orders/followed")

    assert containers.collector.wait(lambda span: span.attributes.get("url.path") == "/api/orders/followed")


def test_the_image_s_own_health_check_tells_a_living_process_from_none(containers: Containers):
    command = [str(containers.image.python), "-m", "deploy.healthcheck"]
    alive = containers.environment("sales")
    nobody = {**alive, "HANDOVER_PORT": str(containers.ports["broker_names"])}

    assert subprocess.run(command, env=alive, check=False).returncode == 0
    assert subprocess.run(command, env=nobody, capture_output=True, check=False).returncode != 0
