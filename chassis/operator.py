"""What may an operator do about facts that a service could not handle? `python -m chassis.operator parked list`

Works on the databases that HANDOVER_DATABASE_URLS names (JSON, by service); the running service does what was decided.
"""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import orjson
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import connect
from chassis.parking import NotParked, Parked, discard, parked, replay, show

EMPLOYEE = re.compile(r"^E-\d{3,6}$")
SUMMARY_LENGTH = 100

T = TypeVar("T")
Decide = Callable[..., Awaitable[None]]


class Misuse(Exception):
    """What was asked for cannot be done as it was asked for; the message says how it can."""


def databases() -> dict[str, str]:
    """Every service's database, from the environment; raises Misuse."""
    text = os.environ.get("HANDOVER_DATABASE_URLS")
    if not text:
        raise Misuse('Set HANDOVER_DATABASE_URLS to the databases by service, such as {"sales": "postgresql://…"}.')
    urls: dict[str, str] = orjson.loads(text)
    return urls


def place(text: str) -> tuple[str, int]:
    """`purchasing/12` as service and number; raises argparse.ArgumentTypeError."""
    service, _, number = text.partition("/")
    if not number.isdigit():
        raise argparse.ArgumentTypeError(f"{text} names no parked fact; write SERVICE/NUMBER as the list shows it")
    return service, int(number)


def employee(text: str) -> str:
    if not EMPLOYEE.match(text):
        raise argparse.ArgumentTypeError(f"{text} is no employee id; write it as E-001")
    return text


async def list_parked(urls: Mapping[str, str], *, decided: bool) -> Table:
    table = Table("where", "since", "fact", "order", "attempts", "reason", "state")
    for service, url in urls.items():
        for case in await _at(url, partial(parked, all_of_them=decided)):
            table.add_row(*_summary(service, case))
    return table


def _summary(service: str, case: Parked) -> list[str]:
    first_line = case.reason.partition("\n")[0][:SUMMARY_LENGTH]
    state = case.status if case.decided_by is None else f"{case.status} by {case.decided_by}"
    since = f"{case.parked_at:%Y-%m-%d %H:%M}"
    return [f"{service}/{case.id}", since, case.event, case.order_no or "", str(case.attempts), first_line, state]


def describe(case: Parked) -> str:
    """Everything known about one parked fact, its bytes laid out for reading."""
    body = orjson.dumps(orjson.loads(case.body), option=orjson.OPT_INDENT_2).decode()
    decided = f"{case.status} by {case.decided_by} at {case.decided_at}" if case.decided_by else case.status
    return f"{case.event} from {case.source}, {case.attempts} attempts, {decided}\n\n{case.reason}\n\n{body}"


async def _at(url: str, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Do one thing in one service's database."""
    engine = connect(url, 1, application_name="handover-operator")
    try:
        return await work(engine)
    finally:
        await engine.dispose()


def _url(urls: Mapping[str, str], service: str) -> str:
    if service not in urls:
        raise Misuse(f"There is no service {service}; there are {', '.join(urls)}.")
    return urls[service]


async def decide(urls: Mapping[str, str], decision: Decide, cases: Sequence[tuple[str, int]], *, by: str) -> None:
    for service, number in cases:
        await _at(_url(urls, service), partial(decision, number=number, by=by))


DECISIONS: dict[str, Decide] = {"replay": replay, "discard": discard}


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chassis.operator", description=__doc__)
    about = parser.add_subparsers(required=True).add_parser("parked", help="facts that could not be handled")
    verbs = about.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="all of them, in every service")
    listing.add_argument("--decided", action="store_true", help="also those that were replayed or discarded")
    one = verbs.add_parser("show", help="one, with its reason and its bytes")
    one.add_argument("cases", nargs="+", type=place, metavar="SERVICE/NUMBER")
    for verb, does in {"replay": "let the service try again", "discard": "let it have no effect there"}.items():
        decision = verbs.add_parser(verb, help=does)
        decision.add_argument("cases", nargs="+", type=place, metavar="SERVICE/NUMBER")
        decision.add_argument("--by", required=True, type=employee, metavar="E-001", help="who decides this")
    return parser.parse_args(arguments)


async def carry_out(options: argparse.Namespace, console: Console) -> None:
    urls = databases()
    if options.verb == "list":
        console.print(await list_parked(urls, decided=options.decided))
    elif options.verb == "show":
        for service, number in options.cases:
            console.print(describe(await _at(_url(urls, service), partial(show, number=number))))
    else:
        await decide(urls, DECISIONS[options.verb], options.cases, by=options.by)
        console.print(f"{len(options.cases)} marked to {options.verb} by {options.by}.")


def console() -> Console:
    """Reasons and bytes are other people's words: no markup in them is ours."""
    return Console(markup=False, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        asyncio.run(carry_out(read_arguments(arguments), console()))
    except (Misuse, NotParked) as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201 - a command's answer to a person
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
