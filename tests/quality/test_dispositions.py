"""Nonconforming goods wait for a decision, and nobody alone lets them be used as they are."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts import links
from contracts.quality import (
    AuthorityRefused,
    ConcessionRequested,
    Disposition,
    DispositionDecided,
    FinalInspected,
    HandoverDelivered,
    IncomingInspected,
    OutgoingInspected,
)
from tests.quality.conftest import (
    BOSS,
    COLLEAGUE,
    FAILED,
    INSPECTOR,
    MANAGER,
    PASSED,
    arrived,
    cancellation,
    finished,
    finished_goods,
    instructed,
    instruction,
    newest,
    owes,
    shelf,
)
from tests.support.departments import Department


async def failed_lot(quality: Department, **report: Any) -> str:
    inspection = await quality.do(INSPECTOR, "inspect_incoming", await arrived(quality), **{**FAILED, **report})
    return str(inspection["disposition_no"])


async def asked_for_concession(quality: Department) -> str:
    no = await failed_lot(quality)
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="concession", remark="只差外观")
    return no


async def decisions(quality: Department) -> list[DispositionDecided]:
    return [fact for fact in await quality.facts(DispositionDecided.name) if isinstance(fact, DispositionDecided)]


@pytest.mark.parametrize("disposition", ["return", "scrap"])
async def test_an_inspector_sends_bad_material_back_or_scraps_it(quality: Department, disposition: str) -> None:
    no = await failed_lot(quality)
    await quality.do(INSPECTOR, "decide_disposition", no, disposition=disposition, defect="脱扣试验一台不动作")

    (fact,) = await decisions(quality)
    assert (fact.disposition_no, fact.lot, fact.disposition) == (no, "LOT-1", disposition)
    assert (fact.defect, fact.decided_by, fact.order_no) == ("脱扣试验一台不动作", INSPECTOR, "SOD-1")
    assert await owes(quality) == []


async def test_a_decision_names_the_defect(quality: Department) -> None:
    no = await failed_lot(quality, remark="")

    assert await quality.refused(INSPECTOR, "decide_disposition", no, disposition="return") == "defect_missing"
    assert await decisions(quality) == []


async def test_a_disposition_is_decided_once(quality: Department) -> None:
    no = await failed_lot(quality)
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="return")

    assert await quality.refused(INSPECTOR, "decide_disposition", no, disposition="scrap") == "wrong_status"


async def test_reworked_material_is_inspected_anew(quality: Department) -> None:
    no = await failed_lot(quality)
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="rework")

    again, _ = await shelf(quality, "incoming-inspections")
    assert (again["status"], again["lot"], again["sample_size"]) == ("open", "LOT-1", None)
    assert await owes(quality) == ["iqc:LOT-1"]
    delivered = (await quality.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.attempt, delivered.inputs) == (2, (links.iqc("LOT-1"),))
    await quality.do(INSPECTOR, "inspect_incoming", again["no"], **PASSED)
    looks = [fact for fact in await quality.facts(IncomingInspected.name) if isinstance(fact, IncomingInspected)]
    assert [(fact.passed, fact.failed_before) for fact in looks] == [(False, False), (True, True)]


@pytest.mark.parametrize("disposition", ["rework", "scrap", None])
async def test_goods_that_failed_before_they_leave_are_looked_at_again_once_the_workshop_reworked_them(
    quality: Department, disposition: str | None
) -> None:
    """The inspector owes nothing while the workshop works, and the goods, which are booked, get no final inspection."""
    inspection = await quality.do(INSPECTOR, "inspect_outgoing", await instructed(quality), **FAILED)
    if disposition:
        await quality.do(INSPECTOR, "decide_disposition", inspection["disposition_no"], disposition=disposition)
    assert await owes(quality) == []

    await quality.hear(finished())

    assert await owes(quality) == ["outgoing_qa:SHN-1"]
    delivered = (await quality.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert delivered.inputs == (links.instruction("SHN-1"), links.operation("MO-1", 20))
    assert delivered.attempt == 2
    again = (await shelf(quality, "outgoing-inspections"))[0]
    assert (again["quantity"], again["lot"], again["status"]) == (inspection["quantity"], "MO-1", "open")
    assert len(await shelf(quality, "final-inspections")) == 1
    await quality.do(INSPECTOR, "inspect_outgoing", again["no"], **PASSED)
    assert [fact.passed for fact in await quality.facts(OutgoingInspected.name)] == [False, True]  # type: ignore[attr-defined]


async def test_goods_for_a_cancelled_order_are_not_looked_at_again(quality: Department) -> None:
    await quality.do(INSPECTOR, "inspect_outgoing", await instructed(quality), **FAILED)
    await quality.hear(cancellation())

    await quality.hear(finished())

    assert await owes(quality) == []


async def test_rework_for_a_cancelled_order_owes_no_inspection(quality: Department) -> None:
    no = await failed_lot(quality)
    await quality.hear(cancellation())
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="rework")

    assert await owes(quality) == []


async def test_finished_goods_come_back_by_the_workshop_and_are_no_suppliers(quality: Department) -> None:
    inspection = await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **FAILED)
    no = inspection["disposition_no"]

    assert await quality.refused(INSPECTOR, "decide_disposition", no, disposition="return") == "nothing_to_return"
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="rework")
    assert await owes(quality) == []


async def test_a_concession_is_nothing_until_a_manager_grants_it(quality: Department) -> None:
    no = await asked_for_concession(quality)

    assert (await shelf(quality, "dispositions"))[0]["status"] == "submitted"
    assert await decisions(quality) == []
    assert await quality.refused(INSPECTOR, "grant_concession", no, remark="可用") == "post_not_held"


async def test_a_granted_concession_counts_as_passed_and_says_by_which_form(quality: Department) -> None:
    no = await asked_for_concession(quality)
    await quality.do(MANAGER, "grant_concession", no, remark="可用于非承力件")

    (decision,) = await decisions(quality)
    assert (decision.disposition, decision.decided_by) == (Disposition.CONCESSION, MANAGER)
    failed, conceded = await quality.facts(IncomingInspected.name)
    assert isinstance(failed, IncomingInspected)
    assert isinstance(conceded, IncomingInspected)
    assert (failed.passed, conceded.passed, conceded.concession_no) == (False, True, no)
    assert (conceded.lot, conceded.defects, conceded.closes) == ("LOT-1", 1, ())
    assert conceded.inspection_no != failed.inspection_no
    assert conceded.inspected_by == MANAGER


async def test_goods_for_shipping_may_leave_by_concession(quality: Department) -> None:
    inspection = await quality.do(INSPECTOR, "inspect_outgoing", await instructed(quality), **FAILED)
    no = inspection["disposition_no"]
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="concession")
    await quality.do(BOSS, "grant_concession", no, remark="客户书面同意")

    *_, fact = await quality.facts(OutgoingInspected.name)
    assert (fact.passed, fact.notice_no) == (True, "SHN-1")  # type: ignore[attr-defined]
    assert fact.closes == (links.operation("MO-1", 20),)


async def test_a_concession_on_the_goods_of_one_notice_leaves_the_rework_of_the_others(quality: Department) -> None:
    one = await quality.do(INSPECTOR, "inspect_outgoing", await instructed(quality), **FAILED)
    await quality.hear(instruction().model_copy(update={"notice_no": "SHN-2"}))
    other = await quality.do(INSPECTOR, "inspect_outgoing", await newest(quality, "outgoing-inspections"), **FAILED)
    for failed in (one, other):
        await quality.do(INSPECTOR, "decide_disposition", failed["disposition_no"], disposition="concession")
        await quality.do(BOSS, "grant_concession", failed["disposition_no"], remark="客户书面同意")

    facts = [fact for fact in await quality.facts(OutgoingInspected.name) if fact.passed]  # type: ignore[attr-defined]
    assert [(fact.notice_no, fact.closes) for fact in facts] == [  # type: ignore[attr-defined]
        ("SHN-1", ()),
        ("SHN-2", (links.operation("MO-1", 20),)),
    ]


async def test_finished_goods_by_concession_need_no_more_work(quality: Department) -> None:
    """Failing sent their last operation back; nobody owes it any more."""
    inspection = await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **FAILED)
    no = inspection["disposition_no"]
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="concession")
    await quality.do(BOSS, "grant_concession", no, remark="客户书面同意")

    *_, fact = await quality.facts(FinalInspected.name)
    assert (fact.passed, fact.concession_no) == (True, no)  # type: ignore[attr-defined]
    assert fact.closes == (links.operation("MO-1", 20),)


async def test_whoever_failed_the_goods_may_not_concede_them(quality: Department) -> None:
    await quality.employ(quality_manager=INSPECTOR)
    no = await failed_lot(quality)
    await quality.do(MANAGER, "decide_disposition", no, disposition="concession")

    assert await quality.refused(INSPECTOR, "grant_concession", no, remark="可用") == "self_approval"


async def test_whoever_asked_for_a_concession_may_not_grant_it(quality: Department) -> None:
    no = await failed_lot(quality)
    await quality.do(MANAGER, "decide_disposition", no, disposition="concession")

    assert await quality.refused(MANAGER, "grant_concession", no, remark="可用") == "self_approval"
    assert (await quality.do(BOSS, "grant_concession", no, remark="可用"))["approved_by"] == BOSS


@pytest.mark.parametrize("maker", ["made_by", "decided_by"])
async def test_the_database_wants_a_second_person_too(quality: Department, maker: str) -> None:
    await quality.employ(inspector=COLLEAGUE)
    no = await failed_lot(quality)
    await quality.do(COLLEAGUE, "decide_disposition", no, disposition="concession")

    with pytest.raises(IntegrityError, match="dispositions_concession_by_another"):
        async with quality.engine.begin() as connection:
            await connection.execute(text(f"UPDATE dispositions SET approved_by = {maker}"))  # noqa: S608


async def test_a_declined_concession_leaves_the_goods_to_be_decided_on(quality: Department) -> None:
    no = await asked_for_concession(quality)
    document = await quality.do(MANAGER, "decline_concession", no, remark="影响安全")

    assert (document["status"], document["disposition"]) == ("open", None)
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="return")
    assert [fact.disposition for fact in await decisions(quality)] == [Disposition.RETURN]


async def test_only_what_was_asked_for_is_granted(quality: Department) -> None:
    no = await failed_lot(quality)

    assert await quality.refused(MANAGER, "grant_concession", no, remark="可用") == "wrong_status"


async def test_whoever_would_begin_again_waits_for_the_answer_and_the_managers_clock_runs(quality: Department) -> None:
    no = (await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **FAILED))["disposition_no"]
    await quality.do(INSPECTOR, "decide_disposition", no, disposition="concession")

    team, answer = links.operation("MO-1", 20), links.concession(no)
    (asked,) = await quality.facts(ConcessionRequested.name)
    approval = (await quality.facts(HandoverDelivered.name))[-1]
    assert (asked.pauses, str(answer) in await owes(quality)) == ((team,), True)
    assert (approval.duty, approval.post) == (answer, "quality_manager")  # type: ignore[attr-defined]
    assert approval.inputs == (links.final_inspection("MO-1"), team)  # type: ignore[attr-defined]
    await quality.do(MANAGER, "grant_concession", no, remark="可用")
    (decided,) = await decisions(quality)
    assert (decided.closes, decided.resumes) == ((answer,), (team,))
    assert str(answer) not in await owes(quality)


async def test_a_declined_concession_is_a_refusal_after_which_the_buyer_goes_on(quality: Department) -> None:
    no = await asked_for_concession(quality)

    await quality.do(MANAGER, "decline_concession", no, remark="影响安全")

    (asked,), (refused,) = await quality.facts(ConcessionRequested.name), await quality.facts(AuthorityRefused.name)
    assert asked.pauses == refused.resumes == (links.arrival("MRL-1", 1),)
    assert refused.closes == (links.concession(no),)
    assert (refused.authority, refused.reason) == ("refuse_concession", "影响安全")  # type: ignore[attr-defined]


async def test_what_the_manager_asks_for_is_the_general_managers_to_answer(quality: Department) -> None:
    no = await failed_lot(quality)
    await quality.do(MANAGER, "decide_disposition", no, disposition="concession")

    assert (await quality.facts(HandoverDelivered.name))[-1].post == "general_manager"  # type: ignore[attr-defined]
