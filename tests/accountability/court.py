"""How does a test bring a record before its person? An office with people in their posts, and the judge's words written down."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chassis.database import transaction
from contracts import links
from contracts.accountability import Sanction
from contracts.event import Actor, Event
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import RecordProposal, Verdict
from services.accountability.office import Office
from services.accountability.process import proceedings, records
from tests.support.company import PEOPLE, founding
from tests.support.departments import Department, department
from tests.support.facts import Story, a_story, local

PERSON, OTHER, HR, BOSS = PEOPLE["storekeeper"], PEOPLE["buyer"], PEOPLE["hr"], PEOPLE["general_manager"]
TUESDAY = "2026-09-01 09:00"
HEARD = "2026-09-03 09:01"
"""Two working days and the tolerance after Tuesday at nine."""
AFTER = "2026-09-03 09:02"


@dataclass
class Court:
    """An office whose judge has spoken; `at` moves the clock, and the evidence reaches up to it."""

    office: Department
    state: State
    nos: list[str] = field(default_factory=list)

    @property
    def no(self) -> str:
        """The latest record."""
        return self.nos[-1]

    async def hear(self, verdicts: Iterable[Verdict]) -> None:
        """Write the judge's words down, and let every record take the steps that are due."""
        await self.follow(self.office.now, verdicts)
        async with self.office.as_(HR) as client:
            items = (await client.get("/api/records")).json()["items"]
        self.nos = [item["no"] for item in reversed(items)]

    async def at(self, text: str) -> "Court":
        await self.office.wait_until(local(text))
        await self.follow(local(text))
        return self

    async def follow(self, frontier: datetime, verdicts: Iterable[Verdict] = ()) -> None:
        """What the judge does when the evidence reaches that far."""
        async with transaction(self.office.engine, Actor(employee="system")) as session:
            session.info["service"] = "accountability"
            await records.write(session, list(verdicts))
            await session.flush()
            await proceedings.follow(session, self.state, frontier)

    async def record(self, no: str | None = None) -> dict[str, Any]:
        async with self.office.as_(HR) as client:
            found: dict[str, Any] = (await client.get(f"/api/records/{no or self.no}")).json()
        return found

    async def facts(self, *types: type[Event]) -> list[Event]:
        return await self.office.facts(*(event.name for event in types))

    async def do(self, employee: str, command: str, /, **form: Any) -> dict[str, Any]:
        return await self.office.do(employee, command, self.no, **form)

    async def refused(self, employee: str, command: str, /, **form: Any) -> str:
        return await self.office.refused(employee, command, self.no, **form)


def late_receipt() -> Story:
    """A storekeeper books a lot too late: a warning (WHS-03), on no other word than the records'."""
    story = a_story(PEOPLE)
    return story.at("2026-08-30 09:00").delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")


def proposed(**changed: Any) -> RecordProposal:
    """The record that this leads to, as it would be under a clause that says something else."""
    return replace(late_receipt().judged(TUESDAY).record("WHS-03"), **changed)


@asynccontextmanager
async def court(proposal: RecordProposal | None = None, **begin: Any) -> AsyncIterator[Court]:
    """An office on Tuesday at nine: the storekeeper has just been told of a warning, or of what is given."""
    async with department("accountability", begin={**founding(), "sources": {}, **begin}) as office:
        office.app.state.companion = Office(office.app.state.settings, office.engine)
        made = Court(office, late_receipt().judged(TUESDAY).state)
        await made.hear([proposal or proposed()])
        yield made


def heavy() -> RecordProposal:
    return proposed(sanction=Sanction.MAJOR_DEMERIT)
