"""Goods leave when planner and director have looked, and while nothing is against it."""

from decimal import Decimal

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.engineering import WorkStopped
from contracts.pmc import (
    HandoverDelivered,
    ShipmentBlocked,
    ShipmentInstructed,
    ShipmentReported,
    ShipmentReviewed,
    ShipmentUnblocked,
)
from contracts.quality import ShipmentBlocked as BlockedByQuality
from contracts.quality import ShipmentUnblocked as UnblockedByQuality
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    DEPUTY,
    DIRECTOR,
    ENGINEER,
    INSPECTOR,
    LEADER,
    PLANNER,
    WORKER,
    booked,
    cancellation,
    contract,
    line,
    notice,
    one,
    owes,
    planned,
    shelf,
    shipped,
    supplied,
)
from tests.pmc.test_amendments import amendment
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def noticed(pmc: Department) -> None:
    """Two cabinets are in store and under notice."""
    _, made = await planned(pmc)
    await pmc.hear(booked(made))
    await pmc.hear(notice())


async def ahead(pmc: Department) -> str:
    """The same notice before any of it is made; the number of the production order."""
    _, made = await planned(pmc)
    await pmc.hear(notice())
    return made


async def delivered(pmc: Department, *chain: str) -> list[HandoverDelivered]:
    """What was handed over on these links, in order."""
    facts = await pmc.facts(HandoverDelivered.name)
    return [fact for fact in facts if isinstance(fact, HandoverDelivered) and fact.duty.link in chain]


async def reviewed(pmc: Department) -> None:
    await noticed(pmc)
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)
    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=True)


async def test_a_notice_asks_planner_and_director(pmc: Department) -> None:
    await noticed(pmc)

    planner, director = await delivered(pmc, "planner_review", "director_review")
    assert (planner.duty, planner.post) == (links.planner_review("SHN-1"), "planner")
    assert (director.duty, director.post) == (links.director_review("SHN-1"), "workshop_director")
    assert planner.inputs == director.inputs == (links.notice("SOD-1", 1),)


async def test_a_notice_ahead_of_the_goods_asks_nobody_until_they_are_in_store(pmc: Department) -> None:
    made = await ahead(pmc)
    await pmc.hear(booked(made, 1))
    assert await delivered(pmc, "planner_review", "director_review") == []

    await pmc.hear(booked(made, 1))

    planner, director = await delivered(pmc, "planner_review", "director_review")
    assert planner.inputs == director.inputs == (links.notice("SOD-1", 1), links.finished_receipt(made))
    assert len(await delivered(pmc, "planner_review", "director_review")) == 2


async def test_what_was_reviewed_ahead_is_instructed_once_the_goods_are_in_store(pmc: Department) -> None:
    made = await ahead(pmc)
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)
    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=True)
    assert await delivered(pmc, "instruction") == []
    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "not_in_store"

    await pmc.hear(booked(made))

    (instruction,) = await delivered(pmc, "planner_review", "director_review", "instruction")
    assert instruction.duty == links.instruction("SHN-1")
    assert links.finished_receipt(made) in instruction.inputs
    assert (await pmc.do(PLANNER, "instruct_shipment", "SHN-1"))["status"] == "instructed"


async def test_what_is_held_back_ahead_of_its_goods_is_reviewed_once_they_are_there(pmc: Department) -> None:
    """Nothing was owed when it was held; from the booking on somebody's clock runs."""
    made = await ahead(pmc)
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)
    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=False, remark="漆面未干")

    await pmc.hear(booked(made))
    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=True)

    (owed,) = await delivered(pmc, "planner_review", "director_review")
    assert (owed.duty, owed.attempt) == (links.director_review("SHN-1"), 1)
    reviews = await pmc.facts(ShipmentReviewed.name)
    assert [fact.closes for fact in reviews] == [
        (links.planner_review("SHN-1"),),
        (),
        (links.director_review("SHN-1"),),
    ]


async def test_a_later_notice_that_finds_its_goods_does_not_wait_for_an_earlier_that_does_not(pmc: Department) -> None:
    made = await ahead(pmc)
    await pmc.hear(notice("SHN-2").model_copy(update={"quantity": Decimal(1)}))

    await pmc.hear(booked(made, 1))
    assert {each.duty.key for each in await delivered(pmc, "planner_review")} == {"SHN-2"}
    await pmc.hear(booked(made, 1))
    assert {each.duty.key for each in await delivered(pmc, "planner_review")} == {"SHN-2"}
    await pmc.hear(booked(made, 1))

    assert [each.duty.key for each in await delivered(pmc, "planner_review")] == ["SHN-2", "SHN-1"]


async def test_when_the_last_piece_is_booked_no_notice_waits_for_more(pmc: Department) -> None:
    """One of two was scrapped, and the customer wants none in its place; whether there is another the warehouse knows."""
    made = await supplied(pmc)
    await pmc.hear(notice())
    await pmc.do(LEADER, "report_operation", operation_no(made, 10), good=2, workers=[WORKER])
    await pmc.do(LEADER, "report_operation", operation_no(made, 20), good=1, scrap=1, workers=[WORKER])

    await pmc.hear(booked(made, 1))
    assert await delivered(pmc, "planner_review", "director_review") == []
    await pmc.hear(amendment(2, line(quantity=Decimal(1))))

    assert {each.duty.key for each in await delivered(pmc, "planner_review", "director_review")} == {"SHN-1"}


async def test_a_notice_and_its_receipt_at_once_see_each_other(pmc: Department) -> None:
    _, made = await planned(pmc)

    await pmc.meet("production_orders", pmc.hear(booked(made)), pmc.hear(notice()))

    assert len(await delivered(pmc, "planner_review", "director_review")) == 2


async def test_each_reviews_as_what_they_are(pmc: Department) -> None:
    await reviewed(pmc)

    first, second = await pmc.facts(ShipmentReviewed.name)
    assert (first.review, first.closes) == ("planner", (links.planner_review("SHN-1"),))  # type: ignore[attr-defined]
    assert (second.review, second.closes) == ("director", (links.director_review("SHN-1"),))  # type: ignore[attr-defined]


async def test_the_second_passed_review_puts_the_instruction_before_the_planner(pmc: Department) -> None:
    await reviewed(pmc)

    delivered = (await pmc.facts(HandoverDelivered.name))[-1]
    assert delivered.duty == links.instruction("SHN-1")  # type: ignore[attr-defined]
    assert delivered.inputs == (  # type: ignore[attr-defined]
        links.notice("SOD-1", 1),
        links.planner_review("SHN-1"),
        links.director_review("SHN-1"),
    )


async def test_who_holds_both_posts_says_for_which_they_review(pmc: Department) -> None:
    await noticed(pmc)
    await pmc.employ(planner=DIRECTOR)

    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", review="director", passed=True)
    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", review="planner", passed=True)

    assert (await one(pmc, "shipments", "SHN-1"))["status"] == "cleared"


async def test_nobody_reviews_for_a_post_they_do_not_hold(pmc: Department) -> None:
    await noticed(pmc)

    assert await pmc.refused(PLANNER, "review_shipment", "SHN-1", review="director", passed=True) == "post_not_held"
    assert await pmc.refused(LEADER, "review_shipment", "SHN-1", passed=True) == "post_not_held"


async def test_who_holds_a_shipment_back_gives_the_reason_and_has_reviewed_it(pmc: Department) -> None:
    await noticed(pmc)
    assert await pmc.refused(DIRECTOR, "review_shipment", "SHN-1", passed=False) == "remark_missing"

    held = await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=False, remark="包装未完成")

    assert (held["status"], held["director_review"]) == ("held", "held")
    assert "director_review:SHN-1" not in await owes(pmc)
    (fact,) = await pmc.facts(ShipmentReviewed.name)
    assert (fact.passed, fact.closes) == (False, (links.director_review("SHN-1"),))  # type: ignore[attr-defined]
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)
    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "reviews_not_passed"


async def test_what_was_held_back_is_put_before_the_same_person_again(pmc: Department) -> None:
    await noticed(pmc)
    assert await pmc.refused(PLANNER, "resubmit_shipment", "SHN-1", action="x") == "nothing_held"
    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=False, remark="包装未完成")
    assert await pmc.refused(DIRECTOR, "resubmit_shipment", "SHN-1", action="x") == "post_not_held"

    again = await pmc.do(PLANNER, "resubmit_shipment", "SHN-1", action="已包装")

    assert (again["status"], again["director_review"], again["remark"]) == ("reviewing", None, "已包装")
    assert [each.attempt for each in await delivered(pmc, "director_review")] == [1, 2]
    assert len(await delivered(pmc, "planner_review")) == 1
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)
    assert (await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=True))["status"] == "cleared"


async def test_who_held_a_shipment_back_may_pass_it_unasked(pmc: Department) -> None:
    await noticed(pmc)
    await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=False, remark="包装未完成")
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)

    assert (await pmc.do(DIRECTOR, "review_shipment", "SHN-1", passed=True))["status"] == "cleared"
    assert "instruction:SHN-1" in await owes(pmc)


async def test_a_passed_review_is_given_once(pmc: Department) -> None:
    await noticed(pmc)
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)

    assert await pmc.refused(PLANNER, "review_shipment", "SHN-1", passed=False, remark="x") == "already_reviewed"


async def test_an_instruction_tells_warehouse_and_quality_what_leaves(pmc: Department) -> None:
    await reviewed(pmc)

    await pmc.do(PLANNER, "instruct_shipment", "SHN-1")

    (fact,) = await pmc.facts(ShipmentInstructed.name)
    assert isinstance(fact, ShipmentInstructed)
    assert (fact.closes, fact.quantity, fact.address) == ((links.instruction("SHN-1"),), Decimal(2), "苏州")


async def test_without_both_passed_reviews_nothing_is_instructed(pmc: Department) -> None:
    await noticed(pmc)
    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "reviews_not_passed"
    await pmc.do(PLANNER, "review_shipment", "SHN-1", passed=True)

    answer = await pmc.attempt(PLANNER, "instruct_shipment", "SHN-1")

    assert answer.json()["code"] == "reviews_not_passed"
    assert "Workshop director" in answer.json()["detail"]


async def test_only_the_planner_instructs_and_once(pmc: Department) -> None:
    await reviewed(pmc)

    assert await pmc.refused(DIRECTOR, "instruct_shipment", "SHN-1") == "post_not_held"
    await pmc.do(PLANNER, "instruct_shipment", "SHN-1")
    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "wrong_status"


async def test_the_directors_block_stops_the_instruction_until_it_is_lifted(pmc: Department) -> None:
    await reviewed(pmc)

    block = await pmc.do(DIRECTOR, "block_shipment", order_no="SOD-1", reason="漆面划伤")
    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "shipment_blocked"
    await pmc.do(DEPUTY, "unblock_shipment", block["no"], reason="已补漆")

    (blocked,), (lifted,) = await pmc.facts(ShipmentBlocked.name), await pmc.facts(ShipmentUnblocked.name)
    assert (blocked.order_no, blocked.block_no) == ("SOD-1", block["no"])  # type: ignore[attr-defined]
    assert lifted.lifted_by == DEPUTY  # type: ignore[attr-defined]
    assert (await pmc.do(PLANNER, "instruct_shipment", "SHN-1"))["status"] == "instructed"


async def test_only_a_director_blocks_and_lifts(pmc: Department) -> None:
    await noticed(pmc)
    block = await pmc.do(DIRECTOR, "block_shipment", order_no="SOD-1", reason="漆面划伤")

    assert await pmc.refused(PLANNER, "block_shipment", order_no="SOD-1", reason="x") == "post_not_held"
    assert await pmc.refused(PLANNER, "unblock_shipment", block["no"], reason="x") == "post_not_held"
    await pmc.do(DIRECTOR, "unblock_shipment", block["no"], reason="已补漆")
    assert await pmc.refused(DIRECTOR, "unblock_shipment", block["no"], reason="x") == "wrong_status"
    assert await pmc.refused(DIRECTOR, "block_shipment", order_no="SOD-9", reason="x") == "not_found"


async def test_qualitys_block_stops_the_instruction_too(pmc: Department) -> None:
    await reviewed(pmc)
    words = {"order_no": "SOD-1", "block_no": "QBL-1", "reason": "耐压不合格"}

    await pmc.hear(BlockedByQuality(**words, blocked_by=INSPECTOR))
    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "shipment_blocked"
    await pmc.hear(UnblockedByQuality(**words, lifted_by=INSPECTOR))

    assert (await pmc.do(PLANNER, "instruct_shipment", "SHN-1"))["status"] == "instructed"


async def test_a_stop_work_stops_the_instruction(pmc: Department) -> None:
    await reviewed(pmc)

    await pmc.hear(WorkStopped(order_no="SOD-1", stop_no="WST-1", reason="图纸错误", stopped_by=ENGINEER))

    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "work_stopped"


async def test_goods_on_the_road_are_reported_to_sales(pmc: Department) -> None:
    await reviewed(pmc)
    await pmc.do(PLANNER, "instruct_shipment", "SHN-1")
    assert await pmc.refused(PLANNER, "report_shipment", "SHN-1") == "wrong_status"

    await pmc.hear(shipped())
    assert "shipment_report:SHN-1" in await owes(pmc)
    await pmc.do(PLANNER, "report_shipment", "SHN-1")

    (fact,) = await pmc.facts(ShipmentReported.name)
    assert (fact.delivery_note_no, fact.closes) == ("DN-1", (links.shipment_report("SHN-1"),))  # type: ignore[attr-defined]
    delivered = (await pmc.facts(HandoverDelivered.name))[-1]
    assert delivered.inputs == (links.ship("SHN-1"),)  # type: ignore[attr-defined]


async def test_facts_before_what_they_are_about_wait(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(notice())
    with pytest.raises(WaitFor):
        await pmc.hear(shipped())


async def test_a_cancelled_order_does_not_leave(pmc: Department) -> None:
    await reviewed(pmc)

    await pmc.hear(cancellation())

    assert await pmc.refused(PLANNER, "instruct_shipment", "SHN-1") == "order_cancelled"
    assert await pmc.refused(PLANNER, "review_shipment", "SHN-1", passed=True) == "order_cancelled"
    assert await pmc.refused(DIRECTOR, "block_shipment", order_no="SOD-1", reason="x") == "order_cancelled"
    assert [(each["no"], each["status"]) for each in await shelf(pmc, "shipments")] == [("SHN-1", "cancelled")]


async def test_goods_that_left_before_the_cancellation_was_heard_are_on_record(pmc: Department) -> None:
    await reviewed(pmc)
    await pmc.do(PLANNER, "instruct_shipment", "SHN-1")
    await pmc.hear(cancellation())

    await pmc.hear(shipped())

    shipment = await one(pmc, "shipments", "SHN-1")
    assert (shipment["status"], shipment["delivery_note_no"]) == ("cancelled", "DN-1")
    assert "shipment_report:SHN-1" not in await owes(pmc)


async def test_a_notice_after_the_cancellation_owes_nothing(pmc: Department) -> None:
    await pmc.hear(contract())
    await pmc.hear(cancellation())

    await pmc.hear(notice())

    assert await owes(pmc) == {}
