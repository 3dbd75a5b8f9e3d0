"""Does the system come up, come back and go down as one, and leave nothing behind?

Most of these need no service: `up --only` with no name starts the database and the broker alone.
"""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import psutil
import pytest

from contracts.event import SERVICES
from deploy.local.lifecycle import Running, running
from deploy.local.place import PROJECT, place_at, write_json
from deploy.local.programs import Identity, send, wait_until
from tests.local.conftest import Handover, interruptible

pytestmark = pytest.mark.live

NOT_RUNNING = 3


def is_running(home: Path) -> Running:
    known = running(place_at(home))
    assert known is not None
    assert known.alive()
    return known


def started_from(home: Path) -> list[psutil.Process]:
    """Whatever still runs with this installation in its command line or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            traces = " ".join([*process.cmdline(), *process.environ().values()])
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if process.pid != os.getpid() and (str(home) in traces or str(place_at(home).data) in traces):
            found.append(process)
    return found


def test_every_service_gets_ready_and_one_that_is_killed_comes_back(home: Path, handover: Handover):
    started = handover("up")
    assert started.returncode == 0, started.stdout + started.stderr
    killed = is_running(home).parts["sales"][0]
    ready = f"{is_running(home).urls['sales']}/readyz"

    send(killed, signal.SIGKILL)

    assert set(is_running(home).urls) == set(SERVICES)
    assert wait_until(lambda: is_running(home).restarts.get("sales") == 1, 20)
    assert wait_until(lambda: answers(ready), 30)
    assert handover("down").returncode == 0
    assert started_from(home) == []


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_up_status_down_and_up_again_on_the_same_ports(home: Path, handover: Handover):
    started = handover("up", "--only")
    first = is_running(home)
    shown = json.loads(handover("status", "--json").stdout)

    assert started.returncode == 0, started.stderr
    assert {part["state"] for part in shown["parts"].values()} == {"running"}
    assert handover("parked", "list").returncode == 0

    assert handover("down").returncode == 0
    assert not any(identity.alive() for identity in [first.supervisor, *first.everything()])
    assert started_from(home) == []
    assert handover("status").returncode == NOT_RUNNING
    assert "./handover up" in handover("parked", "list").stderr

    assert handover("up", "--only").returncode == 0
    assert is_running(home).urls == first.urls


def test_a_part_that_dies_is_started_again_and_said_so(home: Path, handover: Handover):
    handover("up", "--only")
    database = is_running(home).parts["PostgreSQL"][0]

    send(database, signal.SIGKILL)

    assert wait_until(lambda: is_running(home).restarts.get("PostgreSQL") == 1, 20)
    assert is_running(home).parts["PostgreSQL"][0] != database
    assert "PostgreSQL runs again (restart 1)" in handover("logs", "supervisor").stdout


def test_what_a_killed_supervisor_left_behind_is_cleared_away(home: Path, handover: Handover):
    handover("up", "--only")
    orphans = is_running(home)
    send(orphans.supervisor, signal.SIGKILL)
    assert wait_until(lambda: not orphans.alive(), 5)
    assert any(identity.alive() for identity in orphans.everything())

    assert handover("up", "--only").returncode == 0

    assert not any(identity.alive() for identity in orphans.everything())
    assert is_running(home).supervisor != orphans.supervisor


def test_a_stale_record_with_another_programs_process_id_harms_nobody(home: Path, handover: Handover):
    with subprocess.Popen(["sleep", "60"]) as stranger:
        stale = Identity(stranger.pid, time.time() - 86_400)
        write_json(place_at(home).home / "running.json", Running(stale, "real", {}, parts={"sales": [stale]}).to_json())

        assert handover("status").returncode == NOT_RUNNING
        assert "nothing was running" in handover("down").stdout
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupt_while_starting_stops_everything_again(home: Path):
    environment = {**os.environ, "HANDOVER_HOME": str(home)}
    with subprocess.Popen(
        [PROJECT / "handover", "up", "--only"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    ) as starting:
        assert wait_until(lambda: running(place_at(home)) is not None, 30)

        starting.send_signal(signal.SIGINT)

        assert starting.wait(timeout=90) == 130
        assert "nothing is left running" in (starting.stdout.read() if starting.stdout else "")
    assert started_from(home) == []


def test_a_second_up_finds_the_first_ones_system(home: Path, handover: Handover):
    handover("up", "--only")
    first = is_running(home)

    assert handover("up", "--only").returncode == 0
    assert is_running(home).supervisor == first.supervisor
    assert "./handover down" in handover("up", "--only", "--clock", "stepped").stderr


def test_infrastructure_given_by_addresses_is_used_instead_of_our_own(
    home: Path, handover: Handover, postgres: str, broker: str
):
    given = {"HANDOVER_POSTGRES_URL": postgres, "HANDOVER_BROKER_URL": broker}

    assert handover("up", "--only", **given).returncode == 0

    assert is_running(home).parts.keys() & {"PostgreSQL", "RabbitMQ"} == set()
    assert handover("reset", "--yes", **given).returncode == 0


def test_reset_deletes_the_data_and_asks_first(home: Path, handover: Handover):
    handover("up", "--only")
    data = place_at(home).data

    assert handover("reset").returncode == 1
    assert data.is_dir()

    assert handover("reset", "--yes").returncode == 0
    assert not data.exists()
    assert started_from(home) == []
