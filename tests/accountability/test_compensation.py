"""A compensation never exceeds its clause's formula, nor the found share of the recorded loss, nor together the loss itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import accountability, pmc, quality, sales
from services.accountability.judge.compensation import Claim, at_share, propose, scales
from services.accountability.rules.rulebook_loading import SHIPPED, read_yaml
from tests.accountability.clauses.attributions import REWORK, attributed, made_and_inspected, two_operations
from tests.accountability.clauses.findings import (
    FND,
    MANAGER,
    a_lost_order,
    is_attributed,
    is_found,
    is_recorded,
)
from tests.accountability.clauses.prohibitions import wastes
from tests.support.facts import STAFF, Outcome, Story, a_story

BUYER, FOLLOWER, PLANNER, LEADER, INSPECTOR, DIRECTOR = (
    STAFF[post] for post in ("buyer", "merchandiser", "planner", "team_leader", "inspector", "workshop_director")
)
NOTE = "CPN-7"
"""The customer's penalty as Sales recorded it, which is the loss."""

Tell = Callable[[Story, str | None, str | None], None]


def follow_up_lost_it(story: Story, loss: str | None, share: str | None) -> None:
    """300 commission, 200 agency fee and 10 % of 20 000."""
    a_lost_order(story)
    is_found(story, "MER-02", MANAGER, person=FOLLOWER, direct_loss=loss, loss_document=NOTE, share_percent=share)


def a_kickback_was_taken(story: Story, loss: str | None, share: str | None) -> None:
    is_found(story, "PUR-06", MANAGER, person=BUYER, direct_loss=loss, loss_document=NOTE, share_percent=share)


def the_customer_deducted(story: Story, loss: str | None, share: str | None) -> None:
    deducted(story, loss or "1")
    is_found(story, "GEN-03", MANAGER, person=PLANNER, contract_penalty=loss, loss_document=NOTE, share_percent=share)


def deducted(story: Story, amount: str = "4000") -> None:
    """The cause is the planner's, and the inspector let it pass."""
    is_recorded(story, amount=amount)
    is_attributed(story, PLANNER, escaped_inspection=True, inspector=INSPECTOR)


def it_came_back(story: Story, loss: str | None, share: str | None) -> None:
    made_and_inspected(story)
    said = {"matter": "return", "cause": "production", "processing_fee": "1200", "return_no": "RET-1"}
    attributed(story, **said, direct_loss=loss, share_percent=share)


def inspection_let_it_pass(story: Story, loss: str | None, share: str | None) -> None:
    made_and_inspected(story)
    escaped: dict[str, Any] = {
        "matter": "rework",
        "escaped_inspection": True,
        "inspector": INSPECTOR,
        "cause": "customer",
    }
    attributed(story, **escaped, **REWORK, direct_loss=loss, share_percent=share)


def the_team_made_it_so(story: Story, loss: str | None, share: str | None) -> None:
    made_and_inspected(story)
    attributed(story, matter="rework", cause="production", **REWORK, direct_loss=loss, share_percent=share)


def five_bars_were_spoiled(story: Story, loss: str | None, share: str | None) -> None:
    """Three beyond the allowance, at 85.50 a bar."""
    wastes(story, "5")


TELLS: dict[str, Tell] = {
    "MER-02": follow_up_lost_it,
    "PUR-06": a_kickback_was_taken,
    "PRD-03": it_came_back,
    "QUA-03": inspection_let_it_pass,
    "TML-02": the_team_made_it_so,
    "TML-03": five_bars_were_spoiled,
    "GEN-03": the_customer_deducted,
}


def amount_of(told: Outcome, clause: str) -> str | None:
    compensation = told.record(clause).compensation
    return None if compensation is None else str(compensation.amount)


@pytest.mark.parametrize(
    ("clause", "loss", "share", "amount"),
    [
        ("MER-02", "9000", "100", "2500.00"),
        ("MER-02", "9000", "20", "1800.00"),
        ("MER-02", "1800", "100", "1800.00"),
        ("PUR-06", "1800", "100", "1800.00"),
        ("PUR-06", "1800", "25", "450.00"),
        ("GEN-03", "4000", "100", "4000.00"),
        ("GEN-03", "4000", "30", "1200.00"),
        ("PRD-03", "5000", "100", "240.00"),
        ("PRD-03", "5000", "3", "150.00"),
        ("PRD-03", "90", "100", "90.00"),
        ("QUA-03", "5000", "100", "150.00"),
        ("QUA-03", "200", "50", "100.00"),
        ("TML-02", "5000", "100", "240.00"),
        ("TML-02", None, "10", "80.00"),
        ("TML-03", None, "100", "51.30"),
    ],
)
def test_the_formula_is_a_ceiling_and_so_is_the_share_of_the_recorded_loss(
    clause: str, loss: str | None, share: str, amount: str
) -> None:
    story = a_story()
    TELLS[clause](story, loss, share)

    assert amount_of(story.judged(), clause) == amount


def test_no_clause_with_a_formula_is_left_untested() -> None:
    clauses = read_yaml(SHIPPED.read_text(encoding="utf-8")).clauses.values()

    assert {clause.code for clause in clauses if clause.compensation} == set(TELLS)


def test_without_a_recorded_loss_nothing_is_proposed() -> None:
    kickback, returned = a_story(), a_story()
    a_kickback_was_taken(kickback, None, "100")
    it_came_back(returned, None, "100")

    assert amount_of(kickback.judged(), "PUR-06") is None
    assert amount_of(returned.judged(), "PRD-03") is None


@pytest.mark.parametrize("clause", ["MER-02", "PUR-06", "GEN-03"])
def test_as_long_as_no_share_was_found_nothing_is_proposed(clause: str) -> None:
    """What has a sanction is recorded all the same; what asks for money alone is not."""
    story = a_story()
    TELLS[clause](story, "1800", None)
    assert [one.compensation for one in story.judged().proposals] == ([None] if clause == "PUR-06" else [])


def test_the_finding_that_says_the_share_brings_the_proposal() -> None:
    story = a_story()
    a_kickback_was_taken(story, "1800", None)
    said = {"direct_loss": "1800", "loss_document": NOTE, "share_percent": "25", "corrects": FND}
    is_found(story, "PUR-06", MANAGER, "2026-03-19 09:00", person=BUYER, finding_no="FND-2", **said)

    assert amount_of(story.judged(), "PUR-06") == "450.00"


def test_a_record_of_ones_own_work_needs_no_share_and_an_attribution_means_the_whole_unless_it_says_otherwise() -> None:
    wasteful, attributed_to = a_story(), a_story()
    five_bars_were_spoiled(wasteful, None, None)
    made_and_inspected(attributed_to)
    attributed(attributed_to, matter="rework", cause="production", **REWORK, direct_loss="500")

    assert amount_of(wasteful.judged(), "TML-03") == "51.30"
    assert amount_of(attributed_to.judged(), "TML-02") == "240.00"


def test_where_the_formula_comes_to_nothing_there_is_no_record_of_nothing() -> None:
    story = a_story()
    made_and_inspected(story)
    attributed(story, matter="rework", cause="production", rework_no="RWK-1", rework_cost="0", direct_loss="90")

    assert story.judged().records == {}


def test_the_proposal_names_formula_loss_share_and_result_part_by_part() -> None:
    story = a_story()
    the_team_made_it_so(story, "500", "20")

    compensation = story.judged().record("TML-02").compensation
    assert compensation is not None
    (part,) = compensation.parts

    assert (part.loss_of, part.formula) == ("RWK-1", "costs.rework_cost * 30 / 100")
    assert (str(part.ceiling), str(part.recorded_loss), str(part.share_percent), str(part.amount)) == (
        "240.00",
        "500.00",
        "20",
        "100.00",
    )


def shares(told: Outcome) -> dict[str, tuple[str, str]]:
    """Of each person who answers for money: the share, and the amount."""
    return {
        one.person.employee: (f"{one.compensation.share_percent.normalize():f}", str(one.compensation.amount))
        for one in told.proposals
        if one.compensation
    }


def penalty(story: Story, no: str, person: str, share: str, when: str, **said: str) -> None:
    known = {"contract_penalty": "4000", "loss_document": NOTE, "share_percent": share, "finding_no": no}
    is_found(story, "GEN-03", MANAGER, when, person=person, **(known | said))


def test_whoever_is_found_later_for_the_same_loss_lightens_what_was_proposed_before() -> None:
    story = a_story()
    deducted(story)
    penalty(story, "FND-1", PLANNER, "80", "2026-03-16 09:00")
    assert shares(story.judged()) == {PLANNER: ("80", "3200.00")}

    penalty(story, "FND-2", INSPECTOR, "80", "2026-04-16 09:00")

    assert shares(story.judged()) == {PLANNER: ("50", "2000.00"), INSPECTOR: ("50", "2000.00")}


def test_a_correction_shares_the_loss_out_anew() -> None:
    story = a_story()
    deducted(story)
    penalty(story, "FND-1", PLANNER, "80", "2026-03-16 09:00")
    penalty(story, "FND-2", INSPECTOR, "80", "2026-04-16 09:00")

    penalty(story, "FND-3", INSPECTOR, "20", "2026-04-20 09:00", corrects="FND-2")

    assert shares(story.judged()) == {PLANNER: ("80", "3200.00"), INSPECTOR: ("20", "800.00")}


def test_who_takes_a_finding_back_leaves_the_other_with_the_share_that_was_found() -> None:
    story = a_story()
    deducted(story)
    penalty(story, "FND-1", PLANNER, "80", "2026-03-16 09:00")
    penalty(story, "FND-2", INSPECTOR, "80", "2026-04-16 09:00")
    said = {"finding_no": "FND-2", "clause": "GEN-03", "person": INSPECTOR}

    story.at("2026-04-20 09:00").states(accountability.FindingWithdrawn, by=MANAGER, order_no="SO-1", **said)

    assert shares(story.judged()) == {PLANNER: ("80", "3200.00")}


def test_clauses_of_different_kinds_share_one_loss_by_the_document_that_records_it() -> None:
    """The rework's own number is the loss, whether an attribution names it or a finding does."""
    story = a_story()
    the_team_made_it_so(story, "300", "60")
    said = {"direct_loss": "300", "loss_document": "RWK-1", "share_percent": "90"}
    is_found(story, "PUR-06", MANAGER, "2026-04-16 09:00", person=BUYER, **said)

    assert shares(story.judged()) == {LEADER: ("40", "120.00"), BUYER: ("60", "180.00")}


PAPER = {"direct_loss": "1000", "loss_document": "运费单 0908"}


def test_a_return_whose_loss_a_document_records_shares_it_with_a_finding_on_that_document() -> None:
    story = a_story()
    made_and_inspected(story)
    came_back(story, **PAPER)
    is_found(story, "PUR-06", MANAGER, "2026-04-16 09:00", person=BUYER, **PAPER, share_percent="100")

    assert shares(story.judged()) == {DIRECTOR: ("50", "500.00"), BUYER: ("50", "500.00")}


def test_a_return_whose_loss_a_document_records_and_its_rework_are_one_loss() -> None:
    story = a_story()
    made_and_inspected(story)
    came_back(story, **PAPER)
    reworked(story, "RWK-1", LEADER, "1000")

    assert shares(story.judged()) == {DIRECTOR: ("50", "500.00"), LEADER: ("50", "500.00")}


def came_back(story: Story, direct_loss: str, share: str = "100", **more: Any) -> None:
    """The return's loss is what its reworks cost."""
    said: dict[str, Any] = {"matter": "return", "cause": "production", "return_no": "RET-1", "attribution_no": "ATT-9"}
    attributed(story, **said, direct_loss=direct_loss, processing_fee="10000", share_percent=share, **more)


def reworked(story: Story, no: str, leader: str, loss: str, **more: Any) -> None:
    story.states(pmc.ReworkOrdered, order_no="SO-1", rework_no=no, return_no="RET-1", team_leader=leader, **more)
    said: dict[str, Any] = {"matter": "rework", "cause": "production", "rework_no": no, "attribution_no": f"ATT-{no}"}
    attributed(story, **said, operation=None, person=leader, rework_cost="10000", direct_loss=loss)


def test_a_return_and_its_rework_are_one_loss() -> None:
    """The director answers for the return and the leader for the rework: it is the same thousand."""
    story = a_story()
    made_and_inspected(story)
    came_back(story, "1000")
    reworked(story, "RWK-1", LEADER, "1000")

    assert shares(story.judged()) == {DIRECTOR: ("50", "500.00"), LEADER: ("50", "500.00")}


def test_of_a_return_with_several_reworks_nobodys_money_is_asked_for_twice() -> None:
    story = a_story()
    story.appoints("E-061", "team_leader")
    two_operations(story, LEADER, "E-061")
    came_back(story, "1000", share="60")
    reworked(story, "RWK-1", LEADER, "800")
    reworked(story, "RWK-2", "E-061", "200")

    told = story.judged()

    assert shares(told) == {DIRECTOR: ("37.5", "375.00"), LEADER: ("62.5", "500.00"), "E-061": ("62.5", "125.00")}
    assert sum(one.compensation.amount for one in told.proposals if one.compensation) == Decimal(1000)


def test_a_finding_on_a_complaint_shares_with_what_its_returns_cost() -> None:
    story = a_story()
    made_and_inspected(story)
    story.states(sales.ReturnAuthorised, order_no="SO-1", return_no="RET-1", complaint_no="C-1")
    came_back(story, "1000")
    is_found(story, "PUR-06", MANAGER, person=BUYER, direct_loss="1000", loss_document="C-1", share_percent="100")

    assert shares(story.judged()) == {DIRECTOR: ("50", "500.00"), BUYER: ("50", "500.00")}


def test_reworks_that_stem_from_no_return_share_with_none() -> None:
    story = a_story()
    made_and_inspected(story)
    came_back(story, "1000")
    story.states(pmc.ReworkOrdered, order_no="SO-1", rework_no="RWK-7", team_leader=LEADER)
    said: dict[str, Any] = {"matter": "rework", "cause": "production", "rework_no": "RWK-7", "attribution_no": "ATT-7"}
    attributed(story, **said, complaint_no=None, rework_cost="10000", direct_loss="400")

    assert shares(story.judged()) == {DIRECTOR: ("100", "1000.00"), LEADER: ("100", "400.00")}


def test_one_person_answers_once_for_a_loss_however_many_clauses_find_it() -> None:
    story = a_story()
    a_lost_order(story)
    is_recorded(story, amount="1000")
    is_attributed(story, FOLLOWER)
    is_found(story, "MER-02", MANAGER, person=FOLLOWER, direct_loss="1000", loss_document=NOTE)
    penalty(story, "FND-9", FOLLOWER, "100", "2026-04-16 09:00", contract_penalty="1000")

    told = story.judged()

    assert sum(one.compensation.amount for one in told.proposals if one.compensation) == Decimal(1000)


def test_a_suspected_share_takes_nothing_from_anybody() -> None:
    """Nobody is inspector of this lot on record, so only the leader answers."""
    story = a_story()
    made_and_inspected(story)
    story.states(quality.FinalInspected, by=INSPECTOR, order_no="SO-1", lot="FG-1")
    both: dict[str, Any] = {
        "escaped_inspection": True,
        "inspector": "E-404",
        "share_percent": "80",
        "direct_loss": "300",
    }
    attributed(story, matter="rework", cause="production", **REWORK, **both)

    assert shares(story.judged()) == {LEADER: ("80", "240.00")}


CLAIMS = st.lists(
    st.builds(
        Claim,
        loss_of=st.just(NOTE),
        formula=st.decimals("0.01", "99999", places=4),
        loss=st.just(Decimal("777.77")),
        share_percent=st.decimals("0.0001", "100", places=4),
        negligence_found=st.booleans(),
        words=st.just("…"),
    ),
    min_size=1,
    max_size=7,
)


@given(CLAIMS)
def test_together_they_never_answer_for_more_than_the_loss_nor_one_for_more_than_a_ceiling(claims: list[Claim]) -> None:
    factors = scales(claims)
    proposals = [found for found in (propose([claim], factors) for claim in claims) if found]

    assert sum(found.amount for found in proposals) <= Decimal("777.77")
    for claim, found in zip(claims, proposals, strict=True):
        assert found.amount <= claim.formula
        assert found.amount <= claim.loss * claim.share_percent / 100
        assert found.amount == found.amount.quantize(Decimal("0.01"))


@given(CLAIMS, st.decimals("0.0001", "100", places=4))
def test_a_smaller_share_that_is_found_later_never_makes_it_more(claims: list[Claim], share: Decimal) -> None:
    proposal = propose(claims, scales(claims))
    assert proposal is not None

    for part in proposal.parts:
        lighter = at_share(part, share)
        assert lighter.amount <= part.amount
        assert lighter.share_percent <= min(share, part.share_percent)


def a_returns_rework(story: Story, no: str, when: str, fee: str) -> None:
    said: dict[str, Any] = {"order_no": "SO-1", "rework_no": no}
    story.at(when).states(pmc.ReworkOrdered, complaint_no="C-1", return_no="RET-1", team_leader="E-006", **said)
    story.states(pmc.ReworkFinished, rework_cost="900", overtime_cost="300", processing_fee=fee, **said)


@pytest.mark.parametrize(
    "reworks", [(), ("2026-03-12 09:00",), ("2026-03-20 09:00",), ("2026-03-12 09:00", "2026-03-20 09:00")]
)
def test_what_a_return_cost_counts_whenever_its_reworks_end(reworks: tuple[str, ...]) -> None:
    """The cause is often known before the rework is done: then the attribution has no figure, and what is recorded later has."""
    story = a_story()
    made_and_inspected(story)
    for number, when in enumerate(reworks, 1):
        a_returns_rework(story, f"RWK-{number}", when, "150")
    before = sum(when < "2026-03-16" for when in reworks)
    figures = {"processing_fee": str(150 * before), "direct_loss": str(1350 * before)} if before else {}
    attributed(story, matter="return", cause="production", return_no="RET-1", **figures)

    record = story.judged().record("PRD-03")

    assert record.sanction == "major_demerit"
    assert (record.compensation and str(record.compensation.amount)) == (f"{30 * len(reworks)}.00" if reworks else None)
    assert (record.compensation and str(record.compensation.recorded_loss)) == (
        f"{1350 * len(reworks)}.00" if reworks else None
    )
