"""Does `./handover` explain itself on a machine that has nothing but Python?"""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.commands import COMMANDS, available, choose, explain
from deploy.local.place import PROJECT

BOOTSTRAP = ["handover", "deploy/local/commands.py"]


def imported(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("file", BOOTSTRAP)
def test_the_bootstrap_needs_the_standard_library_alone(file: str):
    foreign = {name for name in imported(PROJECT / file) if name.split(".")[0] not in sys.stdlib_module_names}

    assert foreign <= {"deploy.local.commands"}


def test_help_works_before_there_is_an_environment(tmp_path: Path):
    for file in [*BOOTSTRAP, "deploy/__init__.py", "deploy/local/__init__.py", "deploy/local/up.py"]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / file, tmp_path / file)

    shown = subprocess.run(
        [sys.executable, "-I", tmp_path / "handover", "--help"], capture_output=True, text=True, check=True
    )

    assert "./handover up" in shown.stdout
    assert not (tmp_path / ".handover").exists()


def test_a_command_whose_module_does_not_exist_is_not_offered(tmp_path: Path):
    (tmp_path / "deploy" / "local").mkdir(parents=True)
    (tmp_path / "deploy" / "local" / "down.py").touch()

    assert [command.name for command in available(tmp_path)] == ["down"]
    assert "./handover up" not in explain(tmp_path)


def test_an_unknown_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]):
    assert choose(PROJECT, "statu") is None

    assert "Did you mean `./handover status`?" in capsys.readouterr().err


def test_no_two_commands_share_a_name():
    names = [command.name for command in COMMANDS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("command", ["up", "down", "status", "doctor", "logs", "reset", "test", "evidence"])
def test_every_command_explains_itself(command: str):
    shown = subprocess.run([PROJECT / "handover", command, "--help"], capture_output=True, text=True, check=True)

    assert f"handover {command}" in shown.stdout
