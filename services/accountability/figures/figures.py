"""How did a month go, in figures? Pure sums over what came of its handovers and why its missed dates were missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce

from contracts.event import SERVICES
from services.accountability.figures.outcomes import EXCUSED, Lost
from services.accountability.judge.verdicts import DutyStatus


@dataclass(frozen=True, slots=True)
class Tally:
    """So many handovers of one link in one department that came out alike, with their working time together."""

    department: str
    link: str
    outcome: str
    handovers: int
    overrun: timedelta = timedelta()
    excused: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of handovers. `due` are those that are decided: `under_way` and `cancelled` ones are in no rate.

    `lost` is the working time beyond due times, `spared` the working time that did not count against anybody.
    """

    on_time: int = 0
    excused: int = 0
    late: int = 0
    under_way: int = 0
    cancelled: int = 0
    lost: timedelta = timedelta()
    spared: timedelta = timedelta()

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.on_time + other.on_time,
            self.excused + other.excused,
            self.late + other.late,
            self.under_way + other.under_way,
            self.cancelled + other.cancelled,
            self.lost + other.lost,
            self.spared + other.spared,
        )

    @property
    def due(self) -> int:
        return self.on_time + self.excused + self.late

    @property
    def rate(self) -> float | None:
        """The share that met its due time, in percent; what was excused met the due time that held for it."""
        return 100 * (self.on_time + self.excused) / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class Cause:
    """A handover that was the first cause of missed dates: of how many, in how many orders, and what it cost there."""

    link: str
    department: str
    clause: str | None
    dates: int
    orders: int
    hours: timedelta


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of one month: of the company, of each department and link, and the first causes, the most frequent first.

    `infeasible` are missed dates on whose way nobody was late; `unexplained` those on which no overrun was large enough.
    """

    company: Figures
    departments: Mapping[str, Figures]
    links: Mapping[tuple[str, str], Figures]
    causes: tuple[Cause, ...]
    missed: int
    infeasible: int
    unexplained: int
    records: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def caused(self) -> int:
        """The missed dates that have a first cause."""
        return self.missed - self.infeasible - self.unexplained


NOTHING = Figures()


def figures_of(tally: Tally) -> Figures:
    """The figures of handovers that came out alike."""
    count = tally.handovers
    match tally.outcome:
        case DutyStatus.IN_TIME:
            return Figures(on_time=count, spared=tally.excused)
        case str(outcome) if outcome == EXCUSED:
            return Figures(excused=count, spared=tally.excused)
        case DutyStatus.OVERRAN:
            return Figures(late=count, lost=tally.overrun, spared=tally.excused)
        case DutyStatus.CANCELLED:
            return Figures(cancelled=count)
        case _:
            return Figures(under_way=count)


def month(tallies: Iterable[Tally], lost: Iterable[Lost], records: Mapping[str, Mapping[str, int]]) -> Month:
    """Everything summed up; departments as the company lists them, links by what they lost."""
    departments: dict[str, Figures] = dict.fromkeys(SERVICES, NOTHING)
    links: dict[tuple[str, str], Figures] = defaultdict(Figures)
    for tally in tallies:
        one = figures_of(tally)
        departments[tally.department] = departments.get(tally.department, NOTHING) + one
        links[tally.department, tally.link] += one
    dates = list(lost)
    return Month(
        company=reduce(Figures.__add__, departments.values(), NOTHING),
        departments=departments,
        links=dict(sorted(links.items(), key=lambda pair: (-pair[1].lost, -pair[1].late, pair[0]))),
        causes=causes(dates),
        missed=len(dates),
        infeasible=sum(date.infeasible for date in dates),
        unexplained=sum(date.link is None and not date.infeasible for date in dates),
        records=records,
    )


def causes(dates: Iterable[Lost]) -> tuple[Cause, ...]:
    """The first causes by handover and clause, the most frequent first, of equals the dearest."""
    grouped: dict[tuple[str, str, str | None], list[Lost]] = defaultdict(list)
    for date in dates:
        if date.link is not None and date.department is not None:
            grouped[date.link, date.department, date.clause].append(date)
    found = [
        Cause(
            link,
            department,
            clause,
            len(same),
            len({date.order_no for date in same}),
            sum((date.overrun or timedelta() for date in same), timedelta()),
        )
        for (link, department, clause), same in grouped.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.dates, -one.hours, one.link, one.department, one.clause or "")))
