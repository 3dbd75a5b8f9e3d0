"""./handover reset: stop everything and delete this installation's databases, queues, keys and logs."""

import argparse
import sys

from deploy.local import given
from deploy.local.lifecycle import reset
from deploy.local.place import installation
from deploy.local.programs import StartFailed


def main() -> int:
    parser = argparse.ArgumentParser(prog="./handover reset", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args()
    place = installation()
    if not (options.yes or confirmed(f"Delete all data in {place.data}? Type yes: ")):
        print("handover: nothing was deleted (answer `yes`, or give --yes)")
        return 1
    try:
        given.require()
    except StartFailed as failure:
        print(f"handover: {failure}", file=sys.stderr)
        return 1
    reset(place)
    print("handover: deleted; the next `./handover up` starts with empty databases")
    return 0


def confirmed(question: str) -> bool:
    return sys.stdin.isatty() and input(question).strip() == "yes"


if __name__ == "__main__":
    sys.exit(main())
