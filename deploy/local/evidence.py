"""./handover evidence: show how complete the evidence is, source by source; with --watch, how gaps in it heal."""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.database import connect, transaction
from chassis.instants import FACTORY
from deploy.local.lifecycle import Running, found_running
from deploy.local.operating import on_this_system
from deploy.local.status import NOT_RUNNING, PAGE_WIDTH
from services.accountability.ledger.frontier import Standing, standings
from services.accountability.models import LedgerHead
from services.accountability.queries import judged_to

JUDGE = "accountability"
FIGURES = ("unpublished", "waiting", "parked", "gaps")
LOOK_EVERY_S = 1.0
HASH_PREFIX = 10
PATIENCE = aiohttp.ClientTimeout(total=5)
NOTHING = "–"
MORE = "`./handover evidence export` and `checkpoint` take proof out of the house; each explains itself with --help."


@dataclass(frozen=True)
class Ledger:
    """What the judge's ledger holds, and up to when nothing can be missing in it. Times are the factory's."""

    now: datetime
    frontier: datetime | None
    judged_to: datetime | None
    position: int
    hash: bytes
    sources: dict[str, Standing]

    @property
    def lag_s(self) -> float | None:
        return None if self.frontier is None else max(0.0, (self.now - self.frontier).total_seconds())


@dataclass(frozen=True)
class Evidence:
    """One look at everything; `ledger` is None where the judge was not started, a service's figures where it is down."""

    ledger: Ledger | None
    services: dict[str, dict[str, int] | None]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./handover evidence", description=__doc__, epilog=MORE)
    parser.add_argument("--watch", action="store_true", help="look again every second until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="for scripts: one line a look")
    if sys.argv[1:2] in (["export"], ["checkpoint"]):
        from services.accountability.proof.operator import main as operate  # a look at the books needs no judge

        return on_this_system(operate, sys.argv[1:])
    options = parser.parse_args()
    known = found_running()
    if known is None:
        print("{}" if options.json else "handover: nothing is running. `./handover up` starts it.")
        return NOT_RUNNING
    with contextlib.suppress(KeyboardInterrupt):
        watch(known, as_json=options.json) if options.watch else show(look(known), as_json=options.json)
    return 0


def watch(known: Running, *, as_json: bool) -> None:
    """On a terminal the table stays in its place; elsewhere each look is written below the last."""
    console = page()
    if as_json or not console.is_terminal:
        while True:
            show(look(known), as_json=as_json)
            time.sleep(LOOK_EVERY_S)
    with Live(console=console, auto_refresh=False) as screen:
        while True:
            screen.update(picture(look(known)), refresh=True)
            time.sleep(LOOK_EVERY_S)


def show(seen: Evidence, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(described(seen), default=plain), flush=True)
    else:
        page().print(picture(seen))


def page() -> Console:
    return Console(width=None if sys.stdout.isatty() else PAGE_WIDTH)


def look(known: Running) -> Evidence:
    return asyncio.run(_look(known.urls, known.databases))


async def _look(urls: Mapping[str, str], databases: Mapping[str, str]) -> Evidence:
    async with aiohttp.ClientSession(timeout=PATIENCE, raise_for_status=True) as client:
        figures = await asyncio.gather(*(figures_of(client, url) for url in urls.values()))
    ledger = await ledger_in(databases[JUDGE]) if JUDGE in databases else None
    return Evidence(ledger, dict(zip(urls, figures, strict=True)))


async def figures_of(client: aiohttp.ClientSession, url: str) -> dict[str, int] | None:
    """What a service says of its own books; None while it does not answer."""
    try:
        async with client.get(f"{url}/metrics") as answer:
            text = await answer.text()
    except (aiohttp.ClientError, TimeoutError):
        return None
    told = {sample.name: sample.value for each in text_string_to_metric_families(text) for sample in each.samples}
    return {name: int(told[f"handover_{name}"]) for name in FIGURES}


async def ledger_in(url: str) -> Ledger:
    engine = connect(url, 1, application_name="handover-evidence")
    try:
        async with transaction(engine) as session:
            return await read_ledger(session)
    finally:
        await engine.dispose()


async def read_ledger(session: AsyncSession) -> Ledger:
    found = (await session.execute(select(LedgerHead.position, LedgerHead.hash, LedgerHead.frontier))).one_or_none()
    position, last, frontier = found or (0, b"", None)
    judged = await judged_to(session)
    sources = {each.source: each for each in await standings(session)}
    return Ledger(await factory_now(session), frontier, judged, position, last, sources)


def described(seen: Evidence) -> dict[str, Any]:
    ledger = seen.ledger and {**asdict(seen.ledger), "lag_s": seen.ledger.lag_s}
    return {"ledger": ledger, "services": seen.services}


def plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else value.isoformat() if isinstance(value, datetime) else str(value)


def picture(seen: Evidence) -> Group:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("source", "sequence", "hash", "complete to", "promised to", *FIGURES):
        numeric = heading == "sequence" or heading in FIGURES
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=True)
    for name, source in each_source(seen).items():
        table.add_row(name, *reach_of(source), *books_of(seen.services.get(name)))
    remarks = [
        f"{name} {remark}" for name, source in each_source(seen).items() for remark in remarks_on(name, source, seen)
    ]
    return Group(*headlines(seen.ledger), table, *(Text(remark, style="yellow") for remark in remarks))


def each_source(seen: Evidence) -> dict[str, Standing | None]:
    """The services that were started, then the sources that were not and whose evidence is awaited all the same."""
    sources = seen.ledger.sources if seen.ledger else {}
    return {name: sources.get(name) for name in (*seen.services, *sources)}


def headlines(ledger: Ledger | None) -> list[Text]:
    if ledger is None:
        return [Text("The judge was not started, so nobody gathers the evidence.", style="bold")]
    complete = "The evidence is not complete yet."
    if ledger.frontier is not None:
        complete = (
            f"The evidence is complete up to {clock(ledger.frontier)}, {ledger.lag_s:.1f} s behind the factory's time."
        )
    held = f"{ledger.position} facts in the ledger, hash {ledger.hash.hex()[:HASH_PREFIX]}; judged up to {clock(ledger.judged_to)}"
    return [Text(complete, style="bold"), Text(held, style="dim")]


def reach_of(source: Standing | None) -> list[str]:
    if source is None or source.sequence is None:
        return [NOTHING] * 4
    return [
        str(source.sequence),
        (source.hash or "")[:HASH_PREFIX],
        clock(source.complete_to),
        clock(source.promised_to),
    ]


def books_of(figures: dict[str, int] | None) -> list[str]:
    return [str(figures[each]) if figures else NOTHING for each in FIGURES]


def remarks_on(name: str, source: Standing | None, seen: Evidence) -> Iterator[str]:
    """What keeps this source's evidence back, if anything does."""
    if name not in seen.services:
        yield "was not started"
    elif seen.services[name] is None:
        yield "does not answer"
    if source and source.frozen:
        yield f"is frozen: {source.frozen}"
    if source and source.new_epoch is not None:
        yield f"was restored: its epoch {source.new_epoch} waits until somebody accepts it"
    missing = (source.promised_sequence or 0) - (source.sequence or 0) if source else 0
    if missing > 0:
        yield f"has promised {missing} facts that are not here yet"
    if source and source.promised_to is None:
        yield "has promised nothing yet"


def clock(at: datetime | None) -> str:
    return f"{at.astimezone(FACTORY):%m-%d %H:%M:%S}" if at else "never"


if __name__ == "__main__":
    sys.exit(main())
