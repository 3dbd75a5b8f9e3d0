"""Exported evidence is verified without the running system, and whatever was done to it is found where it was done."""

import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from chassis.signing import Signer
from contracts.control import Watermark
from services.accountability.proof import chains, packing, rows, seals
from services.accountability.proof.differences import How
from services.accountability.proof.exports import Wish
from services.accountability.proof.packing import Asked, Body, NotAnExport
from services.accountability.proof.seals import Trusted
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.proof.verify import read_kept
from services.accountability.proof.verifying import sought, verify
from tests.accountability.house import house
from tests.accountability.proving import END, EVERY, Proof, required, taken
from tests.accountability.taking import lines_of
from tests.accountability.tampering import KINDS, Forger, chained_anew, in_a_file, older, signed_anew, write
from tests.support.facts import STAFF, local
from tests.support.orders import an_order

PROJECT = Path(__file__).parents[2]
MANY = 80
BEFORE = local("2026-01-01 00:00")


def test_an_untouched_export_leads_to_the_same_records(proof: Proof) -> None:
    report = proof.verified(proof.order)

    assert report.doubt == ""
    assert report.passed
    assert {row["clause"] for row in proof.order.said["records"]} >= {"SHP-01", "PMC-01"}
    assert proof.order.said["missed_dates"]
    assert not report.remarks


def test_a_fact_of_another_order_that_excuses_this_one_goes_with_it(proof: Proof) -> None:
    facts = [orjson.loads(body.bytes) for body in proof.order.bodies]
    foreign = {fact["type"] for fact in facts if fact.get("subject") == "SO-2"}

    assert foreign == {"pmc.exception_raised.v1", "pmc.exception_decided.v1"}


def test_nothing_else_of_other_orders_and_nobodys_name_is_in_it(proof: Proof) -> None:
    whole = b"".join(body.bytes for body in proof.order.bodies)
    outline = b"".join(proof.order.outline)

    assert b"SO-3" not in whole
    assert "小仓".encode() not in whole
    assert b"E-0" not in outline
    assert b"SO-3" in outline


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_whatever_is_done_to_an_export_is_found_where_it_was_done(proof: Proof, kind: How, tmp_path: Path) -> None:
    """Eighty of each kind, four hundred in all."""
    random, forger = Random(f"2026 {kind}"), Forger(proof.order, required(proof), proof.audit_day.bodies)
    for number in range(MANY):
        tampered = KINDS[kind][number % len(KINDS[kind])](forger, random)
        write(tampered, tmp_path / "tampered.zip")
        try:
            report = verify(packing.read(tmp_path / "tampered.zip"), proof.fingerprints)
        except NotAnExport:
            assert tampered.position is None, tampered.what
            continue

        found = report.difference
        if tampered.position is None:
            assert not report.passed, tampered.what
        else:
            assert found, tampered.what
            assert (found.position, found.how) == (tampered.position, tampered.how), (tampered.what, found)


def test_whoever_computes_the_chain_anew_is_found_at_the_next_checkpoint(proof: Proof) -> None:
    positions = [signed.read().position for signed in proof.order.checkpoints]
    assert len(set(positions)) > 5
    for position in range(1, len(list(proof.order.outline)) + 1):
        report = proof.verified(chained_anew(proof.order, position, subject="SO-9"))

        found = report.difference
        assert found
        if found.since is not None:
            assert found.since < position <= (found.position or 0) <= position + EVERY
        else:
            assert found.position == position


def test_whoever_is_in_an_export_can_see_that_they_were_taken_out(proof: Proof) -> None:
    taken = (*proof.order.said["records"], *proof.seller.said["records"], *proof.leader.said["records"])

    assert proof.looked >= {(STAFF["hr"], row["person"], "exported_as_evidence") for row in taken}
    assert {whose for _, whose, _ in proof.looked} >= {STAFF["salesperson"], STAFF["team_leader"]}


def test_an_export_that_ends_early_is_found_by_a_kept_checkpoint(proof: Proof) -> None:
    """A shorter ledger is a good ledger: only somebody outside can know that there was more."""
    earlier = proof.order.checkpoints[:-3]
    end = earlier[-1].read().position
    cut = replace(
        proof.order,
        outline=list(proof.order.outline)[:end],
        bodies=[body for body in proof.order.bodies if body.position <= end],
        checkpoints=earlier,
    )
    short = in_a_file(signed_anew(cut, proof.judge))
    assert verify(short, proof.fingerprints).difference is None

    report = verify(short, proof.fingerprints, [proof.kept])

    assert report.difference
    assert (report.difference.position, report.difference.how) == (end + 1, How.TRUNCATED)


def test_a_kept_checkpoint_that_lies_on_the_chain_is_counted(proof: Proof) -> None:
    report = verify(proof.order, proof.fingerprints, [proof.order.checkpoints[3]])

    assert report.passed
    assert any("1 checkpoint that you kept" in sentence for sentence in report.checked)


def test_an_older_export_is_not_blamed_for_what_was_signed_later(proof: Proof) -> None:
    kept = proof.kept.read()
    later = kept.model_copy(update={"made_at": kept.made_at + timedelta(days=1)})
    assert kept.position > len(list(proof.order.outline))

    report = verify(proof.order, proof.fingerprints, [proof.judge.seal(later.canonical(), SignedCheckpoint)])

    assert report.passed
    assert any("signed after this export was made" in remark for remark in report.remarks)


def test_a_key_that_nobody_vouches_for_proves_nothing(proof: Proof) -> None:
    (sales,) = {key.fingerprint for key in proof.order.manifest.keys if key.service == "sales"}

    report = verify(proof.order, proof.fingerprints - {("sales", sales)})

    assert not report.passed
    assert f"sales has the fingerprint {sales}" in report.doubt


def test_an_export_signed_by_somebody_else_is_not_believed(proof: Proof) -> None:
    """Everything is consistent in itself, also the keys in the file; only the fingerprints are not those that were given."""
    stranger = Signer.generate()
    last = proof.order.checkpoints[-1].read()
    forged = replace(proof.order, checkpoints=[stranger.seal(last.canonical(), SignedCheckpoint)])

    report = proof.verified(forged)

    assert "not a key of it" in report.doubt


def test_a_checkpoint_with_another_content_does_not_bear_the_signature(proof: Proof) -> None:
    last = proof.order.checkpoints[-1]
    statement = last.statement.replace(last.read().outline, "0" * 64)
    forged = replace(proof.order, checkpoints=[last.model_copy(update={"statement": statement})])

    assert "does not bear the signature" in proof.verified(forged).doubt


def test_a_source_that_has_signed_less_than_the_checkpoint_says_is_found(proof: Proof) -> None:
    words = dict(proof.order.watermarks)
    del words["quality"]
    assert "watermark of quality is missing" in proof.signed_anew(replace(proof.order, watermarks=words)).doubt

    words["quality"] = proof.order.watermarks["sales"]
    assert "in the name of quality" in proof.signed_anew(replace(proof.order, watermarks=words)).doubt


def test_a_source_that_signed_another_hash_is_found(proof: Proof) -> None:
    last, trusted = proof.order.checkpoints[-1].read(), Trusted.of(proof.order.manifest.keys, proof.fingerprints)
    followed = chains.follow(proof.order.outline, last.position, sought(proof.order, [last], last, trusted))
    watermark = Watermark.model_validate_json(proof.order.watermarks["pmc"].statement)

    found = seals.unlike(watermark.model_copy(update={"hash": "0" * 64}), last.sources["pmc"], followed)

    assert found
    assert lines_of(proof.order)[(found.position or 0) - 1].source == "pmc"


@pytest.mark.parametrize("change", [{"sanction": "warning"}, {"person": "E-099"}, {"evidence": [1]}], ids=str)
def test_a_record_that_says_something_else_than_the_facts_is_found(proof: Proof, change: dict[str, Any]) -> None:
    rows = [{**row, **(change if row["clause"] == "SHP-01" else {})} for row in proof.order.said["records"]]

    report = proof.signed_anew(replace(proof.order, said={**proof.order.said, "records": rows}))

    assert not report.passed
    assert next(iter(change)) in report.doubt


def test_an_older_export_still_verifies_and_is_told_what_it_cannot_show(proof: Proof) -> None:
    assert all(row.keys() >= set(rows.DECIDED) for row in proof.order.said["records"])
    fewer = [{name: row[name] for name in row if name not in rows.DECIDED} for row in proof.order.said["records"]]

    for said in (proof.order.said, {**proof.order.said, "records": fewer}):
        report = proof.verified(older(replace(proof.order, said=said), proof.judge))
        assert report.passed, report
        (remark,) = report.remarks
        assert "from before exports were signed as a whole" in remark


def test_a_record_that_weighs_more_than_the_facts_show_is_told_of(proof: Proof) -> None:
    rows = [{**row, "escalated_to": "minor_demerit"} for row in proof.order.said["records"]]

    report = proof.signed_anew(replace(proof.order, said={**proof.order.said, "records": rows}))

    assert len(report.remarks) == len(rows)
    assert all("that is not shown here" in remark for remark in report.remarks)


def test_a_record_that_was_taken_away_or_made_up_is_found(proof: Proof) -> None:
    rows = proof.order.said["records"]
    fewer = replace(proof.order, said={**proof.order.said, "records": rows[1:]})
    more = replace(proof.order, said={**proof.order.said, "records": [*rows, {**rows[0], "key": "X", "no": "PEN-X"}]})

    assert "call for a record that is not there" in proof.signed_anew(fewer).doubt
    assert "PEN-X does not follow" in proof.signed_anew(more).doubt


def test_a_persons_export_holds_their_records_and_nobody_elses(proof: Proof) -> None:
    for evidence, person in ((proof.seller, STAFF["salesperson"]), (proof.leader, STAFF["team_leader"])):
        records = evidence.said["records"]
        facts = [orjson.loads(body.bytes) for body in evidence.bodies]
        judged = {fact["data"]["person"] for fact in facts if ".record_" in fact["type"]}

        assert {row["person"] for row in records} == {person}
        assert judged <= {person}
        assert proof.verified(evidence).doubt == ""
        assert proof.verified(evidence).passed
    assert {row["clause"] for row in proof.leader.said["records"]} >= {"TML-05"}


def test_an_export_of_days_holds_the_orders_that_moved_in_them(proof: Proof) -> None:
    assert proof.days.manifest.asked.orders == ("SO-3",)
    report = proof.verified(proof.days)
    assert report.passed
    assert any("shows 1 order that moved in these days: SO-3. All are here" in sentence for sentence in report.checked)


def test_an_export_written_to_a_file_is_the_same_when_it_is_read(proof: Proof, tmp_path: Path) -> None:
    packing.write(proof.order, tmp_path / "case.zip")

    read = packing.read(tmp_path / "case.zip")
    assert replace(read, outline=list(read.outline)) == proof.order


WITHOUT_NETWORK = """
import sys

def no_network(event, arguments):
    if event.startswith("socket."):
        raise PermissionError(event)

sys.addaudithook(no_network)
from services.accountability.proof.verify import main
code = main(sys.argv[1:])
loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & {"sqlalchemy", "asyncpg", "aio_pika", "faststream", "fastapi", "aiohttp"}, loaded
sys.exit(code)
"""


def verified_elsewhere(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """In an empty folder, without any setting, database, broker or network."""
    command = [sys.executable, "-c", WITHOUT_NETWORK, *arguments]
    settings = {"PYTHONPATH": str(PROJECT), "PATH": "/nowhere", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=120)


def test_the_verifier_needs_nothing_of_the_running_system(proof: Proof, tmp_path: Path) -> None:
    packing.write(proof.order, tmp_path / "case.zip")
    (tmp_path / "kept.txt").write_text(proof.order.checkpoints[0].model_dump_json() + "\n")

    answer = verified_elsewhere(tmp_path, "case.zip", "--fingerprint", *proof.given, "--kept", "kept.txt")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "PASS" in answer.stdout


def test_the_verifier_names_the_position_and_says_no(proof: Proof, tmp_path: Path) -> None:
    tampered = KINDS[How.CHANGED][0](Forger(proof.order, required(proof)), Random(1))
    packing.write(tampered.export, tmp_path / "case.zip")

    answer = verified_elsewhere(tmp_path, "case.zip", "--fingerprint", *proof.given)

    assert answer.returncode == 1
    assert f"FAIL: position {tampered.position} of the ledger was changed" in answer.stdout


def test_a_file_that_is_no_export_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_text("no zip")

    answer = verified_elsewhere(tmp_path, "case.zip", "--fingerprint", "sales=" + "0" * 64)

    assert answer.returncode == 2
    assert "is not an export of evidence" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("around", [b"%s|", b"|%s"], ids=["before it", "behind it"])
def test_an_export_with_something_around_it_is_refused(proof: Proof, tmp_path: Path, around: bytes) -> None:
    """Such as another archive, which some programs would unpack instead."""
    file = tmp_path / "case.zip"
    packing.write(proof.order, file)
    file.write_bytes(around.replace(b"%s", b"All is well.").replace(b"|", file.read_bytes()))

    with pytest.raises(NotAnExport, match=r"stands (before outline\.txt|behind its parts)"):
        packing.read(file)


@pytest.mark.parametrize("more", ['{"key":"of somebody else",', '{"remark":"All is well",'], ids=["twice", "besides"])
def test_a_kept_checkpoint_says_nothing_twice_and_nothing_besides(proof: Proof, tmp_path: Path, more: str) -> None:
    kept = proof.kept.model_dump_json()
    (tmp_path / "kept.txt").write_text(f"{kept}\n\n{kept}\r\n")
    assert read_kept(tmp_path / "kept.txt") == [proof.kept, proof.kept]

    (tmp_path / "kept.txt").write_text(more + kept[1:])
    with pytest.raises(NotAnExport, match=r"kept\.txt holds no checkpoints: it says"):
        read_kept(tmp_path / "kept.txt")


def test_an_outline_that_cannot_be_unpacked_is_refused_in_words(proof: Proof, tmp_path: Path) -> None:
    packing.write(proof.order, tmp_path / "case.zip")
    with zipfile.ZipFile(tmp_path / "case.zip") as archive:
        place = archive.getinfo("outline.txt")
    damaged = bytearray((tmp_path / "case.zip").read_bytes())
    middle = place.header_offset + place.compress_size // 2
    damaged[middle : middle + 64] = bytes(64)
    (tmp_path / "case.zip").write_bytes(damaged)

    answer = verified_elsewhere(tmp_path, "case.zip", "--fingerprint", *proof.given)

    assert answer.returncode in (1, 2)
    assert "PASS" not in answer.stdout
    assert "Traceback" not in answer.stderr


def test_an_export_of_another_version_is_refused_with_what_to_do(proof: Proof, tmp_path: Path) -> None:
    manifest = proof.order.manifest.model_copy(update={"version": 99})
    packing.write(replace(proof.order, manifest=manifest), tmp_path / "case.zip")

    with pytest.raises(NotAnExport, match=r"99.*verify it with the version of this program that wrote it"):
        packing.read(tmp_path / "case.zip")


def test_scope_cannot_be_narrowed_unseen(proof: Proof) -> None:
    """Whoever asks for less than was exported sees what was asked for; whoever claims more lacks its facts."""
    manifest = proof.order.manifest.model_copy(update={"asked": Asked(orders=("SO-1", "SO-2"))})

    report = proof.signed_anew(replace(proof.order, manifest=manifest))

    assert report.difference
    assert report.difference.how is How.DROPPED


def test_bytes_that_are_no_fact_do_not_break_the_verifier(proof: Proof) -> None:
    position = proof.order.bodies[5].position
    bodies = [Body(each.position, b"\x00" if each.position == position else each.bytes) for each in proof.order.bodies]

    report = proof.verified(replace(proof.order, bodies=bodies))

    assert report.difference
    assert report.difference.position == position


@pytest.mark.parametrize("signed_before", [True, False], ids=["signed before", "not signed"])
async def test_a_source_that_goes_on_in_a_new_epoch_is_proved_too(postgres: str, signed_before: bool) -> None:
    """What it said before is proved by its last word of then; without one only the judge says that it said so."""
    async with house() as it:
        story = it.story()
        an_order(story, "SO-1", delivery_date="2026-03-06", takes={"notice": 30})
        told = [told for told in story.told if told.fact["source"] == "sales"]
        late = [
            replace(each, fact={**each.fact, "epoch": 2, "sequence": place}) for place, each in enumerate(told[-2:], 1)
        ]
        story.told = [each for each in story.told if each not in told[-2:]]
        await it.hears(story)
        if signed_before:
            await it.promises(BEFORE)
        await it.is_restored("sales")
        story.told += late
        await it.hears(story)
        await it.promises(END)
        await it.judges()

        evidence = await taken(it, Wish(order="SO-1"))

        report = verify(evidence, it.fingerprints)
        assert report.difference is None
        assert ("are not signed by sales" in report.doubt) is not signed_before
        assert verify(evidence, it.fingerprints, unsigned={"sales"}).passed
        assert evidence.checkpoints[-1].read().sources["sales"].epoch == 2
