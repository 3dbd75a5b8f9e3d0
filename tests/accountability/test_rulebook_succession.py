"""Which of two versions that come into force at one moment counts? The later approved one, for whoever asks."""

from datetime import datetime, timedelta

import pytest

from chassis.database import reading
from chassis.instants import FACTORY, instant
from chassis.people import find_person
from contracts.accountability import RulebookActivated
from services.accountability.findings.finding_gates import rules_at
from services.accountability.judge.in_force import version_at
from services.accountability.rules.rulebooks import latest
from services.accountability.views.mine import mine
from tests.accountability.test_pages import HR
from tests.accountability.test_rulebook_drafts import BOSS, consulted, office, text
from tests.support.departments import MORNING, Department
from tests.support.facts import a_story

__all__ = ["office"]
pytestmark = pytest.mark.asyncio
LATER = MORNING + timedelta(days=30)


async def approved(office: Department, version: str, standard: str, since: datetime = LATER) -> None:
    await office.do(HR, "draft_rulebook", text=text(version, receipt=standard), reason="x")
    await consulted(office, version)
    await office.do(BOSS, "approve_rulebook", version, effective_from=since.isoformat())


async def judged(office: Department, at: datetime) -> str:
    """The version by which the judge decides about a moment, from the facts that came into the ledger."""
    story = a_story()
    for fact in await office.facts(RulebookActivated.name):
        assert isinstance(fact, RulebookActivated)
        story.at(MORNING).states(
            RulebookActivated, version=fact.version, effective_from=fact.effective_from, rules=fact.rules
        )
    until = (at + timedelta(days=1)).astimezone(FACTORY)
    return version_at(story.judged(f"{until:%Y-%m-%d %H:%M}").state, instant(at))


async def on_my_page(office: Department) -> str | None:
    """The version that somebody is asked to acknowledge."""
    async with reading(office.engine) as session:
        person = await find_person(session, HR)
        return (await mine(session, person, lambda employee: employee)).rulebook_no


@pytest.mark.parametrize(
    ("versions", "apart"),
    [
        (("2027-A", "2027-B"), timedelta(0)),
        (("2027-B", "2027-A"), timedelta(minutes=5)),
        (("2027-C", "2027-A", "2027-B"), timedelta(0)),
    ],
)
async def test_of_two_versions_for_one_moment_everybody_takes_the_one_that_corrects_the_other(
    office: Department, versions: tuple[str, ...], apart: timedelta
) -> None:
    for number, version in enumerate(versions):
        await office.wait_until(MORNING + number * apart)
        await approved(office, version, f"{9 + number} h")

    await office.wait_until(LATER + timedelta(hours=1))

    async with reading(office.engine) as session:
        gates, newest = await rules_at(session, LATER), await latest(session, but="")
    assert gates is not None
    assert newest is not None
    assert (gates.version, newest.no, await judged(office, LATER)) == (versions[-1],) * 3
    assert await on_my_page(office) == versions[-1]


async def test_a_version_still_to_come_changes_nothing_of_which_one_counts_now(office: Department) -> None:
    for version, standard in (("2027-B", "9 h"), ("2027-A", "10 h")):
        await approved(office, version, standard, MORNING)
    await approved(office, "2028-01", "11 h")

    async with reading(office.engine) as session:
        gates = await rules_at(session, MORNING)
    assert gates is not None
    assert (gates.version, await judged(office, MORNING)) == ("2027-A", "2027-A")
    assert await on_my_page(office) == "2027-A"
