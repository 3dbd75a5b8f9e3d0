"""Take proof out of the house, for somebody who need not trust us. `python -m services.accountability.proof.operator export`

Works on accountability's database, which HANDOVER_DATABASE_URLS names (JSON, by service).
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import connect, transaction
from chassis.operator import Misuse, databases, employee
from services.accountability.proof import checkpoints, ocel
from services.accountability.proof.exports import NothingToExport, NotTheirs, Wish, export
from services.accountability.proof.outline import JUDGE
from services.accountability.proof.packing import Case
from services.accountability.proof.progress import Progress

REFUSED = 2
STANDARD_OUTPUT = Path("-")


def main(arguments: Sequence[str] | None = None) -> int:
    options = read_arguments(arguments)
    work = print_checkpoint if options.command == "checkpoint" else exporting(options)
    try:
        asyncio.run(at(databases(), work))
    except (Misuse, NothingToExport, NotTheirs) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED
    return 0


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./handover evidence", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("checkpoint", help="print the newest signed checkpoint as one line, to be kept outside")
    taken = commands.add_parser("export", help="write the evidence of a case into a file that anybody can verify")
    about = taken.add_mutually_exclusive_group(required=True)
    about.add_argument("--order", metavar="NO", help="one order")
    about.add_argument("--person", type=employee, metavar="E-001", help="the records of one person, and their orders")
    about.add_argument("--from", dest="since", type=date.fromisoformat, metavar="DATE", help="orders that moved since")
    taken.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="with --from: the last day, else today")
    taken.add_argument("--by", required=True, type=employee, metavar="E-001", help="who takes it; this is written down")
    taken.add_argument("--to", required=True, type=Path, metavar="FILE.zip", help="where to; - is standard output")
    taken.add_argument("--ocel", type=Path, metavar="FILE.json", help="the same facts for process mining, as OCEL 2.0")
    return parser.parse_args(arguments)


async def at(urls: dict[str, str], work: Callable[[AsyncEngine], Awaitable[None]]) -> None:
    if JUDGE not in urls:
        raise Misuse(f"There is no database of {JUDGE}; there are {', '.join(urls)}.")
    engine = connect(urls[JUDGE], 1, application_name="handover-export")
    try:
        await work(engine)
    finally:
        await engine.dispose()


async def print_checkpoint(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        signed = await checkpoints.newest(session)
    if signed is None:
        raise NothingToExport("Nothing is signed yet; the first checkpoint follows the first complete evidence.")
    sys.stdout.write(signed.model_dump_json() + "\n")


def exporting(options: argparse.Namespace) -> Callable[[AsyncEngine], Awaitable[None]]:
    until = options.until or (date.today() if options.since else None)  # noqa: DTZ011 - the operator's own day
    wish = Wish(options.order, options.person, options.since, until)

    async def work(engine: AsyncEngine) -> None:
        began = time.monotonic()
        whole = options.to == STANDARD_OUTPUT
        file = sys.stdout.buffer if whole else options.to
        taken = await export(engine, wish, options.by, file, Progress("read"))
        if options.ocel:
            ocel.write(ocel.log(taken.bodies, taken.manifest.asked.orders), options.ocel)
        said = "\n".join(told(taken, options.to, time.monotonic() - began))
        (sys.stderr if whole else sys.stdout).write(f"{said}\n")

    return work


def told(taken: Case, file: Path, took_s: float) -> list[str]:
    last = taken.checkpoints[-1].read()
    prints = " ".join(f"{service}={key}" for service, key in sorted(signers(taken)))
    facts = f"{len(taken.bodies)} of {last.position} facts in full, {len(taken.said['records'])} records"
    return [
        f"{facts}, complete up to {last.frontier.isoformat()}, in {took_s:.1f} s.",
        "Whoever verifies it compares these fingerprints with those that they have from elsewhere:",
        f"./handover verify {file} --fingerprint {prints}",
    ]


def signers(taken: Case) -> set[tuple[str, str]]:
    """Whose keys have signed something here."""
    said = {(name.partition("/")[0], word.key) for name, word in taken.watermarks.items()}
    return said | {(JUDGE, checkpoint.key) for checkpoint in taken.checkpoints}


if __name__ == "__main__":
    sys.exit(main())
