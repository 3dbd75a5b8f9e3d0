"""The look that MER-03 wants is a handover with a clock, and by itself charges nobody."""

from __future__ import annotations

import pytest

from contracts import engineering, links, quality, sales, warehouse
from contracts.event import Event
from services.accountability.judge.verdicts import DutyStatus, FirstCause
from tests.accountability.clauses.prohibitions import complains_of_lateness, is_made_in_lots
from tests.support.facts import STAFF, Story, a_story, local
from tests.support.orders import an_order

LOOK = links.shipment_check("SO-1", 1)
SUCCESSOR = "E-099"


def wants_a_look(story: Story, when: str = "2026-03-04 09:05") -> None:
    story.at(when).delivers(LOOK, "merchandiser", service="sales", assignee=STAFF["merchandiser"])


def test_a_look_that_nobody_took_is_late_and_is_nobodys_record_and_no_cause():
    story = a_story()
    an_order(story, delivery_date="2026-03-06", takes={"ship": 40})
    wants_a_look(story, "2026-03-05 16:00")

    told = story.judged()

    assert told.duty(LOOK).status is DutyStatus.OVERRAN
    assert told.records == {"SHP-03": STAFF["storekeeper"]}
    cause = told.first_cause
    assert isinstance(cause, FirstCause)
    assert cause.cause is not None
    assert cause.cause.duty.startswith("ship:")
    assert LOOK.link not in {step.duty.partition(":")[0] for step in cause.contributions}


def test_the_customers_complaint_charges_for_it_once_as_it_did_before_it_had_a_clock():
    alone, beside = a_story(), a_story()
    for story in (alone, beside):
        is_made_in_lots(story, "2026-03-04 09:00")
    wants_a_look(beside)
    for story in (alone, beside):
        complains_of_lateness(story)

    records = [story.judged().proposals for story in (alone, beside)]

    assert [[each.clause for each in found] for found in records] == [["MER-03"], ["MER-03"]]
    assert records[0][0].breaches[0].at == records[1][0].breaches[0].at


def test_neither_a_standstill_nor_a_new_holder_moves_what_ends_with_the_clauses_window():
    """A row that said later would be believed, and MER-03 counts no look after the goods were to leave."""
    story = a_story()
    is_made_in_lots(story, "2026-03-04 09:00")
    wants_a_look(story)
    story.at("2026-03-05 09:00").states(quality.ShipmentBlocked, order_no="SO-1", block_no="BLK-1")
    story.states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1", line_no=1)
    story.at("2026-03-05 16:00").states(quality.ShipmentUnblocked, order_no="SO-1", block_no="BLK-1")
    story.states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1", line_no=1)
    story.at("2026-03-06 16:00").relieves(STAFF["merchandiser"], "merchandiser").appoints(SUCCESSOR, "merchandiser")

    assert story.judged("2026-03-06 16:30").duty(LOOK).due_at == local("2026-03-06 17:00")


@pytest.mark.parametrize("event", [sales.ShipmentChecked, warehouse.GoodsShipped])
def test_a_look_or_the_last_shipment_ends_it_also_where_the_handover_is_heard_after_it(event: type[Event]):
    story = a_story()
    is_made_in_lots(story, "2026-03-04 09:00")
    story.at("2026-03-04 09:01").states(event, order_no="SO-1", line_no=1, closes=(LOOK,))
    wants_a_look(story)

    assert story.judged().duty(LOOK).status is DutyStatus.IN_TIME
