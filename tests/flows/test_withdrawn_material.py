"""The workshop withdraws what the warehouse may be issuing: whoever was first, both say the same of it afterwards."""

import pytest

from contracts.event import Event
from contracts.pmc import RequisitionApproved, RequisitionWithdrawn
from contracts.warehouse import MaterialIssued, WithdrawalDecided
from tests.pmc.conftest import DIRECTOR, LEADER, MANAGER, PLANNER, one, owes
from tests.pmc.test_withdrawals import WHY, more
from tests.support.departments import Department, department
from tests.warehouse.conftest import KEEPER, contract, shelf, stocked
from tests.warehouse.conftest import owes as owed

pytestmark = pytest.mark.asyncio
LISTED = {"QF-400": "100", "ST-2.0": "1000"}


async def last(of: Department, kind: type[Event]) -> Event:
    return (await of.facts(kind.name))[-1]


async def approved(pmc: Department, warehouse: Department) -> tuple[str, str]:
    """A production order whose second operation waits for a requisition that the storekeeper owes; both numbers."""
    await pmc.employ(workshop_director=DIRECTOR, team_leader=LEADER, planner=PLANNER, pmc_manager=MANAGER)
    await warehouse.employ(storekeeper=KEEPER, warehouse_manager="E-061")
    await warehouse.hear(contract())
    for item, quantity in LISTED.items():
        await stocked(warehouse, item, quantity)
    no, requisition = await more(pmc)
    await warehouse.hear(await last(pmc, RequisitionApproved))
    assert await owed(warehouse) == [f"issue:{requisition}"]
    return no, requisition


@pytest.mark.parametrize("first", ["the withdrawal", "the whole issue", "a part of it"])
async def test_the_workshop_and_the_warehouse_say_the_same_of_what_was_withdrawn(first: str) -> None:
    async with department("pmc") as pmc, department("warehouse") as warehouse:
        no, requisition = await approved(pmc, warehouse)
        await pmc.do(LEADER, "withdraw_requisition", requisition, **WHY)
        if first != "the withdrawal":
            part = {"lines": [{"item_code": "QF-400", "quantity": "1"}]} if first == "a part of it" else {}
            await warehouse.do(KEEPER, "issue_material", requisition_no=requisition, **part)
        await warehouse.hear(await last(pmc, RequisitionWithdrawn))
        for fact in await warehouse.facts(MaterialIssued.name, WithdrawalDecided.name):
            await pmc.hear(fact)

        (copy,) = await shelf(warehouse, "requisitions")
        statuses = {(await one(pmc, "requisitions", requisition))["status"], copy["status"]}
        waits = f"operation:{no}/20" not in await owes(pmc)
        left = await owed(warehouse)
    ends = {"the withdrawal": "withdrawn", "the whole issue": "issued", "a part of it": "approved"}
    assert statuses == {ends[first]}
    assert (waits, left) == ((True, [f"issue:{requisition}"]) if first == "a part of it" else (False, []))
