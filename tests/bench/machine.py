"""How much processor time and memory does each part of a running system use?"""

import contextlib
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from deploy.local.programs import Identity
from deploy.local.system import Part, System


@dataclass
class Spent:
    """Seconds of processor time by part; filled when the measured block ends."""

    seconds: dict[str, float] = field(default_factory=dict)


@contextlib.contextmanager
def processor_time(system: System) -> Iterator[Spent]:
    """What services, database server, broker and this process, the load generator, use within the block."""
    spent, before = Spent(), seconds_of(system)
    yield spent
    spent.seconds = {name: after - before[name] for name, after in seconds_of(system).items()}


def seconds_of(system: System) -> dict[str, float]:
    parts = {part.name: sum(cpu_seconds(identity) for identity in part.identities()) for part in system.parts}
    return {**parts, "load generator": cpu_seconds(Identity.of(os.getpid()), children=False)}


def cpu_seconds(identity: Identity, *, children: bool = True) -> float:
    """Of the process and, with `children`, of those that live and those that it has buried."""
    process = psutil.Process(identity.pid)
    members = [process, *process.children(recursive=True)] if children else [process]
    total = 0.0
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            total += times.user + times.system
            if children:
                total += times.children_user + times.children_system
    return total


def memory_mib(part: Part) -> float:
    return sum(identity.memory_mib() for identity in part.identities())


def described() -> dict[str, str | int | float]:
    """The machine in few words. Others at work on it make every figure worse: the load says how many."""
    return {
        "cores": psutil.cpu_count() or 1,
        "GiB": round(psutil.virtual_memory().total / 2**30),
        "load before": round(psutil.getloadavg()[0], 1),
        "Python": platform.python_version(),
    }
