"""Take proof out of the house, for somebody who need not trust us. `python -m services.accountability.proof.operator export`

Works on accountability's database, which HANDOVER_DATABASE_URLS names (JSON, by service).
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.clock import factory_now
from chassis.database import connect, transaction
from chassis.instants import FACTORY
from chassis.operator import Misuse, databases, employee
from services.accountability.proof import checkpoints, ocel
from services.accountability.proof.against import held_against
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
    taken.add_argument(
        "--until", type=date.fromisoformat, metavar="DATE", help="with --from: the last day, else the factory's today"
    )
    taken.add_argument("--by", required=True, type=employee, metavar="E-001", help="who takes it; this is written down")
    taken.add_argument("--to", required=True, type=Path, metavar="FILE.zip", help="where to; - is standard output")
    taken.add_argument("--ocel", type=Path, metavar="FILE.json", help="the same facts for process mining, as OCEL 2.0")
    taken.add_argument("--replace", action="store_true", help="write over files of these names")
    options = parser.parse_args(arguments)
    if options.command == "export":
        check_days(taken, options.since, options.until)
    return options


def check_days(parser: argparse.ArgumentParser, since: date | None, until: date | None) -> None:
    """Days that limit nothing would stand in what is signed, and whoever verifies it would find another question answered."""
    if until is not None and since is None:
        parser.error(f"--until {until} stands beside --from alone: an order's or a person's case is taken out whole")
    if until is not None and since is not None and until < since:
        parser.error(f"--until {until} is before --from {since}: the first day comes first")


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
    """Raises Misuse."""
    whole = options.to == STANDARD_OUTPUT
    for option, place in (("--to", None if whole else options.to), ("--ocel", options.ocel)):
        if place is not None:
            check_place(option, place, replace=options.replace)
    if options.ocel is not None and not whole and options.ocel.resolve() == options.to.resolve():
        raise Misuse(f"--to {options.to} and --ocel {options.ocel} are one file: give each a name of its own.")

    async def work(engine: AsyncEngine) -> None:
        began = time.monotonic()
        wish = await wished(engine, options)
        file = sys.stdout.buffer if whole else options.to
        taken = await export(engine, wish, options.by, file, Progress("read"))
        if options.ocel:
            ocel.write(ocel.log(taken.bodies, taken.manifest.asked.orders), options.ocel)
        said = "\n".join(told(taken, options.to, time.monotonic() - began))
        (sys.stderr if whole else sys.stdout).write(f"{said}\n")

    return work


def check_place(option: str, file: Path, *, replace: bool) -> None:
    """Raises Misuse where the file cannot be written, or another one would be lost that may be the only copy."""
    if not file.parent.is_dir():
        raise Misuse(f"There is no folder {file.parent} for {option} {file}: make it, or write to another place.")
    if file.exists() and not file.is_file():
        raise Misuse(f"{file} is no file, so {option} cannot write one of that name. Write to another.")
    if file.exists() and not replace:
        raise Misuse(f"{file} is there already. Take another name for {option}, or say --replace to write over it.")


async def wished(engine: AsyncEngine, options: argparse.Namespace) -> Wish:
    """What the options ask for; where no last day is given, up to the factory's today. Raises Misuse."""
    if options.since is None:
        return Wish(options.order, options.person)
    async with transaction(engine) as session:
        today = (await factory_now(session)).astimezone(FACTORY).date()
    for option, day in (("--from", options.since), ("--until", options.until)):
        if day is not None and day > today:
            raise Misuse(f"{option} {day} is still to come: by the factory's clock it is {today}.")
    return Wish(since=options.since, until=options.until or today)


def told(taken: Case, file: Path, took_s: float) -> list[str]:
    last = taken.checkpoints[-1].read()
    prints = " ".join(f"{service}={key}" for service, key in sorted(signers(taken)))
    facts = f"{len(taken.bodies)} of {last.position} facts in full, {len(taken.said['records'])} records"
    return [
        *warned(taken),
        f"{facts}, complete up to {last.frontier.isoformat()}, in {took_s:.1f} s.",
        "Whoever verifies it compares these fingerprints with those that they have from elsewhere:",
        f"./handover verify {file} --fingerprint {prints}",
    ]


def warned(taken: Case) -> Iterator[str]:
    """Whom else than the asked-for person it says something about; whoever hands it on has to know."""
    person = taken.manifest.asked.person
    held = {(no, name) for no, name in held_against(taken.bodies) if name != person}
    yield "It names people by their ids: who did what in these orders, and when."
    if held:
        papers, people = (", ".join(sorted(set(each))) for each in zip(*held, strict=True))
        whose = f"The case of {person} also holds" if person else "It holds"
        yield f"{whose} what was found of or attributed to {people} ({papers}). Give it to those alone who may see that."


def signers(taken: Case) -> set[tuple[str, str]]:
    """Whose keys have signed something here."""
    said = {(name.partition("/")[0], word.key) for name, word in taken.watermarks.items()}
    return said | {(JUDGE, checkpoint.key) for checkpoint in taken.checkpoints}


if __name__ == "__main__":
    sys.exit(main())
