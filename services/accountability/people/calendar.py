"""Which calendar does the product ship with? A day shift with a lunch break, China's public days off."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from chinese_calendar import constants as public_calendar

from chassis.calendar import InvalidCalendar, WorkCalendar

__all__ = ["InvalidCalendar", "WorkCalendar", "shipped_calendar"]

SHIPPED_SHIFTS = (("08:00", "12:00"), ("13:00", "17:00"))
SHIPPED_WEEKEND = (6, 7)
SHIPPED_YEARS = (2025, 2026)


def shipped_calendar() -> dict[str, Any]:
    """The fields of the shipped `CalendarSet`: two shifts, weekends off, China's public calendar of two years."""
    return {
        "time_zone": "Asia/Shanghai",
        "shifts": [{"start": start, "end": end} for start, end in SHIPPED_SHIFTS],
        "weekend": list(SHIPPED_WEEKEND),
        "public_holidays": _in_shipped_years(public_calendar.holidays),
        "make_up_days": _in_shipped_years(public_calendar.workdays),
    }


def _in_shipped_years(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days) if day.year in SHIPPED_YEARS]
