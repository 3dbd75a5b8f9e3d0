"""For a line that the customer takes off an order nothing more is bought, asked for or warned of."""

from datetime import timedelta

import pytest

from chassis.prevention import Prevention
from chassis.waiting import WaitFor
from contracts import links
from contracts.parts import OrderLine
from contracts.purchasing import HandoverDelivered
from contracts.sales import OrderAmended
from tests.purchasing.conftest import (
    BUYER,
    MANAGER,
    arrival,
    checked,
    commitment,
    contract,
    inspection,
    listed,
    need,
    ordered,
    owes,
    request,
    requirement,
    shelf,
    submitted,
)
from tests.support.departments import MORNING, Department
from tests.support.worklists import know_the_standards, struck

REMOVED = "line 1 removed by amendment, revision 2"


def amendment(revision: int, *line_nos: int) -> OrderAmended:
    (line,) = contract().lines
    lines: tuple[OrderLine, ...] = tuple(line.model_copy(update={"line_no": line_no}) for line_no in line_nos)
    return OrderAmended(order_no="SOD-1", revision=revision, lines=lines, reason="客户改单", amended_by="E-001")


async def test_what_is_owed_for_a_removed_line_is_struck_with_the_reason(purchasing: Department) -> None:
    no = await submitted(purchasing, need(), need(2, "CU-60"))

    await purchasing.hear(amendment(2, 2))

    assert set(await owes(purchasing)) == {"opinion:SOD-1/purchasing"}
    names = ("purchase_order:MRL-1", "arrival:MRL-1/1", "arrival:MRL-1/2", f"request_approval:{no}")
    assert await struck(purchasing, MANAGER) == dict.fromkeys(names, REMOVED)


async def test_nobody_is_warned_of_a_removed_line(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    await listed(purchasing)
    await purchasing.hear(amendment(2, 2))
    await purchasing.wait_until(MORNING + timedelta(days=30))

    await Prevention("purchasing", purchasing.engine, (50,), ()).look()

    async with purchasing.as_(MANAGER) as client:
        found = (await client.get("/api/worklist", params={"closed": True})).json()
    assert [row["warned"] for row in found if row["link"] in {"purchase_order", "arrival"}] == [0, 0]


async def test_its_open_papers_are_void_and_nothing_more_is_done_with_them(purchasing: Department) -> None:
    no = await ordered(purchasing)
    (asked,) = await shelf(purchasing, "purchase-requests")

    await purchasing.hear(amendment(2, 2))

    papers = [await shelf(purchasing, path) for path in ("requirements", "purchase-requests", "purchase-orders")]
    assert [each["status"] for (each,) in papers] == ["cancelled", "ordered", "cancelled"]
    assert await purchasing.refused(BUYER, "submit_request", **request()) == "line_removed"
    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(asked["no"])) == "line_removed"
    delay = {"purchase_order_no": no, "line_no": 1, "expected_on": "2026-09-20", "reason": "x"}
    assert await purchasing.refused(BUYER, "report_delay", **delay) == "line_removed"


async def test_a_lot_of_a_removed_line_that_fails_is_not_owed_again(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(links.arrival("MRL-1", 1),)))
    await purchasing.hear(amendment(2, 2))

    await purchasing.hear(inspection(no, passed=False))

    assert "arrival:MRL-1/1" not in await owes(purchasing)


async def test_a_list_that_comes_after_its_line_was_removed_is_void(purchasing: Department) -> None:
    await purchasing.hear(contract())
    await purchasing.hear(amendment(2, 2))

    await purchasing.hear(requirement())

    (paper,) = await shelf(purchasing, "requirements")
    assert paper["status"] == "cancelled"
    assert set(await owes(purchasing)) == {"opinion:SOD-1/purchasing"}


async def test_a_line_that_comes_back_is_bought_for_by_its_new_list(purchasing: Department) -> None:
    await checked(purchasing)
    await purchasing.hear(amendment(2, 2))

    await purchasing.hear(amendment(3, 1, 2))
    await purchasing.hear(requirement("MRL-2"))

    assert set(await owes(purchasing)) == {"opinion:SOD-1/purchasing", "purchase_order:MRL-2", "arrival:MRL-2/1"}
    *_, delivered = await purchasing.facts(HandoverDelivered.name)
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.line_no, delivered.attempt) == (1, 1)


async def test_a_list_that_comes_after_its_line_was_removed_and_came_back_is_void(purchasing: Department) -> None:
    await purchasing.hear(contract())
    await purchasing.hear(amendment(2, 2))
    await purchasing.hear(amendment(3, 1, 2))

    await purchasing.hear(requirement(), said_at=MORNING - timedelta(hours=1))
    await purchasing.hear(requirement("MRL-2"), said_at=MORNING + timedelta(hours=1))

    assert [each["status"] for each in await shelf(purchasing, "requirements")] == ["issued", "cancelled"]
    assert set(await owes(purchasing)) == {"opinion:SOD-1/purchasing", "purchase_order:MRL-2", "arrival:MRL-2/1"}


async def test_a_list_that_comes_after_the_newer_one_is_void(purchasing: Department) -> None:
    await purchasing.hear(contract())
    await purchasing.hear(requirement("MRL-2"))

    await purchasing.hear(requirement(), said_at=MORNING - timedelta(hours=1))

    assert "purchase_order:MRL-1" not in await owes(purchasing)
    assert "purchase_order:MRL-2" in await owes(purchasing)


async def test_a_lot_of_a_list_that_was_given_up_is_not_owed_again_though_its_line_is_back(
    purchasing: Department,
) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no, closes=(links.arrival("MRL-1", 1),)))
    await purchasing.hear(amendment(2, 2))
    await purchasing.hear(amendment(3, 1, 2))

    await purchasing.hear(inspection(no, passed=False))

    assert "arrival:MRL-1/1" not in await owes(purchasing)


@pytest.mark.parametrize("heard", [(2, 3), (3, 2)])
async def test_which_list_is_bought_by_does_not_depend_on_which_amendment_is_heard_first(
    purchasing: Department, heard: tuple[int, int]
) -> None:
    """PMC has given MRL-1 up with the line, and made MRL-2 when it was back."""
    asked = await submitted(purchasing)
    told = {2: amendment(2, 2), 3: amendment(3, 1, 2)}
    for revision in heard:
        await purchasing.hear(told[revision], said_at=MORNING + timedelta(minutes=revision))

    await purchasing.hear(requirement("MRL-2", order_revision=3), said_at=MORNING + timedelta(hours=1))

    assert set(await owes(purchasing)) == {"opinion:SOD-1/purchasing", "purchase_order:MRL-2", "arrival:MRL-2/1"}
    why = REMOVED if heard == (2, 3) else "material list MRL-2 took its place"
    old = ("purchase_order:MRL-1", "arrival:MRL-1/1", f"request_approval:{asked}")
    assert await struck(purchasing, MANAGER) == dict.fromkeys(old, why)
    assert [each["status"] for each in await shelf(purchasing, "requirements")] == ["issued", "cancelled"]
    assert [each["status"] for each in await shelf(purchasing, "purchase-requests")] == ["cancelled"]


async def test_a_list_beside_another_leaves_what_is_bought_for_the_line(purchasing: Department) -> None:
    asked = await submitted(purchasing)

    await purchasing.hear(
        requirement("MRL-2").model_copy(update={"beside": True}), said_at=MORNING + timedelta(hours=1)
    )

    kept = {"purchase_order:MRL-1", "arrival:MRL-1/1", f"request_approval:{asked}"}
    assert kept | {"purchase_order:MRL-2", "arrival:MRL-2/1"} <= set(await owes(purchasing))
    assert await struck(purchasing, MANAGER) == {}


async def test_a_list_waits_for_the_amendment_after_which_it_was_made(purchasing: Department) -> None:
    """Else the amendment before, which took the line off, would take it for the list that was given up."""
    await purchasing.hear(contract())
    made = requirement("MRL-2", order_revision=3)

    for revision in (amendment(2, 2), amendment(3, 1, 2)):
        with pytest.raises(WaitFor, match="amendment SOD-1/3"):
            await purchasing.hear(made)
        await purchasing.hear(revision)
    await purchasing.hear(made)

    assert "purchase_order:MRL-2" in await owes(purchasing)


async def test_amendments_may_come_in_any_order(purchasing: Department) -> None:
    await listed(purchasing)

    await purchasing.hear(amendment(3, 1, 2))
    await purchasing.hear(amendment(2, 2, 3))

    assert "purchase_order:MRL-1" in await owes(purchasing)
    assert await struck(purchasing, MANAGER) == {}
