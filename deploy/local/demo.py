"""./handover demo: play the sample factory's two months through the seven services, and show who owed what to whom."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType

import uvloop
from rich.console import Console
from rich.table import Table

from contracts.words import DEPARTMENTS, POSTS
from deploy.local import given, proving
from deploy.local.lifecycle import Running, down, leave_lent_broker, reset, up
from deploy.local.packages import prepare_servers
from deploy.local.place import Place, installation, place_at
from deploy.local.player.department import Unexpected
from deploy.local.player.outcome import Outcome
from deploy.local.player.playing import StepFailed
from deploy.local.player.timeline import load_stories
from deploy.local.ports import PortTaken
from deploy.local.programs import StartFailed
from deploy.local.sample.load import load_sample
from deploy.local.sample.models import Sample
from deploy.local.showing import show
from deploy.local.telling import tell, wide_console

GROUP = "handover_demo"
OPENING = "opening"


def demo_place() -> Place:
    """The demo's own installation, beside the one that `up` uses."""
    return place_at(installation().home / "demo")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./handover demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="stop when everything has been shown")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    console = wide_console()
    stand_apart()
    place = demo_place()
    try:
        prepare_servers()
    except StartFailed as failure:
        print(f"handover: {failure}", file=sys.stderr)
        return 1
    try:
        reset(place)
        found = play_month(place, console)
        if not options.exit:
            keep_up(place, console)
        return 1 if any(outcome.differences(load_sample().people) for outcome in found) else 0
    except (StartFailed, PortTaken, Unexpected, StepFailed) as failure:
        print(f"handover: {failure}\nhandover: the logs are in {place.logs}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        leave(place)
        say("stopped; nothing is left running")


def interrupt(_sign: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def stand_apart() -> None:
    """On servers that are not ours alone, the demo uses databases and queues of names that nothing else has."""
    if given.POSTGRES.url:
        os.environ["HANDOVER_DATABASES"] = GROUP
    if given.BROKER.url:
        os.environ["HANDOVER_BUS_PREFIX"] = f"demo{int(time.time())}."


def leave(place: Place) -> None:
    """Nothing goes on, and nothing stays on a broker that is not ours."""
    down(place)
    leave_lent_broker()


def play_month(place: Place, console: Console) -> list[Outcome]:
    began = time.monotonic()
    running = up(place, clock="stepped", report=say)
    say("the factory's two months begin")
    sample = load_sample()
    found, proved = uvloop.run(play_and_prove(running, place, console))
    console.print(proving.picture(proved, sample.people, proving.file_in(place)))
    say(f"the demo took {time.monotonic() - began:.1f} s")
    console.print(addresses(running.urls, sample))
    return found


async def play_and_prove(running: Running, place: Place, console: Console) -> tuple[list[Outcome], proving.Shown]:
    """Every story's end, and meanwhile a question what-if and the evidence in the hands of a stranger."""
    stories, sample = load_stories(), load_sample()
    opening = [story for story in stories if story.name == OPENING]
    others = [story for story in stories if story.name != OPENING]
    found = await show(running.urls, others, opening, sample, console)
    told = asyncio.to_thread(tell, console, found, sample.people)
    proved, _ = await asyncio.gather(proving.shown(running.urls, running.databases, place, sample), told)
    return found, proved


def addresses(urls: Mapping[str, str], sample: Sample) -> Table:
    """Where each department works, and who may sign in there."""
    people = sample.people
    title = f"\nSign in with an employee id and the password {people.demo_password} (for demonstrations only)"
    table = Table(title=title, title_justify="left", box=None, header_style="dim")
    for heading in ("department", "address", "people"):
        table.add_column(heading, no_wrap=heading == "address")
    for name, url in urls.items():
        table.add_row(f"{DEPARTMENTS[name][1]} {DEPARTMENTS[name][0]}", url, ", ".join(logins(name, sample)))
    return table


def logins(department: str, sample: Sample) -> list[str]:
    """Who holds a post of a department, as `E-001 小吴 (salesperson)`."""
    people = sample.people
    posts = {post.code for post in people.posts if post.department == department and post.signs_in}
    held: dict[str, set[str]] = {}
    for holding in people.holdings:
        if holding.post in posts:
            held.setdefault(holding.who, set()).add(POSTS[holding.post][1].lower())
    found = {person.nickname: person.id for person in people.employees}
    return [f"{found[who]} {who} ({', '.join(sorted(names))})" for who, names in held.items()]


def keep_up(place: Place, console: Console) -> None:
    """Until an interrupt."""
    console.print(f"\nThe system stays up until Ctrl-C. `./handover play FILE` adds a story; logs are in {place.logs}.")
    while True:
        time.sleep(3600)


def say(sentence: str) -> None:
    print(f"handover: {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
