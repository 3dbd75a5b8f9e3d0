"""An injury is reported and looked into by somebody else, and who was hurt is read by nobody who need not know."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts.accountability import EmployeeRegistered, PostAssigned, PostEnded
from contracts.pmc import InjuryInvestigated, InjuryReported, InjuryReportWithdrawn
from tests.pmc.conftest import BOSS, CONTROLLER, DEPUTY, DIRECTOR, LEADER, MANAGER, OTHER_LEADER, PLANNER, WORKER
from tests.pmc.test_pages import browser
from tests.support.departments import MORNING, Department

pytestmark = pytest.mark.asyncio
HR = "E-072"
HURT = {
    "injured": WORKER,
    "occurred_at": (MORNING - timedelta(hours=1)).isoformat(),
    "workplace": "2 号冲床",
    "what_happened": "左手食指压伤",
    "first_aid": "止血后送医",
}


@pytest.fixture
async def report_no(pmc: Department) -> str:
    """The number of an injury that the team leader reported."""
    await pmc.employ(worker=WORKER, hr=HR)
    return str((await pmc.do(LEADER, "report_injury", **HURT))["no"])


def outcome(report_no: str, **changes: Any) -> dict[str, Any]:
    said = {
        "injury_report_no": report_no,
        "insured": True,
        "duty_breached": True,
        "breached_by": [LEADER, DIRECTOR],
        "safety_duty": "装好护罩方可作业",
        "result": "护罩没有装回",
    }
    said |= changes
    return said if said["duty_breached"] else {**said, "breached_by": []}


async def answer(pmc: Department, by: str, path: str) -> int:
    """How a program is answered, or a browser where it is no path of the API."""
    async with pmc.as_(by) if path.startswith("/api/") else await browser(pmc, by) as client:
        return (await client.get(path)).status_code


async def test_the_fact_says_when_and_where_and_not_who_was_hurt_nor_how(pmc: Department, report_no: str) -> None:
    (fact,) = await pmc.facts(InjuryReported.name)
    assert isinstance(fact, InjuryReported)
    assert (fact.injury_report_no, fact.workplace, fact.reported_by) == (report_no, "2 号冲床", LEADER)
    assert (fact.occurred_at, fact.order_no) == (MORNING - timedelta(hours=1), None)
    said = fact.model_dump_json()
    assert [told for told in (WORKER, HURT["what_happened"], HURT["first_aid"]) if told in said] == []


async def test_what_was_entered_is_in_no_act(pmc: Department, report_no: str) -> None:
    await pmc.refused(LEADER, "report_injury", **{**HURT, "injured": "E-999"})
    async with pmc.engine.connect() as connection:
        acts = (await connection.execute(text("SELECT request::text || response::text FROM acts"))).scalars().all()
    assert [act for act in acts if "食指" in act or "止血" in act] == []


@pytest.mark.parametrize(
    ("by", "change", "code"),
    [
        (LEADER, {"injured": "E-999"}, "unknown_employee"),
        (LEADER, {"occurred_at": (MORNING + timedelta(minutes=1)).isoformat()}, "injured_ahead"),
        (LEADER, {"what_happened": ""}, "invalid_input"),
        (PLANNER, {}, "post_not_held"),
    ],
)
async def test_a_report_with_a_fault_is_refused(
    pmc: Department, report_no: str, by: str, change: dict[str, str], code: str
) -> None:
    assert await pmc.refused(by, "report_injury", **{**HURT, **change}) == code


async def test_only_who_was_hurt_wrote_it_or_looks_into_it_reads_of_it(pmc: Department, report_no: str) -> None:
    for path in (f"/api/injury-reports/{report_no}", f"/injury-reports/{report_no}"):
        seen = [await answer(pmc, by, path) for by in (WORKER, LEADER, DIRECTOR, MANAGER, BOSS, HR)]
        closed = [await answer(pmc, by, path) for by in (OTHER_LEADER, PLANNER, CONTROLLER)]
        assert (seen, closed) == ([200] * 6, [403] * 3)
    async with await browser(pmc, PLANNER) as client:
        answers = [await client.get(path) for path in ("/injury-reports", "/", f"/find?q={report_no}")]
    assert [each.status_code for each in answers] == [200] * 3
    assert [each.text for each in answers if HURT["workplace"] in each.text or WORKER in each.text] == []


async def test_an_investigation_is_stated_as_yes_or_no(pmc: Department, report_no: str) -> None:
    document = await pmc.do(MANAGER, "conclude_investigation", **outcome(report_no))

    (fact,) = await pmc.facts(InjuryInvestigated.name)
    assert isinstance(fact, InjuryInvestigated)
    assert (fact.investigation_no, fact.injury_report_no) == (document["no"], report_no)
    assert (fact.insured, fact.duty_breached, fact.investigated_by) == (True, True, MANAGER)
    assert fact.breached_by == (LEADER, DIRECTOR)
    assert [told for told in ("护罩", WORKER) if told in fact.model_dump_json()] == []
    path = f"/api/investigations/{document['no']}"
    assert [await answer(pmc, by, path) for by in (WORKER, MANAGER, BOSS, HR)] == [200] * 4
    assert [await answer(pmc, by, path) for by in (LEADER, DIRECTOR, PLANNER)] == [403] * 3


async def test_nobody_looks_into_their_own_duties_injury_or_report(pmc: Department) -> None:
    await pmc.employ(worker=WORKER)
    own = await pmc.do(LEADER, "report_injury", **{**HURT, "injured": MANAGER})
    assert await pmc.refused(DIRECTOR, "conclude_investigation", **outcome(own["no"])) == "post_not_held"
    assert await pmc.refused(MANAGER, "conclude_investigation", **outcome(own["no"])) == "own_case"

    await pmc.employ(workshop_director=MANAGER)
    other = await pmc.do(MANAGER, "report_injury", **HURT)
    assert await pmc.refused(MANAGER, "conclude_investigation", **outcome(other["no"])) == "self_approval"
    third = await pmc.do(LEADER, "report_injury", **HURT)
    assert await pmc.refused(MANAGER, "conclude_investigation", **outcome(third["no"])) == "own_case"
    assert (await pmc.do(BOSS, "conclude_investigation", **outcome(third["no"])))["status"] == "concluded"


async def test_a_breached_duty_is_named(pmc: Department, report_no: str) -> None:
    unnamed = outcome(report_no, safety_duty="")
    assert await pmc.refused(MANAGER, "conclude_investigation", **unnamed) == "safety_duty_missing"

    await pmc.do(MANAGER, "conclude_investigation", **{**unnamed, "duty_breached": False, "breached_by": []})


@pytest.mark.parametrize(
    ("named", "breached", "code"),
    [
        ([], True, "breached_by_missing"),
        (["E-999"], True, "unknown_employee"),
        ([LEADER, PLANNER], True, "post_not_held_then"),
        ([WORKER], True, "post_not_held_then"),
        ([LEADER], False, "nothing_breached"),
    ],
)
async def test_a_breached_duty_was_somebodys_who_led_the_team_or_the_workshop(
    pmc: Department, report_no: str, named: list[str], breached: bool, code: str
) -> None:
    said = {**outcome(report_no), "breached_by": named, "duty_breached": breached}

    answer = await pmc.attempt(MANAGER, "conclude_investigation", **said)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, "breached_by")
    assert await pmc.facts(InjuryInvestigated.name) == []


async def test_the_posts_count_that_were_held_when_it_happened(pmc: Department, report_no: str) -> None:
    """Somebody takes the team over after the injury."""
    await relieve(pmc, LEADER)
    await promote(pmc, "E-027")

    refused = await pmc.refused(MANAGER, "conclude_investigation", **{**outcome(report_no), "breached_by": ["E-027"]})
    await pmc.do(MANAGER, "conclude_investigation", **{**outcome(report_no), "breached_by": [LEADER]})

    assert refused == "post_not_held_then"


async def test_the_form_offers_whoever_has_led_a_team_or_the_workshop(pmc: Department, report_no: str) -> None:
    await relieve(pmc, LEADER)
    async with await browser(pmc, MANAGER) as client:
        form = (await client.get(f"/commands/conclude-investigation?injury_report_no={report_no}")).text

    offered = re.findall(r'name="breached_by"[^>]*value="(E-\d+)"', form)
    assert sorted(offered) == sorted([DIRECTOR, DEPUTY, LEADER, OTHER_LEADER])


async def test_whoever_led_the_workshop_then_looks_into_nothing_of_it_and_whoever_leads_it_since_may(
    pmc: Department, report_no: str
) -> None:
    await pmc.employ(workshop_director=MANAGER)
    assert await pmc.refused(MANAGER, "conclude_investigation", **outcome(report_no)) == "own_case"
    await relieve(pmc, MANAGER, "workshop_director")
    assert await pmc.refused(MANAGER, "conclude_investigation", **outcome(report_no)) == "own_case"

    await promote(pmc, BOSS, "workshop_director")

    assert (await pmc.do(BOSS, "conclude_investigation", **outcome(report_no)))["status"] == "concluded"


async def relieve(pmc: Department, employee: str, post: str = "team_leader") -> None:
    """As of this morning, an hour after the injury."""
    said: dict[str, Any] = {"assignment_no": f"{employee}-{post}", "employee": employee, "post": post}
    await pmc.hear(PostEnded(**said, effective_until=MORNING, ended_by="system"))


async def promote(pmc: Department, employee: str, post: str = "team_leader") -> None:
    said: dict[str, Any] = {"assignment_no": f"{employee}-{post}", "employee": employee, "post": post}
    await pmc.hear(EmployeeRegistered(employee=employee, nickname="小七", department="pmc"))
    await pmc.hear(PostAssigned(**said, effective_from=MORNING, assigned_by="system"))


async def test_a_report_made_by_mistake_is_withdrawn_by_its_maker_or_the_manager(
    pmc: Department, report_no: str
) -> None:
    reason = {"reason": "受伤的不是本厂员工"}
    assert await pmc.refused(OTHER_LEADER, "withdraw_injury_report", report_no, **reason) == "not_theirs"
    assert await pmc.refused(DIRECTOR, "withdraw_injury_report", report_no, **reason) == "not_your_report"
    assert await pmc.refused(PLANNER, "withdraw_injury_report", report_no, **reason) == "post_not_held"
    assert await pmc.refused(LEADER, "withdraw_injury_report", report_no, reason="") == "invalid_input"

    document = await pmc.do(LEADER, "withdraw_injury_report", report_no, **reason)

    assert (document["status"], document["reason"]) == ("withdrawn", reason["reason"])
    (fact,) = await pmc.facts(InjuryReportWithdrawn.name)
    assert isinstance(fact, InjuryReportWithdrawn)
    assert (fact.injury_report_no, fact.withdrawn_by, fact.order_no) == (report_no, LEADER, None)
    assert reason["reason"] not in fact.model_dump_json()
    assert await pmc.refused(MANAGER, "conclude_investigation", **outcome(report_no)) == "wrong_status"
    assert await pmc.refused(MANAGER, "withdraw_injury_report", report_no, **reason) == "wrong_status"


async def test_what_an_investigation_found_is_corrected_before_its_report_is_withdrawn(
    pmc: Department, report_no: str
) -> None:
    reason = {"reason": "误报"}
    first = await pmc.do(MANAGER, "conclude_investigation", **outcome(report_no))
    assert await pmc.refused(MANAGER, "withdraw_injury_report", report_no, **reason) == "something_was_found"

    cleared = outcome(report_no, insured=False, duty_breached=False)
    await pmc.do(MANAGER, "conclude_investigation", **cleared, corrects=first["no"])

    assert (await pmc.do(MANAGER, "withdraw_injury_report", report_no, **reason))["status"] == "withdrawn"
    async with pmc.engine.connect() as connection:
        acts = (await connection.execute(text("SELECT request::text || response::text FROM acts"))).scalars().all()
    assert [act for act in acts if "误报" in act] == []


async def test_only_who_may_withdraw_a_report_is_offered_it(pmc: Department, report_no: str) -> None:
    offered = []
    for by in (LEADER, MANAGER, DIRECTOR, HR):
        async with await browser(pmc, by) as client:
            offered.append("withdraw-injury-report" in (await client.get(f"/injury-reports/{report_no}")).text)
    assert offered == [True, True, False, False]


async def test_a_later_investigation_corrects_the_earlier_one_and_names_it(pmc: Department, report_no: str) -> None:
    said = outcome(report_no)
    assert await pmc.refused(MANAGER, "conclude_investigation", **said, corrects="INV-0") == "nothing_to_correct"
    first = await pmc.do(MANAGER, "conclude_investigation", **said)
    assert await pmc.refused(MANAGER, "conclude_investigation", **said) == "investigated_already"

    await pmc.do(BOSS, "conclude_investigation", **outcome(report_no, duty_breached=False), corrects=first["no"])

    fact = (await pmc.facts(InjuryInvestigated.name))[-1]
    assert isinstance(fact, InjuryInvestigated)
    assert (fact.corrects, fact.duty_breached) == (first["no"], False)
    async with pmc.engine.begin() as connection:
        with pytest.raises(IntegrityError, match="investigations_one_in_force"):
            await connection.execute(text("UPDATE investigations SET status = 'concluded'"))


async def looks(pmc: Department, by: str) -> str:
    async with await browser(pmc, by) as client:
        answer = await client.get("/looks")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_who_was_hurt_sees_who_has_read_of_it_and_nobody_else_does(pmc: Department, report_no: str) -> None:
    investigated = (await pmc.do(MANAGER, "conclude_investigation", **outcome(report_no)))["no"]
    assert "还没有人查看过" in await looks(pmc, WORKER)
    for path in ("/injury-reports", f"/injury-reports/{report_no}", f"/injury-reports/{report_no}"):
        assert await answer(pmc, DIRECTOR, path) == 200
    for path in (f"/investigations/{investigated}", "/api/injury-reports"):
        assert await answer(pmc, MANAGER, path) == 200
    assert await answer(pmc, WORKER, f"/injury-reports/{report_no}") == 200
    assert await answer(pmc, PLANNER, f"/injury-reports/{report_no}") == 403

    async with pmc.engine.connect() as connection:
        rows = await connection.execute(text("SELECT who, post, whose, no, how FROM record_looks ORDER BY id"))
        seen = [tuple(row) for row in rows]
    assert seen == [
        (DIRECTOR, "workshop_director", WORKER, report_no, "seen_on_page"),
        (MANAGER, "pmc_manager", WORKER, investigated, "seen_on_page"),
        (MANAGER, "pmc_manager", WORKER, report_no, "listed_by_api"),
    ]
    shown = await looks(pmc, WORKER)
    assert all(said in shown for said in (DIRECTOR, MANAGER, report_no, investigated))
    assert "还没有人查看过" in await looks(pmc, DIRECTOR)


async def test_no_look_is_taken_back_and_after_three_years_it_is_forgotten(pmc: Department, report_no: str) -> None:
    await answer(pmc, DIRECTOR, f"/injury-reports/{report_no}")
    with pytest.raises(Exception, match="only ever added to"):
        await pmc.as_owner("DELETE FROM record_looks")
    await pmc.wait_until(MORNING + timedelta(days=1097))
    await answer(pmc, DIRECTOR, f"/injury-reports/{report_no}")

    async with pmc.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM record_looks")) == 1
