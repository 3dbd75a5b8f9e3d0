"""Evidence was taken out of the house: who learns that, and whose papers are handed to whom?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import func, update

from chassis.database import transaction
from chassis.people import find_person, on_employee_registered
from contracts import accountability, engineering, pmc, purchasing, quality
from contracts.accountability import EmployeeRegistered
from contracts.event import Event
from services.accountability.models import PenaltyRecord
from services.accountability.privacy import seeing, taken_out
from services.accountability.proof import operator, packing
from services.accountability.proof.against import held_against
from services.accountability.proof.exports import NothingToExport, NotTheirs, Wish, write_down
from services.accountability.proof.packing import Body, Export
from services.accountability.proof.verifying import verify
from tests.accountability.clauses.findings import INJURY, an_injury, is_found
from tests.accountability.house import House, house
from tests.accountability.proving import END, a_month, tell
from tests.accountability.taking import exported
from tests.accountability.tampering import in_a_file
from tests.accountability.test_pages import page
from tests.support.facts import STAFF, Story, a_story, local

HR, BOSS, SELLER, BUYER = (STAFF[post] for post in ("hr", "general_manager", "salesperson", "buyer"))
LEADER, INSPECTOR, PLANNER, ENGINEER = (STAFF[post] for post in ("team_leader", "inspector", "planner", "engineer"))
DIRECTOR, MANAGER = STAFF["workshop_director"], STAFF["pmc_manager"]


@pytest.fixture
async def it() -> AsyncIterator[House]:
    """A loss of the first order, for which the seller and the buyer answer; a complaint was attributed to two others."""
    async with house() as found:
        found.department.app.state.companion = found.office
        await found.department.employ(salesperson=SELLER, buyer=BUYER, team_leader=LEADER, inspector=INSPECTOR)
        await tell(found, a_loss(a_month(found)))
        yield found


def a_loss(story: Story) -> Story:
    loss: dict[str, Any] = {"direct_loss": "900", "loss_document": "DBN-1", "gross_negligence": True}
    attributed: dict[str, Any] = {
        "matter": "complaint",
        "cause": "production",
        "person": LEADER,
        "escaped_inspection": True,
    }
    attributed |= {"attribution_no": "ATT-1", "complaint_no": "CPL-1", "inspector": INSPECTOR, "attributed_by": PLANNER}
    story.at("2026-03-16 10:00").states(
        pmc.ComplaintAttributed, order_no="SO-1", by=PLANNER, share_percent="40", **loss, **attributed
    )
    for no, person, clause in (("FND-1", SELLER, "GEN-02"), ("FND-2", BUYER, "PUR-06")):
        found: dict[str, Any] = {"finding_no": no, "person": person, "clause": clause, "found_as": "general_manager"}
        found |= {"rulebook_version": "2026-01", "evidence_documents": ["DBN-1"]}
        happened = local("2026-03-05 09:00")
        story.at("2026-03-16 11:00").states(
            accountability.BreachFound,
            order_no="SO-1",
            by=BOSS,
            occurred_at=happened,
            share_percent="50",
            **loss,
            **found,
        )
    return story


async def takes(it: House, wish: Wish, by: str) -> Export:
    """While the office is at work."""
    asking = asyncio.create_task(exported(it.department.engine, wish, by))
    until = END
    while not asking.done():
        until += timedelta(minutes=1)
        await it.promises(until)
        await it.judges()
    return await asking


async def listed(it: House, reader: str, **wanted: str) -> list[tuple[Any, ...]]:
    async with it.department.as_(reader) as client:
        answer = await client.get("/api/exports", params=wanted)
    assert answer.status_code == 200, answer.text
    return [(one["no"], one["asked_by"], one["order"] or one["person"], one["made"]) for one in answer.json()["items"]]


async def test_who_took_out_what_is_seen_by_hr_by_the_general_manager_and_by_whoever_is_in_it(
    it: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await takes(it, Wish(order="SO-1"), HR)
    with pytest.raises(NothingToExport):
        await takes(it, Wish(order="SO-404"), BOSS)
    await takes(it, Wish(person=SELLER), BOSS)
    first, none, theirs = (1, HR, "SO-1", True), (2, BOSS, "SO-404", False), (3, BOSS, SELLER, True)

    for reader in (HR, BOSS):
        assert await listed(it, reader) == [theirs, none, first]
    assert await listed(it, SELLER) == [theirs, first]
    assert await listed(it, "E-099") == []
    assert await listed(it, HR, by=BOSS) == [theirs, none]
    assert await listed(it, HR, about="SO-1") == [first]
    assert await listed(it, HR, about=SELLER) == [theirs]
    monkeypatch.setattr(taken_out, "PAGE", 1)
    assert await listed(it, HR) == [theirs]
    assert await listed(it, HR, before="3") == [none]

    for language, said in (("en", "not finished: there is no file"), ("zh", "未完成,没有文件")):
        shown = await page(it.department, "/exports?before=3", language, by=HR)
        assert said in shown
        assert "/exports?by=&amp;about=&amp;before=2" in shown
    assert "一位员工的记录及其订单" in await page(it.department, "/exports", "zh", by=SELLER)
    assert "SO-404" not in await page(it.department, "/exports?before=3", by=SELLER)


async def test_that_somebodys_case_was_taken_out_is_theirs_alone_once_all_their_records_are_sealed(it: House) -> None:
    """That there were records is what nobody else is to learn."""
    for by in (SELLER, HR):
        await write_down(it.department.engine, Wish(person=SELLER), by)
    assert await listed(it, BOSS) == [(2, HR, SELLER, False), (1, SELLER, SELLER, False)]

    async with transaction(it.department.engine) as session:
        sealing = update(PenaltyRecord).where(PenaltyRecord.person == SELLER)
        await session.execute(sealing.values(sealed_at=func.factory_now()))

    assert await listed(it, BOSS) == [(2, HR, "withheld", False), (1, "withheld", "withheld", False)]
    assert await listed(it, BOSS, about=SELLER) == await listed(it, BOSS, by=SELLER) == []
    assert await listed(it, SELLER) == [(2, HR, SELLER, False), (1, SELLER, SELLER, False)]
    assert SELLER not in (await page(it.department, "/exports", by=HR)).partition("<tbody>")[2]


async def test_a_colleague_who_is_named_in_somebodys_case_is_not_told_whose_it_is(it: House) -> None:
    """That there are records of somebody those learn who may see them, and whoever asked for the case."""
    await takes(it, Wish(person=SELLER), HR)

    for colleague in (BUYER, LEADER, INSPECTOR):
        assert await listed(it, colleague) == [(1, HR, "withheld", True)]
        assert await listed(it, colleague, about=SELLER) == []
    for language, said in (("zh", "不公开"), ("en", "not shown")):
        shown = (await page(it.department, "/exports", language, by=BUYER)).partition("<tbody>")[2]
        assert said in shown
        assert SELLER not in shown
    assert await listed(it, SELLER) == await listed(it, BOSS) == [(1, HR, SELLER, True)]


async def test_a_manager_who_is_in_a_case_learns_whose_it_is_of_their_own_people_alone(it: House) -> None:
    await it.department.employ(pmc_manager=MANAGER)
    async with transaction(it.department.engine) as session:
        theirs = EmployeeRegistered(employee=LEADER, nickname="小六", department="pmc")
        await on_employee_registered(theirs, session)
        hr = await find_person(session, HR)
    for whose in (LEADER, SELLER):
        asking = await write_down(it.department.engine, Wish(person=whose), HR)
        async with transaction(it.department.engine) as session:
            await seeing.note(session, hr, [("FND-9", MANAGER)], taken_out.as_evidence(asking.no))

    assert await listed(it, MANAGER) == [(2, HR, "withheld", False), (1, HR, LEADER, False)]


async def test_ones_own_case_is_handed_over_by_hr_where_it_holds_something_against_colleagues(it: House) -> None:
    """Every page refuses them the findings about others and the attributions, and so does this way."""
    with pytest.raises(NotTheirs, match=rf"--person {SELLER} --by themselves"):
        await takes(it, Wish(person=SELLER), SELLER)

    assert await looks_at(it, BUYER, LEADER, INSPECTOR) == set()
    assert await listed(it, SELLER) == [(1, SELLER, SELLER, False)]

    evidence = await takes(it, Wish(person=SELLER), HR)

    assert verify(in_a_file(evidence), it.fingerprints).passed
    told = "\n".join(operator.told(evidence, Path("case.zip"), 1.0))
    others = ", ".join(sorted({LEADER, BUYER, INSPECTOR}))
    assert f"The case of {SELLER} also holds what was found of or attributed to {others} (ATT-1, FND-2)" in told
    assert "colleagues worked on the same orders" in packing.READ_ME


async def test_a_persons_case_holds_no_proposal_about_them_that_nobody_confirmed(postgres: str) -> None:
    """They see a finding once it is found, on every page: what was dismissed was nobody's breach."""
    async with house() as it:
        await it.department.employ(team_leader=LEADER)
        story = a_month(it)
        for no, order_no in (("FND-7", "SO-1"), ("FND-8", None), ("FND-9", "SO-1")):
            said: dict[str, Any] = {"finding_no": no, "clause": "GEN-02", "person": LEADER, "order_no": order_no}
            story.at("2026-03-16 11:00").states(accountability.FindingProposed, by=PLANNER, proposed_by=PLANNER, **said)
        story.states(
            accountability.FindingDismissed, by=BOSS, dismissed_by=BOSS, reason="无事",
            finding_no="FND-9", clause="GEN-02", person=LEADER, order_no="SO-1",
        )  # fmt: skip
        is_found(story, "GEN-02", BOSS, person=LEADER, finding_no="FND-7", order_no="SO-1", when="2026-03-16 12:00")
        await tell(it, story)
        theirs = await takes(it, Wish(person=LEADER), LEADER)
        the_orders = await takes(it, Wish(order="SO-1"), HR)

    assert verify(in_a_file(theirs), it.fingerprints).passed
    assert findings_in(theirs) == {("finding_proposed", "FND-7"), ("breach_found", "FND-7")}
    assert findings_in(the_orders) >= {("finding_proposed", "FND-9"), ("finding_dismissed", "FND-9")}


def findings_in(evidence: Export) -> set[tuple[str, str]]:
    facts = [orjson.loads(body.bytes) for body in evidence.bodies]
    return {(fact["type"].split(".")[1], fact["data"]["finding_no"]) for fact in facts if "finding_no" in fact["data"]}


async def test_ones_own_case_is_theirs_to_take_out_where_it_holds_nothing_against_others(postgres: str) -> None:
    async with house() as it:
        await tell(it, a_month(it))
        evidence = await takes(it, Wish(person=LEADER), LEADER)
        assert await listed(it, LEADER) == [(1, LEADER, LEADER, True)]

    assert {row["person"] for row in evidence.said["records"]} == {LEADER}
    assert "also holds" not in "".join(operator.told(evidence, Path("case.zip"), 1.0))


async def test_whoever_a_paper_in_an_export_names_can_see_that_it_was_taken_out(it: House) -> None:
    """Though no record came of it, or none yet."""
    await takes(it, Wish(order="SO-1"), HR)

    assert await looks_at(it, BUYER, LEADER, INSPECTOR) >= {
        (BUYER, "FND-2"),
        (LEADER, "ATT-1"),
        (INSPECTOR, "ATT-1"),
    }
    for person in (BUYER, LEADER, INSPECTOR):
        assert await listed(it, person) == [(1, HR, "SO-1", True)]


async def test_an_investigation_of_an_injury_is_a_paper_against_everybody_whose_duty_it_names(postgres: str) -> None:
    """PMC shows it to those who look into it alone: nobody takes it out about themself, and whom it names learns of it."""
    async with house() as it:
        it.department.app.state.companion = it.office
        await it.department.employ(team_leader=LEADER, workshop_director=DIRECTOR)
        story = a_month(it)
        an_injury(story)
        is_found(story, "TML-04", HR, person=LEADER, **INJURY)
        await tell(it, story)

        with pytest.raises(NotTheirs, match="without 1 papers"):
            await takes(it, Wish(person=LEADER), LEADER)
        assert await looks_at(it, DIRECTOR) == set()

        evidence = await takes(it, Wish(person=LEADER), HR)

        assert (DIRECTOR, "INV-3") in await looks_at(it, DIRECTOR)
        assert f"attributed to {DIRECTOR} (INV-3)" in "".join(operator.warned(evidence))


@pytest.mark.parametrize(
    ("event", "said", "named"),
    [
        (purchasing.PurchaseBreachConfirmed, {"breach_no": "BRE-1", "ordered_by": BUYER}, {("BRE-1", BUYER)}),
        (quality.UninspectedUseConfirmed, {"case_no": "UNI-1", "bypassed_by": LEADER}, {("UNI-1", LEADER)}),
        (quality.CauseFound, {"complaint_no": "CPL-1", "inspector": INSPECTOR}, {("CPL-1", INSPECTOR)}),
        (
            pmc.InjuryInvestigated,
            {"investigation_no": "INV-3", "injury_report_no": "INJ-2", "insured": True, "duty_breached": True}
            | {"breached_by": [LEADER, DIRECTOR]},
            {("INV-3", LEADER), ("INV-3", DIRECTOR)},
        ),
        (
            engineering.MissingDocumentDecided,
            {"report_no": "MDR-1", "package_no": "PKG-1", "confirmed": True},
            {("MDR-1", ENGINEER)},
        ),
        (
            engineering.MissingDocumentDecided,
            {"report_no": "MDR-1", "package_no": "PKG-1", "confirmed": False},
            set(),
        ),
        (
            accountability.FindingProposed,
            {"finding_no": "FND-3", "person": BUYER, "proposed_by": PLANNER},
            {("FND-3", BUYER)},
        ),
        (
            accountability.CompensationFound,
            {"compensation_no": "CMP-1", "record_no": "PEN-1", "person": BUYER},
            {("CMP-1", BUYER)},
        ),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_each_paper_that_holds_something_against_somebody_names_them(
    event: type[Event], said: dict[str, Any], named: set[tuple[str, str]]
) -> None:
    story = a_story()
    story.at("2026-03-16 09:00").states(
        engineering.PackageReleased, order_no="SO-1", package_no="PKG-1", released_by=ENGINEER
    )
    story.states(event, order_no="SO-1", **said)

    assert held_against(Body(place, orjson.dumps(each.fact)) for place, each in enumerate(story.told, 1)) == named


async def looks_at(it: House, *people: str) -> set[tuple[str, str]]:
    """Whose papers were looked at, and which."""
    async with it.department.engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT whose, no FROM record_looks")).all()
    return {(row.whose, row.no) for row in rows if row.whose in people}
