"""Goods leave by the date that the order's line has now; the worklist says what the judge will reckon."""

from datetime import date, datetime, timedelta

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.event import Event
from contracts.sales import DeliveryPostponed, OrderAmended, OrderConfirmed
from contracts.warehouse import WordCameLate
from tests.support.departments import MORNING, Department
from tests.support.facts import a_story
from tests.support.worklists import know_the_standards, rows
from tests.warehouse.conftest import (
    KEEPER,
    amendment,
    contract,
    finished,
    instruction,
    notice,
    order_line,
    outgoing,
    shelf,
)

pytestmark = pytest.mark.asyncio
SHIP = links.ship("SHN-1")
AFTERNOON = MORNING + timedelta(hours=6)
LONG_AFTER = datetime.fromisoformat("2026-09-25T10:00+08:00")


def amended(day: str) -> OrderAmended:
    return amendment(2, order_line().model_copy(update={"delivery_date": date.fromisoformat(day)}))


def postponed(day: str, line_no: int = 1) -> DeliveryPostponed:
    return DeliveryPostponed(
        order_no="SOD-1",
        line_no=line_no,
        delivery_date=date.fromisoformat(day),
        customer_reference="FAX-3",
        recorded_by="E-001",
    )


async def owed(warehouse: Department) -> None:
    """Goods that leave by 23 September are on the worklist."""
    await know_the_standards(warehouse)
    await finished(warehouse)
    for fact in (notice(), instruction(), outgoing()):
        await warehouse.hear(fact)
    assert await due(warehouse) == "2026-09-23 17:00"


async def due(warehouse: Department) -> str:
    at = datetime.fromisoformat((await rows(warehouse, KEEPER))[str(SHIP)]["due_at"])
    return f"{at.astimezone(LONG_AFTER.tzinfo):%Y-%m-%d %H:%M}"


def before_the_judge(told: Event, at: datetime, *heard: WordCameLate) -> str:
    """When the judge has the same shipment due, once the warehouse has stated what it heard."""
    story = a_story()
    lines = [order_line().model_dump(mode="json")]
    story.at(MORNING - timedelta(hours=1)).states(OrderConfirmed, order_no="SOD-1", lines=lines)
    story.at(MORNING).delivers(SHIP, "storekeeper", order_no="SOD-1", service="warehouse", required_on="2026-09-23")
    story.at(at).states(type(told), **told.model_dump(mode="json", exclude_defaults=True) | {"order_no": "SOD-1"})
    for fact in heard:
        story.at(fact.heard_at).states(type(fact), **fact.model_dump(mode="json") | {"order_no": "SOD-1"})
    found = story.judged("2026-12-20 17:00").duty(SHIP).due_at
    assert found is not None
    return f"{found.astimezone(LONG_AFTER.tzinfo):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("told", "at", "expected"),
    [
        pytest.param(amended("2026-09-10"), AFTERNOON, "2026-09-08 17:00", id="pulled in"),
        pytest.param(amended("2026-09-02"), AFTERNOON, "2026-09-02 10:00", id="the standard is left"),
        pytest.param(postponed("2026-12-02"), AFTERNOON, "2026-11-30 17:00", id="postponed"),
        pytest.param(postponed("2026-12-02"), LONG_AFTER, "2026-09-23 17:00", id="postponed too late"),
    ],
)
async def test_a_shipment_is_due_by_the_new_date_as_before_the_judge(
    warehouse: Department, told: Event, at: datetime, expected: str
) -> None:
    await owed(warehouse)
    await warehouse.wait_until(at)

    await warehouse.hear(told)

    assert await due(warehouse) == expected == before_the_judge(told, at)


@pytest.mark.parametrize("ships", [False, True])
async def test_an_earlier_date_that_is_heard_late_leaves_the_time_until_then(
    warehouse: Department, ships: bool
) -> None:
    """Two days later; goods that left meanwhile had not been wanted earlier as far as anybody here knew."""
    await owed(warehouse)
    heard = AFTERNOON + timedelta(days=2)
    if ships:
        await warehouse.wait_until(heard - timedelta(hours=1))
        await warehouse.do(KEEPER, "ship_goods", "SHN-1", carrier="顺达物流", vehicle="苏E-1", packages=1)
    await warehouse.wait_until(heard)

    await warehouse.hear(amended("2026-09-02"), said_at=AFTERNOON)

    (fact,) = [each for each in await warehouse.facts() if isinstance(each, WordCameLate)]
    assert (fact.duties, fact.said_at, fact.heard_at) == ((SHIP,), AFTERNOON, heard)
    assert before_the_judge(amended("2026-09-02"), AFTERNOON, fact) == "2026-09-04 10:00"
    assert ships or await due(warehouse) == "2026-09-04 10:00"


async def test_a_later_date_that_is_heard_late_takes_nothing_from_anybody(warehouse: Department) -> None:
    await owed(warehouse)
    await warehouse.wait_until(AFTERNOON + timedelta(days=2))

    await warehouse.hear(postponed("2026-12-02"), said_at=AFTERNOON)

    assert await warehouse.facts(WordCameLate.name) == []


async def test_an_instruction_that_names_the_old_date_does_not_bring_it_back(warehouse: Department) -> None:
    await know_the_standards(warehouse)
    await finished(warehouse)
    await warehouse.hear(notice())
    await warehouse.hear(amended("2026-09-10"))
    assert [each["ship_by"] for each in await shelf(warehouse, "shipments")] == ["2026-09-08"]

    await warehouse.hear(instruction())
    await warehouse.hear(outgoing())

    assert await due(warehouse) == "2026-09-08 17:00"
    assert [each["ship_by"] for each in await shelf(warehouse, "shipments")] == ["2026-09-08"]


async def test_a_postponement_that_overtakes_an_older_amendment_still_counts(warehouse: Department) -> None:
    await owed(warehouse)
    warehouse.now = AFTERNOON
    await warehouse.hear(postponed("2026-12-02"))
    warehouse.now = AFTERNOON - timedelta(hours=1)

    await warehouse.hear(amended("2026-09-10"))

    assert await due(warehouse) == "2026-11-30 17:00"


async def test_a_postponement_waits_for_its_line(warehouse: Department) -> None:
    await warehouse.hear(contract())

    with pytest.raises(WaitFor):
        await warehouse.hear(postponed("2026-12-02", line_no=2))
