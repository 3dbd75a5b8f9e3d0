"""Does a breach fall on the person who held the post at that moment, and on nobody where that is not known?"""

from __future__ import annotations

from contracts import links, pmc, quality
from contracts.event import DutyRef
from tests.accountability.stories import due
from tests.support.facts import STAFF, Story, a_story, local

DUTY = links.production_order("SO-1", 1)
"""Delivered on Tuesday 3 March at 09:00, due on Wednesday at 09:00."""


def owed(story: Story, *, assignee: str | None = None, duty: DutyRef = DUTY) -> Story:
    return story.at("2026-03-03 09:00").delivers(duty, "planner", assignee=assignee)


def without(*posts: str) -> dict[str, str]:
    return {post: employee for post, employee in STAFF.items() if post not in posts}


def test_the_assignee_on_the_document_answers():
    story = a_story()
    story.appoints("E-050", "planner")
    owed(story, assignee="E-050")

    record = story.judged().record("PMC-01")

    assert record.person.employee == "E-050"
    assert record.person.assignment_no == "A-E-050-planner"


def test_without_an_assignee_the_sole_holder_answers_and_the_roster_entry_is_evidence():
    story = owed(a_story())

    record = story.judged().record("PMC-01")

    assert record.person.employee == STAFF["planner"]
    appointed = next(number for number, told in enumerate(story.told, 1) if told.fact["data"].get("post") == "planner")
    assert appointed in {proof.position for proof in record.evidence}


def test_an_acting_holder_answers_and_the_record_says_acting():
    story = a_story(without("planner"))
    story.at("2026-02-02 08:00").appoints(STAFF["merchandiser"], "planner", acting=True)
    owed(story)

    record = story.judged().record("PMC-01")

    assert (record.person.employee, record.person.acting) == (STAFF["merchandiser"], True)


def test_posts_that_should_check_each_other_in_one_hand_are_shown():
    story = a_story(without("planner"))
    story.at("2026-02-02 08:00").appoints(STAFF["merchandiser"], "planner", acting=True)
    owed(story)

    assert story.judged().record("PMC-01").self_dealing == (("merchandiser", "planner"),)


def test_with_two_holders_or_none_somebody_is_only_suspected():
    two, none = a_story(), a_story(without("planner"))
    two.appoints("E-050", "planner")
    owed(two)
    owed(none)

    assert two.judged().suspicions == {"PMC-01": "several held the post planner: E-004, E-050"}
    assert none.judged().suspicions == {"PMC-01": "nobody held the post planner"}
    assert two.judged().records == none.judged().records == {}


def test_whoever_took_the_post_over_has_the_standard_time_from_then():
    in_time, late = a_story(), a_story()
    for story, done in ((in_time, "2026-03-04 15:00"), (late, "2026-03-05 16:00")):
        owed(story, assignee=STAFF["planner"])
        story.at("2026-03-03 15:00").relieves(STAFF["planner"], "planner").appoints("E-050", "planner")
        story.at(done).states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[DUTY])

    assert in_time.judged().records == {}
    excuse = in_time.judged().duty(DUTY).excuses[0]
    assert (excuse.reason, excuse.document) == ("took_over", "A-E-050-planner")
    assert late.judged().records == {"PMC-01": "E-050"}


def test_whoever_takes_over_an_operation_has_its_own_standard_time():
    """Three days' work: the successor is not asked to do it in the four hours that any step has."""
    story, duty = a_story(), links.operation("MO-1", 10)
    story.at("2026-03-04 09:00").delivers(duty, "team_leader", standard_hours="24", assignee=STAFF["team_leader"])
    story.at("2026-03-06 16:00").relieves(STAFF["team_leader"], "team_leader").appoints("E-099", "team_leader")
    story.at("2026-03-11 15:00").states(pmc.OperationFinished, by="E-099", order_no="SO-1", closes=[duty])

    told = story.judged()

    assert (due(told, duty), told.records) == ("03-11 16:00", {})


def test_nobody_is_moved_into_blame_by_a_back_dated_entry():
    """The successor was entered a week after the breach, as if they had held the post all along."""
    story = owed(a_story())
    story.at("2026-03-11 09:00").appoints("E-050", "planner", since="2026-03-01 08:00")

    assert story.judged().records == {"PMC-01": STAFF["planner"]}


def test_an_end_that_was_recorded_late_clears_the_person_and_blames_no_other():
    story = owed(a_story())
    story.appoints("E-050", "planner", since="2026-03-20 08:00")
    story.at("2026-03-11 09:00").relieves(STAFF["planner"], "planner", since="2026-03-02 08:00")

    told = story.judged()

    assert told.records == {}
    assert told.suspicions == {"PMC-01": "E-004 had given up the post planner, which was recorded later"}
    assert [(w.person, w.because_en.partition(" (")[0]) for w in told.withdrawn] == [
        (STAFF["planner"], "the roster changed")
    ]


def test_a_roster_entry_that_was_admitted_late_counts_from_when_it_was_recorded():
    story = a_story(without("planner"))
    story.at("2026-02-02 08:00").coming_late("2026-03-10 09:00").appoints("E-050", "planner")
    owed(story)

    told = story.judged()

    assert [found.clause for found in told.withdrawn] == ["PMC-01"]  # the suspicion
    assert told.records == {"PMC-01": "E-050"}


def test_the_post_is_held_from_the_start_to_before_the_end():
    story = a_story()
    story.at("2026-03-04 09:01").relieves(STAFF["planner"], "planner")
    story.appoints("E-050", "planner", since="2026-03-04 09:01")
    story.at("2026-03-03 09:00").delivers(DUTY, "planner")

    last = story.judged().duty(DUTY)

    assert last.due_at == local("2026-03-05 09:01")  # taken over at the moment the timer would have fired


def test_nobody_attributes_in_their_own_case():
    story = a_story()
    story.at("2026-03-16 09:00").states(
        quality.UninspectedUseConfirmed,
        by=STAFF["inspector"],
        order_no="SO-1",
        lot="LOT-1",
        bypassed_by=STAFF["inspector"],
    )

    told = story.judged()

    assert told.records == {}
    assert told.suspicions == {"QUA-04": "E-009 found this in their own case; the general manager does"}
