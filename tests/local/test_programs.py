"""Is only that process ended which was started here, together with all its children?"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from deploy.local.programs import Identity, end, rotate, wait_until

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
WITH_A_CHILD = "import subprocess, sys; subprocess.run(['sleep', '60'])"


def start(program: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def test_a_process_id_that_now_belongs_to_another_program_is_spared():
    with start("import time; time.sleep(60)") as process:
        stale = replace(Identity.of(process.pid), started=time.time() - 86_400)

        assert not stale.alive()
        end([stale])
        assert process.poll() is None

        end([Identity.of(process.pid)])
        assert process.wait(timeout=5) == -signal.SIGTERM


def test_what_does_not_listen_is_killed_when_the_patience_is_over():
    with start(STUBBORN) as process:
        assert process.stdout is not None
        process.stdout.readline()

        end([Identity.of(process.pid)], patience_s=0.3)

        assert process.wait(timeout=5) == -signal.SIGKILL


def test_children_end_with_their_parent():
    with start(WITH_A_CHILD) as process:
        assert wait_until(lambda: bool(psutil.Process(process.pid).children()), 5)
        child = psutil.Process(process.pid).children()[0].pid

        end([Identity.of(process.pid)], patience_s=0.3)

        assert wait_until(
            lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE, 5
        )


def test_memory_counts_the_process_and_its_children():
    assert Identity.of(os.getpid()).memory_mib() > 10


def test_logs_begin_anew_and_only_a_few_old_ones_stay(tmp_path: Path):
    log = tmp_path / "sales.log"
    for run in range(6):
        rotate(log, keep=3)
        log.write_text(f"run {run}")

    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "sales.log": "run 5",
        "sales.log.1": "run 4",
        "sales.log.2": "run 3",
        "sales.log.3": "run 2",
    }


@pytest.mark.parametrize(("met", "answer"), [(True, True), (False, False)])
def test_waiting_ends_with_the_condition_or_with_the_patience(met: bool, answer: bool):
    assert wait_until(lambda: met, 0.05) is answer
