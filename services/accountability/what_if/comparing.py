"""What would be different, and why? Record by record, with what changed in the handovers that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chassis.instants import FACTORY
from chassis.language import Label, word
from contracts.breach_words import called
from services.accountability.what_if.replaying import Due, Found

UNKNOWN = Due(None, None)


class Change(StrEnum):
    """What became of a record."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One record that differs: as it was, as it would be, and the reasons."""

    change: Change
    before: Found | None
    after: Found | None
    reasons: tuple[Label, ...]

    @property
    def either(self) -> Found:
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Side:
    """How a replay ended: what stands, and the due times that are in question."""

    found: Mapping[str, Found]
    dues: Mapping[str, Due]


def in_question(before: Mapping[str, Found], after: Mapping[str, Found]) -> set[str]:
    """The breaches of records that differ: only their due times can be a reason."""
    pairs = ((before.get(key), after.get(key)) for key in before.keys() | after.keys())
    differing = (
        each for was, now in pairs if not (was and now and _essence(was) == _essence(now)) for each in (was, now)
    )
    return {about for found in differing if found for about in found.breaches}


def differences(
    was: Side, would_be: Side, *, since: datetime | None = None, before: datetime | None = None
) -> list[Difference]:
    """What differs between two ends of the same facts, by moment; of breaches from `since` on and before another moment."""
    keys = was.found.keys() | would_be.found.keys()
    told = [each for key in keys if (each := _difference(key, was, would_be)) is not None]
    wanted = [
        each
        for each in told
        if (since is None or each.either.at >= since) and (before is None or each.either.at < before)
    ]
    return sorted(wanted, key=lambda each: (each.either.at, each.either.key))


def _difference(key: str, before: Side, after: Side) -> Difference | None:
    was, is_now = before.found.get(key), after.found.get(key)
    if was is not None and is_now is not None:
        reasons = (*_changes(was, is_now), *_dues(was, is_now, before, after))
        same = _essence(was) == _essence(is_now)
        return None if same else Difference(Change.CHANGED, was, is_now, reasons)
    found = was or is_now
    if found is None:
        return None
    reasons = tuple(_dues(found, found, before, after)) or (OTHERWISE[was is None],)
    return Difference(Change.GONE if was else Change.ADDED, was, is_now, reasons)


OTHERWISE = {
    False: Label(
        "按假设的条款、日历或名册,不再构成违反",
        "under what is supposed, the clause, the calendar or the roster no longer make it a breach",
    ),
    True: Label(
        "按假设的条款、日历或名册,构成违反",
        "under what is supposed, the clause, the calendar or the roster make it a breach",
    ),
}


def _essence(found: Found) -> tuple[object, ...]:
    return found.person, found.post, found.sanction, found.amount, found.breaches


def _changes(one: Found, two: Found) -> Iterator[Label]:
    pairs = (
        (Label("责任人", "person"), one.person, two.person),
        (Label("岗位", "post"), one.post, two.post),
        (Label("处分", "sanction"), one.sanction, two.sanction),
        (Label("赔偿(元)", "compensation (CNY)"), one.amount, two.amount),
        (Label("违反次数", "breaches"), len(one.breaches), len(two.breaches)),
    )
    for name, first, second in pairs:
        if first != second:
            was, is_now = word(first or "—"), word(second or "—")
            yield Label(f"{name.zh}:{was.zh} → {is_now.zh}", f"{name.en}: {was.en} → {is_now.en}")


def _dues(was: Found, is_now: Found, before: Side, after: Side) -> Iterator[Label]:
    """The handovers whose due time is another one."""
    for about in dict.fromkeys((*was.breaches, *is_now.breaches)):
        one, other = before.dues.get(about, UNKNOWN), after.dues.get(about, UNKNOWN)
        if one.due_at != other.due_at:
            done = _at(one.closed_at or other.closed_at)
            times = f"{_at(one.due_at)} → {_at(other.due_at)}"
            zh, en = called(about)
            yield Label(f"{zh} 的时限:{times};完成:{done}", f"{en} due {times}; done {done}")


def _at(time: datetime | None) -> str:
    return f"{time.astimezone(FACTORY):%Y-%m-%d %H:%M}" if time else "—"
