"""How does a service take part in the company's bus, and how is its part doing?"""

import asyncio
import time
from collections.abc import Callable

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.antientropy import AntiEntropy, Completeness
from chassis.availability import AfterOutage, Availability
from chassis.backlog import PUBLISHED, Backlog, age, born
from chassis.clock import install_clock
from chassis.consumers import Consumers
from chassis.control import Control
from chassis.database import after_commit, transaction
from chassis.gate import gate_of
from chassis.handling import Handling
from chassis.heads import Heads
from chassis.inbox import Inbox
from chassis.listener import Listener
from chassis.lives import cancel, live_on
from chassis.notifications import forget_notifications
from chassis.prevention import Prevention
from chassis.relay import Relay
from chassis.retention import forget_old_facts
from chassis.safeguards import SOUND, Safeguards
from chassis.settings import Settings
from chassis.signing import Signer
from chassis.waiters import Waiters

log = structlog.get_logger()

SWEEP_S = 1.0
FORGET_S = 3600.0
STOP_LIMIT_S = 10.0
# A broker that has not answered for so long does not answer.
BROKER_SILENCE_S = 10.0
DATABASE_LIMIT_S = 2.0

FIGURES = text("""
SELECT
    (SELECT count(*) FROM outbox WHERE (epoch, sequence) > (:epoch, :sequence))
        + (SELECT count(*) FROM outbox WHERE sequence IS NULL) AS unpublished,
    coalesce(
        (SELECT event_id FROM outbox WHERE (epoch, sequence) > (:epoch, :sequence) ORDER BY epoch, sequence LIMIT 1),
        (SELECT event_id FROM outbox WHERE sequence IS NULL ORDER BY id LIMIT 1)
    ) AS oldest_unpublished,
    (SELECT count(*) FROM parked WHERE status = 'parked') AS parked,
    (SELECT count(*) FROM waiting) AS waiting,
    (SELECT min(since) FROM waiting) AS oldest_waiting
""")


class Bus:
    """Everything of a service that talks to the broker: relay, listener, waiters and the keeper of their books.

    Without consumers the service has no handlers of its own: whoever reads its queue tells by `completeness` what came.
    """

    def __init__(
        self,
        service: str,
        settings: Settings,
        engine: AsyncEngine,
        consumers: Consumers | None = None,
        *,
        signer: Signer | None = None,
        completeness: Completeness | None = None,
        safeguards: Safeguards = SOUND,
        after_outage: AfterOutage | None = None,
    ) -> None:
        self.service, self.settings, self.engine = service, settings, engine
        self.consumers = consumers if consumers and consumers.names() else None
        self.gate = gate_of(engine)
        self.relay = Relay(settings, signer or signer_of(settings), gate=self.gate, safeguards=safeguards)
        self.heads = Heads(engine)
        self.control = Control(service, self.relay, self.heads)
        self.handling = Handling(engine, self.consumers, safeguards=safeguards) if self.consumers else None
        self.waiters = Waiters(engine, self.consumers) if self.consumers else None
        self.listener = Listener(settings, self.handling, self.control.hear)
        self.inbox = Inbox(engine, self.consumers.names() if self.consumers else ())
        self.antientropy = AntiEntropy(
            service, completeness or self.inbox, self.relay, resend_after_s=settings.resend_after_seconds
        )
        self.availability = Availability(engine, service, after_outage)
        self.backlog = Backlog(engine, self.relay)
        self.prevention = Prevention(service, engine, settings.risk_at, settings.warn)
        self._tasks: list[asyncio.Task[None]] = []
        self._forgot_at = time.monotonic()
        self._forget_commits: Callable[[], None] | None = None

    async def start(self) -> None:
        """Begin; a broker that is away is waited for in the background. Raises ClockRefused."""
        self.gate.shut()
        async with self.engine.begin() as connection:
            await install_clock(connection, self.settings.clock)
        await self.heads.load()
        await self.availability.beat()
        self._forget_commits = after_commit(self.engine, self._committed)
        parts = {"relay": self.relay.run(), "listener": self.listener.run(), "keeper": live_on("keeper", self._keep)}
        if self.waiters:
            parts["waiters"] = self.waiters.run()
        parts |= self.prevention.messengers()
        self._tasks = [asyncio.create_task(work, name=f"{self.service} {part}") for part, work in parts.items()]

    async def stop(self) -> None:
        """End between two transactions; what was received and not handled is delivered again."""
        if self._forget_commits:
            self._forget_commits()
        try:
            async with asyncio.timeout(STOP_LIMIT_S), self.listener.between_batches:
                await cancel(self._tasks)
        except TimeoutError:
            log.warning("a batch of facts did not end in time and is rolled back", service=self.service)
            await cancel(self._tasks)

    def wake(self) -> None:
        """The stepped clock was moved: say a watermark at once, and note that we were there."""
        self.relay.hurry()

    def _committed(self, session: AsyncSession) -> None:
        if session.info["facts"]:
            self.relay.wake()
        if session.info["woken"] and self.waiters:
            self.waiters.wake()

    async def _keep(self) -> None:
        """Once a second: books of the inbox, heads of the sources, gaps, and our own heartbeat."""
        while True:
            await self.heads.save()
            if self.consumers:
                await self.inbox.advance()
            if self.relay.figures.leading:
                await self.antientropy.compare(self.heads.watermarks(), backlog=self.listener.backlog)
            if self.availability.due:
                await self.availability.beat()
            if self.backlog.due:
                await self.backlog.look()
            if self.prevention.due:
                await self.prevention.look()
            if time.monotonic() - self._forgot_at > FORGET_S:
                await forget_old_facts(self.engine, self.settings.retention_days)
                await forget_notifications(self.engine)
                await self.prevention.give_up()
                self._forgot_at = time.monotonic()
            await asyncio.sleep(SWEEP_S)

    async def ready(self) -> dict[str, bool]:
        """Whether database and broker answered our own probes just now, and what we state is sent in time."""
        answered = self.listener.answered_at
        return {
            "database": await self._database_answers(),
            "broker": answered is not None and time.monotonic() - answered < BROKER_SILENCE_S,
            "sending": not self.backlog.behind,
        }

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(DATABASE_LIMIT_S), transaction(self.engine) as session:
                return await session.scalar(text("SELECT true")) is True
        except Exception as error:
            log.warning("the database does not answer", service=self.service, error=repr(error))
            return False

    async def metrics(self) -> dict[str, float]:
        """Numbers for Prometheus; ages in seconds of real time."""
        async with transaction(self.engine) as session:
            mark = self.relay.figures.position or (await session.execute(PUBLISHED)).one_or_none() or (0, 0)
            row = (await session.execute(FIGURES, {"epoch": mark[0], "sequence": mark[1]})).one()
        said_at, tally = self.relay.figures.said_at, self.handling.tally if self.handling else None
        return {
            "relay_leading": float(self.relay.figures.leading),
            "published_total": self.relay.figures.published,
            "unpublished": row.unpublished,
            "oldest_unpublished_seconds": age(born(row.oldest_unpublished)),
            "relay_behind": float(self.backlog.behind),
            "watermark_age_seconds": time.monotonic() - said_at if said_at is not None else -1.0,
            "handled_total": tally.handled if tally else 0,
            "duplicates_total": tally.duplicates if tally else 0,
            "parked": row.parked,
            "waiting": row.waiting,
            "oldest_waiting_seconds": age(row.oldest_waiting),
            "gaps": self.antientropy.lasting,
            "queue_backlog": self.listener.backlog,
        }


def signer_of(settings: Settings) -> Signer:
    """The holder of this service's private key."""
    if settings.signing_key_file is None:
        log.warning(
            "no signing key is set: statements are signed with one that nobody trusts", service=settings.service
        )
        return Signer.generate()
    return Signer.load(settings.signing_key_file)
