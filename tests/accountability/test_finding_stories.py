"""Does Accountability take what the people of the stories find, refuse what they must not, and judge as the story says?"""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from chassis.database import transaction
from contracts.accountability import BreachFound
from contracts.event import Event
from contracts.pmc import ComplaintAttributed, InjuryInvestigated, InjuryReported
from contracts.sales import ContractPenaltyRecorded, OrderReleased
from contracts.warehouse import GoodsArrived
from deploy.local.founding import days_of, tenure
from deploy.local.player.expand import PlannedStep, Story
from deploy.local.player.references import fill, references
from deploy.local.player.timeline import load_stories
from deploy.local.sample.load import load_sample
from services.accountability.ledger import ledger
from services.accountability.people.founding import Founding, found
from tests.accountability.voice import Voice
from tests.support.departments import MORNING, Department, department
from tests.support.facts import Outcome, example
from tests.support.facts import Story as Facts

SAMPLE = load_sample()
IDS = {person.nickname: person.id for person in SAMPLE.people.employees}
KNOWN = {
    "order.no": "SOD-1",
    "arrival_breakers.no": "ARV-1",
    "customer_penalty.no": "CPN-1",
    "report.no": "INJ-1",
    "investigation.no": "INV-1",
}
"""What the departments' steps before would have answered."""


def own_steps(story: Story) -> list[PlannedStep]:
    return [step for step in story.steps if step.does == "accountability.find_breach"]


def told_here_alone(story: Story) -> bool:
    """Nothing but what is found happens at accountability, and it refers to nothing that other departments must make first."""
    here = [step for step in story.steps if step.service == "accountability"]
    return (
        here != [] and here == own_steps(story) and set(references([step.arguments for step in here])) <= KNOWN.keys()
    )


STORIES = [story for story in load_stories() if told_here_alone(story)]
FOUNDED = min(holding.since for holding in SAMPLE.people.holdings)


@pytest.fixture
async def office() -> AsyncIterator[Department]:
    """Accountability as the sample factory founds it, when its ledger has heard of the story's order."""
    founding = {
        "at": FOUNDED,
        "employees": [
            {"no": person.id, "nickname": person.nickname, "department": person.department}
            for person in SAMPLE.people.employees
        ],
        "assignments": [tenure(holding, IDS, stepped=True) for holding in SAMPLE.people.holdings],
        "calendar": days_of(SAMPLE.calendar),
        "sources": {},
    }
    async with department("accountability") as it:
        async with transaction(it.engine) as session:
            session.info["service"] = "accountability"
            assert await found(session, Founding.model_validate(founding))
        async with transaction(it.engine) as session:
            await ledger.append(session, [Voice("sales").says(MORNING, example(OrderReleased, order_no="SOD-1"))])
        yield it


async def play(office: Department, step: PlannedStep) -> str | None:
    """The refusal that came of it, if one did."""
    await office.wait_until(step.at)
    form: dict[str, Any] = orjson.loads(orjson.dumps(fill(dict(step.arguments), KNOWN.__getitem__), default=str))
    answer = await office.attempt(step.who, "find_breach", **form)
    return None if answer.is_success else str(answer.json()["code"])


def judged(stated: list[Event], steps: list[PlannedStep]) -> Outcome:
    """What the judge makes of the founding, of the papers that a finding may name, and of what was found."""
    facts = Facts().at(FOUNDED)
    for fact in stated:
        if not isinstance(fact, BreachFound):
            facts.add(fact)
    facts.at(MORNING).states(GoodsArrived, order_no="SOD-1", arrival_no="ARV-1")
    facts.states(ContractPenaltyRecorded, order_no="SOD-1", penalty_no="CPN-1", amount="3000")
    blamed = {"matter": "penalty", "penalty_no": "CPN-1", "attribution_no": "ATT-1", "person": IDS["阿珍"]}
    facts.states(ComplaintAttributed, order_no="SOD-1", **blamed)
    found_then = [fact for fact in stated if isinstance(fact, BreachFound)]
    an_injury(facts, found_then)
    for fact, step in zip(found_then, steps, strict=True):
        facts.at(step.at).add(fact, actor=step.who)
    return facts.judged("2026-12-31 17:00")


def an_injury(facts: Facts, found_then: list[BreachFound]) -> None:
    """It happened when they say, and whom they name was found to have breached a duty."""
    resting = [fact for fact in found_then if fact.investigation_no]
    for fact in resting[:1]:
        named = tuple(each.person for each in resting)
        facts.states(InjuryReported, injury_report_no="INJ-1", occurred_at=fact.occurred_at)
        said: dict[str, Any] = {"insured": True, "duty_breached": True, "breached_by": named}
        facts.states(InjuryInvestigated, injury_report_no="INJ-1", investigation_no="INV-1", **said)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_what_is_found_is_taken_or_refused_and_judged_as_the_story_says(office: Department, story: Story) -> None:
    steps = own_steps(story)

    assert [await play(office, step) for step in steps] == [step.refused for step in steps]

    told = judged(await office.facts(), [step for step in steps if step.refused is None])
    clauses = {step.arguments["clause"] for step in steps}
    expected = [record for record in story.expect.records if record.clause in clauses]
    assert sorted((r.clause, r.person.employee, r.person.post, r.sanction or "") for r in told.proposals) == sorted(
        (record.clause, IDS[record.who], record.post, record.sanction or "") for record in expected
    )
