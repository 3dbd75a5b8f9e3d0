"""Bought material is asked after until it is at the gate, and re-dated when Purchasing says that it will be late."""

from datetime import date
from decimal import Decimal

import pytest

from chassis.waiting import WaitFor
from contracts import links
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
    shelf,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
LINE = "PO-1-1"


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


def inspection(requirement_no: str, quantity: int, *, passed: bool) -> IncomingInspected:
    return IncomingInspected(
        order_no="SOD-1",
        inspection_no="IQC-1",
        lot="LOT-1",
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
    assert (delivered.duty, delivered.post) == (links.follow_up(no, 2), "planner")
    assert (delivered.inputs, delivered.terms.promised_on) == ((links.purchase_order(no),), date(2026, 9, 11))
    (line,) = await shelf(pmc, "purchased-lines")
    assert (line["no"], line["status"], line["requirement_no"]) == (LINE, "open", no)


async def test_following_up_closes_the_handover_and_may_be_done_again(pmc: Department) -> None:
    no = await bought(pmc)

    await pmc.do(PLANNER, "follow_up_purchase", LINE, finding="已发货")
    await pmc.do(CONTROLLER, "follow_up_purchase", LINE, finding="在途")

    first, second = await pmc.facts(PurchaseFollowedUp.name)
    assert (first.closes, second.closes) == ((links.follow_up(no, 2),), ())
    assert (await one(pmc, "purchased-lines", LINE))["finding"] == "在途"
    assert f"follow_up:{no}/2" not in await owes(pmc)


async def test_material_at_the_gate_needs_no_more_asking(pmc: Department) -> None:
    no = await bought(pmc)

    await pmc.hear(arrival(no, 5))
    assert f"follow_up:{no}/2" in await owes(pmc)
    await pmc.hear(arrival(no, 3))

    assert f"follow_up:{no}/2" not in await owes(pmc)
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"
    assert await pmc.refused(PLANNER, "follow_up_purchase", LINE, finding="x") == "wrong_status"


async def test_a_line_in_two_orders_is_there_when_both_are(pmc: Department) -> None:
    no, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(purchase(no, 5))
    await pmc.hear(purchase(no, 3, no="PO-2"))

    await pmc.hear(arrival(no, 5))
    assert f"follow_up:{no}/2" in await owes(pmc)
    await pmc.hear(arrival(no, 3, purchase_order_no="PO-2"))

    assert f"follow_up:{no}/2" not in await owes(pmc)


def promised(bought: PurchaseOrderIssued, day: int) -> PurchaseOrderIssued:
    return bought.model_copy(
        update={"lines": tuple(line.model_copy(update={"promised_on": date(2026, 9, day)}) for line in bought.lines)}
    )


async def asked_after(pmc: Department) -> list[tuple[int, date | None]]:
    """Every time that the planner was to ask after the material, with the promise by which."""
    told = [fact for fact in await pmc.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    return [(fact.attempt, fact.terms.promised_on) for fact in told if fact.duty.link == "follow_up"]


async def in_two_orders(pmc: Department, first: int, second: int) -> str:
    no, _ = await planned(pmc)
    await pmc.do(PLANNER, "issue_requirement", no)
    await pmc.hear(promised(purchase(no, 5), first))
    await pmc.hear(promised(purchase(no, 3, no="PO-2"), second))
    return no


async def test_what_came_in_time_is_not_asked_after_and_what_is_still_to_come_is_by_its_own_promise(
    pmc: Department,
) -> None:
    no = await in_two_orders(pmc, 11, 25)

    await pmc.hear(arrival(no, 5))

    assert await asked_after(pmc) == [(1, date(2026, 9, 11)), (2, date(2026, 9, 25))]
    assert f"follow_up:{no}/2" in await owes(pmc)
    assert (await one(pmc, "purchased-lines", "PO-2-1"))["status"] == "open"


async def test_the_earliest_promise_counts_whichever_order_came_first(pmc: Department) -> None:
    no = await in_two_orders(pmc, 25, 11)
    assert await asked_after(pmc) == [(1, date(2026, 9, 25)), (2, date(2026, 9, 11))]

    await pmc.do(PLANNER, "follow_up_purchase", "PO-1-1", finding="排产中")
    assert f"follow_up:{no}/2" in await owes(pmc)
    await pmc.do(PLANNER, "follow_up_purchase", "PO-2-1", finding="已发货")

    early, wanted = await pmc.facts(PurchaseFollowedUp.name)
    assert (early.closes, wanted.closes) == ((), (links.follow_up(no, 2),))
    assert f"follow_up:{no}/2" not in await owes(pmc)


async def test_the_next_promise_is_asked_after_when_the_first_was(pmc: Department) -> None:
    no = await in_two_orders(pmc, 11, 25)

    await pmc.do(PLANNER, "follow_up_purchase", LINE, finding="已发货")

    assert await asked_after(pmc) == [(1, date(2026, 9, 11)), (2, date(2026, 9, 25))]
    await pmc.do(PLANNER, "follow_up_purchase", "PO-2-1", finding="已发货")
    assert f"follow_up:{no}/2" not in await owes(pmc)
    await pmc.hear(arrival(no, 5))
    assert f"follow_up:{no}/2" not in await owes(pmc)


async def test_what_was_asked_after_early_is_asked_after_again_where_it_alone_has_not_come(pmc: Department) -> None:
    no = await in_two_orders(pmc, 11, 25)
    await pmc.do(PLANNER, "follow_up_purchase", "PO-2-1", finding="排产中")

    await pmc.hear(arrival(no, 5))
    assert (await asked_after(pmc))[-1] == (2, date(2026, 9, 25))
    await pmc.do(PLANNER, "follow_up_purchase", "PO-2-1", finding="已发货")

    assert (await pmc.facts(PurchaseFollowedUp.name))[-1].closes == (links.follow_up(no, 2),)
    assert f"follow_up:{no}/2" not in await owes(pmc)


async def test_a_failed_lot_is_wanted_again(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 8))

    await pmc.hear(inspection(no, 8, passed=True))
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"
    await pmc.hear(inspection(no, 8, passed=False))

    line = await one(pmc, "purchased-lines", LINE)
    assert (line["status"], float(line["arrived"])) == ("open", 0)
    assert f"follow_up:{no}/2" in await owes(pmc)


async def test_goods_nobody_ordered_are_none_of_the_planners_business(pmc: Department) -> None:
    no = await bought(pmc)

    await pmc.hear(arrival(no, 8, purchase_order_no=None))

    assert f"follow_up:{no}/2" in await owes(pmc)


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
    asked = links.follow_up(no, 2)
    await pmc.hear(delay(no))

    await pmc.do(PLANNER, "redate_purchase", "DLY-1", required_on="2026-09-20")

    (fact,) = await pmc.facts(PurchaseRedated.name)
    delivered = (await pmc.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert fact.closes == (asked,)
    assert (delivered.duty, delivered.attempt, delivered.terms.promised_on) == (asked, 2, date(2026, 9, 18))
    assert str(asked) in await owes(pmc)


async def test_material_that_was_asked_after_is_not_asked_after_again_for_a_new_date(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.do(PLANNER, "follow_up_purchase", LINE, finding="要迟到")
    await pmc.hear(delay(no))

    await pmc.do(PLANNER, "redate_purchase", "DLY-1")

    (fact,) = await pmc.facts(PurchaseRedated.name)
    assert fact.closes == ()
    assert f"follow_up:{no}/2" not in await owes(pmc)


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
