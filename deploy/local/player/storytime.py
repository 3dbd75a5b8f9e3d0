"""Which moment is "day 5 10:30" of a story?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from deploy.local.player.story import Delay
from deploy.local.sample.worktime import FACTORY, FactoryCalendar, wall_time

ON_DAY = re.compile(r"day (?P<day>[1-9]\d*)(?: (?P<at>\d\d:\d\d))?")
REMEDY = "write `day 5 10:30` (the story's fifth working day) or `2026-09-03 09:20`"


@dataclass(frozen=True)
class StoryClock:
    """Counts working days from the story's first day, which is day 1."""

    calendar: FactoryCalendar
    start: date

    def day(self, text: str) -> date:
        """The date of `day 5`, or a date written out."""
        found = ON_DAY.fullmatch(text)
        if found and not found["at"]:
            return self.calendar.working_day(self.start, int(found["day"]))
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is no day; write `day 5` or `2026-09-03`") from None

    def moment(self, text: str) -> datetime:
        """The moment of `day 5 10:30`, or of a factory-local time written out."""
        found = ON_DAY.fullmatch(text)
        if not found:
            try:
                return wall_time(text)
            except ValueError:
                raise ValueError(f"{text!r} is no time; {REMEDY}") from None
        if not found["at"]:
            raise ValueError(f"{text!r} has no time of day; {REMEDY}")
        day = self.calendar.working_day(self.start, int(found["day"]))
        return datetime.combine(day, time.fromisoformat(found["at"]), FACTORY)

    def delayed(self, moment: datetime, by: Delay) -> datetime:
        """So many working days later at the same wall-clock time, then so much working time later."""
        return self.calendar.later(self.calendar.days_later(moment, by.days), by.work)

    def value(self, expression: str, delays: Iterable[Delay]) -> str:
        """A date or a time inside a step's arguments, moved along with the step, as JSON text."""
        if ":" not in expression:
            day = self.day(expression)
            for each in delays:
                day = self.calendar.working_day(day, each.days + 1)
            return day.isoformat()
        moment = self.moment(expression)
        for each in delays:
            moment = self.delayed(moment, each)
        return moment.isoformat()
