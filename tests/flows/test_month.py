"""Do all stories of the sample factory, played in one timeline, end exactly as they say: nothing missing, nothing more?"""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from chassis.database import connect
from chassis.signing import fingerprint, trusted_keys
from deploy.local.player.expand import SYSTEM
from deploy.local.player.timeline import STORIES, load_stories
from deploy.local.proving import shown
from deploy.local.system import System
from services.accountability.judge.evidence import Entry
from services.accountability.proof.exports import Wish
from services.accountability.proof.packing import Asked, Export
from services.accountability.proof.rejudging import fold
from services.accountability.proof.verifying import Report, verify
from tests.accountability.selecting import about, selected
from tests.accountability.taking import exported, lines_of
from tests.flows.played import PEOPLE, SAMPLE, Played, check_acts, check_ledger, play, rows

FAILED = "failed_before_leaving"
NAMES = [story.name for story in load_stories(sample=SAMPLE) if story.name != "opening"] + [FAILED]
HR = PEOPLE.holders("hr", datetime(2026, 9, 1, tzinfo=UTC))[0].id

# Handovers that a perfect order gives; the planner need not ask after what comes in time.
LINKS = {
    *("opinion", "review", "release", "package", "requirement", "production_order", "purchase_order"),
    *("request_approval", "arrival", "follow_up", "iqc", "receipt", "dispatch", "requisition_approval", "issue"),
    *("operation", "final_inspection", "finished_receipt", "notice", "planner_review", "director_review"),
    *("instruction", "outgoing_qa", "ship", "shipment_report", "progress", "shipment_check"),
}

pytestmark = [pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def month(system: System, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The sample's stories, and one of our own beside their bases."""
    folder = tmp_path_factory.mktemp("stories")
    (folder / "basis").symlink_to(STORIES / "basis")
    own = folder / f"{FAILED}.yaml"
    own.symlink_to(Path(__file__).with_name(own.name))
    return await play(system, own)


@pytest.mark.parametrize("name", NAMES)
async def test_a_story_ends_as_expected(month: Played, name: str):
    assert month.outcomes[name].differences(PEOPLE) == []


async def test_every_handover_of_a_perfect_order_is_in_time_and_signed(month: Played):
    perfect = month.outcomes["perfect"]

    assert {each.link for each in perfect.handovers} == LINKS
    assert {each.status for each in perfect.handovers} == {"in_time"}
    assert all(each.delivered_at and each.closed_at and each.due_at for each in perfect.handovers)
    assert (perfect.delivery, perfect.records) == ("on_time", [])
    assert month.order
    assert month.order["status"] == "delivered"

    (story,) = [story for story in month.stories if story.name == "perfect"]
    signatures = [step for step in story.steps if step.does.endswith(".sign_handover") and step.who != SYSTEM]
    assert sum(each.signed_at is not None for each in perfect.handovers) == len(signatures) > 0


async def test_goods_that_fail_before_they_leave_are_reworked_and_booked_once(month: Played, system: System):
    order_no = str(month.outcomes[FAILED].order_no)
    warehouse, pmc = system.database_url("warehouse"), system.database_url("pmc")

    async def found(url: str, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await rows(url, query, order_no)]

    assert await found(warehouse, "SELECT quantity FROM finished_receipts WHERE order_no = $1") == [(2,)]
    assert await found(
        warehouse, "SELECT quantity, remaining FROM lots WHERE order_no = $1 AND item_code = 'P-GGD'"
    ) == [(2, 0)]
    assert await found(pmc, "SELECT status, good FROM production_orders WHERE order_no = $1") == [("closed", 2)]


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
