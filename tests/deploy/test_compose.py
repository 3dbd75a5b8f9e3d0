"""Does compose.yaml hold every department, told everything it has to know and nothing that is another's?"""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from chassis.settings import Settings
from contracts.event import SERVICES
from tests.deploy.composition import COMPOSE, composition, in_order, is_ours, mounted, variables_of

BESIDE_THE_SETTINGS = {
    "HANDOVER_POSTGRES_URL",
    "HANDOVER_DATABASE_URLS",
    "HANDOVER_OWNER_URLS",
}  # of the one that makes the databases


@pytest.fixture(scope="module")
def content(credentials: Path) -> dict[str, Any]:
    return composition(CREDENTIALS=str(credentials))


def ours(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in content["services"].items() if is_ours(service)}


def test_the_file_is_what_the_compose_specification_says():
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed; it carries the schema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout


def test_every_department_has_its_service_and_its_migration_and_nothing_else_is_ours(content: dict[str, Any]):
    assert ours(content).keys() == {
        *SERVICES,
        *(f"{service}-migration" for service in SERVICES),
        "databases",
        "founding",
    }
    assert content["services"].keys() - ours(content) == {"postgres", "rabbitmq", "jaeger"}


def test_every_container_runs_a_module_that_is_there(content: dict[str, Any]):
    for service in ours(content).values():
        assert find_spec(service["command"][0]) is not None


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_finds_its_settings(content: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch):
    service = content["services"][name]
    for variable, value in variables_of(service).items():
        monkeypatch.setenv(variable, value)
    settings = Settings()

    assert settings.service == name
    assert service["command"] == [f"services.{name}.main"]
    assert settings.database_url.endswith(f"@postgres:5432/handover_{name}")
    assert settings.broker_url.startswith(f"amqp://{name}:")
    assert settings.service_urls.keys() == set(SERVICES)
    assert (settings.otlp_endpoint, settings.jaeger_url) == ("http://jaeger:4318", "http://127.0.0.1:16686")
    (published,) = service["ports"]
    assert f"{settings.service_urls[name].removeprefix('http://')}:8000" == published


def test_no_variable_is_one_that_nobody_reads(content: dict[str, Any]):
    known = {f"HANDOVER_{name.upper()}" for name in Settings.model_fields}

    for name, service in ours(content).items():
        allowed = BESIDE_THE_SETTINGS if name == "databases" else set()
        told = {variable for variable in variables_of(service) if variable.startswith("HANDOVER_")}
        assert told <= known | allowed


def test_no_department_knows_another_s_credentials(content: dict[str, Any], credentials: Path):
    secrets = {name: secrets_in(variables_of(content["services"][name])) for name in SERVICES}

    for name in SERVICES:
        others = set().union(*(secrets[other] for other in SERVICES if other != name))
        told = " ".join(variables_of(content["services"][name]).values())
        assert not [secret for secret in others if secret in told]
        keys = {path.name for path in mounted(content, content["services"][name]).values() if path.suffix == ".pem"}
        assert keys == {f"{name}.pem"}


def secrets_in(variables: dict[str, str]) -> set[str]:
    passwords = {variables[name].split("@")[0].rpartition(":")[2] for name in VARIABLES_WITH_PASSWORDS}
    return {*passwords, variables["HANDOVER_TOKEN_SECRET"]}


VARIABLES_WITH_PASSWORDS = ("HANDOVER_DATABASE_URL", "HANDOVER_BROKER_URL")


def test_every_file_that_is_mounted_is_there(content: dict[str, Any]):
    for service in content["services"].values():
        for path in mounted(content, service).values():
            assert path.is_file()
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in content["volumes"] or (COMPOSE.parent / source).is_file()
    named = {path for service in ours(content).values() for path in mounted(content, service)}
    for name in SERVICES:
        files = [value for value in variables_of(content["services"][name]).values() if value.startswith("/run/")]
        assert files
        assert named.issuperset(files)


def test_every_department_starts_after_its_database_and_the_broker(content: dict[str, Any]):
    for name in SERVICES:
        needed = content["services"][name]["depends_on"]
        assert needed["rabbitmq"] == {"condition": "service_healthy"}
        assert list(in_order(content, name))[:2] == ["databases", f"{name}-migration"]
    assert "founding" in list(in_order(content, "accountability"))


def test_what_runs_on_is_watched_and_what_runs_once_ends(content: dict[str, Any]):
    for name, service in content["services"].items():
        once = name in ours(content) and name not in SERVICES
        assert service["healthcheck"].keys() == ({"disable"} if once else service["healthcheck"].keys() | {"test"})
        assert service["restart"] == ("on-failure:5" if once else "unless-stopped")


def test_everything_has_an_image_and_a_limit(content: dict[str, Any]):
    for service in content["services"].values():
        assert ":" in service["image"] or is_ours(service)
        assert "/" not in service["image"].split(":")[0].replace("jaegertracing/jaeger", "jaeger")
        assert service["deploy"]["resources"]["limits"]["memory"]


def test_our_containers_are_closed(content: dict[str, Any]):
    for service in ours(content).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == ["/tmp"]  # noqa: S108 -- the container's own


def test_only_pages_are_reached_from_outside_and_only_from_this_machine(content: dict[str, Any]):
    published = {name: service["ports"] for name, service in content["services"].items() if "ports" in service}

    assert published.keys() == {*SERVICES, "rabbitmq", "jaeger"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert (published["rabbitmq"], published["jaeger"]) == (["127.0.0.1:15672:15672"], ["127.0.0.1:16686:16686"])
