"""How does the judge write down a moment? As whole microseconds since 1970 UTC: exact, ordered, cheap to keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

Instant = int
"""Microseconds since 1970-01-01T00:00Z."""

Micros = int
"""A duration in microseconds."""

SECOND: Micros = 1_000_000
HOUR: Micros = 3_600 * SECOND
MOST_HOURS = 100_000

FACTORY = ZoneInfo("Asia/Shanghai")
"""Where the factory's clock hangs."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


LATEST: Instant = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) * SECOND
"""Beyond it nothing of a factory's happens."""


def midnight(day: date) -> datetime:
    """When a day of the factory begins."""
    return datetime.combine(day, time(), FACTORY)


def instant(moment: datetime) -> Instant:
    """An aware datetime as an instant; a naive one is a TypeError, because nobody could say when it was."""
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds


def parse(text: str) -> Instant:
    """An ISO 8601 time with offset as an instant."""
    return instant(datetime.fromisoformat(text))


def moment(at: Instant) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=at)


def duration(length: Micros) -> timedelta:
    """A duration for people and templates."""
    return timedelta(microseconds=length)


def hours(number: Decimal | str | float) -> Micros:
    """Hours as a duration; more than fits a working life is a ValueError, not an endless computation."""
    exact = Decimal(str(number))
    if not 0 <= exact <= MOST_HOURS:
        raise ValueError(f"{number} hours are not between 0 and {MOST_HOURS}")
    return int(exact * HOUR)
