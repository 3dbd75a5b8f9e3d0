"""What will be late is said before it bites, and a new date from planning counts."""

from datetime import date, timedelta

import pytest

from chassis.waiting import WaitFor
from contracts.accountability import CalendarSet, RulebookActivated
from contracts.pmc import PurchaseRedated
from contracts.purchasing import DelayReported, HandoverDelivered, PurchaseOrderIssued
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules.rulebook_loading import shipped_rules
from tests.purchasing.conftest import (
    ARRIVAL,
    BUYER,
    MANAGER,
    REQUIRED,
    arrival,
    cancellation,
    inspection,
    ordered,
    shelf,
)
from tests.support.departments import MORNING, Department
from tests.support.worklists import know_the_standards

pytestmark = pytest.mark.asyncio
LATER = date(2026, 9, 14)


def delay(no: str, **changes: object) -> dict[str, object]:
    return {"purchase_order_no": no, "line_no": 1, "expected_on": str(LATER), "reason": "模具返修", **changes}


def redated(delay_no: str, wanted: date = LATER) -> PurchaseRedated:
    return PurchaseRedated(
        order_no="SOD-1",
        requirement_no="MRL-1",
        requirement_line_no=1,
        delay_no=delay_no,
        required_on=wanted,
        redated_by="E-020",
    )


async def test_a_delay_reaches_planning_with_both_dates(purchasing: Department) -> None:
    no = await ordered(purchasing)

    report = await purchasing.do(BUYER, "report_delay", **delay(no))

    (fact,) = await purchasing.facts(DelayReported.name)
    assert isinstance(fact, DelayReported)
    assert (fact.delay_no, fact.purchase_order_no, fact.order_no) == (report["no"], no, "SOD-1")
    assert (fact.requirement_no, fact.requirement_line_no) == ("MRL-1", 1)
    assert (fact.required_on, fact.expected_on, fact.reported_by) == (REQUIRED, LATER, BUYER)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"line_no": 2}, "no_such_line"),
        ({"expected_on": "2026-09-10"}, "not_late"),
        ({"expected_on": "2026-08-31"}, "date_passed"),
        ({"reason": ""}, "invalid_input"),
        ({"purchase_order_no": "PO-9"}, "not_found"),
    ],
)
async def test_a_report_with_a_fault_is_refused(purchasing: Department, change: dict[str, object], code: str) -> None:
    no = await ordered(purchasing)

    assert await purchasing.refused(BUYER, "report_delay", **delay(no, **change)) == code
    assert await purchasing.facts(DelayReported.name) == []


async def test_only_a_buyer_reports(purchasing: Department) -> None:
    no = await ordered(purchasing)

    assert await purchasing.refused(MANAGER, "report_delay", **delay(no)) == "post_not_held"


async def test_what_is_here_is_not_late(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(arrival(no))

    assert await purchasing.refused(BUYER, "report_delay", **delay(no)) == "nothing_outstanding"


async def test_a_cancelled_order_is_never_late(purchasing: Department) -> None:
    no = await ordered(purchasing)
    await purchasing.hear(cancellation())

    assert await purchasing.refused(BUYER, "report_delay", **delay(no)) == "order_cancelled"


async def test_the_new_date_counts_from_then_on(purchasing: Department) -> None:
    no = await ordered(purchasing)
    report = await purchasing.do(BUYER, "report_delay", **delay(no))

    await purchasing.hear(redated(report["no"]))

    (document,) = await shelf(purchasing, "delay-reports")
    assert document["status"] == "redated"
    assert await purchasing.refused(BUYER, "report_delay", **delay(no)) == "not_late"
    await purchasing.hear(arrival(no, closes=()))
    await purchasing.hear(inspection(no, passed=False))
    delivered = [fact for fact in await purchasing.facts(HandoverDelivered.name) if fact.attempt > 1]  # type: ignore[attr-defined]
    assert delivered == [], "the arrival was never closed, so it is not reopened"
    (issued,) = await purchasing.facts(PurchaseOrderIssued.name)
    assert isinstance(issued, PurchaseOrderIssued)
    assert issued.lines[0].required_on == REQUIRED, "what was stated stays as it was"


async def test_the_worklist_follows_the_new_date(purchasing: Department) -> None:
    rules = shipped_rules()
    await purchasing.hear(CalendarSet(calendar_no="CAL-1", **shipped_calendar(), set_by="system"))
    await purchasing.hear(
        RulebookActivated(version=rules["version"], effective_from=MORNING, rules=rules, activated_by="system")
    )
    no = await ordered(purchasing)
    report = await purchasing.do(BUYER, "report_delay", **delay(no))
    assert (await due_of_arrival(purchasing)).startswith("2026-09-10T")

    await purchasing.hear(redated(report["no"]))

    assert (await due_of_arrival(purchasing)).startswith("2026-09-14T")


@pytest.mark.parametrize("heard", [("DLY-1", "DLY-2"), ("DLY-2", "DLY-1")])
async def test_the_date_that_was_set_last_counts_whichever_is_heard_first(
    purchasing: Department, heard: tuple[str, str]
) -> None:
    await know_the_standards(purchasing)
    no = await ordered(purchasing)
    new_dates = {}
    for name, wanted in (("DLY-1", LATER), ("DLY-2", LATER + timedelta(days=3))):
        report = await purchasing.do(BUYER, "report_delay", **delay(no))
        new_dates[name] = redated(report["no"], wanted)

    for name in heard:
        await purchasing.hear(new_dates[name], said_at=MORNING + timedelta(hours=int(name[-1])))

    assert (await due_of_arrival(purchasing)).startswith("2026-09-17T")
    sooner = delay(no, expected_on="2026-09-16")
    assert await purchasing.refused(BUYER, "report_delay", **sooner) == "not_late"
    await purchasing.hear(arrival(no, closes=(ARRIVAL,)))
    await purchasing.hear(inspection(no, passed=False))
    *_, again = await purchasing.facts(HandoverDelivered.name)
    assert isinstance(again, HandoverDelivered)
    assert (again.duty, again.terms.required_on) == (ARRIVAL, date(2026, 9, 17))


async def due_of_arrival(purchasing: Department) -> str:
    async with purchasing.as_(MANAGER) as client:
        (duty,) = (await client.get("/api/worklist", params={"link": "arrival"})).json()
    return str(duty["due_at"])


async def test_a_new_date_for_an_unknown_report_waits(purchasing: Department) -> None:
    with pytest.raises(WaitFor):
        await purchasing.hear(redated("DLY-9"))
