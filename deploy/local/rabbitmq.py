"""How does a machine without containers get a private RabbitMQ node that nobody else sees?"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from contracts.event import SERVICES
from deploy.local.definitions import ADMIN, products_topology, users
from deploy.local.place import Account, Place, remembered
from deploy.local.ports import LOOPBACK
from deploy.local.programs import Identity, StartFailed, end, last_lines, rotate, run_as, wait_until

START_PATIENCE_S = 60.0
# Debian's wrapper in /usr/sbin refuses ordinary users and changes the account of root: call what it wraps.
PROGRAMS = (
    Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    Path("/opt/homebrew/sbin/rabbitmq-server"),
    Path("/usr/local/sbin/rabbitmq-server"),
)
# The schedulers must not spin while idle: the two cores belong to the services.
IDLE_QUIETLY = "+sbwt none +sbwtdcpu none +sbwtdio none"


def installed_server() -> Path | None:
    found = shutil.which("rabbitmq-server")
    return next((path for path in PROGRAMS if path.is_file()), Path(found) if found else None)


@dataclass
class RabbitNode:
    """One private node: own folder, ports, name service, cookie and users. Restartable after any death."""

    folder: Path
    port: int
    distribution_port: int
    names_port: int
    passwords: Mapping[str, str]
    topology: Callable[[], Mapping[str, Any]]
    log: Path
    account: Account | None = None
    name: str = "RabbitMQ"
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    names: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        """What a lost disk would take: tests delete it between kill and start."""
        return self.folder / "mnesia"

    @property
    def admin_url(self) -> str:
        return self.url(ADMIN)

    def url(self, user: str) -> str:
        return f"amqp://{user}:{quote(self.passwords[user], safe='')}@{LOOPBACK}:{self.port}/"

    @property
    def pid(self) -> int:
        """The node's own process, for whoever wants to kill it as the kernel would."""
        if self.process is None or self.process_ended():
            raise StartFailed("RabbitMQ does not run, so it has no process id. Remedy: start the node first.")
        return self.process.pid

    def identities(self) -> list[Identity]:
        """The node and its name service."""
        ours = [process for process in (self.process, self.names) if process is not None and process.poll() is None]
        return [Identity.of(process.pid) for process in ours]

    def process_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def start(self) -> None:
        """Boot with users and topology already in the definitions file; no control command follows."""
        self._write_configuration()
        rotate(self.log)
        self._launch()
        if not wait_until(lambda: self.process_ended() or self._accepts(), START_PATIENCE_S) or self.process_ended():
            self.kill()
            raise StartFailed(f"RabbitMQ did not start. Its log {self.log} ends:\n{last_lines(self.log, 30)}")

    def _launch(self) -> None:
        self._start_names()
        self.process = self._run(self._program(), [], self._environment())

    def _program(self) -> Path:
        server = installed_server()
        if server is None:
            raise StartFailed(
                "No rabbitmq-server is installed. Remedy: `apt-get install rabbitmq-server` as root, "
                "or set HANDOVER_BROKER_URL to a broker of yours."
            )
        return server

    def _start_names(self) -> None:
        """Erlang's name service on a port of our own; the machine's one, if any, is left alone."""
        if self.names is None or self.names.poll() is not None:
            epmd = shutil.which("epmd") or "/usr/lib/erlang/bin/epmd"
            options = ["-port", str(self.names_port), "-address", LOOPBACK]
            self.names = self._run(Path(epmd), options, {**os.environ, "HOME": str(self.folder)})
            if not wait_until(lambda: _listens(self.names_port), 10.0):
                raise StartFailed(f"Erlang's name service did not start on port {self.names_port}; see {self.log}")

    def _run(self, program: Path, options: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [program, *options],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **run_as(self.account),
            )

    def _accepts(self) -> bool:
        """Listeners open after the definitions are loaded, so an answer means users and queues are there."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.settimeout(2)
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        own = {
            "HOME": self.folder,
            "RABBITMQ_NODENAME": "handover@localhost",
            "RABBITMQ_MNESIA_BASE": self.data,
            "RABBITMQ_LOG_BASE": self.folder / "log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": self.folder / "rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.folder / "enabled_plugins",
            "RABBITMQ_PID_FILE": self.folder / "node.pid",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": self.distribution_port,
            "ERL_EPMD_PORT": self.names_port,
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{IDLE_QUIETLY} -kernel inet_dist_use_interface {{127,0,0,1}}",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the node: its process id is the node's
        }
        return {**inherited, **{name: str(value) for name, value in own.items()}}

    @cached_property
    def _topology(self) -> Mapping[str, Any]:
        return self.topology()

    def _write_configuration(self) -> None:
        self._write(self.folder / "definitions.json", json.dumps({**self._topology, **users(self.passwords)}, indent=1))
        self._write(self.folder / "rabbitmq.conf", self._configuration())
        self._write(self.folder / "enabled_plugins", "[].")
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            self._write(cookie, secrets.token_hex(20), 0o400)

    def _configuration(self) -> str:
        return CONFIGURATION.format(listener=f"{LOOPBACK}:{self.port}", definitions=self.folder / "definitions.json")

    def _write(self, file: Path, text: str, mode: int = 0o600) -> None:
        file.write_text(text)
        file.chmod(mode)
        if self.account:
            os.chown(file, self.account.uid, self.account.gid)

    def stop(self) -> None:
        """Stop the node in good order, then its name service."""
        self._end(signal.SIGTERM, patience_s=20)

    def kill(self) -> None:
        """End node and name service as a power cut would."""
        self._end(signal.SIGKILL, patience_s=5)

    def _end(self, gently: signal.Signals, patience_s: float) -> None:
        for process in (self.process, self.names):
            if process is not None and process.poll() is None:
                end([Identity.of(process.pid)], gently=gently, patience_s=patience_s)
                process.wait(timeout=5)

    def delete_data(self) -> None:
        """Lose the disk: every queue and every message in it. The next start declares users and queues afresh."""
        shutil.rmtree(self.data)


CONFIGURATION = """\
listeners.tcp.1 = {listener}
load_definitions = {definitions}
loopback_users = none
heartbeat = 5
log.console = true
log.console.level = info
log.file = false
raft.wal_max_size_bytes = 67108864
disk_free_limit.absolute = 200MB
"""


NODE_PORTS = ("broker", "broker_distribution", "broker_names")


def local_node(
    place: Place,
    ports: Mapping[str, int],
    *,
    topology: Callable[[], Mapping[str, Any]] = products_topology,
    kind: type[RabbitNode] = RabbitNode,
) -> RabbitNode:
    """The node of an installation, with one user per service and an administrator."""
    folder = place.own(place.data / "rabbitmq")
    place.logs.mkdir(parents=True, exist_ok=True)
    passwords = {user: remembered(place, f"broker {user}") for user in [ADMIN, *SERVICES]}
    listener, distribution, names = (ports[name] for name in NODE_PORTS)
    log = place.logs / "rabbitmq.log"
    return kind(folder, listener, distribution, names, passwords, topology, log, place.account)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0
