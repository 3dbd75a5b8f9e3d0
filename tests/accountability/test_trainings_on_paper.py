"""A training that was written on paper during an outage, and countersigned, speaks for its worker on every order (PRD-05)."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import pmc
from services.accountability.proof.packing import Asked
from tests.accountability.selecting import about, selected
from tests.accountability.test_countersignatures import outage, paper_of
from tests.accountability.test_fair_verdicts import confirmed, ship
from tests.accountability.test_selection import said
from tests.accountability.test_settled import with_and_without
from tests.support.facts import STAFF, Story, a_line, a_story

WORKER = "E-077"


def an_untrained_worker() -> Story:
    """Trained on paper on Tuesday while PMC is down, written down on Wednesday; stands on a report of Tuesday evening."""
    story = outage(
        confirmed(a_story().at("2026-03-02 09:00"), a_line(delivery_date="2026-03-04")), pmc.ServiceUnavailable
    )
    said: dict[str, Any] = {"production_order_no": "MO-1", "op_no": 10, "last": False, "untrained": (WORKER,)}
    story.at("2026-03-03 16:30").states(pmc.OperationFinished, by=STAFF["team_leader"], order_no="SO-1", **said)
    ship(story.at("2026-03-04 09:00"), "SHN-1", "2026-03-04 10:00")
    story.at("2026-03-04 11:00")
    return story.states(pmc.TrainingRecorded, by=STAFF["pmc_manager"], training_no="TRN-1", worker=WORKER)


@pytest.mark.parametrize("when", ["2026-03-05 09:00", "2026-05-11 09:00"])
def test_a_training_on_paper_clears_the_orders_on_whose_reports_the_worker_stands(when: str):
    """Also one that was settled and out of memory by then."""
    story = an_untrained_worker()
    before = story.judged(until="2026-03-05 08:00")

    told = paper_of(story, when).judged()

    assert (before.records, told.records) == ({"PRD-05": STAFF["workshop_director"]}, {})
    gone, heard, all_heard = with_and_without(story.entries())
    assert gone
    assert heard == all_heard


def test_a_training_that_was_taken_back_on_paper_clears_nobody_any_more():
    story = paper_of(an_untrained_worker(), "2026-03-05 09:00", "2026-03-03 14:00")
    assert story.judged().records == {}
    said: dict[str, Any] = {"training_no": "TRN-1", "worker": WORKER, "reason": "误记"}
    story.at("2026-03-04 14:00").states(pmc.TrainingWithdrawn, by=STAFF["pmc_manager"], **said)

    told = paper_of(story, "2026-05-11 09:00").judged()

    assert told.records == {"PRD-05": STAFF["workshop_director"]}
    _, heard, all_heard = with_and_without(story.entries())
    assert heard == all_heard


def test_whoever_holds_an_export_of_the_order_comes_to_the_same():
    entries, asked = paper_of(an_untrained_worker()).entries(), Asked(orders=("SO-1",))

    assert about(said(selected(entries, asked)), asked) == about(said(entries), asked)
