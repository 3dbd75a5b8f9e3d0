"""./handover status: show what runs, where, and how much memory it takes."""

import argparse
import json
import sys

from rich.console import Console
from rich.table import Table

from deploy.local.lifecycle import Running, RunState, running
from deploy.local.place import installation

PAGE_WIDTH = 120
NOT_RUNNING = 3  # what service managers answer for a program that is stopped


def main() -> int:
    parser = argparse.ArgumentParser(prog="./handover status", description=__doc__)
    parser.add_argument("--json", action="store_true", help="for scripts")
    options = parser.parse_args()
    known = running(installation())
    if known is None or not known.alive():
        print("{}" if options.json else "handover: nothing is running. `./handover up` starts it.")
        return NOT_RUNNING
    print(json.dumps(described(known), indent=2)) if options.json else show(known)
    return 0 if known.state is RunState.READY else 1


def described(known: Running) -> dict[str, object]:
    rows = {name: describe_part(known, name) for name in known.parts}
    return {"state": known.state, "clock": known.clock, "supervisor": known.supervisor.pid, "parts": rows}


def describe_part(known: Running, name: str) -> dict[str, object]:
    living = [identity for identity in known.parts[name] if identity.alive()]
    return {
        "state": "running" if living else "down",
        "pids": [identity.pid for identity in living],
        "memory_mib": round(sum(identity.memory_mib() for identity in living), 1),
        "restarts": known.restarts.get(name, 0),
        "url": known.urls.get(name, ""),
    }


def show(known: Running) -> None:
    table = Table(title=f"handover is {known.state}, {known.clock} clock", title_justify="left")
    for heading in ("part", "state", "process", "memory", "restarts", "address"):
        table.add_column(heading, justify="right" if heading in {"memory", "restarts"} else "left")
    for name in known.parts:
        row = describe_part(known, name)
        pids = " ".join(map(str, row["pids"])) if isinstance(row["pids"], list) else ""
        table.add_row(name, str(row["state"]), pids, f"{row['memory_mib']} MiB", str(row["restarts"]), str(row["url"]))
    Console(width=None if sys.stdout.isatty() else PAGE_WIDTH).print(table)


if __name__ == "__main__":
    sys.exit(main())
