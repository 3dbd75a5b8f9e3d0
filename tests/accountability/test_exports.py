"""Somebody takes evidence out of the house: what is asked for in a way that comes to nothing is refused before anything is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from chassis.operator import Misuse
from services.accountability.proof import operator, packing
from services.accountability.proof.exports import UNSIGNED, NothingToExport
from services.accountability.proof.verifying import verify
from tests.accountability.house import House, house
from tests.accountability.proving import END, a_month, tell
from tests.support.facts import STAFF, local

HR = STAFF["hr"]
ORDER = ("--order", "SO-1")


@pytest.fixture
async def it() -> AsyncIterator[House]:
    async with house() as found:
        yield found


def asked(*about: str, to: Path | str = "case.zip") -> list[str]:
    return ["export", *about, "--by", HR, "--to", str(to)]


@pytest.mark.parametrize(
    ("about", "said"),
    [
        (["--order", "SO-1", "--until", "2026-04-30"], "--until 2026-04-30 stands beside --from alone"),
        (["--person", "E-001", "--until", "2026-04-30"], "--until 2026-04-30 stands beside --from alone"),
        (["--from", "2026-04-30", "--until", "2026-04-01"], "--until 2026-04-01 is before --from 2026-04-30"),
    ],
    ids=["an order", "a person", "backwards"],
)
def test_days_that_answer_no_question_are_refused(
    about: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They would be written down and limit nothing, so that no such export could ever be verified."""
    with pytest.raises(SystemExit):
        operator.read_arguments(asked(*about))

    assert said in capsys.readouterr().err


async def test_the_last_day_is_the_factorys_today(it: House) -> None:
    """The operator's machine may still be in yesterday."""
    await it.department.wait_until(local("2026-09-02 01:00"))
    options = operator.read_arguments(asked("--from", "2026-09-01"))

    wish = await operator.wished(it.department.engine, options)

    assert (wish.since, wish.until) == (date(2026, 9, 1), date(2026, 9, 2))


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        (["--from", "2999-03-01"], "--from 2999-03-01"),
        (["--from", "2026-01-01", "--until", "2999-03-01"], "--until 2999-03-01"),
    ],
    ids=["the first", "the last"],
)
async def test_days_that_are_still_to_come_are_refused(it: House, days: list[str], wrong: str) -> None:
    """Nobody can sign that all is there of them."""
    options = operator.read_arguments(asked(*days))

    with pytest.raises(Misuse, match=f"{wrong} is still to come"):
        await operator.wished(it.department.engine, options)


def test_a_file_that_is_there_is_not_written_over_unasked(tmp_path: Path) -> None:
    there = tmp_path / "case.zip"
    there.write_text("yesterday's evidence")

    for option, given in (("--to", asked(*ORDER, to=there)), ("--ocel", [*asked(*ORDER), "--ocel", str(there)])):
        with pytest.raises(Misuse, match=rf"case\.zip is there already.*{option}.*--replace"):
            operator.exporting(operator.read_arguments(given))

    assert there.read_text() == "yesterday's evidence"
    operator.exporting(operator.read_arguments([*asked(*ORDER, to=there), "--replace"]))


@pytest.mark.parametrize("place", ["case.zip", "x/../case.zip", "link.json"])
def test_the_log_for_process_mining_does_not_replace_the_evidence(tmp_path: Path, place: str) -> None:
    """However its place is written: the second file would be written over the first."""
    (tmp_path / "x").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "case.zip")
    given = [*asked(*ORDER, to=tmp_path / "case.zip"), "--ocel", str(tmp_path / place), "--replace"]

    with pytest.raises(Misuse, match=r"--to .* and --ocel .* are one file"):
        operator.exporting(operator.read_arguments(given))


@pytest.mark.parametrize("place", ["", "nowhere/case.zip"], ids=["a folder", "in no folder"])
def test_where_no_file_can_be_written_is_said_before_anything_is_read(tmp_path: Path, place: str) -> None:
    with pytest.raises(Misuse, match=r"is no file|There is no folder"):
        operator.exporting(operator.read_arguments(asked(*ORDER, to=tmp_path / place)))


def test_an_export_that_fails_leaves_the_evidence_that_lay_there(tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    file.write_text("yesterday's evidence")

    with pytest.raises(NothingToExport):
        begins(file)

    assert file.read_text() == "yesterday's evidence"
    assert list(tmp_path.iterdir()) == [file]


def begins(file: Path) -> None:
    """An export as it is made while the service does not run."""
    with packing.writing(file) as archive:
        archive.writestr("outline.txt", "half of it")
        raise NothingToExport(UNSIGNED)


def test_an_export_takes_its_place_once_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    file.write_text("yesterday's evidence")

    with packing.writing(file) as archive:
        archive.writestr("outline.txt", "all of it")
        assert file.read_text() == "yesterday's evidence"

    assert file.read_bytes().startswith(b"PK")
    assert list(tmp_path.iterdir()) == [file]


async def test_what_is_taken_out_lies_where_it_was_wanted_and_is_told(
    it: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await tell(it, a_month(it))
    there = tmp_path / "case.zip"
    there.write_text("yesterday's evidence")
    options = operator.read_arguments([*asked(*ORDER, to=there), "--replace", "--ocel", str(tmp_path / "case.json")])

    asking, until = asyncio.ensure_future(operator.exporting(options)(it.department.engine)), END
    while not asking.done():
        until += timedelta(minutes=1)
        await it.promises(until)
        await it.judges()
    await asking

    assert verify(packing.read(there), it.fingerprints).passed
    assert sorted(each.name for each in tmp_path.iterdir()) == ["case.json", "case.zip"]
    assert "It names people by their ids" in capsys.readouterr().out
