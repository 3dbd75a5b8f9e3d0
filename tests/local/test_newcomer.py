"""Does a fresh clone work for an ordinary user, with the system's own Python, from nothing?"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.lifecycle import running
from deploy.local.place import PROJECT, Place
from tests.conftest import missing

pytestmark = pytest.mark.live

VISITOR = "handover-visitor"
SYSTEM_PYTHON = Path("/usr/bin/python3")


@pytest.fixture(scope="module")
def visitor() -> Iterator[pwd.struct_passwd]:
    """An account without any rights; only root can make one."""
    if os.geteuid() != 0 or shutil.which("useradd") is None:
        pytest.skip("only root can make another account; an ordinary user's own run shows the same")
    if not has_pip(SYSTEM_PYTHON):
        missing(f"There is no {SYSTEM_PYTHON} with pip. Remedy: `apt-get install python3-pip`.")
    subprocess.run(["useradd", "--create-home", VISITOR], check=True)
    yield pwd.getpwnam(VISITOR)
    subprocess.run(["userdel", "--remove", "--force", VISITOR], check=True, capture_output=True)


def has_pip(python: Path) -> bool:
    asked = [str(python), "-m", "pip", "--version"]
    return python.exists() and subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def clone(visitor: pwd.struct_passwd) -> Path:
    """The project's files, without anything that was made from them, in the visitor's home."""
    folder = Path(visitor.pw_dir) / "handover clone"
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    known = subprocess.run(git, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, known.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    subprocess.run(["chown", "-R", VISITOR, visitor.pw_dir], check=True)
    return folder


def test_an_ordinary_user_gets_a_running_system_from_a_fresh_clone(
    visitor: pwd.struct_passwd, clone: Path, needs_rabbitmq: None
):
    started = call(visitor, clone, "up", "--only")
    assert started.returncode == 0, started.stdout + started.stderr

    known = running(Place(clone / ".handover", clone / ".handover" / "data", None))
    assert known is not None
    assert set(known.parts) == {"PostgreSQL", "RabbitMQ"}
    assert (clone / ".handover" / "data" / "postgres").is_dir()

    assert call(visitor, clone, "down").returncode == 0
    assert not any(identity.alive() for identity in known.everything())


def test_an_ordinary_user_runs_system_and_tests_on_a_broker_that_is_lent(
    visitor: pwd.struct_passwd, clone: Path, broker: str
):
    started = call(visitor, clone, "up", "--only", "sales", HANDOVER_BROKER_URL=broker)
    assert started.returncode == 0, started.stdout + started.stderr
    known = running(Place(clone / ".handover", clone / ".handover" / "data", None))
    assert known is not None
    assert set(known.parts) == {"PostgreSQL", "sales"}
    assert call(visitor, clone, "reset", "--yes", HANDOVER_BROKER_URL=broker).returncode == 0

    tested = call(visitor, clone, "test", "tests/local/test_given.py", "-k", "stays", HANDOVER_BROKER_URL=broker)

    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "1 passed, 0 failed, 0 skipped" in tested.stdout


def call(
    visitor: pwd.struct_passwd, clone: Path, *arguments: str, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """`./handover` as the visitor, with nothing of our environment but how packages are reached here."""
    reached_by = ("PIP_", "SSL_", "UV_INDEX", "UV_DEFAULT")
    kept = {name: value for name, value in os.environ.items() if name.startswith(reached_by)}
    return subprocess.run(
        [str(SYSTEM_PYTHON), str(clone / "handover"), *arguments],
        cwd=clone,
        env={**kept, "HOME": visitor.pw_dir, "PATH": "/usr/bin:/bin", "USER": visitor.pw_name, **settings},
        user=visitor.pw_uid,
        group=visitor.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
