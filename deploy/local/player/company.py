"""How do all departments move through the factory's time together, and when is nothing under way between them?"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.event import SERVICES
from deploy.local.player.department import Department, Unexpected

SETTLE_PATIENCE_S = 30.0
LOOK_EVERY_S = 0.003

Rest = Mapping[str, Any]


@dataclass
class Company:
    """The services of one system, whose stepped clocks show one time."""

    departments: Mapping[str, Department]
    now: datetime | None = None
    steps: int = field(default=0)

    def __getitem__(self, name: str) -> Department:
        if name not in self.departments:
            raise Unexpected(f"the service {name} is not running; running are {', '.join(self.departments)}")
        return self.departments[name]

    async def step_to(self, instant: datetime) -> None:
        """Let everything said so far arrive, then move all clocks on. What arrives later arrived too late."""
        if self.now is not None and instant <= self.now:
            return
        await self.settle()
        await asyncio.gather(*(each.step_clock(instant) for each in self.departments.values()))
        self.now = instant
        self.steps += 1

    async def hold(self, service: str, held: bool) -> None:
        await self[service].ask("POST", "/relay", body={"held": held})

    async def settle(self, patience_s: float = SETTLE_PATIENCE_S) -> None:
        """Return once every fact is where it belongs; raises Unexpected naming what is still under way."""
        deadline = time.monotonic() + patience_s
        while under_way := list(unsettled(await self.rests())):
            if time.monotonic() > deadline:
                raise Unexpected(f"after {patience_s:.0f} s still under way: {'; '.join(under_way)}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def rests(self) -> dict[str, Rest]:
        answers = await asyncio.gather(*(each.ask("GET", "/rest") for each in self.departments.values()))
        return dict(zip(self.departments, answers, strict=True))


def unsettled(rests: Mapping[str, Rest]) -> Iterator[str]:
    """What is under way, in words. A department whose messages are held back has said what it has said."""
    for name, rest in rests.items():
        if rest["unsaid"] and not rest["held"]:
            yield f"{name} has {rest['unsaid']} facts to send"
        if rest["unsettled"]:
            yield f"{name} is handling {rest['unsettled']} facts"
        for stream, heard in rest["heard"].items():
            source = stream.partition(".")[0]
            said = rests[source]["said"].get(stream, 0) if source in rests else 0
            if heard < said:
                yield f"{name} has heard {heard} of {said} {stream}"


@asynccontextmanager
async def company_at(urls: Mapping[str, str], password: str) -> AsyncIterator[Company]:
    """The running services at these addresses."""
    names = [name for name in SERVICES if name in urls]
    departments = await asyncio.gather(*(Department.at(name, urls[name], password) for name in names))
    try:
        yield Company(dict(zip(names, departments, strict=True)))
    finally:
        await asyncio.gather(*(each.close() for each in departments))
