"""Which moment is so many working hours or days away? For plans only: the judge's own calendar decides what is late."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.schema_people import settings_copy

DAY = timedelta(days=1)
HORIZON_DAYS = 3660
# What a plan is reckoned with until accountability's calendar has arrived here: five days a week, eight hours a day.
USUAL: dict[str, Any] = {
    "time_zone": "Asia/Shanghai",
    "shifts": [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}],
    "weekend": [6, 7],
    "public_holidays": [],
    "make_up_days": [],
}


class Worktime:
    """The factory's shifts, walked forward or backward."""

    def __init__(self, fact: dict[str, Any]) -> None:
        self.zone = ZoneInfo(fact["time_zone"])
        self.shifts = sorted(
            (time.fromisoformat(shift["start"]), time.fromisoformat(shift["end"])) for shift in fact["shifts"]
        )
        self.weekend = frozenset(fact["weekend"])
        self.holidays = frozenset(fact["public_holidays"])
        self.make_up_days = frozenset(fact["make_up_days"])
        self.day = sum((end - start for start, end in self.shifts_of(date(2026, 1, 1))), timedelta())

    def works_on(self, day: date) -> bool:
        """Make-up days win over weekends and holidays."""
        word = day.isoformat()
        return word in self.make_up_days or (day.isoweekday() not in self.weekend and word not in self.holidays)

    def shifts_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """A working day's shifts; one that ends before it starts runs into the next morning."""
        for start, end in self.shifts:
            last = day if end > start else day + DAY
            yield datetime.combine(day, start, self.zone), datetime.combine(last, end, self.zone)

    def later(self, moment: datetime, work: timedelta) -> datetime:
        """The moment by which so much working time has passed: the end of a shift rather than the start of the next."""
        for start, end in self.stretches(moment):
            if work <= end - start:
                return start + work
            work -= end - start
        return moment + work

    def earlier(self, moment: datetime, work: timedelta) -> datetime:
        """The latest moment from which so much working time is left until `moment`."""
        for start, end in self.stretches_back(moment):
            if work <= end - start:
                return end - work
            work -= end - start
        return moment - work

    def stretches(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time from a moment on, the shift under way cut off at the moment."""
        first = moment.astimezone(self.zone).date() - DAY
        for step in range(HORIZON_DAYS):
            day = first + DAY * step
            for start, end in self.shifts_of(day) if self.works_on(day) else ():
                if end > moment:
                    yield max(start, moment), end

    def stretches_back(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time before a moment, the latest first, the shift under way cut off at the moment."""
        last = moment.astimezone(self.zone).date()
        for step in range(HORIZON_DAYS):
            day = last - DAY * step
            for start, end in reversed(list(self.shifts_of(day))) if self.works_on(day) else ():
                if start < moment:
                    yield start, min(end, moment)

    def opening(self, day: date) -> datetime:
        """When work begins on a day, or on the next one that is worked."""
        midnight = datetime.combine(day, time(), self.zone)
        return next(start for start, _ in self.stretches(midnight) if start >= midnight)

    def closing(self, day: date) -> datetime:
        """When the last shift of a day ends, or of the last one before it that is worked."""
        return next(end for _, end in self.stretches_back(datetime.combine(day + DAY, time(), self.zone)))

    def date_of(self, moment: datetime) -> date:
        """The factory's date at a moment."""
        return moment.astimezone(self.zone).date()


@lru_cache(maxsize=4)
def read(fact: bytes) -> Worktime:
    return Worktime(orjson.loads(fact))


async def worktime(session: AsyncSession) -> Worktime:
    """The calendar as accountability set it, or the usual week until it came."""
    query = select(settings_copy.c.value).where(settings_copy.c.name == "calendar")
    return read(orjson.dumps(await session.scalar(query) or USUAL))
