"""How long are stated facts kept, so that they can be sent again?"""

import time
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import transaction

DAY_S = 86_400
# Looks at the oldest rows alone, and never at one that the broker has not confirmed.
FORGET = text("""
DELETE FROM outbox USING (SELECT id FROM outbox ORDER BY id LIMIT 1000) AS oldest, relay_state AS relay
WHERE outbox.id = oldest.id AND outbox.event_id < :kept_from
    AND (outbox.epoch, outbox.sequence) <= (relay.published_epoch, relay.published_sequence)
RETURNING outbox.id
""")


async def forget_old_facts(engine: AsyncEngine, days: float) -> int:
    """Delete published facts that were stated more than `days` ago, in real time; returns how many."""
    kept_from = UUID(int=int((time.time() - days * DAY_S) * 1000) << 80)
    forgotten = 0
    while True:
        async with transaction(engine) as session:
            page = len((await session.execute(FORGET, {"kept_from": kept_from})).all())
        forgotten += page
        if page == 0:
            return forgotten
