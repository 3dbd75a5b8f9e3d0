"""What does not issue by itself is decided by a person: HR, never in their own case, and on whatever terms the record needs."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from contracts import pmc, sales
from contracts.accountability import RecordIssued, RecordWithdrawn, Sanction
from services.accountability.judge.verdicts import CompensationProposal, Person
from services.accountability.models import PenaltyRecord
from services.accountability.process.decisions import Decision
from tests.accountability.court import AFTER, BOSS, HEARD, HR, OTHER, PERSON, court, heavy, late_receipt, proposed
from tests.accountability.test_record_pages import opened
from tests.support.facts import local

DISMISSAL = {
    "legal_ground": "劳动合同法第三十九条第二项",
    "union_notice": "工会函 2026-07",
    "union_notified_on": "2026-09-02",
}


@pytest.mark.parametrize("sanction", [Sanction.MAJOR_DEMERIT, None])
async def test_hr_decides_on_what_does_not_issue_by_itself(sanction: Sanction | None) -> None:
    money: dict[str, Any] = dict.fromkeys(("amount", "ceiling", "recorded_loss", "share_percent"), 100)
    compensation = CompensationProposal(**money, negligence_found=True, computation="min(100, 100)")
    async with court(proposed(sanction=sanction, compensation=compensation)) as it:
        await it.at("2026-10-20 09:00")
        assert (await it.record())["next_step"] == "await_hr"

        issued = await it.do(HR, "issue_record", reason="属实")

        assert (issued["status"], issued["approved_by"], issued["decided_as"]) == ("issued", HR, "hr")
        (fact,) = await it.facts(RecordIssued)
        assert isinstance(fact, RecordIssued)
        assert (fact.issued_by, fact.reason) == (HR, "属实")
        assert fact.appeal_until == local("2026-10-27 09:01")


async def test_nothing_is_issued_before_the_person_could_speak() -> None:
    async with court(heavy()) as it:
        await it.at(HEARD)
        assert await it.refused(HR, "issue_record") == "still_to_be_heard"
        await it.at(AFTER)

        await it.do(HR, "issue_record")


async def test_a_warning_on_which_nobody_spoke_is_nobodys_to_issue() -> None:
    async with court() as it:
        assert await it.refused(HR, "issue_record") == "still_to_be_heard"


async def test_who_issues_although_the_person_spoke_says_why() -> None:
    async with court() as it:
        await it.do(PERSON, "state_case", statement="不是我。")
        await it.at(AFTER)

        assert await it.refused(HR, "issue_record") == "statement_unanswered"
        assert (await it.do(HR, "issue_record", reason="监控显示是本人"))["decision_reason"] == "监控显示是本人"


async def test_a_record_may_be_dropped_with_a_reason_that_stays() -> None:
    async with court() as it:
        await it.do(PERSON, "state_case", statement="送检单没有送到。")
        assert await it.refused(HR, "drop_record", reason="") == "invalid_input"

        dropped = await it.do(HR, "drop_record", reason="属实,送检单没有送到")

        assert (dropped["status"], dropped["withdrawn_by"]) == ("withdrawn", HR)
        (fact,) = await it.facts(RecordWithdrawn)
        assert isinstance(fact, RecordWithdrawn)
        assert (fact.reason, fact.withdrawn_by) == ("属实,送检单没有送到", HR)
        await it.at("2026-10-20 09:00")
        assert await it.facts(RecordIssued) == []


async def test_what_is_issued_is_not_dropped_any_more() -> None:
    async with court() as it:
        await it.at(AFTER)

        assert await it.refused(HR, "drop_record", reason="算了") == "already_issued"


async def test_later_evidence_on_a_dropped_record_goes_to_hr_again_and_keeps_the_reason_of_the_first() -> None:
    async with court() as it:
        await it.do(HR, "drop_record", reason="送检单没有送到")
        first = it.no
        await it.hear([proposed(revision=2, replaces=1, because_zh="更正", because_en="corrected")])
        await it.at("2026-10-20 09:00")

        assert (await it.record(first))["withdrawn_because"] == "送检单没有送到"
        assert ((await it.record())["replaces"], (await it.record())["next_step"]) == (first, "await_hr")


async def test_nobody_decides_their_own_case() -> None:
    person = Person(HR, "storekeeper", False, None)
    async with court(proposed(person=person, sanction=Sanction.MAJOR_DEMERIT)) as it:
        await it.at(AFTER)
        assert await it.refused(HR, "issue_record") == "own_case"
        assert await it.refused(HR, "drop_record", reason="算了") == "own_case"

        assert (await it.do(BOSS, "issue_record"))["decided_as"] == "general_manager"


@pytest.mark.parametrize(
    "said", ["found_by", "confirmed_by", "decided_by", "attributed_by", "audited_by", "counted_by"]
)
async def test_whoever_found_the_breach_does_not_issue_the_record_as_well(said: str) -> None:
    (breach,) = heavy().breaches
    found = replace(heavy(), breaches=(replace(breach, facts={**breach.facts, said: HR}),))
    async with court(found) as it:
        await it.at(AFTER)
        assert await it.refused(HR, "issue_record") == "found_it"

        assert (await it.do(BOSS, "issue_record"))["status"] == "issued"


async def test_only_hr_and_the_general_manager_decide() -> None:
    async with court(heavy()) as it:
        await it.at(AFTER)

        assert await it.refused(OTHER, "issue_record") == "post_not_held"
        assert await it.refused(PERSON, "drop_record", reason="算了") == "post_not_held"


@pytest.mark.parametrize("missing", list(DISMISSAL))
async def test_a_dismissal_needs_its_legal_ground_and_the_notice_to_the_union(missing: str) -> None:
    async with court(proposed(sanction=Sanction.DISMISSAL)) as it:
        await it.at(AFTER)
        form = {name: value for name, value in DISMISSAL.items() if name != missing}

        answer = await it.office.attempt(HR, "issue_record", it.no, **form)

        assert (answer.json()["code"], answer.json()["field"]) == ("dismissal_unfounded", missing)


async def test_a_dismissal_is_issued_by_a_person_after_the_union_was_told() -> None:
    async with court(proposed(sanction=Sanction.DISMISSAL)) as it:
        await it.at("2026-10-20 09:00")
        assert (await it.record())["status"] == "notified"
        later = DISMISSAL | {"union_notified_on": "2026-10-21"}
        assert await it.refused(HR, "issue_record", **later) == "union_not_told_yet"

        await it.do(HR, "issue_record", **DISMISSAL)

        (fact,) = await it.facts(RecordIssued)
        assert isinstance(fact, RecordIssued)
        assert (fact.legal_ground, fact.union_notice) == (DISMISSAL["legal_ground"], DISMISSAL["union_notice"])


async def test_what_stems_from_a_complaint_goes_on_when_that_is_closed_and_the_appeal_window_runs_from_then() -> None:
    async with court(proposed(complaints=("C-1",), held_for="C-1")) as it:
        await it.at("2026-09-07 09:00")
        assert (await it.record())["next_step"] == "await_complaint"

        story = late_receipt()
        story.at("2026-08-30 10:00").states(sales.ComplaintReceived, order_no="SO-1", complaint_no="C-1")
        story.at("2026-09-07 10:00").states(pmc.ComplaintClosed, order_no="SO-1", complaint_no="C-1")
        it.state = story.judged("2026-09-07 10:00:01").state
        await it.at("2026-09-07 10:00:01")

        record = await it.record()
        assert (record["status"], record["held_for_complaint"]) == ("issued", None)
        assert datetime.fromisoformat(record["appeal_until"]) == local("2026-09-14 10:01:01")


async def test_of_two_who_decide_at_once_one_wins() -> None:
    async with court(heavy()) as it:
        await it.at(AFTER)
        issuing = it.office.attempt(HR, "issue_record", it.no)
        dropping = it.office.attempt(BOSS, "drop_record", it.no, reason="算了")

        answers = await it.office.meet("penalty_records", issuing, dropping)

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert len(await it.facts(RecordIssued, RecordWithdrawn)) == 1


async def test_a_statement_in_the_moment_of_issuing_counts() -> None:
    async with court() as it:
        await it.office.wait_until(local(HEARD))
        speaking = it.office.attempt(PERSON, "state_case", it.no, statement="等等")

        answer, _ = await it.office.meet("penalty_records", speaking, it.follow(local(AFTER)))

        assert answer.is_success, answer.text
        assert ((await it.record())["status"], (await it.record())["next_step"]) == ("notified", "await_hr")
        assert await it.facts(RecordIssued) == []


@pytest.mark.parametrize(
    ("sanction", "hidden"),
    [("dismissal", {"escalate"}), ("warning", {"escalate", "legal_ground", "union_notice", "union_notified_on"})],
)
def test_only_the_form_of_a_dismissal_asks_for_its_papers(sanction: str, hidden: set[str]) -> None:
    assert Decision.pointless(PenaltyRecord(sanction=sanction, warned_before=[])) == hidden


async def test_whoever_decides_has_before_them_what_the_person_said() -> None:
    async with court() as it:
        await it.do(PERSON, "state_case", statement="送检单没有送到。", references=["EXC-9"])
        await it.at(AFTER)

        for command in ("issue-record", "drop-record"):
            page = await (await opened(it, HR)).get(f"/commands/{command}/{it.no}")
            assert "申辩内容 送检单没有送到。 所指证据 EXC-9" in page.words
            assert "工会" not in page.words
