"""Where did an order lose its working time? Its handovers as bars on an axis of working time, nights and holidays cut out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.calendar import WorkCalendar
from chassis.instants import HOUR, instant, moment
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.views.timelines import Handover, Timeline

ROW = 30
"""Pixels from one handover to the next."""
MOST_TICKS = 14
LAST_TICK = 95
"""A date further right would be cut off."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the axis, both ends in percent of its length."""

    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One handover: its time on the worklist, the part beyond its due time, and the time that does not count."""

    handover: Handover
    department: str
    row: int
    whole: Span
    late: Span | None
    excused: tuple[Span, ...]
    due: float | None
    signed: float | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Work that went from one handover to the next, at one place of the axis."""

    at: float
    top: int
    bottom: int
    lost: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The start of a working day."""

    at: float
    day: datetime


@dataclass(frozen=True, slots=True)
class Loss:
    """A handover on the path to a missed date and the working hours it cost, as a share of the largest."""

    handover: Handover
    hours: float
    share: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the page draws. `path` are the handovers on the way to a missed date, the dearest first."""

    bars: tuple[Bar, ...]
    edges: tuple[Edge, ...]
    ticks: tuple[Tick, ...]
    height: int
    losses: tuple[Loss, ...]


class Axis:
    """Working time from the first handover to the last word, in percent."""

    def __init__(self, calendar: WorkCalendar, start: datetime, end: datetime) -> None:
        self.calendar, self.start, self.end = calendar, start, end
        self.length = max(calendar.between(instant(start), instant(end)), HOUR)

    def at(self, when: datetime) -> float:
        inside = min(max(when, self.start), self.end)
        return round(100 * self.calendar.between(instant(self.start), instant(inside)) / self.length, 3)

    def span(self, start: datetime, end: datetime) -> Span:
        left = self.at(start)
        return Span(left, round(max(self.at(end) - left, 0.0), 3))

    def ticks(self) -> tuple[Tick, ...]:
        """One a working day, thinned out so that their dates can be read."""
        days, at = [], instant(self.start)
        while at < instant(self.end):
            at = self.calendar.add(at, 1)
            days.append(Tick(self.at(moment(at)), moment(at)))
            at = self.calendar.last_shift_from(self.calendar.local_date(at))
        step = -(-len(days) // MOST_TICKS)
        return tuple(tick for tick in days[:: step or 1] if tick.at <= LAST_TICK)


def draw(timeline: Timeline, calendar: WorkCalendar, departments: dict[str, str], now: datetime) -> Picture:
    """The picture of an order; `departments` names the department of each link."""
    handovers = timeline.handovers
    ends = [handover.ended_at or now for handover in handovers]
    axis = Axis(calendar, min((h.delivered_at for h in handovers), default=now), max(ends, default=now))
    bars = tuple(
        bar_of(axis, row, handover, end, departments)
        for row, (handover, end) in enumerate(zip(handovers, ends, strict=True))
    )
    return Picture(bars, tuple(edges_of(bars)), axis.ticks(), ROW * len(bars), losses_of(handovers))


def bar_of(axis: Axis, row: int, handover: Handover, end: datetime, departments: dict[str, str]) -> Bar:
    due = handover.due_at
    late = handover.status is DutyStatus.OVERRAN and due is not None
    return Bar(
        handover=handover,
        department=departments.get(handover.link, ""),
        row=row,
        whole=axis.span(handover.delivered_at, end),
        late=axis.span(max(due, handover.delivered_at), end) if late and due else None,
        excused=tuple(excused(axis, handover, end)),
        due=axis.at(due) if due is not None and axis.start <= due <= axis.end else None,
        signed=axis.at(handover.signed_at) if handover.signed_at else None,
    )


STOOD_STILL = {"pause", "stop_work", "block", "off_order", "other_product", "outage", "unheard"}


def excused(axis: Axis, handover: Handover, end: datetime) -> Iterable[Span]:
    """Time in which the clock stood still, and what was used of the time by which the due time moved on."""
    for excuse in handover.excuses:
        if excuse.reason in STOOD_STILL:
            yield axis.span(max(excuse.since, handover.delivered_at), min(excuse.until or end, end))
    added = sum((excuse.working for excuse in handover.excuses if excuse.reason not in STOOD_STILL), timedelta())
    if handover.due_at is not None and added > timedelta():
        before = moment(axis.calendar.subtract(instant(handover.due_at), added // timedelta(microseconds=1)))
        if before < end:
            yield axis.span(max(before, handover.delivered_at), min(handover.due_at, end))


def edges_of(bars: Sequence[Bar]) -> Iterable[Edge]:
    """From each handover down to the ones that waited for it; red where it was late."""
    rows = {bar.handover.duty: bar for bar in bars}
    for bar in bars:
        for name in bar.handover.inputs:
            giver = rows.get(name)
            if giver is not None and giver.row != bar.row:
                first, last = sorted((giver.row, bar.row))
                at = max(bar.whole.start, 0.15)
                lost = giver.handover.contribution is not None and giver.handover.contribution > timedelta()
                yield Edge(at, first * ROW + ROW // 2, last * ROW + ROW // 2, lost)


def losses_of(handovers: Sequence[Handover]) -> tuple[Loss, ...]:
    lost = [(handover, handover.contribution) for handover in handovers if handover.contribution]
    most = max((length for _, length in lost), default=timedelta(hours=1))
    ranked = sorted(lost, key=lambda pair: -pair[1])
    return tuple(Loss(each, length / timedelta(hours=1), round(100 * (length / most), 1)) for each, length in ranked)
