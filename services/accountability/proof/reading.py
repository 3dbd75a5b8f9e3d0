"""How is a ledger of any length read for an export? Once, page by page: its outline goes straight into the file.

Each page has a transaction of its own: the ledger only grows. Nothing is held of a fact but what it may need to be in full.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import IO, Any

import orjson
from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import BigInteger

from chassis.database import transaction
from services.accountability.proof import outline
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Asked, Body
from services.accountability.proof.selection import Selection

PAGE = 2_000
FACTS = text("""
SELECT position, source, epoch, sequence, type, subject, admitted, sha256(body) AS digest, hash, source_hash, body
FROM ledger WHERE position > :after AND position <= :upto ORDER BY position
""")
"""Positions have no gaps, so a page is bounded by them: with a LIMIT the database may sort all that follows for each page."""
BODIES = text("""
SELECT position, source, epoch, sequence, type, subject, admitted, sha256(body) AS digest, hash, source_hash, body
FROM ledger WHERE position = ANY(:positions) ORDER BY position
""").bindparams(bindparam("positions", type_=ARRAY(BigInteger)))

Told = Callable[[int, int], None]
"""Hears how many facts of how many were read."""


@dataclass(frozen=True)
class Own:
    """Which facts are the cases' own: those of the orders, those `cited`, and what was said about the `records` that are shown.

    Where days were asked for, also what departments stated in them of no order (the judge's own are about persons and their wages).
    """

    asked: Asked
    cited: frozenset[int] = frozenset()
    records: frozenset[str] = frozenset()

    def holds(self, position: int, admitted: datetime, fact: Mapping[str, Any]) -> bool:
        if position in self.cited:  # also an order's paper that a finding of no order names
            return True
        if (order_no := fact.get("subject")) is not None:
            return order_no in self.orders
        if fact["data"].get("record_no") in self.records:
            return True
        return self.days is not None and fact["source"] != outline.JUDGE and self.days[0] <= admitted < self.days[1]

    @cached_property
    def orders(self) -> frozenset[str]:
        return frozenset(self.asked.orders)

    @cached_property
    def days(self) -> tuple[datetime, datetime] | None:
        return self.asked.days if self.asked.since is not None else None


async def read_past(engine: AsyncEngine, end: int, own: Own, member: IO[bytes], told: Told) -> set[int]:
    """Write the outline up to a position; returns the positions of the facts that the cases need in full."""
    selection, value = Selection(own.asked.person), outline.BEFORE_THE_FIRST
    async for rows in pages(engine, end):
        lines, value = outline.written(map(outline.line_of, rows), value)
        member.write(b"".join(lines))
        for row in rows:
            show(selection, own, row.position, row.admitted, orjson.loads(row.body))
        told(rows[-1].position, end)
    return selection.settle()


def show(selection: Selection, own: Own, position: int, admitted: datetime, fact: Mapping[str, Any]) -> None:
    if own.holds(position, admitted, fact):
        selection.own(position, fact)
    elif fact.get("subject") is None:
        selection.company(position, fact, frame=outline.is_frame(fact["type"]))
    else:
        selection.others(position, fact)


async def pages(engine: AsyncEngine, end: int) -> AsyncIterator[Sequence[Any]]:
    for after in range(0, end, PAGE):
        yield await page(engine, FACTS, after=after, upto=min(after + PAGE, end))


async def in_full(engine: AsyncEngine, positions: Collection[int]) -> tuple[dict[int, Line], list[Body]]:
    """The facts' lines, and exactly the bytes that came."""
    wanted, lines, bodies = sorted(positions), dict[int, Line](), list[Body]()
    for start in range(0, len(wanted), PAGE):
        rows = await page(engine, BODIES, positions=wanted[start : start + PAGE])
        lines |= {row.position: outline.line_of(row) for row in rows}
        bodies += [Body(row.position, bytes(row.body)) for row in rows]
    return lines, bodies


async def page(engine: AsyncEngine, query: TextClause, **values: Any) -> Sequence[Any]:
    async with transaction(engine) as session:
        return (await session.execute(query, values)).all()
