"""A bill of material says what a quantity needs, a route how long it takes: pure reckoning."""

from datetime import date, datetime
from decimal import Decimal

from chassis.instants import FACTORY
from contracts.engineering import BomItem, RouteOperation
from services.pmc.explosions import explode
from services.pmc.schedules import due_times, path_hours, required_on
from services.pmc.worktime import USUAL, Worktime
from tests.pmc.conftest import BOM, ROUTE

CALENDAR = Worktime(USUAL)


def at(text: str) -> datetime:
    """A time on the factory's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=FACTORY)


def test_only_bought_items_are_needed_each_with_its_planned_waste() -> None:
    steel, breaker = explode(BOM, Decimal(3))

    assert (steel.item_code, steel.required, steel.allowance) == ("ST-2.0", Decimal(288), Decimal("14.4"))
    assert (breaker.item_code, breaker.required, breaker.allowance, breaker.lead_time_days) == (
        "QF-400",
        Decimal(12),
        Decimal(0),
        7,
    )


def test_an_item_of_several_assemblies_is_one_need() -> None:
    twice = (
        *BOM,
        BomItem(item_code="QF-400", description="塑壳断路器", unit="台", quantity=Decimal(1), lead_time_days=9),
    )

    _, breaker = explode(twice, Decimal(2))

    assert (breaker.required, breaker.lead_time_days) == (Decimal(10), 9)


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

    # 16 hours of work and 6 days around it before the end of Friday, the 25th.
    assert wanted == date(2026, 9, 15)


def test_a_part_of_a_day_is_no_day_to_wait_for() -> None:
    half = (RouteOperation(op_no=10, title="下料", standard_hours=Decimal(4)),)

    assert required_on(half, Decimal(1), date(2026, 9, 14), date(2026, 9, 1), CALENDAR) == date(2026, 9, 3)
    assert required_on(half, Decimal(1), date(2026, 9, 15), date(2026, 9, 1), CALENDAR) == date(2026, 9, 4)


def test_material_is_never_wanted_on_a_day_that_has_passed() -> None:
    assert required_on(ROUTE, Decimal(2), date(2026, 9, 2), date(2026, 9, 1), CALENDAR) == date(2026, 9, 1)


def test_working_time_begins_and_ends_with_the_shifts() -> None:
    assert CALENDAR.opening(date(2026, 9, 5)) == at("2026-09-07 08:00")
    assert CALENDAR.closing(date(2026, 9, 6)) == at("2026-09-04 17:00")
    assert CALENDAR.later(at("2026-09-04 16:00"), Decimal(2)) == at("2026-09-07 09:00")
    assert CALENDAR.earlier(at("2026-09-07 09:00"), Decimal(2), Decimal(1)) == at("2026-09-03 16:00")


def test_an_endless_plan_is_no_endless_reckoning() -> None:
    due = due_times(ROUTE, Decimal(10**11), date(2026, 9, 4), {}, CALENDAR)

    assert due[20] > at("2060-12-01 00:00")
