"""What the company's facts show is remembered, and found anew as soon as something comes that it rests on."""

from contracts import pmc, quality, warehouse
from services.accountability.judge import shared
from services.accountability.judge.evidence import Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import RecordProposal, Suspected, Verdict, Withdrawal
from tests.support.facts import STAFF, Story, a_story, local
from tests.support.orders import an_order

END = local("2026-06-30 17:00")


def a_company() -> Story:
    """Counts and audits, good and bad; an uninspected use that an order's documents speak about; somebody who leaves."""
    story = a_story()
    an_order(story, "SO-1", starts="2026-03-03 09:00", delivery_date="2026-03-13")
    for day, counted in (("02", "100"), ("03", "70"), ("04", "100")):
        story.at(f"2026-03-{day} 16:00")
        count = {"count_no": f"CNT-{day}", "booked": "100", "counted": counted}
        story.states(warehouse.StockCounted, by=STAFF["planner"], **count, counted_by=STAFF["planner"])
        audit = {"audit_no": f"5S-{day}", "score": "60", "team_leader": STAFF["team_leader"], "audited_by": STAFF["hr"]}
        story.states(pmc.FiveSAudited, by=STAFF["hr"], **audit)
    story.at("2026-03-05 08:10").states(
        quality.UninspectedUseConfirmed, by=STAFF["hr"], order_no=None, lot="LOT-SO-1", bypassed_by=STAFF["storekeeper"]
    )
    story.at("2026-03-20 09:00").relieves(STAFF["team_leader"], "team_leader", since="2026-03-03 09:00")
    audit = {"audit_no": "5S-20", "score": "95", "team_leader": STAFF["team_leader"], "corrects": "5S-02"}
    story.at("2026-03-21 09:00").states(pmc.FiveSAudited, by=STAFF["hr"], **audit)
    story.told.sort(key=lambda told: told.recorded_at)
    return story


def judged(story: Story, *, forgetful: bool) -> tuple[State, list[Verdict]]:
    state, said = State(), list[Verdict]()
    for entry in story.entries():
        if forgetful:
            shared.forget_answers(state)
        said += judge(state, entry)
    return state, said + judge(state, Tick(END))


def test_whoever_remembers_says_the_same_as_whoever_looks_at_every_fact_again():
    state, said = judged(a_company(), forgetful=False)
    _, said_anew = judged(a_company(), forgetful=True)

    assert said == said_anew
    assert state.index.answers
    assert {type(verdict) for verdict in said} >= {RecordProposal, Suspected, Withdrawal}


def test_who_answers_from_now_on_is_no_reason_to_ask_again_about_what_was():
    story = a_company()
    state, _ = judged(story, forgetful=False)
    known = dict(state.index.answers)

    story.at("2026-07-01 09:00").appoints("E-099", "team_leader")
    judge(state, list(story.entries())[-1])

    assert known
    assert state.index.answers == known


def test_a_fact_that_nobody_shares_with_the_company_is_no_reason_to_look_at_its_facts():
    state, _ = judged(a_company(), forgetful=False)

    assert shared.concerns_the_company(state, "SO-1")
    assert not shared.concerns_the_company(state, "SO-2")
