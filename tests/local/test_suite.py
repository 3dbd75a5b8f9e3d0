"""Does `./handover test` count every phase, and fail when one phase does?"""

from pathlib import Path

import pytest

from deploy.local.suite import NOTHING_COLLECTED, PHASES, Totals, applies, split_markers, verdict

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
        (["tests/local"], ["side by side", "alone"]),
        (["tests/browser/test_order.py::test_it"], ["browser"]),
    ],
)
def test_named_tests_start_only_the_processes_they_need(arguments: list[str], phases: list[str]):
    if not Path("tests/browser").is_dir():
        phases = [phase for phase in phases if phase != "browser"]

    assert [phase.name for line in PHASES for phase in line if applies(phase, arguments)] == phases
