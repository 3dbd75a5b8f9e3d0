"""Who works beside accountability's bus? The intake fills the ledger, the frontier follows the watermarks, the judge judges."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.antientropy import Completeness
from chassis.bus import Bus, signer_of
from chassis.clock import factory_now
from chassis.database import transaction
from chassis.inbox import Stream
from chassis.lives import cancel, happens, live_on
from chassis.settings import Settings
from chassis.signing import NotSigned, verify
from contracts.control import ALL, PAGE, SignedWatermark, Watermark
from services.accountability.judging import Judging
from services.accountability.ledger import frontier, ledger, restored, sources
from services.accountability.ledger.heads import Head, hold
from services.accountability.ledger.intake import Intake
from services.accountability.models import SourceHead
from services.accountability.privacy.keeping import Sweep
from services.accountability.proof.checkpoints import Checkpoints, Pace
from services.accountability.proof.signatures import Signatures
from services.accountability.what_if.answering import WhatIfs

log = structlog.get_logger()

REMEMBERED = 50
SWEEP_S = 0.5
# Verdicts may be this much later: under load one look at the books counts for many facts and watermarks.
SHORTEST_PAUSE_S = 0.4


class WholeSources:
    """The ledger wants every fact of every source, in one stream each."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._epochs: dict[str, int] = {}

    def streams(self, watermark: Watermark) -> dict[str, int]:
        """Of an epoch that is over nothing more can come."""
        over = watermark.epoch < self._epochs.get(watermark.source, 0)
        return {} if over else {ALL: watermark.last(ALL)}

    async def through(self) -> dict[Stream, int]:
        async with transaction(self.engine) as session:
            rows = (await session.execute(select(SourceHead.source, SourceHead.epoch, SourceHead.sequence))).all()
        self._epochs = {row.source: row.epoch for row in rows}
        return {Stream(row.source, row.epoch, ALL): row.sequence for row in rows}

    async def missing(self, stream: Stream, last: int, through: int) -> Sequence[int]:
        async with transaction(self.engine) as session:
            return await ledger.missing(session, stream.source, stream.epoch, through, last, PAGE)


class Office:
    """The ledger's one writer and the frontier's keeper. `moved` is set whenever there may be something to judge."""

    def __init__(self, settings: Settings, engine: AsyncEngine) -> None:
        self.engine = engine
        self.completeness: Completeness = WholeSources(engine)
        self.intake = Intake(settings, engine, self._wake)
        self.moved = asyncio.Event()
        self.judging = Judging(engine, self.moved)
        self.what_ifs = WhatIfs(engine, settings.database_url)
        self.sweep = Sweep(engine)
        self.checkpoints = Checkpoints(engine, signer_of(settings), Pace())
        self.signatures = Signatures(engine, self.checkpoints.signer)
        self._stirred = asyncio.Event()
        self._said: dict[str, list[Watermark]] = defaultdict(list)
        self._unverified: list[SignedWatermark] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, bus: Bus) -> None:
        bus.control.on_watermark.append(self.hear)
        parts = {
            "intake": self.intake.live,
            "frontier": self.follow,
            "judge": self.judging.live,
            "what-if": self.what_ifs.live,
            "keeping": self.sweep.live,
        }
        self._tasks = [asyncio.create_task(live_on(name, live), name=name) for name, live in parts.items()]

    async def stop(self) -> None:
        await cancel(self._tasks)

    async def metrics(self) -> dict[str, float]:
        """How much was taken in and judged, and how far the evidence is behind the factory's time."""
        async with transaction(self.engine) as session:
            reached, now = await ledger.frontier(session), await factory_now(session)
        return {
            "ledger_entered_total": self.intake.taken,
            "ledger_duplicates_total": self.intake.known,
            "judged_total": self.judging.judged,
            "frontier_lag_seconds": (now - reached).total_seconds() if reached else -1.0,
        }

    async def hear(self, signed: SignedWatermark) -> None:
        self._unverified.append(signed)
        self._wake()

    def _wake(self) -> None:
        self._stirred.set()

    async def follow(self) -> None:
        """Move the frontier after every batch of facts and every watermark."""
        while True:
            self._stirred.clear()
            await self.advance()
            await asyncio.sleep(SHORTEST_PAUSE_S)
            await happens(self._stirred, SWEEP_S)

    async def advance(self) -> None:
        """Weigh what was said and not yet counted; what still waits for facts is weighed again later."""
        await self.checkpoints.prepare()
        await self.signatures.sign()
        async with transaction(self.engine) as session:
            heads, trusted = await hold(session), await sources.trusted(session)
            self._read(trusted)
            said = [watermark for watermarks in self._said.values() for watermark in watermarks]
            before = heads.frontier
            await frontier.hear_into(session, heads, trusted, said)
            await restored.notice(session, heads.sources, said)
            await self.checkpoints.make(session, heads, trusted)
        for source, watermarks in self._said.items():
            head = heads.sources.get(source, Head(source))
            ahead = [watermark for watermark in watermarks if watermark.sequence > head.sequence]
            self._said[source] = ahead[-REMEMBERED:]
        if heads.frontier != before:
            self.moved.set()

    def _read(self, trusted: dict[str, Ed25519PublicKey]) -> None:
        """Only what a registered source has signed counts."""
        unread, self._unverified = self._unverified, []
        for signed in unread:
            try:
                watermark = verify(signed, trusted)
            except NotSigned as error:
                log.debug("a watermark does not count", reason=str(error))
            else:
                self._said[watermark.source].append(watermark)
                self.checkpoints.hear(watermark, signed)
