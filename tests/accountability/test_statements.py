"""The notified person may state their case: only they, and only in time. Then a person decides."""

from contracts.accountability import RecordInEffect, RecordIssued, RecordLapsed, RecordNotified, StatementMade
from tests.accountability.court import AFTER, BOSS, HEARD, HR, OTHER, PERSON, court, proposed
from tests.support.facts import local

STATEMENT = {"statement": "送检单当天没有送到仓库。", "references": ["ARV-20260830-0001"]}


async def test_a_warning_without_a_statement_goes_its_way_by_itself_until_it_lapses() -> None:
    async with court() as it:
        await it.at(HEARD)
        assert (await it.record())["status"] == "notified"  # a statement of this very moment may still come in
        await it.at(AFTER)
        assert (await it.record())["status"] == "issued"
        await it.at("2026-09-10 09:02")
        assert (await it.record())["status"] == "issued"
        await it.at("2026-09-10 09:04")
        assert (await it.record())["status"] == "in_effect"
        await it.at("2027-09-10 09:04")
        assert (await it.record())["status"] == "in_effect"
        await it.at("2027-09-10 09:05")

        assert (await it.record())["status"] == "lapsed"
        facts = await it.facts(RecordNotified, RecordIssued, RecordInEffect, RecordLapsed)
        assert [type(fact) for fact in facts] == [RecordNotified, RecordIssued, RecordInEffect, RecordLapsed]
        notified, issued = facts[:2]
        assert isinstance(notified, RecordNotified)
        assert isinstance(issued, RecordIssued)
        assert (notified.statement_until, issued.appeal_until) == (local(HEARD), local("2026-09-10 09:03"))


async def test_a_statement_is_a_fact_and_makes_it_hrs_decision() -> None:
    async with court() as it:
        await it.at(HEARD)  # to the minute in time
        said = await it.do(PERSON, "state_case", **STATEMENT)
        await it.at(AFTER)

        record = await it.record()
        assert (record["status"], record["next_step"]) == ("notified", "await_hr")
        assert [said["text"] for said in record["statements"]] == [STATEMENT["statement"]]
        assert said["stated_at"] == record["stated_at"]
        (fact,) = await it.facts(StatementMade)
        assert isinstance(fact, StatementMade)
        assert (fact.person, fact.statement, fact.references) == (
            PERSON,
            STATEMENT["statement"],
            ("ARV-20260830-0001",),
        )
        assert await it.facts(RecordIssued) == []


async def test_the_person_may_add_to_what_they_said() -> None:
    async with court() as it:
        await it.do(PERSON, "state_case", **STATEMENT)
        await it.do(PERSON, "state_case", statement="照片在手机里。")

        assert [said["text"] for said in (await it.record())["statements"]] == [
            STATEMENT["statement"],
            "照片在手机里。",
        ]


async def test_the_same_statement_sent_twice_is_made_once() -> None:
    async with court() as it, it.office.as_(PERSON) as client:
        path, headers = f"/api/records/{it.no}/state-case", {"Idempotency-Key": "once"}
        answers = [await client.post(path, json=STATEMENT, headers=headers) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert len((await it.record())["statements"]) == 1
        assert len(await it.facts(StatementMade)) == 1


async def test_nobody_speaks_for_the_person() -> None:
    async with court() as it:
        for other in (HR, BOSS, OTHER):
            assert await it.refused(other, "state_case", **STATEMENT) == "not_theirs"


async def test_a_late_statement_is_refused_with_the_deadline_in_both_languages() -> None:
    async with court() as it:
        await it.at(AFTER)
        path = f"/api/records/{it.no}/state-case"
        said = {}
        for language in ("zh", "en"):
            async with it.office.as_(PERSON, language=language) as client:
                said[language] = (await client.post(path, json=STATEMENT)).json()

        assert {problem["code"] for problem in said.values()} == {"statement_late"}
        assert said["zh"]["detail"].startswith(f"处罚单 {it.no} 的申辩期到 2026-09-03 09:01 为止,已经过了。")
        assert said["en"]["detail"].startswith(f"The case of {it.no} could be stated until 2026-09-03 09:01.")


async def test_the_period_cannot_be_shortened_by_a_later_calendar() -> None:
    async with court() as it:
        every_day = {"shifts": [{"start": "00:00", "end": "23:59"}], "weekend": []}
        await it.office.do(BOSS, "set_calendar", **every_day)
        await it.at("2026-09-03 08:59")

        assert len((await it.do(PERSON, "state_case", **STATEMENT))["statements"]) == 1


async def test_somebody_without_a_post_may_still_speak() -> None:
    async with court() as it:
        async with it.office.as_(HR) as client:
            holdings = (await client.get("/api/assignments", params={"employee": PERSON})).json()["items"]
        for holding in holdings:
            await it.office.do(HR, "end_post", holding["no"])

        assert len((await it.do(PERSON, "state_case", **STATEMENT))["statements"]) == 1


async def test_what_was_withdrawn_needs_no_answer() -> None:
    async with court() as it:
        await it.do(HR, "drop_record", reason="证据有误")

        assert await it.refused(PERSON, "state_case", **STATEMENT) == "nothing_to_answer"


async def test_a_statement_on_a_replaced_record_stays_on_it_and_its_successor_waits_for_hr() -> None:
    async with court() as it:
        await it.do(PERSON, "state_case", **STATEMENT)
        first = it.no
        await it.hear([proposed(revision=2, replaces=1, because_zh="后到的证据", because_en="later evidence")])
        await it.at("2026-09-08 09:00")

        old, new = await it.record(first), await it.record()
        assert (old["status"], old["withdrawn_because"]) == ("withdrawn", "后到的证据 / later evidence")
        assert [said["text"] for said in old["statements"]] == [STATEMENT["statement"]]
        assert (new["replaces"], new["status"], new["next_step"]) == (first, "notified", "await_hr")
        assert new["statements"] == []
