"""Sales gives notice ahead, the team is days late: what PMC and the warehouse hand over, and who stands first before the judge."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts import links, quality, sales
from contracts.catalogue import ALL_EVENTS
from contracts.event import Event
from contracts.pmc import ShipmentInstructed
from contracts.warehouse import FinishedGoodsReceived
from services.accountability.judge.verdicts import FirstCause
from tests.flows.test_hindered_shipment import stated
from tests.pmc.conftest import DIRECTOR, LEADER, MANAGER, PLANNER, reported, supplied
from tests.pmc.conftest import notice as noticed
from tests.support.departments import MORNING, Department, department
from tests.support.facts import Outcome, a_line, a_story
from tests.warehouse.conftest import DISPATCH, KEEPER, contract, final, notice, outgoing, production

pytestmark = pytest.mark.asyncio

OUT = (links.planner_review, links.director_review, links.instruction, links.ship)
PEOPLE = {"planner": PLANNER, "workshop_director": DIRECTOR, "team_leader": LEADER, "storekeeper": KEEPER}
MADE = MORNING + timedelta(days=23)
"""Thursday the 24th, nine o'clock: the day after the goods were to leave."""


async def everyone_at(instant: datetime, *departments: Department) -> None:
    for each in departments:
        await each.wait_until(instant)


async def made_late(pmc: Department, warehouse: Department) -> FinishedGoodsReceived:
    """The notice is heard on the first day; the team finishes on the last, and the goods are booked at once."""
    await pmc.employ(workshop_director=DIRECTOR, team_leader=LEADER, planner=PLANNER, pmc_manager=MANAGER)
    await warehouse.employ(storekeeper=KEEPER)
    no = await supplied(pmc)
    number = {"production_order_no": no}
    await pmc.hear(noticed())
    await warehouse.hear(contract(quantity=2))
    await warehouse.hear(production(quantity=2).model_copy(update=number))
    await warehouse.hear(notice(2))
    await everyone_at(MADE, pmc, warehouse)
    for op_no in (10, 20):
        await reported(pmc, no, op_no)
    await warehouse.hear(final(2).model_copy(update=number))
    await warehouse.do(KEEPER, "receive_finished_goods", production_order_no=no, location="F-3")
    (receipt,) = await warehouse.facts(FinishedGoodsReceived.name)
    assert isinstance(receipt, FinishedGoodsReceived)
    return receipt


async def shipped_at_once(pmc: Department, warehouse: Department, receipt: Event) -> None:
    """Everybody on the way out does what falls to them within the half hour."""
    await pmc.hear(receipt)
    await everyone_at(MADE + timedelta(minutes=30), pmc, warehouse)
    for reviewer in (PLANNER, DIRECTOR):
        await pmc.do(reviewer, "review_shipment", "SHN-1", passed=True)
    await pmc.do(PLANNER, "instruct_shipment", "SHN-1")
    (instructed,) = await pmc.facts(ShipmentInstructed.name)
    await warehouse.hear(instructed)
    await warehouse.hear(outgoing())
    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)


async def judged(made: str, *departments: Department) -> Outcome:
    """What the departments recorded, when they recorded it, and Quality's final inspection between, before the judge."""
    story = a_story(PEOPLE)
    line = a_line(delivery_date=date(2026, 9, 23), quantity=Decimal(2))
    story.at("2026-08-28 09:00").states(sales.OrderConfirmed, order_no="SOD-1", lines=[line])
    for row in sorted([row for each in departments for row in await stated(each)], key=lambda row: row.recorded_at):
        if row.event == FinishedGoodsReceived.name:
            final_inspection = links.final_inspection(made)
            said: dict[str, Any] = {"order_no": "SOD-1", "line_no": 1}
            story.delivers(final_inspection, "inspector", service="quality", inputs=[links.operation(made, 20)], **said)
            story.states(quality.FinalInspected, production_order_no=made, closes=[final_inspection], **said)
        story.at(row.recorded_at).add(ALL_EVENTS[row.event].model_validate(row.data), actor=row.actor)
    return story.judged("2026-09-30 09:00")


async def test_who_made_the_goods_late_stands_first_and_nobody_on_the_way_out() -> None:
    async with department("pmc") as pmc, department("warehouse") as warehouse:
        receipt = await made_late(pmc, warehouse)
        await shipped_at_once(pmc, warehouse, receipt)
        told = await judged(receipt.production_order_no, pmc, warehouse)

    assert isinstance(told.first_cause, FirstCause)
    assert told.first_cause.cause is not None
    assert told.first_cause.cause.duty == str(links.operation(receipt.production_order_no, 10))
    assert not told.overran() & {str(link("SHN-1")) for link in OUT}
    assert told.records.keys() & {"SHP-02", "SHP-03", "PMC-03"} == set()
