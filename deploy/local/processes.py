"""How does a service run as a process of its own on this machine, and when is it ready?"""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.event import SERVICES
from deploy.local.place import PROJECT
from deploy.local.programs import Identity, StartFailed, end, last_lines, rotate, wait_until

READY_PATIENCE_S = 60.0
# Credentials that only this tool may hold: a service knows its own database and nobody else's.
OURS_ALONE = (
    "HANDOVER_POSTGRES_URL",
    "HANDOVER_BROKER_URL",
    "HANDOVER_AMQP_URL",
    "HANDOVER_TEST_POSTGRES_URL",
    "HANDOVER_TEST_BROKER_URL",
)


def services() -> tuple[str, ...]:
    """The departments whose service can be started."""
    return tuple(name for name in SERVICES if (PROJECT / "services" / name / "main.py").is_file())


@dataclass
class ServiceProcess:
    """`python -m services.<name>.main` with its environment, its log and its address."""

    name: str
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def base_url(self) -> str:
        return f"http://{self.environment['HANDOVER_HOST']}:{self.environment['HANDOVER_PORT']}"

    def identities(self) -> list[Identity]:
        return [] if self.process is None or self.process_ended() else [Identity.of(self.process.pid)]

    def process_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def start(self) -> None:
        """Start the process without waiting for it: seven of them get ready together."""
        rotate(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"services.{self.name}.main"],
                env=self.environment,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

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
        if self.process is not None:
            end(self.identities(), gently=sign)
            self.process.wait(timeout=5)


def service_environment(own: Mapping[str, str]) -> dict[str, str]:
    """What the caller's shell says, less what only this tool may know, plus the service's own settings."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS_ALONE}
    return {**inherited, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", **own}


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
