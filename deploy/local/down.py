"""./handover down: stop everything that was started here; the data stays."""

import argparse
import sys

from deploy.local.lifecycle import down
from deploy.local.place import installation


def main() -> int:
    argparse.ArgumentParser(prog="./handover down", description=__doc__).parse_args()
    stopped = down(installation())
    print(
        "handover: stopped; the data is kept for the next `./handover up`"
        if stopped
        else "handover: nothing was running"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
