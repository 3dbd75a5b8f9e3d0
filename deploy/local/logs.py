"""./handover logs SERVICE: show a part's log, and follow it with -f."""

import argparse
import contextlib
import shutil
import subprocess
import sys

from deploy.local.place import installation


def main() -> int:
    folder = installation().logs
    known = sorted(log.name.removesuffix(".log") for log in folder.glob("*.log"))
    parser = argparse.ArgumentParser(prog="./handover logs", description=__doc__)
    parser.add_argument("service", metavar="SERVICE", help=f"one of: {', '.join(known) or '(nothing was started yet)'}")
    parser.add_argument("-f", "--follow", action="store_true", help="go on showing what is added")
    parser.add_argument("-n", "--lines", type=int, default=100, help="how many lines from the end (100)")
    options = parser.parse_args()
    if options.service not in known:
        parser.error(f"there is no log of `{options.service}`; there are: {', '.join(known) or 'none yet'}")
    follow = ["-F"] if options.follow else []
    with contextlib.suppress(KeyboardInterrupt):
        tail = shutil.which("tail") or "/usr/bin/tail"
        return subprocess.run(
            [tail, "-n", str(options.lines), *follow, folder / f"{options.service}.log"], check=False
        ).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
