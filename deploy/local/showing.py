"""How do stories run before one's eyes: played step by step through the services, then judged?"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from deploy.local.player.company import Company, company_at
from deploy.local.player.department import Unexpected
from deploy.local.player.expand import PlannedStep, Story
from deploy.local.player.outcome import Outcome, outcomes, reader_at
from deploy.local.player.playing import Player
from deploy.local.player.timeline import timeline
from deploy.local.sample.models import Sample
from deploy.local.sample.worktime import FACTORY

AFTERWARDS = timedelta(hours=1)
SAY_EVERY = 10  # so many times, where there is no terminal to draw on


class TooLate(Exception):
    """A story begins before the factory's present: its steps would all be late."""

    def __init__(self, story: Story, now: datetime) -> None:
        present = f"{now.astimezone(FACTORY):%Y-%m-%d %H:%M}"
        super().__init__(
            f"{story.name} starts on {story.start}, but in this factory it is {present} already. "
            "Give it a later `start`, or begin with a fresh system (./handover reset)."
        )


async def show(
    urls: Mapping[str, str], stories: Sequence[Story], opening: Sequence[Story], sample: Sample, console: Console
) -> list[Outcome]:
    """Play the opening of the books and the stories, wait for the verdicts, and return how each story ended."""
    async with company_at(urls, sample.people.demo_password) as company:
        now = await present(company, sample)
        for story in stories:
            if story.steps[0].at < now:
                raise TooLate(story, now)
        began = time.monotonic()
        with steps_shown(console, [*opening, *stories]) as watch:
            player = Player(company, watch.see)
            await player.play([*opening, *stories])
            watch.phase("waiting until the evidence is complete")
            last = max(step.at for story in stories for step in story.steps)
            await company.step_to(last + AFTERWARDS, announced=True)
            found = await outcomes(player, stories, sample.people)
        count = sum(len(story.steps) for story in [*opening, *stories])
        console.print(f"{count} steps played and judged in {time.monotonic() - began:.1f} s")
        return found


async def present(company: Company, sample: Sample) -> datetime:
    """The factory's time; a system that has just been founded stands at its first day."""
    office = company["accountability"]
    evidence = await office.read("/api/evidence", employee=reader_at(sample.people, datetime.now(FACTORY)))
    return datetime.fromisoformat(evidence["now"])


class Watch:
    """Draws how far the play has come; without a terminal it says so now and then."""

    def __init__(self, progress: Progress, console: Console, stories: Sequence[Story]) -> None:
        self.progress, self.console = progress, console
        self.titles = {story.name: story.title.en for story in stories}
        self.total = len(timeline(stories))
        self.done = 0
        self.task = progress.add_task("playing", total=self.total, at="", story="")

    def __enter__(self) -> "Watch":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def phase(self, name: str) -> None:
        self.progress.update(self.task, description=name, story="")
        if not self.console.is_terminal:
            self.console.print(name)

    def see(self, step: PlannedStep) -> None:
        self.done += 1
        at = f"{step.at:%Y-%m-%d %H:%M}"
        self.progress.update(self.task, completed=self.done, at=at, story=self.titles[step.story])
        if not self.console.is_terminal and self.done % (self.total // SAY_EVERY or 1) == 0:
            self.console.print(f"{self.done} of {self.total} steps, factory time {at}")


def steps_shown(console: Console, stories: Sequence[Story]) -> Watch:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("[cyan]{task.fields[at]}"),
        TextColumn("{task.fields[story]}"),
    )
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    return Watch(progress, console, stories)


__all__ = ["TooLate", "Unexpected", "show"]
