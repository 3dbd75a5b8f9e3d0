"""Stories of clauses that rest on something forbidden, stated by one person and borne out by the records."""

from __future__ import annotations

from typing import Any

from contracts import engineering, pmc, purchasing, quality, sales, warehouse
from contracts.event import Event
from tests.accountability.clauses.cases import BREACH, EXACTLY, EXCUSE, NO_BREACH, case
from tests.support.facts import STAFF, Outcome, Story, a_line, local
from tests.support.orders import an_order

SUCCESSOR = "E-099"
BUYER, MANAGER = STAFF["buyer"], STAFF["purchasing_manager"]


def complains_of_lateness(story: Story) -> None:
    story.at("2026-03-16 09:00").states(
        sales.ComplaintReceived, order_no="SO-1", kind="lateness", received_at=story.now, channel="mail"
    )


def checks(story: Story, when: str) -> None:
    story.at(when).states(sales.ShipmentChecked, by=STAFF["merchandiser"], order_no="SO-1")


def waits_for_the_customer(told: Outcome) -> None:
    assert told.record("MER-03").complaints == ("C-1",)
    assert told.record("MER-03").held_for


@case("MER-03", BREACH, person=STAFF["merchandiser"], also=waits_for_the_customer)
def nobody_looked_after_the_finished_goods(story: Story) -> None:
    an_order(story, delivery_date="2026-03-06", takes={"ship": 40})
    complains_of_lateness(story)


@case("MER-03", NO_BREACH)
def the_merchandiser_looked_after_them(story: Story) -> None:
    an_order(story, delivery_date="2026-03-06", takes={"ship": 40})
    checks(story, "2026-03-05 15:00")
    complains_of_lateness(story)


@case("MER-03", NO_BREACH)
def they_were_finished_after_they_should_have_left(story: Story) -> None:
    an_order(story, delivery_date="2026-03-06", takes={"operation": 20})
    complains_of_lateness(story)


@case("MER-03", EXACTLY)
def the_merchandiser_looked_at_the_last_moment(story: Story) -> None:
    an_order(story, delivery_date="2026-03-06", takes={"ship": 40})
    checks(story, "2026-03-06 17:00")
    complains_of_lateness(story)


@case("MER-03", EXCUSE)
def the_customer_had_postponed(story: Story) -> None:
    an_order(story, delivery_date="2026-03-06", takes={"ship": 40})
    story.at("2026-03-06 09:00").states(sales.DeliveryPostponed, order_no="SO-1", delivery_date="2026-03-20")
    complains_of_lateness(story)


def is_made_in_lots(story: Story, *booked: str, lines: int = 1) -> None:
    """Each line wants as many as there are bookings, is to leave on the sixth, and leaves later."""
    ordered = [a_line(line_no=no, delivery_date="2026-03-06", quantity=str(len(booked))) for no in range(1, lines + 1)]
    people = {"salesperson": STAFF["salesperson"], "merchandiser": STAFF["merchandiser"]}
    story.at("2026-03-03 09:00").states(sales.OrderConfirmed, order_no="SO-1", lines=ordered, **people)
    for line_no in range(1, lines + 1):
        for when in booked:
            story.at(when).states(warehouse.FinishedGoodsReceived, order_no="SO-1", line_no=line_no)
        said: dict[str, Any] = {"order_no": "SO-1", "line_no": line_no, "quantity": str(len(booked))}
        story.at("2026-03-10 09:00").states(warehouse.GoodsShipped, **said)


@case("MER-03", BREACH, person=STAFF["merchandiser"])
def every_lot_was_there_in_time_and_nobody_looked(story: Story) -> None:
    is_made_in_lots(story, "2026-03-04 09:00", "2026-03-06 11:00")
    checks(story, "2026-03-03 15:00")
    complains_of_lateness(story)


@case("MER-03", NO_BREACH)
def the_merchandiser_looked_when_the_first_lot_was_there(story: Story) -> None:
    is_made_in_lots(story, "2026-03-04 09:00", "2026-03-06 11:00")
    checks(story, "2026-03-04 15:00")
    complains_of_lateness(story)


@case("MER-03", NO_BREACH)
def the_last_lot_came_after_they_should_have_left(story: Story) -> None:
    is_made_in_lots(story, "2026-03-04 09:00", "2026-03-09 11:00")
    complains_of_lateness(story)


@case("MER-03", EXACTLY)
def the_last_lot_came_at_the_last_moment(story: Story) -> None:
    is_made_in_lots(story, "2026-03-04 09:00", "2026-03-06 17:00")
    complains_of_lateness(story)


@case("MER-03", EXACTLY)
def the_merchandiser_looked_as_the_first_lot_came(story: Story) -> None:
    is_made_in_lots(story, "2026-03-04 09:00", "2026-03-06 11:00")
    checks(story, "2026-03-04 09:00")
    complains_of_lateness(story)


@case("MER-03", EXCUSE)
def the_customer_wanted_more_only_when_it_was_too_late(story: Story) -> None:
    is_made_in_lots(story, "2026-03-04 09:00")
    story.at("2026-03-05 09:00").states(warehouse.GoodsShipped, order_no="SO-1", line_no=1, quantity="1")
    more = [a_line(delivery_date="2026-03-06", quantity="3")]
    story.at("2026-03-09 09:00").states(sales.OrderAmended, order_no="SO-1", lines=more)
    complains_of_lateness(story)


def is_about_the_line_nobody_looked_at(told: Outcome) -> None:
    (breach,) = told.record("MER-03").breaches
    assert breach.at == local("2026-03-06 17:00")


@case("MER-03", BREACH, person=STAFF["merchandiser"], also=is_about_the_line_nobody_looked_at)
def the_merchandiser_looked_after_the_first_line_alone(story: Story) -> None:
    is_made_in_lots(story, "2026-03-04 09:00", lines=2)
    story.at("2026-03-05 09:00").states(sales.DeliveryPostponed, order_no="SO-1", line_no=1, delivery_date="2026-03-09")
    checks(story, "2026-03-05 09:00")
    complains_of_lateness(story)


def is_down(story: Story, service: type[Event], since: str, until: str) -> None:
    story.at(until).states(service, started_at=local(since), ended_at=story.now)


@case("MER-03", EXCUSE)
def sales_was_down_from_the_receipt_until_the_goods_were_to_leave(story: Story) -> None:
    """Nobody could record a look; that it came up again at the last moment is no time to look."""
    is_made_in_lots(story, "2026-03-05 09:00")
    is_down(story, sales.ServiceUnavailable, "2026-03-05 09:00", "2026-03-06 17:00")
    complains_of_lateness(story)


@case("MER-03", EXCUSE)
def that_sales_was_down_is_told_after_the_record(story: Story) -> None:
    is_made_in_lots(story, "2026-03-06 09:00")
    complains_of_lateness(story)
    story.at("2026-03-17 09:00").states(
        sales.ServiceUnavailable, started_at=local("2026-03-06 08:30"), ended_at=local("2026-03-07 08:00")
    )


@case("MER-03", BREACH, person=STAFF["merchandiser"])
def sales_came_up_again_before_the_goods_were_to_leave(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00")
    is_down(story, sales.ServiceUnavailable, "2026-03-05 09:00", "2026-03-06 15:00")
    complains_of_lateness(story)


@case("MER-03", BREACH, person=STAFF["merchandiser"])
def it_was_another_service_that_was_down(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00")
    is_down(story, warehouse.ServiceUnavailable, "2026-03-05 09:00", "2026-03-06 17:00")
    complains_of_lateness(story)


def is_blocked(story: Story, when: str, until: str | None = None) -> None:
    said: dict[str, Any] = {"order_no": "SO-1", "block_no": "BLK-1"}
    story.at(when).states(quality.ShipmentBlocked, by=STAFF["inspector"], **said)
    if until:
        story.at(until).states(quality.ShipmentUnblocked, by=STAFF["inspector"], **said)


@case("MER-03", EXCUSE)
def the_goods_were_blocked_when_they_were_to_leave(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00")
    is_blocked(story, "2026-03-06 09:00", "2026-03-09 09:00")
    complains_of_lateness(story)


@case("MER-03", EXCUSE)
def the_block_is_still_in_force(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00")
    is_blocked(story, "2026-03-05 15:00")
    complains_of_lateness(story)


def is_stopped(story: Story, line_no: int) -> None:
    story.at("2026-03-06 09:00").states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1", line_no=line_no)


@case("MER-03", EXCUSE)
def engineering_had_stopped_the_work(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00")
    is_stopped(story, line_no=1)
    complains_of_lateness(story)


@case("MER-03", BREACH, person=STAFF["merchandiser"])
def the_block_was_lifted_before_the_goods_were_to_leave(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00")
    is_blocked(story, "2026-03-05 09:00", "2026-03-06 16:00")
    complains_of_lateness(story)


def hands_over(story: Story, when: str, *successors: str) -> None:
    story.at(when).relieves(STAFF["merchandiser"], "merchandiser")
    for successor in successors:
        story.appoints(successor, "merchandiser")


@case("MER-03", BREACH, person=SUCCESSOR)
def another_merchandiser_had_taken_the_order_over_and_did_not_look(story: Story) -> None:
    hands_over(story, "2026-03-04 09:00", SUCCESSOR)
    is_made_in_lots(story, "2026-03-05 09:00")
    complains_of_lateness(story)


@case("MER-03", EXACTLY, person=STAFF["merchandiser"])
def the_merchandiser_handed_over_after_the_goods_were_to_leave(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00")
    hands_over(story, "2026-03-09 09:00", SUCCESSOR)
    complains_of_lateness(story)


@case("MER-03", BREACH, person=STAFF["merchandiser"])
def it_was_another_line_that_was_stopped(story: Story) -> None:
    is_made_in_lots(story, "2026-03-05 09:00", lines=2)
    is_stopped(story, line_no=2)
    complains_of_lateness(story)


@case("MER-03", EXCUSE)
def sales_was_down_and_then_the_goods_were_blocked_until_they_were_to_leave(story: Story) -> None:
    """One after the other and over each other: what neither left over is nothing."""
    is_made_in_lots(story, "2026-03-05 09:00")
    is_blocked(story, "2026-03-05 16:00", "2026-03-06 17:00")
    is_down(story, sales.ServiceUnavailable, "2026-03-05 08:00", "2026-03-05 16:30")
    complains_of_lateness(story)


REPORT: dict[str, Any] = {
    "order_no": "SO-1",
    "package_no": "PKG-1",
    "line_no": 1,
    "report_no": "MDR-1",
    "document": "wiring_diagram",
}


def releases(story: Story, when: str, *, revision: int, documents: tuple[str, ...]) -> None:
    said: dict[str, Any] = {"package_no": "PKG-1", "revision": revision, "documents": documents}
    story.at(when).states(engineering.PackageReleased, by=STAFF["engineer"], order_no="SO-1", **said)


def is_missed(story: Story, *, confirmed: bool = True, by: str = STAFF["engineering_manager"]) -> None:
    story.at("2026-03-05 09:00").states(pmc.MissingDocumentReported, by=STAFF["planner"], **REPORT)
    story.at("2026-03-05 10:00").states(engineering.MissingDocumentDecided, by=by, confirmed=confirmed, **REPORT)


@case("ENG-01", BREACH, person=STAFF["engineer"])
def the_wiring_diagram_was_not_in_the_package(story: Story) -> None:
    releases(story, "2026-03-04 09:00", revision=1, documents=("bom",))
    is_missed(story)


@case("ENG-01", NO_BREACH)
def it_was_not_confirmed(story: Story) -> None:
    releases(story, "2026-03-04 09:00", revision=1, documents=("bom",))
    is_missed(story, confirmed=False)


@case("ENG-01", NO_BREACH)
def it_was_in_the_package_after_all(story: Story) -> None:
    releases(story, "2026-03-04 09:00", revision=1, documents=("bom", "wiring_diagram"))
    is_missed(story)


@case("ENG-01", NO_BREACH)
def the_engineers_own_word_is_not_enough(story: Story) -> None:
    releases(story, "2026-03-04 09:00", revision=1, documents=("bom",))
    is_missed(story, by=STAFF["engineer"])


@case("ENG-01", EXACTLY)
def the_second_revision_came_with_the_report(story: Story) -> None:
    releases(story, "2026-03-04 09:00", revision=1, documents=("bom",))
    releases(story, "2026-03-05 09:00", revision=2, documents=("bom", "wiring_diagram"))
    is_missed(story)


@case("ENG-01", EXCUSE)
def the_second_revision_had_brought_it_before(story: Story) -> None:
    releases(story, "2026-03-04 09:00", revision=1, documents=("bom",))
    releases(story, "2026-03-04 15:00", revision=2, documents=("bom", "wiring_diagram"))
    is_missed(story)


def taken_back(clause: str, why: str):
    def look(told: Outcome) -> None:
        assert [(gone.clause, gone.because_en.partition(" (")[0]) for gone in told.withdrawn] == [(clause, why)]

    return look


@case("ENG-01", EXCUSE, also=taken_back("ENG-01", "the missing document was decided anew"))
def it_was_confirmed_by_mistake(story: Story) -> None:
    releases(story, "2026-03-04 09:00", revision=1, documents=("bom",))
    is_missed(story)
    story.at("2026-03-06 09:00").states(
        engineering.MissingDocumentDecided, by=STAFF["engineering_manager"], confirmed=False, **REPORT
    )


def orders(story: Story, when: str, **said: Any) -> None:
    known = {"purchase_order_no": "PO-1", "request_no": "PRQ-1", "supplier_code": "SUP-1"}
    story.at(when).states(purchasing.PurchaseOrderIssued, by=BUYER, order_no="SO-1", **(known | said))


def arrives(story: Story, when: str, *, supplier: str = "SUP-1", order: str | None = "PO-1") -> None:
    said: dict[str, Any] = {
        "arrival_no": "ARV-1",
        "supplier_code": supplier,
        "purchase_order_no": order,
        "quarantine": order is None,
    }
    story.at(when).states(warehouse.GoodsArrived, by=STAFF["storekeeper"], order_no="SO-1" if order else None, **said)


def is_confirmed(
    story: Story,
    breach: str,
    *,
    by: str = MANAGER,
    order: str | None = "PO-1",
    when: str = "2026-03-12 09:00",
    whom: str = BUYER,
) -> None:
    said = {
        "breach": breach,
        "arrival_no": "ARV-1",
        "purchase_order_no": order,
        "ordered_by": whom,
        "breach_no": "BRC-1",
    }
    story.at(when).states(purchasing.PurchaseBreachConfirmed, by=by, order_no="SO-1" if order else None, **said)


QUOTES = [{"supplier_code": f"SUP-{number}", "amount": "10", "lead_time_days": 5} for number in (1, 2, 3)]


@case("PUR-03", BREACH, person=BUYER)
def goods_came_that_nobody_had_ordered(story: Story) -> None:
    arrives(story, "2026-03-11 09:00", order=None)
    is_confirmed(story, "no_approved_order", order=None)


@case("PUR-03", BREACH, person=BUYER)
def two_quotes_and_no_exemption(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES[:2])
    is_confirmed(story, "quotes_missing")


@case("PUR-03", NO_BREACH)
def there_was_an_order_after_all(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    arrives(story, "2026-03-11 09:00")
    is_confirmed(story, "no_approved_order")


@case("PUR-03", NO_BREACH)
def there_were_three_quotes_after_all(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    is_confirmed(story, "quotes_missing")


@case("PUR-03", NO_BREACH)
def the_buyer_confirmed_it_alone(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES[:2])
    is_confirmed(story, "quotes_missing", by=BUYER)


@case("PUR-03", EXACTLY)
def ordered_at_the_moment_of_arrival(story: Story) -> None:
    orders(story, "2026-03-11 09:00", quotes=QUOTES)
    arrives(story, "2026-03-11 09:00")
    is_confirmed(story, "no_approved_order")


@case("PUR-03", EXCUSE)
def an_exemption_from_three_quotes_was_recorded(story: Story) -> None:
    story.at("2026-03-04 08:30").states(purchasing.QuoteExempted, by=MANAGER, order_no="SO-1", request_no="PRQ-1")
    orders(story, "2026-03-04 09:00", quotes=QUOTES[:1])
    is_confirmed(story, "quotes_missing")


def is_taken_back(story: Story, order_no: str | None = "SO-1") -> None:
    story.at("2026-03-13 09:00").states(
        purchasing.PurchaseBreachDismissed, by=MANAGER, order_no=order_no, breach_no="BRC-1", arrival_no="ARV-1"
    )


@case("PUR-03", EXCUSE, also=taken_back("PUR-03", "the confirmed breach was taken back"))
def of_no_order_it_was_confirmed_by_mistake(story: Story) -> None:
    arrives(story, "2026-03-11 09:00", order=None)
    is_confirmed(story, "no_approved_order", order=None)
    is_taken_back(story, None)


@case("PUR-03", BREACH, person=STAFF["planner"], also=taken_back("PUR-03", "the confirmed breach was corrected"))
def the_wrong_person_was_confirmed_first(story: Story) -> None:
    arrives(story, "2026-03-11 09:00", order=None)
    is_confirmed(story, "no_approved_order", order=None)
    is_confirmed(story, "no_approved_order", order=None, when="2026-03-13 09:00", whom=STAFF["planner"])


@case("PUR-04", EXCUSE, also=taken_back("PUR-04", "the confirmed breach was taken back"))
def another_suppliers_delivery_was_confirmed_by_mistake(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    arrives(story, "2026-03-11 09:00", supplier="SUP-2")
    is_confirmed(story, "supplier_changed")
    is_taken_back(story)


def changes_supplier(story: Story, when: str) -> None:
    said = {"purchase_order_no": "PO-1", "from_supplier": "SUP-1", "to_supplier": "SUP-2"}
    story.at(when).states(purchasing.SupplierChangeApproved, by=MANAGER, order_no="SO-1", **said)


@case("PUR-04", BREACH, person=BUYER)
def another_supplier_delivered(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    arrives(story, "2026-03-11 09:00", supplier="SUP-2")
    is_confirmed(story, "supplier_changed")


@case("PUR-04", BREACH, person=BUYER)
def the_change_was_approved_only_afterwards(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    arrives(story, "2026-03-11 09:00", supplier="SUP-2")
    changes_supplier(story, "2026-03-11 10:00")
    is_confirmed(story, "supplier_changed")


@case("PUR-04", NO_BREACH)
def the_ordered_supplier_delivered(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    arrives(story, "2026-03-11 09:00")
    is_confirmed(story, "supplier_changed")


@case("PUR-04", EXACTLY)
def the_change_was_approved_at_the_moment_of_arrival(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    changes_supplier(story, "2026-03-11 09:00")
    arrives(story, "2026-03-11 09:00", supplier="SUP-2")
    is_confirmed(story, "supplier_changed")


@case("PUR-04", EXCUSE)
def the_change_had_been_approved(story: Story) -> None:
    orders(story, "2026-03-04 09:00", quotes=QUOTES)
    changes_supplier(story, "2026-03-06 09:00")
    arrives(story, "2026-03-11 09:00", supplier="SUP-2")
    is_confirmed(story, "supplier_changed")


STOREKEEPER = STAFF["storekeeper"]


def is_received(story: Story, when: str, *, override: str | None = STOREKEEPER) -> None:
    said = {"lot": "LOT-1", "inspection_no": None, "override_by": override}
    story.at(when).states(warehouse.GoodsReceived, by=STOREKEEPER, order_no="SO-1", **said)


def is_found_uninspected(story: Story, *, by: str = STAFF["inspector"]) -> None:
    said = {"case_no": "UIC-1", "lot": "LOT-1", "bypassed_by": STOREKEEPER, "order_no": "SO-1"}
    story.at("2026-03-12 09:00").states(quality.UninspectedUseConfirmed, by=by, **said)


def is_inspected(story: Story, when: str) -> None:
    story.at(when).states(quality.IncomingInspected, by=STAFF["inspector"], order_no="SO-1", lot="LOT-1", passed=True)


@case("QUA-04", EXCUSE, also=taken_back("QUA-04", "the confirmed use was taken back"))
def the_lot_was_confirmed_by_mistake(story: Story) -> None:
    is_received(story, "2026-03-11 09:00")
    is_found_uninspected(story)
    story.at("2026-03-13 09:00").states(
        quality.UninspectedUseWithdrawn, by=STAFF["inspector"], order_no="SO-1", case_no="UIC-1", lot="LOT-1"
    )


@case("QUA-04", BREACH, person=STOREKEEPER)
def received_without_an_inspection(story: Story) -> None:
    is_received(story, "2026-03-11 09:00")
    is_found_uninspected(story)


@case("QUA-04", BREACH, person=STOREKEEPER)
def inspected_only_after_it_was_received(story: Story) -> None:
    is_received(story, "2026-03-11 09:00")
    is_inspected(story, "2026-03-11 10:00")
    is_found_uninspected(story)


@case("QUA-04", BREACH, person=STOREKEEPER)
def inspected_between_two_receipts(story: Story) -> None:
    is_received(story, "2026-03-11 09:00")
    is_inspected(story, "2026-03-11 10:00")
    is_received(story, "2026-03-11 11:00")
    is_found_uninspected(story)


@case("QUA-04", NO_BREACH)
def inspected_before_it_was_received(story: Story) -> None:
    is_inspected(story, "2026-03-10 09:00")
    is_received(story, "2026-03-11 09:00")
    is_found_uninspected(story)


@case("QUA-04", EXACTLY)
def inspected_at_the_moment_it_was_received(story: Story) -> None:
    is_inspected(story, "2026-03-11 09:00")
    is_received(story, "2026-03-11 09:00")
    is_found_uninspected(story)


@case("QUA-04", EXCUSE)
def quality_had_conceded_its_use(story: Story) -> None:
    said = {"lot": "LOT-1", "disposition": "concession", "order_no": "SO-1"}
    story.at("2026-03-10 09:00").states(quality.DispositionDecided, by=STAFF["inspector"], **said)
    is_received(story, "2026-03-11 09:00")
    is_found_uninspected(story)


def wastes(story: Story, quantity: str, *, allowance: str = "2") -> None:
    waste = [{"item_code": "CU-BAR", "quantity": quantity, "allowance": allowance, "unit_cost": "85.50"}]
    said: dict[str, Any] = {"waste": waste, "production_order_no": "MO-1", "op_no": 10}
    leader = STAFF["team_leader"]
    story.at("2026-03-05 09:00").states(pmc.OperationFinished, by=leader, order_no="SO-1", team_leader=leader, **said)


def a_fifth_of_the_excess(told: Outcome) -> None:
    compensation = told.record("TML-03").compensation
    assert compensation is not None
    assert str(compensation.amount) == "51.30"  # 3 beyond the allowance at 85.50, 20 %
    assert str(compensation.recorded_loss) == "256.50"
    assert told.record("TML-03").sanction is None


@case("TML-03", BREACH, person=STAFF["team_leader"], also=a_fifth_of_the_excess)
def five_bars_spoiled_where_two_are_allowed(story: Story) -> None:
    wastes(story, "5")


@case("TML-03", NO_BREACH)
def one_bar_spoiled_where_two_are_allowed(story: Story) -> None:
    wastes(story, "1")


@case("TML-03", EXACTLY)
def as_much_spoiled_as_is_allowed(story: Story) -> None:
    wastes(story, "2.000000")


@case("TML-03", EXCUSE)
def the_budget_allowed_more_for_this_order(story: Story) -> None:
    wastes(story, "5", allowance="6")


def is_counted(story: Story, counted: str, *, booked: str = "200", by: str = "planner", opening: bool = False) -> None:
    said = {"count_no": "STK-1", "booked": booked, "counted": counted, "opening": opening}
    story.at("2026-03-31 15:00").states(warehouse.StockCounted, by=STAFF[by], as_post=by, order_no=None, **said)


@case("WHS-02", BREACH, person=STAFF["storekeeper"])
def the_planner_found_ten_fewer_than_booked(story: Story) -> None:
    is_counted(story, "190")


@case("WHS-02", BREACH, person=STAFF["storekeeper"])
def the_planner_found_three_more_than_booked(story: Story) -> None:
    is_counted(story, "203")


@case("WHS-02", NO_BREACH)
def the_books_and_the_shelf_agree(story: Story) -> None:
    is_counted(story, "200")


@case("WHS-02", EXACTLY)
def as_many_are_missing_as_the_tolerance_allows(story: Story) -> None:
    is_counted(story, "198.000000")


@case("WHS-02", EXCUSE)
def there_were_no_books_yet(story: Story) -> None:
    is_counted(story, "190", booked="0", opening=True)


def is_audited(story: Story, score: str, *, no: str = "FSA-1", corrects: str | None = None) -> None:
    said = {"audit_no": no, "score": score, "team_leader": STAFF["team_leader"], "corrects": corrects}
    story.at("2026-03-05 15:00").states(pmc.FiveSAudited, by=STAFF["workshop_director"], order_no=None, **said)


@case("TML-05", BREACH, person=STAFF["team_leader"])
def the_team_s_workplace_failed_its_audit(story: Story) -> None:
    is_audited(story, "79.5")


@case("TML-05", NO_BREACH)
def the_team_s_workplace_passed(story: Story) -> None:
    is_audited(story, "92")


@case("TML-05", EXACTLY)
def the_score_was_just_the_pass_mark(story: Story) -> None:
    is_audited(story, "80.00")


@case("TML-05", EXCUSE)
def the_auditor_corrected_the_score(story: Story) -> None:
    is_audited(story, "70")
    is_audited(story, "88", no="FSA-2", corrects="FSA-1")


WORKER = "E-055"


def is_trained(story: Story, when: str) -> None:
    story.at(when).states(pmc.TrainingRecorded, by=STAFF["workshop_director"], order_no=None, worker=WORKER)


def works_untrained(story: Story, *untrained: str) -> None:
    leader = STAFF["team_leader"]
    said: dict[str, Any] = {"workers": [WORKER], "untrained": untrained, "production_order_no": "MO-1", "op_no": 10}
    story.at("2026-03-05 15:00").states(pmc.OperationFinished, by=leader, order_no="SO-1", team_leader=leader, **said)


@case("PRD-05", BREACH, person=STAFF["workshop_director"])
def somebody_new_worked_without_training(story: Story) -> None:
    works_untrained(story, WORKER)


@case("PRD-05", BREACH, person=STAFF["workshop_director"])
def the_training_was_written_down_afterwards(story: Story) -> None:
    works_untrained(story, WORKER)
    is_trained(story, "2026-03-05 15:30")


def is_withdrawn(story: Story, when: str) -> None:
    said: dict[str, Any] = {"training_no": "training_no", "worker": WORKER, "order_no": None}
    story.at(when).states(pmc.TrainingWithdrawn, by=STAFF["workshop_director"], **said)


@case("PRD-05", BREACH, person=STAFF["workshop_director"])
def the_training_had_been_withdrawn_by_then(story: Story) -> None:
    is_trained(story, "2026-02-02 09:00")
    is_withdrawn(story, "2026-02-03 09:00")
    works_untrained(story, WORKER)


@case("PRD-05", NO_BREACH)
def another_training_stands_when_one_is_withdrawn(story: Story) -> None:
    is_trained(story, "2026-02-02 09:00")
    story.at("2026-02-03 09:00").states(
        pmc.TrainingRecorded, by=STAFF["workshop_director"], order_no=None, worker=WORKER, training_no="TRN-2"
    )
    is_withdrawn(story, "2026-02-04 09:00")
    works_untrained(story, WORKER)


@case("PRD-05", EXACTLY)
def the_training_was_withdrawn_at_that_very_moment(story: Story) -> None:
    is_trained(story, "2026-02-02 09:00")
    is_withdrawn(story, "2026-03-05 15:00")
    works_untrained(story, WORKER)


@case("PRD-05", NO_BREACH)
def everybody_on_the_report_was_trained(story: Story) -> None:
    is_trained(story, "2026-02-02 09:00")
    works_untrained(story)


@case("PRD-05", EXACTLY)
def the_training_was_recorded_at_that_very_moment(story: Story) -> None:
    is_trained(story, "2026-03-05 15:00")
    works_untrained(story, WORKER)


@case("PRD-05", EXCUSE)
def an_earlier_training_speaks_for_them_after_all(story: Story) -> None:
    is_trained(story, "2026-02-02 09:00")
    works_untrained(story, WORKER)
