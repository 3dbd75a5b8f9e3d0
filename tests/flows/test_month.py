"""Do all stories of the sample factory, played in one timeline, end exactly as they say: nothing missing, nothing more?"""

import pytest
import pytest_asyncio

from deploy.local.player.timeline import load_stories
from deploy.local.system import System
from tests.flows.played import PEOPLE, SAMPLE, Played, check_acts, check_ledger, play

NAMES = [story.name for story in load_stories(sample=SAMPLE) if story.name != "opening"]

pytestmark = [pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def month(system: System) -> Played:
    return await play(system)


@pytest.mark.parametrize("name", NAMES)
async def test_a_story_ends_as_expected(month: Played, name: str):
    assert month.outcomes[name].differences(PEOPLE) == []


async def test_the_books_of_the_whole_month_balance(month: Played, system: System):
    await check_ledger(system)
    await check_acts(system, month)


async def test_nobody_is_left_with_a_duty_of_an_order_that_is_done(month: Played):
    done = {each.order_no for each in month.outcomes.values() if each.delivery != "none"}

    left = [duty for duties in month.open_duties.values() for duty in duties if duty["order_no"] in done]
    assert [f"{duty['link']}:{duty['key']}" for duty in left] == []
