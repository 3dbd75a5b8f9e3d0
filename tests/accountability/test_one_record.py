"""Does one record list every breach, each by the rules of its day, and does it go on saying what the facts say?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts import accountability, engineering, links, pmc, quality, warehouse
from services.accountability.judge.verdicts import CompensationProposal
from tests.accountability.clauses.attributions import (
    INSPECTED,
    INSPECTION,
    INSPECTOR,
    OPERATION,
    REWORK,
    attributed,
    made_and_inspected,
)
from tests.accountability.test_fair_verdicts import PACKAGE, release
from tests.support.facts import RULES, STAFF, Story, a_story

LEADER = STAFF["team_leader"]
ARRIVAL = links.arrival("MRL-1", 1)
TEN, TWENTY = "finished_operations:MO-1/10", "finished_operations:MO-1/20"


def finished(story: Story, when: str, op_no: int, **said: Any) -> None:
    known: dict[str, Any] = {
        "production_order_no": "MO-1",
        "op_no": op_no,
        "team_leader": LEADER,
        "workers": (),
        "last": False,
    }
    story.at(when).states(pmc.OperationFinished, by=LEADER, order_no="SO-1", **known, **said)


def wasted(kilos: str) -> tuple[dict[str, str], ...]:
    return ({"item_code": "CU-8", "unit": "kg", "quantity": kilos, "allowance": "0", "unit_cost": "100"},)


def another_rulebook(story: Story, code: str, when: str) -> None:
    """From now on this clause costs a major demerit."""
    clauses = [{**known, "sanction": "major_demerit"} if known["code"] == code else known for known in RULES["clauses"]]
    rules = {**RULES, "version": "2026-02", "clauses": clauses}
    story.at(when)
    story.states(accountability.RulebookActivated, version="2026-02", effective_from=story.now, rules=rules)


@pytest.mark.parametrize(("second", "names"), [(20, [TEN, TWENTY]), (10, [TEN, f"{TEN}#2"])])
def test_the_waste_of_every_report_counts(second: int, names: list[str]):
    """Of two operations of one production order, and of one that is reported again after a failed inspection."""
    story = a_story()
    finished(story, "2026-03-04 09:00", 10, waste=wasted("1"))
    finished(story, "2026-03-05 09:00", second, waste=wasted("10"))

    record = story.judged().record("TML-03")

    assert [breach.about for breach in record.breaches] == names
    assert amount(record.compensation) == "220.00"


def test_every_worker_without_training_is_listed():
    story = a_story()
    finished(story, "2026-03-04 09:00", 10, untrained=("E-210",))
    finished(story, "2026-03-05 09:00", 20, untrained=("E-220",))

    record = story.judged().record("PRD-05")

    assert [(breach.about, breach.facts["untrained"]) for breach in record.breaches] == [
        (TEN, ["E-210"]),
        (TWENTY, ["E-220"]),
    ]


def test_goods_that_are_late_twice_are_one_item():
    """They failed their inspection, were bought again, and came late again."""
    story = a_story()
    for attempt, (asked, came) in enumerate(
        (("2026-03-02 09:00", "2026-03-06 09:00"), ("2026-03-06 15:00", "2026-03-12 09:00")), 1
    ):
        terms: dict[str, Any] = {"required_on": "2026-03-04", "lead_time_days": 1}
        story.at(asked).delivers(ARRIVAL, "buyer", service="purchasing", attempt=attempt, **terms)
        story.at(came).states(warehouse.GoodsArrived, order_no="SO-1", closes=[ARRIVAL], arrival_no=f"ARV-{attempt}")

    record = story.judged().record("PUR-01")

    assert [breach.about for breach in record.breaches] == ["arrival:MRL-1/1", "arrival:MRL-1/1#2"]


def test_a_record_says_the_due_time_that_later_evidence_moved():
    """An exception is accepted when the work is done: it was later than the new time, too."""
    story = a_story()
    story.at("2026-03-04 09:00").delivers(OPERATION, "team_leader", standard_hours="8", assignee=LEADER)
    said: dict[str, Any] = {"order_no": "SO-1", "exception_no": "EXC-1", "affected_duties": [OPERATION]}
    story.at("2026-03-04 14:00").states(pmc.ExceptionRaised, by=LEADER, **said)
    finished(story, "2026-03-06 09:00", 10, closes=[OPERATION])
    story.at("2026-03-09 09:00")
    story.states(pmc.ExceptionDecided, by=STAFF["planner"], accepted=True, extension_hours="4", **said)

    record = story.judged().record("TML-01")

    assert (record.replaces, record.breaches[0].facts["due_at"]) == (1, "2026-03-05T06:00:00+00:00")
    assert "an exception was decided" in record.because_en


def test_a_share_that_somebody_else_takes_over_is_said_anew():
    """Two led teams: at first nobody could be named for the rework, and the inspector's share was the whole."""
    story = a_story().at("2026-03-01 08:00").appoints("E-050", "team_leader")
    story.at("2026-03-04 09:00").delivers(OPERATION, "team_leader", standard_hours="16")
    finished(story, "2026-03-05 09:00", 10, closes=[OPERATION])
    story.at(INSPECTED).states(quality.FinalInspected, by=INSPECTOR, order_no="SO-1", passed=True)
    attributed(story, complaint_no=None, matter="rework", **INSPECTION, **REWORK)
    (doubt,) = [key for key in story.judged().standing if key.startswith("TML-02")]
    assert share(story.judged().record("QUA-03").compensation) == "100.00"

    story.at("2026-03-18 09:00").states(
        accountability.SuspicionCleared, order_no="SO-1", suspicion=doubt, person=LEADER
    )

    told = story.judged()
    assert [share(told.record(clause).compensation) for clause in ("QUA-03", "TML-02")] == ["50.00", "50.00"]
    assert told.record("QUA-03").replaces == 1


@pytest.mark.parametrize(
    ("since", "expected"), [("2026-03-10 09:00", "minor_demerit"), ("2026-03-05 08:00", "major_demerit")]
)
def test_an_attribution_is_weighed_by_the_rules_of_the_day_of_the_work(since: str, expected: str):
    story = a_story()
    another_rulebook(story, "PRD-02", since)
    made_and_inspected(story)
    attributed(story, matter="complaint", cause="production")
    story.told.sort(key=lambda told: told.recorded_at)

    assert story.judged().record("PRD-02").sanction == expected


def test_a_package_is_weighed_by_the_rules_of_the_day_of_its_release():
    """The rulebook changed between the release and the word of the engineering manager."""
    story = a_story()
    release(story, "2026-03-04 09:00", STAFF["engineer"], 1, "bom")
    said = {"report_no": "MDR-1", "document": "drawing", **PACKAGE}
    story.at("2026-03-05 09:00").states(pmc.MissingDocumentReported, **said)
    another_rulebook(story, "ENG-01", "2026-03-05 09:30")
    story.at("2026-03-05 10:00").states(
        engineering.MissingDocumentDecided, by=STAFF["engineering_manager"], confirmed=True, **said
    )

    record = story.judged().record("ENG-01")

    assert (record.rulebook_version, record.sanction) == (RULES["version"], "minor_demerit")


def amount(compensation: CompensationProposal | None) -> str:
    assert compensation is not None
    return str(compensation.amount)


def share(compensation: CompensationProposal | None) -> str:
    assert compensation is not None
    return str(compensation.share_percent)
