"""By when is a handover expected? The department's own reckoning, for its worklist; the judge's is what counts."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.calendar import WorkCalendar
from chassis.clock import factory_now
from chassis.due_terms import DueTerm, Given, latest
from chassis.instants import Micros, hours, instant, moment
from chassis.schema_people import settings_copy
from contracts.accountability import CalendarSet, RulebookActivated
from contracts.parts import Terms

FRESH_S = 2.0
STOPPED_BY = ("stop_work",)
"""What stops the clock of a link whose rules do not say it, as in the rulebook."""


@dataclass(frozen=True, slots=True)
class Standards:
    """The factory's calendar, and of every link the due terms and what stops its clock, as this service last heard them."""

    calendar: WorkCalendar | None
    terms: Mapping[str, tuple[DueTerm, ...]]
    stopped_by: Mapping[str, frozenset[str]]


_known: WeakKeyDictionary[Engine | Connection, tuple[float, Standards]] = WeakKeyDictionary()


async def on_calendar_set(event: CalendarSet, session: AsyncSession) -> None:
    await keep(session, "calendar", event.model_dump(mode="json"))


async def on_rulebook_activated(event: RulebookActivated, session: AsyncSession) -> None:
    await keep(session, "links", event.rules["links"])


async def keep(session: AsyncSession, name: str, value: Any) -> None:
    row = {"name": name, "value": value, "changed_at": await factory_now(session)}
    await session.execute(insert(settings_copy).values(row).on_conflict_do_update(index_elements=["name"], set_=row))
    _known.pop(session.sync_session.get_bind(), None)


async def standards(session: AsyncSession) -> Standards:
    """What this service knows; read from its database when what the process remembers is older than two seconds."""
    bind = session.sync_session.get_bind()
    read_at, remembered = _known.get(bind, (0.0, None))
    if remembered is not None and time.monotonic() - read_at < FRESH_S:
        return remembered
    rows = await session.execute(select(settings_copy.c.name, settings_copy.c.value))
    found = {row.name: row.value for row in rows}
    calendar = _calendar(orjson.dumps(found["calendar"])) if "calendar" in found else None
    links = orjson.dumps(found.get("links", []))
    read = Standards(calendar, _terms(links), _stopped_by(links))
    _known[bind] = (time.monotonic(), read)
    return read


@lru_cache(maxsize=4)
def _calendar(fact: bytes) -> WorkCalendar:
    return WorkCalendar.from_fact(orjson.loads(fact))


@lru_cache(maxsize=4)
def _terms(links: bytes) -> Mapping[str, tuple[DueTerm, ...]]:
    return {
        link["code"]: tuple(DueTerm.read(term) for term in link.get("due") or [f"opened + {link['standard']}"])
        for link in orjson.loads(links)
    }


@lru_cache(maxsize=4)
def _stopped_by(links: bytes) -> Mapping[str, frozenset[str]]:
    return {link["code"]: frozenset(link.get("stopped_by", STOPPED_BY)) for link in orjson.loads(links)}


async def expected(session: AsyncSession, link: str, opened: datetime, terms: Terms) -> datetime | None:
    """When a handover that opens now is due; None until the calendar and the rulebook have arrived here."""
    known = await standards(session)
    if known.calendar is None or link not in known.terms:
        return None
    due = latest(known.terms[link], filled(known.calendar, known.terms[link], opened, terms), known.calendar)
    return None if due is None else moment(due)


async def later(session: AsyncSession, due: datetime | None, more: Micros) -> datetime | None:
    """A due time with so much working time more."""
    calendar = (await standards(session)).calendar
    if due is None or calendar is None or not more:
        return due
    return moment(calendar.add(instant(due), more))


async def starts(session: AsyncSession, terms: Terms) -> datetime | None:
    """When the clock of a handover with these terms starts, where it does not start with the arrival."""
    calendar = (await standards(session)).calendar
    if terms.promised_on is not None and calendar is not None:
        return moment(calendar.last_shift_from(terms.promised_on))
    return terms.starts_at


def filled(calendar: WorkCalendar, links: tuple[DueTerm, ...], opened: datetime, terms: Terms) -> Given:
    """A ship-by date on a day off means the last shift before it; any other date the next working day's."""
    leaves = any(term.base == "ship_by" for term in links)
    end_of = calendar.last_shift_up_to if leaves else calendar.last_shift_from
    return Given(
        since=calendar.last_shift_from(terms.promised_on) if terms.promised_on else instant(opened),
        day=end_of(terms.required_on) if terms.required_on else None,
        dispatched_due=instant(terms.due_at) if terms.due_at else None,
        lead_time_days=terms.lead_time_days,
        standard=hours(terms.standard_hours) if terms.standard_hours is not None else None,
    )
