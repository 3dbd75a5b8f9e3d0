"""Up to which instant is the evidence complete?

The frontier is the least, over all registered sources, of the last instant that a source promised in a watermark whose
every fact is here and whose hash is ours. It is minus infinity while one of them has promised nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.control import Watermark
from services.accountability.ledger.heads import Head, Heads, hold
from services.accountability.ledger.ledger import hash_at
from services.accountability.models import Source, SourceHead, SourceStatus

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one source's evidence reaches, for who asks whom verdicts wait for; None: it was never heard.

    `sequence` and `hash` end what is here without a gap; the source has promised that it goes on to `promised_sequence`.
    `new_epoch` is there while a restored source waits for somebody to accept it.
    """

    source: str
    complete_to: datetime | None
    promised_to: datetime | None
    frozen: str | None
    new_epoch: int | None
    epoch: int | None
    sequence: int | None
    hash: str | None
    promised_sequence: int | None


async def hear(session: AsyncSession, watermarks: Iterable[Watermark]) -> datetime | None:
    """Take verified watermarks into account, the newest complete one of each source, and move the frontier."""
    heads, registered = await hold(session), await registered_sources(session)
    await hear_into(session, heads, registered, watermarks)
    return heads.frontier


async def hear_into(
    session: AsyncSession, heads: Heads, registered: Collection[str], watermarks: Iterable[Watermark]
) -> None:
    """The same with heads that are held already; the sources whose evidence verdicts wait for are `registered`."""
    for watermark in sorted(watermarks, key=lambda each: (each.source, each.promised)):
        await weigh(session, heads.sources.setdefault(watermark.source, Head(watermark.source)), watermark)
    advance(heads, registered)
    await heads.save(session)


async def weigh(session: AsyncSession, head: Head, watermark: Watermark) -> None:
    """One watermark: its promise counts once all its facts are here; another hash freezes the source."""
    if head.epoch == 0:
        head.epoch = watermark.epoch
    if watermark.epoch != head.epoch or head.frozen:
        return
    head.promised_to, head.promised_sequence = watermark.promised, watermark.sequence
    if watermark.sequence > head.sequence:
        return
    known = await hash_at(session, head, watermark.sequence)
    if known is None or known.hex() != watermark.hash:
        head.frozen = f"sequence {watermark.sequence} has another hash than its source signed"
        log.error("a source is frozen", source=head.source, reason=head.frozen)
    elif head.complete_to is None or watermark.promised > head.complete_to:
        head.complete_to = watermark.promised


def advance(heads: Heads, registered: Collection[str]) -> None:
    """To the least promise of all registered sources; the frontier never goes back."""
    reached = [heads.sources[source].complete_to if source in heads.sources else None for source in registered]
    if reached and None not in reached:
        least = min(instant for instant in reached if instant is not None)
        heads.frontier = least if heads.frontier is None else max(heads.frontier, least)


async def registered_sources(session: AsyncSession) -> Sequence[str]:
    return (await session.scalars(select(Source.no).where(Source.status != SourceStatus.RETIRED))).all()


async def standings(session: AsyncSession) -> Sequence[Standing]:
    """Every registered source with how far it reaches, the one furthest behind first."""
    rows = await session.execute(
        select(
            Source.no,
            SourceHead.complete_to,
            SourceHead.promised_to,
            SourceHead.frozen,
            Source.new_epoch,
            SourceHead.epoch,
            SourceHead.sequence,
            func.encode(SourceHead.hash, "hex"),
            SourceHead.promised_sequence,
        )
        .outerjoin(SourceHead, SourceHead.source == Source.no)
        .where(Source.status != SourceStatus.RETIRED)
        .order_by(SourceHead.complete_to.asc().nulls_first())
    )
    return [Standing(*row) for row in rows]
