"""What does a department's worklist say, to whoever may read it?"""

from datetime import timedelta
from typing import Any

from chassis.database import transaction
from chassis.reckoning import on_calendar_set, on_rulebook_activated
from contracts.accountability import CalendarSet, RulebookActivated
from services.accountability.people.calendar import shipped_calendar
from tests.support.departments import MORNING, Department
from tests.support.facts import RULES


async def know_the_standards(department: Department) -> None:
    """The calendar and the rulebook have come, so that due times are known."""
    async with transaction(department.engine) as session:
        session.info["service"] = department.service.name
        await on_calendar_set(CalendarSet(calendar_no="CAL-1", set_by="E-012", **shipped_calendar()), session)
        await on_rulebook_activated(
            RulebookActivated(
                version="2026-01", effective_from=MORNING - timedelta(days=9), rules=dict(RULES), activated_by="E-012"
            ),
            session,
        )


async def rows(department: Department, reader: str, **wanted: Any) -> dict[str, dict[str, Any]]:
    """The open handovers by `link:key`; closed ones too where they are asked for."""
    async with department.as_(reader) as client:
        found = (await client.get("/api/worklist", params=wanted)).json()
    return {f"{row['link']}:{row['key']}": row for row in found}


async def struck(department: Department, reader: str) -> dict[str, str]:
    """What was struck off, each with its reason in English."""
    found = await rows(department, reader, closed=True)
    return {name: row["because"]["en"] for name, row in found.items() if row["closed_at"] and row["because"]}


async def undated(department: Department, reader: str) -> dict[str, str]:
    """What is open although nobody waits for it, each with its reason in English."""
    found = await rows(department, reader)
    return {name: row["because"]["en"] for name, row in found.items() if row["because"] and row["due_at"] is None}
