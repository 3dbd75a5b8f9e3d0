"""What would be, from the judge's memory reckoned anew: the same as hearing the whole history again under what is supposed."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import links
from contracts.accountability import Shift
from services.accountability.judge.snapshot import BY_CASE, beside, dump, dump_case
from services.accountability.judge.state import COMPANY, State
from services.accountability.rules.rulebook_periods import BACKFILL
from services.accountability.what_if.reckoning import Reckoning, can_be_reckoned, standing
from services.accountability.what_if.replaying import Due, Found, Replay
from services.accountability.what_if.supposing import CalendarChange, Supposition, Tenure
from tests.accountability.clauses.cases import CASES, Case
from tests.accountability.test_fold import stories
from tests.accountability.test_shared import a_company
from tests.accountability.test_shares import END, PROPERTY
from tests.accountability.test_what_if import roster, rules_with
from tests.support.facts import STAFF, Story, a_story, local
from tests.support.orders import an_order


def with_standards(length: str) -> Supposition:
    def change(rules: dict[str, Any]) -> None:
        for link in rules["links"]:
            link["standard"] = length

    return Supposition(rules=rules_with(change))


def with_calendar(**changed: Any) -> Supposition:
    return Supposition(calendar=CalendarChange(**changed))


LATER = tuple(Tenure(employee, post, local("2026-03-05 08:00")) for post, employee in STAFF.items())
SUPPOSED = {
    "nothing": Supposition(),
    "hardly any time": with_standards("1 min"),
    "much time": with_standards("10 d"),
    "days off": with_calendar(days_off=(date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 10))),
    "shorter days": with_calendar(shifts=(Shift(start="08:00", end="11:00"),)),
    "two storekeepers": Supposition(tenures=roster("E-061", "E-062")),
    "everybody came later": Supposition(tenures=LATER),
}


def replayed(story: Story, supposition: Supposition) -> Replay:
    replay = Replay(supposition)
    replay.take(story.entries())
    replay.end(END)
    return replay


class Alike(NamedTuple):
    """What would stand, and when every handover would have been due."""

    found: dict[str, Found]
    dues: Mapping[str, Due]


def reckoned(state: State, supposition: Supposition, *, settled: bool = False) -> Alike:
    """With all cases at hand, or with all orders settled."""
    papers = {no: dump_case(state, case) for no, case in state.cases.items()}
    at_hand = [body for no, body in papers.items() if not settled or no == COMPANY]
    reckoning = Reckoning(dump(state, without=BY_CASE), at_hand, supposition, END)
    rest = [no for no in papers if no not in reckoning.state.cases]
    bodies = [papers[no] for no in rest]
    found = {**reckoning.at_hand(), **reckoning.settled(rest, bodies)}
    return Alike(found, reckoning.dues(state.duties, bodies))


def assert_alike(story: Story, supposition: Supposition, of: str = "") -> None:
    state, replay = replayed(story, Supposition()).state, replayed(story, supposition)
    alike = Alike(replay.found, replay.dues(state.duties))
    assert reckoned(state, supposition) == alike, of
    if not state.index.shared:
        assert reckoned(state, supposition, settled=True) == alike, of


def told(case: Case) -> Story:
    story = a_story()
    case.tell(story)
    return story


FIRST_OF_EACH = tuple({case.clause: case for case in reversed(CASES)}.values())


@pytest.mark.parametrize("supposed", ["hardly any time", "shorter days"])
@pytest.mark.parametrize("clause", sorted({case.clause for case in CASES}))
def test_of_every_story_of_every_clause_the_memory_says_what_a_replay_finds(clause: str, supposed: str) -> None:
    for case in (each for each in CASES if each.clause == clause):
        assert_alike(told(case), SUPPOSED[supposed], case.name)


@PROPERTY
@given(stories(), st.sampled_from(sorted(SUPPOSED)))
def test_of_any_story_it_says_the_same(story: Story, supposed: str) -> None:
    assert_alike(story, SUPPOSED[supposed])


def test_and_of_a_whole_company() -> None:
    for supposition in SUPPOSED.values():
        assert_alike(a_company(), supposition)


def test_and_of_what_is_owed_and_will_not_have_been_done_by_then() -> None:
    """Nothing was said after it was delivered, and it was not late by the rules that were in force."""
    story = a_story().at("2026-03-03 09:00")
    story.delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")
    state = replayed(story, with_standards("90 d")).state
    assert not state.cases["SO-1"].troubled

    found = reckoned(state, with_standards("10 d")).found

    assert [each.clause for each in found.values()] == ["WHS-03"]
    assert found == replayed(story, with_standards("10 d")).found


def test_the_memory_does_not_say_which_handovers_would_have_ended_or_what_was_written_on_paper() -> None:
    story = a_story()
    an_order(story, "SO-1", delivery_date="2026-03-13")
    state, rules = replayed(story, Supposition()).state, deepcopy(with_standards("1 d").rules)
    assert rules is not None
    assert can_be_reckoned(state, Supposition(rules=rules), countersigned=True)

    (link, *_) = [each for each in rules["links"] if each.get("ended_by")]
    ended_by, link["ended_by"] = link["ended_by"], []

    assert not can_be_reckoned(state, Supposition(rules=rules), countersigned=False)
    (period,) = [each for each in rules["settings"] if each["key"] == BACKFILL]
    link["ended_by"], period["value"] = ended_by, "2 d"

    assert not can_be_reckoned(state, Supposition(rules=rules), countersigned=True)
    assert can_be_reckoned(state, Supposition(rules=rules), countersigned=False)

    assert not can_be_reckoned(state, SUPPOSED["days off"], countersigned=True)
    assert can_be_reckoned(state, SUPPOSED["days off"], countersigned=False)


def test_what_was_only_looked_at_leaves_the_memory_with_the_look() -> None:
    """A what-if looks at every case there ever was: whatever holds itself would wait there for the garbage collector."""
    states = [replayed(told(case), Supposition()).state for case in FIRST_OF_EACH]
    gc.collect()
    gc.disable()
    try:
        before = alive()
        found = [standing(beside(state, papers_of(state)), state.cases) for state in states]
        after = alive()
    finally:
        gc.enable()

    assert sum(map(bool, found)) > len(states) // 2
    assert after <= before + 1, "only the expression library remembers the last question that had no answer"


def papers_of(state: State) -> list[bytes]:
    return [dump_case(state, case) for case in state.cases.values()]


def alive() -> int:
    return sum(type(each) is State for each in gc.get_objects())
