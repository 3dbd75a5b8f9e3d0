"""Does the person whose record falls or is replaced read what is different, and is nothing called corrected that was not?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts import links, pmc
from services.accountability.judge.verdicts import RecordProposal, Withdrawal
from tests.accountability.clauses.attributions import INSPECTION, OPERATION, attributed, made_and_inspected
from tests.accountability.test_one_record import ARRIVAL, LEADER, finished
from tests.support.facts import STAFF, Outcome, Story, a_story
from tests.support.orders import Step, an_order

LATE: dict[str, Any] = {"delivery_date": "2026-03-06"}
REWORKED: dict[str, Any] = {"matter": "rework", "rework_no": "RWK-1", "rework_cost": "800", "overtime_cost": "600"}


def reasons(told: Outcome) -> list[tuple[str, str]]:
    """By clause, why a record fell or was replaced, but for where the fact that came stands."""
    said = [one for one in told.verdicts if isinstance(one, Withdrawal | RecordProposal) and one.because_en]
    return [(one.clause, one.because_en.partition(" (")[0]) for one in said]


def at_law(story: Story, when: str, number: str, **said: Any) -> None:
    known: dict[str, Any] = {"attribution_no": number, "complaint_no": "C-1", "line_no": 1}
    story.at(when).states(pmc.ComplaintAttributed, by=STAFF["planner"], order_no="SO-1", **(known | said))


def second_breach(story: Story) -> None:
    for when, lot in (("2026-03-03 09:00", "LOT-1"), ("2026-03-09 09:00", "LOT-2")):
        story.at(when).delivers(links.receipt(lot), "storekeeper", service="warehouse")


def absorbed_in_time(story: Story) -> None:
    an_order(story, **LATE, takes={"production_order": 60})


def complaint_then_return(story: Story) -> None:
    at_law(story, "2026-03-16 09:00", "ATT-1", matter="complaint", cause="production")
    money = {"processing_fee": "1000", "direct_loss": "5000"}
    at_law(story, "2026-03-17 09:00", "ATT-2", matter="return", return_no="RET-1", cause="production", **money)


def corrected(story: Story) -> None:
    story.appoints("E-066", "team_leader")
    at_law(story, "2026-03-16 09:00", "ATT-1", **REWORKED, cause="production", person=LEADER)
    at_law(story, "2026-03-18 09:00", "ATT-2", **REWORKED, cause="production", person="E-066", corrects="ATT-1")


def another_first_cause(story: Story) -> None:
    an_order(story, **LATE, takes={"instruction": 24, "ship": 80})


def accepted_for_the_other(story: Story) -> None:
    """Release cost less than shipping did; then shipping is excused."""
    said: dict[str, Any] = {"exception_no": "EXC-1", "affected_duties": [links.ship("SHN-SO-1")], "order_no": "SO-1"}

    def raise_it(_story: Story, step: Step) -> None:
        if step.duty.link == "ship":
            story.states(pmc.ExceptionRaised, by=STAFF["storekeeper"], **said)

    an_order(story, **LATE, takes={"release": 9, "ship": 40}, extra=raise_it)
    story.at("2026-03-13 09:00").states(pmc.ExceptionDecided, extension_hours="60", decided_by=STAFF["planner"], **said)


def excused_in_part(story: Story) -> None:
    story.at("2026-03-04 09:00").delivers(OPERATION, "team_leader", standard_hours="8", assignee=LEADER)
    said: dict[str, Any] = {"order_no": "SO-1", "exception_no": "EXC-1", "affected_duties": [OPERATION]}
    story.at("2026-03-04 14:00").states(pmc.ExceptionRaised, by=LEADER, **said)
    finished(story, "2026-03-06 09:00", 10, closes=[OPERATION])
    story.at("2026-03-09 09:00").states(pmc.ExceptionDecided, by=STAFF["planner"], extension_hours="4", **said)


def late_again(story: Story) -> None:
    """The goods of a line were late, failed their inspection, and are late again."""
    terms: dict[str, Any] = {"required_on": "2026-03-04", "lead_time_days": 1}
    story.at("2026-03-02 09:00").delivers(ARRIVAL, "buyer", service="purchasing", **terms)
    story.at("2026-03-06 15:00").delivers(ARRIVAL, "buyer", service="purchasing", attempt=2, **terms)


def somebody_shares(story: Story) -> None:
    """The inspector's share was the whole until a team leader's was attributed too."""
    made_and_inspected(story)
    first = {**INSPECTION, "cause": "quality"}
    attributed(story, complaint_no=None, **REWORKED, **first)
    second = {"cause": "production", "attribution_no": "ATT-2", "person": LEADER}
    attributed(story, "2026-03-18 09:00", complaint_no=None, **REWORKED, **second)


@pytest.mark.parametrize(
    ("tell", "said"),
    [
        (second_breach, [("WHS-03", "also breached Receipt LOT-2")]),
        (absorbed_in_time, [("PMC-01", "PMC-03 takes it in for the same failure")]),
        (
            complaint_then_return,
            [("PRD-02", "PRD-03 takes it in for the same failure: a further attribution was made")],
        ),
        (corrected, [("TML-02", "the attribution was corrected")]),
        (another_first_cause, [("SHP-02", "the first cause is now Shipment SHN-SO-1")]),
        (
            accepted_for_the_other,
            [
                ("MER-01", "the first cause is now Shipment SHN-SO-1"),
                ("SHP-03", "the first cause is now Order release SO-1: an exception was decided"),
            ],
        ),
        (excused_in_part, [("TML-01", "a due time changed: an exception was decided")]),
        (late_again, [("PUR-01", "also breached Arrival MRL-1/1#2")]),
        (somebody_shares, [("QUA-03", "the share in a loss changed: a further attribution was made")]),
    ],
)
def test_the_reason_says_what_changed_and_by_what(tell: Any, said: list[tuple[str, str]]) -> None:
    story = a_story()
    tell(story)

    assert reasons(story.judged()) == said


def test_the_reason_says_it_in_chinese_too() -> None:
    story = a_story()
    complaint_then_return(story)

    (withdrawal,) = story.judged().withdrawn

    assert withdrawal.because_zh == f"同一事项已并入 PRD-03：又有责任归属（台账第 {len(story.told)} 条）"
