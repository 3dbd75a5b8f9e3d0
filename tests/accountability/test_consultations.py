"""Nothing is issued under rules on which the employees were not consulted, or which the person does not know."""

import uuid
from copy import deepcopy

import asyncpg
import orjson
import pytest
import yaml
from sqlalchemy import update

from chassis.database import transaction
from chassis.migrate import migrate, migrate_down
from chassis.settings import ClockMode
from contracts.accountability import EmployeesConsulted, RecordIssued, RulebookAcknowledged
from services.accountability.judge.verdicts import Person
from services.accountability.models import Consultation
from services.accountability.rules.rulebooks import digest_of
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, court, heavy, proposed
from tests.support import infra
from tests.support.facts import RULES, local

VERSION = {"rulebook_no": "2026-01"}
MINUTES = {**VERSION, "held_on": "2026-08-20", "participants": "职工代表 12 人", "minutes_reference": "纪要 7"}
PAPER = {**VERSION, "employee": PERSON, "paper_reference": "签收表 3"}


async def test_without_a_consultation_nothing_is_issued_until_one_is_on_record() -> None:
    async with court(consulted=None) as it:
        await it.at("2026-09-20 09:00")
        assert (await it.record())["next_step"] == "await_consultation"

        await it.office.do(HR, "record_consultation", **MINUTES)
        await it.at("2026-09-20 09:00")
        assert (await it.record())["status"] == "notified"  # exactly now: the evidence must reach beyond it
        await it.at("2026-09-20 09:01")

        assert (await it.record())["status"] == "issued"
        (fact,) = await it.facts(EmployeesConsulted)
        assert isinstance(fact, EmployeesConsulted)
        assert (fact.version, fact.minutes_reference, fact.recorded_by) == ("2026-01", "纪要 7", HR)


async def test_a_consultation_on_an_earlier_text_lets_nothing_be_issued() -> None:
    async with court() as it:
        async with transaction(it.office.engine) as session:
            await session.execute(update(Consultation).values(text_digest="earlier"))
        await it.at("2026-09-20 09:00")
        assert (await it.record())["next_step"] == "await_consultation"

        await it.office.do(HR, "record_consultation", **MINUTES)
        await it.at("2026-09-20 09:01")

        assert (await it.record())["status"] == "issued"


async def test_without_the_persons_acknowledgement_nothing_is_issued_until_they_give_it() -> None:
    async with court(acknowledged="") as it:
        await it.at("2026-09-20 09:00")
        assert (await it.record())["next_step"] == "await_acknowledgement"
        await it.office.do(OTHER, "acknowledge_rulebook", **VERSION)  # somebody else's knowledge is not the person's
        await it.at("2026-09-20 09:01")
        assert (await it.record())["status"] == "notified"

        await it.office.do(PERSON, "acknowledge_rulebook", **VERSION)
        await it.at("2026-09-20 09:02")

        assert (await it.record())["status"] == "issued"
        facts = await it.facts(RulebookAcknowledged)
        assert [fact.employee for fact in facts if isinstance(fact, RulebookAcknowledged)] == [OTHER, PERSON]


async def test_breaches_under_two_versions_wait_until_both_were_consulted_on_and_acknowledged() -> None:
    async with court(proposed(versions=("2026-01", "2026-02"))) as it:
        await it.at("2026-09-20 09:00")
        assert [(await it.record())[name] for name in WAITED_FOR] == ["await_consultation", "2026-02"]
        refusal = (await it.office.attempt(HR, "issue_record", it.no, reason="x")).json()
        assert (refusal["code"], "2026-02" in refusal["detail"]) == ("not_consulted", True)

        later = {**deepcopy(RULES), "version": "2026-02", "tolerance_seconds": 90}
        await it.office.do(HR, "draft_rulebook", text=yaml.safe_dump(later), reason="收货晚")
        await it.office.do(HR, "record_consultation", **MINUTES | {"rulebook_no": "2026-02", "held_on": "2026-09-20"})
        await it.office.do(BOSS, "approve_rulebook", "2026-02")
        await it.at("2026-09-20 09:01")
        assert [(await it.record())[name] for name in WAITED_FOR] == ["await_acknowledgement", "2026-02"]

        await it.office.do(PERSON, "acknowledge_rulebook", rulebook_no="2026-02")
        await it.at("2026-09-20 09:02")
        await it.at("2026-09-20 09:03")

        assert (await it.record())["status"] == "issued"


WAITED_FOR = ("next_step", "awaited_version")


async def test_a_paper_acknowledgement_counts_with_its_reference() -> None:
    async with court(acknowledged="") as it:
        await it.office.do(HR, "record_paper_acknowledgement", **PAPER)
        await it.at(AFTER)

        assert (await it.record())["status"] == "issued"
        (fact,) = await it.facts(RulebookAcknowledged)
        assert isinstance(fact, RulebookAcknowledged)
        assert (fact.employee, fact.paper_reference, fact.recorded_by) == (PERSON, "签收表 3", HR)


@pytest.mark.parametrize(
    ("missing", "code"), [({"consulted": None}, "not_consulted"), ({"acknowledged": ""}, "not_acknowledged")]
)
async def test_neither_may_hr_issue_without_them(missing: dict[str, str | None], code: str) -> None:
    async with court(heavy(), **missing) as it:
        await it.at("2026-09-20 09:00")

        assert await it.refused(HR, "issue_record") == code
        assert await it.facts(RecordIssued) == []


async def test_who_is_registered_later_has_to_acknowledge() -> None:
    newcomer = proposed(person=Person("E-900", "storekeeper", False, None))
    async with court(newcomer) as it:
        await it.office.do(HR, "register_employee", no="E-900", nickname="小新", department="warehouse")
        await it.at(AFTER)
        assert (await it.record())["next_step"] == "await_acknowledgement"

        await it.office.do("E-900", "acknowledge_rulebook", **VERSION)
        await it.at("2026-09-03 09:04")

        assert (await it.record())["status"] == "issued"


async def test_who_knows_a_version_already_or_names_none_is_told_so() -> None:
    async with court() as it:
        assert await it.office.refused(PERSON, "acknowledge_rulebook", **VERSION) == "acknowledged_already"
        assert await it.office.refused(PERSON, "acknowledge_rulebook", rulebook_no="1999") == "unknown_version"
        assert (
            await it.office.refused(HR, "record_consultation", **MINUTES | {"rulebook_no": "1999"}) == "unknown_version"
        )
        assert (
            await it.office.refused(HR, "record_consultation", **MINUTES | {"held_on": "2026-09-02"}) == "not_held_yet"
        )


async def test_only_hr_and_the_general_manager_record_for_others() -> None:
    async with court(acknowledged="") as it:
        assert await it.office.refused(OTHER, "record_paper_acknowledgement", **PAPER) == "post_not_held"
        assert await it.office.refused(OTHER, "record_consultation", **MINUTES) == "post_not_held"


async def test_of_two_acknowledgements_at_once_one_is_made() -> None:
    async with court(acknowledged="") as it:
        both = [
            it.office.attempt(PERSON, "acknowledge_rulebook", **VERSION),
            it.office.attempt(HR, "record_paper_acknowledgement", **PAPER),
        ]

        answers = await it.office.meet("acknowledgements", *both)

        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert len(await it.facts(RulebookAcknowledged)) == 1


OLD_RULEBOOK = """
INSERT INTO rulebooks (no, status, body, reason, changes, made_by, made_at)
VALUES ($1, $2, $3::jsonb, '', '[]', 'E-070', $4)
"""
OLD_CONSULTATION = """
INSERT INTO consultations (no, status, rulebook_no, held_on, participants, minutes_reference, made_by, made_at)
VALUES ($1, 'recorded', $2, '2026-08-01', 'everybody', 'M-1', 'E-070', $3)
"""


async def test_the_upgrade_lets_a_consultation_count_unless_its_draft_was_rewritten_after_it(postgres: str) -> None:
    name = f"consulted_{uuid.uuid4().hex[:12]}"
    url = await infra.create_database(name)
    before, then, after = (local(f"2026-08-0{day} 09:00") for day in (1, 2, 3))
    try:
        await migrate("accountability", url, ClockMode.REAL)
        await migrate_down("accountability", url, target="accountability_0024")
        connection = await asyncpg.connect(url)
        try:
            for no, status in (("in force", "issued"), ("draft", "draft")):
                await connection.execute(OLD_RULEBOOK, no, status, orjson.dumps(RULES).decode(), then)
                await connection.execute(OLD_CONSULTATION, f"{no} before", no, before)
                await connection.execute(OLD_CONSULTATION, f"{no} after", no, after)

            await migrate("accountability", url, ClockMode.REAL)

            counts = "SELECT c.no FROM consultations c JOIN rulebooks r ON r.no = c.rulebook_no AND r.text_digest = c.text_digest"
            counting = {row["no"] for row in await connection.fetch(counts)}
            assert counting == {"in force before", "in force after", "draft after"}
            assert await connection.fetchval("SELECT text_digest FROM rulebooks LIMIT 1") == digest_of(RULES)
        finally:
            await connection.close()
    finally:
        await infra.drop_database(name)
