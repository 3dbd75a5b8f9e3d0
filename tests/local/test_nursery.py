"""Services come from one process that has imported what they share; it knows no credentials and leaves nothing behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.nursery import Nursery
from deploy.local.programs import Identity, last_lines, wait_until

PATIENCE_S = 30.0


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    made = Nursery(tmp_path / "nursery.log")
    yield made
    made.stop()


def parent_of(identity: Identity) -> psutil.Process:
    found = psutil.Process(identity.pid).parent()
    assert found is not None
    return found


def born(nursery: Nursery, log: Path, **environment: str) -> Identity:
    """A service that waits for a database which is not there."""
    settings = {
        "HANDOVER_SERVICE": "sales",
        "HANDOVER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "HANDOVER_BROKER_URL": "amqp://127.0.0.1:1/",
        "HANDOVER_TOKEN_SECRET": "x" * 40,
        **environment,
    }
    return nursery.bear("sales", settings, log)


def test_what_a_service_says_is_in_its_own_log(nursery: Nursery, tmp_path: Path) -> None:
    log = tmp_path / "sales.log"

    service = born(nursery, log, HANDOVER_CLOCK="sundial")

    assert wait_until(lambda: not service.alive(), PATIENCE_S)
    assert "sundial" in last_lines(log, 40)


def test_the_process_they_come_from_knows_no_credentials(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOVER_POSTGRES_URL", "postgresql://admin:secret@127.0.0.1/postgres")

    service = born(nursery, tmp_path / "sales.log")

    known = parent_of(service).environ()
    assert "HANDOVER_POSTGRES_URL" not in known
    assert "PATH" in known


def test_one_that_was_killed_is_replaced(nursery: Nursery, tmp_path: Path) -> None:
    first = parent_of(born(nursery, tmp_path / "sales.log"))
    os.kill(first.pid, signal.SIGKILL)
    assert wait_until(lambda: not first.is_running() or first.status() == psutil.STATUS_ZOMBIE, PATIENCE_S)

    second = parent_of(born(nursery, tmp_path / "sales.log"))

    assert second.pid != first.pid


def test_it_ends_when_it_is_not_needed_and_leaves_the_services_alone(nursery: Nursery, tmp_path: Path) -> None:
    service = born(nursery, tmp_path / "sales.log")
    mother = Identity.of(parent_of(service).pid)

    nursery.stop()

    assert not mother.alive()
    assert psutil.pid_exists(service.pid)
    os.kill(service.pid, signal.SIGKILL)
