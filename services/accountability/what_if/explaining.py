"""Why does a record differ? What changed in it, which due times moved, what was supposed, and what else changed in its order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from chassis.instants import FACTORY
from chassis.language import Label, word
from contracts.breach_words import called
from services.accountability.what_if.replaying import Due, Found
from services.accountability.what_if.supposing import Supposition

UNKNOWN = Due(None, None)

PARTS = {
    "rules": Label("条款", "rules"),
    "calendar": Label("日历", "calendar"),
    "tenures": Label("名册", "roster"),
}
NO_MORE = Label(
    "{about}:按假设的{parts},不再违反 {clause}", "{about}: with the supposed {parts} no breach of {clause} any more"
)
NEWLY = Label("{about}:按假设的{parts},违反 {clause}", "{about}: with the supposed {parts} a breach of {clause}")
NO_CLAUSE = Label("假设的条款中没有 {clause}", "the supposed rules have no clause {clause}")
FALLS_AWAY = Label("同一订单中 {clause}({about})不再成立", "in the same order {clause} ({about}) falls away")
COMES_TO_STAND = Label("同一订单中 {clause}({about})成立", "in the same order {clause} ({about}) comes to stand")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What explains the differences between two ends: their due times, what is supposed, and what else of an order differs.

    `alone` are the records of an order that only one end has, each with whether it falls away.
    """

    before: Mapping[str, Due]
    after: Mapping[str, Due]
    supposition: Supposition
    alone: Mapping[str, Sequence[tuple[Found, bool]]]

    def reasons(self, was: Found | None, is_now: Found | None) -> Iterator[Label]:
        """At least one for whatever differs."""
        if was is not None and is_now is not None:
            yield from changes(was, is_now)
        named = chain.from_iterable(found.breaches for found in (was, is_now) if found)
        moved = {about: told for about in dict.fromkeys(named) if (told := self.due(about)) is not None}
        yield from moved.values()
        yield from self.supposed(was, is_now, moved)
        if was is None or is_now is None:
            yield from self.beside(was or is_now)

    def due(self, about: str) -> Label | None:
        """The due time of a handover, where it is another one."""
        one, other = self.before.get(about, UNKNOWN), self.after.get(about, UNKNOWN)
        if one.due_at == other.due_at:
            return None
        done = shown(one.closed_at or other.closed_at)
        times = f"{shown(one.due_at)} → {shown(other.due_at)}"
        zh, en = called(about)
        return Label(f"{zh} 的时限:{times};完成:{done}", f"{en} due {times}; done {done}")

    def supposed(self, was: Found | None, is_now: Found | None, moved: Collection[str]) -> Iterator[Label]:
        """The breaches that come or go though no due time says why."""
        if was is not None and is_now is None and self.lacks(was.clause):
            yield NO_CLAUSE.filled(clause=was.clause)
            return
        for found, other, words in ((was, is_now, NO_MORE), (is_now, was, NEWLY)):
            for about in missing(found, other):
                if about not in moved:
                    yield words.filled(
                        about=Label(*called(about)), parts=self.parts, clause=found.clause if found else ""
                    )

    def lacks(self, clause: str) -> bool:
        rules = self.supposition.rules
        return rules is not None and all(each["code"] != clause for each in rules.get("clauses", ()))

    @property
    def parts(self) -> Label:
        """What is supposed, in words."""
        named = [words for name, words in PARTS.items() if getattr(self.supposition, name) is not None]
        *others, last = named or [Label("情形", "circumstances")]
        return Label(
            "和".join(filter(None, ("、".join(each.zh for each in others), last.zh))),
            " and ".join(filter(None, (", ".join(each.en for each in others), last.en))),
        )

    def beside(self, found: Found | None) -> Iterator[Label]:
        """What else changes in the order: where one first cause falls away, another comes in its place."""
        if found is None:
            return
        for other, falls_away in sorted(self.alone.get(found.order_no, ()), key=lambda each: each[0].key):
            if other.breaches != found.breaches:
                words = FALLS_AWAY if falls_away else COMES_TO_STAND
                yield words.filled(clause=other.clause, about=Label(*called(other.breaches[0])))


def changes(one: Found, two: Found) -> Iterator[Label]:
    """What the record itself says otherwise."""
    pairs = (
        (Label("责任人", "person"), one.person, two.person),
        (Label("岗位", "post"), one.post, two.post),
        (Label("处分", "sanction"), one.sanction, two.sanction),
        (Label("赔偿(元)", "compensation (CNY)"), one.amount, two.amount),
        (Label("违反次数", "breaches"), len(one.breaches), len(two.breaches)),
    )
    for name, first, second in pairs:
        if first != second:
            was, is_now = (word("—" if value is None else value) for value in (first, second))
            yield Label(f"{name.zh}:{was.zh} → {is_now.zh}", f"{name.en}: {was.en} → {is_now.en}")


def missing(found: Found | None, other: Found | None) -> list[str]:
    """The breaches that only this one lists."""
    if found is None:
        return []
    return [about for about in found.breaches if other is None or about not in other.breaches]


def shown(time: datetime | None) -> str:
    return f"{time.astimezone(FACTORY):%Y-%m-%d %H:%M}" if time else "—"
