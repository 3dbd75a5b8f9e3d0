"""Does deploy/README.md tell operators every setting as the code has it?"""

import re
from collections.abc import Iterator
from enum import Enum
from importlib.util import find_spec

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from chassis.settings import Settings
from deploy.local.place import PROJECT

README = (PROJECT / "deploy" / "README.md").read_text()
ROW = re.compile(r"^\| `(HANDOVER_\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def rows() -> Iterator[tuple[str, str]]:
    """Each variable with its default as the table shows it."""
    for name, default, meaning in ROW.findall(README):
        assert len(meaning) > 10
        yield name, default


def shown(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "–"
    value = default.value if isinstance(default, Enum) else default
    plain = {None: "none", "": "empty"}
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return plain[value] if value in (None, "") else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_every_setting_is_told_with_its_default():
    assert dict(rows()) == {f"HANDOVER_{name.upper()}": shown(field) for name, field in Settings.model_fields.items()}


def test_no_setting_is_told_twice():
    names = [name for name, _ in rows()]

    assert len(names) == len(set(names))


def test_every_figure_and_path_that_is_named_is_there():
    bus = (PROJECT / "chassis" / "bus.py").read_text()
    figures = set(re.findall(r"`handover_(\w+)`", README))
    assert {figure for figure in figures if f'"{figure}"' not in bus} == set()

    linked = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert linked
    assert [path for path in linked if not (PROJECT / "deploy" / path).exists()] == []
    modules = set(re.findall(r"python -m ((?:deploy|chassis)[.\w]+)", README))
    assert [name for name in modules if find_spec(name) is None] == []
