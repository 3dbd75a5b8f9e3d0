"""The library takes only products whose parts and route hang together."""

from decimal import Decimal

import pytest

from services.engineering.structures import (
    OperationTwice,
    ParentUnknown,
    Part,
    PartTwice,
    PredecessorUnknown,
    Step,
    checked_bom,
    checked_route,
)
from tests.engineering.conftest import BOM, ENGINEER, ROUTE, product
from tests.support.departments import Department


def part(code: str, parent: str | None = None) -> Part:
    return Part(item_code=code, description=code, unit="件", quantity=Decimal(1), parent=parent)


def step(op_no: int, predecessor: int | None = None) -> Step:
    return Step(op_no=op_no, title="工序", standard_hours=Decimal(1), predecessor=predecessor)


def test_parts_of_two_levels_are_kept_as_given() -> None:
    parts = checked_bom((part("sheet", "cabinet"), part("cabinet"), part("sheet", "door"), part("door", "cabinet")))

    assert [(one.item_code, one.parent) for one in parts] == [
        ("sheet", "cabinet"),
        ("cabinet", None),
        ("sheet", "door"),
        ("door", "cabinet"),
    ]


def test_a_part_appears_once_in_an_assembly() -> None:
    with pytest.raises(PartTwice):
        checked_bom((part("cabinet"), part("sheet", "cabinet"), part("sheet", "cabinet")))


@pytest.mark.parametrize(
    "parts",
    [
        (part("sheet", "cabinet"),),
        (part("sheet", "sheet"),),
        (part("a", "b"), part("b", "a")),
    ],
)
def test_every_parent_leads_to_the_finished_product(parts: tuple[Part, ...]) -> None:
    with pytest.raises(ParentUnknown):
        checked_bom(parts)


def test_a_route_is_walked_in_the_order_of_its_numbers() -> None:
    assert [one.op_no for one in checked_route((step(20, 10), step(10), step(30, 20)))] == [10, 20, 30]


def test_an_operation_has_its_own_number_and_an_earlier_predecessor() -> None:
    with pytest.raises(OperationTwice):
        checked_route((step(10), step(10)))
    for steps in ((step(10, 20), step(20)), (step(10, 10),), (step(10, 5),)):
        with pytest.raises(PredecessorUnknown):
            checked_route(steps)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"no": "P-GGD"}, "product_known"),
        ({"bom": []}, "invalid_input"),
        ({"bom": [{**BOM[1], "parent": "P-X"}]}, "parent_unknown"),
        ({"route": [ROUTE[1]]}, "predecessor_unknown"),
        ({"required": []}, "invalid_input"),
        ({"unit_weight_kg": "0"}, "invalid_input"),
    ],
)
async def test_a_product_with_a_fault_is_refused(engineering: Department, change: dict[str, object], code: str) -> None:
    assert await engineering.refused(ENGINEER, "register_product", **product(**{"no": "P-NEW", **change})) == code


async def test_only_engineering_registers_products(engineering: Department) -> None:
    await engineering.employ(planner="E-020")

    assert await engineering.refused("E-020", "register_product", **product(no="P-NEW")) == "post_not_held"
