"""`python -m deploy.local.warmed`: a process that has imported what every service imports, and becomes one when told to.

It reads orders from its input, a line of JSON each (`name`, `environment`, `log`), and answers each with the id of the
process that it forked. When its input ends, it ends; the services go on.
"""

import gc
import os
import runpy
import signal
import sys
from contextlib import suppress
from pathlib import Path

import orjson

import chassis.app  # noqa: F401 -- imported here so that nobody who is forked has to


def main() -> None:
    gc.collect()
    gc.freeze()  # a look for garbage would copy the pages that all services share
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries those that ended
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(**orjson.loads(line))
            return
        print(child, flush=True)


def become(name: str, environment: dict[str, str], log: str) -> None:
    """Turn this process into one service, as if it had been started by itself."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    nothing, written = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for source, target in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(written)
    os.environ.clear()
    os.environ.update(environment)
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"handover-{name}")  # what `ps` and `top` show
    runpy.run_module(f"services.{name}.main", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
