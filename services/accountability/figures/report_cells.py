"""Where does each figure of a report lead? To exactly the cases that it counts, or whose hours it adds up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from chassis.language import Label
from services.accountability.figures.behind import CAUSED, DECIDED, INFEASIBLE, MOVED, UNEXPLAINED
from services.accountability.figures.figures import Figures
from services.accountability.figures.outcomes import EXCUSED
from services.accountability.judge.verdicts import DutyStatus

Asked = Mapping[str, str]

COMPANY = Label("全公司", "Company")
NOBODY = Label("未登记", "not registered")
DEPARTMENT, HANDOVER = Label("部门", "Department"), Label("交接", "Handover")
DUE, ON_TIME, EXCUSED_ONES, LATE = (
    Label("到期交接", "Due"),
    Label("按时", "On time"),
    Label("免责", "Excused"),
    Label("超时", "Late"),
)
RATE, LOST, SPARED = (
    Label("按时率(%)", "On time (%)"),
    Label("超时工时", "Hours lost"),
    Label("免责工时", "Hours excused"),
)
UNDER_WAY, RECORDS = Label("进行中", "Under way"), Label("处罚单", "Records")
MISSED, ORDERS = Label("错过的日期", "Dates missed"), Label("订单", "Orders")
WHY = {
    CAUSED: Label("有首因", "a first cause"),
    INFEASIBLE: Label("计划本身不可行", "infeasible plan"),
    UNEXPLAINED: Label("没有足够大的超时", "no overrun large enough"),
}
FIGURES = (DUE, ON_TIME, EXCUSED_ONES, LATE, RATE, LOST, SPARED)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure or a word, and where it leads. `bad`: something to look at."""

    value: str | int | float | None
    href: str = ""
    bad: bool = False

    @property
    def text(self) -> str:
        match self.value:
            case None:
                return "—"
            case float():
                return f"{self.value:,.1f}"
            case int():
                return f"{self.value:,}"
        return self.value

    @property
    def numeric(self) -> bool:
        return not isinstance(self.value, str)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report; the last row sums up where `summed`."""

    name: str
    title: Label
    heads: tuple[Label, ...]
    rows: tuple[tuple[Cell, ...], ...]
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the figures of a month lead."""

    month: str

    def to(self, what: str, value: float | None, asked: Asked, *, there: object = None, bad: bool = False) -> Cell:
        """A figure with its evidence, if there is any behind it: `there` says so where the figure itself does not."""
        told = {key: given for key, given in asked.items() if given}
        query = f"?{urlencode(told)}" if told else ""
        href = f"/reports/{self.month}/{what}{query}" if value or there else ""
        return Cell(value, href, bad and bool(value))

    def due(self, figures: Figures, asked: Asked) -> Cell:
        return self.to("handovers", figures.due, {**asked, "outcome": DECIDED})

    def late(self, figures: Figures, asked: Asked) -> Cell:
        return self.to("handovers", figures.late, {**asked, "outcome": DutyStatus.OVERRAN}, bad=True)

    def rate(self, figures: Figures, asked: Asked) -> Cell:
        rate = None if figures.rate is None else round(figures.rate, 1)
        return self.to("handovers", rate, {**asked, "outcome": DECIDED}, there=figures.due)

    def lost(self, figures: Figures, asked: Asked) -> Cell:
        late = {**asked, "outcome": DutyStatus.OVERRAN}
        return self.to("handovers", hours(figures.lost), late, there=figures.lost)

    def spared(self, figures: Figures, asked: Asked) -> Cell:
        return self.to("handovers", hours(figures.spared), {**asked, "outcome": MOVED}, there=figures.spared)

    def figures(self, figures: Figures, asked: Asked) -> Iterator[Cell]:
        """What every table says of its handovers."""
        yield self.due(figures, asked)
        yield self.to("handovers", figures.on_time, {**asked, "outcome": DutyStatus.IN_TIME})
        yield self.to("handovers", figures.excused, {**asked, "outcome": EXCUSED})
        yield self.late(figures, asked)
        yield self.rate(figures, asked)
        yield self.lost(figures, asked)
        yield self.spared(figures, asked)


def hours(length: timedelta) -> float:
    """Working hours with one decimal."""
    return round(length / timedelta(hours=1), 1)
