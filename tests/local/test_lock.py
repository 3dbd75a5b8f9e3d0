"""Does the lock pin everything by hash, and name no place to download from?"""

import re
import tomllib

from deploy.local.place import PROJECT

LOCK = (PROJECT / "requirements.lock").read_text()
REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)(.*)$", re.MULTILINE)


def locked() -> dict[str, str]:
    """Each pinned package with the text up to the next one."""
    found = list(REQUIREMENT.finditer(LOCK))
    ends = [match.start() for match in found[1:]] + [len(LOCK)]
    return {match.group(1): LOCK[match.start() : end] for match, end in zip(found, ends, strict=True)}


def test_the_lock_holds_no_address():
    assert "://" not in LOCK


def test_every_pinned_package_has_a_hash():
    without = [name for name, text in locked().items() if not re.search(r"--hash=sha256:[0-9a-f]{64}", text)]

    assert len(locked()) > 50
    assert without == []


def test_every_package_that_the_project_asks_for_is_locked():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[\[<>=!~ ;]", requirement)[0] for requirement in wanted}

    assert names - locked().keys() == set()
