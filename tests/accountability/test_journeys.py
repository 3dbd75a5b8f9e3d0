"""Does an order's trace tell each handover's end as it was judged, once?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.hindsight import PastSpan
from contracts import links, pmc, sales, warehouse
from services.accountability.judge.snapshot import dump, load
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict, OrderEnded
from services.accountability.views.journeys import spans
from tests.accountability.stories import TUESDAY
from tests.support.facts import STAFF, Story, a_story, local, outcome
from tests.support.orders import an_order

END = "2026-06-30 17:00"


def told(story: Story, until: str = END) -> dict[str, PastSpan]:
    """Every span of a story's only order by its name."""
    judged = story.judged(until)
    found = list(spans(judged.state, judged.verdicts, {}))
    assert len({span.name for span in found}) == len(found)
    return {span.name: span for span in found}


def test_a_shipped_order_lasts_until_it_left_and_names_what_is_still_open():
    story = a_story()
    story.at(TUESDAY).delivers(links.progress("INQ-1"), "merchandiser", service="sales")
    run = an_order(story, delivery_date="2026-03-20")

    root = told(story)["SO-1"]

    assert (root.title, root.parent) == ("order journey", None)
    assert root.ended_at == run.when(links.ship("SHN-SO-1"))
    assert (root.attributes["order.outcome"], root.failed) == ("shipped_in_time", False)
    assert root.attributes["order.still_open"] == ["progress:INQ-1"]


def test_an_order_that_left_too_late_names_its_first_cause():
    story = a_story()
    an_order(story, delivery_date="2026-03-06", takes={"release": 9, "final_inspection": 20})

    found = told(story)

    assert found["SO-1"].failed
    assert found["SO-1"].attributes["order.outcome"] == "date_missed"
    assert found["SO-1"].attributes["order.first_causes"] == ["final_inspection:MO-SO-1"]
    assert found["SO-1"].attributes["order.overran"] == sum(span.failed for span in found.values()) - 1 == 2


def test_every_handover_of_an_order_is_under_it_and_leads_to_what_it_had_waited_for():
    story = a_story()
    run = an_order(story)

    found = told(story)

    assert found.keys() == {"SO-1", *(f"{duty}#1" for duty in run.closed)}
    assert {span.parent for name, span in found.items() if name != "SO-1"} == {"SO-1"}
    assert {span.trace for span in found.values()} == {found["SO-1"].trace}
    checked = found["instruction:SHN-SO-1#1"]
    assert checked.links == (
        "notice:SO-1/1#1",
        "planner_review:SHN-SO-1#1",
        "director_review:SHN-SO-1#1",
    )
    assert (checked.started_at, checked.ended_at) == (
        run.when(links.director_review("SHN-SO-1")) + timedelta(seconds=2),
        run.when(links.instruction("SHN-SO-1")),
    )


def test_what_ended_in_time_only_because_the_service_was_down_is_excused():
    outcomes = {}
    for hours in (1, 3):
        story, duty = a_story(), links.receipt("LOT-1")
        story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse")
        down: dict[str, Any] = {
            "started_at": local("2026-03-03 10:00"),
            "ended_at": local("2026-03-03 10:00") + timedelta(hours=2),
        }
        story.at("2026-03-03 14:00").states(warehouse.ServiceUnavailable, **down)
        story.at(local("2026-03-04 08:00") + timedelta(hours=hours - 0.5))
        story.states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])
        outcomes[hours] = told(story)["receipt:LOT-1#1"].attributes["handover.outcome"]

    assert outcomes == {1: "in_time", 3: "excused"}


def test_giving_up_an_order_ends_every_handover_once_also_one_that_was_late_already():
    story, late, running = a_story(), links.progress("INQ-1"), links.package("SO-1", 1)
    story.at(TUESDAY).delivers(late, "merchandiser", service="sales")
    story.at("2026-03-04 09:00").delivers(running, "engineer", service="engineering")
    story.at("2026-03-04 11:00").states(sales.OrderCancelled, order_no="SO-1")
    story.at("2026-03-05 11:00").states(sales.ProgressAnswered, order_no="SO-1", closes=[late])

    found = told(story)

    assert {name: span.attributes.get("handover.outcome") for name, span in found.items()} == {
        "SO-1": None,
        "progress:INQ-1#1": "overran",
        "package:SO-1/1#1": "cancelled",
    }
    assert {span.ended_at for span in found.values()} == {local("2026-03-04 11:00")}


def test_a_handover_that_was_told_is_not_told_again_when_it_is_excused_later():
    story, duty = a_story(), links.operation("MO-1", 10)
    exception: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "affected_duties": [duty]}
    story.at(TUESDAY).delivers(duty, "team_leader", standard_hours="4")
    story.at("2026-03-03 10:00").states(pmc.ExceptionRaised, order_no="SO-1", **exception)
    story.at("2026-03-04 08:30").states(pmc.OperationFinished, order_no="SO-1", closes=[duty])
    story.at("2026-03-05 09:00").states(
        pmc.ExceptionDecided, order_no="SO-1", extension_hours="8", decided_by=STAFF["planner"], **exception
    )

    said = [(v.status, v.ends) for v in story.judged().verdicts if isinstance(v, DutyVerdict) and v.closed_at]

    assert said == [(DutyStatus.OVERRAN, True), (DutyStatus.IN_TIME, False)]


def test_a_judge_that_begins_again_from_its_snapshot_ends_nothing_twice():
    story = a_story()
    an_order(story, takes={"release": 9})
    entries = story.entries()

    for cut in range(0, len(entries), 7):
        first = outcome(State(), entries[:cut], entries[cut].admitted)
        second = outcome(load(dump(first.state)), entries[cut:], local(END))
        ends = [v for v in (*first.verdicts, *second.verdicts) if isinstance(v, OrderEnded) or _ends(v)]
        assert len(ends) == len(told(story))


def _ends(verdict: object) -> bool:
    return isinstance(verdict, DutyVerdict) and verdict.ends


def test_what_belongs_to_no_order_is_on_no_journey():
    story, duty = a_story(), links.follow_up("PO-1", 1)
    story.at(TUESDAY).delivers(duty, "buyer", service="purchasing", order_no=None)
    story.at("2026-03-03 10:00").states(pmc.ExceptionRaised, closes=[duty])

    assert told(story) == {}
