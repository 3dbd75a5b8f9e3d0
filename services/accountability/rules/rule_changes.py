"""How does one rulebook differ from another, place by place, and which part of a text is it?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import yaml

from services.accountability.rules.mistakes import NAMES
from services.accountability.rules.models_rulebook import RuleChange


@dataclass(frozen=True, slots=True)
class Parts:
    """A text in three: what the other one begins with as well, what differs, and how both end."""

    same: str
    differs: str
    rest: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[RuleChange]:
    """What was added, left out and changed, place by place and whole; the version itself aside."""
    one, other = (dict(leaves({**rules, "version": None}, ())) for rules in (before, after))
    for place in dict.fromkeys((*one, *other)):
        if one.get(place) != other.get(place):
            yield RuleChange(place=".".join(place), before=one.get(place, ""), after=other.get(place, ""))


def signed(changes: Iterable[RuleChange], earlier: Sequence[RuleChange], by: str) -> tuple[RuleChange, ...]:
    """Each change with whoever wrote it so first: words that are saved again, or moved to another number, stay theirs."""
    known = {_words(each, moved=moved): each.written_by for moved in (True, False) for each in earlier}
    return tuple(
        each.model_copy(update={"written_by": known.get(_words(each)) or known.get(_words(each, moved=True)) or by})
        for each in changes
    )


def _words(change: RuleChange, *, moved: bool = False) -> tuple[tuple[str, ...], str]:
    """What is written where; an entry that is known by its number alone may have `moved` to another."""
    place = change.place.split(".")
    return tuple("" if moved and part.isdecimal() else part for part in place), change.after


def same(some: Iterable[RuleChange], others: Iterable[RuleChange]) -> bool:
    """Whether the same differs, whoever wrote it."""
    one, other = ([(each.place, each.before, each.after) for each in changes] for changes in (some, others))
    return one == other


def leaves(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every value that stands for itself, with its place; entries of a list by their own names where they have one."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*place, str(name)))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for number, inner in enumerate(value, 1):
            named = next((str(inner[name]) for name in NAMES if name in inner), str(number))
            yield from leaves(inner, (*place, named))
    else:
        text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=inf)
        yield place, text.removesuffix("\n").removesuffix("\n...")


def marked(change: RuleChange) -> tuple[Parts, Parts]:
    """Both texts whole, each with the part that the other does not have: nothing between two marks can be overlooked."""
    before, after = change.before, change.after
    start = alike(before, after)
    end = alike(before[start:][::-1], after[start:][::-1])
    return parts(before, start, end), parts(after, start, end)


def alike(one: str, other: str) -> int:
    """With how many characters both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (left, right) in pairs if left != right), min(len(one), len(other)))


def parts(text: str, start: int, end: int) -> Parts:
    until = len(text) - end
    return Parts(text[:start], text[start:until], text[until:])
