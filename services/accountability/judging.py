"""How do facts become verdicts while the company works? The pure fold runs behind the frontier; its words are written down once.

Verdicts and the cursor move in one transaction. After a restart the judge folds again from its snapshot, says nothing up
to the cursor, and goes on.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis import hindsight
from chassis.database import transaction
from chassis.gate import gate_of
from chassis.telemetry import is_tracing
from services.accountability.figures import outcome_books
from services.accountability.judge.evidence import Entry, Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import Verdict
from services.accountability.ledger import ledger
from services.accountability.memory import Files
from services.accountability.models import JudgeCursor, JudgeSnapshot, LedgerEntry
from services.accountability.process import proceedings, records
from services.accountability.views import journeys

log = structlog.get_logger()

BATCH = 500
SNAPSHOT_ENTRIES = 20_000
Place = tuple[datetime, str, int, int]
ORDER = (LedgerEntry.admitted, LedgerEntry.source, LedgerEntry.epoch, LedgerEntry.sequence)


def after(place: Place) -> ColumnElement[bool]:
    """What the judge has not come to yet. By the first condition alone PostgreSQL can tell which months that may lie in."""
    return (LedgerEntry.admitted >= place[0]) & (tuple_(*ORDER) > tuple_(*place))


@dataclass
class Cursor:
    """The last entry that was folded; None before the first."""

    place: Place | None = None
    ticked_to: datetime | None = None

    def columns(self) -> dict[str, Any]:
        admitted, source, epoch, sequence = self.place or (None, "", 0, 0)
        return {"admitted": admitted, "source": source, "epoch": epoch, "sequence": sequence}

    @classmethod
    def of(cls, row: JudgeCursor | JudgeSnapshot) -> "Cursor":
        place = None if row.admitted is None else (row.admitted, row.source, row.epoch, row.sequence)
        return cls(place, getattr(row, "ticked_to", None))


class Judging:
    """The judge at work. `moved` tells it that the frontier has moved; it keeps its memory every so many entries."""

    def __init__(self, engine: AsyncEngine, moved: asyncio.Event, *, snapshot_entries: int = SNAPSHOT_ENTRIES) -> None:
        self.engine, self.moved, self.snapshot_entries = engine, moved, snapshot_entries
        self.state, self.files = State(), Files()
        self.cursor = Cursor()
        self.judged = 0
        self.since_snapshot = 0
        self.lag_seconds = 0.0

    async def live(self) -> None:
        """Restore, then judge whatever the frontier lets through. Any failure begins again from the snapshot."""
        await self.restore()
        await gate_of(self.engine).passed()
        while True:
            self.moved.clear()
            more = True
            while more:
                more = await self.step()
            await self.moved.wait()

    async def restore(self) -> None:
        """The state as it was at the cursor: the snapshot, and the fold from there without its words."""
        async with transaction(self.engine) as session:
            snapshot = await session.scalar(select(JudgeSnapshot))
            written = await session.scalar(select(JudgeCursor))
            self.state = await self.files.load(session)
        self.cursor = Cursor.of(snapshot) if snapshot else Cursor()
        self.since_snapshot = 0
        if written is None:
            return
        goal = Cursor.of(written)
        while goal.place is not None and self.cursor.place != goal.place:
            self.fold(await self.read(before=None, up_to=goal.place))
        if goal.ticked_to is not None:
            judge(self.state, Tick(goal.ticked_to))
        self.cursor.ticked_to = goal.ticked_to
        async with transaction(self.engine) as session:
            await outcome_books.refill(session, self.state)

    async def step(self) -> bool:
        """Fold one batch behind the frontier and write down what it says; True when there may be more."""
        async with transaction(self.engine) as session:
            frontier = await ledger.frontier(session)
        if frontier is None or frontier == self.cursor.ticked_to:
            return False
        rows = await self.read(before=frontier)
        verdicts = self.fold(rows)
        whole = len(rows) < BATCH
        if whole:
            verdicts += judge(self.state, Tick(frontier))
            self.cursor.ticked_to = frontier
        await self.write(verdicts)
        return not whole

    def fold(self, entries: Sequence[Entry]) -> list[Verdict]:
        verdicts = [verdict for entry in entries for verdict in judge(self.state, entry)]
        if entries:
            last = entries[-1]
            self.cursor.place = (last.admitted, last.fact["source"], last.fact["epoch"], last.fact["sequence"])
        self.judged += len(entries)
        self.since_snapshot += len(entries)
        return verdicts

    async def read(self, *, before: datetime | None, up_to: Place | None = None) -> Sequence[Entry]:
        """The next entries in the judge's order, and at hand what they may concern."""
        columns = (LedgerEntry.position, *ORDER, LedgerEntry.body, LedgerEntry.hash)
        query = select(*columns).order_by(*ORDER).limit(BATCH)
        if before is not None:
            query = query.where(LedgerEntry.admitted < before)
        if up_to is not None:
            query = query.where(LedgerEntry.admitted <= up_to[0], tuple_(*ORDER) <= tuple_(*up_to))
        if self.cursor.place is not None:
            query = query.where(after(self.cursor.place))
        async with transaction(self.engine) as session:
            rows = (await session.execute(query)).all()
            entries = [Entry.read(row.position, row.admitted, row.body, row.hash.hex()) for row in rows]
            await self.files.at_hand(session, self.state, entries)
        return entries

    async def write(self, verdicts: Sequence[Verdict]) -> None:
        """Verdicts, their figures, due process and the cursor: all or none; then what ended is traced."""
        began, settled = time.monotonic(), list[str]()
        async with transaction(self.engine) as session:
            session.info["service"] = "accountability"
            await records.write(session, verdicts)
            await outcome_books.write(session, self.state, verdicts)
            await session.flush()
            if self.cursor.ticked_to is not None:
                await proceedings.follow(session, self.state, self.cursor.ticked_to)
            past = await journeys.ended(session, self.state, verdicts) if is_tracing() else ()
            await self.save_cursor(session)
            if self.since_snapshot >= self.snapshot_entries:
                settled = await self.save_snapshot(session)
        self.files.forget(self.state, settled)
        self.lag_seconds = time.monotonic() - began
        for span in past:
            hindsight.tell(span)

    async def save_cursor(self, session: AsyncSession) -> None:
        place = self.cursor.columns()
        values = {"one": True, **place, "ticked_to": self.cursor.ticked_to}
        await session.execute(
            insert(JudgeCursor).values(values).on_conflict_do_update(index_elements=["one"], set_=values)
        )

    async def save_snapshot(self, session: AsyncSession) -> list[str]:
        """The memory as it stands; the orders that have been settled."""
        self.since_snapshot = 0
        rest, settled = await self.files.write(session, self.state)
        kept = {"one": True, **self.cursor.columns(), "state": rest}
        await session.execute(
            insert(JudgeSnapshot).values(kept).on_conflict_do_update(index_elements=["one"], set_=kept)
        )
        return settled
