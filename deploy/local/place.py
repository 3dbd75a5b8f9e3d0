"""Where does this installation keep its data and secrets, and which account owns them?"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
ROOTS_DATA = Path("/var/lib/handover")
ACCOUNT = "handover"


@dataclass(frozen=True)
class Account:
    """The unprivileged system user that runs the database and the broker when root calls us."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """One installation: `home` holds logs and what runs; `data` the databases, the queues and the secrets to them."""

    home: Path
    data: Path
    account: Account | None

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    def own(self, folder: Path) -> Path:
        """Make a folder for the account which the database and the broker run as, and for nobody else."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)
        return folder


def installation() -> Place:
    """The installation of this project folder, or the one that HANDOVER_HOME names."""
    return place_at(Path(os.environ.get("HANDOVER_HOME") or PROJECT / ".handover"))


def place_at(home: Path) -> Place:
    """Root's data lies outside /root, because the unprivileged account could not reach it there."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return Place(home, home / "data", None)
    return Place(home, roots_data_folder(home), unprivileged_account())


def roots_data_folder(home: Path) -> Path:
    """One folder per installation, told apart by the installation's path."""
    name = home.parent.name if home.name == ".handover" else home.name
    return ROOTS_DATA / f"{name}-{hashlib.sha256(str(home).encode()).hexdigest()[:8]}"


def unprivileged_account() -> Account:
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        entry = _create_account()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(ROOTS_DATA)]
    subprocess.run([useradd, *options, "--shell", "/usr/sbin/nologin", ACCOUNT], check=True)
    return pwd.getpwnam(ACCOUNT)


def remembered(place: Place, name: str) -> str:
    """A password of this installation: made once, kept beside the data it opens, readable by its owner only."""
    place.data.mkdir(parents=True, exist_ok=True)
    file = place.data / "secrets.json"
    known: dict[str, str] = read_json(file)
    if name not in known:
        known[name] = secrets.token_urlsafe(32)
        write_json(file, known)
    return known[name]


def read_json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def write_json(file: Path, content: dict[str, Any]) -> None:
    """Replace the file at once: a reader sees the old content or the new, and nobody else may read it."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(content, stream, indent=2)
    fresh.replace(file)


def reachable_by_others(path: Path) -> bool:
    """May any account walk to this path? Folders such as /root stop them."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.is_dir())
