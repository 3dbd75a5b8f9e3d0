"""Who watches the parts of a running system, and starts one again that died?"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from deploy.local.lifecycle import Running, RunState, write_running
from deploy.local.place import place_at
from deploy.local.ports import PortTaken
from deploy.local.programs import Identity, StartFailed
from deploy.local.system import Part, System

LOOK_EVERY_S = 0.25
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_AFTER_S = 60.0


@dataclass
class Watch:
    """How often a part died lately, and when it may be started again: after twice the pause each time."""

    part: Part
    restarts: int = 0
    pause_s: float = SHORTEST_PAUSE_S
    started_at: float = field(default_factory=time.monotonic)
    not_before: float | None = None

    def look(self) -> str | None:
        """Start the part again when it died and its pause is over; say what was done."""
        now = time.monotonic()
        if not self.part.process_ended():
            return None
        if self.not_before is None:
            return self._wait(now, "died")
        return self._again() if now >= self.not_before else None

    def _wait(self, now: float, what: str) -> str:
        if now - self.started_at > STEADY_AFTER_S:
            self.pause_s = SHORTEST_PAUSE_S
        self.not_before = now + self.pause_s
        said = f"{self.part.name} {what}; it is started again in {self.pause_s:.1f} s"
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)
        return said

    def _again(self) -> str:
        try:
            self.part.start()
        except StartFailed as failure:
            return self._wait(time.monotonic(), f"did not come back ({failure})")
        self.restarts += 1
        self.started_at, self.not_before = time.monotonic(), None
        return f"{self.part.name} runs again (restart {self.restarts})"


class Supervisor:
    """The background process behind `up`: it owns every other process of the system."""

    def __init__(self, home: Path, clock: str, names: Sequence[str]) -> None:
        self.place = place_at(home)
        self.stopping = threading.Event()
        self.writing = threading.RLock()
        self.system = System(self.place, clock=clock, names=names, report=self.report, changed=self.save)
        self.running = Running(Identity.of(os.getpid()), clock, urls=self.system.urls)
        self.running.databases = self.system.database_urls
        self.watches = [Watch(part) for part in self.system.parts]

    def run(self) -> int:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.ask_to_stop)
        try:
            self.system.start()
            self.become(RunState.READY)
            self.look_after()
        except StartFailed as failure:
            self.running.trouble = str(failure)
            self.become(RunState.FAILED)
        finally:
            self.system.stop()
        return 1 if self.running.trouble else 0

    def ask_to_stop(self, _sign: int, _frame: FrameType | None) -> None:
        self.stopping.set()
        if self.running.state is RunState.STARTING:
            raise StartFailed("It was asked to stop while it was still starting.")

    def look_after(self) -> None:
        while not self.stopping.wait(LOOK_EVERY_S):
            for watch in self.watches:
                if said := watch.look():
                    self.running.restarts[watch.part.name] = watch.restarts
                    self.report(said)

    def become(self, state: RunState) -> None:
        self.running.state = state
        self.save()

    def report(self, sentence: str) -> None:
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {sentence}", flush=True)
        self.running.said.append(sentence)
        self.save()

    def save(self) -> None:
        with self.writing:  # the database and the broker start in threads of their own
            self.running.parts = {part.name: part.identities() for part in self.system.parts}
            write_running(self.place, self.running)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--clock", choices=["real", "stepped"], required=True)
    parser.add_argument("--only", nargs="*", required=True, metavar="SERVICE")
    options = parser.parse_args()
    try:
        return Supervisor(options.home, options.clock, options.only).run()
    except PortTaken as refusal:
        print(refusal, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
