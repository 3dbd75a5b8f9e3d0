"""The minutes of a meeting are owed within five working days of it; late ones are shown and recorded against nobody."""

from typing import Any

import pytest

from contracts import links, pmc
from services.accountability.judge.verdicts import DutyStatus
from tests.accountability.stories import due
from tests.support.facts import Outcome, Story, a_story

MINUTES = links.minutes("MTG-1")
ANNOUNCED, HELD = "2026-03-03 09:00", "2026-03-05T14:00:00+08:00"


def a_meeting(order_no: str | None = None) -> Story:
    story = a_story()
    said: dict[str, Any] = {"service": "pmc", "assignee": "E-009", "starts_at": HELD}
    story.at(ANNOUNCED).delivers(MINUTES, "planner", order_no=order_no, **said)
    return story


def closed(story: Story, event: type, when: str, **said: str) -> Outcome:
    story.at(when).states(event, meeting_no="MTG-1", closes=[MINUTES], **said)
    return story.judged()


@pytest.mark.parametrize("order_no", [None, "SO-1"])
def test_minutes_on_the_fifth_working_day_are_in_time(order_no):
    told = closed(a_meeting(order_no), pmc.MinutesRecorded, "2026-03-12 14:00", order_no=order_no)

    assert (due(told, MINUTES), told.duty(MINUTES).status) == ("03-12 14:00", DutyStatus.IN_TIME)


@pytest.mark.parametrize("order_no", [None, "SO-1"])
def test_later_minutes_overran_and_are_recorded_against_nobody(order_no):
    told = closed(a_meeting(order_no), pmc.MinutesRecorded, "2026-03-13 10:00", order_no=order_no)

    verdict = told.duty(MINUTES)
    assert (verdict.status, verdict.overrun.total_seconds() / 3600) == (DutyStatus.OVERRAN, 5)
    assert (told.records, told.suspicions) == ({}, {})


def test_minutes_that_never_come_overran():
    assert a_meeting().judged().duty(MINUTES).status is DutyStatus.OVERRAN


@pytest.mark.parametrize("order_no", [None, "SO-1"])
def test_a_meeting_that_was_called_off_owes_no_minutes_in_whatever_order_it_is_heard(order_no):
    after = closed(a_meeting(order_no), pmc.MeetingCalledOff, "2026-03-04 10:00", order_no=order_no)
    story = a_story().at("2026-03-03 08:59:30")
    story.states(pmc.MeetingCalledOff, meeting_no="MTG-1", closes=[MINUTES], order_no=order_no)
    story.at(ANNOUNCED).delivers(MINUTES, "planner", order_no=order_no, service="pmc", starts_at=HELD)

    for told in (after, story.judged()):
        assert told.duty(MINUTES).status is DutyStatus.CANCELLED


def test_whoever_calls_a_meeting_off_after_the_minutes_were_due_is_late_all_the_same():
    told = closed(a_meeting(), pmc.MeetingCalledOff, "2026-03-13 10:00")

    assert told.duty(MINUTES).status is DutyStatus.OVERRAN
