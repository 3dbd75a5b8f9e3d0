"""Does the factory calendar count working time as people count it on their fingers?"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.calendar import InvalidCalendar, WorkCalendar
from chassis.instants import HOUR, SECOND, instant, moment
from services.accountability.people.calendar import shipped_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = 60 * SECOND
SHIPPED = WorkCalendar.from_fact(shipped_calendar())


def at(text: str) -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def local(when: int) -> str:
    return moment(when).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("given_at", "length", "due"),
    [
        ("2026-03-03 15:00", SHIPPED.days(1), "2026-03-04 15:00"),  # a day later at the same time
        ("2026-03-03 17:00", SHIPPED.days(1), "2026-03-04 17:00"),  # given as the shift ends
        ("2026-03-03 20:00", SHIPPED.days(1), "2026-03-04 17:00"),  # given in the evening
        ("2026-03-03 12:30", 4 * HOUR, "2026-03-03 17:00"),  # given at lunch
        ("2026-03-03 11:00", 1 * HOUR, "2026-03-03 12:00"),  # over when the shift ends, not when the next begins
        ("2026-03-06 16:00", 4 * HOUR, "2026-03-09 11:00"),  # across a weekend
        ("2026-02-13 16:00", 2 * HOUR, "2026-02-14 09:00"),  # into a Saturday that makes up for Spring Festival
        ("2026-02-14 16:00", 2 * HOUR, "2026-02-24 09:00"),  # across Spring Festival
        ("2026-03-03 15:00", 0, "2026-03-03 15:00"),
    ],
)
def test_a_working_duration_ends_when_people_expect_it(given_at, length, due):
    assert local(SHIPPED.add(at(given_at), length)) == due


def test_a_day_before_the_end_of_a_monday_is_the_end_of_friday():
    assert local(SHIPPED.subtract(at("2026-03-09 17:00"), SHIPPED.days(1))) == "2026-03-06 17:00"


def test_goods_for_a_sunday_must_leave_on_friday_but_a_due_date_on_a_sunday_moves_to_monday():
    assert local(SHIPPED.last_shift_up_to(date(2026, 3, 8))) == "2026-03-06 17:00"
    assert local(SHIPPED.last_shift_from(date(2026, 3, 8))) == "2026-03-09 17:00"
    assert local(SHIPPED.last_shift_from(date(2026, 3, 9))) == "2026-03-09 17:00"


def test_the_shipped_calendar_keeps_the_public_holidays_and_their_make_up_days():
    assert not SHIPPED.is_working_day(date(2025, 10, 1))
    assert not SHIPPED.is_working_day(date(2026, 2, 17))
    assert SHIPPED.is_working_day(date(2025, 9, 28))
    assert SHIPPED.is_working_day(date(2026, 2, 28))
    assert not SHIPPED.is_working_day(date(2026, 3, 1))


def test_a_date_out_of_all_reason_is_answered_without_counting_for_ever():
    far = instant(datetime(9999, 1, 1, tzinfo=SHANGHAI))

    assert SHIPPED.add(far, HOUR) == far
    assert SHIPPED.last_shift_from(date(9999, 1, 1)) < far
    assert SHIPPED.last_shift_up_to(date(1970, 1, 1)) == at("2024-01-01 17:00")
    assert SHIPPED.between(0, at("2024-01-01 08:00")) == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"shifts": []}, "no shift"),
        ({"shifts": [{"start": "8 am", "end": "12:00"}]}, "8 am"),
        ({"shifts": [{"start": "08:00", "end": "13:00"}, {"start": "12:00", "end": "17:00"}]}, "08:00-13:00 overlaps"),
        ({"shifts": [{"start": "20:00", "end": "09:00"}, {"start": "08:00", "end": "17:00"}]}, "20:00-09:00 overlaps"),
        ({"weekend": [0, 6]}, "ISO weekdays"),
        ({"weekend": [1, 2, 3, 4, 5, 6, 7]}, "leave a day to work"),
    ],
)
def test_a_calendar_that_makes_no_sense_says_what_is_wrong(change, named):
    with pytest.raises(InvalidCalendar, match=named):
        WorkCalendar.from_fact(shipped_calendar() | change)


class MinuteByMinute:
    """The naive calendar: looks at every minute of ten weeks."""

    first_day = date(2026, 1, 5)
    start = at("2026-01-05 00:00")
    clocks = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440))

    def __init__(
        self,
        shifts: Sequence[tuple[str, str]],
        weekend: Set[int],
        public_holidays: Set[date],
        make_up_days: Set[date],
    ) -> None:
        self.shifts, self.weekend, self.holidays, self.make_up_days = shifts, weekend, public_holidays, make_up_days
        days = [self.first_day + timedelta(days=number) for number in range(70)]
        self.working = [self.works(day, clock) for day in days for clock in self.clocks]

    def works(self, day: date, clock: str) -> bool:
        today, yesterday = self.is_working_day(day), self.is_working_day(day - timedelta(days=1))
        return any(
            (today and start <= clock < end)
            if start < end
            else ((today and clock >= start) or (yesterday and clock < end))
            for start, end in self.shifts
        )

    def is_working_day(self, day: date) -> bool:
        return day in self.make_up_days or (day.isoweekday() not in self.weekend and day not in self.holidays)

    def between(self, first: int, last: int) -> int:
        return sum(self.working[first:last])

    def add(self, first: int, length: int) -> int:
        minute = first
        while length:
            length -= self.working[minute]
            minute += 1
        return minute


SHIFT_PLANS = (
    (("08:00", "12:00"), ("13:00", "17:00")),
    (("08:00", "17:30"),),
    (("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00")),
    (("08:00", "16:00"), ("20:00", "02:30")),
)
days = st.dates(date(2026, 1, 5), date(2026, 3, 1))


calendar_rules = st.fixed_dictionaries(
    {
        "shifts": st.sampled_from(SHIFT_PLANS),
        "weekend": st.sets(st.integers(1, 7), max_size=2),
        "public_holidays": st.sets(days, max_size=8),
        "make_up_days": st.sets(days, max_size=4),
    }
)


@settings(max_examples=40)
@given(calendar_rules, st.lists(st.tuples(st.integers(1440, 50_000), st.integers(0, 3_000)), min_size=20, max_size=20))
def test_the_fast_calendar_agrees_with_looking_at_every_minute(rules, questions):
    fast, naive = WorkCalendar(time_zone="Asia/Shanghai", **rules), MinuteByMinute(**rules)
    for first, length in questions:
        start, end = naive.start + first * MINUTE, naive.start + (first + length) * MINUTE
        assert fast.between(start, end) == naive.between(first, first + length) * MINUTE
        assert fast.add(start, length * MINUTE) == naive.start + naive.add(first, length) * MINUTE
        earlier = fast.subtract(start, length % 500 * MINUTE)
        assert fast.between(earlier, start) == length % 500 * MINUTE


def test_shifts_change_from_a_day_on_and_days_off_for_all_days():
    """The night shift of the old order still runs into the first morning of the new one, and is not counted twice."""
    old = shipped_calendar() | {"shifts": [{"start": "20:00", "end": "06:00"}]}
    new = shipped_calendar() | {"shifts": [{"start": "04:00", "end": "12:00"}], "weekend": [7]}
    new["public_holidays"] = [*new["public_holidays"], "2026-06-02"]
    both = WorkCalendar.from_fact(new, WorkCalendar.from_fact(old), at("2026-06-04 09:00"))

    assert both.between(at("2026-06-03 12:00"), at("2026-06-05 00:00")) == (10 + 6) * HOUR
    assert both.between(at("2026-06-02 12:00"), at("2026-06-03 12:00")) == 0
    assert [both.is_working_day(date(2026, 5, 30)), both.is_working_day(date(2026, 6, 6))] == [False, True]
    assert both.day == 8 * HOUR
