"""Does `./handover evidence` show whose evidence is missing, and how it heals?"""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.instants import FACTORY
from deploy.local.lifecycle import Running, RunState, write_running
from deploy.local.place import PROJECT
from deploy.local.programs import Identity, wait_until
from deploy.local.system import System
from tests.local.conftest import interruptible
from tests.support.company import Company, company_of
from tests.support.system import shared_system
from tests.telemetry.conftest import ADDRESS, CUSTOMER, LINE

SELLER = "E-001"
MORNING = datetime(2026, 9, 1, 9, tzinfo=FACTORY)
STARTED = ("sales", "accountability")


@pytest.fixture(scope="module")
def system(postgres: str, broker: str) -> Iterator[System]:
    """The judge and one department, known to the commands as what `up` has started."""
    with shared_system(STARTED) as it:
        known = Running(Identity.of(os.getpid()), it.clock, it.urls, it.database_urls, RunState.READY)
        write_running(it.place, known)
        acting(it, lambda company: company.step_to(MORNING))
        acting(it, lambda company: company.until("sales", SELLER, "/api/worklist", lambda _: True))
        yield it


def acting(system: System, deed: Callable[[Company], Awaitable[Any]]) -> Any:
    async def act() -> Any:
        async with company_of(system) as company:
            return await deed(company)

    return asyncio.run(act())


def call(system: System, *options: str) -> str:
    environment = {**os.environ, "HANDOVER_HOME": str(system.place.home)}
    command = [str(PROJECT / "handover"), "evidence", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout


def seen(system: System) -> dict[str, Any]:
    looked: dict[str, Any] = json.loads(call(system, "--json"))
    return looked


def seen_once(system: System, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    looks: list[dict[str, Any]] = []

    def look() -> bool:
        looks.append(seen(system))
        return wanted(looks[-1])

    assert wait_until(look, 90.0), looks[-1]
    return looks[-1]


def complete_to(look: dict[str, Any], source: str) -> datetime:
    return datetime.fromisoformat(look["ledger"]["sources"][source]["complete_to"])


def test_every_source_shows_its_sequence_hash_and_times_and_every_service_its_books(system: System):
    shown = call(system).splitlines()

    heading = next(line for line in shown if line.startswith("source"))
    assert heading.split()[-4:] == ["unpublished", "waiting", "parked", "gaps"]
    rows = {line.split()[0]: line.split() for line in shown[shown.index(heading) + 1 :] if line.strip()}
    assert rows.keys() == set(STARTED)
    looked = seen(system)
    for name, row in rows.items():
        source = looked["ledger"]["sources"][name]
        assert source["hash"].startswith(row[2]) or int(row[1]) < source["sequence"]
        assert row[-4:] == ["0", "0", "0", "0"]


def test_facts_that_do_not_get_out_hold_the_frontier_until_they_do(system: System):
    seen_once(system, lambda look: look["ledger"]["lag_s"] == 0)

    async def keep_back(company: Company) -> None:
        await company.do("sales", SELLER, "register_customer", no="C-01", name=CUSTOMER, address=ADDRESS)
        await company.hold_relay("sales", True)
        form = {"customer_code": "C-01", "lines": [LINE], "merchandiser": "E-003"}
        await company.do("sales", SELLER, "submit_contract", **form)
        await company.step_to(MORNING + timedelta(hours=1))

    acting(system, keep_back)
    held = seen_once(system, lambda look: complete_to(look, "accountability") == MORNING + timedelta(hours=1))
    assert held["services"]["sales"]["unpublished"] == 1
    assert complete_to(held, "sales") == datetime.fromisoformat(held["ledger"]["frontier"]) == MORNING
    assert held["ledger"]["lag_s"] == 3600
    assert "3600.0 s behind" in call(system)

    acting(system, lambda company: company.hold_relay("sales", False))
    healed = seen_once(system, lambda look: look["ledger"]["lag_s"] == 0)
    assert healed["services"]["sales"]["unpublished"] == 0
    before, after = (look["ledger"]["sources"]["sales"]["sequence"] for look in (held, healed))
    assert after == before + 1


def test_watching_goes_on_until_it_is_interrupted(system: System):
    environment = {**os.environ, "HANDOVER_HOME": str(system.place.home)}
    command = [str(PROJECT / "handover"), "evidence", "--watch", "--json"]
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    ) as watching:
        looks = [json.loads(watching.stdout.readline()) for _ in range(2)] if watching.stdout else []
        watching.send_signal(signal.SIGINT)
        assert watching.wait(30) == 0
        assert watching.stderr
        assert watching.stderr.read() == ""

    assert [set(look["services"]) for look in looks] == [set(STARTED)] * 2


def test_a_service_that_is_down_is_said_to_be(system: System):
    system.services["sales"].stop()
    try:
        assert "sales does not answer" in call(system)
        assert seen(system)["services"]["sales"] is None
    finally:
        system.services["sales"].start()
        system.services["sales"].wait_ready()
