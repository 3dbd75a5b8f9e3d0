"""What do the processes beside a question do? Each reckons cases, or replays a share, and is asked for due times in the end."""

import asyncio
import gc
import sys
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from itertools import cycle
from multiprocessing import get_context
from typing import Any, ParamSpec, TypeVar

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import connect, reading
from services.accountability.judge.state import COMPANY
from services.accountability.what_if.reading import length, pieces
from services.accountability.what_if.recalling import Bundle, Closely
from services.accountability.what_if.reckoning import Reckoning
from services.accountability.what_if.replaying import Due, Found, Replay, Side
from services.accountability.what_if.shares import Share
from services.accountability.what_if.supposing import Supposition

AT_ONCE = 3
"""Bundles of cases that wait for a process while it reckons one."""

Value = TypeVar("Value")
Given = ParamSpec("Given")


class Workers:
    """Processes of which each has its part to itself and stays in it; they begin to start at once."""

    def __init__(self, number: int) -> None:
        self._open = ExitStack()
        context = get_context("spawn")
        self._pools = [self._open.enter_context(ProcessPoolExecutor(1, mp_context=context)) for _ in range(number)]
        self._each(gc.set_threshold, 1_000_000)  # a fact becomes many objects, and hardly any of them a cycle

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __len__(self) -> int:
        return len(self._pools)

    async def reckon(
        self, company: tuple[bytes, list[bytes]], supposition: Supposition, until: datetime
    ) -> dict[str, Found]:
        """Take the memory in; what would stand in the cases at hand."""
        return (await together(self._each(take_in, *company, supposition, until)))[0]

    async def reckon_settled(self, bundles: AsyncIterable[Bundle], of: int) -> dict[str, Found]:
        """What would stand in these settled cases, of so many."""
        return await self._in_turn(reckon, counted(bundles, of))

    async def dues_reckoned(self, bundles: AsyncIterable[Bundle]) -> dict[str, Due]:
        """When the attempts at these handovers would have been due."""
        return await self._in_turn(dues_reckoned, bundles)

    async def reckon_apart(
        self,
        company: tuple[bytes, list[bytes]],
        suppositions: Sequence[Supposition],
        until: datetime,
        closely: Callable[[], AsyncIterator[Closely]],
    ) -> list[Side]:
        """What would stand of some orders under each of these; as many at one time as there are processes."""
        ends = []
        for start in range(0, len(suppositions), len(self)):
            some = suppositions[start : start + len(self)]
            pools = self._pools[: len(some)]
            pairs = zip(pools, some, strict=True)
            await together(pool.submit(take_in_apart, *company, supposition, until) for pool, supposition in pairs)
            parts = [await together(pool.submit(reckon_side, *each) for pool in pools) async for each in closely()]
            ends += [joined(one) for one in zip(*parts, strict=True)] if parts else [Side({}, {})] * len(some)
        return ends

    async def replay_apart(
        self, url: str, until: datetime, suppositions: Sequence[Supposition], share: Share, asked: set[str]
    ) -> list[Side]:
        """The same by a replay of these orders alone."""
        ends = []
        for start in range(0, len(suppositions), len(self)):
            some = suppositions[start : start + len(self)]
            found = await self.replay(url, until, [(each, share) for each in some], told=False)
            ends += [Side(one, due) for one, due in zip(found, await self.dues(asked, len(some)), strict=True)]
        return ends

    async def share_of(self, orders: set[str], number: int) -> Share:
        """These orders to be replayed alone, by what had to do with them in a replay."""
        return (await together([self._pools[number].submit(share_of, orders)]))[0]

    async def _in_turn(
        self, work: Callable[[Sequence[str], Sequence[bytes]], dict[str, Value]], bundles: AsyncIterable[Bundle]
    ) -> dict[str, Value]:
        """What the processes answer together; however many bundles there are, only some wait at one time."""
        answers, waiting, pools = dict[str, Value](), deque[Future[dict[str, Value]]](), cycle(self._pools)
        async for bundle in bundles:
            waiting.append(next(pools).submit(work, *bundle))
            if len(waiting) > AT_ONCE * len(self):
                answers.update(*await together([waiting.popleft()]))
        return merged([answers, *await together(waiting)])

    async def replay(
        self, url: str, until: datetime, parts: Sequence[tuple[Supposition, Share]], *, told: bool = True
    ) -> list[dict[str, Found]]:
        """What each finds in its part; the first one says how far it is, where that is to be told."""
        pools = self._pools[: len(parts)]
        return await together(
            pool.submit(replay, url, supposition, until, share, told=told and pool is pools[0])
            for pool, (supposition, share) in zip(pools, parts, strict=True)
        )

    async def dues(self, asked: set[str], number: int) -> list[dict[str, Due]]:
        """When these were due, in each of the first so many replays."""
        return await together(pool.submit(dues, asked) for pool in self._pools[:number])

    def _each(self, work: Callable[Given, Value], *given: Given.args, **named: Given.kwargs) -> "list[Future[Value]]":
        return [pool.submit(work, *given, **named) for pool in self._pools]


async def counted(bundles: AsyncIterable[Bundle], of: int) -> AsyncIterator[Bundle]:
    """The same, and for whoever waits how many cases went by."""
    done = 0
    async for bundle in bundles:
        yield bundle
        done += len(bundle.about)
        say({"done": done, "of": max(of, done)})


def merged(parts: "Iterable[dict[str, Value]]") -> dict[str, Value]:
    return {key: value for part in parts for key, value in part.items()}


def joined(parts: Iterable[Side]) -> Side:
    some = list(parts)
    return Side(merged([dict(each.found) for each in some]), merged([dict(each.dues) for each in some]))


async def together(futures: "Iterable[Future[Value]]") -> list[Value]:
    return list(await asyncio.gather(*map(asyncio.wrap_future, futures)))


_reckonings: list[Reckoning] = []
_replays: list[Replay] = []
"""What this process was given to keep, the last of it in use."""


def take_in(memory: bytes, at_hand: list[bytes], supposition: Supposition, until: datetime) -> dict[str, Found]:
    _reckonings.append(Reckoning(memory, at_hand, supposition, until))
    return _reckonings[-1].at_hand()


def take_in_apart(memory: bytes, at_hand: list[bytes], supposition: Supposition, until: datetime) -> None:
    """In place of what was reckoned before, which nobody asks for any more."""
    _reckonings[:] = []
    _reckonings.append(Reckoning(memory, at_hand, supposition, until))


def reckon_side(orders: Sequence[str], names: Sequence[str], papers: Sequence[bytes]) -> Side:
    return _reckonings[-1].side(orders, names, papers)


def reckon(orders: Sequence[str], papers: Sequence[bytes]) -> dict[str, Found]:
    return _reckonings[-1].settled(orders, papers)


def dues_reckoned(names: Sequence[str], papers: Sequence[bytes]) -> dict[str, Due]:
    return dict(_reckonings[-1].dues(names, papers))


def replay(url: str, supposition: Supposition, until: datetime, share: Share, *, told: bool) -> dict[str, Found]:
    done = asyncio.run(_alone(url, supposition, until, share, told=told))
    _replays.append(done)
    return {key: found for key, found in done.found.items() if share.tells_of_no_order or found.order_no != COMPANY}


def dues(asked: set[str]) -> dict[str, Due]:
    return dict(_replays[-1].dues(asked))


def share_of(orders: set[str]) -> Share:
    return _replays[-1].share_of(orders)


async def _alone(url: str, supposition: Supposition, until: datetime, share: Share, *, told: bool) -> Replay:
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


def say(what: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(what, default=str) + b"\n")
    sys.stdout.buffer.flush()
