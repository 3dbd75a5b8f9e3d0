"""A factory's history of any length, fortnight by fortnight: everything in it ends, but for what nobody ever does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from contracts import links, pmc, purchasing, sales
from contracts.event import DutyRef
from tests.support.facts import STAFF, Story, a_story, local
from tests.support.orders import Step, an_order

FIRST = date(2026, 3, 3)
FORTNIGHT = timedelta(days=14)


def a_history(fortnights: int) -> Story:
    """Facts in the order in which they were recorded."""
    story = a_story()
    for number in range(fortnights):
        a_fortnight(story, number)
    story.told.sort(key=lambda told: told.recorded_at)
    return story


def after(fortnights: int) -> str:
    """A day on which all that is long past."""
    return f"{FIRST + (fortnights + 6) * FORTNIGHT} 09:00"


def a_fortnight(story: Story, number: int) -> None:
    """One order with every trouble there is, one that shares an exception with it, and one that is given up."""
    day = FIRST + number * FORTNIGHT
    troubled, other, given_up = (f"SO-{number}{letter}" for letter in "ABC")
    takes = {"receipt": 30.0, "package": 30.0, "ship": 9.0}
    dates: dict[str, Any] = {"starts": f"{day} 09:00", "delivery_date": f"{day + timedelta(days=10)}"}
    an_order(story, troubled, takes=takes, extra=_hindered, **dates)
    an_order(story, other, **dates)
    an_order(story, given_up, never={"iqc"}, **dates)
    story.at(f"{day + timedelta(days=8)} 10:00").states(sales.OrderCancelled, order_no=given_up)
    _what_nobody_does(story, troubled, day)
    _delayed(story, troubled, day)
    hindered = (links.operation(f"MO-{troubled}", 20), links.operation(f"MO-{other}", 20))
    _exception(story, f"EXC-{number}", None, hindered, f"{day} 15:00", f"{day + timedelta(days=1)} 09:00")
    _complained_of(story, troubled, day + timedelta(days=20))


def _hindered(story: Story, step: Step) -> None:
    """The shipment of the order is blocked for a while, and its last operation has an exception."""
    order_no = step.duty.key.split("/")[0].partition("-")[2]
    if step.duty.link == "outgoing_qa":
        now = story.now
        story.states(pmc.ShipmentBlocked, order_no=order_no, block_no=f"BLK-{order_no}")
        story.at(now + timedelta(minutes=1)).states(
            pmc.ShipmentUnblocked, order_no=order_no, block_no=f"BLK-{order_no}"
        )
    if step.duty.link == "operation" and step.duty.key.endswith("/30"):
        when = f"{story.now:%Y-%m-%d %H:%M}"
        _exception(story, f"EXC-{order_no}", order_no, (step.duty,), when, when)


def _exception(
    story: Story, no: str, order_no: str | None, hindered: tuple[DutyRef, ...], raised: str, decided: str
) -> None:
    said: dict[str, Any] = {
        "exception_no": no,
        "affected_orders": [],
        "affected_duties": hindered,
        "order_no": order_no,
    }
    story.at(raised).states(pmc.ExceptionRaised, by=STAFF["workshop_director"], kind="other", **said)
    accepted: dict[str, Any] = {"accepted": True, "extension_hours": "6"}
    story.at(decided).states(pmc.ExceptionDecided, by=STAFF["planner"], **said, **accepted)


def _what_nobody_does(story: Story, order_no: str, day: date) -> None:
    held: dict[str, Any] = {
        "service": "pmc",
        "assignee": STAFF["planner"],
        "starts_at": local(f"{day} 14:00").isoformat(),
    }
    story.at(f"{day} 11:00").delivers(links.minutes(f"MTG-{order_no}"), "planner", order_no=order_no, **held)


def _delayed(story: Story, order_no: str, day: date) -> None:
    said: dict[str, Any] = {
        "delay_no": f"DLY-{order_no}",
        "requirement_no": f"MRL-{order_no}",
        "requirement_line_no": 1,
    }
    story.at(f"{day + timedelta(days=1)} 11:00").states(purchasing.DelayReported, order_no=order_no, **said)
    later: dict[str, Any] = {"required_on": day + timedelta(days=8)}
    story.at(f"{day + timedelta(days=1)} 13:00").states(pmc.PurchaseRedated, order_no=order_no, **said, **later)


def _complained_of(story: Story, order_no: str, day: date) -> None:
    said: dict[str, Any] = {"order_no": order_no, "complaint_no": f"C-{order_no}"}
    received: dict[str, Any] = {"kind": "quality", "received_at": local(f"{day} 09:00"), "channel": "mail"}
    story.at(f"{day} 09:00").states(sales.ComplaintReceived, **received, **said)
    passed_on = links.complaint_to_pmc(said["complaint_no"])
    story.delivers(passed_on, "salesperson", service="sales", order_no=order_no)
    story.at(f"{day} 15:00").states(sales.ComplaintPassed, closes=(passed_on,), **said)
    attributed: dict[str, Any] = {
        "matter": "complaint",
        "cause": "production",
        "attribution_no": f"ATT-{order_no}",
        "line_no": 1,
    }
    story.at(f"{day} 15:30").states(pmc.ComplaintAttributed, by=STAFF["planner"], **said, **attributed)
    story.at(f"{day} 16:00").states(pmc.ComplaintClosed, **said)
