"""Stories of clauses that a person with authority finds, evidence attached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contracts import accountability, links, pmc, sales, warehouse
from tests.accountability.clauses.cases import BREACH, EXACTLY, EXCUSE, NO_BREACH, case
from tests.support.facts import STAFF, Outcome, Story, a_line, local

FND = "FND-1"
OPERATION = links.operation("MO-1", 10)
DONE, FOUND = "2026-03-05 09:00", "2026-03-16 09:00"
MANAGER, HR, DIRECTOR, LEADER = (STAFF[post] for post in ("general_manager", "hr", "workshop_director", "team_leader"))


def is_found(story: Story, clause: str, by: str, when: str = FOUND, **said: Any) -> None:
    known = {
        "finding_no": FND,
        "clause": clause,
        "rulebook_version": "2026-01",
        "order_no": "SO-1",
        "occurred_at": "2026-03-05T09:00:00+08:00",
        "evidence_documents": ["ARV-1"],
        "found_as": next(post for post, employee in STAFF.items() if employee == by),
    }
    story.at(when).states(accountability.BreachFound, by=by, **(known | said))


def is_withdrawn(story: Story, clause: str, by: str, person: str, order_no: str | None) -> None:
    said = {"order_no": order_no, "finding_no": FND, "clause": clause, "person": person}
    story.at("2026-03-18 09:00").states(accountability.FindingWithdrawn, by=by, **said)


def nothing_before(story: Story) -> None:
    """The finding alone is enough."""


def an_arrival(story: Story) -> None:
    story.at("2026-03-04 09:00").states(warehouse.GoodsArrived, order_no="SO-1", arrival_no="ARV-1")


def an_operation(story: Story) -> None:
    story.at("2026-03-04 09:00").delivers(OPERATION, "team_leader", assignee=LEADER, standard_hours="16")
    story.at(DONE).states(pmc.OperationFinished, by=LEADER, order_no="SO-1", closes=[OPERATION])


def a_lost_order(story: Story, *, during_follow_up: bool = True, proposed: bool = True) -> None:
    money = {"amount": "20000", "commission": "300", "agency_fee": "200"}
    story.at("2026-03-02 09:00").states(sales.OrderConfirmed, order_no="SO-1", lines=[a_line()], **money)
    story.at("2026-03-06 09:00").states(sales.OrderCancelled, order_no="SO-1", during_follow_up=during_follow_up)
    if proposed:
        said = {"finding_no": FND, "clause": "MER-02", "person": STAFF["merchandiser"], "order_no": "SO-1"}
        story.at("2026-03-13 09:00").states(accountability.FindingProposed, by=STAFF["pmc_manager"], **said)


def is_recorded(story: Story, when: str = "2026-03-12 09:00", **said: Any) -> None:
    known = {"order_no": "SO-1", "penalty_no": "CPN-7", "amount": "4000", **said}
    story.at(when).states(sales.ContractPenaltyRecorded, by=STAFF["salesperson"], **known)


def is_attributed(story: Story, person: str | None, when: str = "2026-03-13 09:00", **said: Any) -> None:
    known = {
        "order_no": "SO-1",
        "attribution_no": "ATT-1",
        "matter": "penalty",
        "penalty_no": "CPN-7",
        "cause": "sales",
    }
    story.at(when).states(pmc.ComplaintAttributed, by=MANAGER, person=person, **(known | said))


def a_penalty(story: Story) -> None:
    is_recorded(story)
    is_attributed(story, STAFF["planner"])


def is_reported(story: Story, when: str = "2026-03-05 11:00") -> None:
    story.at(when).states(pmc.InjuryReported, by=LEADER, injury_report_no="INJ-2", occurred_at=local(DONE))


def an_injury(story: Story, **found: Any) -> None:
    is_reported(story)
    is_investigated(story, **found)


def is_investigated(story: Story, when: str = "2026-03-12 09:00", **found: Any) -> None:
    known: dict[str, Any] = {
        "investigation_no": "INV-3",
        "injury_report_no": "INJ-2",
        "insured": True,
        "duty_breached": True,
        "breached_by": (LEADER, DIRECTOR),
    }
    story.at(when).states(pmc.InjuryInvestigated, by=STAFF["pmc_manager"], **(known | found))


@dataclass(frozen=True)
class Matter:
    """A clause, who finds it against whom, what must have happened before, and what the finding says."""

    clause: str
    finder: str
    person: str
    post: str
    before: Any = nothing_before
    said: dict[str, Any] = field(default_factory=dict)


LOSS = {"direct_loss": "1800", "loss_document": "DBN-7", "share_percent": "100"}
INJURY: dict[str, Any] = {
    "order_no": None,
    "investigation_no": "INV-3",
    "injury_report_no": "INJ-2",
    "evidence_documents": ["INV-3"],
}
DEPARTED: dict[str, Any] = {"operation": OPERATION, "consequence": "C-1"}
SPOKEN = {"consequence": "装错型号，返工两天"}
PENALTY = {"contract_penalty": "4000", "loss_document": "CPN-7", "share_percent": "30"}

MATTERS = (
    Matter("MER-02", MANAGER, STAFF["merchandiser"], "merchandiser", a_lost_order, LOSS),
    Matter("MER-04", HR, STAFF["merchandiser"], "merchandiser"),
    Matter("PUR-02", MANAGER, STAFF["buyer"], "buyer", an_arrival),
    Matter("PUR-05", MANAGER, STAFF["buyer"], "buyer"),
    Matter("PUR-06", MANAGER, STAFF["buyer"], "buyer", said=LOSS),
    Matter("PRD-04", STAFF["inspector"], DIRECTOR, "workshop_director"),
    Matter("WHS-01", STAFF["planner"], STAFF["storekeeper"], "storekeeper", said={"items": ["领用铜排 3 根"]}),
    Matter("TML-04", HR, LEADER, "team_leader", an_injury, INJURY),
    Matter("GEN-01", HR, STAFF["salesperson"], "salesperson", said=SPOKEN),
    Matter("GEN-02", MANAGER, LEADER, "team_leader", an_operation, DEPARTED),
    Matter("GEN-03", MANAGER, STAFF["planner"], "planner", a_penalty, PENALTY),
    Matter("GEN-04", DIRECTOR, LEADER, "team_leader"),
    Matter("GEN-05", STAFF["inspector"], LEADER, "team_leader", an_operation, {"operation": OPERATION}),
)


def rests_on_the_finding(matter: Matter):
    def look(told: Outcome) -> None:
        record = told.record(matter.clause)
        assert [breach.about.partition("#")[0] for breach in record.breaches] == [f"findings:{FND}"]
        assert (record.person.post, record.rulebook_version) == (matter.post, "2026-01")

    return look


def _register(matter: Matter) -> None:
    def finds(story: Story, **changes: Any) -> None:
        said = {"person": matter.person, **matter.said, **changes}
        is_found(story, matter.clause, **{"by": matter.finder, **said})

    @case(matter.clause, BREACH, person=matter.person, also=rests_on_the_finding(matter))
    def found_with_its_evidence(story: Story) -> None:
        matter.before(story)
        finds(story)

    @case(matter.clause, NO_BREACH)
    def found_in_the_finders_own_case(story: Story) -> None:
        matter.before(story)
        finds(story, by=matter.person)

    @case(matter.clause, NO_BREACH)
    def another_clause_was_found(story: Story) -> None:
        matter.before(story)
        is_found(story, "QUA-01", matter.finder, person=matter.person)

    @case(matter.clause, EXCUSE)
    def the_finder_took_it_back(story: Story) -> None:
        matter.before(story)
        finds(story)
        is_withdrawn(story, matter.clause, matter.finder, matter.person, matter.said.get("order_no", "SO-1"))

    @case(matter.clause, EXACTLY)
    def they_gave_up_the_post_at_that_very_moment(story: Story) -> None:
        story.at(DONE).relieves(matter.person, matter.post)
        matter.before(story)
        finds(story)


for each in MATTERS:
    _register(each)


def as_much_as_was_lost(told: Outcome) -> None:
    compensation = told.record("MER-02").compensation
    assert compensation is not None
    assert (str(compensation.ceiling), str(compensation.amount)) == ("2500.00", "1800.00")  # 300 + 200 + 10 % of 20 000
    assert told.record("MER-02").sanction is None
    assert not compensation.negligence_found


@case("MER-02", BREACH, person=STAFF["merchandiser"], also=as_much_as_was_lost)
def the_ceiling_is_above_what_was_lost(story: Story) -> None:
    a_lost_order(story)
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"], **LOSS)


def as_much_as_the_ceiling(told: Outcome) -> None:
    compensation = told.record("MER-02").compensation
    assert compensation is not None
    assert str(compensation.amount) == "2500.00"
    assert compensation.negligence_found


@case("MER-02", BREACH, person=STAFF["merchandiser"], also=as_much_as_the_ceiling)
def more_was_lost_by_gross_negligence(story: Story) -> None:
    a_lost_order(story)
    said: dict[str, Any] = {**LOSS, "direct_loss": "9000", "gross_negligence": True}
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"], **said)


def is_amended(story: Story, when: str, *lines: dict[str, Any]) -> None:
    story.at(when).states(sales.OrderAmended, order_no="SO-1", lines=lines)


def ceiling(amount: str):
    def look(told: Outcome) -> None:
        compensation = told.record("MER-02").compensation
        assert compensation is not None
        assert str(compensation.ceiling) == amount

    return look


@case("MER-02", BREACH, person=STAFF["merchandiser"], also=ceiling("900.00"))
def the_customer_had_made_the_order_smaller(story: Story) -> None:
    """300 + 200, and 10 % of two lines of 3 at 1 000 and of 10 at 100; a line that is off is not among them."""
    lines = (a_line(quantity="3", unit_price="1000"), a_line(line_no=2, quantity="10", unit_price="100"))
    a_lost_order(story)
    is_amended(story, "2026-03-04 09:00", *lines, a_line(line_no=3, quantity="50", unit_price="1000"))
    is_amended(story, "2026-03-05 09:00", *lines)
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"], **LOSS)


@case("MER-02", BREACH, person=STAFF["merchandiser"], also=ceiling("3500.00"))
def the_customer_had_made_the_order_larger(story: Story) -> None:
    a_lost_order(story)
    is_amended(story, "2026-03-05 09:00", a_line(quantity="30", unit_price="1000"))
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"], **LOSS)


@case("MER-02", BREACH, person=STAFF["merchandiser"], also=ceiling("2500.00"))
def what_is_said_of_the_order_after_it_was_cancelled_changes_nothing(story: Story) -> None:
    a_lost_order(story)
    is_amended(story, "2026-03-09 09:00", a_line(quantity="1", unit_price="1000"))
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"], **LOSS)


@case("MER-02", NO_BREACH)
def the_customer_did_not_cancel_during_follow_up(story: Story) -> None:
    a_lost_order(story, during_follow_up=False)
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"], **LOSS)


@case("MER-02", NO_BREACH)
def nobody_had_proposed_it(story: Story) -> None:
    a_lost_order(story, proposed=False)
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"], **LOSS)


@case("MER-02", NO_BREACH)
def no_loss_was_recorded(story: Story) -> None:
    a_lost_order(story)
    is_found(story, "MER-02", MANAGER, person=STAFF["merchandiser"])


def a_minor_demerit(told: Outcome) -> None:
    assert told.record("MER-04").sanction == "minor_demerit"


@case("MER-04", BREACH, person=STAFF["merchandiser"], also=a_minor_demerit)
def the_finder_chose_the_heavier_end_of_the_range(story: Story) -> None:
    is_found(story, "MER-04", HR, person=STAFF["merchandiser"], sanction="minor_demerit")


def one_record_with_both(told: Outcome) -> None:
    record = told.record("MER-04")
    assert [breach.about for breach in record.breaches] == ["findings:FND-1", "progress:INQ-1"]
    assert record.sanction == "minor_demerit"


@case("MER-04", BREACH, person=STAFF["merchandiser"], also=one_record_with_both)
def found_to_be_rude_and_late_once_more(story: Story) -> None:
    is_found(story, "MER-04", HR, person=STAFF["merchandiser"], sanction="minor_demerit")
    story.at("2026-03-17 09:00").delivers(links.progress("INQ-1"), "merchandiser", service="sales", line_no=None)


@case("PUR-02", NO_BREACH)
def nothing_of_that_number_had_arrived(story: Story) -> None:
    is_found(story, "PUR-02", MANAGER, person=STAFF["buyer"])


def rests_on_the_arrival_too(told: Outcome) -> None:
    (arrived,) = told.state.cases["SO-1"].exhibits["arrivals"]
    assert arrived.mark.position in [proof.position for proof in told.record("PUR-02").evidence]


@case("PUR-02", BREACH, person=STAFF["buyer"], also=rests_on_the_arrival_too)
def whoever_finds_it_names_the_arrival_and_no_order(story: Story) -> None:
    an_arrival(story)
    is_found(story, "PUR-02", MANAGER, person=STAFF["buyer"], order_no=None)


@case("PUR-02", BREACH, person=STAFF["buyer"])
def the_material_was_bought_for_no_order(story: Story) -> None:
    story.at("2026-03-04 09:00").states(warehouse.GoodsArrived, order_no=None, arrival_no="ARV-1")
    is_found(story, "PUR-02", MANAGER, person=STAFF["buyer"], order_no=None)


@case("PUR-02", NO_BREACH)
def neither_the_order_nor_the_arrival_is_named(story: Story) -> None:
    an_arrival(story)
    is_found(story, "PUR-02", MANAGER, person=STAFF["buyer"], order_no=None, evidence_documents=["photo-7"])


def notes_of(clause: str, expected: str):
    def look(told: Outcome) -> None:
        assert told.record(clause).ground_en.endswith(expected)
        assert told.record(clause).sanction == "dismissal"

    return look


SETTLED = "Breached: Finding FND-1: what_happened. Wages are settled in full"


@case("PUR-05", BREACH, person=STAFF["buyer"], also=notes_of("PUR-05", SETTLED))
def the_loss_was_exactly_two_thousand(story: Story) -> None:
    is_found(story, "PUR-05", MANAGER, person=STAFF["buyer"], **{**LOSS, "direct_loss": "2000.00"})


@case(
    "PUR-05",
    BREACH,
    person=STAFF["buyer"],
    also=notes_of("PUR-05", f"{SETTLED}. The loss is above CNY 2,000: refer to the authorities"),
)
def the_loss_was_one_fen_more(story: Story) -> None:
    is_found(story, "PUR-05", MANAGER, person=STAFF["buyer"], **{**LOSS, "direct_loss": "2000.01"})


def the_whole_loss(told: Outcome) -> None:
    compensation = told.record("PUR-06").compensation
    assert compensation is not None
    assert str(compensation.amount) == "1800.00"
    assert compensation.negligence_found


@case("PUR-06", BREACH, person=STAFF["buyer"], also=the_whole_loss)
def the_kickback_was_meant(story: Story) -> None:
    is_found(story, "PUR-06", MANAGER, person=STAFF["buyer"], intent=True, **LOSS)


def waits_for_its_complaint(told: Outcome) -> None:
    assert (told.record("PUR-06").complaints, told.record("PUR-06").held_for) == (("C-1",), "C-1")


@case("PUR-06", BREACH, person=STAFF["buyer"], also=waits_for_its_complaint)
def the_loss_is_the_rework_of_what_came_back_after_a_complaint(story: Story) -> None:
    story.at("2026-03-12 09:00").states(sales.ReturnAuthorised, order_no="SO-1", return_no="RTN-1", complaint_no="C-1")
    story.at("2026-03-13 09:00").states(pmc.ReworkOrdered, order_no="SO-1", rework_no="RWK-1", return_no="RTN-1")
    is_found(story, "PUR-06", MANAGER, person=STAFF["buyer"], **{**LOSS, "loss_document": "RWK-1"})


def one_for_each_movement(told: Outcome) -> None:
    found = [record for record in told.proposals if record.clause == "WHS-01"]
    assert [record.breaches[0].about for record in found] == ["findings:FND-1#1", "findings:FND-1#2"]
    assert {record.sanction for record in found} == {"warning"}
    assert found[1].ground_zh.endswith("违反事项：违规认定 FND-1#2：what_happened：退料螺栓 1 盒")


@case("WHS-01", BREACH, person=STAFF["storekeeper"], also=one_for_each_movement)
def two_movements_were_not_booked(story: Story) -> None:
    items = ["领用铜排 3 根", "退料螺栓 1 盒"]
    is_found(story, "WHS-01", STAFF["planner"], person=STAFF["storekeeper"], items=items)


def corrected_to_the_manager(told: Outcome) -> None:
    (withdrawal,) = told.withdrawn
    assert (withdrawal.clause, withdrawal.person) == ("GEN-01", STAFF["salesperson"])
    assert withdrawal.because_en.startswith("the finding was corrected (ledger position ")


@case("GEN-01", BREACH, person=STAFF["engineering_manager"], also=corrected_to_the_manager)
def it_was_the_department_that_gave_the_notice(story: Story) -> None:
    is_found(story, "GEN-01", HR, person=STAFF["salesperson"], **SPOKEN)
    said = {"finding_no": "FND-2", "corrects": FND, "person": STAFF["engineering_manager"], **SPOKEN}
    is_found(story, "GEN-01", HR, "2026-03-17 09:00", **said)


@case("GEN-02", NO_BREACH)
def somebody_else_had_the_operation_to_do(story: Story) -> None:
    an_operation(story)
    is_found(story, "GEN-02", MANAGER, person=STAFF["planner"], **DEPARTED)


def waits_for_the_customer(told: Outcome) -> None:
    assert (told.record("GEN-02").complaints, told.record("GEN-02").held_for) == (("C-1",), "C-1")


@case("GEN-02", BREACH, person=LEADER, also=waits_for_the_customer)
def the_customer_complained_of_the_departure(story: Story) -> None:
    an_operation(story)
    is_found(story, "GEN-02", MANAGER, person=LEADER, complaint_no="C-1", **DEPARTED)


def the_lightest(told: Outcome) -> None:
    assert told.record("GEN-04").sanction == "education"


@case("GEN-04", BREACH, person=LEADER, also=the_lightest)
def nothing_was_chosen_within_the_range(story: Story) -> None:
    is_found(story, "GEN-04", DIRECTOR, person=LEADER)


@case("GEN-04", BREACH, person=LEADER, also=the_lightest)
def what_was_chosen_is_outside_the_range(story: Story) -> None:
    is_found(story, "GEN-04", DIRECTOR, person=LEADER, sanction="dismissal")


@case("GEN-05", BREACH, person=LEADER)
def the_operation_is_still_under_way(story: Story) -> None:
    story.at("2026-03-04 09:00").delivers(OPERATION, "team_leader", assignee=LEADER, standard_hours="800")
    is_found(story, "GEN-05", STAFF["inspector"], "2026-03-05 10:00", person=LEADER, operation=OPERATION)
