"""Bought material is asked after until it is at the gate, and re-dated when Purchasing says that it will be late."""

from datetime import date
from decimal import Decimal

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.event import DutyRef
from contracts.pmc import HandoverDelivered, PurchaseFollowedUp, PurchaseRedated
from contracts.purchasing import DelayReported, PurchaseOrderIssued
from contracts.quality import IncomingInspected
from tests.pmc.conftest import (
    BUYER,
    CONTROLLER,
    DIRECTOR,
    INSPECTOR,
    PLANNER,
    arrival,
    cancellation,
    contract,
    one,
    owes,
    planned,
    purchase,
    receipt,
    shelf,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
LINE = "PO-1-1"
ASKED, OTHER = links.follow_up("PO-1", 1), links.follow_up("PO-2", 1)


async def bought(pmc: Department) -> str:
    """The number of an issued list whose breakers are ordered."""
    no, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(purchase(no, 8))
    return no


def delay(requirement_no: str) -> DelayReported:
    return DelayReported(
        order_no="SOD-1",
        delay_no="DLY-1",
        purchase_order_no="PO-1",
        requirement_no=requirement_no,
        requirement_line_no=2,
        required_on=date(2026, 9, 14),
        expected_on=date(2026, 9, 18),
        reason="供应商停产",
        reported_by=BUYER,
    )


def inspection(requirement_no: str, quantity: int, *, passed: bool, lot: str = "LOT-1") -> IncomingInspected:
    return IncomingInspected(
        order_no="SOD-1",
        inspection_no="IQC-1",
        lot=lot,
        item_code="QF-400",
        quantity=Decimal(quantity),
        standard="QS-QF",
        sample_size=2,
        defects=0 if passed else 1,
        passed=passed,
        inspected_by=INSPECTOR,
        arrival_no="ARV-1",
        arrival_line_no=1,
        purchase_order_no="PO-1",
        requirement_no=requirement_no,
        requirement_line_no=2,
    )


async def test_an_order_of_material_wants_a_look_when_its_promised_day_passes(pmc: Department) -> None:
    no = await bought(pmc)

    delivered = (await pmc.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.duty, delivered.post) == (ASKED, "planner")
    assert (delivered.inputs, delivered.terms.promised_on) == ((links.purchase_order(no),), date(2026, 9, 11))
    (line,) = await shelf(pmc, "purchased-lines")
    assert (line["no"], line["status"], line["requirement_no"]) == (LINE, "open", no)


async def test_following_up_closes_the_handover_and_may_be_done_again(pmc: Department) -> None:
    await bought(pmc)

    await pmc.do(PLANNER, "follow_up_purchase", LINE, finding="已发货")
    await pmc.do(CONTROLLER, "follow_up_purchase", LINE, finding="在途")

    first, second = await pmc.facts(PurchaseFollowedUp.name)
    assert (first.closes, second.closes) == ((ASKED,), ())
    assert (await one(pmc, "purchased-lines", LINE))["finding"] == "在途"
    assert str(ASKED) not in await owes(pmc)


async def test_material_at_the_gate_needs_no_more_asking(pmc: Department) -> None:
    no = await bought(pmc)

    await pmc.hear(arrival(no, 5))
    assert str(ASKED) in await owes(pmc)
    await pmc.hear(arrival(no, 3, lot="LOT-2", ends=[ASKED, links.arrival(no, 2)]))

    assert str(ASKED) not in await owes(pmc)
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"
    assert await pmc.refused(PLANNER, "follow_up_purchase", LINE, finding="x") == "wrong_status"


def promised(bought: PurchaseOrderIssued, day: int) -> PurchaseOrderIssued:
    return bought.model_copy(
        update={"lines": tuple(line.model_copy(update={"promised_on": date(2026, 9, day)}) for line in bought.lines)}
    )


async def asked_after(pmc: Department) -> list[tuple[DutyRef, int, date | None]]:
    """Every time that the planner was to ask after some material, with the promise by which."""
    told = [fact for fact in await pmc.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    return [(fact.duty, fact.attempt, fact.terms.promised_on) for fact in told if fact.duty.link == "follow_up"]


async def in_two_orders(pmc: Department, first: int = 11, second: int = 25) -> str:
    no, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(promised(purchase(no, 5), first))
    await pmc.hear(promised(purchase(no, 3, no="PO-2"), second))
    return no


async def test_what_is_bought_in_two_orders_is_asked_after_by_the_promise_of_each(pmc: Department) -> None:
    no = await in_two_orders(pmc)
    assert await asked_after(pmc) == [(ASKED, 1, date(2026, 9, 11)), (OTHER, 1, date(2026, 9, 25))]

    await pmc.hear(arrival(no, 5, ends=[ASKED]))

    assert str(ASKED) not in await owes(pmc)
    assert str(OTHER) in await owes(pmc)
    await pmc.do(PLANNER, "follow_up_purchase", "PO-2-1", finding="已发货")
    assert str(OTHER) not in await owes(pmc)
    assert (await pmc.facts(PurchaseFollowedUp.name))[-1].closes == (OTHER,)


async def test_what_came_before_the_rest_was_ordered_is_not_asked_after(pmc: Department) -> None:
    no = await bought(pmc)

    await pmc.hear(arrival(no, 8, ends=[ASKED]))
    await pmc.hear(promised(purchase(no, 3, no="PO-2"), 25))

    assert await asked_after(pmc) == [(ASKED, 1, date(2026, 9, 11)), (OTHER, 1, date(2026, 9, 25))]
    assert str(ASKED) not in await owes(pmc)
    assert str(OTHER) in await owes(pmc)


async def test_goods_that_make_the_list_whole_end_the_asking_after_another_order(pmc: Department) -> None:
    no = await in_two_orders(pmc)

    await pmc.hear(arrival(no, 5, ends=[ASKED, OTHER, links.arrival(no, 2)]))

    assert not {str(ASKED), str(OTHER)} & {*await owes(pmc)}


async def test_two_orders_with_one_promise_are_two_looks(pmc: Department) -> None:
    no = await in_two_orders(pmc, 11, 11)

    await pmc.hear(arrival(no, 5, ends=[ASKED]))

    assert str(OTHER) in await owes(pmc)
    await pmc.do(PLANNER, "follow_up_purchase", "PO-2-1", finding="排产中")
    assert str(OTHER) not in await owes(pmc)


async def test_a_handover_from_before_purchase_orders_named_it_is_ended_all_the_same(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.as_owner(f"UPDATE duties SET key = '{no}/2' WHERE link = 'follow_up'")  # noqa: S608
    before = DutyRef(link="follow_up", key=f"{no}/2")
    assert str(before) in await owes(pmc)

    await pmc.do(PLANNER, "follow_up_purchase", LINE, finding="已发货")

    assert (await pmc.facts(PurchaseFollowedUp.name))[-1].closes == (before,)
    assert str(before) not in await owes(pmc)


async def test_a_failed_lot_is_wanted_again(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 8, ends=[ASKED]))

    await pmc.hear(inspection(no, 8, passed=True))
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"
    await pmc.hear(inspection(no, 8, passed=False))

    line = await one(pmc, "purchased-lines", LINE)
    assert (line["status"], float(line["arrived"])) == ("open", 0)
    assert str(ASKED) in await owes(pmc)


async def test_a_failed_lot_that_is_taken_after_all_has_come(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 8, ends=[ASKED]))
    await pmc.hear(inspection(no, 8, passed=False))

    await pmc.hear(receipt(8, no, ends=[ASKED]))

    assert str(ASKED) not in await owes(pmc)
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"


async def test_a_failure_told_after_the_lot_was_taken_all_the_same_changes_nothing(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 8, ends=[ASKED]))

    await pmc.hear(receipt(8, no, ends=[ASKED]))
    await pmc.hear(inspection(no, 8, passed=False))

    assert str(ASKED) not in await owes(pmc)
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"


async def test_a_failure_told_before_the_goods_waits_for_them(pmc: Department) -> None:
    no = await bought(pmc)

    with pytest.raises(WaitFor):
        await pmc.hear(inspection(no, 8, passed=False))


async def test_a_failure_told_before_its_lot_waits_for_it_though_other_lots_are_there(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 5, lot="LOT-A"))
    with pytest.raises(WaitFor) as waiting:
        await pmc.hear(inspection(no, 3, passed=False, lot="LOT-B"))
    assert waiting.value.thing == ("arrival", "LOT-B")

    await pmc.hear(arrival(no, 3, lot="LOT-B", ends=[ASKED]))
    await pmc.hear(inspection(no, 3, passed=False, lot="LOT-B"))

    assert str(ASKED) in await owes(pmc)


async def test_what_failed_in_part_and_was_taken_counts_with_what_comes_later(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 5, lot="LOT-A"))
    await pmc.hear(inspection(no, 5, passed=False, lot="LOT-A"))
    await pmc.hear(receipt(5, no, lot="LOT-A"))

    await pmc.hear(arrival(no, 3, lot="LOT-B", ends=[ASKED]))
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"
    await pmc.hear(inspection(no, 3, passed=False, lot="LOT-B"))

    assert str(ASKED) in await owes(pmc)


async def test_two_lots_of_a_line_in_one_delivery_count_both(pmc: Department) -> None:
    no = await bought(pmc)
    came = arrival(no, 5, lot="LOT-A", ends=[ASKED])
    (first,) = came.lines
    second = first.model_copy(update={"line_no": 2, "lot": "LOT-B", "quantity": Decimal(3)})

    await pmc.hear(came.model_copy(update={"lines": (first, second)}))

    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"


async def test_a_lot_from_before_lots_were_kept_is_counted_out_of_the_sum(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 8, ends=[ASKED]))
    await pmc.as_owner("DELETE FROM arrived_lots")

    await pmc.hear(inspection(no, 8, passed=False))
    await pmc.hear(inspection(no, 8, passed=False))

    assert float((await one(pmc, "purchased-lines", LINE))["arrived"]) == 0
    assert str(ASKED) in await owes(pmc)


async def test_a_failed_lot_of_a_cancelled_order_is_not_wanted_again(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 8, ends=[ASKED]))
    await pmc.hear(cancellation())

    await pmc.hear(inspection(no, 8, passed=False))

    assert str(ASKED) not in await owes(pmc)


async def test_goods_nobody_ordered_are_none_of_the_planners_business(pmc: Department) -> None:
    no = await bought(pmc)

    await pmc.hear(arrival(no, 8, purchase_order_no=None))

    assert str(ASKED) in await owes(pmc)


async def test_an_arrival_before_its_purchase_order_waits(pmc: Department) -> None:
    no, _ = await planned(pmc)

    with pytest.raises(WaitFor):
        await pmc.hear(arrival(no, 8))


async def test_a_purchase_order_before_its_order_waits(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(purchase("MRL-X", 8))


async def test_the_workshop_does_not_follow_purchases_up(pmc: Department) -> None:
    await bought(pmc)

    assert await pmc.refused(DIRECTOR, "follow_up_purchase", LINE, finding="x") == "post_not_held"


async def test_a_reported_delay_is_redated_to_the_expected_day(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(delay(no))

    document = await pmc.do(PLANNER, "redate_purchase", "DLY-1")

    (fact,) = await pmc.facts(PurchaseRedated.name)
    assert isinstance(fact, PurchaseRedated)
    assert (fact.requirement_no, fact.requirement_line_no, fact.required_on) == (no, 2, date(2026, 9, 18))
    assert document["status"] == "redated"
    assert (await one(pmc, "purchased-lines", LINE))["required_on"] == "2026-09-18"


async def test_whoever_redates_has_asked_and_asks_again_when_the_new_promise_passes(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(delay(no))

    await pmc.do(PLANNER, "redate_purchase", "DLY-1", required_on="2026-09-20")

    (fact,) = await pmc.facts(PurchaseRedated.name)
    delivered = (await pmc.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert fact.closes == (ASKED,)
    assert (delivered.duty, delivered.attempt, delivered.terms.promised_on) == (ASKED, 2, date(2026, 9, 18))
    assert str(ASKED) in await owes(pmc)


async def test_material_that_was_asked_after_is_not_asked_after_again_for_a_new_date(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.do(PLANNER, "follow_up_purchase", LINE, finding="要迟到")
    await pmc.hear(delay(no))

    await pmc.do(PLANNER, "redate_purchase", "DLY-1")

    (fact,) = await pmc.facts(PurchaseRedated.name)
    assert fact.closes == ()
    assert str(ASKED) not in await owes(pmc)


async def test_the_planner_may_choose_another_day_but_not_a_passed_one(pmc: Department) -> None:
    await pmc.hear(delay(await bought(pmc)))

    assert await pmc.refused(PLANNER, "redate_purchase", "DLY-1", required_on="2026-08-31") == "date_passed"
    assert (await pmc.do(PLANNER, "redate_purchase", "DLY-1", required_on="2026-09-20"))["redated_on"] == "2026-09-20"
    assert await pmc.refused(PLANNER, "redate_purchase", "DLY-1") == "wrong_status"
    assert await pmc.refused(CONTROLLER, "redate_purchase", "DLY-1") == "post_not_held"


async def test_a_delay_before_its_order_waits(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(delay("MRL-X"))


async def test_nothing_bought_for_a_cancelled_order_is_followed(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(delay(no))
    await pmc.hear(cancellation())

    assert await pmc.refused(PLANNER, "follow_up_purchase", LINE, finding="x") == "order_cancelled"
    assert await pmc.refused(PLANNER, "redate_purchase", "DLY-1") == "order_cancelled"
    assert await owes(pmc) == {}


async def test_a_purchase_for_a_cancelled_order_is_kept_and_owes_nothing(pmc: Department) -> None:
    await pmc.hear(contract())
    await pmc.hear(cancellation())

    await pmc.hear(purchase("MRL-1", 8))

    assert await owes(pmc) == {}
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "cancelled"
