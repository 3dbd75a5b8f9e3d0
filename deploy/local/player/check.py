"""Can this story be played: does every command exist, may the person give it, and is everything known by then?"""

import difflib
from collections.abc import Iterable

from deploy.local.player.expand import SYSTEM, PlannedStep, Story
from deploy.local.player.references import references, root_of
from deploy.local.player.vocabulary import Command, vocabulary
from deploy.local.sample.files import MistakeInFile
from deploy.local.sample.models import Sample

DUTY, FOUND = "duty", "found"


def check_story(story: Story, sample: Sample) -> None:
    """Raises MistakeInFile for the first step that could not be played."""
    earlier: set[str] = set()
    for step in story.steps:
        command = command_of(step)
        check_arguments(step, command)
        check_person(step, command, sample)
        check_hours(step, sample)
        check_references(step, earlier)
        if step.refused is None:
            earlier.add(step.id)


def wrong(step: PlannedStep, what: str, *keys: str) -> MistakeInFile:
    """The mistake where it is written; in a basis, the story is named that brings it out."""
    written_here = step.place.written.path.stem == step.story
    return step.place.mistake(what if written_here else f"(in {step.story}) {what}", *keys)


def command_of(step: PlannedStep) -> Command:
    commands = vocabulary()
    if step.does not in commands:
        near = difflib.get_close_matches(step.does, commands, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise wrong(step, f"there is no command {step.does}{hint}", "does")
    return commands[step.does]


def check_arguments(step: PlannedStep, command: Command) -> None:
    for name in command.needs:
        if name not in step.arguments:
            raise wrong(step, f"{step.does} needs `{name}`", "with")
    for name in step.arguments:
        if name not in (*command.needs, *command.may):
            known = ", ".join((*command.needs, *command.may))
            raise wrong(step, f"{step.does} has no argument `{name}`; it has {known}", "with", name)


def check_person(step: PlannedStep, command: Command, sample: Sample) -> None:
    """The person holds a post that may give the command then; a story that wants a refusal may show the contrary."""
    if not command.by:
        return
    if step.who == SYSTEM or step.refused is not None:
        held = (SYSTEM,) if step.who == SYSTEM else command.by
    else:
        held = tuple(holding.post for holding in sample.people.posts_of(step.who, step.at))
    if not set(held) & set(command.by):
        posts = ", ".join(command.by)
        holds = ", ".join(held) or "no post"
        when = f"{step.at:%Y-%m-%d %H:%M}"
        raise wrong(step, f"{step.does} needs {posts}, but {step.who} holds {holds} on {when}", "who")


def check_hours(step: PlannedStep, sample: Sample) -> None:
    """People act while the factory works."""
    calendar = sample.calendar
    if step.who == SYSTEM:
        return
    at_work = any(shift.start <= step.at.time() <= shift.end for shift in calendar.shifts)
    if not (at_work and calendar.works_on(step.at.date())):
        raise wrong(step, f"nobody works on {step.at:%A %Y-%m-%d %H:%M}; see calendar.yaml", "at")


def check_references(step: PlannedStep, earlier: Iterable[str]) -> None:
    """What a step refers to has happened by then."""
    known = {*earlier, *([DUTY] if step.duty else []), *([FOUND] if step.finds else [])}
    used = references([step.arguments, step.duty, step.finds])
    for expression in used:
        if root_of(expression) not in known:
            raise wrong(step, f"{step.id} refers to ${{{expression}}}, but no step before it is called so")
