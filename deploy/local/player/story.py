"""What may be written in a story file? README.md of deploy/local/sample/ explains it to managers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from contracts.accountability import AppealOutcome, Sanction
from contracts.event import Amount, Code, Text
from deploy.local.sample.files import Location, MistakeInFile, Model, Written, read

STEP_NAME = r"^[a-z][a-z0-9_]*$"


class BothLanguages(Model):
    """A text in Chinese and English."""

    zh: Text
    en: Text


@dataclass(frozen=True)
class Delay:
    """Working days first, then working hours and minutes."""

    days: int
    work: timedelta


def working_time(value: object) -> Delay:
    """`2 days`, `3 hours`, `1 day 30 minutes`: working time, all of it."""
    words = str(value).split()
    amounts = dict(zip((word.rstrip("s") for word in words[1::2]), words[::2], strict=False))
    usable = words and len(words) % 2 == 0 and set(amounts) <= {"day", "hour", "minute"}
    if not usable or not all(number.isdecimal() for number in amounts.values()):
        raise ValueError("write a delay as `2 days`, `3 hours` or `1 day 30 minutes` (working time)")
    work = timedelta(hours=int(amounts.get("hour", 0)), minutes=int(amounts.get("minute", 0)))
    return Delay(int(amounts.get("day", 0)), work)


class StepText(Model):
    """One thing that one person does at one time. `duty` is the handover on their worklist that it answers.

    `signed` is when they signed for that handover; `finds` what they look up first in a list of their department;
    `refused` the code with which the system must say no.
    """

    id: Text
    at: Text
    who: Text
    does: Text
    duty: Text | None = None
    signed: Text | None = None
    finds: Mapping[str, str] | None = None
    arguments: Mapping[str, Any] = Field(alias="with", default_factory=dict)
    refused: Code | None = None


class LoopText(Model):
    """Steps written once and done for each entry of a list; `each` names the entry inside them."""

    each: Annotated[str, Field(pattern=STEP_NAME)]
    entries: Any = Field(alias="in")
    steps: tuple["Entry", ...]


def kind(value: Any) -> str:
    loops = isinstance(value, LoopText) or (isinstance(value, dict) and "each" in value)
    return "loop" if loops else "step"


Entry = Annotated[Annotated[StepText, Tag("step")] | Annotated[LoopText, Tag("loop")], Discriminator(kind)]
LoopText.model_rebuild()


class Change(Model):
    """What this story does differently from its basis; exactly one of `delay`, `move`, `change`, `cut` and `remove`.

    `delay` moves a step and all later ones by `by`, with the dates in them; `move` puts one step `to` another time;
    `change` replaces a step's person, arguments or outcome; `cut` takes a step and all later ones out, `remove` some.
    """

    delay: Text | None = None
    by: Annotated[Delay, BeforeValidator(working_time)] | None = None
    move: Text | None = None
    to: Text | None = None
    change: Text | None = None
    who: Text | None = None
    arguments: Mapping[str, Any] = Field(alias="with", default_factory=dict)
    refused: Code | None = None
    cut: Text | None = None
    remove: tuple[Text, ...] = ()


class Overrun(Model):
    """A handover not kept in time: how many working hours after its due time it closed; no `hours`, it never did.

    `of` narrows it to one of several of the same kind; `who` answered for it then.
    """

    handover: Code
    of: Text | None = None
    who: Text
    hours: Decimal | None = None


class ExpectedRecord(Model):
    """A record that the judge must propose, and no other; compensation in CNY.

    `status` where due process went so far in the story, or withdrew it; `appeal` is what an appeal came to.
    """

    clause: Code
    who: Text
    post: Code | None = None
    acting: bool = False
    sanction: Sanction | None = None
    breaches: int = 1
    compensation: Amount | None = None
    status: Code | None = None
    appeal: AppealOutcome | None = None


class Expectation(Model):
    """How the story ends: what an honest look at it must find, and nothing else."""

    delivery: Literal["on_time", "late", "none"]
    overruns: tuple[Overrun, ...] = ()
    first_cause: Code | None = None
    records: tuple[ExpectedRecord, ...] = ()


class StoryText(Model):
    """A story file, or a basis that stories build on."""

    title: BothLanguages
    about: BothLanguages | None = None
    basis: Code | None = None
    start: date | None = None
    customer: Code | None = None
    customer_po: Text | None = None
    product: Code | None = None
    quantity: int | None = Field(None, gt=0)
    ship_by: Text | None = None
    let: Mapping[Annotated[str, Field(pattern=STEP_NAME)], Any] = Field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    steps: tuple[Entry, ...] = ()
    expect: Expectation | None = None


@dataclass(frozen=True)
class Place:
    """Where something in a story is written, so that a mistake in it can be shown."""

    written: Written[StoryText]
    location: Location

    def mistake(self, what: str, *keys: str | int) -> MistakeInFile:
        return self.written.mistake((*self.location, *keys), what)


def read_story(path: Path) -> tuple[Written[StoryText], ...]:
    """A story's file and the bases it builds on, the deepest basis first; raises MistakeInFile."""
    chain: list[Written[StoryText]] = []
    while True:
        written = read(path, StoryText)
        if any(path == each.path for each in chain):
            raise written.mistake(("basis",), "this basis builds on itself; name another one")
        chain.insert(0, written)
        if written.content.basis is None:
            return tuple(chain)
        path = basis_file(written, path)


def basis_file(written: Written[StoryText], path: Path) -> Path:
    folder = path.parent if path.parent.name == "basis" else path.parent / "basis"
    file = folder / f"{written.content.basis}.yaml"
    if not file.is_file():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.yaml"))) or "none"
        raise written.mistake(("basis",), f"there is no basis {written.content.basis}; known are {known}")
    return file
