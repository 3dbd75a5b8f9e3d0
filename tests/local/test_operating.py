"""Does an operator's command work on the system that runs here, and say so where none does?"""

import json
import os
from pathlib import Path

import pytest

from deploy.local.lifecycle import Running, write_running
from deploy.local.operating import DATABASES, on_this_system
from deploy.local.place import place_at
from deploy.local.programs import Identity
from deploy.local.status import NOT_RUNNING

OWN = {"sales": "postgresql://here/sales"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HANDOVER_HOME", str(tmp_path))
    monkeypatch.setenv(DATABASES, "")  # so that it is put back afterwards, whatever the command sets
    monkeypatch.delenv(DATABASES)
    return tmp_path


def started(folder: Path) -> None:
    """This very process stands for the supervisor, because it certainly lives."""
    write_running(place_at(folder), Running(Identity.of(os.getpid()), "real", {}, OWN))


def databases_seen() -> dict[str, str]:
    seen: list[dict[str, str]] = []

    def operate(arguments: list[str]) -> int:
        assert arguments == ["parked", "list"]
        seen.append(json.loads(os.environ[DATABASES]))
        return 7

    assert on_this_system(operate, ["parked", "list"]) == 7
    return seen[0]


@pytest.mark.parametrize("folder", [".", "demo"])
def test_a_command_works_on_the_installations_system_and_on_a_demo_that_is_kept_up(home: Path, folder: str) -> None:
    started(home / folder)

    assert databases_seen() == OWN


def test_databases_that_the_environment_names_win(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started(home)
    monkeypatch.setenv(DATABASES, json.dumps({"sales": "postgresql://elsewhere/sales"}))

    assert databases_seen() == {"sales": "postgresql://elsewhere/sales"}


def test_without_a_running_system_the_command_is_not_begun_and_the_remedy_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def operate(_: list[str]) -> int:
        pytest.fail("there is nothing to work on")

    assert on_this_system(operate, ["parked", "list"]) == NOT_RUNNING
    assert "./handover up" in capsys.readouterr().err
