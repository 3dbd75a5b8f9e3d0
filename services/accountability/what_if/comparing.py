"""What would be different, and why? Record by record, with what changed in the handovers that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
    others = _against_others(was, would_be)
    keys = (was.found.keys() | would_be.found.keys()) - set(others.values())
    pairs = [(was.found.get(others.get(key, key)), would_be.found.get(key)) for key in keys]
    alone = _by_order(pairs)
    told = [each for pair in pairs if (each := _difference(*pair, was, would_be, alone)) is not None]
    wanted = [
        each
        for each in told
        if (since is None or each.either.at >= since) and (before is None or each.either.at < before)
    ]
    return sorted(wanted, key=lambda each: (each.either.at, each.either.key))


def _against_others(was: Side, would_be: Side) -> dict[str, str]:
    """A record of the same breaches against somebody else: the key before, by the key after."""
    gone = {
        (one.clause, one.order_no, one.breaches): key
        for key, one in sorted(was.found.items())
        if key not in would_be.found
    }
    added = ((key, one) for key, one in sorted(would_be.found.items()) if key not in was.found)
    pairs = ((key, gone.pop((one.clause, one.order_no, one.breaches), None)) for key, one in added)
    return {key: before for key, before in pairs if before is not None}


def _by_order(pairs: Iterable[tuple[Found | None, Found | None]]) -> Mapping[str, list[tuple[Found, bool]]]:
    """What falls away (or else comes to stand), by its order."""
    alone: dict[str, list[tuple[Found, bool]]] = {}
    for was, is_now in pairs:
        either = was or is_now
        if either is not None and either.order_no and (was is None or is_now is None):
            alone.setdefault(either.order_no, []).append((either, was is not None))
    return alone


def _difference(
    was: Found | None, is_now: Found | None, before: Side, after: Side, alone: Mapping[str, list[tuple[Found, bool]]]
) -> Difference | None:
    if was is not None and is_now is not None:
        reasons = (*_changes(was, is_now), *_dues(was, is_now, before, after))
        same = _essence(was) == _essence(is_now)
        return None if same else Difference(Change.CHANGED, was, is_now, reasons)
    found = was or is_now
    if found is None:
        return None
    reasons = tuple(_dues(found, found, before, after)) or (OTHERWISE[was is None],)
    beside = _beside(found, alone.get(found.order_no, ()))
    return Difference(Change.GONE if was else Change.ADDED, was, is_now, (*reasons, *beside))


def _beside(found: Found, alone: Iterable[tuple[Found, bool]]) -> Iterator[Label]:
    """What else changes in the order: where one first cause falls away, another comes in its place."""
    for other, falls_away in sorted(alone, key=lambda each: each[0].key):
        if other.breaches != found.breaches:
            zh, en = called(other.breaches[0])
            yield BESIDE[falls_away].filled(clause=other.clause, about=Label(zh, en))


BESIDE = {
    True: Label("同一订单中 {clause}({about})不再成立", "in the same order {clause} ({about}) falls away"),
    False: Label("同一订单中 {clause}({about})成立", "in the same order {clause} ({about}) comes to stand"),
}
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
