"""How pressing is a duty, and how is that said?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.instants import FACTORY
from chassis.language import Label
from chassis.listing import Duty
from chassis.ui.formats import span

SOON = timedelta(hours=4)


class Urgency(StrEnum):
    """The groups of the worklist, the most pressing first."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    UNDATED = "undated"


TITLES = {
    Urgency.OVERDUE: Label("已超时", "Overdue"),
    Urgency.SOON: Label("今天到期", "Due today"),
    Urgency.LATER: Label("之后到期", "Due later"),
    Urgency.UNDATED: Label("未定时限", "No due time"),
}
ICONS = {
    Urgency.OVERDUE: "alarm",
    Urgency.SOON: "hourglass",
    Urgency.LATER: "clock",
    Urgency.UNDATED: "calendar-off",
}
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
        found[urgency_of(duty.due_at, now)].append(duty)
    return [Group(urgency, owed) for urgency, owed in found.items() if owed]
