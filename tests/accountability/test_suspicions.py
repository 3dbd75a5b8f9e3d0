"""A breach for which nobody could be named is cleared by its manager: who held the post answers, or nobody does."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.database import transaction
from chassis.schema_people import employees, holdings
from contracts import links, pmc, quality
from contracts.accountability import SuspicionCleared
from services.accountability.judge.verdicts import RecordProposal
from services.accountability.models import PenaltyRecord, Rulebook, RulebookStatus, Suspicion
from services.accountability.people.calendar import shipped_calendar
from services.accountability.process.appeals import authority_over
from services.accountability.process.decisions import finders
from services.accountability.process.grounds import facts_of
from services.accountability.proof import exports
from tests.accountability.clauses.prohibitions import complains_of_lateness, hands_over, is_made_in_lots
from tests.accountability.house import House, house
from tests.accountability.test_pages import page
from tests.support.facts import RULES, STAFF, Story, a_story, local

DUTY = links.production_order("SO-1", 1)
SUSPICION = "PMC-01/?/SO-1/production_order:SO-1/1"
SECOND, MANAGER, BOSS, HR = "E-050", "E-081", STAFF["general_manager"], STAFF["hr"]


def two_planners(story: Story | None = None) -> Story:
    """Two hold the post when the order to produce is a day late."""
    story = (story or a_story()).at("2026-03-02 08:00").appoints(SECOND, "planner")
    return story.at("2026-03-03 09:00").delivers(DUTY, "planner")


def cleared(story: Story, person: str | None, at: str = "2026-03-06 09:00", key: str = SUSPICION) -> Story:
    said: dict[str, Any] = {"suspicion": key, "clause": key[:6], "person": person, "cleared_by": MANAGER}
    return story.at(at).states(SuspicionCleared, order_no="SO-1", document_no="SO-1/1", clearing_no=f"SCL-{at}", **said)


def test_whoever_held_the_post_answers_once_the_manager_has_said_so():
    before, told = two_planners().judged(), cleared(two_planners(), SECOND).judged()

    assert before.records == {}
    assert before.suspicions == {"PMC-01": f"several held the post planner: {STAFF['planner']}, {SECOND}"}
    assert told.records == {"PMC-01": SECOND}
    (record,) = [verdict for verdict in told.verdicts if isinstance(verdict, RecordProposal)]
    assert len(two_planners().told) + 1 in {proof.position for proof in record.evidence}
    assert told.withdrawn[0].because_en.startswith("a manager cleared the suspicion")


def test_whoever_cleared_a_suspicion_neither_issues_the_record_nor_decides_an_appeal():
    proposal = cleared(two_planners(), SECOND).judged().record("PMC-01")
    record = PenaltyRecord(
        person=SECOND, facts=facts_of(proposal), decided_as="", fault_found_by=[], issued_before_by=[]
    )
    boss, hr = {"general_manager": {MANAGER}}, {"hr": {HR}}

    assert finders(record) == {MANAGER}
    assert authority_over(record, boss | hr) == "hr"
    assert authority_over(record, {"general_manager": {BOSS}} | hr) == "general_manager"


def test_cleared_of_everybody_it_is_gone():
    told = cleared(two_planners(), None).judged()

    assert (told.records, told.standing) == ({}, {})


def test_of_two_words_the_later_counts_whatever_is_told_first():
    one = cleared(cleared(two_planners(), SECOND), None, "2026-03-09 09:00")
    other = cleared(cleared(two_planners(), None, "2026-03-09 09:00"), SECOND)

    assert one.judged().standing.keys() == other.judged().standing.keys() == set()


def test_of_two_who_took_an_order_over_the_manager_names_who_was_to_look_after_its_goods():
    """The order itself names a merchandiser who has left (MER-03)."""
    story = a_story()
    hands_over(story, "2026-03-02 09:00", SECOND, "E-051")
    is_made_in_lots(story, "2026-03-05 09:00")
    complains_of_lateness(story)
    before = story.judged()
    (key,) = before.standing

    told = cleared(story, "E-051", "2026-03-18 09:00", key).judged()

    assert before.suspicions == {"MER-03": f"several held the post merchandiser: {SECOND}, E-051"}
    assert told.records == {"MER-03": "E-051"}


def test_nobody_is_named_who_did_not_hold_the_post():
    told = cleared(two_planners(), STAFF["buyer"]).judged()

    assert (told.records, list(told.suspicions)) == ({}, ["PMC-01"])


def test_for_what_the_evidence_contradicts_nobody_is_named():
    """The inspector found it in their own case: that is not about who held a post."""
    found = {"lot": "LOT-1", "bypassed_by": STAFF["inspector"]}
    story = a_story().at("2026-03-16 09:00")
    story.states(quality.UninspectedUseConfirmed, by=STAFF["inspector"], order_no="SO-1", **found)
    (key,) = story.judged().standing

    assert cleared(story, STAFF["inspector"], "2026-03-17 09:00", key).judged().records == {}
    assert cleared(story, None, "2026-03-18 09:00", key).judged().standing == {}


@pytest.fixture
async def it() -> AsyncIterator[House]:
    async with house() as it:
        await it.hears(two_planners(it.story()))
        await it.department.do(BOSS, "set_calendar", **shipped_calendar())
        await it.department.employ(
            pmc_manager=MANAGER, warehouse_manager="E-082", planner=STAFF["planner"], salesperson="E-083"
        )
        await it.department.employ(planner=SECOND)
        async with transaction(it.department.engine) as session:
            await session.execute(update(holdings).values(effective_from=local("2026-01-05 08:00")))
            made = {"made_by": HR, "made_at": local("2026-01-05 08:00"), "effective_from": local("2026-01-05 08:00")}
            session.add(
                Rulebook(
                    no="2026-01",
                    status=RulebookStatus.ISSUED,
                    body=RULES,
                    text_digest="",
                    reason="",
                    changes=(),
                    **made,
                )
            )
        await it.promises(local("2026-03-05 12:00"))
        await it.judges()
        yield it


@pytest.mark.asyncio
async def test_the_manager_of_the_department_clears_it_and_nobody_who_is_involved(it: House):
    said = {"suspicion": SUSPICION, "person": SECOND, "reason": "排班表"}
    attempts = [
        ("E-082", {}),
        (MANAGER, {"suspicion": "PMC-01/?/SO-9/nothing"}),
        (MANAGER, {"person": "E-083"}),
        (BOSS, {"person": BOSS}),
    ]

    codes = [await it.department.refused(by, "clear_suspicion", **(said | changed)) for by, changed in attempts]
    stranger = await it.department.attempt("E-083", "clear_suspicion", **said)
    document = await it.department.do(MANAGER, "clear_suspicion", **said)
    again = await it.department.refused(BOSS, "clear_suspicion", **said)

    assert codes == ["not_theirs_to_clear", "not_suspected", "did_not_hold_the_post", "involved_themselves"]
    assert (stranger.status_code, again) == (403, "cleared_already")
    (fact,) = await it.department.facts(SuspicionCleared.name)
    assert isinstance(fact, SuspicionCleared)
    assert (fact.person, fact.cleared_by, fact.clearing_no) == (SECOND, MANAGER, document["no"])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"person": MANAGER, "found_by": "E-090"}, "involved_themselves"),
        ({"breached_by": ["E-090", MANAGER]}, "involved_themselves"),
        ({"person": SECOND, "found_by": MANAGER}, ""),
    ],
    ids=["found_in_their_case", "they_breached_it", "they_found_it"],
)
async def test_whom_a_breach_names_does_not_clear_its_suspicion(it: House, facts: dict[str, Any], code: str):
    """The evidence does not bear it out, so its reason names nobody."""
    breach = {"about": "findings:FND-9", "at": local("2026-03-04 09:00").isoformat(), "facts": facts}
    said = {"key": "PRD-04/?/SO-1", "revision": 1, "clause": "PRD-04", "order_no": "SO-1", "reason": "not borne out"}
    async with transaction(it.department.engine) as session:
        session.add(Suspicion(**said, body={"breaches": [breach], "among": "", "reason_zh": "不能证实"}))
    form = {"suspicion": said["key"], "reason": "无事"}

    offered = "suspicion=PRD-04" in await page(it.department, "/suspicions", "zh", by=MANAGER)
    answer = await it.department.attempt(MANAGER, "clear_suspicion", **form)

    assert (answer.json().get("code", ""), offered) == (code, not code)
    if code:
        await it.department.do(BOSS, "clear_suspicion", **form)


@pytest.mark.asyncio
async def test_managers_find_what_waits_for_them_and_who_sees_all_finds_everything(it: House):
    theirs = await page(it.department, "/suspicions", "zh", by=MANAGER)
    others = await page(it.department, "/suspicions", "zh", by="E-082")
    all_of_them = await page(it.department, "/suspicions", "en", by=HR)

    assert "当时有多人任" in theirs
    assert "suspicion=PMC-01" in theirs
    assert "没有待澄清的疑点" in others
    assert "several held the post" in all_of_them
    assert "suspicion=PMC-01" not in all_of_them
    assert "does not hold a post" in await page(it.department, "/suspicions", "en", by="E-083", status=403)


@pytest.mark.asyncio
async def test_the_reason_names_whom_its_reader_may_see_and_that_they_read_it_is_written_down(it: House):
    """A planner was lent by Quality: their own manager alone reads who that is."""
    office, planner, looked = (
        it.department,
        STAFF["planner"],
        "SELECT who, whose, no, how FROM record_looks ORDER BY id",
    )
    office.app.state.companion = it.office
    async with transaction(office.engine) as session:
        for employee, theirs in ((planner, "pmc"), (SECOND, "quality")):
            await session.execute(update(employees).where(employees.c.employee == employee).values(department=theirs))

    theirs = await page(office, "/suspicions", "zh", by=MANAGER)
    timeline = await page(office, "/timelines/SO-1", "zh", by=MANAGER)
    all_of_them = await page(office, "/suspicions", "en", by=HR)
    async with office.engine.connect() as connection:
        seen = [tuple(row) for row in await connection.exec_driver_sql(looked)]

    assert f"当时有多人任计划员:{planner}, 不公开" in theirs
    assert (SECOND in theirs, SECOND in timeline) == (False, False)
    assert f"several held the post planner: {planner}, {SECOND}" in all_of_them
    named = [(MANAGER, planner), (HR, planner), (HR, SECOND)]
    assert seen == [(who, whose, SUSPICION, "seen_in_suspicion") for who, whose in named]


@pytest.mark.asyncio
async def test_a_suspicion_names_nobody_once_a_record_would_be_sealed(it: House):
    office, planner = it.department, STAFF["planner"]
    await page(office, "/suspicions", "en", by=BOSS)
    async with office.as_(HR) as client:
        before = (await client.get("/api/looks")).json()["items"]
        await office.wait_until(local("2027-03-10 09:00"))
        after = (await client.get("/api/looks")).json()["items"]
    shown = await page(office, "/suspicions", "en", by=BOSS)

    assert {each["whose"] for each in before} == {planner, SECOND}
    assert {(each["whose"], each["no"]) for each in after} == {("withheld", "")}
    assert "several held the post planner: not shown, not shown" in shown


@pytest.mark.asyncio
async def test_nor_does_the_timeline_once_the_handover_has_ended_that_long_ago(it: House):
    it.department.app.state.companion = it.office
    story = two_planners(it.story())
    story.at("2026-03-06 10:00").states(pmc.ProductionOrderIssued, order_no="SO-1", closes=[DUTY])
    await it.hears(story)
    await it.promises(local("2026-03-06 12:00"))
    await it.judges()
    before = await page(it.department, "/timelines/SO-1", "en", by=HR)
    await it.department.wait_until(local("2027-03-10 09:00"))
    after = await page(it.department, "/timelines/SO-1", "en", by=HR)

    assert f"several held the post planner: {STAFF['planner']}, {SECOND}" in before
    assert "several held the post planner: not shown, not shown" in after


@pytest.mark.asyncio
async def test_a_refusal_names_nobody_either(it: House):
    """Why nobody can be named may itself name somebody, and a refused attempt is remembered with its words."""
    reason = {"reason": f"{SECOND} found this", "reason_zh": f"{SECOND}认定的是自己的事", "among": ""}
    async with transaction(it.department.engine) as session:
        (known,) = (await session.scalars(select(Suspicion))).all()
        known.reason, known.body = reason["reason"], {**known.body, **reason}

    said = {"suspicion": SUSPICION, "person": STAFF["planner"], "reason": "排班表"}
    answer = await it.department.attempt(MANAGER, "clear_suspicion", **said)

    assert answer.json()["code"] == "nobody_to_name"
    assert SECOND not in answer.text


@pytest.mark.asyncio
async def test_whom_an_exported_suspicion_names_can_see_that_it_was_taken_out(it: House):
    found = await exports.find(it.department.engine, exports.Wish(order="SO-1"))
    await exports.look_at(it.department.engine, found, [], HR, 1)

    assert [row["key"] for row in found.said["suspicions"]] == [SUSPICION]
    async with it.department.as_(SECOND) as client:
        (look,) = (await client.get("/api/looks")).json()["items"]
    assert (look["who"], look["no"], look["how"]) == (HR, SUSPICION, "exported_as_evidence")


OF_OTHERS = """
INSERT INTO suspicions (key, revision, clause, order_no, reason, body)
SELECT 'A/' || i, 1, 'WHS-03', 'SO-9', 'several held the post storekeeper', jsonb_build_object(
    'among', 'storekeeper', 'breaches', jsonb_build_array(jsonb_build_object(
        'about', 'receipt:LOT-' || i, 'at', '2026-02-02T09:00:00+08:00'::timestamptz + i / 2 * interval '1 min')))
FROM generate_series(1, 620) AS i
"""


@pytest.mark.asyncio
async def test_what_waits_for_one_manager_is_found_however_much_waits_for_another(it: House):
    await it.department.as_owner(OF_OTHERS)

    theirs = await page(it.department, "/suspicions", "zh", by=MANAGER)
    way, found = "/suspicions", list[str]()
    while way:
        shown = await page(it.department, way, "en", by="E-082")
        assert 'Open suspicions <span class="muted">620</span>' in shown
        found += re.findall(r"suspicion=A%2F(\d+)", shown)
        way = html.unescape(next(iter(re.findall(r'href="([^"]*after=[^"]*)" rel="next"', shown)), ""))

    assert "suspicion=PMC-01" in theirs
    assert '待澄清的疑点 <span class="muted">1</span>' in theirs
    assert [*map(int, found)] == sorted(range(1, 621), key=lambda i: (i // 2, f"A/{i}"), reverse=True)
