"""Which steps does a story come to once its basis is laid out, changed, dated and cast?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.local.player.drafts import Draft, at, changed, in_time
from deploy.local.player.references import KEEP, Lookup, UnknownReference, fill, follow, root_of, within
from deploy.local.player.story import BothLanguages, Expectation, LoopText, Place, StepText, StoryText, read_story
from deploy.local.player.storytime import StoryClock
from deploy.local.sample.files import Written
from deploy.local.sample.models import Sample

SYSTEM = "system"


@dataclass(frozen=True)
class PlannedStep:
    """What one person does at one time; references that are left are answered by earlier steps when it is played."""

    story: str
    id: str
    at: datetime
    who: str
    does: str
    arguments: Mapping[str, Any]
    duty: str | None
    finds: Mapping[str, str] | None
    refused: str | None
    place: Place

    @property
    def service(self) -> str:
        return self.does.partition(".")[0]

    @property
    def key(self) -> str:
        """Makes a repetition of this step harmless (the Idempotency-Key)."""
        return f"{self.story}/{self.id}"


@dataclass(frozen=True)
class Story:
    """A story laid out: its steps in the order in which they happen, and how it must end."""

    name: str
    title: BothLanguages
    about: BothLanguages | None
    start: date
    product: str | None
    quantity: int | None
    ship_by: date | None
    steps: tuple[PlannedStep, ...]
    expect: Expectation
    place: Place


def expand(path: Path, sample: Sample) -> Story:
    """The story in a file; raises MistakeInFile."""
    chain = read_story(path)
    last = chain[-1]
    head = merged_head(chain)
    whole = Place(last, ())
    if head.start is None:
        raise whole.mistake("`start` is missing: the date of the story's first day")
    if head.expect is None:
        raise whole.mistake("`expect` is missing: how the story must end")
    clock = StoryClock(sample.calendar, head.start)
    lookup = lookup_of(whole, head, sample, clock)
    drafts: list[Draft] = []
    for written in chain:
        drafts = changed(drafts, written, clock, lookup)
        drafts += laid_out(written, clock, lookup)
    check_names(drafts)
    return Story(
        name=path.stem,
        title=head.title,
        about=head.about,
        start=head.start,
        product=head.product,
        quantity=head.quantity,
        ship_by=ship_by(whole, head, clock),
        steps=tuple(planned(path.stem, draft, sample, clock) for draft in in_time(drafts)),
        expect=filled(whole, head.expect, lookup),
        place=whole,
    )


def merged_head(chain: Iterable[Written[StoryText]]) -> StoryText:
    """What the last file says, and where it is silent what its bases say; `let` is put together."""
    head: dict[str, Any] = {}
    let: dict[str, Any] = {}
    for written in chain:
        said = {name: getattr(written.content, name) for name in written.content.model_fields_set}
        let.update(said.pop("let", {}))
        head.update(said)
    return StoryText.model_construct(**{**head, "let": let})


def lookup_of(place: Place, head: StoryText, sample: Sample, clock: StoryClock) -> Lookup:
    """What the sample, the head of a story and its `let` know by name; what only steps will know is kept."""
    names = dict(sample.spoken)
    if head.customer is not None:
        names["customer"] = chosen(place, "customer", head.customer, sample.spoken["customers"])
        names["customer_po"] = head.customer_po or f"{head.customer}-{clock.start:%y%m%d}"
        day = ship_by(place, head, clock)
        if day is not None:
            names["delivery_date"] = (day + timedelta(days=names["customer"]["transit_days"])).isoformat()
    if head.product is not None:
        names["product"] = chosen(place, "product", head.product, sample.spoken["products"])
    if head.quantity is not None:
        names["quantity"] = head.quantity

    def lookup(expression: str) -> Any:
        root = root_of(expression)
        if root in head.let:
            return follow(fill(head.let[root], lookup), expression)
        return follow(names[root], expression) if root in names else KEEP

    return lookup


def chosen(place: Place, what: str, code: str, known: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    by_code = {each["code"]: each for each in known}
    if code not in by_code:
        raise place.mistake(f"there is no {what} {code}; known are {', '.join(sorted(by_code))}", what)
    return by_code[code]


def ship_by(place: Place, head: StoryText, clock: StoryClock) -> date | None:
    if head.ship_by is None:
        return None
    try:
        return clock.day(head.ship_by)
    except ValueError as error:
        raise place.mistake(str(error), "ship_by") from None


def filled(place: Place, expect: Expectation, lookup: Lookup) -> Expectation:
    try:
        return Expectation.model_validate(fill(expect.model_dump(exclude_none=True), lookup))
    except UnknownReference as error:
        raise place.mistake(str(error), "expect") from None


def laid_out(written: Written[StoryText], clock: StoryClock, lookup: Lookup) -> list[Draft]:
    """A file's own steps, loops gone through, each with the signature that belongs to it."""
    found: list[Draft] = []
    for index, entry in enumerate(written.content.steps):
        for step, place in entries(entry, Place(written, ("steps", index)), lookup):
            found += drafts_of(step, place, clock)
    return found


def entries(entry: Any, place: Place, lookup: Lookup) -> Iterator[tuple[StepText, Place]]:
    try:
        if not isinstance(entry, LoopText):
            yield StepText.model_validate(fill(entry.model_dump(by_alias=True), lookup)), place
            return
        items = fill(entry.entries, lookup)
        if not isinstance(items, list):
            raise UnknownReference(f"`in` must be a list, and {entry.entries!r} is none")
    except UnknownReference as error:
        raise place.mistake(str(error)) from None
    for item in items:
        for index, inner in enumerate(entry.steps):
            inside = Place(place.written, (*place.location, "steps", index))
            yield from entries(inner, inside, within(lookup, {entry.each: item}))


def drafts_of(step: StepText, place: Place, clock: StoryClock) -> list[Draft]:
    """The step, and before it the signature for its handover if one is wanted."""
    if step.signed is None:
        return [Draft(step, at(step.at, place, "at", clock), place)]
    if step.duty is None:
        raise place.mistake("`signed` needs the `duty` that is signed for", "signed")
    link, _, key = step.duty.partition(":")
    service = step.does.partition(".")[0]
    signature = step.model_copy(
        update={
            "id": f"sign_{step.id}",
            "does": f"{service}.sign_handover",
            "finds": None,
            "arguments": {"link": link, "key": key},
        }
    )
    return [
        Draft(signature, at(step.signed, place, "signed", clock), place),
        Draft(step, at(step.at, place, "at", clock), place),
    ]


def check_names(drafts: Iterable[Draft]) -> None:
    seen: set[str] = set()
    for draft in drafts:
        if draft.step.id in seen:
            raise draft.place.mistake(f"there are two steps called {draft.step.id}; rename one of them", "id")
        seen.add(draft.step.id)


def planned(story: str, draft: Draft, sample: Sample, clock: StoryClock) -> PlannedStep:
    """The step with its dates and its person."""

    def dates(expression: str) -> Any:
        return clock.value(expression, draft.delays) if root_of(expression) == "day" else KEEP

    try:
        arguments = fill(draft.step.arguments, dates)
    except (UnknownReference, ValueError) as error:
        raise draft.place.mistake(str(error), "with") from None
    return PlannedStep(
        story=story,
        id=draft.step.id,
        at=draft.at,
        who=cast(draft, sample),
        does=draft.step.does,
        arguments=arguments,
        duty=draft.step.duty,
        finds=draft.step.finds,
        refused=draft.step.refused,
        place=draft.place,
    )


def cast(draft: Draft, sample: Sample) -> str:
    """The employee id behind a nickname, an id or a post that one person holds at that time."""
    name = draft.step.who
    if name == SYSTEM:
        return SYSTEM
    person = sample.people.employee(name)
    if person is not None:
        return person.id
    post = sample.people.post(name)
    if post is None or not post.sole:
        raise draft.place.mistake(f"{name} is neither an employee nor a post that one person holds", "who")
    holders = sample.people.holders(name, draft.at)
    if len(holders) != 1:
        raise draft.place.mistake(f"nobody holds the post {name} on {draft.at:%Y-%m-%d %H:%M}", "who")
    return holders[0].id
