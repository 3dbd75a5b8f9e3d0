"""Whose clock runs on for goods that may not leave? Nobody's: what failed after it had passed is taken back until it passes."""

from __future__ import annotations

from typing import Any

from contracts import links, pmc, quality, warehouse
from services.accountability.judge.verdicts import DutyStatus, FirstCause
from tests.accountability.test_fair_verdicts import confirmed, instruct
from tests.support.facts import STAFF, Story, a_line, a_story

OPERATION, LOOK, SHIP = links.operation("MO-1", 10), links.outgoing_qa("SHN-1"), links.ship("SHN-1")
NOTICE: dict[str, Any] = {"order_no": "SO-1", "notice_no": "SHN-1"}
MADE: dict[str, Any] = {"order_no": "SO-1", "production_order_no": "MO-1", "op_no": 10, "last": True}


def looked_at(story: Story, when: str, *, attempt: int, passed: bool, **more: Any) -> None:
    story.delivers(LOOK, "inspector", service="quality", attempt=attempt, **more)
    story.at(when).states(quality.OutgoingInspected, passed=passed, closes=[LOOK], **NOTICE)


def failed_after_all(*, withheld: bool) -> Story:
    """A concession and the look at the reworked goods cross: these fail an hour after the shipment was handed over."""
    keeper: dict[str, Any] = {"service": "warehouse", "inputs": [links.instruction("SHN-1"), LOOK]}
    story = confirmed(a_story(), a_line(delivery_date="2026-03-04"))
    instruct(story, "SHN-1", "2026-03-03 09:00", "2026-03-03 10:00")
    looked_at(story, "2026-03-03 11:00", attempt=1, passed=True, inputs=[links.instruction("SHN-1")])
    story.delivers(SHIP, "storekeeper", **keeper)
    looked_at(story, "2026-03-03 13:30", attempt=2, passed=False)
    if withheld:
        story.states(warehouse.ShipmentWithheld, closes=[SHIP], **NOTICE)
    story.delivers(OPERATION, "team_leader", inputs=[LOOK], standard_hours="4")
    story.at("2026-03-09 10:00").states(pmc.OperationFinished, closes=[OPERATION], **MADE)
    looked_at(story, "2026-03-09 11:00", attempt=3, passed=True, inputs=[OPERATION])
    if withheld:
        story.delivers(SHIP, "storekeeper", attempt=2, **keeper)
    story.at("2026-03-09 12:00").states(warehouse.GoodsShipped, quantity="1", closes=[SHIP], **NOTICE)
    return story


def test_goods_that_fail_after_they_passed_cost_the_storekeeper_nothing():
    told = failed_after_all(withheld=True).judged()

    assert (told.duty(SHIP).status, told.duty(SHIP, 2).status) == (DutyStatus.CANCELLED, DutyStatus.IN_TIME)
    assert isinstance(told.first_cause, FirstCause)
    assert told.first_cause.cause is not None
    assert told.first_cause.cause.duty == str(OPERATION)
    assert told.records == {"TML-01": STAFF["team_leader"]}


def test_what_the_warehouse_did_not_withhold_it_could_have_shipped():
    assert failed_after_all(withheld=False).judged().records["SHP-03"] == STAFF["storekeeper"]
