"""What nobody owes any more ended when it was given up: in the picture of its order, on its own page, for whoever looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.language import Label, language
from chassis.people import Person
from contracts import links, sales
from services.accountability.figures.report_pages import owes
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.pages import title_of
from services.accountability.privacy.periods import Keeping
from services.accountability.privacy.seeing import Eyes
from services.accountability.privacy.unnamed import in_doubt
from services.accountability.views import journeys, pictures
from services.accountability.views.overviews import any_calendar
from services.accountability.views.timelines import Handover, Timeline, timeline
from tests.accountability.test_removed_lines import GIVEN_UP, LATER, MADE, line_1_leaves, two_lines, without_line_2
from tests.support.facts import Story, local

LONG_AFTER = "2026-06-30 17:00"


def seen(story: Story, now: str = LONG_AFTER) -> Timeline:
    found = timeline(story.judged(now).state, "SO-1", now=local(now))
    assert found is not None
    return found


def drawn(found: Timeline, now: str = LONG_AFTER) -> dict[str, pictures.Bar]:
    return {bar.handover.duty: bar for bar in pictures.draw(found, any_calendar(), {}, local(now)).bars}


def one_of(found: Timeline, name: str) -> Handover:
    return next(each for each in found.handovers if each.duty == name)


def test_what_was_taken_off_ends_in_the_picture_when_it_was_taken_off() -> None:
    """However long after that somebody looks."""
    found = seen(line_1_leaves(without_line_2(two_lines())))

    bars = drawn(found)

    assert bars == drawn(seen(line_1_leaves(without_line_2(two_lines())), "2026-03-05 17:00"), "2026-03-05 17:00")
    made = bars[str(MADE)]
    assert (made.handover.status, made.handover.closed_at) == (DutyStatus.CANCELLED, None)
    assert made.handover.ended_at == local(LATER)
    assert max(bar.whole.start + bar.whole.width for bar in bars.values()) == pytest.approx(100, abs=0.1)
    assert bars["ship:SHN-1"].whole.start > 50  # the shipment is the last thing on the axis
    assert {bars[str(duty)].whole.width for duty in GIVEN_UP} <= {made.whole.width}


def test_what_was_late_when_it_was_taken_off_is_drawn_late_until_then() -> None:
    found = seen(line_1_leaves(without_line_2(two_lines(), "2026-03-11 10:00")))

    late = drawn(found)[str(MADE)]

    assert late.handover.status is DutyStatus.OVERRAN
    assert late.handover.ended_at == local("2026-03-11 10:00")
    assert late.late is not None
    assert late.late.start + late.late.width == pytest.approx(late.whole.start + late.whole.width, abs=0.01)


def test_with_the_order_ends_what_was_owed_for_it_and_an_answer_that_is_still_owed_goes_on() -> None:
    story = two_lines()
    story.at(LATER).states(sales.OrderCancelled, order_no="SO-1")
    story.at("2026-03-05 09:00").delivers(links.complaint_to_pmc("CMP-1"), "merchandiser", service="sales")

    found = seen(story)

    assert one_of(found, str(MADE)).ended_at == local(LATER)
    assert one_of(found, "complaint_to_pmc:CMP-1").ended_at is None


def test_a_pointer_over_the_bar_says_when_it_ended() -> None:
    found = seen(line_1_leaves(without_line_2(two_lines())))
    chosen = language.set("en")
    try:
        assert "03-04 09:00 → 03-04 10:00" in title_of(one_of(found, str(MADE)))
    finally:
        language.reset(chosen)


def test_an_order_s_journey_leaves_nothing_open_that_was_late_when_it_was_given_up() -> None:
    late = one_of(seen(line_1_leaves(without_line_2(two_lines(), "2026-03-11 10:00"))), str(MADE))

    assert journeys.is_open(late, local("2026-03-11 09:00"))
    assert not journeys.is_open(late, local("2026-03-11 10:00"))


def looking(*posts: str) -> Person:
    return Person("E-099", "小九", "pmc", tuple((post, False) for post in posts), local(LONG_AFTER))


def test_what_was_given_up_is_no_longer_everybody_s_who_holds_the_post() -> None:
    whole = replace(one_of(seen(two_lines(), "2026-03-04 09:30"), str(MADE)), assignee=None, person=None)
    given_up = replace(one_of(seen(without_line_2(two_lines())), str(MADE)), assignee=None, person=None)

    assert owes(looking("planner"), whole)
    assert not owes(looking("planner"), given_up)


def test_who_might_have_answered_is_named_no_longer_than_records_are_kept_after_it_was_given_up() -> None:
    names = Label("当时有多人任职:E-026", "several held the post: E-026")
    given_up = replace(one_of(seen(without_line_2(two_lines())), str(MADE)), doubt=names)
    general_manager = replace(looking("general_manager"), now=local(LATER) + Keeping().record_retention)

    def told(person: Person) -> frozenset[str]:
        return in_doubt(given_up, Eyes(person, all=True, people=frozenset()))

    assert told(replace(general_manager, now=general_manager.now - timedelta(minutes=1))) == frozenset()
    assert told(general_manager) == {"E-026"}
