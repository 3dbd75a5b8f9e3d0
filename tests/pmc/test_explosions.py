"""A bill of material says what a quantity needs, a route how long it takes: pure reckoning."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from contracts.engineering import BomItem, RouteOperation
from services.pmc.explosions import explode
from services.pmc.schedules import due_times, path_hours, required_on
from services.pmc.worktime import USUAL, Worktime
from tests.pmc.conftest import BOM, ROUTE

CALENDAR = Worktime(USUAL)


def at(text: str) -> datetime:
    """A time on the factory's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=CALENDAR.zone)


def test_only_bought_items_are_needed_each_with_its_planned_waste() -> None:
    steel, breaker = explode(BOM, Decimal(3))

    assert (steel.item_code, steel.required, steel.allowance) == ("ST-2.0", 288, Decimal("14.4"))
    assert (breaker.item_code, breaker.required, breaker.allowance, breaker.lead_time_days) == ("QF-400", 12, 0, 7)


def test_an_item_of_several_assemblies_is_one_need() -> None:
    twice = (
        *BOM,
        BomItem(item_code="QF-400", description="塑壳断路器", unit="台", quantity=Decimal(1), lead_time_days=9),
    )

    _, breaker = explode(twice, Decimal(2))

    assert (breaker.required, breaker.lead_time_days) == (10, 9)


def test_operations_follow_each_other_by_working_time() -> None:
    due = due_times(ROUTE, Decimal(2), date(2026, 9, 4), {}, CALENDAR)

    assert due == {10: at("2026-09-04 15:00"), 20: at("2026-09-07 17:00")}


def test_a_given_due_time_stands_and_what_follows_is_reckoned_from_it() -> None:
    due = due_times(ROUTE, Decimal(2), date(2026, 9, 4), {10: at("2026-09-04 17:00")}, CALENDAR)

    assert due[20] == at("2026-09-08 10:00")


def test_the_longest_way_through_a_route_counts() -> None:
    forked = (*ROUTE, RouteOperation(op_no=30, title="并行", standard_hours=Decimal(7)))

    assert path_hours(forked, Decimal(1)) == 8


def test_material_is_wanted_so_early_that_the_goods_still_leave_in_time() -> None:
    wanted = required_on(ROUTE, Decimal(2), date(2026, 9, 25), date(2026, 9, 1), CALENDAR)

    # 16 hours of work and 6 days around it before Friday evening, the 25th.
    assert wanted == date(2026, 9, 16)


def test_material_is_never_wanted_on_a_day_that_has_passed() -> None:
    assert required_on(ROUTE, Decimal(2), date(2026, 9, 2), date(2026, 9, 1), CALENDAR) == date(2026, 9, 1)


def test_working_time_skips_lunch_nights_weekends_and_holidays_and_knows_make_up_days() -> None:
    calendar = Worktime({**USUAL, "public_holidays": ["2026-10-01", "2026-10-02"], "make_up_days": ["2026-10-10"]})

    assert calendar.later(at("2026-09-30 11:00"), timedelta(hours=6)) == at("2026-10-05 09:00")
    assert calendar.earlier(at("2026-10-05 09:00"), timedelta(hours=6)) == at("2026-09-30 11:00")
    assert calendar.opening(date(2026, 10, 10)) == at("2026-10-10 08:00")
    assert calendar.opening(date(2026, 10, 3)) == at("2026-10-05 08:00")
    assert calendar.closing(date(2026, 10, 4)) == at("2026-09-30 17:00")


def test_a_duration_that_ends_with_a_shift_ends_at_its_end() -> None:
    assert CALENDAR.later(at("2026-09-01 09:00"), timedelta(hours=7)) == at("2026-09-01 17:00")
    assert CALENDAR.later(datetime(2026, 9, 1, 1, 0, tzinfo=UTC), timedelta()) == at("2026-09-01 09:00")


def test_a_night_shift_runs_into_the_next_morning() -> None:
    calendar = Worktime({**USUAL, "shifts": [{"start": "20:00", "end": "04:00"}]})

    assert calendar.later(at("2026-09-01 22:00"), timedelta(hours=8)) == at("2026-09-02 22:00")
    assert calendar.later(at("2026-09-02 01:00"), timedelta(hours=2)) == at("2026-09-02 03:00")
