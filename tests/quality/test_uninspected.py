"""Whoever let material through without an inspection is named by somebody else (QUA-04)."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contracts.accountability import EmployeeRegistered
from contracts.quality import UninspectedUseConfirmed, UninspectedUseWithdrawn
from contracts.warehouse import GoodsReceived
from tests.quality.conftest import BOSS, INSPECTOR, MANAGER, arrived, newest, shelf
from tests.support.departments import Department, readers

STOREKEEPER, DIRECTOR = "E-060", "E-023"
USE = {"lot": "LOT-1", "item_code": "FN-M12", "bypassed_by": DIRECTOR}


def receipt(override_by: str | None = STOREKEEPER) -> GoodsReceived:
    return GoodsReceived(
        order_no="SOD-1",
        receipt_no="GRN-1",
        arrival_no="ARV-1",
        lot="LOT-1",
        inspection_no=None if override_by else "IQC-1",
        item_code="FN-M12",
        unit="只",
        quantity=Decimal(8),
        override_by=override_by,
        received_by=STOREKEEPER,
    )


async def suspected(quality: Department) -> str:
    await quality.hear(receipt())
    return await newest(quality, "uninspected-cases")


async def confirmed(quality: Department) -> UninspectedUseConfirmed:
    (fact,) = await quality.facts(UninspectedUseConfirmed.name)
    assert isinstance(fact, UninspectedUseConfirmed)
    return fact


async def test_a_found_use_is_stated_for_the_order_of_its_lot(quality: Department) -> None:
    await arrived(quality)
    await quality.do(MANAGER, "confirm_uninspected_use", **USE)

    fact = await confirmed(quality)
    assert (fact.lot, fact.item_code, fact.bypassed_by) == ("LOT-1", "FN-M12", DIRECTOR)
    assert (fact.order_no, fact.assignee, fact.confirmed_by) == ("SOD-1", DIRECTOR, MANAGER)


async def test_an_override_is_suspected_and_nothing_is_stated_yet(quality: Department) -> None:
    await suspected(quality)

    (case,) = await shelf(quality, "uninspected-cases")
    assert (case["status"], case["bypassed_by"], case["receipt_no"]) == ("open", STOREKEEPER, "GRN-1")
    assert await quality.facts(UninspectedUseConfirmed.name) == []


async def test_an_inspected_receipt_is_no_suspicion(quality: Department) -> None:
    await quality.hear(receipt(None))

    assert await shelf(quality, "uninspected-cases") == []


async def test_a_suspicion_is_confirmed_of_the_suspected_or_of_another(quality: Department) -> None:
    no = await suspected(quality)
    await quality.do(MANAGER, "confirm_suspicion", no, bypassed_by=DIRECTOR, remark="主任下的令")

    assert ((await confirmed(quality)).case_no, (await confirmed(quality)).bypassed_by) == (no, DIRECTOR)


async def test_a_found_use_of_a_suspected_lot_is_one_case(quality: Department) -> None:
    no = await suspected(quality)
    await quality.do(MANAGER, "confirm_uninspected_use", **{**USE, "bypassed_by": STOREKEEPER})

    assert (await confirmed(quality)).case_no == no
    assert len(await shelf(quality, "uninspected-cases")) == 1


async def test_a_suspicion_without_ground_is_dismissed(quality: Department) -> None:
    no = await suspected(quality)
    case = await quality.do(MANAGER, "dismiss_suspicion", no, remark="紧急放行单在案")

    assert case["status"] == "dismissed"
    assert await quality.refused(MANAGER, "confirm_suspicion", no) == "wrong_status"
    assert await quality.facts(UninspectedUseConfirmed.name) == []
    assert await quality.facts(UninspectedUseWithdrawn.name) == []


async def test_a_confirmation_made_by_mistake_names_another_or_is_taken_back(quality: Department) -> None:
    await quality.employ(quality_manager=STOREKEEPER)
    no = await suspected(quality)
    await quality.do(MANAGER, "confirm_suspicion", no)
    refused = quality.refused

    assert await refused(MANAGER, "confirm_suspicion", no) == "confirmed_already"
    assert await refused(MANAGER, "confirm_suspicion", no, bypassed_by=DIRECTOR) == "confirmed_already"
    assert await refused(STOREKEEPER, "confirm_suspicion", no, bypassed_by=DIRECTOR, remark="不是我") == "own_case"
    assert await refused(STOREKEEPER, "dismiss_suspicion", no, remark="不是我") == "own_case"
    await quality.do(MANAGER, "confirm_suspicion", no, bypassed_by=DIRECTOR, remark="主任下的令")
    await quality.do(MANAGER, "dismiss_suspicion", no, remark="批号抄错,该批已检")

    said = await quality.facts(UninspectedUseConfirmed.name)
    assert [(fact.case_no, fact.bypassed_by) for fact in said] == [(no, STOREKEEPER), (no, DIRECTOR)]  # type: ignore[attr-defined]
    (fact,) = await quality.facts(UninspectedUseWithdrawn.name)
    assert isinstance(fact, UninspectedUseWithdrawn)
    assert (fact.order_no, fact.case_no, fact.lot, fact.withdrawn_by) == ("SOD-1", no, "LOT-1", MANAGER)


async def test_an_inspector_confirms_no_use(quality: Department) -> None:
    assert await quality.refused(INSPECTOR, "confirm_uninspected_use", **USE) == "post_not_held"


async def test_nobody_decides_on_their_own_bypass(quality: Department) -> None:
    await quality.employ(quality_manager=STOREKEEPER)
    no = await suspected(quality)

    assert await quality.refused(STOREKEEPER, "confirm_suspicion", no) == "own_case"
    assert await quality.refused(STOREKEEPER, "confirm_suspicion", no, bypassed_by=DIRECTOR) == "own_case"
    assert await quality.refused(STOREKEEPER, "confirm_uninspected_use", **USE) == "own_case"
    assert await quality.refused(STOREKEEPER, "dismiss_suspicion", no, remark="没事") == "own_case"
    assert await quality.refused(MANAGER, "confirm_uninspected_use", **{**USE, "bypassed_by": MANAGER}) == "own_case"


async def test_colleagues_do_not_read_who_let_material_through(quality: Department) -> None:
    """Whom it names, their manager and HR do, whatever their department; and whoever decides."""
    await quality.employ(storekeeper=STOREKEEPER, warehouse_manager="E-061", sales_manager="E-091", hr="E-070")
    await quality.hear(EmployeeRegistered(employee=STOREKEEPER, nickname="小库", department="warehouse"))
    no = await suspected(quality)
    allowed, refused = (STOREKEEPER, "E-061", "E-070", MANAGER, BOSS), (INSPECTOR, "E-091")

    assert await readers(quality, f"uninspected-cases/{no}", *allowed, *refused) == [*allowed]


async def test_the_database_wants_another_person_too(quality: Department) -> None:
    await quality.do(MANAGER, "confirm_uninspected_use", **USE)

    with pytest.raises(IntegrityError, match="uninspected_cases_decided_by_another"):
        async with quality.engine.begin() as connection:
            await connection.execute(text("UPDATE uninspected_cases SET approved_by = bypassed_by"))
