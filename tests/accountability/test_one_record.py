"""Does one record list every breach, each by the rules of its day, and does it go on saying what the facts say?"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
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
from tests.accountability.clauses.findings import is_found
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


def a_complaint_that_came_of_the_wrong_material(
    finding_of: str = "C-1", *, rules: Mapping[str, Any] = RULES, rulebook_version: str = "2026-01"
) -> Story:
    story = a_story(rules=rules)
    made_and_inspected(story)
    attributed(story, matter="complaint", cause="production")
    said = {"person": STAFF["workshop_director"], "complaint_no": finding_of, "rulebook_version": rulebook_version}
    is_found(story, "PRD-04", STAFF["inspector"], "2026-03-17 09:00", **said)
    return story


def test_a_complaint_and_the_finding_from_which_it_comes_are_one_failure():
    told = a_complaint_that_came_of_the_wrong_material().judged()

    assert told.records == {"PRD-04": STAFF["workshop_director"]}
    assert told.record("PRD-04").absorbed == ("PRD-02",)
    assert "taking in PRD-02" in told.record("PRD-04").ground_en


def test_a_clause_that_is_said_to_take_in_itself_stands_all_the_same():
    """No draft may say so any more; in a rulebook that has long been in force it makes no breach vanish."""
    clauses = [{**known, "absorbs": ["TML-03"]} if known["code"] == "TML-03" else known for known in RULES["clauses"]]
    story = a_story(rules={**RULES, "clauses": clauses})
    finished(story, "2026-03-04 09:00", 10, waste=wasted("1"))

    told = story.judged()

    assert told.records == {"TML-03": LEADER}
    assert told.record("TML-03").absorbed == ()


def test_the_return_that_comes_of_both_takes_both_in():
    story = a_complaint_that_came_of_the_wrong_material()
    sent_back = {"matter": "return", "cause": "production", "return_no": "RET-1"}
    attributed(story, "2026-03-18 09:00", attribution_no="ATT-2", **sent_back)

    told = story.judged()

    assert told.records == {"PRD-03": STAFF["workshop_director"]}
    assert told.record("PRD-03").absorbed == ("PRD-02", "PRD-04")


def test_a_finding_that_has_to_do_with_another_complaint_stands_beside_it():
    told = a_complaint_that_came_of_the_wrong_material(finding_of="C-2").judged()

    assert told.records.keys() == {"PRD-02", "PRD-04"}
    assert (told.record("PRD-02").complaints, told.record("PRD-04").complaints) == (("C-1",), ("C-2",))


def counted_short(story: Story, when: str, number: str, month: str | None = None) -> None:
    said: dict[str, Any] = {"count_no": f"CNT-{number}", "booked": "100", "counted": "90", "month": month}
    story.at(when).states(warehouse.StockCounted, by=STAFF["planner"], as_post="planner", order_no=None, **said)


def test_one_stocktake_is_one_record_whatever_items_it_finds_wrong():
    """March's is counted over the month's end; what is counted later is April's, as is a count that names no stocktake."""
    story = a_story()
    counted_short(story, "2026-03-31 15:00", "1", "2026-03")
    counted_short(story, "2026-03-31 16:00", "2", "2026-03")
    counted_short(story, "2026-04-01 09:00", "3", "2026-03")
    counted_short(story, "2026-04-02 09:00", "4", "2026-04")
    counted_short(story, "2026-04-29 09:00", "5")

    records = [record for record in story.judged().proposals if record.clause == "WHS-02"]

    assert [[breach.about for breach in record.breaches] for record in records] == [
        ["stock_counts:CNT-1", "stock_counts:CNT-2", "stock_counts:CNT-3"],
        ["stock_counts:CNT-4", "stock_counts:CNT-5"],
    ]
    assert {record.sanction for record in records} == {"warning"}


def test_two_audits_are_two_records():
    """Of no order as well, and nothing that they would be part of: each stands for itself."""
    story = a_story()
    for day in ("05", "12"):
        said = {"audit_no": f"FSA-{day}", "score": "50", "team_leader": LEADER, "corrects": None}
        story.at(f"2026-03-{day} 15:00")
        story.states(pmc.FiveSAudited, by=STAFF["workshop_director"], order_no=None, **said)

    assert [len(record.breaches) for record in story.judged().proposals] == [1, 1]


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


def test_a_breach_under_another_version_says_which_and_the_record_names_both():
    story = a_story()
    finished(story, "2026-03-04 09:00", 10, waste=wasted("1"))
    another_rulebook(story, "TML-03", "2026-03-04 12:00")
    finished(story, "2026-03-05 09:00", 20, waste=wasted("10"))

    record = story.judged().record("TML-03")

    assert record.versions == (record.rulebook_version, "2026-01") == ("2026-02", "2026-01")
    assert [breach.facts.get("rulebook_version") for breach in record.breaches] == ["2026-01", None]


def test_another_version_moves_nothing_where_it_has_no_breach():
    story = a_story()
    finished(story, "2026-03-04 09:00", 10, waste=wasted("1"))
    another_rulebook(story, "TML-03", "2026-03-04 12:00")

    assert story.judged().record("TML-03").versions == ("2026-01",)


def test_posts_in_one_hand_are_shown_whichever_breach_they_were_held_at():
    story = a_story()
    story.at("2026-03-02 09:00").appoints(LEADER, "inspector")
    finished(story, "2026-03-04 09:00", 10, waste=wasted("1"))
    story.at("2026-03-04 12:00").relieves(LEADER, "inspector")
    finished(story, "2026-03-05 09:00", 20, waste=wasted("10"))

    record = story.judged().record("TML-03")

    assert len(record.breaches) == 2
    assert record.self_dealing == (("team_leader", "inspector"),)


@pytest.mark.parametrize(
    ("first", "second"), [("operation.at", "operation.at"), (None, "operation.at"), ("operation.at", None)]
)
def test_no_breach_falls_between_two_versions_that_look_at_different_moments(first: str | None, second: str | None):
    """The work was done under the first version; where both say nothing of the moment it is that of the attribution."""
    story = a_story(rules=looking_at(first, "2026-01"))
    made_and_inspected(story)
    story.at("2026-03-10 09:00")
    rules = looking_at(second, "2026-02")
    story.states(accountability.RulebookActivated, version="2026-02", effective_from=story.now, rules=rules)
    attributed(story, matter="complaint", cause="production")

    assert story.judged().record("PRD-02").rulebook_version == "2026-01"


def looking_at(moment: str | None, version: str) -> dict[str, Any]:
    """The rules with another moment for PRD-02; None: that of the fact itself."""
    rules: dict[str, Any] = deepcopy({**RULES, "version": version})
    ground = next(clause for clause in rules["clauses"] if clause["code"] == "PRD-02")["grounds"][0]
    ground.pop("moment")
    ground |= {"moment": moment} if moment else {}
    return rules


def amount(compensation: CompensationProposal | None) -> str:
    assert compensation is not None
    return str(compensation.amount)


def share(compensation: CompensationProposal | None) -> str:
    assert compensation is not None
    return str(compensation.share_percent)
