"""Do all stories of the sample factory, played in one timeline, end exactly as they say: nothing missing, nothing more?"""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from chassis.database import connect
from chassis.signing import fingerprint, trusted_keys
from deploy.local.player.timeline import load_stories
from deploy.local.proving import shown
from deploy.local.system import System
from services.accountability.judge.evidence import Entry
from services.accountability.proof.exports import Wish
from services.accountability.proof.packing import Asked, Export
from services.accountability.proof.rejudging import fold
from services.accountability.proof.verifying import Report, verify
from tests.accountability.selecting import about, selected
from tests.accountability.taking import exported, lines_of
from tests.flows.played import PEOPLE, SAMPLE, Played, check_acts, check_ledger, play

NAMES = [story.name for story in load_stories(sample=SAMPLE) if story.name != "opening"]
HR = PEOPLE.holders("hr", datetime(2026, 9, 1, tzinfo=UTC))[0].id

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


async def test_every_record_of_the_month_is_proved_by_an_export(month: Played, system: System):
    """All orders at once, and of one person that person's alone."""
    whole, report = await proved(system, Wish(since=date(2026, 1, 1), until=date(2027, 1, 1)))

    assert (report.doubt, report.difference) == ("", None)
    assert {each.order_no for each in month.outcomes.values() if each.order_no} <= set(whole.manifest.asked.orders)
    persons = Counter(row["person"] for row in whole.said["records"])
    assert len(persons) > 3
    assert judged_otherwise(whole) == []

    mine, report = await proved(system, Wish(person=persons.most_common(1)[0][0]))

    assert (report.doubt, report.difference) == ("", None)
    assert len(mine.bodies) < len(whole.bodies)


async def test_the_month_is_questioned_and_proved_to_a_stranger_as_the_demo_shows_it(month: Played, system: System):
    """The record of a relay that took six hours goes with the longer standard; the verifier has nothing but the file."""
    databases = {"accountability": system.database_url("accountability")}

    told = await shown(system.urls, databases, system.place, SAMPLE)

    (line,) = told.what_if["lines"]
    assert (line["change"], line["clause"]) == ("gone", "MER-05")
    assert line["order_no"] == month.outcomes["power_cut_not_relayed"].order_no
    assert told.verified.splitlines()[-1].startswith("PASS")


def judged_otherwise(whole: Export) -> list[str]:
    """The orders of which an export of that order alone would lead to something else than all facts together."""
    lines = {line.position: line for line in lines_of(whole)}
    frontier = whole.checkpoints[-1].read().frontier
    entries = [Entry.read(body.position, frontier, body.bytes, "") for body in whole.bodies]
    said, otherwise = fold(lines, whole.bodies, frontier), []
    for order_no in whole.manifest.asked.orders:
        asked = Asked(orders=(order_no,))
        positions = {entry.position for entry in selected(entries, asked)}
        part = [body for body in whole.bodies if body.position in positions]
        if about(fold(lines, part, frontier), asked) != about(said, asked):
            otherwise.append(order_no)
    return otherwise


async def proved(system: System, wish: Wish) -> tuple[Export, Report]:
    engine = connect(system.database_url("accountability"), pool_size=1)
    try:
        found = await exported(engine, wish, HR)
    finally:
        await engine.dispose()
    keys = trusted_keys(system.place.keys / "trusted.json")
    return found, verify(found, {(service, fingerprint(key)) for service, key in keys.items()})
