"""Is there one record for one failure, is it taken back on later evidence, and is money proposed within its bounds?"""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts import accountability, links, pmc, sales, warehouse
from services.accountability.judge.verdicts import RecordProposal
from tests.accountability.clauses.attributions import made_and_inspected, two_operations
from tests.support.facts import RULES, STAFF, Story, a_story, hash_of, local
from tests.support.orders import an_order

TUESDAY = "2026-03-03 09:00"
DIRECTOR, LEADER, INSPECTOR = STAFF["workshop_director"], STAFF["team_leader"], STAFF["inspector"]
REWORK: dict[str, Any] = {
    "matter": "rework",
    "rework_no": "RWK-1",
    "rework_cost": "800",
    "overtime_cost": "600",
    "cause": "production",
}


def attributed(story: Story, when: str, number: str = "ATT-1", **said: Any) -> None:
    known: dict[str, Any] = {"attribution_no": number, "complaint_no": "C-1", "line_no": 1}
    story.at(when).states(pmc.ComplaintAttributed, by=STAFF["planner"], order_no="SO-1", **(known | said))


def test_one_clause_person_and_order_make_one_record_that_lists_every_breach():
    story = a_story()
    for number in ("LOT-1", "LOT-2"):
        story.at(TUESDAY).delivers(links.receipt(number), "storekeeper", service="warehouse")
        story.now += timedelta(days=1)
    story.delivers(links.receipt("LOT-9"), "storekeeper", service="warehouse", order_no="SO-9")

    told = story.judged()

    records = {found.order_no: [breach.about for breach in found.breaches] for found in told.proposals}
    assert records == {"SO-1": ["receipt:LOT-1", "receipt:LOT-2"], "SO-9": ["receipt:LOT-9"]}


def test_a_second_breach_replaces_the_record_and_says_what_it_replaces():
    story = a_story()
    story.at(TUESDAY).delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")
    story.at("2026-03-09 09:00").delivers(links.receipt("LOT-2"), "storekeeper", service="warehouse")

    said = [v for v in story.judged().verdicts if isinstance(v, RecordProposal)]

    assert [(v.revision, v.replaces, len(v.breaches)) for v in said] == [(1, None, 1), (2, 1, 2)]
    assert len({v.key for v in said}) == 1


def test_a_clause_that_counts_items_makes_a_record_for_each():
    story = a_story()
    for number in (1, 2, 3):
        duty = links.arrival("MRL-1", number)
        story.at(TUESDAY).delivers(duty, "buyer", service="purchasing", required_on="2026-03-05")

    found = story.judged().proposals

    assert [record.clause for record in found] == ["PUR-01"] * 3
    assert [record.breaches[0].about for record in found] == [f"arrival:MRL-1/{number}" for number in (1, 2, 3)]


def test_a_record_names_its_clause_facts_evidence_and_rulebook_version():
    story = a_story()
    duty = links.production_order("SO-1", 1)
    story.at(TUESDAY).delivers(duty, "planner", assignee=STAFF["planner"])
    delivered = len(story.told)

    record = story.judged().record("PMC-01")

    breach = record.breaches[0]
    assert (record.rulebook_version, record.sanction) == ("2026-01", "minor_demerit")
    assert (breach.duty, breach.facts["due_at"]) == (str(duty), "2026-03-04T01:00:00+00:00")
    assert record.ground_en == "The production order is issued in time. Breached: Production order SO-1/1"
    assert record.ground_zh == "生产指令须按时下达。违反事项：生产指令 SO-1/1"
    proofs = {proof.position: proof.hash for proof in record.evidence}
    assert proofs[delivered] == hash_of(story.told[delivered - 1].fact)


def test_an_exception_accepted_later_withdraws_the_record_and_keeps_both_reasons():
    story, duty = a_story(), links.operation("MO-1", 10)
    story.at(TUESDAY).delivers(duty, "team_leader", standard_hours="4")
    said: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "affected_duties": [duty]}
    story.at("2026-03-03 10:00").states(pmc.ExceptionRaised, order_no="SO-1", **said)
    story.at("2026-03-04 08:30").states(pmc.OperationFinished, order_no="SO-1", closes=[duty])
    story.at("2026-03-05 09:00").states(
        pmc.ExceptionDecided, order_no="SO-1", extension_hours="8", decided_by=STAFF["planner"], **said
    )

    told = story.judged()

    (withdrawal,) = told.withdrawn
    assert told.records == {}
    assert (withdrawal.clause, withdrawal.person) == ("TML-01", LEADER)
    assert withdrawal.ground_en.endswith("Breached: Operation MO-1/10")
    assert withdrawal.because_en == f"an exception was decided (ledger position {len(story.told)})"
    assert withdrawal.because_zh == f"异常已裁定（台账第 {len(story.told)} 条）"


def test_a_fact_recorded_in_time_and_admitted_late_withdraws_the_record():
    story, duty = a_story(), links.receipt("LOT-1")
    story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse")
    story.at("2026-03-04 08:59").coming_late("2026-03-06 09:00").states(
        warehouse.GoodsReceived, order_no="SO-1", closes=[duty]
    )

    told = story.judged()

    assert [found.clause for found in told.withdrawn] == ["WHS-03"]
    assert told.records == {}


def test_a_corrected_attribution_moves_the_record_to_the_right_person():
    story = a_story()
    story.appoints("E-066", "team_leader")
    two_operations(story, LEADER, "E-066")
    attributed(story, "2026-03-16 09:00", **REWORK, person=LEADER)
    attributed(story, "2026-03-18 09:00", "ATT-2", **REWORK, person="E-066", corrects="ATT-1")

    told = story.judged()

    assert told.records == {"TML-02": "E-066"}
    assert [(w.person, w.because_en.partition(" (")[0]) for w in told.withdrawn] == [
        (LEADER, "the attribution was corrected")
    ]


def test_first_the_customer_records_from_a_complaint_wait_until_it_is_closed():
    story = a_story()
    duty = links.complaint_to_pmc("C-1")
    complaint = {"received_at": "2026-03-03T09:00:00+08:00", "kind": "quality", "channel": "mail"}
    story.at(TUESDAY).states(sales.ComplaintReceived, order_no="SO-1", **complaint)
    story.delivers(duty, "salesperson", service="sales")

    record = story.judged().record("SHP-04")

    assert (record.complaints, record.held_for) == (("C-1",), "C-1")


def passes_two_complaints_on_too_late(story: Story, *closed: str) -> Story:
    """In March; `closed` are those that are closed for the customer three days later."""
    for number, day in (("C-1", 3), ("C-2", 17)):
        duty = links.complaint_to_pmc(number)
        said: dict[str, Any] = {"order_no": "SO-1", "complaint_no": number}
        story.at(f"2026-03-{day:02} 09:00")
        story.states(sales.ComplaintReceived, **said, received_at=story.now, channel="phone")
        story.delivers(duty, "salesperson", service="sales")
        story.at(f"2026-03-{day:02} 16:00").states(sales.ComplaintPassed, **said, closes=[duty])
        if number in closed:
            story.at(f"2026-03-{day + 3:02} 09:00").states(pmc.ComplaintClosed, **said)
    return story


@pytest.mark.parametrize(("closed", "held_for"), [((), "C-1"), (("C-1",), "C-2")])
def test_one_record_of_two_complaints_waits_until_the_last_of_them_is_closed(closed: tuple[str, ...], held_for: str):
    record = passes_two_complaints_on_too_late(a_story(), *closed).judged().record("SHP-04")

    assert [breach.about for breach in record.breaches] == ["complaint_to_pmc:C-1", "complaint_to_pmc:C-2"]
    assert (record.complaints, record.held_for) == (("C-1", "C-2"), held_for)


def test_the_complaint_behind_a_rework_is_found_by_way_of_the_return():
    story = a_story()
    made_and_inspected(story)
    story.at("2026-03-10 09:00").states(sales.ReturnAuthorised, order_no="SO-1", return_no="RET-1", complaint_no="C-7")
    story.states(pmc.ReworkOrdered, order_no="SO-1", rework_no="RWK-1", return_no="RET-1")
    attributed(story, "2026-03-16 09:00", **REWORK, person=LEADER, complaint_no=None)

    assert story.judged().record("TML-02").complaints == ("C-7",)


def test_compensation_is_the_lower_of_the_formula_and_the_share_of_the_loss():
    story = a_story()
    made_and_inspected(story)
    attributed(story, "2026-03-16 09:00", **REWORK, person=LEADER, direct_loss="500", share_percent="20")

    found = story.judged().record("TML-02").compensation

    assert found is not None
    assert (found.ceiling, found.recorded_loss, found.amount) == (Decimal(240), Decimal(500), Decimal(100))
    assert found.negligence_found is False
    assert "500.00 × 20.00 % = 100.00" in found.computation


def test_shares_in_one_loss_are_scaled_down_to_the_whole():
    """Leader and inspector each carry 80 % of the same rework: together no more than all of it."""
    story = a_story()
    made_and_inspected(story)
    both: dict[str, Any] = {
        "escaped_inspection": True,
        "inspector": INSPECTOR,
        "share_percent": "80",
        "direct_loss": "300",
    }
    attributed(story, "2026-03-16 09:00", **REWORK, person=LEADER, lot="FG-1", **both)

    told = story.judged()
    amounts = {code: told.record(code).compensation for code in ("TML-02", "QUA-03")}

    assert {code: found.share_percent for code, found in amounts.items() if found} == {
        "TML-02": Decimal(50),
        "QUA-03": Decimal(50),
    }
    assert sum(found.amount for found in amounts.values() if found) == Decimal(300)


def test_amounts_are_rounded_down_to_fen():
    story = a_story()
    made_and_inspected(story)
    attributed(story, "2026-03-16 09:00", **{**REWORK, "rework_cost": "100.33"}, person=LEADER)

    found = story.judged().record("TML-02").compensation

    assert found is not None
    assert found.amount == Decimal("30.09")


def test_the_same_failure_is_not_punished_by_two_clauses():
    story = a_story()
    an_order(story, delivery_date="2026-03-06", takes={"production_order": 48})

    record = story.judged().record("PMC-03")

    assert record.absorbed == ("PMC-01",)
    assert "(taking in PMC-01)" in record.ground_en


def test_a_record_of_breaches_under_two_rulebooks_cites_the_one_by_which_it_weighs():
    """The first receipt was late under rules that call it a minor demerit, the second under newer ones: a warning."""
    older, newer = deepcopy(RULES), {**RULES, "version": "2026-02"}
    (clause,) = (clause for clause in older["clauses"] if clause["code"] == "WHS-03")
    clause["sanction"] = "minor_demerit"
    story = a_story(rules=older).at(TUESDAY).delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")
    noon = local("2026-03-05 12:00")
    story.at("2026-03-05 09:00").states(
        accountability.RulebookActivated, version="2026-02", effective_from=noon, rules=newer
    )
    story.at("2026-03-09 09:00").delivers(links.receipt("LOT-2"), "storekeeper", service="warehouse")

    record = story.judged().record("WHS-03")

    assert len(record.breaches) == 2
    assert (record.sanction, record.rulebook_version) == ("minor_demerit", RULES["version"])
