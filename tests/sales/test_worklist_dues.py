"""The worklist says by when, in the factory's working time, once calendar and rulebook have arrived."""

from datetime import timedelta

import pytest

from contracts.accountability import CalendarSet, RulebookActivated
from contracts.pmc import ReviewDecided, ReviewOutcome
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules.rulebook_loading import shipped_rules
from tests.sales.conftest import FOLLOWER, SELLER, contract
from tests.support.departments import MORNING, Department

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
