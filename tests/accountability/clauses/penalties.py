"""Stories of GEN-03: a customer's penalty is recorded by Sales and attributed by PMC before anybody answers for it."""

from __future__ import annotations

from contracts import pmc, sales
from tests.accountability.clauses.cases import BREACH, EXCUSE, NO_BREACH, case
from tests.accountability.clauses.findings import MANAGER, PENALTY, a_penalty, is_attributed, is_found, is_recorded
from tests.support.facts import STAFF, Outcome, Story


def a_quarter_and_the_rest(told: Outcome) -> None:
    amounts = {record.person.employee: record.compensation.amount for record in told.proposals if record.compensation}
    assert {name: str(amount) for name, amount in amounts.items()} == {
        STAFF["planner"]: "1000.00",
        STAFF["inspector"]: "3000.00",
    }


@case("GEN-03", BREACH, person=STAFF["inspector"], also=a_quarter_and_the_rest)
def shares_in_one_penalty_never_exceed_it(story: Story) -> None:
    """30 % and 90 % of 4 000 are scaled down to a quarter and three quarters."""
    is_recorded(story)
    is_attributed(story, STAFF["planner"], escaped_inspection=True, inspector=STAFF["inspector"])
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)
    said = {**PENALTY, "share_percent": "90", "finding_no": "FND-2"}
    is_found(story, "GEN-03", MANAGER, person=STAFF["inspector"], **said)


def waits_for_the_customer(told: Outcome) -> None:
    assert (told.record("GEN-03").complaints, told.record("GEN-03").held_for) == (("C-1",), "C-1")


@case("GEN-03", BREACH, person=STAFF["planner"], also=waits_for_the_customer)
def sales_had_recorded_which_complaint_the_penalty_follows(story: Story) -> None:
    is_recorded(story, complaint_no="C-1")
    is_attributed(story, STAFF["planner"])
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


@case("GEN-03", BREACH, person=STAFF["planner"], also=waits_for_the_customer)
def planning_had_attributed_the_penalty_in_the_complaint(story: Story) -> None:
    is_recorded(story)
    is_attributed(story, STAFF["planner"], complaint_no="C-1")
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


@case("GEN-03", BREACH, person=STAFF["planner"], also=waits_for_the_customer)
def the_penalty_was_attributed_with_the_return(story: Story) -> None:
    story.at("2026-03-10 09:00").states(sales.ReturnAuthorised, order_no="SO-1", return_no="RTN-1", complaint_no="C-1")
    is_recorded(story)
    is_attributed(story, STAFF["planner"], return_no="RTN-1")
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


def counts_at_once(told: Outcome) -> None:
    assert (told.record("GEN-03").complaints, told.record("GEN-03").held_for) == (("C-1",), None)


@case("GEN-03", BREACH, person=STAFF["planner"], also=counts_at_once)
def the_complaint_that_the_penalty_follows_was_closed_before(story: Story) -> None:
    is_recorded(story, complaint_no="C-1")
    is_attributed(story, STAFF["planner"])
    story.at("2026-03-15 09:00").states(pmc.ComplaintClosed, order_no="SO-1", complaint_no="C-1")
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


def waits_for_nobody(told: Outcome) -> None:
    assert (told.record("GEN-03").complaints, told.record("GEN-03").held_for) == ((), None)


@case("GEN-03", BREACH, person=STAFF["planner"], also=waits_for_nobody)
def the_penalty_follows_no_complaint(story: Story) -> None:
    is_recorded(story, penalty_no="CPN-8", complaint_no="C-1")
    a_penalty(story)
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


def only_suspected(told: Outcome) -> None:
    assert told.suspicions["GEN-03"] == "the recorded evidence does not bear this out"


@case("GEN-03", NO_BREACH)
def no_amount_was_found(story: Story) -> None:
    a_penalty(story)
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"])


@case("GEN-03", NO_BREACH, also=only_suspected)
def sales_had_recorded_no_penalty(story: Story) -> None:
    is_attributed(story, STAFF["planner"])
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


@case("GEN-03", NO_BREACH, also=only_suspected)
def the_penalty_is_another_orders(story: Story) -> None:
    is_recorded(story, order_no="SO-2")
    is_attributed(story, STAFF["planner"])
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


@case("GEN-03", NO_BREACH, also=only_suspected)
def one_fen_more_was_found_than_is_recorded(story: Story) -> None:
    a_penalty(story)
    said = {**PENALTY, "contract_penalty": "4000.01"}
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **said)


@case("GEN-03", NO_BREACH, also=only_suspected)
def planning_attributed_the_penalty_to_the_supplier(story: Story) -> None:
    is_recorded(story)
    is_attributed(story, None, cause="supplier")
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)


@case("GEN-03", EXCUSE, also=only_suspected)
def the_customer_gave_the_penalty_up(story: Story) -> None:
    a_penalty(story)
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)
    said = {"order_no": "SO-1", "penalty_no": "CPN-7"}
    story.at("2026-03-18 09:00").states(sales.ContractPenaltyWithdrawn, by=MANAGER, **said)


@case("GEN-03", EXCUSE, also=only_suspected)
def the_attribution_was_corrected_to_the_merchandiser(story: Story) -> None:
    a_penalty(story)
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)
    is_attributed(story, STAFF["merchandiser"], "2026-03-18 09:00", attribution_no="ATT-2", corrects="ATT-1")


@case("GEN-03", BREACH, person=STAFF["planner"])
def the_penalty_was_recorded_and_attributed_after_the_finding(story: Story) -> None:
    is_found(story, "GEN-03", MANAGER, person=STAFF["planner"], **PENALTY)
    is_recorded(story, "2026-03-17 09:00")
    is_attributed(story, STAFF["planner"], "2026-03-18 09:00")
