"""What is a person told who sends a command about somebody's record a second time?"""

from typing import Any

import httpx

from tests.accountability.court import HR, PERSON, Court, court
from tests.accountability.test_seeing import PLANNER
from tests.support.facts import local

ONCE = {"Idempotency-Key": "once"}
DROPPED = {"reason": "证据不足"}


async def drop(it: Court) -> httpx.Response:
    async with it.office.as_(HR) as client:
        return await client.post(f"/api/records/{it.no}/drop-record", json=DROPPED, headers=ONCE)


async def looked(it: Court) -> list[tuple[str, str]]:
    """Who looked at the record, and how, as its person is told; the court's own list of all records left out."""
    async with it.office.as_(PERSON) as client:
        items = (await client.get("/api/looks", params={"no": it.no})).json()["items"]
    return [(look["who"], look["how"]) for look in items if look["how"] != "listed_by_api"]


async def kept(it: Court) -> list[Any]:
    """What is kept of the answer for whoever repeats the command."""
    async with it.office.engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT response FROM acts WHERE key = 'once' AND outcome = 'done'")
        return list(found.scalars())


async def test_the_same_answer_as_a_look_that_is_written_down() -> None:
    async with court() as it:
        first, second = await drop(it), await drop(it)

        assert (first.status_code, second.status_code) == (200, 200)
        assert first.json() == second.json()
        assert await looked(it) == [(HR, "read_by_api")]
        assert await kept(it) == [{"no": it.no}]


async def test_nothing_of_a_record_that_was_sealed_meanwhile() -> None:
    async with court() as it:
        await drop(it)
        await it.office.as_owner("UPDATE penalty_records SET sealed_at = now()")

        again = await drop(it)

        assert (again.status_code, again.json()["code"]) == (403, "sealed")
        assert await looked(it) == []


async def test_nothing_whose_post_is_over() -> None:
    async with court() as it:
        await drop(it)
        async with it.office.as_(HR) as client:
            posts = (await client.get("/api/assignments", params={"employee": HR, "post": "hr"})).json()["items"]
        for post in posts:
            await it.office.do(HR, "end_post", post["no"])

        again = await drop(it)

        assert (again.status_code, again.json()["code"]) == (403, "post_not_held")


async def test_whoever_finds_a_breach_is_told_so_again_whatever_else_their_post_may_see() -> None:
    found = {"person": PERSON, "occurred_at": local("2026-09-01 09:00").isoformat(), "evidence_documents": ["STK-1"]}
    found |= {"clause": "WHS-01", "items": ["铜排"], "what_happened": "领用铜排未记账"}
    async with court() as it, it.office.as_(PLANNER) as client:
        answers = [await client.post("/api/breach-findings", json=found, headers=ONCE) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
