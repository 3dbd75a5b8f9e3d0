"""Which records does the judge look at when the evidence reaches further? Not those that wait for somebody who has done nothing."""

from typing import Any

import pytest

from chassis.database import transaction
from contracts import pmc, sales
from services.accountability.process import deadlines
from services.accountability.proof.exports import Wish
from services.accountability.proof.verifying import verify
from tests.accountability.court import BOSS, HR, PERSON, Court, court, heavy, late_receipt, proposed
from tests.accountability.house import house
from tests.accountability.proving import END, taken
from tests.accountability.tampering import in_a_file, signed_anew
from tests.accountability.test_consultations import MINUTES, VERSION
from tests.accountability.test_records import passes_two_complaints_on_too_late
from tests.support.facts import local

LONG_AFTER = "2026-09-20 09:00"


async def looked_at(it: Court) -> list[str]:
    async with transaction(it.office.engine) as session:
        rows = await deadlines.running(session, it.state, local("2026-10-20 09:00"))
    return [row.PenaltyRecord.no for row in rows]


@pytest.mark.parametrize(
    ("missing", "employee", "command", "form"),
    [
        ({"consulted": None}, HR, "record_consultation", MINUTES),
        ({"acknowledged": ""}, PERSON, "acknowledge_rulebook", VERSION),
    ],
)
async def test_what_waits_for_a_consultation_or_an_acknowledgement_is_looked_at_once_there_is_one(
    missing: dict[str, Any], employee: str, command: str, form: dict[str, Any]
) -> None:
    async with court(**missing) as it:
        await it.at(LONG_AFTER)
        assert await looked_at(it) == []

        await it.office.do(employee, command, **form)

        assert await looked_at(it) == [it.no]


async def test_what_waits_for_a_complaint_is_looked_at_once_that_is_closed() -> None:
    async with court(proposed(complaints=("C-1",), held_for="C-1")) as it:
        await it.at("2026-09-07 09:00")
        story = late_receipt()
        story.at("2026-08-30 10:00").states(sales.ComplaintReceived, order_no="SO-1", complaint_no="C-1")
        it.state = story.judged("2026-09-07 09:00").state
        assert await looked_at(it) == []

        story.at("2026-09-07 10:00").states(pmc.ComplaintClosed, order_no="SO-1", complaint_no="C-1")
        it.state = story.judged("2026-09-07 10:00:01").state

        assert await looked_at(it) == [it.no]


async def test_what_stems_from_two_complaints_waits_for_the_last_and_says_which() -> None:
    async with court(proposed(complaints=("C-1", "C-2"), held_for="C-1")) as it:
        story, record = late_receipt(), await it.record()
        assert (record["held_for_complaint"], record["facts"]["complaints"]) == ("C-1", ["C-1", "C-2"])

        for number, moment, held_for, step in (
            ("C-1", "2026-09-07 10:00", "C-2", "await_complaint"),
            ("C-2", "2026-09-08 10:00", None, "take_effect"),
        ):
            story.at("2026-08-30 10:00").states(sales.ComplaintReceived, order_no="SO-1", complaint_no=number)
            story.at(moment).states(pmc.ComplaintClosed, order_no="SO-1", complaint_no=number)
            it.state = story.judged(f"{moment}:01").state
            await it.at(f"{moment}:01")

            record = await it.record()
            assert (record["held_for_complaint"], record["next_step"]) == (held_for, step)


async def test_what_waits_for_hr_or_for_the_appeals_authority_is_looked_at_when_they_have_decided() -> None:
    async with court(heavy()) as it:
        await it.at(LONG_AFTER)
        assert ((await it.record())["next_step"], await looked_at(it)) == ("await_hr", [])
        await it.do(HR, "issue_record", reason="属实")
        await it.do(PERSON, "make_appeal", appeal="太重")
        assert ((await it.record())["next_step"], await looked_at(it)) == ("await_appeal", [])

        await it.office.do(BOSS, "decide_appeal", it.no, outcome="uphold", reason="维持")

        assert await looked_at(it) == [it.no]


async def test_a_record_of_two_complaints_is_exported_with_both_and_follows_from_the_facts(postgres: str) -> None:
    """Whoever leaves the open one out of it, so that it need not wait, is found."""
    async with house() as it:
        await it.hears(passes_two_complaints_on_too_late(it.story(), "C-1"))
        await it.promises(END)
        await it.judges()
        evidence = await taken(it, Wish(order="SO-1"))

    *_, record = evidence.said["records"]
    assert record["facts"]["complaints"] == ["C-1", "C-2"]
    assert verify(evidence, it.fingerprints).passed
    del record["facts"]["complaints"]
    assert "facts" in verify(in_a_file(signed_anew(evidence, it.office.checkpoints.signer)), it.fingerprints).doubt
