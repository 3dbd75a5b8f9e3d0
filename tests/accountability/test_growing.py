"""A late handover that nobody ever closes costs more every day, also once its order has left the judge's memory."""

from __future__ import annotations

from datetime import date, timedelta

import httpx

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from contracts import links
from services.accountability.figures import behind, monthly
from services.accountability.figures.behind import Asked
from services.accountability.people.founding import found_database
from services.accountability.views import views
from tests.accountability.house import House, house
from tests.support.company import PEOPLE, founding
from tests.support.facts import Story, local
from tests.support.orders import an_order
from tests.ui.conftest import BROWSER, Browser

AUGUST = date(2026, 8, 1)
KEEPER = PEOPLE["storekeeper"]


async def whole(it: House) -> set[timedelta]:
    """What the storekeeper's only late handover has cost, wherever that is said."""
    state = it.office.judging.state
    async with transaction(it.department.engine) as session:
        told = await monthly.report(
            session, state, AUGUST, it.office.judging.cursor.ticked_to or local("2026-09-01 10:00")
        )
        summed = await behind.sum_of_handovers(session, state, AUGUST, Asked(link="receipt", outcome="overran"))
        listed = await monthly.months(session, state, told.now)
        timeline = await views.order_timeline(session, it.office.judging, "SO-1")
    (mine,) = [one for one in told.people if one.employee == KEEPER]
    assert (mine.late, summed.cases) == (1, 1)
    receipt = "warehouse", "receipt"
    said = {mine.lost, told.month.links[receipt].lost, told.month.departments["warehouse"].lost, summed.overrun}
    said |= {month.departments["warehouse"].lost for first, month in listed if first == AUGUST}
    return said | {one.overrun for one in timeline.handovers if one.key == "LOT-8"}


async def shown(it: House, path: str) -> str:
    async with transaction(it.department.engine) as session:
        secret = await auth.open_session(session, KEEPER)
    transport = httpx.ASGITransport(it.department.app, raise_app_exceptions=False)
    cookies = {"language": "en", cookie_name("accountability", secure=False): secret}
    keeper = Browser(httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER, cookies=cookies))
    return (await keeper.get(path)).words


async def judged_to(it: House, story: Story, when: str) -> None:
    """Something comes of another order, so that there is something to judge."""
    lot = links.receipt(f"LOT-{when[5:10]}")
    story.at(when.replace("09:00", "08:00")).delivers(
        lot, "storekeeper", service="warehouse", order_no=f"SO-{when[5:10]}"
    )
    await it.hears(story)
    await it.department.wait_until(local(when))
    await it.promises(local(when))
    await it.judges()


async def test_what_nobody_closes_goes_on_costing_after_its_order_is_settled() -> None:
    async with house() as it:
        await found_database(it.department.app.state.settings.database_url, {**founding(), "sources": {}})
        it.department.app.state.companion = it.office
        it.office.judging.snapshot_entries = 1
        story = it.story(PEOPLE)
        an_order(story, starts="2026-08-03 09:00", delivery_date="2026-08-26")
        open_ = links.receipt("LOT-8")
        story.at("2026-08-04 09:00").delivers(open_, "storekeeper", service="warehouse", order_no="SO-1")
        await judged_to(it, story, "2026-09-01 09:00")
        assert "SO-1" in it.office.judging.state.cases
        (before,) = await whole(it)
        assert before > timedelta(hours=100)

        await judged_to(it, story, "2026-09-10 09:00")
        await judged_to(it, story, "2026-09-11 09:00")

        assert "SO-1" not in it.office.judging.state.cases
        (after,) = await whole(it)
        assert after == before + timedelta(hours=8 * 8)
        hours = f"{after / timedelta(hours=1):.1f}"
        for path in ("/mine", "/mine/late", "/reports/2026-08/handovers?link=receipt&outcome=overran"):
            assert f"{hours} growing" in await shown(it, path), path
