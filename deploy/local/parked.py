"""./handover parked: look after facts that a service could not handle, on this machine's system."""

import sys

from chassis.operator import main as operate
from deploy.local.operating import on_this_system

if __name__ == "__main__":
    sys.exit(on_this_system(operate, ["parked", *sys.argv[1:]]))
