"""What does a department's worklist say, to whoever may read it?"""

from typing import Any

from chassis.database import transaction
from chassis.dues import keep
from services.accountability.people.calendar import shipped_calendar
from tests.support.departments import Department
from tests.support.facts import RULES


async def know_the_standards(department: Department) -> None:
    """The calendar and the rulebook have come, so that due times are known."""
    async with transaction(department.engine) as session:
        session.info["service"] = department.service.name
        await keep(session, "calendar", shipped_calendar())
        await keep(session, "links", RULES["links"])


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
