"""`python -m services.accountability.what_if.what_if`: the ledger as it was judged, and as it would be under what is supposed.

Reads a request as JSON from its input and the ledger from HANDOVER_DATABASE_URL, writes nothing. Each line of its output
is JSON: `{"done": …, "of": …}` while it works, and at last `{"differences": […]}`. A short ledger is replayed twice before a
second process would have started. Of a long one the judge's memory says what was, and in which orders something might stand
now; these are replayed, shared out among the processors. Where the memory declines, two replays use a processor each.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import reading, transaction
from services.accountability.what_if.comparing import Difference, Side, differences, in_question
from services.accountability.what_if.reading import ALL, length
from services.accountability.what_if.recalling import Recollection, recall
from services.accountability.what_if.shares import Share, share_out, share_out_some
from services.accountability.what_if.supposing import Supposition
from services.accountability.what_if.workers import Value, Workers, engine_on, replayed, say

SHORT = 20_000
MOST_PROCESSES = 8
AS_LONG_AS_IT_TAKES = text("SET LOCAL idle_in_transaction_session_timeout = 0")


class Request(BaseModel):
    """What is supposed, by everything recorded before `until`; asked of the breaches from `since` on and before `before`."""

    supposition: Supposition
    until: datetime
    since: datetime | None = None
    before: datetime | None = None


def main() -> None:
    gc.set_threshold(1_000_000)
    request = Request.model_validate_json(sys.stdin.buffer.read())
    sides = asyncio.run(answered(os.environ["HANDOVER_DATABASE_URL"], request))
    told = differences(*sides, since=request.since, before=request.before)
    say({"differences": [told_difference(each) for each in told]})


async def answered(url: str, request: Request) -> tuple[Side, Side]:
    engine = engine_on(url)
    try:
        async with reading(engine) as session:
            short = await length(session, request.until) <= SHORT
        return await (one_after_the_other if short else recalled_or_replayed)(engine, url, request)
    finally:
        await engine.dispose()


async def one_after_the_other(engine: AsyncEngine, url: str, request: Request) -> tuple[Side, Side]:
    before = await replayed(engine, Supposition(), request.until, ALL, told=False)
    after = await replayed(engine, request.supposition, request.until, ALL, told=True)
    asked = in_question(before.found, after.found)
    return Side(before.found, before.dues(asked)), Side(after.found, after.dues(asked))


async def recalled_or_replayed(engine: AsyncEngine, url: str, request: Request) -> tuple[Side, Side]:
    """What was, from the judge's memory as it is at this moment, as long as the replay beside it takes."""
    with Workers(max(processes(), 2)) as workers:
        async with transaction(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
            await session.execute(AS_LONG_AS_IT_TAKES)
            before = await recall(session, request.until)
            if before is not None:
                return await beside_recollection(workers, url, request, before)
        return await side_by_side(workers, url, request)


async def beside_recollection(workers: Workers, url: str, request: Request, before: Recollection) -> tuple[Side, Side]:
    shares = await shared_out(workers, request.supposition, before)
    after = merged(await workers.replay(url, request.until, [(request.supposition, share) for share in shares]))
    asked = in_question(before.found, after)
    due = merged(await workers.dues(asked, len(shares)))
    return Side(before.found, await before.dues(asked)), Side(after, due)


async def shared_out(workers: Workers, supposition: Supposition, before: Recollection) -> list[Share]:
    """The orders in which something might stand; all of them where their papers cannot say."""
    links, concerned = await before.links(), before.concerned
    if not await before.can_be_sifted(supposition):
        return share_out(links, concerned, len(workers))
    troubled = await workers.sift(before.company(), supposition, before.untroubled(), await before.length())
    return share_out_some(troubled | before.troubled, links, concerned, len(workers))


async def side_by_side(workers: Workers, url: str, request: Request) -> tuple[Side, Side]:
    after, before = await workers.replay(url, request.until, [(request.supposition, ALL), (Supposition(), ALL)])
    now, was = await workers.dues(in_question(before, after), 2)
    return Side(before, was), Side(after, now)


def processes() -> int:
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def merged(parts: Sequence[dict[str, Value]]) -> dict[str, Value]:
    return {key: value for part in parts for key, value in part.items()}


def told_difference(each: Difference) -> dict[str, Any]:
    return {
        "change": each.change,
        "before": asdict(each.before) if each.before else None,
        "after": asdict(each.after) if each.after else None,
        "reasons": [{"zh": reason.zh, "en": reason.en} for reason in each.reasons],
    }


if __name__ == "__main__":
    main()
