"""What may a process that we start know?"""

import os
from collections.abc import Mapping

from deploy.local.place import PROJECT

# Credentials that only this tool may hold: a service knows its own database and nobody else's.
OURS_ALONE = (
    "HANDOVER_POSTGRES_URL",
    "HANDOVER_BROKER_URL",
    "HANDOVER_AMQP_URL",
    "HANDOVER_TEST_POSTGRES_URL",
    "HANDOVER_TEST_BROKER_URL",
)


def service_environment(own: Mapping[str, str]) -> dict[str, str]:
    """What the caller's shell says, less what only this tool may know, plus the service's own settings."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS_ALONE}
    return {**inherited, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", **own}
