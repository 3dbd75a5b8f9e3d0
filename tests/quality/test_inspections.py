"""A report holds together, names its standard, and settles the handover that asked for it."""

from decimal import Decimal

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.quality import FinalInspected, HandoverDelivered, IncomingInspected, OutgoingInspected
from tests.quality.conftest import (
    COLLEAGUE,
    FAILED,
    INSPECTOR,
    PASSED,
    arrival,
    arrived,
    cancellation,
    contract,
    finished,
    finished_goods,
    instructed,
    instruction,
    owes,
    package,
    production_order,
    shelf,
)
from tests.support.departments import Department

READING = {"characteristic": "绝缘电阻", "requirement": ">= 1 MΩ", "value": "0.4", "passed": False}


async def delivered(quality: Department) -> HandoverDelivered:
    *_, last = await quality.facts(HandoverDelivered.name)
    assert isinstance(last, HandoverDelivered)
    return last


async def test_each_arrived_lot_is_owed_an_inspection(quality: Department) -> None:
    await quality.hear(contract())
    await quality.hear(arrival("SOD-1", "LOT-1", "LOT-2"))

    assert await owes(quality) == ["iqc:LOT-1", "iqc:LOT-2"]
    handover = await delivered(quality)
    assert (handover.duty, handover.inputs) == (links.iqc("LOT-2"), (links.arrival("MRL-1", 2),))
    assert (handover.post, handover.assignee, handover.line_no) == ("inspector", INSPECTOR, 1)
    assert [i["suggested_sample"] for i in await shelf(quality, "incoming-inspections")] == [8, 8]


async def test_goods_that_nobody_ordered_are_inspected_too(quality: Department) -> None:
    await quality.hear(arrival(None))

    (inspection,) = await shelf(quality, "incoming-inspections")
    assert (inspection["order_no"], inspection["quarantine"]) == (None, True)
    assert (await delivered(quality)).inputs == ()


async def test_an_arrival_waits_for_its_contract(quality: Department) -> None:
    with pytest.raises(WaitFor) as missing:
        await quality.hear(arrival())

    assert missing.value.thing == ("order", "SOD-1")


async def test_a_passed_lot_is_stated_with_its_figures(quality: Department) -> None:
    no = await arrived(quality)
    await quality.do(INSPECTOR, "inspect_incoming", no, **PASSED)

    (fact,) = await quality.facts(IncomingInspected.name)
    assert isinstance(fact, IncomingInspected)
    assert fact.closes == (links.iqc("LOT-1"),)
    assert (fact.inspection_no, fact.lot, fact.passed, fact.sample_size) == (no, "LOT-1", True, 2)
    assert (fact.requirement_no, fact.requirement_line_no, fact.purchase_order_no) == ("MRL-1", 1, "PO-1")
    assert (fact.assignee, fact.inspected_by) == (INSPECTOR, INSPECTOR)
    assert "2828.1" in fact.standard
    assert await owes(quality) == []


async def test_a_failed_lot_settles_the_handover_and_opens_its_nonconformity(quality: Department) -> None:
    inspection = await quality.do(INSPECTOR, "inspect_incoming", await arrived(quality), **FAILED)

    (fact,) = await quality.facts(IncomingInspected.name)
    assert isinstance(fact, IncomingInspected)
    assert (fact.passed, fact.defects, fact.closes) == (False, 1, (links.iqc("LOT-1"),))
    (nonconformity,) = await shelf(quality, "dispositions")
    assert nonconformity["no"] == inspection["disposition_no"]
    assert (nonconformity["lot"], nonconformity["defect"], nonconformity["status"]) == ("LOT-1", "脱扣不动作", "open")


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ({"sample_size": 9}, "sample_too_large"),
        ({"sample_size": 0}, "invalid_input"),
        ({"defects": 3}, "more_defects_than_sample"),
        ({"defects": 1}, "passed_with_defects"),
        ({"readings": [READING]}, "passed_with_defects"),
        ({"passed": False}, "failed_without_ground"),
    ],
)
async def test_a_report_that_contradicts_itself_is_refused(
    quality: Department, report: dict[str, object], code: str
) -> None:
    no = await arrived(quality)

    assert await quality.refused(INSPECTOR, "inspect_incoming", no, **{**PASSED, **report}) == code
    assert await quality.facts(IncomingInspected.name) == []


async def test_goods_pass_with_a_failed_reading_when_the_report_says_why(quality: Department) -> None:
    report = {**PASSED, "readings": [READING], "remark": "按图纸 C 版此项不作要求"}
    inspection = await quality.do(INSPECTOR, "inspect_incoming", await arrived(quality), **report)

    assert (inspection["status"], inspection["readings"]) == ("passed", [READING])


async def test_a_failed_reading_is_ground_enough_to_fail(quality: Department) -> None:
    report = {"sample_size": 2, "defects": 0, "passed": False, "readings": [READING]}
    await quality.do(INSPECTOR, "inspect_incoming", await arrived(quality), **report)

    (nonconformity,) = await shelf(quality, "dispositions")
    assert nonconformity["defect"] == "绝缘电阻"


async def test_a_lot_is_inspected_once_by_inspectors_alone(quality: Department) -> None:
    no = await arrived(quality)
    await quality.employ(storekeeper="E-060", inspector=COLLEAGUE)

    assert await quality.refused("E-060", "inspect_incoming", no, **PASSED) == "post_not_held"
    await quality.do(COLLEAGUE, "inspect_incoming", no, **PASSED)
    assert await quality.refused(INSPECTOR, "inspect_incoming", no, **FAILED) == "wrong_status"


async def test_the_last_operation_owes_a_final_inspection_to_the_released_standard(quality: Department) -> None:
    no = await finished_goods(quality)
    handover = await delivered(quality)
    assert (handover.duty, handover.line_no) == (links.final_inspection("MO-1"), 1)
    assert handover.inputs == (links.operation("MO-1", 20),)

    await quality.do(INSPECTOR, "inspect_final", no, **PASSED)

    (fact,) = await quality.facts(FinalInspected.name)
    assert isinstance(fact, FinalInspected)
    assert (fact.item_code, fact.quantity, fact.lot) == ("P-GGD", Decimal(2), "MO-1")
    assert fact.standard == "QS-GGD-03 (PKG-1/1)"
    assert fact.closes == (links.final_inspection("MO-1"),)


async def test_an_earlier_operation_owes_nothing(quality: Department) -> None:
    await quality.hear(contract())
    await quality.hear(finished(10, last=False))

    assert await owes(quality) == []


async def test_where_every_piece_was_scrapped_nobody_owes_a_look_at_nothing(quality: Department) -> None:
    for fact in (contract(), package(), production_order()):
        await quality.hear(fact)

    await quality.hear(finished().model_copy(update={"good": Decimal(0), "scrap": Decimal(2)}))

    assert (await owes(quality), await shelf(quality, "final-inspections")) == ([], [])


async def test_goods_that_make_up_for_scrap_are_new_though_others_of_the_line_failed(quality: Department) -> None:
    """What failed before it left is looked at again by whoever made it; the rest has its own final inspection."""
    rest = {"production_order_no": "MO-2"}
    await quality.do(INSPECTOR, "inspect_outgoing", await instructed(quality), **FAILED)
    await quality.hear(production_order().model_copy(update=rest))

    await quality.hear(finished().model_copy(update=rest))

    assert await owes(quality) == ["final_inspection:MO-2"]
    await quality.hear(finished())
    assert await owes(quality) == ["final_inspection:MO-2", "outgoing_qa:SHN-1"]


async def test_the_newest_standard_counts_whichever_arrives_last(quality: Department) -> None:
    no = await finished_goods(quality)
    await quality.hear(package(3, "QS-GGD-05"))
    await quality.hear(package(2, "QS-GGD-04"))

    assert (await quality.do(INSPECTOR, "inspect_final", no, **PASSED))["standard"] == "QS-GGD-05 (PKG-1/3)"


async def test_without_a_released_standard_the_report_names_its_own(quality: Department) -> None:
    for fact in (contract(), production_order(), finished()):
        await quality.hear(fact)
    no = (await shelf(quality, "final-inspections"))[0]["no"]

    assert await quality.refused(INSPECTOR, "inspect_final", no, **PASSED) == "standard_missing"
    assert (await quality.do(INSPECTOR, "inspect_final", no, **PASSED, standard="GB/T 7251.12"))["status"] == "passed"


async def test_finished_goods_wait_for_their_production_order(quality: Department) -> None:
    await quality.hear(contract())
    with pytest.raises(WaitFor) as missing:
        await quality.hear(finished())

    assert missing.value.thing == ("production_order", "MO-1")


async def test_the_same_report_again_owes_one_inspection(quality: Department) -> None:
    await finished_goods(quality)
    await quality.hear(finished())

    assert len(await shelf(quality, "final-inspections")) == 1


async def test_goods_that_failed_are_inspected_anew_when_the_operation_is_done_again(quality: Department) -> None:
    await quality.do(INSPECTOR, "inspect_final", await finished_goods(quality), **FAILED)
    await quality.hear(finished())

    again, first = await shelf(quality, "final-inspections")
    assert (first["status"], again["status"]) == ("failed", "open")
    assert ((await delivered(quality)).attempt, await owes(quality)) == (2, ["final_inspection:MO-1"])
    await quality.do(INSPECTOR, "inspect_final", again["no"], **PASSED)
    assert [fact.passed for fact in await quality.facts(FinalInspected.name)] == [False, True]  # type: ignore[attr-defined]


async def test_an_instructed_shipment_owes_an_outgoing_inspection_of_the_finished_lot(quality: Department) -> None:
    no = await instructed(quality)
    assert (await delivered(quality)).inputs == (links.instruction("SHN-1"),)

    await quality.do(INSPECTOR, "inspect_outgoing", no, **PASSED)

    (fact,) = await quality.facts(OutgoingInspected.name)
    assert isinstance(fact, OutgoingInspected)
    assert (fact.notice_no, fact.lot, fact.standard) == ("SHN-1", "MO-1", "QS-GGD-03 (PKG-1/1)")
    assert fact.closes == (links.outgoing_qa("SHN-1"),)
    assert await owes(quality) == []


async def test_a_cancelled_order_leaves_nothing_to_inspect(quality: Department) -> None:
    no = await instructed(quality)
    await quality.hear(arrival())
    await quality.hear(cancellation())

    assert await owes(quality) == []
    assert await quality.refused(INSPECTOR, "inspect_outgoing", no, **PASSED) == "wrong_status"
    assert (await shelf(quality, "incoming-inspections"))[0]["status"] == "cancelled"


@pytest.mark.parametrize("late", [arrival(), finished(), instruction()])
async def test_what_arrives_after_the_cancellation_owes_nothing(quality: Department, late: object) -> None:
    for fact in (contract(), package(), production_order(), cancellation(), late):
        await quality.hear(fact)  # type: ignore[arg-type]

    assert await owes(quality) == []
