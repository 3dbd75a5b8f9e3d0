"""Stories of TML-04: an injury is reported and investigated before anybody answers for it, and its report proves nothing."""

from __future__ import annotations

from contracts import pmc
from tests.accountability.clauses.cases import BREACH, EXCUSE, NO_BREACH, case
from tests.accountability.clauses.findings import (
    DIRECTOR,
    HR,
    INJURY,
    LEADER,
    an_injury,
    is_found,
    is_investigated,
    is_reported,
)
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
    is_reported(story)
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
    is_reported(story)
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
    is_reported(story, "2026-03-17 09:00")
    is_investigated(story, "2026-03-18 09:00")


OTHER = "E-056"


@case("TML-04", NO_BREACH, also=only_suspected)
def another_teams_leader_is_found_who_had_nothing_to_do_with_it(story: Story) -> None:
    story.at("2026-03-02 09:00").appoints(OTHER, "team_leader")
    an_injury(story)
    is_found(story, "TML-04", HR, person=OTHER, **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def only_the_directors_duty_was_breached(story: Story) -> None:
    an_injury(story, breached_by=(DIRECTOR,))
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def an_investigation_of_long_ago_names_nobody(story: Story) -> None:
    an_injury(story, breached_by=())
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", NO_BREACH, also=only_suspected)
def the_finding_is_about_another_time(story: Story) -> None:
    an_injury(story)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY, occurred_at="2026-03-05T09:01:00+08:00")


@case("TML-04", BREACH, person=LEADER)
def whoever_led_the_team_then_has_given_the_post_up_since(story: Story) -> None:
    an_injury(story)
    story.at("2026-03-13 09:00").relieves(LEADER, "team_leader")
    story.appoints(OTHER, "team_leader")
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)


@case("TML-04", NO_BREACH)
def whoever_leads_the_team_now_did_not_when_it_happened(story: Story) -> None:
    an_injury(story, breached_by=(OTHER,))
    story.at("2026-03-13 09:00").appoints(OTHER, "team_leader")
    is_found(story, "TML-04", HR, person=OTHER, **INJURY)


@case("TML-04", EXCUSE, also=only_suspected)
def a_later_investigation_found_it_was_another_ones_duty(story: Story) -> None:
    an_injury(story)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)
    is_investigated(story, "2026-03-18 09:00", investigation_no="INV-4", corrects="INV-3", breached_by=(DIRECTOR,))


@case("TML-04", EXCUSE, also=only_suspected)
def the_injury_was_reported_by_mistake(story: Story) -> None:
    an_injury(story)
    is_found(story, "TML-04", HR, person=LEADER, **INJURY)
    story.at("2026-03-18 09:00").states(pmc.InjuryReportWithdrawn, by=LEADER, injury_report_no="INJ-2")
