"""Does the sample's calendar know weekends, holidays, make-up days and the lunch break?"""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as any_

from deploy.local.sample.load import load_sample
from deploy.local.sample.worktime import FACTORY

CALENDAR = load_sample().calendar
HOURS = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=FACTORY)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 4), True),
        (date(2026, 9, 5), False),  # a Saturday
        (date(2026, 9, 20), True),  # the Sunday worked for National Day
        (date(2026, 9, 25), False),  # Mid-Autumn
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # the Saturday worked for National Day
    ],
)
def test_holidays_and_make_up_days_are_chinas(day: date, works: bool):
    assert CALENDAR.works_on(day) is works


def test_the_factorys_own_exceptions_come_first():
    calendar = CALENDAR.model_copy(
        update={"days_off": (date(2026, 9, 20),), "extra_working_days": (date(2026, 10, 3),)}
    )

    assert not calendar.works_on(date(2026, 9, 20))
    assert calendar.works_on(date(2026, 10, 3))


def test_working_days_are_counted_over_the_holidays():
    assert CALENDAR.working_day(date(2026, 9, 28), 4) == date(2026, 10, 8)
    assert CALENDAR.working_day(date(2026, 10, 3), 1) == date(2026, 10, 8)
    assert CALENDAR.days_later(at("2026-09-30 10:30"), 1) == at("2026-10-08 10:30")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-09-01 15:00", 4, "2026-09-02 10:00"),
        ("2026-09-01 11:00", 1, "2026-09-01 12:00"),  # the end of a shift, not the start of the next
        ("2026-09-01 11:00", 2, "2026-09-01 14:00"),
        ("2026-09-30 16:00", 2, "2026-10-08 09:00"),
        ("2026-09-05 10:00", 8, "2026-09-07 17:00"),
    ],
)
def test_working_hours_pass_only_while_the_factory_works(start: str, hours: int, end: str):
    assert CALENDAR.later(at(start), hours * HOURS) == at(end)
    assert CALENDAR.work_between(at(start), at(end)) == hours * HOURS


def test_a_day_ends_with_its_last_shift_and_a_day_off_with_the_working_day_before():
    assert CALENDAR.end_of(date(2026, 9, 4)) == at("2026-09-04 17:00")
    assert CALENDAR.end_of(date(2026, 9, 6)) == at("2026-09-04 17:00")


@given(minutes=any_.integers(0, 50 * 24 * 60), work=any_.integers(1, 200 * 60))
def test_going_later_and_measuring_back_agree(minutes: int, work: int):
    start = at("2026-09-01 00:00") + timedelta(minutes=minutes)
    end = CALENDAR.later(start, timedelta(minutes=work))

    assert CALENDAR.work_between(start, end) == timedelta(minutes=work)
    assert CALENDAR.works_on(end.date())
