"""Why does a record differ? What changed in it, which due times moved, what was supposed, and what else changed in its order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from chassis.instants import FACTORY
from chassis.language import Label, word
from contracts.breach_words import called
from services.accountability.what_if.apart import UNKNOWN, Apart, Parts, made, moved, named
from services.accountability.what_if.replaying import Found, Side
from services.accountability.what_if.supposing import Supposition

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

    `alone` are the records of an order that only one end has, each with whether it falls away; `apart` is what would be with
    only some of what is supposed.
    """

    before: Side
    after: Side
    supposition: Supposition
    alone: Mapping[str, Sequence[tuple[Found, bool]]]
    apart: Apart

    def reasons(self, was: Found | None, is_now: Found | None) -> Iterator[Label]:
        """At least one for whatever differs; first which of several things supposed makes it."""
        enough = self.apart.of_record(was, is_now, self.after)
        if self.apart.ends:
            yield made(enough, self.supposition.parts)
        if was is not None and is_now is not None:
            yield from changes(was, is_now)
        about = chain.from_iterable(found.breaches for found in (was, is_now) if found)
        dues = {each: told for each in dict.fromkeys(about) if (told := self.due(each, enough)) is not None}
        yield from dues.values()
        yield from self.supposed(was, is_now, dues, enough)
        if was is None or is_now is None:
            yield from self.beside(was or is_now)

    def due(self, about: str, enough: tuple[Parts, ...] = ()) -> Label | None:
        """The due time of a handover, where it is another one; by what, where that is not what makes the difference."""
        one, other = self.before.dues.get(about, UNKNOWN), self.after.dues.get(about, UNKNOWN)
        if one.due_at == other.due_at:
            return None
        done = shown(one.closed_at or other.closed_at)
        times = f"{shown(one.due_at)} → {shown(other.due_at)}"
        by = self.apart.of_due(about, other)
        said = Label("", "") if by == enough else moved(by, self.supposition.parts)
        zh, en = called(about)
        return Label(f"{zh} 的时限:{times}{said.zh};完成:{done}", f"{en} due {times}{said.en}; done {done}")

    def supposed(
        self, was: Found | None, is_now: Found | None, dues: Collection[str], enough: tuple[Parts, ...] = ()
    ) -> Iterator[Label]:
        """The breaches that come or go though no due time says why."""
        parts = named(enough[0] if len(enough) == 1 else self.supposition.parts)
        if was is not None and is_now is None and self.lacks(was.clause):
            yield NO_CLAUSE.filled(clause=was.clause)
            return
        for found, other, words in ((was, is_now, NO_MORE), (is_now, was, NEWLY)):
            for about in missing(found, other):
                if about not in dues:
                    clause = found.clause if found else ""
                    yield words.filled(about=Label(*called(about)), parts=parts, clause=clause)

    def lacks(self, clause: str) -> bool:
        rules = self.supposition.rules
        return rules is not None and all(each["code"] != clause for each in rules.get("clauses", ()))

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
