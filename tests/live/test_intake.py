"""Does the ledger go on reading after its connection was lost, also when it had nothing to do just then?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from chassis.lives import cancel, live_on
from services.accountability.ledger.intake import Intake
from tests.accountability.voice import Voice
from tests.chassis.company import Company, until
from tests.live.proxy import Proxy, proxy_to
from tests.support.departments import MORNING, department

pytestmark = pytest.mark.live


@dataclass
class Reading:
    """The ledger at its queue, the way between them, and a source that speaks."""

    company: Company
    way: Proxy
    sales: Voice
    acknowledged: int = 0

    async def say(self) -> None:
        await self.company.publish([self.sales.says(MORNING).body], "sales.something_said.v1")

    def entered(self) -> None:
        self.acknowledged += 1

    async def has_read(self, count: int) -> bool:
        return self.acknowledged == count


@pytest.fixture
async def reading(company: Company) -> AsyncIterator[Reading]:
    async with department("accountability") as books, proxy_to(company.broker_url) as way:
        await company.declare({"accountability": ("#",)})
        settings = company.settings("accountability", "", broker_url=way.url)
        reading = Reading(company, way, Voice("sales"))
        intake = asyncio.create_task(live_on("intake", Intake(settings, books.engine, reading.entered).live))
        yield reading
        await cancel([intake])
    for queue in ("accountability", "accountability.control"):
        await company.delete_queue(queue)


async def test_a_connection_that_is_lost_between_two_facts_is_made_again(reading: Reading):
    await reading.say()
    await until(lambda: reading.has_read(1))

    await reading.way.end()
    await reading.say()

    await until(lambda: reading.has_read(2))
