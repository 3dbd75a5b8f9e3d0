"""Is this service far behind with sending what it stated? That alarms an operator, and refuses nobody's command."""

from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import transaction
from chassis.lives import Elapsed
from chassis.relay import Relay

log = structlog.get_logger()

MOST_FACTS = 10_000
LONGEST_S = 60.0
LOOK_EVERY_S = 5.0

PUBLISHED = text("SELECT published_epoch, published_sequence FROM relay_state")
# Counts no further than to the alarm.
UNSENT = text(f"""
WITH unsent AS (
    SELECT event_id FROM outbox WHERE (epoch, sequence) > (:epoch, :sequence)
    UNION ALL SELECT event_id FROM outbox WHERE sequence IS NULL
)
SELECT (SELECT count(*) FROM (SELECT FROM unsent LIMIT {MOST_FACTS + 1}) AS few) AS facts, coalesce(
    (SELECT event_id FROM outbox WHERE (epoch, sequence) > (:epoch, :sequence) ORDER BY epoch, sequence LIMIT 1),
    (SELECT event_id FROM outbox WHERE sequence IS NULL ORDER BY id LIMIT 1)
) AS oldest
""")  # noqa: S608 - the limit is our constant


class Backlog:
    """How far the relay is behind, looked at every few seconds."""

    def __init__(self, engine: AsyncEngine, relay: Relay) -> None:
        self._engine = engine
        self._relay = relay
        self._looked = Elapsed()
        self.behind = False

    @property
    def due(self) -> bool:
        return self._looked.seconds >= LOOK_EVERY_S

    async def look(self) -> None:
        """Notice that there is too much, or that what is there is too old, and say so once."""
        async with transaction(self._engine) as session:
            mark = self._relay.figures.position or (await session.execute(PUBLISHED)).one_or_none() or (0, 0)
            row = (await session.execute(UNSENT, {"epoch": mark[0], "sequence": mark[1]})).one()
        self._looked.restart()
        behind = row.facts > MOST_FACTS or age(born(row.oldest)) > LONGEST_S
        if behind and not self.behind:
            log.error("facts are not sent", at_least=row.facts, oldest_seconds=round(age(born(row.oldest))))
        elif self.behind and not behind:
            log.info("facts are sent again")
        self.behind = behind


def born(event_id: UUID | None) -> datetime | None:
    """The real time in an event's id: recorded_at may be a scenario's."""
    return None if event_id is None else datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)


def age(since: datetime | None) -> float:
    """Seconds of real time."""
    return 0.0 if since is None else max(0.0, (datetime.now(UTC) - since).total_seconds())
