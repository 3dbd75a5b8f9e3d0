"""The judge signs where its ledger stands: every so often, only with every source's word, and never the same way twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from chassis.database import transaction
from chassis.signing import is_signed_by
from services.accountability.proof import checkpoints, exports, outline, signatures
from services.accountability.proof.checkpoints import LINES, Checkpoints, Pace
from services.accountability.proof.exports import NothingToExport, NotTheirs, Wish, permit, write_down
from services.accountability.proof.outline import fold, line_of
from services.accountability.proof.statements import Checkpoint, SignedCheckpoint
from services.accountability.proof.tables import EvidenceExport, LedgerCheckpoint
from tests.accountability.house import House, house
from tests.accountability.taking import exported
from tests.support.departments import MORNING
from tests.support.facts import STAFF
from tests.support.orders import an_order

pytestmark = pytest.mark.asyncio


@pytest.fixture
async def it() -> AsyncIterator[House]:
    async with house() as found:
        yield found


async def signed(it: House) -> list[Checkpoint]:
    async with it.department.engine.connect() as connection:
        rows = await connection.execute(select(LedgerCheckpoint.statement).order_by(LedgerCheckpoint.no))
        return [Checkpoint.model_validate_json(row.statement) for row in rows]


async def test_a_checkpoint_says_where_every_chain_ends_and_how_far_it_is_complete(it: House) -> None:
    await it.hears(it.story())
    await it.promises(MORNING)

    (made,) = await signed(it)
    last = it.voices["accountability"]
    assert (made.position, made.frontier) == (last.sequence, MORNING)
    assert made.sources["accountability"].hash == last.hash.hex()
    assert set(made.sources) == set(it.voices)
    async with transaction(it.department.engine) as session:
        newest = await checkpoints.newest(session)
        rows = (await session.execute(LINES, {"after": 0, "page": 1000})).all()
    assert newest
    assert is_signed_by(last.signer.public, newest)
    assert made.outline == fold(outline.BEFORE_THE_FIRST, map(line_of, rows)).hex()


async def test_the_next_one_is_signed_after_so_many_facts_and_continues_the_outline(it: House) -> None:
    it.office.checkpoints.pace = Pace(facts=10)
    story = it.story()
    await it.hears(story)
    await it.promises(MORNING)
    an_order(story)
    story.told, later = story.told[:-5], story.told[-5:]
    await it.hears(story)
    await it.promises(MORNING + timedelta(minutes=1))
    story.told += later
    await it.hears(story)
    await it.promises(MORNING + timedelta(minutes=2))

    first, second = await signed(it)
    assert first.position < second.position == len(story.told) - 5
    assert first.outline != second.outline


async def test_a_restarted_office_goes_on_from_the_last_checkpoint(it: House) -> None:
    story = it.story()
    await it.hears(story)
    await it.promises(MORNING)
    an_order(story)
    await it.hears(story)
    before = it.office.checkpoints
    it.office.checkpoints = Checkpoints(it.department.engine, before.signer, Pace(facts=1))
    await it.promises(MORNING + timedelta(minutes=1))

    async with transaction(it.department.engine) as session:
        rows = (await session.execute(LINES, {"after": 0, "page": 1000})).all()
    assert (await signed(it))[-1].outline == fold(outline.BEFORE_THE_FIRST, map(line_of, rows)).hex()


async def test_nothing_is_signed_while_a_source_has_promised_nothing(it: House) -> None:
    await it.hears(it.story())
    silent = it.voices.pop("quality")
    await it.promises(MORNING)
    assert await signed(it) == []

    it.voices["quality"] = silent
    await it.promises(MORNING + timedelta(minutes=1))

    assert [made.frontier for made in await signed(it)] == [MORNING + timedelta(minutes=1)]


async def test_an_export_is_written_down_before_anything_is_read_and_signed_for(it: House) -> None:
    await it.hears(it.story())
    await it.promises(MORNING)
    await write_down(it.department.engine, Wish(order="SO-1"), "E-011")
    await it.promises(MORNING + timedelta(minutes=1))

    assert len(await signed(it)) == 2
    async with transaction(it.department.engine) as session:
        (row,) = (await session.scalars(select(EvidenceExport))).all()
    assert (row.asked_by, row.asked) == ("E-011", {"order": "SO-1"})


async def test_nobody_takes_out_the_cases_of_others(it: House) -> None:
    engine, buyer = it.department.engine, STAFF["buyer"]
    for wish in (Wish(order="SO-1"), Wish(person=STAFF["storekeeper"])):
        with pytest.raises(NotTheirs, match="HR and the general manager"):
            await exported(engine, wish, buyer)

    await permit(engine, Wish(person=buyer), buyer)
    await permit(engine, Wish(order="SO-1"), STAFF["general_manager"])


async def test_a_case_that_nobody_knows_is_not_exported(it: House) -> None:
    await it.hears(it.story())
    await it.promises(MORNING)
    asking = asyncio.create_task(exported(it.department.engine, Wish(order="SO-404"), STAFF["hr"]))
    minutes = 0
    while not asking.done():
        minutes += 1
        await it.promises(MORNING + timedelta(minutes=minutes))
        await it.judges()

    with pytest.raises(NothingToExport, match="SO-404"):
        await asking


async def test_an_export_that_nobody_signs_is_not_kept(
    it: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service does not run, so that only what was signed before is there."""
    for module in (exports, signatures):
        monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    story = it.story()
    an_order(story, "SO-1", delivery_date="2026-03-06")
    await it.hears(story)
    await it.promises(MORNING)

    with pytest.raises(NothingToExport, match="was not signed"):
        await exports.export(it.department.engine, Wish(order="SO-1"), STAFF["hr"], tmp_path / "case.zip")

    assert list(tmp_path.iterdir()) == []


async def test_what_the_judge_has_not_come_to_is_not_exported(it: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would lack records that the facts call for, and an honest export would not be believed."""
    monkeypatch.setattr(exports, "PATIENCE_S", 1.0)
    story = it.story()
    an_order(story, "SO-1", delivery_date="2026-03-06")
    await it.hears(story)
    await it.promises(MORNING)
    await it.judges()
    asking = asyncio.create_task(exported(it.department.engine, Wish(order="SO-1"), STAFF["hr"]))
    minutes = 0
    while not asking.done():
        minutes += 1
        await it.promises(MORNING + timedelta(minutes=minutes))

    with pytest.raises(NothingToExport, match="has only come to"):
        await asking


async def test_the_service_signs_what_was_asked_for_and_not_what_the_exporter_says(it: House) -> None:
    engine, files = it.department.engine, {"manifest.json": "0" * 64}
    asking = await write_down(engine, Wish(order="SO-1"), "E-011")
    signing = asyncio.create_task(signatures.signed(engine, asking.no, files))
    while not signing.done():
        await it.office.signatures.sign()
        await asyncio.wait({signing}, timeout=signatures.LOOK_S / 5)

    made = await signing
    assert made
    assert is_signed_by(it.office.signatures.signer.public, made)
    said = made.read()
    assert (said.export, said.asked_by, said.asked, said.files) == (asking.no, "E-011", {"order": "SO-1"}, files)


async def test_nobody_changes_what_was_signed_or_written_down(it: House) -> None:
    await it.hears(it.story())
    await it.promises(MORNING)
    await write_down(it.department.engine, Wish(order="SO-1"), "E-011")

    changes = ("UPDATE evidence_exports SET asked_by = 'E-001'", "DELETE FROM ledger_checkpoints")
    signatures = ("UPDATE export_contents SET files = '{}'", "DELETE FROM export_signatures")
    for change in (*changes, *signatures):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await it.department.as_owner(change)
        async with it.department.engine.connect() as connection:
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text(change))


async def test_programs_are_told_the_newest_checkpoint(it: House) -> None:
    await it.department.employ(hr="E-008")
    it.department.app.state.companion = it.office
    await it.hears(it.story())
    await it.promises(MORNING)

    async with it.department.as_("E-008") as client:
        told = (await client.get("/api/evidence")).json()["checkpoint"]

    assert SignedCheckpoint.model_validate(told).read().frontier == MORNING
