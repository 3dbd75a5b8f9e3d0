"""`python -m services.accountability.what_if.what_if`: the ledger as it was judged, and as it would be under what is supposed.

Reads a request as JSON from its input and the ledger from HANDOVER_DATABASE_URL, writes nothing. Each line of its output
is JSON: `{"done": …, "of": …}` while it works, and at last `{"differences": […]}`. A short ledger is replayed twice before a
second process would have started. Of a long one the judge's memory says what was and, reckoned anew by several processes, what
would be. Where it cannot say the latter, a replay is shared out among them; where it declines, each of two has one. Where several
things are supposed, the orders of the records that differ are looked at once more with only some of them.
"""

import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import reading, transaction
from services.accountability.what_if.apart import Apart
from services.accountability.what_if.comparing import Difference, differences, in_question, to_tell_apart
from services.accountability.what_if.reading import ALL, length
from services.accountability.what_if.recalling import Recollection, recall
from services.accountability.what_if.replaying import Found, Side, handovers_of
from services.accountability.what_if.shares import alone, share_out
from services.accountability.what_if.supposing import Supposition
from services.accountability.what_if.workers import Workers, engine_on, merged, replayed, say

SHORT = 20_000
MOST_PROCESSES = 8
ROOM_OF_OTHERS, ROOM_OF_A_PROCESS = 768 << 20, 320 << 20  # bytes: the service with this program; a process beside it
AS_LONG_AS_IT_TAKES = text("SET LOCAL idle_in_transaction_session_timeout = 0")


class Request(BaseModel):
    """What is supposed, by everything recorded before `until`; asked of the breaches from `since` on and before `before`."""

    supposition: Supposition
    until: datetime
    since: datetime | None = None
    before: datetime | None = None

    @property
    def less(self) -> list[Supposition]:
        """What is supposed in part, where it is several things."""
        return [supposition for _, supposition in self.supposition.less()]

    def apart(self, ends: Sequence[Side]) -> Apart:
        """How each of these ended, where they were looked at."""
        return Apart(dict(zip((parts for parts, _ in self.supposition.less()), ends, strict=True)) if ends else {})


class Answer(NamedTuple):
    """As it was, as it would be, and of the records that differ how they would be with a part of what is supposed."""

    was: Side
    would_be: Side
    apart: Apart = Apart({})


def main() -> None:
    gc.set_threshold(1_000_000)
    request = Request.model_validate_json(sys.stdin.buffer.read())
    answer = asyncio.run(answered(os.environ["HANDOVER_DATABASE_URL"], request))
    told = differences(*answer, supposition=request.supposition, since=request.since, before=request.before)
    say({"differences": [told_difference(each) for each in told]})


async def answered(url: str, request: Request) -> Answer:
    engine = engine_on(url)
    try:
        async with reading(engine) as session:
            short = await length(session, request.until) <= SHORT
        return await (one_after_the_other if short else recalled_or_replayed)(engine, url, request)
    finally:
        await engine.dispose()


async def one_after_the_other(engine: AsyncEngine, url: str, request: Request) -> Answer:
    before = await replayed(engine, Supposition(), request.until, ALL, told=False)
    after = await replayed(engine, request.supposition, request.until, ALL, told=True)
    asked = in_question(before.found, after.found)
    was, would_be = Side(before.found, before.dues(asked)), Side(after.found, after.dues(asked))
    ends, (orders, names) = list[Side](), asked_closely(closely(request, was, would_be))
    share = before.share_of(orders)
    for supposition in request.less if orders else ():
        some = await replayed(engine, supposition, request.until, share, told=False)
        ends.append(Side(some.found, some.dues(names)))
    return Answer(was, would_be, request.apart(ends))


def closely(request: Request, was: Side, would_be: Side) -> list[Found]:
    """The records of which it is to be said what of the supposition makes them differ."""
    told = to_tell_apart(was, would_be, request.supposition, request.since, request.before)
    return [found for each in told for found in (each.before, each.after) if found]


def asked_closely(found: Iterable[Found]) -> tuple[set[str], set[str]]:
    """Their orders, and what they name."""
    return {each.order_no for each in found}, {about for each in found for about in each.breaches}


async def recalled_or_replayed(engine: AsyncEngine, url: str, request: Request) -> Answer:
    """Of the judge's memory as it is at this moment, as long as that takes; else of the whole history."""
    with Workers(processes()) as workers:
        async with transaction(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
            await session.execute(AS_LONG_AS_IT_TAKES)
            known = await recall(session, request.until)
            if known is not None:
                reckoned = await known.can_be_reckoned(request.supposition)
                found = await (recalled if reckoned else recalled_beside_replay)(workers, url, request, known)
                if found is not None:
                    return found
        return await side_by_side(workers, url, request)


async def recalled(workers: Workers, url: str, request: Request, known: Recollection) -> Answer | None:
    """Both from the memory: as it stands, and reckoned anew. None where it does not agree with what the judge has said."""
    at_hand = await workers.reckon(known.company(), request.supposition, request.until)
    settled = await workers.reckon_settled(known.concluded(every=True), await known.length())
    if not known.agrees:
        return None
    after = {**at_hand, **settled}
    names = handovers_of(in_question(known.found, after))
    due = await workers.dues_reckoned(known.dues_of(names))
    was, would_be = Side(known.found, known.dues), Side(after, due)
    ends, found = list[Side](), closely(request, was, would_be)
    if found:
        parts = known.company(), request.less, request.until
        ends = await workers.reckon_apart(*parts, lambda: known.closely(found))
    return Answer(was, would_be, request.apart(ends))


async def recalled_beside_replay(workers: Workers, url: str, request: Request, known: Recollection) -> Answer | None:
    """What was from the memory; what would be by a replay that is shared out."""
    links = await known.links()
    async for _ in known.concluded(every=False):
        continue
    if links is None or not known.agrees:
        return None
    shares = share_out(links, known.concerned, len(workers))
    after = merged(await workers.replay(url, request.until, [(request.supposition, share) for share in shares]))
    asked = in_question(known.found, after)
    async for _ in known.dues_of(handovers_of(asked)):
        continue
    was, would_be = Side(known.found, known.dues), Side(after, merged(await workers.dues(asked, len(shares))))
    ends, (orders, names) = list[Side](), asked_closely(closely(request, was, would_be))
    if orders:
        share = alone(links, known.concerned, orders)
        ends = await workers.replay_apart(url, request.until, request.less, share, names)
    return Answer(was, would_be, request.apart(ends))


async def side_by_side(workers: Workers, url: str, request: Request) -> Answer:
    after, before = await workers.replay(url, request.until, [(request.supposition, ALL), (Supposition(), ALL)])
    now, was = await workers.dues(in_question(before, after), 2)
    sides = Side(before, was), Side(after, now)
    ends, (orders, names) = list[Side](), asked_closely(closely(request, *sides))
    if orders:
        share = await workers.share_of(orders, 1)
        ends = await workers.replay_apart(url, request.until, request.less, share, names)
    return Answer(*sides, request.apart(ends))


def processes(bounded: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """How many may work at one time: by processors, and by the memory that the container may use, where it is bounded."""
    most = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    with contextlib.suppress(OSError, ValueError):  # no such file, or "max"
        most = min(most, (int(bounded.read_text()) - ROOM_OF_OTHERS) // ROOM_OF_A_PROCESS)
    return max(most, 2)  # either side of a question has one


def told_difference(each: Difference) -> dict[str, Any]:
    return {
        "change": each.change,
        "at": each.at,
        "before": asdict(each.before) if each.before else None,
        "after": asdict(each.after) if each.after else None,
        "reasons": [{"zh": reason.zh, "en": reason.en} for reason in each.reasons],
    }


if __name__ == "__main__":
    main()
