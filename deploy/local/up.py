"""./handover up: start the databases, the broker and the services in the background."""

import argparse
import sys

from deploy.local.lifecycle import AlreadyRunning, up
from deploy.local.packages import prepare_servers
from deploy.local.place import installation
from deploy.local.ports import PortTaken
from deploy.local.processes import services
from deploy.local.programs import StartFailed


def main() -> int:
    parser = argparse.ArgumentParser(prog="./handover up", description=__doc__)
    clocks = ["real", "stepped"]
    parser.add_argument("--clock", choices=clocks, default="real", help="a stepped clock stands until it is moved")
    parser.add_argument("--only", nargs="*", choices=services(), help="start these services; without names, none")
    options = parser.parse_args()
    try:
        prepare_servers()
        running = up(installation(), clock=options.clock, only=options.only, report=say)
    except (StartFailed, AlreadyRunning, PortTaken) as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("stopped again; nothing is left running")
        return 130
    for name, url in running.urls.items():
        print(f"  {name:<16} {url}")
    say("the system is up. `./handover status` shows it, `./handover down` stops it.")
    return 0


def say(sentence: str) -> None:
    print(f"handover: {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
