"""By when is a handover expected? The department's own reckoning, for its worklist; the judge's is what counts.

Calendars and rulebooks are kept with when they were told and from when they count: a handover keeps the rules that were in force
when it arrived, and every calendar since then has its say, as before the judge.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.calendar import WorkCalendar
from chassis.clock import stated_at
from chassis.due_terms import DueTerm, Given, Span, latest
from chassis.due_times import Dated, in_succession, since, under_calendars, under_dates
from chassis.instants import SECOND, Instant, Micros, hours, instant, moment
from chassis.schema_people import settings_copy
from contracts.parts import Terms

FRESH_S = 2.0
STOPPED_BY = ("stop_work",)
"""What stops the clock of a link whose rules do not say it, as in the rulebook."""
CALENDAR, RULES = "calendar", "rules"


@dataclass(frozen=True, slots=True)
class LinkStandard:
    """What a rulebook says about the clock of one link."""

    terms: tuple[DueTerm, ...]
    standard: Span
    stopped_by: frozenset[str]

    def dated(self) -> bool:
        """Whether a date sets the due time."""
        return any(term.base in ("ship_by", "required_date") for term in self.terms)

    def end_of(self, calendar: WorkCalendar, day: date) -> Instant:
        """A ship-by date on a day off means the last shift before it; any other date the next working day's."""
        leaves = any(term.base == "ship_by" for term in self.terms)
        return calendar.last_shift_up_to(day) if leaves else calendar.last_shift_from(day)


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rulebook, as far as clocks go by it."""

    links: Mapping[str, LinkStandard]
    tolerance: Micros = 0


@dataclass(frozen=True, slots=True)
class Standards:
    """The calendars and the versions of the rulebook that this service has heard of, each with the instant from which it counts."""

    calendars: Sequence[tuple[Instant, WorkCalendar]]
    rules: Sequence[tuple[Instant, Rules]]

    @property
    def calendar(self) -> WorkCalendar | None:
        """The latest."""
        return self.calendars[-1][1] if self.calendars else None

    def rules_at(self, at: Instant) -> Rules:
        """The version in force at an instant; the earliest where none was yet."""
        return since(self.rules, at)[0][1] if self.rules else Rules({})

    def forgiven_until(self, due: Instant, arrived: datetime) -> Instant:
        """The last instant at which what was due is in time: the tolerance is working time too, and in the person's favour."""
        tolerance = self.rules_at(instant(arrived)).tolerance
        return self.calendar.add(due, tolerance) if self.calendar else due + tolerance

    def stopped_by(self, link: str, arrived: datetime) -> frozenset[str]:
        """What stops the clock of a handover that arrived then."""
        said = self.rules_at(instant(arrived)).links.get(link)
        return said.stopped_by if said else frozenset()


@dataclass(frozen=True, slots=True)
class Redated:
    """A later date for a handover, when it was set, and when what led to it became known."""

    required_on: date
    at: datetime
    known: datetime


_known: WeakKeyDictionary[Engine | Connection, tuple[float, Standards]] = WeakKeyDictionary()


async def keep(session: AsyncSession, name: str, no: str, value: Any, effective_from: datetime | None = None) -> None:
    """Remember a calendar or a version of the rulebook, by its number; it counts from when it was told, or later.

    The text of a number never changes: told again, the first stands.
    """
    told = await stated_at(session)
    counts = max(told, effective_from) if effective_from else told
    row = {"name": name, "no": no, "value": value, "told_at": told, "counts_from": counts}
    await session.execute(insert(settings_copy).values(row).on_conflict_do_nothing())
    _known.pop(session.sync_session.get_bind(), None)


async def standards(session: AsyncSession) -> Standards:
    """What this service knows; read from its database when what the process remembers is older than two seconds."""
    bind = session.sync_session.get_bind()
    read_at, remembered = _known.get(bind, (0.0, None))
    if remembered is not None and time.monotonic() - read_at < FRESH_S:
        return remembered
    kept = settings_copy.c
    query = select(kept.name, kept.counts_from, kept.value).order_by(kept.counts_from, kept.told_at, kept.no)
    rows = (await session.execute(query)).all()
    read = Standards(
        tuple(
            _calendars([(instant(row.counts_from), orjson.dumps(row.value)) for row in rows if row.name == CALENDAR])
        ),
        tuple((instant(row.counts_from), _rules(orjson.dumps(row.value))) for row in rows if row.name == RULES),
    )
    _known[bind] = (time.monotonic(), read)
    return read


def _calendars(told: Sequence[tuple[Instant, bytes]]) -> Iterator[tuple[Instant, WorkCalendar]]:
    return ((at, in_succession(tuple(told[: number + 1]))) for number, (at, _) in enumerate(told))


@lru_cache(maxsize=16)
def _rules(kept: bytes) -> Rules:
    said = orjson.loads(kept)
    return Rules({link["code"]: _link(link) for link in said["links"]}, said["tolerance_seconds"] * SECOND)


def _link(said: Mapping[str, Any]) -> LinkStandard:
    return LinkStandard(
        tuple(DueTerm.read(term) for term in said.get("due") or [f"opened + {said['standard']}"]),
        Span.read(said["standard"]),
        frozenset(said.get("stopped_by", STOPPED_BY)),
    )


def expected(
    known: Standards, link: str, arrived: datetime, terms: Terms, redated: Sequence[Redated] = ()
) -> datetime | None:
    """When a handover that arrived then is due; None until the calendar and the rulebook have arrived here."""
    rules = known.rules_at(instant(arrived))
    said = rules.links.get(link)
    if said is None or not known.calendars:
        return None
    start = instant(starts(known, arrived, terms) or arrived)

    def under(calendar: WorkCalendar, day: Micros) -> Instant | None:
        def due(on: Instant | None) -> Instant | None:
            return latest(said.terms, _given(terms, start, on, day), calendar)

        if terms.required_on is None or not said.dated():
            return due(None)
        first = Dated(said.end_of(calendar, terms.required_on), instant(arrived), instant(arrived))
        later_on = (Dated(said.end_of(calendar, d.required_on), instant(d.at), instant(d.known)) for d in redated)
        least = said.standard.under(calendar, day)

        def in_time(before: Instant, known_at: Instant) -> bool:
            return known_at <= calendar.add(before, rules.tolerance)

        return under_dates((first, *later_on), instant(arrived), least, calendar, in_time, due)

    found = under_calendars(since(known.calendars, instant(arrived)), under)
    return None if found is None else moment(found)


def _given(terms: Terms, start: Instant, on: Instant | None, day: Micros) -> Given:
    return Given(
        since=start,
        day=on,
        dispatched_due=instant(terms.due_at) if terms.due_at else None,
        lead_time_days=terms.lead_time_days,
        standard=hours(terms.standard_hours) if terms.standard_hours is not None else None,
        day_length=day,
    )


def later(known: Standards, due: datetime | None, more: Micros) -> datetime | None:
    """A due time with so much working time more."""
    if due is None or known.calendar is None or not more:
        return due
    return moment(known.calendar.add(instant(due), more))


def starts(known: Standards, arrived: datetime, terms: Terms) -> datetime | None:
    """When the clock of a handover with these terms starts, where it does not start with the arrival."""
    if terms.promised_on is not None and known.calendar is not None:
        return max(arrived, moment(known.calendar.last_shift_from(terms.promised_on)))
    if terms.received_at is not None:
        return min(arrived, terms.received_at)
    return None if terms.starts_at is None else max(arrived, terms.starts_at)
