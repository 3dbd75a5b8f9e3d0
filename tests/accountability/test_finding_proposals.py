"""Who may propose a finding, and what becomes of it: the authority that finds the clause confirms or declines it."""

from typing import Any

import pytest

from contracts.accountability import BreachFound, FindingDismissed, FindingProposed
from tests.accountability.test_breach_findings import (
    DEPARTED,
    DIRECTION,
    DIRECTOR,
    ENGINEER,
    HAPPENED,
    HR,
    INFERIOR,
    INSPECTOR,
    LEADER,
    LOST,
    PLANNER,
    PLANNING,
    STORED,
    found,
    office,
    status_of,
)
from tests.support.departments import MORNING, Department
from tests.support.facts import STAFF

__all__ = ["office"]


async def test_a_lost_order_is_proposed_by_pmc_and_found_by_the_general_manager(office: Department) -> None:
    proposed = await office.do(PLANNING, "propose_finding", **LOST)
    assert (proposed["status"], proposed["found_by"]) == ("proposed", None)
    assert [type(fact) for fact in await office.facts(FindingProposed.name, BreachFound.name)] == [FindingProposed]

    assert await office.refused(PLANNING, "confirm_finding", proposed["no"]) == "may_not_find"
    assert await office.refused(HR, "confirm_finding", proposed["no"]) == "may_not_find"
    assert await office.refused(PLANNING, "withdraw_finding", proposed["no"], reason="…") == "wrong_status"
    found_now = await office.do(DIRECTION, "confirm_finding", proposed["no"])

    (fact,) = await office.facts(BreachFound.name)
    assert isinstance(fact, BreachFound)
    assert (fact.proposed_by, fact.found_by, fact.finding_no) == (PLANNING, DIRECTION, proposed["no"])
    assert found_now["approved_by"] == DIRECTION
    assert await office.refused(DIRECTION, "confirm_finding", proposed["no"]) == "wrong_status"


async def test_the_general_manager_may_find_no_breach_in_what_was_proposed(office: Department) -> None:
    proposed = await office.do(PLANNING, "propose_finding", **LOST)

    await office.do(DIRECTION, "dismiss_finding", proposed["no"], reason="客户因自身原因取消")

    (fact,) = await office.facts(FindingDismissed.name)
    assert isinstance(fact, FindingDismissed)
    assert (fact.finding_no, fact.dismissed_by) == (proposed["no"], DIRECTION)
    assert await office.refused(DIRECTION, "confirm_finding", proposed["no"]) == "wrong_status"


async def test_a_confirmed_proposal_corrects_the_earlier_finding(office: Department) -> None:
    earlier = await office.do(PLANNING, "propose_finding", **LOST)
    await office.do(DIRECTION, "confirm_finding", earlier["no"])
    later = await office.do(PLANNING, "propose_finding", **{**LOST, "direct_loss": "900", "corrects": earlier["no"]})
    assert await status_of(office, earlier["no"]) == "found"

    await office.do(DIRECTION, "confirm_finding", later["no"])

    assert await status_of(office, earlier["no"]) == "corrected"


@pytest.mark.parametrize(
    ("by", "said", "code"),
    [
        (HR, LOST, "may_not_propose"),
        (PLANNING, INFERIOR, "may_not_propose"),
        (PLANNING, {**INFERIOR, "clause": "PUR-05"}, "no_proposal_needed"),
        (PLANNER, {**INFERIOR, "clause": "PUR-05"}, "no_proposal_needed"),
        (PLANNER, LOST, "may_not_propose"),
        (ENGINEER, INFERIOR, "may_not_propose"),
        (ENGINEER, {**INFERIOR, "clause": "PRD-04", "person": DIRECTOR}, "may_not_propose"),
        (PLANNER, {**INFERIOR, "clause": "GEN-04", "person": STAFF["salesperson"]}, "not_theirs_to_propose"),
        (PLANNER, {**INFERIOR, "clause": "GEN-04", "person": STAFF["inspector"]}, "not_theirs_to_propose"),
        (PLANNER, {**INFERIOR, "person": LEADER}, "post_not_held_then"),
        (PLANNER, {**INFERIOR, "evidence_documents": []}, "no_evidence"),
        (PLANNING, {**LOST, "loss_document": None}, "loss_without_document"),
        (PLANNING, {**LOST, "direct_loss": None}, "fact_missing"),
        (PLANNING, {**LOST, "share_percent": None}, "fact_missing"),
        (PLANNING, {**LOST, "order_no": None}, "fact_missing"),
        (PLANNING, {**LOST, "evidence_documents": []}, "no_evidence"),
    ],
)
async def test_a_proposal_is_refused_too(office: Department, by: str, said: dict[str, Any], code: str) -> None:
    assert await office.refused(by, "propose_finding", **said) == code
    assert await office.facts(FindingProposed.name) == []


DEPARTED_SO: dict[str, Any] = {**DEPARTED, "production_order_no": "MO-1", "op_no": 10}


@pytest.mark.parametrize(
    ("by", "said", "finder"),
    [
        (PLANNER, INFERIOR, DIRECTION),
        (PLANNER, {**INFERIOR, "clause": "PRD-04", "person": DIRECTOR}, INSPECTOR),
        (PLANNER, DEPARTED_SO, DIRECTION),
        (ENGINEER, DEPARTED_SO, DIRECTION),
        (PLANNER, {**INFERIOR, "clause": "GEN-04", "person": STORED}, DIRECTOR),
        (PLANNER, {**DEPARTED_SO, "clause": "GEN-05"}, INSPECTOR),
    ],
)
async def test_what_planner_and_engineer_propose_the_finder_confirms_or_finds_no_breach_in(
    office: Department, by: str, said: dict[str, Any], finder: str
) -> None:
    """Source: process, "may propose penalties for its downstream", "for waste or for ignoring the process"."""
    times = (HAPPENED, MORNING.isoformat())
    first, second = [await office.do(by, "propose_finding", **{**said, "occurred_at": at}) for at in times]
    assert (first["status"], first["proposed_by"], first["found_by"]) == ("proposed", by, None)
    assert await office.facts(BreachFound.name) == []
    assert await office.refused(by, "confirm_finding", first["no"]) == "may_not_find"
    assert await office.refused(by, "find_breach", **said) == "may_not_find"

    await office.do(finder, "confirm_finding", first["no"])
    await office.do(finder, "dismiss_finding", second["no"], reason="证据不足")

    (fact,) = await office.facts(BreachFound.name)
    assert isinstance(fact, BreachFound)
    assert (fact.finding_no, fact.proposed_by, fact.found_by) == (first["no"], by, finder)
    assert (await status_of(office, first["no"]), await status_of(office, second["no"])) == ("found", "dismissed")
    again = await found(office, finder, said, occurred_at=MORNING.isoformat())
    assert again["proposed_by"] is None


async def test_whoever_is_accused_does_not_propose(office: Department) -> None:
    await office.employ(merchandiser=PLANNING)

    assert await office.refused(PLANNING, "propose_finding", **{**LOST, "person": PLANNING}) == "own_case"


async def test_nobody_proposes_or_decides_a_correction_of_what_was_found_of_them(office: Department) -> None:
    deviated = {**INFERIOR, "clause": "GEN-04"}
    of_planner = await found(office, DIRECTOR, deviated, person=PLANNER)
    of_director = await found(office, DIRECTION, deviated, person=DIRECTOR)
    shifted = {**deviated, "person": STORED, "corrects": of_planner["no"]}
    assert await office.refused(PLANNER, "propose_finding", **shifted) == "own_case"
    proposed = await office.do(PLANNER, "propose_finding", **{**shifted, "corrects": of_director["no"]})

    assert await office.refused(DIRECTOR, "confirm_finding", proposed["no"]) == "own_case"
    assert await office.refused(DIRECTOR, "dismiss_finding", proposed["no"], reason="…") == "own_case"
    await office.do(DIRECTION, "confirm_finding", proposed["no"])

    assert await status_of(office, of_director["no"]) == "corrected"


async def test_whoever_proposed_does_not_confirm(office: Department) -> None:
    await office.employ(pmc_manager=DIRECTION)
    proposed = await office.do(DIRECTION, "propose_finding", **LOST)

    assert await office.refused(DIRECTION, "confirm_finding", proposed["no"]) == "self_approval"
