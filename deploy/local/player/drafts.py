"""How does a story change the steps of its basis: delay, move, rewrite, cut or remove them?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from deploy.local.player.references import Lookup, UnknownReference, fill
from deploy.local.player.story import Change, Delay, Place, StepText, StoryText
from deploy.local.player.storytime import StoryClock
from deploy.local.sample.files import Written


@dataclass(frozen=True)
class Draft:
    """A step whose time may still change; `delays` move the dates inside it too."""

    step: StepText
    at: datetime
    place: Place
    delays: tuple[Delay, ...] = ()


def at(text: str, place: Place, key: str, clock: StoryClock) -> datetime:
    try:
        return clock.moment(text)
    except ValueError as error:
        raise place.mistake(str(error), key) from None


def in_time(drafts: Iterable[Draft]) -> list[Draft]:
    return sorted(drafts, key=lambda draft: draft.at)


def changed(drafts: list[Draft], written: Written[StoryText], clock: StoryClock, lookup: Lookup) -> list[Draft]:
    """The basis's steps as this file wants them."""
    for index, change in enumerate(written.content.changes):
        drafts = apply(drafts, change, Place(written, ("changes", index)), clock, lookup)
    return drafts


def apply(drafts: list[Draft], change: Change, place: Place, clock: StoryClock, lookup: Lookup) -> list[Draft]:
    verbs = [verb for verb in ("delay", "move", "change", "cut", "remove") if getattr(change, verb)]
    if len(verbs) != 1:
        raise place.mistake("a change is exactly one of `delay`, `move`, `change`, `cut` and `remove`")
    if verbs == ["remove"]:
        return removed(drafts, change, place)
    if verbs == ["move"]:
        return moved(drafts, change, place, clock)
    target = named(drafts, getattr(change, verbs[0]), place, verbs[0])
    if verbs == ["delay"]:
        if change.by is None:
            raise place.mistake("a delay says `by` how much, for example `by: 2 days`", "delay")
        return delayed(drafts, target, change.by, clock)
    if verbs == ["cut"]:
        return in_time(drafts)[: in_time(drafts).index(target)]
    other = rewritten(target, change, lookup, place)
    return [other if draft is target else draft for draft in drafts]


def named(drafts: list[Draft], name: str, place: Place, key: str) -> Draft:
    for draft in drafts:
        if draft.step.id == name:
            return draft
    raise place.mistake(f"the basis has no step {name}; it has {', '.join(draft.step.id for draft in drafts)}", key)


def moved(drafts: list[Draft], change: Change, place: Place, clock: StoryClock) -> list[Draft]:
    """With the named step at another time; `dispatch_*` names several."""
    if change.to is None:
        raise place.mistake("a move says `to` when, for example `to: day 8 10:00`", "move")
    moment = at(change.to, place, "to", clock)
    chosen = [draft for draft in drafts if fnmatchcase(draft.step.id, change.move or "")]
    if not chosen:
        named(drafts, change.move or "", place, "move")
    return [replace(draft, at=moment, place=place) if draft in chosen else draft for draft in drafts]


def removed(drafts: list[Draft], change: Change, place: Place) -> list[Draft]:
    """Without the named steps and their signatures; `dispatch_*` names several."""
    for index, pattern in enumerate(change.remove):
        gone = [draft for draft in drafts if fnmatchcase(draft.step.id.removeprefix("sign_"), pattern)]
        if not gone:
            raise place.mistake(f"the basis has no step {pattern}", "remove", index)
        drafts = [draft for draft in drafts if draft not in gone]
    return drafts


def delayed(drafts: list[Draft], target: Draft, by: Delay, clock: StoryClock) -> list[Draft]:
    """The step and all that come after it happen later, and the dates in them move along."""
    order = in_time(drafts)
    later = order[order.index(target) :]
    return order[: order.index(target)] + [
        replace(draft, at=clock.delayed(draft.at, by), delays=(*draft.delays, by)) for draft in later
    ]


def rewritten(target: Draft, change: Change, lookup: Lookup, place: Place) -> Draft:
    try:
        arguments = fill(change.arguments, lookup)
    except UnknownReference as error:
        raise place.mistake(str(error), "with") from None
    step = target.step.model_copy(
        update={
            "arguments": {**target.step.arguments, **arguments},
            "who": change.who or target.step.who,
            "refused": change.refused or target.step.refused,
        }
    )
    return replace(target, step=step, place=place)
