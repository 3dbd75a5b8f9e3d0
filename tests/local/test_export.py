"""Does evidence leave a running house by one command, and convince somebody who has nothing of it?"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.signing import fingerprint, trusted_keys
from deploy.local.lifecycle import Running, RunState, write_running
from deploy.local.place import PROJECT
from deploy.local.programs import Identity
from deploy.local.system import System
from services.accountability.proof.statements import SignedCheckpoint
from tests.local.test_evidence import MORNING, SELLER, STARTED, acting
from tests.support.company import PEOPLE, Company
from tests.support.system import shared_system
from tests.telemetry.conftest import ADDRESS, CUSTOMER, LINE

HR = PEOPLE["hr"]


@dataclass
class Desk:
    """Where somebody sits who may use the commands, and the order that they are asked about."""

    system: System
    order_no: str
    folder: Path

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "HANDOVER_HOME": str(self.system.place.home)}
        command = [str(PROJECT / "handover"), *arguments]
        return subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
        )

    @property
    def fingerprints(self) -> list[str]:
        """As they were handed over when the system was set up."""
        keys = trusted_keys(self.system.place.keys / "trusted.json")
        return [f"{service}={fingerprint(key)}" for service, key in keys.items()]


@pytest.fixture(scope="module")
def desk(postgres: str, broker: str) -> Iterator[Desk]:
    with shared_system(STARTED) as it, tempfile.TemporaryDirectory() as folder:
        known = Running(Identity.of(os.getpid()), it.clock, it.urls, it.database_urls, RunState.READY)
        write_running(it.place, known)

        async def sells(company: Company) -> str:
            await company.step_to(MORNING)
            await company.until("sales", SELLER, "/api/worklist", lambda _: True)
            await company.do("sales", SELLER, "register_customer", no="C-01", name=CUSTOMER, address=ADDRESS)
            form = {"customer_code": "C-01", "lines": [LINE], "merchandiser": "E-003"}
            contract = await company.do("sales", SELLER, "submit_contract", **form)
            await company.step_to(MORNING + timedelta(hours=1))
            return str(contract["order_no"] or contract["no"])

        yield Desk(it, acting(it, sells), Path(folder))


def test_a_case_is_exported_by_one_command_and_verified_by_another(desk: Desk):
    taken = desk.call(
        "evidence", "export", "--order", desk.order_no, "--by", HR, "--to", "case.zip", "--ocel", "case.json"
    )
    assert taken.returncode == 0, taken.stderr
    assert "./handover verify case.zip --fingerprint accountability=" in taken.stdout
    assert json.loads((desk.folder / "case.json").read_text())["events"]

    answer = desk.call("verify", "case.zip", "--fingerprint", *desk.fingerprints)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.splitlines()[-1].startswith("PASS")
    assert desk.order_no in answer.stdout


def test_a_checkpoint_is_one_line_that_is_kept_and_found_again(desk: Desk):
    line = desk.call("evidence", "checkpoint")
    assert line.returncode == 0, line.stderr
    assert line.stdout.count("\n") == 1
    assert SignedCheckpoint.model_validate_json(line.stdout).read().position > 0
    (desk.folder / "kept.txt").write_text(line.stdout)
    desk.call("evidence", "export", "--order", desk.order_no, "--by", HR, "--to", "later.zip")

    answer = desk.call("verify", "later.zip", "--fingerprint", *desk.fingerprints, "--kept", "kept.txt")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "1 checkpoint that you kept" in answer.stdout


def test_an_export_is_written_to_standard_output_where_there_is_no_disk(desk: Desk):
    environment = {**os.environ, "HANDOVER_DATABASE_URLS": json.dumps(desk.system.database_urls)}
    module = "services.accountability.proof.operator"
    command = [sys.executable, "-m", module, "export", "--order", desk.order_no, "--by", HR, "--to", "-"]
    taken = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, check=True, timeout=120)
    (desk.folder / "piped.zip").write_bytes(taken.stdout)

    answer = desk.call("verify", "piped.zip", "--fingerprint", *desk.fingerprints)

    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_case_of_which_there_is_no_evidence_is_said_to_be_none(desk: Desk):
    taken = desk.call("evidence", "export", "--order", "SOD-404", "--by", HR, "--to", "none.zip")

    assert taken.returncode == 2
    assert "There is no signed evidence about SOD-404" in taken.stderr
    assert not (desk.folder / "none.zip").exists()
