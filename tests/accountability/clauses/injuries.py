"""Stories of TML-04: an injury is reported and investigated before anybody answers for it, and its report proves nothing."""

from __future__ import annotations

from contracts import pmc
from tests.accountability.clauses.cases import BREACH, EXCUSE, NO_BREACH, case
from tests.accountability.clauses.findings import DIRECTOR, HR, INJURY, LEADER, an_injury, is_found, is_investigated
from tests.support.facts import Outcome, Story


def only_suspected(told: Outcome) -> None:
    assert told.suspicions["TML-04"] == "the recorded evidence does not bear this out"


def the_director_too(told: Outcome) -> None:
    answering = {record.person.employee: record.person.post for record in told.proposals if record.clause == "TML-04"}
    assert answering == {LEADER: "team_leader", DIRECTOR: "workshop_director"}


@case("TML-04", BREACH, person=DIRECTOR, also=the_director_too)
def leader_and_director_each_breached_a_duty(story: Story) -> None:
    an_injury(story)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)
    is_found(story, "TML-04", HR, person=DIRECTOR, finding_no="FND-2", **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def the_report_itself_was_given_as_evidence(story: Story) -> None:
    an_injury(story)
    is_found(story, "TML-04", HR, person=LEADER, **{**INJURY, "evidence_documents": ["INV-3", "INJ-2"]})


@case("TML-04", NO_BREACH)
def nothing_was_investigated(story: Story) -> None:
    story.at("2026-03-05 11:00").states(pmc.InjuryReported, by=LEADER, injury_report_no="INJ-2")
    is_found(
        story, "TML-04", HR, person=LEADER, **{**INJURY, "investigation_no": None, "evidence_documents": ["INJ-2"]}
    )


@case("TML-04", NO_BREACH)
def the_injured_person_answers_for_nothing(story: Story) -> None:
    an_injury(story)
    story.appoints("E-055", "worker")
    is_found(story, "TML-04", HR, person="E-055", **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def the_investigation_is_recorded_nowhere(story: Story) -> None:
    story.at("2026-03-05 11:00").states(pmc.InjuryReported, by=LEADER, injury_report_no="INJ-2")
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def no_injury_was_reported(story: Story) -> None:
    is_investigated(story)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def the_investigation_was_of_another_injury(story: Story) -> None:
    an_injury(story, injury_report_no="INJ-9")
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def the_investigation_found_no_breached_duty(story: Story) -> None:
    an_injury(story, duty_breached=False)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def it_does_not_count_as_an_insured_injury(story: Story) -> None:
    an_injury(story, insured=False)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", EXCUSE, also=only_suspected)
def a_later_investigation_found_the_guard_in_its_place(story: Story) -> None:
    an_injury(story)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)
    said = {"investigation_no": "INV-4", "corrects": "INV-3", "duty_breached": False}
    is_investigated(story, "2026-03-18 09:00", **said)


@case("TML-04", BREACH, person=LEADER)
def the_investigation_was_concluded_after_the_finding(story: Story) -> None:
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)
    story.at("2026-03-17 09:00").states(pmc.InjuryReported, by=LEADER, injury_report_no="INJ-2")
    is_investigated(story, "2026-03-18 09:00")
