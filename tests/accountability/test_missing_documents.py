"""Is a document that a package lacks held against the attempt that left it out, and against nobody else?"""

from __future__ import annotations

from contracts import links, sales
from services.accountability.judge.verdicts import FirstCause
from tests.accountability.test_fair_verdicts import confirmed, lacks, release, ship
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story

DUTY, SECOND = links.package("SO-1", 1), "E-050"
FIRST = STAFF["engineer"]
LINE = a_line(delivery_date="2026-03-20")


def made_twice(*first: str) -> Story:
    """The customer wants another product from Tuesday the 10th on; another engineer makes its package."""
    story = confirmed(a_story(), LINE)
    story.appoints(SECOND, "engineer")
    story.delivers(DUTY, "engineer", service="engineering", assignee=FIRST)
    release(story, "2026-03-03 09:00", FIRST, 1, *first, closes=[DUTY])
    changed = {**LINE, "product_code": "P-2"}
    story.at("2026-03-10 09:00").states(sales.OrderAmended, order_no="SO-1", revision=2, lines=[changed])
    return story


def again(story: Story, *documents: str) -> Story:
    story.at("2026-03-10 09:00").delivers(DUTY, "engineer", service="engineering", assignee=SECOND, attempt=2)
    release(story, "2026-03-11 16:00", SECOND, 2, *documents, closes=[DUTY])
    return story


def shipped(story: Story) -> Outcome:
    ship(story.at("2026-03-23 11:00"), "SHN-1", "2026-03-23 12:00", inputs=[DUTY])
    return story.judged()


def costs(told: Outcome) -> dict[str, float]:
    assert told.first_cause is not None
    path = told.first_cause.contributions
    return {f"{step.duty}#{step.attempt}": step.overrun.total_seconds() / 3600 for step in path if step.overrun}


def test_what_the_second_package_lacks_is_of_whoever_made_that_and_takes_the_missing_document_in():
    story = again(made_twice("bom", "drawing"), "bom")
    lacks(story, "2026-03-16 10:00", "drawing")
    release(story, "2026-03-20 10:00", SECOND, 3, "bom", "drawing")

    told = shipped(story)

    assert isinstance(told.first_cause, FirstCause)
    assert costs(told) == {f"{DUTY}#2": 32}
    assert told.records == {"ENG-02": SECOND}
    assert told.record("ENG-02").absorbed == ("ENG-01",)


def test_what_the_first_package_lacks_is_no_time_of_the_product_that_the_customer_wants_now():
    """The drawing of the old product never comes; it was lacking, and from the change on nobody waits for it."""
    story = made_twice("bom")
    lacks(story, "2026-03-09 09:00", "drawing")

    told = shipped(again(story, "bom", "drawing"))

    assert costs(told) == {}
    assert told.records == {"ENG-01": FIRST}


def test_who_lacked_a_document_and_who_was_late_are_two_where_they_are_two():
    """The first engineer's gap is theirs (ENG-01); the second's lateness, and not it, is why the date was missed."""
    story = made_twice("bom")
    lacks(story, "2026-03-09 16:00", "drawing")
    story.at("2026-03-10 09:00").delivers(DUTY, "engineer", service="engineering", assignee=SECOND, attempt=2)
    release(story, "2026-03-20 10:00", SECOND, 2, "bom", "drawing", closes=[DUTY])

    assert shipped(story).records == {"ENG-01": FIRST, "ENG-02": SECOND}


def test_a_mere_revision_that_leaves_a_document_out_is_of_the_attempt_before_it():
    """Revision 2 of the first product is nobody's handover; what it lacks is told of the one that was."""
    story = confirmed(a_story(), LINE)
    story.delivers(DUTY, "engineer", service="engineering", assignee=FIRST)
    release(story, "2026-03-03 09:00", FIRST, 1, "bom", "drawing", closes=[DUTY])
    release(story, "2026-03-09 09:00", FIRST, 2, "bom")
    lacks(story, "2026-03-16 10:00", "drawing")
    release(story, "2026-03-20 10:00", FIRST, 3, "bom", "drawing")

    told = shipped(story)

    assert (costs(told), told.records) == ({f"{DUTY}#1": 32}, {"ENG-02": FIRST})
