"""What does each part of Accountability cost on a ledger of a given length? Each is measured in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import aio_pika
import orjson
from aio_pika import DeliveryMode, Message
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.clock import step_to
from chassis.database import connect, reading
from chassis.lives import happens
from contracts.event import SERVICES
from services.accountability.judging import Judging
from services.accountability.ledger.intake import Intake
from services.accountability.office import Office
from services.accountability.proof.exports import Wish, export
from services.accountability.proof.verify import main as verify_file
from services.accountability.rules.rulebook_loading import shipped_rules
from tests.bench.history import Told
from tests.bench.ledger_ground import JUDGE, Ground, Promises, department
from tests.bench.orders import percentile
from tests.support.facts import STAFF

LOOK_EVERY_S = 1.0
PUBLISHED_AT_ONCE = 500
SETTLED = text("SELECT order_no FROM judge_cases WHERE settled ORDER BY md5(order_no) LIMIT :most")
ONE_ORDER = text(
    "SELECT coalesce((SELECT order_no FROM penalty_records WHERE order_no IS NOT NULL ORDER BY no DESC LIMIT 1), "
    "(SELECT subject FROM ledger WHERE subject IS NOT NULL ORDER BY position LIMIT 1))"
)
SIZES = text(
    "SELECT (SELECT count(*) FROM pg_inherits WHERE inhparent = 'ledger'::regclass) AS months, "
    "(SELECT count(*) FROM judge_cases WHERE NOT settled) AS open, (SELECT count(*) FROM judge_cases WHERE settled) AS settled, "
    "(SELECT length(state) FROM judge_snapshot) AS rest, (SELECT sum(length(body)) FROM judge_cases WHERE NOT settled) AS cases, "
    "(SELECT count(*) FROM penalty_records) AS records, pg_database_size(current_database()) AS bytes"
)


class Cost(NamedTuple):
    """What a step took: by the clock, on the processor, at most in memory (MiB); and what it found out."""

    seconds: float
    processor: float
    memory: float
    found: Any = None


def apart(step: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Cost:
    """Do a step in a process of its own."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measured, step, *arguments).result()


def measured(step: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Cost:
    began = time.monotonic(), time.process_time()
    found: Any = asyncio.run(step(*arguments))
    spent = time.monotonic() - began[0], time.process_time() - began[1]
    return found if isinstance(found, Cost) else Cost(*spent, memory(resource.RUSAGE_SELF), found)


def memory(whose: int) -> float:
    return resource.getrusage(whose).ru_maxrss / 1024


@asynccontextmanager
async def engine_of(place: Ground) -> AsyncIterator[AsyncEngine]:
    engine = connect(place.database_url, pool_size=4, application_name="handover-bench")
    try:
        yield engine
    finally:
        await engine.dispose()


async def take_in(place: Ground, facts: Sequence[Told]) -> Cost:
    """Facts that wait in the queue enter the ledger."""
    await publish(place.broker_url, facts)
    began = time.monotonic(), time.process_time()
    async with engine_of(place) as engine:
        entered = asyncio.Event()
        intake = Intake(place.settings, engine, entered.set)
        living = asyncio.create_task(intake.live())
        while intake.taken < len(facts) and not living.done():
            await happens(entered, LOOK_EVERY_S)
            entered.clear()
        spent = time.monotonic() - began[0], time.process_time() - began[1]
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
    return Cost(*spent, memory(resource.RUSAGE_SELF), intake.taken)


async def publish(broker_url: str, facts: Sequence[Told]) -> None:
    connection = await aio_pika.connect(broker_url)
    async with connection:
        channel = await connection.channel()
        for start in range(0, len(facts), PUBLISHED_AT_ONCE):
            some = facts[start : start + PUBLISHED_AT_ONCE]
            messages = (Message(told.body, delivery_mode=DeliveryMode.PERSISTENT) for told in some)
            await asyncio.gather(*(channel.default_exchange.publish(each, JUDGE) for each in messages))


async def judge_up_to(place: Ground, promises: Sequence[Promises]) -> Cost:
    """Month by month the sources promise, a checkpoint is signed, and the judge judges; only its time counts."""
    async with engine_of(place) as engine:
        office = Office(place.settings, engine)
        await office.judging.restore()
        seconds = processor = 0.0
        for each in promises:
            await step_to(engine, each.until)
            await hear(place, office, each)
            began = time.monotonic(), time.process_time()
            while await office.judging.step():
                continue
            seconds, processor = seconds + time.monotonic() - began[0], processor + time.process_time() - began[1]
        return Cost(seconds, processor, memory(resource.RUSAGE_SELF), office.judging.judged)


async def hear(place: Ground, office: Office, promises: Promises) -> None:
    for signed in promises.signed(place):
        await office.hear(signed)
    office.checkpoints._looked_at = float("-inf")
    await office.advance()


async def restart(place: Ground) -> Cost:
    async with engine_of(place) as engine:
        judging, began = Judging(engine, asyncio.Event()), (time.monotonic(), time.process_time())
        await judging.restore()
        spent = time.monotonic() - began[0], time.process_time() - began[1]
        return Cost(*spent, memory(resource.RUSAGE_SELF), len(judging.state.cases))


async def what_if(place: Ground, promises: Promises) -> Cost:
    """Ten days instead of eight hours to book a receipt, over the whole ledger."""
    rules = shipped_rules()
    (link,) = [each for each in rules["links"] if each["code"] == "receipt"]
    link["standard"] = "10 d"
    request = orjson.dumps({"supposition": {"rules": rules}, "until": promises.until}, default=str)
    environment = {**os.environ, "HANDOVER_DATABASE_URL": place.database_url}
    program = [sys.executable, "-m", "services.accountability.what_if.what_if"]
    began = time.monotonic()
    answer = subprocess.run(program, input=request, env=environment, capture_output=True, check=True)  # noqa: ASYNC221
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = orjson.loads(answer.stdout.splitlines()[-1])["differences"]
    return Cost(time.monotonic() - began, used.ru_utime + used.ru_stime, memory(resource.RUSAGE_CHILDREN), len(found))


async def prove(place: Ground, promises: Promises) -> Cost:
    """The evidence of the order that was late last is exported to a file and verified from it; the two times apart."""
    async with engine_of(place) as engine:
        office = Office(place.settings, engine)
        async with reading(engine) as session:
            order_no = await session.scalar(ONE_ORDER)
        signing = asyncio.create_task(keep_signing(place, office, promises))
        began = time.monotonic()
        with TemporaryDirectory() as folder:
            file = Path(folder) / "evidence.zip"
            await export(engine, Wish(order=order_no), STAFF["hr"], file)
            signing.cancel()
            exported, size = time.monotonic() - began, file.stat().st_size
            began = time.monotonic()
            keys = [f"{source}={place.signer(source).fingerprint}" for source in SERVICES]
            with contextlib.redirect_stdout(None):
                failed = verify_file([str(file), "--fingerprint", *keys])
    if failed:
        raise RuntimeError(f"the exported evidence of {order_no} does not verify")
    return Cost(exported, time.monotonic() - began, memory(resource.RUSAGE_SELF), size)


async def keep_signing(place: Ground, office: Office, promises: Promises) -> None:
    """What the office does all the time: an export waits for a checkpoint."""
    while True:
        await hear(place, office, promises)
        await asyncio.sleep(0.2)


async def show_timelines(place: Ground, orders: int) -> Cost:
    """The times of single requests, each from the API's entry to its answer: of open orders, and of settled ones."""
    async with engine_of(place) as engine:
        it = department(place, engine)
        office = it.app.state.companion = Office(place.settings, engine)
        await office.judging.restore()
        async with reading(engine) as session:
            settled = list(await session.scalars(SETTLED, {"most": orders}))
        at_hand = [no for no, case in office.judging.state.cases.items() if no and case.duties]
        asked = {"open": mixed(at_hand)[:orders], "settled": settled}
        async with it.as_(STAFF["hr"]) as client:
            found = {name: [await timed(client, order_no) for order_no in some] for name, some in asked.items()}
        return Cost(
            0, 0, memory(resource.RUSAGE_SELF), {name: quantiles(times) for name, times in found.items() if times}
        )


def mixed(orders: list[str]) -> list[str]:
    return Random(7).sample(orders, len(orders))


async def timed(client: Any, order_no: str) -> float:
    began = time.perf_counter()
    answer = await client.get(f"/api/timelines/{order_no}")
    spent = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    assert answer.json()["handovers"]
    return spent * 1000


def quantiles(times: list[float]) -> tuple[float, float]:
    times.sort()
    return percentile(times, 0.5), percentile(times, 0.99)


async def sizes(place: Ground) -> dict[str, Any]:
    async with engine_of(place) as engine, reading(engine) as session:
        return dict((await session.execute(SIZES)).one()._mapping)
