"""Is the time that an approver took theirs, where a date was missed, and nobody else's on the way?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from contracts import links, pmc, purchasing, quality, sales, warehouse
from contracts.event import DutyRef
from services.accountability.judge.verdicts import Contribution, DutyStatus, FirstCause
from tests.accountability.test_fair_verdicts import confirmed, ship
from tests.accountability.test_removed_lines import amended
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story
from tests.support.orders import an_order

ORDERED, ARRIVAL = links.purchase_order("MRL-SO-1"), links.arrival("MRL-SO-1", 1)
APPROVAL, CHANGE = links.request_approval("PRQ-1"), links.supplier_change("PO-1")
CLOCKS = (ORDERED, ARRIVAL)
REQUEST: dict[str, Any] = {"order_no": "SO-1", "requirement_no": "MRL-SO-1", "request_no": "PRQ-1"}


def an_order_with_goods(story: Story, *, release: float = 0.5, arrives: float = 64, **more: Any) -> None:
    """It is to leave on Friday the 13th; the goods come after so many working hours."""
    an_order(story, **{"delivery_date": "2026-03-13", **more}, takes={"release": release, "arrival": arrives})


def asks(story: Story, when: str, inputs: tuple[DutyRef, ...] = CLOCKS) -> None:
    story.at(when).states(purchasing.RequestSubmitted, pauses=CLOCKS, **REQUEST)
    story.delivers(APPROVAL, "purchasing_manager", service="purchasing", inputs=inputs)


def approves(story: Story, when: str) -> None:
    manager = STAFF["purchasing_manager"]
    story.at(when).states(purchasing.RequestApproved, by=manager, resumes=CLOCKS, closes=[APPROVAL], **REQUEST)


def cause(told: Outcome) -> str | None:
    found = told.first_cause
    assert isinstance(found, FirstCause)
    return found.cause.duty if found.cause else None


def on_the_path(told: Outcome, duty: DutyRef) -> list[Contribution]:
    assert told.first_cause is not None
    return [step for step in told.first_cause.contributions if step.duty == str(duty)]


@pytest.mark.parametrize("inputs", [CLOCKS, (ORDERED,)], ids=["named", "as facts once were"])
def test_who_approved_late_is_the_cause_and_not_whoever_lost_an_hour_before(inputs: tuple[DutyRef, ...]):
    """The manager lets the request lie for a week; the release had been an hour and a half too long."""
    story = a_story()
    an_order_with_goods(story, release=5.5)
    asks(story, "2026-03-04 17:00", inputs)
    approves(story, "2026-03-12 09:00")

    told = story.judged()

    assert (cause(told), told.records) == (str(APPROVAL), {})
    assert told.duty(ARRIVAL).status is DutyStatus.IN_TIME
    path = [step.duty for step in told.first_cause.contributions] if told.first_cause else []
    assert path.index(str(APPROVAL)) == path.index(str(ARRIVAL)) - 1 == path.index("requirement:SO-1/1") + 1


def test_an_approval_in_time_is_on_the_path_and_costs_nothing():
    story = a_story()
    an_order_with_goods(story, release=5.5, arrives=24, delivery_date="2026-03-06")
    asks(story, "2026-03-05 09:00")
    approves(story, "2026-03-05 13:00")

    told = story.judged()

    assert [step.overrun for step in on_the_path(told, APPROVAL)] == [timedelta()]
    assert told.records["MER-01"] == STAFF["merchandiser"]


def test_an_approval_that_nobody_gives_is_the_cause_before_the_goods_leave():
    """The clock of the goods stands still, so nothing but the approval grows: the release of a day ago is passed by."""
    story = a_story()
    an_order_with_goods(story, release=40, never={"arrival"})
    asks(story, "2026-03-11 09:00")

    early, late = story.judged(until="2026-03-16 10:00"), story.judged(until="2026-03-20 17:00")

    assert early.duty(ARRIVAL).status is DutyStatus.PAUSED
    assert (cause(early), early.records) == ("release:SO-1", {"MER-01": STAFF["merchandiser"]})
    assert (cause(late), late.records) == (str(APPROVAL), {})
    assert [withdrawal.clause for withdrawal in late.withdrawn] == ["MER-01"]


def test_a_decision_that_the_goods_did_not_wait_for_costs_until_they_came():
    """Another supplier was asked for, the first one delivers all the same, and the manager decides a month later."""
    story = a_story()
    an_order_with_goods(story, release=20, arrives=32, delivery_date="2026-03-11")
    said: dict[str, Any] = {"order_no": "SO-1", "document_no": "PO-1", "requirement_no": "MRL-SO-1", "line_no": 1}
    story.at("2026-03-10 09:00").states(purchasing.SupplierChangeRequested, pauses=[ARRIVAL], **said)
    story.delivers(CHANGE, "purchasing_manager", service="purchasing", inputs=[ARRIVAL])

    told = story.judged()

    assert told.duty(CHANGE).status is DutyStatus.OVERRAN
    (step,) = on_the_path(told, CHANGE)
    assert timedelta(hours=8) < step.overrun < timedelta(hours=10)
    assert cause(told) == "release:SO-1"


def test_what_the_purchase_order_settles_beside_was_asked_of_the_manager_and_not_of_the_buyer():
    """An exemption that nobody decided ends with the order: the order itself ran on by it, and is no approval."""
    story, asked = a_story(), links.quote_exemption("PRQ-1")
    an_order_with_goods(story, never={"purchase_order"})
    story.at("2026-03-04 10:00").states(purchasing.ExemptionRequested, line_no=1, pauses=CLOCKS, **REQUEST)
    story.delivers(asked, "purchasing_manager", service="purchasing", inputs=CLOCKS)
    issued: dict[str, Any] = {"purchase_order_no": "PO-1", "lines": []}
    story.at("2026-03-06 10:00").states(
        purchasing.PurchaseOrderIssued, resumes=CLOCKS, closes=[ORDERED, asked], **REQUEST, **issued
    )

    told = story.judged()

    assert on_the_path(told, ORDERED) == []
    assert cause(told) == str(asked)


def test_goods_that_were_bought_again_waited_for_the_second_approval_only_the_second_time():
    """The first approval was late while the first goods were owed; those failed, and the manager is quick with the second."""
    story, lot, shipped = a_story(), links.iqc("LOT-1"), links.ship("SHN-1")
    goods: dict[str, Any] = {"order_no": "SO-1", "closes": [ARRIVAL]}
    story.at("2026-03-02 09:00").states(
        sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date="2026-03-13")]
    )
    owes: dict[str, Any] = {"service": "purchasing", "required_on": "2026-03-20", "lead_time_days": 1}
    story.delivers(ARRIVAL, "buyer", **owes)
    asks(story, "2026-03-03 09:00")
    approves(story, "2026-03-05 09:00")
    story.at("2026-03-09 09:00").states(warehouse.GoodsArrived, arrival_no="ARV-1", **goods)
    story.delivers(lot, "inspector", service="quality", inputs=[ARRIVAL])
    story.at("2026-03-09 10:00").states(quality.IncomingInspected, order_no="SO-1", passed=False, closes=[lot])
    story.delivers(ARRIVAL, "buyer", inputs=[lot], attempt=2, **owes)
    again = {**REQUEST, "request_no": "PRQ-2"}
    second = links.request_approval("PRQ-2")
    story.at("2026-03-10 09:00").states(purchasing.RequestSubmitted, pauses=CLOCKS, **again)
    story.delivers(second, "purchasing_manager", service="purchasing", inputs=CLOCKS)
    story.at("2026-03-10 10:00").states(purchasing.RequestApproved, resumes=CLOCKS, closes=[second], **again)
    story.at("2026-03-16 09:00").states(warehouse.GoodsArrived, arrival_no="ARV-2", **goods)
    story.delivers(shipped, "storekeeper", service="warehouse", inputs=[ARRIVAL])
    story.at("2026-03-16 10:00").states(
        warehouse.GoodsShipped, order_no="SO-1", notice_no="SHN-1", quantity="1", closes=[shipped]
    )

    told = story.judged()

    assert told.first_cause is not None
    assert [f"{step.duty}#{step.attempt}" for step in told.first_cause.contributions] == [
        f"{APPROVAL}#1",
        f"{ARRIVAL}#1",
        f"{lot}#1",
        f"{second}#1",
        f"{ARRIVAL}#2",
        f"{shipped}#1",
    ]
    assert cause(told) == str(APPROVAL)


ORDER, FIRST, SECOND = links.production_order("SO-1", 1), links.operation("MO-1", 10), links.operation("MO-1", 20)
MORE, ISSUED = links.requisition_approval("REQ-2"), links.issue("REQ-2")
DISPATCHES = {10: links.dispatch("MO-1", 10), 20: links.dispatch("MO-1", 20)}
REQUISITION: dict[str, Any] = {"order_no": "SO-1", "requisition_no": "REQ-2", "production_order_no": "MO-1"}


def two_operations(story: Story, dispatched: Mapping[str, int], asked: str, standard_hours: str) -> None:
    """The goods leave on the 9th, a working day late; the second operation waits for further material, asked for at `asked`.

    `dispatched`: when which operation was given out. The first one rests until the director has decided.
    """
    confirmed(story, a_line(delivery_date="2026-03-06"))
    told: dict[str, Any] = {"order_no": "SO-1", "production_order_no": "MO-1"}
    story.at("2026-03-02 10:00").delivers(ORDER, "planner")
    story.at("2026-03-02 11:00").states(pmc.ProductionOrderIssued, closes=[ORDER], **told)
    for dispatch in DISPATCHES.values():
        story.delivers(dispatch, "workshop_director", inputs=[ORDER])
    for when, number in dispatched.items():
        story.at(when).states(pmc.OperationDispatched, order_no="SO-1", closes=[DISPATCHES[number]])
        if number == 10:
            story.delivers(FIRST, "team_leader", inputs=[DISPATCHES[10]], standard_hours=standard_hours)
    story.at(asked).states(pmc.RequisitionSubmitted, pauses=[FIRST], **REQUISITION)
    story.delivers(MORE, "workshop_director", inputs=[ORDER, FIRST])
    story.at("2026-03-06 15:00").states(pmc.RequisitionApproved, closes=[MORE], resumes=[FIRST], **REQUISITION)
    story.delivers(ISSUED, "storekeeper", service="warehouse", inputs=[MORE])
    story.at("2026-03-06 15:30").states(pmc.OperationFinished, op_no=10, last=False, closes=[FIRST], **told)
    story.at("2026-03-06 16:30").states(warehouse.MaterialIssued, closes=[ISSUED], **REQUISITION)
    story.delivers(SECOND, "team_leader", inputs=[DISPATCHES[20], FIRST, ISSUED], standard_hours="8")
    story.at("2026-03-09 11:00").states(pmc.OperationFinished, op_no=20, last=True, closes=[SECOND], **told)
    ship(story, "SHN-1", "2026-03-09 12:00", inputs=[SECOND])


def test_an_approval_does_not_wait_for_what_rests_for_it():
    """The director let the further material lie for a day; the first operation, late beside it, was done before that came."""
    story = a_story()
    two_operations(story, {"2026-03-02 13:30": 10, "2026-03-02 13:31": 20}, "2026-03-04 16:00", "4")

    assert story.judged().records["PRD-01"] == STAFF["workshop_director"]


@pytest.mark.parametrize("given_up", [True, False])
def test_what_was_given_up_with_its_line_rests_nothing_when_the_line_is_back(given_up: bool):
    """The operation was done while more was asked for; after the line is back its goods fail, and it is owed again."""
    story, other = a_story(), a_line(line_no=2, delivery_date="2026-04-30")
    confirmed(story, a_line(delivery_date="2026-04-30"), other)
    story.at("2026-03-03 09:00").delivers(FIRST, "team_leader", standard_hours="8")
    story.at("2026-03-03 10:00").states(pmc.RequisitionSubmitted, pauses=[FIRST], **REQUISITION)
    story.delivers(MORE, "workshop_director", inputs=[FIRST])
    story.at("2026-03-03 11:00").states(pmc.OperationFinished, order_no="SO-1", closes=[FIRST])
    amended(story, "2026-03-03 11:30", other)
    if given_up:
        story.states(pmc.RequisitionGivenUp, closes=[MORE], resumes=[FIRST], **REQUISITION)
    amended(story, "2026-03-03 13:30", a_line(delivery_date="2026-04-30"), other, revision=3)
    story.at("2026-03-04 09:00").delivers(FIRST, "team_leader", attempt=2, standard_hours="8")

    told = story.judged()

    assert told.duty(FIRST, 2).status is (DutyStatus.OVERRAN if given_up else DutyStatus.PAUSED)
    assert not given_up or told.duty(MORE).status is DutyStatus.CANCELLED


def test_whoever_gave_out_late_what_nothing_waited_for_is_no_first_cause():
    story = a_story()
    two_operations(story, {"2026-03-02 13:30": 20, "2026-03-05 13:30": 10}, "2026-03-06 14:00", "12")

    assert story.judged().records == {}
