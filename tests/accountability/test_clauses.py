"""Does every clause find its breach, leave the innocent alone, hear excuses, and count the last moment as in time?"""

from __future__ import annotations

import pytest

from deploy.local.player.timeline import load_stories
from services.accountability.rules.rulebook_loading import SHIPPED, read_yaml
from tests.accountability.clauses import (  # noqa: F401 - they register
    attributions,
    deadlines,
    findings,
    first_causes,
    injuries,
    penalties,
    prohibitions,
)
from tests.accountability.clauses.cases import CASES, KINDS
from tests.support.facts import a_story

CLAUSES = read_yaml(SHIPPED.read_text(encoding="utf-8")).clauses


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause}: {case.kind}: {case.name}")
def test_the_clause_judges_this_story_rightly(case):
    story = a_story()
    case.tell(story)

    told = story.judged()

    assert told.records.get(case.clause) == case.person
    if case.also:
        case.also(told)


@pytest.mark.parametrize("clause", CLAUSES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_clause_lacks_one_of_the_four_stories(clause, kind):
    assert [case.name for case in CASES if (case.clause, case.kind) == (clause, kind)]


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_lacks_a_story_of_the_sample_factory(clause):
    """Told in YAML, played through all services (tests/flows/test_month.py)."""
    told = {record.clause: story.name for story in load_stories() for record in story.expect.records}

    assert clause in told
