"""`python -m services.accountability.what_if.what_if`: the ledger as it was judged, and as it would be under what is supposed.

Reads a request as JSON from its input and the ledger from HANDOVER_DATABASE_URL, writes nothing. Each line of its output
is JSON: `{"done": …, "of": …}` while it works, and at last `{"differences": […]}`. A short ledger is replayed twice before a
second process would have started. Of a long one the judge's memory says what was, and the replay is shared out among the
processors; where the memory declines, the two replays use a processor each.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from multiprocessing import get_context
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import connect, reading, transaction
from services.accountability.judge.state import COMPANY
from services.accountability.what_if.comparing import Difference, Side, differences, in_question
from services.accountability.what_if.reading import ALL, length, pieces
from services.accountability.what_if.recalling import Recollection, recall
from services.accountability.what_if.replaying import Due, Found, Replay
from services.accountability.what_if.shares import Share, share_out
from services.accountability.what_if.supposing import Supposition

SHORT = 20_000
MOST_PROCESSES = 8
Value = TypeVar("Value")
AS_LONG_AS_IT_TAKES = text("SET LOCAL idle_in_transaction_session_timeout = 0")


class Request(BaseModel):
    """What is supposed, and of which breaches the difference is asked: recorded from `since` on, before `until`."""

    supposition: Supposition
    until: datetime
    since: datetime | None = None


def main() -> None:
    gc.set_threshold(1_000_000)  # a fact becomes many objects, and hardly any of them a cycle
    request = Request.model_validate_json(sys.stdin.buffer.read())
    before, after = asyncio.run(answered(os.environ["HANDOVER_DATABASE_URL"], request))
    say({"differences": [told_difference(each) for each in differences(before, after, since=request.since)]})


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
    async with transaction(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
        await session.execute(AS_LONG_AS_IT_TAKES)
        before = await recall(session, request.until)
        if before is not None:
            return await beside_recollection(url, request, before)
    return await asyncio.to_thread(side_by_side, url, request)


async def beside_recollection(url: str, request: Request, before: Recollection) -> tuple[Side, Side]:
    shares = share_out(await before.links(), before.concerned, processes())
    with Workers(len(shares)) as workers:
        runs = workers.start(url, [(request.supposition, share) for share in shares], request.until)
        after = merged([await asyncio.wrap_future(run) for run in runs])
        asked = in_question(before.found, after)
        due = merged([await asyncio.wrap_future(run) for run in workers.dues(asked)])
    return Side(before.found, await before.dues(asked)), Side(after, due)


def side_by_side(url: str, request: Request) -> tuple[Side, Side]:
    with Workers(2) as workers:
        runs = workers.start(url, [(request.supposition, ALL), (Supposition(), ALL)], request.until)
        after, before = (run.result() for run in runs)
        now, was = (run.result() for run in workers.dues(in_question(before, after)))
    return Side(before, was), Side(after, now)


def processes() -> int:
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


class Workers:
    """Each replay has a process to itself and stays in it, to be asked for due times when all have ended."""

    def __init__(self, number: int) -> None:
        self._open = ExitStack()
        context = get_context("spawn")
        self._pools = [self._open.enter_context(ProcessPoolExecutor(1, mp_context=context)) for _ in range(number)]

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start(
        self, url: str, parts: Sequence[tuple[Supposition, Share]], until: datetime
    ) -> list[Future[dict[str, Found]]]:
        """Replay each part; the first one says how far it is."""
        return [
            pool.submit(replay_in_process, url, supposition, until, share, told=pool is self._pools[0])
            for pool, (supposition, share) in zip(self._pools, parts, strict=True)
        ]

    def dues(self, asked: set[str]) -> list[Future[dict[str, Due]]]:
        return [pool.submit(dues_in_process, asked) for pool in self._pools]


_here: list[Replay] = []
"""The replay of this process."""


def replay_in_process(
    url: str, supposition: Supposition, until: datetime, share: Share, *, told: bool
) -> dict[str, Found]:
    gc.set_threshold(1_000_000)
    replay = asyncio.run(alone(url, supposition, until, share, told=told))
    _here.append(replay)
    return {key: found for key, found in replay.found.items() if share.is_first or found.order_no != COMPANY}


def dues_in_process(asked: set[str]) -> dict[str, Due]:
    return dict(_here[-1].dues(asked))


def merged(parts: Sequence[dict[str, Value]]) -> dict[str, Value]:
    return {key: value for part in parts for key, value in part.items()}


async def alone(url: str, supposition: Supposition, until: datetime, share: Share, *, told: bool) -> Replay:
    engine = engine_on(url)
    try:
        return await replayed(engine, supposition, until, share, told=told)
    finally:
        await engine.dispose()


def engine_on(url: str) -> AsyncEngine:
    return connect(url, pool_size=1, application_name="handover-what-if")


async def replayed(
    engine: AsyncEngine, supposition: Supposition, until: datetime, share: Share, *, told: bool
) -> Replay:
    """One replay over everything before a moment."""
    replay, done = Replay(supposition), 0
    async with reading(engine) as session:
        of = await length(session, until, share) if told else 0
        async for entries in pieces(session, until, share=share):
            replay.take(entries)
            done += len(entries)
            if told:
                say({"done": done, "of": of})
    replay.end(until)
    return replay


def told_difference(each: Difference) -> dict[str, Any]:
    return {
        "change": each.change,
        "before": asdict(each.before) if each.before else None,
        "after": asdict(each.after) if each.after else None,
        "reasons": [{"zh": reason.zh, "en": reason.en} for reason in each.reasons],
    }


def say(what: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(what, default=str) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
