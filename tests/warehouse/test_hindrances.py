"""A storekeeper who is hindered says so at once, where the handover is owed; what comes of it is shown there."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from chassis import pausing, worklist
from chassis.database import transaction
from contracts import links
from contracts.accountability import CalendarSet, RulebookActivated
from contracts.parts import Terms
from contracts.pmc import ExceptionDecided
from contracts.warehouse import HindranceReported
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules.rulebook_loading import shipped_rules
from tests.support.departments import MORNING, Department
from tests.warehouse.conftest import (
    DISPATCH,
    KEEPER,
    MANAGER,
    PLANNER,
    cancellation,
    finished,
    instruction,
    notice,
    outgoing,
)

pytestmark = pytest.mark.asyncio

SHIP = links.ship("SHN-1")
FORKLIFT = {"kind": "breakdown", "description": "叉车故障,无法装车"}


async def to_ship(warehouse: Department, no: str = "SHN-1") -> str:
    """Goods that are in store, inspected and to be shipped; the handover's name."""
    await warehouse.hear(notice(2, no))
    await warehouse.hear(instruction(2, no))
    await warehouse.hear(outgoing(no))
    return str(links.ship(no))


async def owed(warehouse: Department, name: str = str(SHIP), *, closed: bool = False) -> dict[str, Any]:
    link, _, key = name.partition(":")
    async with warehouse.as_(KEEPER) as client:
        (row,) = (await client.get("/api/worklist", params={"link": link, "key": key, "closed": closed})).json()
    return dict(row)


async def hindered(warehouse: Department, *names: str, by: str = KEEPER) -> str:
    return str((await warehouse.do(by, "report_hindrance", handovers=names or [str(SHIP)], **FORKLIFT))["no"])


def decision(no: str, *duties: Any, accepted: bool = True, hours: int = 4) -> ExceptionDecided:
    return ExceptionDecided(
        order_no="SOD-1",
        exception_no="EXC-1",
        hindrance_no=no,
        accepted=accepted,
        extension_hours=Decimal(hours if accepted else 0),
        affected_orders=("SOD-1",),
        affected_duties=duties or (SHIP,),
        remark="见维修单",
        decided_by=PLANNER,
    )


async def test_what_hinders_a_shipment_is_stated_at_once(warehouse: Department) -> None:
    await finished(warehouse)
    name = await to_ship(warehouse)
    until = "2026-09-02T09:00:00+08:00"

    document = await warehouse.do(KEEPER, "report_hindrance", handovers=[name], **FORKLIFT, expected_end_at=until)

    (fact,) = await warehouse.facts(HindranceReported.name)
    assert isinstance(fact, HindranceReported)
    assert (fact.order_no, fact.affected_orders, fact.affected_duties) == ("SOD-1", ("SOD-1",), (SHIP,))
    assert (fact.hindrance_no, fact.reported_by, fact.reported_as) == (document["no"], KEEPER, "storekeeper")
    assert (fact.kind, fact.description) == ("breakdown", "叉车故障,无法装车")
    assert fact.expected_end_at == datetime.fromisoformat(until)
    row = await owed(warehouse)
    assert (row["hindrance_no"], row["hindrance_status"]) == (document["no"], "undecided")


async def test_one_report_may_name_several_handovers_of_several_orders(warehouse: Department) -> None:
    await finished(warehouse)
    first, second = await to_ship(warehouse), await to_ship(warehouse, "SHN-2")
    async with warehouse.engine.begin() as connection:
        await connection.execute(text("UPDATE duties SET order_no = 'SOD-2' WHERE key = 'SHN-2'"))

    await hindered(warehouse, second, first, second)

    (fact,) = await warehouse.facts(HindranceReported.name)
    assert isinstance(fact, HindranceReported)
    assert (fact.order_no, fact.affected_orders) == (None, ("SOD-1", "SOD-2"))
    assert fact.affected_duties == (SHIP, links.ship("SHN-2"))


async def test_the_months_stocktake_is_hindered_without_an_order(warehouse: Department) -> None:
    await finished(warehouse)
    async with warehouse.as_(KEEPER) as client:
        rows = (await client.get("/api/worklist", params={"link": "stocktake"})).json()

    await hindered(warehouse, f"stocktake:{rows[0]['key']}")

    (fact,) = await warehouse.facts(HindranceReported.name)
    assert (fact.order_no, fact.affected_orders) == (None, ())  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["ship:SHN-9", "ship", "receipt:SHN-1", "opinion:SOD-1/quality"])
async def test_what_is_not_open_here_is_hindered_by_nothing(warehouse: Department, name: str) -> None:
    await finished(warehouse)
    await to_ship(warehouse)

    answer = await warehouse.attempt(KEEPER, "report_hindrance", handovers=[str(SHIP), name], **FORKLIFT)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        409,
        "handover_not_open",
        "handovers",
    )
    assert name in answer.json()["detail"]
    assert await warehouse.facts(HindranceReported.name) == []
    assert (await owed(warehouse))["hindrance_no"] is None


async def test_what_was_shipped_or_given_up_is_hindered_no_more(warehouse: Department) -> None:
    await finished(warehouse)
    first, second = await to_ship(warehouse), await to_ship(warehouse, "SHN-2")
    await warehouse.do(KEEPER, "ship_goods", "SHN-1", **DISPATCH)
    assert await warehouse.refused(KEEPER, "report_hindrance", handovers=[first], **FORKLIFT) == "handover_not_open"

    await warehouse.hear(cancellation())

    assert await warehouse.refused(KEEPER, "report_hindrance", handovers=[second], **FORKLIFT) == "handover_not_open"


async def test_only_whoever_holds_the_post_that_it_waits_for_reports_it(warehouse: Department) -> None:
    await finished(warehouse)
    name = await to_ship(warehouse)

    for person in (MANAGER, PLANNER, "E-099"):
        assert await warehouse.refused(person, "report_hindrance", handovers=[name], **FORKLIFT) == "post_not_held"

    await warehouse.employ(storekeeper="E-062")
    assert (await warehouse.do("E-062", "report_hindrance", handovers=[name], **FORKLIFT))["made_by"] == "E-062"


async def test_a_handover_that_waits_for_another_post_is_its_holders(warehouse: Department) -> None:
    await finished(warehouse)
    name = await to_ship(warehouse)
    async with warehouse.engine.begin() as connection:
        await connection.execute(text("UPDATE duties SET post = 'warehouse_manager' WHERE link = 'ship'"))

    assert await warehouse.refused(KEEPER, "report_hindrance", handovers=[name], **FORKLIFT) == "post_not_held"


@pytest.mark.parametrize(
    "form", [{"handovers": []}, {"description": " "}, {"kind": "earthquake"}, {"expected_end_at": "2026-09-02"}]
)
async def test_a_report_says_what_and_where(warehouse: Department, form: dict[str, Any]) -> None:
    await finished(warehouse)
    whole = {"handovers": [await to_ship(warehouse)], **FORKLIFT}

    assert await warehouse.refused(KEEPER, "report_hindrance", **{**whole, **form}) == "invalid_input"


async def test_the_same_report_sent_twice_is_one(warehouse: Department) -> None:
    await finished(warehouse)
    form = {"handovers": [await to_ship(warehouse)], **FORKLIFT}
    async with warehouse.as_(KEEPER) as client:
        answers = [
            await client.post("/api/hindrances", json=form, headers={"Idempotency-Key": "once"}) for _ in range(2)
        ]

    assert answers[0].json() == answers[1].json()
    assert len(await warehouse.facts(HindranceReported.name)) == 1


async def with_standards(warehouse: Department) -> None:
    await warehouse.hear(CalendarSet(calendar_no="CAL-1", **shipped_calendar(), set_by="system"))
    rules = shipped_rules()
    fact = RulebookActivated(version=rules["version"], effective_from=MORNING, rules=rules, activated_by="system")
    await warehouse.hear(fact)


async def test_what_was_accepted_is_due_later_and_warned_of_anew(warehouse: Department) -> None:
    await with_standards(warehouse)
    await finished(warehouse)
    await to_ship(warehouse)
    before = datetime.fromisoformat((await owed(warehouse))["due_at"])
    no = await hindered(warehouse)
    async with warehouse.engine.begin() as connection:
        await connection.execute(text("UPDATE duties SET warned = 80"))

    await warehouse.hear(decision(no))

    row = await owed(warehouse)
    assert (row["hindrance_status"], row["extension_hours"], row["warned"]) == ("accepted", "4.0000", 0)
    # Due at the end of a Wednesday, so four hours of Thursday more.
    assert datetime.fromisoformat(row["due_at"]) - before == timedelta(hours=19)
    async with warehouse.as_(KEEPER) as client:
        document = (await client.get(f"/api/hindrances/{no}")).json()
    assert (document["status"], document["exception_no"], document["approved_by"]) == ("accepted", "EXC-1", PLANNER)
    assert (document["remark"], document["extension_hours"]) == ("见维修单", "4.0000")


async def test_what_is_reported_while_the_clock_stands_is_in_time(warehouse: Department) -> None:
    await with_standards(warehouse)
    await finished(warehouse)
    await to_ship(warehouse)
    before = datetime.fromisoformat((await owed(warehouse))["due_at"])
    async with transaction(warehouse.engine) as session:
        session.info["service"] = "warehouse"
        await pausing.halt(session, "block", "QBK-1", "SOD-1")
    await warehouse.wait_until(before + timedelta(hours=16))

    await warehouse.hear(decision(await hindered(warehouse)))

    row = await owed(warehouse)
    assert (row["extension_hours"], datetime.fromisoformat(row["due_at"]) - before) == ("4.0000", timedelta(hours=19))


async def test_a_new_date_leaves_the_time_that_was_granted(warehouse: Department) -> None:
    await with_standards(warehouse)
    await finished(warehouse)
    await to_ship(warehouse)
    await warehouse.hear(decision(await hindered(warehouse)))
    granted = (await owed(warehouse))["due_at"]

    async with transaction(warehouse.engine) as session:
        await worklist.redate(session, SHIP, Terms(required_on=notice().ship_by))

    assert (await owed(warehouse))["due_at"] == granted


async def test_what_was_declined_is_due_as_before(warehouse: Department) -> None:
    await with_standards(warehouse)
    await finished(warehouse)
    await to_ship(warehouse)
    before = (await owed(warehouse))["due_at"]
    no = await hindered(warehouse)

    await warehouse.hear(decision(no, accepted=False))

    row = await owed(warehouse)
    assert (row["hindrance_status"], row["due_at"]) == ("declined", before)


async def test_what_was_reported_too_late_is_not_shown_as_due_later(warehouse: Department) -> None:
    await with_standards(warehouse)
    await finished(warehouse)
    await to_ship(warehouse)
    before = (await owed(warehouse))["due_at"]
    await warehouse.wait_until(datetime.fromisoformat(before) + timedelta(hours=16))

    await warehouse.hear(decision(await hindered(warehouse)))

    row = await owed(warehouse)
    assert (row["hindrance_status"], row["due_at"]) == ("accepted", before)


async def test_of_two_reports_the_latest_is_shown_and_both_give_time(warehouse: Department) -> None:
    await with_standards(warehouse)
    await finished(warehouse)
    await to_ship(warehouse)
    first, second = await hindered(warehouse), await hindered(warehouse)

    await warehouse.hear(decision(second))
    await warehouse.hear(decision(first, hours=2))

    row = await owed(warehouse)
    assert (row["hindrance_no"], row["hindrance_status"]) == (second, "accepted")
    assert Decimal(row["extension_hours"]) == 6


async def test_another_departments_exception_changes_nothing_here(warehouse: Department) -> None:
    await finished(warehouse)
    await to_ship(warehouse)
    no = await hindered(warehouse)

    await warehouse.hear(decision("HDQ-20260901-0001"))
    await warehouse.hear(decision(no).model_copy(update={"hindrance_no": None}))

    assert (await owed(warehouse))["hindrance_status"] == "undecided"


async def test_a_handover_that_comes_again_is_hindered_by_nothing_yet(warehouse: Department) -> None:
    await finished(warehouse)
    await to_ship(warehouse)
    no = await hindered(warehouse)
    async with warehouse.engine.begin() as connection:
        await connection.execute(text("UPDATE duties SET closed_at = factory_now()"))
    await warehouse.wait_until(MORNING + timedelta(hours=1))
    await warehouse.hear(outgoing(passed=False))
    await warehouse.hear(outgoing())

    await warehouse.hear(decision(no))

    row = await owed(warehouse)
    assert (row["attempt"], row["hindrance_no"], row["extension_hours"]) == (2, None, "0.0000")
