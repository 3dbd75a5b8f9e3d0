"""Does the benchmark run, and say everything it should? Its figures are not judged: a busy machine is no failure."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.rabbitmq import installed_server
from tests.bench import ledger
from tests.bench.__main__ import QUICK, run
from tests.conftest import missing
from tests.support.bench_order import COMMANDS

pytestmark = pytest.mark.live

GROUPS = {
    "start-up",
    "durable pipe",
    f"{QUICK.concurrency} orders at a time",
    "processor time an order",
    "hop at 1 order/s",
    "memory",
    "evidence",
}


def test_the_ledgers_benchmark_verifies_what_it_exports_and_says_what_each_part_cost():
    if installed_server() is None:
        missing("rabbitmq-server is not installed here. Remedy: `apt-get install rabbitmq-server` as root.")
    report = ledger.run((1_500,), Console(quiet=True), durable=False, timelines=5)

    positive = ("filled by COPY", "intake", "judge", "restart", "what if, both sides", "export of an order")
    assert all(report.value(name) > 0 for name in positive)
    assert 0 < report.value("timeline of open orders, p50") <= report.value("timeline of open orders, p99")
    assert report.value("months of the ledger") >= 2


def test_the_benchmark_reports_every_figure_with_its_aim(tmp_path: Path):
    if installed_server() is None:
        missing("rabbitmq-server is not installed here. Remedy: `apt-get install rabbitmq-server` as root.")
    report = run(QUICK, Console(quiet=True))
    report.write(tmp_path / "bench.json")

    written = json.loads((tmp_path / "bench.json").read_text())
    assert {figure["group"] for figure in written["figures"]} == GROUPS
    assert all(figure["value"] >= 0 for figure in written["figures"])
    assert report.value("commands an order") == COMMANDS
    assert report.value("events an order") > COMMANDS
    assert 0 < report.value("p50 commit to worklist") <= report.value("p99 commit to worklist")
    assert all(report.value(name) > 0 for name in ("orders", "judge, the pure fold", "ledger intake"))
