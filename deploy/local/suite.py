"""./handover test: set everything up and run the tests.

Arguments are pytest's. First what runs side by side on all cores. Then, one test after the other, in two lanes beside each
other: what meets real faults of a broker, a database or a process, and of the whole company; and what uses the commands,
clicks through the pages in a browser, and measures. These mostly wait.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.packages import BROKER, CJK_FONTS, can_install, chromium, has_cjk_fonts, install
from deploy.local.place import PROJECT
from deploy.local.programs import StartFailed
from deploy.local.rabbitmq import installed_server
from tests.support.infra import lent_broker, run_folder

NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Phase:
    """One pytest process: which tests it picks, and how it runs them."""

    name: str
    markers: str
    options: tuple[str, ...]
    folders: tuple[str, ...] = ("tests",)
    without: tuple[str, ...] = ()

    @property
    def report(self) -> str:
        """The file in which pytest counts its tests."""
        return f"{self.name.replace(' ', '-')}.xml"

    def among(self, named: Sequence[str]) -> list[str]:
        """What of the named files, folders and tests is this phase's; empty where it has nothing to do."""
        asked = [name for name in named if within(name, self.folders) and not within(name, self.without)]
        return asked + [folder for folder in self.folders if folder not in asked and within(folder, named)]


def within(name: str, folders: Iterable[str]) -> bool:
    return any(Path(name.split("::")[0]).is_relative_to(folder) for folder in folders)


# File by file as they stand: sorted by their number of tests, those with one long test would come last, all on one core.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
ONE_BY_ONE = ("-n", "0")
BROWSER, FAULTS, BENCH = ("tests/browser",), ("tests/faults",), ("tests/bench",)
SIDE = Phase("side by side", "not live and not browser", SIDE_BY_SIDE, without=(*BROWSER, *FAULTS))
LANES = (
    (
        Phase("alone", "live", ONE_BY_ONE, ("tests/chassis", "tests/live")),
        Phase("whole company", "live", ONE_BY_ONE, FAULTS),
    ),
    (
        Phase("commands", "live", ONE_BY_ONE, ("tests/local",)),
        Phase("browser", "browser", ONE_BY_ONE, BROWSER),
        Phase("benchmark", "live", ONE_BY_ONE, BENCH),
    ),
)
"""What mostly waits, in two lanes of about the same length. A third would keep two cores so busy that waiting ends too soon."""
PHASES = (SIDE, *(phase for lane in LANES for phase in lane))


@dataclass
class Totals:
    """What all phases together came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, report: Path) -> None:
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 -- written by pytest just now
            count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
            broken = count["failures"] + count["errors"]
            self.failed += broken
            self.skipped += count["skipped"]
            self.passed += count["tests"] - broken - count["skipped"]

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def main() -> int:
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    try:
        prepare()
    except StartFailed as failure:
        print(f"handover: {failure}", file=sys.stderr)
        return 1
    began = time.monotonic()
    totals = Totals()
    with run_folder() as folder:
        codes = [*run_lanes([[SIDE]], arguments, folder), *run_lanes(LANES, arguments, folder)]
        for report in (folder / phase.report for phase in PHASES):
            if report.is_file():
                totals.add(report)
    print(f"handover: the tests took {time.monotonic() - began:.0f} s")
    print(totals, flush=True)
    return verdict(codes, totals)


def prepare() -> None:
    """Install what the tests need of the operating system, or say which tests will be skipped for want of it."""
    lacking = missing_packages()
    if lacking and can_install():
        install(lacking)
        lacking = missing_packages()
    if lacking and os.environ.get("CI") == "true":
        raise StartFailed(f"CI needs {', '.join(lacking)}. Remedy: `apt-get install {' '.join(lacking)}` as root.")
    if lacking:
        remedy = f"`apt-get install {' '.join(lacking)}` as root"
        print(f"handover: without {', '.join(lacking)} some tests will be skipped. Remedy: {remedy}.", flush=True)


def missing_packages() -> list[str]:
    wanted = {
        BROKER: installed_server() is not None or lent_broker() is not None,
        "chromium": chromium() is not None,
        CJK_FONTS: has_cjk_fonts(),
    }
    return [package for package, there in wanted.items() if not there]


def run_lanes(lanes: Sequence[Sequence[Phase]], arguments: Sequence[str], folder: Path) -> list[int]:
    """Lane beside lane, each one phase after the other; the first is seen at once, the others' words when all have ended."""
    outputs = [None, *(folder / f"lane-{number}.out" for number in range(1, len(lanes)))]
    with ThreadPoolExecutor(len(lanes)) as at_once:
        running = [
            at_once.submit(run_lane, lane, arguments, folder, out) for lane, out in zip(lanes, outputs, strict=True)
        ]
    for output in outputs:
        if output is not None and output.is_file():
            print(output.read_text(encoding="utf-8"), flush=True)
    return [code for lane in running for code in lane.result()]


def run_lane(lane: Sequence[Phase], arguments: Sequence[str], folder: Path, output: Path | None) -> list[int]:
    """The phases that the named tests need; what they came to is in their reports."""
    named, others = split_names(arguments)
    return [run(phase, [*others, *asked], folder, output) for phase in lane if (asked := phase.among(named))]


def run(phase: Phase, arguments: Sequence[str], folder: Path, output: Path | None) -> int:
    report = folder / phase.report
    markers, others = split_markers(arguments)
    chosen = f"({markers}) and ({phase.markers})" if markers else phase.markers
    options = [*phase.options, *(f"--ignore={other}" for other in phase.without)]
    # Folders of our own: pytest's usual one under /tmp may have been left by another user of the same name.
    folders = f"--basetemp={folder}/{report.stem}-{os.getpid()}"
    command = [sys.executable, "-m", "pytest", *options, "-m", chosen, f"--junit-xml={report}", folders, *others]
    print(f"handover: tests {phase.name}", flush=True)
    if output is None:
        return subprocess.run(command, cwd=PROJECT, check=False).returncode
    with output.open("ab") as kept:
        return subprocess.run(command, cwd=PROJECT, check=False, stdout=kept, stderr=subprocess.STDOUT).returncode


def split_names(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The tests that the caller names, all where none is named, and the other arguments."""
    named = [argument for argument in arguments if argument.startswith("tests")]
    return named or ["tests"], [argument for argument in arguments if argument not in named]


def split_markers(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """A marker expression of the caller's narrows every phase instead of replacing its own."""
    others = list(arguments)
    if "-m" not in others[:-1]:
        return "", others
    place = others.index("-m")
    return others[place + 1], others[:place] + others[place + 2 :]


def verdict(codes: Sequence[int], totals: Totals) -> int:
    """A phase may find no test of its kind; all of them together may not."""
    bad = [code for code in codes if code not in {0, NOTHING_COLLECTED}]
    if bad:
        return bad[0]
    return 0 if totals.passed else NOTHING_COLLECTED


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
