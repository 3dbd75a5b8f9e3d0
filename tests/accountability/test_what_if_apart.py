"""Of several things that are supposed: which of them makes a difference, and which only together?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest

from contracts import links, warehouse
from services.accountability.judge.state import COMPANY
from services.accountability.what_if.comparing import Change, Difference
from services.accountability.what_if.replaying import Replay
from services.accountability.what_if.shares import Share, alone
from services.accountability.what_if.supposing import CalendarChange, Supposition
from tests.accountability.test_reckoning import SUPPOSED
from tests.accountability.test_shared import a_company
from tests.accountability.test_shares import END, links_in, replayed
from tests.accountability.test_what_if import roster, sanction, standard, what_if
from tests.support.facts import STAFF, Story, a_story

NONE_OF_IT = date(2026, 6, 22)


def a_receipt(done: str) -> Story:
    """Delivered on Tuesday at nine and due on Wednesday at nine."""
    story = a_story().at("2026-03-03 09:00")
    story.delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")
    story.at(done).states(warehouse.GoodsReceived, order_no="SO-1", closes=[links.receipt("LOT-1")])
    return story


def told(done: str, hours: str, off: str = "2026-03-04") -> list[tuple[str, str]]:
    """What is said of the only record that differs, in both languages."""
    calendar = CalendarChange(days_off=(date.fromisoformat(off),))
    (difference,) = what_if(a_receipt(done), Supposition(rules=standard("receipt", hours), calendar=calendar))
    assert difference.change is Change.GONE
    return [(reason.zh, reason.en) for reason in difference.reasons]


def first(difference: Difference) -> str:
    return difference.reasons[0].en


def test_what_one_of_two_makes_by_itself_is_said_to_be_of_this_one() -> None:
    (by_rules, due), (by_calendar, _) = (told("2026-03-04 11:00", *said) for said in (("12 h", "2026-06-22"), ("8 h",)))

    assert by_rules == ("只凭假设的条款就有此差别", "made by the supposed rules alone")
    assert by_calendar == ("只凭假设的日历就有此差别", "made by the supposed calendar alone")
    assert due[1] == "Receipt LOT-1 due 2026-03-04 09:00 → 2026-03-04 14:00; done 2026-03-04 11:00"


def test_where_either_would_be_enough_both_are_named_and_the_due_time_says_that_both_moved_it() -> None:
    made, due = told("2026-03-04 11:00", "12 h")

    assert made[0] == "只凭假设的条款,或只凭假设的日历就有此差别"
    assert made[1] == "made by the supposed rules alone, or by the supposed calendar alone"
    assert "→ 2026-03-05 14:00(假设的条款和日历合在一起)" in due[0]
    assert "→ 2026-03-05 14:00 (by the supposed rules and calendar together)" in due[1]


def test_where_it_takes_both_it_is_said_so() -> None:
    made, due = told("2026-03-05 11:00", "12 h")

    assert made == ("假设的条款和日历合在一起才有此差别", "made only by the supposed rules and calendar together")
    assert due[1] == "Receipt LOT-1 due 2026-03-04 09:00 → 2026-03-05 14:00; done 2026-03-05 11:00"


def test_a_due_time_that_another_one_moved_than_what_changed_the_record_says_so() -> None:
    """Later by the day off and still late; what is changed is the sanction."""
    supposition = Supposition(
        rules=sanction("WHS-03", "minor_demerit"), calendar=CalendarChange(days_off=(date(2026, 3, 4),))
    )

    (difference,) = what_if(a_receipt("2026-03-06 11:00"), supposition)

    assert [reason.en for reason in difference.reasons] == [
        "made by the supposed rules alone",
        "sanction: warning → minor demerit",
        "Receipt LOT-1 due 2026-03-04 09:00 → 2026-03-05 09:00 (by the supposed calendar alone); done 2026-03-06 11:00",
    ]


def test_of_three_a_pair_is_named_where_it_takes_two() -> None:
    supposition = Supposition(
        rules=standard("receipt", "12 h"),
        calendar=CalendarChange(days_off=(date(2026, 3, 4),)),
        tenures=roster(STAFF["storekeeper"]),
    )

    (both,) = what_if(a_receipt("2026-03-05 11:00"), supposition)
    (another,) = what_if(a_receipt("2026-03-06 11:00"), replace(supposition, tenures=roster("E-061")))

    assert first(both) == "made by the supposed rules and calendar alone"
    assert first(another) == "made by the supposed roster alone"


def test_where_one_thing_is_supposed_nothing_is_told_apart() -> None:
    (difference,) = what_if(a_receipt("2026-03-04 11:00"), Supposition(rules=standard("receipt", "12 h")))

    assert [reason.en.partition(" ")[0] for reason in difference.reasons] == ["Receipt"]


def test_every_part_and_pair_is_looked_at_once() -> None:
    whole = Supposition(rules=SUPPOSED["much time"].rules, calendar=CalendarChange(days_off=(NONE_OF_IT,)), tenures=())

    some = dict(whole.less())

    assert list(some) == [*combinations(("rules", "calendar", "tenures"), 1), *combinations(whole.parts, 2)]
    assert all(one.parts == parts for parts, one in some.items())
    assert list(Supposition(tenures=()).less()) == []


@pytest.mark.parametrize("supposed", ["hardly any time", "shorter days"])
def test_orders_that_are_replayed_alone_find_what_a_replay_of_everything_finds_of_them(supposed: str) -> None:
    story, supposition = a_company(), SUPPOSED[supposed]
    whole = replayed(story)
    everything = Replay(supposition)
    everything.take(story.entries())
    everything.end(END)

    for order_no in sorted(whole.state.cases):
        share = whole.share_of({order_no})
        assert share == alone(links_in(whole.state), whole.state.index.shared, {order_no})
        found = of_share(story, supposition, share).found
        assert {key: one for key, one in found.items() if one.order_no == order_no} == {
            key: one for key, one in everything.found.items() if one.order_no == order_no
        }


def of_share(story: Story, supposition: Supposition, share: Share) -> Replay:
    replay = Replay(supposition)
    subjects = ((entry, entry.fact.get("subject")) for entry in story.entries())
    replay.take([entry for entry, subject in subjects if not subject or share.has(subject)])
    replay.end(END)
    return replay


def test_a_share_of_some_orders_alone_has_no_others() -> None:
    share = alone({"SO-1": ["SO-2"], "SO-3": ["SO-4"]}, {"SO-5"}, {"SO-1"})

    assert [no for no in ("SO-1", "SO-2", "SO-3", "SO-5", "SO-9") if share.has(no)] == ["SO-1", "SO-2"]
    assert not share.tells_of_no_order
    assert alone({}, {"SO-5"}, {COMPANY, "SO-1"}).brought == ("SO-1", "SO-5")
