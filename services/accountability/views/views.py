"""What does somebody see who asks after an order, or whom verdicts wait for?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.errors import NotFound
from chassis.language import Label
from services.accountability import memory, queries
from services.accountability.judge import snapshot
from services.accountability.judge.evidence import Entry
from services.accountability.judging import ORDER, Judging, after
from services.accountability.ledger import ledger
from services.accountability.ledger.frontier import Standing, standings
from services.accountability.models import LedgerEntry
from services.accountability.proof import checkpoints
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.views import overviews
from services.accountability.views.overviews import Page
from services.accountability.views.timelines import Timeline, timeline

MOST_AHEAD = 500


@dataclass(frozen=True, slots=True)
class Evidence:
    """How far the evidence reaches, how far behind the factory's time each source is, and what was signed last."""

    now: datetime
    frontier: datetime | None
    judged_to: datetime | None
    sources: Sequence[Standing]
    checkpoint: SignedCheckpoint | None


async def evidence(session: AsyncSession) -> Evidence:
    now, reached, judged_to = (
        await factory_now(session),
        await ledger.frontier(session),
        await queries.judged_to(session),
    )
    return Evidence(now, reached, judged_to, await standings(session), await checkpoints.newest(session))


async def overview(session: AsyncSession, judging: Judging, begins: str, after: str = "") -> Page:
    """The orders whose number begins so, one line each, the newest first."""
    state, before = judging.state, after or overviews.PAST_ALL
    settled = await memory.newest(session, begins, before, overviews.PAGE + 1)
    found = overviews.newest(state, begins, before, settled)
    names = found[: overviews.PAGE]
    papers = await memory.papers(session, [no for no in names if no not in state.cases])
    counted = await queries.records_by_order(session, names)
    lines = overviews.orders(snapshot.beside(judging.state, papers.values()), names, counted)
    return Page(lines, names[-1] if len(found) > len(names) else "")


async def order_timeline(session: AsyncSession, judging: Judging, order_no: str) -> Timeline:
    """An order's handovers as judged up to the frontier, with what has come in since shown at once; raises NotFound."""
    query = (
        select(LedgerEntry.position, *ORDER, LedgerEntry.body, LedgerEntry.hash)
        .where(LedgerEntry.subject == order_no)
        .order_by(*ORDER)
        .limit(MOST_AHEAD)
    )
    if judging.cursor.place is not None:
        query = query.where(after(judging.cursor.place))
    now, rows = await factory_now(session), (await session.execute(query)).all()
    judged = judging.cursor.place  # the judge may have gone on while we read
    ahead = [
        Entry.read(row.position, row.admitted, row.body, row.hash.hex())
        for row in rows
        if judged is None or (row.admitted, row.source, row.epoch, row.sequence) > judged
    ]
    settled = {} if order_no in judging.state.cases else await memory.papers(session, [order_no])
    found = timeline(judging.state, order_no, now=now, ahead=ahead, papers=settled.values())
    if found is None:
        raise NotFound(kind=Label("订单时间线", "order timeline"), no=order_no)
    return found
