"""How is a YAML file read so that every complaint names file, line and key?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Location = Sequence[str | int]
M = TypeVar("M", bound=BaseModel)


class Model(BaseModel):
    """A frozen entry of a YAML file; a key that nobody reads is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class MistakeInFile(ValueError):
    """Something in a YAML file that its writer must mend; the text names file, line, key and remedy."""

    def __init__(self, path: Path, line: int, key: str, what: str) -> None:
        self.path, self.line, self.key, self.what = path, line, key, what
        super().__init__(f"{path.name}, line {line}{f', {key}' if key else ''}: {what}")


class PlainLoader(yaml.CSafeLoader):
    """YAML without surprises: 12:00 and 2026-09-01 stay text, only true and false are booleans, a key comes once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"the key `{key.value}` is written twice; keep one of them"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


PLAIN_VALUES = (
    ("bool", r"true|false", "tf"),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?[0-9]+\.[0-9]+", "-0123456789"),
    ("null", r"~|null|", ["~", "n", ""]),
)
PlainLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in PLAIN_VALUES:
    PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
PlainLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(node.value))


@dataclass(frozen=True)
class Written(Generic[M]):
    """A file's content as a model, and where each part of it is written."""

    path: Path
    content: M
    root: yaml.Node

    def mistake(self, location: Location, what: str) -> MistakeInFile:
        return mistake_at(self.path, self.root, location, what)


def read(path: Path, model: type[M]) -> Written[M]:
    """The file as the model; raises MistakeInFile for the first thing wrong in it."""
    try:
        loader = PlainLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        if root is None:
            raise MistakeInFile(path, 1, "", "the file is empty; README.md beside it shows what belongs in it")
        data = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MistakeInFile(path, line, "", f"this is not valid YAML: {error.problem}") from None
    try:
        return Written(path, model.model_validate(data), root)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        raise mistake_at(path, root, first["loc"], explain(first)) from None


def explain(error: Any) -> str:
    """Pydantic's finding in the words of somebody who writes YAML."""
    texts = {
        "missing": f"`{error['loc'][-1]}` is missing" if error["loc"] else "something is missing",
        "extra_forbidden": f"nobody reads `{error['loc'][-1]}`; is it misspelt?" if error["loc"] else "",
    }
    return texts.get(error["type"]) or f"{error['msg']} (found: {error['input']!r})"


def mistake_at(path: Path, root: yaml.Node, location: Location, what: str) -> MistakeInFile:
    return MistakeInFile(path, line_of(root, location), ".".join(str(part) for part in location), what)


def line_of(node: yaml.Node, location: Location) -> int:
    """The line where a key is written, or the deepest part of the way to it that exists."""
    line = node.start_mark.line
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = [(node.value[part], node.value[part])]
        else:
            found = []
        if not found:
            break
        line, node = found[0][0].start_mark.line, found[0][1]
    return int(line) + 1
