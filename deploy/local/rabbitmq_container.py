"""How does Docker lend a broker to an ordinary user on a machine where no RabbitMQ is installed?"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local.place import Place
from deploy.local.ports import LOOPBACK
from deploy.local.programs import StartFailed
from deploy.local.rabbitmq import CONFIGURATION, RabbitNode, installed_server, local_node

IMAGE = "rabbitmq:4.3-alpine"
READABLE = 0o644  # the container's own user reads them; the definitions hold password hashes only


def docker_runs() -> bool:
    """The client alone is not enough: its daemon has to answer."""
    client = shutil.which("docker")
    return client is not None and subprocess.run([client, "info"], capture_output=True, check=False).returncode == 0


@dataclass
class RabbitContainer(RabbitNode):
    """The same broker, its data in a volume: `docker run` in the foreground is the process that is watched."""

    @property
    def container(self) -> str:
        return f"handover-{self.port}"

    def _launch(self) -> None:
        self._docker("rm", "--force", self.container)
        for file in ("rabbitmq.conf", "definitions.json"):
            (self.folder / file).chmod(READABLE)
        files = {
            self.folder / "rabbitmq.conf": "/etc/rabbitmq/rabbitmq.conf:ro",
            self.folder / "definitions.json": "/etc/rabbitmq/definitions.json:ro",
            Path(self.container): "/var/lib/rabbitmq",
        }
        volumes = [text for source, target in files.items() for text in ("--volume", f"{source}:{target}")]
        options = [
            "--rm",
            "--name",
            self.container,
            "--hostname",
            "handover",
            "--publish",
            f"{LOOPBACK}:{self.port}:5672",
        ]
        self.process = self._run(Path(client()), ["run", *options, *volumes, IMAGE], os.environ)

    def _configuration(self) -> str:
        return CONFIGURATION.format(listener="0.0.0.0:5672", definitions="/etc/rabbitmq/definitions.json")

    def stop(self) -> None:
        self._docker("stop", self.container)
        super().stop()

    def kill(self) -> None:
        self._docker("kill", self.container)
        super().kill()

    def delete_data(self) -> None:
        self._docker("volume", "rm", "--force", self.container)

    def _docker(self, *arguments: str) -> None:
        subprocess.run([client(), *arguments], capture_output=True, check=False, timeout=60)


def own_broker(place: Place, ports: Mapping[str, int]) -> RabbitNode:
    """A node of the installed program; a container only where none is installed."""
    if installed_server() is not None or not docker_runs():
        return local_node(place, ports)
    return local_node(replace(place, account=None), ports, kind=RabbitContainer)


def client() -> str:
    found = shutil.which("docker")
    if found is None:
        raise StartFailed(
            "Docker is not installed. Remedy: install it, or rabbitmq-server, or set HANDOVER_BROKER_URL."
        )
    return found
