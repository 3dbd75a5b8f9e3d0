"""What hinders work is said at once; whether it excuses is somebody else's decision."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis import auth
from chassis.database import transaction
from contracts import engineering, links, purchasing, quality, sales, warehouse
from contracts.parts import ExceptionKind, HindranceReported
from contracts.pmc import ExceptionDecided, ExceptionRaised
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    BOSS,
    DIRECTOR,
    KEEPER,
    LEADER,
    PLANNER,
    SELLER,
    cancellation,
    contract,
    in_the_workshop,
    owes,
    shelf,
    supplied,
)
from tests.support.departments import MORNING, Department

pytestmark = pytest.mark.asyncio
POWER_CUT = {"kind": "power_cut", "description": "全厂停电"}


async def raised(pmc: Department, by: str = LEADER, **form: Any) -> str:
    await pmc.hear(contract("SOD-1")) if not form.pop("known", False) else None
    return str((await pmc.do(by, "raise_exception", **{**POWER_CUT, "orders": ["SOD-1"], **form}))["no"])


async def test_a_named_operation_is_hindered_in_its_work(pmc: Department) -> None:
    no = await supplied(pmc)

    await pmc.do(LEADER, "raise_exception", **POWER_CUT, operations=[operation_no(no, 10)])

    (fact,) = await pmc.facts(ExceptionRaised.name)
    assert isinstance(fact, ExceptionRaised)
    assert (fact.order_no, fact.affected_orders) == ("SOD-1", ("SOD-1",))
    assert fact.affected_duties == (links.operation(no, 10),)


async def test_an_operation_that_is_not_dispatched_is_hindered_in_its_dispatch(pmc: Department) -> None:
    no = await in_the_workshop(pmc)

    await pmc.do(DIRECTOR, "raise_exception", **POWER_CUT, operations=[operation_no(no, 20)])

    (fact,) = await pmc.facts(ExceptionRaised.name)
    assert fact.affected_duties == (links.dispatch(no, 20),)  # type: ignore[attr-defined]


async def test_a_whole_order_is_hindered_in_what_the_workshop_owes(pmc: Department) -> None:
    no = await supplied(pmc)
    await pmc.hear(contract("SOD-2"))

    await pmc.do(LEADER, "raise_exception", **POWER_CUT, orders=["SOD-1", "SOD-2"])

    (fact,) = await pmc.facts(ExceptionRaised.name)
    assert isinstance(fact, ExceptionRaised)
    assert (fact.order_no, fact.affected_orders) == (None, ("SOD-1", "SOD-2"))
    assert fact.affected_duties == (links.operation(no, 10),)


async def test_a_planners_own_exception_covers_what_the_planner_owes(pmc: Department) -> None:
    no = await supplied(pmc)

    await pmc.do(PLANNER, "raise_exception", **POWER_CUT, orders=["SOD-1"])

    (fact,) = await pmc.facts(ExceptionRaised.name)
    assert {links.requirement("SOD-1", 1), links.operation(no, 10)} <= set(fact.affected_duties)  # type: ignore[attr-defined]


async def test_an_exception_answers_the_delay_of_the_operation_it_names(pmc: Department) -> None:
    no = await supplied(pmc)
    delay = {"expected_at": "2026-09-09T12:00:00+08:00", "reason": "模具损坏"}
    await pmc.do(LEADER, "report_operation_delay", operation_no(no, 10), **delay)

    await pmc.do(
        DIRECTOR, "raise_exception", kind="breakdown", description="模具损坏", operations=[operation_no(no, 10)]
    )

    (fact,) = await pmc.facts(ExceptionRaised.name)
    assert fact.closes == (links.delay_response(no, 10),)
    assert f"delay_response:{no}/10" not in await owes(pmc)


async def test_an_exception_for_a_whole_order_answers_the_delays_of_its_operations(pmc: Department) -> None:
    no = await supplied(pmc)
    delay = {"expected_at": "2026-09-09T12:00:00+08:00", "reason": "停电"}
    await pmc.do(LEADER, "report_operation_delay", operation_no(no, 10), **delay)

    await pmc.do(DIRECTOR, "raise_exception", **POWER_CUT, orders=["SOD-1"])

    (fact,) = await pmc.facts(ExceptionRaised.name)
    assert fact.closes == (links.delay_response(no, 10),)
    assert f"delay_response:{no}/10" not in await owes(pmc)


async def test_an_exception_for_another_order_answers_no_delay_of_this_one(pmc: Department) -> None:
    no = await supplied(pmc)
    await pmc.hear(contract("SOD-2"))
    delay = {"expected_at": "2026-09-09T12:00:00+08:00", "reason": "模具损坏"}
    await pmc.do(LEADER, "report_operation_delay", operation_no(no, 10), **delay)

    await pmc.do(DIRECTOR, "raise_exception", **POWER_CUT, orders=["SOD-2"])

    assert f"delay_response:{no}/10" in await owes(pmc)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "nothing_affected"),
        ({"orders": ["SOD-9"]}, "not_found"),
        ({"operations": ["OP-X-10"]}, "not_found"),
        ({"orders": ["SOD-1"], "kind": "earthquake"}, "invalid_input"),
    ],
)
async def test_an_exception_names_what_it_touches(pmc: Department, form: dict[str, Any], code: str) -> None:
    await pmc.hear(contract())

    assert await pmc.refused(LEADER, "raise_exception", **{**POWER_CUT, **form}) == code


async def test_a_cancelled_order_is_not_touched_by_anything(pmc: Department) -> None:
    await pmc.hear(contract())
    await pmc.hear(cancellation())

    assert await pmc.refused(LEADER, "raise_exception", **POWER_CUT, orders=["SOD-1"]) == "order_cancelled"


async def test_only_our_own_people_raise_one(pmc: Department) -> None:
    await pmc.employ(salesperson=SELLER)

    assert await pmc.refused(SELLER, "raise_exception", **POWER_CUT, orders=["SOD-1"]) == "post_not_held"


async def test_the_planner_accepts_and_says_how_much_later(pmc: Department) -> None:
    no = await supplied(pmc)
    exception = await raised(pmc, known=True)

    document = await pmc.do(PLANNER, "decide_exception", exception, accepted=True, extension_hours="8")

    (fact,) = await pmc.facts(ExceptionDecided.name)
    assert isinstance(fact, ExceptionDecided)
    assert (document["status"], fact.accepted, fact.extension_hours) == ("accepted", True, Decimal(8))
    assert fact.affected_duties == (links.operation(no, 10),)


async def test_a_declined_exception_gives_no_time(pmc: Department) -> None:
    exception = await raised(pmc)

    document = await pmc.do(PLANNER, "decide_exception", exception, accepted=False, extension_hours="8")

    (fact,) = await pmc.facts(ExceptionDecided.name)
    assert (document["status"], fact.extension_hours) == ("declined", 0)  # type: ignore[attr-defined]


async def test_a_planners_own_exception_goes_to_the_general_manager(pmc: Department) -> None:
    exception = await raised(pmc, by=PLANNER)
    await pmc.employ(planner="E-027")

    assert await pmc.refused(PLANNER, "decide_exception", exception, accepted=True) == "planners_own_exception"
    assert await pmc.refused("E-027", "decide_exception", exception, accepted=True) == "planners_own_exception"
    assert (await pmc.do(BOSS, "decide_exception", exception, accepted=True))["approved_by"] == BOSS


async def test_nobody_decides_on_what_they_raised_in_another_post(pmc: Department) -> None:
    exception = await raised(pmc, by=DIRECTOR)
    await pmc.employ(planner=DIRECTOR)

    assert await pmc.refused(DIRECTOR, "decide_exception", exception, accepted=True) == "self_approval"


async def test_the_database_itself_guards_the_second_person(pmc: Department) -> None:
    await raised(pmc)

    with pytest.raises(IntegrityError, match="approved_by_another"):
        async with pmc.engine.begin() as connection:
            await connection.execute(text("UPDATE exceptions SET approved_by = made_by"))


async def test_a_decision_is_made_once_and_not_by_the_workshop(pmc: Department) -> None:
    exception = await raised(pmc)

    assert await pmc.refused(DIRECTOR, "decide_exception", exception, accepted=True) == "post_not_held"
    await pmc.do(PLANNER, "decide_exception", exception, accepted=True)
    assert await pmc.refused(PLANNER, "decide_exception", exception, accepted=False) == "wrong_status"


SHIP = links.ship("SHN-1")


def hindrance(kind: type[HindranceReported] = warehouse.HindranceReported, **changes: Any) -> HindranceReported:
    said: dict[str, Any] = {
        "order_no": "SOD-1",
        "hindrance_no": "HDW-20260901-0001",
        "kind": ExceptionKind.BREAKDOWN,
        "affected_orders": ("SOD-1",),
        "affected_duties": (SHIP,),
        "description": "叉车故障",
        "expected_end_at": MORNING,
        "reported_as": "storekeeper",
        "reported_by": KEEPER,
    }
    return kind(**{**said, **changes})


@pytest.mark.parametrize("department", [sales, engineering, purchasing, quality, warehouse])
async def test_what_another_department_reported_is_an_exception_of_its_reporter(
    pmc: Department, department: ModuleType
) -> None:
    await pmc.wait_until(MORNING + timedelta(hours=1))

    await pmc.hear(hindrance(department.HindranceReported))

    (fact,) = await pmc.facts(ExceptionRaised.name)
    assert isinstance(fact, ExceptionRaised)
    assert (fact.order_no, fact.affected_orders, fact.affected_duties) == ("SOD-1", ("SOD-1",), (SHIP,))
    assert (fact.hindrance_no, fact.raised_by, fact.closes) == ("HDW-20260901-0001", KEEPER, ())
    (document,) = await shelf(pmc, "exceptions", hindrance_no="HDW-20260901-0001")
    assert (document["no"], document["status"]) == (fact.exception_no, "raised")
    assert (document["made_by"], document["raised_as"]) == (KEEPER, "storekeeper")
    assert (document["kind"], document["description"]) == ("breakdown", "叉车故障")


async def test_it_is_dated_by_when_it_was_reported(pmc: Department) -> None:
    pmc.now = MORNING - timedelta(hours=2)  # what `hear` puts on the envelope; the clock stays at nine

    await pmc.hear(hindrance())

    (document,) = await shelf(pmc, "exceptions")
    assert datetime.fromisoformat(document["made_at"]) == MORNING - timedelta(hours=2)


async def test_whoever_decides_reads_what_happened_and_what_it_hinders(pmc: Department) -> None:
    await pmc.hear(hindrance(affected_duties=(SHIP, links.receipt("LOT-1"))))
    (exception,) = await shelf(pmc, "exceptions")
    async with transaction(pmc.engine) as session:
        secret = await auth.open_session(session, PLANNER)

    async with pmc.as_(PLANNER) as client:
        client.cookies.set("handover_pmc", secret)
        page = (await client.get(f"/commands/decide-exception/{exception['no']}")).text

    for said in ("叉车故障", "Shipment SHN-1", "Receipt LOT-1"):
        assert said in page


async def test_the_planner_decides_on_what_another_department_reported(pmc: Department) -> None:
    await pmc.hear(hindrance())
    (exception,) = await shelf(pmc, "exceptions")

    await pmc.do(PLANNER, "decide_exception", exception["no"], accepted=True, extension_hours="4")

    (fact,) = await pmc.facts(ExceptionDecided.name)
    assert isinstance(fact, ExceptionDecided)
    assert (fact.hindrance_no, fact.affected_duties, fact.decided_by) == ("HDW-20260901-0001", (SHIP,), PLANNER)


@pytest.mark.parametrize("said", [{"reported_by": PLANNER}, {"assignee": PLANNER}])
async def test_what_hinders_a_planner_in_another_post_is_decided_by_the_general_manager(
    pmc: Department, said: dict[str, Any]
) -> None:
    await pmc.employ(planner="E-027")
    await pmc.hear(hindrance(**said))
    (exception,) = await shelf(pmc, "exceptions")

    for planner in (PLANNER, "E-027"):
        code = await pmc.refused(planner, "decide_exception", exception["no"], accepted=True)
        assert code == "planners_own_exception"
    assert (await pmc.do(BOSS, "decide_exception", exception["no"], accepted=True))["approved_by"] == BOSS


async def test_nobody_decides_on_what_they_reported_in_another_department(pmc: Department) -> None:
    await pmc.hear(hindrance())
    (exception,) = await shelf(pmc, "exceptions")
    await pmc.employ(general_manager=KEEPER)

    assert await pmc.refused(KEEPER, "decide_exception", exception["no"], accepted=True) == "self_approval"


async def test_it_is_raised_also_where_the_order_was_given_up_or_is_not_known(pmc: Department) -> None:
    await pmc.hear(contract())
    await pmc.hear(cancellation())

    await pmc.hear(hindrance())
    await pmc.hear(hindrance(order_no=None, affected_orders=(), affected_duties=(links.stocktake("2026-08"),)))

    assert len(await pmc.facts(ExceptionRaised.name)) == 2


async def test_pmcs_own_worklist_shows_what_was_raised_and_what_was_decided(pmc: Department) -> None:
    no = await supplied(pmc)
    exception = await raised(pmc, known=True)

    async def shown() -> tuple[Any, Any]:
        async with pmc.as_(LEADER) as client:
            (row,) = (await client.get("/api/worklist", params={"link": "operation", "key": f"{no}/10"})).json()
        return row["hindrance_no"], row["hindrance_status"]

    assert await shown() == (exception, "undecided")
    await pmc.do(PLANNER, "decide_exception", exception, accepted=False)
    assert await shown() == (exception, "declined")
