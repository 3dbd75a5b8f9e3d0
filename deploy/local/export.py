"""./handover evidence export, ./handover evidence checkpoint: take proof out of the house, for somebody who need not trust us."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import connect, transaction
from chassis.operator import employee
from deploy.local.lifecycle import found_running
from deploy.local.status import NOT_RUNNING
from services.accountability.proof import checkpoints, ocel, packing
from services.accountability.proof.exports import NothingToExport, Wish, export
from services.accountability.proof.packing import Export

JUDGE = "accountability"
NOTHING = 2

T = TypeVar("T")


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The two commands, below `evidence`."""
    commands = parser.add_subparsers(dest="command", metavar="")
    commands.add_parser("checkpoint", help="print the newest signed checkpoint as one line, to be kept outside")
    taken = commands.add_parser("export", help="write the evidence of a case into a file that anybody can verify")
    about = taken.add_mutually_exclusive_group(required=True)
    about.add_argument("--order", metavar="NO", help="one order")
    about.add_argument("--person", type=employee, metavar="E-001", help="the records of one person, and their orders")
    about.add_argument("--from", dest="since", type=date.fromisoformat, metavar="DATE", help="orders that moved since")
    taken.add_argument(
        "--until", type=date.fromisoformat, metavar="DATE", help="with --from: the last day, today by default"
    )
    taken.add_argument("--by", required=True, type=employee, metavar="E-001", help="who takes it; this is written down")
    taken.add_argument("--to", required=True, type=Path, metavar="FILE.zip", help="where it is written")
    taken.add_argument("--ocel", type=Path, metavar="FILE.json", help="the same facts for process mining, as OCEL 2.0")


def run(options: argparse.Namespace) -> int:
    known = found_running()
    if known is None or JUDGE not in known.databases:
        print("handover: accountability is not running. `./handover up` starts it.", file=sys.stderr)
        return NOT_RUNNING
    work = print_checkpoint if options.command == "checkpoint" else exporting(options)
    try:
        asyncio.run(at(known.databases[JUDGE], work))
    except NothingToExport as nothing:
        print(f"handover: {nothing}", file=sys.stderr)
        return NOTHING
    return 0


async def at(url: str, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    engine = connect(url, 1, application_name="handover-export")
    try:
        return await work(engine)
    finally:
        await engine.dispose()


async def print_checkpoint(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        signed = await checkpoints.newest(session)
    if signed is None:
        raise NothingToExport("nothing is signed yet; the first checkpoint follows the first complete evidence")
    print(signed.model_dump_json())


def exporting(options: argparse.Namespace) -> Callable[[AsyncEngine], Awaitable[None]]:
    until = options.until or (date.today() if options.since else None)  # noqa: DTZ011 - the operator's own day
    wish = Wish(options.order, options.person, options.since, until)

    async def work(engine: AsyncEngine) -> None:
        began = time.monotonic()
        taken = await export(engine, wish, options.by)
        packing.write(taken, options.to)
        if options.ocel:
            ocel.write(ocel.log(taken.bodies, taken.manifest.asked.orders), options.ocel)
        print("\n".join(told(taken, options.to, time.monotonic() - began)))

    return work


def told(taken: Export, file: Path, took_s: float) -> list[str]:
    last = taken.checkpoints[-1].read()
    prints = " ".join(sorted({key.fingerprint for key in taken.manifest.keys}))
    facts = f"{len(taken.bodies)} of {len(taken.outline)} facts in full, {len(taken.said['records'])} records"
    return [
        f"{facts}, complete up to {last.frontier.isoformat()}; {file.stat().st_size / 1e6:.1f} MB in {took_s:.1f} s.",
        "Whoever verifies it compares these fingerprints with those that they have from elsewhere:",
        f"./handover verify {file} --fingerprint {prints}",
    ]
