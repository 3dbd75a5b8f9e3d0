"""./handover parked: look after facts that a service could not handle, on this machine's system."""

import json
import os
import sys

from chassis.operator import main as operate
from deploy.local.lifecycle import running
from deploy.local.place import installation


def main() -> int:
    if "HANDOVER_DATABASE_URLS" not in os.environ:
        known = running(installation())
        if known is None or not known.alive():
            print("handover: nothing is running. Remedy: ./handover up", file=sys.stderr)
            return 1
        os.environ["HANDOVER_DATABASE_URLS"] = json.dumps(known.databases)
    return operate(["parked", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
