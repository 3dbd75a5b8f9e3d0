"""Stories of clauses that rest on PMC's attribution of a complaint, a return or a rework."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contracts import links, pmc, quality, sales
from services.accountability.judge import clauses
from tests.accountability.clauses.cases import BREACH, EXACTLY, EXCUSE, NO_BREACH, case
from tests.support.facts import STAFF, Outcome, Story

DIRECTOR, LEADER, INSPECTOR = STAFF["workshop_director"], STAFF["team_leader"], STAFF["inspector"]
SUCCESSOR, COLLEAGUE = "E-099", "E-050"
OPERATION = links.operation("MO-1", 10)
MADE, INSPECTED = "2026-03-05 09:00", "2026-03-06 09:00"


def made_and_inspected(story: Story, *, passed: bool = True) -> None:
    story.at("2026-03-04 09:00").delivers(OPERATION, "team_leader", assignee=LEADER, standard_hours="16")
    story.at(MADE).states(pmc.OperationFinished, by=LEADER, order_no="SO-1", closes=[OPERATION])
    story.at(INSPECTED).states(quality.FinalInspected, by=INSPECTOR, order_no="SO-1", lot="FG-1", passed=passed)


def attributed(story: Story, when: str = "2026-03-16 09:00", **said: Any) -> None:
    known: dict[str, Any] = {
        "attribution_no": "ATT-1",
        "complaint_no": "C-1",
        "operation": OPERATION,
        "lot": "FG-1",
        "line_no": 1,
    }
    story.at(when).states(pmc.ComplaintAttributed, by=STAFF["planner"], order_no="SO-1", **(known | said))


@dataclass(frozen=True)
class Matter:
    """A clause, what attribution breaches it, and against whom."""

    clause: str
    person: str
    post: str
    matter: dict[str, Any]
    done: str
    costs: dict[str, str] = field(default_factory=dict)


INSPECTION: dict[str, Any] = {"escaped_inspection": True, "inspector": INSPECTOR, "cause": "production"}
RETURN = {"direct_loss": "5000", "processing_fee": "1200", "return_no": "RET-1"}
REWORK = {"rework_no": "RWK-1", "rework_cost": "800", "overtime_cost": "300"}

MATTERS = (
    Matter("PRD-02", DIRECTOR, "workshop_director", {"matter": "complaint", "cause": "production"}, MADE),
    Matter("PRD-03", DIRECTOR, "workshop_director", {"matter": "return", "cause": "production"}, MADE, RETURN),
    Matter("QUA-01", INSPECTOR, "inspector", {"matter": "complaint", **INSPECTION}, INSPECTED),
    Matter("QUA-02", INSPECTOR, "inspector", {"matter": "return", **INSPECTION}, INSPECTED, RETURN),
    Matter("QUA-03", INSPECTOR, "inspector", {"matter": "rework", **INSPECTION}, INSPECTED, REWORK),
    Matter("TML-02", LEADER, "team_leader", {"matter": "rework", "cause": "production"}, MADE, REWORK),
)


def waits_for_the_customer(clause: str):
    def look(told: Outcome) -> None:
        assert told.record(clause).complaints == ("C-1",)
        assert told.record(clause).held_for

    return look


def _register(matter: Matter) -> None:
    said = {**matter.matter, **matter.costs}

    @case(matter.clause, BREACH, person=matter.person, also=waits_for_the_customer(matter.clause))
    def attributed_to_them(story: Story) -> None:
        made_and_inspected(story)
        attributed(story, **said)

    @case(matter.clause, NO_BREACH)
    def attributed_to_the_customer(story: Story) -> None:
        made_and_inspected(story)
        attributed(story, **{**said, "cause": "customer", "escaped_inspection": False})

    @case(matter.clause, NO_BREACH)
    def attributed_by_the_person_themself(story: Story) -> None:
        made_and_inspected(story)
        story.at("2026-03-16 09:00").states(
            pmc.ComplaintAttributed,
            by=matter.person,
            order_no="SO-1",
            **{"complaint_no": "C-1", "operation": OPERATION, "lot": "FG-1", "person": None, **said},
        )

    @case(matter.clause, EXCUSE)
    def the_attribution_was_corrected(story: Story) -> None:
        made_and_inspected(story)
        attributed(story, **said)
        corrected = {**said, "cause": "transport", "escaped_inspection": False}
        attributed(story, "2026-03-20 09:00", **{**corrected, "attribution_no": "ATT-2", "corrects": "ATT-1"})

    @case(matter.clause, EXACTLY, person=SUCCESSOR if matter.post == "workshop_director" else None)
    def the_post_changed_hands_at_that_very_moment(story: Story) -> None:
        story.at(matter.done)
        story.relieves(matter.person, matter.post)
        story.appoints(SUCCESSOR, matter.post)
        made_and_inspected(story)
        attributed(story, **{**said, "person": None})


for each in MATTERS:
    _register(each)


def suspected(clause: str):
    def look(told: Outcome) -> None:
        assert told.suspicions[clause] == clauses.UNPROVED.en

    return look


def _register_inspection(matter: Matter) -> None:
    said = {**matter.matter, **matter.costs}

    @case(matter.clause, NO_BREACH, also=suspected(matter.clause))
    def attributed_to_an_inspector_who_never_saw_the_goods(story: Story) -> None:
        story.appoints(COLLEAGUE, "inspector")
        made_and_inspected(story)
        attributed(story, **{**said, "inspector": COLLEAGUE})

    @case(matter.clause, NO_BREACH, also=suspected(matter.clause))
    def attributed_to_nobody_by_name(story: Story) -> None:
        made_and_inspected(story)
        attributed(story, **{**said, "inspector": None})

    @case(matter.clause, NO_BREACH, also=suspected(matter.clause))
    def attributed_to_an_inspector_who_failed_the_goods(story: Story) -> None:
        made_and_inspected(story, passed=False)
        attributed(story, **said)

    @case(matter.clause, NO_BREACH, also=suspected(matter.clause))
    def passed_by_them_only_when_the_defect_was_known(story: Story) -> None:
        story.appoints(COLLEAGUE, "inspector")
        made_and_inspected(story)
        story.at("2026-03-10 09:00").states(
            sales.ComplaintReceived, order_no="SO-1", complaint_no="C-1", received_at=story.now, channel="phone"
        )
        story.states(sales.ReturnAuthorised, order_no="SO-1", complaint_no="C-1", return_no="RET-1")
        story.states(pmc.ReworkOrdered, order_no="SO-1", complaint_no="C-1", rework_no="RWK-1")
        story.at("2026-03-12 09:00").states(
            quality.OutgoingInspected, by=COLLEAGUE, order_no="SO-1", lot="FG-1", line_no=1, passed=True
        )
        attributed(story, **{**said, "inspector": COLLEAGUE})

    @case(matter.clause, BREACH, person=matter.person)
    def the_material_was_let_pass(story: Story) -> None:
        story.at(INSPECTED).states(quality.IncomingInspected, by=INSPECTOR, order_no="SO-1", lot="LOT-1", passed=True)
        attributed(story, **said, lot="LOT-1")


for each in MATTERS:
    if each.post == "inspector":
        _register_inspection(each)


def two_operations(story: Story, *leaders: str) -> None:
    """Two steps of a line, each with its team leader, finished one after the other."""
    for op_no, leader, when in zip((10, 20), leaders, (4, 5), strict=True):
        duty = links.operation("MO-1", op_no)
        story.at(f"2026-03-0{when} 09:00").delivers(duty, "team_leader", assignee=leader, standard_hours="16")
        finished: dict[str, Any] = {"closes": [duty], "op_no": op_no, "last": op_no == 20}
        story.at(f"2026-03-0{when} 16:00").states(pmc.OperationFinished, by=leader, order_no="SO-1", **finished)


OF_THE_LINE: dict[str, Any] = {"matter": "rework", "cause": "production", "operation": None, **REWORK}


@case("TML-02", NO_BREACH, also=suspected("TML-02"))
def attributed_to_a_leader_without_an_operation_in_the_order(story: Story) -> None:
    story.appoints(COLLEAGUE, "team_leader")
    made_and_inspected(story)
    attributed(story, matter="rework", cause="production", person=COLLEAGUE, **REWORK)


@case("TML-02", NO_BREACH, also=suspected("TML-02"))
def attributed_to_no_operation_of_two_teams(story: Story) -> None:
    story.appoints(COLLEAGUE, "team_leader")
    two_operations(story, LEADER, COLLEAGUE)
    attributed(story, **OF_THE_LINE)


@case("TML-02", BREACH, person=LEADER)
def attributed_to_one_of_two_teams(story: Story) -> None:
    story.appoints(COLLEAGUE, "team_leader")
    two_operations(story, LEADER, COLLEAGUE)
    attributed(story, **OF_THE_LINE, person=LEADER)


@case("TML-02", BREACH, person=LEADER)
def attributed_to_a_line_that_one_team_made(story: Story) -> None:
    story.appoints(COLLEAGUE, "team_leader")
    two_operations(story, LEADER, LEADER)
    attributed(story, **OF_THE_LINE)


def a_fifth_of_the_processing_fee(told: Outcome) -> None:
    compensation = told.record("PRD-03").compensation
    assert compensation is not None
    assert str(compensation.amount) == "240.00"
    assert told.record("PRD-03").absorbed == ("PRD-02",)
    assert "PRD-02" not in told.records


@case("PRD-03", BREACH, person=DIRECTOR, also=a_fifth_of_the_processing_fee)
def complaint_and_return_are_one_failure(story: Story) -> None:
    made_and_inspected(story)
    attributed(story, matter="complaint", cause="production")
    attributed(story, "2026-03-17 09:00", attribution_no="ATT-2", matter="return", cause="production", **RETURN)


def half_of_the_lower(told: Outcome) -> None:
    compensation = told.record("QUA-03").compensation
    assert compensation is not None
    assert str(compensation.amount) == "150.00"


@case("QUA-03", BREACH, person=INSPECTOR, also=half_of_the_lower)
def the_costs_are_those_that_the_finished_rework_recorded(story: Story) -> None:
    made_and_inspected(story)
    story.at("2026-03-12 09:00").states(pmc.ReworkFinished, order_no="SO-1", **REWORK, processing_fee="0")
    attributed(story, matter="rework", rework_no="RWK-1", **INSPECTION)


@case("QUA-03", NO_BREACH)
def without_a_recorded_loss_nothing_is_proposed(story: Story) -> None:
    made_and_inspected(story)
    attributed(story, matter="rework", rework_no="RWK-1", **INSPECTION)


@case("QUA-01", NO_BREACH)
def no_inspection_standard_would_have_shown_it(story: Story) -> None:
    made_and_inspected(story)
    attributed(story, matter="complaint", cause="production", escaped_inspection=False, inspector=INSPECTOR)


def nothing_is_held(told: Outcome) -> None:
    assert not told.record("PRD-02").held_for


@case("PRD-02", BREACH, person=DIRECTOR, also=nothing_is_held)
def attributed_after_the_customer_was_satisfied(story: Story) -> None:
    made_and_inspected(story)
    story.at("2026-03-10 09:00").states(
        sales.ComplaintReceived, order_no="SO-1", kind="quality", received_at=story.now, channel="phone"
    )
    story.at("2026-03-13 09:00").states(pmc.ComplaintClosed, order_no="SO-1", complaint_no="C-1")
    attributed(story, matter="complaint", cause="production")
