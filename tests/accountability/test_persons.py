"""Does a breach fall on the person who held the post at that moment, and on nobody where that is not known?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts import engineering, links, pmc, purchasing, quality, sales, warehouse
from contracts.event import DutyRef
from tests.accountability.stories import due
from tests.support.facts import STAFF, Outcome, Story, a_story, fields_of, local

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


COLLEAGUE = "E-077"
GOODS = links.arrival("MRL-1", 1)
"""Two buyers hold the post; the goods are due on Wednesday 4 March and come on Monday."""


def bought(story: Story, *orders: tuple[str, str], late: bool = False) -> Story:
    """The line's goods are ordered by these buyers at these times, and come late; `late`: the word of it too."""
    line = fields_of(purchasing.PurchaseLine, {"requirement_no": "MRL-1", "requirement_line_no": 1, "line_no": 1})
    story.appoints(COLLEAGUE, "buyer")
    due: dict[str, Any] = {"required_on": "2026-03-04", "lead_time_days": 1}
    story.at("2026-03-02 09:00").delivers(GOODS, "buyer", service="purchasing", **due)
    told: dict[str, Any] = {"order_no": "SO-1", "requirement_no": "MRL-1", "lines": (line,)}
    for at, buyer in orders:
        story.at(at).coming_late("2026-03-12 09:00") if late else story.at(at)
        story.states(purchasing.PurchaseOrderIssued, by=buyer, assignee=buyer, issued_by=buyer, **told)
    arrived: dict[str, Any] = {
        "order_no": "SO-1",
        "closes": [GOODS],
        "arrival_no": "ARV-1",
        "purchase_order_no": "PO-1",
    }
    return story.at("2026-03-09 09:00").states(warehouse.GoodsArrived, by=STAFF["storekeeper"], **arrived)


@pytest.mark.parametrize("late", [False, True])
def test_the_buyer_named_on_the_purchase_order_answers_for_its_goods(late: bool):
    story = bought(a_story(), ("2026-03-02 15:00", COLLEAGUE), late=late)

    assert story.judged().records == {"PUR-01": COLLEAGUE}


@pytest.mark.parametrize(
    "orders",
    [
        (),
        (("2026-03-02 15:00", COLLEAGUE), ("2026-03-02 16:00", STAFF["buyer"])),
        (("2026-03-06 15:00", COLLEAGUE),),
    ],
    ids=["nobody ordered", "both ordered a part", "ordered after they were due"],
)
def test_where_no_one_buyer_had_ordered_the_goods_by_then_somebody_is_only_suspected(
    orders: tuple[tuple[str, str], ...],
):
    told = bought(a_story(), *orders).judged()

    assert told.records == {}
    assert "several held the post buyer" in told.suspicions["PUR-01"]


def test_a_buyer_who_gave_up_the_post_answers_no_longer_for_what_they_ordered():
    story = a_story()
    story.at("2026-03-03 09:00").relieves(STAFF["buyer"], "buyer")

    told = bought(story, ("2026-03-02 15:00", STAFF["buyer"])).judged()

    assert told.records == {"PUR-01": COLLEAGUE}


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


def handed_on(story: Story, post: str, when: str) -> Story:
    return story.at(when).relieves(STAFF[post], post).appoints("E-050", post)


def test_whoever_takes_over_while_work_is_stopped_has_the_standard_time_after_that():
    """A day from Tuesday nine; stopped with half an hour left, handed on meanwhile."""
    story = owed(a_story())
    story.at("2026-03-04 08:30").states(engineering.WorkStopped, order_no="SO-1", stop_no="STP-1")
    handed_on(story, "planner", "2026-03-04 10:00")
    story.at("2026-03-09 09:00").states(engineering.WorkResumed, order_no="SO-1", stop_no="STP-1")
    story.at("2026-03-09 15:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[DUTY])

    told = story.judged()

    assert (due(told, DUTY), told.records) == ("03-10 09:00", {})


def test_whoever_takes_over_before_an_outage_has_the_standard_time_without_it():
    story = handed_on(owed(a_story()), "planner", "2026-03-03 16:00")
    began, ended = local("2026-03-03 16:30"), local("2026-03-05 10:00")
    story.at(ended).states(pmc.ServiceUnavailable, started_at=began, ended_at=ended)
    story.at("2026-03-05 16:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[DUTY])

    told = story.judged()

    assert (due(told, DUTY), told.records) == ("03-06 09:30", {})


def test_whoever_takes_over_while_an_approval_is_awaited_has_the_standard_time_after_that():
    story, goods = a_story(), links.arrival("MRL-1", 1)
    terms: dict[str, Any] = {"required_on": "2026-03-04", "lead_time_days": 1}
    story.at("2026-03-03 09:00").delivers(goods, "buyer", service="purchasing", **terms)
    said: dict[str, Any] = {"requirement_no": "MRL-1", "request_no": "PRQ-1", "order_no": "SO-1"}
    story.at("2026-03-04 16:00").states(purchasing.RequestSubmitted, pauses=[goods], **said)
    handed_on(story, "buyer", "2026-03-05 09:00")
    story.at("2026-03-09 09:00").states(purchasing.RequestApproved, resumes=[goods], **said)
    story.at("2026-03-09 15:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[goods], lines=[])

    assert story.judged().records == {}


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


def made_under_two_directors(line_no: int | None) -> Outcome:
    """Line 1 is made in March; line 2 in April, under another director; on 3 April a customer complains."""
    story = a_story()
    for number, day in ((1, "2026-03-05"), (2, "2026-04-10")):
        if number == 2:
            story.at("2026-04-01 08:00").relieves(STAFF["workshop_director"], "workshop_director")
            story.appoints("E-099", "workshop_director")
        work = links.operation(f"MO-{number}", 10)
        story.at(f"{day} 08:00").delivers(work, "team_leader", standard_hours="16", line_no=number)
        said: dict[str, Any] = {"order_no": "SO-1", "production_order_no": f"MO-{number}", "line_no": number}
        story.at(f"{day} 15:00").states(pmc.OperationFinished, closes=[work], last=True, **said)
    said = {"order_no": "SO-1", "complaint_no": "C-1", "line_no": line_no}
    story.at("2026-04-03 09:00").states(
        sales.ComplaintReceived, received_at=local("2026-04-03 09:00"), channel="phone", **said
    )
    told = {"attribution_no": "ATT-1", "matter": "complaint", "cause": "production"}
    story.at("2026-04-15 09:00").states(pmc.ComplaintAttributed, by=STAFF["planner"], **told, **said)
    return story.judged()


@pytest.mark.parametrize("line_no", [1, None])
def test_a_director_does_not_answer_for_what_was_made_after_the_complaint(line_no: int | None):
    """Nor does who came after it was made: the customer cannot have meant goods that were not there."""
    assert made_under_two_directors(line_no).records == {"PRD-02": STAFF["workshop_director"]}
