"""How does an operator's command find the databases of the system that runs on this machine?"""

import json
import os
import sys
from collections.abc import Callable

from deploy.local.lifecycle import found_running
from deploy.local.status import NOT_RUNNING

DATABASES = "HANDOVER_DATABASE_URLS"


def on_this_system(operate: Callable[[list[str]], int], arguments: list[str]) -> int:
    """The command's own answer. Databases that the environment names already win over the running system's."""
    if DATABASES not in os.environ:
        known = found_running()
        if known is None:
            print("handover: nothing is running. `./handover up` starts it.", file=sys.stderr)
            return NOT_RUNNING
        os.environ[DATABASES] = json.dumps(known.databases)
    return operate(arguments)
