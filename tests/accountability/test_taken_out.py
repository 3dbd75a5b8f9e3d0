"""Evidence was taken out of the house: who learns that, and whose papers are handed to whom?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update

from chassis.database import transaction
from contracts import accountability, pmc
from services.accountability.models import PenaltyRecord
from services.accountability.privacy import taken_out
from services.accountability.proof.exports import NothingToExport, Wish, write_down
from services.accountability.proof.packing import Export
from tests.accountability.house import House, house
from tests.accountability.proving import END, a_month, tell
from tests.accountability.taking import exported
from tests.accountability.test_pages import page
from tests.support.facts import STAFF, Story, local

HR, BOSS, SELLER, BUYER = (STAFF[post] for post in ("hr", "general_manager", "salesperson", "buyer"))
LEADER, INSPECTOR, PLANNER = (STAFF[post] for post in ("team_leader", "inspector", "planner"))


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
    attributed = {"matter": "complaint", "cause": "production", "person": LEADER, "escaped_inspection": True}
    attributed |= {"attribution_no": "ATT-1", "complaint_no": "CPL-1", "inspector": INSPECTOR, "attributed_by": PLANNER}
    story.at("2026-03-16 10:00").states(
        pmc.ComplaintAttributed, order_no="SO-1", by=PLANNER, share_percent="40", **loss, **attributed
    )
    for no, person, clause in (("FND-1", SELLER, "GEN-02"), ("FND-2", BUYER, "PUR-06")):
        found = {"finding_no": no, "person": person, "clause": clause, "found_as": "general_manager"}
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
