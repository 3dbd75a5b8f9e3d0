"""When does the judge sign where its ledger stands? Every so many facts or seconds, and whenever evidence is exported."""

import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import structlog
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from chassis.signing import Signer
from contracts.control import SignedWatermark, Watermark
from services.accountability.ledger.heads import Heads
from services.accountability.proof.outline import BEFORE_THE_FIRST, fold, line_of
from services.accountability.proof.statements import Checkpoint, SignedCheckpoint, SourceEnd
from services.accountability.proof.tables import LedgerCheckpoint

log = structlog.get_logger()

LOOK_S = 0.5
PAGE = 5_000
REMEMBERED = 50
LINES = text("""
SELECT position, source, epoch, sequence, type, subject, admitted, sha256(body) AS digest, hash, source_hash
FROM ledger WHERE position > :after AND position <= CAST(:after AS bigint) + :page ORDER BY position
""")
DUE = text("""
SELECT head.position, last.position AS signed_to, last.outline,
    coalesce(extract(epoch FROM clock_timestamp() - last.written_at), 'infinity') AS age,
    EXISTS (SELECT FROM evidence_exports WHERE asked_at > coalesce(last.written_at, '-infinity')) AS asked
FROM ledger_head AS head LEFT JOIN LATERAL (SELECT * FROM ledger_checkpoints ORDER BY no DESC LIMIT 1) AS last ON true
""")


class Pace(BaseSettings):
    """How often: after so many facts, or after so many seconds in which there was at least one."""

    model_config = SettingsConfigDict(env_prefix="HANDOVER_CHECKPOINT_", extra="ignore")

    facts: int = Field(default=1_000, ge=1)
    seconds: float = Field(default=3_600, gt=0)


@dataclass
class Checkpoints:
    """The one who signs. It remembers the sources' signed words and how far it has followed the outline."""

    engine: AsyncEngine
    signer: Signer
    pace: Pace

    def __post_init__(self) -> None:
        self.due = False
        self._said: dict[str, list[tuple[Watermark, SignedWatermark]]] = defaultdict(list)
        self._position, self._outline = 0, BEFORE_THE_FIRST
        self._looked_at = float("-inf")

    def hear(self, watermark: Watermark, signed: SignedWatermark) -> None:
        """Keep a verified watermark: it may be the one on which the next frontier rests."""
        said = self._said[watermark.source]
        said.append((watermark, signed))
        del said[:-REMEMBERED]

    async def prepare(self) -> None:
        """See whether one is due, and if so follow the outline as far as it is written; nothing is locked meanwhile."""
        if time.monotonic() - self._looked_at < LOOK_S:
            return
        self._looked_at = time.monotonic()
        self.due = self.due or await self._has_become_due()
        while self.due and await self._page():
            continue

    async def _has_become_due(self) -> bool:
        async with transaction(self.engine) as session:
            row = (await session.execute(DUE)).one_or_none()
        if row is None:
            return False
        if (row.signed_to or 0) > self._position:
            self._position, self._outline = row.signed_to, row.outline
        new = row.position - (row.signed_to or 0)
        return bool(row.asked or new >= self.pace.facts or (new and row.age >= self.pace.seconds))

    async def _page(self) -> bool:
        async with transaction(self.engine) as session:
            return await self._follow(session) == PAGE

    async def _follow(self, session: AsyncSession) -> int:
        rows = (await session.execute(LINES, {"after": self._position, "page": PAGE})).all()
        self._outline = fold(self._outline, map(line_of, rows))
        self._position = rows[-1].position if rows else self._position
        return len(rows)

    async def make(self, session: AsyncSession, heads: Heads, registered: Collection[str]) -> None:
        """Sign where the ledger stands, if it is due and every source's word is at hand; `heads` are held."""
        words = self._words(heads, registered) if self.due else None
        if words is None or heads.frontier is None:
            return
        followed = self._position, self._outline
        while self._position < heads.position:
            await self._follow(session)
        made = Checkpoint(
            position=heads.position,
            hash=heads.hash.hex(),
            outline=self._outline.hex(),
            frontier=heads.frontier,
            sources={source: end_of(heads, watermark) for source, (watermark, _) in words.items()},
            made_at=await factory_now(session),
            exports_signed=True,
        )
        self._position, self._outline = followed  # what a rollback would take back was never followed
        await save(session, self.signer.seal(made.canonical(), SignedCheckpoint), words)
        self.due = False
        log.info("a checkpoint is signed", position=made.position, hash=made.hash)

    def _words(self, heads: Heads, registered: Collection[str]) -> dict[str, tuple[Watermark, SignedWatermark]] | None:
        """The signed word of every registered source on which the frontier rests; None while one is not at hand."""
        words = {}
        for source in registered:
            head = heads.sources.get(source)
            wanted = (head.epoch, head.complete_to) if head else None
            said = [each for each in self._said[source] if (each[0].epoch, each[0].promised) == wanted]
            if not said:
                return None
            words[source] = said[-1]
        least = min((watermark.promised for watermark, _ in words.values()), default=None)
        return words if least is not None and least == heads.frontier else None


def end_of(heads: Heads, watermark: Watermark) -> SourceEnd:
    head = heads.sources[watermark.source]
    return SourceEnd(epoch=head.epoch, sequence=head.sequence, hash=head.hash.hex(), promised=watermark.promised)


async def save(
    session: AsyncSession, signed: SignedCheckpoint, words: dict[str, tuple[Watermark, SignedWatermark]]
) -> None:
    made = signed.read()
    row = {
        "position": made.position,
        "outline": bytes.fromhex(made.outline),
        "frontier": made.frontier,
        **signed.model_dump(),
        "watermarks": {source: word.model_dump() for source, (_, word) in words.items()},
    }
    await session.execute(insert(LedgerCheckpoint).values(row))


async def newest(session: AsyncSession) -> SignedCheckpoint | None:
    """The last checkpoint that was signed."""
    columns = (LedgerCheckpoint.statement, LedgerCheckpoint.key, LedgerCheckpoint.signature)
    row = (await session.execute(select(*columns).order_by(LedgerCheckpoint.no.desc()).limit(1))).one_or_none()
    return SignedCheckpoint.model_validate(row._mapping) if row else None
