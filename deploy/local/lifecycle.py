"""How does the whole system come up in the background, and go down again leaving nothing behind?"""

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts.event import SERVICES
from deploy.local import given
from deploy.local.databases import database_name, drop_databases, group
from deploy.local.place import PROJECT, Place, installation, place_at, read_json, write_json
from deploy.local.processes import services
from deploy.local.programs import Identity, StartFailed, end, last_lines, rotate
from deploy.rabbitmq.topology import withdraw

UP_PATIENCE_S = 180.0


class RunState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass
class Running:
    """What the supervisor says about the system it holds; kept in running.json."""

    supervisor: Identity
    clock: str
    urls: dict[str, str]
    databases: dict[str, str] = field(default_factory=dict)
    state: RunState = RunState.STARTING
    parts: dict[str, list[Identity]] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    trouble: str = ""

    def to_json(self) -> dict[str, Any]:
        parts = {name: [each.to_json() for each in identities] for name, identities in self.parts.items()}
        return {**vars(self), "supervisor": self.supervisor.to_json(), "parts": parts}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Running":
        parts = {name: [Identity.from_json(each) for each in known] for name, known in content["parts"].items()}
        known = {**content, "supervisor": Identity.from_json(content["supervisor"]), "parts": parts}
        return cls(**{**known, "state": RunState(content["state"])})

    def alive(self) -> bool:
        return self.supervisor.alive()

    def everything(self) -> list[Identity]:
        return [identity for identities in self.parts.values() for identity in identities]


def running(place: Place) -> Running | None:
    """What was last started here, whether it still lives or not."""
    content = read_json(place.home / "running.json")
    return Running.from_json(content) if content else None


def found_running(clock: str | None = None) -> Running | None:
    """The installation's own system, or that of a demo that is kept up; with this clock, if one is named."""
    home = installation().home
    for folder in (home, home / "demo"):
        known = running(place_at(folder)) if (folder / "running.json").exists() else None
        if known and known.alive() and clock in (None, known.clock):
            return known
    return None


def write_running(place: Place, now: Running) -> None:
    write_json(place.home / "running.json", now.to_json())


class AlreadyRunning(Exception):
    """The system runs, but with another clock or other services than were asked for."""

    def __init__(self, known: Running) -> None:
        runs = ", ".join(known.urls) or "no service"
        super().__init__(f"The system already runs with the {known.clock} clock and {runs}. Remedy: ./handover down")


def up(
    place: Place, *, clock: str = "real", only: Sequence[str] | None = None, report: Callable[[str], None] = print
) -> Running:
    """Start the system in the background and return when every service is ready. An interrupt stops it again.

    `only` names the services to start; none of them leaves the database and the broker alone.
    """
    names = services() if only is None else only
    with _one_at_a_time(place):
        known = running(place)
        if known and known.alive():
            if (known.clock, set(known.urls)) != (clock, set(names)):
                raise AlreadyRunning(known)
            return _wait_ready(place, known.supervisor, report)
        _clear_away(place, known)
        try:
            return _wait_ready(place, _start_supervisor(place, clock, names), report)
        except BaseException:
            down(place)
            raise


@contextmanager
def _one_at_a_time(place: Place) -> Iterator[None]:
    """Two `up` at once: the second waits, then finds the first one's system running."""
    with (place.home / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start_supervisor(place: Place, clock: str, names: Sequence[str]) -> Identity:
    place.logs.mkdir(parents=True, exist_ok=True)
    log = place.logs / "supervisor.log"
    rotate(log)
    options = ["--home", str(place.home), "--clock", clock, "--only", *names]
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.supervisor", *options],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    return Identity.of(process.pid)


def _wait_ready(place: Place, supervisor: Identity, report: Callable[[str], None]) -> Running:
    """Pass on what the supervisor says until it is ready, failed or gone."""
    deadline = time.monotonic() + UP_PATIENCE_S
    heard = 0
    while time.monotonic() < deadline:
        alive = supervisor.alive()
        now = running(place)
        if now and now.supervisor == supervisor:
            for sentence in now.said[heard:]:
                report(sentence)
            heard = len(now.said)
            if now.state is RunState.READY:
                return now
            if now.state is RunState.FAILED:
                raise StartFailed(now.trouble)
        if not alive:
            raise StartFailed(
                f"The supervisor ended by itself. Its log ends:\n{last_lines(place.logs / 'supervisor.log')}"
            )
        time.sleep(0.05)
    raise StartFailed(f"The system was not ready after {UP_PATIENCE_S:.0f} s; see {place.logs}.")


def down(place: Place) -> bool:
    """Stop everything that was started here; True when something ran."""
    known = running(place)
    ran = known is not None and (known.alive() or any(identity.alive() for identity in known.everything()))
    if known and known.alive():
        end([known.supervisor], patience_s=60.0)
        known = running(place)
    _clear_away(place, known)
    return ran


def _clear_away(place: Place, known: Running | None) -> None:
    """End what a killed supervisor left behind. A process id that meanwhile belongs to another program is spared."""
    if known:
        end(known.everything(), gently=signal.SIGTERM, patience_s=20.0)
    (place.home / "running.json").unlink(missing_ok=True)


def leave_lent_broker() -> None:
    """Take our exchanges and queues from a broker that is not ours, with whatever is in them."""
    if url := given.BROKER.url:
        asyncio.run(withdraw(url, prefix=os.environ.get("HANDOVER_BUS_PREFIX", "")))


def reset(place: Place) -> None:
    """Stop the system and delete its databases, queues, keys, passwords and logs; the environment stays."""
    down(place)
    leave_lent_broker()
    if url := given.POSTGRES.url:
        drop_databases(url, [database_name(name, group()) for name in SERVICES])
    for folder in (place.data, place.logs):
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("ports.json", "founding.yaml", "accounts.yaml"):
        (place.home / name).unlink(missing_ok=True)
