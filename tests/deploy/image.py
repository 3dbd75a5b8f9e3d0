"""What does the Dockerfile put into the image, and does that suffice? Its steps are carried out here without Docker."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deploy.local.place import PROJECT

DOCKERFILE = PROJECT / "deploy" / "Dockerfile"
ENVIRONMENT, PRODUCT = "/opt/environment", "/opt/handover"


class Step(NamedTuple):
    """One instruction of one stage."""

    stage: int
    word: str
    rest: str


def steps() -> Iterator[Step]:
    """The Dockerfile's instructions, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    stage = 0
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        stage += word == "FROM"
        if word:
            yield Step(stage, word, rest.strip())


def copied() -> Iterator[tuple[list[str], str]]:
    """What comes from the project into the image: sources and target."""
    for step in steps():
        if step.word == "COPY" and not step.rest.startswith("--from"):
            *sources, target = shlex.split(step.rest)
            yield sources, target


@dataclass(frozen=True)
class Image:
    """The image's content as folders: its Python and the product's files, nothing else of the project."""

    python: Path
    product: Path

    @classmethod
    def at(cls, folder: Path) -> "Image":
        return cls(folder / "environment" / "bin" / "python", folder / "product")

    def environment(self, own: dict[str, str]) -> dict[str, str]:
        """What a container's process finds: nothing of ours."""
        return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.product), "PYTHONDONTWRITEBYTECODE": "1", **own}


def build(folder: Path) -> Image:
    """Copy what is copied and run what installs, with the folder in place of the image's root."""
    installing, compiling = (step.rest for step in steps() if step.word == "RUN" and step.stage == 1)
    for sources, target in copied():
        inside = folder / ("build" if target == "./" else "product") / target
        for source in sources:
            copy(PROJECT / source, inside)
    run_in_build(installing, folder)
    run_in_build(compiling, folder, workdir="product")
    (folder / "made").touch()
    return Image.at(folder)


def copy(source: Path, target: Path) -> None:
    """A folder's content goes into the target, as Docker does it; what is generated stays behind."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def run_in_build(command: str, folder: Path, workdir: str = "build") -> None:
    """A RUN of the first stage, its system-wide Python being an environment of its own; raises CalledProcessError."""
    system = folder / "system"
    if not system.exists():
        subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", "--seed", str(system)], check=True)
    path = f"{system / 'bin'}:{os.environ['PATH']}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HANDOVER_", "PYTHON"))}
    subprocess.run(
        ["sh", "-ec", command],
        cwd=folder / workdir,
        env={**inherited, "PATH": path, "VIRTUAL_ENV": str(folder / "environment")},
        capture_output=True,
        text=True,
        check=True,
    )
