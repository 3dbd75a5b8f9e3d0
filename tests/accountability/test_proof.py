"""Exported evidence is verified without the running system, and whatever was done to it is found where it was done."""

import asyncio
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from chassis.signing import Signer
from contracts import accountability, links, pmc, sales
from contracts.control import Watermark
from services.accountability.proof import chains, mentions, packing, reading, seals, weighing
from services.accountability.proof.differences import How
from services.accountability.proof.exports import Wish
from services.accountability.proof.packing import Asked, Body, Export, NotAnExport
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.proof.verifying import Report, sought, verify
from tests.accountability.house import House, house
from tests.accountability.taking import exported, lines_of
from tests.accountability.tampering import KINDS, Forger, chained_anew
from tests.support.departments import MORNING
from tests.support.facts import STAFF, Story, a_line, local
from tests.support.orders import Step, an_order

PROJECT = Path(__file__).parents[2]
END = MORNING + timedelta(hours=8)
MANY = 80
EVERY = 12


@dataclass
class Proof:
    """The evidence of one house: exports of its first order and of two persons, with what somebody outside knows."""

    order: Export
    seller: Export
    leader: Export
    days: Export
    fingerprints: set[str]
    kept: SignedCheckpoint
    looked: set[tuple[str, str, str]]

    def verified(self, evidence: Export) -> Report:
        return verify(evidence, self.fingerprints)


@pytest.fixture(scope="module")
def proof(postgres: str) -> Proof:
    """The ledger is read in pages of a few facts, so that a case lies across their edges."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "PAGE", 7)
        patch.setattr(mentions, "PAGE", 5)
        return asyncio.run(a_proof())


async def a_proof() -> Proof:
    async with house() as it:
        story = a_month(it)
        await tell(it, story)
        order, seller = await taken(it, Wish(order="SO-1")), await taken(it, Wish(person=STAFF["salesperson"]))
        leader = await taken(it, Wish(person=STAFF["team_leader"]))
        story.at("2026-06-01 10:00").states(sales.OrderConfirmed, order_no="SO-4", lines=[a_line()])
        await it.hears(story)
        days = await taken(it, Wish(since=local("2026-03-25 00:00").date(), until=local("2026-04-30 00:00").date()))
        async with it.department.engine.connect() as connection:
            rows = await connection.exec_driver_sql("SELECT who, whose, how FROM record_looks")
            looked = {(row.who, row.whose, row.how) for row in rows}
        return Proof(order, seller, leader, days, it.fingerprints, days.checkpoints[-1], looked)


def a_month(it: House) -> Story:
    """Three orders; the second hinders the first, and the team leader's place is not tidy."""
    story = it.story()
    late = {"notice": 30, "production_order": 9, "operation": 12}
    an_order(story, "SO-1", delivery_date="2026-03-06", takes=late, extra=raises_an_exception_in_another_order)
    an_order(story, "SO-2", starts="2026-03-04 09:00", delivery_date="2026-03-20", takes={"notice": 30})
    an_order(story, "SO-3", starts="2026-04-01 09:00", delivery_date="2026-04-02", takes={"ship": 12})
    audit: dict[str, Any] = {"area": "A", "team_leader": STAFF["team_leader"], "score": 40, "audit_no": "5S-1"}
    fields = pmc.FiveSAudited.model_fields
    story.at("2026-03-12 10:00").states(pmc.FiveSAudited, **{name: audit[name] for name in audit if name in fields})
    nickname = {"employee": "E-010", "nickname": "小仓", "department": "warehouse"}
    return story.at("2026-03-13 10:00").states(accountability.EmployeeRegistered, **nickname)


def raises_an_exception_in_another_order(story: Story, step: Step) -> None:
    if step.duty == links.operation("MO-SO-1", 10):
        said: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "affected_duties": [step.duty]}
        story.states(pmc.ExceptionRaised, order_no="SO-2", kind="other", **said)
        decided: dict[str, Any] = {"accepted": True, "extension_hours": "12", "decided_by": STAFF["general_manager"]}
        story.states(pmc.ExceptionDecided, order_no="SO-2", **said, **decided)


async def tell(it: House, story: Story) -> None:
    """The facts come in one after the other, and what the judge made of them comes back; checkpoints lie between."""
    it.office.checkpoints.pace.facts = EVERY
    told, story.told = story.told, []
    for start in range(0, len(told), EVERY):
        story.told = told[: start + EVERY]
        await it.hears(story)
        await it.promises(local("2026-01-01 00:00") + timedelta(minutes=start))
    await it.promises(END)
    await it.judges()
    await it.says_so()


async def taken(it: House, wish: Wish) -> Export:
    """Export while the office is at work: it signs where the ledger stands as soon as it sees that somebody asks."""
    asking = asyncio.create_task(exported(it.department.engine, wish, STAFF["hr"]))
    until = END
    while not asking.done():
        until += timedelta(minutes=1)
        await it.promises(until)
        await it.judges()
    return await asking


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
    random, forger = Random(f"2026 {kind}"), Forger(proof.order, required(proof))
    for number in range(MANY):
        tampered = KINDS[kind][number % len(KINDS[kind])](forger, random)
        packing.write(tampered.export, tmp_path / "tampered.zip")
        report = proof.verified(packing.read(tmp_path / "tampered.zip"))

        assert report.difference, tampered.what
        found = report.difference
        assert (found.position, found.how) == (tampered.position, tampered.how), (tampered.what, found)


def required(proof: Proof) -> set[int]:
    orders = proof.order.manifest.asked.orders
    return {line.position for line in lines_of(proof.order) if line.is_frame or line.subject in orders}


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
    short = replace(
        proof.order,
        outline=list(proof.order.outline)[:end],
        bodies=[body for body in proof.order.bodies if body.position <= end],
        checkpoints=earlier,
    )
    assert proof.verified(short).difference is None

    report = verify(short, proof.fingerprints, [proof.kept])

    assert report.difference
    assert (report.difference.position, report.difference.how) == (end + 1, How.TRUNCATED)


def test_a_kept_checkpoint_that_lies_on_the_chain_is_counted(proof: Proof) -> None:
    report = verify(proof.order, proof.fingerprints, [proof.order.checkpoints[3]])

    assert report.passed
    assert any("1 checkpoint that you kept" in sentence for sentence in report.checked)


def test_an_older_export_is_not_blamed_for_what_was_signed_later(proof: Proof) -> None:
    kept = proof.kept.read()
    made_at = kept.made_at - timedelta(days=1)
    older = replace(proof.order, manifest=proof.order.manifest.model_copy(update={"made_at": made_at}))
    assert kept.position > len(list(older.outline))

    report = verify(older, proof.fingerprints, [proof.kept])

    assert report.passed
    assert any("signed after this export was made" in remark for remark in report.remarks)


def test_a_key_that_nobody_vouches_for_proves_nothing(proof: Proof) -> None:
    (sales,) = {key.fingerprint for key in proof.order.manifest.keys if key.service == "sales"}

    report = verify(proof.order, proof.fingerprints - {sales})

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
    assert "watermark of quality is missing" in proof.verified(replace(proof.order, watermarks=words)).doubt

    words["quality"] = proof.order.watermarks["sales"]
    assert "in the name of quality" in proof.verified(replace(proof.order, watermarks=words)).doubt


def test_a_source_that_signed_another_hash_is_found(proof: Proof) -> None:
    last = proof.order.checkpoints[-1].read()
    followed = chains.follow(proof.order.outline, last.position, sought(proof.order, [last], last))
    watermark = Watermark.model_validate_json(proof.order.watermarks["pmc"].statement)

    found = seals.unlike(watermark.model_copy(update={"hash": "0" * 64}), last.sources["pmc"], followed)

    assert found
    assert lines_of(proof.order)[(found.position or 0) - 1].source == "pmc"


@pytest.mark.parametrize("change", [{"sanction": "warning"}, {"person": "E-099"}, {"evidence": [1]}], ids=str)
def test_a_record_that_says_something_else_than_the_facts_is_found(proof: Proof, change: dict[str, Any]) -> None:
    rows = [{**row, **(change if row["clause"] == "SHP-01" else {})} for row in proof.order.said["records"]]

    report = proof.verified(replace(proof.order, said={**proof.order.said, "records": rows}))

    assert not report.passed
    assert next(iter(change)) in report.doubt


def test_an_export_from_before_decisions_were_part_of_its_records_still_verifies(proof: Proof) -> None:
    assert all(row.keys() >= set(weighing.DECIDED) for row in proof.order.said["records"])
    rows = [{name: row[name] for name in row if name not in weighing.DECIDED} for row in proof.order.said["records"]]

    assert proof.verified(replace(proof.order, said={**proof.order.said, "records": rows})).passed


def test_a_record_that_weighs_more_than_the_facts_show_is_told_of(proof: Proof) -> None:
    rows = [{**row, "escalated_to": "minor_demerit"} for row in proof.order.said["records"]]

    report = proof.verified(replace(proof.order, said={**proof.order.said, "records": rows}))

    assert len(report.remarks) == len(rows)
    assert all("that is not shown here" in remark for remark in report.remarks)


def test_a_record_that_was_taken_away_or_made_up_is_found(proof: Proof) -> None:
    rows = proof.order.said["records"]
    fewer = replace(proof.order, said={**proof.order.said, "records": rows[1:]})
    more = replace(proof.order, said={**proof.order.said, "records": [*rows, {**rows[0], "key": "X", "no": "PEN-X"}]})

    assert "call for a record that is not there" in proof.verified(fewer).doubt
    assert "PEN-X does not follow" in proof.verified(more).doubt


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
    assert proof.verified(proof.days).passed


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

    answer = verified_elsewhere(
        tmp_path, "case.zip", "--fingerprint", *sorted(proof.fingerprints), "--kept", "kept.txt"
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "PASS" in answer.stdout


def test_the_verifier_names_the_position_and_says_no(proof: Proof, tmp_path: Path) -> None:
    tampered = KINDS[How.CHANGED][0](Forger(proof.order, required(proof)), Random(1))
    packing.write(tampered.export, tmp_path / "case.zip")

    answer = verified_elsewhere(tmp_path, "case.zip", "--fingerprint", *sorted(proof.fingerprints))

    assert answer.returncode == 1
    assert f"FAIL: position {tampered.position} of the ledger was changed" in answer.stdout


def test_a_file_that_is_no_export_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_text("no zip")

    answer = verified_elsewhere(tmp_path, "case.zip", "--fingerprint", "0" * 64)

    assert answer.returncode == 2
    assert "is not an export of evidence" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_outline_that_cannot_be_unpacked_is_refused_in_words(proof: Proof, tmp_path: Path) -> None:
    packing.write(proof.order, tmp_path / "case.zip")
    with zipfile.ZipFile(tmp_path / "case.zip") as archive:
        place = archive.getinfo("outline.txt")
    damaged = bytearray((tmp_path / "case.zip").read_bytes())
    middle = place.header_offset + place.compress_size // 2
    damaged[middle : middle + 64] = bytes(64)
    (tmp_path / "case.zip").write_bytes(damaged)

    answer = verified_elsewhere(tmp_path, "case.zip", "--fingerprint", *sorted(proof.fingerprints))

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

    report = proof.verified(replace(proof.order, manifest=manifest))

    assert report.difference
    assert report.difference.how is How.DROPPED


def test_bytes_that_are_no_fact_do_not_break_the_verifier(proof: Proof) -> None:
    position = proof.order.bodies[5].position
    bodies = [Body(each.position, b"\x00" if each.position == position else each.bytes) for each in proof.order.bodies]

    report = proof.verified(replace(proof.order, bodies=bodies))

    assert report.difference
    assert report.difference.position == position


async def test_a_source_that_goes_on_in_a_new_epoch_is_proved_too(postgres: str) -> None:
    async with house() as it:
        story = it.story()
        an_order(story, "SO-1", delivery_date="2026-03-06", takes={"notice": 30})
        told = [told for told in story.told if told.fact["source"] == "sales"]
        late = [
            replace(each, fact={**each.fact, "epoch": 2, "sequence": place}) for place, each in enumerate(told[-2:], 1)
        ]
        story.told = [each for each in story.told if each not in told[-2:]]
        await it.hears(story)
        await it.is_restored("sales")
        story.told += late
        await it.hears(story)
        await it.promises(END)
        await it.judges()

        evidence = await taken(it, Wish(order="SO-1"))

        report = verify(evidence, it.fingerprints)
        assert (report.doubt, report.difference) == ("", None)
        assert evidence.checkpoints[-1].read().sources["sales"].epoch == 2
