"""What nobody judged again proves nothing: what lies beyond the evidence is in no export, and is refused where it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts import links
from services.accountability.proof import seals
from services.accountability.proof.exports import Wish
from services.accountability.proof.packing import Export
from services.accountability.proof.seals import Doubt
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.proof.verifying import Report, verify
from tests.accountability.house import House, house
from tests.accountability.proving import END, Proof
from tests.accountability.taking import exported
from tests.support.departments import MORNING
from tests.support.facts import STAFF, Story, local
from tests.support.orders import an_order

LATER = END + timedelta(days=20)
SUSPICION = {"key": "PUR-06/SO-1", "revision": 1, "clause": "PUR-06", "order_no": "SO-1", "reason": "E-002 took money"}
INVENTED = {**SUSPICION, "cleared_because": None, "breaches": [], "evidence": []}


def judged_on(proof: Proof, **said: Any) -> Report:
    """By somebody who has the judge's key, and lets the judge have come further than the evidence."""
    manifest = proof.order.manifest.model_copy(update={"judged_to": END + timedelta(days=9)})
    return proof.signed_anew(replace(proof.order, manifest=manifest, said={**proof.order.said, **said}))


@pytest.mark.parametrize("years", [-25, -1])
def test_evidence_is_complete_up_to_where_its_sources_promised_and_no_less(proof: Proof, years: int) -> None:
    """Otherwise nothing would be judged, and anything could stand in the place of the records."""
    low = proof.order.checkpoints[-1].read()
    low = low.model_copy(update={"frontier": END.replace(year=END.year + years)})
    records = [{**row, "key": f"X{at}", "person": "E-002"} for at, row in enumerate(proof.order.said["records"])]
    said = {"records": records, "suspicions": [], "missed_dates": []}
    before = [each for each in proof.order.checkpoints if each.read().position < low.position]
    checkpoints = [*before, proof.judge.seal(low.canonical(), SignedCheckpoint)]

    report = proof.signed_anew(replace(proof.order, checkpoints=checkpoints, said=said))

    assert "complete up to another instant than its sources have promised" in report.doubt


def test_evidence_that_was_complete_further_before_is_found(proof: Proof) -> None:
    """Also where the last checkpoint rests on genuine promises of an earlier time."""
    said = [signed.read() for signed in proof.order.checkpoints]
    earlier, last = said[0], said[-1]
    assert earlier.position < last.position
    seals.never_back([earlier, last], last)

    with pytest.raises(Doubt, match="was complete up to"):
        seals.never_back([earlier.model_copy(update={"frontier": END + timedelta(days=1)})], last)


@pytest.mark.parametrize("made_at", [END + timedelta(days=4000), END, MORNING], ids=str)
def test_a_record_that_nobody_judged_again_is_refused_whenever_it_is_said_to_be_made(
    proof: Proof, made_at: Any
) -> None:
    records = proof.order.said["records"]
    invented = {**records[0], "no": "PEN-9999", "key": "PUR-06/SO-1", "made_at": made_at.isoformat()}

    assert "Record PEN-9999 does not follow from the facts" in judged_on(proof, records=[*records, invented]).doubt


def test_a_suspicion_or_a_reason_that_nobody_judged_again_is_refused(proof: Proof) -> None:
    missed = proof.order.said["missed_dates"]
    assert judged_on(proof).passed
    assert "PUR-06/SO-1 is not called for" in judged_on(proof, suspicions=[INVENTED]).doubt
    for forged in ([], [{**missed[0], "body": {**missed[0]["body"], "cause": None}}, *missed[1:]]):
        assert "was missed does not follow from the facts" in judged_on(proof, missed_dates=forged).doubt


@pytest.mark.parametrize("made_at", ["2000-01-01T00:00:00+00:00", (MORNING + timedelta(hours=1)).isoformat()])
def test_a_record_is_made_after_its_evidence_came_and_before_it_was_stated(proof: Proof, made_at: str) -> None:
    rows = [{**row, "made_at": made_at} for row in proof.order.said["records"]]

    assert "cannot have been made at" in judged_on(proof, records=rows).doubt


def test_an_order_cannot_be_left_out_of_a_persons_records(proof: Proof) -> None:
    asked = proof.seller.manifest.asked
    assert asked.orders
    manifest = proof.seller.manifest.model_copy(update={"asked": asked.model_copy(update={"orders": ()})})
    emptied = replace(proof.seller, manifest=manifest, said={name: [] for name in proof.seller.said})

    assert "that order was left out" in proof.signed_anew(emptied).doubt


def test_a_record_has_the_number_under_which_it_was_proposed(proof: Proof) -> None:
    first, *rest = proof.order.said["records"]

    report = judged_on(proof, records=[{**first, "no": "PEN-4242"}, *rest])

    assert f"record {first['no']} was proposed, and it is not there" in report.doubt


@pytest.mark.parametrize(("days", "why"), [(-1, "rests on what was signed at"), (1, "was signed at")])
def test_an_export_is_made_between_its_checkpoint_and_its_signature(proof: Proof, days: int, why: str) -> None:
    manifest = proof.order.manifest
    moved = manifest.model_copy(update={"made_at": manifest.made_at + timedelta(days=days)})

    assert why in proof.signed_anew(replace(proof.order, manifest=moved)).doubt


def told(it: House) -> Story:
    """An order that was late, one that misses its date only after the evidence ends, and a receipt of nobody's that is due then."""
    story = it.story()
    an_order(story, "SO-1", starts="2026-08-03 09:00", delivery_date="2026-08-06", takes={"notice": 30})
    an_order(story, "SO-2", starts="2026-08-31 09:00", delivery_date="2026-09-08", never={"release"})
    story.at("2026-09-01 16:00").relieves(STAFF["storekeeper"], "storekeeper")
    return story.at("2026-09-01 16:30").delivers(links.receipt("LOT-9"), "storekeeper", service="warehouse")


async def taken_while_the_judge_goes_on(it: House, wish: Wish) -> Export:
    """As soon as the case's checkpoint is signed, the evidence and the judge have come further."""
    asking = asyncio.create_task(exported(it.department.engine, wish, STAFF["hr"]))
    await is_asked(it)
    await it.promises(END)
    await it.promises(LATER)
    await it.judges()
    while not asking.done():
        await it.promises(LATER)
        await asyncio.sleep(0.05)
    return await asking


async def is_asked(it: House) -> None:
    async with it.department.engine.connect() as connection:
        count = 0
        while count == 0:
            await asyncio.sleep(0.01)
            count = (await connection.exec_driver_sql("SELECT count(*) FROM evidence_exports")).scalar_one()


async def test_what_is_said_while_a_case_is_exported_is_left_out_of_it(postgres: str) -> None:
    async with house() as it:
        await it.hears(told(it))
        await it.department.wait_until(END)
        it.office.checkpoints.pace.facts = 10_000
        await it.promises(END - timedelta(minutes=1))
        await it.judges()
        await it.says_so()
        await it.department.wait_until(LATER)

        days = Wish(since=local("2026-08-03 09:00").date(), until=END.date())
        evidence = await taken_while_the_judge_goes_on(it, days)

        judged_to, last = evidence.manifest.judged_to, evidence.checkpoints[-1].read()
        assert judged_to
        assert last.frontier == END < judged_to
        said = {"penalty_records": "records", "suspicions": "suspicions", "missed_dates": "missed_dates"}
        async with it.department.engine.connect() as connection:
            for table, name in said.items():
                count = (await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
                assert len(evidence.said[name]) < count, table
        assert evidence.said["records"]
        assert evidence.said["missed_dates"]
        report = verify(evidence, it.fingerprints)
        assert (report.doubt, report.difference, report.remarks) == ("", None, [])
