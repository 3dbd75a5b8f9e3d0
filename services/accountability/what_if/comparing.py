"""What would be different? Record by record, with the reasons and the moments at which it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.language import Label
from services.accountability.what_if.apart import Apart
from services.accountability.what_if.explaining import Explanation
from services.accountability.what_if.replaying import Found, Side
from services.accountability.what_if.supposing import Supposition

AS_IT_WAS = Supposition()
MOST_LINES = 2_000
"""How many differences an answer lists."""


class Change(StrEnum):
    """What became of a record."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One record that differs: as it was, as it would be, and the reasons; `at` is the last moment at which it does.

    Asked of a period, the last one in it.
    """

    change: Change
    before: Found | None
    after: Found | None
    at: datetime
    reasons: tuple[Label, ...] = ()

    @property
    def either(self) -> Found:
        found = self.after or self.before
        assert found is not None
        return found


def in_question(before: Mapping[str, Found], after: Mapping[str, Found]) -> set[str]:
    """The breaches of records that differ: only their due times can be a reason."""
    pairs = ((before.get(key), after.get(key)) for key in before.keys() | after.keys())
    differing = (each for was, now in pairs if not (was and now and was.essence == now.essence) for each in (was, now))
    return {about for found in differing if found for about in found.breaches}


def differences(
    was: Side,
    would_be: Side,
    apart: Apart | None = None,
    *,
    supposition: Supposition = AS_IT_WAS,
    since: datetime | None = None,
    before: datetime | None = None,
) -> list[Difference]:
    """What differs between two ends of the same facts, by moment; of what differs from `since` on and before another moment."""
    pairs = _pairs(was, would_be)
    explained = Explanation(was, would_be, supposition, _by_order(pairs), apart or Apart({}))
    return [
        replace(each, reasons=tuple(explained.reasons(each.before, each.after)))
        for each in _differing(pairs, since, before)
    ]


def to_tell_apart(
    was: Side, would_be: Side, supposition: Supposition, since: datetime | None, before: datetime | None
) -> list[Difference]:
    """Those listed of which it has to be said what of the supposition makes them: none where one thing is supposed."""
    return _differing(_pairs(was, would_be), since, before)[:MOST_LINES] if len(supposition.parts) > 1 else []


def _pairs(was: Side, would_be: Side) -> list[tuple[Found | None, Found | None]]:
    others = _against_others(was, would_be)
    keys = (was.found.keys() | would_be.found.keys()) - set(others.values())
    return [(was.found.get(others.get(key, key)), would_be.found.get(key)) for key in keys]


def _differing(
    pairs: Iterable[tuple[Found | None, Found | None]], since: datetime | None, before: datetime | None
) -> list[Difference]:
    found = []
    for one, other in pairs:
        change = _change(one, other)
        within = [
            at for at in _moments(one, other) if (since is None or at >= since) and (before is None or at < before)
        ]
        if change is not None and within:
            found.append(Difference(change, one, other, max(within)))
    return sorted(found, key=lambda each: (each.at, each.either.key))


def _change(was: Found | None, is_now: Found | None) -> Change | None:
    if was is None or is_now is None:
        return Change.GONE if was else Change.ADDED
    return None if was.essence == is_now.essence else Change.CHANGED


def _moments(was: Found | None, is_now: Found | None) -> set[datetime]:
    """When the breaches happened that one side holds against somebody and the other does not, and the last of either side."""
    differing = _charges(was) ^ _charges(is_now)
    return {at for *_, at in differing} | {found.at for found in (was, is_now) if found}


def _charges(found: Found | None) -> set[tuple[str | None, str, datetime]]:
    if found is None:
        return set()
    return {(found.person, about, at) for about, at in zip(found.breaches, found.moments, strict=True)}


def _against_others(was: Side, would_be: Side) -> dict[str, str]:
    """A record of the same breaches against somebody else: the key before, by the key after."""
    gone = {
        (one.clause, one.order_no, frozenset(one.breaches)): key
        for key, one in sorted(was.found.items())
        if key not in would_be.found
    }
    added = ((key, one) for key, one in sorted(would_be.found.items()) if key not in was.found)
    pairs = ((key, gone.pop((one.clause, one.order_no, frozenset(one.breaches)), None)) for key, one in added)
    return {key: before for key, before in pairs if before is not None}


def _by_order(pairs: Iterable[tuple[Found | None, Found | None]]) -> Mapping[str, list[tuple[Found, bool]]]:
    """What falls away (or else comes to stand), by its order."""
    alone: dict[str, list[tuple[Found, bool]]] = {}
    for was, is_now in pairs:
        either = was or is_now
        if either is not None and either.order_no and (was is None or is_now is None):
            alone.setdefault(either.order_no, []).append((either, was is not None))
    return alone
