"""What did a source forget whose database was restored, and who says that its new epoch counts?

The source tells of a new epoch in its watermarks, and up to where it remembers the one before. Its facts of the new epoch
wait and hold the frontier until somebody has accepted them. What the ledger knows and the source does not is listed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import structlog
from pydantic import Field
from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import find, lock, move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import FactForgotten, ForgottenFactSettled, SourceEpochAccepted
from contracts.control import Watermark
from contracts.event import SYSTEM_ACTOR, DutyRef
from services.accountability.ledger import ledger
from services.accountability.ledger.heads import Head, hold
from services.accountability.models import ForgottenFact, ForgottenStatus, LedgerEntry, Source, SourceStatus

log = structlog.get_logger()

PAGE = 500
# Our own word on what was forgotten has to be in the ledger before the frontier moves on, so that nothing is judged
# without it.
UNHEARD = text(f"""
SELECT EXISTS (
    SELECT FROM outbox LEFT JOIN ledger_sources AS head ON head.source = 'accountability'
    WHERE event = '{FactForgotten.name}' AND (
        outbox.sequence IS NULL OR (outbox.epoch, outbox.sequence) > (coalesce(head.epoch, 0), coalesce(head.sequence, 0))
    )
)
""")  # noqa: S608 - the event's name is our constant


class StillListing(Refusal):
    code = "still_listing"
    message = Label(
        "正在列出 {no} 遗忘的事实,尚未全部进入账本。请几秒后再试。",
        "What {no} has forgotten is still being listed and entered in the ledger. Please try again in a few seconds.",
    )


class Reason(Form):
    """What was looked at, and why this is right."""

    reason: str = Field(min_length=1, max_length=2000)


async def notice(session: AsyncSession, heads: Mapping[str, Head], said: Iterable[Watermark]) -> None:
    """Find the sources that speak in a later epoch than ours, and list what each has forgotten."""
    later: dict[str, Watermark] = {}
    for watermark in sorted(said, key=lambda each: each.epoch, reverse=True):
        head = heads.get(watermark.source)
        if head is not None and 0 < head.epoch < watermark.epoch:
            later[watermark.source] = watermark
    for source in sorted(later):
        await mark_restored(session, heads[source], later[source])


async def mark_restored(session: AsyncSession, head: Head, watermark: Watermark) -> None:
    """The earliest epoch that we do not follow yet is the one to be accepted first."""
    source = await find(session, Source, watermark.source, hold=True)
    if source is None or source.status == SourceStatus.RETIRED:
        return
    if source.status == SourceStatus.REGISTERED:
        former = watermark.former
        move(source, SourceStatus.RESTORED)
        source.new_epoch = watermark.epoch
        source.former_epoch, source.former_sequence = (former.epoch, former.sequence) if former else (0, 0)
        log.error("a source was restored and waits to be accepted", source=source.no, remembers=former and str(former))
    await list_forgotten(session, source)


async def list_forgotten(session: AsyncSession, source: Source) -> bool:
    """List the next facts that the ledger knows and the source does not; whether there were any."""
    rows = await unlisted(session, source)
    now = await factory_now(session)
    for row in rows:
        fact = ForgottenFact(
            no=f"{row.source}-{row.epoch}-{row.sequence}",
            order_no=row.subject,
            source=row.source,
            position=row.position,
            event=row.type,
            recorded_at=row.recorded_at,
            duties=touched(orjson.loads(row.body)["data"]),
            status=ForgottenStatus.OPEN,
            made_by=SYSTEM_ACTOR,
            made_at=now,
        )
        session.add(fact)
        if fact.duties:
            await publish(
                session,
                FactForgotten(order_no=fact.order_no, fact_no=fact.no, position=fact.position, duties=fact.duties),
            )
    await session.flush()
    return bool(rows)


async def unlisted(session: AsyncSession, source: Source) -> Sequence[LedgerEntry]:
    query = (
        select(LedgerEntry)
        .where(
            LedgerEntry.source == source.no,
            tuple_(LedgerEntry.epoch, LedgerEntry.sequence) > tuple_(source.former_epoch, source.former_sequence),
            ~select(ForgottenFact.no).where(ForgottenFact.position == LedgerEntry.position).exists(),
        )
        .order_by(LedgerEntry.epoch, LedgerEntry.sequence)
        .limit(PAGE)
    )
    return (await session.scalars(query)).all()


def touched(data: Mapping[str, Any]) -> tuple[DutyRef, ...]:
    """The handovers that a fact delivered, signed for, closed, paused or resumed."""
    refs = [ref for name in ("closes", "pauses", "resumes") for ref in data.get(name) or ()]
    if data.get("duty"):
        refs.append(data["duty"])
    return tuple(sorted({DutyRef.model_validate(ref) for ref in refs}, key=str))


async def accept(session: AsyncSession, no: str, form: Reason, *, by: str) -> Source:
    """The source's evidence counts again from its new epoch on; raises WrongStatus, StillListing."""
    ended = (await hold(session, {no})).sources[no]
    source = await lock(session, Source, no)
    move(source, SourceStatus.REGISTERED)
    if await list_forgotten(session, source) or await session.scalar(UNHEARD):
        raise StillListing(no=no)
    epoch = source.new_epoch or 0
    source.new_epoch = None
    fact = SourceEpochAccepted(
        service=no,
        epoch=epoch,
        former_epoch=ended.epoch,
        former_sequence=ended.sequence,
        reason=form.reason,
        accepted_by=by,
    )
    await publish(session, fact)
    await ledger.open_epoch(session, no, epoch)
    return source


async def settle(session: AsyncSession, no: str, form: Reason, *, by: str) -> ForgottenFact:
    """Somebody has seen to it, in the department's papers or with its people: the handovers are judged like any other."""
    fact = await lock(session, ForgottenFact, no)
    move(fact, ForgottenStatus.SETTLED)
    fact.reason, fact.approved_by, fact.approved_at = form.reason, by, await factory_now(session)
    stated = ForgottenFactSettled(
        order_no=fact.order_no,
        fact_no=no,
        position=fact.position,
        duties=fact.duties,
        reason=form.reason,
        settled_by=by,
    )
    await publish(session, stated)
    return fact
