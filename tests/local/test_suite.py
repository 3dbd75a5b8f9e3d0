"""Does `./handover test` count every phase, and fail when one phase does?"""

import re
from pathlib import Path

import pytest

from deploy.local.place import PROJECT
from deploy.local.suite import NOTHING_COLLECTED, PHASES, Totals, split_markers, split_names, verdict

REPORT = '<testsuites><testsuite name="pytest" errors="{e}" failures="{f}" skipped="{s}" tests="{t}"/></testsuites>'


def a_report(folder: Path, *, tests: int, failures: int = 0, errors: int = 0, skipped: int = 0) -> Path:
    file = folder / "report.xml"
    file.write_text(REPORT.format(t=tests, f=failures, e=errors, s=skipped))
    return file


def test_the_closing_line_adds_up_all_phases(tmp_path: Path):
    totals = Totals()

    totals.add(a_report(tmp_path, tests=10, failures=1, errors=1, skipped=3))
    totals.add(a_report(tmp_path, tests=2))

    assert str(totals) == "7 passed, 2 failed, 3 skipped"


@pytest.mark.parametrize(
    ("codes", "passed", "code"),
    [
        ([0, NOTHING_COLLECTED, 0], 5, 0),
        ([0, 1, 0], 5, 1),
        ([2, 0], 5, 2),
        ([NOTHING_COLLECTED, NOTHING_COLLECTED], 0, NOTHING_COLLECTED),
    ],
)
def test_one_bad_phase_decides_and_no_test_at_all_is_no_success(codes: list[int], passed: int, code: int):
    assert verdict(codes, Totals(passed=passed)) == code


def test_a_marker_expression_is_taken_out_of_the_arguments():
    assert split_markers(["-x", "-m", "slow", "tests/local"]) == ("slow", ["-x", "tests/local"])
    assert split_markers(["-x"]) == ("", ["-x"])


@pytest.mark.parametrize(
    ("arguments", "phases"),
    [
        (["tests/local"], ["side by side: tests/local", "commands: tests/local"]),
        (["tests/browser/test_order.py::test_it"], ["browser: tests/browser/test_order.py::test_it"]),
        (
            ["-x", "tests/faults", "tests/live/test_disk.py"],
            [
                "side by side: tests/live/test_disk.py",
                "alone: tests/live/test_disk.py",
                "whole company: tests/faults",
            ],
        ),
        (
            [],
            [
                "side by side: tests",
                "alone: tests/chassis tests/live",
                "whole company: tests/faults",
                "commands: tests/local",
                "browser: tests/browser",
                "benchmark: tests/bench",
            ],
        ),
    ],
)
def test_each_named_test_is_given_to_the_processes_it_needs(arguments: list[str], phases: list[str]):
    named, _ = split_names(arguments)

    given = {phase.name: phase.among(named) for phase in PHASES}

    assert [f"{name}: {' '.join(tests)}" for name, tests in given.items() if tests] == phases


@pytest.mark.parametrize(
    "name", sorted(str(file.relative_to(PROJECT)) for file in (PROJECT / "tests").rglob("test_*.py"))
)
def test_every_test_lies_where_the_process_of_its_kind_looks(name: str):
    text = (PROJECT / name).read_text(encoding="utf-8")
    looking = [phase for phase in PHASES if phase.among([name])]

    assert looking
    for kind in ("live", "browser"):
        if re.search(rf"mark\.{kind}\b", text):
            assert [phase.markers for phase in looking].count(kind) == 1
