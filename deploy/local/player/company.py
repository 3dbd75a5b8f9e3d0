"""How do all departments move through the factory's time together, and when is nothing under way between them?"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.event import SERVICES
from deploy.local.player.department import Department, Unexpected

SETTLE_PATIENCE_S = 30.0
LEDGER = "accountability"

Rest = Mapping[str, Any]


@dataclass
class Company:
    """The services of one system, whose stepped clocks show one time.

    `rests` is what each department said of itself when it was last asked, `stirred` whom people have told to do
    something since.
    """

    departments: Mapping[str, Department]
    now: datetime | None = None
    rests: dict[str, Rest] = field(default_factory=dict)
    stirred: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> Department:
        if name not in self.departments:
            raise Unexpected(f"the service {name} is not running; running are {', '.join(self.departments)}")
        return self.departments[name]

    async def step_to(self, instant: datetime, *, announced: bool = False) -> None:
        """Let everything said so far arrive, then move all clocks on. What arrives later arrived too late.

        The judge follows the watermarks of every second; an `announced` step asks for one at once.
        """
        if self.now is not None and instant <= self.now:
            return
        await self.settle()
        await asyncio.gather(*(each.step_clock(instant, announced=announced) for each in self.departments.values()))
        self.now = instant

    async def hold(self, service: str, held: bool) -> None:
        await self[service].ask("POST", "/relay", body={"held": held})
        self.stirred.add(service)

    async def settle(self, patience_s: float = SETTLE_PATIENCE_S) -> None:
        """Return once every fact is where it belongs; raises Unexpected naming what is still under way.

        Only who was stirred can have said something new, and only who has not heard it yet can act on it: the others
        need not be asked again. The ledger may lag behind: the frontier waits for it.
        """
        deadline = time.monotonic() + patience_s
        asked = self.stirred if self.rests else set(self.departments)
        while asked:
            answers = await asyncio.gather(*(self[name].at_rest(self.said_to(name)) for name in asked))
            self.rests.update(zip(asked, answers, strict=True))
            under_way = unsettled(self.rests)
            if time.monotonic() > deadline:
                raise Unexpected(f"after {patience_s:.0f} s still under way: {'; '.join(under_way.values())}")
            asked = set(under_way)
        self.stirred.clear()

    def said_to(self, name: str) -> dict[str, int]:
        """By stream, how much a department has to have heard of what the others have said."""
        known = self.rests[name]["heard"] if name != LEDGER and name in self.rests else {}
        return {stream: said_on(stream, self.rests) for stream in known}


def unsettled(rests: Mapping[str, Rest]) -> dict[str, str]:
    """Who is at work, and at what. A department whose messages are held back has said what it has said."""
    found: dict[str, str] = {}
    for name, rest in rests.items():
        if rest["unsaid"] and not rest["held"]:
            found[name] = f"{name} has {rest['unsaid']} facts to send"
        if name == LEDGER:
            continue
        if rest["unsettled"]:
            found[name] = f"{name} is handling {rest['unsettled']} facts"
        for stream, heard in rest["heard"].items():
            sent = said_on(stream, rests)
            if heard < sent:
                found[name] = f"{name} has heard {heard} of {sent} {stream}"
    return found


def said_on(stream: str, rests: Mapping[str, Rest]) -> int:
    """How many facts its source has said on a stream."""
    source = rests.get(stream.partition(".")[0])
    return source["said"].get(stream, 0) if source else 0


@asynccontextmanager
async def company_at(urls: Mapping[str, str], password: str) -> AsyncIterator[Company]:
    """The running services at these addresses."""
    names = [name for name in SERVICES if name in urls]
    departments = await asyncio.gather(*(Department.at(name, urls[name], password) for name in names))
    try:
        yield Company(dict(zip(names, departments, strict=True)))
    finally:
        await asyncio.gather(*(each.close() for each in departments))
