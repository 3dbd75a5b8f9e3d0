"""Goods of a line that the customer took off are inspected for their own sake; nobody waits for it or is warned."""

from datetime import timedelta

from chassis.prevention import Prevention
from contracts.parts import OrderLine
from contracts.quality import HandoverDelivered
from contracts.sales import OrderAmended
from tests.quality.conftest import INSPECTOR, MANAGER, PASSED, arrival, contract, finished_goods, newest, owes
from tests.support.departments import MORNING, Department
from tests.support.worklists import know_the_standards, rows, struck, undated

GOODS = "line 1 removed by amendment, revision 2; the goods are here and must be dealt with"


def amendment(revision: int, *line_nos: int) -> OrderAmended:
    (line,) = contract().lines
    lines: tuple[OrderLine, ...] = tuple(line.model_copy(update={"line_no": line_no}) for line_no in line_nos)
    return OrderAmended(order_no="SOD-1", revision=revision, lines=lines, reason="客户改单", amended_by="E-001")


async def attempts(quality: Department, link: str) -> list[int]:
    facts = [fact for fact in await quality.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    return [fact.attempt for fact in facts if fact.duty.link == link]


async def test_a_lot_at_the_gate_is_inspected_without_a_due_time(quality: Department) -> None:
    await know_the_standards(quality)
    await quality.hear(contract())
    await quality.hear(arrival())

    await quality.hear(amendment(2, 2))

    assert await undated(quality, MANAGER) == {"iqc:LOT-1": GOODS}
    await quality.wait_until(MORNING + timedelta(days=30))
    await Prevention("quality", quality.engine, (50,), ()).look()
    assert (await rows(quality, MANAGER))["iqc:LOT-1"]["warned"] == 0
    await quality.do(INSPECTOR, "inspect_incoming", await newest(quality, "incoming-inspections"), **PASSED)
    assert await owes(quality) == []
    assert await struck(quality, MANAGER) == {}


async def test_finished_goods_are_inspected_without_a_due_time(quality: Department) -> None:
    await finished_goods(quality)

    await quality.hear(amendment(2, 2))

    assert await undated(quality, MANAGER) == {"final_inspection:MO-1": GOODS}


async def test_a_lot_that_comes_after_the_amendment_is_inspected_likewise(quality: Department) -> None:
    await know_the_standards(quality)
    await quality.hear(contract())
    await quality.hear(amendment(2, 2))

    await quality.hear(arrival())

    assert await undated(quality, MANAGER) == {"iqc:LOT-1": GOODS}


async def test_when_the_line_comes_back_the_inspection_is_owed_again(quality: Department) -> None:
    await know_the_standards(quality)
    await quality.hear(contract())
    await quality.hear(arrival())
    await quality.hear(amendment(2, 2))

    await quality.hear(amendment(3, 1, 2))

    assert await undated(quality, MANAGER) == {}
    assert (await rows(quality, MANAGER))["iqc:LOT-1"]["due_at"] is not None
    assert await attempts(quality, "iqc") == [1, 2]


async def test_goods_of_other_lines_are_owed_as_before(quality: Department) -> None:
    await know_the_standards(quality)
    await quality.hear(contract())
    await quality.hear(arrival())

    await quality.hear(amendment(2, 1, 2))
    await quality.hear(amendment(3, 1))

    assert await undated(quality, MANAGER) == {}
    assert await attempts(quality, "iqc") == [1]
