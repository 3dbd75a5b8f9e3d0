"""Whoever has the judge's key alone can sign what they like: what do the departments' signatures and the facts still show?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from chassis.signing import Signer
from contracts.control import Watermark
from contracts.event import SERVICES
from services.accountability.proof.comparing import compare
from services.accountability.proof.differences import How
from services.accountability.proof.exports import Wish
from services.accountability.proof.outline import JUDGE
from services.accountability.proof.packing import Export
from services.accountability.proof.rejudging import Judged
from services.accountability.proof.seals import Doubt
from services.accountability.proof.verify import main
from services.accountability.proof.verifying import verify
from tests.accountability.house import house
from tests.accountability.proving import END, Proof, taken
from tests.accountability.taking import lines_of
from tests.accountability.tampering import in_a_file, older
from tests.support.orders import an_order


async def a_forged_house(judge: Signer, *registered: str) -> Export:
    """All that its facts say is made up, and one key signs for everybody."""
    async with house(registered, forger=judge) as it:
        story = it.story()
        an_order(story, "SO-1", delivery_date="2026-03-06", takes={"notice": 30})
        await it.hears(story)
        await it.promises(END)
        await it.judges()
        return await taken(it, Wish(order="SO-1"))


async def test_the_judges_key_does_not_speak_for_the_departments(proof: Proof) -> None:
    forged = await a_forged_house(proof.judge, *SERVICES)

    doubt = verify(forged, proof.fingerprints).doubt
    assert f"has the fingerprint {proof.judge.fingerprint}, which was not given" in doubt

    everywhere = {(service, proof.judge.fingerprint) for service in SERVICES}
    assert "cannot have one key" in verify(forged, everywhere).doubt


async def test_departments_that_were_left_out_are_missed_by_whoever_knows_their_keys(proof: Proof) -> None:
    forged = await a_forged_house(proof.judge, JUDGE)

    assert "Nothing that counts here is signed with the key" in verify(forged, proof.fingerprints).doubt
    alone = verify(forged, {(JUDGE, proof.judge.fingerprint)})
    assert "the judge alone says that they are its" in alone.doubt


def test_a_word_covers_only_what_it_was_given_for(proof: Proof) -> None:
    """A genuine earlier word, and a checkpoint that rests on it: what came since is nobody's but the judge's."""
    last = proof.order.checkpoints[-1].read()
    word = Watermark.model_validate_json(proof.order.watermarks[JUDGE].statement)
    first = next(line for line in lines_of(proof.order) if line.source == JUDGE)
    early = proof.judge.sign(word.model_copy(update={"sequence": 1, "hash": first.source_hash.hex()}))

    report = proof.signed_anew(replace(proof.order, watermarks={**proof.order.watermarks, JUDGE: early}))

    assert f"facts of {JUDGE} in its epoch {last.sources[JUDGE].epoch}" in report.doubt
    assert f"are not signed by {JUDGE}" in report.doubt


def test_whose_key_a_fingerprint_is_has_to_be_said(proof: Proof, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["case.zip", "--fingerprint", proof.judge.fingerprint])

    assert f"write it as sales={proof.judge.fingerprint}" in capsys.readouterr().err


def test_a_key_that_has_signed_nothing_is_asked_after(proof: Proof) -> None:
    report = verify(proof.order, proof.fingerprints | {("sales", "0" * 64)})

    assert f"signed with the key {'0' * 64} of sales" in report.doubt


@pytest.mark.parametrize("status", ["proposed", "lapsed_long_ago"])
def test_a_record_stands_where_the_facts_say(proof: Proof, status: str) -> None:
    """The facts say that its person was notified."""
    notified = [row for row in proof.order.said["records"] if row["status"] == "notified"]
    assert notified
    rows = [{**row, **({"status": status} if row in notified else {})} for row in proof.order.said["records"]]

    report = proof.signed_anew(replace(proof.order, said={**proof.order.said, "records": rows}))

    assert f"the system says status {status}" in report.doubt


@pytest.mark.parametrize("change", [{"replaces": "PEN-1"}, {"withdrawn_because": "天气 / the weather"}], ids=str)
def test_what_is_said_beside_a_verdict_follows_from_the_facts_too(proof: Proof, change: dict[str, Any]) -> None:
    rows = [{**row, **change} for row in proof.order.said["records"]]

    assert not proof.signed_anew(replace(proof.order, said={**proof.order.said, "records": rows})).passed


def test_a_suspicion_is_cleared_by_facts_alone(proof: Proof) -> None:
    about = {
        "key": "MER-05/SO-1",
        "revision": 1,
        "clause": "MER-05",
        "order_no": "SO-1",
        "breaches": [],
        "evidence": [],
    }
    row = {**about, "reason": "nobody_held_the_post", "cleared_because": None}
    name, why = ("MER-05/SO-1", 1), "补录的任命 / a later assignment"
    judged, cleared = Judged(suspicions={name: {"reason": row["reason"]}}), {**row, "cleared_because": why}
    judged_away = replace(judged, withdrawn={name: why})

    assert compared(proof, judged, row) == compared(proof, judged_away, cleared) == []
    for facts, said in ((judged, cleared), (judged_away, row), (judged_away, {**cleared, "cleared_because": "天气"})):
        with pytest.raises(Doubt, match="Whether suspicion MER-05/SO-1 was cleared, and why"):
            compared(proof, facts, said)


def compared(proof: Proof, judged: Judged, suspicion: dict[str, Any]) -> list[str]:
    said = {"records": [], "missed_dates": [], "suspicions": [suspicion]}
    return list(compare(replace(proof.order, said=said, bodies=[]), judged, {}))


def test_nothing_can_be_left_out_once_it_was_exported(proof: Proof) -> None:
    """Facts that no outline demands: each of them is missed at its place."""
    demanded = {line.position for line in lines_of(proof.order) if line.is_frame or line.subject == "SO-1"}
    free = [body.position for body in proof.order.bodies if body.position not in demanded]
    assert free
    for position in free:
        bodies = [body for body in proof.order.bodies if body.position != position]
        found = proof.verified(replace(proof.order, bodies=bodies)).difference
        assert found
        assert (found.position, found.how) in {(position, How.DROPPED), (position, How.TRUNCATED)}


def test_how_far_was_judged_and_who_asked_cannot_be_changed(proof: Proof) -> None:
    for change in ({"judged_to": END.replace(year=2099)}, {"asked_by": "E-001"}, {"made_at": END}):
        changed = replace(proof.order, manifest=proof.order.manifest.model_copy(update=change))
        found = proof.verified(changed).difference
        assert found
        assert found.what == "manifest.json is not the file that was signed"

    anew = replace(proof.order, manifest=proof.order.manifest.model_copy(update={"asked_by": "E-001"}))
    assert "E-011 asked for this export, and it says E-001" in proof.signed_anew(anew).doubt


def test_the_signature_under_an_export_cannot_be_taken_away(proof: Proof) -> None:
    """Nor can it be passed off as an older one: its checkpoint says that exports are signed."""
    assert "that signature is not there" in proof.verified(replace(proof.order, contents=None)).doubt

    aged = older(proof.order, proof.judge)
    assert proof.verified(aged).passed
    passed_off = replace(aged, checkpoints=proof.order.checkpoints)
    assert "that signature is not there" in proof.verified(passed_off).doubt


def test_the_signature_under_another_export_does_not_fit(proof: Proof) -> None:
    report = verify(in_a_file(replace(proof.order, contents=proof.seller.contents)), proof.fingerprints)

    assert report.difference
    assert "is not the file that was signed" in report.difference.what


def test_another_question_than_the_one_written_down_is_seen(proof: Proof) -> None:
    asked = proof.days.manifest.asked.model_copy(update={"until": "2026-04-29"})
    manifest = proof.days.manifest.model_copy(update={"asked": asked})

    assert "made for another question" in proof.signed_anew(replace(proof.days, manifest=manifest)).doubt


def test_an_order_left_out_of_its_days_is_named(proof: Proof) -> None:
    """Whatever the judge signs, the outline says which orders moved."""
    asked = proof.days.manifest.asked.model_copy(update={"orders": ()})
    theirs = [line.position for line in lines_of(proof.days) if line.subject == "SO-3"]
    narrowed = replace(
        proof.days,
        manifest=proof.days.manifest.model_copy(update={"asked": asked}),
        bodies=[body for body in proof.days.bodies if body.position not in theirs],
        said={name: [] for name in proof.days.said},
    )

    found = proof.signed_anew(narrowed).difference

    assert found
    assert found.position == theirs[0]
    assert "a fact of SO-3" in found.what


def test_days_hold_what_is_of_no_order_too(proof: Proof) -> None:
    """The audit of the team leader's place, and the record that came of it."""
    facts = [orjson.loads(body.bytes) for body in proof.audit_day.bodies]

    assert "pmc.five_s_audited.v1" in {fact["type"] for fact in facts}
    assert "TML-05" in {row["clause"] for row in proof.audit_day.said["records"]}
    assert proof.verified(proof.audit_day).passed
    assert "小仓".encode() not in b"".join(body.bytes for body in proof.audit_day.bodies)


def test_what_is_of_no_order_cannot_be_left_out_of_its_days(proof: Proof) -> None:
    (audit,) = [line.position for line in lines_of(proof.audit_day) if line.kind == "pmc.five_s_audited.v1"]
    bodies = [body for body in proof.audit_day.bodies if body.position != audit]
    rows = [row for row in proof.audit_day.said["records"] if row["clause"] != "TML-05"]
    said = {**proof.audit_day.said, "records": rows}

    found = proof.signed_anew(replace(proof.audit_day, bodies=bodies, said=said)).difference

    assert found
    assert found.position == audit
    kept = proof.signed_anew(replace(proof.audit_day, said=said))
    assert "The facts call for a record that is not there: TML-05" in kept.doubt
