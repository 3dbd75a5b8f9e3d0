"""Which packages of the operating system are needed, and how do they get onto a machine without a question?"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from deploy.local import given
from deploy.local.programs import Identity, StartFailed, end
from deploy.local.rabbitmq import installed_server
from deploy.local.rabbitmq_container import docker_runs

REFUSE_SERVICES = Path("/usr/sbin/policy-rc.d")
BROKER = "rabbitmq-server"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CJK_FONTS = "fonts-noto-cjk"


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def prepare_servers() -> None:
    """Make sure that a broker can be started here, and that servers which are lent to us let us in."""
    given.require()
    if given.BROKER.url or installed_server() is not None:
        return
    if can_install():
        install([BROKER])
    elif not docker_runs():
        raise StartFailed(
            "No RabbitMQ was found. Remedy, any one of: `apt-get install rabbitmq-server` as root; start Docker; "
            "set HANDOVER_BROKER_URL to a broker of yours."
        )


def install(packages: Sequence[str]) -> None:
    """Install Debian packages without questions and without letting them start services of their own."""
    print(f"handover: installing {', '.join(packages)} with apt-get", flush=True)
    before = set(_name_services())
    with _no_services_started():
        _apt("update", "-qq")
        _apt("install", "-y", "-qq", "--no-install-recommends", *packages)
    end(set(_name_services()) - before)
    if BROKER in packages and shutil.which("systemctl") and Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "disable", "--now", "--quiet", BROKER], check=False)


def _apt(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0", *arguments]
    finished = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise StartFailed(f"`{' '.join(command)}` failed:\n{finished.stderr.strip()[-2000:]}")


@contextlib.contextmanager
def _no_services_started() -> Iterator[None]:
    """Debian's own way to say so; an administrator's policy, where there is one, is kept."""
    if REFUSE_SERVICES.exists():
        yield
        return
    REFUSE_SERVICES.write_text("#!/bin/sh\nexit 101\n")
    REFUSE_SERVICES.chmod(0o755)
    try:
        yield
    finally:
        REFUSE_SERVICES.unlink(missing_ok=True)


def _name_services() -> Iterator[Identity]:
    """Erlang's name service starts itself when the broker's package is set up, and nothing stops it."""
    for process in psutil.process_iter(["name", "create_time"]):
        if process.info["name"] == "epmd":
            yield Identity(process.pid, process.info["create_time"])


def chromium() -> str | None:
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def has_cjk_fonts() -> bool:
    """Without them every Chinese character in a browser test's picture is an empty box."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh"], capture_output=True, text=True, check=False).stdout.strip())
