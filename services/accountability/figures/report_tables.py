"""Which tables make up the report of a month? The same for page, PDF and workbook; each figure leads to its evidence.

Names are those that its reader may read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from chassis.language import Label, department, word
from contracts.event import SERVICES
from services.accountability.figures.figures import Figures, Month
from services.accountability.figures.monthly import DECIDED, MOVED, STANDING, UNDER, Report
from services.accountability.figures.outcomes import EXCUSED
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import RecordStatus
from services.accountability.privacy.seeing import Eyes

Name = Callable[[str], str]
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
    note: Label | None = None


def tables(report: Report, eyes: Eyes, name: Name) -> tuple[Table, ...]:
    """The report as this reader may see it."""
    ways = Ways(report)
    found = [
        by_department(report, ways),
        by_link(report, ways),
        first_causes(report, ways),
        record_states(report, ways),
    ]
    named = by_person(report, eyes, ways, name)
    return tuple([*found, named] if named.rows else found)


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the figures lead."""

    report: Report

    def to(self, what: str, value: float | None, asked: Asked, *, bad: bool = False) -> Cell:
        """A figure with its evidence, if there is any behind it."""
        told = {key: given for key, given in asked.items() if given}
        query = f"?{urlencode(told)}" if told else ""
        href = f"/reports/{self.report.name}/{what}{query}" if value else ""
        return Cell(value, href, bad and bool(value))

    def figures(self, figures: Figures, asked: Asked) -> Iterator[Cell]:
        """What every table says of its handovers."""
        late = {**asked, "outcome": DutyStatus.OVERRAN}
        yield self.to("handovers", figures.due, {**asked, "outcome": DECIDED})
        yield self.to("handovers", figures.on_time, {**asked, "outcome": DutyStatus.IN_TIME})
        yield self.to("handovers", figures.excused, {**asked, "outcome": EXCUSED})
        yield self.to("handovers", figures.late, late, bad=True)
        yield Cell(rate_of(figures))
        yield self.to("handovers", hours(figures.lost), late)
        yield self.to("handovers", hours(figures.spared), {**asked, "outcome": MOVED})


FIGURES = (DUE, ON_TIME, EXCUSED_ONES, LATE, RATE, LOST, SPARED)


def by_department(report: Report, ways: Ways) -> Table:
    month = report.month
    rows = [
        (
            Cell(str(department(code))),
            *ways.figures(figures, {"department": code}),
            ways.to("handovers", figures.under_way, {"department": code, "outcome": UNDER}),
            ways.to("records", standing(month.records.get(code, {})), {"department": code, "status": STANDING}),
        )
        for code, figures in month.departments.items()
    ]
    whole = sum(standing(counted) for counted in month.records.values())
    last = (
        Cell(str(COMPANY)),
        *ways.figures(month.company, {}),
        ways.to("handovers", month.company.under_way, {"outcome": UNDER}),
        ways.to("records", whole, {"status": STANDING}),
    )
    title = Label("各部门按时率与损失工时", "On-time rate and lost hours by department")
    return Table("departments", title, (DEPARTMENT, *FIGURES, UNDER_WAY, RECORDS), (*rows, last), summed=True)


def by_link(report: Report, ways: Ways) -> Table:
    rows = [
        (Cell(str(word(link))), Cell(str(department(code))), *ways.figures(figures, {"department": code, "link": link}))
        for (code, link), figures in report.month.links.items()
        if figures.late or figures.lost or figures.spared
    ]
    title = Label("工时丢在哪个交接", "Where working time was lost")
    return Table("links", title, (HANDOVER, DEPARTMENT, *FIGURES), tuple(rows))


def first_causes(report: Report, ways: Ways) -> Table:
    month = report.month
    rows = []
    for cause in month.causes:
        asked = {"link": cause.link, "department": cause.department, "clause": cause.clause or ""}
        rows.append(
            (
                Cell(str(word(cause.link))),
                Cell(str(department(cause.department))),
                Cell(cause.clause or "—", f"/rules#{cause.clause}" if cause.clause else ""),
                ways.to("dates", cause.dates, asked),
                ways.to("dates", cause.orders, asked),
                Cell(hours(cause.hours)),
            )
        )
    note = Label(
        f"错过的日期共 {month.missed} 个,其中 {month.infeasible} 个计划本身不可行,{month.unexplained} 个没有足够大的超时。",
        f"{month.missed} dates were missed; for {month.infeasible} the plan was infeasible, for {month.unexplained} no"
        " overrun was large enough.",
    )
    heads = (HANDOVER, DEPARTMENT, word("clause"), Label("错过的日期", "Dates missed"), Label("订单", "Orders"), LOST)
    return Table("causes", Label("最常见的首因", "Most frequent first causes"), heads, tuple(rows), note=note)


def record_states(report: Report, ways: Ways) -> Table:
    shown = [status for status in RecordStatus if any(status in each for each in report.month.records.values())]
    rows = [
        (
            Cell(str(department(code)) if code else str(NOBODY)),
            *(ways.to("records", counted.get(status, 0), {"department": code, "status": status}) for status in shown),
        )
        for code, counted in sorted(report.month.records.items())
    ]
    title = Label("本月违规的处罚单,按现状", "Records of the month's breaches, as they stand now")
    return Table("records", title, (DEPARTMENT, *map(word, shown)), tuple(rows))


def by_person(report: Report, eyes: Eyes, ways: Ways, name: Name) -> Table:
    """Only those whose names the reader may read."""
    rows = [
        (
            Cell(name(one.employee)),
            Cell(str(department(one.department))),
            ways.to(
                "handovers",
                one.late,
                {"department": one.department, "person": one.employee, "outcome": DutyStatus.OVERRAN},
            ),
            Cell(hours(one.lost)),
            Cell(one.records, f"/records?{urlencode({'person': one.employee})}" if one.records else ""),
        )
        for one in report.people
        if eyes.see(one.employee)
    ]
    title = Label("由谁负责", "Who answers")
    return Table("people", title, (word("person"), DEPARTMENT, LATE, LOST, RECORDS), tuple(rows))


def trends(months: Sequence[tuple[date, Month]]) -> tuple[Table, ...]:
    """How each department did from month to month: its on-time rate, and what it lost."""
    heads = (word("month"), *map(department, SERVICES), COMPANY)
    rates, losses = [], []
    for first, month in months:
        name = f"{first:%Y-%m}"
        rates.append((Cell(name, f"/reports/{name}"), *each(name, month, DECIDED, rate_of)))
        losses.append((Cell(name, f"/reports/{name}"), *each(name, month, DutyStatus.OVERRAN, lost_by)))
    return Table("rates", RATE, heads, tuple(rates)), Table("losses", LOST, heads, tuple(losses))


def each(name: str, month: Month, outcome: str, figure: Callable[[Figures], float | None]) -> Iterator[Cell]:
    """One figure of every department and of the company, each leading to its handovers."""
    for code, figures in (*((code, month.departments[code]) for code in SERVICES), ("", month.company)):
        value = figure(figures)
        asked = {"department": code, "outcome": outcome} if code else {"outcome": outcome}
        href = f"/reports/{name}/handovers?{urlencode(asked)}" if value or (outcome == DECIDED and figures.due) else ""
        yield Cell(value, href)


def rate_of(figures: Figures) -> float | None:
    return None if figures.rate is None else round(figures.rate, 1)


def lost_by(figures: Figures) -> float:
    return hours(figures.lost)


def standing(counted: Mapping[str, int]) -> int:
    """How many records have not been withdrawn."""
    return sum(count for status, count in counted.items() if status != RecordStatus.WITHDRAWN)


def hours(length: timedelta) -> float:
    """Working hours with one decimal."""
    return round(length / timedelta(hours=1), 1)


def heading(report: Report) -> Label:
    return Label(f"月度报告 {report.first.year} 年 {report.first.month} 月", f"Monthly report {report.first:%B %Y}")


def remarks(report: Report, shown: Callable[[datetime], str]) -> Iterator[Label]:
    """Up to when the figures are certain."""
    until = shown(report.judged_to) if report.judged_to else "—"
    if not report.finished:
        yield Label(
            f"本月尚未结束:所列为截至 {shown(report.now)} 的数字。",
            f"The month is not over: these are the figures as of {shown(report.now)}.",
        )
    if report.decided:
        yield Label("本月的裁定已齐全。", "Every verdict on this month is there.")
    else:
        yield Label(
            f"裁定完整至 {until};其后到期的交接尚未裁定。",
            f"Verdicts are complete up to {until}; what is due later is not decided yet.",
        )
