"""How does a machine without containers get a private RabbitMQ node that nobody else sees?"""

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from contracts.event import EXCHANGE, SERVICES
from deploy.local.place import PROJECT, Account, Place, remembered
from deploy.local.ports import LOOPBACK
from deploy.local.programs import Identity, StartFailed, end, last_lines, rotate, run_as, wait_until
from deploy.rabbitmq.topology import CONTROL_EXCHANGE, VHOST

ADMIN = "admin"
EXCHANGES = (EXCHANGE, CONTROL_EXCHANGE)
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
        self._start_names()
        self.process = self._run(self._program(), [], self._environment())
        if not wait_until(lambda: self.process_ended() or self._accepts(), START_PATIENCE_S) or self.process_ended():
            self.kill()
            raise StartFailed(f"RabbitMQ did not start. Its log {self.log} ends:\n{last_lines(self.log, 30)}")

    def _program(self) -> Path:
        server = installed_server()
        if server is None:
            raise StartFailed(
                "No rabbitmq-server is installed. Remedy: `apt-get install rabbitmq-server` as root, "
                "or set HANDOVER_AMQP_URL to a broker of yours."
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

    def _write_configuration(self) -> None:
        definitions = self.folder / "definitions.json"
        self._write(definitions, json.dumps({**self.topology(), **users(self.passwords)}, indent=1))
        self._write(self.folder / "rabbitmq.conf", CONFIGURATION.format(port=self.port, definitions=definitions))
        self._write(self.folder / "enabled_plugins", "[].")
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            self._write(cookie, secrets.token_hex(20), 0o400)

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
listeners.tcp.1 = 127.0.0.1:{port}
load_definitions = {definitions}
loopback_users = none
heartbeat = 5
log.console = true
log.console.level = info
log.file = false
raft.wal_max_size_bytes = 67108864
disk_free_limit.absolute = 200MB
"""


def local_node(
    place: Place, ports: Mapping[str, int], *, topology: Callable[[], Mapping[str, Any]] | None = None
) -> RabbitNode:
    """The node of an installation, with one user per service and an administrator."""
    folder = place.own(place.data / "rabbitmq")
    place.logs.mkdir(parents=True, exist_ok=True)
    passwords = {user: remembered(place, f"broker {user}") for user in [ADMIN, *SERVICES]}
    listener, distribution, names = (ports[name] for name in NODE_PORTS)
    log, wanted = place.logs / "rabbitmq.log", topology or products_topology
    return RabbitNode(folder, listener, distribution, names, passwords, wanted, log, place.account)


NODE_PORTS = ("broker", "broker_distribution", "broker_names")


def products_topology() -> dict[str, Any]:
    """What the services' own consumers ask for. In a process of its own: it imports all seven, and may fail for one."""
    command = [sys.executable, "-m", "deploy.rabbitmq.topology"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    printed = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    if printed.returncode:
        raise StartFailed(
            f"The services' consumers could not be read for the broker's queues:\n{printed.stderr[-3000:]}"
        )
    topology: dict[str, Any] = json.loads(printed.stdout)
    return topology


def users(passwords: Mapping[str, str]) -> dict[str, Any]:
    """Who may do what on the node, in the broker's own format."""
    services = [user for user in passwords if user != ADMIN]
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(name, password) for name, password in passwords.items()],
        "permissions": [_permission(ADMIN, ".*", ".*", ".*"), *(_service_permission(name) for name in services)],
        "topic_permissions": [_topic_permission(name, exchange) for name in services for exchange in EXCHANGES],
    }


def _user(name: str, password: str) -> dict[str, Any]:
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator" if name == ADMIN else "",
    }


def _permission(user: str, configure: str, write: str, read: str) -> dict[str, str]:
    return {"user": user, "vhost": VHOST, "configure": configure, "write": write, "read": read}


def _service_permission(service: str) -> dict[str, str]:
    """Declare nothing, publish to the two exchanges alone, read only its own queues."""
    exchanges = "|".join(map(re.escape, EXCHANGES))
    return _permission(service, "^$", f"^({exchanges})$", rf"^{service}(\..+)?$")


def _topic_permission(service: str, exchange: str) -> dict[str, str]:
    """No service can state a fact in another's name."""
    return {"user": service, "vhost": VHOST, "exchange": exchange, "write": rf"^{service}\..+$", "read": ".*"}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0
