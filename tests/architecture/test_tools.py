"""The rules that tools keep: layers, types, style, spelling, declared dependencies, and nothing that names a registry."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

TOOLS = {
    "layers": ["lint-imports"],
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy", "chassis", "contracts", "deploy", "services", "tests"],
    "spelling": ["codespell"],
    "dependencies": ["deptry", "."],
}
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".html", ".css", ".js", ".txt", ".json", ".sql", ""}
# Taken apart, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(["pypi" + r"\.org", "files\\.python" + "hosted", "registry\\.npm" + "js", "deb\\.deb" + r"ian\.org"])
)


@pytest.mark.parametrize("tool", TOOLS, ids=str)
def test_the_tools_have_nothing_to_say(tool: str) -> None:
    command = [str(BIN / TOOLS[tool][0]), *TOOLS[tool][1:]]
    finished = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    return [PROJECT / name for name in listed.splitlines() if (PROJECT / name).is_file()]


def test_nothing_names_a_package_registry() -> None:
    named = [
        str(path.relative_to(PROJECT))
        for path in tracked()
        if path.suffix in TEXT and "vendor" not in path.parts and REGISTRIES.search(path.read_text(errors="replace"))
    ]

    assert named == []
