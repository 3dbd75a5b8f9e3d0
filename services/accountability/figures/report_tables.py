"""Which tables make up the report of a month? The same for page, PDF and workbook; each figure leads to its evidence.

Names are those that its reader may read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from chassis.language import Label, department, word
from chassis.named import managed_by
from contracts.event import SERVICES
from services.accountability.figures.behind import (
    CAUSED,
    INFEASIBLE,
    NONE,
    STANDING,
    UNDER,
    UNEXPLAINED,
)
from services.accountability.figures.figures import Figures, Month
from services.accountability.figures.monthly import Laggard, Report
from services.accountability.figures.report_cells import (
    COMPANY,
    DEPARTMENT,
    DUE,
    FIGURES,
    HANDOVER,
    LATE,
    LOST,
    MISSED,
    NOBODY,
    ORDERS,
    RATE,
    RECORDS,
    SPARED,
    UNDER_WAY,
    WHY,
    Asked,
    Cell,
    Table,
    Ways,
    hours,
)
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import RecordStatus
from services.accountability.privacy.seeing import Eyes
from services.accountability.privacy.unnamed import WITHHELD

Name = Callable[[str], str]


def tables(report: Report, eyes: Eyes, name: Name) -> tuple[Table, ...]:
    """The report as this reader may see it."""
    ways = Ways(report.name)
    found = [
        by_department(report, ways),
        by_link(report, ways),
        first_causes(report, ways),
        explanations(report, ways),
        record_states(report, ways),
    ]
    named = by_person(report, eyes, ways, name)
    return tuple([*found, named] if named.rows else found)


def tiles(report: Report) -> tuple[tuple[Label, Cell], ...]:
    """What the month came to."""
    ways, month = Ways(report.name), report.month
    spared, missed = ways.spared(month.company, {}), ways.to("dates", month.missed, {})
    return (*at_a_glance(ways, month.company), (SPARED, spared), (MISSED, missed))


def at_a_glance(ways: Ways, company: Figures) -> tuple[tuple[Label, Cell], ...]:
    """A month in four figures, as its tiles and the list of months say them."""
    return (
        (RATE, ways.rate(company, {})),
        (DUE, ways.due(company, {})),
        (LATE, ways.late(company, {})),
        (LOST, ways.lost(company, {})),
    )


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
    rows = []
    for cause in report.month.causes:
        asked = {"link": cause.link, "department": cause.department, "clause": cause.clause or NONE}
        rows.append(
            (
                Cell(str(word(cause.link))),
                Cell(str(department(cause.department))),
                Cell(cause.clause or "—", f"/rules#{cause.clause}" if cause.clause else ""),
                ways.to("dates", cause.dates, asked),
                ways.to("dates", cause.orders, asked),
                ways.to("dates", hours(cause.hours), asked, there=cause.hours),
            )
        )
    heads = (HANDOVER, DEPARTMENT, word("clause"), MISSED, ORDERS, LOST)
    return Table("causes", Label("最常见的首因", "Most frequent first causes"), heads, tuple(rows))


def explanations(report: Report, ways: Ways) -> Table:
    """Every missed date has one: its first cause, or why there is none."""
    month = report.month
    counted = {CAUSED: month.caused, INFEASIBLE: month.infeasible, UNEXPLAINED: month.unexplained}
    rows = [(Cell(str(WHY[why])), ways.to("dates", count, {"why": why})) for why, count in counted.items()]
    last = (Cell(str(Label("合计", "Total"))), ways.to("dates", month.missed, {}))
    title = Label("错过的日期,按原因", "Missed dates by what explains them")
    heads = (Label("原因", "Explanation"), MISSED)
    return Table("missed", title, heads, (*rows, last) if month.missed else (), summed=True)


def record_states(report: Report, ways: Ways) -> Table:
    shown = [status for status in RecordStatus if any(status in each for each in report.month.records.values())]
    rows = [
        (
            Cell(str(department(code)) if code else str(NOBODY)),
            *(
                ways.to("records", counted.get(status, 0), {"department": code or NONE, "status": status})
                for status in shown
            ),
        )
        for code, counted in sorted(report.month.records.items())
    ]
    title = Label("本月违规的处罚单,按现状", "Records of the month's breaches, as they stand now")
    return Table("records", title, (DEPARTMENT, *map(word, shown)), tuple(rows))


def by_person(report: Report, eyes: Eyes, ways: Ways, name: Name) -> Table:
    """Only those whose names the reader may read; what is sealed of their people counts and leads nowhere."""
    rows = [
        (
            Cell(name(one.employee)),
            Cell(str(department(one.department))),
            Cell(one.late),
            Cell(hours(one.lost)),
            Cell(0),
        )
        if one.employee == WITHHELD
        else (
            Cell(name(one.employee)),
            Cell(str(department(one.department))),
            ways.to("handovers", one.late, late_ones(one)),
            ways.to("handovers", hours(one.lost), late_ones(one), there=one.lost),
            ways.to("records", len(one.records), {"person": one.employee, "status": STANDING}),
        )
        for one in report.people
        if told_of(one, eyes)
    ]
    title = Label("由谁负责", "Who answers")
    return Table("people", title, (word("person"), DEPARTMENT, LATE, LOST, RECORDS), tuple(rows))


def told_of(one: Laggard, eyes: Eyes) -> bool:
    """Whether this reader reads the row: by its name, or where it has none, as one of the department's figures."""
    if one.employee == WITHHELD:
        return eyes.all or one.department in managed_by(eyes.person)
    return eyes.see(one.employee)


def late_ones(one: Laggard) -> Asked:
    return {"department": one.department, "person": one.employee, "outcome": DutyStatus.OVERRAN}


def trends(months: Sequence[tuple[date, Month]]) -> tuple[Table, ...]:
    """How each department did from month to month: its on-time rate, and what it lost."""
    heads = (word("month"), *map(department, SERVICES), COMPANY)
    rates, losses = [], []
    for first, month in months:
        name, ways = f"{first:%Y-%m}", Ways(f"{first:%Y-%m}")
        figures = [*((month.departments[code], {"department": code}) for code in SERVICES), (month.company, {})]
        rates.append((Cell(name, f"/reports/{name}"), *(ways.rate(*one) for one in figures)))
        losses.append((Cell(name, f"/reports/{name}"), *(ways.lost(*one) for one in figures)))
    return Table("rates", RATE, heads, tuple(rates)), Table("losses", LOST, heads, tuple(losses))


def standing(counted: Mapping[str, int]) -> int:
    """How many records have not been withdrawn."""
    return sum(count for status, count in counted.items() if status != RecordStatus.WITHDRAWN)


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
