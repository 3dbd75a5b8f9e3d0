"""Does the cost stay flat while the ledger grows? `./handover bench --ledger [--events 10000,1000000]`

One ledger grows from length to length; at each the same parts are measured: intake from the broker, the judge, its restart,
a replay (what if), export and verification, and an order's timeline. Its facts are those of whole orders, some in trouble,
with the real chains, promises and checkpoints.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

from rich.console import Console

from chassis.database import connect
from tests.bench.history import History, Told
from tests.bench.ledger_ground import Ground, Writer, fill, found, ground
from tests.bench.ledger_steps import (
    Cost,
    apart,
    judge_up_to,
    prove,
    restart,
    show_timelines,
    sizes,
    take_in,
    what_if,
)
from tests.bench.machine import described
from tests.bench.report import Figure, Report

LENGTHS = (10_000, 1_000_000)
TAKEN_IN = 20_000
TIMELINES = 300
AIM_OF_WHAT_IF = 1_000_000 / 30


def run(lengths: Sequence[int], console: Console, *, durable: bool = True, timelines: int = TIMELINES) -> Report:
    report = Report(described(), [])
    with ground(durable) as place:
        writer = Writer(History())
        asyncio.run(begin(place))
        for length in lengths:
            for figure in measure(place, writer, length, console, timelines):
                report.figures.append(figure)
                console.print(str(figure))  # at once: a run of hours may be ended before its table
    return report


async def begin(place: Ground) -> None:
    engine = connect(place.database_url, pool_size=2)
    try:
        await found(place, engine)
    finally:
        await engine.dispose()


async def grow(place: Ground, writer: Writer, length: int) -> None:
    engine = connect(place.database_url, pool_size=2)
    try:
        await fill(place, engine, writer, length)
    finally:
        await engine.dispose()


def measure(place: Ground, writer: Writer, length: int, console: Console, timelines: int) -> Iterator[Figure]:
    group, began, before = f"{length:,} events", time.monotonic(), writer.position
    waiting = min(TAKEN_IN, (length - before) // 4)
    console.print(f"{group}: the ledger is filled …")
    asyncio.run(grow(place, writer, length - waiting))
    yield Figure(group, "filled by COPY", (writer.position - before) / (time.monotonic() - began), "events/s")
    console.print(f"{group}: intake …")
    facts: list[Told] = []
    while len(facts) < waiting:
        facts += writer.next(waiting - len(facts))
    for told in facts:
        writer.enter(told)
    cost = apart(take_in, place, facts)
    yield from costs(group, "intake", cost, cost.found)
    writer.promise(facts[-1].recorded_at)
    promises, writer.promises = writer.promises, []
    console.print(f"{group}: judge …")
    cost = apart(judge_up_to, place, promises)
    yield from costs(group, "judge", cost, cost.found)
    yield from afterwards(place, group, length, promises, console, timelines)


def afterwards(
    place: Ground, group: str, length: int, promises: Sequence[object], console: Console, timelines: int
) -> Iterator[Figure]:
    """What is measured on a ledger that has been judged."""
    last = promises[-1]
    console.print(f"{group}: restart, timelines …")
    cost = apart(restart, place)
    yield Figure(group, "restart", cost.seconds, "s")
    yield Figure(group, "restart, memory", cost.memory, "MiB")
    yield Figure(group, "restart, cases at hand", cost.found, "cases")
    shown = apart(show_timelines, place, timelines)
    for name, (half, most) in shown.found.items():
        yield Figure(group, f"timeline of {name} orders, p50", half, "ms")
        yield Figure(group, f"timeline of {name} orders, p99", most, "ms", 50, True)
    console.print(f"{group}: what if …")
    cost = apart(what_if, place, last)
    yield from costs(group, "what if, both sides", cost, length, AIM_OF_WHAT_IF)
    yield Figure(group, "what if, differences", cost.found, "records")
    console.print(f"{group}: export, verify …")
    cost = apart(prove, place, last)
    yield Figure(group, "export of an order", cost.seconds, "s")
    yield Figure(group, "its verification", cost.processor, "s")
    yield Figure(group, "export and verification, memory", cost.memory, "MiB")
    yield Figure(group, "the exported file", cost.found / 2**20, "MiB")
    yield from those(group, asyncio.run(sizes(place)))


def costs(group: str, name: str, cost: Cost, events: int, aim: float | None = None) -> Iterator[Figure]:
    yield Figure(group, name, events / cost.seconds, "events/s", aim)
    yield Figure(group, f"{name}, seconds", cost.seconds, "s")
    yield Figure(group, f"{name}, processor time an event", cost.processor / events * 1e6, "µs")
    yield Figure(group, f"{name}, memory", cost.memory, "MiB")


def those(group: str, found: dict[str, int]) -> Iterator[Figure]:
    yield Figure(group, "months of the ledger", found["months"], "partitions")
    yield Figure(group, "settled cases", found["settled"], "cases")
    yield Figure(group, "open cases", found["open"], "cases")
    yield Figure(group, "snapshot of the open cases", (found["cases"] or 0) / 2**20, "MiB")
    yield Figure(group, "snapshot of the rest", (found["rest"] or 0) / 2**20, "MiB")
    yield Figure(group, "records", found["records"], "records")
    yield Figure(group, "database", found["bytes"] / 2**30, "GiB")
