"""./handover play FILE…: play stories through a running system with a stepped clock, and show how they end."""

import argparse
import sys
from pathlib import Path

import uvloop

from deploy.local.demo import OPENING
from deploy.local.lifecycle import Running, found_running
from deploy.local.player.department import Unexpected
from deploy.local.player.playing import StepFailed
from deploy.local.player.timeline import STORIES, load_stories
from deploy.local.sample.files import MistakeInFile
from deploy.local.sample.load import load_sample
from deploy.local.showing import TooLate, show
from deploy.local.telling import tell, wide_console


def main() -> int:
    parser = argparse.ArgumentParser(prog="./handover play", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="stories; deploy/local/sample/README.md explains them")
    options = parser.parse_args()
    system = found_running("stepped")
    if system is None:
        remedy = "`./handover up --clock stepped`, or ./handover demo in another terminal"
        print(f"handover: no system with a stepped clock is running. Remedy: {remedy}", file=sys.stderr)
        return 1
    try:
        return play(system, options.files)
    except (MistakeInFile, TooLate, StepFailed, Unexpected) as failure:
        print(f"handover: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def play(system: Running, files: list[Path]) -> int:
    sample, console = load_sample(), wide_console()
    stories, opening = load_stories([file.resolve() for file in files]), load_stories([STORIES / f"{OPENING}.yaml"])
    found = uvloop.run(show(system.urls, stories, opening, sample, console))
    tell(console, found, sample.people)
    return 1 if any(outcome.differences(sample.people) for outcome in found) else 0


if __name__ == "__main__":
    sys.exit(main())
