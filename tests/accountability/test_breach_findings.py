"""A breach is found by whoever may, of somebody else, on evidence; what was found is corrected or withdrawn, never changed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from chassis.database import transaction
from chassis.people import on_post_ended
from contracts.accountability import (
    BreachFound,
    FindingWithdrawn,
    PostEnded,
)
from contracts.event import Event
from contracts.pmc import InjuryReported, InjuryReportWithdrawn
from contracts.posts import MANAGERS
from contracts.sales import ComplaintReceived, ContractPenaltyRecorded, ContractPenaltyWithdrawn, OrderReleased
from contracts.words import DEPARTMENTS, POSTS
from services.accountability.findings.breach_findings import Found
from services.accountability.ledger import ledger
from services.accountability.models import Rulebook, RulebookStatus
from services.accountability.rules.rulebook_findings import ASKABLE
from services.accountability.rules.rulebook_loading import SHIPPED
from tests.accountability.voice import Voice
from tests.support.departments import MORNING, Department, department
from tests.support.facts import RULES, STAFF, a_story, example

HR, DIRECTION, PLANNING, BOUGHT, STORED = (
    STAFF[post] for post in ("hr", "general_manager", "pmc_manager", "buyer", "storekeeper")
)
DIRECTOR, LEADER, INSPECTOR, FOLLOWER = (
    STAFF[post] for post in ("workshop_director", "team_leader", "inspector", "merchandiser")
)
PLANNER, ENGINEER = STAFF["planner"], STAFF["engineer"]
HAPPENED = (MORNING - timedelta(days=3)).isoformat()
SOON = "2026-12-01T09:00:00+08:00"
INFERIOR: dict[str, Any] = {
    "clause": "PUR-02",
    "person": BOUGHT,
    "order_no": "SO-1",
    "occurred_at": HAPPENED,
    "what_happened": "铜排实测含铜不足，以次充好",
    "evidence_documents": ["ARV-20260828-0001"],
}
RUDE: dict[str, Any] = {**INFERIOR, "clause": "MER-04", "person": FOLLOWER, "what_happened": "第三次不答复，并出言不逊"}
LOST = {
    **RUDE,
    "clause": "MER-02",
    "direct_loss": "1800",
    "loss_document": "DBN-7",
    "share_percent": "100",
    "what_happened": "跟进失误，客户取消",
}
UNBOOKED = {**INFERIOR, "clause": "WHS-01", "person": STORED, "items": ["领用铜排 3 根", "退料螺栓 1 盒"]}
INJURED = {
    **INFERIOR,
    "clause": "TML-04",
    "order_no": None,
    "person": LEADER,
    "evidence_documents": [],
    "investigation_no": "INV-3",
    "injury_report_no": "INJ-2",
}
SPOKEN = {**INFERIOR, "clause": "GEN-01", "person": "", "department": "engineering", "consequence": "返工两天"}
DEPARTED = {**INFERIOR, "clause": "GEN-02", "person": LEADER, "consequence": "客诉"}


@pytest.fixture
async def office() -> AsyncIterator[Department]:
    """The company's posts are held, the rulebook is in force, and the ledger has heard of order SO-1."""
    async with department("accountability") as it:
        await it.employ(**STAFF, finance="E-015")
        rules = {"no": "2026-01", "body": RULES, "effective_from": MORNING, "made_at": MORNING, "made_by": DIRECTION}
        async with transaction(it.engine) as session:
            session.add(Rulebook(status=RulebookStatus.ISSUED, text_digest="", reason="", changes=(), **rules))
            await ledger.append(session, [Voice("sales").says(MORNING, example(OrderReleased, order_no="SO-1"))])
        yield it


async def found(office: Department, by: str, said: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return await office.do(by, "find_breach", **{**said, **changes})


async def status_of(office: Department, no: str) -> str:
    async with office.as_(HR) as client:
        return str((await client.get(f"/api/breach-findings/{no}")).json()["status"])


async def test_a_finding_is_stated_with_person_clause_evidence_and_finder(office: Department) -> None:
    document = await found(office, DIRECTION, INFERIOR, evidence_positions=[1])

    (fact,) = await office.facts(BreachFound.name)
    assert isinstance(fact, BreachFound)
    assert (fact.finding_no, fact.clause, fact.person, fact.order_no) == (document["no"], "PUR-02", BOUGHT, "SO-1")
    assert (fact.found_by, fact.found_as, fact.rulebook_version) == (DIRECTION, "general_manager", "2026-01")
    assert (fact.evidence_documents, fact.assignee) == (("ARV-20260828-0001",), BOUGHT)
    ((position, hash_),) = [(proof.position, proof.hash) for proof in fact.evidence_facts]
    async with office.engine.connect() as connection:
        (kept,) = (await connection.exec_driver_sql("SELECT encode(hash, 'hex') FROM ledger WHERE position = 1")).one()
    assert (position, hash_) == (1, kept)
    assert document["status"] == "found"


async def test_the_judge_proposes_a_record_of_what_was_found_resting_on_the_named_facts(office: Department) -> None:
    await found(office, HR, RUDE, sanction="minor_demerit", evidence_positions=[1])
    (fact,) = await office.facts(BreachFound.name)
    story = a_story().at(MORNING)
    story.add(fact, actor=HR, post="hr")

    record = story.judged("2026-12-01 17:00").record("MER-04")

    assert (record.person.employee, record.sanction) == (FOLLOWER, "minor_demerit")
    assert 1 in [proof.position for proof in record.evidence]


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (HR, RUDE),
        (DIRECTION, INFERIOR),
        (DIRECTION, {**INFERIOR, "clause": "PUR-05"}),
        (DIRECTION, {**INFERIOR, "clause": "PUR-06"}),
        (STAFF["engineer"], {**INFERIOR, "clause": "PRD-04", "person": DIRECTOR}),
        (INSPECTOR, {**INFERIOR, "clause": "PRD-04", "person": DIRECTOR}),
        (STAFF["planner"], UNBOOKED),
        ("E-015", UNBOOKED),
        (HR, INJURED),
        (HR, SPOKEN),
        (DIRECTION, {**DEPARTED, "production_order_no": "MO-1", "op_no": 10}),
        (DIRECTION, {**LOST, "clause": "GEN-03", "contract_penalty": "4000"}),
        (DIRECTOR, {**INFERIOR, "clause": "GEN-04", "person": LEADER}),
        (INSPECTOR, {**DEPARTED, "clause": "GEN-05", "production_order_no": "MO-1", "op_no": 10}),
    ],
)
async def test_each_clause_is_found_by_whom_the_rulebook_names(
    office: Department, by: str, said: dict[str, Any]
) -> None:
    assert (await found(office, by, said))["clause"] == said["clause"]


@pytest.mark.parametrize(
    ("by", "said", "may"),
    [
        (HR, INFERIOR, "General manager"),
        (DIRECTION, RUDE, "HR"),
        (DIRECTION, {**INFERIOR, "clause": "PRD-04", "person": DIRECTOR}, "Engineer、Inspector"),
        (STORED, UNBOOKED, "own case"),
        (DIRECTOR, INJURED, "HR"),
        (HR, {**INFERIOR, "clause": "GEN-04", "person": LEADER}, "Workshop director"),
        (STAFF["planner"], {**DEPARTED, "clause": "GEN-05", "production_order_no": "MO-1", "op_no": 1}, "Inspector"),
    ],
)
async def test_whoever_may_not_find_a_clause_learns_who_may(
    office: Department, by: str, said: dict[str, Any], may: str
) -> None:
    answer = await office.attempt(by, "find_breach", **said)

    assert (answer.status_code, answer.json()["code"]) in {(403, "may_not_find"), (403, "own_case")}
    assert may in answer.json()["detail"]
    assert await office.facts(BreachFound.name) == []


async def test_nobody_finds_in_their_own_case_and_then_the_general_manager_does(office: Department) -> None:
    await office.employ(merchandiser=HR)
    own = {**RUDE, "person": HR}

    assert await office.refused(HR, "find_breach", **own) == "own_case"
    assert await office.refused(INSPECTOR, "find_breach", **own) == "may_not_find"
    document = await found(office, DIRECTION, own)

    assert (document["found_by"], document["found_as"]) == (DIRECTION, "general_manager")


async def test_not_even_the_general_manager_finds_in_their_own_case(office: Department) -> None:
    await office.employ(buyer=DIRECTION)

    assert await office.refused(DIRECTION, "find_breach", **{**INFERIOR, "person": DIRECTION}) == "own_case"


async def test_a_worker_finds_nothing(office: Department) -> None:
    await office.employ(worker="E-055")

    assert await office.refused("E-055", "find_breach", **INFERIOR) == "post_not_held"


@pytest.mark.parametrize(
    ("by", "said", "code", "field"),
    [
        (DIRECTION, {**INFERIOR, "clause": "PUR-01"}, "not_found_by_people", "clause"),
        (DIRECTION, {**INFERIOR, "clause": "PUR-99"}, "not_found_by_people", "clause"),
        (DIRECTION, {**INFERIOR, "clause": "collusion"}, "invalid_input", "clause"),
        (DIRECTION, {**INFERIOR, "evidence_documents": []}, "no_evidence", "evidence_documents"),
        (DIRECTION, {**INFERIOR, "evidence_positions": [1, 9]}, "unknown_position", "evidence_positions"),
        (DIRECTION, {**INFERIOR, "what_happened": " "}, "invalid_input", "what_happened"),
        (DIRECTION, {**INFERIOR, "occurred_at": SOON}, "not_yet_happened", "occurred_at"),
        (DIRECTION, {**INFERIOR, "person": ""}, "person_missing", "person"),
        (DIRECTION, {**INFERIOR, "person": "", "department": "sales"}, "person_missing", "person"),
        (DIRECTION, {**INFERIOR, "person": "E-404"}, "unknown_employee", "person"),
        (DIRECTION, {**INFERIOR, "person": LEADER}, "post_not_held_then", "person"),
        (DIRECTION, {**INFERIOR, "order_no": "SO-404"}, "unknown_order", "order_no"),
        (DIRECTION, {**INFERIOR, "sanction": "warning"}, "sanction_outside_range", "sanction"),
        (HR, {**RUDE, "sanction": "major_demerit"}, "sanction_outside_range", "sanction"),
        (DIRECTION, {**INFERIOR, "direct_loss": "2600"}, "loss_without_document", "loss_document"),
        (DIRECTION, {**INFERIOR, "share_percent": "101"}, "invalid_input", "share_percent"),
        (DIRECTION, {**INFERIOR, "corrects": "FND-404"}, "not_found", None),
        (DIRECTION, LOST, "proposal_needed", "clause"),
        (DIRECTION, {**DEPARTED, "production_order_no": "MO-1"}, "fact_missing", "production_order_no"),
        (STAFF["planner"], {**UNBOOKED, "items": []}, "fact_missing", "items"),
        (
            HR,
            {**INJURED, "investigation_no": None, "evidence_documents": ["INJ-2"]},
            "fact_missing",
            "investigation_no",
        ),
        (HR, {**INJURED, "evidence_documents": ["INJ-2"]}, "never_evidence", "evidence_documents"),
        (HR, {**INJURED, "injury_report_no": "INV-3"}, "never_evidence", "evidence_documents"),
        (HR, {**INJURED, "order_no": "SO-1"}, "of_no_order", "order_no"),
        (HR, {**INJURED, "person": BOUGHT}, "post_not_held_then", "person"),
        (HR, {**SPOKEN, "department": ""}, "person_missing", "person"),
        (HR, {**SPOKEN, "department": "canteen"}, "unknown_term", "department"),
        (HR, {**SPOKEN, "department": "quality"}, "no_manager", "department"),
        (HR, {**SPOKEN, "consequence": ""}, "fact_missing", "consequence"),
    ],
)
async def test_a_finding_that_lacks_something_is_refused_beside_its_field(
    office: Department, by: str, said: dict[str, Any], code: str, field: str | None
) -> None:
    answer = await office.attempt(by, "find_breach", **said)

    assert (answer.json()["code"], answer.json()["field"]) == (code, field), answer.text
    assert await office.facts(BreachFound.name) == []


async def test_a_department_that_gave_a_spoken_notice_is_answered_for_by_its_manager(office: Department) -> None:
    assert (await found(office, HR, SPOKEN))["person"] == STAFF["engineering_manager"]


async def test_whoever_left_the_post_before_it_happened_did_not_hold_it_then(office: Department) -> None:
    left = PostEnded(
        assignment_no=f"{BOUGHT}-buyer",
        employee=BOUGHT,
        post="buyer",
        effective_until=MORNING - timedelta(days=3),
        ended_by=HR,
    )
    async with transaction(office.engine) as session:
        await on_post_ended(left, session)

    assert await office.refused(DIRECTION, "find_breach", **INFERIOR) == "post_not_held_then"


async def test_an_investigation_is_evidence_itself_and_the_report_is_only_named(office: Department) -> None:
    await found(office, HR, INJURED)

    (fact,) = await office.facts(BreachFound.name)
    assert isinstance(fact, BreachFound)
    assert (fact.evidence_documents, fact.injury_report_no) == (("INV-3",), "INJ-2")


async def test_an_injury_happened_when_its_report_says_and_nothing_is_found_on_one_that_was_withdrawn(
    office: Department,
) -> None:
    voice, at = Voice("pmc"), MORNING - timedelta(days=3)
    reported = [example(InjuryReported, injury_report_no=no, occurred_at=at) for no in ("INJ-2", "INJ-3")]
    withdrawn = example(InjuryReportWithdrawn, injury_report_no="INJ-3")
    async with transaction(office.engine) as session:
        await ledger.append(session, [voice.says(MORNING, fact) for fact in (*reported, withdrawn)])
    later = {"occurred_at": (at + timedelta(minutes=1)).isoformat()}

    answer = await office.attempt(HR, "find_breach", **{**INJURED, **later})

    assert (answer.json()["code"], answer.json()["field"]) == ("injury_at_another_time", "occurred_at")
    assert await office.refused(HR, "find_breach", **{**INJURED, "injury_report_no": "INJ-3"}) == "injury_withdrawn"
    await found(office, HR, INJURED)
    assert len(await office.facts(BreachFound.name)) == 1


async def test_a_correction_takes_the_place_of_the_earlier_finding_once(office: Department) -> None:
    earlier = await found(office, HR, RUDE)

    later = await found(office, HR, RUDE, sanction="minor_demerit", corrects=earlier["no"])

    assert (await status_of(office, earlier["no"]), later["status"]) == ("corrected", "found")
    again = {**RUDE, "corrects": earlier["no"]}
    assert await office.refused(HR, "find_breach", **again) == "found_already"
    assert await office.refused(HR, "find_breach", **{**again, "occurred_at": MORNING.isoformat()}) == "wrong_status"


async def test_nobody_takes_themself_out_of_a_finding_by_correcting_whom_it_names(office: Department) -> None:
    spoken = {**SPOKEN, "department": ""}
    earlier = await found(office, DIRECTION, spoken, person=HR)
    other = {**spoken, "person": ENGINEER, "corrects": earlier["no"]}

    assert await office.refused(HR, "find_breach", **other) == "own_case"
    assert await status_of(office, earlier["no"]) == "found"
    later = await found(office, DIRECTION, other)

    assert (await status_of(office, earlier["no"]), later["found_as"]) == ("corrected", "general_manager")


async def test_a_finding_of_another_matter_is_not_told_by_way_of_a_correction(office: Department) -> None:
    """Numbers have no gaps: whoever may find one clause could else ask of every finding what it is about, and whether of them."""
    await office.employ(merchandiser=INSPECTOR)
    of_hr = await found(office, HR, {**RUDE, "order_no": None})
    about_them = await office.do(PLANNING, "propose_finding", **{**LOST, "person": INSPECTOR})
    mine = {**DEPARTED, "clause": "GEN-05", "production_order_no": "MO-1", "op_no": 10}
    for no in (of_hr["no"], about_them["no"]):
        answer = await office.attempt(INSPECTOR, "find_breach", **mine, corrects=no)
        assert (answer.json()["code"], answer.json()["field"]) == ("another_matter", "corrects")
        assert f"{no} is no finding of GEN-05 in order SO-1" in answer.json()["detail"]
        assert "MER-0" not in answer.text


async def test_another_matter_is_not_corrected(office: Department) -> None:
    earlier = await found(office, HR, RUDE)

    for other in ({**SPOKEN, "corrects": earlier["no"]}, {**RUDE, "order_no": None, "corrects": earlier["no"]}):
        assert await office.refused(HR, "find_breach", **other) == "another_matter"
    assert await status_of(office, earlier["no"]) == "found"


async def test_the_amount_of_a_recorded_penalty_is_not_typed_again_nor_exceeded(office: Department) -> None:
    told = {"order_no": "SO-1", "amount": "4000"}
    voice = Voice("pmc")  # Sales has spoken already
    said = [voice.says(MORNING, example(ContractPenaltyRecorded, penalty_no=no, **told)) for no in ("CPN-1", "CPN-2")]
    said.append(voice.says(MORNING, example(ContractPenaltyWithdrawn, order_no="SO-1", penalty_no="CPN-2")))
    async with transaction(office.engine) as session:
        await ledger.append(session, said)
    penalty = {**INFERIOR, "clause": "GEN-03", "loss_document": "CPN-1", "share_percent": "40"}

    more = {**penalty, "contract_penalty": "4000.01"}
    assert await office.refused(DIRECTION, "find_breach", **more) == "more_than_recorded"
    assert await office.refused(DIRECTION, "find_breach", **{**penalty, "loss_document": "CPN-2"}) == "fact_missing"
    await found(office, DIRECTION, penalty)

    (fact,) = await office.facts(BreachFound.name)
    assert isinstance(fact, BreachFound)
    assert (fact.loss_document, str(fact.contract_penalty)) == ("CPN-1", "4000")


async def hears(office: Department, *events: Event) -> None:
    """The ledger hears of more; Sales has spoken already."""
    voice = Voice("pmc")
    async with transaction(office.engine) as session:
        await ledger.append(session, [voice.says(MORNING, event) for event in events])


async def test_a_complaint_that_is_named_is_one_of_the_order(office: Department) -> None:
    """A typing error would make a record that waits for ever: nobody closes a complaint that there is not."""
    await hears(
        office,
        example(ComplaintReceived, order_no="SO-1", complaint_no="CMP-1"),
        example(ComplaintReceived, order_no="SO-2", complaint_no="CMP-2"),
    )

    for no in ("CMP-404", "CMP-2"):
        answer = await office.attempt(HR, "find_breach", **{**RUDE, "complaint_no": no})
        assert (answer.json()["code"], answer.json()["field"]) == ("unknown_complaint", "complaint_no")
        assert no in answer.json()["detail"]
    of_no_order = {**RUDE, "order_no": None, "complaint_no": "CMP-1"}
    assert await office.refused(HR, "find_breach", **of_no_order) == "complaint_of_no_order"
    assert await office.refused(PLANNING, "propose_finding", **{**LOST, "complaint_no": "CMP-2"}) == "unknown_complaint"
    await found(office, HR, RUDE, complaint_no="CMP-1")

    (fact,) = await office.facts(BreachFound.name)
    assert isinstance(fact, BreachFound)
    assert fact.complaint_no == "CMP-1"


async def test_a_recorded_loss_is_one_loss_of_one_order_in_one_amount(office: Department) -> None:
    """Shares in a loss are brought together within an order: by way of a second one nobody pays it twice."""
    penalty = {
        **INFERIOR,
        "clause": "GEN-03",
        "contract_penalty": "4000",
        "loss_document": "DBN-9",
        "share_percent": "40",
    }
    first = await found(office, DIRECTION, penalty, share_percent="60")
    async with transaction(office.engine) as session:
        await ledger.append(session, [Voice("pmc").says(MORNING, example(OrderReleased, order_no="SO-2"))])

    assert await office.refused(DIRECTION, "find_breach", **{**penalty, "order_no": "SO-2"}) == "loss_of_another_order"
    more = {**penalty, "person": STORED, "contract_penalty": "4100"}
    assert await office.refused(DIRECTION, "find_breach", **more) == "loss_recorded_otherwise"
    await found(office, DIRECTION, {**penalty, "person": STORED})
    lost = {**LOST, "direct_loss": "5000", "loss_document": "DBN-9"}
    assert await office.refused(PLANNING, "propose_finding", **lost) == "loss_recorded_otherwise"
    other = {**penalty, "loss_document": "DBN-10", "order_no": "SO-2"}
    assert (await found(office, DIRECTION, other))["status"] == "found"
    await office.do(DIRECTION, "withdraw_finding", first["no"], reason="…")


async def test_what_was_found_or_proposed_already_is_corrected_and_not_found_again(office: Department) -> None:
    penalty = {**INFERIOR, "clause": "GEN-03", "contract_penalty": "4000", "loss_document": "DBN-9"}
    penalty |= {"share_percent": "40"}
    first = await found(office, DIRECTION, penalty)

    assert await office.refused(DIRECTION, "find_breach", **penalty) == "found_already"
    later = {**penalty, "occurred_at": (MORNING - timedelta(minutes=30)).isoformat()}
    assert await office.refused(DIRECTION, "find_breach", **later) == "found_already"
    elsewhere = {**later, "loss_document": "DBN-10"}
    assert (await found(office, DIRECTION, elsewhere))["status"] == "found"
    corrected = await found(office, DIRECTION, penalty, share_percent="50", corrects=first["no"])
    await office.do(DIRECTION, "withdraw_finding", corrected["no"], reason="…")
    assert (await found(office, DIRECTION, penalty))["status"] == "found"

    await office.do(PLANNING, "propose_finding", **LOST)
    assert await office.refused(PLANNING, "propose_finding", **LOST) == "found_already"


async def test_of_two_who_find_the_same_at_once_one_is_told(office: Department) -> None:
    answers = await asyncio.gather(*(office.attempt(HR, "find_breach", **RUDE) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_only_whoever_found_it_takes_it_back_and_only_once(office: Department) -> None:
    finding = await found(office, HR, RUDE)
    reason = {"reason": "录音证明并无失礼"}

    assert await office.refused(DIRECTION, "withdraw_finding", finding["no"], **reason) == "not_your_finding"
    await office.do(HR, "withdraw_finding", finding["no"], **reason)

    (fact,) = await office.facts(FindingWithdrawn.name)
    assert isinstance(fact, FindingWithdrawn)
    assert (fact.finding_no, fact.person, fact.withdrawn_by) == (finding["no"], FOLLOWER, HR)
    assert await office.refused(HR, "withdraw_finding", finding["no"], **reason) == "wrong_status"


@pytest.mark.parametrize(("who", "guard"), [(BOUGHT, "not_in_ones_own_case"), (PLANNING, "found_by_another")])
async def test_the_database_itself_keeps_finder_person_and_proposer_apart(
    office: Department, who: str, guard: str
) -> None:
    await found(office, DIRECTION, INFERIOR)

    with pytest.raises(asyncpg.CheckViolationError, match=guard):
        await office.as_owner(f"UPDATE breach_findings SET proposed_by = '{PLANNING}', found_by = '{who}'")  # noqa: S608


async def test_nobody_is_judged_by_rules_that_were_not_there_when_it_happened(office: Department) -> None:
    """The second version lets HR find what the general manager found under the first."""
    text = SHIPPED.read_text(encoding="utf-8").replace('version: "2026-01"', 'version: "2026-02"')
    text = text.replace(
        "finders: [general_manager], proposers: [planner]}\n        proved: arrivals",
        "finders: [hr], proposers: [planner]}\n        proved: arrivals",
    )
    await office.do(HR, "draft_rulebook", text=text, reason="HR knows the buyers better")
    minutes = {"held_on": "2026-09-01", "participants": "everybody", "minutes_reference": "M-1"}
    await office.do(HR, "record_consultation", rulebook_no="2026-02", **minutes)
    await office.do(DIRECTION, "approve_rulebook", "2026-02")
    now = {**INFERIOR, "occurred_at": MORNING.isoformat()}

    assert await office.refused(HR, "find_breach", **INFERIOR) == "may_not_find"
    assert (await found(office, DIRECTION, INFERIOR))["rulebook_version"] == "2026-01"
    await office.wait_until(MORNING + timedelta(hours=1))
    late = {**now, "occurred_at": (MORNING + timedelta(minutes=30)).isoformat()}
    assert (await found(office, HR, late))["rulebook_version"] == "2026-02"


def test_what_a_clause_may_ask_for_can_be_filled_in() -> None:
    fields = {*Found.model_fields, "operation"}

    assert set(ASKABLE) <= fields & {*BreachFound.model_fields}


def test_every_department_has_a_manager_who_answers_for_it() -> None:
    assert MANAGERS.keys() == DEPARTMENTS.keys()
    assert set(MANAGERS.values()) <= POSTS.keys()
