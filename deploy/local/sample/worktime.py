"""When does the sample factory work, and which moment is so many working days or hours later?"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import chinese_calendar
from pydantic import BeforeValidator

from deploy.local.sample.files import Model

FACTORY = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = timedelta(days=1)


def wall_time(value: object) -> datetime:
    """A factory-local time such as `2026-09-03 09:20`."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M").replace(tzinfo=FACTORY)
    except ValueError:
        raise ValueError("write a factory-local time as YYYY-MM-DD HH:MM, for example 2026-09-03 09:20") from None


WallTime = Annotated[datetime, BeforeValidator(wall_time)]


class Shift(Model):
    """A stretch of work without a break, in local wall-clock time."""

    start: time
    end: time


class FactoryCalendar(Model):
    """Shifts and weekends of the factory; public holidays and make-up days are those of China's public calendar."""

    time_zone: Literal["Asia/Shanghai"]
    shifts: tuple[Shift, ...]
    weekend: tuple[Literal[WEEKDAYS], ...]  # type: ignore[valid-type]
    public_calendar: Literal["china"]
    days_off: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()
    first_day: date
    last_day: date

    def works_on(self, day: date) -> bool:
        """The factory's own exceptions come before the public calendar, that before the weekend."""
        if day in self.days_off or day in self.extra_working_days:
            return day in self.extra_working_days
        if day in self.public_holidays or day in self.make_up_days:
            return day in self.make_up_days
        return WEEKDAYS[day.weekday()] not in self.weekend

    @cached_property
    def public_holidays(self) -> frozenset[date]:
        """Working weekdays that the state made free."""
        return frozenset(day for day in self.days() if day.weekday() < 5 and chinese_calendar.is_holiday(day))

    @cached_property
    def make_up_days(self) -> frozenset[date]:
        """Weekend days that the state made working days (调休)."""
        return frozenset(day for day in self.days() if day.weekday() >= 5 and chinese_calendar.is_workday(day))

    def days(self) -> Iterator[date]:
        length = (self.last_day - self.first_day).days + 1
        return (self.first_day + DAY * step for step in range(length))

    def working_day(self, start: date, number: int) -> date:
        """The working day that is the `number`-th one, counting `start` itself as 1 (or the first one after it)."""
        day = start if self.works_on(start) else self.next_working_day(start)
        for _ in range(number - 1):
            day = self.next_working_day(day)
        return day

    def next_working_day(self, day: date) -> date:
        day += DAY
        while not self.works_on(day):
            day += DAY
        return day

    def days_later(self, moment: datetime, days: int) -> datetime:
        """The same wall-clock time, so many working days later."""
        return datetime.combine(self.working_day(moment.date(), days + 1), moment.timetz())

    def later(self, moment: datetime, work: timedelta) -> datetime:
        """The moment at which so much working time has passed; the end of a shift rather than the start of the next."""
        if not work:
            return moment
        for start, end in self.stretches(moment):
            if work <= end - start:
                return start + work
            work -= end - start
        raise AssertionError("the stretches of a factory calendar do not end")

    def work_between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; zero when `end` is not after `start`."""
        passed = timedelta()
        for begin, stop in self.stretches(start):
            if begin >= end:
                break
            passed += min(stop, end) - begin
        return passed

    def end_of(self, day: date) -> datetime:
        """The end of the last shift of a day, or of the last working day before it."""
        while not self.works_on(day):
            day -= DAY
        return datetime.combine(day, self.shifts[-1].end, FACTORY)

    def stretches(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of work from a moment on, the one under way cut off at the moment."""
        day = moment.date()
        while True:
            if self.works_on(day):
                for shift in self.shifts:
                    start, end = (datetime.combine(day, at, FACTORY) for at in (shift.start, shift.end))
                    if end > moment:
                        yield max(start, moment), end
            day += DAY
