"""Does the Kubernetes base render without a network, is every document valid, and is every pod as closed as it can be?"""

import copy
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from chassis.settings import Settings
from contracts.event import SERVICES
from deploy.credentials import make
from deploy.local.place import PROJECT
from tests.conftest import missing

KUBERNETES = PROJECT / "deploy" / "kubernetes"
BASE, MESSENGERS = KUBERNETES / "base", KUBERNETES / "messengers"
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
VERSION = kubernetes_validate.latest_version()
SOURCES = sorted(file for file in KUBERNETES.rglob("*.yaml") if file.name != "kustomization.yaml")

Document = dict[str, Any]


def documents(text: str) -> Iterator[Document]:
    yield from filter(None, yaml.safe_load_all(text))


@pytest.fixture(scope="module")
def rendered() -> list[Document]:
    """What kustomize makes of the base; it needs no cluster for that."""
    return kustomized(BASE)


def kustomized(folder: Path) -> list[Document]:
    if shutil.which("kubectl"):
        command = ["kubectl", "kustomize", str(folder)]
    elif shutil.which("kustomize"):
        command = ["kustomize", "build", str(folder)]
    else:
        missing("Neither kubectl nor kustomize is installed. Remedy: install either; no cluster is needed.")
    return list(documents(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def of_kind(rendered: list[Document], kind: str) -> dict[str, Document]:
    return {document["metadata"]["name"]: document for document in rendered if document["kind"] == kind}


def workloads(rendered: list[Document]) -> list[Document]:
    return [*of_kind(rendered, "Deployment").values(), *of_kind(rendered, "Job").values()]


def labels_of(workload: Document) -> Mapping[str, str]:
    found: Mapping[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def container_of(workload: Document) -> Document:
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    assert "initContainers" not in workload["spec"]["template"]["spec"]
    return dict(container)


def selected(selector: Mapping[str, str], rendered: list[Document]) -> set[str]:
    """The workloads whose pods carry all these labels."""
    return {each["metadata"]["name"] for each in workloads(rendered) if selector.items() <= labels_of(each).items()}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(KUBERNETES)))
def test_every_document_is_valid_as_it_is_written(file: Path):
    written = list(documents(file.read_text()))

    assert written
    for document in written:
        kubernetes_validate.validate(document, VERSION, strict=True)


def test_every_rendered_document_is_valid_and_needs_no_custom_resource(rendered: list[Document]):
    for document in rendered:
        kubernetes_validate.validate(document, VERSION, strict=True)


def test_nothing_is_tied_to_a_namespace_and_no_secret_is_in_it(rendered: list[Document]):
    assert not [document for document in rendered if "namespace" in document["metadata"]]
    assert not of_kind(rendered, "Secret")


@pytest.mark.parametrize("kind", ["Deployment", "Service", "ServiceAccount", "PodDisruptionBudget"])
def test_every_department_has_its_own(rendered: list[Document], kind: str):
    assert of_kind(rendered, kind).keys() == {f"handover-{service}" for service in SERVICES}


def test_every_department_s_database_is_migrated_and_the_installation_founded(rendered: list[Document]):
    assert of_kind(rendered, "Job").keys() == {
        *(f"migration-{service}" for service in SERVICES),
        "founding-accountability",
    }


def test_departments_differ_in_nothing_but_their_name(rendered: list[Document]):
    """Accountability alone has more memory: the judge's, and that of the processes that answer what-if."""

    def nameless(document: Document, service: str) -> str:
        document = copy.deepcopy(document)
        if document["kind"] == "Deployment":
            resources = container_of(document)["resources"]
            known = ("384Mi", "2Gi") if service == "accountability" else ("128Mi", "256Mi")
            assert (resources["requests"].pop("memory"), resources["limits"].pop("memory")) == known
        text = re.sub(rf"\b(department-){service}-\w+", r"\1SERVICE", yaml.safe_dump(document))
        return re.sub(rf"\b{service}\b", "SERVICE", text)

    for kind in ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget"):
        assert len({nameless(of_kind(rendered, kind)[f"handover-{name}"], name) for name in SERVICES}) == 1
    migrations = of_kind(rendered, "Job")
    assert len({nameless(migrations[f"migration-{name}"], name) for name in SERVICES}) == 1


def test_every_pod_is_as_the_restricted_standard_wants_it(rendered: list[Document]):
    for workload in workloads(rendered):
        pod, container = workload["spec"]["template"]["spec"], container_of(workload)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] >= 10_000
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"name": "temporary", "mountPath": "/tmp"} in container["volumeMounts"]  # noqa: S108 -- the pod's own


def test_every_pod_is_bounded_in_memory_and_asks_for_what_it_needs(rendered: list[Document]):
    for workload in workloads(rendered):
        resources = container_of(workload)["resources"]
        assert resources["requests"].keys() == {"cpu", "memory"}
        assert resources["limits"].keys() == {"memory"}


def test_only_a_process_that_is_stuck_is_restarted(rendered: list[Document]):
    for deployment in of_kind(rendered, "Deployment").values():
        container = container_of(deployment)
        probes = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
        assert probes == {"startup": "/healthz", "readiness": "/readyz", "liveness": "/healthz"}


def test_traffic_and_budgets_reach_the_department_s_service_and_no_migration(rendered: list[Document]):
    for service in SERVICES:
        name = f"handover-{service}"
        assert selected(of_kind(rendered, "Service")[name]["spec"]["selector"], rendered) == {name}
        budget = of_kind(rendered, "PodDisruptionBudget")[name]["spec"]
        assert selected(budget["selector"]["matchLabels"], rendered) == {name}
        (spread,) = of_kind(rendered, "Deployment")[name]["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert selected(spread["labelSelector"]["matchLabels"], rendered) == {name}


def test_departments_never_speak_to_each_other(rendered: list[Document]):
    policies = of_kind(rendered, "NetworkPolicy")
    everybody = {each["metadata"]["name"] for each in workloads(rendered)}
    closed = policies["deny-all"]["spec"]

    assert selected(closed["podSelector"]["matchLabels"], rendered) == everybody
    assert (closed.keys(), closed["policyTypes"]) == ({"podSelector", "policyTypes"}, ["Ingress", "Egress"])
    for policy in policies.values():
        rules = policy["spec"].get("ingress", [])
        assert all(source.keys() == {"namespaceSelector"} for rule in rules for source in rule["from"])
        out = policy["spec"].get("egress", [])
        assert {port["port"] for rule in out for port in rule["ports"]} <= {53, 5432, 5671, 5672, 4318}


def test_a_migration_reaches_its_database_alone(rendered: list[Document]):
    (migration,) = [each for each in workloads(rendered) if each["metadata"]["name"] == "migration-sales"]
    reached = {
        name
        for name, policy in of_kind(rendered, "NetworkPolicy").items()
        if policy["spec"]["podSelector"]["matchLabels"].items() <= labels_of(migration).items()
    }

    assert reached == {"deny-all", "find-names", "reach-database"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an operator makes the Secrets from."""
    folder: Path = tmp_path_factory.mktemp("credentials")
    make(folder, postgres="postgres.example:5432", broker="rabbitmq.example:5672")
    return folder


def environment_of(workload: Document, rendered: list[Document], secrets: Path) -> dict[str, str]:
    """What the container finds: config maps of the base and the Secret that an operator made of the service's file."""
    found: dict[str, str] = {}
    for source in container_of(workload)["envFrom"]:
        if "configMapRef" in source:
            found |= of_kind(rendered, "ConfigMap")[source["configMapRef"]["name"]]["data"]
        else:
            kind, _, service = source["secretRef"]["name"].partition("-")
            file = {"credentials": f"{service}.env", "owner": f"{service}-owner.env"}[kind]
            lines = (secrets / file).read_text().splitlines()
            found |= dict(line.partition("=")[::2] for line in lines)
    return found


def test_every_service_finds_its_settings_and_no_other_s(
    rendered: list[Document], secrets: Path, monkeypatch: pytest.MonkeyPatch
):
    known = {f"HANDOVER_{name.upper()}" for name in Settings.model_fields}
    for workload in workloads(rendered):
        if labels_of(workload)[COMPONENT] == "migration":
            continue
        service = labels_of(workload)[NAME]
        environment = environment_of(workload, rendered, secrets)
        assert environment.keys() <= known
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            settings = Settings()
        assert (settings.service, settings.port) == (service, container_port(rendered))
        assert f"@postgres.example:5432/handover_{service}" in settings.database_url


def test_a_migration_signs_in_as_the_owner_and_knows_nothing_else_that_is_secret(
    rendered: list[Document], secrets: Path
):
    for workload in workloads(rendered):
        service, environment = labels_of(workload)[NAME], environment_of(workload, rendered, secrets)
        if labels_of(workload)[COMPONENT] == "migration":
            role = f"handover_{service}_owner"
            assert environment["HANDOVER_DATABASE_URL"].startswith(f"postgresql://{role}:")
            assert not environment.keys() & {"HANDOVER_BROKER_URL", "HANDOVER_TOKEN_SECRET"}
        else:
            assert environment["HANDOVER_DATABASE_URL"].startswith(f"postgresql://handover_{service}:")


def container_port(rendered: list[Document]) -> int:
    (port,) = {
        port["containerPort"]
        for each in of_kind(rendered, "Deployment").values()
        for port in container_of(each)["ports"]
    }
    return int(port)


def test_every_container_runs_a_module_that_is_there(rendered: list[Document], secrets: Path):
    for workload in workloads(rendered):
        environment = environment_of(workload, rendered, secrets)
        module, *rest = [
            re.sub(r"\$\((\w+)\)", lambda found, known=environment: known[found[1]], argument)  # type: ignore[misc]
            for argument in container_of(workload)["args"]
        ]
        assert find_spec(module) is not None
        assert labels_of(workload)[COMPONENT] != "migration" or rest == [labels_of(workload)[NAME]]


def test_files_come_from_the_mounts_that_the_settings_name(rendered: list[Document], secrets: Path):
    for deployment in of_kind(rendered, "Deployment").values():
        environment = environment_of(deployment, rendered, secrets)
        mounts = [mount["mountPath"] for mount in container_of(deployment)["volumeMounts"]]
        files = [Path(value) for name, value in environment.items() if name.endswith("_FILE")]
        assert files
        assert all(str(file.parent) in mounts for file in files)


def test_services_reach_messengers_where_an_overlay_wants_it(rendered: list[Document], tmp_path: Path):
    overlay = {
        "resources": [os.path.relpath(BASE, tmp_path)],
        "components": [os.path.relpath(MESSENGERS, tmp_path)],
        "namespace": "handover",
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))

    policy = of_kind(kustomized(tmp_path), "NetworkPolicy")["reach-messengers"]

    assert "reach-messengers" not in of_kind(rendered, "NetworkPolicy")
    reached = selected(policy["spec"]["podSelector"]["matchLabels"], rendered)
    assert reached == {f"handover-{service}" for service in SERVICES}
    assert [port["port"] for port in policy["spec"]["egress"][0]["ports"]] == [443, 465, 587]
