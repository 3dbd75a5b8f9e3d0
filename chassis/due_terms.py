"""How is a due time written down, and when is it? The latest of its terms, in working time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chassis.calendar import WorkCalendar
from chassis.instants import HOUR, Instant, Micros
from chassis.language import InvalidValue, Label, listed

NO_DURATION = Label(
    "“{text}”不是时长;请写成例如 30 min、4 h 或 2 d", "{text!r} is no duration; write for example 30 min, 4 h or 2 d"
)
NO_DUE_TIME = Label(
    "“{text}”不是到期时间;请以 {bases} 之一开头,再用 + 或 - 加减一个时长",
    "{text!r} is no due time; begin with one of {bases} and add a duration with + or -",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A working duration: a number of minutes, hours or working days."""

    number: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}"

    @classmethod
    def read(cls, text: Any) -> "Span":
        """`30 min`, `4 h`, `2 d`; raises InvalidValue."""
        match str(text).split():
            case [number, ("min" | "h" | "d") as unit] if number.replace(".", "", 1).isdigit():
                return cls(Decimal(number), unit)
        raise InvalidValue(NO_DURATION, text=text)

    def under(self, calendar: WorkCalendar, day: Micros | None = None) -> Micros:
        """How much working time this is in a factory with this calendar, or with days of another length."""
        match self.unit:
            case "d":
                return int((day or calendar.day) * self.number)
            case "h":
                return int(HOUR * self.number)
            case _:
                return int(HOUR * self.number / 60)


@dataclass(frozen=True, slots=True)
class DueTerm:
    """One term of a due time: an instant everybody knows, moved by a duration or by what the document says."""

    base: str
    sign: int = 1
    span: Span | None = None
    field: str | None = None

    BASES = ("opened", "ship_by", "required_date", "dispatched_due")
    FIELDS = ("item_lead_time", "standard_time")

    def __str__(self) -> str:
        """As it is written in the rulebook."""
        by = self.span or self.field
        return f"{self.base} {'+' if self.sign > 0 else '-'} {by}" if by else self.base

    @classmethod
    def read(cls, text: Any) -> "DueTerm":
        """`ship_by - 1 d`, `opened + item_lead_time`, `required_date`; raises InvalidValue."""
        base, *moved = str(text).split(maxsplit=2) or [""]
        if base not in cls.BASES or len(moved) == 1 or (moved and moved[0] not in "+-"):
            raise InvalidValue(NO_DUE_TIME, text=text, bases=listed(cls.BASES))
        if not moved:
            return cls(base)
        sign = 1 if moved[0] == "+" else -1
        if moved[1] in cls.FIELDS:
            return cls(base, sign, field=moved[1])
        return cls(base, sign, span=Span.read(moved[1]))


@dataclass(frozen=True, slots=True)
class Given:
    """What one document fills into the terms; what it leaves out is None. `day` is the ship-by or required date's end.

    `day_length`: how long a working day was when it was given, where the calendar has changed since.
    """

    since: Instant
    day: Instant | None = None
    dispatched_due: Instant | None = None
    lead_time_days: int | None = None
    standard: Micros | None = None
    day_length: Micros | None = None


def latest(terms: Iterable[DueTerm], given: Given, calendar: WorkCalendar) -> Instant | None:
    """The latest of the terms that the document fills; one that it leaves out is no term."""
    found = [at for term in terms if (at := _when(term, given, calendar)) is not None]
    return max(found) if found else None


def _when(term: DueTerm, given: Given, calendar: WorkCalendar) -> Instant | None:
    base = {"opened": given.since, "dispatched_due": given.dispatched_due}.get(term.base, given.day)
    if base is None:
        return None
    if term.span is not None:
        length = term.span.under(calendar, given.day_length)
        return calendar.add(base, length) if term.sign > 0 else calendar.subtract(base, length)
    match term.field:
        case None:
            return base
        case "item_lead_time":
            days = given.lead_time_days
            return None if days is None else calendar.last_shift_from(calendar.local_date(base) + timedelta(days=days))
        case _:
            return None if given.standard is None else calendar.add(base, given.standard)
