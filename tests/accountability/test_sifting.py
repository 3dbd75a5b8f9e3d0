"""An order that is not replayed has no record under what is supposed: what its papers say, the replay of everything says too."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accountability.judge.snapshot import BY_CASE, dump, dump_case
from services.accountability.judge.state import COMPANY, State
from services.accountability.people.calendar import shipped_calendar
from services.accountability.what_if.replaying import Found, Replay
from services.accountability.what_if.shares import Share, share_out_some
from services.accountability.what_if.sifting import can_sift, sifted, supposed_company
from services.accountability.what_if.supposing import Supposition, Tenure
from tests.accountability.clauses.cases import CASES
from tests.accountability.test_fold import stories
from tests.accountability.test_shared import a_company
from tests.accountability.test_shares import END, PROPERTY, links_in
from tests.accountability.test_what_if import roster, rules_with
from tests.support.facts import STAFF, Story, a_story, local
from tests.support.orders import an_order


def with_standards(length: str) -> Supposition:
    def change(rules: dict[str, Any]) -> None:
        for link in rules["links"]:
            link["standard"] = length

    return Supposition(rules=rules_with(change))


def with_calendar(**changed: Any) -> Supposition:
    return Supposition(calendar={**shipped_calendar(), **changed})


LATER = tuple(Tenure(employee, post, local("2026-03-05 08:00")) for post, employee in STAFF.items())
SUPPOSED = {
    "nothing": Supposition(),
    "hardly any time": with_standards("1 min"),
    "much time": with_standards("10 d"),
    "days off": with_calendar(public_holidays=["2026-03-04", "2026-03-09", "2026-03-10"]),
    "shorter days": with_calendar(shifts=[{"start": "08:00", "end": "11:00"}]),
    "two storekeepers": Supposition(tenures=roster("E-061", "E-062")),
    "everybody came later": Supposition(tenures=LATER),
}


def replayed(story: Story, supposition: Supposition, share: Share = Share()) -> Replay:  # noqa: B008
    replay = Replay(supposition)
    replay.take(e for e in story.entries() if not e.fact.get("subject") or share.has(e.fact["subject"]))
    replay.end(END)
    return replay


def something_might_stand(state: State, supposition: Supposition) -> set[str]:
    company = supposed_company(dump(state, without=BY_CASE), supposition)
    return set(sifted(company, (dump_case(state, case) for no, case in state.cases.items() if no != COMPANY)))


def found_in_some(story: Story, supposition: Supposition, of: int) -> dict[str, Found]:
    """What is found where only those orders are replayed in which something might stand."""
    state = replayed(story, Supposition()).state
    shares = share_out_some(something_might_stand(state, supposition), links_in(state), state.index.shared, of)
    parts = [(share, replayed(story, supposition, share).found) for share in shares]
    return {k: each for share, part in parts for k, each in part.items() if share.is_first or each.order_no != COMPANY}


@pytest.mark.parametrize("supposed", ["hardly any time", "shorter days", "two storekeepers"])
@pytest.mark.parametrize("clause", sorted({case.clause for case in CASES}))
def test_of_every_story_of_every_clause_nothing_is_passed_over(clause: str, supposed: str) -> None:
    for case in (each for each in CASES if each.clause == clause):
        story = a_story()
        case.tell(story)

        found = found_in_some(story, SUPPOSED[supposed], 1)

        assert found == replayed(story, SUPPOSED[supposed]).found, case.name


@PROPERTY
@given(stories(), st.sampled_from(sorted(SUPPOSED)), st.integers(1, 3))
def test_of_any_story_nothing_is_passed_over(story: Story, supposed: str, of: int) -> None:
    assert found_in_some(story, SUPPOSED[supposed], of) == replayed(story, SUPPOSED[supposed]).found


def test_nor_of_a_whole_company() -> None:
    story = a_company()

    for supposition in SUPPOSED.values():
        assert found_in_some(story, supposition, 2) == replayed(story, supposition).found


def an_order_that_went_well() -> State:
    story = a_story()
    an_order(story, "SO-1", delivery_date="2026-03-13")
    return replayed(story, Supposition()).state


def test_an_order_in_which_all_went_well_is_passed_over_unless_it_would_not_have() -> None:
    state = an_order_that_went_well()

    passed_over = {name: something_might_stand(state, each) == set() for name, each in SUPPOSED.items()}

    assert passed_over["nothing"]
    assert passed_over["much time"]
    assert not passed_over["hardly any time"]


def test_the_papers_do_not_hold_where_other_handovers_would_have_ended() -> None:
    state = an_order_that_went_well()
    rules = deepcopy(with_standards("1 d").rules)
    assert rules is not None
    assert can_sift(state, Supposition(rules=rules), countersigned=True)

    (link, *_) = [each for each in rules["links"] if each.get("ended_by")]
    link["ended_by"] = []

    assert not can_sift(state, Supposition(rules=rules), countersigned=False)
    assert not can_sift(state, SUPPOSED["days off"], countersigned=True)
    assert can_sift(state, SUPPOSED["days off"], countersigned=False)
