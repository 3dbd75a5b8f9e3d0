"""How much working time lies between two instants, and when is a working duration over?

`1 d` is the shift hours of one working day, counted as working time: given on Tuesday at 15:00 it is over on Wednesday
at 15:00, given after the last shift it is over at the end of the next working day. A duration that ends with a shift
ends at the shift's end, not at the beginning of the next one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.instants import Instant, Micros, instant, moment
from chassis.language import InvalidValue, Label

FIRST_DAY = date(2024, 1, 1)
"""Nothing is worked before this day: the software holds no older facts."""

LAST_YEAR = 2060
"""Working time ends here, so that a nonsensical date far in the future costs no endless computation."""


NO_ZONE = Label(
    "没有时区“{name}”;请用 IANA 名称,例如 Asia/Shanghai",
    "time zone {name!r} is unknown; use an IANA name such as Asia/Shanghai",
)
NO_WEEK = Label(
    "周末 {days} 须用 1(周一)到 7(周日)表示,并至少留一天上班",
    "the weekend {days} must name ISO weekdays 1 to 7 and leave a day to work",
)
NO_SHIFT_TIME = Label(
    "“{start}”到“{end}”不是班次,须写成 HH:MM 到 HH:MM", "a shift is not HH:MM to HH:MM: {start!r} to {end!r}"
)
NO_SHIFT = Label("工作日没有班次,请至少给出一个", "a working day has no shift; give at least one")
SHIFTS_OVERLAP = Label(
    "班次 {start:%H:%M}-{end:%H:%M} 与下一个重叠,后者从 {following:%H:%M} 开始;请错开",
    "the shift {start:%H:%M}-{end:%H:%M} overlaps the next, which starts at {following:%H:%M}",
)


class InvalidCalendar(InvalidValue):
    """A calendar's shifts or time zone make no sense; the text names the value and the remedy."""


class WorkCalendar:
    """Shifts of the factory as sorted intervals with the working time before each; years are added when needed.

    `weekend` holds ISO weekdays (1 = Monday … 7 = Sunday). A shift whose end is before its start ends on the next day.
    Shifts and weekend count from the day of `since` on, before it those of the `earlier` calendar.
    """

    def __init__(
        self,
        *,
        time_zone: str,
        shifts: Iterable[tuple[str, str]],
        weekend: Iterable[int],
        public_holidays: Iterable[date],
        make_up_days: Iterable[date],
        earlier: WorkCalendar | None = None,
        since: Instant = 0,
    ) -> None:
        self._zone = _zone(time_zone)
        self._shifts = _checked(shifts)
        self._weekend = _working_week(weekend)
        self._holidays = frozenset(public_holidays)
        self._make_up_days = frozenset(make_up_days)
        self._earlier, self._since = earlier, self.local_date(since)
        self.day: Micros = sum(_length(start, end) for start, end in self._shifts)
        """The working time of one working day."""
        self._starts: list[Instant] = []
        self._ends: list[Instant] = []
        self._before: list[Micros] = []
        self._total: Micros = 0
        self._days: list[date] = []
        self._day_ends: list[Instant] = []
        self._next_year = FIRST_DAY.year
        self._covered_to: Instant = 0
        self._add_year()

    @classmethod
    def from_fact(
        cls, fact: Mapping[str, Any], earlier: WorkCalendar | None = None, since: Instant = 0
    ) -> WorkCalendar:
        """The calendar that a CalendarSet fact states, as decoded from JSON."""
        return cls(
            time_zone=fact["time_zone"],
            shifts=[(shift["start"], shift["end"]) for shift in fact["shifts"]],
            weekend=fact["weekend"],
            public_holidays=map(date.fromisoformat, fact["public_holidays"]),
            make_up_days=map(date.fromisoformat, fact["make_up_days"]),
            earlier=earlier,
            since=since,
        )

    def is_working_day(self, day: date) -> bool:
        """Make-up days win over weekends and holidays."""
        weekend = self._pattern(day)._weekend
        return day in self._make_up_days or (day.isoweekday() not in weekend and day not in self._holidays)

    def _pattern(self, day: date) -> WorkCalendar:
        """The calendar whose shifts and weekend count on a day."""
        found = self
        while found._earlier is not None and day < found._since:
            found = found._earlier
        return found

    def between(self, start: Instant, end: Instant) -> Micros:
        """Working time from one instant to a later one; nothing when the second is not later."""
        if end <= start:
            return 0
        self._reach(end)
        return self._worked(end) - self._worked(start)

    def add(self, start: Instant, length: Micros) -> Instant:
        """The first instant by which this much working time has passed since `start`."""
        if length <= 0:
            return start
        self._reach(start)
        target = self._worked(start) + length
        while self._total < target:
            if not self._add_year():
                return max(start, self._ends[-1])
        return self._when(target)

    def subtract(self, end: Instant, length: Micros) -> Instant:
        """The earliest instant from which exactly this much working time remains until `end`."""
        if length <= 0:
            return end
        self._reach(end)
        target = self._worked(end) - length
        return self._when(target) if target > 0 else min(end, self._starts[0])

    def days(self, number: float) -> Micros:
        """The working time of this many working days."""
        return int(self.day * number)

    def local_date(self, at: Instant) -> date:
        """The factory's date at an instant."""
        return moment(at).astimezone(self._zone).date()

    def last_shift_up_to(self, day: date) -> Instant:
        """End of the last shift of this date, or of the last working day before it: goods must have left by then."""
        self._cover(day)
        index = bisect_right(self._days, day)
        return self._day_ends[max(index - 1, 0)]

    def last_shift_from(self, day: date) -> Instant:
        """End of the last shift of this date, or of the next working day: a due date on a day off moves on."""
        self._cover(day)
        index = bisect_left(self._days, day)
        while index >= len(self._days):
            if not self._add_year():
                return self._day_ends[-1]
        return self._day_ends[index]

    def _when(self, worked: Micros) -> Instant:
        """The first instant by which this much has been worked since the first day."""
        index = bisect_left(self._before, worked) - 1
        return self._starts[index] + worked - self._before[index]

    def _worked(self, at: Instant) -> Micros:
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return 0
        return self._before[index] + min(at, self._ends[index]) - self._starts[index]

    def _cover(self, day: date) -> None:
        while self._next_year <= day.year and self._add_year():
            pass

    def _reach(self, at: Instant) -> None:
        while self._covered_to <= at and self._add_year():
            pass

    def _add_year(self) -> bool:
        """Append one more year of shifts; False when the calendar's last year is there."""
        if self._next_year > LAST_YEAR:
            return False
        day, last = date(self._next_year, 1, 1), date(self._next_year, 12, 31)
        while day <= last:
            if self.is_working_day(day):
                self._add_day(day)
            day += timedelta(days=1)
        self._next_year += 1
        self._covered_to = instant(datetime.combine(day, time(), tzinfo=self._zone))
        return True

    def _add_day(self, day: date) -> None:
        for start, end in self._pattern(day)._shifts:
            opens = instant(datetime.combine(day, start, tzinfo=self._zone))
            last_day = day if end > start else day + timedelta(days=1)
            closes = instant(datetime.combine(last_day, end, tzinfo=self._zone))
            if self._ends and opens < self._ends[-1]:  # the last night shift of the old order runs into the new one
                opens = min(self._ends[-1], closes)
            self._starts.append(opens)
            self._ends.append(closes)
            self._before.append(self._total)
            self._total += closes - opens
        self._days.append(day)
        self._day_ends.append(self._ends[-1])


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidCalendar(NO_ZONE, name=name) from error


def _working_week(weekend: Iterable[int]) -> frozenset[int]:
    days_off = frozenset(weekend)
    if not days_off < frozenset(range(1, 8)):
        raise InvalidCalendar(NO_WEEK, days=sorted(days_off))
    return days_off


def _checked(shifts: Iterable[tuple[str, str]]) -> tuple[tuple[time, time], ...]:
    """Shifts as times of day, in order and without overlap (a night shift may run into the next morning)."""
    parsed = sorted(_shift(start, end) for start, end in shifts)
    if not parsed:
        raise InvalidCalendar(NO_SHIFT)
    turns = [*parsed, parsed[0]]
    for (start, end), (following, _) in pairwise(turns):
        gap = (_minutes(following) - _minutes(start)) % 1440 or 1440
        if (_minutes(end) - _minutes(start)) % 1440 > gap or end == start:
            raise InvalidCalendar(SHIFTS_OVERLAP, start=start, end=end, following=following)
    return tuple(parsed)


def _shift(start: str, end: str) -> tuple[time, time]:
    try:
        return time.fromisoformat(start), time.fromisoformat(end)
    except ValueError as error:
        raise InvalidCalendar(NO_SHIFT_TIME, start=start, end=end) from error


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _length(start: time, end: time) -> Micros:
    return ((_minutes(end) - _minutes(start)) % 1440) * 60 * 1_000_000
