"""Sales hears of an exception or a delay report from the merchandiser, before the customer notices it (MER-05)."""

from datetime import timedelta
from typing import Any

import pytest

from contracts import links
from contracts.pmc import OperationDelayReported
from contracts.sales import ExceptionRelayed, HandoverDelivered
from tests.sales.conftest import FOLLOWER, SELLER, contract
from tests.support.departments import MORNING, Department

pytestmark = pytest.mark.asyncio


async def an_order(sales: Department) -> str:
    return str((await sales.do(SELLER, "submit_contract", **contract()))["no"])


def late(order_no: str, reason: str) -> OperationDelayReported:
    """A team says that its operation will take a day longer."""
    return OperationDelayReported(
        order_no=order_no,
        assignee="E-030",
        production_order_no="MO-1",
        line_no=1,
        op_no=10,
        expected_at=MORNING + timedelta(days=1),
        reason=reason,
        reported_by="E-030",
    )


async def relays(sales: Department) -> list[dict[str, Any]]:
    async with sales.as_(FOLLOWER) as client:
        items: list[dict[str, Any]] = (await client.get("/api/relays")).json()["items"]
    return items


async def attempts(sales: Department) -> list[int]:
    return [fact.attempt for fact in await sales.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]


async def test_a_teams_delay_report_is_to_be_relayed_to_sales(sales: Department) -> None:
    no = await an_order(sales)
    await sales.hear(late(no, "模具损坏"))

    ((relay,), (duty,)) = await relays(sales), await sales.facts(HandoverDelivered.name)
    assert (relay["exception_no"], relay["description"], relay["assignee"]) == ("MO-1/10", "模具损坏", FOLLOWER)
    assert (duty.duty, duty.post) == (links.exception_relay("MO-1/10", no), "merchandiser")  # type: ignore[attr-defined]
    await sales.do(FOLLOWER, "relay_exception", relay["no"], message="喷塑要晚一天")
    (told,) = await sales.facts(ExceptionRelayed.name)
    assert told.closes == (links.exception_relay("MO-1/10", no),)


async def test_what_is_reported_again_before_it_was_relayed_is_relayed_once(sales: Department) -> None:
    no = await an_order(sales)
    await sales.hear(late(no, "模具损坏"))
    await sales.hear(late(no, "备件没到"))

    (relay,) = await relays(sales)
    assert (relay["description"], await attempts(sales)) == ("模具损坏\n备件没到", [1])


async def test_what_is_reported_again_after_that_is_relayed_anew(sales: Department) -> None:
    no = await an_order(sales)
    await sales.hear(late(no, "模具损坏"))
    await sales.do(FOLLOWER, "relay_exception", (await relays(sales))[0]["no"], message="喷塑要晚一天")

    await sales.hear(late(no, "备件没到"))

    assert ([relay["status"] for relay in await relays(sales)], await attempts(sales)) == (["open", "relayed"], [1, 2])
