"""How does a test play stories of the sample factory through real services, and read their books afterwards?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from contracts.event import GENESIS, chain
from deploy.local.player.company import company_at
from deploy.local.player.expand import SYSTEM, Story
from deploy.local.player.outcome import Outcome, outcomes
from deploy.local.player.playing import Player
from deploy.local.player.timeline import STORIES, load_stories
from deploy.local.sample.load import load_sample
from deploy.local.system import System

SAMPLE = load_sample()
PEOPLE = SAMPLE.people


@dataclass
class Played:
    """What became of the stories, the answers that their steps got, and what lies on the worklists at the end."""

    stories: Sequence[Story]
    outcomes: Mapping[str, Outcome]
    answers: Mapping[str, Mapping[str, Any]]
    open_duties: Mapping[str, list[dict[str, Any]]]
    order: Mapping[str, Any] | None = None

    def commands(self, service: str) -> int:
        """How many commands this service has acknowledged: signatures are no commands, nor is what it refused."""
        steps = [step for story in self.stories for step in story.steps if step.who != SYSTEM and step.refused is None]
        return sum(step.service == service and not step.does.endswith(".sign_handover") for step in steps)


async def play(system: System, *beside: Path) -> Played:
    """All stories of the sample factory, and those of these files beside them; judged up to the end."""
    stories = load_stories([*sorted(STORIES.glob("*.yaml")), *beside], SAMPLE)
    async with company_at(system.urls, PEOPLE.demo_password) as company:
        player = Player(company)
        await player.play(stories)
        last = max(step.at for story in stories for step in story.steps)
        await company.step_to(last + timedelta(hours=1), announced=True)
        told = [story for story in stories if story.name != "opening"]
        found = {outcome.story.name: outcome for outcome in await outcomes(player, told, PEOPLE)}
        left = {
            name: await department.read("/api/worklist", employee=reader(name, last), limit="500")
            for name, department in company.departments.items()
        }
        order = player.answers.get("perfect", {}).get("order")
        if order:
            order = await company["sales"].read(f"/api/orders/{order['no']}", employee=reader("sales", last))
    assert not player.failed, "\n".join(map(str, player.failed.values()))
    return Played(stories, found, player.answers, left, order)


def reader(department: str, at: datetime) -> str:
    """Somebody who holds a post of the department then."""
    posts = [post.code for post in PEOPLE.posts if post.department == department and post.sole]
    return next(holder.id for post in posts for holder in PEOPLE.holders(post, at))


async def rows(url: str, query: str, *given: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        found: list[asyncpg.Record] = await connection.fetch(query, *given)
        return found
    finally:
        await connection.close()


async def check_ledger(system: System) -> None:
    """Everything that a source has said is in the ledger once, in its order, and both chains of hashes hold."""
    ledger = await rows(system.database_url("accountability"), "SELECT * FROM ledger ORDER BY position")
    head, heads, sequences = GENESIS, dict[str, bytes](), Counter[str]()
    for number, row in enumerate(ledger, start=1):
        source = row["source"]
        head, heads[source] = chain(head, row["body"]), chain(heads.get(source, GENESIS), row["body"])
        sequences[source] += 1
        assert (row["position"], row["sequence"]) == (number, sequences[source])
        assert (row["hash"], row["source_hash"]) == (head, heads[source])
    for name in system.names:
        (state,) = await rows(system.database_url(name), "SELECT sequence, hash FROM relay_state")
        assert (state["sequence"], state["hash"]) == (sequences[name], heads[name]), name


async def check_acts(system: System, played: Played) -> None:
    """Every acknowledged command is exactly one act, and none is there that nobody gave."""
    for name in system.names:
        acts = await rows(system.database_url(name), "SELECT key FROM acts WHERE outcome = 'done'")
        assert len({act["key"] for act in acts}) == len(acts) == played.commands(name), name
