"""Does a part of the facts lead to what all of them lead to, for the case it was selected for?"""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given

from chassis.instants import FACTORY
from services.accountability.judge.evidence import Entry
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import RecordProposal, Verdict
from services.accountability.proof.packing import Asked
from tests.accountability.clauses import attributions, deadlines, findings, first_causes, prohibitions  # noqa: F401 - they register
from tests.accountability.clauses.cases import CASES
from tests.accountability.selecting import about, of_a_day, selected
from tests.accountability.test_fold import END, PROPERTY, stories
from tests.support.facts import Story, a_story, outcome


def said(entries: Collection[Entry]) -> list[Verdict]:
    return outcome(State(), entries, END).verdicts


def orders_of(story: Story) -> set[str]:
    return {told.fact["subject"] for told in story.told if told.fact.get("subject")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause}: {case.kind}: {case.name}")
def test_every_clause_is_judged_alike_from_an_export(case):
    story = a_story()
    case.tell(story)
    entries = story.entries()
    whole = said(entries)

    for order_no in sorted(orders_of(story)):
        asked = Asked(orders=(order_no,))
        assert about(said(selected(entries, asked)), asked) == about(whole, asked)
    for day in sorted({entry.admitted.astimezone(FACTORY).date() for entry in entries}):
        asked, came, cited = of_a_day(entries, whole, day)
        assert about(said(selected(entries, asked, cited)), asked, came) == about(whole, asked, came)
    for record in [each for each in whole if isinstance(each, RecordProposal)]:
        asked = Asked(orders=(record.order_no,) if record.order_no else (), person=record.person.employee)
        mine = [each for each in whole if isinstance(each, RecordProposal) and each.person == record.person]
        cited = {proof.position for each in mine if not each.order_no for proof in each.evidence}
        again = about(said(selected(entries, asked, cited)), asked)[0]
        assert {name: facts for name, facts in about(whole, asked)[0].items() if name in again} == again
        assert (record.key, record.revision) in again


@PROPERTY
@given(stories())
def test_one_of_two_orders_is_judged_alike_from_an_export(story):
    entries = story.entries()
    whole = said(entries)

    for order_no in ("SO-1", "SO-2"):
        asked = Asked(orders=(order_no,))
        assert about(said(selected(entries, asked)), asked) == about(whole, asked)
