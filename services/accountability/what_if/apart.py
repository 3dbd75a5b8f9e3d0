"""Of several things that are supposed, which one makes a difference by itself, and which only together with another?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chassis.language import Label
from services.accountability.what_if.replaying import Due, Found, Side

Parts = tuple[str, ...]
"""Names of what is supposed, a part of the whole."""

UNKNOWN = Due(None, None)

NAMES = {
    "rules": Label("条款", "rules"),
    "calendar": Label("日历", "calendar"),
    "tenures": Label("名册", "roster"),
}
CIRCUMSTANCES = Label("情形", "circumstances")
ALONE = Label("只凭假设的{parts}", "by the supposed {parts} alone")
MADE = Label("{which}就有此差别", "made {which}")
TOGETHER = Label("假设的{parts}合在一起才有此差别", "made only by the supposed {parts} together")
MOVED = Label("({which})", " ({which})")
MOVED_TOGETHER = Label("(假设的{parts}合在一起)", " (by the supposed {parts} together)")


@dataclass(frozen=True, slots=True)
class Apart:
    """What would be if only some of the supposed parts were so, of the records in question; by the names of those parts."""

    ends: Mapping[Parts, Side]

    def enough(self, same: Callable[[Side], bool]) -> tuple[Parts, ...]:
        """The smallest sets of parts with which it is the same as with all of them; none where it takes all."""
        found = [parts for parts, end in self.ends.items() if same(end)]
        return tuple(parts for parts in found if not any({*less} < {*parts} for less in found))

    def of_record(self, was: Found | None, is_now: Found | None, would_be: Side) -> tuple[Parts, ...]:
        """With which parts alone a record becomes what it becomes with all."""
        keys = {found.key for found in (was, is_now) if found}
        wanted = outcome(would_be, keys)
        return self.enough(lambda end: outcome(end, keys) == wanted)

    def of_due(self, about: str, due: Due) -> tuple[Parts, ...]:
        """With which parts alone a handover is due when it is due with all."""
        return self.enough(lambda end: end.dues.get(about, UNKNOWN).due_at == due.due_at)


def outcome(end: Side, keys: Iterable[str]) -> dict[str, tuple[object, ...] | None]:
    """What stands of these records."""
    return {key: found.essence if (found := end.found.get(key)) else None for key in keys}


def made(enough: Sequence[Parts], every: Parts) -> Label:
    """Which parts make a difference, as a reason of its own."""
    return MADE.filled(which=either(enough)) if enough else TOGETHER.filled(parts=named(every))


def moved(enough: Sequence[Parts], every: Parts) -> Label:
    """Which parts move a due time, behind it."""
    return MOVED.filled(which=either(enough)) if enough else MOVED_TOGETHER.filled(parts=named(every))


def either(enough: Sequence[Parts]) -> Label:
    said = [ALONE.filled(parts=named(parts)) for parts in enough]
    return Label(",或".join(each.zh for each in said), ", or ".join(each.en for each in said))


def named(parts: Sequence[str]) -> Label:
    """What is supposed, in words."""
    *others, last = [NAMES[part] for part in parts] or [CIRCUMSTANCES]
    return Label(
        "和".join(filter(None, ("、".join(each.zh for each in others), last.zh))),
        " and ".join(filter(None, (", ".join(each.en for each in others), last.en))),
    )
