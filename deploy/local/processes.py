"""How does a service run as a process of its own on this machine, and when is it ready?"""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.event import SERVICES
from deploy.local.environments import service_environment
from deploy.local.nursery import Nursery
from deploy.local.place import PROJECT
from deploy.local.programs import Identity, StartFailed, end, last_lines, rotate, wait_until

READY_PATIENCE_S = 60.0


def services() -> tuple[str, ...]:
    """The departments whose service can be started."""
    return tuple(name for name in SERVICES if (PROJECT / "services" / name / "main.py").is_file())


@dataclass
class ServiceProcess:
    """What `python -m services.<name>.main` runs, with its environment, its log and its address."""

    name: str
    environment: Mapping[str, str]
    log: Path
    nursery: Nursery
    identity: Identity | None = None

    @property
    def base_url(self) -> str:
        return f"http://{self.environment['HANDOVER_HOST']}:{self.environment['HANDOVER_PORT']}"

    def identities(self) -> list[Identity]:
        return [] if self.identity is None or self.process_ended() else [self.identity]

    def process_ended(self) -> bool:
        return self.identity is None or not self.identity.alive()

    def start(self) -> None:
        """Start the process without waiting for it: seven of them get ready together."""
        rotate(self.log)
        self.identity = self.nursery.bear(self.name, self.environment, self.log)

    def wait_ready(self, patience_s: float = READY_PATIENCE_S) -> None:
        """Return once /readyz says that its database and the broker answer."""
        if (
            wait_until(lambda: self.process_ended() or self.ready(), patience_s, every_s=0.05)
            and not self.process_ended()
        ):
            return
        reason = "ended by itself" if self.process_ended() else f"was not ready after {patience_s:.0f} s"
        self.kill()
        raise StartFailed(f"The service {self.name} {reason}. Its log {self.log} ends:\n{last_lines(self.log)}")

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=2) as answer:  # noqa: S310 -- http, by base_url
                return all(json.load(answer).values())
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def stop(self) -> None:
        """Let it finish what it is doing, then end it and whatever it started."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> None:
        end(self.identities(), gently=sign)


def migrate(database_urls: Mapping[str, str], clock: str, log: Path) -> None:
    """Bring every service's database up to date, in one process: on two cores starting Python is what costs."""
    rotate(log)
    own = {"HANDOVER_DATABASE_URLS": json.dumps(dict(database_urls)), "HANDOVER_CLOCK": clock}
    with log.open("ab") as stream:
        command = [sys.executable, "-m", "chassis.migrate", "all"]
        environment = service_environment(own)
        finished = subprocess.run(command, env=environment, cwd=PROJECT, stdout=stream, stderr=stream, check=False)
    if finished.returncode:
        raise StartFailed(f"A database migration failed. The log {log} ends:\n{last_lines(log)}")


def addresses(ports: Mapping[str, int], host: str, names: Sequence[str]) -> str:
    """Where people find each department, as the services themselves are told."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 -- compared, never bound here
    return json.dumps({name: f"http://{shown}:{ports[name]}" for name in names})
