"""How pressing a duty is, in words that need no arithmetic."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chassis.language import language
from chassis.ui.formats import moment, money, quantity, span
from chassis.ui.urgency import Urgency, remaining, urgency_of

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # 09:00 in the factory, a Tuesday


@pytest.mark.parametrize(
    ("minutes", "urgency", "words"),
    [
        (-135, Urgency.OVERDUE, "已超 2 小时 15 分"),
        (-0.5, Urgency.OVERDUE, "已超 不到 1 分"),
        (0, Urgency.SOON, "还剩 不到 1 分"),
        (180, Urgency.SOON, "还剩 3 小时"),
        (14 * 60 + 59, Urgency.SOON, "还剩 14 小时 59 分"),
        (15 * 60, Urgency.LATER, "还剩 15 小时"),
        (51 * 60, Urgency.LATER, "还剩 2 天 3 小时"),
    ],
)
def test_time_left_and_time_over(minutes: float, urgency: Urgency, words: str) -> None:
    due = NOW + timedelta(minutes=minutes)

    assert (urgency_of(due, NOW), remaining(due, NOW)) == (urgency, words)


def test_in_the_last_four_hours_tomorrow_is_soon() -> None:
    late = datetime(2026, 9, 1, 14, 0, tzinfo=UTC)  # 22:00 in the factory

    assert urgency_of(late + timedelta(hours=3), late) is Urgency.SOON
    assert urgency_of(late + timedelta(hours=5), late) is Urgency.LATER


def test_without_a_due_time_nothing_is_promised() -> None:
    assert (urgency_of(None, NOW), remaining(None, NOW)) == (Urgency.UNDATED, "未定时限")


def test_the_same_in_english() -> None:
    token = language.set("en")
    try:
        assert remaining(NOW - timedelta(minutes=135), NOW) == "2 h 15 min over"
        assert moment(NOW + timedelta(days=1), NOW) == "Tomorrow 09:00"
    finally:
        language.reset(token)


def test_an_instant_is_told_on_the_factorys_clock() -> None:
    assert moment(NOW, NOW) == "今天 09:00"
    assert moment(NOW + timedelta(days=3), NOW) == "09-04 周五 09:00"
    assert moment(NOW.replace(year=2027), NOW) == "2027-09-01 周三 09:00"


def test_only_the_two_largest_units_are_told() -> None:
    assert span(timedelta(days=2, hours=3, minutes=59)) == "2 天 3 小时"
    assert span(timedelta(days=1)) == "1 天"


def test_money_has_cents_and_quantities_only_what_they_need() -> None:
    assert [money(Decimal(value)) for value in ("18500", "0.0125", "1234567.5")] == [
        "18,500.00",
        "0.0125",
        "1,234,567.50",
    ]
    assert [quantity(Decimal(value)) for value in ("2.000000", "1200.5", "0.000001")] == ["2", "1,200.5", "0.000001"]
