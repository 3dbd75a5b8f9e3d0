"""What arrives is counted, what fails is owed again, and what came past the rules becomes a case."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from chassis.waiting import WaitFor
from contracts import links
from contracts.accountability import EmployeeRegistered
from contracts.purchasing import HandoverDelivered, PurchaseBreach, PurchaseBreachConfirmed, PurchaseBreachDismissed
from contracts.warehouse import GoodsReceived
from services.purchasing.breaches import breaches_of
from services.purchasing.models import PurchaseOrder
from tests.purchasing.conftest import (
    ARRIVAL,
    BOSS,
    BUYER,
    COLLEAGUE,
    KEEPER,
    MANAGER,
    REQUIRED,
    arrival,
    cancellation,
    inspection,
    ordered,
    owes,
    shelf,
)
from tests.support.departments import Department, readers


def receipt(*, closes: bool) -> GoodsReceived:
    return GoodsReceived(
        order_no="SOD-1",
        receipt_no="GRN-1",
        arrival_no="ARV-1",
        lot="LOT-1",
        inspection_no="IQC-1",
        item_code="QF-630",
        unit="台",
        quantity=4,
        requirement_no="MRL-1",
        requirement_line_no=1,
        received_by=KEEPER,
        closes=(links.receipt("LOT-1"), ARRIVAL) if closes else (links.receipt("LOT-1"),),
    )


async def status_of(purchasing: Department) -> str:
    (order,) = await shelf(purchasing, "purchase-orders")
    return str(order["status"])


async def test_goods_that_make_the_line_whole_end_the_buyers_duty(purchasing: Department) -> None:
    no = await ordered(purchasing)

    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))

    assert await status_of(purchasing) == "arrived"
    assert str(ARRIVAL) not in await owes(purchasing)
    assert await shelf(purchasing, "breaches") == []


async def test_a_part_of_the_line_leaves_the_rest_owed(purchasing: Department) -> None:
    no = await ordered(purchasing)

    await purchasing.hear(arrival(no, 3))

    assert await status_of(purchasing) == "issued"
    assert str(ARRIVAL) in await owes(purchasing)


async def test_a_failed_lot_is_owed_again_by_who_ordered_it(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))

    await purchasing.hear(inspection(no, passed=False))

    again = (await purchasing.facts(HandoverDelivered.name))[-1]
    assert isinstance(again, HandoverDelivered)
    assert (again.duty, again.attempt, again.assignee) == (ARRIVAL, 2, BUYER)
    assert again.inputs == (links.iqc("LOT-1"),)
    assert (again.terms.required_on, again.terms.lead_time_days) == (REQUIRED, 4)
    assert await status_of(purchasing) == "issued"
    assert str(ARRIVAL) in await owes(purchasing)


async def test_the_same_lot_failing_twice_is_owed_once(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))

    await purchasing.hear(inspection(no, passed=False))
    await purchasing.hear(inspection(no, passed=False))
    await purchasing.hear(arrival(no, lot="LOT-2", closes=(ARRIVAL,), arrival_no="ARV-2"))

    assert await status_of(purchasing) == "arrived"


async def test_a_passed_lot_changes_nothing(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))

    await purchasing.hear(inspection(no, passed=True))

    assert str(ARRIVAL) not in await owes(purchasing)


async def test_an_inspection_that_overtakes_the_arrival_waits_for_it(purchasing: Department) -> None:
    no = await ordered(purchasing)

    with pytest.raises(WaitFor) as waiting:
        await purchasing.hear(inspection(no, passed=False))

    assert waiting.value.thing == ("arrival", "LOT-1")


async def test_a_lot_that_fails_while_its_order_is_cancelled_is_owed_by_nobody(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))

    await purchasing.meet("duties", purchasing.hear(cancellation()), purchasing.hear(inspection(no, passed=False)))

    assert await owes(purchasing) == {}


async def test_a_failed_lot_of_a_cancelled_order_is_owed_by_nobody(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))
    await purchasing.hear(cancellation())

    await purchasing.hear(inspection(no, passed=False))

    assert await owes(purchasing) == {}


async def test_a_failed_lot_that_was_taken_after_all_is_here_again(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))
    with pytest.raises(WaitFor):
        await purchasing.hear(receipt(closes=True))
    await purchasing.hear(inspection(no, passed=False))

    await purchasing.hear(receipt(closes=True))

    assert await status_of(purchasing) == "arrived"
    assert str(ARRIVAL) not in await owes(purchasing)


async def test_nothing_is_owed_for_a_line_that_is_whole_without_the_lot_that_failed(purchasing: Department) -> None:
    """A first lot fails, another one comes in its place; the first is taken by concession, and then the other one fails."""
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))
    await purchasing.hear(inspection(no, passed=False))
    await purchasing.hear(arrival(no, lot="LOT-2", arrival_no="ARV-2", closes=(ARRIVAL,)))
    await purchasing.hear(receipt(closes=False))

    await purchasing.hear(inspection(no, passed=False, lot="LOT-2"))

    assert str(ARRIVAL) not in await owes(purchasing)
    assert await status_of(purchasing) == "arrived"
    assert len([fact for fact in await purchasing.facts(HandoverDelivered.name) if fact.duty == ARRIVAL]) == 2  # type: ignore[attr-defined]


async def test_a_receipt_from_before_the_failure_that_is_heard_after_it_brings_nothing(purchasing: Department) -> None:
    """Somebody took the lot past its inspection; then it failed."""
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))
    await purchasing.hear(inspection(no, passed=False))

    await purchasing.hear(receipt(closes=False), said_at=purchasing.now - timedelta(hours=1))

    assert await status_of(purchasing) == "issued"
    assert str(ARRIVAL) in await owes(purchasing)


async def test_an_ordinary_receipt_is_none_of_purchasings_business(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, 3))

    await purchasing.hear(receipt(closes=False))

    assert await status_of(purchasing) == "issued"


async def test_goods_that_nobody_ordered_become_a_case(purchasing: Department) -> None:
    await purchasing.hear(arrival(None, supplier_code="S-09"))

    (case,) = await shelf(purchasing, "breaches")
    assert (case["breach"], case["supplier_code"], case["status"]) == ("no_approved_order", "S-09", "open")


async def test_goods_from_another_supplier_become_a_case_unless_the_change_was_approved(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, 2, supplier_code="S-02"))
    await purchasing.do(MANAGER, "approve_supplier_change", no, supplier_code="S-03", reason="断货")
    await purchasing.hear(arrival(no, 2, supplier_code="S-03", lot="LOT-2", arrival_no="ARV-2"))

    (case,) = await shelf(purchasing, "breaches")
    assert (case["breach"], case["supplier_code"], case["arrival_no"]) == ("supplier_changed", "S-02", "ARV-1")


def test_an_order_without_its_quotes_is_a_case_unless_it_was_exempted() -> None:
    order = PurchaseOrder(no="PO-1", supplier_code="S-01", other_suppliers=[], quotes=(), exemption="")
    assert breaches_of(arrival("PO-1"), order) == [PurchaseBreach.QUOTES_MISSING]

    order.exemption = "只有一家能做"
    assert breaches_of(arrival("PO-1"), order) == []


async def test_the_manager_confirms_by_name_who_ordered(purchasing: Department) -> None:
    await purchasing.hear(arrival(None, supplier_code="S-09"))
    (case,) = await shelf(purchasing, "breaches")
    assert await purchasing.refused(BUYER, "confirm_breach", case["no"], ordered_by=COLLEAGUE) == "post_not_held"
    assert await purchasing.refused(MANAGER, "confirm_breach", case["no"], ordered_by="E-999") == "unknown_employee"

    await purchasing.do(MANAGER, "confirm_breach", case["no"], ordered_by=BUYER, reason="供应商有短信为证")

    (fact,) = await purchasing.facts(PurchaseBreachConfirmed.name)
    assert isinstance(fact, PurchaseBreachConfirmed)
    assert (fact.breach, fact.arrival_no, fact.ordered_by, fact.confirmed_by) == (
        PurchaseBreach.NO_APPROVED_ORDER,
        "ARV-1",
        BUYER,
        MANAGER,
    )
    assert await purchasing.refused(MANAGER, "confirm_breach", case["no"], ordered_by=BUYER) == "confirmed_already"


async def test_a_confirmation_made_by_mistake_names_another_or_is_taken_back(purchasing: Department) -> None:
    await purchasing.hear(arrival(None))
    no = (await shelf(purchasing, "breaches"))[0]["no"]
    await purchasing.do(BOSS, "confirm_breach", no, ordered_by=MANAGER)

    assert await purchasing.refused(BOSS, "confirm_breach", no, ordered_by=BUYER) == "confirmed_already"
    assert await purchasing.refused(MANAGER, "confirm_breach", no, ordered_by=BUYER, reason="不是我") == "own_case"
    assert await purchasing.refused(MANAGER, "dismiss_breach", no, reason="不是我") == "own_case"
    await purchasing.do(BOSS, "confirm_breach", no, ordered_by=BUYER, reason="短信是采购员发的")
    await purchasing.do(MANAGER, "dismiss_breach", no, reason="供应商送错地址")

    said = await purchasing.facts(PurchaseBreachConfirmed.name)
    assert [(fact.breach_no, fact.ordered_by) for fact in said] == [(no, MANAGER), (no, BUYER)]  # type: ignore[attr-defined]
    (taken_back,) = await purchasing.facts(PurchaseBreachDismissed.name)
    assert taken_back.breach_no == no  # type: ignore[attr-defined]
    assert await purchasing.refused(BOSS, "confirm_breach", no, ordered_by=BUYER) == "wrong_status"


async def test_nobody_confirms_their_own_case_and_the_general_manager_does_it_then(purchasing: Department) -> None:
    await purchasing.hear(arrival(None))
    (case,) = await shelf(purchasing, "breaches")

    assert await purchasing.refused(MANAGER, "confirm_breach", case["no"], ordered_by=MANAGER) == "own_case"
    assert (await purchasing.do(BOSS, "confirm_breach", case["no"], ordered_by=MANAGER))["confirmed_by"] == BOSS


async def test_colleagues_do_not_read_who_bought_past_the_rules(purchasing: Department) -> None:
    """Whom it names, their manager and HR do, whatever their department; and whoever decides."""
    await purchasing.employ(workshop_director="E-023", pmc_manager="E-022", sales_manager="E-091", hr="E-070")
    await purchasing.hear(EmployeeRegistered(employee="E-023", nickname="老周", department="pmc"))
    await purchasing.hear(arrival(None))
    no = (await shelf(purchasing, "breaches"))[0]["no"]
    await purchasing.do(MANAGER, "confirm_breach", no, ordered_by="E-023", reason="主任自己打的电话")
    allowed, refused = ("E-023", "E-022", "E-070", MANAGER, BOSS), (BUYER, COLLEAGUE, "E-091")

    assert await readers(purchasing, f"breaches/{no}", *allowed, *refused) == [*allowed]


async def test_the_database_too_keeps_people_out_of_their_own_case(purchasing: Department) -> None:
    await purchasing.hear(arrival(None))

    with pytest.raises(IntegrityError, match="nobody_in_their_own_case"):
        async with purchasing.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE breach_cases SET ordered_by = 'E-041', confirmed_by = 'E-041'")


async def test_a_suppliers_own_mistake_closes_the_case_with_its_reason(purchasing: Department) -> None:
    await purchasing.hear(arrival(None))
    (case,) = await shelf(purchasing, "breaches")

    document = await purchasing.do(MANAGER, "dismiss_breach", case["no"], reason="供应商送错地址")

    assert (document["status"], document["ordered_by"]) == ("dismissed", None)
    (fact,) = await purchasing.facts(PurchaseBreachDismissed.name)
    assert isinstance(fact, PurchaseBreachDismissed)
    assert (fact.breach_no, fact.reason) == (case["no"], "供应商送错地址")
    assert await purchasing.facts(PurchaseBreachConfirmed.name) == []
