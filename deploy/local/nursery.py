"""Where do seven services come from without each importing the same libraries? Forked from one process that has.

On two cores the imports are most of what a system's start takes; the pages that they fill are shared.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.environments import service_environment
from deploy.local.place import PROJECT
from deploy.local.programs import Identity, StartFailed, last_lines


@dataclass
class Nursery:
    """The warmed process (see deploy.local.warmed); it ends with the process that started it."""

    log: Path
    _process: "subprocess.Popen[str] | None" = field(default=None, repr=False)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def start(self) -> None:
        """Begin to import; does nothing where that has been done."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.warmed"],
                env=service_environment({}),
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def bear(self, name: str, environment: Mapping[str, str], log: Path) -> Identity:
        """Start a service with this environment, its output appended to the log."""
        with self._one_at_a_time:
            self.start()
            order = json.dumps({"name": name, "environment": dict(environment), "log": str(log)})
            try:
                return Identity.of(int(self._ask(order)))
            except (OSError, ValueError) as error:
                raise StartFailed(
                    f"No service can be started. The log {self.log} ends:\n{last_lines(self.log)}"
                ) from error

    def _ask(self, order: str) -> str:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{order}\n")
        process.stdin.flush()
        return process.stdout.readline()

    def stop(self) -> None:
        """The services that came from it go on."""
        if self._process is not None:
            self._process.communicate(timeout=10)
            self._process = None
