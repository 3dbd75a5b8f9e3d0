"""Bought material is asked after until it is at the gate, and re-dated when Purchasing says that it will be late."""

from datetime import date
from decimal import Decimal

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.pmc import HandoverDelivered, PurchaseFollowedUp, PurchaseRedated
from contracts.purchasing import DelayReported
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


async def test_a_failed_lot_is_wanted_again(pmc: Department) -> None:
    no = await bought(pmc)
    await pmc.hear(arrival(no, 8))

    await pmc.hear(inspection(no, 8, passed=True))
    assert (await one(pmc, "purchased-lines", LINE))["status"] == "arrived"
    await pmc.hear(inspection(no, 8, passed=False))

    line = await one(pmc, "purchased-lines", LINE)
    assert (line["status"], float(line["arrived"])) == ("open", 0)


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
