"""How pressing is a duty, and how is that said?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.instants import FACTORY
from chassis.language import Label, word
from chassis.listing import Duty
from chassis.ui.formats import span
from contracts import links

LINKS = frozenset(link.__name__ for link in links.LINKS)

SOON = timedelta(hours=4)
STRUCK_SHOWN = timedelta(days=3)
"""How long the worklist goes on saying that something was struck off it: over a weekend."""


class Urgency(StrEnum):
    """The groups of the worklist, the most pressing first."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    PAUSED = "paused"
    UNDATED = "undated"
    STRUCK = "struck"


TITLES = {
    Urgency.OVERDUE: Label("已超时", "Overdue"),
    Urgency.SOON: Label("今天到期", "Due today"),
    Urgency.LATER: Label("之后到期", "Due later"),
    Urgency.PAUSED: Label("暂停", "Paused"),
    Urgency.UNDATED: Label("未定时限", "No due time"),
    Urgency.STRUCK: Label("不用再办", "Owed no longer"),
}
ICONS = {
    Urgency.OVERDUE: "alarm",
    Urgency.SOON: "hourglass",
    Urgency.LATER: "clock",
    Urgency.PAUSED: "lock",
    Urgency.UNDATED: "calendar-off",
    Urgency.STRUCK: "x",
}
WAITS_FOR = Label("等待{what} {no}", "waits for {what} {no}")
HALTED_BY = Label("等待{what}解除 {no}", "waits for the end of {what} {no}")
OVER, LEFT = Label("已超 {span}", "{span} over"), Label("还剩 {span}", "{span} left")


@dataclass(frozen=True, slots=True)
class Group:
    """Duties that press equally."""

    urgency: Urgency
    duties: Sequence[Duty]

    @property
    def title(self) -> Label:
        return TITLES[self.urgency]


def urgency_of(due_at: datetime | None, now: datetime) -> Urgency:
    """Overdue once the due instant has passed; soon on its own day and in the last four hours before it."""
    if due_at is None:
        return Urgency.UNDATED
    if due_at < now:
        return Urgency.OVERDUE
    same_day = due_at.astimezone(FACTORY).date() == now.astimezone(FACTORY).date()
    return Urgency.SOON if same_day or due_at - now <= SOON else Urgency.LATER


def pressing(duty: Duty, now: datetime) -> Urgency:
    """How pressing a handover on the worklist is; one whose clock stands presses nobody."""
    if duty.closed_at is not None:
        return Urgency.STRUCK
    return Urgency.PAUSED if duty.is_paused else urgency_of(duty.due_at, now)


def waited_for(duty: Duty) -> list[Label]:
    """What a clock that stands waits for: another handover, or the end of what halts the order."""
    named = [name.partition(":") for name in duty.waits_for]
    return [(WAITS_FOR if kind in LINKS else HALTED_BY).filled(what=word(kind), no=no) for kind, _, no in named]


def remaining(due_at: datetime | None, now: datetime) -> str:
    """How much time is left, or by how much it is over, in words."""
    if due_at is None:
        return str(TITLES[Urgency.UNDATED])
    if due_at < now:
        return str(OVER).format(span=span(now - due_at))
    return str(LEFT).format(span=span(due_at - now))


def grouped(duties: Iterable[Duty], now: datetime) -> list[Group]:
    """The duties by how pressing they are; groups without any are left out."""
    found: dict[Urgency, list[Duty]] = {urgency: [] for urgency in Urgency}
    for duty in duties:
        found[pressing(duty, now)].append(duty)
    return [Group(urgency, owed) for urgency, owed in found.items() if owed]
