"""What does compose.yaml say once its variables are filled in, and how does one of its services run as a process?"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.local.place import PROJECT

COMPOSE = PROJECT / "deploy" / "compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
OURS = "handover"


def composition(**variables: str) -> dict[str, Any]:
    """The file with its variables filled in, as `docker compose config` shows it."""
    text = VARIABLE.sub(lambda found: variables.get(found[1], found[2]), COMPOSE.read_text())
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def is_ours(service: Mapping[str, Any]) -> bool:
    """Made from our image; the others are other people's."""
    return bool(service["image"] == OURS)


def variables_of(service: Mapping[str, Any]) -> dict[str, str]:
    """Everything that the container finds in its environment: the file's lines, then what stands in compose.yaml."""
    return {**variables_in(COMPOSE.parent / service["env_file"]), **service.get("environment", {})}


def variables_in(file: Path) -> dict[str, str]:
    """An environment file as Docker reads it."""
    pairs = (line.partition("=")[::2] for line in file.read_text().splitlines())
    return {name: value.strip("'") for name, value in pairs}


def mounted(content: Mapping[str, Any], service: Mapping[str, Any]) -> dict[str, Path]:
    """Where each secret file of a service comes from, by the path at which the container finds it."""
    found = {}
    for secret in service.get("secrets", ()):
        name, target = (secret, secret) if isinstance(secret, str) else (secret["source"], secret["target"])
        found[f"/run/secrets/{target}"] = (COMPOSE.parent / content["secrets"][name]["file"]).resolve()
    return found


def in_order(content: Mapping[str, Any], wanted: str) -> Iterator[str]:
    """A service's own services that it depends on, first things first, then itself."""
    service = content["services"][wanted]
    for needed in service.get("depends_on", {}):
        if is_ours(content["services"][needed]):
            yield from in_order(content, needed)
    yield wanted
