"""Can everybody see how an order ran, what it cost, who answers, and what we still wait for?"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts import links, pmc, sales, warehouse
from services.accountability.judge.snapshot import dump, dump_case, excerpt
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import DutyStatus, FirstCause
from services.accountability.views.timelines import Handover, Timeline, open_duties, timeline
from tests.accountability.test_fold import PROPERTY, stories
from tests.support.facts import STAFF, Story, a_story, local, outcome
from tests.support.orders import an_order


def seen(story: Story, until: str, *, now: str | None = None, order_no: str = "SO-1") -> Timeline:
    state = story.judged(until).state
    found = timeline(state, order_no, now=local(now or until))
    assert found is not None
    return found


def handover(found: Timeline, duty: object) -> Handover:
    (one,) = [known for known in found.handovers if known.duty == str(duty)]
    return one


def test_a_handover_shows_when_it_was_given_delivered_signed_due_and_closed():
    story, duty = a_story(), links.release("SO-1")
    review = links.review("SO-1")
    story.at("2026-03-03 08:00").delivers(review, "planner")
    story.at("2026-03-03 08:30").states(pmc.ReviewDecided, order_no="SO-1", closes=[review])
    decided = story.told[-1].fact["id"]
    story.at("2026-03-03 09:00").states(
        sales.HandoverDelivered, order_no="SO-1", duty=duty, post="merchandiser", inputs=[review], given_by=[decided]
    )
    story.at("2026-03-03 10:00").states(
        sales.HandoverSigned, order_no="SO-1", duty=duty, signed_by=STAFF["merchandiser"]
    )
    story.at("2026-03-03 15:00").states(sales.OrderReleased, order_no="SO-1", closes=[duty])

    one = handover(seen(story, "2026-03-04 09:00"), duty)

    assert one.given_at == local("2026-03-03 08:30")
    assert one.delivered_at == local("2026-03-03 09:00")
    assert one.signed_at == local("2026-03-03 10:00")
    assert one.due_at == local("2026-03-03 14:00")
    assert one.closed_at == local("2026-03-03 15:00")
    assert (one.status, one.overrun) == (DutyStatus.OVERRAN, timedelta(hours=1))
    assert (one.inputs, one.clause) == (("review:SO-1",), "MER-01")
    assert one.person is not None
    assert one.person.employee == STAFF["merchandiser"]


def test_what_a_department_hands_over_to_itself_is_given_when_it_arrives_however_old_what_it_waited_for():
    story, duty = a_story(), links.requisition_approval("MRQ-1")
    production = links.production_order("SO-1", 1)
    story.at("2026-03-02 09:00").delivers(production, "planner")
    story.at("2026-03-02 10:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[production])
    story.at("2026-03-04 09:00").delivers(duty, "workshop_director", inputs=[production])

    one = handover(seen(story, "2026-03-04 10:00"), duty)

    assert one.given_at == one.delivered_at == local("2026-03-04 09:00")


def test_a_late_message_shows_as_the_time_between_given_and_delivered():
    story, duty = a_story(), links.progress("INQ-1")
    story.at("2026-03-03 09:00").states(sales.ProgressAsked, order_no="SO-1", inquiry_no="INQ-1")
    asked = story.told[-1].fact["id"]
    story.at("2026-03-05 09:00").states(
        sales.HandoverDelivered, order_no="SO-1", duty=duty, post="merchandiser", given_by=[asked]
    )

    one = handover(seen(story, "2026-03-05 10:00"), duty)

    assert (one.given_at, one.delivered_at) == (local("2026-03-03 09:00"), local("2026-03-05 09:00"))
    assert one.due_at == local("2026-03-05 14:00")


def test_the_path_shows_each_contribution_and_marks_the_first_cause():
    story = a_story()
    an_order(story, delivery_date="2026-03-06", takes={"release": 9, "final_inspection": 20})

    found = seen(story, "2026-03-20 09:00")

    cost = {one.duty: one.contribution for one in found.handovers if one.contribution}
    assert cost == {"release:SO-1": timedelta(hours=5), "final_inspection:MO-SO-1": timedelta(hours=12)}
    assert [one.duty for one in found.handovers if one.first_cause] == ["final_inspection:MO-SO-1"]
    assert isinstance(found.missed[0], FirstCause)
    assert found.lines[0].missed
    off_the_path = handover(found, "production_order:SO-1/1")
    assert off_the_path.contribution is None


def test_between_the_frontier_and_now_a_deadline_waits_for_evidence():
    story, duty = a_story(), links.release("SO-1")
    story.at("2026-03-03 09:00").delivers(duty, "merchandiser", service="sales")

    waiting = handover(seen(story, "2026-03-03 13:57", now="2026-03-03 14:10"), duty)
    running = handover(seen(story, "2026-03-03 13:57", now="2026-03-03 13:59"), duty)
    decided = handover(seen(story, "2026-03-03 14:02", now="2026-03-03 14:10"), duty)

    assert (waiting.status, waiting.waiting) == (DutyStatus.OPEN, True)
    assert (running.status, running.waiting) == (DutyStatus.OPEN, False)
    assert (decided.status, decided.waiting) == (DutyStatus.OVERRAN, False)


def test_facts_beyond_the_frontier_are_shown_at_once_and_decide_nothing():
    story, duty = a_story(), links.release("SO-1")
    story.at("2026-03-03 09:00").delivers(duty, "merchandiser", service="sales")
    story.at("2026-03-03 11:00").states(sales.OrderReleased, order_no="SO-1", closes=[duty])
    entries = story.entries()
    state = outcome(State(), entries[:-1], local("2026-03-03 10:00")).state
    before = dump(state)

    found = timeline(state, "SO-1", now=local("2026-03-03 11:01"), ahead=entries[-1:])

    assert found is not None
    one = handover(found, duty)
    assert (one.closed_at, one.status, one.waiting) == (local("2026-03-03 11:00"), DutyStatus.IN_TIME, True)
    assert dump(state) == before


def test_what_lies_beyond_the_frontier_is_shown_where_a_handover_rests_on_others_of_other_orders():
    story, arrivals = a_story(), [links.arrival(f"PO-{number}", 1) for number in range(9)]
    for arrival in arrivals:
        story.at("2026-03-02 09:00").delivers(arrival, "buyer", service="purchasing", order_no=f"SO-{arrival.key}")
    issue = links.issue("MRQ-1")
    story.at("2026-03-03 09:00").delivers(issue, "storekeeper", service="warehouse", inputs=arrivals)
    story.at("2026-03-03 11:00").states(warehouse.MaterialIssued, order_no="SO-1", closes=[issue])
    entries = story.entries()
    state = outcome(State(), entries[:-1], local("2026-03-03 10:00")).state

    found = timeline(state, "SO-1", now=local("2026-03-03 11:01"), ahead=entries[-1:])

    assert found is not None
    assert handover(found, issue).closed_at == local("2026-03-03 11:00")


@PROPERTY
@given(stories(), st.integers(1, 60))
def test_nothing_that_is_shown_ahead_is_remembered_and_it_begins_with_the_order_as_it_is(story, number):
    entries = story.entries()
    state = outcome(State(), entries[:-number], entries[-number].admitted).state
    before = dump(state)

    for order_no in ("SO-1", "SO-2"):
        ahead = [entry for entry in entries[-number:] if entry.fact.get("subject") == order_no]
        timeline(state, order_no, now=local("2026-06-30 17:00"), ahead=ahead)
        found = state.cases.get(order_no) and excerpt(state, order_no)
        if found:
            assert dump_case(found, found.cases[order_no]) == dump_case(state, state.cases[order_no])

    assert dump(state) == before


def test_an_excuse_is_shown_with_its_reason_and_working_hours():
    story, duty = a_story(), links.receipt("LOT-1")
    story.at("2026-03-03 09:00").delivers(duty, "storekeeper", service="warehouse")
    began, ended = local("2026-03-03 11:00"), local("2026-03-03 14:00")
    story.at(ended).states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)

    (excuse,) = handover(seen(story, "2026-03-03 15:00"), duty).excuses

    assert (excuse.reason, excuse.working) == ("outage", timedelta(hours=2))
    assert excuse.position == len(story.told)


def test_what_the_company_owes_is_listed_by_urgency():
    story = a_story()
    for number, hour in enumerate(("11", "09", "10")):
        story.at(f"2026-03-03 {hour}:00").delivers(
            links.release(f"SO-{number}"), "merchandiser", order_no=f"SO-{number}"
        )
    state = story.judged("2026-03-03 12:00").state

    owed = open_duties(state, now=local("2026-03-03 12:00"))

    assert [one.duty for one in owed] == ["release:SO-1", "release:SO-2", "release:SO-0"]


def test_an_unknown_order_has_no_timeline():
    assert timeline(a_story().judged().state, "SO-404", now=local("2026-03-03 12:00")) is None
