"""How does an empty installation get its first people, calendar, rulebook and sources?

`python -m services.accountability.people.founding FILE`. The file is YAML: `employees`, `assignments`, `calendar`, `rulebook`
(blank: the shipped one), `sources` (public keys by service) and, for a stepped clock, `at`. `consulted` says how the
employees were consulted on that rulebook, and `acknowledged` where the paper lies on which everybody here signed for it:
until both are on record nothing is issued. Everything is stated as facts like any later change; a founded installation is
left alone.
"""

import argparse
import asyncio
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now, step_to
from chassis.database import connect, transaction
from chassis.desk import Form
from chassis.errors import Refusal
from chassis.language import language
from contracts.event import SYSTEM_ACTOR, Actor
from services.accountability.ledger import sources
from services.accountability.models import Employee
from services.accountability.people import calendars, staff
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules import consultations, rulebooks


class Tenure(staff.Appointment):
    """A post held from a time on and, where it is known already, until another."""

    effective_until: AwareDatetime | None = None


class Consulted(Form):
    """How the employees were consulted before the beginning."""

    held_on: date
    participants: str
    minutes_reference: str


class Founding(Form):
    """What an installation starts with."""

    at: AwareDatetime | None = None
    employees: tuple[staff.Registration, ...] = Field(min_length=1)
    assignments: tuple[Tenure, ...] = Field(min_length=1)
    calendar: calendars.Days | None = None
    rulebook: rulebooks.Text = rulebooks.Text()
    consulted: Consulted | None = None
    acknowledged: str = Field(default="", max_length=200)
    sources: dict[str, str]


async def found(session: AsyncSession, founding: Founding) -> bool:
    """State the beginning; False when there has been one already."""
    if await session.scalar(select(Employee.no).limit(1)) is not None:
        return False
    now = await factory_now(session)
    for name, key in founding.sources.items():
        await sources.register(session, sources.Registration(no=name, public_key=key), maker=SYSTEM_ACTOR, now=now)
    days = founding.calendar or calendars.Days.model_validate(shipped_calendar())
    await calendars.set_days(session, days, maker=SYSTEM_ACTOR, now=now)
    rulebook = await rulebooks.activate(session, founding.rulebook, maker=SYSTEM_ACTOR, now=now)
    for person in founding.employees:
        await staff.register(session, person, maker=SYSTEM_ACTOR, now=now)
    for tenure in founding.assignments:
        await appoint(session, tenure, now)
    await session.flush()
    await introduce(session, founding, rulebook.no, now)
    return True


async def introduce(session: AsyncSession, founding: Founding, version: str, now: datetime) -> None:
    """What is on record about the first rulebook: that the employees were consulted, and that they know it."""
    if founding.consulted is not None:
        minutes = consultations.Minutes(rulebook_no=version, **founding.consulted.model_dump())
        await consultations.record(session, minutes, maker=SYSTEM_ACTOR, now=now)
    if founding.acknowledged:
        for person in founding.employees:
            await consultations.acknowledge(
                session, version, person.no, paper_reference=founding.acknowledged, maker=SYSTEM_ACTOR, now=now
            )


async def appoint(session: AsyncSession, tenure: Tenure, now: datetime) -> None:
    appointment = staff.Appointment(**tenure.model_dump(exclude={"effective_until"}))
    assignment = await staff.assign(session, appointment, maker=SYSTEM_ACTOR, now=now)
    if tenure.effective_until is not None:
        await session.flush()
        ending = staff.Ending(effective_until=tenure.effective_until)
        await staff.end(session, assignment.no, ending, by=SYSTEM_ACTOR, now=now)


async def found_database(url: str, data: dict[str, Any]) -> bool:
    founding = Founding.model_validate(data)
    engine = connect(url, pool_size=1, application_name="handover-founding")
    try:
        if founding.at is not None:
            await step_to(engine, founding.at)
        async with transaction(engine, Actor(employee=SYSTEM_ACTOR)) as session:
            session.info["service"] = "accountability"
            return await found(session, founding)
    finally:
        await engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.accountability.people.founding", description=__doc__)
    parser.add_argument("file", type=Path)
    data = yaml.safe_load(parser.parse_args().file.read_text(encoding="utf-8"))
    language.set("en")
    try:
        founded = asyncio.run(found_database(os.environ["HANDOVER_DATABASE_URL"], data))
    except Refusal as refusal:
        sys.exit(f"{refusal}\n{refusal.__cause__ or ''}".strip())
    sys.stdout.write("founded\n" if founded else "this installation was founded before; nothing was changed\n")


if __name__ == "__main__":
    main()
