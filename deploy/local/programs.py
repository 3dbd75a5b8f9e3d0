"""Is a process we once started still that process, and how does it end together with its children?"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from deploy.local.place import Account

CLOCK_TOLERANCE_S = 1.0


class StartFailed(Exception):
    """A part of the system did not come up; the message says which and shows the end of its log."""


@dataclass(frozen=True)
class Identity:
    """A process id alone is reused by the system; together with the start time it names one process for ever."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Identity:
        return cls(pid, psutil.Process(pid).create_time())

    @classmethod
    def from_json(cls, content: dict[str, float]) -> Identity:
        return cls(int(content["pid"]), content["started"])

    def to_json(self) -> dict[str, float]:
        return {"pid": self.pid, "started": self.started}

    def alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) <= CLOCK_TOLERANCE_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def memory_mib(self) -> float:
        """Private memory with a fair share of what is shared, of the process and its children."""
        try:
            process = psutil.Process(self.pid)
            return sum(_proportional_set_size(each) for each in [process, *process.children(recursive=True)]) / 2**20
        except psutil.NoSuchProcess:
            return 0.0


def _proportional_set_size(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        details = process.memory_full_info()
        return int(getattr(details, "pss", details.rss))
    return 0


def family(identity: Identity) -> list[Identity]:
    """The process and all its descendants."""
    try:
        members = [psutil.Process(identity.pid), *psutil.Process(identity.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    known = []
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            known.append(Identity(member.pid, member.create_time()))
    return known


def end(identities: Iterable[Identity], *, gently: signal.Signals = signal.SIGTERM, patience_s: float = 10.0) -> None:
    """Ask each process to stop; what is left of it and its children after the patience is killed."""
    living = [identity for identity in identities if identity.alive()]
    everyone = {member for identity in living for member in family(identity)}
    for identity in living:
        send(identity, gently)
    wait_until(lambda: not any(member.alive() for member in everyone), patience_s)
    for member in everyone:
        send(member, signal.SIGKILL)
    wait_until(lambda: not any(member.alive() for member in everyone), 5.0)


def send(identity: Identity, sign: signal.Signals) -> None:
    if identity.alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(identity.pid, sign)


def wait_until(met: Callable[[], bool], patience_s: float, *, every_s: float = 0.02) -> bool:
    """Poll until the condition is met; False when the patience runs out first."""
    deadline = time.monotonic() + patience_s
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments for subprocess that drop root's rights for good."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def last_lines(log: Path, count: int = 20) -> str:
    if not log.is_file():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def rotate(log: Path, keep: int = 3) -> None:
    """Begin a new log file; the last few stay beside it as .1, .2, …"""
    for age in range(keep - 1, -1, -1):
        older = log.with_name(f"{log.name}.{age}") if age else log
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{age + 1}"))
