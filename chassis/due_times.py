"""What do calendars and dates that change while a clock runs do to its due time? The judge and the worklists reckon alike."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

import orjson

from chassis.calendar import WorkCalendar
from chassis.instants import Instant, Micros

T = TypeVar("T")


class Dated(NamedTuple):
    """A date on which a due time hangs, and the fact that set it: `known` decides whether it came in time.

    Why it was set, by which document and where the fact stands in the ledger are for whoever has to say so.
    """

    day: Instant
    at: Instant
    known: Instant
    reason: str = ""
    document: str = ""
    position: int = 0


@lru_cache(maxsize=32)
def in_succession(told: tuple[tuple[Instant, bytes], ...]) -> WorkCalendar:
    """The last of these calendars, each with the instant when it was told and its fact as JSON.

    Before the day on which it was told its shifts and weekend are those of the one before.
    """
    *earlier, (at, fact) = told
    return WorkCalendar.from_fact(orjson.loads(fact), in_succession(tuple(earlier)) if earlier else None, at)


def since(told: Sequence[tuple[Instant, T]], at: Instant) -> Sequence[tuple[Instant, T]]:
    """What counted at an instant (else the earliest), and everything that counts later; in the order of their instants."""
    return told if len(told) < 2 else told[max(bisect_right(told, at, key=lambda known: known[0]) - 1, 0) :]


def under_calendars(
    calendars: Sequence[tuple[Instant, WorkCalendar]], reckon: Callable[[WorkCalendar, Micros], Instant | None]
) -> Instant | None:
    """A later calendar recomputes a due time, but never to before the moment it became known.

    `calendars`: the one in force when the handover was delivered, then each later one, with the instants they came. `reckon`
    is told how long a day was under the first: a standard in days is as much working time as it was then.
    """
    due: Instant | None = None
    day: Micros | None = None
    for told, calendar in calendars:
        day = day or calendar.day
        under = reckon(calendar, day)
        if under is None:
            return None
        due = under if due is None else max(under, min(due, told))
    return due


def under_dates(
    dates: Iterable[Dated],
    opened: Instant,
    least: Micros,
    calendar: WorkCalendar,
    in_time: Callable[[Instant, Instant], bool],
    reckon: Callable[[Instant], Instant | None],
    moved: Callable[[Instant, Instant, Dated], None] = lambda old, new, dated: None,
) -> Instant | None:
    """The due time for the first date and for each later one that came while the clock ran.

    `reckon` says what is due on a date, `in_time` whether something was known before a due time passed. An earlier date
    leaves at least `least` from the moment it became known.
    """
    due: Instant | None = None
    for dated in dates:
        candidate = reckon(dated.day)
        if due is None or dated.at <= opened:
            due = candidate
        elif candidate is not None and in_time(due, dated.known):
            new = max(candidate, min(due, calendar.add(dated.at, least)))
            if new != due:
                moved(due, new, dated)
            due = new
    return due
