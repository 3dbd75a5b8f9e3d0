"""`python -m services.accountability.what_if`: replay the ledger as it was and as it is supposed to have been.

Reads a request as JSON from its input and the ledger from HANDOVER_DATABASE_URL, writes nothing. Each line of its output
is JSON: `{"done": …, "of": …}` while it works, and at last `{"differences": […]}`. Of a long ledger the two replays use a
processor each; a short one is replayed twice before a second process would have started.
"""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import connect, reading
from chassis.driver import fetch
from services.accountability.comparing import Difference, Side, differences, in_question
from services.accountability.evidence import Entry
from services.accountability.hearing import SILENT
from services.accountability.replaying import Due, Found, Replay
from services.accountability.supposing import Supposition

BATCH = 5_000
SHORT = 20_000
ENTRIES = """
SELECT position, admitted, source, epoch, sequence, body, hash FROM ledger
WHERE admitted < $1 AND admitted >= $2 AND (admitted, source, epoch, sequence) > ($2, $3, $4, $5) AND type <> ALL($6)
ORDER BY admitted, source, epoch, sequence LIMIT $7
"""
COUNT = "SELECT count(*) FROM ledger WHERE admitted < $1 AND type <> ALL($2)"
UNHEARD = sorted(SILENT)
BEGINNING = (datetime.min.replace(tzinfo=UTC), "", 0, 0)


class Request(BaseModel):
    """What is supposed, and of which breaches the difference is asked: recorded from `since` on, before `until`."""

    supposition: Supposition
    until: datetime
    since: datetime | None = None


def main() -> None:
    gc.set_threshold(1_000_000)  # a fact becomes many objects, and hardly any of them a cycle
    request = Request.model_validate_json(sys.stdin.buffer.read())
    url = os.environ["HANDOVER_DATABASE_URL"]
    short = asyncio.run(length(url, request.until)) <= SHORT
    before, after = (one_after_the_other if short else side_by_side)(url, request)
    say({"differences": [told_difference(each) for each in differences(before, after, since=request.since)]})


def one_after_the_other(url: str, request: Request) -> tuple[Side, Side]:
    before = asyncio.run(replayed(url, Supposition(), request.until, told=False))
    after = asyncio.run(replayed(url, request.supposition, request.until, told=True))
    asked = in_question(before.found, after.found)
    return Side(before.found, before.dues(asked)), Side(after.found, after.dues(asked))


def side_by_side(url: str, request: Request) -> tuple[Side, Side]:
    context = get_context("spawn")
    with (
        ProcessPoolExecutor(max_workers=1, mp_context=context) as one,
        ProcessPoolExecutor(max_workers=1, mp_context=context) as other,
    ):
        suppositions = ((one, Supposition()), (other, request.supposition))
        runs = [pool.submit(side, url, each, request.until, told=pool is other) for pool, each in suppositions]
        before, after = (run.result() for run in runs)
        asked = in_question(before, after)
        was, is_now = (pool.submit(dues, asked).result() for pool, _ in suppositions)
    return Side(before, was), Side(after, is_now)


# Each side has a process to itself and stays in it, to be asked for due times when both have ended.
_side: list[Replay] = []


def side(url: str, supposition: Supposition, until: datetime, *, told: bool) -> dict[str, Found]:
    replay = asyncio.run(replayed(url, supposition, until, told=told))
    _side.append(replay)
    return replay.found


def dues(asked: set[str]) -> dict[str, Due]:
    return dict(_side[-1].dues(asked))


async def length(url: str, until: datetime) -> int:
    """How many facts a replay hears before a moment."""
    engine = connect(url, pool_size=1, application_name="handover-what-if")
    try:
        async with reading(engine) as session:
            return int((await fetch(session, COUNT, until, UNHEARD))[0][0])
    finally:
        await engine.dispose()


async def replayed(url: str, supposition: Supposition, until: datetime, *, told: bool) -> Replay:
    """One replay over everything before a moment; the ledger is read in pieces, whatever its length."""
    engine, replay, done = connect(url, pool_size=1, application_name="handover-what-if"), Replay(supposition), 0
    try:
        async with reading(engine) as session:
            of = (await fetch(session, COUNT, until, UNHEARD))[0][0]
            async for entries in pieces(session, until):
                replay.take(entries)
                done += len(entries)
                if told:
                    say({"done": done, "of": of})
    finally:
        await engine.dispose()
    replay.end(until)
    return replay


async def pieces(session: AsyncSession, until: datetime) -> AsyncIterator[list[Entry]]:
    place: tuple[datetime, str, int, int] = BEGINNING
    while rows := await fetch(session, ENTRIES, until, *place, UNHEARD, BATCH):
        yield [Entry.read(row["position"], row["admitted"], row["body"], row["hash"].hex()) for row in rows]
        last = rows[-1]
        place = (last["admitted"], last["source"], last["epoch"], last["sequence"])


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
