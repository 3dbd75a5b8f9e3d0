"""Nobody answers with money before intent or gross negligence was found and they were told in writing; never beyond the ceiling."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from contracts.accountability import CompensationFound, CompensationNotified, CompensationWithdrawn, RecordWithdrawn
from services.accountability.judge.verdicts import Withdrawal
from tests.accountability.court import AFTER, BOSS, HEARD, HR, OTHER, PERSON, Court, court, heavy
from tests.accountability.owing import EFFECT, FAULT, NOTIFIED_SO, answer_for, find_fault, notify, owed
from tests.accountability.test_record_pages import opened
from tests.support.facts import local


@pytest.fixture
async def it() -> AsyncIterator[Court]:
    """The storekeeper has just been told of a record that proposes CNY 4,000."""
    async with court(owed()) as made:
        yield made


async def refused(it: Court, by: str, **said: Any) -> str:
    return await it.office.refused(by, "find_fault", **{"record_no": it.no, **FAULT, **said})


async def compensation(it: Court, no: str) -> dict[str, Any]:
    async with it.office.as_(HR) as client:
        found: dict[str, Any] = (await client.get(f"/api/compensations/{no}")).json()
    return found


async def test_what_was_found_says_fault_evidence_share_and_amount(it: Court) -> None:
    made = await find_fault(it, share_percent="60")

    (fact,) = await it.facts(CompensationFound)
    assert isinstance(fact, CompensationFound)
    assert (fact.record_no, fact.person, fact.fault) == (it.no, PERSON, "gross_negligence")
    assert (fact.found_by, fact.found_as, fact.evidence_documents) == (BOSS, "general_manager", ("INV-9",))
    assert (fact.share_percent, fact.amount) == (Decimal(60), Decimal("2400.00"))
    assert "min(fact.contract_penalty = 9000.00, 4000.00 × 60.00 % = 2400.00) = 2400.00 CNY" in fact.computation
    assert (made["status"], Decimal(made["amount"])) == ("found", Decimal(2400))


async def test_without_a_share_the_proposals_own_counts(it: Court) -> None:
    assert Decimal((await find_fault(it, HR))["amount"]) == 4000


async def test_a_finding_that_lacks_something_is_refused(it: Court) -> None:
    lacking: list[tuple[str, dict[str, Any], str]] = [
        (PERSON, {}, "post_not_held"),
        (OTHER, {}, "post_not_held"),
        (HR, {"share_percent": "100.01"}, "invalid_input"),
        (HR, {"share_percent": "0"}, "invalid_input"),
        (HR, {"share_percent": "0.0001"}, "nothing_to_answer_for"),
        (HR, {"evidence_documents": []}, "invalid_input"),
        (HR, {"what_happened": ""}, "invalid_input"),
        (HR, {"fault": "negligence"}, "invalid_input"),
        (HR, {"record_no": "PEN-404"}, "not_found"),
    ]
    for by, said, code in lacking:
        assert await refused(it, by, **said) == code, (by, said)
    assert await it.facts(CompensationFound) == []


async def test_only_one_stands_for_a_record_at_a_time(it: Court) -> None:
    first = await find_fault(it)

    assert await refused(it, HR) == "fault_found_already"
    assert await it.office.refused(HR, "withdraw_compensation", first["no"], reason="…") == "not_your_compensation"
    await it.office.do(BOSS, "withdraw_compensation", first["no"], reason="照片证明并未超载")

    (fact,) = await it.facts(CompensationWithdrawn)
    assert isinstance(fact, CompensationWithdrawn)
    assert (fact.compensation_no, fact.withdrawn_by) == (first["no"], BOSS)
    assert (await find_fault(it, HR))["status"] == "found"


async def test_nobody_finds_or_notifies_in_their_own_case() -> None:
    async with court(owed()) as it:
        await it.office.employ(hr=PERSON)
        assert await refused(it, PERSON) == "own_case"
        found = await find_fault(it)
        await it.at(AFTER)
        await it.do(HR, "issue_record")

        assert await it.office.refused(PERSON, "notify_in_writing", found["no"], **NOTIFIED_SO) == "own_case"


async def test_whoever_found_it_does_not_give_the_notice(it: Court) -> None:
    found = await find_fault(it, HR)
    await it.at(AFTER)
    await it.do(HR, "issue_record")

    assert await it.office.refused(HR, "notify_in_writing", found["no"], **NOTIFIED_SO) == "notified_by_another"
    await it.office.employ(hr=OTHER)
    for who, offered in ((HR, False), (OTHER, True)):
        page = await (await opened(it, who)).get(f"/compensations/{found['no']}")
        assert ("notify-in-writing" in page.html) is offered
    assert (await it.office.do(OTHER, "notify_in_writing", found["no"], **NOTIFIED_SO))["notified_by"] == OTHER


async def test_the_database_keeps_them_apart_too(it: Court) -> None:
    await find_fault(it)

    for who in ("made_by = 'E-060'", "notified_by = 'E-060'", "notified_by = made_by"):
        with pytest.raises(asyncpg.CheckViolationError, match="compensations_"):
            await it.office.as_owner(f"UPDATE compensations SET {who}")  # noqa: S608


async def test_the_notification_says_reason_and_amount_once_the_record_is_issued(it: Court) -> None:
    found = await find_fault(it)
    assert await it.office.refused(HR, "notify_in_writing", found["no"], **NOTIFIED_SO) == "record_not_issued"
    assert await it.office.refused(HR, "notify_in_writing", "CMP-404", **NOTIFIED_SO) == "not_found"
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    for lacking in NOTIFIED_SO:
        assert (
            await it.office.refused(HR, "notify_in_writing", found["no"], **{**NOTIFIED_SO, lacking: ""})
            == "invalid_input"
        )

    await notify(it, found["no"])

    (fact,) = await it.facts(CompensationNotified)
    assert isinstance(fact, CompensationNotified)
    assert (fact.reason, fact.amount, fact.notified_by) == (NOTIFIED_SO["notified_because"], Decimal(4000), HR)
    assert await it.office.refused(HR, "notify_in_writing", found["no"], **NOTIFIED_SO) == "wrong_status"


async def test_fault_is_found_while_the_person_can_still_be_heard(it: Court) -> None:
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.at(EFFECT)

    assert await refused(it, BOSS) == "record_past_hearing"


async def test_fault_is_not_found_once_the_appeal_was_decided(it: Court) -> None:
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.do(PERSON, "make_appeal", appeal="当时没有超载")
    await it.do(BOSS, "decide_appeal", outcome="uphold", reason="…")

    assert (await it.record())["status"] == "issued"
    assert await refused(it, HR) == "appeal_over"


async def test_nor_once_the_time_for_an_appeal_is_over_though_the_evidence_does_not_reach_so_far(it: Court) -> None:
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.office.wait_until(local("2026-09-10 09:04"))

    assert (await it.record())["status"] == "issued"
    answer = await it.office.attempt(BOSS, "find_fault", record_no=it.no, **FAULT)
    assert (answer.json()["code"], answer.json()["field"]) == ("appeal_over", "record_no")
    assert "2026-09-10 09:03" in answer.json()["detail"]


async def test_a_record_without_a_recorded_loss_asks_for_nothing() -> None:
    async with court(heavy()) as it:
        assert await refused(it, BOSS) == "nothing_proposed"


async def test_whoever_found_fault_does_not_decide_the_appeal(it: Court) -> None:
    """HR issued it and the general manager found fault: another authority is appointed."""
    await find_fault(it)
    await it.at(HEARD)
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.do(PERSON, "make_appeal", appeal="当时没有超载")

    assert await it.refused(BOSS, "decide_appeal", outcome="uphold", reason="…") == "nobody_independent"
    await it.office.employ(general_manager=OTHER)
    assert (await it.do(OTHER, "decide_appeal", outcome="uphold", reason="…"))["appeal_outcome"] == "uphold"


@pytest.mark.parametrize("others", [(), (OTHER,)])
async def test_nor_does_whoever_found_it_and_took_that_back(it: Court, others: tuple[str, ...]) -> None:
    """Whoever said so in writing has a hand in it, whether somebody else found it anew or nobody did."""
    first = await find_fault(it)
    await it.office.do(BOSS, "withdraw_compensation", first["no"], reason="…")
    for other in others:
        await it.office.employ(hr=other)
        await find_fault(it, other)
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.do(PERSON, "make_appeal", appeal="当时没有超载")

    assert await it.refused(BOSS, "decide_appeal", outcome="uphold", reason="…") == "nobody_independent"
    assert (await it.record())["fault_found_by"] == sorted({BOSS, *others})


async def test_an_appeal_leaves_less_than_what_was_found_not_than_what_was_proposed(it: Court) -> None:
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.office.employ(hr=OTHER)
    await find_fault(it, OTHER, share_percent="60")
    await it.do(PERSON, "make_appeal", appeal="…")

    for amount in ("3000", "2400"):
        said = {"outcome": "reduce", "compensation_reduced_to": amount, "reason": "…"}
        answer = await it.office.attempt(BOSS, "decide_appeal", it.no, **said)
        assert (answer.json()["code"], "2400" in answer.json()["detail"]) == ("not_lower", True)
    await it.do(BOSS, "decide_appeal", outcome="reduce", compensation_reduced_to="2399.99", reason="…")


async def test_an_appeal_that_reduces_must_leave_less(it: Court) -> None:
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.do(PERSON, "make_appeal", appeal="…")
    decisions = [
        ({"outcome": "reduce", "compensation_reduced_to": "4000"}, "not_lower"),
        ({"outcome": "uphold", "compensation_reduced_to": "10"}, "not_lower"),
        ({"outcome": "revoke", "compensation_reduced_to": "10"}, "not_lower"),
        ({"outcome": "reduce"}, "not_lighter"),
        ({"outcome": "reduce", "compensation_reduced_to": "-1"}, "invalid_input"),
    ]

    for decision, code in decisions:
        assert await it.refused(BOSS, "decide_appeal", reason="…", **decision) == code, decision


async def test_an_appeal_may_take_some_of_it_off_and_the_notification_says_what_is_left(it: Court) -> None:
    await it.at(AFTER)
    await it.do(HR, "issue_record")
    await it.office.employ(hr=OTHER)
    found = await find_fault(it, OTHER)
    await it.do(PERSON, "make_appeal", appeal="损失部分由运输造成")
    await it.do(BOSS, "decide_appeal", outcome="reduce", compensation_reduced_to="1500", reason="运输也有责任")

    await notify(it, found["no"])

    (fact,) = await it.facts(CompensationNotified)
    assert isinstance(fact, CompensationNotified)
    assert fact.amount == 1500


async def test_a_record_that_falls_takes_its_compensation_along(it: Court) -> None:
    no = await answer_for(it)
    said: dict[str, Any] = {"person": PERSON, "order_no": "SO-1", "ground_zh": "…", "ground_en": "…", "evidence": ()}
    gone: dict[str, Any] = {"because_zh": "认定已撤回", "because_en": "the finding was withdrawn"}

    await it.hear([Withdrawal(key=owed().key, revision=1, clause="WHS-03", **said, **gone)])

    left = await compensation(it, no)
    assert (left["status"], left["withdrawn_by"]) == ("withdrawn", "system")
    assert [type(fact) for fact in await it.facts(RecordWithdrawn, CompensationWithdrawn)] == [
        RecordWithdrawn,
        CompensationWithdrawn,
    ]


@pytest.mark.parametrize("command", ["drop_record", "decide_appeal"])
async def test_so_does_one_that_is_dropped_or_revoked(it: Court, command: str) -> None:
    found = await find_fault(it, HR)
    await it.at(AFTER)
    if command == "drop_record":
        await it.do(HR, command, reason="申辩可信")
    else:
        await it.do(HR, "issue_record")
        await it.do(PERSON, "make_appeal", appeal="…")
        await it.do(BOSS, command, outcome="revoke", reason="申诉成立")

    assert (await compensation(it, found["no"]))["status"] == "withdrawn"


async def test_shares_in_one_loss_stay_within_the_whole_even_across_orders(it: Court) -> None:
    """The judge shares a loss out within an order; what reached the ledger before that was so is refused here."""
    await find_fault(it, share_percent="70")
    second = owed(of="DBN-7", key="GEN-03/E-060/SO-2", order_no="SO-2", clause="GEN-03")
    await it.hear([second])

    assert await refused(it, BOSS, share_percent="30.01") == "loss_shared_out"
    assert await refused(it, BOSS) == "loss_shared_out"
    assert Decimal((await find_fault(it, share_percent="30"))["amount"]) == 1200


async def test_a_share_that_was_scaled_down_is_not_raised_again() -> None:
    async with court(owed(share="40")) as it:
        assert await refused(it, BOSS, share_percent="41") == "share_above_proposal"
        assert Decimal((await find_fault(it))["amount"]) == 1600


async def test_a_record_from_before_there_were_parts_is_one_part() -> None:
    old = owed("500")
    assert old.compensation is not None
    async with court(replace(old, compensation=replace(old.compensation, parts=()))) as it:
        assert Decimal((await find_fault(it, share_percent="50"))["amount"]) == 250


async def test_the_person_sees_their_own_and_nobody_elses(it: Court) -> None:
    no = (await find_fault(it))["no"]
    for who, status in ((PERSON, 200), (OTHER, 403), (BOSS, 200)):
        async with it.office.as_(who) as client:
            assert (await client.get(f"/api/compensations/{no}")).status_code == status
