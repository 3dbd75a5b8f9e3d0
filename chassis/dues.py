"""By when is a handover expected? The department's own reckoning, for its worklist; the judge's is the one that counts."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.schema_people import settings_copy
from contracts.accountability import CalendarSet, RulebookActivated
from contracts.parts import Terms


async def on_calendar_set(event: CalendarSet, session: AsyncSession) -> None:
    await keep(session, "calendar", event.model_dump(mode="json"))


async def on_rulebook_activated(event: RulebookActivated, session: AsyncSession) -> None:
    await keep(session, "links", event.rules["links"])


async def keep(session: AsyncSession, name: str, value: Any) -> None:
    row = {"name": name, "value": value, "changed_at": await factory_now(session)}
    await session.execute(insert(settings_copy).values(row).on_conflict_do_update(index_elements=["name"], set_=row))


async def expected(session: AsyncSession, link: str, opened: datetime, terms: Terms) -> datetime | None:
    """When a handover that opens now is due; None until the calendar and the rulebook have arrived here."""
    return None
