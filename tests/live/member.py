"""How does a tiny department of tests.chassis.company run as a process of its own, so that it can be killed?

`python -m tests.live.member` takes its settings from HANDOVER_* and HANDOVER_TEST_TRAIT, which makes it misbehave.
"""

import asyncio
import os
import signal
import sys

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.bus import Bus
from chassis.consumers import Consumers
from chassis.database import connect
from chassis.outbox import publish
from chassis.safeguards import SOUND, Safeguards
from chassis.settings import Settings
from tests.chassis.company import CONSUMERS, EFFECT, Ordered, Planned
from tests.support.logs import plain_logs

DEADLY = 13


def slow_consumers() -> Consumers:
    """Takes its time, so that a kill finds it at work."""
    consumers = Consumers("pmc")

    @consumers.on(Ordered)
    async def on_sample_ordered(event: Ordered, session: AsyncSession) -> None:
        await session.execute(EFFECT, {"event": event.name, "n": event.n})
        await asyncio.sleep(0.005)
        await publish(session, Planned(n=event.n))

    return consumers


def deadly_consumers() -> Consumers:
    """One number ends the process that handles it."""
    consumers = Consumers("pmc")

    @consumers.on(Ordered)
    async def on_sample_ordered(event: Ordered, session: AsyncSession) -> None:
        if event.n == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        await session.execute(EFFECT, {"event": event.name, "n": event.n})

    return consumers


TRAITS = {"slow": slow_consumers, "deadly": deadly_consumers, "acknowledges first": slow_consumers}


async def serve() -> None:
    settings = Settings()
    trait = os.environ.get("HANDOVER_TEST_TRAIT", "")
    consumers = TRAITS.get(trait, CONSUMERS[settings.service])()
    safeguards = Safeguards(acknowledge_after_commit=False) if trait == "acknowledges first" else SOUND
    bus = Bus(settings.service, settings, connect(settings.database_url, 8), consumers, safeguards=safeguards)
    if bus.waiters:
        bus.waiters.lease_s = 0.3
    await bus.start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    plain_logs(sys.stderr)
    asyncio.run(serve())
