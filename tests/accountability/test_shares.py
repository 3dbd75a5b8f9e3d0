"""A replay that is shared out finds what one finds that hears everything; nothing that hangs together is parted."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import links, pmc
from services.accountability.judge.hearing import SILENT
from services.accountability.judge.snapshot import needs
from services.accountability.judge.state import COMPANY, State
from services.accountability.what_if.replaying import Found, Replay
from services.accountability.what_if.shares import Share, falls_to, grouped, share_out
from services.accountability.what_if.supposing import Supposition
from tests.accountability.test_fold import stories
from tests.accountability.test_shared import a_company
from tests.support.facts import STAFF, Story, a_story, local
from tests.support.orders import Step, an_order

END = local("2026-06-30 17:00")
PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def replayed(story: Story, share: Share = Share()) -> Replay:  # noqa: B008
    replay = Replay(Supposition())
    replay.take(
        entry
        for entry in story.entries()
        if entry.fact["type"] not in SILENT and (not entry.fact.get("subject") or share.has(entry.fact["subject"]))
    )
    replay.end(END)
    return replay


def links_in(state: State) -> dict[str, list[str]]:
    return {case.order_no: [*case.linked, *needs(state, case)] for case in state.cases.values()}


def together(story: Story, of: int) -> dict[str, Found]:
    """What the shares find."""
    whole = replayed(story).state
    shares = share_out(links_in(whole), whole.index.shared, of)
    found = [(share, replayed(story, share).found) for share in shares]
    told = [[each for each in some.items() if share.is_first or each[1].order_no != COMPANY] for share, some in found]
    assert sum(map(len, told)) == len(dict(chain(*told)))
    return dict(chain(*told))


@PROPERTY
@given(stories(), st.integers(1, 4))
def test_the_shares_of_a_replay_find_together_what_one_finds_alone(story, of):
    assert together(story, of) == replayed(story).found


def two_orders_that_hang_together() -> Story:
    """An exception of the first gives an operation of the second more time, and so takes a record away."""
    story, second = a_story(), links.operation("MO-SO-2", 20)

    def hindered(told: Story, step: Step) -> None:
        if step.duty == second:
            said: dict[str, Any] = {"order_no": "SO-1", "exception_no": "EXC-1", "affected_duties": [second]}
            told.states(pmc.ExceptionRaised, by=STAFF["team_leader"], kind="other", affected_orders=["SO-1"], **said)
            decided: dict[str, Any] = {
                "accepted": True,
                "extension_hours": "40",
                "decided_by": STAFF["general_manager"],
            }
            told.states(pmc.ExceptionDecided, affected_orders=["SO-1"], **said, **decided)

    an_order(story, "SO-1", delivery_date="2026-03-13")
    an_order(story, "SO-2", delivery_date="2026-03-13", takes={"operation": 9}, extra=hindered)
    story.told.sort(key=lambda told: told.recorded_at)
    return story


def test_an_order_is_replayed_with_the_one_whose_handover_its_facts_name():
    story = two_orders_that_hang_together()
    whole = replayed(story)
    shares = {of: share_out(links_in(whole.state), (), of) for of in (2, 3, 4)}

    assert whole.state.cases["SO-1"].linked == ["SO-2"]
    assert replayed(story, Share(falls_to("SO-2", 2), 2)).found != whole.found
    for of, some in shares.items():
        assert all(share.has("SO-1") == share.has("SO-2") for share in some)
        assert together(story, of) == whole.found


def test_the_company_is_told_of_by_the_share_that_has_the_orders_its_facts_are_about():
    story = a_company()
    found = replayed(story).found

    assert {COMPANY} <= {each.order_no for each in found.values()}
    assert all(together(story, of) == found for of in (1, 2, 3, 4))


@pytest.mark.parametrize("of", [1, 2, 3, 8])
def test_every_order_is_in_one_share(of):
    orders = [f"SO-{number}" for number in range(100)]
    hang_together = {"SO-1": ["SO-2", "SO-50"], "SO-50": ["SO-7"], "SO-8": ["SO-9"]}

    shares = share_out(hang_together, ["SO-9", "SO-60"], of)

    has = {order_no: [share.number for share in shares if share.has(order_no)] for order_no in orders}
    assert all(len(found) == 1 for found in has.values())
    assert has["SO-1"] == has["SO-2"] == has["SO-50"] == has["SO-7"]
    assert has["SO-8"] == has["SO-9"] == has["SO-60"] == [0]
    assert {falls_to(order_no, of) for order_no in orders} == set(range(of))


def test_what_hangs_together_by_way_of_others_is_one_group():
    groups = grouped({"A": ["B"], "C": ["D"], "D": ["B"], "E": []})

    assert groups["A"] == {"A", "B", "C", "D"}
    assert all(groups[each] is groups["A"] for each in "BCD")
    assert "E" not in groups
