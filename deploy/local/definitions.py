"""What does a broker of our own have to know at boot: which queues, and who may do what with them?"""

import base64
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from contracts.event import EXCHANGE
from deploy.local.place import PROJECT
from deploy.local.programs import StartFailed
from deploy.rabbitmq.topology import CONTROL_EXCHANGE, VHOST

ADMIN = "admin"
EXCHANGES = (EXCHANGE, CONTROL_EXCHANGE)


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
