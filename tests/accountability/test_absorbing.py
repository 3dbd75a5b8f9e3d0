"""Does somebody answer for a failure whose clauses take in each other, and does always the same one?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest

from contracts import accountability
from tests.accountability.clauses.attributions import attributed
from tests.accountability.test_one_record import a_complaint_that_came_of_the_wrong_material
from tests.support.facts import RULES, STAFF, Outcome, Story

DIRECTOR = STAFF["workshop_director"]


def rules_with(absorbs: Mapping[str, list[str]], **sanctions: str) -> dict[str, Any]:
    """The shipped rulebook with other words of what takes in what, and other sanctions."""
    clauses = []
    for known in RULES["clauses"]:
        code = known["code"]
        anew = {"absorbs": absorbs[code]} if code in absorbs else {}
        clauses.append({**known, **anew, "sanction": sanctions.get(code.replace("-", "_"), known.get("sanction"))})
    return {**RULES, "clauses": clauses}


def a_complaint(rules: Mapping[str, Any], *, sent_back: bool = False) -> Outcome:
    """Of the wrong material; where it is sent back, three clauses describe one failure of the workshop director."""
    story = a_complaint_that_came_of_the_wrong_material(rules=rules)
    if sent_back:
        is_sent_back(story)
    return story.judged()


def is_sent_back(story: Story) -> None:
    said = {"matter": "return", "cause": "production", "return_no": "RET-1"}
    attributed(story, "2026-03-18 09:00", attribution_no="ATT-2", **said)


def test_of_two_that_take_in_each_other_the_heavier_stays_and_says_so():
    told = a_complaint(rules_with({"PRD-02": ["PRD-04"]}))

    assert told.records == {"PRD-04": DIRECTOR}
    assert told.record("PRD-04").absorbed == ("PRD-02",)
    assert "taking in PRD-02" in told.record("PRD-04").ground_en


def test_of_two_that_weigh_alike_the_first_by_code_stays():
    told = a_complaint(rules_with({"PRD-02": ["PRD-04"]}, PRD_02="major_demerit"))

    assert told.records == {"PRD-02": DIRECTOR}
    assert told.record("PRD-02").absorbed == ("PRD-04",)


RING = {"PRD-02": ["PRD-03"], "PRD-03": ["PRD-04"], "PRD-04": ["PRD-02"]}


@pytest.mark.parametrize(("heaviest", "others"), [(code, sorted(RING.keys() - {code})) for code in RING])
def test_around_a_ring_the_heaviest_stays_for_all_of_them(heaviest: str, others: list[str]):
    weighs = {code.replace("-", "_"): "dismissal" if code == heaviest else "warning" for code in RING}

    told = a_complaint(rules_with(RING, **weighs), sent_back=True)

    assert told.records == {heaviest: DIRECTOR}
    assert told.record(heaviest).absorbed == tuple(others)


def test_whatever_the_order_in_which_the_rulebook_names_them_the_same_one_stays():
    for order in permutations(RING):
        rules = rules_with(RING)
        last = [clause for code in order for clause in rules["clauses"] if clause["code"] == code]
        rules["clauses"] = [*(clause for clause in rules["clauses"] if clause["code"] not in RING), *last]

        assert a_complaint(rules, sent_back=True).records == {"PRD-03": DIRECTOR}, order


def test_two_versions_that_are_each_sound_let_nobody_go_either():
    """The old one has the complaint take in the finding, the new one the other way round; each breach has its own."""
    old = rules_with({"PRD-02": ["PRD-04"], "PRD-04": []}, PRD_02="major_demerit")
    new = {**rules_with({}), "version": "2026-02"}
    story = a_complaint_that_came_of_the_wrong_material(rules=old, rulebook_version="2026-02")
    story.at("2026-03-16 17:00").states(
        accountability.RulebookActivated, version="2026-02", effective_from=story.now, rules=new
    )

    told = story.judged()

    assert told.records == {"PRD-02": DIRECTOR}
    assert told.record("PRD-02").absorbed == ("PRD-04",)


def test_a_ring_takes_in_nothing_of_another_failure():
    told = a_complaint_that_came_of_the_wrong_material(
        finding_of="C-2", rules=rules_with({"PRD-02": ["PRD-04"]})
    ).judged()

    assert told.records.keys() == {"PRD-02", "PRD-04"}
    assert told.record("PRD-04").absorbed == ()
