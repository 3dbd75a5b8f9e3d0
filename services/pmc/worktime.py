"""Which moment is so many working hours or days away? For plans: the judge's own reckoning decides what is late."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.calendar import WorkCalendar
from chassis.dues import standards
from chassis.instants import FACTORY, HOUR, Micros, instant, midnight, moment

# What plans are reckoned with until accountability's calendar has arrived here: five days a week, eight hours a day.
USUAL = WorkCalendar(
    time_zone=FACTORY.key,
    shifts=(("08:00", "12:00"), ("13:00", "17:00")),
    weekend=(6, 7),
    public_holidays=(),
    make_up_days=(),
)


@dataclass(frozen=True, slots=True)
class Worktime:
    """The factory calendar, asked in times and hours."""

    calendar: WorkCalendar

    def later(self, start: datetime, hours: Decimal) -> datetime:
        """The moment by which so many hours were worked."""
        return moment(self.calendar.add(instant(start), micros(hours)))

    def days_later(self, start: datetime, days: int) -> datetime:
        """The moment by which so many days were worked."""
        return moment(self.calendar.add(instant(start), self.calendar.days(days)))

    def earlier(self, end: datetime, hours: Decimal, days: Decimal) -> datetime:
        """The moment from which so many days and hours of work remain."""
        return moment(self.calendar.subtract(instant(end), micros(hours) + self.calendar.days(float(days))))

    def opening(self, day: date) -> datetime:
        """When work begins on a day, or on the next one that is worked."""
        return moment(self.calendar.add(instant(midnight(day)), 1) - 1)

    def closing(self, day: date) -> datetime:
        """When the last shift of a day ends, or of the last one before it that is worked."""
        return moment(self.calendar.last_shift_up_to(day))

    def date_of(self, at: datetime) -> date:
        """The factory's date at a moment."""
        return self.calendar.local_date(instant(at))


def micros(hours: Decimal) -> Micros:
    return int(hours * HOUR)


async def worktime(session: AsyncSession) -> Worktime:
    """The calendar as accountability set it, or the usual week until it came."""
    return Worktime((await standards(session)).calendar or USUAL)
