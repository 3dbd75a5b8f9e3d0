"""The worklist says by when, in the factory's working time, once calendar and rulebook have arrived."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.prevention import Prevention
from contracts import links
from contracts.accountability import CalendarSet, RulebookActivated
from contracts.pmc import ReviewDecided, ReviewOutcome
from contracts.sales import ComplaintReceived, DeliveryPostponed, OrderAmended, OrderConfirmed
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules.rulebook_loading import shipped_rules
from tests.sales.conftest import FOLLOWER, LINE, SELLER, contract, received
from tests.sales.test_shipping_notices import released
from tests.support.departments import MORNING, Department
from tests.support.facts import a_line, a_story, local
from tests.support.worklists import know_the_standards, rows

pytestmark = pytest.mark.asyncio


async def test_a_release_is_due_four_working_hours_after_the_confirmation(sales: Department) -> None:
    await sales.hear(CalendarSet(calendar_no="CAL-1", **shipped_calendar(), set_by="system"))
    rules = shipped_rules()
    await sales.hear(
        RulebookActivated(version=rules["version"], effective_from=MORNING, rules=rules, activated_by="system")
    )
    no = (await sales.do(SELLER, "submit_contract", **contract()))["no"]
    await sales.hear(ReviewDecided(order_no=no, review_no="CRV-1", outcome=ReviewOutcome.ACCEPTED, decided_by="E-020"))
    await sales.do(SELLER, "confirm_order", no)

    async with sales.as_(FOLLOWER) as client:
        (duty,) = (await client.get("/api/worklist")).json()
    assert duty["due_at"] == (MORNING + timedelta(hours=5)).isoformat().replace("+00:00", "Z")


NOON = MORNING + timedelta(hours=3)
PULLED_IN = [{**LINE, "quantity": 100, "delivery_date": "2026-09-10"}]


async def owed(sales: Department) -> dict[str, Any]:
    """The notice on the worklist."""
    return next(row for name, row in (await rows(sales, SELLER)).items() if name.startswith("notice:"))


async def in_store(sales: Department) -> str:
    """Goods that leave by 23 September are in store, and their notice is owed."""
    await know_the_standards(sales)
    no = await released(sales)
    await sales.hear(received(no, 60))
    await sales.wait_until(NOON)
    return no


def before_the_judge(told: type[DeliveryPostponed | OrderAmended], **said: Any) -> datetime | None:
    """When the judge has the same notice due."""
    story, duty = a_story(), links.notice("SO-1", 1)
    story.at(MORNING - timedelta(hours=1)).states(OrderConfirmed, order_no="SO-1", lines=[a_line(**LINE)])
    story.at(MORNING).delivers(duty, "salesperson", service="sales", required_on="2026-09-23")
    story.at(NOON).states(told, order_no="SO-1", **said)
    return story.judged("2026-12-20 17:00").duty(duty).due_at


async def test_a_notice_is_due_by_the_amended_date_as_before_the_judge(sales: Department) -> None:
    no = await in_store(sales)
    await sales.do(SELLER, "issue_shipping_notice", order_no=no, line_no=1, quantity=10)

    await sales.do(SELLER, "amend_order", no, lines=PULLED_IN, reason="customer")

    due = datetime.fromisoformat((await owed(sales))["due_at"])
    assert due == datetime.fromisoformat("2026-09-07T17:00+08:00")
    assert due == before_the_judge(OrderAmended, revision=2, lines=PULLED_IN)
    async with sales.as_(SELLER) as client:
        (notice,) = (await client.get("/api/shipping-notices")).json()["items"]
    assert notice["ship_by"] == "2026-09-08"


async def test_a_notice_of_a_postponed_delivery_is_due_later_and_nobody_is_warned_of_it(sales: Department) -> None:
    no = await in_store(sales)
    before = datetime.fromisoformat((await owed(sales))["due_at"])

    await sales.do(SELLER, "postpone_delivery", no, line_no=1, delivery_date="2026-12-02", customer_reference="FAX-3")

    due = datetime.fromisoformat((await owed(sales))["due_at"])
    assert due == datetime.fromisoformat("2026-11-27T17:00+08:00")
    assert due == before_the_judge(DeliveryPostponed, line_no=1, delivery_date="2026-12-02")
    await sales.wait_until(before + timedelta(hours=20))
    await Prevention("sales", sales.engine, (50, 75), ()).look()
    assert (await owed(sales))["warned"] == 0


@pytest.mark.parametrize(("channel", "due"), [("mail", "2026-09-01 10:30"), ("phone", "2026-09-01 16:00")])
async def test_whoever_reads_a_mail_late_has_the_time_that_the_judge_gives(
    sales: Department, channel: str, due: str
) -> None:
    """Typed at 14:00; the customer wrote at 08:30."""
    await know_the_standards(sales)
    no = await released(sales)
    await sales.wait_until(local("2026-09-01 14:00"))
    came: dict[str, Any] = {"channel": channel, "received_at": "2026-09-01T08:30:00+08:00"}

    no = (await sales.do(SELLER, "receive_complaint", order_no=no, kind="quality", description="漆面", **came))["no"]

    told = a_story().at("2026-09-01 14:00")
    told.states(ComplaintReceived, order_no="SO-1", complaint_no=no, **came)
    told.delivers(links.complaint_to_pmc(no), "salesperson", service="sales")
    judged = told.judged("2026-09-02 09:00").duty(links.complaint_to_pmc(no)).due_at
    row = (await rows(sales, SELLER))[f"complaint_to_pmc:{no}"]
    assert datetime.fromisoformat(row["due_at"]) == judged == local(due)
