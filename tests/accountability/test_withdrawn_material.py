"""Nobody owes what was withdrawn; what they let lie before that, they let lie."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import links, pmc, warehouse
from contracts.event import DutyRef
from services.accountability.judge.verdicts import DutyStatus
from tests.support.facts import Outcome, Story, a_story

ASKED, ISSUE, WORK = links.requisition_approval("REQ-1"), links.issue("REQ-1"), links.operation("MO-1", 20)
NUMBERS = {"order_no": "SO-1", "requisition_no": "REQ-1"}


def withdrawn(story: Story, when: str, *closes: DutyRef, resumes: tuple[DutyRef, ...] = ()) -> Story:
    said: dict[str, Any] = {"closes": closes, "resumes": resumes, "approved": not closes}
    return story.at(when).states(pmc.RequisitionWithdrawn, **NUMBERS, **said)


def ended(story: Story, when: str, *, accepted: bool = True) -> Story:
    closes = [ISSUE] if accepted else []
    return story.at(when).states(warehouse.WithdrawalDecided, **NUMBERS, closes=closes, accepted=accepted)


def owed(story: Story, duty: DutyRef, post: str, service: str) -> Story:
    return story.delivers(duty, post, service=service, order_no="SO-1")


def issue_owed(when: str = "2026-03-03 09:00") -> Story:
    return owed(a_story().at(when), ISSUE, "storekeeper", "warehouse")


def status(told: Outcome, duty: DutyRef) -> DutyStatus:
    return told.duty(duty).status


@pytest.mark.parametrize("heard_first", ["the handover", "the end"])
def test_an_issue_that_was_withdrawn_in_time_is_cancelled_in_whatever_order_it_is_heard(heard_first):
    story = issue_owed() if heard_first == "the handover" else a_story()
    story = ended(story, "2026-03-03 09:00" if heard_first == "the end" else "2026-03-03 11:00")
    if heard_first == "the end":
        owed(story, ISSUE, "storekeeper", "warehouse")

    assert status(story.judged(), ISSUE) is DutyStatus.CANCELLED


def test_an_issue_that_was_late_by_then_was_late():
    told = ended(issue_owed(), "2026-03-04 11:00").judged()

    assert status(told, ISSUE) is DutyStatus.OVERRAN


def test_what_the_warehouse_did_not_accept_goes_on():
    story = ended(withdrawn(issue_owed(), "2026-03-03 10:00"), "2026-03-03 10:01", accepted=False)

    assert status(story.judged(until="2026-03-03 11:00"), ISSUE) is DutyStatus.OPEN
    assert status(story.judged(until="2026-03-05 11:00"), ISSUE) is DutyStatus.OVERRAN


@pytest.mark.parametrize(
    ("when", "expected"), [("2026-03-03 11:00", DutyStatus.CANCELLED), ("2026-03-04 11:00", DutyStatus.OVERRAN)]
)
def test_a_decision_that_nobody_needs_any_more_is_called_off(when, expected):
    story = owed(a_story().at("2026-03-03 09:00"), ASKED, "workshop_director", "pmc")

    assert status(withdrawn(story, when, ASKED).judged(), ASKED) is expected


def test_the_clock_that_stood_for_the_decision_runs_on():
    story = a_story().at("2026-03-03 09:00")
    story.delivers(WORK, "team_leader", order_no="SO-1", standard_hours="2")
    story.at("2026-03-03 10:00").states(pmc.RequisitionSubmitted, **NUMBERS, pauses=[WORK])
    owed(story, ASKED, "workshop_director", "pmc")
    withdrawn(story, "2026-03-03 11:00", ASKED, resumes=(WORK,))

    (excuse,) = story.judged(until="2026-03-03 11:30").duty(WORK).excuses
    assert (excuse.reason, excuse.working.total_seconds()) == ("pause", 3600)
