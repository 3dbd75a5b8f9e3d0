"""What do the tests of clocks and excuses have in common?"""

from __future__ import annotations

from datetime import datetime

from contracts import links, sales
from contracts.event import DutyRef
from tests.support.facts import SHANGHAI, Outcome, Story, a_line, a_story

TUESDAY = "2026-03-03 09:00"


def due(told: Outcome, duty: DutyRef, attempt: int = 1) -> str:
    at = told.duty(duty, attempt).due_at
    return shown(at) if at else "no due time"


def shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def reasons(told: Outcome, duty: DutyRef) -> list[str]:
    return [excuse.reason for excuse in told.duty(duty).excuses]


def an_order_for(delivery_date: str) -> Story:
    return (
        a_story()
        .at("2026-03-02 09:00")
        .states(sales.OrderConfirmed, order_no="SO-1", lines=[a_line(delivery_date=delivery_date)])
    )


def shipping(story: Story) -> DutyRef:
    duty = links.ship("SHN-1")
    story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse")
    return duty
