"""Can an operator find, read, replay and discard what a service could not handle?"""

import re

import orjson
import pytest

from chassis import operator
from chassis.database import transaction
from chassis.parking import NotParked, park
from tests.chassis.company import Company, Member, Ordered, incoming

Output = pytest.CaptureFixture[str]


@pytest.fixture
async def pmc(offices: Company, monkeypatch: pytest.MonkeyPatch) -> Member:
    """A department with one parked fact, as the environment's only database."""
    member = await offices.member("pmc")
    fact = incoming(Ordered(n=13, order_no="SO-13"), 1)
    async with transaction(member.engine) as session:
        await park(session, fact.envelope, fact.body, attempts=5, reason="Illness('[bold]13[/bold]')\nand more")
    monkeypatch.setenv("HANDOVER_DATABASE_URLS", orjson.dumps({"pmc": member.settings.database_url}).decode())
    monkeypatch.setenv("COLUMNS", "200")
    return member


async def run(*arguments: str) -> None:
    await operator.carry_out(operator.read_arguments(["parked", *arguments]), operator.console())


async def test_the_list_names_each_fact_and_its_reason(pmc: Member, capsys: Output):
    await run("list")

    shown = capsys.readouterr().out
    assert re.search(
        r"pmc/1 .* sales\.sample_ordered\.v1 .* SO-13 .* 5 .* Illness\('\[bold\]13\[/bold\]'\) .* parked", shown
    )


async def test_one_is_shown_with_its_bytes(pmc: Member, capsys: Output):
    await run("show", "pmc/1")

    shown = capsys.readouterr().out
    assert "and more" in shown
    assert '"n": 13' in shown


async def test_a_replayed_fact_goes_back_to_its_service(pmc: Member, capsys: Output):
    await run("replay", "pmc/1", "--by", "E-005")

    assert await pmc.value("SELECT reason FROM waiting") == "replayed by E-005"
    await run("list")
    assert "SO-13" not in capsys.readouterr().out
    await run("list", "--decided")
    assert "replayed by E-005" in capsys.readouterr().out


async def test_nobody_decides_twice(pmc: Member):
    await run("discard", "pmc/1", "--by", "E-005")

    with pytest.raises(NotParked, match="has been decided about"):
        await run("replay", "pmc/1", "--by", "E-006")
    assert await pmc.value("SELECT decided_by FROM parked") == "E-005"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["replay", "pmc/1"], "--by"),
        (["replay", "pmc/1", "--by", "小吴"], "is no employee id; write it as E-001"),
        (["discard", "12", "--by", "E-005"], "write SERVICE/NUMBER as the list shows it"),
    ],
)
def test_an_unclear_decision_is_refused(arguments: list[str], complaint: str, capsys: Output):
    with pytest.raises(SystemExit):
        operator.read_arguments(["parked", *arguments])
    assert complaint in capsys.readouterr().err


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Output):
    monkeypatch.delenv("HANDOVER_DATABASE_URLS", raising=False)

    assert operator.main(["parked", "list"]) == 2
    assert "Set HANDOVER_DATABASE_URLS" in capsys.readouterr().err


async def test_an_unknown_service_or_number_is_named(pmc: Member):
    with pytest.raises(operator.Misuse, match="There is no service sales; there are pmc"):
        await run("show", "sales/1")
    with pytest.raises(NotParked, match="no fact is parked here under number 99"):
        await run("show", "pmc/99")
